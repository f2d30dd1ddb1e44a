"""Rules and their engine, rules built from a plan, and the bridge between records and events."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

import pytest

from rulec.dsl import plan
from rulec.runtime.broker.port import OrderSide, OrderType
from rulec.runtime.context import current_runtime, find_runtime, new_id, running
from rulec.runtime.core.records import (
    ActionOutcome,
    FillRecord,
    Notice,
    OrderRecord,
    OrderState,
    Outcome,
    PositionChange,
    PositionRecord,
    Record,
)
from rulec.runtime.event.api import PredictionSignalEvent
from rulec.runtime.event.base import BaseEvent
from rulec.runtime.event.bus import EventBus
from rulec.runtime.event.happenings import ClockTick, Started
from rulec.runtime.event.inputs import Bar, BrokerLink, Fault, LinkEvent, Price, Quote, Signal
from rulec.runtime.event.market import BarEvent, PriceEvent, QuoteEvent, VolumeEvent
from rulec.runtime.event.order import (
    FillEvent,
    OrderCancelledEvent,
    OrderCreatedEvent,
    OrderFilledEvent,
    OrderRejectedEvent,
    OrderSubmittedEvent,
)
from rulec.runtime.event.position import PositionCloseEvent, PositionOpenEvent, PositionUpdateEvent
from rulec.runtime.event.system import ClockEvent, ConnectionEvent, StartEvent
from rulec.runtime.rule import UNKNOWN, Action, ActionList, Condition, Rule, RuleEngine
from rulec.runtime.rule.action import PlanAction, complete_now
from rulec.runtime.rule.bridge import events_of_input, events_of_record, input_of
from rulec.runtime.rule.build import build_rule, build_rules
from rulec.runtime.rule.condition import EventCondition, MarketCondition, PlanCondition, TimeCondition
from rulec.runtime.rule.engine import context_for
from rulec.runtime.rule.linked_order_actions import (
    LinkedCloseAllAction,
    LinkedCreateOrderAction,
    LinkedDoubleDownAction,
    LinkedScaleInAction,
)
from rulec.runtime.rule.truth import TernaryValue
from rulec.tests.seed.ports import Port

T = TypeVar("T")
SIGNAL = PredictionSignalEvent(symbol="AAPL", signal="BUY", confidence=0.9)
ON_BUY = EventCondition(PredictionSignalEvent, {"signal": "BUY", "confidence": lambda c: c > 0.8})


def now(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(coroutine)


class Note(Action):
    """Writes down that it was done."""

    def __init__(self, notes: list[str], text: str, result: Any = None, error: Exception | None = None) -> None:
        self.notes = notes
        self.text = text
        self.result = result
        self.error = error

    async def execute(self, context: Mapping[str, Any]) -> Any:
        self.notes.append(self.text)
        if self.error is not None:
            raise self.error
        return self.result


def outcome(kind: Outcome) -> ActionOutcome:
    return ActionOutcome("note", kind)


# ---- the engine on a free bus ----------------------------------------------------------------------------------------


def test_rules_run_by_priority_then_as_registered_and_only_where_they_are_true() -> None:
    notes: list[str] = []
    bus = EventBus()
    engine = RuleEngine(bus)
    for name, priority, enabled, condition in [
        ("low", -1, True, ON_BUY),
        ("first", 0, True, ON_BUY),
        ("second", 0, True, ON_BUY),
        ("high", 5, True, ON_BUY),
        ("off", 9, False, ON_BUY),
        ("never", 9, True, EventCondition(PredictionSignalEvent, {"signal": "SELL"})),
        ("price", 9, True, EventCondition(PriceEvent)),
    ]:
        engine.register_rule(Rule(name, name, condition, Note(notes, name), priority=priority, enabled=enabled))
    now(bus.emit(SIGNAL))
    assert notes == ["high", "first", "second", "low"]
    assert [rule.rule_id for rule in engine.rules] == ["off", "never", "price", "high", "first", "second", "low"]


def test_an_unregistered_rule_rests_and_the_engine_leaves_the_bus() -> None:
    notes: list[str] = []
    bus = EventBus()
    engine = RuleEngine(bus)
    one, two = (Rule(name, name, ON_BUY, Note(notes, name)) for name in ("one", "two"))
    engine.register_rule(one)
    engine.register_rule(two)
    engine.unregister_rule("one")
    now(bus.emit(SIGNAL))
    engine.unregister_rule(two)
    now(bus.emit(SIGNAL))
    assert notes == ["two"]
    assert not bus.has_handlers
    with pytest.raises(ValueError, match="no rule 'one'"):
        engine.unregister_rule("one")


def test_what_is_no_rule_or_has_a_taken_id_is_refused() -> None:
    engine = RuleEngine(EventBus())
    engine.register_rule(Rule("one", "One", ON_BUY, Note([], "")))
    with pytest.raises(ValueError, match="'one' already"):
        engine.register_rule(Rule("one", "Other", ON_BUY, Note([], "")))
    with pytest.raises(TypeError, match="not a rule"):
        engine.register_rule("one")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="needs an id"):
        Rule("", "x", ON_BUY, Note([], ""))
    with pytest.raises(TypeError, match="not a condition"):
        Rule("x", "x", lambda ctx: True, Note([], ""))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="not an action"):
        Rule("x", "x", ON_BUY, [print])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="at least one"):
        Rule("x", "x", ON_BUY, [])


def test_every_rule_is_given_a_context_of_its_own() -> None:
    seen: list[Any] = []

    class Meddle(Action):
        async def execute(self, context: Mapping[str, Any]) -> None:
            seen.append(dict(context["AAPL"]))
            context["AAPL"]["side"] = "SELL"
            context["AAPL"]["stop_orders"].append("s2")

    own = {"AAPL": {"side": "BUY", "stop_orders": ["s1"]}, "desk": "east"}
    engine = RuleEngine(EventBus(), own)
    for name in ("one", "two"):
        engine.register_rule(Rule(name, name, ON_BUY, Meddle()))
    now(engine.handle(SIGNAL))
    assert own == {"AAPL": {"side": "BUY", "stop_orders": ["s1"]}, "desk": "east"}
    assert seen[1]["side"] == "BUY"


# ---- what becomes of a rule ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "kinds"),
    [
        (None, [Outcome.ACTED, Outcome.ACTED]),
        (outcome(Outcome.ARMED), [Outcome.ARMED, Outcome.ACTED]),
        (outcome(Outcome.REVERSED), [Outcome.REVERSED, Outcome.ACTED]),
        (outcome(Outcome.IGNORED), [Outcome.IGNORED]),
        (outcome(Outcome.REFUSED), [Outcome.REFUSED]),
        (outcome(Outcome.SKIPPED), [Outcome.SKIPPED]),
        ((outcome(Outcome.ACTED), outcome(Outcome.FAILED)), [Outcome.ACTED, Outcome.FAILED]),
    ],
)
def test_after_an_action_that_did_nothing_the_rest_is_not_done(result: Any, kinds: list[Outcome]) -> None:
    notes: list[str] = []
    rule = Rule("one", "One", ON_BUY, [Note(notes, "first", result), Note(notes, "second")])
    run = rule.run_now({"event": SIGNAL})
    assert [done.outcome for done in run.outcomes] == kinds
    assert run.outcome is kinds[0]
    assert ("second" in notes) is (kinds[-1] is Outcome.ACTED)


def test_an_action_that_raises_fails_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    notes: list[str] = []
    actions = [Note(notes, "first", error=LookupError("no such book")), Note(notes, "second")]
    with caplog.at_level(logging.ERROR):
        run = Rule("one", "One", ON_BUY, actions).run_now({"event": SIGNAL})
    assert run.outcome is Outcome.FAILED
    assert run.outcomes[0].reason == "LookupError: no such book"
    assert notes == ["first"]
    assert "rule one" in caplog.text


def test_a_condition_that_raises_fails_its_rule_and_no_other(caplog: pytest.LogCaptureFixture) -> None:
    notes: list[str] = []
    engine = RuleEngine(EventBus())
    broken = EventCondition(PredictionSignalEvent, {"confidence": lambda c: c["high"]})
    engine.register_rule(Rule("broken", "Broken", broken, Note(notes, "broken")))
    engine.register_rule(Rule("sound", "Sound", ON_BUY, Note(notes, "sound")))
    with caplog.at_level(logging.ERROR):
        runs = now(engine.handle(SIGNAL))
    assert [(run.rule.rule_id, run.outcome) for run in runs] == [
        ("broken", Outcome.FAILED),
        ("sound", Outcome.ACTED),
    ]
    assert runs[0].reason is not None
    assert runs[0].reason.startswith("TypeError")
    assert notes == ["sound"]
    assert "condition of rule broken" in caplog.text


def test_a_rule_whose_condition_is_unknown_is_skipped_and_says_what_was_missing() -> None:
    rule = Rule("one", "One", ON_BUY, Note([], "never"))
    run = rule.run_now({"event": PredictionSignalEvent(symbol="AAPL", signal="BUY", confidence=None)})
    assert (run.answer, run.outcome, run.reason) == (UNKNOWN, Outcome.SKIPPED, "confidence unknown")
    assert run.values == {"signal": "BUY", "confidence": None}


def test_a_false_condition_leaves_nothing() -> None:
    rule = Rule("one", "One", ON_BUY, Note([], "never"))
    run = rule.run_now({"event": PredictionSignalEvent(symbol="AAPL", signal="SELL", confidence=0.9)})
    assert (run.answer, run.outcome, run.values) == (False, None, {})


def test_within_a_step_nothing_may_wait() -> None:
    class SlowCondition(Condition):
        async def evaluate(self, context: Mapping[str, Any]) -> TernaryValue:
            await asyncio.sleep(0)
            return True

    class SlowAction(Action):
        async def execute(self, context: Mapping[str, Any]) -> None:
            await asyncio.sleep(0)

    notes: list[str] = []
    slow_to_answer = Rule("one", "One", SlowCondition(), Note(notes, "never"))
    slow_to_act = Rule("two", "Two", ON_BUY, [Note(notes, "first"), SlowAction(), Note(notes, "never")])
    with running(Port()):
        answered = slow_to_answer.run_now({"event": SIGNAL})
        acted = slow_to_act.run_now({"event": SIGNAL})
    assert answered.outcome is Outcome.FAILED
    assert "waited for something" in (answered.reason or "")
    assert [done.outcome for done in acted.outcomes] == [Outcome.ACTED, Outcome.FAILED]
    assert notes == ["first"]
    # Elsewhere there is no step to hold up.
    assert now(slow_to_act.run({"event": SIGNAL})).outcomes[1].outcome is Outcome.ACTED


def test_a_coroutine_is_driven_to_its_end_or_not_at_all() -> None:
    async def at_once() -> int:
        return 7

    assert complete_now(at_once()) == 7
    with pytest.raises(RuntimeError, match="waited for something"):
        complete_now(asyncio.sleep(0))


def test_outside_a_runtime_a_linked_action_fails_with_the_remedy() -> None:
    action = LinkedCreateOrderAction("AAPL", 100, "BUY")
    run = Rule("one", "One", ON_BUY, action).run_now({"event": SIGNAL})
    assert run.outcome is Outcome.FAILED
    assert run.reason is not None
    assert "Runtime(rules, broker)" in run.reason


def test_the_runtimes_own_defects_are_no_failures_of_a_rule() -> None:
    class Broken(Port):
        def perform(self, request: Any) -> ActionOutcome:
            raise AssertionError("a defect of the engine's")

    rule = Rule("one", "One", ON_BUY, LinkedCreateOrderAction("AAPL", 100, "BUY"))
    with running(Broken()), pytest.raises(AssertionError, match="defect"):
        rule.run_now({"event": SIGNAL})


def test_actions_of_a_rule_know_their_rule_and_their_place() -> None:
    port = Port()
    rule = Rule(
        "one",
        "One",
        ON_BUY,
        [LinkedCreateOrderAction(None, 100, "BUY"), LinkedScaleInAction(None, 50, 0.02), LinkedCloseAllAction(None)],
    )
    with running(port):
        rule.run_now({"event": SIGNAL})
    assert [(request.rule, request.index, request.symbol) for request in port.requests] == [
        ("one", 0, "AAPL"),
        ("one", 1, "AAPL"),
        ("one", 2, "AAPL"),
    ]


# ---- within a runtime ------------------------------------------------------------------------------------------------


def test_on_a_driven_bus_the_runtime_runs_the_rules() -> None:
    port = Port()
    engine = RuleEngine(port.event_bus)
    rule = Rule("one", "One", ON_BUY, Note([], "x"))
    engine.register_rule(rule)
    assert port.rules == {"one": rule}
    assert not port.event_bus.has_handlers
    engine.unregister_rule(rule)
    assert port.rules == {}


def test_the_current_runtime_is_that_of_the_innermost_block() -> None:
    one, two = Port(), Port()
    assert find_runtime() is None
    with running(one):
        assert new_id("order") == "run-1"
        with running(two):
            assert current_runtime() is two
        assert current_runtime() is one
    assert new_id("order").startswith("order-")


def test_conditions_ask_the_runtime_for_quotes_and_for_the_time() -> None:
    port = Port()
    port.quotes[("spread", "AAPL")] = 0.02
    port.time = 1_767_625_200_000_000  # Monday 2026-01-05, 10:00 in New York
    tight = MarketCondition(field_conditions={"spread": lambda s: s < 0.05})
    morning = TimeCondition("09:30", "12:00", ["mon"])
    with running(port):
        assert now((tight & morning).evaluate({"event": SIGNAL})) is True
    assert now(tight.evaluate({"event": SIGNAL})) is UNKNOWN


def test_rules_see_the_trades_of_the_runtime_beside_the_programs_own_context() -> None:
    port = Port(trades={"AAPL": {"side": "BUY"}})
    with running(port):
        assert context_for(SIGNAL, {"desk": "east"}) == {"desk": "east", "AAPL": {"side": "BUY"}, "event": SIGNAL}
    assert context_for(None) == {"event": None}


# ---- from a plan -----------------------------------------------------------------------------------------------------

CONFIDENT = plan.Compare((plan.EventName("confidence", plan.Kind.PERCENT), plan.Number(0.8)), (">",))


def percent(fraction: float) -> plan.Distance:
    return plan.Distance(plan.DistanceUnit.PERCENT, plan.Percent(fraction))


ENTER = plan.Enter(
    plan.Side.LONG,
    plan.Size(plan.SizeUnit.SHARES, plan.Number(100.0)),
    protection=plan.Protection(stop=percent(0.03), targets=(plan.Target(percent(0.08)),)),
)
CARD = plan.Rule(plan.SignalTrigger(("BUY",)), CONFIDENT, (ENTER,), label="flow#1")


def test_the_compiler_builds_the_objects_that_a_user_builds_by_hand() -> None:
    rule = build_rule(CARD)
    assert (rule.rule_id, rule.name, rule.priority, rule.enabled) == ("flow#1", "flow#1", 0, True)
    assert rule.condition == EventCondition(PredictionSignalEvent, {"signal": "BUY"}) & PlanCondition(
        CONFIDENT, PredictionSignalEvent
    )
    assert rule.action == LinkedCreateOrderAction(
        symbol=None, quantity=100, side="BUY", auto_create_stops=True, stop_loss_pct=0.03, take_profit_pct=0.08
    )
    assert rule.source is CARD


@pytest.mark.parametrize(
    ("event", "acts"),
    [
        (SIGNAL, True),
        (PredictionSignalEvent(symbol="AAPL", signal="BUY", confidence=0.8), False),
        (PredictionSignalEvent(symbol="AAPL", signal="SELL", confidence=0.9), False),
        (PriceEvent(symbol="AAPL", price=150.0), False),
    ],
)
def test_a_compiled_rule_runs_in_the_engine_of_hand_built_ones(event: BaseEvent, acts: bool) -> None:
    port = Port()
    engine = RuleEngine(EventBus())
    for rule in build_rules(plan.Plan((CARD,))):
        engine.register_rule(rule)
    with running(port):
        now(engine.event_bus.emit(event))
    assert [(request.action, request.symbol) for request in port.requests] == ([(ENTER, "AAPL")] if acts else [])


@pytest.mark.parametrize(
    ("trigger", "condition"),
    [
        (plan.SignalTrigger(()), EventCondition(PredictionSignalEvent)),
        (plan.SignalTrigger(("BUY", "ADD")), EventCondition(PredictionSignalEvent, {"signal": ("BUY", "ADD")})),
        (
            plan.SignalTrigger(("BUY",), ("AAPL",)),
            EventCondition(PredictionSignalEvent, {"signal": "BUY", "symbol": "AAPL"}),
        ),
        (plan.PriceTrigger(), EventCondition(PriceEvent)),
        (plan.PriceTrigger(("AAPL", "MSFT")), EventCondition(PriceEvent, {"symbol": ("AAPL", "MSFT")})),
        (plan.VolumeTrigger(), EventCondition(VolumeEvent)),
        (plan.BarTrigger(), EventCondition(BarEvent)),
        (
            plan.BarTrigger(300.0, ("AAPL",)),
            EventCondition(BarEvent, {"timeframe": 300_000_000, "symbol": "AAPL"}),
        ),
        (plan.PositionTrigger(plan.PositionMoment.OPENED), EventCondition(PositionOpenEvent)),
        (plan.PositionTrigger(plan.PositionMoment.UPDATED), EventCondition(PositionUpdateEvent)),
        (
            plan.PositionTrigger(plan.PositionMoment.CLOSED, ("AAPL",)),
            EventCondition(PositionCloseEvent, {"symbol": "AAPL"}),
        ),
        (plan.OrderTrigger(plan.OrderMoment.CREATED), EventCondition(OrderCreatedEvent)),
        (plan.OrderTrigger(plan.OrderMoment.SUBMITTED), EventCondition(OrderSubmittedEvent)),
        (plan.OrderTrigger(plan.OrderMoment.FILLED), EventCondition(OrderFilledEvent)),
        (plan.OrderTrigger(plan.OrderMoment.CANCELLED), EventCondition(OrderCancelledEvent)),
        (plan.OrderTrigger(plan.OrderMoment.REJECTED), EventCondition(OrderRejectedEvent)),
        (plan.TimeTrigger(36_000), EventCondition(ClockEvent, {"schedule": "time 36000", "has_symbol": False})),
        (
            plan.EveryTrigger(300.0, ("AAPL",)),
            EventCondition(ClockEvent, {"schedule": "every 300", "symbol": "AAPL"}),
        ),
        (
            plan.MarketTrigger(plan.MarketMoment.OPEN, 60.0),
            EventCondition(ClockEvent, {"schedule": "open 60", "has_symbol": False}),
        ),
        (plan.StartTrigger(), EventCondition(StartEvent)),
        (
            plan.BrokerTrigger(plan.BrokerMoment.DISCONNECTED),
            EventCondition(ConnectionEvent, {"connected": False}),
        ),
    ],
)
def test_a_trigger_becomes_an_event_condition(trigger: plan.Trigger, condition: Condition) -> None:
    assert build_rule(plan.Rule(trigger, None, (ENTER,), label="x")).condition == condition


SHARES = plan.Size(plan.SizeUnit.SHARES, plan.Number(50.0))
LINKED = LinkedCreateOrderAction


@pytest.mark.parametrize(
    ("node", "kind"),
    [
        (ENTER, LinkedCreateOrderAction),
        (plan.ScaleIn(SHARES), LinkedScaleInAction),
        (plan.DoubleDown(SHARES, at_loss=percent(0.02)), LinkedDoubleDownAction),
        (plan.Exit(), LinkedCloseAllAction),
        (plan.Exit(SHARES), PlanAction),
        (plan.ExitEverything(), PlanAction),
        (plan.Notify(plan.Text(("x",))), PlanAction),
        (plan.Halt(), PlanAction),
        (plan.PlaceOrder(plan.Side.SHORT, SHARES, plan.Pricing(plan.PricingKind.MARKET), "hedge"), LINKED),
        (plan.MoveStop(plan.Distance(plan.DistanceUnit.PRICE, plan.Money(148.0))), LINKED),
        (plan.TrailStop(percent(0.01)), LINKED),
        (plan.Reverse(), PlanAction),
        (plan.MoveStopToBreakeven(), PlanAction),
        (plan.MoveTarget(plan.Money(170.0)), PlanAction),
        (plan.CancelOrders(plan.Cancelled.TARGETS), PlanAction),
        (plan.EmitSignal("ADD"), PlanAction),
        (plan.Log(plan.Text(("x",))), PlanAction),
        (plan.ResetCooldown(), PlanAction),
        (plan.CallAction("rebalance"), PlanAction),
    ],
)
def test_every_action_of_a_plan_has_its_object(node: plan.Action, kind: type[Action]) -> None:
    action = build_rule(plan.Rule(plan.PriceTrigger(), None, (node,), label="x")).action
    assert isinstance(action, kind)
    port = Port()
    with running(port):
        now(action.execute({"event": SIGNAL}))
    assert [request.action for request in port.requests] == [node]


def test_several_actions_become_a_list_and_options_are_kept() -> None:
    source = plan.Rule(
        plan.PriceTrigger(),
        None,
        (ENTER, plan.ScaleIn(SHARES)),
        name="flow.add",
        label="add",
        description="Adds",
        priority=7,
        enabled=False,
    )
    rule = build_rule(source)
    assert (rule.rule_id, rule.name, rule.description, rule.priority) == ("flow.add", "add", "Adds", 7)
    assert not rule.enabled
    assert rule.action == ActionList(
        [LinkedCreateOrderAction.from_plan(ENTER), LinkedScaleInAction.from_plan(plan.ScaleIn(SHARES))]
    )


# ---- records and events ----------------------------------------------------------------------------------------------

INPUTS: list[tuple[object, tuple[BaseEvent, ...]]] = [
    (
        Signal(5, "AAPL", "BUY", 0.9, 150.0, "flow", "s1", {"premium": 1.0}),
        (
            PredictionSignalEvent(
                time=5,
                symbol="AAPL",
                signal="BUY",
                confidence=0.9,
                price=150.0,
                source="flow",
                id="s1",
                fields={"premium": 1.0},
            ),
        ),
    ),
    (Price(5, "AAPL", 150.0), (PriceEvent(time=5, symbol="AAPL", price=150.0),)),
    (
        Price(5, "AAPL", 150.0, 300.0),
        (
            PriceEvent(time=5, symbol="AAPL", price=150.0, size=300.0),
            VolumeEvent(time=5, symbol="AAPL", volume=300.0, price=150.0),
        ),
    ),
    (Quote(5, "AAPL", 150.0, 150.5), (QuoteEvent(time=5, symbol="AAPL", bid=150.0, ask=150.5),)),
    (
        Bar(0, "AAPL", 1.0, 2.0, 0.5, 1.5, 10.0, 60, 0, 60),
        (BarEvent(time=60, symbol="AAPL", open=1.0, high=2.0, low=0.5, close=1.5, volume=10.0, timeframe=60),),
    ),
    (BrokerLink(5, LinkEvent.CONNECTED), (ConnectionEvent(time=5, connected=True),)),
    (BrokerLink(5, LinkEvent.DISCONNECTED), (ConnectionEvent(time=5, connected=False),)),
    (Started(5), (StartEvent(time=5),)),
    (ClockTick(5, "every 300", 4, "AAPL"), (ClockEvent(time=5, schedule="every 300", due=4, symbol="AAPL"),)),
    (Fault(5, "reject"), ()),
]


@pytest.mark.parametrize(("item", "events"), INPUTS)
def test_an_input_is_the_events_that_rules_know(item: object, events: tuple[BaseEvent, ...]) -> None:
    assert events_of_input(item) == events


@pytest.mark.parametrize("item", [item for item, _ in INPUTS if isinstance(item, Signal | Price | Quote)])
def test_an_emitted_event_is_the_input_that_it_came_from(item: object) -> None:
    assert input_of(events_of_input(item)[0], now=99) == item


def test_an_emitted_event_without_a_time_gets_that_of_its_receipt() -> None:
    assert input_of(SIGNAL, now=99) == Signal(99, "AAPL", "BUY", 0.9)
    assert input_of(VolumeEvent(symbol="AAPL", volume=3.0, price=1.0), now=9) == Price(9, "AAPL", 1.0, 3.0)
    assert input_of(VolumeEvent(symbol="AAPL", volume=3.0), now=9) is None
    assert input_of(FillEvent(order_id="1", symbol="AAPL", price=1.0), now=9) is None


def order_record(status: OrderState, **values: Any) -> OrderRecord:
    return OrderRecord(
        time=5,
        id="r0-1",
        trade="t",
        role="stop",
        symbol="AAPL",
        side=OrderSide.SELL,
        quantity=100,
        filled=values.get("filled", 0),
        order_type=OrderType.STOP,
        limit_price=None,
        stop_price=145_500_000,
        status=status,
        rule="flow#1",
        reason=values.get("reason"),
    )


def order_event(kind: type[BaseEvent], **values: Any) -> BaseEvent:
    known = {"order_id": "r0-1", "symbol": "AAPL", "quantity": 100, "side": "SELL", "order_type": "STOP"}
    return kind(time=5, role="stop", **known, **values)  # type: ignore[call-arg]


def position_record(change: PositionChange, **values: Any) -> PositionRecord:
    return PositionRecord(5, change, "t1", "AAPL", OrderSide.SELL, 100, 150.0, 2_500_000, **values)


RECORDS: list[tuple[Record, tuple[BaseEvent, ...]]] = [
    (
        order_record(OrderState.SUBMITTED),
        (order_event(OrderCreatedEvent), order_event(OrderSubmittedEvent)),
    ),
    (order_record(OrderState.FILLED), (order_event(OrderFilledEvent),)),
    (
        order_record(OrderState.CANCELLED, filled=40, reason="oca"),
        (order_event(OrderCancelledEvent, filled=40, reason="oca"),),
    ),
    (order_record(OrderState.EXPIRED), (order_event(OrderCancelledEvent, reason="expired"),)),
    (order_record(OrderState.REJECTED, reason="margin"), (order_event(OrderRejectedEvent, reason="margin"),)),
    (order_record(OrderState.MODIFIED), ()),
    (
        FillRecord(5, "r0-1", "AAPL", OrderSide.SELL, 100, 145_500_000, 350_000),
        (FillEvent(time=5, order_id="r0-1", symbol="AAPL", side="SELL", quantity=100, price=145.5, commission=0.35),),
    ),
    (
        position_record(PositionChange.OPENED),
        (PositionOpenEvent(time=5, symbol="AAPL", position_id="t1", quantity=-100, entry_price=150.0),),
    ),
    (
        position_record(PositionChange.UPDATED),
        (PositionUpdateEvent(time=5, symbol="AAPL", position_id="t1", quantity=-100, entry_price=150.0, pnl=2.5),),
    ),
    (
        position_record(PositionChange.CLOSED, reason="stop", detail="why"),
        (
            PositionCloseEvent(
                time=5,
                symbol="AAPL",
                position_id="t1",
                quantity=-100,
                entry_price=150.0,
                reason="stop",
                detail="why",
                pnl=2.5,
            ),
        ),
    ),
    (Notice(5, "error", None, "x"), ()),
]


@pytest.mark.parametrize(("record", "events"), RECORDS)
def test_a_record_is_told_as_the_events_of_the_document(record: Record, events: tuple[BaseEvent, ...]) -> None:
    assert events_of_record(record) == events
