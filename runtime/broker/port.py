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

from ..numbers import TickBand


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
    """Market data for this symbol, please.

    `timeframes` (seconds) are those of bars that are wanted, the past ones too; without any, prices are enough. Asked
    again for a symbol that has it, nothing changes.
    """

    symbol: str
    timeframes: tuple[float, ...] = ()


@attrs.frozen
class CancelStray:
    """Cancels an order that carries our reference and that no book of ours knows; `number` is its StrayOrder's."""

    number: int
    reference: str


Command = Place | Modify | Cancel | AskOrder | AskPosition | Subscribe | CancelStray


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
    """The broker knows nothing of this order, among what works, what is complete and what was executed.

    `conclusive` is false where the order is older than the broker's memory of complete orders and executions: then it
    may have worked, and only the position can tell.
    """

    order_id: str
    conclusive: bool = True


@attrs.frozen
class StrayOrder:
    """An order that works, carries a reference of this instance, and was not sent by anything that our books know.

    `reference` is `rulec/<instance>/<trade>/<role>/<n>`; `number` the broker's permanent id.
    """

    number: int
    reference: str
    symbol: str
    side: OrderSide
    remaining: int


@attrs.frozen
class PositionReport:
    """What the account holds, foreign shares included: positive long, negative short.

    It comes when asked for and whenever it changes, after every execution that the broker knew of by then.
    """

    symbol: str
    quantity: int


@attrs.frozen
class ForeignExecution:
    """Shares that changed hands in this account by somebody else's order."""

    execution_id: str
    symbol: str
    side: OrderSide
    quantity: int
    price: int


@attrs.frozen
class AccountReport:
    """What the account is worth: net liquidation, and cash, in micros."""

    equity: int
    cash: int | None = None


@attrs.frozen
class ProfitReport:
    """The broker's live profit and loss since its day began, in micros; it moves between account reports."""

    daily: int


class DataState(enum.Enum):
    """What market data there is for a symbol."""

    LIVE = "live"
    DELAYED = "delayed"
    NONE = "none"
    UNKNOWN_SYMBOL = "unknown symbol"


@attrs.frozen
class SymbolData:
    """What market data a symbol has, from now on; `text` is the broker's word where it is not live."""

    symbol: str
    state: DataState
    text: str = ""


@attrs.frozen
class PriceSteps:
    """The steps in which a symbol's prices are written, by price band: those of its contract at the broker."""

    symbol: str
    bands: tuple[TickBand, ...]


Message = (
    OrderUpdate
    | Execution
    | OrderRejected
    | ModifyRejected
    | CancelRejected
    | OrderMissing
    | StrayOrder
    | PositionReport
    | ForeignExecution
    | AccountReport
    | ProfitReport
    | SymbolData
    | PriceSteps
)


class Broker(Protocol):
    """Where commands go. Messages come back through whatever the shell connected it to."""

    def send(self, commands: Iterable[Command]) -> None:
        """Takes commands in order. Never raises for what a broker may answer: that comes back as a message."""
