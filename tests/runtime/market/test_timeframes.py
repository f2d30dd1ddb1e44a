"""Which series answers: the timeframe that is meant, what it is built from, and what a bar completes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest

from rulec.runtime.event.inputs import Bar
from rulec.runtime.market.indicators import Indicators
from rulec.runtime.times import DAY, HOUR, MINUTE, SECOND, timeframe_text
from rulec.tests.support.market_bars import NYSE, at, naive_bars, real_bars, session_bars
from rulec.tests.support.whole_series import whole_series

MONDAY, TUESDAY = "2026-01-05", "2026-01-06"


def merged(*feeds: Sequence[Bar]) -> list[Bar]:
    """Several series as they are delivered; of bars that end together the one of the feed named first comes first."""
    return sorted((bar for bars in feeds for bar in bars), key=lambda bar: bar.end)


def spans(bars: Iterable[Bar]) -> list[str]:
    """Each bar as its timeframe and the minute of its start: `5m 09:35`."""
    shown = []
    for bar in bars:
        seconds = NYSE.seconds_of_day(bar.start)
        shown.append(f"{timeframe_text(bar.timeframe)} {seconds // 3600:02d}:{seconds // 60 % 60:02d}")
    return shown


@pytest.mark.parametrize(
    ("feeds", "configured", "asked", "expected"),
    [
        ([HOUR], None, None, "1h"),  # the only series
        ([5 * MINUTE], None, None, "5m"),
        ([MINUTE, HOUR], None, None, "1m"),  # several: one minute
        ([5 * MINUTE, HOUR], None, None, None),  # several, all longer than one minute
        ([30 * SECOND, 5 * MINUTE], None, None, "1m"),  # built from the finer one
        ([HOUR], None, 3600.0, "1h"),
        ([HOUR], None, 60.0, None),  # a feed coarser than asked
        ([MINUTE, HOUR], 3600.0, None, "1h"),  # configured
        ([MINUTE], 300.0, None, "5m"),  # configured and built
        ([HOUR], 60.0, None, None),
        ([MINUTE, HOUR], 60.0, 3600.0, "1h"),  # what the rule says comes first
        ([MINUTE], None, 1800.0, "30m"),
        ([MINUTE], None, 86_400.0, "1d"),
        ([], None, None, None),
    ],
)
def test_without_a_timeframe_it_is_the_configured_one_then_the_only_series_then_one_minute(
    feeds: list[int], configured: float | None, asked: float | None, expected: str | None
) -> None:
    indicators = Indicators(NYSE, configured)
    indicators.want(None, "highest", (1.0,), asked)
    indicators.want_bar(None, asked)
    bars = merged(*(session_bars(MONDAY, timeframe, seed=timeframe // SECOND) for timeframe in feeds))
    completed = [made for bar in bars for made in indicators.on_bar(bar)]
    last = {timeframe_text(bar.timeframe): bar for bar in completed}
    value = indicators.value("SPY", "highest", (1.0,), asked)
    assert value == (None if expected is None else last[expected].high)
    assert indicators.bar("SPY", "close", asked) == (None if expected is None else last[expected].close)


@pytest.mark.parametrize(
    ("feeds", "configured", "meant"),
    [
        ([HOUR], None, {"1h"}),
        ([MINUTE, HOUR], None, {"1m"}),
        ([MINUTE, 5 * MINUTE, HOUR], 300.0, {"5m"}),
        ([MINUTE], 300.0, {"5m"}),  # built
        ([30 * SECOND, 5 * MINUTE], None, {"1m"}),  # built, too
        ([5 * MINUTE, HOUR], None, {"5m", "1h"}),  # no minute to be had: each series of the feed
        ([HOUR], 60.0, {"1h"}),  # what is configured is not to be had
    ],
)
def test_a_rule_on_bars_without_a_timeframe_means_the_default_one_or_what_the_feed_has(
    feeds: list[int], configured: float | None, meant: set[str]
) -> None:
    indicators = Indicators(NYSE, configured)
    indicators.want_bars(None)
    indicators.want_bars(None, 1800.0)  # another rule's
    bars = merged(*(session_bars(day, timeframe) for day in (MONDAY, TUESDAY) for timeframe in feeds))
    completed = [(made, indicators.is_default(made)) for bar in bars for made in indicators.on_bar(bar)]
    tuesday = [(made, default) for made, default in completed if made.start >= at(TUESDAY, "09:30")]
    assert {timeframe_text(made.timeframe) for made, default in tuesday if default} == meant


def test_a_bar_completes_itself_first_and_then_longer_ones_the_shorter_before_the_longer() -> None:
    indicators = Indicators(NYSE)
    for timeframe in (3600.0, 300.0, 86_400.0, 60.0):
        indicators.want_bars(None, timeframe)
    told = [spans(indicators.on_bar(bar)) for bar in session_bars(MONDAY)]
    assert told[0] == ["1m 09:30"]
    assert told[4] == ["1m 09:34", "5m 09:30"]
    assert told[59] == ["1m 10:29", "5m 10:25", "1h 09:30"]
    assert told[-1] == ["1m 15:59", "5m 15:55", "1h 15:30", "1d 09:30"]


def test_only_what_somebody_wants_is_built_and_only_for_that_symbol() -> None:
    indicators = Indicators(NYSE)
    indicators.want_bars("IBM", 300.0)
    indicators.want("IBM", "sma", (3.0,), 600.0)
    indicators.want_bar("IBM", 900.0)
    for symbol, expected in (("SPY", {"1m"}), ("IBM", {"1m", "5m", "10m", "15m"})):
        bars = session_bars(MONDAY, symbol=symbol)
        assert {span.split()[0] for bar in bars for span in spans(indicators.on_bar(bar))} == expected


def test_everything_is_up_to_date_when_a_bar_is_told() -> None:
    indicators = Indicators(NYSE)
    indicators.want("SPY", "sma", (2.0,), 300.0)
    bars = session_bars(MONDAY)
    five = naive_bars(bars, 5 * MINUTE)
    for bar in bars[:10]:
        told = indicators.on_bar(bar)
    assert spans(told) == ["1m 09:39", "5m 09:35"]
    assert indicators.value("SPY", "sma", (2.0,), 300.0) == whole_series(five[:2], "sma", (2.0,))[-1]


def test_building_takes_the_first_finer_series_and_stays_with_it() -> None:
    indicators = Indicators(NYSE)
    indicators.want_bars("SPY", 3600.0)
    five, one = session_bars(MONDAY, 5 * MINUTE, seed=5), session_bars(MONDAY, seed=1)
    start = [bar for bar in one if bar.start >= at(MONDAY, "11:00")]  # the minutes come later
    told = [made for bar in merged(five, start) for made in indicators.on_bar(bar)]
    assert [bar for bar in told if bar.timeframe == HOUR] == naive_bars(five, HOUR)


def test_a_series_that_the_feed_delivers_is_not_built() -> None:
    indicators = Indicators(NYSE)
    indicators.want_bars("SPY", 300.0)
    indicators.want("SPY", "sma", (5.0,), 300.0)
    five, one = session_bars(MONDAY, 5 * MINUTE, seed=5), session_bars(MONDAY, seed=1)
    told = [made for bar in merged(five, one) for made in indicators.on_bar(bar)]
    assert told == merged(five, one)[:4] + told[4:]
    assert [bar for bar in told if bar.timeframe == 5 * MINUTE] == five[:1] + five[1:]
    assert indicators.value("SPY", "sma", (5.0,), 300.0) == whole_series(five, "sma", (5.0,))[-1]


def test_a_series_that_the_feed_begins_to_deliver_goes_on_from_what_was_built() -> None:
    indicators = Indicators(NYSE)
    indicators.want_bars("SPY", 300.0)
    indicators.want("SPY", "sma", (5.0,), 300.0)
    one = session_bars(MONDAY, seed=1)
    five = [bar for bar in session_bars(MONDAY, 5 * MINUTE, seed=5) if bar.start >= at(MONDAY, "12:00")]
    told = [made for bar in merged(one, five) for made in indicators.on_bar(bar) if made.timeframe == 5 * MINUTE]
    # The minute that ends at 12:05 comes first and completes a built bar: the delivered one of that span is no second.
    switch = at(MONDAY, "12:05")
    assert told == [bar for bar in naive_bars(one, 5 * MINUTE) if bar.end <= switch] + five[1:]
    assert indicators.value("SPY", "sma", (5.0,), 300.0) == whole_series(told, "sma", (5.0,))[-1]


def test_a_daily_feed_after_a_bar_that_was_built_late_is_not_told_twice() -> None:
    indicators = Indicators(NYSE)
    indicators.want_bars("SPY", 86_400.0)
    minutes = session_bars(MONDAY) + session_bars(TUESDAY)
    days = session_bars(MONDAY, DAY) + session_bars(TUESDAY, DAY)
    told = [made for bar in merged(minutes, days) for made in indicators.on_bar(bar) if made.timeframe == DAY]
    assert [bar.start for bar in told] == [at(MONDAY, "09:30"), at(TUESDAY, "09:30")]
    assert told[1] == days[1]


def test_a_feed_that_is_joined_within_a_day_makes_no_daily_bar_of_the_rest() -> None:
    indicators = Indicators(NYSE)
    indicators.want_bar("SPY", 86_400.0)
    for bar in session_bars(MONDAY)[200:]:
        indicators.on_bar(bar)
    assert indicators.bar("SPY", "high", 86_400.0) is None
    for bar in session_bars(TUESDAY):
        indicators.on_bar(bar)
    assert indicators.bar("SPY", "high", 86_400.0) == max(bar.high for bar in session_bars(TUESDAY))


def test_what_is_asked_for_within_a_bucket_begins_with_the_next_one() -> None:
    indicators = Indicators(NYSE)
    bars = session_bars(MONDAY)
    for bar in bars[:3]:
        indicators.on_bar(bar)
    assert indicators.bar("SPY", "open", 300.0) is None
    for bar in bars[3:5]:
        indicators.on_bar(bar)
    assert indicators.bar("SPY", "open", 300.0) is None
    for bar in bars[5:10]:
        indicators.on_bar(bar)
    assert indicators.bar("SPY", "open", 300.0) == bars[5].open


def test_what_is_asked_for_between_two_buckets_begins_with_the_next_one_though_a_minute_is_missing() -> None:
    indicators = Indicators(NYSE)
    bars = session_bars(MONDAY)
    for bar in bars[:5]:
        indicators.on_bar(bar)
    assert indicators.bar("SPY", "open", 300.0) is None
    for bar in bars[6:10]:
        indicators.on_bar(bar)
    assert indicators.bar("SPY", "open", 300.0) == bars[6].open


def test_indicators_of_a_built_timeframe_are_those_of_its_bars() -> None:
    bars = real_bars("SPY_1m.csv")
    five = naive_bars(bars, 5 * MINUTE)
    cases: list[tuple[str, tuple[float, ...]]] = [("atr", (14.0,)), ("macd_signal", ()), ("vwap", ()), ("rsi", (9.0,))]
    indicators = Indicators(NYSE)
    for name, arguments in cases:
        indicators.want("SPY", name, arguments, 300.0)
    found: dict[str, list[float | None]] = {name: [] for name, _ in cases}
    for bar in bars:
        if len(indicators.on_bar(bar)) == 2:
            for name, arguments in cases:
                found[name].append(indicators.value("SPY", name, arguments, 300.0))
    for name, arguments in cases:
        assert found[name] == whole_series(five, name, arguments)
