"""The card's one-liner and its neighbours, replayed on AAPL at $150 through `rulec replay`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rulec.tests.support.replaying import Replayed, fault, price, replay, signal

LONG = "on signal BUY where confidence>0.8 -> enter long 100 stop 3% target 8%\n"
SHORT = "on signal SHORT where confidence>0.8 -> enter short 100 stop 3% target 8%\n"

Events = list[dict[str, Any]]


def entered(kind: str = "BUY") -> Events:
    """A quote, a signal, and the tick at which the entry fills: AAPL at 150."""
    return [price(0, 150.0), signal(1, kind), price(2, 150.0)]


def protection(run: Replayed) -> tuple[list[float], list[float]]:
    """The stop and target prices that work at the end, a price for each share's order."""
    stops = sorted(line["stop_price"] for line in run.working() if line["role"] == "stop")
    targets = sorted(line["limit_price"] for line in run.working() if line["role"] == "target")
    return stops, targets


def test_a_strong_signal_enters_a_hundred_shares_protected_at_145_50_and_162(tmp_path: Path) -> None:
    run = replay(tmp_path, LONG, entered())
    assert run.outcomes == ["acted"]
    assert run.one("position", event="opened")["entry_price"] == 150.0
    stop = run.last_order(role="stop")
    assert (stop["side"], stop["quantity"], stop["order_type"], stop["stop_price"]) == ("SELL", 100, "STOP", 145.5)
    target = run.last_order(role="target")
    assert (target["side"], target["quantity"], target["limit_price"]) == ("SELL", 100, 162.0)


def test_a_weak_signal_does_nothing(tmp_path: Path) -> None:
    run = replay(tmp_path, LONG, [price(0, 150.0), signal(1, "BUY", confidence=0.8), price(2, 150.0)])
    assert run.outcomes == [] and run.of("order") == []


@pytest.mark.parametrize(
    ("rules", "kind", "last", "reason", "pnl"),
    [
        (LONG, "BUY", 145.5, "stop", -450.0),
        (LONG, "BUY", 144.0, "stop", -600.0),
        (LONG, "BUY", 162.0, "target", 1200.0),
        (LONG, "BUY", 163.0, "target", 1300.0),
        (SHORT, "SHORT", 154.5, "stop", -450.0),
        (SHORT, "SHORT", 156.0, "stop", -600.0),
        (SHORT, "SHORT", 138.0, "target", 1200.0),
        (SHORT, "SHORT", 137.0, "target", 1300.0),
    ],
)
def test_whichever_is_hit_concludes_the_trade_and_nothing_of_it_works(
    tmp_path: Path, rules: str, kind: str, last: float, reason: str, pnl: float
) -> None:
    run = replay(tmp_path, rules, [*entered(kind), price(3, last)])
    closed = run.one("position", event="closed")
    assert (closed["reason"], closed["pnl"], closed["quantity"]) == (reason, pnl, 0)
    assert run.working() == []
    assert run.summary["equity"] == 100_000.0 + pnl


@pytest.mark.parametrize("last", [145.51, 150.0, 161.99])
def test_between_stop_and_target_the_trade_goes_on(tmp_path: Path, last: float) -> None:
    run = replay(tmp_path, LONG, [*entered(), price(3, last)])
    assert run.of("position", event="closed") == []
    assert protection(run) == ([145.5], [162.0])


def test_a_short_is_the_mirror_of_a_long(tmp_path: Path) -> None:
    run = replay(tmp_path, SHORT, entered("SHORT"))
    opened = run.one("position", event="opened")
    assert (opened["side"], opened["quantity"]) == ("SELL", 100)
    assert protection(run) == ([154.5], [138.0])
    assert run.last_order(role="stop")["side"] == "BUY"


def test_stop_and_target_follow_the_fill_either_way(tmp_path: Path) -> None:
    run = replay(tmp_path, LONG, [price(0, 150.0), signal(1, "BUY"), price(2, 148.0)])
    assert protection(run) == ([143.56], [159.84])
    run = replay(tmp_path, LONG, [price(0, 150.0), signal(1, "BUY"), price(2, 151.0)])
    assert protection(run) == ([146.47], [163.08])


