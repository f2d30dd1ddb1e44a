"""An order in Interactive Brokers' vocabulary, and the same order as it stands in the exchange's book.

`Order` is what a client sends: frozen, prices in micros (1e-6 of the currency), quantities in whole shares. `BookOrder`
is what became of it; only the exchange's own modules touch it, everybody else sees the snapshots of `events.py`.
"""

from __future__ import annotations

import enum

import attrs


class Action(enum.Enum):
    BUY = "BUY"
    SELL = "SELL"

    @property
    def sign(self) -> int:
        return 1 if self is Action.BUY else -1


class OrderKind(enum.Enum):
    """Order types by the names they have on the wire."""

    MARKET = "MKT"
    LIMIT = "LMT"
    STOP = "STP"
    STOP_LIMIT = "STP LMT"
    TRAIL = "TRAIL"
    TRAIL_LIMIT = "TRAIL LIMIT"
    MARKET_IF_TOUCHED = "MIT"
    LIMIT_IF_TOUCHED = "LIT"
    MARKET_ON_CLOSE = "MOC"
    LIMIT_ON_CLOSE = "LOC"


# tuples: membership by identity, where a set would hash the name of an enumeration's member at every look
LIMITED = (
    OrderKind.LIMIT,
    OrderKind.STOP_LIMIT,
    OrderKind.TRAIL_LIMIT,
    OrderKind.LIMIT_IF_TOUCHED,
    OrderKind.LIMIT_ON_CLOSE,
)
TRAILING = (OrderKind.TRAIL, OrderKind.TRAIL_LIMIT)
TOUCHED = (OrderKind.MARKET_IF_TOUCHED, OrderKind.LIMIT_IF_TOUCHED)
AT_CLOSE = (OrderKind.MARKET_ON_CLOSE, OrderKind.LIMIT_ON_CLOSE)
TRIGGERED_BY_PRICE = (OrderKind.STOP, OrderKind.STOP_LIMIT, *TRAILING, *TOUCHED)


class Tif(enum.Enum):
    """Time in force.

    A DAY order ends at the close of its session, a GTC order only when somebody ends it, a GTD order at its
    `good_till`. IOC, FOK and OPG orders have one chance (`ONE_CHANCE`): IOC cancels what it does not fill, FOK fills
    whole or not at all, OPG has its chance at the next opening.
    """

    DAY = "DAY"
    GTC = "GTC"
    GTD = "GTD"
    IOC = "IOC"
    FOK = "FOK"
    OPG = "OPG"


ONE_CHANCE = (Tif.IOC, Tif.FOK, Tif.OPG)


class Status(enum.Enum):
    """What an order is doing. PENDING_SUBMIT: kept back by `transmit=False`, known to nobody but its client."""

    PENDING_SUBMIT = "PendingSubmit"
    PRE_SUBMITTED = "PreSubmitted"
    SUBMITTED = "Submitted"
    PENDING_CANCEL = "PendingCancel"
    CANCELLED = "Cancelled"
    FILLED = "Filled"
    INACTIVE = "Inactive"


WORKING = (Status.PRE_SUBMITTED, Status.SUBMITTED, Status.PENDING_CANCEL)


class OcaType(enum.IntEnum):
    """What a fill does to the others of its group. In every type a complete fill cancels them all."""

    CANCEL_WITH_BLOCK = 1
    REDUCE_WITH_BLOCK = 2
    REDUCE_WITHOUT_BLOCK = 3


@attrs.frozen
class Order:
    """One order as its client sends it, or as the exchange echoes it.

    `order_id` is the client's own number; `parent_id` is that of another order of the same client. `quantity` counts
    shares that have filled already. `stop_price` is the trigger of a stop or of an order if touched, and of a TRAIL the
    stop to start from (None: computed from the market when the order comes alive). A TRAIL has either `trail_amount`
    (micros) or `trail_fraction` (of the price); the limit of a TRAIL LIMIT stays `limit_offset` (micros) beyond its
    stop, which a first `limit_price` and `stop_price` tell as well. `good_till` (microseconds since 1970 UTC) ends a
    GTD order. With `transmit=False` the order waits for the last of its family.
    """

    account: str
    client_id: int
    order_id: int
    symbol: str
    action: Action
    quantity: int
    kind: OrderKind
    tif: Tif = Tif.DAY
    limit_price: int | None = None
    stop_price: int | None = None
    trail_amount: int | None = None
    trail_fraction: float | None = None
    limit_offset: int | None = None
    good_till: int | None = None
    parent_id: int | None = None
    transmit: bool = True
    oca_group: str | None = None
    oca_type: OcaType = OcaType.REDUCE_WITHOUT_BLOCK
    outside_regular_hours: bool = False
    reference: str = ""

    @property
    def trails(self) -> bool:
        return self.kind in TRAILING

    @property
    def key(self) -> tuple[int, int]:
        return (self.client_id, self.order_id)


@attrs.define(eq=False)
class BookOrder:
    """An order's life. `order` is as last sent; what has changed since then stands in the fields beside it."""

    order: Order
    permanent_id: int
    sent: int
    """When the client sent it (microseconds): a bar that began earlier cannot fill it."""
    arrived: int
    """The number of the market event that was the latest when it arrived: a tick up to that one cannot fill it."""
    quantity: int
    limit_price: int | None
    stop_price: int | None
    oca_group: str | None
    oca_type: OcaType
    parent: BookOrder | None = None
    status: Status = Status.PENDING_SUBMIT
    number: int = 0
    filled: int = 0
    traded_value: int = 0
    last_price: int = 0
    commission: int = 0
    triggered: bool = False
    expired: bool = False
    expires: int | None = None
    cancel_due: int | None = None
    not_before: int = 0
    """An OPG order's opening (microseconds): nothing earlier meets it."""
    next_fill_at_most: int | None = None
    last_fill_event: int = -1
    alive_inside: int = -1
    """The number of the bar inside which (after its open) this order came alive."""

    @property
    def working(self) -> bool:
        return self.status in WORKING

    @property
    def remaining(self) -> int:
        """Never below zero: a fault can fill more than was ordered."""
        remaining = self.quantity - self.filled
        return remaining if remaining > 0 else 0

    @property
    def held_as_child(self) -> bool:
        """True while its parent has no fill: it cannot fill yet."""
        return self.parent is not None and self.parent.filled == 0
