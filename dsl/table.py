"""The grammar as the driver needs it: plain dictionaries and tuples, made by Lark once and then kept in a cache.

Lark reads `grammar/*.lark`, finds the LALR(1) table and the terminals' patterns; what is kept of that is data that
JSON can hold, so reading a cache runs nothing. The cache lies in a folder of the user's; without one, or with a broken
one, the table is simply made again (about a third of a second).
"""

from __future__ import annotations

import enum
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import attrs

from ..grammar import GRAMMAR

if TYPE_CHECKING:
    import lark

FORMAT = 1
"""To be raised when the form of the cached data changes."""

ALWAYS_LEXED = ("ARROW", "NAME", "SYMBOL", "NUMBER", "PERCENT", "MONEY", "DURATION", "TIME", "R_MULTIPLE", "STRING")
"""Terminals that Lark's contextual lexer accepts in every state: or a keyword would swallow the head of a name."""


class ReductionKind(enum.IntEnum):
    """What a reduction does with the values of its parts."""

    PASS = 0
    """hands one value on as it is"""
    BUILD = 1
    """calls the builder with one value a part, None for each part left out"""
    SPREAD = 2
    """as BUILD, where a part is a repetition whose values are given one by one"""
    COLLECT = 3
    """begins or lengthens the list of a repetition"""


class Production(NamedTuple):
    """One alternative of the grammar: `origin` is made of `size` symbols.

    `picks` are the positions of the values that go on; -1 is None, for a part left out.
    """

    kind: int
    size: int
    origin: str
    builder: str
    picks: tuple[int, ...]


@attrs.frozen(slots=False, eq=False)
class Table:
    """The parser's table.

    `actions[state][terminal]` is the state to go to, or `~production` to reduce by; `gotos[state][rule]` is where a
    reduction goes on. `tokens` are (terminal, pattern) in the order in which they are to be tried; `keywords` maps a
    keyword's text to its terminal, `spelling` a terminal of fixed text to that text. `nesting` are the states entered
    by an opening bracket, a `not` or a sign: what E005 counts.
    """

    actions: list[dict[str, int]]
    gotos: list[dict[str, int]]
    productions: list[Production]
    start: int
    tokens: list[tuple[str, str]]
    keywords: dict[str, str]
    spelling: dict[str, str]
    nesting: frozenset[int]
    statement_words: frozenset[str]

    @cached_property
    def between(self) -> frozenset[int]:
        """States between two statements: a statement can begin, and none is open."""
        return frozenset(
            state for state, row in enumerate(self.actions) if all(row.get(w, -1) >= 0 for w in self.statement_words)
        )

    @cached_property
    def step_words(self) -> frozenset[str]:
        """Terminals that a step of a test can begin with."""
        inside = [row for row in self.actions if row.get("EXPECT", -1) >= 0]
        return frozenset(terminal for row in inside for terminal, action in row.items() if action >= 0) - {"RBRACE"}

    @cached_property
    def verbs(self) -> frozenset[str]:
        """Terminals that an action can begin with."""
        arrows = {row["ARROW"] for row in self.actions if row.get("ARROW", -1) >= 0}
        return frozenset(terminal for state in arrows for terminal in self.actions[state])


def open_grammar(*, strict: bool = False) -> lark.Lark:
    """The grammar as Lark's own parser; `strict` refuses every conflict and needs the package `interegular`."""
    import lark

    return lark.Lark.open(
        str(GRAMMAR), parser="lalr", lexer="contextual", strict=strict, maybe_placeholders=True, postlex=_AlwaysLex()
    )


class _AlwaysLex:
    always_accept = ALWAYS_LEXED

    def process(self, stream: Any) -> Any:
        return stream


