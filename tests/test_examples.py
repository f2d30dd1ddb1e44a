"""The examples: each compiles without a warning, and does on its events what its comments say."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rulec.cli.main import main

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.rules"))


Run = Callable[..., str]


@pytest.fixture
def rulec(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """What `rulec` prints, called at the project's root; it must succeed."""
    monkeypatch.chdir(ROOT)

    def run(*arguments: str) -> str:
        code = main(arguments)
        out, err = capsys.readouterr()
        assert code == 0, err
        return out

    return run


Replay = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def replay(rulec: Run) -> Replay:
    """The lines that an example's events bring out of its rules."""

    def run(name: str, *arguments: str) -> list[dict[str, Any]]:
        files = (f"examples/{name}.rules", "--events", f"examples/{name}.jsonl")
        printed = rulec("replay", *files, "--fill", "standing", "--json", *arguments)
        return [json.loads(line) for line in printed.splitlines()]

    return run


def of_type(lines: list[dict[str, Any]], kind: str, *keys: str) -> list[tuple[Any, ...]]:
    return [tuple(line[key] for key in keys) for line in lines if line["type"] == kind]


def closed(lines: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(line["symbol"], line["reason"]) for line in lines if line.get("event") == "closed"]


def test_there_are_three() -> None:
    assert NAMES == ["adding", "card", "limits"]


@pytest.mark.parametrize("name", NAMES)
def test_it_compiles_and_warns_of_nothing_but_missing_limits(name: str, rulec: Run) -> None:
    printed = rulec("check", "--format", "json", f"examples/{name}.rules")
    assert [found["code"] for found in json.loads(printed)] == (["W409"] if name == "card" else [])


@pytest.mark.parametrize("name", NAMES)
def test_its_comments_say_how_to_replay_it(name: str) -> None:
    text = (EXAMPLES / f"{name}.rules").read_text(encoding="utf-8")
    assert f"rulec replay examples/{name}.rules --events examples/{name}.jsonl" in text


def test_the_card_enters_once_and_takes_its_target(replay: Replay) -> None:
    lines = replay("card")
    assert of_type(lines, "decision", "outcome") == [("acted",), ("ignored",)]
    orders = {role: price for role, price, status in of_type(lines, "order", "role", "stop_price", "status") if price}
    assert orders == {"stop": 145.5}
    assert closed(lines) == [("AAPL", "target")]


def test_adding_scales_in_and_doubles_down_and_closes_whole_trades(replay: Replay) -> None:
    lines = replay("adding")
    filled = {role for role, status in of_type(lines, "order", "role", "status") if status == "filled"}
    assert {"main", "scale", "doubledown"} <= filled
    sizes = {(line["symbol"], line["quantity"]) for line in lines if line.get("event") == "updated"}
    assert {("AAPL", 150), ("KO", 200)} <= sizes
    assert closed(lines) == [("AAPL", "trail"), ("KO", "target")]


def test_limits_refuse_and_options_throttle(replay: Replay) -> None:
    lines = replay("limits")
    decisions = of_type(lines, "decision", "rule", "symbol", "outcome", "reason")
    assert decisions == [
        ("open_hours", "AAPL", "acted", None),
        ("open_hours", "AAPL", "throttled", "cooldown"),
        ("open_hours", "TSLA", "refused", "only symbols"),
        ("bears", "MSFT", "refused", "no shorting"),
        ("open_hours", "NVDA", "acted", None),
        ("open_hours", "MSFT", "refused", "max positions"),
        ("get_out", "AAPL", "acted", None),
        ("open_hours", "MSFT", "acted", None),
        ("open_hours", "AAPL", "throttled", "at most"),
    ]
    assert closed(lines) == [("AAPL", "exit"), ("NVDA", "time"), ("MSFT", "time")]


def test_a_param_changes_what_the_limits_example_does(replay: Replay) -> None:
    decisions = of_type(replay("limits", "--set", "min_confidence=0.9"), "decision", "symbol", "outcome")
    assert ("MSFT", "acted") not in decisions