def test_the_same_side_is_ignored(tmp_path: Path) -> None:
    run = replay(tmp_path, LONG, [*entered(), signal(3, "BUY"), price(4, 150.0)])
    assert run.outcomes == ["acted", "ignored"]
    assert run.of("decision")[1]["reason"] == "already that side"
    assert len(run.of("fill")) == 1


def test_the_opposite_side_reverses_and_is_protected_afresh(tmp_path: Path) -> None:
    run = replay(tmp_path, LONG + SHORT, [*entered(), signal(3, "SHORT"), price(4, 151.0), price(5, 151.0)])
    assert run.outcomes == ["acted", "reversed"]
    closed = run.one("position", event="closed")
    assert (closed["side"], closed["reason"], closed["pnl"]) == ("BUY", "reverse", 100.0)
    opened = run.of("position", event="opened")[1]
    assert (opened["side"], opened["quantity"], opened["entry_price"]) == ("SELL", 100, 151.0)
    assert protection(run) == ([155.53], [138.92])


def test_the_first_half_of_a_reversal_is_flat_before_the_second_is_sent(tmp_path: Path) -> None:
    run = replay(tmp_path, LONG + SHORT, [*entered(), signal(3, "SHORT"), price(4, 151.0), price(5, 151.0)])
    kinds = [
        (line["type"], line.get("role") or line.get("event"), line.get("status"))
        for line in run.lines
        if line["type"] in ("order", "position")
    ]
    cancelled_stop = kinds.index(("order", "stop", "cancelled"))
    exit_sent = kinds.index(("order", "exit", "submitted"))
    closed = kinds.index(("position", "closed", None))
    second = kinds.index(("order", "main", "submitted"), closed)
    assert cancelled_stop < exit_sent < closed < second


def test_two_targets_are_two_slices_and_each_has_its_own_stop(tmp_path: Path) -> None:
    rules = "on signal BUY -> enter long 100 stop 3% target 4% for 50% target 8% for 50%\n"
    run = replay(tmp_path, rules, entered())
    assert [line["quantity"] for line in run.of("order", role="main", status="filled")] == [50, 50]
    assert protection(run) == ([145.5, 145.5], [156.0, 162.0])


def test_after_the_first_of_two_targets_the_stop_covers_what_is_left(tmp_path: Path) -> None:
    rules = "on signal BUY -> enter long 100 stop 3% target 4% for 50% target 8% for 50%\n"
    run = replay(tmp_path, rules, [*entered(), price(3, 156.0)])
    assert [(line["role"], line["quantity"]) for line in run.working()] == [("stop", 50), ("target", 50)]
    run = replay(tmp_path, rules, [*entered(), price(3, 156.0), price(4, 145.0)])
    assert run.one("position", event="closed")["pnl"] == 50 * 6 - 50 * 5
    assert run.working() == []


def test_a_half_target_leaves_the_other_half_protected(tmp_path: Path) -> None:
    rules = "on signal BUY -> enter long 101 stop 3% target 8% for 50%\n"
    run = replay(tmp_path, rules, [*entered(), price(3, 162.0)])
    assert run.of("position")[-1]["quantity"] == 51
    assert [(line["role"], line["quantity"]) for line in run.working()] == [("stop", 51)]


def test_a_scale_in_waits_for_its_profit_and_moves_stop_and_target_with_the_average(tmp_path: Path) -> None:
    rules = "on signal BUY -> enter long 100 stop 3% target 8% -> scale in 50 at profit 2%\n"
    run = replay(tmp_path, rules, [*entered(), price(3, 152.99), price(4, 153.0), price(5, 153.0)])
    decision, triggered = run.of("decision")
    assert [done["outcome"] for done in decision["actions"]] == ["acted", "armed"]
    assert (triggered["outcome"], triggered["actions"][0]["action"]) == ("acted", "scale_in")
    position = run.of("position")[-1]
    assert (position["quantity"], position["entry_price"]) == (150, 151.0)
    stops = [(line["quantity"], line["stop_price"]) for line in run.working() if line["role"] == "stop"]
    assert stops == [(100, 146.47), (50, 146.47)]
    assert protection(run)[1] == [163.08, 163.08]


