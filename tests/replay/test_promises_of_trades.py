"""What is promised of open trades: adding, trailing, closing, reversing, and what the broker does wrong."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rulec.tests.support.replaying import Replayed, fault, price, replay, signal

from .test_promises_of_entries import working

Events = list[dict[str, Any]]
TICKS = [price(0, 150.0), signal(1, "BUY"), price(2, 150.0)]
LONG = "on signal BUY -> enter long 100 stop 3% target 8%\n"
OUT = "on signal OUT -> exit\n"


def day(time: str, event: dict[str, Any]) -> dict[str, Any]:
    """The event at another time."""
    return {**event, "time": time}


def broker(seconds: float, event: str) -> dict[str, Any]:
    """The connection to the broker comes or goes."""
    return {"type": "broker", "time": price(seconds, 1.0)["time"], "event": event}


def net(run: Replayed, symbol: str = "AAPL") -> int:
    """Shares bought less shares sold."""
    fills = run.of("fill", symbol=symbol)
    return sum(line["quantity"] if line["side"] == "BUY" else -line["quantity"] for line in fills)


# ---- adding --------------------------------------------------------------------------------------------------------


def test_arming_is_once_for_a_trade_a_rule_and_an_action(tmp_path: Path) -> None:
    rules = LONG + "on signal MORE -> scale in 50 at profit 2%\n"
    events = [*TICKS, signal(3, "MORE"), signal(4, "MORE"), price(5, 153.0), price(6, 153.0), price(7, 153.5)]
    run = replay(tmp_path, rules, events)
    assert [line["outcome"] for line in run.of("decision")] == ["acted", "armed", "ignored", "acted"]
    assert net(run) == 150


def test_a_scale_in_with_at_most_adds_so_often(tmp_path: Path) -> None:
    rules = "on signal BUY -> enter long 100 stop 3% -> scale in 10 at profit 2% at most 2\n"
    run = replay(tmp_path, rules, [*TICKS, *(price(second, 156.0) for second in range(3, 12))])
    assert net(run) == 120


def test_what_is_armed_dies_with_its_trade(tmp_path: Path) -> None:
    rules = LONG + OUT + "on signal MORE -> scale in 50 at profit 2%\n"
    events = [*TICKS, signal(3, "MORE"), signal(4, "OUT"), price(5, 150.0), price(6, 160.0), price(7, 160.0)]
    run = replay(tmp_path, rules, events)
    assert net(run) == 0 and run.of("order", role="scale") == []


def test_an_added_slice_is_born_with_the_trades_present_stop_and_target(tmp_path: Path) -> None:
    rules = "on signal BUY -> enter long 100 stop 3% target 8% -> scale in 50 at profit 2%\n"
    run = replay(tmp_path, rules, [*TICKS, price(3, 153.0)])
    added = [line for line in run.of("order") if line["time"].endswith("15:00:03Z")]
    prices = {line["role"]: line["stop_price"] or line["limit_price"] for line in added}
    assert prices == {"scale": None, "stop": 145.5, "target": 162.0}


def test_an_addition_never_loosens_the_stop_and_never_revives_a_filled_target(tmp_path: Path) -> None:
    rules = (
        "on signal BUY -> enter long 100 stop 3% target 2% for 50% target 8% for 50% breakeven after 2%\n"
        "on signal MORE -> scale in 50\n"
    )
    run = replay(tmp_path, rules, [*TICKS, price(3, 153.0), signal(4, "MORE"), price(5, 151.0), price(6, 151.0)])
    assert working(run, "stop") == [(50, 150.0), (50, 150.0)]
    assert working(run, "target") == [(50, 162.54), (50, 162.54)]


def test_a_double_down_at_or_beyond_the_stop_is_not_placed(tmp_path: Path) -> None:
    rules = "on signal BUY -> enter long 100 stop 3% -> double down 50 at loss 3%\n"
    run = replay(tmp_path, rules, TICKS)
    assert [(line["outcome"], line["reason"]) for line in run.of("decision")][1:] == [
        ("refused", "at or beyond the stop")
    ]
    assert run.of("order", role="doubledown") == []


def test_a_double_down_is_cancelled_when_the_stop_comes_up_to_it(tmp_path: Path) -> None:
    rules = "on signal BUY -> enter long 100 stop 3% breakeven after 2% -> double down 50 at loss 1%\n"
    run = replay(tmp_path, rules, [*TICKS, price(3, 153.0), price(4, 152.0)])
    assert run.last_order(role="doubledown")["status"] == "cancelled"
    assert working(run, "stop") == [(100, 150.0)]


def test_a_double_down_ends_with_the_day_and_is_placed_again_at_the_next_open(tmp_path: Path) -> None:
    rules = "on signal BUY -> enter long 100 stop 3% -> double down 50 at loss 1%\n"
    run = replay(tmp_path, rules, [*TICKS, day("2026-01-06T15:00:00Z", price(0, 150.0))])
    history = [(line["status"], line["time"]) for line in run.of("order", role="doubledown")]
    assert history[:3] == [
        ("submitted", "2026-01-05T15:00:02Z"),
        ("expired", "2026-01-05T21:00:00Z"),
        ("submitted", "2026-01-06T14:30:00Z"),
    ]


# ---- one stop a share ----------------------------------------------------------------------------------------------


def test_what_is_due_on_one_event_is_one_modification_and_the_tightest_wins(tmp_path: Path) -> None:
    rules = "on signal BUY -> enter long 100 stop 3% trail 1% after 2% breakeven after 2%\n"
    run = replay(tmp_path, rules, [*TICKS, price(3, 153.0)])
    moved = run.of("order", role="stop", status="modified")
    assert [line["stop_price"] for line in moved] == [151.47]


def test_a_trail_never_goes_back(tmp_path: Path) -> None:
    rules = "on signal BUY -> enter long 100 stop 3% trail 2% after 1%\n"
    path = [152.0, 153.0, 151.0, 152.5, 155.0, 153.0]
    run = replay(tmp_path, rules, [*TICKS, *(price(3 + step, value) for step, value in enumerate(path))])
    stops = [line["stop_price"] for line in run.of("order", role="stop")]
    assert stops == sorted(stops) and stops[-1] == 151.9


def test_a_shorts_trail_mirrors_a_longs(tmp_path: Path) -> None:
    rules = "on signal BUY -> enter short 100 stop 3% trail 2% after 1%\n"
    run = replay(tmp_path, rules, [*TICKS, price(3, 145.0), price(4, 146.0)])
    assert working(run, "stop") == [(100, 147.9)]


def test_one_modification_is_in_flight_and_a_later_wish_replaces_the_one_that_waits(tmp_path: Path) -> None:
    rules = "on signal BUY -> enter long 100 stop 3% trail 2% after 1%\n"
    path = [price(10 + step / 5, 150.0 + step / 4) for step in range(40)]
    run = replay(tmp_path, rules, [*TICKS, price(4, 150.0), *path, price(30, 159.0)], "--latency", "1s")
    moved = [(line["time"], line["stop_price"]) for line in run.of("order", role="stop", status="modified")]
    times = [datetime.fromisoformat(time) for time, _ in moved]
    assert len(moved) > 3
    assert all(later - earlier >= timedelta(seconds=1) for earlier, later in itertools.pairwise(times))
    assert moved[-1][1] == 156.56


def test_a_stop_that_breakeven_moved_is_still_a_stop(tmp_path: Path) -> None:
    rules = "on signal BUY -> enter long 100 stop 3% breakeven after 2%\n"
    run = replay(tmp_path, rules, [*TICKS, price(3, 153.0), price(4, 149.0)])
    assert run.one("position", event="closed")["reason"] == "stop"


# ---- closing -------------------------------------------------------------------------------------------------------


def test_a_full_exit_cancels_targets_then_stops_and_only_then_closes(tmp_path: Path) -> None:
    run = replay(tmp_path, LONG + OUT, [*TICKS, signal(3, "OUT"), price(4, 150.0)])
    ends = [(line["role"], line["status"]) for line in run.of("order") if line["time"] >= "2026-01-05T15:00:03"]
    assert ends[:3] == [("target", "cancelled"), ("stop", "cancelled"), ("exit", "submitted")]


@pytest.mark.parametrize("second", ["OUT", "BUY"])
def test_while_it_closes_further_exits_and_entries_are_ignored(tmp_path: Path, second: str) -> None:
    run = replay(tmp_path, LONG + OUT, [*TICKS, signal(3, "OUT"), signal(3.5, second), price(4, 150.0)])
    decision = run.of("decision")[2]
    assert (decision["outcome"], decision["reason"]) == ("ignored", "in flight")
    assert len(run.of("order", role="exit", status="submitted")) == 1


def test_a_close_that_the_broker_rejects_gives_the_stop_back(tmp_path: Path) -> None:
    events = [*TICKS, fault(2.5, "reject_next", order="exit", reason="busy"), signal(3, "OUT"), price(4, 150.0)]
    run = replay(tmp_path, LONG + OUT, events)
    assert run.of("position", event="closed") == []
    assert working(run, "stop") == [(100, 145.5)]
    assert "failed" in run.outcomes


def test_a_close_that_is_not_accepted_in_two_seconds_is_withdrawn_and_the_stop_restored(tmp_path: Path) -> None:
    events = [*TICKS, price(8, 150.0), signal(20, "OUT"), *(price(second, 150.0) for second in (22, 24, 26.5))]
    run = replay(tmp_path, LONG + OUT, [*events, price(60, 150.0)], "--latency", "3s")
    assert run.last_order(role="exit")["status"] == "cancelled"
    assert any("was not accepted: its stop is restored" in line["text"] for line in run.of("notice"))
    assert net(run) == 100
    assert working(run, "stop") == [(100, 145.5)] and working(run, "target") == [(100, 162.0)]


def test_outside_the_session_protection_stays_and_the_exit_waits_for_the_open(tmp_path: Path) -> None:
    events = [
        *TICKS,
        day("2026-01-05T22:00:00Z", signal(0, "OUT")),
        day("2026-01-06T14:29:00Z", price(0, 149.0)),
        day("2026-01-06T14:30:00Z", price(0, 149.0)),
        day("2026-01-06T14:30:01Z", price(0, 149.0)),
    ]
    run = replay(tmp_path, LONG + OUT, events)
    overnight = [line for line in run.of("order") if "2026-01-05T22" <= line["time"] < "2026-01-06T14:30"]
    assert overnight == []
    assert run.of("order", role="exit")[0]["time"].startswith("2026-01-06T14:30:00")
    assert run.one("position", event="closed")["reason"] == "exit"


def test_while_the_broker_is_away_protection_stays_and_the_exit_waits(tmp_path: Path) -> None:
    events = [*TICKS, broker(3, "disconnected"), signal(4, "OUT"), price(5, 150.0), broker(6, "connected")]
    run = replay(tmp_path, LONG + OUT, [*events, price(7, 150.0), price(8, 150.0), price(60, 150.0)])
    away = [line for line in run.of("order") if "15:00:04" <= line["time"][11:] < "15:00:06"]
    assert away == []
    assert net(run) == 0 and run.working() == []


def test_a_partial_exit_takes_from_the_farthest_target_inward_and_at_least_a_share(tmp_path: Path) -> None:
    rules = (
        "on signal BUY -> enter long 100 stop 3% target 4% for 40% target 8% for 40%\n"
        "on signal OUT -> exit 30%\non signal BIT -> exit 0.5%\n"
    )
    run = replay(tmp_path, rules, [*TICKS, signal(3, "OUT"), price(4, 150.0)])
    assert sorted(working(run, "target")) == [(30, 162.0), (40, 156.0)]
    assert sum(quantity for quantity, _ in working(run, "stop")) == 70
    run = replay(tmp_path, rules, [*TICKS, signal(3, "BIT"), price(4, 150.0)])
    assert net(run) == 99


def test_exit_everything_closes_every_trade(tmp_path: Path) -> None:
    rules = LONG + 'on signal PANIC -> exit everything because "panic"\n'
    events = [price(0, 150.0), price(0, 400.0, "MSFT"), signal(1, "BUY"), signal(1, "BUY", "MSFT")]
    events += [price(2, 150.0), price(2, 400.0, "MSFT"), signal(3, "PANIC", "SPY")]
    run = replay(tmp_path, rules, [*events, price(4, 150.0), price(4, 400.0, "MSFT")])
    closed = run.of("position", event="closed")
    assert {(line["symbol"], line["detail"]) for line in closed} == {("AAPL", "panic"), ("MSFT", "panic")}


# ---- reversing -----------------------------------------------------------------------------------------------------

SHORT = "on signal SHORT -> enter short 100 stop 3% target 8%\n"


def test_a_reversal_that_the_gate_refuses_leaves_the_trade_as_it_was(tmp_path: Path) -> None:
    rules = "limits { no shorting }\n" + LONG + SHORT
    run = replay(tmp_path, rules, [*TICKS, signal(3, "SHORT"), price(4, 150.0)])
    assert run.outcomes == ["acted", "refused"]
    assert working(run, "stop") == [(100, 145.5)] and working(run, "target") == [(100, 162.0)]


def test_the_second_half_is_sized_priced_and_judged_afresh_once_flat(tmp_path: Path) -> None:
    rules = LONG + "on signal SHORT -> enter short $30_000 stop 3%\n"
    slowly = fault(2.5, "partial_next", order="exit", quantity=50)
    closing = [signal(3, "SHORT"), price(4, 160.0), price(5, 160.0), price(6, 160.0)]
    run = replay(tmp_path, rules, [*TICKS, slowly, *closing])
    second = run.of("position", event="opened")[1]
    assert (second["side"], second["quantity"]) == ("SELL", 187)
    assert working(run, "stop") == [(187, 164.8)]


def test_a_second_half_that_cannot_begin_in_time_is_dropped(tmp_path: Path) -> None:
    late = [price(second, 150.0) for second in (40, 41, 42)]
    run = replay(tmp_path, LONG + SHORT, [*TICKS, signal(3, "SHORT"), *late])
    dropped = run.of("decision")[-1]
    assert (dropped["outcome"], dropped["reason"]) == ("refused", "not flat in time")
    assert net(run) == 0
    assert run.one("position", event="closed")["reason"] == "reverse"


# ---- what the broker does wrong ------------------------------------------------------------------------------------


def test_a_stop_that_cannot_be_placed_is_tried_each_second_and_after_ten_the_shares_are_sold(tmp_path: Path) -> None:
    refusing = [fault(2.5, "reject_next", order="exit"), *(fault(2.5, "reject_next", order="stop") for _ in range(30))]
    ticks = [price(second, 150.0) for second in range(4, 30)]
    run = replay(tmp_path, LONG + OUT, [*TICKS, *refusing, signal(3, "OUT"), *ticks])
    tried = [line["time"][17:19] for line in run.of("order", role="stop", status="rejected")]
    assert tried == ["03", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"]
    closed = run.one("position", event="closed")
    assert (closed["time"][17:19], closed["detail"]) == ("14", "no stop could be placed")
    said = [line["text"] for line in run.of("notice")]
    assert "100 shares of AAPL are without a confirmed stop" in said
    assert "100 shares of AAPL had no stop for too long: closing at market" in said


def test_how_long_shares_may_be_naked_can_be_set(tmp_path: Path) -> None:
    config = tmp_path / "soon.toml"
    config.write_text('[policy]\nnaked_for = "3s"\n')
    refusing = [fault(2.5, "reject_next", order="exit"), *(fault(2.5, "reject_next", order="stop") for _ in range(30))]
    events = [*TICKS, *refusing, signal(3, "OUT"), *(price(second, 150.0) for second in range(4, 30))]
    run = replay(tmp_path, LONG + OUT, events, "--config", str(config))
    assert run.one("position", event="closed")["time"][17:19] == "07"


def test_a_fill_that_crossed_the_cancel_of_a_target_shrinks_the_close(tmp_path: Path) -> None:
    events = [*TICKS, fault(3, "late_fill", order="target", quantity=60), signal(4, "OUT")]
    run = replay(tmp_path, LONG + OUT, [*events, *(price(second, 150.0) for second in range(5, 12))])
    assert net(run) == 0 and run.working() == []
    assert [line["quantity"] for line in run.of("fill", side="SELL")] == [60, 40]


def test_a_fill_after_the_conclusion_is_flattened_once_the_brokers_position_confirms_it(tmp_path: Path) -> None:
    events = [*TICKS, fault(3, "late_fill", order="target", quantity=100), signal(4, "OUT"), signal(4.5, "NOTHING")]
    ticks = [price(second, 150.0) for second in range(5, 12)]
    run = replay(tmp_path, LONG + OUT, [*events, *ticks], "--fill", "standing")
    assert [(line["side"], line["quantity"]) for line in run.of("fill")] == [
        ("BUY", 100),
        ("SELL", 100),
        ("SELL", 100),
        ("BUY", 100),
    ]
    assert any("filled after their trade had concluded" in line["text"] for line in run.of("notice"))
    assert run.working() == []


def test_a_refused_close_is_told_under_the_rule_that_wanted_it(tmp_path: Path) -> None:
    rules = "rule in_ " + LONG + "rule out " + OUT
    events = [*TICKS, fault(2.5, "reject_next", order="exit", reason="busy"), signal(3, "OUT"), price(4, 150.0)]
    failed = replay(tmp_path, rules, events).one("decision", outcome="failed")
    assert (failed["rule"], failed["actions"][0]["action"]) == ("out", "exit")


def test_a_refused_addition_is_told_under_the_rule_that_wanted_it(tmp_path: Path) -> None:
    rules = (
        "rule in_ "
        + LONG
        + "rule more on signal MORE -> scale in 50\nrule down on signal DOWN -> double down 50 at loss 1%\n"
    )
    events = [*TICKS, fault(2.5, "reject_next", order="scale"), fault(2.5, "reject_next", order="doubledown")]
    run = replay(tmp_path, rules, [*events, signal(3, "MORE"), signal(4, "DOWN"), price(5, 150.0)])
    failed = run.of("decision", outcome="failed")
    assert [(line["rule"], line["actions"][0]["action"]) for line in failed] == [
        ("more", "scale_in"),
        ("down", "double_down"),
    ]


def bar(minute: int, value: float, day: int = 5, **more: Any) -> dict[str, Any]:
    """A one-minute bar of AAPL that stands still, so many minutes after 10:00."""
    hour, rest = divmod(minute, 60)
    prices = dict.fromkeys(("open", "high", "low", "close"), value)
    time = f"2026-01-{day:02d}T{15 + hour:02d}:{rest:02d}:00Z"
    return {"type": "bar", "time": time, "symbol": "AAPL", "volume": 100, "timeframe": "1m", **prices, **more}


def test_on_bars_a_reversal_waits_for_the_bar_that_can_close_the_first_half(tmp_path: Path) -> None:
    events = [bar(0, 150), signal(60, "BUY"), bar(1, 150), signal(130, "SHORT"), bar(2, 150), bar(3, 151), bar(4, 151)]
    run = replay(tmp_path, LONG + SHORT, sorted(events, key=lambda event: str(event["time"])))
    assert [line["side"] for line in run.of("position", event="opened")] == ["BUY", "SELL"]


def test_on_bars_the_second_half_of_a_reversal_ends_with_the_session(tmp_path: Path) -> None:
    last = 359  # 15:59, and no bar of the day begins after the signal
    events = [bar(0, 150), signal(60, "BUY"), bar(1, 150), bar(last, 150), signal(last * 60 + 30, "SHORT")]
    morning = [bar(-30, 150, day=6), bar(-29, 150, day=6)]
    run = replay(tmp_path, LONG + SHORT, [*events, *morning])
    assert [line["side"] for line in run.of("position", event="opened")] == ["BUY"]
    assert run.one("position", event="closed")["reason"] == "reverse"
    assert run.of("decision")[-1]["reason"] == "not flat in time"
