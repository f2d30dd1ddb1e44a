"""The market made up from a seed."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from rulec.dsl.compile import compile_text
from rulec.runtime.event.inputs import Bar, OutsideInput, Price, Quote
from rulec.runtime.feed.files import delivery_time
from rulec.runtime.live.random_market import RandomMarket
from rulec.runtime.live.symbols import symbols_of
from rulec.runtime.market.hours import AlwaysOpen, Hours, NyseHours
from rulec.runtime.times import parse_time

OPEN = parse_time("2026-01-05T15:00:00Z")
CLOSED = parse_time("2026-01-05T23:00:00Z")
SECOND = 1_000_000


def walk(market: RandomMarket, steps: int) -> list[OutsideInput]:
    """What the market brings in so many steps, each taken when it is due."""
    events: list[OutsideInput] = []
    for _ in range(steps):
        due = market.next_due()
        assert due is not None
        events.extend(market.take(due))
    return events


def prices_of(symbol: str, events: Iterable[OutsideInput]) -> list[tuple[float, float]]:
    return [(event.bid, event.ask) for event in events if isinstance(event, Quote) and event.symbol == symbol]


def test_the_same_seed_makes_the_same_market() -> None:
    one, other = (RandomMarket(7, AlwaysOpen(), ["AAPL", "MSFT"], OPEN) for _ in range(2))
    assert walk(one, 300) == walk(other, 300)


def test_another_seed_makes_another_market() -> None:
    one, other = (RandomMarket(seed, AlwaysOpen(), ["AAPL"], OPEN) for seed in (7, 8))
    assert walk(one, 50) != walk(other, 50)


def test_a_symbols_walk_does_not_depend_on_its_neighbours() -> None:
    alone = prices_of("AAPL", walk(RandomMarket(7, AlwaysOpen(), ["AAPL"], OPEN), 50))
    together = prices_of("AAPL", walk(RandomMarket(7, AlwaysOpen(), ["AAPL", "KO", "MSFT"], OPEN), 150))
    both = min(len(alone), len(together))
    assert both > 20
    assert together[:both] == alone[:both]


def test_quotes_have_a_bid_below_the_ask_in_whole_cents_and_trades_lie_at_one_of_them() -> None:
    events = walk(RandomMarket(3, AlwaysOpen(), ["AAPL"], OPEN), 500)
    quote = None
    trades = 0
    for event in events:
        if isinstance(event, Quote):
            quote = event
            assert 0 < quote.bid < quote.ask
            assert quote.bid * 100 == pytest.approx(round(quote.bid * 100), abs=1e-6)
        elif isinstance(event, Price):
            trades += 1
            assert quote is not None
            assert event.price in (quote.bid, quote.ask)
            assert event.size is not None
            assert event.size > 0
    assert trades > 100


def test_times_never_run_backwards() -> None:
    times = [delivery_time(event) for event in walk(RandomMarket(3, AlwaysOpen(), ["AAPL", "KO"], OPEN), 1_000)]
    assert times == sorted(times)


def test_a_bar_tells_the_trades_of_its_minute_at_its_end() -> None:
    events = walk(RandomMarket(3, AlwaysOpen(), ["AAPL"], OPEN), 400)
    bars = [event for event in events if isinstance(event, Bar)]
    assert len(bars) > 3
    for bar in bars:
        trades = [one for one in events if isinstance(one, Price) and bar.start <= one.time < bar.end]
        prices = [one.price for one in trades]
        assert (bar.open, bar.high, bar.low, bar.close) == (prices[0], max(prices), min(prices), prices[-1])
        assert bar.volume == sum(one.size or 0 for one in trades)
        assert (bar.end - bar.start, bar.start % (60 * SECOND), bar.past) == (60 * SECOND, 0, False)


@pytest.mark.parametrize("hours", [AlwaysOpen(), NyseHours()])
def test_where_rules_look_back_a_symbol_brings_the_bars_of_its_past(hours: Hours) -> None:
    market = RandomMarket(7, hours, ["AAPL"], OPEN, with_past=True)
    *past, first = market.take(OPEN)
    assert isinstance(first, Quote)
    bars = [bar for bar in past if isinstance(bar, Bar)]
    assert len(bars) == len(past) > 1_900
    assert all(bar.past and hours.is_open(bar.start) and bar.low <= bar.close <= bar.high for bar in bars)
    assert [bar.end for bar in bars] == sorted({bar.end for bar in bars})
    assert bars[-1].end <= OPEN
    assert abs(bars[-1].close - first.price) < 0.02  # the past leads to where the walk begins
    assert market.meet("KO", OPEN, 70.0)[:-1] != past


def test_a_symbol_met_for_the_first_time_is_quoted_at_once_at_the_price_that_somebody_saw() -> None:
    market = RandomMarket(7, AlwaysOpen())
    assert market.next_due() is None
    (first,) = market.meet("AAPL", OPEN, 150.0)
    assert isinstance(first, Quote)
    assert first.bid <= 150.0 <= first.ask
    assert market.meet("AAPL", OPEN + SECOND, 999.0) == ()
    due = market.next_due()
    assert due is not None
    assert OPEN < due < OPEN + 2 * SECOND


def test_it_stands_still_while_the_market_is_closed() -> None:
    hours = NyseHours()
    market = RandomMarket(7, hours, ["AAPL"], CLOSED)
    first = market.take(CLOSED)
    assert len(first) == 1
    due = market.next_due()
    assert due is not None
    assert market.take(due) == ()
    assert market.next_due() == hours.next_open(CLOSED)


def test_a_machine_that_slept_makes_up_no_past() -> None:
    market = RandomMarket(7, AlwaysOpen(), ["AAPL"], OPEN)
    walk(market, 1)
    woken = OPEN + 3_600 * SECOND
    assert {event.time for event in market.take(woken)} == {woken}
    due = market.next_due()
    assert due is not None
    assert due > woken


def test_the_symbols_of_a_plan_are_those_that_its_rules_and_limits_name() -> None:
    text = """
        let watch = [CVNA, UVXY]
        let stake = { SOXL: $5_000, else: $1_000 }
        limits { only symbols [GLD] }
        on signal BUY of AAPL where symbol in watch and SPY.last > $1 -> enter long stake[symbol] of MSFT stop 3%
        on bar 5m of XOM where CVX.close[1] > $1 -> log "up"
        on time 10:00 of [KO, PEP] -> log "up"
    """
    compilation = compile_text(text)
    assert compilation.plan is not None, compilation.diagnostics
    named = symbols_of(compilation.plan)
    assert named == ("AAPL", "CVNA", "CVX", "GLD", "KO", "MSFT", "PEP", "SOXL", "SPY", "UVXY", "XOM")
