"""The risk gate's view of the books: what is held, what may still open, and what is forbidden just now."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

import attrs

from ..numbers import MICROS, to_float
from ..order.working import WorkingOrder
from ..trade.desk import Desk
from .halts import Halts


@attrs.define
class BookSituation:
    """Computed when asked, from the desk's books at this step's `now`."""

    desk: Desk
    halts: Halts
    sectors: Mapping[str, str]

    @property
    def now(self) -> int:
        return self.desk.now

    @property
    def halted(self) -> bool:
        return self.halts.halted

    @property
    def connected(self) -> bool:
        return self.desk.connected

    @property
    def loss_halted(self) -> bool:
        return self.halts.loss_halted(self.desk.hours.day(self.desk.now))

    @property
    def buying_power_multiple(self) -> float:
        return self.desk.policy.buying_power

    @property
    def price_sanity(self) -> float:
        return self.desk.policy.price_sanity

    def symbol_halted(self, symbol: str) -> bool:
        return symbol in self.desk.halted_symbols

    def closed_for_session(self, symbol: str) -> bool:
        until = self.desk.closed_until
        return any(self.desk.now < until.get(which, 0) for which in (symbol, None))

    def market_open(self, symbol: str) -> bool:
        return self.desk.hours.is_open(self.desk.now)

    def has_trade(self, symbol: str) -> bool:
        return symbol in self.desk.trades

    def equity(self) -> float | None:
        return equity(self.desk)

    def last(self, symbol: str) -> float | None:
        """The newest price there is: a symbol known by quotes may have had no trade for long, or none but ours."""
        return self.desk.board.mark(symbol)

    def signed_exposure(self, symbol: str) -> float | None:
        held = self.desk.portfolio.quantity(symbol)
        total = 0.0
        if held:
            mark = self.desk.board.mark(symbol)
            if mark is None:
                return None
            total = held * mark
        trade = self.desk.trades.get(symbol)
        if trade is not None:
            for order in trade.orders.values():
                if order.opens and order.is_alive:
                    total += order.side.sign * order.remaining * _worth(order, trade.reference)
        return total

    def exposed_symbols(self) -> Sequence[str]:
        held = [symbol for symbol, holding in self.desk.portfolio.holdings.items() if holding.quantity]
        return list(dict.fromkeys([*held, *self.desk.trades]))

    def open_trades(self) -> int:
        """Trades, and shares that a halted symbol holds beside any trade."""
        return len(self.exposed_symbols())

    def openings_since(self, time: int) -> int:
        sent = self.desk.openings
        return len(sent) - bisect_left(sent, time)

    def day_start(self) -> int:
        return self.desk.now - self.desk.hours.seconds_of_day(self.desk.now) * MICROS - self.desk.now % MICROS


def _worth(order: WorkingOrder, reference: float) -> float:
    """What a share of an unfilled opening order counts at: its limit, its stop, else the reference."""
    stated = order.spec.limit_price if order.spec.limit_price is not None else order.spec.stop_price
    if stated is not None:
        return to_float(stated)
    return reference if order.counts_at is None else order.counts_at


def gross_exposure(desk: Desk) -> float | None:
    """Currency: all positions at their marks, shorts counted like longs; None where a held symbol has no mark."""
    total = 0.0
    for symbol, holding in desk.portfolio.holdings.items():
        if holding.quantity:
            mark = desk.board.mark(symbol)
            if mark is None:
                return None
            total += abs(holding.quantity) * mark
    return total


def equity(desk: Desk) -> float | None:
    """Cash and positions at their marks, in currency; None where a held symbol has no mark."""
    total = to_float(desk.portfolio.cash)
    for symbol, holding in desk.portfolio.holdings.items():
        if holding.quantity:
            mark = desk.board.mark(symbol)
            if mark is None:
                return None
            total += holding.quantity * mark
    return total
