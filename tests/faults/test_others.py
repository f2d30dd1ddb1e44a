"""Other hands in the same account: a person in TWS, another program, orders that nobody knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from rulec.tests.support.fault_scene import scene
from rulec.tests.support.plain_client import place
from rulec.tests.support.socket_client import client_at

pytestmark = pytest.mark.clients  # real processes, for seconds each

STOP = {"role": "stop"}


def test_shares_that_were_there_before_take_no_entry_and_are_left_alone(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.fault("manual", symbol="AAPL", action="BUY", quantity=50)
        at.start()
        at.hears("+50 shares are not rulec's")
        assert at.decides("BUY")["reason"] == "foreign shares"
        at.buys("MSFT")
        at.rests(MSFT=100)
        assert at.look().net == {"AAPL": 50, "MSFT": 100}


def test_a_position_that_a_person_closes_takes_its_orders_with_it(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start()
        at.buys()
        at.rests(AAPL=100)
        at.fault("manual", symbol="AAPL", action="SELL", quantity=100)
        at.run.until("position", event="closed", reason="manual")
        at.watch.until(lambda look: not look.working("AAPL"), "nothing works any more")
        at.rests()


def test_a_position_that_a_person_reduces_has_its_protection_reduced(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start()
        at.buys()
        at.rests(AAPL=100)
        at.fault("manual", symbol="AAPL", action="SELL", quantity=40)
        at.rests(AAPL=60, stop=145.01)
        at.quote(144.0)
        at.watch.until(lambda look: not look.net.get("AAPL"), "the stop of 60")
        at.rests()


def test_a_stop_that_a_person_cancels_comes_back(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start()
        at.buys()
        at.rests(AAPL=100)
        at.fault("cancel", order=STOP)
        at.watch.until(lambda look: len([each for each in look.ours if each["type"] == "STP"]) == 2, "a second stop")
        at.rests(AAPL=100, stop=145.01)


@pytest.mark.long
def test_a_target_that_a_person_cancels_leaves_the_stop(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start()
        at.buys()
        at.rests(AAPL=100)
        at.fault("cancel", order={"role": "target"})
        at.rests(AAPL=100, stop=145.01)


def test_an_order_of_ours_that_no_book_knows_and_that_would_open_shares_is_cancelled(tmp_path: Path) -> None:
    with scene(tmp_path, judged=False) as at:
        at.start(journal=True)
        at.run.stop()
        with client_at(at.there, 1) as other:
            other.send(place(9_000, "BUY", 30, "LMT", limit=120, ref="rulec/1/x-1/main/7"))
            at.watch.until(lambda look: look.opening("AAPL") == 30, "the stray")
        at.start(journal=True)
        at.hears("in none of our books")
        at.watch.until(lambda look: not look.working("AAPL"), "it is cancelled")
        at.buys()
        at.rests(AAPL=100)


def test_an_order_of_ours_that_no_book_knows_and_that_protects_is_kept_and_told(tmp_path: Path) -> None:
    with scene(tmp_path, judged=False) as at:
        at.fault("manual", symbol="AAPL", action="BUY", quantity=30)
        at.start(journal=True)
        at.run.stop()
        with client_at(at.there, 1) as other:
            other.send(place(9_000, "SELL", 30, "STP", stop=120, ref="rulec/1/x-1/stop/7"))
            at.watch.until(lambda look: bool(look.working("AAPL", "stop")), "the stray")
        at.start(journal=True)
        at.hears("AAPL is halted")
        assert at.decides("BUY")["reason"] == "symbol halted"
        assert [order["ref"] for order in at.look().working("AAPL")] == ["rulec/1/x-1/stop/7"]


@pytest.mark.long
def test_a_short_position_that_a_person_covers_takes_its_orders_with_it(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start()
        at.signal("SHORT")
        at.quote(152.0)
        at.rests(AAPL=-100, stop=157.0)
        at.fault("manual", symbol="AAPL", action="BUY", quantity=100)
        at.run.until("position", event="closed", reason="manual")
        at.rests()


@pytest.mark.long
def test_two_runs_in_one_account_leave_each_other_alone(tmp_path: Path) -> None:
    with scene(tmp_path, judged=False) as at:
        first = at.start()
        at.buys()
        at.rests(AAPL=100)
        at.start(client_id=2)
        at.hears("+100 shares are not rulec's")
        assert at.decides("BUY")["reason"] == "foreign shares"
        at.buys("MSFT")
        look = at.rests(AAPL=100, MSFT=100)
        assert {order["ref"].split("/")[1] for order in look.working("MSFT")} == {"2"}
        at.quote(144.0)
        at.rests(MSFT=100)
        assert first.until("position", event="closed")["reason"] == "stop"
        assert not first.of("fill", symbol="MSFT")
        assert not at.run.of("fill", symbol="AAPL")
