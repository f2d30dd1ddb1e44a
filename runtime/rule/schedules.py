"""What the clock is set to for a rule: a short text by which rule and clock agree, and when it is next due.

    time 57540            15:59 on trading days
    time 57540 or close   the same in a rule that exits: a minute before the close, where the market closes before
    every 300             each five minutes of a session
    open 300, close 600   five minutes after the open, ten before the close

All times are the exchange's, on its trading days; half days end earlier.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Protocol

from ...dsl.plan import (
    Action,
    CancelOrders,
    EveryTrigger,
    Exit,
    ExitEverything,
    Halt,
    Log,
    MarketMoment,
    MarketTrigger,
    MoveStop,
    MoveStopToBreakeven,
    MoveTarget,
    Notify,
    Rule,
    TimeTrigger,
    TrailStop,
)
from ..times import MINUTE, SECOND

_REDUCING = (
    Exit,
    ExitEverything,
    CancelOrders,
    MoveStop,
    MoveStopToBreakeven,
    MoveTarget,
    TrailStop,
    Halt,
    Notify,
    Log,
)
_BEFORE_CLOSE = MINUTE
_OR_CLOSE = " or close"

# A session is never further away than this.
_DAYS_AHEAD = 30


class Session(Protocol):
    """A session of regular hours, in microseconds since 1970 UTC."""

    @property
    def open(self) -> int: ...

    @property
    def close(self) -> int: ...


class Calendar(Protocol):
    """The exchange's days. Times in microseconds since 1970 UTC."""

    def day(self, now: int) -> date: ...

    def session_on(self, day: date) -> Session | None: ...

    def moment(self, day: date, seconds: int) -> int: ...


def exits(rule: Rule) -> bool:
    """Whether a rule closes positions."""
    return any(isinstance(action, Exit | ExitEverything) for action in rule.actions)


def reduces_risk(actions: tuple[Action, ...]) -> bool:
    """Whether none of a rule's actions can do more than reduce or protect; saying something is no risk either."""
    return all(isinstance(action, _REDUCING) for action in actions)


def schedule_of(rule: Rule) -> str:
    """The schedule of a rule whose trigger is the clock's."""
    trigger = rule.trigger
    tail = _OR_CLOSE if exits(rule) else ""
    if isinstance(trigger, TimeTrigger):
        return f"time {trigger.at}{tail}"
    if isinstance(trigger, MarketTrigger):
        closes = trigger.moment is MarketMoment.CLOSE
        return f"{trigger.moment.value} {trigger.seconds:g}{tail if closes else ''}"
    assert isinstance(trigger, EveryTrigger), "only the clock's triggers have a schedule"
    return f"every {trigger.seconds:g}"


def next_due(schedule: str, after: int, calendar: Calendar) -> int | None:
    """When a schedule is first due after a moment; None where no session of the next weeks has such a time."""
    day = calendar.day(after)
    for _ in range(_DAYS_AHEAD):
        session = calendar.session_on(day)
        if session is not None:
            due = _due_on(schedule, day, session, after, calendar)
            if due is not None and due > after:
                return due
        day += timedelta(days=1)
    return None


def _due_on(schedule: str, day: date, session: Session, after: int, calendar: Calendar) -> int | None:
    """The first time after a moment at which the schedule is due on a day, None where there is none."""
    what, amount, *rest = schedule.split(" ", 2)
    seconds = float(amount)
    last = session.close - _BEFORE_CLOSE
    match what:
        case "time":
            due = calendar.moment(day, int(seconds))
            return last if rest and due >= session.close else due
        case "open":
            due = session.open + round(seconds * SECOND)
            return due if due < session.close else None
        case "close":
            due = session.close - round(seconds * SECOND)
            due = last if rest and due >= session.close else due
            return due if due >= session.open else None
        case _:
            step = round(seconds * SECOND)
            passed = max(0, after - session.open) // step
            due = session.open + (passed + 1) * step
            return due if due < session.close else None


def is_once_a_day(schedule: str) -> bool:
    """Whether a missed moment of the schedule is made up for: a `time` or a moment of the session, not an `every`."""
    return not schedule.startswith("every")
