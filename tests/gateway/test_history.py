"""Bars of the past: requests are read, what the market has shown is put together, the newest bar is kept up to date."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from rulec.runtime.event.inputs import Bar, Price, Quote
from rulec.runtime.gateway.bar_pacing import BarPacing
from rulec.runtime.gateway.history import MarketHistory
from rulec.runtime.gateway.random_past import RandomPast
from rulec.runtime.gateway.replies import ErrorMessage, HeadTimestampIs, HistoricalData, HistoricalUpdate
from rulec.runtime.gateway.requests import Contract, HeadTimestamp, HistoricalBars
from rulec.runtime.live.random_market import RandomMarket
from rulec.runtime.market.hours import AlwaysOpen, NyseHours
from rulec.runtime.times import DAY, HOUR, MINUTE, SECOND, parse_time

OPEN = parse_time("2026-01-06T14:30:00Z")  # a Tuesday
AAPL = Contract(symbol="AAPL", exchange="SMART")


def request(**more: Any) -> HistoricalBars:
    terms: dict[str, Any] = {
        "request_id": 7,
        "contract": AAPL,
        "end": "",
        "bar_size": "1 min",
        "duration": "1 D",
        "regular_hours_only": True,
        "what": "TRADES",
        "date_format": 1,
        "keep_up_to_date": False,
    }
    return HistoricalBars(**{**terms, **more})


def minute_bars(history: MarketHistory, start: int, closes: list[float]) -> int:
    """Shows bars of a minute that each begin at the close before; answers the end of the last."""
    for number, close in enumerate(closes):
        begins = start + number * MINUTE
        opens = closes[number - 1] if number else close
        bar = Bar(
            begins, "AAPL", opens, max(opens, close), min(opens, close), close, 100.0, MINUTE, begins, begins + MINUTE
        )
        history.on_market(bar, begins + MINUTE)
    return start + len(closes) * MINUTE


def bars(history: MarketHistory, now: int, **more: Any) -> list[tuple[Any, ...]]:
    (answer,) = history.ask(1, request(**more), "AAPL", now)
    assert isinstance(answer, HistoricalData), answer
    return [(bar.date, bar.open, bar.high, bar.low, bar.close, bar.volume) for bar in answer.bars]


def error(history: MarketHistory, now: int, **more: Any) -> tuple[int, str]:
    (answer,) = history.ask(1, request(**more), "AAPL", now)
    assert isinstance(answer, ErrorMessage)
    assert answer.id == 7
    return answer.code, answer.text


def test_bars_are_those_that_the_market_has_shown() -> None:
    history = MarketHistory(NyseHours())
    now = minute_bars(history, OPEN, [150.0, 151.0, 149.0])
    assert bars(history, now) == [
        ("20260106  14:30:00", 150.0, 150.0, 150.0, 150.0, 100),
        ("20260106  14:31:00", 150.0, 151.0, 150.0, 151.0, 100),
        ("20260106  14:32:00", 151.0, 151.0, 149.0, 149.0, 100),
    ]
    assert bars(history, now, duration="120 S")[0][0] == "20260106  14:31:00"
    assert bars(history, now, end="20260106 14:32:00")[-1][0] == "20260106  14:31:00"
    assert bars(history, now, end="20260106 09:31:00 US/Eastern")[-1][0] == "20260106  14:30:00"
    assert bars(history, now, date_format=2)[0][0] == str(OPEN // SECOND)


def test_longer_bars_are_put_together_and_the_first_begins_at_the_open() -> None:
    history = MarketHistory(NyseHours())
    now = minute_bars(history, OPEN, [150.0 + number for number in range(90)])
    assert bars(history, now, bar_size="1 hour") == [
        ("20260106  14:30:00", 150.0, 179.0, 150.0, 179.0, 3_000),
        ("20260106  15:00:00", 179.0, 239.0, 179.0, 239.0, 6_000),
    ]
    assert bars(history, now, bar_size="1 day") == [("20260106", 150.0, 239.0, 150.0, 239.0, 9_000)]
    assert len(bars(history, now, bar_size="5 mins")) == 18


def test_a_duration_counts_trading_days() -> None:
    history = MarketHistory(NyseHours())
    friday = OPEN - 4 * DAY
    minute_bars(history, friday, [148.0])
    now = minute_bars(history, OPEN, [150.0])
    assert [bar[0][:8] for bar in bars(history, now, duration="1 D")] == ["20260106"]
    assert [bar[0][:8] for bar in bars(history, now, duration="2 D")] == ["20260106"], "Monday had none"
    assert [bar[0][:8] for bar in bars(history, now, duration="3 D")] == ["20260102", "20260106"]
    assert [bar[0][:8] for bar in bars(history, now, duration="1 W")] == ["20260102", "20260106"]
    assert [bar[0][:8] for bar in bars(history, now, duration="1 M")] == ["20260102", "20260106"]


def test_after_the_close_the_day_is_counted_back_from_its_last_price() -> None:
    history = MarketHistory(NyseHours())
    minute_bars(history, OPEN, [150.0, 151.0])
    assert len(bars(history, OPEN + 12 * HOUR, duration="1 D")) == 2
    assert len(bars(history, OPEN + 12 * HOUR, duration="60 S")) == 1


def test_ticks_become_bars_of_each_kind() -> None:
    history = MarketHistory(NyseHours())
    for second, (bid, ask, trade) in enumerate([(149.9, 150.1, 150.1), (150.0, 150.2, 150.0), (150.4, 150.6, 150.5)]):
        now = OPEN + second * 5 * SECOND
        history.on_market(Quote(now, "AAPL", bid, ask), now)
        history.on_market(Price(now, "AAPL", trade, 200.0), now)
    now = OPEN + MINUTE
    assert bars(history, now) == [("20260106  14:30:00", 150.1, 150.5, 150.0, 150.5, 600)]
    assert bars(history, now, what="BID") == [("20260106  14:30:00", 149.9, 150.4, 149.9, 150.4, -1)]
    assert bars(history, now, what="ASK") == [("20260106  14:30:00", 150.1, 150.6, 150.1, 150.6, -1)]
    assert bars(history, now, what="MIDPOINT") == [("20260106  14:30:00", 150.0, 150.5, 150.0, 150.5, -1)]
    assert len(bars(history, now, bar_size="5 secs")) == 3
    assert len(bars(history, now, bar_size="10 secs")) == 2


def test_quotes_stand_for_trades_where_there_are_none() -> None:
    history = MarketHistory(NyseHours())
    history.on_market(Quote(OPEN, "AAPL", 149.9, 150.1), OPEN)
    assert bars(history, OPEN + MINUTE) == [("20260106  14:30:00", 150.0, 150.0, 150.0, 150.0, 0)]


def test_outside_the_regular_hours_bars_are_given_to_those_who_ask() -> None:
    history = MarketHistory(NyseHours())
    history.on_market(Price(OPEN - MINUTE, "AAPL", 148.0, 100.0), OPEN - MINUTE)
    history.on_market(Price(OPEN, "AAPL", 150.0, 100.0), OPEN)
    assert len(bars(history, OPEN + MINUTE)) == 1
    assert len(bars(history, OPEN + MINUTE, regular_hours_only=False)) == 2


WRONG = [
    ("bar size", {"bar_size": "7 mins"}, "bar size setting is invalid"),
    ("duration", {"duration": "one day"}, "duration is invalid"),
    ("no duration", {"duration": "0 D"}, "duration is invalid"),
    ("too many days", {"duration": "400 D"}, "must be made in years"),
    ("too many seconds", {"duration": "90000 S"}, "must be made in days"),
    ("end", {"end": "yesterday"}, "endDateTime"),
    ("no such day", {"end": "20260230 10:00:00"}, "endDateTime"),
    ("zone", {"end": "20260106 10:00:00 Mars/Base"}, "endDateTime"),
    ("what", {"what": "GOSSIP"}, "whatToShow"),
    ("format", {"date_format": 3}, "formatDate"),
    ("an end that moves", {"end": "20260106 10:00:00", "keep_up_to_date": True}, "kept up to date"),
]


@pytest.mark.parametrize(("terms", "why"), [c[1:] for c in WRONG], ids=[c[0] for c in WRONG])
def test_words_that_make_no_sense_are_refused(terms: dict[str, Any], why: str) -> None:
    history = MarketHistory(NyseHours())
    code, text = error(history, minute_bars(history, OPEN, [150.0]), **terms)
    assert code == 321
    assert why in text


def test_no_bars_are_an_error() -> None:
    code, text = error(MarketHistory(NyseHours()), OPEN)
    assert code == 162
    assert "HMDS query returned no data: AAPL@SMART Trades" in text


# ---- kept up to date -------------------------------------------------------------------------------------------------


def test_the_newest_bar_grows_until_the_next_one_begins() -> None:
    history = MarketHistory(NyseHours())
    history.on_market(Price(OPEN, "AAPL", 150.0, 100.0), OPEN)
    assert len(bars(history, OPEN, keep_up_to_date=True)) == 1
    told = []
    for second, price in ((1, 151.0), (2, 149.0), (60, 152.0)):
        now = OPEN + second * SECOND
        for session, update in history.on_market(Price(now, "AAPL", price, 100.0), now):
            assert isinstance(update, HistoricalUpdate)
            told.append((session, update.request_id, update.bar.date[-8:], update.bar.close, update.bar.volume))
    assert told == [
        (1, 7, "14:30:00", 151.0, 200),
        (1, 7, "14:30:00", 149.0, 300),
        (1, 7, "14:31:00", 152.0, 100),
    ]
    history.cancel(1, 7)
    assert not history.on_market(Price(OPEN + 2 * MINUTE, "AAPL", 152.0), OPEN + 2 * MINUTE)


def test_a_session_that_has_gone_gets_no_updates() -> None:
    history = MarketHistory(NyseHours())
    minute_bars(history, OPEN, [150.0])
    history.ask(1, request(keep_up_to_date=True), "AAPL", OPEN + MINUTE)
    history.drop(1)
    later = OPEN + MINUTE
    bar = Bar(later, "AAPL", 1.0, 1.0, 1.0, 1.0, 0.0, MINUTE, later, later + MINUTE)
    assert not history.on_market(bar, later + MINUTE)


# ---- the made-up past ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hours", [NyseHours(), AlwaysOpen()], ids=["nyse", "always"])
def test_a_market_made_up_has_a_past_that_leads_to_its_first_price(hours: Any) -> None:
    now = OPEN + 2 * HOUR
    answers = []
    for _ in range(2):
        market = RandomMarket(7, hours, (), now)
        history = MarketHistory(hours, fill_past=RandomPast(7, hours).fill)
        first = market.meet("AAPL", now, None)
        for event in first:
            history.on_market(event, now)  # type: ignore[arg-type]
        answers.append(bars(history, now, duration="5 D"))
    minutes = answers[0]
    assert minutes == answers[1]
    assert len(minutes) >= (4 * 390 + 120 if isinstance(hours, NyseHours) else 4 * 1440)
    assert minutes[-2][4] == pytest.approx(first[-1].price, rel=0.01)  # type: ignore[union-attr]
    gaps = [abs(after[1] - before[4]) / before[4] for before, after in pairwise(minutes)]
    assert max(gaps) < 0.02, "one bar opens where the one before it closed"
    assert len(bars(history, now, duration="1800 S", bar_size="5 secs")) == 361
    days = bars(history, now, duration="1 Y", bar_size="1 day")
    assert len(days) > 200
    assert len({day[0] for day in days}) == len(days)


def test_a_symbol_nobody_has_asked_for_is_shown_first() -> None:
    met: list[str] = []
    history = MarketHistory(NyseHours())
    history.meets(lambda symbol, now: met.append(symbol))
    error(history, OPEN)
    assert met == ["AAPL"]


def test_the_earliest_bar_is_the_head() -> None:
    history = MarketHistory(NyseHours())
    head = HeadTimestamp(3, AAPL, True, "TRADES", 1)
    (none,) = history.head(1, head, "AAPL", OPEN)
    assert isinstance(none, ErrorMessage)
    assert none.code == 162
    now = minute_bars(history, OPEN, [150.0, 151.0])
    assert history.head(1, head, "AAPL", now) == (HeadTimestampIs(3, "20260106  14:30:00"),)


# ---- pacing ----------------------------------------------------------------------------------------------------------


def test_pacing_counts_by_symbol_and_in_all() -> None:
    pacing = BarPacing()
    allowed = [pacing.allows(number, "AAPL", SECOND, OPEN) for number in range(7)]
    assert allowed == [True] * 5 + [False] * 2
    spread = [pacing.allows(100 + number, f"S{number}", SECOND, OPEN + MINUTE) for number in range(60)]
    assert spread.count(True) == 53
    assert pacing.allows(1, "AAPL", SECOND, OPEN + HOUR)
