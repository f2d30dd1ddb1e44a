"""The order manager: creates orders by hand, submits them, follows them.

Within a runtime an order takes the runtime's way, through the limits and the trade machine. Outside any, the manager
stands right before a connection: it sends commands, takes the messages that are waiting, and tells on the bus what
became of each order.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from ...dsl.plan import Distance, DistanceUnit, Enter, Money, Number, Protection, Side, Size, SizeUnit, Symbol, Target
from ..broker.port import (
    AskOrder,
    Cancel,
    CancelRejected,
    Command,
    Execution,
    Message,
    ModifyRejected,
    OrderMissing,
    OrderRejected,
    OrderSide,
    OrderUpdate,
    Place,
    WireStatus,
)
from ..context import Request, find_runtime
from ..event.bus import EventBus
from ..event.order import (
    FillEvent,
    OrderCancelledEvent,
    OrderCreatedEvent,
    OrderEvent,
    OrderFilledEvent,
    OrderRejectedEvent,
    OrderSubmittedEvent,
)
from ..numbers import to_float
from .base import Order, OrderStatus, OrderType
from .executions import Executions
from .group import BracketGroup, OrderGroup
from .intent import pricing_for
from .lifecycle import OrderHappening

if TYPE_CHECKING:
    from ..broker.connection import TWSConnection

logger = logging.getLogger(__name__)

_NEWS = {
    WireStatus.PRE_SUBMITTED: OrderHappening.ACKNOWLEDGE,
    WireStatus.SUBMITTED: OrderHappening.ACKNOWLEDGE,
    WireStatus.CANCELLED: OrderHappening.CONFIRM_CANCEL,
    WireStatus.EXPIRED: OrderHappening.CONFIRM_EXPIRY,
    WireStatus.INACTIVE: OrderHappening.CALL_DEAD,
}


class OrderManager:
    """Manages order creation, submission, and tracking.

    `orders` holds every order made here, by id.
    """

    def __init__(self, event_bus: EventBus, tws_connection: TWSConnection) -> None:
        """Initialize with event bus and TWS connection."""
        self.event_bus = event_bus
        self.tws_connection = tws_connection
        self.orders: dict[str, Order] = {}
        self._executions: dict[str, Executions] = {}
        self._by_broker_id: dict[str, Order] = {}

    async def create_order(self, symbol: str, quantity: int, **kwargs: Any) -> Order:
        """Create a new order.

        Args:
            symbol: what is traded.
            quantity: whole shares, positive for buy, negative for sell.
            **kwargs: those of `Order`; without `order_type` it is a MARKET order.

        Raises:
            ValueError: see `Order`; or an id that is in use.
        """
        kwargs.setdefault("order_type", OrderType.MARKET)
        order = Order(symbol, quantity, **kwargs)
        await self._add(order)
        return order

    async def submit_order(self, order_id: str) -> None:
        """Submit an order to the broker.

        Raises:
            ValueError: no such order, or it was submitted before.
        """
        order = self._order(order_id)
        order.require_unsent()
        port = find_runtime()
        if port is not None:
            port.event_bus.connect(OrderEvent, self._on_runtime_event)
            await order.submit()
            await self._submitted_in_runtime((order,), order.broker_orders)
            return
        await self._send((order,), [Place((order.spec(),))])

    async def create_and_submit_order(self, symbol: str, quantity: int, **kwargs: Any) -> Order:
        """Create and immediately submit an order."""
        order = await self.create_order(symbol, quantity, **kwargs)
        await self.submit_order(order.order_id)
        return order

    async def cancel_order(self, order_id: str, reason: str = "manual") -> None:
        """Cancel an order; nothing happens where it is done already.

        Raises:
            ValueError: no such order.
        """
        order = self._order(order_id)
        if order.status.is_done:
            return
        order.execution_details["cancel_reason"] = reason
        port = find_runtime()
        if order.status is OrderStatus.CREATED:
            order.happen(OrderHappening.CONFIRM_CANCEL)
            await self._tell_done(order)
        elif port is not None:
            for broker_id in order.broker_orders:
                port.cancel_order(broker_id, reason)
        else:
            self.tws_connection.send([Cancel(order_id)])
            await self.receive()

    async def submit_group(self, group: OrderGroup) -> None:
        """Submit orders that belong together: a bracket leaves as a whole, or not at all.

        Raises:
            ValueError: an order was submitted before; or a group other than a bracket within a runtime, where the
                trade machine alone groups what protects a trade.
        """
        for order in group:
            order.require_unsent()
            if order.order_id not in self.orders:
                await self._add(order)
        port = find_runtime()
        if port is None:
            specs = tuple(order.spec() for order in group)
            whole = isinstance(group, BracketGroup)
            await self._send(group.orders, [Place(specs)] if whole else [Place((spec,)) for spec in specs])
            return
        if not isinstance(group, BracketGroup):
            raise ValueError("within a runtime only a bracket can be submitted as a group: submit the orders singly")
        port.event_bus.connect(OrderEvent, self._on_runtime_event)
        outcome = port.perform(Request(_bracket_entry(group), group.entry.symbol))
        for order in group:
            order.note(outcome)
        await self._submitted_in_runtime(group.orders, outcome.orders)

    async def receive(self) -> None:
        """Takes the messages that wait at the connection and brings orders and bus up to date.

        Called after each command; whoever waits for later fills calls it again.
        """
        for message in self.tws_connection.take():
            await self._handle(message)

    # ---- sending

    async def _add(self, order: Order) -> None:
        if order.order_id in self.orders:
            raise ValueError(f"there is an order {order.order_id} already")
        self.orders[order.order_id] = order
        await self._tell(OrderCreatedEvent, order)

    async def _send(self, orders: tuple[Order, ...], commands: list[Command]) -> None:
        self.tws_connection.send(commands)
        for order in orders:
            order.happen(OrderHappening.SEND)
            await self._tell(OrderSubmittedEvent, order)
        await self.receive()

    async def _submitted_in_runtime(self, orders: tuple[Order, ...], broker_ids: tuple[str, ...]) -> None:
        """Orders that the runtime sends as its own: what it tells of those, holds for these."""
        if orders[0].status is OrderStatus.REJECTED:
            for order in orders:
                await self._tell_done(order)
            return
        for broker_id in broker_ids:
            self._by_broker_id[broker_id] = orders[0]

    def _on_runtime_event(self, event: OrderEvent) -> None:
        order = self._by_broker_id.get(event.order_id)
        if order is None:
            return
        if isinstance(event, FillEvent):
            filled = order.execution_details.get("filled", 0) + event.quantity
            order.execution_details["filled"] = filled
            order.happen(OrderHappening.FILL_REST if filled >= order.shares else OrderHappening.FILL_PART)
        elif isinstance(event, OrderCancelledEvent):
            order.happen(OrderHappening.CONFIRM_CANCEL)
        elif isinstance(event, OrderRejectedEvent):
            order.execution_details["reason"] = event.reason
            order.happen(OrderHappening.REJECT)

    # ---- hearing

    async def _handle(self, message: Message) -> None:
        order_id = getattr(message, "order_id", None)
        order = self.orders.get(order_id) if order_id is not None else None
        if order is None:
            logger.warning("a message about no order of this manager: %r", message)
            return
        was_done = order.status.is_done
        if isinstance(message, Execution):
            await self._book(order, message)
        elif isinstance(message, OrderUpdate):
            news = _NEWS.get(message.status)
            if news is not None:
                order.happen(news)
        elif isinstance(message, OrderRejected):
            order.execution_details["reason"] = message.text
            order.happen(OrderHappening.REJECT)
        elif isinstance(message, OrderMissing):
            order.happen(OrderHappening.FIND_MISSING if message.conclusive else OrderHappening.LOSE_TRACK)
        elif isinstance(message, (ModifyRejected, CancelRejected)):
            order.execution_details["reason"] = message.text
            order.happen(OrderHappening.LOSE_TRACK)
            if not order.status.is_done:
                self.tws_connection.send([AskOrder(order.order_id)])
        if order.status.is_done and not was_done:
            await self._tell_done(order)

    async def _book(self, order: Order, execution: Execution) -> None:
        executions = self._executions.setdefault(order.order_id, Executions())
        if not executions.add(execution):
            return
        order.execution_details["filled"] = executions.filled
        order.execution_details["average_price"] = executions.average_price
        order.execution_details["commission"] = executions.commission
        order.happen(OrderHappening.FILL_REST if executions.filled >= order.shares else OrderHappening.FILL_PART)
        await self._tell(
            FillEvent,
            order,
            quantity=execution.quantity,
            price=to_float(execution.price),
            commission=to_float(execution.commission),
            execution_id=execution.execution_id,
        )

    # ---- telling

    async def _tell_done(self, order: Order) -> None:
        details = order.execution_details
        if order.status is OrderStatus.FILLED:
            await self._tell(OrderFilledEvent, order, fill_price=details.get("average_price"))
        elif order.status is OrderStatus.REJECTED:
            await self._tell(OrderRejectedEvent, order, reason=details.get("reason") or "")
        else:
            reason = "expired" if order.status is OrderStatus.EXPIRED else details.get("cancel_reason", "")
            await self._tell(OrderCancelledEvent, order, filled=details.get("filled", 0), reason=reason)

    async def _tell(self, event_type: type[OrderEvent], order: Order, **values: Any) -> None:
        values.setdefault("quantity", order.shares)
        event = event_type(
            order_id=order.order_id,
            symbol=order.symbol,
            side=order.side.value,
            order_type=order.order_type.value,
            role=order.role,
            **values,
        )
        await self.event_bus.emit(event)

    def _order(self, order_id: str) -> Order:
        order = self.orders.get(order_id)
        if order is None:
            raise ValueError(f"no order {order_id!r} was created here")
        return order


def _bracket_entry(group: BracketGroup) -> Enter:
    entry, stop, target = group.entry, group.stop, group.target
    if stop is not None and stop.stop_price is None:
        raise ValueError("within a runtime a bracket's stop needs a stop_price; a trail goes with the entry's action")
    return Enter(
        side=Side.LONG if entry.side is OrderSide.BUY else Side.SHORT,
        size=Size(SizeUnit.SHARES, Number(float(entry.shares))),
        symbol=Symbol(entry.symbol),
        pricing=pricing_for(entry.order_type, entry.limit_price, entry.stop_price),
        protection=Protection(
            stop=None if stop is None or stop.stop_price is None else _at(stop.stop_price),
            targets=() if target is None or target.limit_price is None else (Target(_at(target.limit_price)),),
        ),
    )


def _at(price: float) -> Distance:
    return Distance(DistanceUnit.PRICE, Money(price))
