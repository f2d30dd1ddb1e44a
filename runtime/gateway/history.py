"""Historical bars: requests answered from what the market has shown, and bars that are kept up to date.

Implements `seams.History`. A recorded market's past is what has been delivered of it so far; a market made up brings
one of its own (`random_past.py`). Bars are cut as the exchange's clock cuts the day, the first of a session at its
open. Without trades (or quotes) in the market the other stands for them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import attrs

from ..event.inputs import MarketInput, Price, Quote
from ..market.hours import Hours
from ..times import DAY, SECOND
from .bar_requests import (
    MONTH,
    SHOWN,
    WEEK,
    RequestError,
    What,
    read_bar_size,
    read_duration,
    read_end,
    time_shown,
)
from .candles import Candle, SymbolCandles
from .replies import ErrorMessage, HeadTimestampIs, HistoricalBar, HistoricalData, HistoricalUpdate, Reply
from .requests import HeadTimestamp, HistoricalBars

FillPast = Callable[[SymbolCandles, str, float, int], None]
MOST_BARS_ANSWERED = 50_000


@attrs.frozen
class _Wanted:
    """A request, read."""

    request_id: int
    symbol: str
    what: What
    length: int
    regular_only: bool
    date_format: int


@attrs.define
class _Kept:
    """A request that is kept up to date, and the bar that grows."""

    session: int
    wanted: _Wanted
    latest: int


class MarketHistory:
    """Remembers the market and answers for its past.

    `fill_past` puts a past behind a symbol at its first price, where the market has one.
    """

    def __init__(
        self,
        hours: Hours,
        *,
        fill_past: FillPast | None = None,
    ) -> None:
        self._hours = hours
        self._fill_past = fill_past
        self._meet: Callable[[str, int], None] | None = None
        self._symbols: dict[str, SymbolCandles] = {}
        self._kept: dict[tuple[int, int], _Kept] = {}

    def meets(self, meet: Callable[[str, int], None]) -> None:
        """Names what makes the market show a symbol that nobody has asked for yet, at a time."""
        self._meet = meet

    # ---- requests --------------------------------------------------------------------------------------------------

    def ask(self, session: int, request: HistoricalBars, symbol: str, now: int) -> Sequence[Reply]:
        """The bars asked for, or the error that IB has for it: 321 for words that make no sense, 162 for no data."""
        try:
            wanted, start, end = self._read(request, symbol, now)
        except RequestError as error:
            return (ErrorMessage(request.request_id, 321, f"Error validating request.-'bW' : cause - {error}"),)
        self._show(symbol, now)
        bars = self._bars(wanted, start, end)
        if not bars and not request.keep_up_to_date:
            text = f"HMDS query returned no data: {request.contract.symbol}@{request.contract.exchange or 'SMART'}"
            message = f"Historical Market Data Service error message:{text} {wanted.what.value.capitalize()}"
            return (ErrorMessage(request.request_id, 162, message),)
        if request.keep_up_to_date:
            latest = self._label(bars[-1].start, wanted)[0] if bars else 0
            self._kept[session, request.request_id] = _Kept(session, wanted, latest)
        shown = tuple(self._shown(bar, wanted) for bar in bars[-MOST_BARS_ANSWERED:])
        return (HistoricalData(request.request_id, time_shown(start, 1), time_shown(end, 1), shown),)

    def head(self, session: int, request: HeadTimestamp, symbol: str, now: int) -> Sequence[Reply]:
        """The earliest time for which there are bars."""
        self._show(symbol, now)
        first = self._symbols[symbol].first() if symbol in self._symbols else None
        if first is None or request.what not in SHOWN:
            text = "Historical Market Data Service error message:No head time stamp"
            return (ErrorMessage(request.request_id, 162, text),)
        return (HeadTimestampIs(request.request_id, time_shown(first, request.date_format)),)

    def cancel(self, session: int, request_id: int) -> None:
        self._kept.pop((session, request_id), None)

    def drop(self, session: int) -> None:
        for key in [key for key in self._kept if key[0] == session]:
            del self._kept[key]

    # ---- the market ------------------------------------------------------------------------------------------------

    def on_market(self, event: MarketInput, now: int) -> Sequence[tuple[int, Reply]]:
        """Remembers a market event. Bars of the past say nothing new to anybody."""
        symbol = event.symbol
        candles = self._symbols.get(symbol)
        if candles is None:
            candles = self._symbols[symbol] = SymbolCandles()
            if self._fill_past is not None and isinstance(event, (Price, Quote)):
                self._fill_past(candles, symbol, event.price, now)
        candles.feed(event)
        if not self._kept:
            return ()
        return [
            (kept.session, update)
            for kept in self._kept.values()
            if kept.wanted.symbol == symbol and (update := self._update(kept, now)) is not None
        ]

    # ---- inside ----------------------------------------------------------------------------------------------------

    def _show(self, symbol: str, now: int) -> None:
        if symbol not in self._symbols and self._meet is not None:
            self._meet(symbol, now)

    def _read(self, request: HistoricalBars, symbol: str, now: int) -> tuple[_Wanted, int, int]:
        what = SHOWN.get(request.what.upper())
        if what is None:
            raise RequestError(f"whatToShow {request.what[:20]!r} is none of {', '.join(SHOWN)}")
        if request.keep_up_to_date and request.end.strip():
            raise RequestError("an end date goes with no request that is kept up to date")
        if request.date_format not in (1, 2):
            raise RequestError("formatDate is 1 or 2")
        length, duration = read_bar_size(request.bar_size), read_duration(request.duration)
        end = read_end(request.end, now + 1)  # what happens now is known now
        wanted = _Wanted(request.request_id, symbol, what, length, request.regular_hours_only, request.date_format)
        # where the market is closed at the end, the span is counted back from its last price
        latest = self._latest(wanted, end)
        return wanted, duration.begins(min(end, now) if latest is None else latest, self._hours), end

    def _latest(self, wanted: _Wanted, end: int) -> int | None:
        candles = self._symbols.get(wanted.symbol)
        if candles is None or (self._hours.is_open(end - 1) or not wanted.regular_only):
            return None
        found = [each for each in candles.between(wanted.what, wanted.length, end - 7 * DAY, end) if self._fits(each)]
        return found[-1].start + SECOND if found else None

    def _fits(self, candle: Candle) -> bool:
        return self._hours.is_open(candle.start)

    def _bars(self, wanted: _Wanted, start: int, end: int) -> list[Candle]:
        candles = self._symbols.get(wanted.symbol)
        if candles is None:
            return []
        known = candles.between(wanted.what, wanted.length, start, end)
        if wanted.regular_only:
            known = [each for each in known if self._fits(each)]
        bars: list[Candle] = []
        number = None
        for part in known:
            label, begins = self._label(part.start, wanted)
            if label == number:
                bars[-1].add(part)
            else:
                bars.append(part.copy(begins))
                number = label
        return bars

    def _label(self, time: int, wanted: _Wanted) -> tuple[int, int]:
        """The bar that a time belongs to: a number that grows, and when the bar begins."""
        hours, length = self._hours, wanted.length
        if length >= DAY:
            day = hours.day(time)
            if length == WEEK:
                day -= timedelta(days=day.weekday())
            elif length == MONTH:
                day = day.replace(day=1)
            return day.toordinal(), hours.moment(day, 0)
        midnight = hours.moment(hours.day(time), 0)
        begins = midnight + (time - midnight) // length * length
        session = hours.session(time)
        if session is not None and wanted.regular_only:
            begins = max(begins, session.open)
        return begins, begins

    def _shown(self, bar: Candle, wanted: _Wanted) -> HistoricalBar:
        trades = wanted.what is What.TRADES
        if wanted.length >= DAY:
            date = f"{self._hours.day(bar.start):%Y%m%d}"
        else:
            date = time_shown(bar.start, wanted.date_format)
        return HistoricalBar(
            date,
            bar.open,
            bar.high,
            bar.low,
            bar.close,
            round(bar.volume) if trades else -1,
            round(bar.average, 6) if trades else -1.0,
            bar.count if trades else -1,
        )

    def _update(self, kept: _Kept, now: int) -> HistoricalUpdate | None:
        """The bar that grows, as it is now."""
        wanted = kept.wanted
        newest = self._symbols[wanted.symbol].between(wanted.what, wanted.length, now - 2 * wanted.length, now + SECOND)
        if not newest or (wanted.regular_only and not self._fits(newest[-1])):
            return None
        label, begins = self._label(newest[-1].start, wanted)
        if label < kept.latest:
            return None
        kept.latest = label
        bars = self._bars(wanted, begins, now + SECOND)
        return HistoricalUpdate(wanted.request_id, self._shown(bars[-1], wanted)) if bars else None
