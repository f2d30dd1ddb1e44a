"""Notices that come as error messages and are none: the farms at connecting, and warnings about orders that wait."""

from __future__ import annotations

from collections.abc import Sequence

from ..broker.exchange import ExchangeEvent, OrderEvent, OrderKind, Status
from .instruments import TIME_ZONE, contract_of
from .mapper import Key
from .moments import zoned_text
from .replies import ErrorMessage

FARMS = (
    ErrorMessage(-1, 2104, "Market data farm connection is OK:usfarm"),
    ErrorMessage(-1, 2106, "HMDS data farm connection is OK:ushmds"),
    ErrorMessage(-1, 2158, "Sec-def data farm connection is OK:secdefil"),
)
CLIENT_ID_IN_USE = ErrorMessage(
    -1, 326, "Unable to connect as the client id is already in use. Retry with a unique client id."
)
_LIMITED = (OrderKind.LIMIT, OrderKind.STOP_LIMIT, OrderKind.LIMIT_IF_TOUCHED)


def warnings_of(events: Sequence[ExchangeEvent], opening: int) -> dict[Key, str]:
    """What is said of new orders while the exchange is closed until `opening` (microseconds): they are live, and
    wait."""
    return {
        event.order.key: _warning(event, opening)
        for event in events
        if isinstance(event, OrderEvent)
        and event.status in (Status.PRE_SUBMITTED, Status.SUBMITTED)
        and not (event.order.outside_regular_hours and event.order.kind in _LIMITED)
    }


def _warning(event: OrderEvent, opening: int) -> str:
    order = event.order
    contract = contract_of(order.symbol)
    what = f"{order.action.value} {order.quantity} {contract.symbol} {contract.primary_exchange}"
    wait = f"Warning: your order will not be placed at the exchange until {zoned_text(opening, TIME_ZONE)}"
    return f"Order Message:\n{what}\n{wait}"
