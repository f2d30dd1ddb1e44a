"""Scenario tests, lowered: frozen records with nothing left to look up. A test never changes what is traded.

Times of the exchange's clock, money in currency, durations in seconds, counts of shares whole. The place of a step is
that of its text and takes no part in equality.
"""

from __future__ import annotations

import enum

import attrs

from .plan import Place, Side
from .record import Record

GivenValue = float | str | bool
"""What a signal carries in a field: a number, a text or a flag; times and durations in seconds."""

_PLACE = attrs.field(default=Place("", 1, 1), eq=False)


# ---- what happens --------------------------------------------------------------------------------------------------


@attrs.frozen(eq=False, repr=False)
class At(Record):
    """The exchange's clock shows so many seconds after midnight: on the date `days` after 1970-01-01, else today."""

    days: int | None
    seconds: int
    place: Place = _PLACE


@attrs.frozen(eq=False, repr=False)
class Wait(Record):
    """So many seconds pass."""

    seconds: float
    place: Place = _PLACE


@attrs.frozen(eq=False, repr=False)
class Equity(Record):
    """What the account begins with, in currency."""

    amount: float
    place: Place = _PLACE


@attrs.frozen(eq=False, repr=False)
class Price(Record):
    """A trade's price, and the price that stands from then on."""

    symbol: str
    price: float
    size: float | None = None
    place: Place = _PLACE


@attrs.frozen(eq=False, repr=False)
class Quote(Record):
    symbol: str
    bid: float
    ask: float
    place: Place = _PLACE


@attrs.frozen(eq=False, repr=False)
class Bars(Record):
    """The same bar `times` times in a row; `timeframe` in seconds, None for that of the rules."""

    symbol: str
    open: float
    high: float
    low: float
    close: float
    volume: float
    timeframe: float | None = None
    times: int = 1
    place: Place = _PLACE


@attrs.frozen(eq=False, repr=False)
class Signal(Record):
    """A signal; `fields` are what it carries beyond confidence (a fraction), price and source."""

    kind: str
    symbol: str
    confidence: float | None = None
    price: float | None = None
    source: str = ""
    fields: tuple[tuple[str, GivenValue], ...] = ()
    place: Place = _PLACE


@attrs.frozen(eq=False, repr=False)
class RejectNext(Record):
    """The broker rejects the next order."""

    reason: str
    place: Place = _PLACE


@attrs.frozen(eq=False, repr=False)
class PartialNext(Record):
    """The first fill of the next order has so many shares."""

    quantity: int
    place: Place = _PLACE


@attrs.frozen(eq=False, repr=False)
class Connection(Record):
    """The connection to the broker is lost, or is there again."""

    is_there: bool
    place: Place = _PLACE


Happening = At | Wait | Equity | Price | Quote | Bars | Signal | RejectNext | PartialNext | Connection


# ---- what is expected ----------------------------------------------------------------------------------------------


class Priced(enum.Enum):
    """Which orders an expectation with a price speaks of."""

    STOP = "stop"
    TARGET = "target"
    ANY = "order"


class Judged(enum.Enum):
    """What is expected of a rule."""

    FIRED = "fired"
    NOT_FIRED = "not fired"
    REFUSED = "refused"


@attrs.frozen(eq=False, repr=False)
class ExpectEnter(Record):
    """Shares were entered; `quantity` None for any number. `written` is the expectation as it stands in the file."""

    side: Side
    quantity: int | None
    symbol: str
    written: str
    place: Place = _PLACE


@attrs.frozen(eq=False, repr=False)
class ExpectExit(Record):
    """Shares were closed; `quantity` None for any number."""

    quantity: int | None
    symbol: str
    written: str
    place: Place = _PLACE


@attrs.frozen(eq=False, repr=False)
class ExpectPrice(Record):
    """An order of the symbol works at the price (currency)."""

    orders: Priced
    symbol: str
    price: float
    written: str
    place: Place = _PLACE


@attrs.frozen(eq=False, repr=False)
class ExpectPosition(Record):
    side: Side
    quantity: int
    symbol: str
    written: str
    place: Place = _PLACE


@attrs.frozen(eq=False, repr=False)
class ExpectFlat(Record):
    symbol: str
    written: str
    place: Place = _PLACE


@attrs.frozen(eq=False, repr=False)
class ExpectNoOrders(Record):
    """No order works, of the symbol or (None) of any."""

    symbol: str | None
    written: str
    place: Place = _PLACE


@attrs.frozen(eq=False, repr=False)
class ExpectRule(Record):
    """`rule` is the full name, `flow.follow_buys`."""

    judged: Judged
    rule: str
    written: str
    place: Place = _PLACE


@attrs.frozen(eq=False, repr=False)
class ExpectHalted(Record):
    written: str
    place: Place = _PLACE


Expectation = (
    ExpectEnter | ExpectExit | ExpectPrice | ExpectPosition | ExpectFlat | ExpectNoOrders | ExpectRule | ExpectHalted
)

Step = Happening | Expectation


@attrs.frozen(eq=False, repr=False)
class Test(Record):
    """One test of a file."""

    __test__ = False  # pytest collects classes by this name

    name: str
    steps: tuple[Step, ...]
    place: Place = _PLACE