def make() -> dict[str, Any]:
    """Ask Lark for the table and the terminals, and keep what the driver needs, as data for JSON."""
    parser = open_grammar()
    table: Any = parser.parser.parser._parse_table  # Lark offers no public way to it
    rules = list(parser.rules)
    numbers = {rule: number for number, rule in enumerate(rules)}
    order = _in_order(table)
    terminals = {t.name: place for place, t in enumerate(parser.terminals)}
    actions: list[dict[str, int]] = []
    gotos: list[dict[str, int]] = []
    for state in order:
        row = table.states[state]
        shifts = {name: order[to] for name, (action, to) in row.items() if str(action) == "Shift"}
        takes = {name: to for name, to in shifts.items() if name in terminals}
        takes |= {name: ~numbers[rule] for name, (action, rule) in row.items() if str(action) != "Shift"}
        actions.append({name: takes[name] for name in sorted(takes, key=lambda name: terminals.get(name, -1))})
        gotos.append({name: shifts[name] for name in sorted(shifts) if name not in terminals})
    fixed = {t.name: t.pattern.value for t in parser.terminals if type(t.pattern).__name__ == "PatternStr"}
    ordered = sorted(parser.terminals, key=lambda t: (-t.priority, -t.pattern.max_width, -len(t.pattern.value)))
    keywords = {text: name for name, text in fixed.items() if text.isalpha()}
    start = order[table.start_states["start"]]
    return {
        "actions": actions,
        "gotos": gotos,
        "productions": [_production(rule) for rule in rules],
        "start": start,
        "tokens": [(t.name, t.pattern.to_regexp()) for t in ordered if t.name not in keywords.values()],
        "keywords": keywords,
        "spelling": fixed,
        "nesting": sorted(_nesting_states(actions)),
        "statement_words": sorted(name for name in actions[start] if name in keywords.values() and name != "LANGUAGE"),
    }


def _in_order(table: Any) -> dict[int, int]:
    """Lark's states with numbers of our own: Lark numbers them differently each time it runs."""
    order: dict[int, int] = {}
    waiting = [table.start_states["start"]]
    for state in waiting:
        if state not in order:
            order[state] = len(order)
            row = table.states[state]
            waiting += [row[name][1] for name in sorted(row) if str(row[name][0]) == "Shift"]
    return order


def _nesting_states(actions: list[dict[str, int]]) -> set[int]:
    """States entered by what opens a level: brackets, and `not` or `-` where an operand may stand."""
    states: set[int] = set()
    for row in actions:
        openers = ["LPAR", "LSQB", "LBRACE"]
        if "NUMBER" in row and row["NUMBER"] >= 0:
            openers += ["NOT", "MINUS"]
        states.update(row[name] for name in openers if row.get(name, -1) >= 0)
    return states


def _production(rule: Any) -> tuple[int, int, str, str, list[int]]:
    """One of Lark's rules as a Production: which values go on, and where a None stands for a part left out.

    Lark notes the parts left out as `empty_indices`, one flag a place: true is a part that is not there.
    """
    origin: str = rule.origin.name
    flags = rule.options.empty_indices or (False,) * len(rule.expansion)
    picks: list[int] = []
    position = 0
    for absent in flags:
        if absent:
            picks.append(-1)
            continue
        symbol = rule.expansion[position]
        if not (symbol.is_term and symbol.filter_out):
            picks.append(position)
        position += 1
    size = len(rule.expansion)
    if origin.startswith("_"):
        kind = ReductionKind.COLLECT
    elif rule.options.expand1 and rule.alias is None and len(picks) == 1:
        kind = ReductionKind.PASS
    elif any(not symbol.is_term and symbol.name.startswith("_") for symbol in rule.expansion):
        kind = ReductionKind.SPREAD
    else:
        kind = ReductionKind.BUILD
    return int(kind), size, origin, rule.alias or origin, picks


def from_data(data: dict[str, Any]) -> Table:
    return Table(
        actions=data["actions"],
        gotos=data["gotos"],
        productions=[Production(k, s, o, b, tuple(p)) for k, s, o, b, p in data["productions"]],
        start=data["start"],
        tokens=[(name, pattern) for name, pattern in data["tokens"]],
        keywords=data["keywords"],
        spelling=data["spelling"],
        nesting=frozenset(data["nesting"]),
        statement_words=frozenset(data["statement_words"]),
    )
