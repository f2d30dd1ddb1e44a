"""Timeframes as the broker's bar sizes, and how far back a request must reach for so many of them."""

from __future__ import annotations

import math

import attrs

from ...times import DAY, HOUR, MINUTE, SECOND

_SESSION = 390 * MINUTE


@attrs.frozen
class BarSize:
    """`length` in microseconds; `longest` is the longest duration of one request, in seconds or, for `D`, in days."""

    length: int
    text: str
    longest: int


SIZES: tuple[BarSize, ...] = (
    BarSize(SECOND, "1 secs", 1_800),
    BarSize(5 * SECOND, "5 secs", 3_600),
    BarSize(10 * SECOND, "10 secs", 14_400),
    BarSize(15 * SECOND, "15 secs", 14_400),
    BarSize(30 * SECOND, "30 secs", 28_800),
    BarSize(MINUTE, "1 min", 5),
    BarSize(2 * MINUTE, "2 mins", 10),
    BarSize(3 * MINUTE, "3 mins", 10),
    BarSize(5 * MINUTE, "5 mins", 20),
    BarSize(10 * MINUTE, "10 mins", 20),
    BarSize(15 * MINUTE, "15 mins", 20),
    BarSize(20 * MINUTE, "20 mins", 20),
    BarSize(30 * MINUTE, "30 mins", 30),
    BarSize(HOUR, "1 hour", 60),
    BarSize(2 * HOUR, "2 hours", 60),
    BarSize(3 * HOUR, "3 hours", 60),
    BarSize(4 * HOUR, "4 hours", 60),
    BarSize(DAY, "1 day", 365),
)


def size_for(timeframe: int) -> BarSize | None:
    """The longest of the broker's bars of which a timeframe (microseconds) is made; None where none fits.

    From 1h bars 6h ones are built, from 15m bars 45m ones, and so on.
    """
    fitting = [size for size in SIZES if size.length <= timeframe and timeframe % size.length == 0]
    return fitting[-1] if fitting else None


def duration(size: BarSize, bars: int) -> str:
    """How far back a request for so many bars reaches: seconds, sessions or years, at most the broker's longest.

    Sessions count, not days: the broker's `D` is one on which it traded. One more than needed, because today's may
    have hardly begun.
    """
    if size.length < MINUTE:
        return f"{min(max(bars * size.length // SECOND, 60), size.longest)} S"
    sessions = bars if size.length == DAY else math.ceil(bars * size.length / _SESSION)
    days = min(sessions + 1, size.longest)
    return f"{days} D"
