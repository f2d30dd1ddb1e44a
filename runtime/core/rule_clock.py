"""The clock of rules: one timer for all their schedules, and the ticks that rules are tried on when it fires.

What is due at one time fires as one, so that its rules are tried in their order whatever they wait for.

A `time` that was missed (the machine slept, the system started after it) fires once, late, in the same session, and
then only for rules that reduce risk; a missed `every` is left out.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...dsl.plan import ClockTrigger, Rule
from ..event.happenings import ClockTick
from ..market.hours import Hours
from ..rule.schedules import is_once_a_day, next_due, schedule_of
from .policy import SECOND
from .timers import Timers

CLOCK = ("clock", "rules")
"""The timer's key."""

# Later than this, a tick is one that was missed.
_ON_TIME = 5 * SECOND


class RuleClock:
    """The schedules of one rule set. Times in microseconds since 1970 UTC."""

    def __init__(self, hours: Hours, timers: Timers) -> None:
        self._hours = hours
        self._timers = timers
        self._due: dict[str, int] = {}
        # By schedule, the symbols that its rules ask for: None for those that ask for none.
        self._symbols: dict[str, dict[str | None, None]] = {}
        self._is_set = True

    def set_rules(self, rules: Sequence[Rule]) -> None:
        """Takes the schedules of a rule set; `begin` of the next step sets the clock for those that are new."""
        wanted: dict[str, dict[str | None, None]] = {}
        for rule in rules:
            if isinstance(rule.trigger, ClockTrigger):
                symbols = wanted.setdefault(schedule_of(rule), {})
                symbols.update(dict.fromkeys(rule.trigger.of if rule.trigger.of is not None else (None,)))
        for gone in self._due.keys() - wanted.keys():
            del self._due[gone]
        self._symbols = wanted
        self._is_set = not wanted.keys() - self._due.keys()

    def begin(self, now: int) -> None:
        """Sets the clock for schedules that have no timer yet."""
        if self._is_set:
            return
        self._is_set = True
        for schedule in self._symbols:
            if schedule not in self._due:
                missed = self._missed(schedule, now)
                if missed is None:
                    self._set(schedule, now - 1)
                else:
                    self._due[schedule] = missed
        self._start()

    def begin_anew(self, now: int) -> None:
        """Sets the clock for the schedules that a reload brought: what was due before now was not theirs to miss.

        A rule that was only edited has had its time, and one that is new was not waited for.
        """
        self._is_set = True
        for schedule in self._symbols:
            if schedule not in self._due:
                self._set(schedule, now)
        self._start()

    def ticks(self, now: int) -> list[ClockTick]:
        """All that is due when the timer has fired; the clock is set for what comes next."""
        found: list[ClockTick] = []
        for schedule, symbols in self._symbols.items():
            due = self._due.get(schedule)
            if due is None or due > now:
                continue
            self._set(schedule, now)
            late = now - due > _ON_TIME
            if late and not (is_once_a_day(schedule) and self._same_session(due, now)):
                continue
            found += [ClockTick(now, schedule, due, symbol, late) for symbol in symbols]
        self._start()
        return found

    def _set(self, schedule: str, after: int) -> None:
        due = next_due(schedule, after, self._hours)
        if due is None:
            self._due.pop(schedule, None)
        else:
            self._due[schedule] = due

    def _start(self) -> None:
        """Sets the timer for what is due first."""
        if self._due:
            self._timers.start(CLOCK, min(self._due.values()))
        else:
            self._timers.cancel(CLOCK)

    def _missed(self, schedule: str, now: int) -> int | None:
        """When a schedule was due earlier in the session of this moment; None where it was not."""
        session = self._hours.session(now)
        if session is None or not is_once_a_day(schedule):
            return None
        due = next_due(schedule, session.open - 1, self._hours)
        return due if due is not None and due < now else None

    def _same_session(self, due: int, now: int) -> bool:
        session = self._hours.session(now)
        return session is not None and session.open <= due
