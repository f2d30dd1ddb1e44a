"""What an order made by hand asks of a runtime.

Within a runtime no order leaves by a way of its own: it becomes the action that a rule would have written, so that the
limits and the trade machine see it. A symbol without a trade is entered; on the side of an open trade the order adds
to it; on the other side it takes from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...dsl.plan import (
    Action,
    Enter,
    Exit,
    Money,
    Number,
    PlaceOrder,
    Pricing,
    PricingKind,
    ScaleIn,
    Side,
    Size,
    SizeUnit,
    Symbol,
)
from ..broker.port import OrderSide, OrderType
from ..context import Request
from ..core.records import Outcome

if TYPE_CHECKING:
    from .base import Order

ACCEPTED = frozenset({Outcome.ACTED, Outcome.REVERSED, Outcome.ARMED})

_KINDS = {
    OrderType.MARKET: PricingKind.MARKET,
    OrderType.LIMIT: PricingKind.LIMIT,
    OrderType.STOP: PricingKind.STOP,
    OrderType.STOP_LIMIT: PricingKind.STOP_LIMIT,
}


def pricing_for(order_type: OrderType, limit_price: float | None = None, stop_price: float | None = None) -> Pricing:
    """How an order of this type is priced.

    Raises:
        ValueError: a TRAIL, which protects a trade and opens none, or a type without its price.
    """
    kind = _KINDS.get(order_type)
    if kind is None:
        raise ValueError("a TRAIL order protects an open trade: it needs link_type='stop', or role='stop'")
    wants_limit = kind in (PricingKind.LIMIT, PricingKind.STOP_LIMIT)
    wants_stop = kind in (PricingKind.STOP, PricingKind.STOP_LIMIT)
    for wanted, price, name in ((wants_limit, limit_price, "limit_price"), (wants_stop, stop_price, "stop_price")):
        if wanted and price is None:
            raise ValueError(f"a {order_type.value} order needs its {name}")
        if not wanted and price is not None:
            raise ValueError(f"a {order_type.value} order has no {name}")
    return Pricing(
        kind,
        limit=None if limit_price is None else Money(limit_price),
        stop=None if stop_price is None else Money(stop_price),
    )


def request_for(order: Order, context: Mapping[str, Any]) -> Request:
    """The action that an order stands for, given the trades there are.

    Raises:
        ValueError: a TRAIL order.
    """
    return Request(_action_for(order, context.get(order.symbol)), order.symbol)


def _action_for(order: Order, trade: Mapping[str, Any] | None) -> Action:
    side = Side.LONG if order.side is OrderSide.BUY else Side.SHORT
    size = Size(SizeUnit.SHARES, Number(float(order.shares)))
    symbol = Symbol(order.symbol)
    stop = order.stop_price if order.order_type is not OrderType.TRAIL else None
    pricing = pricing_for(order.order_type, order.limit_price, stop)
    if trade is None:
        return Enter(side, size, symbol, pricing)
    at_market = order.order_type is OrderType.MARKET
    if at_market and trade["side"] == order.side.value:
        return ScaleIn(size)
    if at_market:
        return Exit(size, symbol)
    return PlaceOrder(side, size, pricing, order.role, symbol)