def test_a_double_down_rests_half_way_to_the_stop_and_does_not_loosen_it(tmp_path: Path) -> None:
    rules = "on signal BUY -> enter long 100 stop 4% target 8% -> double down 100% at 50% to stop\n"
    run = replay(tmp_path, rules, entered())
    resting = run.last_order(role="doubledown")
    assert (resting["order_type"], resting["limit_price"], resting["quantity"]) == ("LIMIT", 147.0, 100)
    run = replay(tmp_path, rules, [*entered(), price(3, 147.0)])
    position = run.of("position")[-1]
    assert (position["quantity"], position["entry_price"]) == (200, 148.5)
    stops, targets = protection(run)
    assert stops == [144.0, 144.0] and targets == [160.38, 160.38]


def test_a_double_down_dies_with_its_trade(tmp_path: Path) -> None:
    rules = "on signal BUY -> enter long 100 stop 4% target 8% -> double down 100 at loss 2%\n"
    run = replay(tmp_path, rules, [*entered(), price(3, 162.0)])
    assert run.last_order(role="doubledown")["status"] == "cancelled"
    assert run.working() == []


def test_an_entry_partly_filled_at_the_close_keeps_what_it_got_with_a_stop_of_that_size(tmp_path: Path) -> None:
    events = [
        {"type": "price", "time": "2026-01-05T20:59:50Z", "symbol": "AAPL", "price": 150.0},
        {"type": "fault", "time": "2026-01-05T20:59:51Z", "event": "partial_next", "quantity": 40},
        {"type": "signal", "time": "2026-01-05T20:59:52Z", "symbol": "AAPL", "signal": "BUY", "confidence": 0.9},
        {"type": "price", "time": "2026-01-05T20:59:58Z", "symbol": "AAPL", "price": 150.0},
    ]
    run = replay(tmp_path, LONG, events)
    main = run.last_order(role="main")
    assert (main["status"], main["filled"]) == ("expired", 40)
    assert {(line["role"], line["quantity"]) for line in run.working()} == {("stop", 40), ("target", 40)}


def test_a_stop_rejected_before_the_fill_withdraws_the_entry(tmp_path: Path) -> None:
    events = [price(0, 150.0), fault(0.5, "reject_next", order="stop", reason="price band"), *entered()[1:]]
    run = replay(tmp_path, LONG, events)
    assert run.last_order(role="main")["status"] == "cancelled"
    assert run.of("fill") == [] and run.working() == []


def test_a_rejected_entry_leaves_nothing_behind_and_is_a_failed_decision(tmp_path: Path) -> None:
    events = [price(0, 150.0), fault(0.5, "reject_next", reason="margin"), signal(1, "BUY"), price(2, 150.0)]
    run = replay(tmp_path, LONG, events)
    assert run.outcomes == ["acted", "failed"]
    assert "margin" in run.of("decision")[1]["reason"]
    assert run.working() == [] and run.of("fill") == []
    # the context is gone: the next signal enters
    run = replay(tmp_path, LONG, [*events, signal(3, "BUY"), price(4, 150.0)])
    assert run.outcomes == ["acted", "failed", "acted"]


def test_a_fill_after_a_cancel_is_flattened(tmp_path: Path) -> None:
    rules = LONG + "on signal OUT -> exit\n"
    events = [*entered(), fault(3, "late_fill", order="target", quantity=100), signal(4, "OUT")]
    run = replay(tmp_path, rules, [*events, price(5, 150.0), price(6, 150.0), price(7, 150.0)])
    bought = sum(line["quantity"] for line in run.of("fill", side="BUY"))
    sold = sum(line["quantity"] for line in run.of("fill", side="SELL"))
    assert bought == sold, run.text
    assert run.working() == []


