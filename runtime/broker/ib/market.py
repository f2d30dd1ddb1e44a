"""Quotes and trades of the symbols that are watched.

Ticks come one by one: a bid, an ask, a last price, their sizes. A quote is put when a packet of them is handled, so
that a bid and an ask that came together are one; not while a side is unknown or the two are crossed. Only live data
are quotes: delayed or frozen ones, and none, are told as the state of the symbol's data.

A trade is a last price with its size. Where the broker sends its time and sales (generic tick 233) they tell every
trade; else a new last price is one, and a new last size at the same price another. What is told first is a trade of
before the subscription: its price counts, its size does not.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import attrs

from ...clock import Clock
from ...event.inputs import Price, Quote
from ...times import MINUTE, SECOND
from ..port import DataState, SymbolData
from .asking import DataRequests, RequestNumbers
from .data_wire import DataTypeTold, PriceTickTold, SizeTickTold, TextTickTold

GENERIC_TICKS = "233"  # time and sales
_BID_SIZE, _BID, _ASK, _ASK_SIZE, _LAST, _LAST_SIZE = 0, 1, 2, 3, 4, 5
_TIME_AND_SALES = 48
_DELAYED = range(66, 77)
_TRY_AGAIN_AFTER = MINUTE
_REFRESH_AFTER = SECOND  # a quote that stands is put again at most so often, while its sizes move

_DATA_TYPES = {2: "frozen: the last of a market that is closed", 3: "delayed", 4: "delayed, and frozen"}
_STATES = {
    101: DataState.NONE,
    200: DataState.UNKNOWN_SYMBOL,
    354: DataState.NONE,
    10089: DataState.NONE,
    10090: DataState.DELAYED,
    10167: DataState.DELAYED,
    10168: DataState.NONE,
    10186: DataState.NONE,
    10197: DataState.NONE,
}
_TOO_MANY_LINES = 101


@attrs.define
class _Line:
    """One symbol's data; the sides of the quote are None where they are not known."""

    symbol: str
    con_id: int = 0
    request: int | None = None
    asked_at: int = 0
    is_answered: bool = False
    bid: float | None = None
    ask: float | None = None
    moved: bool = False
    put_at: int = 0
    last: float | None = None
    echo: float | None = None  # the size that is told again beside a last price
    has_last: bool = False
    tells_sales: bool = False
    state: SymbolData | None = None
    try_again_at: int | None = None

    def forget(self) -> None:
        """What a subscription has told is nothing to the next one."""
        self.bid = self.ask = self.last = self.echo = None
        self.moved = self.has_last = self.tells_sales = False
        self.request = self.try_again_at = None
        self.is_answered = False


