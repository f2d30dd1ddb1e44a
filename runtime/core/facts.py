"""What conditions may ask beyond their event, answered from the books at this step's `now`."""

from __future__ import annotations

from collections.abc import Mapping

from ...dsl.plan import Kind
from ..times import MINUTE
from ..trade.desk import Desk
from ..trade.view import key_of, position_field
from .account import Account
from .halts import Halts
from .signal_log import SignalLog
from .situation import gross_exposure

_EPOCH_ORDINAL = 719_163  # date(1970, 1, 1).toordinal()
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class BookFacts:
    """The facts of one runtime. `closed` is what a position was before it closed, while rules are tried on that."""

    def __init__(self, desk: Desk, halts: Halts, signals: SignalLog, account: Account) -> None:
        self.closed: tuple[str, Mapping[str, float | str | None]] | None = None
        self._desk = desk
        self._halts = halts
        self._signals = signals
        self._account = account

    # ---- the market

    def quote(self, name: str, symbol: str) -> float | None:
        board = self._desk.board
        match name:
            case "last":
                return board.last(symbol)
            case "bid":
                return board.bid(symbol)
            case "ask":
                return board.ask(symbol)
            case _:
                return board.spread(symbol)

    def indicator(
        self, symbol: str, name: str, arguments: tuple[float, ...], timeframe: float | None, ago: int
    ) -> float | None:
        return self._desk.board.indicator(symbol, name, arguments, timeframe, ago)

    def bar(self, symbol: str, name: str, timeframe: float | None, ago: int) -> float | None:
        return self._desk.board.bar(symbol, name, timeframe, ago)

    def previous_price(self, symbol: str) -> float | None:
        return self._desk.board.previous_price(symbol)

    def signals(self, symbol: str, kind: str, seconds: float) -> float | None:
        return self._signals.count(symbol, kind, seconds, self._desk.now)

    # ---- the books

    def position(self, symbol: str, name: str, unit: Kind) -> float | str | None:
        if self.closed is not None and self.closed[0] == symbol:
            return self.closed[1].get(key_of(name, unit))
        if self._desk.at_broker and not self._desk.is_reconciled(symbol):
            return None  # unknown is not flat
        return position_field(self._desk, symbol, name, unit)

    def account(self, name: str) -> float | None:
        desk = self._desk
        match name:
            case "equity":
                return self._account.equity()
            case "cash":
                return self._account.cash()
            case "exposure":
                return gross_exposure(desk)
            case "buying_power":
                worth, exposure = self._account.equity(), gross_exposure(desk)
                return None if worth is None or exposure is None else desk.policy.buying_power * worth - exposure
            case "day_pnl":
                lost = self._account.lost(self._halts.base)
                return None if lost is None else 0.0 - lost  # without the sign of a negative nothing
            case "open_positions":
                return float(sum(1 for trade in desk.trades.values() if trade.held > 0))
            case _:
                return float(desk.opened_today)

    def equity(self) -> float | None:
        return self._account.equity()

    # ---- the clock

    def clock(self, name: str) -> float | str | None:
        hours, now = self._desk.hours, self._desk.now
        match name:
            case "time":
                return float(hours.seconds_of_day(now))
            case "today":
                return float(hours.day(now).toordinal() - _EPOCH_ORDINAL)
            case "now":
                days = hours.day(now).toordinal() - _EPOCH_ORDINAL
                return float(days * 86_400 + hours.seconds_of_day(now))
            case "weekday":
                return _WEEKDAYS[hours.day(now).weekday()]
            case _:
                return self._minutes(name)

    def _minutes(self, name: str) -> float | None:
        """Since the open or to the close; a bar that ends with the session is still of it."""
        now = self._desk.now
        session = self._desk.hours.session(now) or self._desk.hours.session(now - 1)
        if session is None:
            return None
        return (now - session.open if name == "minutes_since_open" else session.close - now) / MINUTE
