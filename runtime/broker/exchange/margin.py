"""Buying power: what all positions and all opening orders are worth may not exceed leverage times equity."""

from __future__ import annotations

from .book import Book
from .ledger import Account
from .orders import Order
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
        stated = order.stop_price if order.limit_price is None else order.limit_price
        needed = self._opening_value(order, order.quantity, stated, account.holding(order.symbol).quantity)
        if needed == 0:
            return True
        held = sum(abs(self._value(account, symbol)) for symbol in account.holdings)
        return held + self._working(account) + needed <= self.buying_power(account)

    def _working(self, account: Account) -> int:
        """What the working orders are worth. Asked at each new order, so that many of them must not take long."""
        total = 0
        for symbol, orders in self._book.all_resting():
            held = account.holding(symbol).quantity
            for each in orders:
                if each.parent is None and each.order.account == account.name:
                    stated = each.stop_price if each.limit_price is None else each.limit_price
                    left = each.quantity - each.filled
                    if stated is not None and not held:
                        total += left * stated if left > 0 else 0
                    else:
                        total += self._opening_value(each.order, each.remaining, stated, held)
        return total

    def _value(self, account: Account, symbol: str) -> int:
        holding = account.holding(symbol)
        price = self._tape.price_for(symbol, -1 if holding.quantity > 0 else 1)
        return holding.cost if price is None else holding.quantity * price

    def _opening_value(self, order: Order, quantity: int, stated: int | None, held: int) -> int:
        """What shares of an order are worth that do more than close what is held."""
        if held * order.action.sign < 0:
            quantity = max(0, quantity - abs(held))
        price = self._tape.price_for(order.symbol, order.action.sign) if stated is None else stated
        return 0 if price is None else quantity * price