def test_after_the_conclusion_the_context_is_gone_and_the_next_signal_enters(tmp_path: Path) -> None:
    run = replay(tmp_path, LONG, [*entered(), price(3, 162.0), signal(4, "BUY"), price(5, 160.0)])
    assert run.outcomes == ["acted", "acted"]
    assert protection(run) == ([155.2], [172.8])


def test_an_exit_closes_at_market_and_says_why(tmp_path: Path) -> None:
    rules = LONG + 'on signal OUT -> exit because "enough of {symbol}"\n'
    run = replay(tmp_path, rules, [*entered(), signal(3, "OUT"), price(4, 151.0)])
    closed = run.one("position", event="closed")
    assert (closed["reason"], closed["detail"], closed["pnl"]) == ("exit", "enough of AAPL", 100.0)


def test_half_an_exit_first_shrinks_the_protection_then_sells(tmp_path: Path) -> None:
    rules = LONG + "on signal OUT -> exit 50%\n"
    run = replay(tmp_path, rules, [*entered(), signal(3, "OUT"), price(4, 151.0)])
    assert run.of("position")[-1]["quantity"] == 50
    assert {(line["role"], line["quantity"]) for line in run.working()} == {("stop", 50), ("target", 50)}
    statuses = [(line["role"], line["status"]) for line in run.of("order")]
    assert statuses.index(("stop", "modified")) < statuses.index(("exit", "submitted"))


def test_an_exit_at_a_limit_moves_the_target_inside_its_bracket(tmp_path: Path) -> None:
    rules = LONG + "on signal OUT -> exit at limit $155\n"
    run = replay(tmp_path, rules, [*entered(), signal(3, "OUT"), price(4, 151.0)])
    assert protection(run) == ([145.5], [155.0])
    run = replay(tmp_path, rules, [*entered(), signal(3, "OUT"), price(4, 155.0)])
    closed = run.one("position", event="closed")
    assert (closed["reason"], closed["pnl"]) == ("exit", 500.0)


def test_a_trail_alone_is_the_brokers_and_closes_by_trail(tmp_path: Path) -> None:
    rules = "on signal BUY -> enter long 100 trail 2%\n"
    run = replay(tmp_path, rules, [*entered(), price(3, 160.0), price(4, 157.0), price(5, 156.8)])
    stop = run.last_order(role="trail")
    assert stop["order_type"] == "TRAIL" and stop["stop_price"] == 156.8
    assert run.one("position", event="closed")["reason"] == "trail"


def test_a_trail_beside_a_stop_ratchets_the_one_stop(tmp_path: Path) -> None:
    rules = "on signal BUY -> enter long 100 stop 3% trail 2% after 4%\n"
    run = replay(tmp_path, rules, [*entered(), price(3, 155.0), price(4, 156.0)])
    stop = run.last_order(role="stop")
    assert (stop["order_type"], stop["stop_price"]) == ("STOP", 152.88)
    run = replay(tmp_path, rules, [*entered(), price(3, 156.0), price(4, 160.0), price(5, 156.0)])
    assert run.one("position", event="closed")["reason"] == "trail"


def test_breakeven_moves_the_stop_to_the_average_entry(tmp_path: Path) -> None:
    rules = "on signal BUY -> enter long 100 stop 3% breakeven after 2%\n"
    run = replay(tmp_path, rules, [*entered(), price(3, 153.0), price(4, 151.0)])
    assert run.last_order(role="stop")["stop_price"] == 150.0
    run = replay(tmp_path, rules, [*entered(), price(3, 153.0), price(4, 149.9)])
    closed = run.one("position", event="closed")
    assert (closed["reason"], closed["pnl"]) == ("stop", -10.0)


