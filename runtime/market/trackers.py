"""One indicator of one series, kept up to date a bar at a time.

TA-Lib's streams do the arithmetic: an update gives, bit for bit, what its whole-series function gives for the same
bars, so that a backtest over columns and a live run agree. A value is None for as long as the whole-series function
has none. TA-Lib (and numpy with it) is loaded with the first indicator that gets warm, not before: most rules need
none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import attrs

from ..event.inputs import Bar
from .arguments import complete
from .hours import Hours
from .vwap import SessionVwap


class Tracker(Protocol):
    """One indicator of one series; `value` is None until it is known.

    `until` is the moment from which the value no longer holds (microseconds UTC), None where that is the next bar.
    """

    value: float | None
    until: int | None

    def update(self, bar: Bar) -> None:
        """Takes a completed bar."""


Columns = Callable[[Bar], tuple[float, ...]]


def _close(bar: Bar) -> tuple[float, ...]:
    return (bar.close,)


def _high(bar: Bar) -> tuple[float, ...]:
    return (bar.high,)


def _low(bar: Bar) -> tuple[float, ...]:
    return (bar.low,)


def _range(bar: Bar) -> tuple[float, ...]:
    return bar.high, bar.low, bar.close


@attrs.frozen
class Recipe:
    """A function of TA-Lib: what it reads of a bar, how many bars its first value takes, its options by name.

    `output` is the place of the wanted value where the function gives several.
    """

    function: str
    columns: Columns
    bars: int
    options: Mapping[str, float]
    output: int | None = None


class Streamed:
    """An indicator that TA-Lib computes."""

    __slots__ = ("_columns", "_output", "_recipe", "_step", "_waiting", "until", "value")

    def __init__(self, recipe: Recipe) -> None:
        self.value: float | None = None
        self.until: int | None = None
        self._recipe = recipe
        self._columns = recipe.columns
        self._output = recipe.output
        self._step: Callable[..., Any] | None = None  # Any: a number or several, TA-Lib ships no types
        self._waiting: list[tuple[float, ...]] = []

    def update(self, bar: Bar) -> None:
        if self._step is None:
            self._waiting.append(self._columns(bar))
            if len(self._waiting) == self._recipe.bars:
                self._begin()
            return
        found = self._step(*self._columns(bar))
        self.value = found if self._output is None else found[self._output]

    def _begin(self) -> None:
        import numpy as np
        from talib import stream

        columns = [np.array(column, dtype=np.float64) for column in zip(*self._waiting, strict=True)]
        begun = getattr(stream, self._recipe.function)(*columns, **self._recipe.options)
        self._step = begun.update
        self.value = begun.value if self._output is None else begun.value[self._output]
        self._waiting = []


class Newest:
    """The highest or lowest of a single bar, for which TA-Lib has no function."""

    __slots__ = ("_columns", "until", "value")

    def __init__(self, columns: Columns) -> None:
        self.value: float | None = None
        self.until: int | None = None
        self._columns = columns

    def update(self, bar: Bar) -> None:
        (self.value,) = self._columns(bar)


def _of_length(function: str, columns: Columns, extra: int = 0) -> Callable[[tuple[float, ...]], Recipe]:
    """A function of one length, whose first value takes so many bars and `extra` ones."""

    def recipe(arguments: tuple[float, ...]) -> Recipe:
        length = int(arguments[0])
        return Recipe(function, columns, length + extra, {"timeperiod": length})

    return recipe


def _bollinger(output: int) -> Callable[[tuple[float, ...]], Recipe]:
    def recipe(arguments: tuple[float, ...]) -> Recipe:
        length, deviations = int(arguments[0]), arguments[1]
        options = {"timeperiod": length, "nbdevup": deviations, "nbdevdn": deviations}
        return Recipe("BBANDS", _close, length, options, output)

    return recipe


def _macd(output: int) -> Callable[[tuple[float, ...]], Recipe]:
    def recipe(arguments: tuple[float, ...]) -> Recipe:
        fast, slow, signal = (int(argument) for argument in arguments)
        options = {"fastperiod": fast, "slowperiod": slow, "signalperiod": signal}
        # TA-Lib takes the shorter length for the fast one, in whichever order they come.
        return Recipe("MACD", _close, max(fast, slow) + signal - 1, options, output)

    return recipe


RECIPES: Mapping[str, Callable[[tuple[float, ...]], Recipe]] = {
    "sma": _of_length("SMA", _close),
    "ema": _of_length("EMA", _close),
    "rsi": _of_length("RSI", _close, extra=1),
    "atr": _of_length("ATR", _range, extra=1),
    "highest": _of_length("MAX", _high),
    "lowest": _of_length("MIN", _low),
    "change": _of_length("ROCP", _close, extra=1),
    "stdev": _of_length("STDDEV", _close),
    "bollinger_upper": _bollinger(0),
    "bollinger_lower": _bollinger(2),
    "macd": _macd(0),
    "macd_signal": _macd(1),
}


def tracker(name: str, arguments: tuple[float, ...], hours: Hours) -> Tracker:
    """A new indicator that has seen no bar; its arguments may leave out what has a default.

    Raises:
        ValueError: there is no such indicator, or it does not take such arguments.
    """
    arguments = complete(name, arguments)
    if name == "vwap":
        return SessionVwap(hours)
    recipe = RECIPES[name](arguments)
    if recipe.bars == 1 and name in ("highest", "lowest"):
        return Newest(recipe.columns)
    return Streamed(recipe)
