"""Sees which rules an event tries, and what became of their conditions: also those of which no decision tells.

The engine asks its index for the rules that an event may match, and the index leaves out what is certainly false. Here
every rule whose trigger fits is tried with its whole condition, which comes to the same, and each trial is noted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import attrs

from ...dsl.plan import (
    BarTrigger,
    OrderTrigger,
    PositionMoment,
    PositionTrigger,
    PriceTrigger,
    Rule,
    SignalTrigger,
    Trigger,
    VolumeTrigger,
)
from ..event.inputs import Bar
from ..rule.buckets import Candidate, Candidates
from ..rule.facts import Facts
from ..rule.index import RuleIndex
from ..rule.prepared import Prepared, prepare_rule
from .written import Comparison, comparisons_of, why_false


@attrs.frozen(eq=False)
class WatchedRule:
    """A rule of the plan with the comparisons of its condition."""

    rule: Rule
    comparisons: tuple[Comparison, ...]

    @classmethod
    def of(cls, rule: Rule) -> WatchedRule:
        return cls(rule, comparisons_of(rule.condition))

    def can_be_unknown(self, comparison: Comparison) -> bool:
        """Whether the comparison may come to unknown in this rule."""
        return comparison.can_be_unknown(_brought_by(self.rule.trigger))


def _brought_by(trigger: Trigger) -> frozenset[str]:
    """The names that events of a trigger always have; what a signal carries may be missing."""
    match trigger:
        case SignalTrigger():
            return frozenset({"symbol", "signal"})
        case PriceTrigger():
            return frozenset({"symbol", "price"})
        case VolumeTrigger():
            return frozenset({"symbol", "price", "size"})
        case BarTrigger():
            return frozenset({"symbol", "open", "high", "low", "close", "volume"})
        case PositionTrigger(PositionMoment.CLOSED):
            return frozenset({"symbol", "reason", "pnl"})
        case OrderTrigger():
            return frozenset({"symbol", "role", "quantity"})
        case _:
            return frozenset({"symbol"})


@attrs.define(eq=False)
class Trial:
    """One rule whose trigger an event fitted.

    `was_asked` is false where the rule's `during` window was closed. `outcomes` are those of its comparisons, in
    order; `causes` say why the condition was false.
    """

    time: int
    symbol: str | None
    watched: WatchedRule
    was_asked: bool = False
    holds: bool | None = None
    outcomes: tuple[bool | None, ...] = ()
    causes: tuple[str, ...] = ()


class WatchingIndex(RuleIndex):
    """An index that tells `note` of every trial."""

    def __init__(self, rules: Sequence[Prepared], now: Callable[[], int], note: Callable[[Trial], None]) -> None:
        self._now = now
        self._note = note
        self._watched = {one.position: (one, WatchedRule.of(one.rule)) for one in rules if one.rule is not None}
        bare = [
            prepare_rule(attrs.evolve(one.rule, condition=None), one.position) for one in rules if one.rule is not None
        ]
        super().__init__(bare)

    def candidates(self, event: object) -> Candidates:
        return [self._watch(candidate, event) for candidate in super().candidates(event)]

    def candidates_of_bar(self, bar: Bar, *, usual: bool) -> Candidates:
        if usual:
            return self.candidates(bar)
        return [self._watch(candidate, bar) for candidate in super().candidates_of_bar(bar, usual=False)]

    def _watch(self, found: Candidate, event: object) -> Candidate:
        prepared, watched = self._watched[found.prepared.position]
        trial = Trial(self._now(), getattr(event, "symbol", None), watched)
        self._note(trial)

        def ask(asked: Any, facts: Facts) -> bool | None:
            trial.was_asked = True
            trial.holds = prepared.holds(asked, facts)
            trial.outcomes = tuple(comparison.outcome(asked, facts) for comparison in watched.comparisons)
            if trial.holds is False:
                trial.causes = tuple(why_false(prepared.condition, asked, facts))
            return trial.holds

        candidate = Candidate(prepared, found.rank, None)
        candidate.condition = ask
        return candidate
