"""The span of a bar inside regular hours.

A bar's stamp is where its grid begins, not where trading did: an hourly bar stamped 09:00 begins with the open at
09:30, one stamped 15:30 ends with the close at 16:00, a daily bar stamped at midnight spans the session. What trades
on a bar must know: an order sent at 09:15 may fill at that bar's open, and the close is known at 16:00, not later.
A bar that lies wholly outside the hours keeps its span and is not regular.
"""

from __future__ import annotations

from .hours import Hours, Session


class SpanCutter:
    """Cuts bars to the sessions of an exchange."""

    def __init__(self, hours: Hours) -> None:
        self._hours = hours
        self._recent = Session(0, 0)

    def cut(self, time: int, timeframe: int) -> tuple[int, int, bool]:
        """Start, end and whether the bar is regular, of one stamped `time` that lasts `timeframe` (microseconds).

        A bar longer than a session reaches from its first open to its last close. For bars of one timeframe a later
        stamp never ends earlier.
        """
        end = time + timeframe
        recent = self._recent
        if recent.open <= time and end <= recent.close:
            return time, end, True
        hours = self._hours
        first = hours.session(time) or self._session_at(hours.next_open(time))
        if first.open >= end:
            return time, end, False
        last = first
        while (following := hours.next_open(last.open)) < end:
            last = self._session_at(following)
        self._recent = last
        return max(time, first.open), min(end, last.close), True

    def _session_at(self, opening: int) -> Session:
        session = self._hours.session(opening)
        if session is None:
            raise ValueError(f"the hours name {opening} as an open, but no session begins there")
        return session
