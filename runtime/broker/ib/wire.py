"""What the broker says on the wire, as frozen records that know no library.

The tap makes these out of what the client library has decoded, before the library's own bookkeeping sees it. Symbols
are spelt as rules spell them (`BRK.B`), the broker's own text is in its place otherwise. Prices and amounts are floats
in currency as the wire has them, quantities floats of shares; None stands for a number that the broker left unset.
"""

from __future__ import annotations

import attrs


@attrs.frozen
class WireContract:
    """What is traded, as far as it is told beside an order, an execution or a position.

    `con_id` pins it; `security_type` is `STK` for shares: an option has its underlying's symbol.
    """

    con_id: int
    symbol: str
    security_type: str = "STK"
    currency: str = "USD"


# ---- orders --------------------------------------------------------------------------------------------------------


@attrs.frozen
class OpenOrderTold:
    """An order that works, or that was just taken: the broker's echo of its terms (openOrder).

    `order_number` and `client` name it within the session, `permanent_id` for ever. `action` is BUY, SELL or SSHORT,
    `order_type` the broker's word (`LMT`, `STP`, …), `aux_price` a stop's price or a trail's amount, `trailing_percent`
    is in percent. `status` is that of the order state within the message; `warning` its text.
    """

    order_number: int
    client: int
    permanent_id: int
    parent_number: int
    contract: WireContract
    account: str
    action: str
    quantity: float
    order_type: str
    limit_price: float | None
    aux_price: float | None
    trail_stop_price: float | None
    trailing_percent: float | None
    time_in_force: str
    oca_group: str
    reference: str
    status: str
    warning: str = ""


@attrs.frozen
class StatusTold:
    """What an order is doing (orderStatus)."""

    order_number: int
    status: str
    filled: float
    remaining: float
    average_price: float
    permanent_id: int
    parent_number: int
    last_price: float
    client: int
    why_held: str


@attrs.frozen
class CompletedTold:
    """An order that is over (completedOrder): it has lost its number and its client, the permanent id names it.

    `filled` is None or 0 where the broker does not say; `status` is `Filled`, `Cancelled`, …; `completed_status` the
    broker's sentence about it, `completed_time` its text.
    """

    permanent_id: int
    parent_permanent_id: int
    contract: WireContract
    account: str
    action: str
    quantity: float
    filled: float | None
    order_type: str
    limit_price: float | None
    aux_price: float | None
    time_in_force: str
    reference: str
    status: str
    completed_time: str
    completed_status: str


# ---- executions ----------------------------------------------------------------------------------------------------


@attrs.frozen
class ExecutionTold:
    """Shares that changed hands (execDetails). `request` is -1 for one that is told as it happens.

    `time` is the broker's own text. `side` is BOT or SLD. `cumulative` counts the order's filled shares so far.
    """

    request: int
    execution_id: str
    time: str
    account: str
    contract: WireContract
    order_number: int
    client: int
    permanent_id: int
    reference: str
    side: str
    quantity: float
    price: float
    cumulative: float


@attrs.frozen
class CommissionTold:
    """What an execution cost (commissionReport); it comes after the execution."""

    execution_id: str
    commission: float
    currency: str
    realised: float | None


# ---- errors, account, the session ----------------------------------------------------------------------------------


@attrs.frozen
class ErrorTold:
    """An error or a notice. `number` is an order's or a request's, -1 where it is about neither."""

    number: int
    code: int
    text: str


@attrs.frozen
class PositionTold:
    """What an account holds of a contract; 0 when it no longer does."""

    account: str
    contract: WireContract
    quantity: float
    average_cost: float


@attrs.frozen
class AccountValueTold:
    key: str
    value: str
    currency: str
    account: str


@attrs.frozen
class ProfitTold:
    """The live profit and loss of an account, in its currency."""

    request: int
    daily: float | None
    unrealised: float | None
    realised: float | None


@attrs.frozen
class ManagedAccountsTold:
    accounts: tuple[str, ...]


@attrs.frozen
class NextIdTold:
    """The lowest order number that this client may use next."""

    number: int


# ---- ends of lists -------------------------------------------------------------------------------------------------


@attrs.frozen
class OpenOrdersEnd:
    pass


@attrs.frozen
class CompletedOrdersEnd:
    pass


@attrs.frozen
class ExecutionsEnd:
    request: int


@attrs.frozen
class PositionsEnd:
    pass


OrderTold = OpenOrderTold | StatusTold | CompletedTold | ExecutionTold | CommissionTold
ListEnd = OpenOrdersEnd | CompletedOrdersEnd | ExecutionsEnd | PositionsEnd
Told = OrderTold | ListEnd | ErrorTold | PositionTold | AccountValueTold | ProfitTold | ManagedAccountsTold | NextIdTold
