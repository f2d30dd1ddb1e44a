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
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from rulec.dsl.compile import compile_text
from rulec.dsl.plan import Plan
from rulec.runtime.broker.simulated import SimulationSettings
from rulec.runtime.core.records import Decision, PositionChange, PositionRecord
from rulec.runtime.event.inputs import Bar, OutsideInput, Signal
from rulec.runtime.feed import read_events
from rulec.runtime.feed.files import delivery_time
from rulec.runtime.times import parse_time, time_text
from rulec.tests.conftest import LONG
from rulec.tests.support.driver import NYSE, Rig, Run
from rulec.tests.support.replaying import run

BARS = Path(__file__).parent.parent / "data" / "bars"
SWING, INDICATORS = "swing.rules", "indicators.rules"  # trades by seeded signals; by indicators, bars and the clock
REASONS = {"stop", "target", "trail", "exit", "time", "reverse"}


@cache
def plan(rules: str) -> Plan:
    compiled = compile_text((BARS / rules).read_text(), rules).plan
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


@cache
def minutes() -> tuple[OutsideInput, ...]:
    """The one-minute bars of three symbols, in the order of their delivery."""
    return tuple(sorted((bar for name in MINUTES for bar in bars(name)), key=delivery_time))


MINUTES = ("SPY_1m.csv", "IBM_1m.csv", "BAC_1m.csv")


def replayed(rules: str, events: Sequence[OutsideInput], *, check: bool = True) -> Rig:
    """A rig that has handled the events."""
    rig = Rig(plan(rules).rules, SimulationSettings(), limits=plan(rules).limits, check=check)
    rig.handle(*events)
    return rig


# The long profile goes through all 40,832 hours since 1998, the quick one through the first four years.
HOURS = None if LONG else 7_000
# Each cut is a replay of its own: with indicators, eight years of hours in the long profile, one in the quick one.
CUT_HOURS = 14_000 if LONG else 2_000


@pytest.mark.parametrize(("name", "seed", "every"), [("SPY_1h.csv", 7, 12), ("SPY_1m.csv", 3, 6)])
def test_real_bars_give_trades_of_every_kind_with_the_invariants_on(name: str, seed: int, every: int) -> None:
    came = replayed(SWING, with_signals(bars(name), seed, every)[:HOURS]).finish()
    closed, reasons = told(name, came)
    if name == "SPY_1h.csv":
        assert len(closed) >= 200
        assert set(reasons) == REASONS
    assert came.engine.desk.portfolio.cash == came.broker.exchange.ledger.accounts["DU1"].cash


def told(name: str, came: Run) -> tuple[list[PositionRecord], Counter[str | None]]:
    """The trades that were closed, and how many for which reason."""
    closed = [record for record in came.of(PositionRecord) if record.event is PositionChange.CLOSED]
    reasons = Counter(record.reason for record in closed)
    print(f"{name}: {len(closed)} trades, {dict(sorted((str(key), count) for key, count in reasons.items()))}")
    return closed, reasons


@pytest.mark.parametrize(("name", "least"), [("SPY_1h.csv", 200), ("minutes", 40)])
def test_indicators_timeframes_and_the_clock_trade_with_the_invariants_on(name: str, least: int) -> None:
    came = replayed(INDICATORS, (minutes() if name == "minutes" else bars(name))[:HOURS]).finish()
    closed, reasons = told(f"{name} by indicators", came)
    assert len(closed) >= least
    assert {"stop", "target", "exit", "reverse"} <= set(reasons)
    if name == "SPY_1h.csv":
        assert {"time", "trail"} <= set(reasons)
        fired = {record.rule for record in came.of(Decision) if record.outcome.value in ("acted", "reversed")}
        assert fired == {rule.label for rule in plan(INDICATORS).rules}
    assert came.engine.desk.portfolio.cash == came.broker.exchange.ledger.accounts["DU1"].cash


def written(folder: Path, events: Sequence[OutsideInput]) -> list[str]:
    """The events as the files that a user has, bars as CSV and signals as JSON lines; the options that name them."""
    bar_file, signal_file = folder / "bars.csv", folder / "signals.jsonl"
    rows = [
        f"{time_text(bar.time)},{bar.symbol},{bar.open!r},{bar.high!r},{bar.low!r},{bar.close!r},{bar.volume!r}\n"
        for bar in events
        if isinstance(bar, Bar)
    ]
    bar_file.write_text("time,symbol,open,high,low,close,volume\n" + "".join(rows))
    lines = [
        {
            "type": "signal",
            "time": time_text(event.time),
            "id": event.id,
            "symbol": event.symbol,
            "signal": event.signal,
            "confidence": event.confidence,
        }
        for event in events
        if isinstance(event, Signal)
    ]
    signal_file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return ["--events", str(bar_file), "--events", str(signal_file)]


def printed(rules: str, folder: Path, events: Sequence[OutsideInput]) -> list[str]:
    code, text, errors = run(["replay", str(BARS / rules), "--json", *written(folder, events)])
    assert code == 0, errors
    return text.splitlines()[:-1]  # the summary is not compared


def until(lines: list[str], time: int) -> list[str]:
    """The lines before a time: what a replay printed of inputs that were delivered by then."""
    return [line for line in lines if parse_time(json.loads(line)["time"]) < time]


@pytest.mark.parametrize(
    ("rules", "name", "number"),
    [
        (SWING, "SPY_1m.csv", 50 if LONG else 8),
        (SWING, "SPY_1h.csv", 50 if LONG else 1),
        (INDICATORS, "minutes", 50 if LONG else 2),
        (INDICATORS, "SPY_1h.csv", 50 if LONG else 1),
    ],
)
def test_cutting_the_files_anywhere_changes_nothing_before_the_cut(
    tmp_path: Path, rules: str, name: str, number: int
) -> None:
    came = minutes() if name == "minutes" else bars(name)
    events = (with_signals(came, 5, 10) if rules == SWING else list(came))[: HOURS if rules == SWING else CUT_HOURS]
    whole = printed(rules, tmp_path, events)
    draw = random.Random(11)
    for _ in range(number):
        cut = draw.randrange(20, len(events))
        time = delivery_time(events[cut - 1])
        assert until(printed(rules, tmp_path, events[:cut]), time) == until(whole, time)


@pytest.mark.parametrize("rules", [SWING, INDICATORS])
def test_another_process_prints_the_same_bytes(tmp_path: Path, rules: str) -> None:
    events = with_signals(bars("SPY_1m.csv"), 3, 6)
    files = written(tmp_path, events)
    command = [sys.executable, "-m", "rulec", "replay", str(BARS / rules), "--json"]
    command += files
    outputs = []
    for seed, zone, locale in [("0", "UTC", "C"), ("4711", "Asia/Kolkata", "de_DE.UTF-8")]:
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": locale, "LANG": locale}
        outputs.append(subprocess.run(command, env=environment, capture_output=True, check=True).stdout)
    assert outputs[0] == outputs[1]
    assert outputs[0].count(b'"event":"closed"') > 20
