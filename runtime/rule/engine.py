"""Rules built by hand, and the engine that runs them on an event bus.

A `Rule` joins a condition and an action. On a free bus the engine tries its rules on every event, higher priority
first. On a bus that a runtime drives it hands them to that runtime, whose sequencer runs them among the rules of
`.rules` files: one order of rules, one trade machine, one journal.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from ...dsl import plan
from ..checks import is_text
from ..context import find_runtime
from ..core.records import ActionOutcome, Outcome, ValueText
from ..event.base import BaseEvent
from ..event.bus import EventBus
from .action import Action, ActionList, complete_now, copy_of, finished, outcomes_of
from .condition_base import Condition, Context, EventTypes, truth_of
from .truth import UNKNOWN, TernaryValue

logger = logging.getLogger(__name__)


@attrs.frozen
class RuleRun:
    """What became of one rule on one event.

    `answer` is the condition's; `outcomes` what each action did, empty unless it was true; `reason` why the rule was
    skipped (what was unknown) or failed (what its condition raised).
    """

    rule: Rule
    answer: TernaryValue
    outcomes: tuple[ActionOutcome, ...] = ()
    values: Mapping[str, ValueText] = attrs.Factory(dict)
    failed: bool = False
    reason: str | None = None

    @property
    def outcome(self) -> Outcome | None:
        """The decision's outcome: that of the first action; None where the condition was false."""
        if self.failed:
            return Outcome.FAILED
        if self.answer is UNKNOWN:
            return Outcome.SKIPPED
        return self.outcomes[0].outcome if self.outcomes else None


class Rule:
    """A condition, and what is done when it is true.

    Args:
        rule_id: under which counters, cooldowns and decisions are kept.
        name: what people are shown.
        condition: when it acts.
        action: what it does; several in order as an `ActionList`, or any sequence of actions.
        description: a sentence for people.
        priority: higher is tried first.
        enabled: a disabled rule never acts.
        source: the plan rule that this one was built from, whose options (cooldown, at most, during) hold too.

    Raises:
        ValueError: an empty id.
        TypeError: what is given is no condition, or no action.
    """

    def __init__(
        self,
        rule_id: str,
        name: str,
        condition: Condition,
        action: Action | Iterable[Action],
        description: str = "",
        priority: int = 0,
        enabled: bool = True,
        *,
        source: plan.Rule | None = None,
    ) -> None:
        if not is_text(rule_id):
            raise ValueError(f"a rule needs an id, not {rule_id!r}")
        if not isinstance(condition, Condition):
            raise TypeError(f"not a condition: {condition!r}")
        self.rule_id = rule_id
        self.name = name
        self.condition = condition
        self.action = action if isinstance(action, Action) else ActionList(action)
        self.description = description
        self.priority = priority
        self.enabled = enabled
        self.source = source

    @property
    def event_types(self) -> EventTypes:
        """The types of events on which this rule has to be tried."""
        return self.condition.event_types

    def concerns(self, event: BaseEvent) -> bool:
        return self.enabled and isinstance(event, self.event_types)

    async def evaluate(self, context: Context) -> TernaryValue:
        """The condition's answer."""
        return await truth_of(self.condition, context)

    async def execute(self, context: Context) -> tuple[ActionOutcome, ...]:
        """Does the actions, whatever the condition says."""
        return await outcomes_of(self.action, {**context, "rule": self.rule_id})

    async def run(self, context: Context) -> RuleRun:
        """Evaluates, and executes where the answer is true.

        What a user's code raises is logged and told in the result, not raised.
        """
        own = {**copy_of(context), "rule": self.rule_id}
        try:
            answer = await finished(self.evaluate(own))
            values = self.condition.values(own) if answer is not False else {}
        except Exception as error:
            logger.exception("the condition of rule %s failed on %r", self.rule_id, context.get("event"))
            return RuleRun(self, False, failed=True, reason=f"{type(error).__name__}: {error}")
        if answer is UNKNOWN:
            missing = ", ".join(name for name, value in values.items() if value is None)
            return RuleRun(self, answer, values=values, reason=f"{missing or 'condition'} unknown")
        outcomes = await self.execute(own) if answer is True else ()
        return RuleRun(self, answer, outcomes, values, reason=outcomes[0].reason if outcomes else None)

    def evaluate_now(self, context: Context) -> RuleRun:
        """The condition and its values alone, for a step of the sequencer: `outcomes` stays empty."""
        own = {**copy_of(context), "rule": self.rule_id}
        try:
            answer = complete_now(finished(self.evaluate(own)))
            return RuleRun(self, answer, values=self.condition.values(own) if answer is not False else {})
        except Exception as error:
            logger.exception("the condition of rule %s failed on %r", self.rule_id, context.get("event"))
            return RuleRun(self, False, failed=True, reason=f"{type(error).__name__}: {error}")

    def execute_now(self, context: Context) -> tuple[ActionOutcome, ...]:
        """The actions alone, for a step of the sequencer."""
        return complete_now(self.execute(copy_of(context)))

    def run_now(self, context: Context) -> RuleRun:
        """`run` for a step of the sequencer, where nothing waits: a user's code that would has failed."""
        return complete_now(self.run(context))

    def __repr__(self) -> str:
        return f"<Rule {self.rule_id} {self.name!r} priority {self.priority}{'' if self.enabled else ' disabled'}>"


