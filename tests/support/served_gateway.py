"""The gateway stand-in on real sockets of this machine, inside the test's own loop, and plain clients to talk to it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import attrs

from rulec.runtime.broker.exchange import Exchange, ExchangeTerms, FillMode
from rulec.runtime.event.inputs import OutsideInput
from rulec.runtime.gateway.control import Control
from rulec.runtime.gateway.driving import Driver
from rulec.runtime.gateway.faults import GatewayFaults
from rulec.runtime.gateway.gateway import Gateway
from rulec.runtime.gateway.history import MarketHistory
from rulec.runtime.gateway.server import GatewayServer
from rulec.runtime.live.markets import RecordedMarket
from rulec.runtime.live.pacing import Unpaced
from rulec.runtime.market.hours import Hours, NyseHours

from .plain_client import GREETING, Frames, Reply, read, start

PATIENCE = 10.0  # seconds: only a test that fails waits so long


@attrs.frozen
class Served:
    """An open gateway with its ports."""

    server: GatewayServer
    gateway: Gateway
    faults: GatewayFaults
    port: int
    control: int
    opened: list[asyncio.StreamWriter] = attrs.Factory(list)

    async def client(self, client_id: int, *, counts_handshake: bool = True) -> SocketClient:
        reader, writer = await self._open(self.port)
        client = SocketClient(client_id, reader, writer, int(counts_handshake))
        client.send(GREETING, counted=False)
        await client.hear(1)
        client.send(start(client_id))
        return client

    async def controller(self) -> Controller:
        return Controller(*await self._open(self.control))

    async def close(self) -> None:
        """Ends all that was opened here."""
        for writer in self.opened:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _open(self, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        self.opened.append(writer)
        return reader, writer


@contextlib.asynccontextmanager
async def served(
    events: Sequence[OutsideInput], *, lockstep: bool = True, hours: Hours | None = None
) -> AsyncIterator[Served]:
    """A gateway on a recording, in lockstep or as fast as it goes."""
    hours = hours or NyseHours()
    market = RecordedMarket(events)
    driver = Driver(market, Unpaced(), market.start, waits_for_client=True, hours=hours, lockstep=lockstep)
    faults = GatewayFaults()
    history = MarketHistory(hours)
    exchange = Exchange(hours, {"DU1": 10**11}, ExchangeTerms(fill=FillMode.STANDING))
    gateway = Gateway(exchange, hours, faults=faults, history=history)
    faults.attach(gateway)
    server = GatewayServer(gateway, driver, faults.wire)
    history.meets(server.show)
    control = Control(server, gateway, driver, faults)
    async with server.listening("127.0.0.1", 0) as port, control.listening("127.0.0.1", 0) as control_port:
        running = asyncio.ensure_future(server.run())
        opened = Served(server, gateway, faults, port, control_port)
        try:
            yield opened
        finally:
            await opened.close()
            server.stop()
            await running


class SocketClient:
    """A plain client on a socket. `sent` counts as the client's library does: with the handshake or without."""

    def __init__(
        self, client_id: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handshakes: int
    ) -> None:
        self.client_id = client_id
        self.heard: list[Reply] = []
        self.sent = handshakes
        self._reader = reader
        self._writer = writer
        self._frames = Frames()

    @property
    def received(self) -> int:
        return self._frames.count

    def send(self, data: bytes, *, counted: bool = True) -> None:
        self.sent += counted
        self._writer.write(data)

    async def hear(self, count: int) -> None:
        """Takes what comes until so many messages have come in all.

        Raises:
            ConnectionError: the connection ended before.
            TimeoutError: they did not come.
        """
        while self.received < count:
            data = await asyncio.wait_for(self._reader.read(65536), PATIENCE)
            if not data:
                raise ConnectionError(f"closed after {self.received} messages, {count} were awaited")
            for fields in self._frames.feed(data):
                if self._frames.count > 1:
                    self.heard.append(read(fields))

    async def hear_of(self, kind: str, times: int = 1) -> list[Mapping[str, Any]]:
        """Takes what comes until a kind of message has come so often; answers the values of all of that kind."""
        while len(self.told(kind)) < times:
            await self.hear(self.received + 1)
        return self.told(kind)

    def told(self, kind: str) -> list[Mapping[str, Any]]:
        return [values for name, values in self.heard if name == kind]


class Controller:
    """A connection to the control port."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def say(self, line: object) -> None:
        self._writer.write(json.dumps(line).encode() + b"\n")

    def say_bytes(self, line: bytes) -> None:
        self._writer.write(line)

    async def hear(self) -> dict[str, Any]:
        line = await asyncio.wait_for(self._reader.readline(), PATIENCE)
        told = json.loads(line)
        assert isinstance(told, dict)
        return told

    async def ask(self, line: object) -> dict[str, Any]:
        self.say(line)
        return await self.hear()
