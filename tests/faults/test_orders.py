"""Orders that go wrong at the broker: what a run makes of them, as the exchange's own books tell it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rulec.tests.support.fault_scene import RULES, scene

pytestmark = pytest.mark.clients  # real processes, for seconds each

STOP = {"role": "stop"}
ENTRY = {"role": "main"}


def in_long(*cases: object) -> list[Any]:
    """Cases of the long profile alone: the quick one shows the same with others."""
    return [pytest.param(case, marks=pytest.mark.long) for case in cases]


# ---- errors and statuses that are not what they seem -----------------------------------------------------------------


@pytest.mark.parametrize("code", [105, 321, 10349, *in_long(110, 399, 404)])
def test_an_error_that_is_taken_for_a_cancel_leaves_the_stop_as_it_is(tmp_path: Path, code: int) -> None:
    with scene(tmp_path) as at:
        at.start()
        at.fault("error", code=code, order=STOP)
        at.buys()
        at.rests(AAPL=100, stop=145.01)
        assert len(at.look().ours) == 3
        at.quote(160.01)
        at.rests()


def test_a_stop_that_is_called_cancelled_and_works_after_all_halts_its_symbol(tmp_path: Path) -> None:
    with scene(tmp_path, halted=["AAPL"]) as at:
        at.start()
        at.fault("status", status="Cancelled", order=STOP)
        at.buys()
        assert "works there though it had been told as ended" in at.hears("AAPL is halted: the order rulec/1/")["text"]
        at.quote(144.0)
        at.rests()


def test_a_stop_that_comes_back_to_life_gets_no_second_one(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start()
        at.fault("status", status="Inactive", order=STOP)
        at.buys()
        at.rests(AAPL=100, stop=145.01)
        assert len([order for order in at.look().ours if order["type"] == "STP"]) == 1


def test_a_stop_whose_time_in_force_was_set_to_the_day_is_replaced_by_one_that_lasts(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start()
        at.fault("preset", tif="DAY", order=STOP)
        at.buys()
        at.rests(AAPL=100, stop=145.01)


# ---- rejections ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delay", ["50ms", *in_long("0")])
def test_an_entry_without_margin_leaves_nothing_behind(tmp_path: Path, delay: str) -> None:
    with scene(tmp_path, "--policy", f"rejection_delay={delay}") as at:
        at.start()
        at.fault("margin", order=ENTRY)
        at.signal("BUY")
        at.hears("INITIAL MARGIN")
        at.rests()
        at.buys()  # the symbol is not blocked
        at.rests(AAPL=100)


def test_a_stop_that_is_rejected_while_its_entry_fills_comes_back_at_once(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start()
        at.fault("reject", order=STOP, code=201, text="Order rejected - reason:no stop today")
        at.buys()
        at.hears("no stop today")
        at.rests(AAPL=100, stop=145.01)


def test_shares_that_get_no_stop_at_all_are_sold(tmp_path: Path) -> None:
    with scene(tmp_path, naked=4.0) as at:
        at.start()
        at.fault("reject", order=STOP, code=201, text="Order rejected - reason:no stop today", times=1000)
        at.buys()
        at.rests()


@pytest.mark.parametrize("code", [105, *in_long(110, 201)])
def test_a_move_of_the_stop_that_is_refused_once_is_tried_again(tmp_path: Path, code: int) -> None:
    with scene(tmp_path) as at:
        at.start()
        at.buys()
        at.rests(AAPL=100, stop=145.01)
        at.fault("refuse_change", order=STOP, code=code, text="not now")
        at.quote(155.0)
        at.signal("UP")
        at.rests(AAPL=100, stop=150.01)


def test_a_stop_that_cannot_be_moved_stays_where_it_is_and_a_person_hears_of_it(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start()
        at.buys()
        at.rests(AAPL=100, stop=145.01)
        at.fault("refuse_change", order=STOP, code=110, text="The price does not conform", times=1000)
        at.quote(155.0)
        at.signal("UP")
        at.hears("does not conform")
        at.rests(AAPL=100, stop=145.01)
        at.quote(145.0)
        at.rests()
        at.run.until("position", event="closed", reason="stop")


def test_a_move_outside_the_price_band_that_takes_the_stop_with_it_gets_a_new_one(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start()
        at.buys()
        at.rests(AAPL=100)
        at.fault(
            "refuse_change",
            order=STOP,
            code=201,
            text="Order has been cancelled already, too late to replace",
            cancels=True,
        )
        at.quote(155.0)
        at.signal("UP")
        at.watch.until(lambda look: len([each for each in look.ours if each["type"] == "STP"]) == 2, "a second stop")
        at.rests(AAPL=100)


# ---- fills -----------------------------------------------------------------------------------------------------------


def test_shares_that_fill_after_the_cancel_was_confirmed_are_sold_again(tmp_path: Path) -> None:
    with scene(tmp_path, naked=4.0) as at:
        at.start()
        at.signal("DIP")
        at.watch.until(lambda look: look.opening("AAPL") == 100, "the entry works")
        at.fault("late_fill", order=ENTRY)
        at.signal("OUT")
        at.watch.until(lambda look: not look.working("AAPL"), "everything is cancelled")
        at.quote(148.5)
        at.watch.until(lambda look: 100 in look.been("AAPL"), "the late fill")
        at.hears("filled after their trade had concluded")
        at.rests()


@pytest.mark.long
def test_a_late_fill_of_a_part_that_is_already_held_is_covered_or_sold(tmp_path: Path) -> None:
    with scene(tmp_path, naked=4.0) as at:
        at.start()
        at.fault("partial", quantity=30, order=ENTRY)
        at.signal("DIP")
        at.quote(148.99)
        at.watch.until(lambda look: look.held("AAPL") == 30, "a part")
        at.quote(150.0)
        at.fault("late_fill", order=ENTRY)
        at.signal("OUT")
        at.watch.until(lambda look: look.opening("AAPL") == 0, "the rest is cancelled")
        at.quote(148.5)
        at.watch.until(lambda look: 70 in look.been("AAPL") or 100 in look.been("AAPL"), "the late fill")
        at.rests()


def test_a_correction_takes_the_place_of_what_it_corrects(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start()
        at.buys()
        at.rests(AAPL=100)
        at.corrects(149.5, ENTRY)
        at.rests(AAPL=100, stop=145.01)  # a stop is never loosened
        at.quote(159.5)
        closed = at.run.until("position", event="closed", reason="target")
        assert closed["pnl"] == 1_000.0
        at.rests()


@pytest.mark.parametrize("message", ["orderStatus", "execDetails", *in_long("openOrder", "commissionReport")])
def test_what_comes_twice_counts_once(tmp_path: Path, message: str) -> None:
    with scene(tmp_path) as at:
        at.start()
        at.fault("duplicate", message=message, times=30, client=1)
        at.buys()
        at.rests(AAPL=100)
        at.quote(160.01)
        at.rests()
        at.quote(150.0)
        at.buys()
        at.rests(AAPL=100)


def test_an_entry_fills_though_no_status_tells_it(tmp_path: Path) -> None:
    with scene(tmp_path, "--policy", "statuses_around_fast_fills=no") as at:
        at.start()
        at.fault("missing", message="orderStatus", times=12, client=1)
        at.buys()
        at.rests(AAPL=100)
        at.quote(160.01)
        at.rests()
        at.run.until("position", event="closed", reason="target")


@pytest.mark.long
def test_a_fill_whose_details_are_lost_is_found(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start()
        at.fault("missing", message="execDetails", client=1)
        at.buys()
        at.rests(AAPL=100)
        at.run.until("fill", side="BUY", quantity=100)


def test_a_commission_that_never_comes_holds_nothing_up(tmp_path: Path) -> None:
    with scene(tmp_path, "--commission", "$0.01") as at:
        at.start()
        at.fault("missing", message="commissionReport", times=2, client=1)
        at.buys()
        at.rests(AAPL=100)
        at.quote(160.01)
        at.rests()
        at.run.until("position", event="closed")


def test_a_part_is_filled_and_then_the_stop(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start()
        at.fault("partial", quantity=30, order=ENTRY)
        at.buys(quantity=30)
        at.quote(144.0)
        at.rests()


def test_the_stop_fills_beside_the_target_and_the_surplus_is_bought_back(tmp_path: Path) -> None:
    with scene(tmp_path, naked=4.0, overfilled=["AAPL"]) as at:
        at.start()
        at.buys()
        at.rests(AAPL=100)
        at.fault("race", window="3s")
        at.quote(160.01)
        at.quote(144.0)
        at.watch.until(lambda look: -100 in look.been("AAPL"), "both have filled")
        at.rests()


@pytest.mark.long
def test_an_order_that_fills_more_than_it_has_is_evened_out(tmp_path: Path) -> None:
    with scene(tmp_path, naked=4.0, overfilled=["AAPL"]) as at:
        at.start()
        at.fault("overfill", quantity=20, order={"role": "target"})
        at.buys()
        at.rests(AAPL=100)
        at.quote(160.01)
        at.watch.until(lambda look: look.held("AAPL") == 0, "the target")
        at.quote(160.5)
        at.watch.until(lambda look: -20 in look.been("AAPL"), "20 too many")
        at.rests()


# ---- selling short ---------------------------------------------------------------------------------------------------


def test_a_short_that_is_held_for_shares_to_borrow_is_given_up(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start()
        at.fault("error", code=404, order=ENTRY)
        at.fault("status", status="PreSubmitted", why_held="locate", order=ENTRY)
        at.signal("SHORT")
        at.hears("no locate")
        at.rests()


# ---- two slices ------------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_of_two_slices_the_one_whose_stop_is_rejected_gets_it_back(tmp_path: Path) -> None:
    two = "rule two on signal TWO -> enter long 100 stop $5 away target $5 away for 50% target $9 away for 50%\n"
    with scene(tmp_path, rules=RULES + two) as at:
        at.start()
        at.fault("reject", order=STOP, code=201, text="Order rejected - reason:no stop today")
        at.signal("TWO")
        at.rests(AAPL=100, stop=145.01)
        at.quote(155.01)
        at.rests(AAPL=50)


# ---- closing ---------------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_a_closing_order_that_is_rejected_brings_the_stop_back(tmp_path: Path) -> None:
    with scene(tmp_path, naked=3.0) as at:
        at.start()
        at.buys()
        at.rests(AAPL=100)
        at.fault("reject", order={"role": "exit"}, code=201, text="Order rejected - reason:not now")
        at.signal("OUT")
        at.hears("not now")
        at.rests(AAPL=100, stop=145.01)
        at.signal("OUT")
        at.rests()


@pytest.mark.long
@pytest.mark.parametrize("message", ["cancelOrder", "placeOrder"])
def test_a_request_that_is_lost_is_asked_about_and_made_again(tmp_path: Path, message: str) -> None:
    with scene(tmp_path, naked=3.0) as at:
        at.start()
        at.buys()
        at.rests(AAPL=100)
        at.fault("ignore", message=message, client=1)
        at.quote(155.0)
        at.signal("UP" if message == "placeOrder" else "OUT")
        if message == "placeOrder":
            at.rests(AAPL=100, stop=150.01)
        else:
            at.rests()
