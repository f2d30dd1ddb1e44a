"""When the broker's own systems restart: a connection that is lost then is no surprise.

A window is written `23:45-00:45`, or with the weekday on which it begins, `Fri 23:00-03:00`; the times are those of the
exchange's clocks. One that ends before it begins ends on the next day.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta

import attrs

from ...market.hours import Hours

_FORM = re.compile(r"(?:(Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY = 24 * 3600


@attrs.frozen
class Window:
    """Seconds after the exchange's midnight; `weekday` is that of its beginning, 0 for Monday, None for every day."""

    start: int
    end: int
    weekday: int | None = None

    def __str__(self) -> str:
        day = "" if self.weekday is None else f"{_WEEKDAYS[self.weekday]} "
        return f"{day}{_clock(self.start)}-{_clock(self.end)}"


def parse_window(text: str) -> Window:
    """Reads a window; raises ValueError for what is none."""
    form = _FORM.fullmatch(text.strip())
    if form is None:
        raise ValueError(f"`{text}` is no window; write one like 23:45-00:45 or Fri 23:00-03:00")
    start, end = (int(form[at]) * 3600 + int(form[at + 1]) * 60 for at in (2, 4))
    if start == end:
        raise ValueError(f"`{text}` ends as it begins")
    return Window(start, end, None if form[1] is None else _WEEKDAYS.index(form[1]))


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}"


# What Interactive Brokers names as the times at which its servers of North America are reset.
NIGHTLY_RESETS = (parse_window("23:45-00:45"), parse_window("Fri 23:00-03:00"))


def is_within(windows: Iterable[Window], hours: Hours, now: int) -> bool:
    """Whether a time (microseconds since 1970 UTC) lies in one of these windows."""
    today = hours.day(now)
    seconds = hours.seconds_of_day(now)
    yesterday = (today - timedelta(days=1)).weekday()
    for window in windows:
        crosses = window.end < window.start
        begins_today = window.weekday in (None, today.weekday())
        if begins_today and window.start <= seconds < (_DAY if crosses else window.end):
            return True
        if crosses and window.weekday in (None, yesterday) and seconds < window.end:
            return True
    return False
