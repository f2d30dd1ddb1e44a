"""The actions that manage a trade, as a rule file says them and a replay does them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rulec.tests.support.replaying import Replayed, price, replay, signal

# A rule, written for a long and for a short. Prices of a short are mirrored at 150.
SIDES = (("long", 1), ("short", -1))
both_sides = pytest.mark.parametrize(("side", "sign"), SIDES)


def mirrored(long: float, sign: int) -> float:
    return long if sign > 0 else 300 - long


def played(folder: Path, rules: str, sign: int, *moves: float | str) -> Replayed:
    """Replays prices, written for a long, and signals, one a second. `$(158)` in the rules is such a price, too."""
    text = rules
    while (start := text.find("$(")) >= 0:
        end = text.index(")", start)
        text = f"{text[:start]}${mirrored(float(text[start + 2 : end]), sign):g}{text[end + 1 :]}"
    events = [
        signal(second, move, id=f"s{second}") if isinstance(move, str) else price(second, mirrored(move, sign))
        for second, move in enumerate(moves)
    ]
    return replay(folder, text, events)


def stands(run: Replayed, role: str, sign: int) -> list[tuple[int, float]]:
    """Shares and price, as for a long, of the working orders of a role."""
    found = [
        (order["quantity"], mirrored(order["limit_price"] or order["stop_price"], sign))
        for order in run.working()
        if order["role"] == role
    ]
    return sorted(found, key=lambda each: each[1])


def said(run: Replayed, rule: str) -> list[tuple[str, str, str | None]]:
    """Action, outcome and reason of each decision of a rule."""
    found = [line for line in run.of("decision", rule=rule) if line["actions"]]
    return [(line["actions"][0]["action"], line["outcome"], line["reason"]) for line in found]


@both_sides
def test_a_reversal_takes_the_shares_that_are_held(tmp_path: Path, side: str, sign: int) -> None:
    rules = f"on signal IN -> enter {side} 100 stop $5 away\non signal TURN -> reverse stop $4 away target $12 away"
    run = played(tmp_path, rules, sign, 150, "IN", 150, "TURN", 150, 150, 150)
    assert said(run, "card#2") == [("reverse", "reversed", None)]
    other = "SELL" if sign > 0 else "BUY"
    assert [order["side"] for order in run.of("order", role="main", status="filled")][1:] == [other]
    closed = run.one("position", event="closed", reason="reverse")
    assert closed["quantity"] == 0


@both_sides
def test_the_stop_goes_to_breakeven_and_beyond(tmp_path: Path, side: str, sign: int) -> None:
    rules = f"on signal IN -> enter {side} 100 stop 3%\non signal EVEN -> move stop to breakeven + 1%"
    run = played(tmp_path, rules, sign, 150, "IN", 150, "EVEN", 153, "EVEN", "EVEN", 151)
    assert said(run, "card#2") == [
        ("move_stop", "ignored", "at or through the market"),
        ("move_stop", "acted", None),
        ("move_stop", "ignored", "would loosen"),
    ]
    assert run.one("position", event="closed")["reason"] == "stop"


@both_sides
def test_a_hedge_stops_so_many_shares_under_its_name(tmp_path: Path, side: str, sign: int) -> None:
    closing = "sell" if sign > 0 else "buy"
    rules = f"on signal IN -> enter {side} 100 stop 3% -> place {closing} 40 at stop $(148) as hedge"
    run = played(tmp_path, rules, sign, 150, "IN", 150, 150, 147.5, 147.5)
    first, later = said(run, "card#1")
    assert (first[:2], later) == (("enter", "acted"), ("place", "acted", None))
    assert [order["quantity"] for order in run.of("order", role="hedge", status="filled")] == [40]
    position = run.of("position")[-1]
    assert (position["event"], position["quantity"]) == ("updated", 60)


@both_sides
def test_targets_are_moved_and_given_up(tmp_path: Path, side: str, sign: int) -> None:
    rules = (
        f"on signal IN -> enter {side} 100 stop 3% target 4% for 50% target 8% for 50%\n"
        "on signal NEARER -> move target to $(152)\n"
        "on signal NONE -> cancel targets"
    )
    run = played(tmp_path, rules, sign, 150, "IN", 150, "NEARER", 152, 152, "NONE", "NONE", 180)
    assert run.one("order", role="target", status="filled")["limit_price"] == mirrored(152, sign)
    assert said(run, "card#3") == [("cancel", "acted", None), ("cancel", "ignored", "nothing to cancel")]
    assert run.of("position")[-1]["quantity"] == 50


def test_a_signal_that_a_rule_emits_is_a_new_input(tmp_path: Path) -> None:
    rules = (
        "on signal RAW where confidence > 0.5 -> emit signal STRONG confidence confidence / 2\n"
        "on signal STRONG where confidence < 0.5 -> enter long 100 stop 3%"
    )
    run = played(tmp_path, rules, 1, 150, "RAW", 150)
    first, second = run.of("decision")
    assert (first["rule"], second["rule"], second["outcome"]) == ("card#1", "card#2", "acted")
    assert second["seq"] > first["seq"] and second["time"] == first["time"]


def test_a_cooldown_that_is_reset_is_over(tmp_path: Path) -> None:
    rules = 'rule slow cooldown 1h on signal IN -> log "in"\non signal FREE -> reset cooldown of slow'
    run = played(tmp_path, rules, 1, "IN", "IN", "FREE", "IN")
    assert run.outcomes == ["acted", "throttled", "acted", "acted"]


def bar(day: int, minutes: int, *prices: float) -> dict[str, Any]:
    """A minute of January 2026 that ends so many minutes after 09:30 in New York."""
    begin = 14 * 60 + 30 + minutes - 1
    return {
        "type": "bar",
        "time": f"2026-01-{day:02d}T{begin // 60:02d}:{begin % 60:02d}:00Z",
        "symbol": "AAPL",
        "open": prices[0],
        "high": max(prices),
        "low": min(prices),
        "close": prices[-1],
        "volume": 1000,
        "timeframe": "1m",
    }


@both_sides
def test_an_entry_decided_at_the_close_fills_at_the_next_open(tmp_path: Path, side: str, sign: int) -> None:
    rules = f"rule evening cooldown 1h on bar 1m -> enter {side} 100 stop $5 away"
    at = [mirrored(long, sign) for long in (150.0, 149.0, 149.5)]
    run = replay(tmp_path, rules, [bar(5, 390, at[0]), bar(6, 1, at[1], at[2]), bar(6, 2, at[2])])
    assert said(run, "evening")[:2] == [("enter", "armed", None), ("enter", "acted", None)]
    assert run.one("fill")["price"] == at[1]
    assert stands(run, "stop", sign) == [(100, 144.0)]


@both_sides
def test_after_the_clocks_exit_near_the_close_nothing_is_entered(tmp_path: Path, side: str, sign: int) -> None:
    rules = f'on signal IN -> enter {side} 100 stop 3%\non market close - 10m of AAPL -> exit because "the day is over"'
    begin = 5 * 3600 + 49 * 60  # 15:49
    events: list[dict[str, Any]] = [price(begin, 150.0), signal(begin + 1, "IN"), price(begin + 2, 150.0)]
    events += [price(begin + 70, 150.0), price(begin + 71, 150.0), signal(begin + 80, "IN"), price(begin + 81, 150.0)]
    run = replay(tmp_path, rules, events)
    assert run.one("position", event="closed")["detail"] == "the day is over"
    assert said(run, "card#1") == [("enter", "acted", None), ("enter", "refused", "flat for the session")]
