"""The gateway on a socket: asyncio around the synchronous core, with a market and a clock.

What one occasion has to say to a client is written in one go, as a live Gateway does. A client that does not read holds
nobody up: what waits for it is counted, and beyond the policy's limit it is dropped.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import signal
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from typing import cast

from .answers import log
from .driving import Driver
from .gateway import Gateway
from .store import StateError
from .switchboard import Output
from .wire_faults import Abort, Send, Step, WireFaults

STOPPING = (signal.SIGINT, signal.SIGTERM)
_LONGEST_WAIT = 3600.0
_EVENTS_AT_A_TIME = 64
_LAST_LOOKS, _LAST_LOOK = 50, 0.01  # half a second, in seconds, for clients to read what is left


class Connection(asyncio.Protocol):
    """A socket. `session` is its number in the gateway, `client_id` is -1 until it has told it."""

    def __init__(self, server: GatewayServer) -> None:
        self._server = server
        self._transport: asyncio.Transport | None = None
        self._steps: deque[Step] = deque()
        self._pause: asyncio.TimerHandle | None = None
        self._closes = False
        self.session = 0
        self.client_id = -1

    # ---- called by the loop ----------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._server.opened(self)

    def data_received(self, data: bytes) -> None:
        self._server.received(self, data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._steps.clear()
        if self._pause is not None:
            self._pause.cancel()
        self._server.lost(self)

    # ---- called by the server --------------------------------------------------------------------------------------

    def perform(self, steps: Sequence[Step]) -> None:
        """Writes, waits and aborts, after all that was begun before."""
        self._steps.extend(steps)
        if self._pause is None:
            self._go_on()

    def close(self) -> None:
        """Ends it once what waits is written."""
        self._closes = True
        if self._pause is None and self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Ends it now; what waits is lost."""
        self._steps.clear()
        if self._transport is not None:
            self._transport.abort()

    @property
    def waiting(self) -> int:
        """Bytes that the client has not taken yet."""
        unwritten = 0 if self._transport is None else self._transport.get_write_buffer_size()
        return unwritten + sum(len(step.data) for step in self._steps if isinstance(step, Send))

    def _go_on(self) -> None:
        self._pause = None
        while self._steps and self._transport is not None and not self._transport.is_closing():
            step = self._steps.popleft()
            if isinstance(step, Send):
                self._transport.write(step.data)
            elif isinstance(step, Abort):
                self.abort()
            else:
                self._pause = asyncio.get_running_loop().call_later(step.seconds, self._go_on)
                return
        if self._closes:
            self.close()


