"""The one door to the client library: which is installed, how it is imported, what an order becomes on the wire."""

from __future__ import annotations

import asyncio
import importlib.util
import subprocess
import sys
from importlib.machinery import ModuleSpec
from typing import Any

import pytest

from rulec.runtime.broker.ib.encoding import OrderMessages
from rulec.runtime.broker.ib.library import Link, PlacedOrder, installed, load
from rulec.runtime.broker.ib.orders import OrderFields
from rulec.runtime.broker.ib.refused import StartRefused
from rulec.runtime.broker.ib.tap import Record, Tap
from rulec.runtime.broker.ib.wire import ExecutionTold

# As Python 3.14 does: without a loop that somebody has set there is none.
GETTER_OF_3_14 = """
import asyncio, threading

class Policy(asyncio.DefaultEventLoopPolicy):
    def get_event_loop(self):
        if self._local._loop is None:
            raise RuntimeError("There is no current event loop in thread 'MainThread'.")
        return self._local._loop

asyncio.set_event_loop_policy(Policy())
"""


def run(code: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_getter_of_python_3_14_stops_a_careless_import_of_ib_insync_alone() -> None:
    code = "try:\n    import eventkit\nexcept RuntimeError as error:\n    print('stopped')"
    assert run(GETTER_OF_3_14 + code) == ("stopped" if installed() == ("ib_insync",) else "")


def test_the_library_is_imported_without_a_loop_as_on_python_3_14() -> None:
    code = "from rulec.runtime.broker.ib.library import load\nprint(load().name)"
    assert run(GETTER_OF_3_14 + code) in ("ib_insync", "ib_async")


def test_the_library_is_imported_inside_a_running_loop_as_on_python_3_14() -> None:
    code = """
from rulec.runtime.broker.ib.library import load

async def main():
    print(load().name)

loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop.close()
"""
    assert run(GETTER_OF_3_14 + code) in ("ib_insync", "ib_async")


def test_nothing_but_a_connection_imports_the_library() -> None:
    code = (
        "import sys\nimport rulec.runtime.broker.ib.broker\nprint([m for m in sys.modules if m[:3] in ('ib_', 'eve')])"
    )
    assert run(code) == "[]"


def found(*names: str) -> Any:
    """A finder that has these libraries, and no others."""
    return lambda name: ModuleSpec(name, None) if name in names else None


def test_without_a_library_a_start_is_refused_with_what_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", found())
    with pytest.raises(StartRefused, match="pip install ib_insync"):
        load()


def test_with_both_libraries_a_start_is_refused_with_what_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", found("ib_insync", "ib_async"))
    with pytest.raises(StartRefused, match=r"both installed.*pip uninstall"):
        load()


def test_one_library_is_installed_here() -> None:
    assert len(installed()) == 1


class Wired:
    """A link whose socket keeps what is written, and takes what a test puts into it."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.failures: list[BaseException] = []
        self.written: list[bytes] = []
        self.tap = Tap(self.records.append, lambda: None, lambda: None, self.failures.append)
        self.library = load()
        self.link = Link(self.library, self.tap)
        self.client: Any = self.link._client
        self.client.conn.transport = self
        self.hear("157", "20260105 12:00:00 EST")
        self.hear("15", "1", "DU1")
        self.hear("9", "1", "5")
        self.written.clear()

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def hear(self, *fields: object) -> None:
        body = "".join(f"{field}\0" for field in fields).encode()
        self.client._onSocketHasData(len(body).to_bytes(4, "big") + body)

    def place(self, *orders: OrderFields) -> None:
        self.link.place([PlacedOrder(265598, "AAPL", order) for order in orders])

    def sent(self) -> list[str]:
        (data,) = self.written
        return data[4:].decode().split("\0")[:-1]


def wired(scene: Any) -> None:
    async def whole() -> None:
        scene(Wired())

    asyncio.run(whole())


def fields(**changes: Any) -> OrderFields:
    plain: dict[str, Any] = {
        "number": 7,
        "symbol": "AAPL",
        "action": "SELL",
        "quantity": 100,
        "order_type": "STP",
        "limit_price": None,
        "aux_price": 145.5,
        "trail_stop_price": None,
        "trailing_percent": None,
        "time_in_force": "GTC",
        "oca_group": "",
        "oca_type": 0,
        "account": "DU1",
        "reference": "rulec/1/t1/stop/2",
        "parent_number": 6,
        "transmit": False,
    }
    return OrderFields(**{**plain, **changes})


def test_an_order_has_every_field_of_the_protocol_in_its_place() -> None:
    def scene(wire: Wired) -> None:
        wire.place(fields())
        sent = wire.sent()
        contract = ["265598", "AAPL", "STK", "", "0.0", "", "", "SMART", "", "USD", "", ""]
        assert sent[:14] == ["3", "7", *contract]
        assert sent[16:30] == [
            "SELL", "100", "STP", "", "145.5", "GTC", "", "DU1", "O", "0", "rulec/1/t1/stop/2", "0", "6", "0",
        ]  # fmt: skip
        assert sent[14:16] == ["", ""]
        assert "1.797" not in ",".join(sent)

    wired(scene)


def test_an_order_is_made_anew_and_leaves_nothing_behind_for_the_next() -> None:
    def scene(wire: Wired) -> None:
        wire.place(fields(oca_group="g", oca_type=3, trail_stop_price=140.0, trailing_percent=2.0))
        wire.written.clear()
        wire.place(fields(number=8, aux_price=None, order_type="MKT", transmit=True, parent_number=0))
        sent = wire.sent()
        assert sent[18:22] == ["MKT", "", "", "GTC"]
        assert sent[22] == ""
        assert "140.0" not in sent
        assert "g" not in sent

    wired(scene)


def written_by_the_library(wire: Wired, order: OrderFields) -> bytes:
    """The same order, through the library's own objects and its own encoding."""
    made = wire.library.module.Order(
        action=order.action,
        totalQuantity=order.quantity,
        orderType=order.order_type,
        tif=order.time_in_force,
        ocaGroup=order.oca_group,
        ocaType=order.oca_type,
        account=order.account,
        orderRef=order.reference,
        parentId=order.parent_number,
        transmit=order.transmit,
        outsideRth=order.outside_hours,
    )
    for name, price in (
        ("lmtPrice", order.limit_price),
        ("auxPrice", order.aux_price),
        ("trailStopPrice", order.trail_stop_price),
        ("trailingPercent", order.trailing_percent),
    ):
        if price is not None:
            setattr(made, name, price)
    wire.written.clear()
    wire.client.placeOrder(order.number, wire.library.stock(265598, "AAPL"), made)
    (data,) = wire.written
    wire.written.clear()
    return data


ORDERS: dict[str, dict[str, Any]] = {
    "market": {"action": "BUY", "order_type": "MKT", "aux_price": None, "parent_number": 0, "time_in_force": "DAY"},
    "limit": {"order_type": "LMT", "limit_price": 0.0001, "aux_price": None, "oca_group": "a%s{0}", "oca_type": 3},
    "stop": {},
    "stop limit": {"order_type": "STP LMT", "limit_price": 1234567.89, "outside_hours": True, "transmit": True},
    "trail by an amount": {"order_type": "TRAIL", "aux_price": 1.0, "trail_stop_price": 140.0},
    "trail by percent": {"order_type": "TRAIL", "aux_price": None, "trailing_percent": 2.5},
}


@pytest.mark.parametrize("kind", ORDERS)
def test_an_order_has_the_very_bytes_that_the_library_would_send(kind: str) -> None:
    def scene(wire: Wired) -> None:
        order = fields(**ORDERS[kind])
        expected = written_by_the_library(wire, order)
        wire.place(order)
        assert wire.written == [expected]

    wired(scene)


def test_orders_that_belong_together_leave_in_one_write_and_count_one_by_one() -> None:
    def scene(wire: Wired) -> None:
        orders = [fields(number=7), fields(number=8, parent_number=7)]
        expected = b"".join(written_by_the_library(wire, order) for order in orders)
        before = wire.link.sent
        wire.place(*orders)
        assert wire.written == [expected]
        assert wire.link.sent == before + 2

    wired(scene)


def test_without_a_socket_an_order_is_refused_and_nothing_leaves() -> None:
    def scene(wire: Wired) -> None:
        wire.client.connState = wire.client.DISCONNECTED
        with pytest.raises(ConnectionError):
            wire.place(fields())
        assert wire.written == []

    wired(scene)


def test_a_library_that_writes_an_order_otherwise_than_expected_encodes_each_by_itself() -> None:
    def odd(con_id: int, symbol: str, order: OrderFields) -> str:
        return f"{con_id}\0{symbol}\0{order.quantity!r:>6}\0{order.reference}\0"

    assert OrderMessages(odd).text(1, "AAPL", fields()) == odd(1, "AAPL", fields())


def test_requests_leave_at_once_however_many_there_are() -> None:
    def scene(wire: Wired) -> None:
        for _ in range(200):
            wire.link.ask_time()
        assert len(wire.written) == 200

    wired(scene)


EXECUTION = (
    "11", "-1", "7", "265598", "AAPL", "STK", "", "0", "", "", "SMART", "USD", "AAPL", "NMS", "0001.01.01.01",
    "20260611-13:31:08 Nowhere/Land", "DU1", "NYSE", "BOT", "10", "150.5", "999", "1", "0", "10", "150.5",
    "rulec/1/t1/main/1", "", "", "", "2",
)  # fmt: skip


def test_an_execution_whose_time_nobody_understands_is_not_lost() -> None:
    def scene(wire: Wired) -> None:
        wire.records.clear()
        wire.hear(*EXECUTION)
        (told,) = wire.records
        assert isinstance(told, ExecutionTold)
        assert (told.quantity, told.price, told.time) == (10.0, 150.5, "20260611-13:31:08 Nowhere/Land")

    wired(scene)


def test_an_execution_by_hand_whose_numbers_are_unset_has_none() -> None:
    def scene(wire: Wired) -> None:
        wire.records.clear()
        by_hand = list(EXECUTION)
        by_hand[2], by_hand[26] = str(2**31 - 1), ""
        wire.hear(*by_hand)
        (told,) = wire.records
        assert isinstance(told, ExecutionTold)
        assert (told.order_number, told.reference) == (0, "")

    wired(scene)


@pytest.mark.parametrize(
    "message",
    [("3", "x"), ("11", "-1"), ("777",), ("4", "2", "x", "y", "z"), ("5",), ("10", "8", "1")],
    ids=lambda message: message[0],
)
def test_a_message_that_can_not_be_read_is_told_and_ends_nothing(message: tuple[str, ...]) -> None:
    def scene(wire: Wired) -> None:
        wire.records.clear()
        wire.hear(*message)
        assert [type(record).__name__ for record in wire.records] == ["NotUnderstood"]
        assert wire.failures == []
        wire.hear("49", "1", "1767632400")
        assert type(wire.records[-1]).__name__ == "ServerTimeTold"

    wired(scene)


def test_what_handling_a_record_raises_is_passed_on_and_not_logged_away() -> None:
    def scene(wire: Wired) -> None:
        def fail(record: Record) -> None:
            raise ZeroDivisionError("planted")

        wire.tap._receive = fail
        wire.hear("49", "1", "1767632400")
        assert [str(failure) for failure in wire.failures] == ["planted"]

    wired(scene)


def test_a_closed_tap_hands_on_nothing_more() -> None:
    def scene(wire: Wired) -> None:
        wire.records.clear()
        wire.tap.close()
        wire.hear("49", "1", "1767632400")
        assert wire.records == []

    wired(scene)
