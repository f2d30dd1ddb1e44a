"""A run over a real socket, in step with the gateway, trades as the simulator in its own process does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from rulec.tests.conformance.environments import RULEC, interpreter_of
from rulec.tests.support.parity_world import World, write_world
from rulec.tests.support.processes import Process, gateway, running

Lines = Iterable[dict[str, Any]]
_PARTIAL = ("--partial-fills", "3")


def trades_of(lines: Lines) -> list[tuple[Any, ...]]:
    """What a trader would call the trades: every fill and every position's opening, change and close."""
    told: list[tuple[Any, ...]] = []
    for line in lines:
        if line["type"] == "fill":
            told.append(tuple(line[name] for name in ("time", "symbol", "side", "quantity", "price")))
        elif line["type"] == "position":
            names = ("time", "event", "symbol", "side", "quantity", "entry_price", "pnl", "reason")
            told.append(tuple(line[name] for name in names))
    return told


def simulated(folder: Path, world: World) -> Process:
    with running(
        folder,
        "run",
        str(world.rules),
        "--market",
        str(world.market),
        "--signals",
        f"file:{world.signals}",
        "--json",
        *_PARTIAL,
    ) as run:
        assert run.wait() == 0, run.text
    return run


def over_the_socket(folder: Path, world: World, python: Path | None = None) -> Process:
    with gateway(folder, "--market", str(world.market), "--lockstep", *_PARTIAL) as there:
        (folder / "rulec.toml").write_text(
            f'[broker]\nlockstep = "127.0.0.1:{there.control}"\n[market]\nhours = "nyse"\n', encoding="utf-8"
        )
        with running(
            folder,
            "run",
            str(world.rules),
            "--broker",
            there.address(),
            "--signals",
            f"file:{world.signals}",
            "--json",
            python=python,
        ) as run:
            assert run.wait(900.0) == 0, run.text + "\n" + there.process.text
    return run


def check_parity(folder: Path, world: World, python: Path | None = None) -> list[dict[str, Any]]:
    """Runs both ways and compares the trades; answers the lines of the run over the socket."""
    wanted, found = simulated(folder, world), over_the_socket(folder, world, python)
    assert trades_of(found.lines) == trades_of(wanted.lines)
    return found.lines


def closed(lines: Lines) -> list[dict[str, Any]]:
    return [line for line in lines if line["type"] == "position" and line["event"] == "closed"]


def test_the_trades_over_a_socket_are_those_of_the_simulator(tmp_path: Path) -> None:
    lines = check_parity(tmp_path, write_world(tmp_path, 7, seconds=400, signals=0.25))
    assert len(closed(lines)) >= 20


@pytest.mark.clients
@pytest.mark.parametrize("library", ["ib_insync", "ib_async"])
def test_two_hundred_trades_are_the_same_with_either_library(tmp_path: Path, library: str) -> None:
    python = None if library == "ib_insync" else interpreter_of(f"{RULEC}{library}")
    lines = check_parity(tmp_path, write_world(tmp_path, 11, seconds=2_400, signals=0.25), python)
    assert len(closed(lines)) >= 200
    assert {line["reason"] for line in closed(lines)} >= {"stop", "target", "reverse", "exit"}
    orders = [line for line in lines if line["type"] == "order"]
    assert any(line["status"] == "partially_filled" for line in orders)
    assert {"main", "stop", "target", "scale", "doubledown", "exit"} <= {line["role"] for line in orders}
    filled = {line["role"] for line in orders if line["status"] == "filled"}
    assert {"doubledown", "scale"} <= filled
    pairs = [(line["trade"], line["id"]) for line in orders if line["role"] == "target" and line["status"] == "filled"]
    assert any(count > 1 for count in Counter(trade for trade, _ in set(pairs)).values()), "two targets of one trade"
