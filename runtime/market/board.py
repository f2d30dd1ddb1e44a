"""The board: what is known of every symbol's price at this moment.

Prices, quotes and completed bars are written on it as they come; conditions, sizing, stops and reports read from it.
What is not known is None, and nobody guesses.

Where a quote is the latest news, a buy is priced at the ask and a sell at the bid; a trade or a completed bar that
came after the quote is newer than both and takes their place.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence

from ..event.inputs import Bar, Price, Quote
from .indicators import Indicators


class News(enum.Enum):
    """What told the latest price of a symbol."""

    TRADE = "trade"
    QUOTE = "quote"
    BAR = "bar"
    FILL = "fill"


class _Line:
    """One symbol's line on the board."""

    __slots__ = (
        "ask",
        "bar_close",
        "before_tick",
        "bid",
        "has_ticks",
        "last",
        "last_time",
        "latest",
        "quote_time",
        "tick",
    )

    def __init__(self) -> None:
        self.latest: News | None = None
        self.last: float | None = None
        self.last_time = 0
        self.bid: float | None = None
        self.ask: float | None = None
        self.quote_time = 0
        self.bar_close: float | None = None
        self.has_ticks = False
        self.tick: Price | Quote | None = None
        self.before_tick: Price | Quote | None = None


_NOTHING = _Line()


class Board:
    """The latest prices and indicators of all symbols. Prices in currency, times in microseconds since 1970 UTC."""

    def __init__(self, indicators: Indicators) -> None:
        self.moved: set[str] = set()  # symbols whose price may have changed since somebody last cleared this
        self._lines: dict[str, _Line] = {}
        self._indicators = indicators

    def want(
        self,
        symbol: str | None,
        name: str,
        arguments: tuple[float, ...],
        timeframe: float | None = None,
        ago: int = 0,
    ) -> None:
        """Asks for an indicator before the bars come; see `Indicators.want`."""
        self._indicators.want(symbol, name, arguments, timeframe, ago)

    def want_bar(self, symbol: str | None, timeframe: float | None = None, ago: int = 0) -> None:
        """Asks for past bars before they come; see `Indicators.want_bar`."""
        self._indicators.want_bar(symbol, timeframe, ago)

    def want_bars(self, symbol: str | None, timeframe: float | None = None) -> None:
        """Asks that `on_bar` tell the bars of a timeframe; see `Indicators.want_bars`."""
        self._indicators.want_bars(symbol, timeframe)

    def on_price(self, event: Price) -> None:
        line = self._lines.get(event.symbol) or self._new(event.symbol)
        self.moved.add(event.symbol)
        line.last = event.price
        line.last_time = event.time
        line.latest = News.TRADE
        line.has_ticks = True
        line.before_tick = line.tick
        line.tick = event

    def on_quote(self, event: Quote) -> None:
        line = self._lines.get(event.symbol) or self._new(event.symbol)
        self.moved.add(event.symbol)
        line.bid = event.bid
        line.ask = event.ask
        line.quote_time = event.time
        line.latest = News.QUOTE
        line.has_ticks = True
        line.before_tick = line.tick
        line.tick = event

    def on_bar(self, event: Bar) -> Sequence[Bar]:
        """Takes a completed bar: its close is the last price, known at the bar's end.

        Where ticks came while the bar went on, they tell more than its close, and stay the latest news.

        Returns:
            The bars that are complete with it, this one first; see `Indicators.on_bar`.
        """
        line = self._lines.get(event.symbol) or self._new(event.symbol)
        line.bar_close = event.close
        if not line.has_ticks or max(line.last_time, line.quote_time) < event.start:
            self.moved.add(event.symbol)
            line.last = event.close
            line.last_time = event.end
            line.latest = News.BAR
        return self._indicators.on_bar(event)

    def on_past_bar(self, event: Bar) -> None:
        """Takes a bar of the past for the indicators; what it says of prices is no news."""
        self._indicators.on_bar(event)

    def on_fill(self, symbol: str, price: float, now: int) -> None:
        """Takes a fill of ours for the last trade: it is told before the tick or bar that it came of."""
        line = self._lines.get(symbol) or self._new(symbol)
        self.moved.add(symbol)
        line.last = price
        line.last_time = now
        line.latest = News.FILL

    def reference(self, symbol: str, buy: bool) -> tuple[float, int] | None:
        """The price that an order of this direction is reckoned from, and the time since which it is known."""
        line = self._lines.get(symbol, _NOTHING)
        if line.latest is News.QUOTE:
            price = line.ask if buy else line.bid
            return None if price is None else (price, line.quote_time)
        return None if line.last is None else (line.last, line.last_time)

    def mark(self, symbol: str) -> float | None:
        """What a position is valued at: the last price, or the middle of a quote that came after it."""
        line = self._lines.get(symbol, _NOTHING)
        if line.latest is News.QUOTE and line.bid is not None and line.ask is not None:
            return (line.bid + line.ask) / 2
        return line.last

    def last(self, symbol: str) -> float | None:
        """The last trade or bar close."""
        return self._lines.get(symbol, _NOTHING).last

    def bid(self, symbol: str) -> float | None:
        return self._lines.get(symbol, _NOTHING).bid

    def ask(self, symbol: str) -> float | None:
        return self._lines.get(symbol, _NOTHING).ask

    def quote_time(self, symbol: str) -> int | None:
        """When the last quote was; None where there never was one."""
        return self._lines.get(symbol, _NOTHING).quote_time or None

    def spread(self, symbol: str) -> float | None:
        """Ask less bid of the last quote."""
        line = self._lines.get(symbol, _NOTHING)
        return None if line.bid is None or line.ask is None else line.ask - line.bid

    def bar_close(self, symbol: str) -> float | None:
        """The close of the last completed bar, whatever came after it."""
        return self._lines.get(symbol, _NOTHING).bar_close

    def previous_price(self, symbol: str) -> float | None:
        """The price of the tick before the last one, a quote's being the middle of it."""
        before = self._lines.get(symbol, _NOTHING).before_tick
        return None if before is None else before.price

    def latest(self, symbol: str) -> News | None:
        """What told the latest price, None where nothing is known."""
        return self._lines.get(symbol, _NOTHING).latest

    def latest_time(self, symbol: str) -> int | None:
        """When the latest price became known."""
        line = self._lines.get(symbol, _NOTHING)
        if line.latest is None:
            return None
        return line.quote_time if line.latest is News.QUOTE else line.last_time

    def bar_fed(self, symbol: str) -> bool:
        """Whether bars are all that is known: no trade and no quote of the symbol was ever seen."""
        line = self._lines.get(symbol, _NOTHING)
        return line.latest is not None and not line.has_ticks

    def is_default(self, bar: Bar) -> bool:
        """Whether a rule on bars that states no timeframe means this one's; see `Indicators.is_default`."""
        return self._indicators.is_default(bar)

    def indicator(
        self, symbol: str, name: str, arguments: tuple[float, ...], timeframe: float | None = None, ago: int = 0
    ) -> float | None:
        """An indicator after a completed bar; timeframe in seconds; see `Indicators.value`."""
        return self._indicators.value(symbol, name, arguments, timeframe, ago)

    def bar(self, symbol: str, name: str, timeframe: float | None = None, ago: int = 0) -> float | None:
        """A field of a completed bar; timeframe in seconds; see `Indicators.bar`."""
        return self._indicators.bar(symbol, name, timeframe, ago)

    def _new(self, symbol: str) -> _Line:
        line = self._lines[symbol] = _Line()
        return line
