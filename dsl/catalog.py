"""What the language knows by itself: the names a trigger brings, quotes, functions, and what may not be redefined.

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


@attrs.frozen(eq=False, repr=False)
class TriggerFacts(Record):
    """What is known when a trigger fires: how people call the event, and the names it brings with their types."""

    noun: str
    names: Mapping[str, Type]
    fields: bool = False
    """Whether the declared fields of signals come with it."""


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

TRIGGERS: Mapping[type[nodes.SignalTrigger] | type[nodes.PriceTrigger], TriggerFacts] = {
    nodes.SignalTrigger: SIGNAL,
    nodes.PriceTrigger: PRICE,
}

EVENT_NAMES: Mapping[str, Type] = {name: type_ for facts in TRIGGERS.values() for name, type_ in facts.names.items()}
"""Every name that some trigger brings; a name has the same type wherever it comes from."""

QUOTES: Mapping[str, Type] = {"last": kinds.MONEY, "bid": kinds.MONEY, "ask": kinds.MONEY, "spread": kinds.MONEY}
"""Of the event's symbol, or of a named one: `SPY.last`."""


class Family(enum.Enum):
    """What sort of function it is: worked out from its arguments, or from the market's past."""

    ARITHMETIC = "arithmetic"
    INDICATOR = "indicator"


@attrs.frozen(eq=False, repr=False)
class Function(Record):
    """A built-in function: how it is written, and what it takes.

    An indicator takes `least` to `most` lengths in bars and may end with a timeframe. An arithmetic function gives
    what it is given; `result` is then None.
    """

    family: Family
    usage: str
    least: int
    most: int | None
    result: Type | None = None


FUNCTIONS: Mapping[str, Function] = {
    "atr": Function(Family.INDICATOR, "`atr(14)` or `atr(14, 5m)`", 1, 1, kinds.MONEY),
    "abs": Function(Family.ARITHMETIC, "`abs(x)`", 1, 1),
    "min": Function(Family.ARITHMETIC, "`min(a, b)`", 2, None),
    "max": Function(Family.ARITHMETIC, "`max(a, b)`", 2, None),
    "round": Function(Family.ARITHMETIC, "`round(x)` or `round(x, 2)`", 1, 2),
}

DEFAULT_ATR_LENGTH = 14.0
"""What `6 atr` is measured over, in bars."""

STATEMENT_WORDS = frozenset(
    "on rule param field let limits use test language and or not in is where true false at risk else".split()
)
"""Words that start or hold together a statement, and so can name nothing."""

# Names of the language's further triggers and functions: a rule file that uses them as its own names today would
# change its meaning when it is read by a version that knows them.
_LATER_NAMES = frozenset(
    """
    open high low close volume reason pnl role quantity fill_price position account flat holding trades_today
    now today weekday minutes_since_open minutes_to_close signals
    sma ema rsi vwap highest lowest change stdev bollinger_upper bollinger_lower macd macd_signal
    """.split()
)


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
    if name in _LATER_NAMES:
        return "a name that the language keeps for itself"
    return None