class MarketData:
    """Subscriptions, by symbol.

    `clock` stamps what is told, `pulse` is the clock that waiting goes by. `put` takes
    quotes, prices and states of data; `say` what a person should read.
    """

    def __init__(
        self,
        requests: DataRequests,
        numbers: RequestNumbers,
        clock: Clock,
        pulse: Clock,
        put: Callable[[Quote | Price | SymbolData], None],
        say: Callable[[str, str | None, str], None],
    ) -> None:
        self._requests = requests
        self._numbers = numbers
        self._clock = clock
        self._pulse = pulse
        self._put = put
        self._say = say
        self._lines: dict[str, _Line] = {}
        self._by_request: dict[int, _Line] = {}
        self._touched: dict[str, _Line] = {}
        self._is_connected = False
        self._said_too_many = False

    @property
    def symbols(self) -> tuple[str, ...]:
        return tuple(self._lines)

    # ---- subscriptions ---------------------------------------------------------------------------------------------

    def watch(self, symbol: str, con_id: int) -> None:
        """Subscribes a symbol; again, where the contract is another one now."""
        line = self._lines.get(symbol)
        if line is None:
            line = self._lines[symbol] = _Line(symbol, con_id)
        elif line.con_id != con_id:
            self._end(line)
            line.con_id = con_id
        if line.request is None and self._is_connected:
            self._begin(line)

    def leave(self, symbol: str) -> None:
        """Ends a symbol's subscription."""
        line = self._lines.pop(symbol, None)
        if line is not None:
            self._end(line)

    def connected(self) -> None:
        """The broker is there, and knows of no subscription: all are made again."""
        self._is_connected = True
        self._said_too_many = False
        self._by_request.clear()
        for line in self._lines.values():
            self._begin(line)

    def disconnected(self) -> None:
        self._is_connected = False
        self._by_request.clear()
        self._touched.clear()
        for line in self._lines.values():
            line.forget()

    def advance(self) -> None:
        """Subscribes again what could not be had a while ago, and what has had no answer at all."""
        now = self._pulse.now()
        if self._is_connected:
            for line in self._lines.values():
                if line.try_again_at is not None:
                    is_due = now >= line.try_again_at
                else:
                    is_due = not line.is_answered and now - line.asked_at >= _TRY_AGAIN_AFTER
                if is_due:
                    self._end(line)
                    self._begin(line)

    def _begin(self, line: _Line) -> None:
        line.forget()
        line.request = self._numbers.take()
        line.asked_at = self._pulse.now()
        self._by_request[line.request] = line
        self._requests.ask_quotes(line.request, line.symbol, line.con_id)

    def _end(self, line: _Line) -> None:
        request = line.request
        line.forget()
        self._touched.pop(line.symbol, None)
        if request is not None:
            self._by_request.pop(request, None)
            if self._is_connected:
                self._requests.end_quotes(request)

    # ---- what is told ----------------------------------------------------------------------------------------------

    def on_price(self, told: PriceTickTold) -> None:
        line = self._by_request.get(told.request)
        if line is None:
            return
        line.is_answered = True
        kind = told.kind
        if kind in _DELAYED:
            self._tell(line, DataState.DELAYED, "delayed")
        elif kind == _BID:
            line.bid = _sane(told.price)
            line.moved = True
            self._touched[line.symbol] = line
        elif kind == _ASK:
            line.ask = _sane(told.price)
            line.moved = True
            self._touched[line.symbol] = line
        elif kind == _LAST:
            self._on_last(line, told.price, told.size)

    def on_size(self, told: SizeTickTold) -> None:
        line = self._by_request.get(told.request)
        if line is None:
            return
        if told.kind == _BID_SIZE or told.kind == _ASK_SIZE:
            self._touched[line.symbol] = line
        elif told.kind == _LAST_SIZE:
            echo, line.echo = line.echo, None
            if told.size != echo and line.last is not None and not line.tells_sales:
                self._trade(line, line.last, told.size)

    def on_text(self, told: TextTickTold) -> None:
        line = self._by_request.get(told.request)
        if line is None or told.kind != _TIME_AND_SALES:
            return
        price, size = _sale(told.text)
        if price is not None:
            line.tells_sales = True
            self._trade(line, price, size)

    def on_data_type(self, told: DataTypeTold) -> None:
        line = self._by_request.get(told.request)
        if line is None:
            return
        line.is_answered = True
        if told.kind in _DATA_TYPES:
            self._tell(line, DataState.DELAYED, _DATA_TYPES[told.kind])

    def on_error(self, request: int, code: int, text: str) -> bool:
        """Takes an error about a subscription of ours; false where it is about something else."""
        line = self._by_request.get(request)
        if line is None:
            return False
        state = _STATES.get(code)
        if state is None:
            return False
        line.bid = line.ask = None
        line.moved = False
        line.is_answered = True
        if state is not DataState.DELAYED:
            line.try_again_at = self._pulse.now() + _TRY_AGAIN_AFTER
        if code == _TOO_MANY_LINES and not self._said_too_many:
            self._said_too_many = True
            count = sum(line.state is not None and line.state.state is DataState.LIVE for line in self._lines.values())
            self._say(
                "warning",
                line.symbol,
                f"the broker has no more lines of market data; {count} symbols have one. Name fewer symbols, or "
                "book more lines there",
            )
        self._tell(line, state, text)
        return True

    def flush(self) -> None:
        """All ticks of a packet are handled: puts the quotes that they make."""
        if not self._touched:
            return
        touched, self._touched = self._touched, {}
        now, beat = self._clock.now(), self._pulse.now()
        for line in touched.values():
            moved, line.moved = line.moved, False
            bid, ask = line.bid, line.ask
            if bid is None or ask is None or bid > ask:
                continue
            if moved or beat - line.put_at >= _REFRESH_AFTER:
                self._tell_live(line)
                line.put_at = beat
                self._put(Quote(now, line.symbol, bid, ask))

    def _on_last(self, line: _Line, price: float, size: float) -> None:
        sane = _sane(price)
        if sane is None:
            return
        line.last = sane
        line.echo = size
        if not line.has_last:
            line.has_last = True
            self._tell_live(line)
            self._put(Price(self._clock.now(), line.symbol, sane))
        elif not line.tells_sales:
            self._trade(line, sane, size)

    def _trade(self, line: _Line, price: float, size: float | None) -> None:
        self._tell_live(line)
        self._put(Price(self._clock.now(), line.symbol, price, size if size and size > 0 else None))

    def _tell_live(self, line: _Line) -> None:
        if line.state is None or line.state.state is not DataState.LIVE:
            self._tell(line, DataState.LIVE, "")
        line.try_again_at = None

    def _tell(self, line: _Line, state: DataState, text: str) -> None:
        told = SymbolData(line.symbol, state, text)
        if told != line.state:
            line.state = told
            self._put(told)


def _sane(price: float) -> float | None:
    """A price above zero; the broker says 0 or -1 where nobody bids or asks."""
    return price if price > 0 and math.isfinite(price) else None


def _sale(text: str) -> tuple[float | None, float | None]:
    """Price and size of a line of time and sales: `150.02;100;1767625200123;12000;150.01;true`."""
    parts = text.split(";")
    try:
        price = _sane(float(parts[0])) if parts[0] else None
        size = float(parts[1]) if len(parts) > 1 and parts[1] else None
    except ValueError:
        return None, None
    return price, size
