"""A market made up from a seed: for each symbol a random walk of quotes, with trades in between.

The walk of a symbol depends on the seed and the symbol alone, so that a run can be repeated; when its steps fall due is
the clock's business. Prices are in whole cents, sizes in round lots. A symbol begins at a price that a signal brought
with it, else at one of its own between $20 and $400.
"""

from __future__ import annotations

import heapq
import math
import random
from collections import deque
from collections.abc import Iterable, Sequence

import attrs

from ..event.inputs import OutsideInput, Price, Quote
from ..market.hours import Hours
from ..numbers import MICROS

_LOWEST, _HIGHEST = 20.0, 400.0
_STEP = 0.0003  # of the price, the standard deviation of one step
_SPREAD = 0.0002  # of the price, at least a cent
_SHORTEST, _LONGEST = 0.3, 1.1  # seconds between two steps
_TRADES = 0.6  # the share of steps at which somebody trades
_LATE = 2 * MICROS  # a walk that is later than this goes on from now: a machine that slept makes up no past


@attrs.define
class _Walk:
    symbol: str
    chance: random.Random
    middle: float

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
            events.append(Price(time, self.symbol, price, float(self.chance.randint(1, 20) * 100)))
        return events

    def pause(self) -> int:
        return round(self.chance.uniform(_SHORTEST, _LONGEST) * MICROS)


class RandomMarket:
    """Implements `Market` without end. It moves while the hours are open and stands still while they are not."""

    is_over = False

    def __init__(self, seed: int, hours: Hours, symbols: Iterable[str] = (), start: int = 0) -> None:
        """`symbols` are quoted from `start` on (microseconds since 1970 UTC), others when they are first asked for."""
        self._seed = seed
        self._hours = hours
        self._walks: dict[str, _Walk] = {}
        self._due: list[tuple[int, int, _Walk]] = []
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
            return (self._first.popleft().quote(now),)
        due, order, walk = heapq.heappop(self._due)
        time = now if now - due > _LATE else due
        if not self._hours.is_open(time):
            heapq.heappush(self._due, (self._hours.next_open(time), order, walk))
            return ()
        heapq.heappush(self._due, (time + walk.pause(), order, walk))
        return walk.step(time)

    def meet(self, symbol: str, now: int, price: float | None) -> Sequence[OutsideInput]:
        if symbol in self._walks:
            return ()
        return (self._begin(symbol, now, price).quote(now),)

    def _begin(self, symbol: str, now: int, price: float | None) -> _Walk:
        chance = random.Random(f"{self._seed}:{symbol}")
        own = round(_LOWEST * (_HIGHEST / _LOWEST) ** chance.random(), 2)
        walk = self._walks[symbol] = _Walk(symbol, chance, own if price is None else price)
        heapq.heappush(self._due, (now + walk.pause(), len(self._walks), walk))
        return walk
