"""The adapter at the gateway stand-in, a process of its own: orders, data, losing it and getting it back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from rulec.runtime.broker.ib.broker import BarsWanted, KnownOrder
from rulec.runtime.broker.ib.refused import StartRefused
from rulec.runtime.broker.port import (
    AskOrder,
    AskPosition,
    Cancel,
    Execution,
    ForeignExecution,
    Modify,
    OrderMissing,
    OrderSide,
    OrderSpec,
    OrderType,
    OrderUpdate,
    Place,
    PositionReport,
    StrayOrder,
    TimeInForce,
    WireStatus,
)
from rulec.runtime.clock import SystemClock
from rulec.runtime.event.inputs import Bar, Quote
from rulec.runtime.numbers import to_micros

from ..support.broker_run import QUICK, Run
from ..support.processes import Gateway, gateway

# enough for a machine that has other things to do
PATIENT = attrs.evolve(
    QUICK, dead_after=1_000_000, connect_within=2_000_000, answer_within=2_000_000, start_within=10_000_000
)

Scene = Callable[[Gateway, Run], Awaitable[None]]


def play(folder: Path, scene: Scene, *arguments: str, known: tuple[KnownOrder, ...] = ()) -> None:
    async def whole(there: Gateway) -> None:
        run = at(there, known=known)
        async with run.kept():
            await run.broker.qualify(["AAPL"])
            run.broker.watch(["AAPL"])
            await run.until(lambda: bool(run.of(Quote)))
            await scene(there, run)

    with gateway(folder, "--market", "random:7", *arguments) as there:
        asyncio.run(whole(there))


def at(there: Gateway, client_id: int = 1, known: tuple[KnownOrder, ...] = ()) -> Run:
    return Run(there.address(client_id), PATIENT, SystemClock(), known)


def spec(order_id: str, side: OrderSide, kind: OrderType, **terms: Any) -> OrderSpec:
    protects = side is OrderSide.SELL
    return OrderSpec(
        order_id,
        "AAPL",
        side,
        100,
        kind,
        TimeInForce.GTC if protects else TimeInForce.DAY,
        reference=f"rulec/1/t1/{'stop' if protects else 'main'}/{order_id}",
        **terms,
    )


def bracket(run: Run) -> tuple[OrderSpec, OrderSpec, OrderSpec]:
    """An entry at market, a stop far below and a target far above."""
    price = run.of(Quote)[-1].ask
    below, above = to_micros(round(price * 0.9, 2)), to_micros(round(price * 1.1, 2))
    return (
        spec("main", OrderSide.BUY, OrderType.MARKET),
        spec("stop", OrderSide.SELL, OrderType.STOP, stop_price=below, parent_id="main"),
        spec("target", OrderSide.SELL, OrderType.LIMIT, limit_price=above, parent_id="main"),
    )


def status(run: Run, order_id: str) -> WireStatus | None:
    told = [update.status for update in run.of(OrderUpdate) if update.order_id == order_id]
    return told[-1] if told else None


async def enter(run: Run) -> tuple[OrderSpec, OrderSpec, OrderSpec]:
    """Places a bracket, and waits until its entry has filled and its position is told."""
    orders = bracket(run)
    run.broker.send([Place(orders)])
    await run.until(lambda: status(run, "main") is WireStatus.FILLED)
    await run.until(lambda: PositionReport("AAPL", 100) in run.of(PositionReport))
    return orders


def test_a_bracket_lives_its_life(tmp_path: Path) -> None:
    async def scene(there: Gateway, run: Run) -> None:
        _, stop, target = await enter(run)
        (execution,) = run.of(Execution)
        assert (execution.order_id, execution.quantity) == ("main", 100)
        stops = [update for update in run.of(OrderUpdate) if update.order_id == "stop"]
        assert {update.time_in_force for update in stops} == {TimeInForce.GTC}
        assert {update.oca_group for update in stops} != {None}
        assert stop.stop_price is not None
        raised = attrs.evolve(stop, stop_price=stop.stop_price + 1_000_000)
        run.broker.send([Modify(raised)])
        await run.until(lambda: run.of(OrderUpdate)[-1].stop_price == raised.stop_price)
        run.broker.send([Cancel(target.order_id)])
        await run.until(lambda: status(run, "target") is WireStatus.CANCELLED)
        assert status(run, "stop") is WireStatus.PRE_SUBMITTED
        (session,) = there.ask({"ask": "sessions"})["sessions"]
        assert session["received"] == run.broker.wire.sent

    play(tmp_path, scene)


def test_what_nobody_knows_is_missing_and_a_position_is_told_when_asked_for(tmp_path: Path) -> None:
    async def scene(there: Gateway, run: Run) -> None:
        run.broker.send([AskOrder("nobody"), AskPosition("MSFT")])
        await run.until(lambda: bool(run.of(OrderMissing)) and bool(run.of(PositionReport)))
        assert run.of(OrderMissing) == [OrderMissing("nobody")]
        assert run.of(PositionReport)[-1] == PositionReport("MSFT", 0)

    play(tmp_path, scene)


def test_after_a_restart_of_the_gateway_everything_is_told_again_and_quotes_go_on(tmp_path: Path) -> None:
    async def scene(there: Gateway, run: Run) -> None:
        await enter(run)
        run.put.clear()
        there.ask({"fault": "restart", "for": "300ms"})
        await run.until(lambda: run.links() == ["disconnected", "connected"])
        assert status(run, "stop") is WireStatus.PRE_SUBMITTED
        assert status(run, "target") is WireStatus.SUBMITTED
        assert PositionReport("AAPL", 100) in run.put
        assert run.of(Execution) == []  # told already
        await run.until(lambda: bool(run.of(Quote)))

    play(tmp_path, scene)


@pytest.mark.parametrize("back", ["1101", "1102"])
def test_servers_that_were_out_of_reach_are_looked_at_anew_and_quotes_go_on(tmp_path: Path, back: str) -> None:
    async def scene(there: Gateway, run: Run) -> None:
        await enter(run)
        run.put.clear()
        there.ask({"fault": "1100", "for": "300ms", "then": back})
        await run.until(lambda: run.links() == ["disconnected", "connected"])
        run.put.clear()
        await run.until(lambda: bool(run.of(Quote)))

    play(tmp_path, scene)


def test_a_silent_socket_is_found_dead_and_everything_told_over_a_new_one(tmp_path: Path) -> None:
    async def scene(there: Gateway, run: Run) -> None:
        await enter(run)
        run.put.clear()
        there.ask({"fault": "silent", "client": 1, "for": "2500ms"})
        await run.until(lambda: run.links() == ["disconnected", "connected"])
        assert status(run, "stop") is WireStatus.PRE_SUBMITTED

    play(tmp_path, scene)


def test_a_later_run_finds_the_orders_of_an_earlier_one_by_their_references(tmp_path: Path) -> None:
    async def whole(there: Gateway) -> None:
        first = at(there)
        async with first.kept():
            await first.broker.qualify(["AAPL"])
            first.broker.watch(["AAPL"])
            await first.until(lambda: bool(first.of(Quote)))
            orders = await enter(first)
        known = tuple(KnownOrder(order.reference, order.order_id, first.clock.now(), order, False) for order in orders)
        second = at(there, known=known)
        async with second.kept():
            assert [execution.order_id for execution in second.of(Execution)] == ["main"]
            assert status(second, "main") is WireStatus.FILLED
            assert status(second, "stop") is WireStatus.PRE_SUBMITTED
            assert second.of(StrayOrder) == []
            second.broker.send([Cancel("stop")])
            await second.until(lambda: status(second, "stop") is WireStatus.CANCELLED)
        third = at(there)
        async with third.kept():
            assert [stray.reference for stray in third.of(StrayOrder)] == ["rulec/1/t1/stop/target"]

    with gateway(tmp_path, "--market", "random:7") as there:
        asyncio.run(whole(there))


def test_shares_that_somebody_else_moves_are_told_with_what_explains_them(tmp_path: Path) -> None:
    async def scene(there: Gateway, run: Run) -> None:
        there.ask({"fault": "manual", "symbol": "AAPL", "action": "BUY", "quantity": 30})
        await run.until(lambda: PositionReport("AAPL", 30) in run.put)
        (foreign,) = run.of(ForeignExecution)
        assert (foreign.symbol, foreign.side, foreign.quantity) == ("AAPL", OrderSide.BUY, 30)
        assert run.put.index(foreign) < run.put.index(PositionReport("AAPL", 30))

    play(tmp_path, scene)


def test_a_second_program_with_the_same_client_id_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    async def scene(there: Gateway, run: Run) -> None:
        hasty = Run(there.address(1), QUICK, SystemClock())
        with pytest.raises(StartRefused, match="client id 1 is in use"):
            await hasty.broker.connect()
        await hasty.broker.stop()
        assert run.links() == ["connected"]
        run.put.clear()
        await run.until(lambda: bool(run.of(Quote)))

    play(tmp_path, scene)


def test_bars_of_the_past_come_first_and_the_bar_that_goes_on_when_it_is_over(tmp_path: Path) -> None:
    async def scene(there: Gateway, run: Run) -> None:
        run.broker.watch(["AAPL"], [BarsWanted(5, 20), BarsWanted(86_400, 3)])
        await run.until(lambda: any(not bar.past for bar in run.of(Bar)))
        short = [bar for bar in run.of(Bar) if bar.timeframe == 5_000_000]
        days = [bar for bar in run.of(Bar) if bar.timeframe == 86_400_000_000]
        assert sum(bar.past for bar in short) <= 20
        assert [bar.start for bar in short] == sorted({bar.start for bar in short})
        assert len(days) == 3 and all(bar.past for bar in days)

    play(tmp_path, scene)


def test_a_read_that_is_torn_to_pieces_is_put_together(tmp_path: Path) -> None:
    async def scene(there: Gateway, run: Run) -> None:
        there.ask({"fault": "split", "size": 1, "for": "20s"})
        await enter(run)
        assert status(run, "stop") is WireStatus.PRE_SUBMITTED

    play(tmp_path, scene)
