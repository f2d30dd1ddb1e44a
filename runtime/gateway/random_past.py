"""A past for the made-up market: for each symbol bars that lead to where its live walk begins.

Five seconds each for the last two hours, minutes for the last days, days for more than a year before them. It depends
on the seed, the symbol, the price and the time of its first quote alone.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from datetime import timedelta

from ..market.hours import Hours, Session
from ..times import DAY, HOUR, MINUTE, SECOND
from .candles import Candle, SymbolCandles

FIVE_SECONDS = 5 * SECOND
SPAN_OF_SECONDS = 2 * HOUR
DAYS_OF_MINUTES = 7
DAYS_OF_DAYS = 400
_SHORT_STEP, _MINUTE_STEP, _DAY_STEP = 0.0002, 0.0008, 0.015  # of the price, standard deviations
_LOWEST = 0.05


class RandomPast:
    """Makes up bars backward in time from a price."""

    def __init__(self, seed: int, hours: Hours) -> None:
        self._seed = seed
        self._hours = hours

    def fill(self, candles: SymbolCandles, symbol: str, price: float, now: int) -> None:
        """Puts a past behind a symbol whose first price is known now."""
        chance = random.Random(f"past:{self._seed}:{symbol}:{price}")
        sessions = self._sessions(now)
        recent, older = sessions[:DAYS_OF_MINUTES], sessions[DAYS_OF_MINUTES:]
        begin = now - now % MINUTE - SPAN_OF_SECONDS  # a whole minute: there the minutes end
        latest = now - now % FIVE_SECONDS - FIVE_SECONDS
        short = [time for time in range(latest, begin - 1, -FIVE_SECONDS) if self._hours.is_open(time)]
        seconds = _backward(chance, short, price, _SHORT_STEP, 200)
        starts = [
            start
            for session in recent
            for start in range(min(session.close, begin) - MINUTE, session.open - 1, -MINUTE)
        ]
        minutes = _backward(chance, starts, seconds[0].open if seconds else price, _MINUTE_STEP, 2_000)
        opening = minutes[0].open if minutes else price
        days = _backward(chance, [session.open for session in older], opening, _DAY_STEP, 2_000_000)
        candles.bars(FIVE_SECONDS).put_before(seconds)
        candles.bars(MINUTE).put_before(minutes)
        candles.bars(DAY).put_before(days)

    def _sessions(self, now: int) -> list[Session]:
        """Sessions that have begun, the latest first."""
        found: list[Session] = []
        day = self._hours.day(now)
        for _ in range(DAYS_OF_DAYS):
            session = self._hours.session_on(day)
            if session is not None and session.open < now:
                found.append(session)
            day -= timedelta(days=1)
        return found


def _backward(
    chance: random.Random, starts: Iterable[int], price: float, step: float, most_shares: int
) -> list[Candle]:
    """Bars with these starts, the latest first, that end at a price; answered in the order of time."""
    made: list[Candle] = []
    close = price
    for start in starts:
        opening = max(_LOWEST, close * math.exp(chance.gauss(0.0, step)))
        high = max(opening, close) * (1 + abs(chance.gauss(0.0, step / 3)))
        low = min(opening, close) * (1 - min(0.5, abs(chance.gauss(0.0, step / 3))))
        volume = float(chance.randint(most_shares // 100, most_shares) // 100 * 100 + 100)
        first, top, bottom, last = (max(0.01, round(each, 2)) for each in (opening, high, low, close))
        made.append(Candle(start, first, top, bottom, last, volume, volume * (top + bottom + last) / 3, 1))
        close = opening
    return made[::-1]
