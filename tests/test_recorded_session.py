"""The session that `rulec run` plays when it is given nothing shows each thing that a newcomer should see once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

RECORDED = Path(__file__).resolve().parents[1] / "examples" / "recorded"


@pytest.fixture(scope="module")
def lines() -> list[dict[str, Any]]:
    """What replaying the recorded session prints."""
    command = [sys.executable, "-m", "rulec", "replay", str(RECORDED / "session.rules"), "--json"]
    for name in ("session.csv", "session.jsonl"):
        command += ["--events", str(RECORDED / name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def of_type(lines: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [line for line in lines if line["type"] == kind]


def test_its_rules_compile_without_a_warning() -> None:
    command = [sys.executable, "-m", "rulec", "check", "--strict", str(RECORDED)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_decisions_tell_the_story_in_order(lines: list[dict[str, Any]]) -> None:
    entries = [line for line in of_type(lines, "decision") if line["actions"][0]["action"] == "enter"]
    assert [(line["symbol"], line["rule"], line["outcome"]) for line in entries] == [
        ("IBM", "flow_long", "acted"),
        ("IBM", "flow_long", "ignored"),
        ("IBM", "flow_long", "acted"),
        ("SPY", "flow_short", "acted"),
        ("IBM", "flow_short", "reversed"),
        ("SPY", "flow_short", "ignored"),
        ("IBM", "flow_short", "acted"),
    ]


def test_each_trade_ends_as_it_should(lines: list[dict[str, Any]]) -> None:
    closed = [line for line in of_type(lines, "position") if line["event"] == "closed"]
    assert [(line["symbol"], line["reason"]) for line in closed] == [
        ("IBM", "target"),
        ("IBM", "reverse"),
        ("IBM", "target"),
        ("SPY", "target"),
        ("IBM", "stop"),
    ]
    assert [line["pnl"] > 0 for line in closed] == [True, True, True, True, False]


def test_longs_shorts_and_scale_ins_are_filled(lines: list[dict[str, Any]]) -> None:
    opened = {line["side"] for line in of_type(lines, "position") if line["event"] == "opened"}
    assert opened == {"BUY", "SELL"}
    scaled = {line["id"] for line in of_type(lines, "order") if line["role"] == "scale" and line["status"] == "filled"}
    assert len(scaled) == 2


def test_it_ends_flat_with_a_summary(lines: list[dict[str, Any]]) -> None:
    summary = lines[-1]
    assert summary["type"] == "summary"
    realised = sum(line["pnl"] for line in of_type(lines, "position") if line["event"] == "closed")
    assert summary["realised_pnl"] == pytest.approx(realised)
    assert summary["equity"] == pytest.approx(100_000 + realised)
