"""Orders made by hand, their groups, and the order manager in front of the simulated exchange."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

import pytest

from rulec.dsl import plan
from rulec.runtime.broker import TWSConnection
from rulec.runtime.broker.exchange import FillMode
from rulec.runtime.broker.port import (
    AskOrder,
    CancelRejected,
    Command,
    Execution,
    Message,
    OrderMissing,
    OrderRejected,
    OrderSide,
    OrderUpdate,
    TimeInForce,
    WireStatus,
)
from rulec.runtime.broker.simulated import SimulatedBroker, SimulationSettings
from rulec.runtime.context import NoRuntimeError
from rulec.runtime.event.base import BaseEvent
from rulec.runtime.event.bus import EventBus
from rulec.runtime.event.inputs import Price
from rulec.runtime.event.order import (
    FillEvent,
    OrderCancelledEvent,
    OrderCreatedEvent,
    OrderEvent,
    OrderFilledEvent,
    OrderRejectedEvent,
    OrderSubmittedEvent,
)
from rulec.runtime.market.hours import AlwaysOpen
from rulec.runtime.order.base import Order, OrderStatus, OrderType
from rulec.runtime.order.group import BracketGroup, OCOGroup, OrderGroup
from rulec.runtime.order.intent import request_for
from rulec.runtime.order.manager import OrderManager

T = TypeVar("T")


def status_of(order: Order) -> OrderStatus:
    """Read through a function, because the type checker believes that an attribute never changes by itself."""
    return order.status


MARKET, LIMIT, STOP, STOP_LIMIT, TRAIL = OrderType


def now(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(coroutine)


# ---- an order --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quantity", "order_type", "prices", "message"),
    [
        (0, MARKET, {}, "0 shares"),
        (10, LIMIT, {}, "needs its limit_price"),
        (10, STOP, {}, "needs its stop_price"),
        (10, STOP_LIMIT, {"limit_price": 1.0}, "needs its stop_price"),
        (10, STOP_LIMIT, {"stop_price": 1.0}, "needs its limit_price"),
        (10, LIMIT, {"limit_price": 0.0}, "above 0"),
        (10, LIMIT, {"limit_price": float("nan")}, "above 0"),
        (10, TRAIL, {"trail_pct": 2.0}, "2% is 0.02"),
        (10, TRAIL, {"trail_pct": 0.02, "trail_amount": 1.0}, "not by both"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(
    quantity: int, order_type: OrderType, prices: dict[str, float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Order("AAPL", quantity, order_type, **prices)  # type: ignore[arg-type]


def test_an_order_needs_a_symbol_and_whole_shares() -> None:
    with pytest.raises(ValueError, match="symbol"):
        Order("", 1, MARKET)
    for quantity in (1.5, True, "100"):
        with pytest.raises(TypeError, match="whole number"):
            Order("AAPL", quantity, MARKET)  # type: ignore[arg-type]


def test_ids_are_counted_and_never_repeat() -> None:
    first, second = Order("AAPL", 1, MARKET), Order("AAPL", 1, MARKET)
    assert first.order_id != second.order_id
    assert first.order_id.startswith("order-")
    assert Order("AAPL", 1, MARKET, "mine").order_id == "mine"


@pytest.mark.parametrize(
    ("quantity", "order_type", "terms", "limit", "stop"),
    [
        (100, MARKET, {}, None, None),
        (100, LIMIT, {"limit_price": 150.019}, 150_010_000, None),
        (-100, LIMIT, {"limit_price": 150.011}, 150_020_000, None),
        (100, STOP, {"stop_price": 150.011}, None, 150_020_000),
        (-100, STOP, {"stop_price": 150.019}, None, 150_010_000),
        (-100, STOP, {"stop_price": 145.501, "role": "stop"}, None, 145_510_000),
        (100, STOP, {"stop_price": 154.509, "role": "stop"}, None, 154_500_000),
        (100, LIMIT, {"limit_price": 0.97 * 150}, 145_500_000, None),
    ],
)
def test_prices_leave_as_legal_ones(
    quantity: int, order_type: OrderType, terms: dict[str, Any], limit: int | None, stop: int | None
) -> None:
    spec = Order("AAPL", quantity, order_type, "one", **terms).spec()
    assert (spec.limit_price, spec.stop_price) == (limit, stop)
    assert (spec.quantity, spec.side) == (100, OrderSide.BUY if quantity > 0 else OrderSide.SELL)
    assert spec.time_in_force is TimeInForce.DAY


def test_a_trail_leaves_with_its_distance_and_not_without() -> None:
    assert Order("AAPL", -1, TRAIL, trail_pct=0.02).spec().trail_fraction == 0.02
    assert Order("AAPL", -1, TRAIL, trail_amount=2.5).spec().trail_amount == 2_500_000
    with pytest.raises(ValueError, match="trail_pct or trail_amount"):
        Order("AAPL", -1, TRAIL).spec()


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ([OrderStatus.SUBMITTED, OrderStatus.WORKING, OrderStatus.FILLED], True),
        ([OrderStatus.SUBMITTED, OrderStatus.PARTIALLY_FILLED, OrderStatus.CANCELLED], True),
        ([OrderStatus.CREATED, OrderStatus.CANCELLED], True),
        ([OrderStatus.FILLED], False),
        ([OrderStatus.SUBMITTED, OrderStatus.FILLED, OrderStatus.WORKING], False),
        ([OrderStatus.SUBMITTED, OrderStatus.CREATED], False),
    ],
)
def test_a_status_moves_only_along_the_table(path: list[OrderStatus], allowed: bool) -> None:
    order = Order("AAPL", 1, MARKET)

    async def walk() -> None:
        for status in path:
            await order.update_status(status)

    if allowed:
        now(walk())
        assert status_of(order) is path[-1]
    else:
        with pytest.raises(ValueError, match="does not become"):
            now(walk())


def test_outside_a_runtime_an_order_does_not_submit_itself() -> None:
    order = Order("AAPL", 1, MARKET)
    with pytest.raises(NoRuntimeError, match="Runtime"):
        now(order.submit())
    assert status_of(order) is OrderStatus.CREATED
    now(order.cancel())
    now(order.cancel())
    assert status_of(order) is OrderStatus.CANCELLED


@pytest.mark.parametrize(
    ("quantity", "terms", "trade", "action"),
    [
        (100, {"order_type": MARKET}, None, plan.Enter),
        (-50, {"order_type": LIMIT, "limit_price": 150.0}, None, plan.Enter),
        (100, {"order_type": MARKET}, {"side": "BUY"}, plan.ScaleIn),
        (-40, {"order_type": MARKET}, {"side": "BUY"}, plan.Exit),
        (-40, {"order_type": LIMIT, "limit_price": 160.0, "role": "hedge"}, {"side": "BUY"}, plan.PlaceOrder),
        (100, {"order_type": STOP, "stop_price": 160.0}, {"side": "BUY"}, plan.PlaceOrder),
    ],
)
def test_within_a_runtime_an_order_is_the_action_a_rule_would_have_written(
    quantity: int, terms: dict[str, Any], trade: dict[str, Any] | None, action: type
) -> None:
    order = Order("AAPL", quantity, **terms)
    request = request_for(order, {} if trade is None else {"AAPL": trade})
    assert isinstance(request.action, action)
    assert request.symbol == "AAPL"
    size = getattr(request.action, "size", None)
    assert size == plan.Size(plan.SizeUnit.SHARES, plan.Number(float(abs(quantity))))


def test_a_trail_opens_no_trade() -> None:
    with pytest.raises(ValueError, match="protects an open trade"):
        request_for(Order("AAPL", 1, TRAIL, trail_pct=0.02), {})


# ---- groups ----------------------------------------------------------------------------------------------------------


def bracket(entry: Order | None = None, stop: float = 145.5, target: float = 162.0, shares: int = 100) -> BracketGroup:
    entry = entry or Order("AAPL", shares, MARKET)
    return BracketGroup(
        entry,
        stop=Order("AAPL", -entry.quantity, STOP, stop_price=stop),
        target=Order("AAPL", -entry.quantity, LIMIT, limit_price=target),
        group_id="g1",
    )


def test_a_bracket_links_its_children_to_the_entry_and_to_each_other() -> None:
    group = bracket()
    assert group.stop is not None
    assert group.target is not None
    assert {child.parent_id for child in group.children} == {group.entry.order_id}
    assert {child.oca_group for child in group.children} == {"g1"}
    assert (group.stop.role, group.target.role) == ("stop", "target")
    assert [order.order_id for order in group] == list(group.order_ids)
    assert len(group) == 3
    assert not group.is_done


MAKERS: list[tuple[str, Callable[[], object]]] = [
    ("at least one order", lambda: OrderGroup([])),
    ("twice", lambda: OrderGroup([order := Order("AAPL", 1, MARKET), order])),
    ("at least two", lambda: OCOGroup([Order("AAPL", 1, MARKET)])),
    ("belongs to group", lambda: OCOGroup([Order("AAPL", 1, MARKET, oca_group="x"), Order("AAPL", 1, MARKET)])),
    ("a stop or a target", lambda: BracketGroup(Order("AAPL", 1, MARKET))),
    ("for MSFT", lambda: BracketGroup(Order("AAPL", 1, MARKET), Order("MSFT", -1, STOP, stop_price=1.0))),
    ("must close", lambda: BracketGroup(Order("AAPL", 2, MARKET), Order("AAPL", -1, STOP, stop_price=1.0))),
    ("must close", lambda: BracketGroup(Order("AAPL", 1, MARKET), Order("AAPL", 1, STOP, stop_price=1.0))),
    ("STOP, STOP_LIMIT or TRAIL", lambda: BracketGroup(Order("AAPL", 1, MARKET), Order("AAPL", -1, MARKET))),
    (
        "LIMIT order",
        lambda: BracketGroup(Order("AAPL", 1, MARKET), target=Order("AAPL", -1, STOP, stop_price=1.0)),
    ),
    ("must lie below", lambda: bracket(stop=170.0)),
    ("must lie above", lambda: bracket(shares=-100)),
    ("must lie below", lambda: bracket(Order("AAPL", 100, LIMIT, limit_price=145.0))),
]


@pytest.mark.parametrize(("message", "make"), MAKERS)
def test_a_group_that_makes_no_sense_is_refused(message: str, make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=message):
        make()


# ---- the manager before the exchange ---------------------------------------------------------------------------------


class Desk:
    """An order manager in front of a simulated exchange, and all that was told on its bus."""

    def __init__(self) -> None:
        self.broker = SimulatedBroker(AlwaysOpen(), SimulationSettings(fill=FillMode.STANDING))
        self.bus = EventBus()
        self.events: list[BaseEvent] = []
        self.bus.connect(OrderEvent, self.events.append)
        self.manager = OrderManager(self.bus, TWSConnection(self.broker))
        self.time = 1_767_625_200_000_000

    def price(self, value: float) -> None:
        self.time += 1_000_000
        for _ in self.broker.market(Price(self.time, "AAPL", value)):
            now(self.manager.receive())
        now(self.manager.receive())

    def told(self) -> list[str]:
        return [f"{type(event).__name__} {event.order_id}" for event in self.events if isinstance(event, OrderEvent)]


def test_a_market_order_fills_at_the_standing_price() -> None:
    desk = Desk()
    desk.price(150.0)
    order = now(desk.manager.create_and_submit_order("AAPL", 100, order_id="a"))
    assert status_of(order) is OrderStatus.FILLED
    assert order.execution_details["filled"] == 100
    assert order.execution_details["average_price"] == 150.0
    assert desk.told() == ["OrderCreatedEvent a", "OrderSubmittedEvent a", "FillEvent a", "OrderFilledEvent a"]
    fill = next(event for event in desk.events if isinstance(event, FillEvent))
    assert (fill.side, fill.quantity, fill.price) == ("BUY", 100, 150.0)


def test_a_limit_order_is_submitted_later_and_fills_when_the_price_reaches_it() -> None:
    desk = Desk()
    desk.price(150.0)
    order = now(desk.manager.create_order("AAPL", 25, order_type=LIMIT, limit_price=149.0, order_id="a"))
    assert desk.told() == ["OrderCreatedEvent a"]
    now(desk.manager.submit_order("a"))
    assert status_of(order) is OrderStatus.WORKING
    desk.price(148.5)
    assert status_of(order) is OrderStatus.FILLED
    assert order.execution_details["average_price"] == 148.5


def test_a_working_order_is_cancelled_with_its_reason() -> None:
    desk = Desk()
    desk.price(150.0)
    now(desk.manager.create_and_submit_order("AAPL", 25, order_type=LIMIT, limit_price=140.0, order_id="a"))
    now(desk.manager.cancel_order("a", reason="changed my mind"))
    now(desk.manager.cancel_order("a"))
    assert desk.manager.orders["a"].status is OrderStatus.CANCELLED
    cancelled = desk.events[-1]
    assert isinstance(cancelled, OrderCancelledEvent)
    assert (cancelled.reason, cancelled.filled) == ("changed my mind", 0)
    assert len(desk.events) == 3


def test_an_order_that_never_left_is_just_dropped() -> None:
    desk = Desk()
    now(desk.manager.create_order("AAPL", 25, order_id="a"))
    now(desk.manager.cancel_order("a"))
    assert desk.told() == ["OrderCreatedEvent a", "OrderCancelledEvent a"]
    with pytest.raises(ValueError, match="submitted before"):
        now(desk.manager.submit_order("a"))


def test_orders_that_are_unknown_or_used_twice_are_errors() -> None:
    desk = Desk()
    now(desk.manager.create_and_submit_order("AAPL", 25, order_id="a"))
    with pytest.raises(ValueError, match="an order a already"):
        now(desk.manager.create_order("AAPL", 25, order_id="a"))
    with pytest.raises(ValueError, match="submitted before"):
        now(desk.manager.submit_order("a"))
    for call in (desk.manager.submit_order("b"), desk.manager.cancel_order("b")):
        with pytest.raises(ValueError, match="no order 'b'"):
            now(call)
    with pytest.raises(TypeError, match="limit"):
        now(desk.manager.create_order("AAPL", 25, limit=1.0))


@pytest.mark.parametrize(("price", "filled", "cancelled"), [(145.0, "stop", "target"), (163.0, "target", "stop")])
def test_a_bracket_leaves_whole_and_one_child_ends_the_other(price: float, filled: str, cancelled: str) -> None:
    desk = Desk()
    desk.price(150.0)
    group = bracket()
    now(desk.manager.submit_group(group))
    assert [order.status for order in group] == [OrderStatus.FILLED, OrderStatus.WORKING, OrderStatus.WORKING]
    desk.price(price)
    by_role = {order.role: order.status for order in group}
    assert by_role == {"main": OrderStatus.FILLED, filled: OrderStatus.FILLED, cancelled: OrderStatus.CANCELLED}
    assert group.is_done


def test_of_an_oco_group_one_cancels_the_other() -> None:
    desk = Desk()
    desk.price(150.0)
    group = OCOGroup(
        [
            Order("AAPL", 10, LIMIT, "low", limit_price=145.0),
            Order("AAPL", 10, STOP, "high", stop_price=155.0),
        ]
    )
    now(desk.manager.submit_group(group))
    desk.price(156.0)
    assert {order.order_id: order.status for order in group} == {
        "low": OrderStatus.CANCELLED,
        "high": OrderStatus.FILLED,
    }
    with pytest.raises(ValueError, match="submitted before"):
        now(desk.manager.submit_group(group))


# ---- the manager and a broker's ugly realities -----------------------------------------------------------------------


class Wire:
    """A broker that says what it was told to say."""

    def __init__(self) -> None:
        self.sent: list[Command] = []
        self.waiting: list[Message] = []

    def send(self, commands: Iterable[Command]) -> None:
        self.sent.extend(commands)

    def take(self) -> list[Message]:
        messages, self.waiting = self.waiting, []
        return messages


def fill(number: str, quantity: int, price: int = 150_000_000) -> Execution:
    return Execution(number, "a", "AAPL", OrderSide.BUY, quantity, price, commission=350_000)


def update(status: WireStatus, filled: int = 0) -> OrderUpdate:
    return OrderUpdate("a", status, 100, filled)


@pytest.mark.parametrize(
    ("messages", "status", "told"),
    [
        ([fill("1.01", 100)], OrderStatus.FILLED, [FillEvent, OrderFilledEvent]),
        ([fill("1.01", 40), fill("1.01", 40)], OrderStatus.PARTIALLY_FILLED, [FillEvent]),
        ([fill("1.01", 40), fill("1.02", 50)], OrderStatus.PARTIALLY_FILLED, [FillEvent, FillEvent]),
        (
            [fill("1.01", 40), fill("2.01", 60)],
            OrderStatus.FILLED,
            [FillEvent, FillEvent, OrderFilledEvent],
        ),
        ([OrderRejected("a", 201, "margin")], OrderStatus.REJECTED, [OrderRejectedEvent]),
        ([update(WireStatus.SUBMITTED), update(WireStatus.SUBMITTED)], OrderStatus.WORKING, []),
        ([update(WireStatus.EXPIRED)], OrderStatus.EXPIRED, [OrderCancelledEvent]),
        ([update(WireStatus.INACTIVE)], OrderStatus.SUSPECT, []),
        ([update(WireStatus.INACTIVE), update(WireStatus.SUBMITTED)], OrderStatus.WORKING, []),
        ([CancelRejected("a", 10148, "too late")], OrderStatus.UNKNOWN, []),
        ([OrderMissing("a")], OrderStatus.CANCELLED, [OrderCancelledEvent]),
        ([update(WireStatus.CANCELLED), fill("1.01", 100)], OrderStatus.FILLED, [OrderCancelledEvent, FillEvent]),
        ([update(WireStatus.CANCELLED), update(WireStatus.CANCELLED)], OrderStatus.CANCELLED, [OrderCancelledEvent]),
    ],
)
def test_what_the_broker_says_is_followed_and_told_once(
    messages: list[Message], status: OrderStatus, told: list[type[BaseEvent]]
) -> None:
    wire, bus = Wire(), EventBus()
    events: list[BaseEvent] = []
    manager = OrderManager(bus, TWSConnection(wire))
    now(manager.create_and_submit_order("AAPL", 100, order_id="a"))
    bus.connect(OrderEvent, events.append)
    wire.waiting = messages
    now(manager.receive())
    assert manager.orders["a"].status is status
    assert [type(event) for event in events] == told


def test_an_order_nobody_is_sure_about_is_asked_about() -> None:
    wire = Wire()
    manager = OrderManager(EventBus(), TWSConnection(wire))
    now(manager.create_and_submit_order("AAPL", 100, order_id="a"))
    wire.waiting = [CancelRejected("a", 10148, "too late")]
    now(manager.receive())
    assert wire.sent[-1] == AskOrder("a")


def test_details_hold_the_average_price_and_the_commission() -> None:
    wire = Wire()
    manager = OrderManager(EventBus(), TWSConnection(wire))
    now(manager.create_and_submit_order("AAPL", 100, order_id="a"))
    wire.waiting = [fill("1.01", 50, 150_000_000), fill("2.01", 50, 151_000_000)]
    now(manager.receive())
    details = manager.orders["a"].execution_details
    assert (details["filled"], details["average_price"], details["commission"]) == (100, 150.5, 0.7)


def test_a_message_about_no_order_of_ours_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    wire = Wire()
    manager = OrderManager(EventBus(), TWSConnection(wire))
    wire.waiting = [OrderMissing("b")]
    now(manager.receive())
    assert "OrderMissing(order_id='b', conclusive=True)" in caplog.text


def test_the_events_name_what_the_order_is() -> None:
    bus = EventBus()
    events: list[BaseEvent] = []
    bus.connect(OrderEvent, events.append)
    now(OrderManager(bus, TWSConnection()).create_and_submit_order("AAPL", -50, order_id="a", role="hedge"))
    assert events == [
        kind(order_id="a", symbol="AAPL", quantity=50, side="SELL", order_type="MARKET", role="hedge")
        for kind in (OrderCreatedEvent, OrderSubmittedEvent)
    ]
