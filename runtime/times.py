"""Times and timeframes as text, both ways.

Inside, a time is an integer: microseconds since 1970 UTC. Outside it is ISO 8601 with an offset, because a time
without one means something else on every machine. A timeframe is a whole number of seconds, minutes, hours or days
(`30s`, `5m`, `1h`, `1d`).

`parse_time` remembers the dates and the times of day that it has read: a file of bars repeats a few hundred of each,
and two look-ups cost a third of reading the text again.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST = 0
LATEST = (datetime(2200, 1, 1, tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)

_FORM = re.compile(r"(\d{4}-\d\d-\d\d)([T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:?\d\d)?", re.ASCII)
_TIMEFRAME = re.compile(r"([1-9]\d{0,5})([smhd])", re.ASCII)
_UNITS = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}
_LONGEST_TIMEFRAME = 366 * DAY
_MOST_REMEMBERED = 100_000


class TimeReader:
    """Reads ISO 8601 texts and remembers their parts."""

    def __init__(self) -> None:
        self._days: dict[str, int] = {}
        self._clocks: dict[str, int] = {}

    def read(self, text: str) -> int:
        """Microseconds since 1970 UTC of an ISO 8601 time with an offset; digits below a microsecond are dropped.

        Raises:
            ValueError: no such form, no offset, no such date or time, or outside the years 1970 to 2199.
        """
        day, clock = self._days.get(text[:10]), self._clocks.get(text[10:])
        if day is None or clock is None:
            return self._remember(text)
        return day + clock

    def _remember(self, text: str) -> int:
        time = parse_time(text)
        day = (datetime.fromisoformat(text[:10]).replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)
        # A day and a clock that are each within range could together leave it only at the range's two ends.
        if EARLIEST + 2 * DAY <= time < LATEST - 2 * DAY:
            if len(self._days) >= _MOST_REMEMBERED or len(self._clocks) >= _MOST_REMEMBERED:
                self._days.clear()
                self._clocks.clear()
            self._days[text[:10]] = day
            self._clocks[text[10:]] = time - day
        return time


def parse_time(text: str) -> int:
    """Microseconds since 1970 UTC of an ISO 8601 time with an offset; see `TimeReader.read`."""
    form = _FORM.fullmatch(text)
    if form is None:
        raise ValueError(f"`{text}` is no time; write it like 2026-01-05T15:00:00Z")
    if form[3] is None:
        raise ValueError(f"`{text}` has no offset; add Z for UTC, or one like -05:00")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"`{text}` is no time: {error}") from None
    # Subtraction of aware datetimes near the first and last year is exact and cannot overflow.
    time = (moment - EPOCH) // timedelta(microseconds=1)
    if not EARLIEST <= time < LATEST:
        raise ValueError(f"`{text}` lies outside the years 1970 to 2199")
    return time


@lru_cache(maxsize=1024)
def time_text(time: int) -> str:
    """ISO 8601 in UTC, microseconds only where there are any: `2026-01-05T15:00:00Z`."""
    return (EPOCH + timedelta(microseconds=time)).isoformat().removesuffix("+00:00") + "Z"


def parse_timeframe(text: str) -> int:
    """The length in microseconds of `30s`, `5m`, `1h` or `1d`.

    Raises:
        ValueError: another form, zero, or longer than 366 days.
    """
    form = _TIMEFRAME.fullmatch(text)
    length = int(form[1]) * _UNITS[form[2]] if form else 0
    if not 0 < length <= _LONGEST_TIMEFRAME:
        raise ValueError(f"`{text}` is no timeframe; write one like 30s, 5m, 1h or 1d")
    return length


def parse_duration(text: str) -> int:
    """The length in microseconds of `50ms`, `10s`, `5m`, `1h`, `2d` or `0`.

    Raises:
        ValueError: another form.
    """
    text = text.strip()
    if text == "0":
        return 0
    number = text.removesuffix("ms")
    if number != text and number.isascii() and number.isdigit() and len(number) <= 9:
        return int(number) * 1_000
    try:
        return parse_timeframe(text)
    except ValueError:
        raise ValueError(f"`{text}` is no time; write one like 50ms, 10s, 5m or 1h") from None


def timeframe_text(timeframe: int) -> str:
    """The shortest text of a timeframe given in microseconds: 3_600_000_000 is `1h`."""
    for unit in "dhm":
        if timeframe % _UNITS[unit] == 0:
            return f"{timeframe // _UNITS[unit]}{unit}"
    return f"{timeframe // SECOND}s"
