"""From a signal that enters the sequencer to its orders' bytes on the socket, beside a bare `placeOrder`."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import attrs

from rulec.runtime.at_broker import BrokerRun, assemble
from rulec.runtime.broker.ib.address import Address
from rulec.runtime.broker.ib.broker import IBBroker
from rulec.runtime.broker.ib.library import load
from rulec.runtime.broker.ib.settings import IBSettings
from rulec.runtime.clock import SystemClock
from rulec.runtime.core.engine import Engine
from rulec.runtime.core.policy import TradePolicy
from rulec.runtime.core.settings import Settings
from rulec.runtime.event.inputs import Signal
from rulec.runtime.journal import SqliteJournal, Sync
from rulec.runtime.journal.headers import header_of
from rulec.runtime.live.inbox import EventInbox, FromBroker
from rulec.runtime.live.reconciling import reconcile
from rulec.runtime.market.hours import HOURS

from .harness import check
from .report import Aim, Report, Table, figure
from .rules import compiled
from .sizes import Sizes

MEANING = (
    "`rulec gateway` runs as a process of its own. In this process rulec is connected to it as one client for each kind"
    " of journal, and the bare library as another. In an order drawn each time, for a symbol that is quoted and has no "
    "trade: a signal is fed to rulec's sequencer (rule, risk gate, trade, journal, adapter), which sends a bracket of "
    "an entry and its stop, two messages; the library's own `IB.placeOrder` sends one market order; and it sends the "
    "same bracket, with two calls. Measured in wall time from the call to the moment at which the last byte was handed "
    "to the socket. The library's brake (45 messages a second) is off on both sides. Between two rounds all of them "
    "handle what the gateway has said.",
    "What was decided is in the journal before the first byte leaves. *Write and fsync alone* is what the disk of this "
    "machine takes for 4 KiB: a journal that is to survive the loss of power (*full*) waits for that at least once.",
    "Checked each time: a signal wrote its two messages to the socket, a call of the library one.",
    "*Orders a second* is how many limit orders one client gets acknowledged, from the first that is sent to the last "
    "`Submitted` that is received: *the library*, which does most of that work itself, and *raw*, a socket that is "
    "written messages made beforehand. Client and gateway have a processor each, where the machine has two.",
)
MOST_TIMES = 2.0
RULE = "on signal BUY -> enter long 10 stop 3%\n"
_JOURNALS: dict[str, Sync | None] = {"no journal": None, "journal, normal": Sync.NORMAL, "journal, full": Sync.FULL}
BARE, BARE_BRACKET, DISK = "bare placeOrder", "bare placeOrder, bracket", "write and fsync alone"
_MESSAGES = {BARE: "1", DISK: "-"}
_SECONDS = 30.0
_BLOCK = bytes(4096)
_SEED = 7
_LENGTH = 4  # bytes before each message that say how long it is
_STATUS, _NEXT_ORDER = b"3", b"9"  # orderStatus, nextValidId
_LINES = 90  # of market data: a hundred are what an account has


def run(sizes: Sizes) -> Report:
    """Measures one bracket after the other, then a burst."""
    rounds = min(20 * sizes.rounds, _LINES - 1)
    with gateway() as port, TemporaryDirectory() as folder:
        measured = asyncio.run(_measure(port, Path(folder), rounds))
    with gateway() as port:
        rates = asyncio.run(_rates(port, sizes.events // 6 + 1))
    medians = {name: statistics.median(taken) for name, taken in measured.items()}
    heads = (
        f"one at a time, {rounds} of each",
        "messages",
        "µs, median",
        "µs, longest",
        "times bare",
        "times a bracket",
    )
    rows = [
        (
            name,
            _MESSAGES.get(name, "2"),
            *(figure(value * 1e6) for value in (medians[name], max(taken))),
            *(figure(medians[name] / medians[bare]) for bare in (BARE, BARE_BRACKET)),
        )
        for name, taken in measured.items()
    ]
    aims = [
        Aim(f"signal to bytes, {name}, as a multiple of one bare placeOrder", medians[name] / medians[BARE], MOST_TIMES)
        for name in _JOURNALS
    ]
    return Report(
        "Orders at a broker",
        MEANING,
        (
            Table(heads, tuple(rows)),
            Table(("rulec gateway, one client", "orders a second"), tuple((by, figure(each)) for by, each in rates)),
        ),
        tuple(aims),
    )


@contextmanager
def gateway() -> Iterator[int]:
    """A gateway with a market made up, on a free port."""
    command = [sys.executable, "-m", "rulec", "gateway", "--port", "0", "--market", "random:7", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["port"]
    finally:
        process.kill()
        process.communicate()


class Tap:
    """Notes when bytes were last handed to a connection's socket, and how many messages they were."""

    # Any: the transport of asyncio, whose write is looked at in passing
    def __init__(self, transport: Any) -> None:
        self.last = 0.0
        self.written: list[bytes] = []
        write = transport.write

        def noted(data: bytes) -> None:
            write(data)
            self.last = time.perf_counter()
            self.written.append(data)

        transport.write = noted

    def take(self) -> list[bytes]:
        """The messages written since this was last asked."""
        data, self.written = b"".join(self.written), []
        found = []
        while data:
            end = _LENGTH + int.from_bytes(data[:_LENGTH], "big")
            found.append(data[_LENGTH:end])
            data = data[end:]
        return found


