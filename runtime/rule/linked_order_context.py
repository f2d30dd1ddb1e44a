"""The linked-order context: which orders belong to a symbol's trade, by what they are for.

    context["AAPL"] = {"side": "BUY", "main_orders": ["1"], "stop_orders": ["2"], …, "status": "active"}

Within a runtime this structure is a view of the trade machine's, made anew for whoever asks; in a program without one
it is what `LinkedOrderManager` keeps. An order of type X is kept under `X_orders`, whatever X is.
"""

from __future__ import annotations

from typing import Any

from ..checks import is_name
from ..event.base import BaseEvent
from ..event.order import FillEvent, OrderEvent, OrderFilledEvent
from ..order.manager import OrderManager
from ..position.trades import TradeTracker

ROLES = ("main", "stop", "target", "scale", "doubledown")
CONCLUDING = ("stop", "target", "trail", "exit")


class LinkedOrderManager:
    """Helper class for managing linked orders in context."""

    @staticmethod
    def get_order_group(context: dict[str, Any], symbol: str, side: str) -> dict[str, Any]:
        """Get or create order group for symbol with side tracking.

        Raises:
            ValueError: the side is neither BUY nor SELL, or the symbol's trade is of the other side: long and short
                orders of one symbol are never mixed.
        """
        if side not in ("BUY", "SELL"):
            raise ValueError(f"a side is 'BUY' or 'SELL', not {side!r}")
        group = context.get(symbol)
        if group is None or group.get("status") == "closed":
            group = context[symbol] = {
                "side": side,
                **{f"{role}_orders": [] for role in ROLES},
                "quantity": 0,
                "entry_price": None,
                "atr_stop_multiplier": None,
                "status": "active",
            }
        if group["side"] != side:
            raise ValueError(f"{symbol} has an active {group['side']} trade: no {side} order can be linked to it")
        found: dict[str, Any] = group
        return found

    @staticmethod
    def add_order(context: dict[str, Any], symbol: str, order_id: str, order_type: str, side: str) -> None:
        """Add an order to the appropriate group with side tracking. Adding it twice is the same as once.

        Args:
            context: the linked-order context.
            symbol: the trade's symbol.
            order_id: the order.
            order_type: what the order is for: main, stop, target, scale, doubledown, or a name of one's own (`hedge`).
            side: the side of the trade, `BUY` for a long and `SELL` for a short, whatever the order itself does.

        Raises:
            ValueError: see `get_order_group`; or a type that is no name.
        """
        if not is_name(order_type):
            raise ValueError(f"an order's type is a name like 'stop' or 'hedge', not {order_type!r}")
        orders = LinkedOrderManager.get_order_group(context, symbol, side).setdefault(f"{order_type}_orders", [])
        if order_id not in orders:
            orders.append(order_id)

    @staticmethod
    async def find_active_position_side(context: dict[str, Any], symbol: str) -> str | None:
        """Find the side of active position for a symbol; None where it has none."""
        group = context.get(symbol)
        if group is None or group.get("status") == "closed":
            return None
        side: str = group["side"]
        return side


class LinkedOrderConclusionManager:
    """Manages automatic context reset when positions are concluded via stops/targets.

    For programs that keep a context of their own; a runtime concludes its trades by itself. Subscribe `on_order_fill`
    to `FillEvent`, to `OrderFilledEvent`, or to both: shares are counted once.

    When the last share of a trade is closed, the orders that are left are cancelled, where an order manager is given,
    `context[symbol]` is deleted whole, and the trade tracker is told.
    """

    def __init__(self, context: dict[str, Any] | None = None, order_manager: OrderManager | None = None) -> None:
        self.context: dict[str, Any] = {} if context is None else context
        self.order_manager = order_manager
        self._counted: dict[str, int] = {}

    async def on_order_fill(self, event: BaseEvent) -> None:
        """Handle order fill events to detect position conclusions."""
        if not isinstance(event, (FillEvent, OrderFilledEvent)):
            return
        group = self.context.get(event.symbol)
        if group is None or not self._concludes(group, event.order_id):
            return
        before = self._counted.get(event.order_id, 0)
        after = before + event.quantity if isinstance(event, FillEvent) else max(before, event.quantity)
        self._counted[event.order_id] = after
        if group.get("quantity"):
            group["quantity"] = max(0, group["quantity"] - (after - before))
            concluded = group["quantity"] == 0
        else:
            # How much is held was never written down: a stop or target that is filled completely is the end.
            concluded = isinstance(event, OrderFilledEvent)
        if concluded:
            await self._conclude(event, group)

    @staticmethod
    def _concludes(group: dict[str, Any], order_id: str) -> bool:
        return any(order_id in group.get(f"{role}_orders", ()) for role in CONCLUDING)

    async def _conclude(self, event: OrderEvent, group: dict[str, Any]) -> None:
        orders = [order for key, ids in group.items() if key.endswith("_orders") for order in ids]
        for order_id in orders:
            self._counted.pop(order_id, None)
        del self.context[event.symbol]
        TradeTracker().close_trade(event.symbol)
        if self.order_manager is not None:
            for order_id in orders:
                if order_id != event.order_id and order_id in self.order_manager.orders:
                    await self.order_manager.cancel_order(order_id, reason=f"{event.symbol} concluded")
