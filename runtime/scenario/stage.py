"""Where a test is played: a plan on the simulated exchange, moved step by step, with all that came of it at hand.

Only `at`, `wait` and bars move time; the other steps happen at the present moment, one after another. What a timer has
due by then is done after the step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import assert_never

import attrs

from ...dsl import scenario
from ...dsl.plan import Plan
from ..broker.simulated import SimulationSettings
from ..core.engine import Engine, Input
from ..core.records import Decision, OrderRecord, Record
from ..core.settings import Settings
from ..event.inputs import Bar, BrokerLink, Fault, LinkEvent, OutsideInput, Price, Quote, Signal
from ..market.hours import Hours
from ..rule.registered import RegisteredAction
from ..simulation import simulate
from ..times import SECOND
from ..view.lines import clock_text
from .bar_times import BarTimes, usual_timeframe
from .watching import Trial, WatchingIndex

DEFAULT_DAY = date(2026, 1, 5)
"""The day on which a test begins that names none: a Monday on which the exchange is open."""

DEFAULT_TIME = 10 * 3600
"""The time of day at which a test begins that names none, in seconds: half an hour after the open."""

_EMPTY_PAST = 400 * 86_400 * SECOND
_FIRST_DAY = date(1970, 1, 1)


class ImpossibleStep(Exception):
    """A step that can't be done where it stands, in words."""


@attrs.frozen
class Theatre:
    """What all tests of one file are played with."""

    plan: Plan
    hours: Hours
    settings: Settings
    simulation: SimulationSettings
    actions: Mapping[str, RegisteredAction] = attrs.Factory(dict)


class Stage:
    """One test's run.

    `records` and `moments` are what happened since the last `turn_page`: all records, and the decisions and trials in
    their order. `orders` is the latest record of every order of the test, `trials` are all of them.
    """

    def __init__(self, theatre: Theatre, test: scenario.Test) -> None:
        self.records: list[Record] = []
        self.moments: list[Decision | Trial] = []
        self.orders: dict[str, OrderRecord] = {}
        self.trials: list[Trial] = []
        self._theatre = theatre
        self._signals = 0
        self._bars = BarTimes(theatre.hours)
        simulation, settings = theatre.simulation, theatre.settings
        for step in test.steps:
            if isinstance(step, scenario.Equity):
                simulation = attrs.evolve(simulation, equity=step.amount)
        made = simulate(theatre.plan, theatre.hours, settings, simulation, sinks=[self._take], actions=theatre.actions)
        self._session = made.session
        self.engine: Engine = made.engine
        self.engine.runner.index = WatchingIndex(self.engine.rules, lambda: self.engine.desk.now, self._note)
        self.now = _beginning(theatre.hours, test.steps)
        self._session.begin(self.now)
        self.engine.signal_log.begin(self.now - _EMPTY_PAST)
        self._session.run_timers(self.now)

    def turn_page(self) -> None:
        """Forgets what happened so far: what comes next is looked at by itself."""
        self.records.clear()
        self.moments.clear()

    # ---- steps

    def perform(self, step: scenario.Happening) -> None:
        """Does one step to its end.

        Raises:
            ImpossibleStep: time would run backwards.
        """
        match step:
            case scenario.At():
                self._go_to(self._moment(step))
            case scenario.Wait():
                self._go_to(self.now + round(step.seconds * SECOND))
            case scenario.Equity():
                return  # the account began with it
            case scenario.Price():
                self._handle(Price(self.now, step.symbol, step.price, step.size))
            case scenario.Quote():
                self._handle(Quote(self.now, step.symbol, step.bid, step.ask))
            case scenario.Bars():
                for _ in range(step.times):
                    self._bar(step)
            case scenario.Signal():
                self._handle(self._signal(step))
            case scenario.RejectNext():
                self._handle(Fault(self.now, "reject_next", step.reason))
            case scenario.PartialNext():
                self._handle(Fault(self.now, "partial_next", quantity=step.quantity))
            case scenario.Connection():
                event = LinkEvent.CONNECTED if step.is_there else LinkEvent.DISCONNECTED
                self._handle(BrokerLink(self.now, event))
            case _:
                assert_never(step)

    def _moment(self, step: scenario.At) -> int:
        hours = self._theatre.hours
        day = hours.day(self.now) if step.days is None else _FIRST_DAY + timedelta(days=step.days)
        return hours.moment(day, step.seconds)

    def _go_to(self, moment: int) -> None:
        if moment < self.now:
            raise ImpossibleStep(f"time does not run backwards: it is {clock_text(self.now)} already")
        self.now = moment
        self._session.run_timers(moment)

    def _bar(self, step: scenario.Bars) -> None:
        theatre = self._theatre
        timeframe = (
            usual_timeframe(theatre.plan, step.symbol, theatre.settings.timeframe)
            if step.timeframe is None
            else round(step.timeframe * SECOND)
        )
        span = self._bars.next(step.symbol, timeframe, self.now)
        self.now = span.end
        prices = (step.open, step.high, step.low, step.close, step.volume)
        self._handle(Bar(span.time, step.symbol, *prices, timeframe, span.start, span.end))

    def _signal(self, step: scenario.Signal) -> Signal:
        # each has an id of its own: two that are alike and come at one moment are two
        self._signals += 1
        return Signal(
            self.now,
            step.symbol,
            step.kind,
            step.confidence,
            step.price,
            step.source,
            f"test-{self._signals}",
            dict(step.fields),
        )

    def _handle(self, event: OutsideInput) -> None:
        self._session.handle(event, self.now)
        self._session.run_timers(self.now)

    # ---- what came of it

    def _take(self, event: Input, records: Sequence[Record]) -> None:
        self.records += records
        for record in records:
            if isinstance(record, Decision):
                self.moments.append(record)
            elif isinstance(record, OrderRecord):
                self.orders[record.id] = record

    def _note(self, trial: Trial) -> None:
        self.moments.append(trial)
        self.trials.append(trial)


def _beginning(hours: Hours, steps: Sequence[scenario.Step]) -> int:
    """The moment that the first step names, where it is an `at`; else that of a test that names none."""
    first = next((step for step in steps if not isinstance(step, scenario.Equity)), None)
    if not isinstance(first, scenario.At):
        return hours.moment(DEFAULT_DAY, DEFAULT_TIME)
    day = DEFAULT_DAY if first.days is None else _FIRST_DAY + timedelta(days=first.days)
    return hours.moment(day, first.seconds)
