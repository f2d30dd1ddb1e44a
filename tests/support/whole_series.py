"""Indicators as TA-Lib computes them over a whole series at once: what the live ones must equal, bit for bit."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rulec.runtime.event.inputs import Bar
from rulec.runtime.market.hours import Hours, Session
from rulec.tests.support.market_bars import NYSE

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import talib

Column = NDArray[np.float64]


def column(bars: Sequence[Bar], name: str) -> Column:
    return np.array([getattr(bar, name) for bar in bars], dtype=np.float64)


def _macd(bars: Sequence[Bar], arguments: tuple[float, ...], output: int) -> Column:
    fast, slow, signal = (*map(int, arguments), *(12, 26, 9)[len(arguments) :])
    found: Column = talib.MACD(column(bars, "close"), fast, slow, signal)[output]
    return found


def _bollinger(bars: Sequence[Bar], arguments: tuple[float, ...], output: int) -> Column:
    deviations = arguments[1] if len(arguments) == 2 else 2.0
    found: Column = talib.BBANDS(column(bars, "close"), int(arguments[0]), deviations, deviations)[output]
    return found


def _extreme(bars: Sequence[Bar], arguments: tuple[float, ...], name: str) -> Column:
    prices, length = column(bars, name), int(arguments[0])
    if length == 1:
        return prices
    found: Column = talib.MAX(prices, length) if name == "high" else talib.MIN(prices, length)
    return found


def _of_closes(function: Callable[[Column, int], Column]) -> Callable[[Sequence[Bar], tuple[float, ...]], Column]:
    return lambda bars, arguments: function(column(bars, "close"), int(arguments[0]))


FUNCTIONS: Mapping[str, Callable[[Sequence[Bar], tuple[float, ...]], Column]] = {
    "sma": _of_closes(talib.SMA),
    "ema": _of_closes(talib.EMA),
    "rsi": _of_closes(talib.RSI),
    "change": _of_closes(talib.ROCP),
    "stdev": _of_closes(talib.STDDEV),
    "atr": lambda bars, arguments: talib.ATR(
        column(bars, "high"), column(bars, "low"), column(bars, "close"), int(arguments[0])
    ),
    "highest": lambda bars, arguments: _extreme(bars, arguments, "high"),
    "lowest": lambda bars, arguments: _extreme(bars, arguments, "low"),
    "bollinger_upper": lambda bars, arguments: _bollinger(bars, arguments, 0),
    "bollinger_lower": lambda bars, arguments: _bollinger(bars, arguments, 2),
    "macd": lambda bars, arguments: _macd(bars, arguments, 0),
    "macd_signal": lambda bars, arguments: _macd(bars, arguments, 1),
}


def session_averages(bars: Sequence[Bar], hours: Hours = NYSE) -> list[float | None]:
    """The volume-weighted average price since the open, summed up afresh at every bar of a session."""
    sessions: dict[Session | None, list[Bar]] = {}
    found: list[float | None] = []
    for bar in bars:
        session = sessions.setdefault(hours.session(bar.start), [])
        session.append(bar)
        volume = sum(each.volume for each in session)
        amount = sum((each.high + each.low + each.close) / 3 * each.volume for each in session)
        found.append(amount / volume if volume > 0 else None)
    return found


def whole_series(bars: Sequence[Bar], name: str, arguments: tuple[float, ...]) -> list[float | None]:
    """An indicator after each bar, None where TA-Lib has no value yet."""
    if name == "vwap":
        return session_averages(bars)
    if not bars:
        return []
    return [None if np.isnan(value) else float(value) for value in FUNCTIONS[name](bars, arguments)]
