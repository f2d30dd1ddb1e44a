"""What enters the sequencer from outside: frozen records, validated once at the edge that made them.

Times are integers: microseconds since 1970 UTC. Prices of ticks and bars are floats as they were read, because
conditions and indicators are float64; whatever becomes an order's or a fill's price goes through `runtime.numbers`.
None stands for «not known», never a sentinel number.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping

import attrs

FieldValue = int | float | str | bool  # int by name, so that it reads back from JSON as one
NO_FIELDS: Mapping[str, FieldValue] = {}


@attrs.frozen
class Signal:
    """A prediction signal.

    `time` is the signal's own time; a feed without one puts the time of receipt. `confidence` is a fraction 0..1.
    `emitted` tells a signal that a rule put on the bus.
    """

    time: int
    symbol: str
    signal: str
    confidence: float | None = None
    price: float | None = None
    source: str = ""
    id: str | None = None
    fields: Mapping[str, FieldValue] = attrs.field(default=NO_FIELDS, hash=False)
    emitted: bool = False


@attrs.frozen
class Price:
    """A trade's price; with a size it is also a volume print."""

    time: int
    symbol: str
    price: float
    size: float | None = None


@attrs.frozen
class Quote:
    """The best bid and ask. A rule on prices sees their midpoint as the price, and no size."""

    time: int
    symbol: str
    bid: float
    ask: float

    @property
    def price(self) -> float:
        return round((self.bid + self.ask) / 2, 6)  # whole micros: 343.70500000000004 tells nobody more

    @property
    def size(self) -> float | None:
        return None


@attrs.frozen
class Bar:
    """A completed bar, delivered at `end`.

    `time` is its start as written; `start` and `end` are its span cut to the session. `regular` is false for a bar
    wholly outside the session: it fills nothing and enters no regular-hours indicator. `timeframe` in microseconds.
    `past` tells a bar that was over before it was asked for: indicators take it, and nothing else does.
    """

    time: int
    symbol: str
    open: float
    high: float
    low: float
    close: float
    volume: float
    timeframe: int
    start: int
    end: int
    regular: bool = True
    past: bool = False


class LinkEvent(enum.Enum):
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"


@attrs.frozen
class BrokerLink:
    """The connection to the broker came or went."""

    time: int
    event: LinkEvent


@attrs.frozen
class Fault:
    """Something the simulated broker shall do wrong; see `docs/simulator.md` for the kinds."""

    time: int
    event: str
    reason: str = ""
    order: str | None = None
    quantity: int | None = None


@attrs.frozen
class Release:
    """A person has looked at a halted symbol: it may trade again, and what the account holds of it is as it should."""

    time: int
    symbol: str


@attrs.frozen
class TimerFired:
    """A timer of the engine's own is due. `key` is what the engine started it under."""

    time: int
    key: tuple[str, ...]


MarketInput = Price | Quote | Bar
OutsideInput = Signal | Price | Quote | Bar | BrokerLink | Fault
