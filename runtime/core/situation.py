"""The risk gate's view of the books: what is held, what may still open, and what is forbidden just now."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence

import attrs

from ..numbers import MICROS, to_float
from ..order.working import WorkingOrder
from ..risk.reasons import Reason
from ..trade.desk import Desk
from ..trade.reference import without_quote
from .account import Account
from .halts import Halts
from .worth import HeldWorth


@attrs.define
class BookSituation:
    """Computed when asked, from the desk's books at this step's `now`."""

    desk: Desk
    halts: Halts
    sectors: Mapping[str, str]
    account: Account
    short_selling: bool = True
    dry_run: bool = False
    _held: HeldWorth = attrs.Factory(lambda self: HeldWorth(self.desk), takes_self=True)

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

    def reconciled(self, symbol: str) -> bool:
        return not self.desk.at_broker or self.desk.is_reconciled(symbol)

    def unresolved(self, symbol: str) -> bool:
        trade = self.desk.trades.get(symbol)
        if trade is None or not self.desk.at_broker:
            return symbol in self.desk.doubted
        return any(order.is_in_doubt for order in trade.orders.values()) or symbol in self.desk.doubted

    def foreign_shares(self, symbol: str) -> int:
        return self.desk.foreign.of(symbol)

    def data_fault(self, symbol: str) -> Reason | None:
        return without_quote(self.desk, symbol) if self.desk.at_broker else None

    def price_is_fresh(self, symbol: str) -> bool:
        told = self.desk.board.latest_time(symbol)
        return not self.desk.at_broker or (told is not None and self.now - told <= self.desk.policy.quote_age)

    def closed_for_session(self, symbol: str) -> bool:
        until = self.desk.closed_until
        return any(self.desk.now < until.get(which, 0) for which in (symbol, None))

    def market_open(self, symbol: str) -> bool:
        return self.desk.hours.is_open(self.desk.now)

    def has_trade(self, symbol: str) -> bool:
        return symbol in self.desk.trades

    def equity(self) -> float | None:
        return self.account.equity()

    def day_loss_known(self) -> bool:
        return not self.desk.at_broker or self.account.lost(self.halts.base) is not None

    def last(self, symbol: str) -> float | None:
        """The newest price there is: a symbol known by quotes may have had no trade for long, or none but ours."""
        return self.desk.board.mark(symbol)

    def signed_exposure(self, symbol: str) -> float | None:
        held = self.desk.account_holds(symbol)
        total = 0.0
        if held:
            mark = self.desk.board.mark(symbol)
            if mark is None:
                return None
            total = held * mark
        for order in self.desk.opening_orders():
            if order.spec.symbol == symbol:
                total += self._opens(order)
        return total

    def gross_exposure(self, without: str, among: Collection[str] | None = None) -> float | None:
        opening: dict[str, float] = {}
        for order in self.desk.opening_orders():
            symbol = order.spec.symbol
            opening[symbol] = opening.get(symbol, 0.0) + self._opens(order)
        return self._held.gross(without, among, opening)

    def _opens(self, order: WorkingOrder) -> float:
        """Currency, signed: what an unfilled opening order is to open."""
        return order.side.sign * order.remaining * _worth(order, self.desk.trade_of[order.id].reference)

    def exposed_symbols(self) -> Sequence[str]:
        return list(dict.fromkeys([*self._ours(), *self.desk.foreign.symbols()]))

    def open_trades(self) -> int:
        """Trades, and shares that a halted symbol holds beside any trade; not what others hold in the account."""
        return len(self._ours())

    def _ours(self) -> list[str]:
        held = [symbol for symbol, holding in self.desk.portfolio.holdings.items() if holding.quantity]
        return list(dict.fromkeys([*held, *self.desk.trades]))

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
    """Currency: all positions of the account at their marks, foreign ones too, shorts counted like longs.

    None where a held symbol has no mark.
    """
    total = 0.0
    for symbol in dict.fromkeys([*desk.portfolio.holdings, *desk.foreign.symbols()]):
        held = desk.account_holds(symbol)
        if held:
            mark = desk.board.mark(symbol)
            if mark is None:
                return None
            total += abs(held) * mark
    return total


def equity(desk: Desk) -> float | None:
    """What the account is worth, in currency; None where that is unknown."""
    return desk.equity()
