"""Malformed texts, and what to say about each: the table that `syntax_help.py` reads.

Every place where a text may stop half-way has its sentence here, which says what is wanted and shows it.
"""

from __future__ import annotations

from .action_examples import ACTION_EXAMPLES
from .scenario_examples import SCENARIO_EXAMPLES
from .told import Example, at, choice, end, missing

_TRIGGER = "write `on signal BUY`, `on price` or `on bar 5m`"
_VERBS = (
    *("enter", "exit", "scale", "double", "reverse", "move", "trail", "cancel", "place", "emit"),
    *("notify", "log", "halt", "reset", "call"),
)
_USE = 'write `use std.risk`, or `use "limits.rules"` for a file of yours'
_IS = "write `weekday is friday` or `position.side is long`"

EXAMPLES: tuple[Example, ...] = (
    # ---- declarations
    missing("use", "`use` needs a module or a file", _USE),
    missing("use std.", "after the `.` stands the name of a module", _USE),
    missing("use std.risk with", "the values stand in brackets", "write `with (min_confidence = 0.7)`"),
    missing('use "limits.rules" with', "the values stand in brackets", "write `with (min_confidence = 0.7)`"),
    missing("use std.risk with (a", "a param is given its value with `=`", "write `min_confidence = 0.7`"),
    missing("use std.risk with (a =", "this param has no value after `=`", "write `min_confidence = 0.7`"),
    missing("let", "`let` needs a name", "write `let watch = [AAPL, MSFT]`"),
    missing("let watch", "`let` needs `=` and a value", "write `let watch = [AAPL, MSFT]`"),
    missing("let watch =", "`let` needs a value after `=`", "write `let watch = [AAPL, MSFT]`"),
    missing("let sizes = {", "a table needs entries", "write `{ AAPL: $30_000, else: $10_000 }`"),
    missing("let sizes = { AAPL", "an entry of a table is a symbol, `:` and a value", "write `AAPL: $30_000`"),
    missing("let sizes = { AAPL:", "this entry of the table has no value", "write `AAPL: $30_000`"),
    missing("param", "`param` needs a name", "write `param min_confidence = 0.8 in 0.5..0.95`"),
    missing("param low", "`param` needs `=` and a value", "write `param min_confidence = 0.8 in 0.5..0.95`"),
    missing("param low =", "`param` needs a value after `=`", "write `param min_confidence = 0.8 in 0.5..0.95`"),
    missing("param low = 1 in", "after `in` stands a range or a list", "write `in 0.5..0.95` or `in [1, 2, 3]`"),
    missing("param low = 1 in 0", "a range has two ends", "write `in 0.5..0.95` or `in [1, 2, 3]`"),
    missing("param low = 1 in 0..", "this range has no upper end", "write `in 0.5..0.95`"),
    missing("param low = 1 in 0..1 step", "`step` needs a value", "write `step 0.05`"),
    missing("field", "`field` needs a name", "write `field premium: money`"),
    missing("field premium", "`field` needs `:` and a type", "write `field premium: money`"),
    missing(
        "field premium:",
        "`field` needs a type after `:`",
        "the types are number, percent, money, text, flag, symbol, duration and time",
    ),
    missing("limits", "the limits stand in braces", "write `limits { max positions 10 }`"),
    at(
        "limits { 10",
        "a limit starts with `max`, `only` or `no`",
        "write `max position 20% of equity`, `only symbols watch` or `no shorting`",
    ),
    at(
        "limits { max 10",
        "after `max` stands what is limited",
        "position, sector, exposure, positions, order, orders or daily loss",
    ),
    missing("limits { max position", "this limit has no amount", "write `max position 20% of equity`"),
    missing("limits { max positions", "this limit has no number", "write `max positions 10`"),
    missing("limits { max orders", "this limit has no number", "write `max orders 30 per minute`"),
    missing("limits { max orders 30", "a limit of orders needs a time", "write `max orders 30 per minute`"),
    missing("limits { max orders 30 per", "after `per` stands minute, hour or day", "write `max orders 30 per minute`"),
    missing("limits { max order", "this limit has no amount", "write `max order $50_000`"),
    missing("limits { max daily", "the limit is called `max daily loss`", "write `max daily loss 2% of equity`"),
    missing("limits { max daily loss", "this limit has no amount", "write `max daily loss 2% of equity`"),
    missing("limits { only", "the limit is called `only symbols`", "write `only symbols [AAPL, MSFT]`"),
    missing("limits { only symbols", "`only symbols` needs symbols", "write `only symbols [AAPL, MSFT]`"),
    missing("limits { no", "the limit is called `no shorting`", "write `no shorting`"),
    missing("limits { max position 20% of", "an amount can only be `of equity`", "write `20% of equity`"),
    # ---- rules
    *(
        at(
            verb,
            "an action stands in a rule, after a trigger and `->`",
            f"write `on signal BUY -> {verb} …`",
            by="kind",
        )
        for verb in _VERBS
    ),
    at(
        "100",
        "a statement starts with `on`, `rule`, `let`, `param`, `field`, `limits`, `use` or `test`, not with `{found}`",
        "a rule is written `on signal BUY where confidence > 0.8 -> enter long 100 stop 3%`",
    ),
    missing("rule", "`rule` needs a name", "write `rule my_rule`, or begin with `on` for a rule without a name"),
    end("rule flow", "this rule has no trigger", "write `on signal BUY` or `on price`"),
    end("rule flow cooldown 3m", "this rule has no trigger", "write `on signal BUY` or `on price`"),
    missing("rule flow priority", "`priority` needs a number", "write `priority 100`"),
    missing("rule flow cooldown", "`cooldown` needs a duration", "write `cooldown 3m`"),
    missing("rule flow cooldown 3m shared", "`shared` needs a name", "write `cooldown 3m shared exits`"),
    missing("rule flow at", "the option is called `at most`", "write `at most 5 per day`"),
    missing("rule flow at most", "`at most` needs a number", "write `at most 5 per day`"),
    missing("rule flow at most 5", "`at most` needs a time", "write `at most 5 per day`"),
    missing("rule flow at most 5 per", "after `per` stands minute, hour or day", "write `at most 5 per day`"),
    missing("rule flow during", "`during` needs a time of day", "write `during 09:35..15:45`"),
    missing("rule flow during 09:35", "`during` needs two times", "write `during 09:35..15:45`"),
    missing("rule flow during 09:35..", "`during` needs a second time", "write `during 09:35..15:45`"),
    at("on 5", "`on` needs a trigger, and `{found}` is none", _TRIGGER),
    end("on", "`on` needs a trigger", _TRIGGER),
    *(
        at(f"on {moment}", f"the market's {moment} is `market {moment}`", f"write `on market {moment}`", by="word")
        for moment in ("open", "close")
    ),
    at("on price,", "a rule has one trigger", "write a rule for each", by="kind"),
    at("on price or", "a rule has one trigger", "write a rule for each", by="kind"),
    choice("on position", "after `position` stands `opened`, `updated` or `closed`", "write `on position closed`"),
    choice(
        "on order",
        "after `order` stands `created`, `submitted`, `filled`, `cancelled` or `rejected`",
        "write `on order rejected`",
    ),
    choice("on broker", "after `broker` stands `connected` or `disconnected`", "write `on broker disconnected`"),
    missing("on time", "`time` needs a time of day", "write `on time 15:30 of AAPL`"),
    missing("on every", "`every` needs a duration", "write `on every 5m of AAPL`"),
    choice(
        "on market", "after `market` stands `open` or `close`", "write `on market open + 5m` or `on market close - 10m`"
    ),
    missing("on market open +", "`+` needs a duration", "write `on market open + 5m`"),
    missing("on market close -", "`-` needs a duration", "write `on market close - 10m`"),
    at(
        "on market open -",
        "what comes before the open is no trading time",
        "write `market open + 5m`, or a `time`",
        by="kind",
    ),
    at(
        "on market close +",
        "what comes after the close is no trading time",
        "write `market close - 5m`, or a `time`",
        by="kind",
    ),
    missing("on signal", "`signal` needs a kind", "write `on signal BUY`, or `on signal any`"),
    missing("on signal BUY or", "after `or` stands another kind of signal", "write `on signal BUY or SHORT`"),
    missing("on signal BUY of", "`of` needs a symbol or a list", "write `of AAPL`, `of [AAPL, MSFT]` or `of watch`"),
    end("on signal BUY", "this rule does nothing", "write `->` and an action: `-> enter long 100 stop 3%`"),
    end("on signal BUY where confidence > 0.8", "this rule does nothing", "write `->` and an action: `-> exit`"),
    end("on signal any", "this rule does nothing", "write `->` and an action: `-> enter long 100 stop 3%`"),
    missing("on signal BUY where", "`where` needs a condition", "write `where confidence > 0.8`"),
    at(
        "on signal BUY where confidence > 0.8 where",
        "a rule has one `where`",
        "join the conditions with `and`",
        by="kind",
    ),
    *ACTION_EXAMPLES,
    # ---- tests
    *SCENARIO_EXAMPLES,
    # ---- conditions
    missing("on signal BUY where not", "`not` needs a condition", "write `not symbol in watch`"),
    missing("on signal BUY where confidence >", "the right side of the comparison is missing", "write a value there"),
    missing("on signal BUY where confidence > 0.8 and", "`and` needs a condition on both sides"),
    missing("on signal BUY where confidence > 0.8 or", "`or` needs a condition on both sides"),
    missing(
        "on signal BUY where symbol in", "`in` needs a list or a range", "write `in [AAPL, MSFT]` or `in 0.5..0.9`"
    ),
    missing(
        "on signal BUY where symbol not",
        "`not` needs `in` here",
        "write `symbol not in watch`, or `is not` before a word",
    ),
    at(
        "on signal BUY where last between",
        "`between` is written with `in` and two points",
        "write `last in $1..$2`",
        by="word",
    ),
    at(
        "on signal BUY where last > sma 20",
        "two values stand side by side here",
        "join them with an operator, or write brackets: `sma(20)`",
        by="kind",
    ),
    choice(
        "on signal BUY where last crosses",
        "`crosses` needs `above` or `below`",
        "write `close crosses above sma(20)`",
    ),
    missing(
        "on signal BUY where last crosses above", "`crosses` needs a value to cross", "write `crosses above sma(20)`"
    ),
    missing("on signal BUY where weekday is", "`is` needs a word", _IS),
    missing("on signal BUY where weekday is not", "`is not` needs a word", "write `weekday is not friday`"),
    at("on signal BUY where is", "the left side of `is` is missing", _IS, by="kind"),
    *(
        at(
            f"on signal BUY where confidence is {word} than",
            f"`is {word} than` is written `{sign}`",
            f"write `confidence {sign} 0.8`",
            by="word",
        )
        for word, sign in (("greater", ">"),)
    ),
    missing(
        "on signal BUY where last[",
        "`[` needs a number of bars, or the symbol of a table",
        "write `close[1]` or `alloc[symbol]`",
    ),
    missing("on signal BUY where confidence in 0.5..", "this range has no upper end", "write `in 0.5..0.9`"),
    missing("on signal BUY where confidence +", "`+` needs a value on its right"),
    missing("on signal BUY where confidence -", "`-` needs a value on its right"),
    missing("on signal BUY where confidence *", "`*` needs a value on its right"),
    missing("on signal BUY where confidence /", "`/` needs a value on its right"),
    missing("on signal BUY where (", "`(` needs a value"),
    missing(
        "on signal BUY where SPY.",
        "after the `.` stands what is wanted of the symbol",
        "write `SPY.last` or `SPY.atr(14)`",
    ),
    missing(
        'on signal BUY where "TRUE".',
        "after the `.` stands what is wanted of the symbol",
        "write `SPY.last` or `SPY.atr(14)`",
    ),
    missing(
        "on signal BUY where position.",
        "after the `.` stands what is wanted of it",
        "write `position.profit` or `account.equity`",
    ),
    at(
        "on signal BUY where last[1] [",
        "there is one `[…]` after a value",
        "write `close[2]` for the close two bars ago",
        by="kind",
    ),
    at(
        "on signal BUY where position.profit.",
        "there is nothing below this",
        "write one `.`, as in `position.profit` or `SPY.last`",
        by="kind",
    ),
)
