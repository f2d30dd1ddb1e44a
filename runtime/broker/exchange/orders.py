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


# tuples: membership by identity, where a set would hash the name of an enumeration's member at every look
LIMITED = (OrderKind.LIMIT, OrderKind.STOP_LIMIT)
TRIGGERED_BY_PRICE = (OrderKind.STOP, OrderKind.STOP_LIMIT, OrderKind.TRAIL)


class Tif(enum.Enum):
    """Time in force. A DAY order ends at the close of its session, a GTC order only when somebody ends it."""

    DAY = "DAY"
    GTC = "GTC"


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
    shares that have filled already. `stop_price` is the trigger of a stop, and of a TRAIL the stop to start from (None:
    computed from the market when the order comes alive). A TRAIL has either `trail_amount` (micros) or
    `trail_fraction` (of the price). With `transmit=False` the order waits for the last of its family.
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
    parent_id: int | None = None
    transmit: bool = True
    oca_group: str | None = None
    oca_type: OcaType = OcaType.REDUCE_WITHOUT_BLOCK
    outside_regular_hours: bool = False
    reference: str = ""

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
    next_fill_at_most: int | None = None
    last_fill_event: int = -1
    alive_inside: int = -1
    """The number of the bar inside which (after its open) this order came alive."""

    @property
    def working(self) -> bool:
        return self.status in WORKING

    @property
    def remaining(self) -> int:
        return self.quantity - self.filled

    @property
    def held_as_child(self) -> bool:
        """True while its parent has no fill: it cannot fill yet."""
        return self.parent is not None and self.parent.filled == 0
