"""An order's life at the exchange: refusals, modifications, cancels, expiry, buying power, late fills, corrections."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from rulec.runtime.broker.exchange import ErrorEvent, ExchangePolicy, ExchangeTerms, ExecutionEvent, Order, Tif

MINUTE = 60_000_000


def any_order(order: Order) -> bool:
    """Lets a fault fit every order."""
    return True


REFUSED = [
    ("no shares", {"quantity": 0}, 434),
    ("limit without its price", {"kind": "LMT"}, 321),
    ("stop without its price", {"kind": "STP"}, 321),
    ("stop-limit with half its prices", {"kind": "STP LMT", "stop_price": 140.0}, 321),
    ("trail without a distance", {"kind": "TRAIL"}, 321),
    ("trail with two distances", {"kind": "TRAIL", "trail_amount": 1.0, "trail_fraction": 0.1}, 321),
    ("a price of zero", {"kind": "LMT", "limit_price": 0.0}, 321),
    ("a price between two ticks", {"kind": "LMT", "limit_price": 150.005}, 110),
    ("more than the buying power", {"quantity": 1_334}, 201),
]


@pytest.mark.parametrize(("terms", "code"), [c[1:] for c in REFUSED], ids=[c[0] for c in REFUSED])
def test_an_order_that_makes_no_sense_is_refused(pit: Any, terms: dict[str, Any], code: int) -> None:
    pit.price(150.0)
    pit.send(1, "BUY", **{"quantity": 100, **terms})
    assert pit.errors == [(1, code)]
    assert pit.status(1) == "Inactive"
    pit.price(150.0)
    assert pit.fills == []


def test_below_a_dollar_a_hundredth_of_a_cent_is_a_tick(pit: Any) -> None:
    pit.send(1, "BUY", 100, "LMT", limit_price=0.9501)
    assert pit.errors == []


def test_an_order_id_is_used_once(pit: Any) -> None:
    pit.send(1, "BUY", 100)
    pit.send(1, "BUY", 100)
    assert pit.errors == [(1, 103)]
    pit.price(150.0)
    assert pit.position == 100
    assert pit.exchange.next_order_id(1) == 2


def test_an_unknown_account_is_a_mistake_of_the_program(pit: Any) -> None:
    with pytest.raises(ValueError, match="no account U7"):
        pit.send(1, "BUY", 100, account="U7")


# ---- buying power ----------------------------------------------------------------------------------------------------


def test_buying_power_is_leverage_times_equity(pit: Any) -> None:
    pit.price(100.0)
    pit.send(1, "BUY", 2_000)
    assert pit.errors == []
    pit.send(2, "BUY", 1)
    assert pit.errors == [(2, 201)], "working orders count as filled"
    pit.price(100.0)
    pit.send(3, "BUY", 1)
    assert pit.errors[1:] == [(3, 201)]
    pit.price(110.0)
    assert pit.exchange.equity("DU1") == 120_000_000_000
    assert pit.exchange.buying_power("DU1") == 240_000_000_000
    pit.send(4, "BUY", 181)
    pit.send(5, "BUY", 182 - 1)
    assert pit.errors[2:] == [(5, 201)], "2,000 and 181 shares at 110 are within 240,000, 181 more are not"


def test_what_reduces_a_position_needs_no_buying_power(new_pit: Any) -> None:
    pit = new_pit(ExchangeTerms(leverage=1.0))
    pit.price(100.0)
    pit.send(1, "BUY", 1_000)
    pit.price(100.0)
    pit.price(50.0)
    pit.send(2, "SELL", 1_000)
    pit.send(3, "SELL", 2_100)
    assert pit.errors == [(3, 201)], "but what goes beyond the position does"


def test_children_of_a_bracket_need_none(pit: Any) -> None:
    pit.price(100.0)
    pit.bracket(2_000, stop=95.0, target=110.0)
    assert pit.errors == []


# ---- modifying and cancelling ----------------------------------------------------------------------------------------


def test_a_modification_is_echoed(pit: Any) -> None:
    pit.send(1, "BUY", 100, "LMT", limit_price=140.0)
    pit.change(1, quantity=60, limit_price=141.0)
    echo = pit.events[-1]
    assert (echo.order.quantity, echo.order.limit_price, echo.status.value) == (60, 141_000_000, "Submitted")


def test_a_quantity_no_larger_than_what_has_filled_cancels_the_rest(pit: Any) -> None:
    pit.exchange.faults.partial_next(40, any_order)
    pit.send(1, "BUY", 100, "LMT", limit_price=150.0)
    pit.price(150.0)
    pit.change(1, quantity=30)
    assert (pit.status(1), pit.state(1).filled, pit.errors) == ("Cancelled", 40, [])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"quantity": 0}, 434),
        ({"limit_price": 140.001}, 110),
        ({"symbol": "MSFT"}, 105),
        ({"parent_id": 7}, 105),
        ({"oca_group": "other"}, 105),
    ],
)
def test_a_wrong_modification_leaves_the_order_as_it_was(pit: Any, change: dict[str, Any], code: int) -> None:
    pit.send(1, "BUY", 100, "LMT", limit_price=140.0)
    before = pit.state(1)
    pit.change(1, **change)
    assert pit.errors == [(1, code)]
    assert pit.state(1) == before


def test_done_orders_can_be_neither_modified_nor_cancelled(pit: Any) -> None:
    pit.send(1, "BUY", 100)
    pit.price(150.0)
    pit.send(2, "BUY", 100, "LMT", limit_price=1.0)
    pit.cancel(2)
    for order_id in (1, 2):
        pit.change(order_id, quantity=200)
        pit.cancel(order_id)
    pit.cancel(3)
    pit.exchange.modify(attrs.evolve(pit.state(1).order, order_id=3), 0)
    assert [e.code for e in pit.exchange.take_events() if isinstance(e, ErrorEvent)] == [135]
    assert pit.errors == [(1, 104), (1, 10148), (2, 161), (2, 10148), (3, 10147)]


@pytest.mark.parametrize(("allowed", "status"), [(True, "Cancelled"), (False, "Submitted")])
def test_another_client_may_cancel_unless_told_otherwise(new_pit: Any, allowed: bool, status: str) -> None:
    pit = new_pit(policy=ExchangePolicy(others_may_cancel=allowed))
    pit.send(1, "BUY", 100, "LMT", limit_price=1.0)
    pit.cancel(1, by_client=2)
    assert pit.status(1) == status


# ---- time in force ---------------------------------------------------------------------------------------------------


def test_a_day_order_ends_at_the_close_and_a_gtc_order_does_not(pit: Any) -> None:
    pit.send(1, "BUY", 100, "LMT", limit_price=140.0)
    pit.send(2, "BUY", 100, "LMT", limit_price=140.0, tif="GTC")
    assert pit.exchange.next_due() == 390 * MINUTE
    pit.time(390 * MINUTE - 1)
    assert pit.status(1) == "Submitted"
    pit.time(390 * MINUTE)
    assert (pit.status(1), pit.state(1).expired, pit.status(2)) == ("Cancelled", True, "Submitted")
    assert pit.exchange.next_due() is None


def test_a_day_order_sent_after_the_close_lives_through_the_next_session(pit: Any) -> None:
    pit.now = 400 * MINUTE
    pit.send(1, "BUY", 100, "LMT", limit_price=140.0)
    assert pit.exchange.next_due() == (1440 + 390) * MINUTE


def test_a_parent_that_expires_takes_unfilled_children_and_resizes_the_others(pit: Any) -> None:
    pit.bracket(entry="LMT", limit_price=140.0)
    pit.exchange.faults.partial_next(30, any_order)
    pit.bracket(entry="LMT", limit_price=150.0, first=11)
    pit.price(150.0)
    pit.time(390 * MINUTE)
    assert [pit.status(i) for i in (2, 3, 11, 12, 13)] == [
        "Cancelled",
        "Cancelled",
        "Cancelled",
        "PreSubmitted",
        "Submitted",
    ]
    assert [pit.state(i).order.quantity for i in (12, 13)] == [30, 30]


def test_a_change_of_time_in_force_takes_effect(pit: Any) -> None:
    pit.send(1, "BUY", 100, "LMT", limit_price=140.0)
    pit.change(1, tif=Tif.GTC)
    assert pit.exchange.next_due() is None
    pit.change(1, tif=Tif.DAY)
    assert pit.exchange.next_due() == 390 * MINUTE


# ---- late fills, corrections, the books ------------------------------------------------------------------------------


@pytest.mark.parametrize(("asked", "filled", "status"), [(None, 100, "Filled"), (30, 30, "Cancelled")])
def test_a_late_fill_comes_after_the_cancel_was_confirmed(
    pit: Any, asked: int | None, filled: int, status: str
) -> None:
    pit.exchange.faults.late_fill(asked, any_order)
    pit.send(1, "BUY", 100, "LMT", limit_price=140.0)
    pit.cancel(1)
    assert pit.status(1) == "Cancelled"
    pit.price(150.0)
    assert pit.fills == [(1, filled, 150.0)]
    assert (pit.status(1), pit.state(1).filled, pit.position) == (status, filled, filled)
    pit.price(150.0)
    assert pit.position == filled


def test_a_late_fill_in_a_bar_is_at_its_open(pit: Any) -> None:
    pit.exchange.faults.late_fill(None, any_order)
    pit.send(1, "BUY", 100, "LMT", limit_price=140.0)
    pit.cancel(1)
    pit.bar(151, 152, 150, 151)
    assert pit.fills == [(1, 100, 151.0)]


def test_a_correction_replaces_the_execution_in_the_books(pit: Any) -> None:
    pit.send(1, "BUY", 100)
    pit.price(150.0)
    pit.send(2, "SELL", 100)
    pit.price(160.0)
    wrong = pit.exchange.executions()[0]
    assert wrong.execution_id.endswith(".01")
    pit.exchange.correct(wrong.execution_id, 151_000_000)
    (event,) = pit.exchange.take_events()
    assert isinstance(event, ExecutionEvent)
    assert event.execution.execution_id == wrong.execution_id[:-2] + "02"
    account = pit.exchange.ledger.accounts["DU1"]
    assert (account.realised, account.cash) == (900_000_000, 100_900_000_000)
    assert [e.realised for e in pit.exchange.executions()] == [0, 900_000_000]
    with pytest.raises(ValueError, match="no execution"):
        pit.exchange.correct(wrong.execution_id, 1)


def test_the_ledger_keeps_average_cost_and_realised_profit(pit: Any) -> None:
    account = pit.exchange.ledger.accounts["DU1"]
    for order_id, (side, quantity, price, held, average, realised) in enumerate(
        [
            ("BUY", 100, 150.0, 100, 150.0, 0),
            ("BUY", 50, 153.0, 150, 151.0, 0),
            ("SELL", 50, 156.0, 100, 151.0, 250),
            ("SELL", 150, 150.0, -50, 150.0, 150),
            ("BUY", 50, 149.0, 0, None, 200),
        ],
        1,
    ):
        pit.send(order_id, side, quantity)
        pit.price(price)
        holding = account.holding("AAPL")
        cost = None if average is None else average * 1_000_000
        assert (holding.quantity, holding.average_cost, holding.realised) == (held, cost, realised * 1_000_000)
    assert account.cash == 100_200_000_000
    assert pit.exchange.positions("DU1") == {}


def test_open_and_completed_orders_are_told_apart_and_by_client(pit: Any) -> None:
    pit.send(1, "BUY", 100)
    pit.price(150.0)
    pit.send(1, "BUY", 100, "LMT", limit_price=1.0, client_id=2)
    assert [e.order.client_id for e in pit.exchange.open_orders()] == [2]
    assert pit.exchange.open_orders(1) == ()
    assert [e.order.client_id for e in pit.exchange.completed_orders()] == [1]
    assert len(pit.exchange.executions("DU1")) == 1
