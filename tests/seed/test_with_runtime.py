"""Hand-built rules, orders and trackers within a runtime, on the simulated exchange."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

import attrs
import pytest

from rulec.dsl import plan
from rulec.runtime.app import Rules, Runtime
from rulec.runtime.broker import TWSConnection
from rulec.runtime.broker.exchange import FillMode
from rulec.runtime.broker.simulated import SimulatedBroker, SimulationSettings
from rulec.runtime.context import running
from rulec.runtime.core.records import Decision, Notice, Outcome, PositionRecord, Record
from rulec.runtime.core.settings import Settings
from rulec.runtime.event.api import PredictionSignalEvent
from rulec.runtime.event.base import BaseEvent
from rulec.runtime.event.bus import EventBus
from rulec.runtime.event.inputs import Price, Signal
from rulec.runtime.event.market import PriceEvent
from rulec.runtime.event.order import FillEvent, OrderFilledEvent, OrderSubmittedEvent
from rulec.runtime.event.position import PositionCloseEvent, PositionOpenEvent
from rulec.runtime.market.hours import AlwaysOpen
from rulec.runtime.order.base import Order, OrderStatus, OrderType
from rulec.runtime.order.manager import OrderManager
from rulec.runtime.position import PositionTracker, TradeTracker
from rulec.runtime.rule import Action, Rule, RuleEngine
from rulec.runtime.rule.build import build_rules
from rulec.runtime.rule.condition import EventCondition, PositionCondition
from rulec.runtime.rule.linked_order_actions import (
    LinkedCloseAllAction,
    LinkedCreateOrderAction,
    LinkedDoubleDownAction,
    LinkedScaleInAction,
)

T = TypeVar("T")
START = 1_767_625_200_000_000  # 2026-01-05 10:00 in New York


def now(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(coroutine)


class World:
    """A runtime on the simulated exchange, and everything it recorded and told."""

    def __init__(self, rules: Rules, limits: tuple[plan.Limit, ...] = ()) -> None:
        self.broker = SimulatedBroker(AlwaysOpen(), SimulationSettings(fill=FillMode.STANDING))
        self.records: list[Record] = []
        self.events: list[BaseEvent] = []
        self.runtime = Runtime(
            rules,
            self.broker,
            hours=AlwaysOpen(),
            settings=Settings(limits=limits),
            sinks=[lambda event, records: self.records.extend(records)],
        )
        self.runtime.event_bus.connect(BaseEvent, self.events.append)
        self.time = START

    def price(self, value: float, symbol: str = "AAPL") -> None:
        self.time += 1_000_000
        self.runtime.handle(Price(self.time, symbol, value))

    def signal(self, kind: str = "BUY", symbol: str = "AAPL", confidence: float | None = 0.9) -> None:
        self.time += 1_000_000
        self.runtime.handle(Signal(self.time, symbol, kind, confidence))

    def told(self) -> list[BaseEvent]:
        """What outside handlers have heard by now."""
        now(self.runtime.event_bus.drain())
        return self.events

    def decisions(self) -> list[tuple[str, Outcome]]:
        return [(record.rule, record.outcome) for record in self.records if isinstance(record, Decision)]

    def positions(self) -> list[tuple[str, str, int, str | None]]:
        return [
            (record.event.value, record.side.value, record.quantity, record.reason)
            for record in self.records
            if isinstance(record, PositionRecord)
        ]

    def prices_of(self, role: str) -> list[float | None]:
        """Where the working orders of a role stand, stop or limit price in currency."""
        orders = [order for order in self.runtime.engine.desk.orders.values() if order.role == role and order.is_alive]
        prices = [order.spec.stop_price or order.spec.limit_price for order in orders]
        return [None if price is None else price / 1_000_000 for price in prices]


def on(kind: str, least: float = 0.8) -> EventCondition:
    return EventCondition(PredictionSignalEvent, {"signal": kind, "confidence": lambda c: c > least})


def entry(side: str, **terms: Any) -> LinkedCreateOrderAction:
    terms = {"auto_create_stops": True, "stop_loss_pct": 0.03, "take_profit_pct": 0.08, **terms}
    return LinkedCreateOrderAction(symbol=lambda ctx: ctx["event"].symbol, quantity=100, side=side, **terms)


def seed_rules() -> list[Rule]:
    """The two rules of the document."""
    return [
        Rule("prediction_buy_entry", "Enter Long", on("BUY"), entry("BUY")),
        Rule("prediction_short_entry", "Enter Short", on("SHORT"), entry("SELL")),
    ]


# ---- the document's rules trade --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "stop", "target"),
    [("BUY", 145.5, 162.0), ("SHORT", 154.5, 138.0)],
)
def test_a_signal_enters_with_stop_and_target_on_their_sides(kind: str, stop: float, target: float) -> None:
    world = World(seed_rules())
    world.price(150.0)
    world.signal(kind)
    assert world.prices_of("stop") == [stop]
    assert world.prices_of("target") == [target]
    context = world.runtime.context_view()["AAPL"]
    assert (context["side"], context["quantity"]) == ("BUY" if kind == "BUY" else "SELL", 100)
    assert context["entry_price"] == 150.0
    assert [len(context[f"{role}_orders"]) for role in ("main", "stop", "target")] == [1, 1, 1]


@pytest.mark.parametrize(("price", "reason"), [(145.0, "stop"), (162.5, "target")])
def test_whichever_is_hit_concludes_the_trade_and_deletes_its_context(price: float, reason: str) -> None:
    world = World(seed_rules())
    world.price(150.0)
    world.signal()
    with running(world.runtime):
        assert TradeTracker().has_active_trade("AAPL")
    world.price(price)
    assert [(change, why) for change, _, _, why in world.positions()] == [("opened", None), ("closed", reason)]
    assert world.runtime.context_view() == {}
    with running(world.runtime):
        assert not TradeTracker().has_active_trade("AAPL")
    closed = next(event for event in world.told() if isinstance(event, PositionCloseEvent))
    assert closed.reason == reason


def test_the_same_side_is_ignored_and_the_opposite_side_reverses() -> None:
    world = World(seed_rules())
    world.price(150.0)
    world.signal()
    world.signal()
    world.signal("SHORT")
    assert world.decisions() == [
        ("prediction_buy_entry", Outcome.ACTED),
        ("prediction_buy_entry", Outcome.IGNORED),
        ("prediction_short_entry", Outcome.REVERSED),
    ]
    assert world.runtime.context_view()["AAPL"]["side"] == "SELL"
    with running(world.runtime):
        trade = TradeTracker().get_active_trade("AAPL")
    assert trade is not None
    assert trade.side == "SELL"
    assert world.prices_of("stop") == [154.5]


def test_a_signal_without_confidence_is_skipped_and_says_why() -> None:
    world = World(seed_rules())
    world.price(150.0)
    world.signal(confidence=None)
    world.signal(confidence=0.5)
    decision = next(record for record in world.records if isinstance(record, Decision))
    assert (decision.outcome, decision.reason) == (Outcome.SKIPPED, "confidence unknown")
    assert len(world.decisions()) == 1


def test_scale_in_double_down_and_close_by_hand_take_the_trades_way() -> None:
    world = World(
        [
            Rule(
                "enter",
                "Enter",
                on("BUY"),
                [
                    entry("BUY"),
                    LinkedScaleInAction(None, 50, trigger_profit_pct=0.02),
                    LinkedDoubleDownAction(None, 100, to_stop_pct=0.5),
                ],
            ),
            Rule("leave", "Leave", on("LEAVE"), LinkedCloseAllAction(None, "enough")),
        ]
    )
    world.price(150.0)
    world.signal()
    assert world.prices_of("doubledown") == [147.75]
    world.price(153.5)
    assert world.runtime.context_view()["AAPL"]["quantity"] == 150
    world.signal("LEAVE")
    assert world.runtime.context_view() == {}
    closed = [record for record in world.records if isinstance(record, PositionRecord)][-1]
    assert (closed.reason, closed.detail) == ("exit", "enough")


def test_a_stop_created_by_hand_on_an_open_trade_ratchets_its_one_stop() -> None:
    move = {"link_type": "stop", "order_type": OrderType.STOP, "auto_create_stops": False}
    world = World(
        [
            *seed_rules(),
            Rule("tighten", "Tighten", on("TIGHTEN"), entry("SELL", stop_price=148.0, **move)),
            Rule("loosen", "Loosen", on("LOOSEN"), entry("SELL", stop_price=140.0, **move)),
            Rule(
                "trail",
                "Trail",
                on("TRAIL"),
                entry("SELL", link_type="stop", order_type=OrderType.TRAIL, trail_pct=0.01),
            ),
        ]
    )
    world.price(150.0)
    world.signal()
    world.signal("TIGHTEN")
    assert world.prices_of("stop") == [148.0]
    world.signal("LOOSEN")
    assert world.prices_of("stop") == [148.0]
    assert world.decisions()[-1] == ("loosen", Outcome.IGNORED)
    world.signal("TRAIL")
    world.price(160.0)
    assert world.prices_of("stop") == [158.4]


# ---- rules of every make in one order --------------------------------------------------------------------------------

CONFIDENT = plan.Compare((plan.EventName("confidence", plan.Kind.PERCENT), plan.Number(0.8)), (">",))


def percent(fraction: float) -> plan.Distance:
    return plan.Distance(plan.DistanceUnit.PERCENT, plan.Percent(fraction))


COMPILED = plan.Rule(
    plan.SignalTrigger(("BUY",)),
    CONFIDENT,
    (
        plan.Enter(
            plan.Side.LONG,
            plan.Size(plan.SizeUnit.SHARES, plan.Number(100.0)),
            protection=plan.Protection(stop=percent(0.03), targets=(plan.Target(percent(0.08)),)),
        ),
    ),
    label="flow#1",
)


def test_a_rule_built_from_a_plan_decides_what_the_plan_decides() -> None:
    worlds = [World([COMPILED]), World(build_rules(plan.Plan((COMPILED,))))]
    for world in worlds:
        world.price(150.0)
        for kind, confidence in (("BUY", 0.9), ("BUY", 0.9), ("SELL", 0.9), ("BUY", 0.5)):
            world.signal(kind, confidence=confidence)
        world.price(145.0)
    first, second = worlds
    assert first.records == second.records
    assert len(first.records) > 8


def test_a_rule_built_from_a_plan_and_changed_is_one_built_by_hand() -> None:
    (rule,) = build_rules(plan.Plan((COMPILED,)))
    rule.action = entry("SELL")
    world = World([rule])
    world.price(150.0)
    world.signal()
    assert world.runtime.context_view()["AAPL"]["side"] == "SELL"


@pytest.mark.parametrize(
    ("priority", "hand_first", "winner"),
    [(1, False, "hand"), (0, True, "hand"), (0, False, "flow#1"), (-1, True, "flow#1")],
)
def test_hand_built_and_compiled_rules_share_one_order(priority: int, hand_first: bool, winner: str) -> None:
    by_hand = Rule("hand", "By hand", on("BUY"), entry("SELL"), priority=priority)
    world = World([by_hand, COMPILED] if hand_first else [COMPILED, by_hand])
    world.price(150.0)
    world.signal()
    loser = "flow#1" if winner == "hand" else "hand"
    assert world.decisions() == [(winner, Outcome.ACTED), (loser, Outcome.SUPPRESSED)]
    assert world.runtime.context_view()["AAPL"]["side"] == ("SELL" if winner == "hand" else "BUY")


def test_limits_of_a_plan_hold_for_rules_and_orders_by_hand() -> None:
    world = World(seed_rules(), (plan.Limit(plan.LimitKind.ORDER, 10_000.0),))
    world.price(150.0)
    world.signal()
    assert world.decisions() == [("prediction_buy_entry", Outcome.REFUSED)]
    with running(world.runtime):
        order = Order("AAPL", 100, OrderType.MARKET)
        now(order.submit())
    assert order.status is OrderStatus.REJECTED
    assert order.execution_details["reason"] == "max order"
    assert world.runtime.context_view() == {}


def test_a_condition_sees_the_trades_and_writing_to_its_context_changes_none() -> None:
    class Meddle(Action):
        async def execute(self, context: Mapping[str, Any]) -> None:
            context["AAPL"]["stop_orders"].clear()
            context["AAPL"]["side"] = "SELL"

    holding = on("LOOK") & PositionCondition(field_conditions={"side": "BUY", "profit": lambda p: p > 0.01})
    world = World([*seed_rules(), Rule("look", "Look", holding, Meddle())])
    world.price(150.0)
    world.signal()
    world.signal("LOOK")
    world.price(153.0)
    world.signal("LOOK")
    assert world.decisions()[1:] == [("look", Outcome.ACTED)]
    assert world.runtime.context_view()["AAPL"]["side"] == "BUY"
    assert len(world.runtime.context_view()["AAPL"]["stop_orders"]) == 1


# ---- events within and after a step ----------------------------------------------------------------------------------


def test_a_rule_on_a_fill_runs_within_the_step_that_filled() -> None:
    seen: list[tuple[str, int]] = []

    class See(Action):
        async def execute(self, context: Mapping[str, Any]) -> None:
            seen.append((context["event"].side, context["AAPL"]["quantity"]))

    world = World([*seed_rules(), Rule("see", "See", EventCondition(FillEvent), See())])
    world.price(150.0)
    world.signal()
    assert seen == [("BUY", 100)]


def test_a_rule_may_close_what_another_fill_opened() -> None:
    leave = Rule("leave", "Leave", EventCondition(PositionOpenEvent), LinkedCloseAllAction(None, "at once"))
    world = World([*seed_rules(), leave])
    world.price(150.0)
    world.signal()
    assert world.runtime.context_view() == {}
    assert ("leave", Outcome.ACTED) in world.decisions()


def test_a_signal_emitted_in_a_step_is_an_input_after_it() -> None:
    class Emit(Action):
        def __init__(self) -> None:
            self.world: World | None = None
            self.seen: list[int] = []

        async def execute(self, context: Mapping[str, Any]) -> None:
            assert self.world is not None
            event = PredictionSignalEvent(symbol=context["event"].symbol, signal="BUY", confidence=0.95)
            await self.world.runtime.event_bus.emit(event)
            self.seen.append(len(self.world.decisions()))

    emit = Emit()
    world = World([Rule("relay", "Relay", on("HINT"), emit), *seed_rules()])
    emit.world = world
    world.price(150.0)
    world.signal("HINT")
    assert emit.seen == [0]
    assert world.decisions() == [("relay", Outcome.ACTED), ("prediction_buy_entry", Outcome.ACTED)]


def test_events_emitted_from_outside_are_inputs() -> None:
    world = World(seed_rules())
    now(world.runtime.event_bus.emit(PriceEvent(symbol="AAPL", price=150.0, time=START)))
    now(world.runtime.event_bus.emit(PredictionSignalEvent(symbol="AAPL", signal="BUY", confidence=0.9)))
    assert world.prices_of("stop") == [145.5]


def test_an_event_of_ones_own_reaches_rules_and_handlers() -> None:
    @attrs.frozen(kw_only=True)
    class EarningsEvent(BaseEvent):
        symbol: str

    world = World([*seed_rules(), Rule("out", "Out", EventCondition(EarningsEvent), LinkedCloseAllAction(None))])
    world.price(150.0)
    world.signal()
    now(world.runtime.event_bus.emit(EarningsEvent(symbol="AAPL")))
    assert world.runtime.context_view() == {}
    assert EarningsEvent(symbol="AAPL") in world.told()


def test_outside_handlers_hear_of_orders_fills_and_positions_after_the_step() -> None:
    world = World(seed_rules())
    world.price(150.0)
    world.signal()
    assert world.events == []
    kinds = [type(event) for event in world.told()]
    assert kinds.count(OrderSubmittedEvent) == 3
    for kind in (PriceEvent, PredictionSignalEvent, FillEvent, OrderFilledEvent, PositionOpenEvent):
        assert kinds.count(kind) == 1


def test_a_position_made_by_hand_closes_with_an_event_that_rules_hear() -> None:
    heard = Rule("heard", "Heard", EventCondition(PositionCloseEvent, {"reason": "stop"}), entry("SELL"))
    world = World([heard])
    world.price(150.0)

    async def run() -> None:
        tracker = PositionTracker(world.runtime.event_bus)
        await tracker.create_position("AAPL", quantity=100, entry_price=150.0, stop_loss_pct=0.03)
        await tracker.update_positions({"AAPL": 145.0})

    now(run())
    assert world.decisions() == [("heard", Outcome.ACTED)]
    assert world.runtime.context_view()["AAPL"]["side"] == "SELL"


def test_a_rule_that_answers_its_own_orders_without_end_halts_the_runtime() -> None:
    more = LinkedCreateOrderAction("AAPL", 1, "BUY", auto_create_stops=False, link_type="scale")
    world = World([*seed_rules(), Rule("more", "More", EventCondition(OrderSubmittedEvent), more)])
    world.price(150.0)
    world.signal()
    assert world.runtime.engine.halts.halted
    assert any("without end" in record.text for record in world.records if isinstance(record, Notice))
    world.signal("BUY", symbol="MSFT")
    assert list(world.runtime.context_view()) == ["AAPL"]


# ---- rules come and go, orders by hand -------------------------------------------------------------------------------


def test_a_rule_engine_on_the_runtimes_bus_adds_its_rules_to_the_sequencer() -> None:
    world = World([])
    engine = RuleEngine(world.runtime.event_bus)
    for rule in seed_rules():
        engine.register_rule(rule)
    world.price(150.0)
    world.signal()
    assert world.decisions() == [("prediction_buy_entry", Outcome.ACTED)]
    engine.unregister_rule("prediction_short_entry")
    world.signal("SHORT")
    assert len(world.decisions()) == 1


def test_a_rule_engine_may_be_handed_over_whole_with_its_context() -> None:
    engine = RuleEngine(EventBus(), {"desk": "east"})
    seen: list[str] = []

    class See(Action):
        async def execute(self, context: Mapping[str, Any]) -> None:
            seen.append(context["desk"])

    engine.register_rule(Rule("see", "See", on("BUY"), See()))
    world = World(engine)
    world.price(150.0)
    world.signal()
    assert seen == ["east"]


def test_an_order_manager_within_a_runtime_sends_through_it() -> None:
    world = World([])
    world.price(150.0)
    manager = OrderManager(world.runtime.event_bus, TWSConnection(world.broker))

    async def run() -> tuple[Order, Order]:
        bought = await manager.create_and_submit_order("AAPL", 100)
        await world.runtime.event_bus.drain()
        resting = await manager.create_and_submit_order("MSFT", 10, order_type=OrderType.LIMIT, limit_price=99.0)
        await manager.cancel_order(resting.order_id, reason="changed my mind")
        await world.runtime.event_bus.drain()
        return bought, resting

    world.price(100.0, "MSFT")
    with running(world.runtime):
        bought, resting = now(run())
    assert bought.status is OrderStatus.FILLED
    assert resting.status is OrderStatus.CANCELLED
    assert world.runtime.context_view()["AAPL"]["quantity"] == 100
    assert "MSFT" not in world.runtime.context_view()
    assert [rule for rule, _ in world.decisions()] == ["by hand"] * 3


def test_two_runtimes_never_see_each_other() -> None:
    one, two = World(seed_rules()), World(seed_rules())
    one.price(150.0)
    one.signal()
    with running(two.runtime):
        assert not TradeTracker().has_active_trade("AAPL")
    with running(one.runtime):
        assert TradeTracker().has_active_trade("AAPL")
    assert two.records == []


@pytest.mark.parametrize("rules", [["rule"], [1]])
def test_what_is_no_rule_is_refused(rules: Any) -> None:
    with pytest.raises(TypeError, match="not a rule"):
        World(rules)


def test_two_rules_of_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="already"):
        World([seed_rules()[0], seed_rules()[0]])


def test_an_action_of_the_users_that_raises_fails_its_rule_only() -> None:
    class Broken(Action):
        async def execute(self, context: Mapping[str, Any]) -> None:
            raise LookupError("no such book")

    world = World([Rule("broken", "Broken", on("BUY"), Broken(), priority=9), *seed_rules()])
    world.price(150.0)
    world.signal()
    assert world.decisions() == [("broken", Outcome.FAILED), ("prediction_buy_entry", Outcome.ACTED)]
    failed = next(record for record in world.records if isinstance(record, Decision))
    assert failed.reason == "LookupError: no such book"
