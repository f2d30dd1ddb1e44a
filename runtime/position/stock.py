"""A position in shares of a stock."""

from __future__ import annotations

from .base import Position, PositionStatus


class StockPosition(Position):
    """A position in whole shares; it can be added to and reduced."""

    @property
    def market_value(self) -> float | None:
        """What the shares are worth at the last price, in currency; negative for a short, None without a price."""
        return None if self.current_price is None else self.current_price * self.quantity

    @property
    def cost_basis(self) -> float | None:
        """What was paid for the shares, in currency; negative for a short; None before the position is open."""
        return None if self.entry_price is None else self.entry_price * self.quantity

    async def add(self, quantity: int, price: float) -> None:
        """Adds shares on the position's side; the average entry changes, stop and target move to it, a stop never back.

        Raises:
            ValueError: the position is not open, or the shares are of the other side.
        """
        self._require(PositionStatus.OPEN)
        quantity = self._checked_quantity(quantity)
        if (quantity > 0) != self.is_long:
            raise ValueError(f"{quantity} shares would reduce this position: use reduce")
        assert self.entry_price is not None
        held = self.quantity + quantity
        self.entry_price = (self.entry_price * self.quantity + price * quantity) / held
        self.quantity = held
        sign = 1 if self.is_long else -1
        if self.stop_loss_pct is not None and self.stop_loss is not None:
            moved = self.entry_price * (1 - sign * self.stop_loss_pct)
            self.stop_loss = max(self.stop_loss, moved) if sign > 0 else min(self.stop_loss, moved)
        if self.take_profit_pct is not None:
            self.take_profit = self.entry_price * (1 + sign * self.take_profit_pct)
        self._mark(price)

    async def reduce(self, quantity: int, price: float) -> None:
        """Takes shares off the position (a number without a sign); the rest keeps its entry and its protection.

        Raises:
            ValueError: the position is not open, or does not hold more shares than that.
        """
        self._require(PositionStatus.OPEN)
        if not 0 < quantity < abs(self.quantity):
            raise ValueError(f"{quantity} of {abs(self.quantity)} shares: use close for all of them")
        assert self.entry_price is not None
        sign = 1 if self.is_long else -1
        self.realized_pnl += (price - self.entry_price) * quantity * sign
        self.quantity -= sign * quantity
        self._mark(price)

    def _checked_quantity(self, quantity: int) -> int:
        if isinstance(quantity, bool) or not isinstance(quantity, int):
            raise TypeError(f"a stock position is a whole number of shares, not {quantity!r}")
        return super()._checked_quantity(quantity)
