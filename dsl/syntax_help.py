"""What to say at a syntax error, in the user's words.

`EXAMPLES` is a table of malformed texts and what to say about them. Each is read once with the grammar's own table;
where its reading stops, in which state and at which token, is what the message is known by. So a message stays right
when the grammar changes, and the tests read the same table. Where no example fits, `describe` lists what could stand
there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

import attrs

from .driver import Driver
from .lexer import END, tokenise
from .table import Table


@attrs.frozen
class Told:
    """A message; `{found}` stands for the offending text. `missing`: the place is the end of the token before."""

    message: str
    help: str | None = None
    missing: bool = False


@attrs.frozen
class Example:
    """A malformed text, which stops at its last token or its end, and what to say about it.

    `by` is what the message is known by beside the state: the "word" itself, the "kind" of token, or "any" token. The
    end of the text as a kind means also a token on the next line.
    """

    text: str
    told: Told
    by: str = "any"


def _missing(text: str, message: str, help_text: str | None = None) -> Example:
    return Example(text, Told(message, help_text, missing=True))


def _end(text: str, message: str, help_text: str | None = None) -> Example:
    return Example(text, Told(message, help_text, missing=True), "kind")


def _at(text: str, message: str, help_text: str | None = None, by: str = "any") -> Example:
    return Example(text, Told(message, help_text), by)


EXAMPLES: tuple[Example, ...] = (
    # ---- declarations
    _missing("let", "`let` needs a name", "write `let watch = [AAPL, MSFT]`"),
    _missing("let watch", "`let` needs `=` and a value", "write `let watch = [AAPL, MSFT]`"),
    _missing("let watch =", "`let` needs a value after `=`", "write `let watch = [AAPL, MSFT]`"),
    _missing("let sizes = {", "a table needs entries", "write `{ AAPL: $30_000, else: $10_000 }`"),
    _missing("let sizes = { AAPL", "an entry of a table is a symbol, `:` and a value", "write `AAPL: $30_000`"),
    _missing("let sizes = { AAPL:", "this entry of the table has no value", "write `AAPL: $30_000`"),
    _missing("param", "`param` needs a name", "write `param min_confidence = 0.8 in 0.5..0.95`"),
    _missing("param low", "`param` needs `=` and a value", "write `param min_confidence = 0.8 in 0.5..0.95`"),
    _missing("param low =", "`param` needs a value after `=`", "write `param min_confidence = 0.8 in 0.5..0.95`"),
    _missing("param low = 1 in", "after `in` stands a range or a list", "write `in 0.5..0.95` or `in [1, 2, 3]`"),
    _missing("param low = 1 in 0", "a range has two ends", "write `in 0.5..0.95` or `in [1, 2, 3]`"),
    _missing("param low = 1 in 0..", "this range has no upper end", "write `in 0.5..0.95`"),
    _missing("param low = 1 in 0..1 step", "`step` needs a value", "write `step 0.05`"),
    _missing("field", "`field` needs a name", "write `field premium: money`"),
    _missing("field premium", "`field` needs `:` and a type", "write `field premium: money`"),
    _missing(
        "field premium:",
        "`field` needs a type after `:`",
        "the types are number, percent, money, text, flag, symbol, duration and time",
    ),
    _missing("limits", "the limits stand in braces", "write `limits { max positions 10 }`"),
    _at(
        "limits { 10",
        "a limit starts with `max`, `only` or `no`",
        "write `max position 20% of equity`, `only symbols watch` or `no shorting`",
    ),
    _at(
        "limits { max 10",
        "after `max` stands what is limited",
        "position, sector, exposure, positions, order, orders or daily loss",
    ),
    _missing("limits { max position", "this limit has no amount", "write `max position 20% of equity`"),
    _missing("limits { max positions", "this limit has no number", "write `max positions 10`"),
    _missing("limits { max orders", "this limit has no number", "write `max orders 30 per minute`"),
    _missing("limits { max orders 30", "a limit of orders needs a time", "write `max orders 30 per minute`"),
    _missing(
        "limits { max orders 30 per", "after `per` stands minute, hour or day", "write `max orders 30 per minute`"
    ),
    _missing("limits { max order", "this limit has no amount", "write `max order $50_000`"),
    _missing("limits { max daily", "the limit is called `max daily loss`", "write `max daily loss 2% of equity`"),
    _missing("limits { max daily loss", "this limit has no amount", "write `max daily loss 2% of equity`"),
    _missing("limits { only", "the limit is called `only symbols`", "write `only symbols [AAPL, MSFT]`"),
    _missing("limits { only symbols", "`only symbols` needs symbols", "write `only symbols [AAPL, MSFT]`"),
    _missing("limits { no", "the limit is called `no shorting`", "write `no shorting`"),
    _missing("limits { max position 20% of", "an amount can only be `of equity`", "write `20% of equity`"),
    # ---- rules
    *(
        _at(
            verb,
            "an action stands in a rule, after a trigger and `->`",
            f"write `on signal BUY -> {verb} …`",
            by="kind",
        )
        for verb in ("enter", "scale", "double", "exit", "notify", "log", "halt")
    ),
    _at(
        "100",
        "a statement starts with `on`, `rule`, `let`, `param`, `field` or `limits`, not with `{found}`",
        "a rule is written `on signal BUY where confidence > 0.8 -> enter long 100 stop 3%`",
    ),
    _missing("rule", "`rule` needs a name", "write `rule my_rule`, or begin with `on` for a rule without a name"),
    _end("rule flow", "this rule has no trigger", "write `on signal BUY` or `on price`"),
    _end("rule flow cooldown 3m", "this rule has no trigger", "write `on signal BUY` or `on price`"),
    _missing("rule flow priority", "`priority` needs a number", "write `priority 100`"),
    _missing("rule flow cooldown", "`cooldown` needs a duration", "write `cooldown 3m`"),
    _missing("rule flow cooldown 3m shared", "`shared` needs a name", "write `cooldown 3m shared exits`"),
    _missing("rule flow at", "the option is called `at most`", "write `at most 5 per day`"),
    _missing("rule flow at most", "`at most` needs a number", "write `at most 5 per day`"),
    _missing("rule flow at most 5", "`at most` needs a time", "write `at most 5 per day`"),
    _missing("rule flow at most 5 per", "after `per` stands minute, hour or day", "write `at most 5 per day`"),
    _missing("rule flow during", "`during` needs a time of day", "write `during 09:35..15:45`"),
    _missing("rule flow during 09:35", "`during` needs two times", "write `during 09:35..15:45`"),
    _missing("rule flow during 09:35..", "`during` needs a second time", "write `during 09:35..15:45`"),
    _at("on 5", "`on` needs a trigger, and `{found}` is none", "write `on signal BUY` or `on price`"),
    _end("on", "`on` needs a trigger", "write `on signal BUY` or `on price`"),
    _missing("on signal", "`signal` needs a kind", "write `on signal BUY`, or `on signal any`"),
    _missing("on signal BUY or", "after `or` stands another kind of signal", "write `on signal BUY or SHORT`"),
    _missing("on signal BUY of", "`of` needs a symbol or a list", "write `of AAPL`, `of [AAPL, MSFT]` or `of watch`"),
    _end("on signal BUY", "this rule does nothing", "write `->` and an action: `-> enter long 100 stop 3%`"),
    _end("on signal BUY where confidence > 0.8", "this rule does nothing", "write `->` and an action: `-> exit`"),
    _end("on signal any", "this rule does nothing", "write `->` and an action: `-> enter long 100 stop 3%`"),
    _missing("on signal BUY where", "`where` needs a condition", "write `where confidence > 0.8`"),
    _at(
        "on signal BUY where confidence > 0.8 where",
        "a rule has one `where`",
        "join the conditions with `and`",
        by="kind",
    ),
    # ---- actions
    _end("on signal BUY ->", "`->` needs an action", "write `-> enter long 100 stop 3%`"),
    _at(
        "on signal BUY -> 100",
        "`{found}` is not an action",
        "actions are enter, scale in, double down, exit, notify, log and halt",
    ),
    _at("on signal BUY -> enter 100", "`enter` needs `long` or `short`", "write `enter long 100`"),
    _end("on signal BUY -> enter", "`enter` needs a side and a size", "write `enter long 100`"),
    _missing(
        "on signal BUY -> enter long",
        "`enter` needs a size",
        "write `100`, `$30_000`, `2% of equity` or `risk 1% of equity`",
    ),
    _missing("on signal BUY -> enter long risk", "`risk` needs an amount", "write `risk 1% of equity` or `risk $500`"),
    _at(
        "on signal BUY -> enter long 100 shares",
        "a plain number is a number of shares; `shares` is not written",
        "leave it out",
        by="word",
    ),
    _at(
        "on signal BUY -> enter long 100 with",
        "protection follows without `with`",
        "write `enter long 100 stop 3% target 8%`",
        by="word",
    ),
    _at(
        "on signal BUY -> enter long 100 stop 3% and",
        "protections follow one another without `and`",
        "write `stop 3% target 8%`",
        by="kind",
    ),
    _at(
        "on signal BUY -> enter long 100 stop 3%,",
        "protections follow one another without `,`",
        "write `stop 3% target 8%`",
        by="kind",
    ),
    _missing("on signal BUY -> enter long 100 at", "`at` needs a price", "write `at market` or `at limit $150`"),
    _at(
        "on signal BUY -> enter long 100 at $150",
        "an entry at a price is a limit or a stop order; which?",
        "write `at limit {found}` or `at stop {found}`",
        by="kind",
    ),
    _missing("on signal BUY -> enter long 100 at limit", "`limit` needs a price", "write `at limit $150`"),
    _missing("on signal BUY -> enter long 100 at stop", "`stop` needs a price", "write `at stop $150`"),
    _missing("on signal BUY -> enter long 100 at limit $150 for", "`for` needs a duration", "write `for 5m`"),
    _missing(
        "on signal BUY -> enter long 100 stop",
        "`stop` needs a distance",
        "write `stop 3%`, `stop $2 away`, `stop 6 atr` or `stop at $145`",
    ),
    _missing(
        "on signal BUY -> enter long 100 target",
        "`target` needs a distance",
        "write `target 8%`, `target $4 away`, `target 4 atr` or `target at $160`",
    ),
    _missing(
        "on signal BUY -> enter long 100 target 8% for", "`for` needs a part of the shares", "write `target 8% for 50%`"
    ),
    _missing("on signal BUY -> enter long 100 trail", "`trail` needs a distance", "write `trail 2%` or `trail 3 atr`"),
    _missing("on signal BUY -> enter long 100 trail 2% after", "`after` needs a distance", "write `trail 2% after 4%`"),
    _at("on signal BUY -> enter long 100 breakeven 2%", "`breakeven` needs `after`", "write `breakeven after 2%`"),
    _missing(
        "on signal BUY -> enter long 100 breakeven after", "`after` needs a distance", "write `breakeven after 2%`"
    ),
    _missing("on signal BUY -> enter long 100 exit after", "`after` needs a duration", "write `exit after 2h`"),
    _missing("on signal BUY -> enter long 100 of", "`of` needs a symbol", "write `of AAPL`"),
    _missing("on signal BUY -> enter long 100 stop at", "`at` needs a price", "write `at $145`"),
    _missing("on signal BUY -> scale", "the action is called `scale in`", "write `scale in 50 at profit 2%`"),
    _missing("on signal BUY -> scale in", "`scale in` needs a size", "write `scale in 50 at profit 2%`"),
    _at(
        "on signal BUY -> scale in 50 at 2%",
        "`at` needs `profit` or `most` here",
        "write `scale in 50 at profit 2%`, `at most 3`",
    ),
    _missing("on signal BUY -> scale in 50 at profit", "`at profit` needs a distance", "write `at profit 2%`"),
    _missing("on signal BUY -> scale in 50 at most", "`at most` needs a number", "write `at most 3`"),
    _missing("on signal BUY -> double", "the action is called `double down`", "write `double down 100% at loss 2%`"),
    _missing("on signal BUY -> double down", "`double down` needs a size", "write `double down 100% at loss 2%`"),
    _missing(
        "on signal BUY -> double down 100%",
        "`double down` needs a place to do it",
        "write `at loss 2%` or `at 50% to stop`",
    ),
    _missing("on signal BUY -> double down 100% at", "`at` needs a place", "write `at loss 2%` or `at 50% to stop`"),
    _missing("on signal BUY -> double down 100% at loss", "`at loss` needs a distance", "write `at loss 2%`"),
    _missing(
        "on signal BUY -> double down 100% at 50%",
        "`at` with a part needs `to stop`, else write `at loss`",
        "write `at 50% to stop` or `at loss 2%`",
    ),
    _missing("on signal BUY -> double down 100% at 50% to", "the way is `to stop`", "write `at 50% to stop`"),
    _missing("on signal BUY -> exit 50% at", "`at` needs `market` or `limit`", "write `at market` or `at limit $160`"),
    _missing("on signal BUY -> exit at limit", "`limit` needs a price", "write `at limit $160`"),
    _missing("on signal BUY -> exit because", "`because` needs a text in quotes", 'write `because "enough"`'),
    _missing(
        "on signal BUY -> exit everything because", "`because` needs a text in quotes", 'write `because "enough"`'
    ),
    _missing("on signal BUY -> notify", "`notify` needs a text in quotes", 'write `notify "bought {symbol}"`'),
    _missing("on signal BUY -> log", "`log` needs a text in quotes", 'write `log "bought {symbol}"`'),
    # ---- conditions
    _missing("on signal BUY where not", "`not` needs a condition", "write `not symbol in watch`"),
    _missing("on signal BUY where confidence >", "the right side of the comparison is missing", "write a value there"),
    _missing("on signal BUY where confidence > 0.8 and", "`and` needs a condition on both sides"),
    _missing("on signal BUY where confidence > 0.8 or", "`or` needs a condition on both sides"),
    _missing(
        "on signal BUY where symbol in", "`in` needs a list or a range", "write `in [AAPL, MSFT]` or `in 0.5..0.9`"
    ),
    _missing("on signal BUY where symbol not", "`not` needs `in` here", "write `symbol not in watch`"),
    _missing("on signal BUY where confidence in 0.5..", "this range has no upper end", "write `in 0.5..0.9`"),
    _missing("on signal BUY where confidence +", "`+` needs a value on its right"),
    _missing("on signal BUY where confidence -", "`-` needs a value on its right"),
    _missing("on signal BUY where confidence *", "`*` needs a value on its right"),
    _missing("on signal BUY where confidence /", "`/` needs a value on its right"),
    _missing("on signal BUY where (", "`(` needs a value"),
    _missing(
        "on signal BUY where SPY.",
        "after the `.` stands what is wanted of the symbol",
        "write `SPY.last` or `SPY.atr(14)`",
    ),
    _at(
        "on signal BUY where position.",
        "only a symbol has a `.` after it here",
        "write `SPY.last` or `SPY.atr(14)`",
        by="kind",
    ),
)


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


def where_it_stops(table: Table, example: Example) -> tuple[int, str]:
    """The state in which reading an example stops, and what at: its word, its kind, or "" for anything."""
    tokens = tokenise(table, example.text)
    driver = Driver(table, tokens, {})
    states = [table.start]
    for index, kind in enumerate(tokens.kinds):
        taken = driver.next_states(states, kind)
        if taken is None:
            return _settled(table, states), {"word": tokens.word(index), "kind": kind}.get(example.by, "")
        states = taken
    raise ValueError(f"an example of a malformed text is well-formed: {example.text}")


_WHOLES = frozenset({"action", "rule", "header", "option", "let", "param", "field", "limits", "limit", "start"})


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
_CONTINUE = {"PLUS", "MINUS", "TIMES", "DIVIDE", "COMPARATOR", "AND", "OR", "NOT", "IN", "ATR", "DOT", "LPAR", "LSQB"}
_STATEMENTS = {"LET", "PARAM", "FIELD", "LIMITS", "RULE", "ON", "LANGUAGE", END}
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
    ends_statement = {"LET", "ON"} <= set(kinds)
    if ends_statement:
        kinds = [kind for kind in kinds if kind not in _STATEMENTS]
    words = [_IN_WORDS.get(kind) or f"`{spelling[kind]}`" for kind in kinds if kind in _IN_WORDS or kind in spelling]
    parts += words[:MOST_LISTED] + ["something else"] * (len(words) > MOST_LISTED)
    parts += ["the next statement"] * ends_statement
    if len(parts) < 2:
        return parts[0] if parts else "nothing more"
    return ", ".join(parts[:-1]) + " or " + parts[-1]
