"""A position as Python users hold it: made by hand, watched by a `PositionTracker`.

The trade machine keeps books of its own (`portfolio.py`) from executions alone; nothing here sends an order. A position
that is told a size before it is told a price is PLANNED and opens at the first price it sees.
"""

from __future__ import annotations

import enum
import math

from ..checks import is_text
from ..context import new_id


class PositionStatus(enum.Enum):
    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"


class Position:
    """Base class for all position types.

    Args:
        symbol: what is held.
        position_id: the id; None takes the next one of the current runtime, or of this process.
        stop_loss_pct: how far the stop lies from the entry, against the position, as a fraction (0.03 is 3%).
        take_profit_pct: how far the target lies from the entry, in its favour, as a fraction.
        trailing_stop_pct: how far a stop trails the best price since the entry, as a fraction of that price.
        stop_loss: the stop as a price.
        take_profit: the target as a price.

    Attributes:
        quantity: shares, positive for long, negative for short.
        entry_price: the average entry in currency, None before the position is open.
        unrealized_pnl: what closing at the last price would bring, in currency.
        realized_pnl: what closing has brought, in currency.
        stop_loss, take_profit, trailing_stop: prices in currency, None where there is none (yet).

    Raises:
        ValueError: an empty symbol, a fraction or a price out of its range, or one thing said in two ways.
    """

    def __init__(
        self,
        symbol: str,
        position_id: str | None = None,
        *,
        stop_loss_pct: float | None = None,
        take_profit_pct: float | None = None,
        trailing_stop_pct: float | None = None,
        stop_loss: float | None = None,
        take_profit: float | None = None,
    ) -> None:
        if not is_text(symbol):
            raise ValueError(f"a position needs a symbol, not {symbol!r}")
        if stop_loss_pct is not None and stop_loss is not None:
            raise ValueError("a stop is stop_loss_pct or stop_loss, not both")
        if take_profit_pct is not None and take_profit is not None:
            raise ValueError("a target is take_profit_pct or take_profit, not both")
        self.symbol = symbol
        self.position_id = position_id or new_id("position")
        self.status = PositionStatus.PLANNED
        self.entry_price: float | None = None
        self.quantity = 0
        self.unrealized_pnl = 0.0
        self.realized_pnl = 0.0
        self.current_price: float | None = None
        self.exit_price: float | None = None
        self.close_reason: str | None = None
        self.stop_loss_pct = _fraction(stop_loss_pct, "stop_loss_pct")
        self.take_profit_pct = _positive(take_profit_pct, "take_profit_pct")
        self.trailing_stop_pct = _fraction(trailing_stop_pct, "trailing_stop_pct")
        self.stop_loss = _positive(stop_loss, "stop_loss")
        self.take_profit = _positive(take_profit, "take_profit")
        self.trailing_stop: float | None = None

    @property
    def is_long(self) -> bool:
        """Check if position is long (positive quantity)."""
        return self.quantity > 0

    @property
    def is_short(self) -> bool:
        return self.quantity < 0

    @property
    def is_open(self) -> bool:
        return self.status is PositionStatus.OPEN

    @property
    def side(self) -> str:
        """`BUY` for a long, `SELL` for a short, `flat` for no shares."""
        if self.quantity == 0:
            return "flat"
        return "BUY" if self.quantity > 0 else "SELL"

    def plan(self, quantity: int) -> None:
        """Says how much is to be held once a price is known.

        Raises:
            ValueError: the position is open or closed already, or the quantity is 0.
        """
        self._require(PositionStatus.PLANNED)
        self.quantity = self._checked_quantity(quantity)

    async def open(self, quantity: int, entry_price: float) -> None:
        """Open a position with a specified quantity and entry price.

        Raises:
            ValueError: the position was opened before, the quantity is 0, the price is not above 0, or the stop or
                target would lie on the wrong side of it.
        """
        self._require(PositionStatus.PLANNED)
        quantity = self._checked_quantity(quantity)
        price = _price(entry_price)
        sign = 1 if quantity > 0 else -1
        stop = price * (1 - sign * self.stop_loss_pct) if self.stop_loss_pct is not None else self.stop_loss
        target = price * (1 + sign * self.take_profit_pct) if self.take_profit_pct is not None else self.take_profit
        if stop is not None and (price - stop) * sign <= 0:
            raise ValueError(f"the stop {stop} lies on the wrong side of the entry {price}")
        if target is not None and (target - price) * sign <= 0:
            raise ValueError(f"the target {target} lies on the wrong side of the entry {price}")
        if target is not None and target <= 0:
            raise ValueError("a short's target must lie above 0: take_profit_pct must be below 1")
        self.quantity = quantity
        self.entry_price = price
        self.stop_loss = stop
        self.take_profit = target
        self.status = PositionStatus.OPEN
        self._mark(price)

    async def update(self, current_price: float) -> None:
        """Update position with current market price.

        A PLANNED position of a known size opens at it; an open one is marked, and its trailing stop follows, never
        backwards.

        Raises:
            ValueError: the position is closed, or the price is not above 0.
        """
        price = _price(current_price)
        if self.status is PositionStatus.CLOSED:
            raise ValueError(f"position {self.position_id} is closed")
        if self.status is PositionStatus.PLANNED and self.quantity:
            await self.open(self.quantity, price)
        else:
            self._mark(price)

    async def close(self, exit_price: float, reason: str = "manual") -> None:
        """Close the position.

        Raises:
            ValueError: the position is not open, or the price is not above 0.
        """
        self._require(PositionStatus.OPEN)
        self._mark(_price(exit_price))
        self.realized_pnl += self.unrealized_pnl
        self.unrealized_pnl = 0.0
        self.exit_price = exit_price
        self.close_reason = reason
        self.quantity = 0
        self.status = PositionStatus.CLOSED

    def abandon(self, reason: str = "manual") -> None:
        """Gives up a position that never opened."""
        self._require(PositionStatus.PLANNED)
        self.quantity = 0
        self.close_reason = reason
        self.status = PositionStatus.CLOSED

    def triggered(self) -> str | None:
        """What the last price has hit: `stop`, `trail`, `target`, or None.

        Where stop and trail are both hit, the tighter one gives the name: it was met first.
        """
        price = self.current_price
        if not self.is_open or price is None:
            return None
        sign = 1 if self.is_long else -1
        stops = [
            (level * sign, name)
            for level, name in ((self.stop_loss, "stop"), (self.trailing_stop, "trail"))
            if level is not None and (price - level) * sign <= 0
        ]
        if stops:
            return max(stops)[1]
        if self.take_profit is not None and (price - self.take_profit) * sign >= 0:
            return "target"
        return None

    def _mark(self, price: float) -> None:
        self.current_price = price
        if not self.is_open or self.entry_price is None:
            return
        self.unrealized_pnl = (price - self.entry_price) * self.quantity
        if self.trailing_stop_pct is not None:
            if self.is_long:
                trail = price * (1 - self.trailing_stop_pct)
                self.trailing_stop = trail if self.trailing_stop is None else max(self.trailing_stop, trail)
            else:
                trail = price * (1 + self.trailing_stop_pct)
                self.trailing_stop = trail if self.trailing_stop is None else min(self.trailing_stop, trail)

    def _require(self, status: PositionStatus) -> None:
        if self.status is not status:
            raise ValueError(f"position {self.position_id} is {self.status.value}, not {status.value}")

    def _checked_quantity(self, quantity: int) -> int:
        if quantity == 0:
            raise ValueError("a position of 0 is none")
        return quantity

    def __repr__(self) -> str:
        held = f"{self.side} {abs(self.quantity)} {self.symbol}"
        return f"<{type(self).__name__} {self.position_id} {held} {self.status.value}>"


def _price(value: float) -> float:
    checked = _positive(value, "a price")
    assert checked is not None
    return checked


def _positive(value: float | None, name: str) -> float | None:
    if value is not None and not (math.isfinite(value) and value > 0):
        raise ValueError(f"{name} must be a number above 0, not {value!r}")
    return value


def _fraction(value: float | None, name: str) -> float | None:
    if value is not None and not 0 < value < 1:
        raise ValueError(f"{name} is a fraction between 0 and 1, not {value!r}: 3% is 0.03")
    return value