@attrs.define(eq=False)
class Ours:
    """rulec, connected, its books matched."""

    name: str
    broker: IBBroker
    run: BrokerRun
    inbox: EventInbox
    tap: Tap
    clock: SystemClock

    def pump(self) -> None:
        """Handles what the broker has said meanwhile."""
        for arrival in self.inbox.take():
            if isinstance(arrival, FromBroker):
                self.run.session.take(arrival.event, self.clock.now())

    def act(self, symbol: str) -> float:
        """Seconds from the signal to its orders' last byte."""
        now = self.clock.now()
        signal = Signal(time=now, symbol=symbol, signal="BUY", confidence=0.9, id=f"{self.name} {symbol}")
        self.tap.take()
        began = time.perf_counter()
        self.run.session.take(signal, now)
        taken = self.tap.last - began
        check(f"{self.name}: orders sent for {symbol}", len(self.tap.take()), 2)
        return taken

    async def stop(self) -> None:
        await self.broker.stop()
        journal = self.run.session.sequencer.journal
        if isinstance(journal, SqliteJournal):
            journal.close()


@attrs.define(eq=False)
class Bare:
    """The library by itself, connected, its contracts known. Any: it ships no types."""

    library: Any
    ib: Any
    contracts: dict[str, Any]
    tap: Tap

    def one(self, symbol: str) -> float:
        """Seconds of one market order."""
        order = self.library.MarketOrder
        return self._timed(symbol, 1, lambda: self.ib.placeOrder(self.contracts[symbol], order("BUY", 10)))

    def bracket(self, symbol: str) -> float:
        """Seconds of a market order and its stop."""
        entry, stop = self.library.MarketOrder, self.library.StopOrder
        contract, number = self.contracts[symbol], self.ib.client.getReqId()

        def place() -> None:
            self.ib.placeOrder(contract, entry("BUY", 10, orderId=number, transmit=False))
            self.ib.placeOrder(contract, stop("SELL", 10, 1.0, parentId=number, tif="GTC"))

        return self._timed(symbol, 2, place)

    def _timed(self, symbol: str, messages: int, place: Callable[[], object]) -> float:
        self.tap.take()
        began = time.perf_counter()
        place()
        taken = self.tap.last - began
        check(f"bare: orders sent for {symbol}", len(self.tap.take()), messages)
        return taken

    async def stop(self) -> None:
        self.ib.disconnect()
        await asyncio.sleep(0)  # the transport closes in the loop's next turn


async def _measure(port: int, folder: Path, rounds: int) -> dict[str, list[float]]:
    symbols = [_symbol(number) for number in range(rounds + 1)]
    contestants = [
        await _ours(port, folder, at, name, sync, symbols) for at, (name, sync) in enumerate(_JOURNALS.items())
    ]
    bare = await _bare(port, symbols)
    acts: dict[str, Callable[[str], float]] = {ours.name: ours.act for ours in contestants}
    acts |= {BARE: bare.one, BARE_BRACKET: bare.bracket, DISK: _disk(folder / "block")}
    taken: dict[str, list[float]] = {name: [] for name in acts}
    order = random.Random(_SEED)
    try:
        gc.collect()
        for number, symbol in enumerate(symbols):
            for ours in contestants:
                ours.pump()
            # whoever is first finds the caches full of other work, and whoever does the like of the one before does not
            for name in order.sample(list(acts), len(acts)):
                seconds = acts[name](symbol)
                if number:
                    taken[name].append(seconds)
            await asyncio.sleep(0.01)
    finally:
        for ours in contestants:
            await ours.stop()
        await bare.stop()
    return taken


def _disk(path: Path) -> Callable[[str], float]:
    """Seconds of a write that has reached the disk."""

    def write(symbol: str) -> float:
        with path.open("ab", buffering=0) as file:
            began = time.perf_counter()
            file.write(_BLOCK)
            os.fsync(file.fileno())
            return time.perf_counter() - began

    return write


