"""What is promised of the gate: every limit refuses what would exceed it and nothing else; exits always pass."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rulec.runtime.risk.reasons import Reason
from rulec.tests.support.replaying import Replayed, price, replay, signal

from .test_promises_of_entries import working
from .test_promises_of_trades import broker, day, net

Events = list[dict[str, Any]]
BUY = "on signal BUY -> enter long 100 stop 3%\n"
MORE = "on signal MORE -> scale in 100\n"
OUT = "on signal OUT -> exit\n"
PRICES = [price(0, 150.0), price(0, 400.0, "MSFT"), price(0, 100.0, "KO")]


def gated(folder: Path, limits: str, rules: str, *signals: tuple[str, str], options: tuple[str, ...] = ()) -> Replayed:
    """Replays signals (kind and symbol), a few seconds apart, each followed by a price of every symbol."""
    events: Events = list(PRICES)
    for number, (kind, symbol) in enumerate(signals):
        events.append(signal(1 + 3 * number, kind, symbol))
        events += [{**tick, "time": price(2 + 3 * number, 1.0)["time"]} for tick in PRICES]
    return replay(folder, f"limits {{ {limits} }}\n{rules}", events, *options)


def decided(run: Replayed) -> list[tuple[str, str | None]]:
    return [(line["outcome"], line["reason"]) for line in run.of("decision")]


ACTED = ("acted", None)
AAPL, MSFT, KO = (("BUY", symbol) for symbol in ("AAPL", "MSFT", "KO"))


@pytest.mark.parametrize(
    ("limits", "signals", "decisions"),
    [
        ("max order $15_000", (AAPL,), [ACTED]),
        ("max order $14_999", (AAPL,), [("refused", "max order")]),
        ("max position 15% of equity", (AAPL,), [ACTED]),
        ("max position 14.9% of equity", (AAPL,), [("refused", "max position")]),
        ("max position $29_999", (AAPL, ("MORE", "AAPL")), [ACTED, ("refused", "max position")]),
        ("max exposure $55_000", (AAPL, MSFT), [ACTED, ACTED]),
        ("max exposure $54_999", (AAPL, MSFT), [ACTED, ("refused", "max exposure")]),
        ("max positions 1", (AAPL, MSFT), [ACTED, ("refused", "max positions")]),
        ("max orders 1 per minute", (AAPL, KO), [ACTED, ("refused", "max orders")]),
        ("max orders 2 per day", (AAPL, KO, ("MORE", "AAPL")), [ACTED, ACTED, ("refused", "max orders")]),
        ("only symbols [KO, MSFT]", (AAPL, KO), [("refused", "only symbols"), ACTED]),
        ("no shorting", (("SHORT", "AAPL"), AAPL), [("refused", "no shorting"), ACTED]),
        ("max positions 9 max order $14_999 max order $20_000", (AAPL,), [("refused", "max order")]),
    ],
)
def test_a_limit_refuses_what_would_exceed_it_and_nothing_else(
    tmp_path: Path, limits: str, signals: tuple[tuple[str, str], ...], decisions: list[tuple[str, str | None]]
) -> None:
    run = gated(tmp_path, limits, BUY + MORE + "on signal SHORT -> enter short 100 stop 3%\n", *signals)
    assert decided(run) == decisions


def test_a_refused_order_is_not_shrunk_and_nothing_leaves(tmp_path: Path) -> None:
    run = gated(tmp_path, "max order $10_000", BUY, AAPL)
    assert run.of("order") == []


def test_a_sector_counts_together_and_an_unknown_one_refuses(tmp_path: Path) -> None:
    config = tmp_path / "sectors.toml"
    config.write_text('[sectors]\nAAPL = "technology"\nMSFT = "technology"\n')
    run = gated(tmp_path, "max sector $50_000", BUY, AAPL, MSFT, KO, options=("--config", str(config)))
    assert decided(run) == [ACTED, ("refused", "max sector"), ("refused", "sector unknown")]


def test_limits_of_rules_and_configuration_hold_together(tmp_path: Path) -> None:
    config = tmp_path / "tight.toml"
    config.write_text("[limits]\nmax_positions = 1\n")
    run = gated(tmp_path, "max positions 5", BUY, AAPL, MSFT, options=("--config", str(config)))
    assert decided(run) == [ACTED, ("refused", "max positions")]


def test_opening_orders_that_have_not_filled_count_as_filled(tmp_path: Path) -> None:
    rules = "on signal BUY -> enter long 100 at limit last - $1 stop 3%\n"
    run = gated(tmp_path, "max exposure $50_000", rules, AAPL, MSFT)
    assert decided(run) == [ACTED, ("refused", "max exposure")]


def test_stops_targets_and_exits_count_for_no_rate_and_always_pass(tmp_path: Path) -> None:
    rules = "on signal BUY -> enter long 100 stop 3% target 4% for 50%\n" + OUT
    run = gated(tmp_path, "max orders 2 per day max order $15_001", rules, AAPL, ("OUT", "AAPL"), AAPL)
    assert decided(run) == [ACTED, ACTED, ("refused", "max orders")]
    assert net(run) == 0


def test_buying_power_is_twice_the_equity_unless_set(tmp_path: Path) -> None:
    rules = "on signal BUY -> enter long $150_000 stop 3%\n"
    assert decided(gated(tmp_path, "max positions 9", rules, AAPL, KO)) == [ACTED, ("refused", "buying power")]
    config = tmp_path / "leverage.toml"
    config.write_text("[simulation]\nleverage = 4\n")
    run = gated(tmp_path, "max positions 9", rules, AAPL, KO, options=("--config", str(config)))
    assert decided(run) == [ACTED, ACTED]


@pytest.mark.parametrize(("limit", "fine"), [("$121", True), ("$119", False), ("$149", True)])
def test_a_stated_price_far_from_the_last_is_refused(tmp_path: Path, limit: str, fine: bool) -> None:
    run = gated(tmp_path, "max positions 9", f"on signal BUY -> enter long 100 at limit {limit} stop 3%\n", AAPL)
    assert decided(run) == [ACTED if fine else ("refused", "price sanity")]


@pytest.mark.parametrize(
    ("time", "decision"),
    [
        ("2026-01-05T14:29:59Z", ("refused", "outside regular hours")),
        ("2026-01-05T14:30:00Z", ACTED),
        ("2026-01-05T20:59:59Z", ACTED),
        ("2026-01-05T21:00:00Z", ("refused", "outside regular hours")),
        ("2026-01-03T15:00:00Z", ("refused", "outside regular hours")),
        ("2026-11-27T18:00:00Z", ("refused", "outside regular hours")),
    ],
)
def test_entries_outside_the_session_are_refused(tmp_path: Path, time: str, decision: tuple[str, str | None]) -> None:
    run = replay(tmp_path, BUY, [day(time, price(0, 150.0)), day(time, signal(0, "BUY"))])
    assert decided(run) == [decision]


def test_while_the_broker_is_away_nothing_is_opened(tmp_path: Path) -> None:
    run = replay(tmp_path, BUY, [price(0, 150.0), broker(1, "disconnected"), signal(2, "BUY"), broker(3, "connected")])
    assert decided(run) == [("refused", "broker disconnected")]


# ---- halts ---------------------------------------------------------------------------------------------------------


def test_a_halt_cancels_what_has_not_filled_refuses_entries_and_leaves_protection(tmp_path: Path) -> None:
    rules = "on signal WAIT -> enter long 10 at limit $390 stop 3%\n" + BUY + OUT + 'on signal STOP -> halt "enough"\n'
    run = gated(
        tmp_path,
        "max positions 9",
        rules,
        AAPL,
        ("WAIT", "MSFT"),
        ("STOP", "SPY"),
        KO,
    )
    assert decided(run)[2:] == [ACTED, ("refused", "halted")]
    assert run.of("decision")[2]["actions"][0]["text"] == "enough"
    assert run.last_order(symbol="MSFT", role="main")["status"] == "cancelled"
    assert working(run, "stop") == [(100, 145.5)]


def test_a_halt_stops_no_exit(tmp_path: Path) -> None:
    rules = BUY + OUT + "on signal STOP -> halt\n"
    run = gated(tmp_path, "max positions 9", rules, AAPL, ("STOP", "SPY"), ("OUT", "AAPL"))
    assert net(run) == 0


def test_a_daily_loss_stops_entries_until_the_next_session(tmp_path: Path) -> None:
    rules = "limits { max daily loss 0.4% of equity }\n" + BUY
    events: Events = [
        price(0, 150.0),
        signal(1, "BUY"),
        price(2, 150.0),
        price(3, 145.0),
        signal(4, "BUY", "KO", price=9.0),
    ]
    tomorrow = [day("2026-01-06T15:00:00Z", price(0, 10.0, "KO")), day("2026-01-06T15:00:01Z", signal(0, "BUY", "KO"))]
    run = replay(tmp_path, rules, [*events, *tomorrow])
    assert decided(run) == [ACTED, ("refused", "max daily loss"), ACTED]
    assert any("daily loss" in line["text"] for line in run.of("notice"))


def test_a_daily_loss_counts_what_is_still_open(tmp_path: Path) -> None:
    rules = "limits { max daily loss $200 }\n" + BUY
    run = replay(tmp_path, rules, [*PRICES, signal(1, "BUY"), price(2, 150.0), price(3, 148.0), signal(4, "BUY", "KO")])
    assert decided(run) == [ACTED, ("refused", "max daily loss")]
    assert net(run) == 100


# ---- reasons -------------------------------------------------------------------------------------------------------


def test_every_reason_has_a_text_of_its_own_and_a_meaning() -> None:
    texts = [reason.text for reason in Reason]
    assert len(set(texts)) == len(texts)
    assert all(reason.meaning for reason in Reason)
