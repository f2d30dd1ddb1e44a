"""The connection, over real sockets of this machine, to a TWS that does what the test says."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

import pytest

from rulec.runtime.broker.ib.refused import StartRefused
from rulec.runtime.broker.ib.settings import IBSettings
from rulec.runtime.broker.ib.wire import OpenOrderTold, WireContract
from rulec.runtime.broker.port import (
    AccountReport,
    Cancel,
    DataState,
    OrderRejected,
    OrderSide,
    OrderSpec,
    OrderType,
    Place,
    PositionReport,
    SymbolData,
    TimeInForce,
)
from rulec.runtime.clock import ManualClock
from rulec.runtime.event.inputs import BrokerLink, LinkEvent, Quote
from rulec.runtime.times import parse_time

from ..support.broker_run import NOON, PATIENCE, QUICK, Run
from ..support.scripted_tws import (
    ACCOUNT,
    ALL_OPEN_ORDERS,
    COMPLETED,
    EXECUTIONS,
    POSITIONS,
    QUOTES,
    START,
    TIME,
    Fields,
    ScriptedTws,
    knows,
)

MIDNIGHT = parse_time("2026-01-06T05:00:00Z")
Scene = Callable[[ScriptedTws, Run], Awaitable[None]]


def play(
    scene: Scene,
    prepare: Callable[[ScriptedTws], None] = lambda tws: None,
    settings: IBSettings = QUICK,
    query: str = "?client_id=1",
    now: int = NOON,
) -> None:
    """Plays a scene with a broker that is connected."""

    async def whole() -> None:
        tws = ScriptedTws()
        prepare(tws)
        async with tws.listening():
            run = Run(f"ib://127.0.0.1:{tws.port}{query}", settings, ManualClock(now))
            async with run.kept():
                await scene(tws, run)

    asyncio.run(whole())


def refusal(
    prepare: Callable[[ScriptedTws], None] = lambda tws: None,
    settings: IBSettings = QUICK,
    query: str = "?client_id=1",
) -> tuple[str, ScriptedTws]:
    """How a start is refused, and the TWS that it was refused at."""
    tws = ScriptedTws()
    prepare(tws)

    async def whole() -> str:
        async with tws.listening():
            run = Run(f"ib://127.0.0.1:{tws.port}{query}", settings)
            try:
                with pytest.raises(StartRefused) as refused:
                    await run.broker.connect()
            finally:
                await run.broker.stop()
            await tws.until(lambda: tws.open == 0)
            assert not [fields for fields in tws.heard if fields[0] in ("3", "4")]
            return str(refused.value)

    return asyncio.run(whole()), tws


# ---- the start -------------------------------------------------------------------------------------------------------


def test_connected_is_told_when_everything_has_been_told() -> None:
    def prepare(tws: ScriptedTws) -> None:
        def positions(fields: Fields) -> None:
            stock = [265598, "AAPL", "STK", "", 0.0, "", "", "", "USD", "AAPL", "NMS"]
            tws.say(61, 3, "DU1", *stock, 100, 150.5)
            tws.say(62, 1)

        tws.on[POSITIONS] = positions

    async def scene(tws: ScriptedTws, run: Run) -> None:
        link = BrokerLink(NOON, LinkEvent.CONNECTED)
        assert run.put.index(PositionReport("AAPL", 100)) < run.put.index(link)
        assert run.of(AccountReport) == [AccountReport(100_000_000_000)]
        asked = tws.kinds()
        assert asked[0] == START
        assert asked.index(EXECUTIONS) > max(asked.index(kind) for kind in (ALL_OPEN_ORDERS, COMPLETED, POSITIONS))

    play(scene, prepare)


def refused(address: str) -> str:
    async def whole() -> str:
        run = Run(address)
        with pytest.raises(StartRefused) as told:
            await run.broker.connect()
        await run.broker.stop()
        return str(told.value)

    return asyncio.run(whole())


def test_nobody_at_the_port_is_told_with_what_helps() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    text = refused(f"ib://127.0.0.1:{port}")
    assert f"nothing listens at 127.0.0.1:{port}; start TWS or IB Gateway" in text
    assert "7497 (paper)" in text


def test_a_host_that_does_not_exist_is_told() -> None:
    assert refused("ib://no..host") == "there is no host no..host"


def test_somebody_who_says_nothing_is_no_tws() -> None:
    def silent(tws: ScriptedTws) -> None:
        tws.says_nothing = True

    text, _ = refusal(silent)
    assert "does not answer as TWS or IB Gateway does" in text


def test_a_connection_that_is_closed_at_once_is_told() -> None:
    def closing(tws: ScriptedTws) -> None:
        tws.closes_at_once = True

    text, _ = refusal(closing)
    assert "closed the connection at once" in text


def test_a_client_id_in_use_is_tried_again_and_told_at_last() -> None:
    def taken(tws: ScriptedTws) -> None:
        tws.clashes = 1_000

    text, tws = refusal(taken, query="?client_id=7")
    assert "client id 7 is in use" in text
    assert "?client_id=8" in text
    assert tws.connections > 3


def test_a_client_id_that_becomes_free_in_time_is_taken() -> None:
    def taken(tws: ScriptedTws) -> None:
        tws.clashes = 2

    async def scene(tws: ScriptedTws, run: Run) -> None:
        assert tws.connections == 3
        assert [level for level, text in run.said if "is in use" in text] == ["info"]

    play(scene, taken)


@pytest.mark.parametrize(
    ("accounts", "query", "text"),
    [
        ("U7", "", "real money"),
        ("DU1,DU2", "", "several accounts"),
        ("DU1", "?account=DU2", "shows no account DU2"),
    ],
)
def test_an_account_that_may_not_be_traded_refuses_the_start(accounts: str, query: str, text: str) -> None:
    def prepare(tws: ScriptedTws) -> None:
        tws.accounts = accounts

    told, tws = refusal(prepare, query=query)
    assert text in told
    assert ALL_OPEN_ORDERS not in tws.kinds()


@pytest.mark.parametrize("silent", [ALL_OPEN_ORDERS, COMPLETED, POSITIONS, EXECUTIONS])
def test_a_list_that_is_not_told_to_its_end_refuses_the_start_and_kills_no_connection(silent: str) -> None:
    def prepare(tws: ScriptedTws) -> None:
        tws.deaf = {silent}

    text, tws = refusal(prepare)
    assert "did not tell its orders, executions and positions" in text
    assert tws.connections == 1


def test_an_account_whose_values_do_not_come_is_no_reason_not_to_start() -> None:
    def prepare(tws: ScriptedTws) -> None:
        tws.deaf = {ACCOUNT}

    async def scene(tws: ScriptedTws, run: Run) -> None:
        assert run.links() == ["connected"]
        assert run.of(AccountReport) == []

    play(scene, prepare)


def test_a_read_only_api_refuses_the_start_with_what_helps() -> None:
    def prepare(tws: ScriptedTws) -> None:
        tws.on[ALL_OPEN_ORDERS] = lambda fields: tws.error(
            -1, 321, "Error validating request.-'cj' : cause - The API interface is currently in Read-Only mode."
        )

    text, _ = refusal(prepare)
    assert "clear Read-Only API" in text


# ---- losing it and getting it back -----------------------------------------------------------------------------------


def test_a_dropped_connection_is_told_at_once_and_made_again_with_everything_told_anew() -> None:
    async def scene(tws: ScriptedTws, run: Run) -> None:
        tws.heard.clear()
        tws.drop()
        await run.until_connected(2)
        assert tws.connections == 2
        assert {ALL_OPEN_ORDERS, COMPLETED, POSITIONS, EXECUTIONS, ACCOUNT} <= set(tws.kinds())
        assert [level for level, text in run.said if "is lost" in text] == ["warning"]

    play(scene)


def test_there_is_never_more_than_one_socket() -> None:
    async def scene(tws: ScriptedTws, run: Run) -> None:
        for times in range(2, 6):
            tws.drop()
            await run.until_connected(times)
            assert tws.open == 1

    play(scene)


def test_a_tws_that_restarts_is_tried_until_it_is_back() -> None:
    async def scene(tws: ScriptedTws, run: Run) -> None:
        await tws.stop()
        await tws.until(lambda: any("nothing listens" in text for _, text in run.said))
        await asyncio.sleep(0.2)
        assert sum("nothing listens" in text for _, text in run.said) <= 2  # not at every attempt
        await tws.start()
        await run.until_connected(2)

    play(scene)


def test_a_client_id_that_another_program_takes_meanwhile_is_not_stolen() -> None:
    async def scene(tws: ScriptedTws, run: Run) -> None:
        tws.clashes = 3
        tws.drop()
        await run.until_connected(2)
        assert tws.connections == 5
        assert sum("is in use" in text for _, text in run.said) == 1

    play(scene)


def test_a_socket_that_falls_silent_is_found_dead_and_replaced() -> None:
    async def scene(tws: ScriptedTws, run: Run) -> None:
        tws.deaf = {TIME}
        await tws.until(lambda: "disconnected" in run.links())
        assert any("no sign of life" in text for _, text in run.said)
        tws.deaf = set()
        await run.until_connected(2)

    play(scene)


def test_a_silent_broker_that_answers_is_left_alone() -> None:
    async def scene(tws: ScriptedTws, run: Run) -> None:
        await tws.until(lambda: tws.kinds().count(TIME) >= 3)
        assert run.links() == ["connected"]

    play(scene)


def test_a_drop_at_night_is_told_as_information() -> None:
    async def scene(tws: ScriptedTws, run: Run) -> None:
        tws.drop()
        await tws.until(lambda: "disconnected" in run.links())
        assert [level for level, text in run.said if "is lost" in text] == ["info"]

    play(scene, now=MIDNIGHT)


def test_servers_out_of_reach_disconnect_the_engine_and_not_the_socket() -> None:
    async def scene(tws: ScriptedTws, run: Run) -> None:
        tws.error(-1, 1100, "Connectivity between IB and TWS has been lost.")
        await tws.until(lambda: run.links() == ["connected", "disconnected"])
        run.broker.send([place("m")])
        assert run.of(OrderRejected) == [OrderRejected("m", 504, "not connected")]
        tws.heard.clear()
        tws.error(-1, 1102, "Connectivity has been restored - data maintained.")
        await run.until_connected(2)
        assert {ALL_OPEN_ORDERS, COMPLETED, POSITIONS, EXECUTIONS} <= set(tws.kinds())
        assert tws.connections == 1

    play(scene)


@pytest.mark.parametrize(("code", "times"), [(1101, 2), (1102, 1)])
def test_market_data_are_subscribed_again_where_the_broker_has_lost_them(code: int, times: int) -> None:
    async def scene(tws: ScriptedTws, run: Run) -> None:
        run.broker.watch(["AAPL"])
        await tws.until(lambda: QUOTES in tws.kinds())
        tws.error(-1, 1100, "Connectivity between IB and TWS has been lost.")
        tws.error(-1, code, "Connectivity has been restored.")
        await run.until_connected(2)
        await tws.until(lambda: tws.kinds().count(QUOTES) == times)

    play(scene, knows_aapl)


def test_a_farm_that_breaks_is_told_once_and_is_no_disconnection() -> None:
    async def scene(tws: ScriptedTws, run: Run) -> None:
        for _ in range(3):
            tws.error(-1, 2103, "Market data farm connection is broken:usfarm")
        tws.error(-1, 2104, "Market data farm connection is OK:usfarm")
        tws.error(-1, 2104, "Market data farm connection is OK:usfarm")
        await tws.until(lambda: any("well again" in text for _, text in run.said))
        told = [(level, text) for level, text in run.said if "farm" in text]
        assert [level for level, _ in told] == ["warning", "info"]
        assert run.links() == ["connected"]

    play(scene)


def test_another_account_after_a_reconnection_ends_the_run() -> None:
    async def whole() -> None:
        tws = ScriptedTws()
        async with tws.listening():
            run = Run(f"ib://127.0.0.1:{tws.port}")
            await run.broker.connect()
            keeping = asyncio.ensure_future(run.broker.run())
            tws.accounts = "DU9"
            tws.drop()
            with pytest.raises(StartRefused, match="shows account DU9 now; this run trades DU1"):
                await asyncio.wait_for(keeping, PATIENCE)
            await run.broker.stop()

    asyncio.run(whole())


def test_a_fault_of_ours_ends_the_run_and_is_not_swallowed() -> None:
    async def whole() -> None:
        tws = ScriptedTws()
        async with tws.listening():
            run = Run(f"ib://127.0.0.1:{tws.port}")

            def fail(event: object) -> None:
                if isinstance(event, AccountReport):
                    raise ZeroDivisionError("planted")

            await run.broker.connect()
            run.on_put = fail
            keeping = asyncio.ensure_future(run.broker.run())
            tws.say(6, 2, "NetLiquidation", "90000", "USD", "DU1")
            with pytest.raises(ZeroDivisionError, match="planted"):
                await asyncio.wait_for(keeping, PATIENCE)
            await run.broker.stop()

    asyncio.run(whole())


# ---- commands and data -----------------------------------------------------------------------------------------------


def place(order_id: str) -> Place:
    spec = OrderSpec(
        order_id,
        "AAPL",
        OrderSide.BUY,
        100,
        OrderType.MARKET,
        TimeInForce.DAY,
        reference=f"rulec/1/t1/main/{order_id}",
    )
    return Place((spec,))


def knows_aapl(tws: ScriptedTws) -> None:
    knows(tws, "AAPL")


def test_an_order_leaves_within_the_call_with_its_contract_its_account_and_its_number() -> None:
    def prepare(tws: ScriptedTws) -> None:
        knows_aapl(tws)
        tws.next_id = 40

    async def scene(tws: ScriptedTws, run: Run) -> None:
        await run.broker.qualify(["AAPL"])
        before = run.broker.wire.sent
        run.broker.send([place("m")])
        assert run.broker.wire.sent == before + 1
        await tws.until(lambda: "3" in tws.kinds())
        (order,) = [fields for fields in tws.heard if fields[0] == "3"]
        assert order[:4] == ["3", "40", "265598", "AAPL"]
        assert order[16:19] == ["BUY", "100", "MKT"]
        assert "DU1" in order
        assert "rulec/1/t1/main/m" in order

    play(scene, prepare)


def test_an_order_for_a_symbol_without_a_contract_is_refused_and_never_leaves() -> None:
    async def scene(tws: ScriptedTws, run: Run) -> None:
        run.broker.send([place("m")])
        (rejected,) = run.of(OrderRejected)
        assert (rejected.order_id, rejected.code) == ("m", 200)
        await tws.until(lambda: "9" in tws.kinds())
        assert "3" not in tws.kinds()

    play(scene, knows_aapl)


def test_commands_without_a_connection_are_answered_at_once_and_never_kept() -> None:
    async def scene(tws: ScriptedTws, run: Run) -> None:
        await run.broker.qualify(["AAPL"])
        tws.drop()
        await tws.until(lambda: "disconnected" in run.links())
        run.broker.send([place("m"), Cancel("m")])
        assert run.of(OrderRejected) == [OrderRejected("m", 504, "not connected")]
        await tws.until(lambda: run.links()[-1] == "connected")
        await asyncio.sleep(0.1)
        assert not {"3", "4"} & set(tws.kinds())

    play(scene, knows_aapl)


def test_a_symbol_that_is_watched_is_qualified_subscribed_and_quoted() -> None:
    def prepare(tws: ScriptedTws) -> None:
        knows_aapl(tws)

        def quotes(fields: Fields) -> None:
            tws.say(1, 6, fields[2], 1, 150.01, 200, 0)
            tws.say(1, 6, fields[2], 2, 150.03, 100, 0)

        tws.on[QUOTES] = quotes

    async def scene(tws: ScriptedTws, run: Run) -> None:
        run.broker.watch(["AAPL", "NONE"])
        await tws.until(lambda: bool(run.of(Quote)) and len(run.of(SymbolData)) == 2)
        assert run.of(Quote)[-1] == Quote(NOON, "AAPL", 150.01, 150.03)
        states = {told.symbol: told.state for told in run.of(SymbolData)}
        assert states == {"AAPL": DataState.LIVE, "NONE": DataState.UNKNOWN_SYMBOL}
        hours = run.broker.hours_of("AAPL")
        assert hours is not None and hours.is_open(NOON)
        await tws.until(lambda: run.broker.ticks_of("AAPL") is not None)
        assert run.broker.hours_of("NONE") is None

    play(scene, prepare)


def test_market_data_take_their_turn_after_everything_that_the_broker_knows() -> None:
    async def scene(tws: ScriptedTws, run: Run) -> None:
        run.broker.watch(["AAPL"])
        await tws.until(lambda: QUOTES in tws.kinds())
        tws.heard.clear()
        tws.drop()
        await run.until_connected(2)
        await tws.until(lambda: QUOTES in tws.kinds())
        assert tws.kinds().index(QUOTES) > tws.kinds().index(EXECUTIONS)

    play(scene, knows_aapl)


def test_no_order_takes_a_number_that_another_client_has_used() -> None:
    async def scene(tws: ScriptedTws, run: Run) -> None:
        await run.broker.qualify(["AAPL"])
        foreign = OpenOrderTold(
            order_number=77,
            client=9,
            permanent_id=555,
            parent_number=0,
            contract=WireContract(272093, "MSFT"),
            account="DU1",
            action="BUY",
            quantity=10.0,
            order_type="LMT",
            limit_price=100.0,
            aux_price=None,
            trail_stop_price=None,
            trailing_percent=None,
            time_in_force="DAY",
            oca_group="",
            reference="",
            status="Submitted",
        )
        run.broker.on_record(foreign)
        run.broker.send([place("m")])
        await tws.until(lambda: "3" in tws.kinds())
        assert next(fields for fields in tws.heard if fields[0] == "3")[1] == "78"

    play(scene, knows_aapl)


def test_a_message_that_can_not_be_read_is_told_and_everything_looked_at_again() -> None:
    async def scene(tws: ScriptedTws, run: Run) -> None:
        tws.heard.clear()
        tws.say(3, "not", "a", "status")
        await tws.until(lambda: EXECUTIONS in tws.kinds())
        assert any("could not be read" in text for _, text in run.said)
        assert run.links() == ["connected"]

    play(scene)


def test_what_was_written_before_a_stop_still_arrives() -> None:
    async def whole() -> None:
        tws = ScriptedTws()
        knows_aapl(tws)
        async with tws.listening():
            run = Run(f"ib://127.0.0.1:{tws.port}")
            await run.broker.connect()
            await run.broker.qualify(["AAPL"])
            run.broker.send([place("m")])
            await run.broker.stop()
            await tws.until(lambda: "3" in tws.kinds())
            await tws.until(lambda: tws.open == 0)

    asyncio.run(whole())
