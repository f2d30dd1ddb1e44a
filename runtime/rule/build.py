"""From the compiler's plan to the objects that a Python user builds by hand.

    on signal BUY where confidence>0.8 -> enter long 100 stop 3% target 8%

becomes

    Rule("flow#1", "flow#1",
         EventCondition(PredictionSignalEvent, {"signal": "BUY"}) & PlanCondition(confidence > 0.8),
         LinkedCreateOrderAction(symbol=None, quantity=100, side="BUY", stop_loss_pct=0.03, take_profit_pct=0.08))
"""

from __future__ import annotations

from typing import Any

import attrs

from ...dsl import plan
from ..event.api import PredictionSignalEvent
from ..event.base import BaseEvent
from ..event.market import BarEvent, PriceEvent, VolumeEvent
from ..event.system import ClockEvent, ConnectionEvent, StartEvent
from ..times import SECOND
from .action import Action, ActionList, PlanAction
from .bridge import ORDER_EVENTS, POSITION_EVENTS
from .condition_base import Condition, PlanCondition
from .engine import Rule
from .field_conditions import EventCondition
from .linked_order_actions import (
    LinkedCloseAllAction,
    LinkedCreateOrderAction,
    LinkedDoubleDownAction,
    LinkedScaleInAction,
)
from .schedules import schedule_of


def build_rules(whole: plan.Plan) -> tuple[Rule, ...]:
    """Every rule of a plan, in its order."""
    return tuple(build_rule(rule) for rule in whole.rules)


def build_rule(rule: plan.Rule) -> Rule:
    """One rule, ready for a `RuleEngine` or a runtime."""
    label = rule.label or rule.identity
    actions = [build_action(action) for action in rule.actions]
    return Rule(
        rule_id=rule.name or label,
        name=label,
        condition=build_condition(rule),
        action=actions[0] if len(actions) == 1 else ActionList(actions),
        description=rule.description or "",
        priority=rule.priority,
        enabled=rule.enabled,
        source=rule,
    )


def plan_of(rule: Rule) -> plan.Rule | None:
    """The plan rule that a rule was built from and still is; None for one that was built or changed by hand."""
    source = rule.source
    if source is None:
        return None
    built = build_rule(source)
    same = (rule.rule_id, rule.condition, rule.action) == (built.rule_id, built.condition, built.action)
    return attrs.evolve(source, priority=rule.priority, enabled=rule.enabled) if same else None


def build_condition(rule: plan.Rule) -> Condition:
    """What a rule's trigger and its `where` ask of an event."""
    event_type, fields = _event_of(rule)
    of = plan.symbols_of(rule.trigger)
    if of is not None:
        fields["symbol"] = _one_or_all(of)
    event = EventCondition(event_type, fields)
    return event if rule.condition is None else event & PlanCondition(rule.condition, event_type)


def _event_of(rule: plan.Rule) -> tuple[type[BaseEvent], dict[str, Any]]:
    """The type of event that a trigger means, and what its fields must be, symbols aside."""
    match rule.trigger:
        case plan.SignalTrigger(kinds):
            return PredictionSignalEvent, {"signal": _one_or_all(kinds)} if kinds else {}
        case plan.PriceTrigger():
            return PriceEvent, {}
        case plan.VolumeTrigger():
            return VolumeEvent, {}
        case plan.BarTrigger(timeframe):
            return BarEvent, {} if timeframe is None else {"timeframe": round(timeframe * SECOND)}
        case plan.PositionTrigger(moment):
            return POSITION_EVENTS[moment], {}
        case plan.OrderTrigger(moment):
            return ORDER_EVENTS[moment], {}
        case plan.TimeTrigger(of=of) | plan.EveryTrigger(of=of) | plan.MarketTrigger(of=of):
            fields: dict[str, Any] = {"schedule": schedule_of(rule)}
            return ClockEvent, fields if of is not None else {**fields, "has_symbol": False}
        case plan.StartTrigger():
            return StartEvent, {}
        case plan.BrokerTrigger(moment):
            return ConnectionEvent, {"connected": moment is plan.BrokerMoment.CONNECTED}


def build_action(action: plan.Action) -> Action:
    """The object that does one action of a plan."""
    match action:
        case plan.Enter() | plan.PlaceOrder() | plan.MoveStop() | plan.TrailStop():
            return LinkedCreateOrderAction.from_plan(action)
        case plan.ScaleIn():
            return LinkedScaleInAction.from_plan(action)
        case plan.DoubleDown():
            return LinkedDoubleDownAction.from_plan(action)
        case plan.Exit(size=None, pricing=plan.Pricing(kind=plan.PricingKind.MARKET)):
            return LinkedCloseAllAction.from_plan(action)
        case _:
            return PlanAction(action)


def _one_or_all(values: tuple[str, ...]) -> str | tuple[str, ...]:
    return values[0] if len(values) == 1 else values
