"""The linked actions: what each asks the runtime for, and the linked-order context."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import pytest

from rulec.dsl import plan
from rulec.dsl.plan import (
    Distance,
    DistanceUnit,
    DoubleDown,
    Enter,
    Exit,
    Indicator,
    Money,
    MoveStop,
    Number,
    Percent,
    PlaceOrder,
    Pricing,
    PricingKind,
    Product,
    Protection,
    ScaleIn,
    Side,
    Size,
    SizeUnit,
    Symbol,
    Target,
    Text,
    Trail,
    TrailStop,
)
from rulec.runtime.broker import TWSConnection
from rulec.runtime.context import NoRuntimeError, running
from rulec.runtime.core.records import Outcome
from rulec.runtime.event.api import PredictionSignalEvent
from rulec.runtime.event.base import BaseEvent
from rulec.runtime.event.bus import EventBus
from rulec.runtime.event.order import FillEvent, OrderFilledEvent
from rulec.runtime.order.base import Order, OrderStatus, OrderType
from rulec.runtime.order.group import BracketGroup, OCOGroup
from rulec.runtime.order.manager import OrderManager
from rulec.runtime.position import TradeTracker
from rulec.runtime.rule.linked_order_actions import (
    LinkedAction,
    LinkedCloseAllAction,
    LinkedCreateOrderAction,
    LinkedDoubleDownAction,
    LinkedOrderConclusionManager,
    LinkedOrderManager,
    LinkedScaleInAction,
)
from rulec.tests.seed.ports import Port

T = TypeVar("T")
SIGNAL = PredictionSignalEvent(symbol="AAPL", signal="BUY", confidence=0.9)
AAPL = Symbol("AAPL")
HUNDRED = Size(SizeUnit.SHARES, Number(100.0))
ATR = Indicator("atr", (14.0,))


def now(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(coroutine)


def pct(fraction: float) -> Distance:
    return Distance(DistanceUnit.PERCENT, Percent(fraction))


def create(**changes: Any) -> LinkedCreateOrderAction:
    return LinkedCreateOrderAction(**{"symbol": "AAPL", "quantity": 100, "side": "BUY", **changes})


# ---- what each action is ---------------------------------------------------------------------------------------------

ACTIONS: list[tuple[LinkedAction, plan.Action]] = [
    (create(), Enter(Side.LONG, HUNDRED, AAPL)),
    (create(side="SELL"), Enter(Side.SHORT, HUNDRED, AAPL)),
    (
        create(stop_loss_pct=0.03, take_profit_pct=0.08),
        Enter(Side.LONG, HUNDRED, AAPL, protection=Protection(stop=pct(0.03), targets=(Target(pct(0.08)),))),
    ),
    (create(stop_loss_pct=0.03, take_profit_pct=0.08, auto_create_stops=False), Enter(Side.LONG, HUNDRED, AAPL)),
    (
        create(atr_stop_multiplier=6.0, atr_target_multiplier=4),
        Enter(
            Side.LONG,
            HUNDRED,
            AAPL,
            protection=Protection(
                stop=Distance(DistanceUnit.AMOUNT, Product((("*", Number(6.0)), ("*", ATR)))),
                targets=(Target(Distance(DistanceUnit.AMOUNT, Product((("*", Number(4.0)), ("*", ATR))))),),
            ),
        ),
    ),
    (create(trail_pct=0.02), Enter(Side.LONG, HUNDRED, AAPL, protection=Protection(trail=Trail(pct(0.02))))),
    (
        create(order_type=OrderType.LIMIT, limit_price=150.5),
        Enter(Side.LONG, HUNDRED, AAPL, Pricing(PricingKind.LIMIT, limit=Money(150.5))),
    ),
    (
        create(order_type=OrderType.STOP_LIMIT, limit_price=151, stop_price=150.5),
        Enter(Side.LONG, HUNDRED, AAPL, Pricing(PricingKind.STOP_LIMIT, Money(151.0), Money(150.5))),
    ),
    (
        create(symbol=None, quantity=Size(SizeUnit.ALLOCATION, Money(30_000.0))),
        Enter(Side.LONG, Size(SizeUnit.ALLOCATION, Money(30_000.0))),
    ),
    (create(link_type="stop", order_type=OrderType.TRAIL, trail_pct=0.02), TrailStop(pct(0.02), AAPL)),
    (create(link_type="stop", order_type=OrderType.TRAIL, stop_loss_pct=0.03), TrailStop(pct(0.03), AAPL)),
    (
        create(link_type="stop", order_type=OrderType.STOP, stop_price=148.0),
        MoveStop(Distance(DistanceUnit.PRICE, Money(148.0)), AAPL),
    ),
    (
        create(link_type="hedge", side="SELL", order_type=OrderType.LIMIT, limit_price=160.0),
        PlaceOrder(Side.SHORT, HUNDRED, Pricing(PricingKind.LIMIT, limit=Money(160.0)), "hedge", AAPL),
    ),
    (LinkedScaleInAction("AAPL", 100, 0.02), ScaleIn(HUNDRED, pct(0.02))),
    (LinkedScaleInAction("AAPL", 100, at_most=3), ScaleIn(HUNDRED, None, 3)),
    (LinkedDoubleDownAction("AAPL", 100, loss_pct=0.02), DoubleDown(HUNDRED, at_loss=pct(0.02))),
    (LinkedDoubleDownAction("AAPL", 100, to_stop_pct=0.5), DoubleDown(HUNDRED, to_stop=Percent(0.5))),
    (LinkedCloseAllAction("AAPL", "enough"), Exit(symbol=AAPL, because=Text(("enough",)))),
    (LinkedCloseAllAction("AAPL"), Exit(symbol=AAPL)),
]


@pytest.mark.parametrize(("action", "node"), ACTIONS, ids=lambda case: type(case).__name__)
def test_an_action_is_the_record_that_the_compiler_would_have_made(action: LinkedAction, node: plan.Action) -> None:
    assert action.node == node
    port = Port()
    with running(port):
        outcome = now(action.execute({"event": SIGNAL, "rule": "r1", "action_index": 2}))
    assert outcome.outcome is Outcome.ACTED
    (request,) = port.requests
    assert (request.action, request.symbol, request.rule, request.index) == (node, "AAPL", "r1", 2)
    assert request.event is SIGNAL


def test_functions_of_the_context_are_called_at_each_execution() -> None:
    action = LinkedCreateOrderAction(
        symbol=lambda ctx: ctx["event"].symbol,
        quantity=lambda ctx: 50 if ctx["event"].confidence > 0.8 else 10,
        side=lambda ctx: "SELL" if ctx["event"].signal == "SHORT" else "BUY",
        stop_loss_pct=lambda ctx: 0.05,
    )
    assert action.node is None
    port = Port()
    with running(port):
        now(action.execute({"event": SIGNAL}))
        now(action.execute({"event": PredictionSignalEvent(symbol="MSFT", signal="SHORT", confidence=0.5)}))
    first, second = (request.action for request in port.requests)
    protection = Protection(stop=pct(0.05))
    assert first == Enter(Side.LONG, Size(SizeUnit.SHARES, Number(50.0)), AAPL, protection=protection)
    assert second == Enter(Side.SHORT, Size(SizeUnit.SHARES, Number(10.0)), Symbol("MSFT"), protection=protection)


def test_writing_to_the_context_in_a_function_changes_no_trade() -> None:
    context: dict[str, Any] = {"event": SIGNAL, "AAPL": {"side": "BUY", "stop_orders": ["s1"]}}

    def meddle(ctx: dict[str, Any]) -> str:
        ctx["AAPL"]["side"] = "SELL"
        ctx["AAPL"]["stop_orders"].clear()
        ctx["MSFT"] = {}
        return "AAPL"

    with running(Port()):
        now(LinkedCloseAllAction(meddle).execute(context))
    assert context == {"event": SIGNAL, "AAPL": {"side": "BUY", "stop_orders": ["s1"]}}


def test_the_symbol_of_a_scale_in_is_its_own_or_the_events() -> None:
    port = Port()
    with running(port):
        now(LinkedScaleInAction("MSFT", 10).execute({"event": SIGNAL}))
        now(LinkedScaleInAction(None, 10).execute({"event": SIGNAL}))
        now(LinkedScaleInAction(lambda ctx: "TSLA", 10).execute({"event": SIGNAL}))
    assert [request.symbol for request in port.requests] == ["MSFT", "AAPL", "TSLA"]


WRONG: list[tuple[str, Callable[[], object]]] = [
    ("'BUY' or 'SELL'", lambda: create(side="LONG")),
    ("'BUY' or 'SELL'", lambda: create(side=1)),
    ("above 0", lambda: create(quantity=0)),
    ("above 0", lambda: create(quantity=-100)),
    ("whole number", lambda: create(quantity=1.5)),
    ("whole number", lambda: create(quantity=True)),
    ("not a symbol", lambda: create(symbol="")),
    ("3% is 0.03", lambda: create(stop_loss_pct=3)),
    ("number above 0", lambda: create(take_profit_pct=-0.08)),
    ("number above 0", lambda: create(stop_loss_pct="3%")),
    ("not both", lambda: create(stop_loss_pct=0.03, atr_stop_multiplier=6)),
    ("not both", lambda: create(take_profit_pct=0.03, atr_target_multiplier=6)),
    ("needs its limit_price", lambda: create(order_type=OrderType.LIMIT)),
    ("has no limit_price", lambda: create(limit_price=150.0)),
    ("has no stop_price", lambda: create(stop_price=150.0)),
    ("protects an open trade", lambda: create(order_type=OrderType.TRAIL, trail_pct=0.02)),
    ("STOP or TRAIL", lambda: create(link_type="stop")),
    ("needs its stop_price", lambda: create(link_type="stop", order_type=OrderType.STOP)),
    ("link_type is a name", lambda: create(link_type="my hedge")),
    ("give one of them", lambda: LinkedDoubleDownAction("AAPL", 100)),
    ("give one of them", lambda: LinkedDoubleDownAction("AAPL", 100, 0.02, 0.5)),
    ("below 1", lambda: LinkedDoubleDownAction("AAPL", 100, to_stop_pct=1.0)),
    ("at least 1", lambda: LinkedScaleInAction("AAPL", 100, 0.02, at_most=0)),
    ("above 0", lambda: LinkedScaleInAction("AAPL", 0, 0.02)),
]


@pytest.mark.parametrize(("message", "make"), WRONG)
def test_what_makes_no_order_is_refused_when_it_is_written(message: str, make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_what_a_function_answers_is_checked_when_it_is_called() -> None:
    with running(Port()):
        with pytest.raises(ValueError, match="'BUY' or 'SELL'"):
            now(create(side=lambda ctx: "HOLD").execute({"event": SIGNAL}))
        with pytest.raises(ValueError, match="trail_pct or stop_loss_pct"):
            now(create(link_type="stop", order_type=OrderType.TRAIL).execute({"event": SIGNAL}))


def test_a_coroutine_function_cannot_answer_within_a_step() -> None:
    async def later(ctx: dict[str, Any]) -> int:
        return 100

    with running(Port()), pytest.raises(TypeError, match="answer at once"):
        now(create(quantity=later).execute({"event": SIGNAL}))


def test_outside_a_runtime_nothing_is_traded() -> None:
    with pytest.raises(NoRuntimeError, match=r"Runtime\(rules, broker\)"):
        now(create().execute({"event": SIGNAL}))


def test_actions_that_ask_for_the_same_are_equal() -> None:
    assert create(stop_loss_pct=0.03) == create(stop_loss_pct=0.03)
    assert hash(create(stop_loss_pct=0.03)) == hash(create(stop_loss_pct=0.03))
    assert create(stop_loss_pct=0.03) != create(stop_loss_pct=0.04)
    assert create(quantity=lambda ctx: 1) != create(quantity=lambda ctx: 1)
    assert LinkedScaleInAction("AAPL", 1) != LinkedScaleInAction("MSFT", 1)
    assert LinkedScaleInAction("AAPL", 1) != LinkedDoubleDownAction("AAPL", 1, 0.02)
    assert create() != "create"
    assert "stop_loss_pct=0.03" in repr(create(stop_loss_pct=0.03))


@pytest.mark.parametrize(("action", "node"), ACTIONS, ids=lambda case: type(case).__name__)
def test_from_a_plan_comes_the_same_action(action: LinkedAction, node: plan.Action) -> None:
    built = type(action).from_plan(node)
    assert built.node == action.node
    assert "from_plan" in repr(built)
    if hasattr(node, "symbol"):
        assert built == action


# ---- orders made by hand, within a runtime ---------------------------------------------------------------------------


def test_an_order_made_within_a_runtime_takes_its_ids_and_its_way() -> None:
    port = Port()
    with running(port):
        order = Order("AAPL", 100, OrderType.MARKET)
        now(order.submit())
        with pytest.raises(ValueError, match="submitted before"):
            now(order.submit())
        now(order.cancel())
    assert order.order_id == "run-1"
    assert order.status is OrderStatus.SUBMITTED
    assert order.broker_orders == ("run-enter",)
    assert port.cancelled == [("run-enter", "manual")]
    assert isinstance(port.requests[0].action, Enter)


def test_an_order_that_a_limit_refuses_is_rejected_with_the_reason() -> None:
    port = Port(Outcome.REFUSED)
    with running(port):
        order = Order("AAPL", 100, OrderType.MARKET)
        now(order.submit())
    assert order.status is OrderStatus.REJECTED
    assert order.execution_details["reason"] == "as told"


def test_within_a_runtime_the_manager_sends_nothing_past_it() -> None:
    port = Port()
    manager = OrderManager(port.event_bus, TWSConnection())
    seen: list[OrderStatus] = []
    with running(port):
        order = now(manager.create_and_submit_order("AAPL", 100, order_id="a"))
        seen.append(order.status)
        port.event_bus.publish(FillEvent(order_id="run-enter", symbol="AAPL", quantity=60, price=150.0))
        now(port.event_bus.drain())
        seen.append(order.status)
        now(manager.cancel_order("a", reason="enough"))
        port.event_bus.publish(FillEvent(order_id="run-enter", symbol="AAPL", quantity=40, price=150.0))
        now(port.event_bus.drain())
    assert seen == [OrderStatus.SUBMITTED, OrderStatus.PARTIALLY_FILLED]
    assert order.status is OrderStatus.FILLED
    assert port.cancelled == [("run-enter", "enough")]
    assert manager.tws_connection.take() == []


def test_within_a_runtime_a_bracket_is_an_entry_with_exact_prices() -> None:
    port = Port()
    manager = OrderManager(port.event_bus, TWSConnection())
    group = BracketGroup(
        Order("AAPL", -10, OrderType.LIMIT, limit_price=150.0),
        stop=Order("AAPL", 10, OrderType.STOP, stop_price=155.0),
        target=Order("AAPL", 10, OrderType.LIMIT, limit_price=140.0),
    )
    with running(port):
        now(manager.submit_group(group))
        pair = OCOGroup([Order("AAPL", 1, OrderType.LIMIT, limit_price=price) for price in (1.0, 2.0)])
        with pytest.raises(ValueError, match="only a bracket"):
            now(manager.submit_group(pair))
    (request,) = port.requests
    assert request.action == Enter(
        Side.SHORT,
        Size(SizeUnit.SHARES, Number(10.0)),
        AAPL,
        Pricing(PricingKind.LIMIT, limit=Money(150.0)),
        Protection(
            stop=Distance(DistanceUnit.PRICE, Money(155.0)),
            targets=(Target(Distance(DistanceUnit.PRICE, Money(140.0))),),
        ),
    )
    assert {order.status for order in group} == {OrderStatus.SUBMITTED}


# ---- the context -----------------------------------------------------------------------------------------------------


def test_a_group_is_created_once_with_the_keys_of_the_document() -> None:
    context: dict[str, Any] = {}
    group = LinkedOrderManager.get_order_group(context, "AAPL", "BUY")
    assert group is context["AAPL"] is LinkedOrderManager.get_order_group(context, "AAPL", "BUY")
    assert group == {
        "side": "BUY",
        "main_orders": [],
        "stop_orders": [],
        "target_orders": [],
        "scale_orders": [],
        "doubledown_orders": [],
        "quantity": 0,
        "entry_price": None,
        "atr_stop_multiplier": None,
        "status": "active",
    }


@pytest.mark.parametrize("role", ["main", "stop", "target", "scale", "doubledown", "hedge", "trail", "bracket"])
def test_an_order_of_any_role_is_kept_under_its_name(role: str) -> None:
    context: dict[str, Any] = {}
    LinkedOrderManager.add_order(context, "AAPL", "1", role, "SELL")
    LinkedOrderManager.add_order(context, "AAPL", "2", role, "SELL")
    LinkedOrderManager.add_order(context, "AAPL", "1", role, "SELL")
    assert context["AAPL"][f"{role}_orders"] == ["1", "2"]
    assert context["AAPL"]["side"] == "SELL"


def test_long_and_short_orders_of_one_symbol_are_never_mixed() -> None:
    context: dict[str, Any] = {}
    LinkedOrderManager.add_order(context, "AAPL", "1", "main", "BUY")
    LinkedOrderManager.add_order(context, "MSFT", "2", "main", "SELL")
    with pytest.raises(ValueError, match="active BUY trade"):
        LinkedOrderManager.add_order(context, "AAPL", "3", "main", "SELL")
    with pytest.raises(ValueError, match="'BUY' or 'SELL'"):
        LinkedOrderManager.get_order_group(context, "TSLA", "LONG")
    with pytest.raises(ValueError, match="type is a name"):
        LinkedOrderManager.add_order(context, "AAPL", "3", "my hedge", "BUY")
    assert set(context) == {"AAPL", "MSFT"}


@pytest.mark.parametrize(
    ("context", "side"),
    [({}, None), ({"AAPL": {"side": "SELL", "status": "active"}}, "SELL"), ({"AAPL": {"status": "closed"}}, None)],
)
def test_the_side_of_the_active_position_is_found(context: dict[str, Any], side: str | None) -> None:
    assert now(LinkedOrderManager.find_active_position_side(context, "AAPL")) == side


def test_a_closed_group_makes_way_for_a_fresh_one() -> None:
    context = {"AAPL": {"side": "SELL", "status": "closed", "main_orders": ["old"]}}
    assert LinkedOrderManager.get_order_group(context, "AAPL", "BUY")["main_orders"] == []


# ---- conclusions -----------------------------------------------------------------------------------------------------


def fill(order_id: str, quantity: int) -> FillEvent:
    return FillEvent(order_id=order_id, symbol="AAPL", quantity=quantity, price=145.5)


def filled(order_id: str, quantity: int = 100) -> OrderFilledEvent:
    return OrderFilledEvent(order_id=order_id, symbol="AAPL", quantity=quantity)


@pytest.mark.parametrize(
    ("quantity", "events", "concluded"),
    [
        (0, [filled("main1")], False),
        (0, [filled("stop1")], True),
        (0, [filled("target1")], True),
        (0, [fill("stop1", 100)], False),
        (0, [fill("stop1", 100), filled("stop1")], True),
        (100, [fill("stop1", 60)], False),
        (100, [fill("stop1", 60), fill("stop1", 40)], True),
        (100, [fill("stop1", 60), filled("stop1", 100)], True),
        (100, [filled("target1", 50)], False),
        (100, [filled("target1", 50), fill("stop1", 50)], True),
        (100, [fill("target1", 50), filled("target1", 50)], False),
        (100, [OrderFilledEvent(order_id="stop1", symbol="MSFT", quantity=100)], False),
    ],
)
def test_a_trade_concludes_with_its_last_share(quantity: int, events: list[BaseEvent], concluded: bool) -> None:
    context: dict[str, Any] = {}
    for role in ("main", "stop", "target"):
        LinkedOrderManager.add_order(context, "AAPL", f"{role}1", role, "BUY")
    context["AAPL"]["quantity"] = quantity
    port = Port()
    with running(port):
        TradeTracker().start_trade("AAPL", "BUY")
        manager = LinkedOrderConclusionManager(context)
        for event in events:
            now(manager.on_order_fill(event))
    assert ("AAPL" not in context) is concluded
    assert port.trade_tracker.has_active_trade("AAPL") is not concluded


def test_a_conclusion_cancels_the_orders_that_are_left() -> None:
    orders = OrderManager(EventBus(), TWSConnection())
    context: dict[str, Any] = {}
    for role, order_type, price in (("stop", OrderType.STOP, 145.5), ("target", OrderType.LIMIT, 162.0)):
        terms = {"stop_price": price} if order_type is OrderType.STOP else {"limit_price": price}
        now(orders.create_order("AAPL", -100, order_id=role, order_type=order_type, role=role, **terms))
        LinkedOrderManager.add_order(context, "AAPL", role, role, "BUY")
    now(LinkedOrderConclusionManager(context, orders).on_order_fill(filled("stop")))
    assert context == {}
    assert orders.orders["target"].status is OrderStatus.CANCELLED
    assert orders.orders["target"].execution_details["cancel_reason"] == "AAPL concluded"


def test_events_that_are_no_fills_conclude_nothing() -> None:
    manager = LinkedOrderConclusionManager()
    now(manager.on_order_fill(SIGNAL))
    now(manager.on_order_fill(filled("stop1")))
    assert manager.context == {}
