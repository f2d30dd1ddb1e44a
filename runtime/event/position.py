"""The life of a position as events.

`quantity` is positive for a long, negative for a short. `entry_price` is the exact average in the contract's currency.
"""

from __future__ import annotations

import attrs

from .base import BaseEvent, require_text


@attrs.frozen(kw_only=True)
class PositionEvent(BaseEvent):
    symbol: str
    position_id: str = ""
    quantity: int = 0
    entry_price: float | None = None

    def __attrs_post_init__(self) -> None:
        require_text(self.symbol, "symbol")

    @property
    def side(self) -> str:
        """`BUY` for a long, `SELL` for a short, `flat` for no shares."""
        if self.quantity == 0:
            return "flat"
        return "BUY" if self.quantity > 0 else "SELL"


@attrs.frozen(kw_only=True)
class PositionOpenEvent(PositionEvent):
    """A position was opened."""


@attrs.frozen(kw_only=True)
class PositionUpdateEvent(PositionEvent):
    """The size, average or mark of a position changed. `pnl` is what it would bring at `current_price`."""

    current_price: float | None = None
    pnl: float | None = None


@attrs.frozen(kw_only=True)
class PositionCloseEvent(PositionEvent):
    """A position was closed; `quantity` is what it held just before.

    `reason` is the cause of the closing order (stop, target, trail, exit, time, reverse, manual) or the text that a
    caller gave; `detail` is the text after `because`; `pnl` the whole position's, net of commission.
    """

    exit_price: float | None = None
    reason: str = "manual"
    detail: str | None = None
    pnl: float | None = None
