"""Bars from CSV: `time,symbol,open,high,low,close,volume`.

A million rows must not take longer to read than to trade, so a row is split, converted and checked in one go, and only
a row that fails that is looked at again, value by value, to say what is wrong with it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import StringIO

from ..times import TimeReader
from .bars import BarColumns
from .checks import LOWEST_PRICE, PRICES_END, VOLUMES_END, check_bar, check_order, check_symbol, shown
from .errors import FeedError, LineError

HEADER = ("time", "symbol", "open", "high", "low", "close", "volume")


def read_bar_csv(path: str, lines: Iterable[str]) -> BarColumns:
    """The bars of a CSV file, its header first. Lines are text with bytes that are no UTF-8 as surrogates.

    Raises:
        FeedError: a line is malformed, out of order or no bar.
    """
    numbered = enumerate(lines, 1)
    _check_header(path, next(numbered, (1, "")))
    columns = BarColumns()
    rows = _Rows(columns)
    for number, line in numbered:
        try:
            rows.take(line)
        except LineError as error:
            raise FeedError(path, number, str(error)) from None
    return columns


def _check_header(path: str, first: tuple[int, str]) -> None:
    number, line = first
    found = tuple(name.strip() for name in line.strip().split(","))
    if found != HEADER:
        raise FeedError(path, number, f"the first line must be `{','.join(HEADER)}`, not {shown(line.strip())}")


class _Rows:
    """Takes rows into columns."""

    def __init__(self, columns: BarColumns) -> None:
        self._columns = columns
        self._time = TimeReader().read
        self._symbols: dict[str, str] = {}
        self._previous = 0

    def take(self, line: str) -> None:
        try:
            stamp, symbol, first, second, third, fourth, fifth = line.split(",")
            opening, high, low, close = float(first), float(second), float(third), float(fourth)
            volume = float(fifth)
            time = self._time(stamp)
        except ValueError:
            self._take_slowly(line)
            return
        # One object for each symbol, and comparisons that not-a-number fails too.
        known = self._symbols.get(symbol)
        if not (
            known is not None
            and low <= opening <= high
            and low <= close <= high
            and low >= LOWEST_PRICE
            and high < PRICES_END
            and 0 <= volume < VOLUMES_END
            and time >= self._previous
            and line.isascii()
            and "_" not in line
        ):
            self._take_slowly(line)
            return
        self._previous = time
        self._add(time, known, opening, high, low, close, volume)

    def _take_slowly(self, line: str) -> None:
        """The same for a row with quotes or a new symbol, and the reason why a wrong one is wrong."""
        if not line.strip():
            return
        if any(0xDC80 <= ord(character) <= 0xDCFF for character in line):
            raise LineError("not UTF-8")
        values = [value.strip() for value in _split(line)]
        if len(values) != len(HEADER):
            raise LineError(f"{len(HEADER)} values are wanted ({', '.join(HEADER)}), not {len(values)}")
        stamp, symbol, *numbers = values
        opening, high, low, close, volume = map(_number, HEADER[2:], numbers)
        check_bar(opening, high, low, close, volume)
        try:
            time = self._time(stamp)
        except ValueError as error:
            raise LineError(f"`time`: {error}") from None
        self._previous = check_order(time, self._previous, stamp)
        known = self._symbols.setdefault(check_symbol(symbol), symbol)
        self._add(time, known, opening, high, low, close, volume)

    def _add(
        self, time: int, symbol: str, opening: float, high: float, low: float, close: float, volume: float
    ) -> None:
        columns = self._columns
        columns.times.append(time)
        columns.symbols.append(symbol)
        columns.opens.append(opening)
        columns.highs.append(high)
        columns.lows.append(low)
        columns.closes.append(close)
        columns.volumes.append(volume)


def _split(line: str) -> list[str]:
    try:
        return next(csv.reader(StringIO(line.rstrip("\r\n")), strict=True), [])
    except csv.Error as error:
        raise LineError(f"malformed CSV: {error}") from None


def _number(name: str, text: str) -> float:
    try:
        # Python alone reads digits of other scripts and 1_000.
        if not text.isascii() or "_" in text:
            raise ValueError
        return float(text)
    except ValueError:
        raise LineError(f"`{name}`: a number is wanted, not {shown(text)}") from None
