"""What the exchange says, in the order in which it happened: an order's echo with its status, executions, errors."""

from __future__ import annotations

import enum

import attrs

from .orders import Action, Order, Status


@attrs.frozen
class OrderEvent:
    """An order as the exchange holds it now.

    `order` carries the present quantity, prices and group. `effective` is how many shares could fill now, given what
    its parent and its siblings have filled. `traded_value` is the sum of price times quantity over its executions, in
    micros. `expired` marks a DAY order that the close ended (its status is Cancelled, as on the wire).
    """

    order: Order
    permanent_id: int
    parent_permanent_id: int
    status: Status
    filled: int
    effective: int
    why_held: str
    traded_value: int
    last_price: int
    expired: bool = False

    @property
    def remaining(self) -> int:
        """Shares that have not filled; 0 of an order that a fault has overfilled."""
        return max(0, self.order.quantity - self.filled)


@attrs.frozen
class Execution:
    """Shares that changed hands. A correction has the same id but for what follows its last period.

    `commission` and `realised` (gross of commission) in micros; `cumulative` is what the order has filled with it.
    """

    execution_id: str
    account: str
    client_id: int
    order_id: int
    permanent_id: int
    symbol: str
    action: Action
    quantity: int
    price: int
    time: int
    commission: int
    realised: int
    cumulative: int
    traded_value: int
    reference: str

    @property
    def average_price(self) -> float:
        """Of all that the order had filled with this execution, in micros a share."""
        return self.traded_value / self.cumulative


@attrs.frozen
class ExecutionEvent:
    execution: Execution


class Request(enum.Enum):
    """What a client had asked for when an error came of it."""

    SUBMIT = "submit"
    MODIFY = "modify"
    CANCEL = "cancel"


class Code(enum.IntEnum):
    """Error codes, as Interactive Brokers numbers them."""

    DUPLICATE_ORDER_ID = 103
    FILLED_ORDER_CANNOT_BE_MODIFIED = 104
    DOES_NOT_MATCH_THE_ORIGINAL = 105
    PRICE_NOT_A_TICK = 110
    TIF_MUST_BE_DAY = 113
    ORDER_NOT_FOUND = 135
    NOT_IN_A_STATE_TO_BE_CHANGED = 161
    REJECTED = 201
    CANCELLED = 202
    INVALID_REQUEST = 321
    SIZE_ZERO = 434
    PARENT_MISSING = 10006
    CANCEL_NOT_FOUND = 10147
    CANNOT_BE_CANCELLED = 10148


@attrs.frozen
class ErrorEvent:
    """An error or a confirmation (202) about one order. `code` is a `Code`, but for one that a fault was given."""

    request: Request
    client_id: int
    order_id: int
    code: int
    text: str


ExchangeEvent = OrderEvent | ExecutionEvent | ErrorEvent
