"""Real bars with seeded signals: enough trades of every kind, exact books, and no glance into the future."""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from rulec.dsl.compile import compile_text
from rulec.dsl.plan import Plan
from rulec.runtime.broker.simulated import SimulationSettings
from rulec.runtime.core.output import record_line
from rulec.runtime.core.records import PositionChange, PositionRecord
from rulec.runtime.event.inputs import Bar, OutsideInput, Signal
from rulec.runtime.feed import read_events
from rulec.runtime.feed.files import delivery_time
from rulec.runtime.times import time_text
from rulec.tests.conftest import LONG
from rulec.tests.support.driver import NYSE, Rig

BARS = Path(__file__).parent.parent / "data" / "bars"
RULES = BARS / "swing.rules"
REASONS = {"stop", "target", "trail", "exit", "time", "reverse"}


@cache
def plan() -> Plan:
    compiled = compile_text(RULES.read_text(), "swing.rules").plan
    assert compiled is not None
    return compiled


@cache
def bars(name: str) -> tuple[OutsideInput, ...]:
    path = BARS / name
    if path.exists():
        return tuple(read_events([str(path)], NYSE))
    with tempfile.TemporaryDirectory() as folder:
        unpacked = Path(folder) / name
        unpacked.write_bytes(gzip.decompress((BARS / f"{name}.gz").read_bytes()))
        return tuple(read_events([str(unpacked)], NYSE))


def with_signals(events: tuple[OutsideInput, ...], seed: int, every: int) -> list[OutsideInput]:
    """The bars with a seeded signal after about one in so many of them, a second after it was delivered."""
    draw = random.Random(seed)
    signals: list[OutsideInput] = []
    for number, event in enumerate(events):
        if isinstance(event, Bar) and draw.randrange(every) == 0:
            kind = draw.choice(["BUY", "BUY", "SHORT", "SHORT", "OUT"])
            signals.append(
                Signal(
                    time=event.end + 1_000_000,
                    symbol=event.symbol,
                    signal=kind,
                    confidence=round(draw.random(), 2),
                    id=f"s{number}",
                )
            )
    return sorted([*events, *signals], key=delivery_time)


def replayed(events: list[OutsideInput], *, check: bool) -> tuple[Rig, list[int]]:
    """A rig that has handled the events, and how many records there were after each."""
    rig = Rig(plan().rules, SimulationSettings(), limits=plan().limits, check=check)
    counts = []
    for event in events:
        rig.handle(event)
        counts.append(len(rig.records))
    return rig, counts


# The long profile goes through all 40,832 hours since 1998, the quick one through the first six years.
HOURS = None if LONG else 10_000


@pytest.mark.parametrize(("name", "seed", "every"), [("SPY_1h.csv", 7, 12), ("SPY_1m.csv", 3, 6)])
def test_real_bars_give_trades_of_every_kind_with_the_invariants_on(name: str, seed: int, every: int) -> None:
    rig, _ = replayed(with_signals(bars(name), seed, every)[:HOURS], check=True)
    run = rig.finish()
    closed = [record for record in run.of(PositionRecord) if record.event is PositionChange.CLOSED]
    reasons = Counter(record.reason for record in closed)
    print(name, len(closed), dict(reasons))
    if name == "SPY_1h.csv":
        assert len(closed) >= 200
        assert set(reasons) == REASONS
    assert run.engine.desk.portfolio.cash == run.broker.exchange.ledger.accounts["DU1"].cash


def cuts(length: int, number: int) -> Iterator[int]:
    draw = random.Random(11)
    return (draw.randrange(1, length) for _ in range(number))


@pytest.mark.parametrize(("name", "number"), [("SPY_1m.csv", 50), ("SPY_1h.csv", 50 if LONG else 3)])
def test_cutting_the_input_anywhere_changes_nothing_before_the_cut(name: str, number: int) -> None:
    events = with_signals(bars(name), 5, 10)[:HOURS]
    whole, counts = replayed(events, check=False)
    lines = [record_line(record) for record in whole.records]
    for cut in cuts(len(events), number):
        part, _ = replayed(events[:cut], check=False)
        assert [record_line(record) for record in part.records] == lines[: counts[cut - 1]]


def test_another_process_prints_the_same_bytes(tmp_path: Path) -> None:
    events = with_signals(bars("SPY_1m.csv"), 3, 6)
    signals = tmp_path / "signals.jsonl"
    signals.write_text(
        "".join(
            json.dumps(
                {
                    "type": "signal",
                    "time": time_text(event.time),
                    "id": event.id,
                    "symbol": event.symbol,
                    "signal": event.signal,
                    "confidence": event.confidence,
                }
            )
            + "\n"
            for event in events
            if isinstance(event, Signal)
        )
    )
    command = [sys.executable, "-m", "rulec", "replay", str(RULES), "--json"]
    command += ["--events", str(BARS / "SPY_1m.csv"), "--events", str(signals)]
    printed = []
    for seed, zone, locale in [("0", "UTC", "C"), ("4711", "Asia/Kolkata", "de_DE.UTF-8")]:
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale, "LANG": locale}
        printed.append(subprocess.run(command, env=environment, capture_output=True, check=True).stdout)
    assert printed[0] == printed[1]
    assert printed[0].count(b'"event":"closed"') > 20
