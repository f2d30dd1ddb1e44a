"""Bars for tests of the market: real ones from the files, a random walk, and a naive way to build longer ones."""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from rulec.runtime.event.inputs import Bar
from rulec.runtime.feed.bar_csv import read_bar_csv
from rulec.runtime.market.hours import Hours, NyseHours
from rulec.runtime.market.spans import SpanCutter
from rulec.runtime.times import DAY, HOUR, MINUTE, parse_time

NYSE = NyseHours()
_FOLDER = Path(__file__).parents[1] / "data" / "bars"


@cache
def real_bars(name: str) -> Sequence[Bar]:
    """The bars of `SPY_1h.csv.gz` or `SPY_1m.csv`, cut to their sessions."""
    path = _FOLDER / name
    text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text()
    timeframe = HOUR if "_1h" in name else MINUTE
    return tuple(read_bar_csv(name, text.splitlines()).bars(timeframe, SpanCutter(NYSE)))


def walk(count: int, *, seed: int = 1, symbol: str = "SPY", timeframe: int = MINUTE, regular: bool = True) -> list[Bar]:
    """A random walk with gaps, from midnight on, through day and night."""
    chance = random.Random(seed)
    price, made = 100.0, []
    for number in range(count):
        opening = round(price * chance.uniform(0.97, 1.03), 2)
        close = round(opening * chance.uniform(0.98, 1.02), 2)
        high = round(max(opening, close) * chance.uniform(1.0, 1.01), 2)
        low = round(min(opening, close) * chance.uniform(0.99, 1.0), 2)
        start = number * timeframe
        volume = float(chance.randrange(0, 2_000))
        made.append(Bar(start, symbol, opening, high, low, close, volume, timeframe, start, start + timeframe, regular))
        price = close
    return made


def session_bars(day: str, timeframe: int = MINUTE, *, seed: int = 1, symbol: str = "SPY") -> list[Bar]:
    """Every bar of one session of New York, on the session's own grid, with prices of a random walk."""
    session = NYSE.session(parse_time(f"{day}T16:00:00Z"))
    assert session is not None, f"{day} has no session"
    starts = range(session.open, session.close, timeframe)
    prices = walk(len(starts), seed=seed, symbol=symbol)
    return [
        Bar(start, symbol, b.open, b.high, b.low, b.close, b.volume, timeframe, start, end)
        for start, b in zip(starts, prices, strict=True)
        if (end := min(start + timeframe, session.close))
    ]


def at(day: str, clock: str) -> int:
    """A time as New York's clocks show it on a day of winter time."""
    return parse_time(f"{day}T{clock}:00-05:00")


def naive_bars(bars: Iterable[Bar], timeframe: int, hours: Hours = NYSE) -> list[Bar]:
    """The complete bars of a longer timeframe, by grouping all shorter ones at once: slow, and plain to see.

    A group is complete when one of its bars reaches its end or any later bar has come.
    """
    groups: dict[int, tuple[int, list[Bar]]] = {}
    latest = 0
    for bar in bars:
        latest = max(latest, bar.start)
        session = hours.session(bar.start) if bar.regular else None
        if session is None:
            continue
        number = 0 if timeframe == DAY else (bar.start - session.open) // timeframe
        start = session.open + number * timeframe
        end = session.close if timeframe == DAY else min(start + timeframe, session.close)
        groups.setdefault(start, (end, []))[1].append(bar)
    return [
        Bar(
            start,
            group[0].symbol,
            group[0].open,
            max(bar.high for bar in group),
            min(bar.low for bar in group),
            group[-1].close,
            sum(bar.volume for bar in group),
            timeframe,
            start,
            max(end, group[-1].end),
        )
        for start, (end, group) in groups.items()
        if group[-1].end >= end or latest >= end
    ]
