"""Where everything from outside meets the loop: lines of signals, news of their sources, a broker's messages, the wish
to stop.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

import attrs

from ..core.engine import Input
from ..event.reload import Reload
from ..rule.rule_set import RuleSet


@attrs.frozen
class ArrivedLine:
    """A line of a source; `source` and `number` name its place as a user knows it (`signals.jsonl`, 12)."""

    source: str
    number: int
    text: bytes


@attrs.frozen
class SourceNews:
    """Something about a source that a person should hear: it ended, it was replaced."""

    source: str
    text: str


@attrs.frozen(eq=False)
class NewRules:
    """Rules that were saved, ready to be taken into force; `taken` is called once they are."""

    reload: Reload
    ready: RuleSet
    taken: Callable[[], object]


@attrs.frozen(eq=False)
class FromBroker:
    """What a broker said: a message of its port, its market data, or that the connection came or went."""

    event: Input


Arrival = ArrivedLine | SourceNews | NewRules | FromBroker


class Inbox(Protocol):
    """What the loop waits at."""

    @property
    def stop_reason(self) -> str | None:
        """Who asked the run to stop; None while nobody has."""

    def take(self) -> list[Arrival]:
        """What has arrived, oldest first.

        Raises:
            Exception: what made a source fail that was not to be expected.
        """

    async def wait(self, seconds: float | None) -> None:
        """Returns at the next arrival or wish to stop, at the latest after so many seconds."""


class EventInbox:
    """The inbox of a run on a real loop."""

    def __init__(self) -> None:
        self._arrivals: deque[Arrival] = deque()
        self._wake = asyncio.Event()
        self._stop = asyncio.Event()
        self._stop_reason: str | None = None
        self._failure: BaseException | None = None

    @property
    def stop_reason(self) -> str | None:
        return self._stop_reason

    def put(self, arrival: Arrival) -> None:
        self._arrivals.append(arrival)
        self._wake.set()

    def put_back(self, arrivals: Sequence[Arrival]) -> None:
        """Puts what was taken, and is not wanted yet, before what has arrived since."""
        self._arrivals.extendleft(reversed(arrivals))
        self._wake.set()

    def stop(self, reason: str) -> None:
        """Asks the run to end; the first reason counts."""
        if self._stop_reason is None:
            self._stop_reason = reason
        self._stop.set()
        self._wake.set()

    async def stopped(self) -> None:
        """Returns once somebody has asked the run to end."""
        await self._stop.wait()

    def fail(self, error: BaseException) -> None:
        """Ends the run with an error that a source met with."""
        self._failure = error
        self._wake.set()

    def take(self) -> list[Arrival]:
        if self._failure is not None:
            raise self._failure
        arrivals = list(self._arrivals)
        self._arrivals.clear()
        self._wake.clear()
        if self._stop_reason is not None:
            self._wake.set()
        return arrivals

    async def wait(self, seconds: float | None) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return
