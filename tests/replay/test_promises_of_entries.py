"""What is promised of entries: how they are priced, sized, sliced and protected, and what follows their fills."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rulec.tests.support.replaying import Replayed, fault, price, quote, replay, signal

from .test_promises_of_decisions import bar

Events = list[dict[str, Any]]
TICKS = [price(0, 150.0), signal(1, "BUY"), price(2, 150.0)]


def entering(action: str) -> str:
    return f"on signal BUY -> enter {action}\n"


def working(run: Replayed, role: str) -> list[tuple[int, float]]:
    """Quantity and price of the working orders of a role."""
    return [
        (line["quantity"], line["stop_price"] if line["stop_price"] is not None else line["limit_price"])
        for line in run.working()
        if line["role"] == role
    ]


# ---- protected at birth --------------------------------------------------------------------------------------------


def test_an_entry_leaves_with_its_stop_and_target_before_anything_fills(tmp_path: Path) -> None:
    run = replay(tmp_path, entering("long 100 stop 3% target 8%"), TICKS[:2])
    assert [(line["role"], line["status"], line["quantity"]) for line in run.of("order")[:3]] == [
        ("main", "submitted", 100),
        ("stop", "submitted", 100),
        ("target", "submitted", 100),
    ]
    assert run.of("fill") == []


@pytest.mark.parametrize(
    ("side", "events", "stop"),
    [
        ("long", [quote(0, 149.0, 150.0)], 145.5),
        ("short", [quote(0, 150.0, 151.0)], 154.5),
        ("long", [quote(0, 149.0, 151.0), price(0.5, 150.0)], 145.5),
        ("long", [bar(-5)], 145.5),
    ],
)
def test_it_is_priced_from_the_side_of_the_quote_or_the_last_price(
    tmp_path: Path, side: str, events: Events, stop: float
) -> None:
    run = replay(tmp_path, entering(f"{side} 100 stop 3%"), [*events, signal(1, "BUY")])
    assert run.of("order", role="stop")[0]["stop_price"] == stop


def test_a_signals_own_price_counts_only_when_nothing_newer_is_known(tmp_path: Path) -> None:
    rules = entering("long 100 stop 3%")
    run = replay(tmp_path, rules, [signal(1, "BUY", price=150.0)])
    assert run.of("order", role="stop")[0]["stop_price"] == 145.5
    run = replay(tmp_path, rules, [price(0, 160.0), signal(1, "BUY", price=150.0)])
    assert run.of("order", role="stop")[0]["stop_price"] == 145.5
    late = [price(2, 160.0), {**signal(1, "BUY", price=150.0), "id": "x"}]
    run = replay(tmp_path, rules, sorted(late, key=lambda event: event["time"]))
    assert run.of("order", role="stop")[0]["stop_price"] == 145.5


def test_a_signals_price_fills_nothing(tmp_path: Path) -> None:
    run = replay(tmp_path, entering("long 100 stop 3%"), [signal(1, "BUY", price=150.0), signal(2, "X", price=151.0)])
    assert run.of("fill") == []


@pytest.mark.parametrize(
    ("action", "events", "outcome", "reason"),
    [
        ("long 100 stop 3%", [], "refused", "no reference"),
        ("long 100 stop 2 atr", [price(0, 150.0)], "skipped", "atr"),
        ("long 100 stop at $149.50", [quote(0, 149.0, 150.0)], "refused", "stop on the wrong side"),
        ("long 100 stop $150 away", [price(0, 150.0)], "refused", "stop on the wrong side"),
        ("long 100 stop $200 away", [price(0, 150.0)], "refused", "stop on the wrong side"),
        ("short 100 stop at $149", [price(0, 150.0)], "refused", "stop on the wrong side"),
        ("long 100 stop 3% target at $150", [price(0, 150.0)], "refused", "target on the wrong side"),
        ("long $149 stop 3%", [price(0, 150.0)], "refused", "size below one share"),
    ],
)
def test_an_impossible_entry_is_never_sent(
    tmp_path: Path, action: str, events: Events, outcome: str, reason: str
) -> None:
    run = replay(tmp_path, entering(action), [*events, signal(1, "BUY"), price(2, 150.0)])
    decision = run.of("decision")[0]
    assert decision["outcome"] == outcome
    assert reason in decision["reason"]
    assert run.of("order") == []


@pytest.mark.parametrize(
    ("pricing", "shares", "stop", "target"),
    [
        ("at limit $140", 214, 135.8, 151.2),
        ("at stop $160", 187, 155.2, 172.8),
        ("at stop $160 limit $161", 186, 156.17, 173.88),
    ],
)
def test_a_stated_price_is_the_reference_for_size_stop_and_target(
    tmp_path: Path, pricing: str, shares: int, stop: float, target: float
) -> None:
    run = replay(tmp_path, entering(f"long $30_000 {pricing} stop 3% target 8%"), TICKS[:2])
    assert run.last_order(role="main")["quantity"] == shares
    assert run.of("order", role="stop")[0]["stop_price"] == stop
    assert run.of("order", role="target")[0]["limit_price"] == target


def test_an_entry_that_is_given_a_time_is_cancelled_after_it_and_leaves_nothing(tmp_path: Path) -> None:
    rules = entering("long 100 at limit $140 for 5m stop 3%")
    run = replay(tmp_path, rules, [*TICKS[:2], price(302, 139.0), signal(303, "BUY")])
    assert run.of("order", role="main", status="cancelled")[0]["time"].endswith("15:05:01Z")
    assert run.outcomes == ["acted", "acted"]


# ---- slices --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shares", "targets", "sizes"),
    [
        (100, "target 8%", [100]),
        (101, "target 4% for 50% target 8% for 50%", [50, 51]),
        (100, "target 4% for 33% target 8% for 33%", [33, 33, 34]),
        (10, "target 4% for 25%", [2, 8]),
        (7, "target 4% for 30% target 5% for 30% target 6% for 40%", [2, 2, 3]),
    ],
)
def test_each_target_is_a_slice_floored_and_the_last_takes_the_rest(
    tmp_path: Path, shares: int, targets: str, sizes: list[int]
) -> None:
    run = replay(tmp_path, entering(f"long {shares} stop 3% {targets}"), TICKS)
    assert [line["quantity"] for line in run.of("order", role="main", status="filled")] == sizes
    assert [quantity for quantity, _ in working(run, "stop")] == sizes


def test_a_slice_without_a_share_is_left_out_and_said_so(tmp_path: Path) -> None:
    run = replay(tmp_path, entering("long 3 stop 3% target 4% for 30% target 8% for 70%"), TICKS)
    assert working(run, "target") == [(3, 162.0)]
    assert "target 1 of AAPL is left out" in run.one("notice")["text"]


# ---- after the fill ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("filled_at", [148.0, 151.0])
def test_an_exact_price_never_moves_and_distances_follow_the_fill(tmp_path: Path, filled_at: float) -> None:
    events = [price(0, 150.0), signal(1, "BUY"), price(2, filled_at)]
    run = replay(tmp_path, entering("long 100 stop at $140 target $6 away"), events)
    assert working(run, "stop") == [(100, 140.0)]
    assert working(run, "target") == [(100, filled_at + 6)]


def test_a_range_is_fixed_in_money_when_it_is_decided(tmp_path: Path) -> None:
    events = [bar(minute) for minute in range(5)]
    events += [{**signal(0, "BUY"), "time": "2026-01-05T15:05:30Z"}, bar(6), bar(7, close=158.0), bar(8, close=158.0)]
    run = replay(tmp_path, entering("long 100 stop 2 atr(3) target 20 atr(3)"), events)
    assert working(run, "stop") == [(100, 148.0)]
    assert working(run, "target") == [(100, 170.0)]


def test_a_multiple_of_r_is_of_the_distance_to_the_first_stop(tmp_path: Path) -> None:
    events = [price(0, 150.0), signal(1, "BUY"), price(2, 151.0)]
    run = replay(tmp_path, entering("long 100 stop $3 away target 2R"), events)
    assert working(run, "stop") == [(100, 148.0)]
    assert working(run, "target") == [(100, 157.0)]


def test_while_an_entry_fills_its_children_keep_the_full_size_and_are_set_exactly_at_its_end(tmp_path: Path) -> None:
    rules = entering("long 100 stop 3% target 8%")
    part = [TICKS[0], fault(0.5, "partial_next", quantity=40, order="main"), *TICKS[1:]]
    run = replay(tmp_path, rules, [*part, price(3, 150.0)])
    assert [line["filled"] for line in run.of("order", role="main")] == [0, 40, 100]
    assert {line["quantity"] for line in run.of("order", role="stop")} == {100}


def test_the_first_share_that_a_stop_closes_cancels_what_has_not_filled(tmp_path: Path) -> None:
    rules = entering("long 100 at limit $150 stop 3% target 8%")
    cut_short = 0
    for seed in range(6):
        events = [*TICKS, price(3, 145.0), price(4, 145.0), price(5, 145.0), price(6, 145.0), price(7, 145.0)]
        run = replay(tmp_path, rules, events, "--partial-fills", str(seed))
        main = run.last_order(role="main")
        bought = sum(line["quantity"] for line in run.of("fill", side="BUY"))
        if run.of("fill", side="SELL"):
            assert bought == main["filled"] == sum(line["quantity"] for line in run.of("fill", side="SELL"))
            assert run.one("position", event="closed")["reason"] == "stop"
            assert run.working() == []
            cut_short += main["status"] == "cancelled"
    assert cut_short > 0


def test_while_it_fills_stops_and_targets_move_at_most_once_a_second(tmp_path: Path) -> None:
    rules = entering("long 100 stop 3%")
    events: Events = [price(0, 150.0), signal(1, "BUY")]
    events += [price(2 + part / 10, 150.0 + part / 10) for part in range(1, 30)]
    run = replay(tmp_path, rules, events, "--partial-fills", "3")
    fills = run.of("fill", side="BUY")
    moves = [line["time"] for line in run.of("order", role="stop", status="modified")]
    assert len(fills) > 3
    assert len(set(moves)) <= 1 + 1 + int(len(fills) / 2)
    last = sum(line["price"] * line["quantity"] for line in fills) / 100
    assert working(run, "stop")[0][1] == pytest.approx(last * 0.97, abs=0.011)


def test_day_orders_end_at_the_close_and_protection_does_not(tmp_path: Path) -> None:
    evening = {**signal(0, "BUY"), "time": "2026-01-05T20:00:00Z"}
    morning = {**price(0, 151.0), "time": "2026-01-06T15:00:00Z"}
    rules = entering("long 100 stop 3% target 8%") + "on signal LATE -> enter long 10 of MSFT at limit $390 stop 3%\n"
    events = [*TICKS, price(3, 400.0, "MSFT"), signal(4, "LATE"), evening, morning]
    run = replay(tmp_path, rules, events)
    assert run.last_order(symbol="MSFT", role="main")["status"] == "expired"
    assert {line["symbol"] for line in run.working()} == {"AAPL"}
    assert len(run.working()) == 2
