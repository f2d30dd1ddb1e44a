"""What the language knows by itself: the names a trigger brings, fields, functions, and what may not be redefined.

The resolver and the type checker take every built-in from here, and the tables of the language reference are printed
from here, so that a name is added in one place.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping

import attrs

from . import kinds, nodes
from .kinds import Type
from .record import Record

# ---- triggers ------------------------------------------------------------------------------------------------------


@attrs.frozen(eq=False, repr=False)
class TriggerFacts(Record):
    """What is known when a trigger fires: how people call the event, and the names it brings with their types."""

    noun: str
    names: Mapping[str, Type]
    fields: bool = False
    """Whether the declared fields of signals come with it."""
    market: bool = False
    """Whether an action's own symbol stands in for the event's where prices are asked for."""

    @property
    def has_symbol(self) -> bool:
        return "symbol" in self.names


_BARS = {
    "open": kinds.MONEY,
    "high": kinds.MONEY,
    "low": kinds.MONEY,
    "close": kinds.MONEY,
    "volume": kinds.NUMBER,
}

SIGNAL = TriggerFacts(
    noun="signal",
    names={
        "symbol": kinds.SYMBOL,
        "signal": kinds.WORD,
        "confidence": kinds.FRACTION,
        "price": kinds.MONEY,
        "source": kinds.TEXT,
    },
    fields=True,
)
PRICE = TriggerFacts(noun="price", names={"symbol": kinds.SYMBOL, "price": kinds.MONEY, "size": kinds.NUMBER})
VOLUME = TriggerFacts(noun="volume", names=PRICE.names)
BAR = TriggerFacts(noun="bar", names={"symbol": kinds.SYMBOL, **_BARS})
POSITION = TriggerFacts(
    noun="position", names={"symbol": kinds.SYMBOL, "reason": kinds.CLOSE_REASON, "pnl": kinds.MONEY}
)
ORDER = TriggerFacts(
    noun="order",
    names={
        "symbol": kinds.SYMBOL,
        "role": kinds.WORD,
        "quantity": kinds.NUMBER,
        "fill_price": kinds.MONEY,
        "reason": kinds.WORD,
    },
)
TIME = TriggerFacts(noun="time", names={})
EVERY = TriggerFacts(noun="every", names={})
MARKET = TriggerFacts(noun="market", names={})
START = TriggerFacts(noun="start", names={})
BROKER = TriggerFacts(noun="broker", names={})

TRIGGERS: Mapping[type, TriggerFacts] = {
    nodes.SignalTrigger: SIGNAL,
    nodes.PriceTrigger: PRICE,
    nodes.VolumeTrigger: VOLUME,
    nodes.BarTrigger: BAR,
    nodes.PositionTrigger: POSITION,
    nodes.OrderTrigger: ORDER,
    nodes.TimeTrigger: TIME,
    nodes.EveryTrigger: EVERY,
    nodes.MarketTrigger: MARKET,
    nodes.StartTrigger: START,
    nodes.BrokerTrigger: BROKER,
}

_OF_A_SET = {facts.noun: attrs.evolve(facts, names={"symbol": kinds.SYMBOL}) for facts in (TIME, EVERY, MARKET)}


def facts_of(trigger: nodes.Trigger) -> TriggerFacts:
    """What a rule's trigger brings; the clock brings a symbol only with `of`."""
    facts = TRIGGERS[type(trigger)]
    if isinstance(trigger, nodes.TimeTrigger | nodes.EveryTrigger | nodes.MarketTrigger) and trigger.of is not None:
        return _OF_A_SET[facts.noun]
    return facts


EVENT_NAMES: Mapping[str, Type] = {
    name: type_ for facts in reversed(list(TRIGGERS.values())) for name, type_ in facts.names.items()
}
"""Every name that some trigger brings."""

BAR_FIELDS: Mapping[str, Type] = _BARS
"""What `[n]` may follow: the same of the completed bar that many bars ago, in any rule with a symbol."""

# ---- fields and names that are there at any event -------------------------------------------------------------------

QUOTES: Mapping[str, Type] = {"last": kinds.MONEY, "bid": kinds.MONEY, "ask": kinds.MONEY, "spread": kinds.MONEY}
"""Of the event's symbol, or of a named one: `SPY.last`."""

POSITION_FIELDS: Mapping[str, Type] = {
    "side": kinds.SIDE,
    "quantity": kinds.NUMBER,
    "entry_price": kinds.MONEY,
    "profit": kinds.PROFIT,
    "pnl": kinds.MONEY,
    "age": kinds.DURATION,
    "peak_profit": kinds.PROFIT,
    "scale_ins": kinds.NUMBER,
    "stop_price": kinds.MONEY,
    "target_price": kinds.MONEY,
}
"""After `position.`: of the position in the event's symbol."""

POSITION_FLAGS: Mapping[str, Type] = {"flat": kinds.CONDITION, "holding": kinds.CONDITION}
"""Whether the event's symbol has no position, or has one."""

ACCOUNT_FIELDS: Mapping[str, Type] = {
    "equity": kinds.MONEY,
    "cash": kinds.MONEY,
    "buying_power": kinds.MONEY,
    "day_pnl": kinds.MONEY,
    "exposure": kinds.MONEY,
    "open_positions": kinds.NUMBER,
}
"""After `account.`."""

ACCOUNT_NAMES: Mapping[str, Type] = {"trades_today": kinds.NUMBER}

CLOCK_NAMES: Mapping[str, Type] = {
    "now": kinds.MOMENT,
    "today": kinds.DATE,
    "weekday": kinds.WEEKDAY,
    "minutes_since_open": kinds.NUMBER,
    "minutes_to_close": kinds.NUMBER,
}
"""What the exchange's clock shows; the minutes are unknown outside the session."""

