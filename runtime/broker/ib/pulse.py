"""How long the broker may be silent, and how long to wait before another attempt to reach it.

A socket whose other end is gone without a word stays open for as long as nobody writes, and swallows what is written
for minutes more. So silence is not waited out: the broker is asked for the time, and one that does not answer is dead.
"""

from __future__ import annotations

import asyncio
import enum
import random

from ...times import SECOND
from .settings import IBSettings


class Pulse:
    """The clock that waiting goes by: that of the event loop, which nobody sets and no recording moves.

    It stands at zero until it is started.
    """

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def now(self) -> int:
        """Microseconds since some moment; implements `Clock`."""
        return 0 if self._loop is None else int(self._loop.time() * SECOND)


class Beat(enum.Enum):
    """What silence calls for."""

    NOTHING = "nothing"
    ASK = "ask"
    DEAD = "dead"


class Heartbeat:
    """Watches one connection; times in microseconds."""

    def __init__(self, settings: IBSettings, now: int) -> None:
        self._settings = settings
        self._heard = now
        self._asked: int | None = None

    def heard(self, now: int) -> None:
        """Bytes have come, whatever they say."""
        self._heard = now
        self._asked = None

    def beat(self, now: int) -> Beat:
        """Looks at the time. Death counts from the question: a machine that slept was not dead itself."""
        if self._asked is not None:
            return Beat.DEAD if now - self._asked >= self._settings.dead_after else Beat.NOTHING
        if now - self._heard >= self._settings.heartbeat:
            self._asked = now
            return Beat.ASK
        return Beat.NOTHING


class BackOff:
    """Pauses between attempts: each twice the last up to the longest, shortened at random by up to a half.

    Chance keeps programs that lost one gateway together from coming back to it together.
    """

    def __init__(self, settings: IBSettings, chance: random.Random) -> None:
        self._settings = settings
        self._chance = chance
        self._next = settings.reconnect_from

    def reset(self) -> None:
        self._next = self._settings.reconnect_from

    def pause(self, at_least: int = 0) -> int:
        """The next pause in microseconds, before chance no shorter than `at_least`."""
        longest = self._settings.reconnect_to
        pause = min(max(self._next, at_least), max(longest, at_least))
        self._next = min(self._next * 2, longest)
        return round(pause * self._chance.uniform(0.5, 1.0))
