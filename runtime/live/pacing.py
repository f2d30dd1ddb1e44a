"""How fast a run goes, and what time it is in it.

A market without a recording runs on the machine's clock. A recorded one has a time of its own: `now` is the file's,
and `--speed` says how fast it passes: 180 shows three minutes of the file in a second, 0 waits for nothing. Either way
the order of what is handled is the same, so that the speed changes no decision.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from ..clock import Clock
from ..numbers import MICROS


class Pace(Protocol):
    """The clock of a run."""

    def now(self) -> int:
        """The time of the run, in microseconds since 1970 UTC; 0 where only the events tell it."""

    def seconds_until(self, time: int) -> float:
        """How long to wait, in real seconds, until the run's clock shows a time; 0 or less where it is due."""


class SystemPace:
    """The run's time is the machine's."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> int:
        return self._clock.now()

    def seconds_until(self, time: int) -> float:
        return (time - self._clock.now()) / MICROS


class RecordedPace:
    """The run's time is that of a recording, which begins at `start` and passes `speed` times as fast as real time.

    `elapsed` counts real seconds, from any beginning; the recording begins when it is first asked for the time.
    """

    def __init__(self, speed: float, start: int, elapsed: Callable[[], float]) -> None:
        if speed <= 0:
            raise ValueError(f"a recording is paced by a speed above 0, not {speed}")
        self._speed = speed
        self._start = start
        self._elapsed = elapsed
        self._began: float | None = None

    def now(self) -> int:
        if self._began is None:
            self._began = self._elapsed()
        return self._start + int((self._elapsed() - self._began) * self._speed * MICROS)

    def seconds_until(self, time: int) -> float:
        return (time - self.now()) / MICROS / self._speed


class Unpaced:
    """As fast as it goes: nothing is waited for, and only the events tell the time."""

    def now(self) -> int:
        return 0

    def seconds_until(self, time: int) -> float:
        return 0.0
