"""A TWS spoken by hand on a socket of this machine: a handshake and a first look, the rest as a test says."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator, Callable

from .plain_client import frame

PATIENCE = 10.0  # seconds: only a test that fails waits so long

OPEN_ORDERS, ALL_OPEN_ORDERS, POSITIONS, COMPLETED, EXECUTIONS = "5", "16", "61", "99", "7"
ACCOUNT, PROFIT, TIME, START = "6", "92", "49", "71"
CONTRACT, MARKET_RULE, QUOTES = "9", "91", "1"

Fields = list[str]


class ScriptedTws:
    """Answers what a client asks; `deaf` are the numbers of messages that it leaves unanswered.

    Attributes:
        connections: how many there have been.
        open: how many there are now.
        heard: all messages of all connections, after the handshake.
    """

    def __init__(self) -> None:
        self.accounts = "DU1"
        self.next_id = 1
        self.deaf: set[str] = set()
        self.clashes = 0
        self.says_nothing = False
        self.closes_at_once = False
        self.connections = 0
        self.open = 0
        self.heard: list[Fields] = []
        self.on: dict[str, Callable[[Fields], None]] = {}
        self.port = 0
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[ScriptedTws]:
        await self.start()
        try:
            yield self
        finally:
            await self.stop()

    async def start(self) -> None:
        """Listens; again at the same port after `stop`."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Ends all connections and listens no more."""
        assert self._server is not None, "stop comes after start"
        self._server.close()
        self.drop()
        await self._server.wait_closed()
        await self.until(lambda: self.open == 0)

    def drop(self) -> None:
        """Ends all connections."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def say(self, *fields: object) -> None:
        """A message to whoever is connected."""
        for writer in self._writers:
            writer.write(frame(fields))

    def error(self, number: int, code: int, text: str) -> None:
        self.say(4, 2, number, code, text)

    def kinds(self) -> list[str]:
        return [fields[0] for fields in self.heard]

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Waits for something to be so."""
        async with asyncio.timeout(PATIENCE):
            while not is_so():
                await asyncio.sleep(0.005)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        try:
            if not self.closes_at_once:
                await self._converse(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has gone, or the test has dropped it
        finally:
            self.open -= 1
            if writer in self._writers:
                self._writers.remove(writer)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(4)
        await _read(reader)
        if self.says_nothing:
            await reader.read()
            return
        writer.write(frame(["157", "20260105 12:00:00 EST"]))
        while True:
            fields = (await _read(reader)).decode().split("\0")[:-1]
            if fields[0] == START and self.clashes:
                self.clashes -= 1
                writer.write(frame([4, 2, -1, 326, "Unable to connect as the client id is already in use."]))
                await writer.drain()
                return
            if fields[0] == START:
                self._writers.append(writer)
            self._answer(fields)

    def _answer(self, fields: Fields) -> None:
        self.heard.append(fields)
        kind = fields[0]
        if kind in self.deaf:
            return
        if kind in self.on:
            self.on[kind](fields)
        elif kind == START:
            self.say(15, 1, self.accounts)
            self.say(9, 1, self.next_id)
            self.error(-1, 2104, "Market data farm connection is OK:usfarm")
        elif kind in (OPEN_ORDERS, ALL_OPEN_ORDERS):
            self.say(53, 1)
        elif kind == COMPLETED:
            self.say(102)
        elif kind == POSITIONS:
            self.say(62, 1)
        elif kind == EXECUTIONS:
            self.say(55, 1, fields[2])
        elif kind == ACCOUNT:
            self.say(6, 2, "NetLiquidation", "100000", "USD", fields[3])
            self.say(8, 1, "12:00")
            self.say(54, 1, fields[3])
        elif kind == TIME:
            self.say(49, 1, 1767632400)


async def _read(reader: asyncio.StreamReader) -> bytes:
    (length,) = struct.unpack(">I", await reader.readexactly(4))
    return await reader.readexactly(length)


def knows(tws: ScriptedTws, *symbols: str) -> None:
    """Has a TWS know these symbols, the first as the contract 265598, and their price steps."""
    numbers = {symbol: 265598 + place for place, symbol in enumerate(symbols)}

    def contract(fields: Fields) -> None:
        request, symbol = fields[2], fields[4]
        if symbol not in numbers:
            tws.error(int(request), 200, "No security definition has been found for the request")
            return
        hours, types = "20260105:0930-20260105:1600", "LMT,MKT,STP,STPLMT"
        stock = [symbol, "STK", "", "0", "", "SMART", "USD", symbol, "NMS", "NMS", numbers[symbol], "0.01", 100, ""]
        more = [types, "SMART", 1, 0, "APPLE INC", "NASDAQ", "", "", "", "", "US/Eastern", hours, hours, "", 0, 0]
        tws.say(10, 8, request, *stock, *more, 1, "", "", "26", "", "COMMON")
        tws.say(52, 1, request)

    tws.on[CONTRACT] = contract
    tws.on[MARKET_RULE] = lambda fields: tws.say(93, fields[1], 2, 0, 0.0001, 1, 0.01)
