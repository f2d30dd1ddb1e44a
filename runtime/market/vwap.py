"""The volume-weighted average price since the session's open.

Each bar counts with its typical price, (high + low + close) / 3, and its volume. A session begins with nothing: from
its open on the value is unknown until the first bar with volume, also where no bar has come yet. Yesterday's average
would be a plausible number, and the wrong one.
"""

from __future__ import annotations

from ..event.inputs import Bar
from .hours import Hours, Session


class SessionVwap:
    """The average of one series; it forgets at each session's open."""

    __slots__ = ("_amount", "_hours", "_session", "_volume", "until", "value")

    def __init__(self, hours: Hours) -> None:
        self.value: float | None = None
        self.until: int | None = None
        self._hours = hours
        self._session = Session(0, 0)
        self._amount = 0.0
        self._volume = 0.0

    def update(self, bar: Bar) -> None:
        session = self._session
        if not session.open <= bar.start < session.close:
            self._begin(bar)
        self._amount += (bar.high + bar.low + bar.close) / 3 * bar.volume
        self._volume += bar.volume
        self.value = self._amount / self._volume if self._volume > 0 else None

    def _begin(self, bar: Bar) -> None:
        # A regular bar begins in a session, and the one it ends in is the same, or (a week) all that it averages.
        self._session = self._hours.session(bar.start) or Session(bar.start, bar.end)
        self.until = self._hours.next_open(bar.end - 1)
        self._amount = self._volume = 0.0
