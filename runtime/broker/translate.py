"""Between the port's words and the exchange's: ids, orders, statuses, errors. Pure but for the table of ids."""

from __future__ import annotations

from .exchange import (
    Action,
    Code,
    ErrorEvent,
    Execution,
    Order,
    OrderEvent,
    OrderKind,
    Request,
    Status,
    Tif,
)
from .port import (
    CancelRejected,
    Message,
    ModifyRejected,
    OrderRejected,
    OrderSide,
    OrderSpec,
    OrderType,
    OrderUpdate,
    TimeInForce,
    WireStatus,
)
from .port import Execution as PortExecution

KINDS = {
    OrderType.MARKET: OrderKind.MARKET,
    OrderType.LIMIT: OrderKind.LIMIT,
    OrderType.STOP: OrderKind.STOP,
    OrderType.STOP_LIMIT: OrderKind.STOP_LIMIT,
    OrderType.TRAIL: OrderKind.TRAIL,
}
STATUSES = {
    Status.PENDING_SUBMIT: WireStatus.PENDING_SUBMIT,
    Status.PRE_SUBMITTED: WireStatus.PRE_SUBMITTED,
    Status.SUBMITTED: WireStatus.SUBMITTED,
    Status.PENDING_CANCEL: WireStatus.PENDING_CANCEL,
    Status.CANCELLED: WireStatus.CANCELLED,
    Status.FILLED: WireStatus.FILLED,
    Status.INACTIVE: WireStatus.INACTIVE,
}


class OrderIds:
    """The engine's text ids and the numbers they go by at the exchange, given out in order from 1."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._texts: list[str] = []

    def known(self, text: str) -> bool:
        return text in self._numbers

    def number(self, text: str) -> int:
        """The number of a text id, a new one if it has none yet."""
        number = self._numbers.get(text)
        if number is None:
            self._texts.append(text)
            number = self._numbers[text] = len(self._texts)
        return number

    def text(self, number: int) -> str:
        return self._texts[number - 1]


def to_order(spec: OrderSpec, ids: OrderIds, account: str, client: int, transmit: bool) -> Order:
    return Order(
        account=account,
        client_id=client,
        order_id=ids.number(spec.order_id),
        symbol=spec.symbol,
        action=Action.BUY if spec.side is OrderSide.BUY else Action.SELL,
        quantity=spec.quantity,
        kind=KINDS[spec.order_type],
        tif=Tif.DAY if spec.time_in_force is TimeInForce.DAY else Tif.GTC,
        limit_price=spec.limit_price,
        stop_price=spec.stop_price,
        trail_amount=spec.trail_amount,
        trail_fraction=spec.trail_fraction,
        parent_id=None if spec.parent_id is None else ids.number(spec.parent_id),
        transmit=transmit,
        oca_group=spec.oca_group,
        reference=spec.reference,
    )


def update(event: OrderEvent, order_id: str) -> OrderUpdate:
    order = event.order
    return OrderUpdate(
        order_id=order_id,
        status=WireStatus.EXPIRED if event.expired else STATUSES[event.status],
        quantity=order.quantity,
        filled=event.filled,
        limit_price=order.limit_price,
        stop_price=order.stop_price,
        time_in_force=TimeInForce.DAY if order.tif is Tif.DAY else TimeInForce.GTC,
        oca_group=order.oca_group,
        why_held=event.why_held,
        permanent_id=event.permanent_id,
    )


def order(event: OrderEvent, order_id: str) -> OrderUpdate | None:
    """An order's news. A rejected order's Inactive is left out: the rejection says it all."""
    return None if event.status is Status.INACTIVE else update(event, order_id)


def execution(event: Execution, order_id: str) -> PortExecution:
    return PortExecution(
        execution_id=event.execution_id,
        order_id=order_id,
        symbol=event.symbol,
        side=OrderSide.BUY if event.action is Action.BUY else OrderSide.SELL,
        quantity=event.quantity,
        price=event.price,
        commission=event.commission,
    )


def error(event: ErrorEvent, order_id: str) -> Message | None:
    """A refusal as the port has it. A cancel's confirmation is none: the order's status says it."""
    if event.code is Code.CANCELLED:
        return None
    code = int(event.code)
    if event.request is Request.SUBMIT:
        return OrderRejected(order_id, code, event.text)
    if event.request is Request.MODIFY:
        return ModifyRejected(order_id, code, event.text)
    return CancelRejected(order_id, code, event.text)


def role_of(reference: str) -> str | None:
    """The role in `rulec/<instance>/<trade>/<role>/<n>`, or None where a reference is not of that form."""
    parts = reference.split("/")
    return parts[3] if len(parts) == 5 and parts[0] == "rulec" else None
