"""Answers for conditions so plain that nothing need be searched: most are, and most answers are «no».

    confidence > 0.8 and symbol == AAPL         each part is held against one literal, once

What is said here is what a search would say: for each part of such a condition there is one range or choice, and
nothing lies between the parts. Whatever is less plain has no `PlainCondition`, and is searched.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import attrs

from . import plan
from .possible_values import Situation, value_of
from .ranges import MIRRORED, OPPOSITES, Possible
from .record import Record
from .search import Box, held_against, narrowed

_MOST_CLAUSES = 40
"""Far below what makes a search give up."""
_PARTS = (plan.FieldName, plan.QuoteField, plan.BarField, plan.PositionField, plan.Indicator)
"""Parts, beside what the event brings, of which nothing is known but by themselves."""
_REASON = "reason"
"""The name whose words depend on the event."""
_OF_A_BAR = frozenset(("low", "open", "high", "close"))
"""Names whose values lie to each other in a way that is known on a bar."""

_Clause = tuple[str, float | str | bool]
"""An operator, and what a part is held against by it."""


@attrs.frozen(eq=False, repr=False)
class PlainCondition(Record):
    """What a rule asks of each part, and what each part can be where the rule fires.

    `situation` is the rule's; `can_be_false` is whether a search would find values with which a clause is false.
    """

    situation: Situation
    clauses: Mapping[Hashable, _Clause]
    box: Box
    can_be_false: bool

    @property
    def is_never_true(self) -> bool:
        return any(self.box[part].is_empty for part in self.clauses)

    def can_be_missed_by(self, other: PlainCondition) -> bool:
        """Whether a search would find values with which the other's condition is true, and this one's is not."""
        for part, (operator, literal) in self.clauses.items():
            fails = Possible(held_against(OPPOSITES[operator], literal))
            if not narrowed(part, fails, other.box.get(part), self.situation).is_empty:
                return True
        return False

    def never_with(self, other: PlainCondition) -> bool:
        """Whether no event fires both rules, because they ask different things of one part."""
        box = other.box
        return any(part in box and mine.meet(box[part]).is_empty for part, mine in self.box.items())


class PlainConditions:
    """Those of many rules, by place, each found when it is first asked for."""

    def __init__(self, rules: Sequence[plan.Rule]) -> None:
        self._rules = rules
        self._found: dict[int, PlainCondition | None] = {}
        self._outcomes: _Outcomes = {}

    def __getitem__(self, at: int) -> PlainCondition | None:
        if at not in self._found:
            self._found[at] = plain_condition(self._rules[at], self._outcomes)
        return self._found[at]


_Outcomes = dict[tuple[Hashable, str, type, float | str | bool], tuple[Possible, bool]]
"""What a clause leaves of a part of which nothing else is said, and whether it can be false: the same in all rules."""


def plain_condition(rule: plan.Rule, outcomes: _Outcomes | None = None) -> PlainCondition | None:
    """The plain condition of a rule; None where it has none, or one that is not plain.

    `outcomes` are those of rules before, to which this one's are added.
    """
    known = {} if outcomes is None else outcomes
    condition = rule.condition
    items = condition.items if isinstance(condition, plan.And) else (condition,)
    if len(items) > _MOST_CLAUSES:
        return None
    situation = Situation(rule.trigger, rule.during)
    clauses: dict[Hashable, _Clause] = {}
    box = situation.said()
    can_be_false = False
    for item in items:
        if not isinstance(item, plan.Compare) or len(item.operands) != 2:
            return None
        part, other = item.operands
        operator = item.operators[0]
        literal = value_of(other)
        if literal is None:
            part, other, operator = other, part, MIRRORED[operator]
            literal = value_of(other)
        if literal is None or part in clauses or not _stands_alone(part, rule.trigger):
            return None
        clauses[part] = (operator, literal)
        if part in box:
            box[part], fails = _outcome(part, operator, literal, box[part], situation)
        else:
            key = (part, operator, type(literal), literal)
            if key not in known:
                known[key] = _outcome(part, operator, literal, None, situation)
            box[part], fails = known[key]
        can_be_false = can_be_false or fails
    return PlainCondition(situation, clauses, box, can_be_false)


def _outcome(
    part: Hashable, operator: str, literal: float | str | bool, before: Possible | None, situation: Situation
) -> tuple[Possible, bool]:
    """What a part can be where a clause is true, and whether it can be something with which the clause is false."""
    holds = Possible(held_against(operator, literal), known=True)
    fails = Possible(held_against(OPPOSITES[operator], literal), known=True)
    return (
        narrowed(part, holds, before, situation),
        not narrowed(part, fails, before, situation).is_empty,
    )


def _stands_alone(part: plan.Expression, trigger: plan.Trigger) -> bool:
    """Whether nothing is known of a part but by itself, and that the same on any event."""
    if isinstance(part, plan.EventName):
        return part.name != _REASON and not (isinstance(trigger, plan.BarTrigger) and part.name in _OF_A_BAR)
    return isinstance(part, _PARTS)
