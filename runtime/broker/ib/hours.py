"""The hours that a contract's details tell, and a calendar of them.

The broker tells a week or so ahead, in the exchange's zone, in one of two forms:

    20260105:0930-20260105:1600;20260110:CLOSED         since server version 129
    20260105:0930-1600;20260110:CLOSED

For dates that it has not told, an exchange's own calendar answers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ...market.hours import NEW_YORK, CalendarHours, Hours

Spans = Mapping[date, "tuple[int, int] | None"]
"""By date: open and close in seconds after the exchange's midnight, None for a closed day."""

_FORM = re.compile(r"(\d{8}):(\d{4})-(?:(\d{8}):)?(\d{4})", re.ASCII)
_CLOSED = re.compile(r"(\d{8}):CLOSED", re.ASCII)
_MIDNIGHT = 24 * 3600

# The broker's names of zones, where they are none of the world's.
_ZONES = {"EST5EDT": NEW_YORK, "EST": NEW_YORK, "EDT": NEW_YORK, "US/Eastern": NEW_YORK}


def parse_hours(text: str) -> Spans:
    """Reads hours; what is not understood is left out. Several spans of a date count as one, from first to last."""
    spans: dict[date, tuple[int, int] | None] = {}
    for part in text.split(";"):
        for piece in part.split(","):
            try:
                _add(piece.strip(), spans)
            except ValueError:
                continue  # no such date: the exchange's calendar answers for it
    return spans


def _add(piece: str, spans: dict[date, tuple[int, int] | None]) -> None:
    closed = _CLOSED.fullmatch(piece)
    if closed is not None:
        spans.setdefault(_date(closed[1]), None)
        return
    form = _FORM.fullmatch(piece)
    if form is None:
        return
    day, last = _date(form[1]), _date(form[3] or form[1])
    start, end = _seconds(form[2]), _seconds(form[4])
    if last > day:  # only its own date's part counts: no stock has regular hours over midnight
        end = _MIDNIGHT
    if start < end:
        known = spans.get(day)
        spans[day] = (start, end) if known is None else (min(known[0], start), max(known[1], end))


def _date(text: str) -> date:
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))


def _seconds(text: str) -> int:
    return min(int(text[:2]) * 3600 + int(text[2:]) * 60, _MIDNIGHT)


def zone_of(name: str) -> str:
    """The zone by the broker's name for it, New York's where there is none of that name."""
    zone = _ZONES.get(name, name)
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return NEW_YORK
    return zone


class ContractHours(CalendarHours):
    """The hours of a contract: what the broker told, and `otherwise` for all other dates."""

    def __init__(self, zone: str, told: Spans, otherwise: Hours) -> None:
        self._told = dict(told)
        self._otherwise = otherwise
        # A contract that trades round the clock does so on dates that were not told, too.
        spans = [span for span in told.values() if span is not None]
        self._round_the_clock = bool(spans) and all(span == (0, _MIDNIGHT) for span in spans)
        super().__init__(zone, self._session_on_date)

    def tell(self, told: Spans) -> ContractHours:
        """The calendar with newer hours: dates that were told before are kept where these are silent."""
        return ContractHours(self._zone.key, {**self._told, **told}, self._otherwise)

    def _session_on_date(self, day: date) -> tuple[int, int] | None:
        if day in self._told:
            return self._told[day]
        if self._round_the_clock:
            return 0, _MIDNIGHT
        session = self._otherwise.session_on(day)
        if session is None:
            return None
        length = session.close - session.open
        opening = self._otherwise.seconds_of_day(session.open)
        return opening, min(opening + length // 1_000_000, _MIDNIGHT)
