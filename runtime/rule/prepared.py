"""A rule made ready to run: what is worked out once and used at every event.

Everything costly waits for its first use. A rule whose trigger never fires costs its record; its condition is never
compiled and, when it has no name, its fingerprint never taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import attrs

from ...dsl.plan import AtMost, Cooldown, During, Expression, Rule
from .closures import compile_condition
from .facts import Facts
from .parts import Parts
from .values import Value

Condition = Callable[[Any, Facts], bool | None]


@attrs.define(eq=False)
class Prepared:
    """A rule of a plan, or an opaque one: a Python callable that is tried on every event of a type.

    `position` is its place in the order written; rules are tried by priority, higher first, then by position.
    `rule` is None for an opaque rule, `event_type` None for a rule of a plan. `true_or_unknown` counts the events for
    which the condition was not false.
    """

    position: int
    label: str
    priority: int = 0
    enabled: bool = True
    rule: Rule | None = None
    event_type: type | None = None
    test: Condition | None = None
    true_or_unknown: int = 0
    _identity: str | None = None
    _values: Callable[[Any, Facts], dict[str, Value]] | None = None
    _parts: Parts | None = None
    _at: str | None = None

    @property
    def opaque(self) -> bool:
        return self.rule is None

    @property
    def at(self) -> str:
        """Where the rule stands, `flow.rules:3`; empty for an opaque one."""
        if self._at is None:
            self._at = "" if self.rule is None else str(self.rule.place)
        return self._at

    @property
    def identity(self) -> str:
        """What counters and cooldowns are kept under: an opaque rule's is its label."""
        if self._identity is None:
            self._identity = self.label if self.rule is None else self.rule.identity
        return self._identity

    def stand_at(self, rule: Rule, position: int) -> None:
        """The same rule at another place of its file or of the set."""
        self.rule, self.position, self.label, self._at = rule, position, rule.label, None

    @property
    def cooldown(self) -> Cooldown | None:
        return None if self.rule is None else self.rule.cooldown

    @property
    def at_most(self) -> tuple[AtMost, ...]:
        return () if self.rule is None else self.rule.at_most

    @property
    def during(self) -> During | None:
        return None if self.rule is None else self.rule.during

    @property
    def condition(self) -> Expression | None:
        return None if self.rule is None else self.rule.condition

    def holds(self, event: Any, facts: Facts) -> bool | None:
        """The whole condition for this event: true, false or unknown. Compiled at its first use."""
        if self.test is None:
            self.test = _always if self.condition is None else compile_condition(self.condition)
        return self.test(event, facts)

    @property
    def parts(self) -> Parts:
        """The parts of the condition, looked up once."""
        if self._parts is None:
            self._parts = Parts.of(self.condition)
        return self._parts

    def values(self, event: Any, facts: Facts) -> dict[str, Value]:
        """The condition's parts by label, for the decision record."""
        if self._values is None:
            self._values = self.parts.values
        return self._values(event, facts)


def _always(event: Any, facts: Facts) -> bool:
    return True


def prepare(rules: Iterable[Rule]) -> list[Prepared]:
    """The rules of a plan, made ready, in the order in which they stand."""
    return [prepare_rule(rule, position) for position, rule in enumerate(rules)]


def prepare_rule(rule: Rule, position: int) -> Prepared:
    """One rule of a plan, at its place among all."""
    return Prepared(position=position, label=rule.label, priority=rule.priority, enabled=rule.enabled, rule=rule)


def prepare_opaque(
    label: str,
    event_type: type,
    test: Condition,
    *,
    position: int,
    priority: int = 0,
    enabled: bool = True,
    values: Callable[[Any, Facts], dict[str, Value]] | None = None,
) -> Prepared:
    """A rule built by hand. Its test is tried on every event of the type, or of one derived from it.

    `values` tells the parts of its condition, after the test.
    """
    return Prepared(
        position=position,
        label=label,
        priority=priority,
        enabled=enabled,
        event_type=event_type,
        test=test,
        values=values,
    )
