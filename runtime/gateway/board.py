"""The latest of each symbol's market: quote, last trade, the day's extremes and volume."""

from __future__ import annotations

import attrs

from ..event.inputs import Bar, MarketInput, Price, Quote


@attrs.define
class Row:
    """Prices in currency, None while not known; `volume` in shares; `time` of the latest event in microseconds."""

    bid: float | None = None
    ask: float | None = None
    last: float | None = None
    last_size: int = 0
    open: float | None = None
    high: float | None = None
    low: float | None = None
    previous_close: float | None = None
    volume: int = 0
    value: float = 0.0
    time: int = 0
    day_end: int = 0
    buyers_pay: float | None = None
    sellers_get: float | None = None

    def price(self, sign: int) -> float | None:
        """What a buyer (+1) or a seller (-1) would get, as the exchange sees it: by the latest quote or trade."""
        return self.buyers_pay if sign > 0 else self.sellers_get

    @property
    def average(self) -> float | None:
        """Of the day's trades, by volume."""
        return round(self.value / self.volume, 6) if self.volume else self.last

    @property
    def middle(self) -> float | None:
        if self.bid is None or self.ask is None:
            return self.last
        return round((self.bid + self.ask) / 2, 6)


class Board:
    """Takes market events in; a row a symbol (rulec's spelling)."""

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}

    def row(self, symbol: str) -> Row | None:
        return self._rows.get(symbol)

    def take(self, event: MarketInput, day_end: int) -> Row:
        """Brings a row up to date; `day_end` is the exchange's midnight after the event."""
        row = self._rows.setdefault(event.symbol, Row())
        if row.day_end != day_end:
            row.previous_close = row.last if row.day_end else None
            row.open = row.high = row.low = None
            row.volume = 0
            row.value = 0.0
            row.day_end = day_end
        row.time = event.end if isinstance(event, Bar) else event.time
        if isinstance(event, Quote):
            row.bid, row.ask = event.bid, event.ask
            row.buyers_pay, row.sellers_get = event.ask, event.bid
        elif isinstance(event, Price):
            size = int(event.size or 0)
            self._trade(row, event.price, event.price, event.price, event.price, size)
            row.buyers_pay = row.sellers_get = event.price
        else:
            self._trade(row, event.open, event.high, event.low, event.close, int(event.volume))
            if row.bid is None:
                row.buyers_pay = row.sellers_get = event.close
        return row

    @staticmethod
    def _trade(row: Row, first: float, high: float, low: float, last: float, size: int) -> None:
        row.open = first if row.open is None else row.open
        row.high = high if row.high is None else max(row.high, high)
        row.low = low if row.low is None else min(row.low, low)
        row.last = last
        row.last_size = size
        row.volume += size
        row.value += size * last
