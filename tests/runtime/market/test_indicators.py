"""Indicators: against the whole-series function, against a second library, and the default timeframe."""

from __future__ import annotations

import random
import warnings

import numpy as np
import pytest

from rulec.runtime.event.inputs import Bar
from rulec.runtime.market.indicators import Indicators
from rulec.runtime.times import HOUR, MINUTE

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import talib
    from talipp import indicators as second_library
    from talipp.ohlcv import OHLCV


def bars(count: int, *, seed: int = 1, symbol: str = "SPY", timeframe: int = MINUTE, regular: bool = True) -> list[Bar]:
    """A random walk with gaps."""
    chance = random.Random(seed)
    price, made = 100.0, []
    for number in range(count):
        opening = round(price * chance.uniform(0.97, 1.03), 2)
        close = round(opening * chance.uniform(0.98, 1.02), 2)
        high = round(max(opening, close) * chance.uniform(1.0, 1.01), 2)
        low = round(min(opening, close) * chance.uniform(0.99, 1.0), 2)
        start = number * timeframe
        made.append(Bar(start, symbol, opening, high, low, close, 100.0, timeframe, start, start + timeframe, regular))
        price = close
    return made


def live_values(series: list[Bar], period: int) -> list[float | None]:
    indicators = Indicators()
    indicators.want(None, "atr", (float(period),))
    found = []
    for bar in series:
        indicators.on_bar(bar)
        found.append(indicators.value("SPY", "atr", (float(period),)))
    return found


@pytest.mark.parametrize("period", [1, 2, 14, 20, 100])
def test_every_live_value_is_that_of_the_whole_series_bit_for_bit(period: int) -> None:
    series = bars(3_000)
    high, low, close = (np.array([getattr(bar, name) for bar in series]) for name in ("high", "low", "close"))
    whole = talib.ATR(high, low, close, timeperiod=period)
    expected = [None if np.isnan(value) else float(value) for value in whole]
    assert live_values(series, period) == expected
    assert expected.count(None) == period


def test_a_second_library_agrees_once_the_beginning_is_forgotten() -> None:
    series = bars(1_000, seed=2)
    second = second_library.ATR(
        period=14, input_values=[OHLCV(bar.open, bar.high, bar.low, bar.close) for bar in series]
    )
    pairs = list(zip(live_values(series, 14), second, strict=True))[14 * 30 :]
    assert len(pairs) > 500
    for ours, theirs in pairs:
        assert ours == pytest.approx(theirs, rel=1e-9)


def test_bars_outside_the_session_change_nothing() -> None:
    regular, outside = bars(40), bars(40, seed=9, regular=False)
    indicators = Indicators()
    indicators.want("SPY", "atr", (14.0,))
    for inside, other in zip(regular, outside, strict=True):
        indicators.on_bar(other)
        indicators.on_bar(inside)
    assert indicators.value("SPY", "atr", (14.0,)) == live_values(regular, 14)[-1]


@pytest.mark.parametrize(
    ("feeds", "configured", "asked", "expected"),
    [
        ([HOUR], None, None, HOUR),  # the only series
        ([5 * MINUTE], None, None, 5 * MINUTE),
        ([MINUTE, HOUR], None, None, MINUTE),  # several: one minute
        ([5 * MINUTE, HOUR], None, None, None),  # several, none of one minute: the feed is too coarse
        ([HOUR], None, 3600.0, HOUR),
        ([HOUR], None, 60.0, None),  # a feed coarser than asked
        ([MINUTE, HOUR], 3600.0, None, HOUR),  # configured
        ([HOUR], 60.0, None, None),
        ([MINUTE, HOUR], 60.0, 3600.0, HOUR),  # what the rule says comes first
        ([], None, None, None),
    ],
)
def test_without_a_timeframe_it_is_the_configured_one_then_the_only_series_then_one_minute(
    feeds: list[int], configured: float | None, asked: float | None, expected: int | None
) -> None:
    indicators = Indicators(configured)
    indicators.want(None, "atr", (14.0,), asked)
    values = {}
    for seed, timeframe in enumerate(feeds):
        series = bars(50, seed=seed, timeframe=timeframe)
        for bar in series:
            indicators.on_bar(bar)
        values[timeframe] = live_values(series, 14)[-1]
    assert indicators.value("SPY", "atr", (14.0,), asked) == (None if expected is None else values[expected])


def test_symbols_and_periods_are_kept_apart() -> None:
    indicators = Indicators()
    indicators.want(None, "atr", (14.0,))
    indicators.want("SPY", "atr", (20.0,))
    spy, ibm = bars(60, seed=3), bars(60, seed=4, symbol="IBM")
    for one, other in zip(spy, ibm, strict=True):
        indicators.on_bar(one)
        indicators.on_bar(other)
    assert indicators.value("SPY", "atr", (14.0,)) == live_values(spy, 14)[-1]
    assert indicators.value("SPY", "atr", (20.0,)) == live_values(spy, 20)[-1]
    assert indicators.value("IBM", "atr", (14.0,)) == live_values(bars(60, seed=4), 14)[-1]
    assert indicators.value("QQQ", "atr", (14.0,)) is None


def test_what_is_first_asked_for_later_starts_then() -> None:
    indicators = Indicators()
    series = bars(60)
    for bar in series[:20]:
        indicators.on_bar(bar)
    assert indicators.value("SPY", "atr", (14.0,)) is None
    for bar in series[20:]:
        indicators.on_bar(bar)
    assert indicators.value("SPY", "atr", (14.0,)) == live_values(series[20:], 14)[-1]


@pytest.mark.parametrize("arguments", [(), (0.0,), (-1.0,), (1.5,), (14.0, 2.0), (1e9,), (float("inf"),)])
def test_a_period_that_is_none_is_refused(arguments: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="give one period, a whole number"):
        Indicators().want(None, "atr", arguments)


def test_an_unknown_indicator_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="no indicator `art`; there is atr"):
        Indicators().want(None, "art", (14.0,))
