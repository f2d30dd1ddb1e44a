"""Where «now» comes from.

The engine never asks the machine for the time: whoever drives it hands every input its `now`, taken from a clock. A
live run uses the system's clock, replays and tests one that is moved by hand.
"""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    def now(self) -> int:
        """Microseconds since 1970 UTC; never less than what it said before."""


class SystemClock:
    """The machine's time. A clock that the machine sets back stands still until time has caught up."""

    def __init__(self) -> None:
        self._latest = 0

    def now(self) -> int:
        self._latest = max(self._latest, time.time_ns() // 1000)
        return self._latest


class ManualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: int) -> None:
        self._now = now

    def now(self) -> int:
        return self._now

    def move_to(self, now: int) -> None:
        """Moves to a time, in microseconds since 1970 UTC.

        Raises:
            ValueError: the time lies before the present one.
        """
        if now < self._now:
            raise ValueError(f"a clock does not go back: {now} lies before {self._now}")
        self._now = now

    def advance(self, microseconds: int) -> None:
        """Moves on by so many microseconds; raises ValueError for a negative number."""
        self.move_to(self._now + microseconds)
