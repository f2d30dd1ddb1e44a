"""A run and a gateway that wait for nobody: whatever comes of it, both have the same books, and shares are covered."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from rulec.tests.support.processes import Gateway, Process, gateway, running

RULES = """\
rule long on signal BUY -> enter long 100 stop 0.1% target 0.05% for 50% target 0.1% for 50%
  -> double down 60 at 50% to stop
rule short on signal SELL -> enter short 80 stop 0.1% target 0.05% for 40% target 0.1% for 60%
rule out on signal OUT -> exit
"""
SYMBOLS = ("AAPL", "IBM", "SPY")
ALIVE = ("Submitted", "PreSubmitted", "PendingSubmit", "PendingCancel")


@pytest.mark.clients
def test_books_agree_and_shares_are_protected_when_nobody_waits(tmp_path: Path) -> None:
    (tmp_path / "busy.rules").write_text(RULES, encoding="utf-8")
    chance = random.Random(5)
    with gateway(tmp_path, "--market", "random:5", "--partial-fills", "3") as there:
        with running(
            tmp_path, "run", "busy.rules", "--broker", there.address(), "--signals", "-", "--journal", "j.db", "--json"
        ) as run:
            run.until("ready")
            for _ in range(160):
                kind = chance.choices(("BUY", "SELL", "OUT"), (5, 5, 1))[0]
                run.write(json.dumps({"symbol": chance.choice(SYMBOLS), "signal": kind}) + "\n")
                time.sleep(0.04)
            check_books(there, run)
            assert run.stop() == 0, run.text
        check_protection(there)
    assert len(run.of("fill")) > 20


def check_books(there: Gateway, run: Process) -> None:
    """Every execution counts once, with its price; what is on its way has a moment to arrive."""
    told: Counter[tuple[Any, ...]] = Counter()
    exchange: Counter[tuple[Any, ...]] = Counter()
    for _ in range(50):
        executions: list[dict[str, Any]] = there.ask({"ask": "executions"})["executions"]
        exchange = Counter(_execution(one, one["action"]) for one in executions)
        told = Counter(_execution(one, one["side"]) for one in run.of("fill"))
        if told == exchange:
            return
        time.sleep(0.1)
    assert told == exchange


def _execution(told: dict[str, Any], side: str) -> tuple[Any, ...]:
    return told["symbol"], side, told["quantity"], round(told["price"], 4)


def check_protection(there: Gateway) -> None:
    """For every symbol, the stops that could fill cover what is held, on its side."""
    orders: list[dict[str, Any]] = there.ask({"ask": "orders"})["orders"]
    by_number = {order["order"]: order for order in orders}

    def effective(order: dict[str, Any]) -> int:
        """While its parent works, an order covers what that has filled."""
        parent, remaining = by_number.get(order["parent"]), int(order["remaining"])
        works = parent is not None and parent["status"] in ALIVE
        return min(remaining, int(parent["filled"])) if parent is not None and works else remaining

    for symbol, quantity in there.ask({"ask": "positions"})["positions"]["DU1"].items():
        closing = "SELL" if quantity > 0 else "BUY"
        stops = [
            effective(order)
            for order in orders
            if (order["symbol"], order["type"], order["action"]) == (symbol, "STP", closing)
            and order["status"] in ALIVE
        ]
        assert sum(stops) >= abs(quantity), f"{symbol}: {quantity} held, stops {stops}\n{orders}"