class GatewayServer:
    """Sockets, market and time around a gateway.

    `before_writing` runs before bytes leave that tell something new, so that nothing is told that is not stored.
    `watchers` are called after everything that was done to the gateway.
    """

    def __init__(
        self,
        gateway: Gateway,
        driver: Driver,
        wire: WireFaults | None = None,
        before_writing: Callable[[], object] | None = None,
    ) -> None:
        self.gateway = gateway
        self.driver = driver
        self.wire = wire or WireFaults()
        self.wire.abort = self.abort_clients
        self._before_writing = before_writing
        self._stored = gateway.changes
        self._connections: dict[int, Connection] = {}
        self._wake = asyncio.Event()
        self._stopped = False
        self._failure: StateError | None = None
        self.watchers: list[Callable[[], object]] = []

    # ---- connections -----------------------------------------------------------------------------------------------

    def opened(self, connection: Connection) -> None:
        if not self.wire.accepts():
            connection.abort()
            return
        connection.session = self.gateway.connect(self.driver.now())
        self._connections[connection.session] = connection

    def received(self, connection: Connection, data: bytes) -> None:
        if connection.session in self._connections and not self.wire.is_silent(connection.client_id):
            self.gateway.receive(connection.session, data, self.driver.now())
            if any(each.is_started for each in self.gateway.sessions()):
                self.driver.begin()
            for symbol in self.gateway.take_wanted():
                self.show(symbol)
            self.after()

    def lost(self, connection: Connection) -> None:
        if self._connections.pop(connection.session, None) is not None:
            self.gateway.disconnect(connection.session, self.driver.now())
            self.after()

    def abort_clients(self, client_id: int | None) -> None:
        """Closes the sockets of a client, or all of them, without another byte."""
        for connection in self.connections():
            if client_id in (None, connection.client_id):
                connection.abort()

    def connections(self) -> list[Connection]:
        return list(self._connections.values())

    def show(self, symbol: str, now: int = 0) -> None:
        """Somebody asks for a symbol: the market shows what it has of it at once."""
        for time, event in self.driver.meet(symbol):
            self.gateway.on_market(event, time)

    # ---- what is to be done ----------------------------------------------------------------------------------------

    def after(self) -> None:
        """To be called after anything was done to the gateway: stores what is new, writes what is to be written."""
        outputs = self.gateway.take_output()
        if self.gateway.changes != self._stored:
            self._stored = self.gateway.changes
            if self._before_writing is not None:
                try:
                    self._before_writing()
                except StateError as error:
                    self._failure = error  # what is not stored may not be told
                    self.stop()
                    return
        for output in outputs:
            self._write(output)
        for watcher in self.watchers:
            watcher()
        self._wake.set()

    @property
    def has_unwritten(self) -> bool:
        """Whether something is still on its way to a client."""
        return any(connection.waiting for connection in self._connections.values())

    def stop(self) -> None:
        self._stopped = True
        self._wake.set()

    @contextlib.asynccontextmanager
    async def listening(self, host: str, port: int) -> AsyncIterator[int]:
        """Sockets are open inside; answers the port.

        Raises:
            OSError: the port is taken, or the host is not this machine's.
        """
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: Connection(self), host, port)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for connection in self.connections():
                connection.close()
            await self._gone()
            await server.wait_closed()

    async def run(self) -> None:
        """Brings market and time until somebody stops it.

        Raises:
            StateError: what happened could not be stored.
        """
        while not self._stopped:
            wait = self._step()
            self._wake.clear()
            if wait > 0:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), min(wait, _LONGEST_WAIT))
            else:
                await asyncio.sleep(0)  # the sockets come first
        if self._failure is not None:
            raise self._failure

    async def _gone(self) -> None:
        """Waits until clients have taken what was left, but for none that does not read."""
        for _ in range(_LAST_LOOKS):
            if not self._connections:
                return
            await asyncio.sleep(_LAST_LOOK)
        self.abort_clients(None)
        await asyncio.sleep(0)

    def _step(self) -> float:
        """Does some of what is due; answers the seconds until more is."""
        gateway, driver = self.gateway, self.driver
        for _ in range(_EVENTS_AT_A_TIME):
            due = driver.next_due()
            if due is None or driver.seconds_until(due) > 0:
                break
            for time, event in driver.take():
                gateway.on_market(event, time)
        if not driver.is_lockstep:
            gateway.on_time(driver.now())
        self.after()
        waits = [driver.seconds_until(due) for due in (driver.next_due(), gateway.next_due()) if due is not None]
        return math.inf if driver.is_lockstep else min(waits, default=math.inf)

    def _write(self, output: Output) -> None:
        connection = self._connections.get(output.session)
        if connection is None:
            return
        connection.client_id = output.client_id
        connection.perform(self.wire.shape(output.client_id, output.frames))
        if output.closes:
            connection.close()
        elif connection.waiting > self.gateway.policy.longest_queue:
            log.warning("session %d does not read: dropped", output.session)
            connection.abort()


def stop_on_signals(server: GatewayServer) -> None:
    """SIGINT and SIGTERM end the gateway, cleanly."""
    loop = asyncio.get_running_loop()
    for number in STOPPING:
        loop.add_signal_handler(number, server.stop)
