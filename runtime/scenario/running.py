"""Plays a test to its end or to its first expectation that is not met."""

from __future__ import annotations

import attrs

from ...dsl import scenario
from ...dsl.plan import Place
from ..core.records import Decision
from ..view.lines import clock_text, record_text
from .coverage import Coverage
from .expectations import judge
from .stage import ImpossibleStep, Stage, Theatre
from .watching import Trial

MOST_TOLD = 12
"""Decisions and trials that a failure shows: the last ones."""


@attrs.frozen
class Failure:
    """Where a test did not go as expected.

    `expected` is the expectation as it stands in the file, `instead` what there was. `orders` are the orders of its
    symbol (of all, where it has none) and `decisions` what the rules did in the steps before, a line each.
    """

    expected: str
    place: Place
    instead: str
    orders: tuple[str, ...]
    decisions: tuple[str, ...]


@attrs.frozen
class TestResult:
    """What became of a test; without a failure it has passed."""

    __test__ = False  # pytest collects classes by this name

    test: scenario.Test
    failure: Failure | None

    @property
    def has_passed(self) -> bool:
        return self.failure is None


def run_test(test: scenario.Test, theatre: Theatre, coverage: Coverage | None = None) -> TestResult:
    """Plays one test. What it has seen is added to `coverage`, whether it passes or not."""
    stage = Stage(theatre, test)
    failure = _play(test, stage)
    if coverage is not None:
        coverage.add(stage.trials)
    return TestResult(test, failure)


def _play(test: scenario.Test, stage: Stage) -> Failure | None:
    was_expected = False
    for step in test.steps:
        if isinstance(step, scenario.Expectation):
            was_expected = True
            instead = judge(step, stage)
            if instead is not None:
                return _failure(step.written, step.place, instead, stage, getattr(step, "symbol", None))
            continue
        if was_expected:
            stage.turn_page()
            was_expected = False
        try:
            stage.perform(step)
        except ImpossibleStep as error:
            return _failure("", step.place, str(error), stage, None)
    return None


def _failure(expected: str, place: Place, instead: str, stage: Stage, symbol: str | None) -> Failure:
    orders = tuple(record_text(order) for order in stage.orders.values() if symbol in (None, order.symbol))
    told = [text for moment in stage.moments if (text := _told(moment)) is not None]
    left_out = len(told) - MOST_TOLD
    if left_out > 0:
        told = [f"({left_out:,} before these)", *told[-MOST_TOLD:]]
    return Failure(expected, place, instead, orders, tuple(told))


def _told(moment: Decision | Trial) -> str | None:
    """A decision as everywhere, and of a rule that made none, why."""
    if isinstance(moment, Decision):
        return record_text(moment)
    if moment.was_asked and moment.holds is not False:
        return None  # its decision tells
    rule = moment.watched.rule
    if moment.was_asked:
        why = ", ".join(moment.causes)
    else:
        why = "the moment had passed" if rule.during is None else "outside its `during` window"
    return f"{clock_text(moment.time)}  {moment.symbol or '-':<6} decision  {rule.label} not fired: {why}  {rule.place}"
