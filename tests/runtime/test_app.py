"""`Runtime(rules, broker)`: rules of a file and rules built by hand, in one engine."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from rulec.dsl.compile import compile_text
from rulec.dsl.plan import Rule as PlanRule
from rulec.runtime.app import Runtime
from rulec.runtime.broker.simulated import SimulatedBroker, SimulationSettings
from rulec.runtime.context import running
from rulec.runtime.core.records import Decision, Outcome, Record
from rulec.runtime.event.api import PredictionSignalEvent
from rulec.runtime.event.base import BaseEvent
from rulec.runtime.event.inputs import OutsideInput, Price, Signal
from rulec.runtime.event.order import OrderFilledEvent
from rulec.runtime.event.position import PositionOpenEvent
from rulec.runtime.market.hours import NyseHours
from rulec.runtime.position import TradeTracker
from rulec.runtime.rule import Rule, RuleEngine
from rulec.runtime.rule.action import Action
from rulec.runtime.rule.condition import EventCondition
from rulec.runtime.rule.linked_order_actions import (
    LinkedCloseAllAction,
    LinkedCreateOrderAction,
    LinkedDoubleDownAction,
    LinkedScaleInAction,
)

TEN = 1_767_625_200_000_000  # 10:00 in New York on Monday, 2026-01-05
SECOND = 1_000_000
CARD = "on signal BUY where confidence>0.8 -> enter long 100 stop 3% target 8%"


def card(text: str = CARD) -> tuple[PlanRule, ...]:
    plan = compile_text(text, "card.rules").plan
    assert plan is not None
    return plan.rules


def price(seconds: int, value: float, symbol: str = "AAPL") -> Price:
    return Price(TEN + seconds * SECOND, symbol, value)


def signal(seconds: int, kind: str = "BUY", confidence: float | None = 0.9, symbol: str = "AAPL") -> Signal:
    return Signal(TEN + seconds * SECOND, symbol, kind, confidence)


def buy(rule_id: str = "buy", quantity: int = 100, side: str = "BUY", kind: str = "BUY", **more: Any) -> Rule:
    return Rule(
        rule_id,
        rule_id,
        EventCondition(PredictionSignalEvent, {"signal": kind, "confidence": lambda c: c > 0.8}),
        LinkedCreateOrderAction(
            symbol=lambda context: context["event"].symbol,
            quantity=quantity,
            side=side,
            auto_create_stops=True,
            stop_loss_pct=0.03,
            take_profit_pct=0.08,
        ),
        **more,
    )


class Kept:
    """A sink that keeps what came of every input."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def __call__(self, event: object, records: Any) -> None:
        self.records += records

    @property
    def decisions(self) -> list[tuple[str, Outcome]]:
        return [(record.rule, record.outcome) for record in self.records if isinstance(record, Decision)]


def test_a_hand_built_rule_sends_what_the_cards_rule_sends() -> None:
    written, built = Kept(), Kept()
    events: list[OutsideInput] = [price(0, 150.0), signal(1), price(2, 150.0), price(3, 162.0)]
    Runtime(card(), sinks=[written]).run(events)
    Runtime([buy()], sinks=[built]).run(events)

    def shape(kept: Kept) -> list[str]:
        return [repr(record).replace("card#1", "buy") for record in kept.records if not isinstance(record, Decision)]

    assert shape(written) == shape(built)
    assert written.decisions == [("card#1", Outcome.ACTED)]
    assert built.decisions == [("buy", Outcome.ACTED)]


def test_an_unknown_confidence_is_skipped_and_named() -> None:
    kept = Kept()
    Runtime([buy()], sinks=[kept]).run([price(0, 150.0), signal(1, confidence=None)])
    (decision,) = [record for record in kept.records if isinstance(record, Decision)]
    assert (decision.outcome, decision.reason) == (Outcome.SKIPPED, "confidence unknown")


def test_rules_of_both_kinds_stand_in_one_order_and_the_first_owns_the_event() -> None:
    for priority, wanted in ((5, [("buy", Outcome.ACTED), ("card#1", Outcome.SUPPRESSED)]), (-5, None)):
        kept = Kept()
        Runtime([*card(), buy(priority=priority)], sinks=[kept]).run([price(0, 150.0), signal(1)])
        assert kept.decisions == (wanted or [("card#1", Outcome.ACTED), ("buy", Outcome.SUPPRESSED)])


def test_scale_in_and_double_down_by_hand_arm_on_the_trade() -> None:
    rule = buy()
    actions = [
        rule.action,
        LinkedScaleInAction(symbol="AAPL", scale_quantity=50, trigger_profit_pct=0.02),
        LinkedDoubleDownAction(symbol="AAPL", quantity=100, to_stop_pct=0.5),
    ]
    runtime = Runtime([Rule("all", "All", rule.condition, actions)])
    for event in (price(0, 150.0), signal(1), price(2, 150.0), price(3, 153.0), price(4, 153.0)):
        runtime.handle(event)
    context = runtime.context_view()["AAPL"]
    assert context["quantity"] == 150 and context["side"] == "BUY"
    assert [len(context[f"{role}_orders"]) for role in ("main", "scale", "doubledown")] == [1, 1, 1]


