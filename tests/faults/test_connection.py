"""Connections that go wrong: the socket, the gateway, Interactive Brokers behind it."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from rulec.tests.support.fault_scene import CONFIG, RULES, Scene, scene
from rulec.tests.support.socket_client import client_at

pytestmark = pytest.mark.clients  # real processes, for seconds each

STOP = {"role": "stop"}


def trades_on(at: Scene) -> None:
    """Quotes come, and an entry in another symbol is possible."""
    at.quote(150.0, "MSFT")
    at.buys("MSFT")


# ---- the socket ------------------------------------------------------------------------------------------------------


def test_the_socket_drops_before_the_bracket_was_transmitted(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start()
        at.fault("ignore", message="placeOrder", skip=2, client=1)
        at.signal("BUY")
        at.run.until("order", role="target", status="submitted")
        time.sleep(0.3)  # the first two of the three have arrived
        at.fault("drop", client=1)
        at.rests()
        trades_on(at)
        at.rests(MSFT=100)


def test_the_socket_drops_before_the_bracket_is_acknowledged(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start()
        at.fault("delay", by="300ms", for_="1s", client=1)
        at.buys()
        at.fault("drop", client=1)
        at.rests(AAPL=100)
        trades_on(at)
        at.rests(AAPL=100, MSFT=100)


def test_the_socket_drops_in_the_middle_of_a_message(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start()
        at.fault("half", client=1, skip=2)
        at.buys()
        at.rests(AAPL=100)
        trades_on(at)
        at.rests(AAPL=100, MSFT=100)


def test_the_stop_fills_while_the_socket_is_away(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start()
        at.buys()
        at.rests(AAPL=100)
        at.fault("restart", for_="600ms")
        at.quote(144.0)
        at.watch.until(lambda look: look.held("AAPL") == 0, "the stop")
        at.run.until("position", event="closed", reason="stop")
        at.rests()


def test_a_socket_that_says_nothing_more_is_found_dead(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start()
        at.buys()
        at.rests(AAPL=100)
        at.fault("silent", client=1, for_="2500ms")
        at.quote(144.0)
        at.run.until("position", event="closed", reason="stop")
        at.rests()


@pytest.mark.long
def test_bytes_that_come_one_by_one_are_the_same_messages(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start()
        at.fault("split", size=1, client=1, for_="2s")
        at.buys()
        at.rests(AAPL=100)


# ---- the client's number ---------------------------------------------------------------------------------------------


def test_a_run_whose_client_number_is_taken_does_not_start(tmp_path: Path) -> None:
    config = CONFIG.replace("[broker]\n", '[broker]\nstart_within = "2s"\n')
    with scene(tmp_path, config=config, judged=False) as at, client_at(at.there, 1):
        run = at.start(ready=False)
        assert run.wait() == 1
        assert "client" in run.text
        assert "nothing was sent" in run.text


def test_a_client_number_that_is_still_taken_after_a_drop_is_waited_for(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start()
        at.buys()
        at.rests(AAPL=100)
        at.fault("clash", times=2)
        at.fault("drop", client=1)
        trades_on(at)
        at.rests(AAPL=100, MSFT=100)


# ---- Interactive Brokers behind the gateway --------------------------------------------------------------------------


@pytest.mark.parametrize("back", ["1101", "1102"])
def test_the_stop_fills_while_interactive_brokers_is_out_of_reach(tmp_path: Path, back: str) -> None:
    with scene(tmp_path) as at:
        at.start()
        at.buys()
        at.rests(AAPL=100)
        at.fault("1100", for_="600ms", then=back)
        at.quote(144.0)
        at.run.until("position", event="closed", reason="stop")
        at.quote(150.0)
        at.buys()
        at.rests(AAPL=100)


@pytest.mark.parametrize("back", ["1101", "1102"])
def test_prices_come_again_after_interactive_brokers_was_out_of_reach(tmp_path: Path, back: str) -> None:
    seen = 'rule seen on price of AAPL where last > $170 -> log "above $170"\n'
    with scene(tmp_path, rules=RULES + seen) as at:
        at.start()
        at.fault("1100", for_="300ms", then=back)
        at.hears("out of reach")
        at.hears("in reach again")
        assert at.there.ask({"price": "AAPL", "at": 171.0, "size": 100}) == {"ok": True}
        at.run.until("decision", rule="seen", outcome="acted")


@pytest.mark.long
@pytest.mark.parametrize("back", ["1101", "1102"])
def test_an_entry_fills_while_interactive_brokers_is_out_of_reach(tmp_path: Path, back: str) -> None:
    with scene(tmp_path) as at:
        at.start()
        at.signal("DIP")
        at.watch.until(lambda look: look.opening("AAPL") == 100, "the entry works")
        at.fault("1100", for_="600ms", then=back)
        at.quote(148.5)
        at.run.until("position", event="opened")
        at.rests(AAPL=100, stop=143.51)


@pytest.mark.long
def test_nothing_is_entered_while_interactive_brokers_is_out_of_reach(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start()
        at.buys()
        at.quote(144.0)
        at.rests()
        at.quote(150.0)
        at.fault("1100")
        at.hears("out of reach")
        assert at.decides("BUY")["reason"] == "broker disconnected"
        at.fault("1102")
        at.quote(150.0)
        at.hears("again")
        at.buys()
        at.rests(AAPL=100)


def test_the_nightly_reset_is_no_alarm(tmp_path: Path) -> None:
    config = CONFIG.replace("[broker]\n", '[broker]\nquiet_windows = ["00:00-12:00", "12:00-00:00"]\n')
    with scene(tmp_path, config=config) as at:
        at.start()
        at.buys()
        at.rests(AAPL=100)
        at.fault("1100", for_="500ms", then="1102")
        at.hears("out of reach: as on most nights")
        at.hears("in reach again")
        at.quote(150.0)
        at.rests(AAPL=100)
        trades_on(at)
        at.rests(AAPL=100, MSFT=100)
        assert {line["level"] for line in at.run.of("notice")} == {"info"}, at.run.text


@pytest.mark.long
def test_a_broken_data_farm_is_told_and_orders_go_on(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start()
        at.buys()
        at.fault("farm", code=2103)
        at.hears("farm")
        at.fault("farm", code=2104)
        at.quote(160.01)
        at.rests()


def test_too_many_messages_and_a_connection_that_is_closed_for_it(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start()
        at.buys()
        at.rests(AAPL=100)
        at.fault("pacing")
        at.hears("Max rate of messages")
        at.fault("drop", client=1)
        trades_on(at)
        at.rests(AAPL=100, MSFT=100)


# ---- the gateway -----------------------------------------------------------------------------------------------------


def test_the_gateway_restarts_in_the_middle_of_a_trade(tmp_path: Path) -> None:
    with scene(tmp_path, "--state", "kept.state") as at:
        at.start()
        at.buys()
        at.rests(AAPL=100)
        at.reopen()
        at.quote(150.0)
        at.quote(150.0, "MSFT")
        trades_on(at)
        at.rests(AAPL=100, MSFT=100)
        at.quote(160.01)
        at.rests(MSFT=100)


@pytest.mark.long
def test_a_list_whose_end_never_comes_is_asked_for_again(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start()
        at.buys()
        at.rests(AAPL=100)
        at.fault("no_end", client=1)
        at.fault("drop", client=1)
        trades_on(at)
        at.rests(AAPL=100, MSFT=100)


@pytest.mark.long
def test_a_run_that_is_stopped_leaves_its_protection(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start()
        at.buys()
        at.rests(AAPL=100)
        assert at.run.stop(signal.SIGINT) == 0
        at.rests(AAPL=100)


def test_an_exit_waits_for_interactive_brokers_and_the_stop_stays(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start()
        at.buys()
        at.rests(AAPL=100)
        at.fault("1100")
        at.hears("out of reach")
        at.signal("OUT")
        at.rests(AAPL=100, stop=145.01)
        at.fault("1102")
        at.rests()
        at.run.until("position", event="closed", reason="exit")


@pytest.mark.long
def test_an_entry_fills_on_while_the_socket_is_away(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start()
        at.fault("partial", quantity=30, order={"role": "main"})
        at.buys(quantity=30)
        at.fault("restart", for_="500ms")
        at.quote(150.0)
        at.run.until("order", role="main", status="filled")
        at.rests(AAPL=100)


@pytest.mark.long
def test_a_stop_is_rejected_as_the_socket_drops(tmp_path: Path) -> None:
    # that an order sent a moment ago is nowhere proves nothing yet: two seconds pass before it counts as missing, and
    # one more between two rejections
    with scene(tmp_path, naked=5.0) as at:
        at.start()
        at.fault("reject", order=STOP, code=201, text="Order rejected - reason:no stop today", times=2)
        at.fault("drop", client=1, skip=12)
        at.buys()
        at.rests(AAPL=100)
