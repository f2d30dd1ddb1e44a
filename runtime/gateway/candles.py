"""Prices seen, kept as bars: what is needed to answer for the past, and no more.

Ticks become bars of a second and bars of a minute, for trades, bids, asks and midpoints apart; bars that the market
brought are kept as they are. All of it is bounded: of a market that never ends the oldest is forgotten.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

import attrs

from ..event.inputs import Bar, MarketInput, Price, Quote
from ..times import MINUTE, SECOND
from .bar_requests import What

MOST_SECONDS = 4 * 3_600
MOST_BARS = 100_000


@attrs.define
class Candle:
    """Prices from `start` on, in currency. `value` is the sum of price times volume, `count` the number of trades."""

    start: int
    open: float
    high: float
    low: float
    close: float
    volume: float = 0.0
    value: float = 0.0
    count: int = 0

    @property
    def average(self) -> float:
        """The price by volume; without a volume the middle of high, low and close."""
        return self.value / self.volume if self.volume else (self.high + self.low + self.close) / 3

    def add(self, other: Candle) -> None:
        """Takes a later one in."""
        self.high = max(self.high, other.high)
        self.low = min(self.low, other.low)
        self.close = other.close
        self.volume += other.volume
        self.value += other.value
        self.count += other.count

    def copy(self, start: int) -> Candle:
        return attrs.evolve(self, start=start)


class Candles:
    """Candles of one length in the order of their starts."""

    def __init__(self, length: int, most: int) -> None:
        self.length = length
        self._most = most
        self._starts: list[int] = []
        self._candles: list[Candle] = []

    def __len__(self) -> int:
        return len(self._starts)

    @property
    def first(self) -> int | None:
        return self._starts[0] if self._starts else None

    def tick(self, time: int, price: float, size: float) -> None:
        """A price at a time; one that comes late counts with the latest candle."""
        start = time - time % self.length
        candle = Candle(start, price, price, price, price, size, price * size, 1 if size else 0)
        if self._starts and start <= self._starts[-1]:
            self._candles[-1].add(candle)
        else:
            self._append(candle)

    def put(self, candle: Candle) -> None:
        """A whole candle; one that is no later than the last says nothing new."""
        if not self._starts or candle.start > self._starts[-1]:
            self._append(candle)

    def put_before(self, candles: Iterable[Candle]) -> None:
        """Candles of an earlier time, in order."""
        first = self.first
        earlier = [each for each in candles if first is None or each.start < first]
        self._candles[:0] = earlier
        self._starts[:0] = [each.start for each in earlier]

    def between(self, start: int, end: int) -> Sequence[Candle]:
        """Those that begin from start on, before the end."""
        return self._candles[bisect_left(self._starts, start) : bisect_left(self._starts, end)]

    def _append(self, candle: Candle) -> None:
        self._starts.append(candle.start)
        self._candles.append(candle)
        if len(self._starts) > self._most + self._most // 8:  # by the eighth, so that it is seldom
            del self._starts[: -self._most]
            del self._candles[: -self._most]


class SymbolCandles:
    """All that is remembered of one symbol."""

    def __init__(self) -> None:
        self._seconds: dict[What, Candles] = {}
        self._minutes: dict[What, Candles] = {}
        self._bars: dict[int, Candles] = {}

    @property
    def has_ticked(self) -> bool:
        return bool(self._minutes)

    def feed(self, event: MarketInput) -> None:
        if isinstance(event, Price):
            self._tick(What.TRADES, event.time, event.price, event.size or 0.0)
        elif isinstance(event, Quote):
            self._tick(What.BID, event.time, event.bid, 0.0)
            self._tick(What.ASK, event.time, event.ask, 0.0)
            self._tick(What.MIDPOINT, event.time, event.price, 0.0)
        elif not self.has_ticked or event.past:
            self.bars(event.timeframe).put(_of_bar(event))

    def bars(self, length: int) -> Candles:
        """Bars of a length that the market brought, or its past."""
        found = self._bars.get(length)
        if found is None:
            found = self._bars[length] = Candles(length, MOST_BARS)
        return found

    def between(self, what: What, length: int, start: int, end: int) -> list[Candle]:
        """The finest candles known from which bars of a length can be put together, in order and without overlap.

        Where trades, or quotes, were never seen, the other stands for them.
        """
        found: list[Candle] = []
        layers = [each for each in (*self._bars.values(), *self._of_ticks(what, length)) if length % each.length == 0]
        layers.sort(key=lambda each: -each.length)
        for number, layer in enumerate(layers):
            finer = [each.first for each in layers[number + 1 :] if each.first is not None]
            until = min([end, *finer])
            found += [each for each in layer.between(start, until) if each.start + layer.length <= until or not finer]
        return found

    def first(self) -> int | None:
        """When the earliest candle begins."""
        starts = [each.first for each in (*self._bars.values(), *self._minutes.values()) if each.first is not None]
        return min(starts, default=None)

    def _of_ticks(self, what: What, length: int) -> list[Candles]:
        for each in (what, What.MIDPOINT, What.TRADES):
            if each in self._minutes:
                return [self._seconds[each] if length < MINUTE else self._minutes[each]]
        return []

    def _tick(self, what: What, time: int, price: float, size: float) -> None:
        if what not in self._minutes:
            self._minutes[what] = Candles(MINUTE, MOST_BARS)
            self._seconds[what] = Candles(SECOND, MOST_SECONDS)
        self._minutes[what].tick(time, price, size)
        self._seconds[what].tick(time, price, size)


def _of_bar(bar: Bar) -> Candle:
    middle = (bar.high + bar.low + bar.close) / 3
    return Candle(bar.start, bar.open, bar.high, bar.low, bar.close, bar.volume, bar.volume * middle, 1)
