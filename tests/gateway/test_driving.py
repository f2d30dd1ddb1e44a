"""Market and clock of the gateway: when a recording begins, how its time passes, and how a symbol is shown."""

from __future__ import annotations

import math

import pytest

from rulec.runtime.broker.exchange import Exchange
from rulec.runtime.clock import ManualClock
from rulec.runtime.event.inputs import OutsideInput, Price, Quote, Signal
from rulec.runtime.gateway.driving import Driver
from rulec.runtime.gateway.gateway import Gateway
from rulec.runtime.gateway.history import MarketHistory
from rulec.runtime.gateway.random_past import RandomPast
from rulec.runtime.live.markets import RecordedMarket
from rulec.runtime.live.pacing import RecordedPace, SystemPace, Unpaced
from rulec.runtime.live.random_market import RandomMarket
from rulec.runtime.market.hours import AlwaysOpen, NyseHours
from rulec.runtime.times import HOUR, SECOND, parse_time

from ..support.plain_client import Desk, contract, frame

OPEN = parse_time("2026-01-06T14:30:00Z")
CLOSE = parse_time("2026-01-06T21:00:00Z")


def recording() -> list[OutsideInput]:
    return [Price(OPEN, "AAPL", 150.0), Signal(OPEN, "AAPL", "BUY"), Price(OPEN + 10 * SECOND, "AAPL", 151.0)]


def test_a_recording_waits_for_a_client_and_then_passes_at_its_speed() -> None:
    elapsed = [100.0]
    market = RecordedMarket(recording())
    driver = Driver(market, RecordedPace(2.0, market.start, lambda: elapsed[0]), market.start, waits_for_client=True)
    elapsed[0] += 50.0
    assert (driver.now(), driver.next_due()) == (OPEN, None)
    driver.begin()
    assert driver.next_due() == OPEN
    assert [event for _, event in driver.take()] == [Price(OPEN, "AAPL", 150.0)]
    assert driver.take() == [], "signals are no market"
    assert driver.seconds_until(OPEN + 10 * SECOND) == pytest.approx(5.0)
    elapsed[0] += 2.0
    assert driver.now() == OPEN + 4 * SECOND


def test_as_fast_as_it_goes_it_waits_until_somebody_asks_for_a_symbol() -> None:
    market = RecordedMarket(recording())
    driver = Driver(market, Unpaced(), market.start, waits_for_client=True, hours=NyseHours())
    driver.begin()
    assert driver.next_due() is None
    assert driver.seconds_until(OPEN + HOUR) == math.inf
    driver.meet("AAPL")
    assert driver.next_due() == OPEN
    assert driver.seconds_until(OPEN + HOUR) == 0.0
    for _ in range(3):
        driver.take()
    assert driver.is_over
    assert driver.now() == CLOSE, "what its last session still brings happens at once"
    assert driver.seconds_until(CLOSE + HOUR) == math.inf


def test_in_lockstep_nothing_begins_by_itself() -> None:
    market = RecordedMarket(recording())
    driver = Driver(market, Unpaced(), market.start, lockstep=True)
    driver.begin()
    driver.meet("AAPL")
    assert (driver.next_due(), driver.now()) == (None, OPEN)
    assert driver.move_to(OPEN + SECOND) == OPEN + SECOND
    assert driver.move_to(OPEN) == OPEN + SECOND, "time does not go back"


def test_a_market_made_up_runs_on_the_system_clock() -> None:
    clock = ManualClock(OPEN)
    driver = Driver(RandomMarket(7, AlwaysOpen(), (), OPEN), SystemPace(clock), OPEN)
    assert driver.next_due() is None
    ((time, quote),) = driver.meet("AAPL")
    assert time == OPEN
    assert isinstance(quote, Quote)
    due = driver.next_due()
    assert due is not None
    assert driver.seconds_until(due) == pytest.approx((due - OPEN) / SECOND)


def test_whose_past_is_asked_for_is_shown_first() -> None:
    clock = ManualClock(OPEN)
    hours = AlwaysOpen()
    driver = Driver(RandomMarket(7, hours, (), OPEN), SystemPace(clock), OPEN)
    history = MarketHistory(hours, fill_past=RandomPast(7, hours).fill)
    core = Gateway(Exchange(hours, {"DU1": 10**11}), hours, history=history)

    def show(symbol: str, now: int) -> None:
        for time, event in driver.meet(symbol):
            core.on_market(event, time)

    history.meets(show)
    client = Desk(core, OPEN).connect(1)
    client.send(frame([20, 5, *contract("AAPL"), 0, "", "1 min", "1 D", 1, "TRADES", 1, 0, ""]))
    (answer,) = client.told("HistoricalData")
    assert len(answer["bars"]) > 500
    client.send(frame([20, 6, *contract("AAPL"), 0, "", "1 fortnight", "1 D", 1, "TRADES", 1, 0, ""]))
    assert client.errors == [(6, 321)]
