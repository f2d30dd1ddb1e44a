"""No look-ahead: a value depends on the bars up to it, and on none after them.

Bars are fed once through the live indicators, and at bars picked by a seed what they said is compared with the same
worked out from the bars up to there alone: the longer bars grouped at once, the indicators over the whole series.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import attrs
import pytest

from rulec.runtime.event.inputs import Bar
from rulec.runtime.market.indicators import Indicators
from rulec.runtime.times import SECOND
from rulec.tests.support.market_bars import NYSE, naive_bars, real_bars
from rulec.tests.support.whole_series import whole_series


@attrs.frozen
class Question:
    """An indicator, or with `name` alone a field of a bar; timeframe in seconds, None for that of the feed."""

    name: str
    arguments: tuple[float, ...] | None
    timeframe: float | None = None
    ago: int = 0

    def want(self, indicators: Indicators) -> None:
        if self.arguments is None:
            indicators.want_bar("SPY", self.timeframe, self.ago)
        else:
            indicators.want("SPY", self.name, self.arguments, self.timeframe, self.ago)

    def live(self, indicators: Indicators) -> float | None:
        if self.arguments is None:
            return indicators.bar("SPY", self.name, self.timeframe, self.ago)
        return indicators.value("SPY", self.name, self.arguments, self.timeframe, self.ago)

    def alone(self, known: Known) -> float | None:
        """The answer from the bars up to a moment and no others."""
        series = known.of(self.timeframe)
        if len(series) <= self.ago:
            return None
        if self.arguments is None:
            return float(getattr(series[-1 - self.ago], self.name))
        return whole_series(series, self.name, self.arguments)[-1 - self.ago]


class Known:
    """The bars up to a moment, and the longer ones that are complete by then."""

    def __init__(self, bars: Sequence[Bar]) -> None:
        self._bars = bars
        self._series: dict[float | None, list[Bar]] = {None: [bar for bar in bars if bar.regular]}

    def of(self, timeframe: float | None) -> list[Bar]:
        series = self._series.get(timeframe)
        if series is None and timeframe is not None:
            series = self._series[timeframe] = naive_bars(self._bars, round(timeframe * SECOND))
        return series or []


OF_THE_FEED = [
    Question("sma", (20.0,)),
    Question("rsi", (14.0,), ago=3),
    Question("bollinger_lower", (20.0, 2.5)),
    Question("close", None, ago=1),
]
HOURLY = [*OF_THE_FEED, Question("atr", (14.0,), 86_400.0), Question("highest", (5.0,), 86_400.0, 2)]
HOURLY += [Question("close", None, 86_400.0, 1), Question("macd_signal", (), 86_400.0)]
MINUTELY = [*OF_THE_FEED, Question("atr", (14.0,), 300.0), Question("ema", (9.0,), 3600.0), Question("vwap", (), 900.0)]
MINUTELY += [Question("low", None, 3600.0, 1), Question("change", (2.0,), 86_400.0), Question("open", None, 86_400.0)]


def check(bars: Sequence[Bar], questions: Sequence[Question], picked: set[int]) -> None:
    indicators = Indicators(NYSE)
    for question in questions:
        question.want(indicators)
    said: dict[int, list[float | None]] = {}
    for number, bar in enumerate(bars):
        indicators.on_bar(bar)
        if number in picked:
            said[number] = [question.live(indicators) for question in questions]
    assert said.keys() == picked
    for number in picked:
        known = Known(bars[: number + 1])
        assert said[number] == [question.alone(known) for question in questions], f"at bar {number}: {bars[number]}"


@pytest.mark.parametrize("seed", [1, 2])
def test_what_is_known_at_random_minutes_comes_of_the_minutes_before(seed: int) -> None:
    bars = real_bars("SPY_1m.csv")
    check(bars, MINUTELY, set(random.Random(seed).sample(range(len(bars)), 40)))


@pytest.mark.parametrize("seed", [3])
def test_what_is_known_at_random_hours_comes_of_the_hours_before(seed: int) -> None:
    bars = real_bars("SPY_1h.csv.gz")[:6_000]
    check(bars, HOURLY, set(random.Random(seed).sample(range(len(bars)), 40)))


@pytest.mark.parametrize("seed", [4])
def test_with_minutes_missing_at_random_nothing_is_known_early_either(seed: int) -> None:
    chance = random.Random(seed)
    bars = [bar for bar in real_bars("SPY_1m.csv") if chance.uniform(0, 1) < 0.8]
    # Whether a feed that begins within a bucket was late is another matter: let it begin with one.
    bars = [real_bars("SPY_1m.csv")[0], *(bar for bar in bars if bar.start > real_bars("SPY_1m.csv")[0].start)]
    check(bars, MINUTELY, set(chance.sample(range(len(bars)), 40)))


@pytest.mark.long
@pytest.mark.parametrize("first", range(0, 1_000, 250))
def test_what_is_known_at_a_thousand_random_hours_comes_of_the_hours_before(first: int) -> None:
    bars = real_bars("SPY_1h.csv.gz")
    picked = random.Random(2026).sample(range(len(bars)), 1_000)
    check(bars, HOURLY, set(picked[first : first + 250]))
