"""`Runtime(rules, broker)` with compiled rules on every trigger: as the compiler made them, and changed by hand."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from rulec.dsl import plan
from rulec.dsl.compile import compile_files, compile_text
from rulec.dsl.registered import read_signatures
from rulec.dsl.source import SourceFile
from rulec.runtime.app import Runtime
from rulec.runtime.broker.exchange import FillMode
from rulec.runtime.broker.simulated import SimulatedBroker, SimulationSettings
from rulec.runtime.core.records import Decision, Outcome, Record
from rulec.runtime.event.inputs import Bar, BrokerLink, LinkEvent, OutsideInput, Price, Signal
from rulec.runtime.event.market import PriceEvent
from rulec.runtime.event.order import OrderFilledEvent
from rulec.runtime.event.system import ClockEvent
from rulec.runtime.market.hours import NyseHours
from rulec.runtime.rule import Action, Rule, rule_action
from rulec.runtime.rule.build import build_rules
from rulec.runtime.rule.condition import EventCondition, PositionCondition
from rulec.runtime.rule.linked_order_actions import LinkedCreateOrderAction, LinkedScaleInAction

MINUTE = 60_000_000
OPEN = 1_767_623_400_000_000  # 09:30 in New York on Monday, 2026-01-05
NYSE = NyseHours()

TRADING = "on signal BUY -> enter long 100 stop 3% target 8% -> scale in 10\non signal OUT -> exit\n"
TRIGGERS = (
    "signal BUY or OUT",
    "signal any of AAPL",
    "price of AAPL where price > $150",
    "volume where size > 200",
    "bar",
    "bar 5m where close > open",
    "bar 1m of MSFT",
    "position opened",
    "position updated",
    "position closed where reason is exit",
    "order created",
    "order submitted where role is stop",
    "order filled where fill_price > $1",
    "order cancelled",
    "order rejected",
    "time 09:45",
    "time 15:59 of AAPL",
    "every 5m",
    "every 10m of [AAPL, MSFT]",
    "market open + 5m",
    "market close - 10m of MSFT",
    "start",
    "broker connected",
    "broker disconnected",
)


def plan_of(text: str) -> plan.Plan:
    found = compile_text(text, "all.rules")
    assert found.plan is not None, [one.message for one in found.diagnostics]
    return found.plan


def day() -> list[OutsideInput]:
    """Half an hour of one-minute bars of two symbols, with trades, signals and a lost connection among them."""
    market, events = random.Random(7), list[OutsideInput]()
    for minute in range(30):
        time = OPEN + minute * MINUTE
        for symbol, base in (("AAPL", 150.0), ("MSFT", 400.0)):
            low, close = base - 1, base + market.choice((-0.5, 0.5))
            bar = Bar(time, symbol, base, base + 1, low, close, 1e4, MINUTE, time, time + MINUTE)
            events += [bar, Price(time + MINUTE + 1, symbol, close, market.choice((None, 100.0, 300.0)))]
        if minute in (3, 12):
            events.append(Signal(time + MINUTE + 2, "AAPL", "BUY", 0.9))
        if minute in (9, 20):
            events.append(Signal(time + MINUTE + 2, "AAPL", "OUT", 0.9))
        if minute == 25:
            events.append(BrokerLink(time + MINUTE + 3, LinkEvent.DISCONNECTED))
            events.append(BrokerLink(time + MINUTE + 4, LinkEvent.CONNECTED))
    return events


def played(rules: Sequence[plan.Rule | Rule], events: Sequence[OutsideInput]) -> list[Record]:
    records: list[Record] = []
    broker = SimulatedBroker(NYSE, SimulationSettings(fill=FillMode.STANDING))
    Runtime(rules, broker, hours=NYSE, sinks=[lambda event, some: records.extend(some)]).run(events)
    return records


def decisions(records: Sequence[Record], rule: str) -> list[Decision]:
    return [record for record in records if isinstance(record, Decision) and record.rule == rule]


class Note(Action):
    """Writes down the event that it is done on."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    async def execute(self, context: Mapping[str, Any]) -> None:
        self.events.append(context["event"])


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_a_built_rule_that_nobody_changed_does_what_the_plan_does(trigger: str) -> None:
    whole = plan_of(f'{TRADING}rule asked on {trigger} -> log "asked"\n')
    written = played(whole.rules, day())
    assert played(build_rules(whole), day()) == written
    if trigger != "order rejected":
        assert decisions(written, "asked")


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_a_built_rule_with_another_action_fires_when_the_plans_would(trigger: str) -> None:
    whole = plan_of(f'{TRADING}rule asked on {trigger} -> log "asked"\n')
    written = decisions(played(whole.rules, day()), "asked")
    *trading, asked = build_rules(whole)
    note = asked.action = Note()
    changed = decisions(played([*trading, asked], day()), asked.rule_id)
    assert [each.outcome for each in changed] == [Outcome.ACTED] * len(note.events)
    if trigger == "every 5m":
        assert all(event == ClockEvent(time=event.time, schedule="every 300", due=event.time) for event in note.events)
    assert [(each.time, each.symbol) for each in changed] == [(each.time, each.symbol) for each in written]


def test_a_changed_rule_keeps_its_options() -> None:
    whole = plan_of('rule asked cooldown 10m during 09:40..10:00\n  on price of AAPL -> log "asked"\n')
    written = decisions(played(whole.rules, day()), "asked")
    (asked,) = build_rules(whole)
    note = asked.action = Note()
    changed = decisions(played([asked], day()), asked.rule_id)
    times = [each.time for each in changed if each.outcome is Outcome.ACTED]
    assert times == [each.time for each in written if each.outcome is Outcome.ACTED]
    assert len(note.events) == len(times) == 2


