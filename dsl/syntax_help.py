"""What to say at a syntax error, in the user's words.

`EXAMPLES` of `syntax_examples.py` is a table of malformed texts and what to say about them. Each is read once with the
grammar's own table; where its reading stops, in which state and at which token, is what the message is known by. So a
message stays right when the grammar changes, and the tests read the same table. Where no example fits, `describe` lists
what could stand there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from .driver import Builders, Driver
from .lexer import END, tokenise
from .syntax_examples import EXAMPLES
from .table import Table
from .told import Example, Told

# ---- what could stand here -----------------------------------------------------------------------------------------


def look_up(table: Table, states: list[int], kind: str, word: str, *, unfinished: bool) -> Told | None:
    """What an example says about a token that these states can't take.

    `unfinished`: the text ends there, or the token is on a new line.
    """
    state = _settled(table, states)
    known = _known(table)
    for key in ((state, word or kind), (state, kind), (state, END if unfinished else kind), (state, "")):
        if key in known:
            return known[key]
    return None


@lru_cache(maxsize=1)
def _known(table: Table) -> dict[tuple[int, str], Told]:
    """The examples by where their reading stops; of two that stop alike the first one counts."""
    return {where_it_stops(table, example): example.told for example in reversed(EXAMPLES)}


_NO_BUILDERS = Builders({}, {})


def where_it_stops(table: Table, example: Example) -> tuple[int, str]:
    """The state in which reading an example stops, and what at: its word, its kind, or "" for anything."""
    tokens = tokenise(table, example.text)
    driver = Driver(table, tokens, _NO_BUILDERS, [])
    states = [table.start]
    for index, kind in enumerate(tokens.kinds):
        taken = driver.next_states(states, kind)
        if taken is None:
            return _settled(table, states), {"word": tokens.word(index), "kind": kind}.get(example.by, "")
        states = taken
    raise ValueError(f"an example of a malformed text is well-formed: {example.text}")


_WHOLES = frozenset(
    {"action", "rule", "header", "option", "let", "param", "field", "limits", "limit", "test", "step", "start"}
)


def _settled(table: Table, states: list[int]) -> int:
    """The state after putting together what is complete, up to a whole clause: whatever the operand was, one state."""
    if states[-1] in table.between:
        return table.start
    states = list(states)
    while True:
        reductions = {action for action in table.actions[states[-1]].values() if action < 0}
        if len(reductions) != 1:
            return states[-1]
        production = table.productions[~reductions.pop()]
        if production.origin in _WHOLES or production.size >= len(states):
            return states[-1]
        del states[len(states) - production.size :]
        states.append(table.gotos[states[-1]][production.origin])


_OPERAND_KINDS = {"NUMBER", "PERCENT", "MONEY", "DURATION", "TIME", "R_MULTIPLE", "STRING", "NAME", "SYMBOL"}
_CONTINUE = {
    "PLUS",
    "MINUS",
    "TIMES",
    "DIVIDE",
    "COMPARATOR",
    "AND",
    "OR",
    "NOT",
    "IN",
    "ATR",
    "DOT",
    "LPAR",
    "LSQB",
    "IS",
    "CROSSES",
}
_STATEMENTS = {"USE", "LET", "PARAM", "FIELD", "LIMITS", "RULE", "TEST", "ON", "LANGUAGE", END}
_STEPS = {
    *("AT", "WAIT", "EQUITY", "PRICE", "QUOTE", "BAR", "SIGNAL", "REJECT", "PARTIAL", "DISCONNECT", "RECONNECT"),
    *("EXPECT", "RBRACE"),
}
_IN_WORDS = {"NAME": "a name", "SYMBOL": "a symbol", "STRING": "a text in quotes", "NUMBER": "a number"}
MOST_LISTED = 6


def describe(expected: Iterable[str], spelling: Mapping[str, str]) -> str:
    """What could stand at a place, in words: `a value`, `` `long` or `short` ``."""
    kinds = list(expected)
    parts: list[str] = []
    if "NUMBER" in kinds and "LPAR" in kinds:
        parts.append("a condition" if "NOT" in kinds else "a value")
        kinds = [kind for kind in kinds if kind not in _OPERAND_KINDS | _CONTINUE | {"TRUE", "FALSE", "ATR"}]
    elif "PLUS" in kinds:
        kinds = [kind for kind in kinds if kind not in _CONTINUE]
        parts += [] if kinds else ["an operator"]
    ends_step = {"EXPECT", "WAIT"} <= set(kinds)
    if ends_step:
        kinds = [kind for kind in kinds if kind not in _STEPS]
    ends_statement = {"LET", "ON"} <= set(kinds)
    if ends_statement:
        kinds = [kind for kind in kinds if kind not in _STATEMENTS]
    words = [_IN_WORDS.get(kind) or f"`{spelling[kind]}`" for kind in kinds if kind in _IN_WORDS or kind in spelling]
    parts += words[:MOST_LISTED] + ["something else"] * (len(words) > MOST_LISTED)
    parts += ["the next step"] * ends_step + ["the next statement"] * ends_statement
    if len(parts) < 2:
        return parts[0] if parts else "nothing more"
    return ", ".join(parts[:-1]) + " or " + parts[-1]
