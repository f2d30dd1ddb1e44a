"""The life of an order as events.

`FillEvent` is each execution, `OrderFilledEvent` the order complete. Quantities are whole shares without a sign, the
side is `BUY` or `SELL`, prices are floats in the contract's currency.
"""

from __future__ import annotations

import attrs

from .base import BaseEvent, require_text


@attrs.frozen(kw_only=True)
class OrderEvent(BaseEvent):
    """`role` says what the order is for: main stop target trail scale doubledown exit, or a user's own."""

    order_id: str
    symbol: str
    quantity: int = 0
    side: str = ""
    order_type: str = ""
    role: str = ""

    def __attrs_post_init__(self) -> None:
        require_text(self.order_id, "order_id")
        require_text(self.symbol, "symbol")


@attrs.frozen(kw_only=True)
class OrderCreatedEvent(OrderEvent):
    """The order exists here; nothing has left."""


@attrs.frozen(kw_only=True)
class OrderSubmittedEvent(OrderEvent):
    """The order was handed to the broker."""


@attrs.frozen(kw_only=True)
class OrderFilledEvent(OrderEvent):
    """The order is filled completely, at `fill_price` on average where that is known."""

    fill_price: float | None = None


@attrs.frozen(kw_only=True)
class OrderCancelledEvent(OrderEvent):
    """The order's rest is dead; `filled` shares of it were filled before."""

    filled: int = 0
    reason: str = ""


@attrs.frozen(kw_only=True)
class OrderRejectedEvent(OrderEvent):
    """The order was refused: by the broker, or by a limit before it left."""

    reason: str = ""


@attrs.frozen(kw_only=True)
class FillEvent(OrderEvent):
    """One execution: `quantity` shares at `price`."""

    price: float
    commission: float = 0.0
    execution_id: str = ""
