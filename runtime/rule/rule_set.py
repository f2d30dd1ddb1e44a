"""A set of rules made ready beside the one that runs, to be taken into use between two inputs.

Making it ready may take a while and disturbs nobody: what both sets share is only read. What is not new is taken over
as it is, with its compiled condition and its place in the index.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from ...dsl.plan import Limit, Plan, Rule
from .changes import Changes, compare
from .index import RuleIndex
from .prepared import Prepared, prepare_rule


@attrs.frozen(eq=False)
class RuleSet:
    """Rules, ready to run.

    Attributes:
        rules: in the order written.
        index: where events find them.
        limits: those of the plan alone.
        digest: of the texts that they were compiled from.
        changes: against the set before, by places.
        moved: rules that stay, and where they stand now: to be told once the set is in use.
    """

    rules: tuple[Prepared, ...]
    index: RuleIndex
    limits: tuple[Limit, ...]
    digest: str
    changes: Changes
    moved: tuple[tuple[Prepared, Rule, int], ...] = ()

    @property
    def new(self) -> list[Rule]:
        """The rules that were not there before in this form."""
        places = sorted((*self.changes.added, *(at for _, at in self.changes.changed)))
        return [rule for rule in (self.rules[at].rule for at in places) if rule is not None]


def make_ready(plan: Plan, digest: str, running: Sequence[Prepared], index: RuleIndex) -> RuleSet:
    """The rules of a plan, ready to take the place of those that run, which are rules of a plan all of them."""
    before = [prepared.rule for prepared in running if prepared.rule is not None]
    changes = compare(before, plan.rules)
    stays = {new: running[old] for old, new in changes.stays}
    rules: list[Prepared] = []
    moved: list[tuple[Prepared, Rule, int]] = []
    for at, rule in enumerate(plan.rules):
        known = stays.get(at)
        prepared = known or prepare_rule(rule, at)
        rules.append(prepared)
        if known is not None and (known.position != at or known.rule is not rule):
            moved.append((known, rule, at))
    return RuleSet(tuple(rules), index.changed(rules), plan.limits, digest, changes, tuple(moved))
