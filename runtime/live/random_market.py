"""A market made up from a seed: for each symbol a random walk of quotes, with trades in between and bars of a minute.

The walk of a symbol depends on the seed and the symbol alone, so that a run can be repeated; when its steps fall due is
the clock's business. Prices are in whole cents, sizes in round lots. A symbol begins at a price that a signal brought
with it, else at one of its own between $20 and $400.

A bar tells the trades of its minute, at the minute's end; a minute without a trade has none. Where rules look back, a
symbol brings the bars of a made-up past with it, the last five sessions or `LONGEST_PAST` minutes of them.
"""

from __future__ import annotations

import enum
import heapq
import math
import random
from collections import deque
from collections.abc import Iterable, Sequence

import attrs

from ..event.inputs import Bar, OutsideInput, Price, Quote
from ..market.hours import Hours
from ..numbers import MICROS
from ..times import DAY, MINUTE

_LOWEST, _HIGHEST = 20.0, 400.0
_STEP = 0.0003  # of the price, the standard deviation of one step
_SPREAD = 0.0002  # of the price, at least a cent
_SHORTEST, _LONGEST = 0.3, 1.1  # seconds between two steps
_TRADES = 0.6  # the share of steps at which somebody trades
LONGEST_PAST = 2_000
"""Minutes of made-up past that a symbol brings."""

_LATE = 2 * MICROS  # a walk that is later than this goes on from now: a machine that slept makes up no past


class _Step(enum.Enum):
    """What a walk does next."""

    MOVE = "move"
    CLOSE_BAR = "close bar"


@attrs.define
class _Walk:
    """One symbol's walk; `trades` are the prices and sizes of the present minute."""

    symbol: str
    chance: random.Random
    middle: float
    trades: list[tuple[float, float]] = attrs.Factory(list)

    def quote(self, time: int) -> Quote:
        half = max(0.005, self.middle * _SPREAD / 2)
        bid = max(0.01, math.floor((self.middle - half) * 100 + 0.5) / 100)
        ask = max(bid + 0.01, math.floor((self.middle + half) * 100 + 0.5) / 100)
        return Quote(time, self.symbol, bid, round(ask, 2))

    def step(self, time: int) -> list[OutsideInput]:
        self.middle = max(0.02, self.middle * math.exp(self.chance.gauss(0.0, _STEP)))
        quote = self.quote(time)
        events: list[OutsideInput] = [quote]
        if self.chance.random() < _TRADES:
            price = quote.ask if self.chance.random() < 0.5 else quote.bid
            size = float(self.chance.randint(1, 20) * 100)
            self.trades.append((price, size))
            events.append(Price(time, self.symbol, price, size))
        return events

    def bar(self, end: int) -> list[OutsideInput]:
        """The bar of the minute that ends; none where nobody traded."""
        trades, self.trades = self.trades, []
        if not trades:
            return []
        prices = [price for price, _ in trades]
        start = end - MINUTE
        return [
            Bar(
                start,
                self.symbol,
                prices[0],
                max(prices),
                min(prices),
                prices[-1],
                sum(size for _, size in trades),
                MINUTE,
                start,
                end,
            )
        ]

    def past(self, starts: Sequence[int]) -> list[Bar]:
        """Bars of these minutes, in order, that lead to where the walk begins."""
        chance = random.Random(f"past of {self.symbol} from {self.middle}")
        bars: list[Bar] = []
        close = self.middle
        for start in reversed(starts):
            opening = max(0.02, close * math.exp(chance.gauss(0.0, 10 * _STEP)))
            high = max(opening, close) * (1 + abs(chance.gauss(0.0, 3 * _STEP)))
            low = min(opening, close) * (1 - abs(chance.gauss(0.0, 3 * _STEP)))
            bars.append(
                Bar(
                    start,
                    self.symbol,
                    round(opening, 2),
                    round(high, 2),
                    round(low, 2),
                    round(close, 2),
                    float(chance.randint(5, 200) * 100),
                    MINUTE,
                    start,
                    start + MINUTE,
                    past=True,
                )
            )
            close = opening
        return bars[::-1]

    def pause(self) -> int:
        return round(self.chance.uniform(_SHORTEST, _LONGEST) * MICROS)


class RandomMarket:
    """Implements `Market` without end. It moves while the hours are open and stands still while they are not."""

    is_over = False

    def __init__(
        self, seed: int, hours: Hours, symbols: Iterable[str] = (), start: int = 0, *, with_past: bool = False
    ) -> None:
        """`symbols` are quoted from `start` on (microseconds since 1970 UTC), others when they are first asked for.

        `with_past` brings bars of the past with each symbol.
        """
        self._with_past = with_past
        self._seed = seed
        self._hours = hours
        self._walks: dict[str, _Walk] = {}
        self._due: list[tuple[int, int, _Step, _Walk]] = []
        self._first: deque[_Walk] = deque()
        self._start = start
        for symbol in symbols:
            self._first.append(self._begin(symbol, start, None))

    def next_due(self) -> int | None:
        if self._first:
            return self._start
        return self._due[0][0] if self._due else None

    def take(self, now: int) -> Sequence[OutsideInput]:
        if self._first:
            return self._entrance(self._first.popleft(), now)
        due, order, step, walk = heapq.heappop(self._due)
        if step is _Step.CLOSE_BAR:
            bar = walk.bar(due)
            return bar if now - due <= _LATE else []
        time = now if now - due > _LATE else due
        if not self._hours.is_open(time):
            heapq.heappush(self._due, (self._hours.next_open(time), order, step, walk))
            return ()
        heapq.heappush(self._due, (time + walk.pause(), order, step, walk))
        waits_for_bar = bool(walk.trades)
        events = walk.step(time)
        if walk.trades and not waits_for_bar:  # a minute's first trade: its bar is due at the minute's end
            heapq.heappush(self._due, (time - time % MINUTE + MINUTE, -order, _Step.CLOSE_BAR, walk))
        return events

    def meet(self, symbol: str, now: int, price: float | None) -> Sequence[OutsideInput]:
        if symbol in self._walks:
            return ()
        return self._entrance(self._begin(symbol, now, price), now)

    def _entrance(self, walk: _Walk, now: int) -> list[OutsideInput]:
        """A symbol's first appearance: its past, where that is wanted, and its first quote."""
        past = walk.past(self._minutes_before(now)) if self._with_past else []
        return [*past, walk.quote(now)]

    def _minutes_before(self, now: int) -> list[int]:
        """The starts of the last minutes of regular hours that have ended by now, in order."""
        starts: list[int] = []
        minute = now - now % MINUTE - MINUTE
        oldest = now - 12 * DAY  # five sessions, whatever weekends and holidays lie between
        while len(starts) < LONGEST_PAST and minute >= oldest:
            if self._hours.is_open(minute):
                starts.append(minute)
            minute -= MINUTE
        return starts[::-1]

    def _begin(self, symbol: str, now: int, price: float | None) -> _Walk:
        chance = random.Random(f"{self._seed}:{symbol}")
        own = round(_LOWEST * (_HIGHEST / _LOWEST) ** chance.random(), 2)
        walk = self._walks[symbol] = _Walk(symbol, chance, own if price is None else price)
        heapq.heappush(self._due, (now + walk.pause(), len(self._walks), _Step.MOVE, walk))
        return walk
