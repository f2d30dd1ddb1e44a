"""Bars as a file holds them: not yet cut to their session, many of them.

A million bars as records would be half a gigabyte that the garbage collector walks through again and again. A file's
bars are therefore kept as columns of numbers and made into records one at a time, when they are delivered.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from operator import sub

import attrs

from ..event.inputs import Bar
from ..market.hours import Hours
from ..market.spans import SpanCutter
from ..times import DAY, MINUTE


@attrs.frozen
class PlainBar:
    """A bar as written: `time` is its stamp, `timeframe` in microseconds or None where the line states none."""

    time: int
    symbol: str
    open: float
    high: float
    low: float
    close: float
    volume: float
    timeframe: int | None

    def cut(self, timeframe: int, cutter: SpanCutter) -> Bar:
        start, end, regular = cutter.cut(self.time, timeframe)
        return Bar(
            self.time,
            self.symbol,
            self.open,
            self.high,
            self.low,
            self.close,
            self.volume,
            timeframe,
            start,
            end,
            regular,
        )


class BarColumns:
    """A file's bars of one timeframe, in the order of their stamps and so also of their delivery."""

    def __init__(self) -> None:
        self.times = array("q")
        self.opens = array("d")
        self.highs = array("d")
        self.lows = array("d")
        self.closes = array("d")
        self.volumes = array("d")
        self.symbols: list[str] = []

    def __len__(self) -> int:
        return len(self.times)

    def spacing(self, hours: Hours) -> int:
        """The timeframe that these bars have by their spacing, in microseconds."""
        if len(set(self.symbols)) <= 1:
            return usual_timeframe(map(sub, self.times[1:], self.times), self.times, hours)
        return usual_timeframe(gaps(zip(self.symbols, self.times, strict=True)), self.times, hours)

    def bars(self, timeframe: int, cutter: SpanCutter) -> Iterator[Bar]:
        """The bars in order, each cut to its session."""
        cut = cutter.cut
        columns = (self.times, self.symbols, self.opens, self.highs, self.lows, self.closes, self.volumes)
        for time, symbol, opening, high, low, close, volume in zip(*columns, strict=True):
            start, end, regular = cut(time, timeframe)
            yield Bar(time, symbol, opening, high, low, close, volume, timeframe, start, end, regular)


def gaps(stamps: Iterable[tuple[str, int]]) -> Iterator[int]:
    """The times between neighbouring bars of the same symbol."""
    previous: dict[str, int] = {}
    for symbol, time in stamps:
        before = previous.get(symbol)
        if before is not None:
            yield time - before
        previous[symbol] = time


def usual_timeframe(spacings: Iterable[int], times: array[int], hours: Hours) -> int:
    """The commonest spacing, the shorter of two that are equally common.

    Weekends, holidays and clock changes stretch days: anything over half a day and under five days means daily bars.
    Where no two bars tell a spacing, bars stamped at the exchange's midnight are daily and others one minute long.
    """
    counts = Counter(spacings)
    counts.pop(0, None)
    if not counts:
        daily = len(times) > 0 and all(hours.seconds_of_day(time) == 0 for time in times)
        return DAY if daily else MINUTE
    usual = min(counts, key=lambda gap: (-counts[gap], gap))
    return DAY if DAY // 2 < usual < 5 * DAY else usual