async def _ours(port: int, folder: Path, at: int, name: str, sync: Sync | None, symbols: Sequence[str]) -> Ours:
    inbox, clock = EventInbox(), SystemClock()
    settings = IBSettings(client_id=at + 1, messages_per_second=1_000_000)

    def say(level: str, symbol: str | None, text: str) -> None:
        return

    broker = IBBroker(Address("127.0.0.1", port), settings, lambda event: inbox.put(FromBroker(event)), say, clock)
    account = await broker.connect()
    plan = compiled(RULE)
    hours = HOURS["always"]()
    wanted = Settings(
        equity=1e9, run=f"b{at}", instance=str(at + 1), at_broker=True, policy=TradePolicy(signal_prices=False)
    )
    wanted = attrs.evolve(wanted, policy=attrs.evolve(wanted.policy, buying_power=1e6))
    journal = None
    if sync is not None:
        journal = SqliteJournal.open(str(folder / f"{at}.db"), sync)
        journal.begin(header_of(plan, "always", wanted, {}, None, account=account.id, client_id=at + 1))
    run = assemble(Engine(plan.rules, hours, wanted), broker, journal, [])
    ours = Ours(name, broker, run, inbox, Tap(broker.wire.transport), clock)
    await reconcile(run.session, inbox, clock.now)
    broker.watch(symbols)
    board = run.engine.desk.board
    await _until(f"{name}: quotes", lambda: all(board.ask(symbol) is not None for symbol in symbols), ours.pump)
    return ours


async def _bare(port: int, symbols: Sequence[str]) -> Bare:
    library = load()
    library.quiet()
    module = library.module
    ib = module.IB()
    ib.client.MaxRequests = 0
    await ib.connectAsync("127.0.0.1", port, clientId=99)
    contracts = {symbol: module.Stock(symbol, "SMART", "USD") for symbol in symbols}
    await ib.qualifyContractsAsync(*contracts.values())
    return Bare(module, ib, contracts, Tap(ib.client.conn.transport))


async def _rates(port: int, orders: int) -> list[tuple[str, float]]:
    bare = await _bare(port, ["AAPL"])
    contract = bare.contracts["AAPL"]
    try:
        began = time.perf_counter()
        trades = [bare.ib.placeOrder(contract, bare.library.LimitOrder("BUY", 1, 1.0)) for _ in range(orders)]
        await _until("acknowledgements", lambda: all(trade.orderStatus.status == "Submitted" for trade in trades))
        by_library = orders / (time.perf_counter() - began)
        message = bare.tap.take()[-1]
    finally:
        await bare.stop()
    return [("the library", by_library), ("raw", await _raw_rate(port, orders, message))]


async def _raw_rate(port: int, orders: int, message: bytes) -> float:
    """Orders a second of a client that has nothing to do but write and read; `message` is one of the library's."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def heard() -> list[bytes]:
        return (await reader.readexactly(int.from_bytes(await reader.readexactly(_LENGTH), "big"))).split(b"\0")

    try:
        writer.write(b"API\0" + _framed(b"v157..157"))
        await heard()
        writer.write(_framed(b"71\x002\x0098\0\0"))
        while (fields := await heard())[0] != _NEXT_ORDER:
            pass
        first = int(fields[2])
        parts = message.split(b"\0")
        burst = b"".join(
            _framed(b"\0".join((parts[0], str(number).encode(), *parts[2:]))) for number in range(first, first + orders)
        )
        waiting = {str(number).encode() for number in range(first, first + orders)}
        began = time.perf_counter()
        writer.write(burst)
        async with asyncio.timeout(_SECONDS):
            while waiting:
                fields = await heard()
                if fields[0] == _STATUS and fields[2] == b"Submitted":
                    waiting.discard(fields[1])
        return orders / (time.perf_counter() - began)
    finally:
        writer.close()
        await writer.wait_closed()


def _framed(body: bytes) -> bytes:
    return len(body).to_bytes(_LENGTH, "big") + body


async def _until(what: str, holds: Callable[[], bool], do: Callable[[], object] = lambda: None) -> None:
    end = time.monotonic() + _SECONDS
    while not holds():
        check(f"{what} within {_SECONDS:g} s", time.monotonic() < end, wanted=True)
        await asyncio.sleep(0.02)
        do()


def _symbol(number: int) -> str:
    """A symbol of four letters for each number."""
    letters = "ABCDEFGHIJ"
    return "X" + "".join(letters[int(digit)] for digit in f"{number:03d}")