def test_the_context_that_a_callable_gets_is_a_copy() -> None:
    def spoil(context: dict[str, Any]) -> str:
        context.clear()
        return "AAPL"

    runtime = Runtime([Rule("spoil", "Spoil", buy().condition, LinkedCloseAllAction(symbol=spoil)), *card()])
    runtime.run([price(0, 150.0), signal(1), price(2, 150.0), signal(3), price(4, 150.0)])
    assert runtime.trade_tracker.get_trade("AAPL") is not None
    assert runtime.context_view() == {}


def test_a_rule_on_what_happened_hears_of_fills_and_positions() -> None:
    heard: list[str] = []

    class Hear(Action):
        async def execute(self, context: Any) -> None:
            heard.append(type(context["event"]).__name__)

    rules = [
        Rule("filled", "Filled", EventCondition(OrderFilledEvent, {}), Hear()),
        Rule("opened", "Opened", EventCondition(PositionOpenEvent, {}), Hear()),
    ]
    Runtime([*card(), *rules]).run([price(0, 150.0), signal(1), price(2, 150.0)])
    assert heard == ["OrderFilledEvent", "PositionOpenEvent"]


def test_a_condition_or_action_that_raises_is_a_failed_decision_and_the_rest_goes_on() -> None:
    def broken(value: float) -> bool:
        raise RuntimeError("no")

    bad = Rule("bad", "Bad", EventCondition(PredictionSignalEvent, {"confidence": broken}), buy().action, priority=9)
    kept = Kept()
    Runtime([bad, *card()], sinks=[kept]).run([price(0, 150.0), signal(1)])
    assert kept.decisions == [("bad", Outcome.FAILED), ("card#1", Outcome.ACTED)]


def test_an_event_emitted_inside_a_step_is_a_new_input_after_it() -> None:
    order: list[str] = []
    runtime = Runtime(card())

    class Emit(Action):
        async def execute(self, context: Any) -> None:
            order.append("emit")
            await runtime.event_bus.emit(PredictionSignalEvent(symbol="AAPL", signal="BUY", confidence=0.9))
            order.append("emitted")

    class Hear(Action):
        async def execute(self, context: Any) -> None:
            order.append("heard")

    engine = RuleEngine(runtime.event_bus)
    engine.register_rule(Rule("emit", "Emit", EventCondition(PredictionSignalEvent, {"signal": "GO"}), Emit()))
    engine.register_rule(Rule("hear", "Hear", EventCondition(PredictionSignalEvent, {"signal": "BUY"}), Hear()))
    runtime.handle(price(0, 150.0))
    runtime.handle(signal(1, "GO"))
    assert order == ["emit", "emitted", "heard"]
    assert "AAPL" in runtime.context_view()


def test_an_action_outside_any_rule_is_an_input_of_its_own() -> None:
    kept = Kept()
    runtime = Runtime(card(), sinks=[kept])
    for event in (price(0, 150.0), signal(1), price(2, 150.0)):
        runtime.handle(event)

    async def close() -> None:
        with running(runtime):
            done = await LinkedCloseAllAction(symbol="AAPL", reason="enough").execute({})
        assert done.outcome is Outcome.ACTED

    asyncio.run(close())
    runtime.handle(price(3, 151.0))
    assert runtime.context_view() == {}
    assert kept.decisions[-1] == ("by hand", Outcome.ACTED)


def test_an_order_that_protects_is_not_cancelled_by_hand() -> None:
    runtime = Runtime(card())
    for event in (price(0, 150.0), signal(1), price(2, 150.0)):
        runtime.handle(event)
    context = runtime.context_view()["AAPL"]
    assert runtime.cancel_order(context["stop_orders"][0], "no").outcome is Outcome.REFUSED
    assert runtime.cancel_order(context["target_orders"][0], "no").outcome is Outcome.ACTED
    assert runtime.cancel_order("nobody-1", "no").outcome is Outcome.IGNORED


def test_two_runtimes_never_see_each_other() -> None:
    first, second = Runtime(card()), Runtime(card())
    for event in (price(0, 150.0), signal(1), price(2, 150.0)):
        first.handle(event)
    with running(first):
        assert TradeTracker().has_active_trade("AAPL")
    with running(second):
        assert not TradeTracker().has_active_trade("AAPL")
    assert second.context_view() == {}


def test_a_rule_can_come_and_go_between_two_inputs() -> None:
    runtime = Runtime()
    engine = RuleEngine(runtime.event_bus)
    rule = buy()
    engine.register_rule(rule)
    runtime.handle(price(0, 150.0))
    engine.unregister_rule(rule)
    runtime.handle(signal(1))
    assert runtime.context_view() == {}
    with pytest.raises(ValueError, match="no rule"):
        engine.unregister_rule("buy")


def test_handlers_on_the_bus_hear_what_happened_and_one_that_raises_harms_nobody() -> None:
    heard: list[BaseEvent] = []

    async def main() -> None:
        runtime = Runtime(card(), SimulatedBroker(NyseHours(), SimulationSettings()))

        def broken(event: BaseEvent) -> None:
            raise RuntimeError("not mine")

        await runtime.event_bus.subscribe(PositionOpenEvent, broken)
        await runtime.event_bus.subscribe(PositionOpenEvent, heard.append)
        for event in (price(0, 150.0), signal(1), price(2, 150.0)):
            runtime.handle(event)
        await runtime.event_bus.drain()
        assert "AAPL" in runtime.context_view()

    asyncio.run(main())
    assert len(heard) == 1


def test_something_that_is_no_rule_is_refused() -> None:
    with pytest.raises(TypeError, match="not a rule"):
        Runtime(["on signal BUY"])  # type: ignore[list-item]
