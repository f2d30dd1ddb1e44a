"""An account's figures: what it holds is worth, what it has earned today, and the values that clients are told.

Amounts are micros. Average cost leaves commissions out, realised profit counts them when they are paid.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from ..broker.exchange import Account, Exchange, Holding
from ..market.hours import Hours
from ..numbers import MICROS, to_micros
from .board import Board
from .instruments import contract_of
from .replies import PortfolioValue

ALL_TAGS = (
    "AccountType",
    "NetLiquidation",
    "TotalCashValue",
    "SettledCash",
    "AccruedCash",
    "BuyingPower",
    "EquityWithLoanValue",
    "GrossPositionValue",
    "InitMarginReq",
    "MaintMarginReq",
    "AvailableFunds",
    "ExcessLiquidity",
    "Cushion",
    "FullInitMarginReq",
    "FullMaintMarginReq",
    "FullAvailableFunds",
    "FullExcessLiquidity",
    "LookAheadInitMarginReq",
    "LookAheadMaintMarginReq",
    "LookAheadAvailableFunds",
    "LookAheadExcessLiquidity",
    "Leverage",
)


@attrs.define
class _Today:
    """Where an account and its symbols stood when the exchange's day began."""

    end: int
    equity: dict[str, int]
    totals: dict[tuple[str, str], int]


class Figures:
    """Works figures out from the exchange's books and the latest prices."""

    def __init__(self, exchange: Exchange, board: Board, hours: Hours) -> None:
        self._exchange = exchange
        self._board = board
        self._hours = hours
        self._today: _Today | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._exchange.ledger.accounts)

    def books(self, account: str) -> Account:
        return self._exchange.ledger.accounts[account]

    def holding(self, account: str, symbol: str) -> Holding:
        return self.books(account).holding(symbol)

    def held(self, account: str) -> tuple[str, ...]:
        """Symbols of which the account holds shares."""
        return tuple(self._exchange.positions(account))

    def roll(self, now: int) -> None:
        """Called before anything else happens: a new day's profit begins at zero."""
        if self._today is not None and now < self._today.end:
            return
        equity = {name: self._exchange.equity(name) for name in self.names}
        totals = {
            (name, symbol): self._total(name, symbol) for name in self.names for symbol in self.books(name).holdings
        }
        self._today = _Today(self._hours.day_end(now), equity, totals)

    def daily(self, account: str) -> int:
        """What the account has gained since the exchange's midnight."""
        began = self.books(account).initial_cash if self._today is None else self._today.equity[account]
        return self._exchange.equity(account) - began

    def daily_of(self, account: str, symbol: str) -> int:
        began = 0 if self._today is None else self._today.totals.get((account, symbol), 0)
        return self._total(account, symbol) - began

    def price(self, account: str, symbol: str) -> int | None:
        """At which a holding is valued: the bid for a long, the ask for a short, micros; None where never priced."""
        held = self.holding(account, symbol).quantity
        row = self._board.row(symbol)
        price = None if row is None else row.price(-1 if held > 0 else 1)
        return None if price is None else to_micros(price)

    def value(self, account: str, symbol: str) -> int:
        holding = self.holding(account, symbol)
        price = self.price(account, symbol)
        return holding.cost if price is None else holding.quantity * price

    def unrealised(self, account: str, symbol: str) -> int:
        return self.value(account, symbol) - self.holding(account, symbol).cost

    def _total(self, account: str, symbol: str) -> int:
        holding = self.holding(account, symbol)
        return holding.realised + self.unrealised(account, symbol)

    def values(self, account: str) -> list[tuple[str, str, str]]:
        """Keys, values and currencies, as account updates tell them."""
        books = self.books(account)
        symbols = [symbol for symbol, held in books.holdings.items() if held.quantity]
        equity = self._exchange.equity(account)
        gross = sum(abs(self.value(account, symbol)) for symbol in symbols)
        stocks = sum(self.value(account, symbol) for symbol in symbols)
        power = self._exchange.buying_power(account)
        leverage = power / equity if equity > 0 else 1.0
        margin = round(gross / leverage) if leverage else gross
        unrealised = sum(self.unrealised(account, symbol) for symbol in symbols)
        free = equity - margin
        amounts = {
            "NetLiquidation": equity,
            "TotalCashValue": books.cash,
            "SettledCash": books.cash,
            "AccruedCash": 0,
            "BuyingPower": max(0, round(free * leverage)),
            "EquityWithLoanValue": equity,
            "GrossPositionValue": gross,
            "AvailableFunds": free,
            "ExcessLiquidity": free,
            "InitMarginReq": margin,
            "MaintMarginReq": margin,
            "StockMarketValue": stocks,
            "UnrealizedPnL": unrealised,
            "RealizedPnL": books.realised - books.commissions,
            "CashBalance": books.cash,
            "TotalCashBalance": books.cash,
            "NetLiquidationByCurrency": equity,
        }
        for prefix in ("Full", "LookAhead"):
            for key in ("InitMarginReq", "MaintMarginReq", "AvailableFunds", "ExcessLiquidity"):
                amounts[prefix + key] = amounts[key]
        plain = [
            ("AccountCode", account, ""),
            ("AccountReady", "true", ""),
            ("AccountType", "INDIVIDUAL", ""),
            ("Currency", "USD", "USD"),
            ("Cushion", f"{free / equity:.6f}" if equity > 0 else "0", ""),
            ("Leverage", f"{gross / equity:.2f}" if equity > 0 else "0", ""),
        ]
        return plain + [(key, money(amount), "USD") for key, amount in amounts.items()]

    def portfolio(self, account: str, symbols: Iterable[str]) -> Iterator[PortfolioValue]:
        for symbol in symbols:
            holding = self.holding(account, symbol)
            price = self.price(account, symbol)
            yield PortfolioValue(
                contract=contract_of(symbol),
                position=holding.quantity,
                market_price=(holding.average_cost or 0.0) / MICROS if price is None else price / MICROS,
                market_value=self.value(account, symbol),
                average_cost=average(holding.average_cost),
                unrealised=self.unrealised(account, symbol),
                realised=holding.realised,
                account=account,
            )


def money(micros: int) -> str:
    """An amount in whole cents: `100000.00`."""
    sign, cents = ("-" if micros < 0 else ""), (abs(micros) + 5_000) // 10_000
    return f"{sign if cents else ''}{cents // 100}.{cents % 100:02d}"


def average(cost: float | None) -> float:
    return 0.0 if cost is None else round(cost / MICROS, 8)
