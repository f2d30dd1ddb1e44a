"""The past: bars and indicator values of some bars ago, and only as much of it as was asked for."""

from __future__ import annotations

import pytest

from rulec.runtime.market.indicators import Indicators
from rulec.runtime.times import MINUTE
from rulec.tests.support.market_bars import NYSE, real_bars, walk
from rulec.tests.support.whole_series import whole_series


@pytest.mark.parametrize("ago", [0, 1, 2, 7, 50])
def test_an_indicator_some_bars_ago_is_what_it_was_then(ago: int) -> None:
    bars = real_bars("SPY_1m.csv")[:300]
    indicators = Indicators(NYSE)
    indicators.want(None, "sma", (20.0,), ago=ago)
    whole = whole_series(bars, "sma", (20.0,))
    for number, bar in enumerate(bars):
        indicators.on_bar(bar)
        expected = whole[number - ago] if number >= ago else None
        assert indicators.value("SPY", "sma", (20.0,), ago=ago) == expected


@pytest.mark.parametrize("name", ["open", "high", "low", "close", "volume"])
@pytest.mark.parametrize("ago", [0, 1, 13])
def test_a_field_of_a_bar_is_that_of_the_completed_bar_so_many_ago(name: str, ago: int) -> None:
    bars = real_bars("SPY_1m.csv")[:100]
    indicators = Indicators(NYSE)
    indicators.want_bar("SPY", ago=ago)
    for number, bar in enumerate(bars):
        indicators.on_bar(bar)
        expected = getattr(bars[number - ago], name) if number >= ago else None
        assert indicators.bar("SPY", name, ago=ago) == expected


def test_before_any_bar_nothing_is_known() -> None:
    indicators = Indicators(NYSE)
    indicators.want_bar("SPY", ago=2)
    indicators.want("SPY", "highest", (1.0,), ago=2)
    assert indicators.bar("SPY", "close") is None
    assert indicators.value("SPY", "highest", (1.0,), ago=2) is None


def test_the_deepest_wish_counts_and_shallower_ones_are_answered_from_it() -> None:
    bars = walk(40)
    indicators = Indicators(NYSE)
    for ago in (1, 5, 3):
        indicators.want("SPY", "highest", (2.0,), ago=ago)
        indicators.want_bar("SPY", ago=ago)
    for bar in bars:
        indicators.on_bar(bar)
    whole = whole_series(bars, "highest", (2.0,))
    for ago in range(6):
        assert indicators.value("SPY", "highest", (2.0,), ago=ago) == whole[-1 - ago]
        assert indicators.bar("SPY", "close", ago=ago) == bars[-1 - ago].close


def test_a_past_that_is_asked_for_later_is_unknown_until_it_is_covered() -> None:
    bars = walk(40)
    indicators = Indicators(NYSE)
    indicators.want("SPY", "highest", (2.0,), ago=1)
    indicators.want_bar("SPY", ago=1)
    for bar in bars[:30]:
        indicators.on_bar(bar)
    found, closes = [], []
    for bar in bars[30:]:
        found.append(indicators.value("SPY", "highest", (2.0,), ago=4))
        closes.append(indicators.bar("SPY", "close", ago=4))
        indicators.on_bar(bar)
    whole = whole_series(bars, "highest", (2.0,))
    assert found == [None, None, None, *whole[28:35]]  # of the two that were kept one is four bars ago after three more
    assert closes == [None, None, None, *(bar.close for bar in bars[28:35])]


def test_bars_outside_regular_hours_are_no_part_of_the_past() -> None:
    regular, outside = walk(20), walk(20, seed=9, regular=False)
    indicators = Indicators(NYSE)
    indicators.want_bar("SPY", ago=3)
    indicators.want("SPY", "change", (1.0,), ago=3)
    for inside, other in zip(regular, outside, strict=True):
        indicators.on_bar(inside)
        indicators.on_bar(other)
    assert indicators.bar("SPY", "close", ago=3) == regular[-4].close
    assert indicators.value("SPY", "change", (1.0,), ago=3) == whole_series(regular, "change", (1.0,))[-4]


def test_the_past_of_a_built_timeframe_is_counted_in_its_own_bars() -> None:
    bars = real_bars("SPY_1m.csv")[:300]
    indicators = Indicators(NYSE)
    indicators.want_bar("SPY", 300.0, ago=2)
    indicators.want("SPY", "highest", (2.0,), 300.0, ago=2)
    for bar in bars:
        indicators.on_bar(bar)
    closes = [bar.close for bar in bars[4::5]]
    highs = [max(bar.high for bar in bars[first : first + 5]) for first in range(0, 300, 5)]
    assert [indicators.bar("SPY", "close", 300.0, ago) for ago in range(3)] == [closes[-1], closes[-2], closes[-3]]
    assert indicators.value("SPY", "highest", (2.0,), 300.0, 2) == max(highs[-3], highs[-4])
    assert bars[0].timeframe == MINUTE