class RuleEngine:
    """Runs rules on the events of a bus.

    `context` is what rules see beside the event: the linked orders by symbol, and whatever the program puts there.
    Each rule is given a copy.
    """

    def __init__(self, event_bus: EventBus, context: dict[str, Any] | None = None) -> None:
        self.event_bus = event_bus
        self.context: dict[str, Any] = {} if context is None else context
        self._rules: dict[str, Rule] = {}

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules in the order in which they are tried: by priority, higher first, then as registered."""
        return tuple(sorted(self._rules.values(), key=lambda rule: -rule.priority))

    def register_rule(self, rule: Rule) -> None:
        """Takes a rule in.

        Raises:
            TypeError: not a rule.
            ValueError: there is a rule of that id already.
        """
        if not isinstance(rule, Rule):
            raise TypeError(f"not a rule: {rule!r}")
        if rule.rule_id in self._rules:
            raise ValueError(f"there is a rule {rule.rule_id!r} already")
        if self.event_bus.driver is not None:
            self.event_bus.driver.register_rule(rule)
        else:
            self.event_bus.connect(BaseEvent, self._on_event)
        self._rules[rule.rule_id] = rule

    def unregister_rule(self, rule: Rule | str) -> None:
        """Lets a rule go, given itself or its id.

        Raises:
            ValueError: no such rule is registered here.
        """
        rule_id = rule.rule_id if isinstance(rule, Rule) else rule
        if rule_id not in self._rules:
            raise ValueError(f"no rule {rule_id!r} is registered here")
        del self._rules[rule_id]
        if self.event_bus.driver is not None:
            self.event_bus.driver.unregister_rule(rule_id)
        elif not self._rules:
            self.event_bus.disconnect(BaseEvent, self._on_event)

    async def handle(self, event: BaseEvent) -> tuple[RuleRun, ...]:
        """Tries every rule that the event concerns, and tells what became of those that matched or were skipped."""
        context = context_for(event, self.context)
        runs = [await rule.run(context) for rule in self.rules if rule.concerns(event)]
        return tuple(run for run in runs if run.outcome is not None)

    async def _on_event(self, event: BaseEvent) -> None:
        if self.event_bus.driver is None:  # a runtime that took the bus over runs the rules by itself
            for run in await self.handle(event):
                logger.info("rule %s: %s %s", run.rule.rule_id, run.outcome, run.reason or "")


def context_for(event: BaseEvent | None, base: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The context that rules are given: the program's own, the current runtime's trades, and the event."""
    port = find_runtime()
    own = {} if base is None else copy_of(base)
    trades = {} if port is None else port.context_view()
    return {**own, **trades, "event": event}