ALWAYS_THERE: Mapping[str, Type] = {**QUOTES, **POSITION_FLAGS, **ACCOUNT_NAMES, **CLOCK_NAMES}
"""Names that need no trigger, though some need a symbol."""

OWNERS: Mapping[str, Mapping[str, Type]] = {"position": POSITION_FIELDS, "account": ACCOUNT_FIELDS}
"""What stands before a `.` besides a symbol."""

OF_THE_SYMBOL = frozenset({*QUOTES, *POSITION_FLAGS})
"""The names among them that mean the event's symbol, so that there must be one."""

# ---- functions -----------------------------------------------------------------------------------------------------


class Family(enum.Enum):
    """What sort of function it is: worked out from its arguments, from the market's past, or counted."""

    ARITHMETIC = "arithmetic"
    INDICATOR = "indicator"
    COUNT = "count"


@attrs.frozen(eq=False, repr=False)
class Reader(Record):
    """Where an expression stands, as far as that changes its meaning.

    `timeframe` in seconds is that of indicators which state none, `prices` tells a rule on prices, `symbol` stands in
    for the event's where prices are asked for.
    """

    timeframe: float | None = None
    prices: bool = False
    symbol: str | None = None


@attrs.frozen(eq=False, repr=False)
class Function(Record):
    """A built-in function: how it is written, and what it takes.

    An indicator takes as many lengths in bars as `counts` says, each whole and at least `least_length`, but that the
    last of `bollinger` is a width; it may end with a timeframe. An arithmetic function gives what it is given; `result`
    is then None. Of a difference of two averages the shorter one comes first.
    """

    family: Family
    usage: str
    counts: tuple[int, ...] | None
    result: Type | None = None
    least_length: int = 1
    has_width: bool = False
    is_difference: bool = False


def _indicator(
    usage: str,
    result: Type,
    counts: tuple[int, ...] = (1,),
    least_length: int = 1,
    *,
    has_width: bool = False,
    is_difference: bool = False,
) -> Function:
    return Function(Family.INDICATOR, usage, counts, result, least_length, has_width, is_difference)


FUNCTIONS: Mapping[str, Function] = {
    "sma": _indicator("`sma(20)` or `sma(20, 5m)`", kinds.MONEY),
    "ema": _indicator("`ema(20)` or `ema(20, 5m)`", kinds.MONEY),
    "rsi": _indicator("`rsi(14)` or `rsi(14, 5m)`", kinds.NUMBER, least_length=2),
    "atr": _indicator("`atr(14)` or `atr(14, 5m)`", kinds.MONEY),
    "vwap": _indicator("`vwap()` or `vwap(5m)`", kinds.MONEY, (0,)),
    "highest": _indicator("`highest(20)` or `highest(20, 5m)`", kinds.MONEY),
    "lowest": _indicator("`lowest(20)` or `lowest(20, 5m)`", kinds.MONEY),
    "change": _indicator("`change(10)` or `change(10, 5m)`", kinds.PERCENT),
    "stdev": _indicator("`stdev(20)` or `stdev(20, 5m)`", kinds.MONEY, least_length=2),
    "bollinger_upper": _indicator(
        "`bollinger_upper(20)` or `bollinger_upper(20, 2.5, 5m)`", kinds.MONEY, (1, 2), 2, has_width=True
    ),
    "bollinger_lower": _indicator(
        "`bollinger_lower(20)` or `bollinger_lower(20, 2.5, 5m)`", kinds.MONEY, (1, 2), 2, has_width=True
    ),
    "macd": _indicator("`macd(12, 26)` or `macd(12, 26, 9, 5m)`", kinds.MONEY, (0, 2, 3), 2, is_difference=True),
    "macd_signal": _indicator(
        "`macd_signal(12, 26, 9)` or `macd_signal(12, 26, 9, 5m)`", kinds.MONEY, (0, 2, 3), 2, is_difference=True
    ),
    "signals": Function(Family.COUNT, "`signals(BUY, 5m)`", (2,), kinds.NUMBER),
    "abs": Function(Family.ARITHMETIC, "`abs(x)`", (1,)),
    "min": Function(Family.ARITHMETIC, "`min(a, b)`", None),
    "max": Function(Family.ARITHMETIC, "`max(a, b)`", None),
    "round": Function(Family.ARITHMETIC, "`round(x)` or `round(x, 2)`", (1, 2)),
}

DEFAULT_ATR_LENGTH = 14.0
"""What `6 atr` is measured over, in bars."""

LONGEST_TIMEFRAME = 86_400.0
"""Seconds; bars are cut to sessions, and a session is a day's."""

LONGEST_LOOK_BACK = 100_000
"""Bars that an indicator or `[n]` may reach back over."""

# ---- reserved ------------------------------------------------------------------------------------------------------

STATEMENT_WORDS = frozenset(
    "on rule param field let limits use test language and or not in is where true false at risk else".split()
)
"""Words that start or hold together a statement, and so can name nothing."""


def why_reserved(name: str) -> str | None:
    """Why a name can't be defined by a user, or None where it can."""
    if name in STATEMENT_WORDS:
        return "a word of the language"
    if name in EVENT_NAMES:
        return "a name that events bring"
    if name in QUOTES:
        return "a quote of the event's symbol"
    if name in FUNCTIONS:
        return "a built-in function"
    if name in OWNERS:
        return f"what `{name}.` begins with"
    if name in ALWAYS_THERE:
        return "a name that the language keeps for itself"
    return None
