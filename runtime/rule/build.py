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
from ..event.market import PriceEvent
from .action import Action, ActionList, PlanAction
from .condition_base import Condition, PlanCondition
from .engine import Rule
from .field_conditions import EventCondition
from .linked_order_actions import (
    LinkedCloseAllAction,
    LinkedCreateOrderAction,
    LinkedDoubleDownAction,
    LinkedScaleInAction,
)


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
        condition=build_condition(rule.trigger, rule.condition),
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


def build_condition(trigger: plan.Trigger, where: plan.Expression | None) -> Condition:
    """What a trigger and its `where` ask of an event."""
    fields: dict[str, Any] = {}
    event_type: type[BaseEvent] = PriceEvent
    if isinstance(trigger, plan.SignalTrigger):
        event_type = PredictionSignalEvent
        if trigger.kinds:
            fields["signal"] = _one_or_all(trigger.kinds)
    if trigger.of is not None:
        fields["symbol"] = _one_or_all(trigger.of)
    event = EventCondition(event_type, fields)
    return event if where is None else event & PlanCondition(where, event_type)


def build_action(action: plan.Action) -> Action:
    """The object that does one action of a plan."""
    match action:
        case plan.Enter():
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
