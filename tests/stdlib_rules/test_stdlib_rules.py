"""The rules that ship with rulec do what their index says, driven by a market whose ATR is exactly one dollar."""

from __future__ import annotations

import json
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rulec.tests.support import replaying

RULES = Path(__file__).resolve().parents[2] / "stdlib_rules"
OPEN = datetime.fromisoformat("2026-01-05T14:30:00+00:00")


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs `rulec` in this process."""
    words = [*map(str, arguments)]
    return subprocess.CompletedProcess(words, *replaying.run(words))


def replay(folder: Path, signals: dict[int, dict[str, Any]], *arguments: str | Path) -> list[dict[str, Any]]:
    """What the rules do with 40 flat one-minute bars of AAPL at $150 and signals in the given minutes."""
    bars = [
        {"type": "bar", "time": at(minute), "symbol": "AAPL", "timeframe": "1m", "volume": 1000}
        | {"open": 150, "high": 150.5, "low": 149.5, "close": 150}
        for minute in range(40)
    ]
    given = [
        {"type": "signal", "time": at(minute, 30), "symbol": "AAPL"} | signal for minute, signal in signals.items()
    ]
    files = []
    for name, events in (("bars.jsonl", bars), ("signals.jsonl", given)):
        path = folder / name
        path.write_text("".join(json.dumps(event) + "\n" for event in events), encoding="utf-8")
        files += ["--events", str(path)]
    done = run("replay", RULES / "entries.rules", RULES / "risk.rules", "--json", *files, *arguments)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def at(minute: int, second: int = 0) -> str:
    return (OPEN + timedelta(minutes=minute, seconds=second)).isoformat()


def last_prices(lines: list[dict[str, Any]], role: str) -> list[tuple[int, float]]:
    """Quantity and price of the working orders of a role, lowest price first."""
    orders = {line["id"]: line for line in lines if line["type"] == "order" and line["role"] == role}
    working = [order for order in orders.values() if order["status"] in ("submitted", "modified")]
    return sorted((order["quantity"], order["stop_price"] or order["limit_price"]) for order in working)


FILES = sorted(path.stem for path in RULES.glob("*.rules"))


def test_they_compile_without_a_warning_and_the_index_names_each() -> None:
    done = run("check", "--strict", RULES)
    assert done.returncode == 0, done.stdout + done.stderr
    index = (RULES / "README.md").read_text(encoding="utf-8")
    assert [name for name in FILES if f"`{name}.rules`" not in index] == []


def test_any_of_them_go_together(tmp_path: Path) -> None:
    everything = tmp_path / "everything.rules"
    uses = "".join(f"use std.{name}\n" for name in FILES)
    everything.write_text(uses + "rule mine on signal GO where schedule_allows -> exit\n", encoding="utf-8")
    done = run("check", "--strict", everything)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", FILES)
def test_each_is_pinned_documented_and_shows_how_it_is_used(name: str) -> None:
    first, comment, *rest = (RULES / f"{name}.rules").read_text(encoding="utf-8").splitlines()
    assert first == "language 1"
    assert comment.startswith("# ")
    shown = [line.removeprefix("#").strip() for line in rest if line.startswith("#     ")]
    assert any(line.startswith(f"use std.{name}") for line in shown)
    params = [line for line in rest if line.startswith("param ")]
    assert all(line.endswith('"') for line in params), "each param says what it is"


@pytest.mark.parametrize("name", FILES)
def test_what_its_first_lines_show_compiles(tmp_path: Path, name: str) -> None:
    text = (RULES / f"{name}.rules").read_text(encoding="utf-8")
    uses = [line.removeprefix("#").strip() for line in text.splitlines() if line.startswith("#     use std")]
    shown = tmp_path / "shown.rules"
    shown.write_text("\n".join(uses) + "\non signal SELL -> exit\n", encoding="utf-8")
    done = run("check", shown)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", FILES)
def test_its_scenarios_pass(name: str) -> None:
    scenarios = Path(__file__).with_name(f"{name}.test.rules")
    assert f"use std.{name}" in scenarios.read_text(encoding="utf-8")
    done = run("test", scenarios)
    assert done.returncode == 0, done.stdout + done.stderr


def test_its_scenarios_are_laid_out() -> None:
    assert run("fmt", "--check", Path(__file__).parent).returncode == 0


@pytest.mark.parametrize(
    ("kind", "side", "stop", "targets"),
    [("BUY", "BUY", 147, [154, 158]), ("SHORT", "SELL", 153, [142, 146])],
)
def test_an_entry_is_protected_in_multiples_of_atr(
    tmp_path: Path, kind: str, side: str, stop: float, targets: list[float]
) -> None:
    lines = replay(tmp_path, {20: {"signal": kind, "confidence": 0.9}})
    (opened,) = (line for line in lines if line["type"] == "position" and line["event"] == "opened")
    assert (opened["side"], opened["entry_price"]) == (side, 150)
    assert last_prices(lines, "stop") == [(33, stop), (33, stop)], "$10,000 buy 66 shares, in two slices"
    assert last_prices(lines, "target") == [(33, price) for price in targets]


def test_a_weak_signal_is_left_alone(tmp_path: Path) -> None:
    lines = replay(tmp_path, {20: {"signal": "BUY", "confidence": 0.79}})
    assert [line["type"] for line in lines] == ["summary"]


def test_a_sell_signal_closes_the_position(tmp_path: Path) -> None:
    lines = replay(tmp_path, {20: {"signal": "BUY", "confidence": 0.9}, 30: {"signal": "SELL"}})
    (closed,) = (line for line in lines if line["type"] == "position" and line["event"] == "closed")
    assert closed["reason"] == "exit"
    assert lines[-1]["open_positions"] == []


def test_an_entry_waits_until_the_atr_is_known(tmp_path: Path) -> None:
    lines = replay(tmp_path, {5: {"signal": "BUY", "confidence": 0.9}})
    (decision,) = (line for line in lines if line["type"] == "decision")
    assert decision["outcome"] == "skipped"
    assert "atr" in decision["reason"]


def test_the_limits_refuse_an_entry_too_large_for_the_account(tmp_path: Path) -> None:
    signal = {"signal": "BUY", "confidence": 0.9}
    lines = replay(tmp_path, {20: signal}, "--equity", "40000")
    (decision,) = (line for line in lines if line["type"] == "decision")
    assert decision["outcome"] == "refused"
    lines = replay(tmp_path, {20: signal}, "--equity", "40000", "--set", "entry_size=$8_000")
    assert [line["outcome"] for line in lines if line["type"] == "decision"] == ["acted"]
