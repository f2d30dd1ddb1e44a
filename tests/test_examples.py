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
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.rules") if not path.stem.endswith(".test"))
TESTED = [f"{name}.rules" for name in NAMES] + ["recorded/session.rules"]


Run = Callable[..., str]


def events_of(name: str) -> str:
    """The events that go with an example: bars where it is about bars."""
    return next(f"examples/{name}{suffix}" for suffix in (".jsonl", ".csv") if (EXAMPLES / f"{name}{suffix}").exists())


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
        printed = rulec("replay", f"examples/{name}.rules", "--events", events_of(name), "--json", *arguments)
        return [json.loads(line) for line in printed.splitlines()]

    return run


def of_type(lines: list[dict[str, Any]], kind: str, *keys: str) -> list[tuple[Any, ...]]:
    return [tuple(line[key] for key in keys) for line in lines if line["type"] == kind]


def closed(lines: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(line["symbol"], line["reason"]) for line in lines if line.get("event") == "closed"]


def test_they_are_these() -> None:
    assert NAMES == ["adding", "breakout", "card", "cross", "day_end", "flow", "limits"]


@pytest.mark.parametrize("name", NAMES)
def test_it_is_short_enough_to_learn_from(name: str) -> None:
    lines = (EXAMPLES / f"{name}.rules").read_text(encoding="utf-8").splitlines()
    assert len([line for line in lines if line and not line.startswith("#")]) <= 25


def test_all_of_them_can_be_checked_together(rulec: Run) -> None:
    assert rulec("check", "--strict", "--format", "concise", "examples") == ""


@pytest.mark.parametrize("name", NAMES)
def test_it_compiles_and_warns_of_nothing_but_missing_limits(name: str, rulec: Run) -> None:
    printed = rulec("check", "--format", "json", f"examples/{name}.rules")
    assert [found["code"] for found in json.loads(printed)] == (["W409"] if name == "card" else [])


@pytest.mark.parametrize("rules", TESTED)
def test_its_tests_see_every_rule_trigger_and_outcome(rules: str, rulec: Run) -> None:
    tests = f"examples/{rules.removesuffix('.rules')}.test.rules"
    printed = json.loads(rulec("test", tests, "--format", "json", "--fail-under", "100"))
    assert printed["failed"] == 0
    assert printed["coverage"]["missing"] == []
    assert printed["coverage"]["rules"]["of"] > 0


@pytest.mark.parametrize("rules", TESTED)
def test_its_tests_say_how_to_run_them_and_are_laid_out_canonically(rules: str, rulec: Run) -> None:
    tests = f"examples/{rules.removesuffix('.rules')}.test.rules"
    assert f"rulec test {tests} --coverage" in (ROOT / tests).read_text(encoding="utf-8")
    rulec("fmt", "--check", tests)
    assert [found["code"] for found in json.loads(rulec("check", "--format", "json", tests))] in ([], ["W409"])


@pytest.mark.parametrize("name", NAMES)
def test_its_comments_say_how_to_replay_it(name: str) -> None:
    text = (EXAMPLES / f"{name}.rules").read_text(encoding="utf-8")
    assert f"rulec replay examples/{name}.rules --events {events_of(name)}" in text


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


def decided(lines: list[dict[str, Any]], *keys: str) -> list[tuple[Any, ...]]:
    return of_type(lines, "decision", *(keys or ("rule", "symbol", "outcome", "reason")))


def test_flow_adds_on_the_way_to_its_stop_forgets_the_rest_after_it_and_is_flat_at_night(replay: Replay) -> None:
    lines = replay("flow")
    assert decided(lines) == [
        ("follow_buys", "SLV", "acted", None),
        ("follow_buys", "SLV", "throttled", "cooldown"),
        ("follow_buys", "SLV", "acted", None),  # the double-down rests
        ("stopped_out", "SLV", "acted", None),
        ("follow_sells", "SLV", "acted", None),  # 50 seconds after the stop: the cooldown was forgotten
        ("follow_sells", "SLV", "acted", None),
        ("follow_buys", "GLD", "acted", None),
        ("follow_buys", "GLD", "acted", None),
        ("end_of_day", None, "acted", None),
        ("follow_buys", "GLD", "ignored", "in flight"),
    ]
    assert closed(lines) == [("SLV", "stop"), ("SLV", "target"), ("GLD", "exit")]
    first = [(line["role"], line["quantity"], line["stop_price"] or line["limit_price"]) for line in orders(lines)[:3]]
    assert first == [("main", 1000, None), ("stop", 1000, 29.4), ("target", 1000, 30.4)]  # 6 and 4 ATR of 0.10
    assert ("doubledown", 1000, 29.7) in [
        (line["role"], line["quantity"], line["limit_price"]) for line in orders(lines)
    ]


def orders(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in lines if line["type"] == "order"]


def test_breakout_buys_closes_above_the_highest_bars(replay: Replay) -> None:
    lines = replay("breakout")
    entries = [line for line in lines if line["type"] == "decision" and line["rule"] == "breakout"]
    acted = [line["values"] for line in entries if line["outcome"] == "acted"]
    assert len(acted) == 3
    for values in acted:
        assert values["close[1]"] <= values["highest(20, 5m)[2]"]
        assert values["close"] > values["highest(20, 5m)[1]"]
    assert closed(lines) == [("SPY", "stop"), ("SPY", "exit"), ("SPY", "time")]


def test_a_param_makes_the_breakout_longer(replay: Replay) -> None:
    lines = replay("breakout", "--set", "lookback=40")
    assert all(
        "highest(40, 5m)[1]" in line["values"] for line in lines if line.get("rule") == "breakout" and "seq" in line
    )
    assert closed(lines)


def test_cross_waits_for_the_open_after_the_bar_that_decided(replay: Replay) -> None:
    lines = replay("cross")
    ups = [line for line in lines if line["type"] == "decision" and line["rule"] == "cross_up"]
    assert [(line["time"], line["outcome"]) for line in ups if line["outcome"] != "skipped"] == [
        ("2018-05-15T20:00:00Z", "armed"),
        ("2018-05-16T13:30:00Z", "acted"),
    ]
    assert closed(lines) == [("QQQ", "trail")]


def test_day_end_is_flat_five_minutes_before_a_half_days_close(replay: Replay) -> None:
    lines = replay("day_end")
    assert decided(lines, "rule", "time", "symbol", "outcome", "reason") == [
        ("buy", "2025-11-28T15:00:05Z", "AAPL", "acted", None),
        ("buy", "2025-11-28T15:00:06Z", "MSFT", "acted", None),
        ("tighten", "2025-11-28T17:00:00Z", "AAPL", "acted", None),
        ("flat_at_night", "2025-11-28T17:55:00Z", None, "acted", None),
    ]
    assert closed(lines) == [("AAPL", "stop"), ("MSFT", "exit")]
