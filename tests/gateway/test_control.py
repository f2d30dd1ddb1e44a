"""The control port: what it shows and takes, and a market that waits for its clients."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from rulec.runtime.event.inputs import Bar, OutsideInput, Quote
from rulec.runtime.times import HOUR, MINUTE, SECOND, parse_time, time_text

from ..support.plain_client import cancel, frame, market_data, place
from ..support.replaying import run
from ..support.served_gateway import Controller, Served, SocketClient, served

DOCUMENT = Path(__file__).parents[2] / "docs" / "gateway-faults.md"
CONTROL_EXAMPLES = [
    json.loads(line)
    for block in re.findall(r"```json\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.S)
    for line in block.splitlines()
    if '"fault"' not in line
]
OPEN = parse_time("2026-01-06T14:30:00Z")
CLOSE = parse_time("2026-01-06T21:00:00Z")


def quotes(*asks: float, symbol: str = "AAPL", start: int = OPEN) -> list[OutsideInput]:
    """A quote a second, ten cents wide."""
    return [Quote(start + number * SECOND, symbol, ask - 0.1, ask) for number, ask in enumerate(asks)]


def drive(events: list[OutsideInput], scene: Callable[[Served], Awaitable[None]], **options: Any) -> None:
    async def play() -> None:
        async with served(events, **options) as gateway:
            await scene(gateway)

    asyncio.run(play())


class Follower:
    """A client in step: handles what it hears by `react`, and tells how far it is."""

    def __init__(self, client: SocketClient, control: Controller) -> None:
        self.client = client
        self.control = control
        self.steps: list[tuple[str, str]] = []
        self.timers: list[int] = []
        self.react: Callable[[int], None] = lambda now: None

    async def follow(self, client_id: int | None = None) -> None:
        """To the end of the market."""
        self.control.say({"lockstep": self.client.client_id if client_id is None else client_id})
        while True:
            told = await self.control.hear()
            if told.get("end"):
                return
            assert "error" not in told, told
            await self.client.hear(told["sent"])
            self.steps.append((told["kind"], told["time"]))
            now = parse_time(told["time"])
            self.react(now)
            if told["kind"] == "time":
                self.timers = [each for each in self.timers if each > now]
            idle = {"idle": told["event"], "received": self.client.received, "sent": self.client.sent}
            if self.timers:
                idle["next"] = time_text(min(self.timers))
            self.control.say(idle)


# ---- asking and telling ----------------------------------------------------------------------------------------------


def test_it_shows_what_there_is() -> None:
    async def scene(gateway: Served) -> None:
        control, client = await gateway.controller(), await gateway.client(1)
        assert await control.ask({"quote": "AAPL", "bid": 149.9, "ask": 150.1}) == {"ok": True}
        client.send(place(1, "BUY", 100, ref="mine"))
        client.send(place(2, "SELL", 100, "LMT", limit=160))
        await client.hear_of("CommissionReport")
        await client.hear_of("OpenOrder", 4)
        orders = (await control.ask({"ask": "orders"}))["orders"]
        assert [(each["order"], each["status"], each["ref"]) for each in orders] == [
            (1, "Filled", "mine"),
            (2, "Submitted", ""),
        ]
        executions = (await control.ask({"ask": "executions"}))["executions"]
        assert [(each["order"], each["quantity"], each["price"]) for each in executions] == [(1, 100, 150.1)]
        assert (await control.ask({"ask": "positions"}))["positions"] == {"DU1": {"AAPL": 100}}
        assert (await control.ask({"ask": "ledger"}))["ledger"]["DU1"]["cash"] == 100_000 - 15_010
        (session,) = (await control.ask({"ask": "sessions"}))["sessions"]
        assert (session["client"], session["sent"]) == (1, client.received)

    drive(quotes(150.0), scene)


def test_prices_come_by_hand() -> None:
    async def scene(gateway: Served) -> None:
        control, client = await gateway.controller(), await gateway.client(1)
        client.send(market_data(7))
        assert await control.ask({"price": "AAPL", "at": 151.5, "size": 300}) == {"ok": True}
        prices = [each["price"] for each in await client.hear_of("TickPrice")]
        assert prices[0] == 151.5

    drive(quotes(150.0), scene)


def test_faults_come_at_once() -> None:
    async def scene(gateway: Served) -> None:
        control, client = await gateway.controller(), await gateway.client(1)
        await client.hear_of("NextValidId")
        assert await control.ask({"fault": "farm", "code": 2103}) == {"ok": True}
        while client.told("ErrorMessage")[-1:] == [] or client.told("ErrorMessage")[-1]["code"] != 2103:
            await client.hear(client.received + 1)
        assert await control.ask({"fault": "drop", "client": 1}) == {"ok": True}
        with pytest.raises(ConnectionError):
            await client.hear(1_000)

    drive(quotes(150.0), scene)


def test_a_restart_refuses_for_a_while() -> None:
    async def scene(gateway: Served) -> None:
        control, client = await gateway.controller(), await gateway.client(1)
        await control.ask({"fault": "restart", "for": "200ms"})
        with pytest.raises(ConnectionError):
            await client.hear(1_000)
        with pytest.raises(ConnectionError):
            await gateway.client(1)
        await asyncio.sleep(0.25)
        again = await gateway.client(1)
        await again.hear_of("NextValidId")

    drive(quotes(150.0), scene)


@pytest.mark.parametrize("fault", [{"fault": "split", "size": 1}, {"fault": "delay", "by": "20ms"}])
def test_what_is_split_or_late_is_whole_in_the_end(fault: dict[str, object]) -> None:
    async def scene(gateway: Served) -> None:
        control = await gateway.controller()
        await control.ask(fault)
        client = await gateway.client(1)
        client.send(place(1, "BUY", 100, "LMT", limit=100.0))
        (status,) = await client.hear_of("OrderStatus")
        assert status["status"] == "Submitted"

    drive(quotes(150.0), scene)


WRONG = [
    (b"{\n", "Expecting"),
    (b"[]\n", "a request is an object"),
    (b"{}\n", "write one of"),
    (b'{"ask": "the way"}\n', "`ask`: one of orders"),
    (b'{"fault": "gremlins"}\n', "none of reject"),
    (b'{"price": "AAPL", "at": -1}\n', "`at`: a number"),
    (b'{"price": "AAPL"}\n', "'at' is missing"),
    (b'{"price": "AAPL", "at": 1, "size": NaN}\n', "`size`: a number"),
    (b'{"price": "no symbol", "at": 1}\n', "`price`: a symbol"),
    (b'{"quote": 7, "bid": 1, "ask": 2}\n', "`quote`: a symbol"),
    (b"[" * 30_000 + b"\n", "recursion"),
    (b'{"fault": "manual", "symbol": "no symbol", "action": "BUY", "quantity": 1}\n', "is no symbol"),
    (b'{"quote": "AAPL", "bid": 2, "ask": 1}\n', "the bid is above the ask"),
    (b'{"release": 0}\n', "at least 1"),
    (b'{"lockstep": "one"}\n', "the number of a client"),
    (b'{"idle": 0, "received": 1, "sent": 1}\n', "begin with lockstep"),
    (b'{"idle": "all"}\n', 'write {"idle"'),
    (b"\xff\xfe\n", "decode"),
]


@pytest.mark.parametrize(("line", "why"), WRONG)
def test_a_line_that_makes_no_sense_is_answered(line: bytes, why: str) -> None:
    async def scene(gateway: Served) -> None:
        control = await gateway.controller()
        control.say_bytes(line)
        told = await control.hear()
        assert why in told["error"]
        assert (await control.ask({"ask": "positions"}))["ok"]

    drive(quotes(150.0), scene)


def test_a_market_that_runs_by_itself_is_not_released() -> None:
    async def scene(gateway: Served) -> None:
        control = await gateway.controller()
        for line in ({"release": 1}, {"lockstep": 1}):
            assert "--lockstep" in (await control.ask(line))["error"]

    drive(quotes(150.0), scene, lockstep=False)


def test_what_the_document_shows_is_understood() -> None:
    async def scene(gateway: Served) -> None:
        for line in CONTROL_EXAMPLES:
            control = await gateway.controller()
            told = await control.ask(line)
            assert "error" not in told, line

    assert len(CONTROL_EXAMPLES) >= 9
    drive(quotes(150.0, 151.0), scene)


def test_a_file_of_faults_that_is_wrong_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "wrong.jsonl"
    path.write_text('{"fault": "clash"}\n{"fault": "gremlins"}\n')
    code, out, err = run(["gateway", "--port", "0", "--faults", str(path)])
    assert (code, out) == (2, "")
    assert f"{path}:2: `fault`: 'gremlins' is none of" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("options", [["--lockstep"], ["--control", "0", "--lockstep", "--market", "random:7"]])
def test_lockstep_needs_a_control_port_and_a_recording(options: list[str]) -> None:
    code, _, err = run(["gateway", "--port", "0", *options])
    assert code == 2
    assert "--lockstep" in err


# ---- step by step ----------------------------------------------------------------------------------------------------


def test_one_step_is_released_by_hand() -> None:
    async def scene(gateway: Served) -> None:
        control, client = await gateway.controller(), await gateway.client(1)
        client.send(market_data(7))
        await client.hear_of("MarketDataTypeIs")
        assert not client.told("TickPrice")
        told = await control.ask({"release": 1})
        assert (told["event"], told["kind"], told["end"]) == (1, "market", False)
        assert (await client.hear_of("TickPrice", 2))[1]["price"] == 150.0
        assert (await control.ask({"release": 5}))["end"]

    drive(quotes(150.0, 151.0), scene)


@pytest.mark.parametrize("counts_handshake", [True, False], ids=["with handshake", "without"])
def test_every_event_waits_for_the_client(counts_handshake: bool) -> None:
    async def scene(gateway: Served) -> None:
        client = await gateway.client(1, counts_handshake=counts_handshake)
        client.send(market_data(7))
        follower = Follower(client, await gateway.controller())
        seen: list[tuple[int, float]] = []

        def react(now: int) -> None:
            asks = [each["price"] for each in client.told("TickPrice") if each["type"] == 2]
            seen.append((len(asks), asks[-1] if asks else 0.0))

        follower.react = react
        await follower.follow()
        assert seen[-3:] == [(1, 150.0), (2, 151.0), (3, 152.0)]
        assert [kind for kind, _ in follower.steps[-3:]] == ["market"] * 3

    drive(quotes(150.0, 151.0, 152.0), scene)


def test_an_answer_to_a_fill_takes_effect_inside_the_event() -> None:
    """An order that is sent when the entry has filled inside a bar meets what is left of that bar."""

    async def scene(gateway: Served) -> None:
        client = await gateway.client(1)
        client.send(place(1, "BUY", 100, "LMT", limit=149.0))
        follower = Follower(client, await gateway.controller())

        def react(now: int) -> None:
            if client.told("ExecutionDetails") and client.sent == 3:
                client.send(place(2, "SELL", 100, "STP", stop=148.5))

        follower.react = react
        await follower.follow()
        fills = [(each["order_id"], each["price"] / 1e6) for each in client.told("ExecutionDetails")]
        assert fills == [(1, 149.0), (2, 148.5)]

    bars = [Bar(OPEN, "AAPL", 150.0, 150.0, 148.0, 149.5, 100.0, MINUTE, OPEN, OPEN + MINUTE)]
    drive([*bars], scene)


def test_a_timer_of_the_client_comes_before_what_lies_behind_it() -> None:
    async def scene(gateway: Served) -> None:
        client = await gateway.client(1)
        follower = Follower(client, await gateway.controller())
        follower.timers = [OPEN + SECOND // 2, OPEN + SECOND, CLOSE - HOUR]
        await follower.follow()
        assert [(kind, time[11:]) for kind, time in follower.steps[1:]] == [
            ("market", "14:30:00Z"),
            ("time", "14:30:00.500000Z"),
            ("market", "14:30:01Z"),
            ("time", "14:30:01Z"),
            ("time", "20:00:00Z"),
        ]

    drive(quotes(150.0, 151.0), scene)


def test_the_last_session_goes_on_to_its_close() -> None:
    async def scene(gateway: Served) -> None:
        client = await gateway.client(1)
        client.send(place(1, "BUY", 100, "LMT", limit=100.0, tif="DAY"))
        follower = Follower(client, await gateway.controller())
        await follower.follow()
        assert client.told("OrderStatus")[-1]["status"] == "Cancelled"
        assert follower.steps[-1] == ("pause", time_text(CLOSE))

    drive(quotes(150.0), scene)


def test_two_clients_go_in_step() -> None:
    async def scene(gateway: Served) -> None:
        clients = [await gateway.client(number) for number in (1, 2)]
        followers = [Follower(client, await gateway.controller()) for client in clients]
        for client in clients:
            client.send(market_data(7))
        await asyncio.gather(*(follower.follow() for follower in followers))
        for client in clients:
            assert [each["price"] for each in client.told("TickPrice") if each["type"] == 2] == [150.0, 151.0]

    drive(quotes(150.0, 151.0), scene)


def test_what_a_client_sends_after_it_was_idle_holds_nothing_up() -> None:
    """A heartbeat, or a question that an answer led to, can overtake the word that its client is idle."""

    async def scene(gateway: Served) -> None:
        client, control = await gateway.client(1), await gateway.controller()
        told = await control.ask({"lockstep": 1})
        for _ in range(4):
            await client.hear(told["sent"])
            idle = {"idle": told["event"], "received": client.received, "sent": client.sent}
            client.send(frame([49, 1]))
            await client.hear(client.received + 1)
            told = await control.ask(idle)
            assert told["event"] == idle["idle"], "the step is told again"
            await client.hear(told["sent"])
            told = await control.ask({"idle": told["event"], "received": client.received, "sent": client.sent})
            assert told["event"] == idle["idle"] + 1

    drive(quotes(*(150.0,) * 9), scene)


def test_it_is_the_same_every_time() -> None:
    traces: list[Any] = []

    async def scene(gateway: Served) -> None:
        client = await gateway.client(1)
        client.send(market_data(7))
        follower = Follower(client, await gateway.controller())
        number = 0

        def react(now: int) -> None:
            nonlocal number
            number += 1
            if number % 3 == 1:
                client.send(place(number, "BUY" if number % 2 else "SELL", 10, "LMT", limit=150.0 + number % 4))
            elif number % 7 == 0:
                client.send(cancel(number - 3))

        follower.react = react
        await follower.follow()
        traces.append((follower.steps, client.heard))

    for _ in range(2):
        drive(quotes(*(150.0 + (each * 7) % 5 for each in range(40))), scene)
    assert traces[0] == traces[1]
    assert len([name for name, _ in traces[0][1] if name == "ExecutionDetails"]) > 5
