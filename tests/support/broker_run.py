"""A broker adapter on a socket of this machine, what it put and what it said."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, TypeVar

from rulec.runtime.broker.ib.address import parse_address
from rulec.runtime.broker.ib.broker import IBBroker, KnownOrder
from rulec.runtime.broker.ib.settings import IBSettings
from rulec.runtime.clock import Clock, ManualClock
from rulec.runtime.event.inputs import BrokerLink
from rulec.runtime.times import parse_time

NOON = parse_time("2026-01-05T17:00:00Z")
MILLISECOND = 1_000
PATIENCE = 10.0  # seconds: only a test that fails waits so long
QUICK = IBSettings(
    heartbeat=200 * MILLISECOND,
    dead_after=200 * MILLISECOND,
    reconnect_from=20 * MILLISECOND,
    reconnect_to=100 * MILLISECOND,
    connect_within=500 * MILLISECOND,
    answer_within=250 * MILLISECOND,
    start_within=600 * MILLISECOND,
)

T = TypeVar("T")


class Run:
    """A broker at a scripted TWS, and what it put and said."""

    def __init__(
        self,
        address: str,
        settings: IBSettings = QUICK,
        clock: Clock | None = None,
        known: Iterable[KnownOrder] = (),
    ) -> None:
        self.put: list[Any] = []
        self.said: list[tuple[str, str]] = []
        self.clock = clock or ManualClock(NOON)
        self.broker = IBBroker(
            parse_address(address),
            settings,
            self._take,
            lambda level, symbol, text: self.said.append((level, text)),
            self.clock,
            known,
        )
        self.on_put: Callable[[Any], None] = lambda event: None

    def _take(self, event: Any) -> None:
        self.put.append(event)
        self.on_put(event)

    def links(self) -> list[str]:
        return [event.event.value for event in self.put if isinstance(event, BrokerLink)]

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Waits for something to be so."""
        async with asyncio.timeout(PATIENCE):
            while not is_so():
                await asyncio.sleep(0.005)

    async def until_connected(self, times: int) -> None:
        """Until the connection has come so often, and gone once less."""
        await self.until(lambda: self.links() == [*["connected", "disconnected"] * (times - 1), "connected"])

    def of(self, kind: type[T]) -> list[T]:
        return [event for event in self.put if isinstance(event, kind)]

    @contextlib.asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Connects, keeps the connection, and stops in the end."""
        await self.broker.connect()
        keeping = asyncio.ensure_future(self.broker.run())
        try:
            yield
        finally:
            keeping.cancel()
            done = await asyncio.gather(keeping, return_exceptions=True)
            await self.broker.stop()
            assert isinstance(done[0], asyncio.CancelledError), done
