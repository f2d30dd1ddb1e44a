"""Plays a scenario: a gateway of its own on a small market, a client library in its own Python, both as processes."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs

from rulec.runtime.times import MINUTE, SECOND, parse_time, time_text
from rulec.tests.support.processes import gateway

from .environments import interpreter_of, locked

HERE = Path(__file__).resolve().parent
PATIENCE = 60.0
"""Seconds after which a scenario is given up."""

_OPEN = parse_time("2026-01-05T14:30:00Z")
_BARS = 30
_NOW = _OPEN + _BARS * MINUTE


class NotPlayed(Exception):
    """A scenario that did not come to its end; the text has what its client and its gateway said."""


@attrs.frozen
class Played:
    """What came of a scenario.

    `seen` is what the client saw, by its labels; `heard` and `said` are the fields of each message that the gateway
    got and sent, by session; `logged` is what the gateway had to remark.
    """

    seen: dict[str, Any]
    heard: list[list[list[str]]]
    said: list[list[list[str]]]
    logged: list[str]

    def __getitem__(self, label: str) -> Any:
        return self.seen[label]


def played_once(library: str, scenario: str, folder: Path) -> Played:
    """Plays it in the folder, or answers what came of it there before.

    Raises:
        EnvironmentFailed: the library is not to be had.
        NotPlayed: it failed, now or before.
    """
    interpreter = interpreter_of(library)
    outcome = folder / "outcome.json"
    with locked(folder / "lock"):
        if not outcome.exists():
            try:
                told = attrs.asdict(play(interpreter, library, scenario, folder))
            except NotPlayed as error:
                told = {"failure": str(error)}
            outcome.write_text(json.dumps(told), encoding="utf-8")
    found = json.loads(outcome.read_text(encoding="utf-8"))
    if "failure" in found:
        raise NotPlayed(found["failure"])
    return Played(**found)


def play(interpreter: Path, library: str, scenario: str, folder: Path) -> Played:
    """Plays it in a folder of its own.

    Raises:
        NotPlayed: the client failed or did not end.
    """
    opening, market = _market()
    (folder / "market.jsonl").write_text("\n".join(map(json.dumps, market)) + "\n", encoding="utf-8")
    options = ("--market", "market.jsonl", "--lockstep", "--capture", "wire.jsonl", "--commission", "$0.005,min $1")
    with gateway(folder, *options) as there:
        there.ask({"release": opening})
        command = [str(interpreter), "-m", "scripts.play", library, scenario, str(there.port), str(there.control)]
        # another zone than the gateway's: no library may take its own for it
        environment = {"PATH": os.environ["PATH"], "TZ": "Asia/Tokyo", "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            done = subprocess.run(
                command, cwd=HERE, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise NotPlayed(f"{error}\n{error.stdout!r}\n{error.stderr!r}\n{there.process.text}") from error
        there.process.stop()
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode != 0 or lines[-1:] != [{"done": scenario}]:
        raise NotPlayed(f"{done.stdout}\n{done.stderr}\n{there.process.text}")
    wire = [json.loads(line) for line in (folder / "wire.jsonl").read_text(encoding="utf-8").splitlines()]
    return Played(
        {line["saw"]: line["value"] for line in lines[:-1]},
        _by_session(wire, "in"),
        _by_session(wire, "out"),
        there.process.errors,
    )


def _by_session(wire: Sequence[dict[str, Any]], direction: str) -> list[list[list[str]]]:
    messages: dict[int, list[list[str]]] = {}
    for line in wire:
        if line["direction"] == direction:
            messages.setdefault(line["session"], []).append(line["fields"])
    return list(messages.values())


def _market() -> tuple[int, list[dict[str, Any]]]:
    """Half an hour of bars and the quotes at ten o'clock, which are over when clients come; then a quote more."""
    bars = []
    for number in range(_BARS):
        opened = round(147 + 0.1 * number, 2)
        bars.append(
            {
                "type": "bar",
                "time": time_text(_OPEN + number * MINUTE),
                "symbol": "AAPL",
                "open": opened,
                "high": round(opened + 0.2, 2),
                "low": round(opened - 0.1, 2),
                "close": round(opened + 0.1, 2),
                "volume": 1000 + number,
                "timeframe": "1m",
            }
        )
    quotes = [_quote(_NOW, "AAPL", 149.99, 150.01), _quote(_NOW, "MSFT", 399.9, 400.1)]
    return len(bars) + len(quotes), [*bars, *quotes, _quote(_NOW + 7 * SECOND, "AAPL", 149.99, 150.01)]


def _quote(time: int, symbol: str, bid: float, ask: float) -> dict[str, Any]:
    return {"type": "quote", "time": time_text(time), "symbol": symbol, "bid": bid, "ask": ask}
