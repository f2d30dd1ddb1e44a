"""Indicators of each symbol's bars, kept up to date one bar at a time.

An indicator sees completed bars of regular hours only and is unknown until it has enough of them. TA-Lib's streams do
the arithmetic: an update gives, bit for bit, what its whole-series function gives for the same bars, so that a
backtest over columns and a live run agree. TA-Lib (and numpy with it) is loaded with the first indicator that gets
warm, not before: most rules need none.

Who needs an indicator says so with `want` before the bars come; one that is first asked for later starts then.

Where no timeframe is given it is the configured one, else that of the symbol's only series, else one minute. A
timeframe that no series of the symbol has is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from ..event.inputs import Bar
from ..times import MINUTE, SECOND

if TYPE_CHECKING:
    from talib import stream

_LONGEST_PERIOD = 100_000


class Tracker(Protocol):
    """One indicator of one series; `value` is None until it is known."""

    value: float | None

    def update(self, high: float, low: float, close: float) -> None:
        """Takes a completed bar."""


class AverageTrueRange:
    """ATR by Wilder: known with the bar after the first `period` ones."""

    __slots__ = ("_closes", "_highs", "_lows", "_period", "_stream", "value")

    def __init__(self, period: int) -> None:
        self.value: float | None = None
        self._period = period
        self._stream: stream.ATR | None = None
        self._highs: list[float] = []
        self._lows: list[float] = []
        self._closes: list[float] = []

    def update(self, high: float, low: float, close: float) -> None:
        if self._stream is not None:
            self.value = self._stream.update(high, low, close)
            return
        self._highs.append(high)
        self._lows.append(low)
        self._closes.append(close)
        if len(self._closes) > self._period:
            self._begin()

    def _begin(self) -> None:
        import numpy as np
        from talib import stream

        high, low, close = (np.array(column, dtype=np.float64) for column in (self._highs, self._lows, self._closes))
        self._stream = stream.ATR(high, low, close, timeperiod=self._period)
        self.value = self._stream.value
        self._highs, self._lows, self._closes = [], [], []


def _average_true_range(arguments: tuple[float, ...]) -> Tracker:
    if len(arguments) != 1 or not float(arguments[0]).is_integer() or not 1 <= arguments[0] <= _LONGEST_PERIOD:
        shown = ", ".join(f"{argument:g}" for argument in arguments)
        raise ValueError(f"atr({shown}): give one period, a whole number from 1 to {_LONGEST_PERIOD}")
    return AverageTrueRange(int(arguments[0]))


INDICATORS: Mapping[str, Callable[[tuple[float, ...]], Tracker]] = {"atr": _average_true_range}

_Wanted = tuple[str, tuple[float, ...]]
_Series = dict[_Wanted, Tracker]


class Indicators:
    """The indicators of all symbols. `default_timeframe` is the configured one, in seconds."""

    def __init__(self, default_timeframe: float | None = None) -> None:
        self._default = _micros(default_timeframe)
        self._wanted: dict[tuple[str | None, int | None, _Wanted], None] = {}
        self._symbols: dict[str, dict[int, _Series]] = {}

    def want(self, symbol: str | None, name: str, arguments: tuple[float, ...], timeframe: float | None = None) -> None:
        """Asks for an indicator of a symbol (None: of every symbol), on a timeframe in seconds (None: the default).

        Raises:
            ValueError: there is no such indicator, or it does not take such arguments.
        """
        if name not in INDICATORS:
            raise ValueError(f"there is no indicator `{name}`; there is {', '.join(sorted(INDICATORS))}")
        INDICATORS[name](arguments)
        wish = (symbol, _micros(timeframe), (name, arguments))
        if wish in self._wanted:
            return
        self._wanted[wish] = None
        for known, series in self._symbols.items():
            for length, trackers in series.items():
                self._add(wish, known, length, trackers)

    def on_bar(self, bar: Bar) -> None:
        """Takes a completed bar; one outside regular hours changes nothing."""
        series = self._symbols.get(bar.symbol)
        if series is None:
            series = self._symbols[bar.symbol] = {}
        trackers = series.get(bar.timeframe)
        if trackers is None:
            trackers = series[bar.timeframe] = {}
            for wish in self._wanted:
                self._add(wish, bar.symbol, bar.timeframe, trackers)
        if bar.regular:
            for tracker in trackers.values():
                tracker.update(bar.high, bar.low, bar.close)

    def value(
        self, symbol: str, name: str, arguments: tuple[float, ...], timeframe: float | None = None
    ) -> float | None:
        """The indicator after the symbol's last completed bar, None while it is unknown. Timeframe in seconds.

        Raises:
            ValueError: there is no such indicator, or it does not take such arguments.
        """
        series = self._symbols.get(symbol)
        trackers = series.get(self._length(series, timeframe)) if series else None
        tracker = trackers.get((name, arguments)) if trackers else None
        if tracker is None:
            self.want(symbol, name, arguments, timeframe)
            return None
        return tracker.value

    def _length(self, series: dict[int, _Series], timeframe: float | None) -> int:
        length = self._default if timeframe is None else _micros(timeframe)
        if length is not None:
            return length
        return next(iter(series)) if len(series) == 1 else MINUTE

    def _add(
        self, wish: tuple[str | None, int | None, _Wanted], symbol: str, timeframe: int, trackers: _Series
    ) -> None:
        wanted_symbol, length, wanted = wish
        if length is None:
            length = self._default
        if wanted_symbol in (None, symbol) and length in (None, timeframe) and wanted not in trackers:
            name, arguments = wanted
            trackers[wanted] = INDICATORS[name](arguments)


def _micros(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * SECOND)
