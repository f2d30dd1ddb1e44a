"""The gateway on real sockets, with an unmodified ib_insync as its client."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from ib_insync import IB, LimitOrder, MarketOrder, Order, Stock, StopOrder

from rulec.runtime.broker.exchange import Exchange, ExchangeTerms, FillMode
from rulec.runtime.event.inputs import Quote
from rulec.runtime.gateway.driving import Driver
from rulec.runtime.gateway.gateway import Gateway
from rulec.runtime.gateway.policy import GatewayPolicy
from rulec.runtime.gateway.server import GatewayServer
from rulec.runtime.live.markets import RecordedMarket
from rulec.runtime.live.pacing import Unpaced
from rulec.runtime.market.hours import AlwaysOpen
from rulec.tests.support.gateway_client import OPEN, frame, messages_in, offer, stock

PATIENCE = 10.0
AAPL = Stock("AAPL", "SMART", "USD")
IB_CLIENT: Any = IB  # it has no types


class Running:
    """A gateway that listens, and its market by hand."""

    def __init__(self, server: GatewayServer, port: int) -> None:
        self.server = server
        self.port = port
        self._now = OPEN

    def quote(self, bid: float, ask: float) -> None:
        self._now += 1_000_000
        self.server.driver.move_to(self._now)
        self.server.gateway.on_market(Quote(self._now, "AAPL", bid, ask), self._now)
        self.server.after()

    async def connected(self, client_id: int = 1) -> Any:
        ib: Any = IB_CLIENT()
        ib.TimezoneTWS = "UTC"
        await ib.connectAsync("127.0.0.1", self.port, clientId=client_id, timeout=PATIENCE)
        return ib


@contextlib.asynccontextmanager
async def running(**policy: Any) -> AsyncIterator[Running]:
    hours = AlwaysOpen()
    terms = ExchangeTerms(fill=FillMode.STANDING)
    gateway = Gateway(Exchange(hours, {"DU1": 10**11}, terms), hours, GatewayPolicy(**policy), terms)
    server = GatewayServer(gateway, Driver(RecordedMarket([]), Unpaced(), OPEN))
    async with server.listening("127.0.0.1", 0) as port:
        loop = asyncio.ensure_future(server.run())
        try:
            yield Running(server, port)
        finally:
            server.stop()
            await loop


async def until(holds: Callable[[], object]) -> None:
    """Waits for something that a message brings."""
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await asyncio.sleep(0.005)


def played(scene: Callable[[Running], Coroutine[Any, Any, None]], **policy: Any) -> None:
    async def play() -> None:
        async with running(**policy) as gateway:
            gateway.quote(150.00, 150.02)
            await scene(gateway)

    asyncio.run(play())


def test_a_library_connects_qualifies_and_sees_quotes() -> None:
    async def scene(gateway: Running) -> None:
        ib = await gateway.connected()
        assert (ib.client.serverVersion(), ib.managedAccounts()) == (157, ["DU1"])
        found = await ib.qualifyContractsAsync(Stock("AAPL", "SMART", "USD"), Stock("BRK B", "SMART", "USD"))
        assert [(each.conId, each.primaryExchange) for each in found] == [(1_563_112, "NASDAQ"), (31_123_009, "NYSE")]
        (details,) = await ib.reqContractDetailsAsync(AAPL)
        assert (details.minTick, details.timeZoneId) == (0.01, "US/Eastern")
        rule = await ib.reqMarketRuleAsync(26)
        assert [(each.lowEdge, each.increment) for each in rule] == [(0.0, 0.0001), (1.0, 0.01)]
        ticker = ib.reqMktData(found[0])
        await until(lambda: ticker.bid == 150.0)
        gateway.quote(150.10, 150.12)
        await until(lambda: ticker.ask == 150.12)
        (snapshot,) = await ib.reqTickersAsync(found[0])
        assert (snapshot.bid, snapshot.ask) == (150.10, 150.12)
        ib.disconnect()

    played(scene)


def test_a_bracket_fills_on_both_sides() -> None:
    async def scene(gateway: Running) -> None:
        ib = await gateway.connected()
        entry, target, stop = ib.bracketOrder("BUY", 100, 150.02, 152.00, 149.00, tif="GTC")
        trades = [ib.placeOrder(AAPL, order) for order in (entry, target, stop)]
        commissions: list[float] = []
        trades[1].commissionReportEvent += lambda trade, fill, report: commissions.append(report.realizedPNL)
        await until(lambda: trades[0].orderStatus.status == "Filled" and trades[2].orderStatus.whyHeld == "trigger")
        assert [(each.position, each.avgCost) for each in ib.positions()] == [(100, 150.02)]
        gateway.quote(152.00, 152.02)
        await until(lambda: trades[1].isDone() and trades[2].isDone() and commissions)
        assert [trade.orderStatus.status for trade in trades] == ["Filled", "Filled", "Cancelled"]
        assert commissions == [198.0]
        fills = await ib.reqExecutionsAsync()
        assert [(fill.execution.side, fill.execution.price) for fill in fills] == [("BOT", 150.02), ("SLD", 152.0)]
        assert fills[0].time.tzinfo is not None
        ib.disconnect()

    played(scene)


def test_orders_are_changed_cancelled_and_grouped() -> None:
    async def scene(gateway: Running) -> None:
        ib = await gateway.connected()
        order = LimitOrder("BUY", 10, 140, tif="DAY")
        trade = ib.placeOrder(AAPL, order)
        await until(lambda: trade.orderStatus.status == "Submitted")
        order.lmtPrice = 141
        ib.placeOrder(AAPL, order)
        await until(lambda: len(trade.log) > 3 or trade.log[-1].message == "Modified")
        (held,) = await ib.reqOpenOrdersAsync()
        assert held.order.lmtPrice == 141
        ib.cancelOrder(order)
        await until(lambda: trade.orderStatus.status == "Cancelled")
        group = ib.oneCancelsAll([LimitOrder("BUY", 10, 149, tif="DAY"), StopOrder("BUY", 10, 160, tif="DAY")], "g", 1)
        pair = [ib.placeOrder(AAPL, each) for each in group]
        await until(lambda: [each.orderStatus.status for each in pair] == ["Submitted", "PreSubmitted"])
        gateway.quote(148.90, 148.92)
        await until(lambda: [each.orderStatus.status for each in pair] == ["Filled", "Cancelled"])
        trail = ib.placeOrder(AAPL, Order(action="SELL", totalQuantity=10, orderType="TRAIL", auxPrice=1.0, tif="GTC"))
        await until(lambda: trail.orderStatus.status == "PreSubmitted")
        gateway.quote(150.00, 150.02)
        gateway.quote(148.95, 148.97)
        await until(lambda: trail.orderStatus.status == "Filled")
        what = await ib.whatIfOrderAsync(AAPL, MarketOrder("BUY", 100, tif="DAY"))
        assert float(what.initMarginChange) == pytest.approx(7448.5)
        completed = await ib.reqCompletedOrdersAsync(False)
        assert sorted(each.orderStatus.status for each in completed) == ["Cancelled", "Cancelled", "Filled", "Filled"]
        ib.disconnect()

    played(scene)


def test_two_clients_and_a_reconnect() -> None:
    async def scene(gateway: Running) -> None:
        first, second = await gateway.connected(1), await gateway.connected(2)
        trade = first.placeOrder(AAPL, LimitOrder("BUY", 10, 140, tif="GTC", orderRef="mine"))
        await until(lambda: trade.orderStatus.status == "Submitted")
        permanent = trade.order.permId
        assert [each.order.orderRef for each in await second.reqAllOpenOrdersAsync()] == ["mine"]
        assert second.openTrades()[0].order.clientId == 1
        first.disconnect()
        again = await gateway.connected(1)
        (open_trade,) = again.openTrades()
        assert (open_trade.order.permId, open_trade.order.orderId) == (permanent, trade.order.orderId)
        assert again.client.getReqId() > trade.order.orderId
        account = await again.accountSummaryAsync()
        assert {value.tag: value.value for value in account}["NetLiquidation"] == "100000.00"
        profit = again.reqPnL("DU1")
        await until(lambda: profit.dailyPnL == 0.0)
        again.reqGlobalCancel()
        await until(lambda: not again.openTrades())
        second.disconnect(), again.disconnect()

    played(scene)


def test_a_client_that_does_not_read_is_dropped_and_holds_nobody_up() -> None:
    async def scene(gateway: Running) -> None:
        loop = asyncio.get_running_loop()
        slow = socket.socket()
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.setblocking(False)
        await loop.sock_connect(slow, ("127.0.0.1", gateway.port))
        await loop.sock_sendall(slow, offer() + frame(71, 2, 7, ""))
        other = await gateway.connected(2)
        with contextlib.suppress(ConnectionError):
            for _ in range(400):
                await loop.sock_sendall(slow, frame(9, 8, 1, *stock("AAPL"), 0, "", "") * 100)
                await asyncio.sleep(0)
                if len(gateway.server.connections()) == 1:
                    break
        await until(lambda: len(gateway.server.connections()) == 1)
        assert (await other.reqCurrentTimeAsync()).year == 2026
        other.disconnect()
        slow.close()

    played(scene, longest_queue=200_000)


def test_a_client_that_sends_half_a_message_waits_alone() -> None:
    async def scene(gateway: Running) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        hello = offer() + frame(71, 2, 7, "") + frame(49, 1)
        for byte in hello[:-3]:
            writer.write(bytes([byte]))
            await writer.drain()
        other = await gateway.connected(2)
        assert (await other.reqCurrentTimeAsync()).year == 2026
        writer.write(hello[-3:])
        data = b""
        async with asyncio.timeout(PATIENCE):
            while not data.endswith(frame(49, 1, OPEN // 1_000_000 + 1)):
                data += await reader.read(4096)
        assert [fields[0] for fields in messages_in(data)] == ["157", "15", "9", "4", "4", "4", "49"]
        writer.close()
        other.disconnect()

    played(scene)


# ---- the command -----------------------------------------------------------------------------------------------------


def started(*options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "rulec", "gateway", "--port", "0", "--json", *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ready(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    line: dict[str, Any] = json.loads(process.stdout.readline())
    return line


async def a_fill(port: int) -> str:
    ib: Any = IB_CLIENT()
    await ib.connectAsync("127.0.0.1", port, clientId=1, timeout=PATIENCE)
    trade = ib.placeOrder(AAPL, MarketOrder("BUY", 10, tif="DAY"))
    await until(trade.isDone)
    ib.disconnect()
    return str(trade.orderStatus.status)


def test_the_command_listens_fills_and_ends_cleanly(tmp_path: Path) -> None:
    wire = tmp_path / "wire.jsonl"
    process = started("--market", "random:7", "--capture", str(wire))
    try:
        line = ready(process)
        assert line["type"] == "ready"
        assert asyncio.run(a_fill(line["port"])) == "Filled"
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, errors) == (0, "")
    captured = [json.loads(text) for text in wire.read_text(encoding="utf-8").splitlines()]
    assert {tuple(sorted(each)) for each in captured} == {("direction", "fields", "session", "time")}
    counts = {each["fields"][0]: len(each["fields"]) for each in captured if each["direction"] == "out"}
    assert (counts["5"], counts["3"], counts["11"], counts["59"], counts["4"]) == (128, 12, 31, 8, 5)


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = [sys.executable, "-m", "rulec", "gateway", "--port", str(taken.getsockname()[1])]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert "cannot listen there" in done.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--market", "nowhere.csv"], "nowhere.csv: cannot be read"),
        (["--market", "random:1", "--speed", "2"], "--speed"),
        (["--lockstep"], "--control"),
        (["--latency", "5ms"], "--latency"),
        (["--policy", "quote_size=many"], "quote_size is a whole number"),
        (["--capture", "/no/such/folder/file"], "cannot be written"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: list[str], said: str) -> None:
    command = [sys.executable, "-m", "rulec", "gateway", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert said in done.stderr
