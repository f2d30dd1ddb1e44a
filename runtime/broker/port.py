"""The broker as the engine knows it: commands that go out, messages that come back.

The engine never calls a broker and never waits for one. A step of it returns commands; the shell journals them, then
hands them to whatever implements `Broker`; what the broker says comes back later as messages, each an input of its
own to the sequencer. The simulated exchange, Interactive Brokers and a recorded session implement the same port.

Prices are micros (1e-6 of the currency), quantities whole shares, times microseconds since 1970 UTC. Order ids are the
engine's own texts; an adapter keeps its broker's numbers to itself.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Protocol

import attrs


class OrderSide(enum.Enum):
    BUY = "BUY"
    SELL = "SELL"

    @property
    def sign(self) -> int:
        return 1 if self is OrderSide.BUY else -1

    @property
    def opposite(self) -> OrderSide:
        return OrderSide.SELL if self is OrderSide.BUY else OrderSide.BUY


class OrderType(enum.Enum):
    MARKET = "MARKET"
    LIMIT = "LIMIT"
    STOP = "STOP"
    STOP_LIMIT = "STOP_LIMIT"
    TRAIL = "TRAIL"


class TimeInForce(enum.Enum):
    DAY = "DAY"
    GTC = "GTC"


@attrs.frozen
class OrderSpec:
    """One order as the broker shall hold it.

    `quantity` counts filled shares too. `trail_amount` in micros or `trail_fraction` of the price, for TRAIL;
    `stop_price` of a TRAIL is where it starts (None: the broker computes it when the order comes alive).
    """

    order_id: str
    symbol: str
    side: OrderSide
    quantity: int
    order_type: OrderType
    time_in_force: TimeInForce
    limit_price: int | None = None
    stop_price: int | None = None
    trail_amount: int | None = None
    trail_fraction: float | None = None
    parent_id: str | None = None
    oca_group: str | None = None
    reference: str = ""


# ---- commands ------------------------------------------------------------------------------------------------------


@attrs.frozen
class Place:
    """Places one order, or a bracket: parent first, then its children, transmitted as a whole."""

    orders: tuple[OrderSpec, ...]
    urgent: bool = False


@attrs.frozen
class Modify:
    """Replaces an order's terms; the whole new spec, filled shares included in its quantity."""

    order: OrderSpec


@attrs.frozen
class Cancel:
    order_id: str


@attrs.frozen
class AskOrder:
    """What is this order doing? Answered by an OrderUpdate or an OrderMissing."""

    order_id: str


@attrs.frozen
class AskPosition:
    """What does the account hold of this symbol? Answered by a PositionReport."""

    symbol: str


@attrs.frozen
class Subscribe:
    """Market data for this symbol, please."""

    symbol: str


Command = Place | Modify | Cancel | AskOrder | AskPosition | Subscribe


# ---- messages ------------------------------------------------------------------------------------------------------


class WireStatus(enum.Enum):
    """IB's words for what an order is doing, and EXPIRED for a DAY order that the session's close ended."""

    PENDING_SUBMIT = "PendingSubmit"
    PRE_SUBMITTED = "PreSubmitted"
    SUBMITTED = "Submitted"
    PENDING_CANCEL = "PendingCancel"
    CANCELLED = "Cancelled"
    EXPIRED = "Expired"
    FILLED = "Filled"
    INACTIVE = "Inactive"


@attrs.frozen
class OrderUpdate:
    """An order as the broker holds it now: its echo and its status in one."""

    order_id: str
    status: WireStatus
    quantity: int
    filled: int
    limit_price: int | None = None
    stop_price: int | None = None
    time_in_force: TimeInForce = TimeInForce.DAY
    oca_group: str | None = None
    why_held: str = ""
    permanent_id: int = 0


@attrs.frozen
class Execution:
    """Shares that changed hands. The same execution may be told twice; a correction has another last part of the id."""

    execution_id: str
    order_id: str
    symbol: str
    side: OrderSide
    quantity: int
    price: int
    commission: int = 0


@attrs.frozen
class OrderRejected:
    """The broker refused an order: it never worked, or it was thrown out."""

    order_id: str
    code: int
    text: str


@attrs.frozen
class ModifyRejected:
    """The broker refused a modification; what the order is doing now must be asked."""

    order_id: str
    code: int
    text: str


@attrs.frozen
class CancelRejected:
    """The broker could not cancel (already filled, unknown); what the order is doing now must be asked."""

    order_id: str
    code: int
    text: str


@attrs.frozen
class OrderMissing:
    """The broker has never heard of this order."""

    order_id: str


@attrs.frozen
class PositionReport:
    """What the account holds, foreign shares included: positive long, negative short."""

    symbol: str
    quantity: int


Message = OrderUpdate | Execution | OrderRejected | ModifyRejected | CancelRejected | OrderMissing | PositionReport


class Broker(Protocol):
    """Where commands go. Messages come back through whatever the shell connected it to."""

    def send(self, commands: Iterable[Command]) -> None:
        """Takes commands in order. Never raises for what a broker may answer: that comes back as a message."""
