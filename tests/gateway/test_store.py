"""What a gateway told survives its end, however sudden; a state file that cannot be used is left alone."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from rulec.runtime.broker.exchange import Exchange, ExchangeTerms, FillMode
from rulec.runtime.event.inputs import Quote
from rulec.runtime.gateway.faults import GatewayFaults
from rulec.runtime.gateway.gateway import Gateway
from rulec.runtime.gateway.store import StateError, Store
from rulec.runtime.market.hours import AlwaysOpen
from rulec.runtime.times import SECOND, parse_time

from ..support.plain_client import GREETING, Desk, Frames, PlainClient, cancel, frame, place, read, start
from ..support.replaying import run

NOON = parse_time("2026-01-06T17:00:00Z")


class Kept(Desk):
    """A gateway with a state file: whatever is told has been stored before."""

    def __init__(self, path: Path) -> None:
        self.store = Store(path)
        self.exchange = Exchange(AlwaysOpen(), {"DU1": 10**11}, ExchangeTerms(fill=FillMode.STANDING))
        self.core = Gateway(self.exchange, AlwaysOpen(), faults=GatewayFaults(), note=self.store.note)
        self.store.attach(self.exchange, self.core)
        super().__init__(self.core, NOON)

    def collect(self) -> None:
        self.store.save()
        super().collect()

    def quote(self, bid: float, ask: float) -> None:
        self.now += SECOND
        self.core.on_market(Quote(self.now, "AAPL", bid, ask), self.now)
        self.collect()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state"


@contextlib.contextmanager
def kept(path: Path) -> Iterator[Kept]:
    desk = Kept(path)
    try:
        yield desk
    finally:
        desk.store.close()


def lists(client: PlainClient) -> list[tuple[str, Any]]:
    """Open orders, completed orders and executions, as a client is told them."""
    client.take()
    client.send(frame([16, 1]) + frame([99, 0]) + frame([7, 3, 9, 0, "", "", "", "", "", ""]))
    return client.take()


def trade(desk: Kept) -> None:
    """A bracket that has filled in part, a cancelled order, a trail, an order by hand, an untransmitted one."""
    desk.quote(149.9, 150.1)
    client = desk.connect(1)
    desk.exchange.faults.partial_next(40, lambda order: order.order_id == 1)
    client.send(place(1, "BUY", 100, "LMT", limit=150.1, transmit=False, ref="one"))
    client.send(place(2, "SELL", 100, "LMT", limit=160, parent=1, transmit=False))
    client.send(place(3, "SELL", 100, "STP", stop=140, parent=1))
    client.send(place(5, "BUY", 10, "LMT", limit=100))
    client.send(cancel(5))
    client.send(place(6, "SELL", 10, "TRAIL", stop=2.0))
    client.send(place(9, "BUY", 10, "LMT", limit=90, transmit=False))


def test_clients_find_everything_again(path: Path) -> None:
    with kept(path) as desk:
        trade(desk)
        before = lists(desk.connect(2))
        cash, positions = desk.exchange.ledger.accounts["DU1"].cash, desk.exchange.positions("DU1")
    with kept(path) as again:
        client = again.connect(1)
        assert client.told("NextValidId") == [{"order_id": 10}]
        assert lists(again.connect(2)) == before
        assert again.exchange.ledger.accounts["DU1"].cash == cash
        assert again.exchange.positions("DU1") == positions


def test_orders_go_on_where_they_were(path: Path) -> None:
    with kept(path) as desk:
        trade(desk)
    with kept(path) as again:
        client = again.connect(1)
        again.quote(149.9, 150.1)
        fills = [(each["order_id"], each["shares"], each["cumulative"]) for each in client.told("ExecutionDetails")]
        assert fills == [(1, 60, 100)]
        again.quote(160.0, 160.2)
        assert [each["order_id"] for each in client.told("ExecutionDetails")] == [1, 2]
        assert client.statuses(3)[-1] == "Cancelled"
        ids = {each.execution_id for each in again.exchange.executions()}
        assert len(ids) == 3, "an execution's number is used once"
        client.send(place(10, "BUY", 1))
        permanent = [each["permanent_id"] for each in client.told("OrderStatus")]
        assert permanent[-1] == max(permanent)


def test_a_correction_takes_the_place_of_what_it_corrects(path: Path) -> None:
    with kept(path) as desk:
        trade(desk)
        (execution,) = desk.exchange.executions()
        desk.exchange.correct(execution.execution_id, 149_000_000)
        desk.core.settle(desk.now)
        desk.collect()
        corrected = desk.exchange.executions()
    with kept(path) as again:
        assert again.exchange.executions() == corrected
        assert [each.price for each in corrected] == [149_000_000]


def test_only_one_gateway_uses_a_file(path: Path) -> None:
    with kept(path), pytest.raises(StateError, match="another gateway uses it"):
        Store(path)
    with kept(path):
        pass


# ---- files that cannot be used ---------------------------------------------------------------------------------------


def not_a_database(path: Path) -> None:
    path.write_text("accounts = DU1\n" * 50)


def of_another_program(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE orders (id)")


def newer(path: Path) -> None:
    with kept(path) as desk:
        trade(desk)
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 2")


def torn(path: Path) -> None:
    with kept(path) as desk:
        trade(desk)
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path.write_bytes(path.read_bytes()[:5000])


def misspelt(path: Path) -> None:
    with kept(path) as desk:
        trade(desk)
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE orders SET body = '{}' WHERE permanent_id = 2")
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def orphaned(path: Path) -> None:
    with kept(path) as desk:
        trade(desk)
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("DELETE FROM orders WHERE permanent_id = 1")
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


USELESS = [
    (not_a_database, "is no state of a gateway"),
    (of_another_program, "is no state of a gateway"),
    (newer, "has format 2, this version of rulec knows up to 1"),
    (torn, "is damaged"),
    (misspelt, "is damaged"),
    (orphaned, "is damaged"),
]


@pytest.mark.parametrize(("make", "why"), USELESS, ids=[each.__name__ for each, _ in USELESS])
def test_a_file_that_cannot_be_used_is_refused_and_left_as_it_is(path: Path, make: Any, why: str) -> None:
    make(path)
    before = path.read_bytes()
    code, out, err = run(["gateway", "--port", "0", "--state", str(path)])
    assert (code, out) == (2, "")
    assert str(path) in err
    assert why in err
    assert "Traceback" not in err
    assert path.read_bytes() == before


def test_a_folder_that_is_not_there_is_no_place_for_a_file(tmp_path: Path) -> None:
    code, _, err = run(["gateway", "--port", "0", "--state", str(tmp_path / "none" / "state")])
    assert code == 2
    assert "cannot be used" in err


# ---- the process -----------------------------------------------------------------------------------------------------


@attrs.define
class Talk:
    """A plain client on a blocking socket."""

    socket: socket.socket
    frames: Frames = attrs.Factory(Frames)
    heard: list[tuple[str, Any]] = attrs.Factory(list)

    def until(self, kind: str, times: int = 1) -> list[Any]:
        while len(found := [values for name, values in self.heard if name == kind]) < times:
            data = self.socket.recv(65536)
            assert data, "the gateway has gone"
            for fields in self.frames.feed(data):
                if self.frames.count > 1:
                    self.heard.append(read(fields))
        return found


@contextlib.contextmanager
def process(path: Path, market: Path) -> Iterator[tuple[subprocess.Popen[bytes], Talk]]:
    """`rulec gateway` in a process of its own, and a client that has shaken hands with it."""
    command = [sys.executable, "-m", "rulec", "gateway", "--port", "0", "--json"]
    command += ["--market", str(market), "--state", str(path)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        assert child.stdout is not None
        port = json.loads(child.stdout.readline())["port"]
        with contextlib.closing(socket.create_connection(("127.0.0.1", port), timeout=20)) as connection:
            talk = Talk(connection)
            connection.sendall(GREETING)
            while talk.frames.count == 0:
                list(talk.frames.feed(connection.recv(4096)))
            connection.sendall(start(1))
            talk.until("NextValidId")
            yield child, talk
    finally:
        child.kill()
        child.wait()
        if child.stdout is not None:
            child.stdout.close()


def test_a_gateway_that_is_killed_has_lost_nothing_that_it_told(path: Path, tmp_path: Path) -> None:
    market = tmp_path / "market.jsonl"
    quote = {"type": "quote", "time": "2026-01-06T17:00:00Z", "symbol": "AAPL", "bid": 149.9, "ask": 150.1}
    market.write_text(json.dumps(quote) + "\n")
    with process(path, market) as (child, talk):
        for number in range(1, 31):
            talk.socket.sendall(place(number, "BUY", 10, "LMT", limit=100 + number / 10))
        talk.until("OrderStatus", 17)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    told = {values["order_id"] for name, values in talk.heard if name == "OpenOrder"}
    with process(path, market) as (_, again):
        again.socket.sendall(frame([16, 1]))
        again.until("OpenOrderEnd")
        found = {values["order_id"] for name, values in again.heard if name == "OpenOrder"}
        assert told <= found
        assert again.until("NextValidId")[0]["order_id"] == max(found) + 1
