"""An order as Python users hold it.

The trade machine keeps orders of its own (`working.py`); this one is made by hand, with prices as floats and a signed
quantity. Its status moves only along the transition table of `lifecycle.py`.
"""

from __future__ import annotations

import math
import operator
from typing import Any

from ..broker.port import OrderSide, OrderSpec, OrderType, TimeInForce
from ..checks import is_text
from ..context import current_runtime, new_id
from ..core.records import ActionOutcome
from ..numbers import Rounding, legal_price, to_micros
from .intent import ACCEPTED, request_for
from .lifecycle import TRANSITIONS, OrderHappening, OrderStatus, advance

__all__ = ["Order", "OrderSide", "OrderStatus", "OrderType", "TimeInForce"]

_NEEDED_PRICES = {
    OrderType.LIMIT: ("limit_price",),
    OrderType.STOP: ("stop_price",),
    OrderType.STOP_LIMIT: ("limit_price", "stop_price"),
}


class Order:
    """Base class for all order types.

    Args:
        symbol: what is traded.
        quantity: whole shares, positive for buy, negative for sell.
        order_type: MARKET, LIMIT, STOP, STOP_LIMIT or TRAIL.
        order_id: the id; None takes the next one of the current runtime, or of this process.
        limit_price: currency; needed by LIMIT and STOP_LIMIT.
        stop_price: currency; needed by STOP and STOP_LIMIT; where a TRAIL starts.
        trail_pct: how far a TRAIL stays behind, as a fraction of the price (0.02 is 2%).
        trail_amount: the same in currency a share.
        time_in_force: DAY or GTC.
        parent_id: the order whose fill brings this one to life.
        oca_group: the group of which the first complete fill cancels the rest.
        role: what the order is for: main stop target trail scale doubledown exit, or a name of one's own.

    Raises:
        ValueError: a quantity of 0, a price that is missing or not above 0, an empty symbol.
        TypeError: a quantity that is no whole number.
    """

    def __init__(
        self,
        symbol: str,
        quantity: int,
        order_type: OrderType,
        order_id: str | None = None,
        *,
        limit_price: float | None = None,
        stop_price: float | None = None,
        trail_pct: float | None = None,
        trail_amount: float | None = None,
        time_in_force: TimeInForce = TimeInForce.DAY,
        parent_id: str | None = None,
        oca_group: str | None = None,
        role: str = "main",
    ) -> None:
        if not is_text(symbol):
            raise ValueError(f"an order needs a symbol, not {symbol!r}")
        self.symbol = symbol
        self.quantity = _whole_shares(quantity)
        self.order_type = OrderType(order_type)
        self.limit_price = _price(limit_price, "limit_price")
        self.stop_price = _price(stop_price, "stop_price")
        self.trail_pct = _price(trail_pct, "trail_pct")
        self.trail_amount = _price(trail_amount, "trail_amount")
        for name in _NEEDED_PRICES.get(self.order_type, ()):
            if getattr(self, name) is None:
                raise ValueError(f"a {self.order_type.value} order needs its {name}")
        if self.trail_pct is not None and self.trail_pct >= 1:
            raise ValueError(f"trail_pct is a fraction below 1, not {trail_pct!r}: 2% is 0.02")
        if self.trail_pct is not None and self.trail_amount is not None:
            raise ValueError("a trail follows by trail_pct or by trail_amount, not by both")
        self.time_in_force = TimeInForce(time_in_force)
        self.parent_id = parent_id
        self.oca_group = oca_group
        self.role = role
        self.order_id = order_id or new_id("order")
        self.status = OrderStatus.CREATED
        self.execution_details: dict[str, Any] = {}

    @property
    def side(self) -> OrderSide:
        return OrderSide.BUY if self.quantity > 0 else OrderSide.SELL

    @property
    def shares(self) -> int:
        """The quantity without its sign."""
        return abs(self.quantity)

    async def submit(self) -> None:
        """Submit the order to the broker, through the limits and the trade machine of the current runtime.

        A refusal leaves the order `REJECTED`, with the cause in `execution_details["reason"]`.

        Raises:
            NoRuntimeError: no runtime is running this; an `OrderManager` submits through its connection instead.
            ValueError: the order was submitted before.
        """
        port = current_runtime()
        self.require_unsent()
        outcome = port.perform(request_for(self, port.context_view()))
        self.note(outcome)

    async def cancel(self) -> None:
        """Cancel the order; nothing happens where it is done already.

        Raises:
            NoRuntimeError: the order was sent, and no runtime is running this.
        """
        if self.status is OrderStatus.CREATED:
            self.happen(OrderHappening.CONFIRM_CANCEL)
        elif not self.status.is_done:
            port = current_runtime()
            for order_id in self.broker_orders:
                port.cancel_order(order_id, "manual")

    async def update_status(self, status: OrderStatus) -> None:
        """Update the order status.

        Raises:
            ValueError: nothing that happens to an order leads there from where it is.
        """
        if status is self.status:
            return
        if not any(before is self.status and after is status for (before, _), after in TRANSITIONS.items()):
            raise ValueError(f"an order that is {self.status.value} does not become {status.value}")
        self.status = status

    def happen(self, happening: OrderHappening) -> None:
        """Moves the status along the transition table."""
        self.status = advance(self.status, happening)

    def require_unsent(self) -> None:
        """Raises ValueError where the order has left already."""
        if self.status is not OrderStatus.CREATED:
            raise ValueError(f"order {self.order_id} was submitted before: it is {self.status.value}")

    @property
    def broker_orders(self) -> tuple[str, ...]:
        """The ids under which a runtime sent this order: more than one where it was split into slices."""
        return tuple(self.execution_details.get("orders", ()))

    def spec(self) -> OrderSpec:
        """The order as the broker port takes it, prices made legal.

        A limit rounds in our favour (buy down, sell up), a stop away from the market (buy up, sell down), except one
        that protects, which rounds toward the entry.

        Raises:
            ValueError: a TRAIL that does not say how far it stays behind.
        """
        if self.order_type is OrderType.TRAIL and self.trail_pct is None and self.trail_amount is None:
            raise ValueError("a TRAIL order needs trail_pct or trail_amount")
        buys = self.quantity > 0
        stop_up = buys if self.role not in ("stop", "trail") else not buys
        return OrderSpec(
            order_id=self.order_id,
            symbol=self.symbol,
            side=self.side,
            quantity=self.shares,
            order_type=self.order_type,
            time_in_force=self.time_in_force,
            limit_price=_legal(self.limit_price, up=not buys),
            stop_price=_legal(self.stop_price, up=stop_up),
            trail_amount=None if self.trail_amount is None else to_micros(self.trail_amount),
            trail_fraction=self.trail_pct,
            parent_id=self.parent_id,
            oca_group=self.oca_group,
            reference=f"rulec/hand/{self.order_id}/{self.role}/1",
        )

    def note(self, outcome: ActionOutcome) -> None:
        """Takes down what a runtime did about this order."""
        self.execution_details["orders"] = outcome.orders
        self.execution_details["reason"] = outcome.reason
        self.happen(OrderHappening.SEND if outcome.outcome in ACCEPTED else OrderHappening.REJECT)

    def __repr__(self) -> str:
        price = "".join(f" {n}={v}" for n, v in (("limit", self.limit_price), ("stop", self.stop_price)) if v)
        return (
            f"<Order {self.order_id} {self.side.value} {self.shares} {self.symbol} "
            f"{self.order_type.value}{price} {self.status.value}>"
        )


def _whole_shares(quantity: int) -> int:
    if isinstance(quantity, bool) or not hasattr(quantity, "__index__"):
        raise TypeError(f"a quantity is a whole number of shares, not {quantity!r}")
    if quantity == 0:
        raise ValueError("an order of 0 shares buys and sells nothing")
    return operator.index(quantity)


def _price(value: float | None, name: str) -> float | None:
    if value is not None and not (math.isfinite(value) and value > 0):
        raise ValueError(f"{name} must be a number above 0, not {value!r}")
    return value


def _legal(value: float | None, *, up: bool) -> int | None:
    return None if value is None else legal_price(value, Rounding.UP if up else Rounding.DOWN)
