"""When the exchange trades: days, sessions, opens and closes.

Orders expire at a session's close, bars are cut to their session, windows and daily counts follow the exchange's own
clock. All of that asks here, in microseconds since 1970 UTC; the machine's time zone and locale play no part.

A day of the exchange is worked out once and remembered, with its two midnights as integers, so that a question about
a time is a comparison or two. New York's days of 23 and 25 hours come from the time zone data, closed and half days
from the `holidays` library.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

import attrs
import holidays

from ..times import DAY, EPOCH, SECOND

_EPOCH_ORDINAL = EPOCH.toordinal()

NEW_YORK = "America/New_York"
_OPEN = 9 * 3600 + 30 * 60
_CLOSE = 16 * 3600
_HALF_DAY_CLOSE = 13 * 3600
_MIDNIGHT = 24 * 3600


@attrs.frozen
class Session:
    """A session of regular hours: `open` is its first moment, `close` the first one after it (microseconds UTC)."""

    open: int
    close: int


class Hours(Protocol):
    """The regular hours of an exchange. Every `now` and every answer is microseconds since 1970 UTC."""

    def is_open(self, now: int) -> bool:
        """Whether `now` lies in a session: from its open, up to but not at its close."""

    def session(self, now: int) -> Session | None:
        """The session that contains `now`, None outside the hours."""

    def next_open(self, now: int) -> int:
        """The first open strictly after `now`; inside a session, that of the next one."""

    def session_close(self, now: int) -> int:
        """The close of the session that contains `now`, else of the next one."""

    def day(self, now: int) -> date:
        """The exchange's date."""

    def day_end(self, now: int) -> int:
        """The exchange's midnight that ends the day of `now`; days on which clocks change have 23 or 25 hours."""

    def seconds_of_day(self, now: int) -> int:
        """The exchange's time of day, in whole seconds after midnight as its clocks show them."""

    def is_trading_day(self, day: date) -> bool:
        """Whether the exchange has a session on this date."""

    def session_on(self, day: date) -> Session | None:
        """The session of a date, None on a closed one."""

    def moment(self, day: date, seconds: int) -> int:
        """The moment at which the exchange's clocks show so many seconds after midnight on a date."""


SessionOn = Callable[[date], "tuple[int, int] | None"]


@attrs.frozen
class _Day:
    date: date
    start: int
    end: int
    session: Session | None


class CalendarHours:
    """Hours from a zone and the session of each date.

    `session_on` answers a date's open and close, in seconds after midnight as the exchange's clocks show them (86400
    is the next midnight), or None for a closed day. There must be a session at least every few weeks.
    """

    def __init__(self, zone: str, session_on: SessionOn) -> None:
        self._zone = ZoneInfo(zone)
        self._session_on = session_on
        self._days: dict[int, _Day] = {}
        self._later_opens: dict[int, int] = {}
        self._recent = self._on(_EPOCH_ORDINAL)

    def is_open(self, now: int) -> bool:
        session = self._day(now).session
        return session is not None and session.open <= now < session.close

    def session(self, now: int) -> Session | None:
        session = self._day(now).session
        return session if session is not None and session.open <= now < session.close else None

    def next_open(self, now: int) -> int:
        day = self._day(now)
        if day.session is not None and day.session.open > now:
            return day.session.open
        return self._open_after(day.date.toordinal())

    def session_close(self, now: int) -> int:
        session = self.session(now)
        if session is None:
            session = self._day(self.next_open(now)).session
            assert session is not None  # next_open answers the open of that day's session
        return session.close

    def day(self, now: int) -> date:
        return self._day(now).date

    def day_end(self, now: int) -> int:
        return self._day(now).end

    def seconds_of_day(self, now: int) -> int:
        day = self._day(now)
        if day.end - day.start == DAY:
            return (now - day.start) // SECOND
        shown = (EPOCH + timedelta(microseconds=now)).astimezone(self._zone)
        return shown.hour * 3600 + shown.minute * 60 + shown.second

    def is_trading_day(self, day: date) -> bool:
        return self._on(day.toordinal()).session is not None

    def session_on(self, day: date) -> Session | None:
        return self._on(day.toordinal()).session

    def moment(self, day: date, seconds: int) -> int:
        known = self._on(day.toordinal())
        return known.start + seconds * SECOND if known.end - known.start == DAY else self._at(day, seconds)

    def _day(self, now: int) -> _Day:
        day = self._recent
        if day.start <= now < day.end:
            return day
        # No zone is a whole day away from UTC: the exchange's date is that of UTC or a neighbour of it.
        ordinal = _EPOCH_ORDINAL + now // DAY
        day = self._on(ordinal)
        if now < day.start:
            day = self._on(ordinal - 1)
        elif now >= day.end:
            day = self._on(ordinal + 1)
        self._recent = day
        return day

    def _on(self, ordinal: int) -> _Day:
        day = self._days.get(ordinal)
        if day is None:
            the_date = date.fromordinal(ordinal)
            before = self._days.get(ordinal - 1)
            start = self._at(the_date, 0) if before is None else before.end
            end = self._at(the_date, _MIDNIGHT)
            hours = self._session_on(the_date)
            if hours is None:
                session = None
            elif end - start == DAY:  # no clock changes on such a day: its times are sums
                session = Session(start + hours[0] * SECOND, start + hours[1] * SECOND)
            else:
                session = Session(self._at(the_date, hours[0]), self._at(the_date, hours[1]))
            day = _Day(the_date, start, end, session)
            self._days[ordinal] = day
        return day

    def _open_after(self, ordinal: int) -> int:
        """The open of the first session on a date after this one."""
        found = self._later_opens.get(ordinal)
        if found is None:
            following = ordinal + 1
            while (session := self._on(following).session) is None:
                following += 1
            found = self._later_opens[ordinal] = session.open
        return found

    def _at(self, day: date, seconds: int) -> int:
        """The moment at which the exchange's clocks show this time on this date."""
        days, rest = divmod(seconds, _MIDNIGHT)
        shown = datetime(day.year, day.month, day.day, tzinfo=self._zone) + timedelta(days=days, seconds=rest)
        return (shown - EPOCH) // timedelta(microseconds=1)


class NyseHours(CalendarHours):
    """The New York Stock Exchange: 09:30 to 16:00, half days to 13:00, closed on weekends and its holidays."""

    def __init__(self) -> None:
        closed = holidays.financial_holidays("NYSE")
        half_days = holidays.financial_holidays("NYSE", categories=("half_day",))

        def session_on(day: date) -> tuple[int, int] | None:
            if day.weekday() >= 5 or day in closed:
                return None
            return _OPEN, _HALF_DAY_CLOSE if day in half_days else _CLOSE

        super().__init__(NEW_YORK, session_on)


class AlwaysOpen(CalendarHours):
    """Open round the clock: every date is one session from midnight to midnight, at which DAY orders expire."""

    def __init__(self, zone: str = NEW_YORK) -> None:
        super().__init__(zone, lambda day: (0, _MIDNIGHT))


# The hours that a user can name.
HOURS: Mapping[str, Callable[[], Hours]] = {"nyse": NyseHours, "always": AlwaysOpen}
