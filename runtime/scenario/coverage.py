"""What of the rules the tests have seen: each rule matching, each trigger met, each comparison with all its outcomes.

A comparison can be true, false or unknown; where nothing in it can be missing (`symbol in watch`), only the first two
count. Rules that ship with rulec have tests of their own: beside others they do not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import attrs

from ...dsl.plan import Place, Plan
from .watching import Trial, WatchedRule

OUTCOMES = (True, False, None)
_WORDS = {True: "true", False: "false", None: "unknown"}
_SHIPPED = "<std>/"


@attrs.define(eq=False)
class RuleCoverage:
    """One rule: how often its trigger was met and it matched, and how often each comparison came to each outcome."""

    label: str
    place: Place
    comparisons: tuple[tuple[str, tuple[bool | None, ...]], ...]
    """As they are written, each with the outcomes that it can come to."""
    met: int = 0
    matched: int = 0
    seen: dict[tuple[int, bool | None], int] = attrs.Factory(dict)

    @classmethod
    def of(cls, watched: WatchedRule) -> RuleCoverage:
        comparisons = tuple(
            (one.text, OUTCOMES if watched.can_be_unknown(one) else OUTCOMES[:2]) for one in watched.comparisons
        )
        return cls(watched.rule.label, watched.rule.place, comparisons)

    def outcomes(self) -> Iterator[bool]:
        """For each outcome that each comparison can come to, whether it has."""
        for number, (_, possible) in enumerate(self.comparisons):
            for outcome in possible:
                yield (number, outcome) in self.seen

    def missing(self) -> Iterator[str]:
        """What was never seen, in words."""
        if not self.met:
            yield "its trigger was never met"
            return
        if not self.matched:
            yield "it never matched"
        for number, (text, possible) in enumerate(self.comparisons):
            lacking = [_WORDS[outcome] for outcome in possible if (number, outcome) not in self.seen]
            if lacking:
                yield f"`{text}` was never {' or '.join(lacking)}"


@attrs.frozen
class Count:
    """So many of all."""

    seen: int
    of: int

    @classmethod
    def among(cls, flags: Iterable[bool]) -> Count:
        listed = list(flags)
        return cls(sum(listed), len(listed))

    def __add__(self, other: Count) -> Count:
        return Count(self.seen + other.seen, self.of + other.of)

    @property
    def percent(self) -> float:
        """Of nothing, everything was seen."""
        return 100.0 * self.seen / self.of if self.of else 100.0


class Coverage:
    """Gathers over all tests of a command. A rule is the same in every test: it is known by where it stands."""

    def __init__(self) -> None:
        self.rules: dict[tuple[str, int, int], RuleCoverage] = {}

    def expect(self, plan: Plan) -> None:
        """Counts the enabled rules of a plan, also those that no test will reach."""
        enabled = [rule for rule in plan.rules if rule.enabled]
        own = [rule for rule in enabled if not rule.place.path.startswith(_SHIPPED)]
        for rule in own or enabled:
            self.rules.setdefault(_key(rule.place), RuleCoverage.of(WatchedRule.of(rule)))

    def add(self, trials: Iterable[Trial]) -> None:
        """Counts what one test has seen."""
        for trial in trials:
            rule = self.rules.get(_key(trial.watched.rule.place))
            if rule is None:
                continue
            rule.met += 1
            rule.matched += trial.holds is True
            for number, outcome in enumerate(trial.outcomes):
                rule.seen[number, outcome] = rule.seen.get((number, outcome), 0) + 1

    @property
    def triggers(self) -> Count:
        return Count.among(rule.met > 0 for rule in self.rules.values())

    @property
    def matched(self) -> Count:
        return Count.among(rule.matched > 0 for rule in self.rules.values())

    @property
    def outcomes(self) -> Count:
        return Count.among(seen for rule in self.rules.values() for seen in rule.outcomes())

    @property
    def total(self) -> Count:
        """Rules, triggers and outcomes together: what `--fail-under` is held against."""
        return self.matched + self.triggers + self.outcomes


def _key(place: Place) -> tuple[str, int, int]:
    """A file that is given and a file that is used are the same, however their paths are written."""
    return str(Path(place.path).resolve()), place.line, place.column
