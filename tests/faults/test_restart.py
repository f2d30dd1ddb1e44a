"""Runs that are killed in the middle of a trade, and started again."""

from __future__ import annotations

from pathlib import Path

import pytest

from rulec.tests.support.fault_scene import scene

pytestmark = pytest.mark.clients  # real processes, for seconds each


def test_a_run_that_was_killed_finds_its_trade_with_the_stop_in_place(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start(journal=True)
        at.buys()
        at.rests(AAPL=100)
        at.kill()
        at.start(journal=True)
        at.hears("AAPL: long 100, stop 145.01")
        at.rests(AAPL=100, stop=145.01)
        at.quote(160.01)
        at.rests()
        at.run.until("position", event="closed", reason="target")


def test_a_trade_that_was_closed_while_the_run_was_dead_is_concluded(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start(journal=True)
        at.buys()
        at.rests(AAPL=100)
        at.kill()
        at.quote(144.0)
        at.watch.until(lambda look: look.held("AAPL") == 0, "the stop")
        at.start(journal=True)
        at.run.until("position", event="closed", reason="stop")
        at.quote(150.0)
        at.buys()
        at.rests(AAPL=100)


def test_an_entry_that_filled_while_the_run_was_dead_is_a_trade(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start(journal=True)
        at.signal("DIP")
        at.watch.until(lambda look: look.opening("AAPL") == 100, "the entry works")
        at.kill()
        at.quote(148.5)
        at.watch.until(lambda look: look.held("AAPL") == 100, "the entry fills")
        at.start(journal=True)
        at.run.until("position", event="opened", quantity=100)
        at.rests(AAPL=100, stop=143.51)


def test_an_entry_that_was_cancelled_while_the_run_was_dead_leaves_nothing(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start(journal=True)
        at.signal("DIP")
        at.watch.until(lambda look: look.opening("AAPL") == 100, "the entry works")
        at.kill()
        at.fault("cancel", order={"role": "main"})
        at.start(journal=True)
        at.rests()
        at.buys()
        at.rests(AAPL=100)


def test_a_stop_that_was_cancelled_while_the_run_was_dead_is_back_before_the_first_rule(tmp_path: Path) -> None:
    with scene(tmp_path, naked=30.0) as at:
        at.start(journal=True)
        at.buys()
        at.rests(AAPL=100)
        at.kill()
        at.fault("cancel", order={"role": "stop"})
        at.start(journal=True)
        at.hears("repaired: stop SELL 100 AAPL at 145.01 placed")
        at.rests(AAPL=100, stop=145.01)


@pytest.mark.long
def test_a_run_killed_as_it_sends_its_entry_has_one_trade_or_none(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start(journal=True)
        at.run.write('{"type":"signal","symbol":"AAPL","signal":"BUY","id":"now"}\n')
        at.run.until("order", role="main")
        at.kill()
        at.start(journal=True)
        held = at.look().held("AAPL")
        assert held in (0, 100)
        at.rests(AAPL=held)


def test_orders_of_this_instance_and_an_empty_journal_start_nothing(tmp_path: Path) -> None:
    with scene(tmp_path, judged=False) as at:
        at.start()
        at.buys()
        at.rests(AAPL=100)
        at.run.stop()
        before = at.look().orders
        run = at.start(journal=True, ready=False)
        assert run.wait() == 1
        assert "orders of this instance work at the broker" in run.text
        assert "nothing was sent to the broker" in run.text
        assert at.look().orders == before


@pytest.mark.long
def test_a_run_killed_as_it_closes_goes_on_closing_or_has_its_stop(tmp_path: Path) -> None:
    with scene(tmp_path, naked=30.0) as at:
        at.start(journal=True)
        at.buys()
        at.rests(AAPL=100)
        at.signal("OUT")
        at.kill()
        at.start(journal=True)
        at.rests()


@pytest.mark.long
def test_a_run_that_is_killed_again_and_again_counts_every_fill_once(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start(journal=True)
        at.buys()
        at.kill()
        at.quote(160.01)
        at.start(journal=True)
        at.run.until("position", event="closed", reason="target")
        at.quote(150.0)
        at.buys()
        at.kill()
        at.start(journal=True)
        at.rests(AAPL=100, stop=145.01)


# ---- what else can happen while a run is dead ------------------------------------------------------------------------


@pytest.mark.long
def test_a_position_that_a_person_closed_while_the_run_was_dead_is_concluded(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start(journal=True)
        at.buys()
        at.rests(AAPL=100)
        at.kill()
        at.fault("manual", symbol="AAPL", action="SELL", quantity=100)
        at.start(journal=True)
        at.run.until("position", event="closed", reason="manual")
        at.rests()


@pytest.mark.long
def test_a_position_that_a_person_reduced_while_the_run_was_dead_has_its_protection_reduced(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start(journal=True)
        at.buys()
        at.rests(AAPL=100)
        at.kill()
        at.fault("manual", symbol="AAPL", action="SELL", quantity=40)
        at.start(journal=True)
        at.rests(AAPL=60, stop=145.01)


@pytest.mark.long
def test_a_stop_and_a_target_that_both_filled_while_the_run_was_dead_are_evened_out(tmp_path: Path) -> None:
    with scene(tmp_path, naked=30.0, overfilled=["AAPL"]) as at:
        at.start(journal=True)
        at.buys()
        at.rests(AAPL=100)
        at.kill()
        at.fault("race", window="3s")
        at.quote(160.01)
        at.quote(144.0)
        at.watch.until(lambda look: look.held("AAPL") == -100, "both have filled")
        at.start(journal=True)
        at.rests()


@pytest.mark.long
def test_a_correction_while_the_run_was_dead_counts_once(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start(journal=True)
        at.buys()
        at.rests(AAPL=100)
        at.kill()
        at.corrects(149.5, {"role": "main"}, told=False)
        at.start(journal=True)
        at.run.until("fill", price=149.5)
        at.rests(AAPL=100, stop=145.01)


@pytest.mark.long
def test_a_run_killed_while_interactive_brokers_is_out_of_reach_finds_its_trade(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start(journal=True)
        at.buys()
        at.rests(AAPL=100)
        at.fault("1100", for_="1s", then="1101")
        at.kill()
        at.quote(144.0)
        at.start(journal=True)
        at.run.until("position", event="closed", reason="stop")
        at.rests()


@pytest.mark.long
def test_run_and_gateway_both_die_in_the_middle_of_a_trade(tmp_path: Path) -> None:
    with scene(tmp_path, "--state", "kept.state") as at:
        at.start(journal=True)
        at.buys()
        at.rests(AAPL=100)
        at.kill()
        at.reopen()
        at.start(journal=True)
        at.rests(AAPL=100, stop=145.01)
        at.quote(160.01)
        at.rests()
