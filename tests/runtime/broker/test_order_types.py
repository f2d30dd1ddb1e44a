"""The order types and times in force that no rule of rulec sends, but any other client of the exchange may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rulec.runtime.broker.exchange import ExchangeTerms, FillMode, Rejected

MINUTE = 60_000_000
CLOSE = 390 * MINUTE
DAY = 1440 * MINUTE


@pytest.fixture
def standing(new_pit: Callable[..., Any]) -> Any:
    """A pit in which orders meet the standing price at once, as behind a gateway."""
    return new_pit(ExchangeTerms(fill=FillMode.STANDING))


# ---- if touched ------------------------------------------------------------------------------------------------------


def test_a_market_if_touched_order_waits_on_the_other_side_than_a_stop(pit: Any) -> None:
    pit.price(150.0)
    pit.send(1, "BUY", 100, "MIT", stop_price=148.0)
    pit.send(2, "SELL", 100, "MIT", stop_price=152.0)
    assert (pit.status(1), pit.state(1).why_held) == ("PreSubmitted", "trigger")
    pit.price(149.0)
    pit.price(151.0)
    assert pit.fills == []
    pit.price(147.9)
    pit.price(152.3)
    assert pit.fills == [(1, 100, 147.9), (2, 100, 152.3)]


def test_a_limit_if_touched_order_waits_at_its_limit_once_touched(pit: Any) -> None:
    pit.price(150.0)
    pit.send(1, "SELL", 100, "LIT", stop_price=152.0, limit_price=152.5)
    pit.price(152.1)
    assert (pit.status(1), pit.fills) == ("Submitted", [])
    pit.price(151.0)
    assert pit.fills == []
    pit.price(152.6)
    assert pit.fills == [(1, 100, 152.6)]


def test_inside_a_bar_an_order_fills_where_it_is_touched(pit: Any) -> None:
    pit.send(1, "BUY", 100, "MIT", stop_price=148.0)
    pit.bar(150.0, 151.0, 147.0, 150.0)
    assert pit.fills == [(1, 100, 148.0)]


def test_the_target_of_a_position_entered_inside_a_bar_is_not_touched_by_it(pit: Any) -> None:
    pit.send(1, "BUY", 100, "LMT", limit_price=149.0, transmit=False)
    pit.send(2, "SELL", 100, "MIT", stop_price=150.5, parent_id=1)
    pit.bar(150.0, 151.0, 148.0, 150.0)
    assert pit.fills == [(1, 100, 149.0)]
    pit.bar(150.0, 151.0, 150.0, 150.0)
    assert pit.fills[1:] == [(2, 100, 150.5)]


# ---- trailing with a limit -------------------------------------------------------------------------------------------


def test_the_limit_of_a_trailing_order_follows_its_stop_until_it_triggers(pit: Any) -> None:
    pit.price(100.0)
    pit.send(1, "SELL", 100, "TRAIL LIMIT", trail_amount=2.0, limit_offset=0.5)
    assert (pit.state(1).order.stop_price, pit.state(1).order.limit_price) == (98_000_000, 97_500_000)
    pit.price(103.0)
    assert (pit.state(1).order.stop_price, pit.state(1).order.limit_price) == (101_000_000, 100_500_000)
    pit.price(100.0)
    assert pit.fills == [], "the price has jumped over stop and limit"
    pit.price(110.0)
    assert pit.fills == [(1, 100, 110.0)], "it waited at the limit that it had when it triggered"


def test_a_first_stop_and_limit_tell_the_offset_as_well(pit: Any) -> None:
    pit.price(100.0)
    pit.send(1, "BUY", 100, "TRAIL LIMIT", trail_amount=2.0, stop_price=103.0, limit_price=103.25)
    pit.price(99.0)
    assert (pit.state(1).order.stop_price, pit.state(1).order.limit_price) == (101_000_000, 101_250_000)
    pit.price(101.0)
    assert pit.fills == [(1, 100, 101.0)]


# ---- at the close ----------------------------------------------------------------------------------------------------


def test_an_order_at_the_close_meets_nothing_before_it(pit: Any) -> None:
    pit.price(150.0)
    pit.send(1, "BUY", 100, "MOC")
    pit.send(2, "BUY", 100, "LOC", limit_price=151.0)
    pit.send(3, "BUY", 100, "LOC", limit_price=149.0)
    pit.price(140.0)
    assert pit.fills == []
    pit.price(150.5)
    pit.time(CLOSE)
    assert pit.fills == [(1, 100, 150.5), (2, 100, 150.5)]
    assert (pit.status(3), pit.state(3).expired) == ("Cancelled", True)


def test_an_order_at_the_close_of_bars_fills_at_the_last_ones_close(pit: Any) -> None:
    pit.now = CLOSE - MINUTE
    pit.send(1, "SELL", 100, "MOC")
    pit.bar(150.0, 151.0, 149.0, 150.25)
    pit.time(CLOSE)
    assert pit.fills == [(1, 100, 150.25)]


# ---- one chance ------------------------------------------------------------------------------------------------------


def test_an_immediate_order_fills_at_the_standing_price_or_is_cancelled(standing: Any) -> None:
    standing.quote(149.99, 150.01)
    standing.send(1, "BUY", 100, "LMT", limit_price=150.01, tif="IOC")
    standing.send(2, "BUY", 100, "LMT", limit_price=150.0, tif="IOC")
    assert standing.fills == [(1, 100, 150.01)]
    statuses = [e.status.value for e in standing.events if getattr(e, "order", None) and e.order.order_id == 2]
    assert statuses == ["Submitted", "PendingCancel", "Cancelled"]


def test_what_an_immediate_order_does_not_fill_is_cancelled(standing: Any) -> None:
    standing.price(150.0)
    standing.exchange.faults.partial_next(30, lambda order: True)
    standing.send(1, "BUY", 100, tif="IOC")
    assert standing.fills == [(1, 30, 150.0)]
    assert (standing.status(1), standing.state(1).filled) == ("Cancelled", 30)


def test_fill_or_kill_fills_whole_or_is_inactive(standing: Any) -> None:
    standing.price(150.0)
    standing.send(1, "BUY", 100, tif="FOK")
    standing.send(2, "BUY", 100, "LMT", limit_price=149.0, tif="FOK")
    standing.exchange.faults.partial_next(99, lambda order: True)
    standing.send(3, "BUY", 100, tif="FOK")
    assert standing.fills == [(1, 100, 150.0)]
    assert (standing.status(2), standing.status(3)) == ("Inactive", "Inactive")


@pytest.mark.parametrize("tif", ["IOC", "FOK"])
def test_where_no_price_stands_the_next_one_is_the_chance(pit: Any, tif: str) -> None:
    pit.send(1, "BUY", 100, "LMT", limit_price=149.0, tif=tif)
    assert pit.status(1) == "Submitted"
    pit.price(150.0)
    pit.price(148.0)
    assert pit.fills == []
    assert pit.status(1) == ("Cancelled" if tif == "IOC" else "Inactive")


def test_of_a_bar_its_open_is_the_chance(pit: Any) -> None:
    pit.send(1, "BUY", 100, "LMT", limit_price=149.0, tif="IOC")
    pit.bar(150.0, 151.0, 147.0, 150.0)
    assert (pit.fills, pit.status(1)) == ([], "Cancelled")


def test_an_order_for_the_opening_waits_for_the_next_one(standing: Any) -> None:
    standing.price(150.0)
    standing.send(1, "BUY", 100, tif="OPG")
    standing.send(2, "BUY", 100, "LMT", limit_price=140.0, tif="OPG")
    standing.price(151.0)
    standing.time(CLOSE)
    assert standing.fills == []
    standing.now = DAY + MINUTE
    standing.price(152.0)
    assert standing.fills == [(1, 100, 152.0)]
    assert standing.status(2) == "Cancelled"


# ---- good till a date ------------------------------------------------------------------------------------------------


def test_an_order_lives_till_its_date_over_the_close(pit: Any) -> None:
    pit.send(1, "BUY", 100, "LMT", limit_price=140.0, tif="GTD", good_till=DAY + 5 * MINUTE)
    pit.time(CLOSE)
    assert pit.status(1) == "Submitted"
    pit.change(1, good_till=DAY + 9 * MINUTE)
    pit.time(DAY + 5 * MINUTE)
    assert pit.status(1) == "Submitted"
    pit.time(DAY + 9 * MINUTE)
    assert (pit.status(1), pit.state(1).expired) == ("Cancelled", True)


# ---- what is refused -------------------------------------------------------------------------------------------------

REFUSED = [
    ("an order at the close that lives longer", {"kind": "MOC", "tif": "GTC"}, 113),
    ("an immediate stop", {"kind": "STP", "stop_price": 140.0, "tif": "IOC"}, 201),
    ("an opening trail", {"kind": "TRAIL", "trail_amount": 1.0, "tif": "OPG"}, 201),
    ("a date that is missing", {"tif": "GTD"}, 321),
    ("a date that has passed", {"tif": "GTD", "good_till": 0}, 201),
    ("touched without a price", {"kind": "MIT"}, 321),
    ("touched without a limit", {"kind": "LIT", "stop_price": 150.0}, 321),
    ("a limit at the close without one", {"kind": "LOC"}, 321),
    ("a trailing limit without an offset", {"kind": "TRAIL LIMIT", "trail_amount": 1.0}, 321),
    ("a trailing limit without a distance", {"kind": "TRAIL LIMIT", "limit_offset": 1.0}, 321),
]


@pytest.mark.parametrize(("terms", "code"), [c[1:] for c in REFUSED], ids=[c[0] for c in REFUSED])
def test_what_makes_no_sense_is_refused(pit: Any, terms: dict[str, Any], code: int) -> None:
    pit.send(1, "BUY", 100, **terms)
    assert pit.errors == [(1, code)]
    assert pit.status(1) == "Inactive"


# ---- faults ----------------------------------------------------------------------------------------------------------


def test_a_rejection_has_the_code_that_was_asked_for(pit: Any) -> None:
    pit.exchange.faults.reject_next_as(Rejected(10020, "no"), lambda order: True)
    pit.send(1, "BUY", 100)
    assert (pit.errors, pit.status(1)) == ([(1, 10020)], "Inactive")


@pytest.mark.parametrize("cancels", [False, True])
def test_a_refused_change_leaves_the_order_or_takes_it_along(pit: Any, cancels: bool) -> None:
    pit.send(1, "BUY", 100, "LMT", limit_price=140.0)
    pit.exchange.faults.refuse_next_change(Rejected(201, "too late to replace", cancels), lambda order: True)
    pit.change(1, limit_price=141.0)
    assert pit.errors == [(1, 201)]
    assert pit.status(1) == ("Cancelled" if cancels else "Submitted")
    assert pit.state(1).order.limit_price == 140_000_000


def test_an_order_can_fill_more_than_it_had(pit: Any) -> None:
    pit.exchange.faults.overfill_next(20, lambda order: True)
    pit.send(1, "BUY", 100)
    pit.price(150.0)
    pit.price(151.0)
    assert pit.fills == [(1, 100, 150.0), (1, 20, 151.0)]
    assert (pit.status(1), pit.state(1).filled, pit.state(1).remaining) == ("Filled", 120, 0)
    assert pit.position == 120


def test_a_window_asked_for_lets_a_cancelled_order_fill(pit: Any) -> None:
    pit.exchange.faults.cancel_window = MINUTE
    pit.send(1, "BUY", 100, "LMT", limit_price=149.0)
    pit.cancel(1)
    assert pit.status(1) == "PendingCancel"
    pit.price(148.0)
    assert pit.fills == [(1, 100, 148.0)]


def test_an_execution_tells_the_average_price_of_its_order(pit: Any) -> None:
    pit.exchange.faults.partial_next(50, lambda order: True)
    pit.send(1, "BUY", 100)
    pit.price(150.0)
    pit.price(151.0)
    assert [execution.average_price for execution in pit.exchange.executions()] == [150_000_000, 150_500_000]


def test_a_correction_changes_the_average_of_what_came_after_it(pit: Any) -> None:
    pit.exchange.faults.partial_next(50, lambda order: True)
    pit.send(1, "BUY", 100)
    pit.price(150.0)
    pit.price(151.0)
    first, _ = pit.exchange.executions()
    pit.exchange.correct(first.execution_id, 149_000_000)
    assert [execution.average_price for execution in pit.exchange.executions()] == [149_000_000, 150_000_000]
    assert pit.state(1).traded_value == 15_000_000_000