def test_a_changed_rule_on_bars_means_the_bars_that_the_plans_means() -> None:
    whole = plan_of('rule asked on bar -> log "asked"\nrule slow on bar 5m -> log "slow"\n')
    asked, slow = build_rules(whole)
    note, slowly = Note(), Note()
    asked.action, slow.action = note, slowly
    played([asked, slow], day())
    assert {event.timeframe for event in note.events} == {MINUTE}
    assert {event.timeframe for event in slowly.events} == {5 * MINUTE}


def test_actions_of_a_plan_see_what_an_order_event_brings() -> None:
    whole = plan_of(f'{TRADING}rule asked on order filled where fill_price > $1 -> log "{{role}} {{fill_price}}"\n')
    *trading, asked = build_rules(whole)
    asked.condition = EventCondition(OrderFilledEvent, {"fill_price": lambda price: price > 1})
    said = [each.actions[0].text for each in decisions(played([*trading, asked], day()), asked.rule_id)]
    assert len(said) == 6
    assert said[0] is not None
    assert said[0].startswith("main 1")


def test_actions_by_hand_on_several_symbols_are_each_about_their_own() -> None:
    enter = [LinkedCreateOrderAction(symbol, 10, "BUY", stop_loss_pct=0.03) for symbol in ("AAPL", "MSFT")]
    add = [LinkedScaleInAction(symbol, 5) for symbol in ("MSFT", "AAPL")]
    rule = Rule("both", "Both", EventCondition(PriceEvent, {"symbol": "AAPL", "price": 150.0}) & ~FLAT, [*enter, *add])
    records: list[Record] = []
    broker = SimulatedBroker(NYSE, SimulationSettings(fill=FillMode.STANDING))
    runtime = Runtime([rule], broker, hours=NYSE, sinks=[lambda event, some: records.extend(some)])
    for second, (symbol, price) in enumerate([("MSFT", 400.0), ("AAPL", 150.0), ("AAPL", 150.5), ("MSFT", 400.5)]):
        runtime.handle(Price(OPEN + MINUTE + second, symbol, price))
    assert {symbol: trade["quantity"] for symbol, trade in runtime.context_view().items()} == {"AAPL": 15, "MSFT": 15}


FLAT = PositionCondition(field_conditions={"side": "BUY"})


def test_a_condition_cannot_ask_for_anything() -> None:
    asked: list[str] = []

    def meddle(price: float) -> bool:
        try:
            runtime.cancel_order("r0-1", "now")
        except RuntimeError as error:
            asked.append(str(error))
        return False

    runtime = Runtime([Rule("meddle", "Meddle", EventCondition(PriceEvent, {"price": meddle}), Note())], hours=NYSE)
    runtime.handle(Price(OPEN + MINUTE, "AAPL", 150.0))
    assert asked == ["only actions act: a condition, or a function of the context, cannot ask for anything"]


# ---- called actions --------------------------------------------------------------------------------------------------

SOURCE = "@rule_action\ndef buy(context, symbol: str, shares: int): ...\n"


def called() -> plan.Plan:
    source, found = SourceFile.from_text("call.rules", "rule calls on signal BUY -> call buy(symbol, 100)\n")
    assert not found
    compiled = compile_files([source], actions=read_signatures(SOURCE, "my_actions.py"))
    assert compiled.plan is not None
    return compiled.plan


@rule_action
async def buy(context: Mapping[str, Any], symbol: str, shares: int) -> str:
    await LinkedCreateOrderAction(symbol, shares, "BUY", stop_loss_pct=0.03).execute(context)
    return f"for {context['desk']}" if "desk" in context else "bought"


@pytest.mark.parametrize("by_hand", [False, True])
def test_a_program_gives_the_actions_that_rules_call(by_hand: bool) -> None:
    records: list[Record] = []
    rules: list[plan.Rule | Rule] = list(called().rules)
    if by_hand:
        (built,) = build_rules(called())
        built.condition &= EventCondition(built.condition.event_types[0], {"symbol": "AAPL"})
        rules = [built]
    runtime = Runtime(rules, hours=NYSE, sinks=[lambda event, some: records.extend(some)], actions={"buy": buy})
    runtime.run([Price(OPEN + 1, "AAPL", 150.0), Signal(OPEN + 2, "AAPL", "BUY", 0.9), Price(OPEN + 3, "AAPL", 150.0)])
    (decision,) = [record for record in records if isinstance(record, Decision)]
    (done,) = decision.actions
    assert (done.action, done.outcome, done.text, len(done.orders)) == ("call", Outcome.ACTED, "bought", 2)
    assert runtime.context_view()["AAPL"]["quantity"] == 100


def test_an_action_that_the_program_did_not_give_has_failed() -> None:
    runtime = Runtime(called(), hours=NYSE, sinks=[lambda event, some: records.extend(some)])
    records: list[Record] = []
    runtime.run([Price(OPEN + 1, "AAPL", 150.0), Signal(OPEN + 2, "AAPL", "BUY", 0.9)])
    (decision,) = [record for record in records if isinstance(record, Decision)]
    assert (decision.outcome, decision.reason) == (Outcome.FAILED, "no action buy is registered")
