"""A random game of orders and faults: when all is quiet again, what was told is what the broker has.

The gateway's own books, told by its control port, are the judge. A game is made by its seed; what of it meets which
moment of a fault is up to the machine, and must not matter.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from rulec.runtime.broker.port import (
    AskOrder,
    AskPosition,
    Cancel,
    Execution,
    Modify,
    OrderMissing,
    OrderRejected,
    OrderSide,
    OrderSpec,
    OrderType,
    OrderUpdate,
    Place,
    PositionReport,
    TimeInForce,
    WireStatus,
)
from rulec.runtime.clock import SystemClock
from rulec.runtime.event.inputs import Quote
from rulec.runtime.numbers import MICROS
from rulec.runtime.times import SECOND

from ..support.broker_run import QUICK, Run
from ..support.processes import Gateway, gateway

SETTINGS = attrs.evolve(
    QUICK,
    heartbeat=SECOND // 2,
    dead_after=SECOND,
    connect_within=2 * SECOND,
    answer_within=SECOND,
    start_within=10 * SECOND,
)
PATIENCE = 15  # times four seconds: only a test that fails waits so long
SHARES = 10
LIVE = (WireStatus.PRE_SUBMITTED, WireStatus.SUBMITTED)
FAULTS: tuple[dict[str, Any], ...] = (
    {"fault": "duplicate", "message": "orderStatus", "times": 20},
    {"fault": "duplicate", "message": "openOrder", "times": 10},
    {"fault": "duplicate", "message": "execDetails", "times": 5},
    {"fault": "missing", "message": "orderStatus", "times": 5},
    {"fault": "missing", "message": "openOrder", "times": 3},
    {"fault": "missing", "message": "execDetails"},
    {"fault": "missing", "message": "commissionReport", "times": 2},
    {"fault": "error", "code": 10349, "order": {"type": "STP"}},
    {"fault": "error", "code": 399},
    {"fault": "error", "code": 202},
    {"fault": "error", "code": 201},
    {"fault": "error", "code": 4711},
    {"fault": "reject", "order": {"role": "stop"}},
    {"fault": "reject", "code": 321},
    {"fault": "margin"},
    {"fault": "refuse_change", "code": 201, "cancels": True},
    {"fault": "refuse_change", "code": 110},
    {"fault": "partial", "quantity": 3},
    {"fault": "late_fill"},
    {"fault": "overfill", "quantity": 2},
    {"fault": "correct", "price": 149.5},
    {"fault": "cancel", "order": {"role": "target"}},
    {"fault": "manual", "symbol": "AAPL", "action": "SELL", "quantity": 1},
    {"fault": "pacing"},
    {"fault": "drop", "client": 1, "skip": 3},
    {"fault": "half", "client": 1},
    {"fault": "split", "size": 1, "for": "500ms"},
    {"fault": "coalesce", "by": "50ms", "for": "500ms"},
    {"fault": "delay", "by": "50ms", "for": "500ms"},
    {"fault": "silent", "client": 1, "for": "2s"},
    {"fault": "no_end", "client": 1, "times": 1},
    {"fault": "1100", "for": "300ms", "then": "1101"},
    {"fault": "1100", "for": "300ms", "then": "1102"},
    {"fault": "restart", "for": "200ms"},
)


class Game:
    """Sends orders as its seed says, and knows what was told of them."""

    def __init__(self, there: Gateway, run: Run, seed: int) -> None:
        self._there = there
        self._run = run
        self._chance = random.Random(seed)
        self.orders: dict[str, OrderSpec] = {}

    async def play(self, steps: int) -> None:
        for _ in range(steps):
            self._step()
            await asyncio.sleep(self._chance.uniform(0.005, 0.05))

    def _step(self) -> None:
        what = self._chance.random()
        alive = [spec for spec in self.orders.values() if self.last_word(spec.order_id) in LIVE]
        if what < 0.25:
            self._there.ask(self._chance.choice(FAULTS))
        elif what < 0.5 or not alive:
            self._run.broker.send([Place(tuple(self._bracket()))])
        elif what < 0.7:
            spec = self._chance.choice(alive)
            if spec.stop_price is not None:
                self._run.broker.send([Modify(attrs.evolve(spec, stop_price=self._below()))])
            elif spec.limit_price is not None:
                self._run.broker.send([Modify(attrs.evolve(spec, limit_price=self._above()))])
        elif what < 0.85:
            self._run.broker.send([Cancel(self._chance.choice(alive).order_id)])
        else:
            self._run.broker.send([AskPosition("AAPL"), AskOrder(self._chance.choice(alive).order_id)])

    def _bracket(self) -> Iterator[OrderSpec]:
        parent = self._spec(OrderSide.BUY, OrderType.MARKET)
        yield parent
        yield self._spec(OrderSide.SELL, OrderType.STOP, stop_price=self._below(), parent_id=parent.order_id)
        yield self._spec(OrderSide.SELL, OrderType.LIMIT, limit_price=self._above(), parent_id=parent.order_id)

    def _spec(self, side: OrderSide, kind: OrderType, **terms: Any) -> OrderSpec:
        order_id = f"r-{len(self.orders) + 1}"
        standing = TimeInForce.DAY if side is OrderSide.BUY else TimeInForce.GTC
        reference = f"rulec/1/t/any/{order_id}"
        spec = OrderSpec(order_id, "AAPL", side, SHARES, kind, standing, reference=reference, **terms)
        self.orders[order_id] = spec
        return spec

    def _below(self) -> int:
        return (int(self._run.of(Quote)[-1].bid) - self._chance.randint(1, 5)) * MICROS

    def _above(self) -> int:
        return (int(self._run.of(Quote)[-1].ask) + self._chance.randint(2, 6)) * MICROS

    def last_word(self, order_id: str) -> WireStatus | None:
        """What an order was last told to be doing; one that was rejected or is missing is cancelled."""
        for message in reversed(self._run.put):
            if isinstance(message, OrderUpdate) and message.order_id == order_id:
                return message.status
            if isinstance(message, OrderRejected | OrderMissing) and message.order_id == order_id:
                return WireStatus.CANCELLED
        return None

    def ask_about_everything(self) -> None:
        self._run.broker.send([AskPosition("AAPL"), *(AskOrder(order_id) for order_id in self.orders)])

    def differences(self) -> list[str]:
        """Where what was told is not what the broker has."""
        orders = self._there.ask({"ask": "orders"})["orders"]
        executions = self._there.ask({"ask": "executions"})["executions"]
        positions = self._there.ask({"ask": "positions"})["positions"]
        return [*self._wrong_fills(executions), *self._wrong_states(orders), *self._wrong_position(positions)]

    def _wrong_fills(self, executions: list[dict[str, Any]]) -> Iterator[str]:
        names = {spec.reference: order_id for order_id, spec in self.orders.items()}
        theirs: Counter[str] = Counter()
        for execution in executions:
            if execution["ref"] in names:
                theirs[names[execution["ref"]]] += execution["quantity"]
        latest: dict[str, tuple[int, Execution]] = {}
        for message in self._run.of(Execution):
            key, _, version = message.execution_id.rpartition(".")
            if int(version) >= latest.get(key, (0, message))[0]:
                latest[key] = int(version), message
        ours: Counter[str] = Counter()
        for _, message in latest.values():
            ours[message.order_id] += message.quantity
        for order_id in self.orders:
            if theirs[order_id] != ours[order_id]:
                yield f"{order_id} has filled {theirs[order_id]}, and {ours[order_id]} were told"

    def _wrong_states(self, orders: list[dict[str, Any]]) -> Iterator[str]:
        works = {order["ref"] for order in orders if order["status"] in ("PreSubmitted", "Submitted")}
        for order_id, spec in self.orders.items():
            told = self.last_word(order_id)
            if (spec.reference in works) != (told in LIVE):
                yield f"{order_id} {'works' if spec.reference in works else 'is over'}, and was told as {told}"

    def _wrong_position(self, positions: dict[str, dict[str, float]]) -> Iterator[str]:
        held = positions["DU1"].get("AAPL", 0)
        told = self._run.of(PositionReport)[-1].quantity
        if held != told:
            yield f"{held} shares are held, and {told} were told"


async def settled(run: Run, game: Game) -> list[str]:
    """Asks about everything until what was told is what the broker has; else the differences that are left."""
    found = ["nothing was compared"]
    for _ in range(PATIENCE):
        if run.links()[-1] == "connected":
            game.ask_about_everything()
        for _ in range(10):
            await asyncio.sleep(0.4)
            found = game.differences()
            if not found:
                return []
    return found


def play(folder: Path, seed: int, steps: int) -> list[str]:
    """The differences that are left after a game, when the broker has had time to answer."""

    async def whole(there: Gateway) -> list[str]:
        run = Run(there.address(), SETTINGS, SystemClock())
        async with run.kept():
            await run.broker.qualify(["AAPL"])
            run.broker.watch(["AAPL"])
            await run.until(lambda: bool(run.of(Quote)))
            game = Game(there, run, seed)
            await game.play(steps)
            there.ask({"fault": "1102"})
            return await settled(run, game)

    with gateway(folder, "--market", "random:7") as there:
        return asyncio.run(whole(there))


@pytest.mark.parametrize("seed", [1])
def test_when_all_is_quiet_again_what_was_told_is_what_the_broker_has(tmp_path: Path, seed: int) -> None:
    assert play(tmp_path, seed, 60) == []


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 12))
def test_after_a_long_game_too_what_was_told_is_what_the_broker_has(tmp_path: Path, seed: int) -> None:
    assert play(tmp_path, seed, 600) == []
