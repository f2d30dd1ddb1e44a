"""Buying power: what all positions and all opening orders are worth may not exceed leverage times equity."""

from __future__ import annotations

from .book import Book
from .ledger import Account
from .orders import BookOrder, Order
from .tape import Tape


class Margin:
    """Judges whether an account can afford an order. Orders that only reduce a position always can."""

    def __init__(self, book: Book, tape: Tape, leverage: float) -> None:
        self._book = book
        self._tape = tape
        self._leverage = leverage

    def equity(self, account: Account) -> int:
        """Cash and positions at their latest prices (micros); a position never priced counts at its cost."""
        return account.cash + sum(self._value(account, symbol) for symbol in account.holdings)

    def buying_power(self, account: Account) -> int:
        return round(self.equity(account) * self._leverage)

    def affords(self, account: Account, order: Order) -> bool:
        """Whether an order fits beside what is held and what already works. One without any price to go by does."""
        needed = self._opening_value(account, order, order.quantity)
        if needed == 0:
            return True
        held = sum(abs(self._value(account, symbol)) for symbol in account.holdings)
        working = sum(
            self._opening_value(account, other.order, other.remaining, other)
            for other in self._book.all_resting()
            if other.order.account == account.name and other.parent is None
        )
        return held + working + needed <= self.buying_power(account)

    def _value(self, account: Account, symbol: str) -> int:
        holding = account.holding(symbol)
        price = self._tape.price_for(symbol, -1 if holding.quantity > 0 else 1)
        return holding.cost if price is None else holding.quantity * price

    def _opening_value(self, account: Account, order: Order, quantity: int, resting: BookOrder | None = None) -> int:
        held = account.holding(order.symbol).quantity
        if held * order.action.sign < 0:
            quantity = max(0, quantity - abs(held))
        stated = (resting.limit_price, resting.stop_price) if resting else (order.limit_price, order.stop_price)
        price = next((each for each in stated if each is not None), None)
        if price is None:
            price = self._tape.price_for(order.symbol, order.action.sign)
        return 0 if price is None else quantity * price