def test_exit_after_a_time_closes_by_time(tmp_path: Path) -> None:
    rules = "on signal BUY -> enter long 100 stop 3% exit after 5m\n"
    run = replay(tmp_path, rules, [*entered(), price(200, 150.0), price(310, 151.0)])
    assert run.one("position", event="closed")["reason"] == "time"


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ("enter long 100 stop at $151", "stop on the wrong side"),
        ("enter long 100 stop at $150", "stop on the wrong side"),
        ("enter short 100 stop at $149", "stop on the wrong side"),
        ("enter long 100 stop 3% target at $149", "target on the wrong side"),
        ("enter long $100 stop 3%", "size below one share"),
        ("enter long 2000 stop 3%", "buying power"),
        ("enter long 100 at limit $100 stop 3%", "price sanity"),
    ],
)
def test_an_impossible_entry_is_refused_with_its_reason(tmp_path: Path, action: str, reason: str) -> None:
    run = replay(tmp_path, f"on signal BUY -> {action}\n", entered())
    assert [(line["outcome"], line["reason"]) for line in run.of("decision")] == [("refused", reason)]
    assert run.of("order") == []


@pytest.mark.parametrize(
    ("size", "shares"),
    [("100", 100), ("$30_000", 200), ("2% of equity", 13), ("risk 1% of equity", 222), ("risk $500", 111)],
)
def test_sizes_come_to_whole_shares(tmp_path: Path, size: str, shares: int) -> None:
    run = replay(tmp_path, f"on signal BUY -> enter long {size} stop 3%\n", entered())
    assert run.one("position", event="opened")["quantity"] == shares


@pytest.mark.parametrize(
    ("distances", "stop", "target"),
    [
        ("stop 3% target 8%", 145.5, 162.0),
        ("stop $2.50 away target $5 away", 147.5, 155.0),
        ("stop at $140 target at $170", 140.0, 170.0),
        ("stop 2% target 2R", 147.0, 156.0),
    ],
)
def test_every_distance_is_measured_to_the_side_that_makes_sense(
    tmp_path: Path, distances: str, stop: float, target: float
) -> None:
    run = replay(tmp_path, f"on signal BUY -> enter long 100 {distances}\n", entered())
    assert protection(run) == ([stop], [target])


def test_an_entry_filled_at_the_standing_price_is_re_anchored_before_its_target_can_fill(tmp_path: Path) -> None:
    # the signal's price is far from the market's: its target would lie in the money
    events = [price(0, 343.0), signal(1, "BUY", price=150.0), price(2, 343.0)]
    run = replay(tmp_path, LONG, events, "--fill", "standing")
    assert run.one("position", event="opened")["entry_price"] == 343.0
    assert protection(run) == ([332.71], [370.44])


def test_the_second_half_of_a_reversal_is_sized_at_the_price_that_closed_the_first(tmp_path: Path) -> None:
    rules = LONG + "on signal SHORT -> enter short $30_000 stop 3%\n"
    run = replay(tmp_path, rules, [*entered(), signal(3, "SHORT"), price(4, 160.0), price(5, 160.0)])
    opened = run.of("position", event="opened")[1]
    assert (opened["side"], opened["quantity"]) == ("SELL", 187)


def test_a_double_down_is_placed_again_at_each_open_and_the_dead_ones_are_let_go(tmp_path: Path) -> None:
    rules = "on signal BUY -> enter long 100 stop 4% -> double down 100 at 50% to stop\n"
    later = [("06T15:00:00", 150.0), ("07T15:00:00", 150.0), ("07T15:00:01", 147.0)]
    prices = [{"type": "price", "time": f"2026-01-{time}Z", "symbol": "AAPL", "price": value} for time, value in later]
    run = replay(tmp_path, rules, [*entered(), *prices])
    downs = run.of("order", role="doubledown")
    assert [line["status"] for line in downs] == ["submitted", "expired", "submitted", "expired", "submitted", "filled"]
    assert [(line["role"], line["quantity"]) for line in run.working()] == [("stop", 100), ("stop", 100)]
