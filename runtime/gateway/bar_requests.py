"""What a request for historical bars says, read: `5 mins`, `2 D`, `20260105 16:00:00 US/Eastern`.

Everything is judged by its form here; which bars there are is `history.py`'s business. Times are microseconds since
1970 UTC; a text without a zone is UTC, which is the stand-in's own.
"""

from __future__ import annotations

import enum
import re
from datetime import timedelta

import attrs

from ..market.hours import Hours
from ..times import DAY, EPOCH, HOUR, MINUTE, SECOND
from .moments import UTC_ZONE, parse_moment

WEEK = 7 * DAY
MONTH = 30 * DAY


class What(enum.Enum):
    """Which price a bar tells."""

    TRADES = "TRADES"
    MIDPOINT = "MIDPOINT"
    BID = "BID"
    ASK = "ASK"


SHOWN = {**{each.value: each for each in What}, "ADJUSTED_LAST": What.TRADES}

BAR_SIZES = {
    **{f"{count} secs": count * SECOND for count in (1, 5, 10, 15, 30)},
    "1 sec": SECOND,
    "1 min": MINUTE,
    **{f"{count} mins": count * MINUTE for count in (2, 3, 5, 10, 15, 20, 30)},
    "1 hour": HOUR,
    **{f"{count} hours": count * HOUR for count in (2, 3, 4, 8)},
    **dict.fromkeys(("1 day", "1D", "1d"), DAY),
    **dict.fromkeys(("1 week", "1W", "1w"), WEEK),
    **dict.fromkeys(("1 month", "1M", "1m"), MONTH),
}
"""Lengths in microseconds; `WEEK` and `MONTH` stand for those of the calendar."""

_DURATION = re.compile(r"(\d{1,5}) ?([SDWMY])", re.ASCII)


class RequestError(Exception):
    """A request whose words make no sense; the text says which."""


@attrs.frozen
class Duration:
    """So many seconds, trading days, weeks, months or years."""

    count: int
    unit: str

    def begins(self, end: int, hours: Hours) -> int:
        """When a span of this length begins that ends at a time."""
        if self.unit == "S":
            return end - self.count * SECOND
        day = hours.day(end - 1)
        if self.unit == "D":
            left = self.count
            for _ in range(self.count * 5 + 30):
                left -= hours.is_trading_day(day)
                if left == 0:
                    break
                day -= timedelta(days=1)
        elif self.unit == "W":
            day -= timedelta(days=7 * self.count - 1)
        else:
            months = day.year * 12 + day.month - 1 - self.count * (12 if self.unit == "Y" else 1)
            year, month = divmod(max(months, 12), 12)
            day = day.replace(year=year, month=month + 1, day=min(day.day, 28)) + timedelta(days=1)
        return hours.moment(day, 0)


def read_bar_size(text: str) -> int:
    """The length of a bar, in microseconds.

    Raises:
        RequestError: no such size.
    """
    size = BAR_SIZES.get(text.strip())
    if size is None:
        legal = ", ".join(each for each in BAR_SIZES if each not in ("1 sec", "1d", "1w", "1m", "1D", "1W", "1M"))
        raise RequestError(f"Historical data bar size setting is invalid. Legal ones are: {legal}")
    return size


def read_duration(text: str) -> Duration:
    """A duration; a bare number is seconds.

    Raises:
        RequestError: another form, or a length that must be said in a greater unit.
    """
    form = _DURATION.fullmatch(text.strip().upper() if not text.strip().isdigit() else f"{text.strip()} S")
    if form is None or int(form[1]) == 0:
        raise RequestError(
            "Historical data query duration is invalid. Write a number and a unit: S, D, W, M or Y, as in `2 D`"
        )
    count, unit = int(form[1]), form[2]
    if unit == "S" and count > 86_400:
        raise RequestError("Historical data requests for durations longer than 86400 seconds must be made in days")
    if unit == "D" and count > 365:
        raise RequestError("Historical data requests for durations longer than 365 days must be made in years")
    if (unit == "Y" and count > 68) or (unit == "M" and count > 800):
        raise RequestError("Historical data query duration is too long")
    return Duration(count, unit)


def read_end(text: str, now: int) -> int:
    """The end of the span asked for; empty is now, `20260105-21:00:00` is UTC, a date alone its midnight.

    Raises:
        RequestError: another form, or a zone that nobody knows.
    """
    if not text.strip():
        return now
    try:
        return min(now, parse_moment(text, UTC_ZONE))
    except ValueError as error:
        raise RequestError(f"Invalid date, time, or time-zone entered in endDateTime: {error}") from None


def time_shown(time: int, date_format: int) -> str:
    """A moment as an answer shows it: `20260105  21:00:00` in UTC, or with format 2 seconds since 1970."""
    if date_format == 2:
        return str(time // SECOND)
    return f"{EPOCH + timedelta(microseconds=time):%Y%m%d  %H:%M:%S}"
