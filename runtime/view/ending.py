"""What a run leaves behind at the broker when it ends: nothing is cancelled, so somebody must know."""

from __future__ import annotations

from ..broker.port import OrderType
from ..core.engine import Engine
from ..numbers import decimal_text
from ..order.working import WorkingOrder


def working_orders(engine: Engine) -> list[str]:
    """One line for each order that may still fill, by trade."""
    return [
        _order_text(order) for trade in engine.desk.trades.values() for order in trade.orders.values() if order.is_alive
    ]


def _order_text(order: WorkingOrder) -> str:
    spec = order.spec
    prices = ""
    if spec.stop_price is not None:
        prices += f" stop {decimal_text(spec.stop_price)}"
    if spec.limit_price is not None:
        prices += f" limit {decimal_text(spec.limit_price)}"
    kind = "" if spec.order_type in (OrderType.STOP, OrderType.LIMIT) else f" {spec.order_type.value.replace('_', ' ')}"
    return f"{spec.symbol} {order.role} {spec.side.value} {order.remaining}{kind}{prices}  {order.id}"
