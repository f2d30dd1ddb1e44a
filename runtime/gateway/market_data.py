"""Ticks, snapshots and bars of five seconds, for whoever has subscribed to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import attrs

from ..event.inputs import Bar, MarketInput, Price, Quote
from ..market.hours import Hours
from ..times import SECOND
from .board import Board, Row
from .instruments import Instruments
from .policy import GatewayPolicy
from .replies import (
    MarketDataTypeIs,
    RealTimeBar,
    Reply,
    SnapshotEnd,
    TickPrice,
    TickRequestParameters,
    TickSize,
    TickString,
)
from .requests import MarketData
from .session import Session

BID, ASK, LAST, HIGH, LOW, CLOSE, OPEN = 1, 2, 4, 6, 7, 9, 14
BID_SIZE, ASK_SIZE, LAST_SIZE, VOLUME = 0, 3, 5, 8
LAST_TIME = 45
FIVE_SECONDS = 5 * SECOND
KINDS = ("TRADES", "MIDPOINT", "BID", "ASK")
TIME_AND_SALES = "233"
_SALE = 48
_SIZES_IN_SHARES = 163  # the version from which clients are told shares
_LIVE, _FROZEN, _DELAYED_FROZEN = 1, 2, 4
_LONGEST_SILENCE = 60 * SECOND


@attrs.define
class _Five:
    """A bar of five seconds that is being built; without prices it repeats the last one."""

    open: float
    high: float
    low: float
    close: float
    volume: int = 0
    value: float = 0.0
    count: int = 0

    def add(self, price: float, size: int) -> None:
        if self.count == 0:
            self.open = self.high = self.low = price
        self.high = max(self.high, price)
        self.low = min(self.low, price)
        self.close = price
        self.volume += size
        self.value += price * size
        self.count += 1

    def next(self) -> _Five:
        return _Five(self.close, self.close, self.close, self.close)


class MarketFeed:
    """Turns market events into messages. Bars are built only of what somebody has asked for."""

    def __init__(self, board: Board, instruments: Instruments, hours: Hours, policy: GatewayPolicy) -> None:
        self._board = board
        self._instruments = instruments
        self._hours = hours
        self._policy = policy
        self._bars: dict[tuple[str, str], _Five] = {}
        self._wanted: dict[tuple[str, str], int] = {}
        self._due: int | None = None

    # ---- ticks -----------------------------------------------------------------------------------------------------

    def begin(self, session: Session, request: MarketData, symbol: str, snapshot: bool, now: int) -> None:
        """Answers a request for market data: what is known now, and with a snapshot its end."""
        request_id = request.request_id
        session.send(TickRequestParameters(request_id, self._instruments.minimum_tick, "9c0001"))
        frozen = session.data_type in (_FROZEN, _DELAYED_FROZEN) and not self._hours.is_open(now)
        session.send(MarketDataTypeIs(request_id, _FROZEN if frozen else _LIVE))
        row = self._board.row(symbol)
        if snapshot and row is None:
            session.subscriptions.snapshots[request_id] = (symbol, now + self._policy.snapshot_wait)
            return
        if row is not None:
            for reply in self._whole(request_id, row, self._unit(session)):
                session.send(reply)
        if snapshot:
            session.send(SnapshotEnd(request_id))
            return
        session.subscriptions.market_data[request_id] = symbol
        if TIME_AND_SALES in request.generic_ticks.split(","):
            session.subscriptions.sales.add(request_id)

    def end(self, session: Session, request_id: int) -> None:
        session.subscriptions.market_data.pop(request_id, None)
        session.subscriptions.sales.discard(request_id)
        session.subscriptions.snapshots.pop(request_id, None)

    def tell(self, event: MarketInput, row: Row, sessions: Iterable[Session]) -> None:
        """A market event to those who have subscribed to its symbol."""
        for session in sessions:
            unit = self._unit(session)
            for request_id, symbol in session.subscriptions.market_data.items():
                if symbol == event.symbol:
                    if isinstance(event, Price) and request_id in session.subscriptions.sales:
                        session.send(TickString(request_id, _SALE, _sale(row)))
                    for reply in self._changes(request_id, event, row, unit):
                        session.send(reply)
            waiting = session.subscriptions.snapshots
            for request_id in [each for each, (symbol, _) in waiting.items() if symbol == event.symbol]:
                del waiting[request_id]
                for reply in self._whole(request_id, row, unit):
                    session.send(reply)
                session.send(SnapshotEnd(request_id))

    def _unit(self, session: Session) -> int:
        """Shares that a size of 1 counts for this client."""
        return self._policy.size_unit if session.version < _SIZES_IN_SHARES else 1

    def _whole(self, request_id: int, row: Row, unit: int) -> Iterator[Reply]:
        yield from self._quote(request_id, row)
        if row.last is not None:
            yield from self._trade(request_id, row, unit)
        for kind, price in ((OPEN, row.open), (HIGH, row.high), (LOW, row.low), (CLOSE, row.previous_close)):
            if price is not None:
                yield TickPrice(request_id, kind, price, 0)

    def _changes(self, request_id: int, event: MarketInput, row: Row, unit: int) -> Iterator[Reply]:
        if isinstance(event, Quote):
            yield from self._quote(request_id, row)
            return
        yield from self._trade(request_id, row, unit)
        high, low = (event.high, event.low) if isinstance(event, Bar) else (event.price, event.price)
        if high == row.high:
            yield TickPrice(request_id, HIGH, high, 0)
        if low == row.low:
            yield TickPrice(request_id, LOW, low, 0)

    def _quote(self, request_id: int, row: Row) -> Iterator[Reply]:
        size = self._policy.quote_size
        for kind, size_kind, price in ((BID, BID_SIZE, row.bid), (ASK, ASK_SIZE, row.ask)):
            if price is not None:
                yield TickPrice(request_id, kind, price, size, 1)
                yield TickSize(request_id, size_kind, size)

    def _trade(self, request_id: int, row: Row, unit: int) -> Iterator[Reply]:
        size = row.last_size // unit
        assert row.last is not None, "a trade has a price"
        yield TickString(request_id, LAST_TIME, str(row.time // SECOND))
        yield TickPrice(request_id, LAST, row.last, size, 0)
        yield TickSize(request_id, LAST_SIZE, size)
        yield TickSize(request_id, VOLUME, row.volume // unit)

    # ---- bars of five seconds --------------------------------------------------------------------------------------

    def begin_bars(self, session: Session, request_id: int, symbol: str, what: str, now: int) -> None:
        session.subscriptions.real_time_bars[request_id] = (symbol, what)
        self._wanted[symbol, what] = self._wanted.get((symbol, what), 0) + 1
        row = self._board.row(symbol)
        price = None if row is None else _price_of(what, row)
        if price is not None and (symbol, what) not in self._bars:
            self._bars[symbol, what] = _Five(price, price, price, price)
        if self._due is None:
            self._due = now - now % FIVE_SECONDS + FIVE_SECONDS

    def end_bars(self, session: Session, request_id: int) -> None:
        key = session.subscriptions.real_time_bars.pop(request_id, None)
        if key is None:
            return
        self._wanted[key] -= 1
        if self._wanted[key] == 0:
            del self._wanted[key]
            self._bars.pop(key, None)
        if not self._wanted:
            self._due = None

    def drop(self, session: Session) -> None:
        """Ends all that a session has subscribed to."""
        for request_id in list(session.subscriptions.real_time_bars):
            self.end_bars(session, request_id)
        session.subscriptions.market_data.clear()
        session.subscriptions.snapshots.clear()
        session.subscriptions.sales.clear()

    def collect(self, event: MarketInput, row: Row) -> None:
        """A price goes into the bars that are being built of its symbol; a recorded bar tells none of them."""
        if isinstance(event, Bar) or not self._wanted:
            return
        for what in KINDS:
            if (event.symbol, what) in self._wanted and (what == "TRADES") == isinstance(event, Price):
                price = _price_of(what, row)
                if price is not None:
                    size = row.last_size if what == "TRADES" else 0
                    five = self._bars.get((event.symbol, what))
                    if five is None:
                        five = self._bars[event.symbol, what] = _Five(price, price, price, price)
                    five.add(price, size)

    def next_due(self, sessions: Iterable[Session]) -> int | None:
        due = [due for session in sessions for _, due in session.subscriptions.snapshots.values()]
        return min([*due, *([] if self._due is None else [self._due])], default=None)

    def on_time(self, now: int, sessions: Sequence[Session]) -> None:
        """Tells the bars that are over, and ends snapshots that have waited long enough. Where nothing was heard for a
        minute, the silence is not filled with bars."""
        for session in sessions:
            waiting = session.subscriptions.snapshots
            for request_id in [each for each, (_, due) in waiting.items() if due <= now]:
                del waiting[request_id]
                session.send(SnapshotEnd(request_id))
        while self._due is not None and self._due <= now:
            end = self._due
            self._due += FIVE_SECONDS
            if now - end > _LONGEST_SILENCE:
                self._due = now - now % FIVE_SECONDS + FIVE_SECONDS
            if not self._hours.is_open(self._due - FIVE_SECONDS):
                self._due = self._hours.next_open(self._due) + FIVE_SECONDS
            self._tell_bars(end - FIVE_SECONDS, sessions)

    def _tell_bars(self, start: int, sessions: Iterable[Session]) -> None:
        if self._hours.is_open(start):
            for session in sessions:
                for request_id, key in session.subscriptions.real_time_bars.items():
                    five = self._bars.get(key)
                    if five is not None:
                        session.send(_bar(request_id, start, five))
        self._bars = {key: five.next() for key, five in self._bars.items()}


def _bar(request_id: int, start: int, five: _Five) -> RealTimeBar:
    average = round(five.value / five.volume, 6) if five.volume else five.close
    count = five.count if five.volume else 0
    return RealTimeBar(
        request_id, start // SECOND, five.open, five.high, five.low, five.close, five.volume, average, count
    )


def _sale(row: Row) -> str:
    """`150.02;100;1767625200123;12000;150.01;true`: price, shares, milliseconds, volume, average, whether it is one."""
    return f"{row.last};{row.last_size};{row.time // 1000};{row.volume};{row.average};true"


def _price_of(what: str, row: Row) -> float | None:
    if what == "TRADES":
        return row.last
    if what == "MIDPOINT":
        return row.middle
    return row.bid if what == "BID" else row.ask
