"""What the end of an order means for its slice: children follow their parent, a lost stop comes back."""

from __future__ import annotations

from ..order.lifecycle import OrderStatus
from ..order.working import WorkingOrder
from .desk import Desk
from .protecting import anchor, stop_lost
from .state import Trade


def order_died(desk: Desk, trade: Trade, order: WorkingOrder, *, by_us: bool) -> None:
    """An order of a living trade has ended; `by_us` tells that we had asked for it."""
    part = trade.slice_of(order)
    if part is None:
        return
    if order is part.parent:
        for child in (part.stop, part.limit):
            if child is not None and child.is_alive and order.status is not OrderStatus.FILLED:
                # with no fill the broker cancels the children, with some it sizes them to the fill: by now it has
                child.awaits_broker = True
                desk.ask(child)
        if order.filled and trade.complete:
            anchor(desk, trade)  # it ended between two anchorings: what it has filled is all there is
    elif order is part.stop:
        sibling_filled = part.limit is not None and part.limit.status is OrderStatus.FILLED
        if by_us or sibling_filled or order.status is OrderStatus.FILLED:
            return
        if part.parent.is_alive:
            desk.cancel(part.parent)  # protected at birth or not at all: what it has not filled is withdrawn
        if part.held > 0:
            stop_lost(desk, trade, part)
    elif order is part.limit and trade.closing is None and order.status is not OrderStatus.FILLED:
        # someone cancelled the target on purpose, or its stop has filled: it is not placed again
        part.target_given_up = part.target_given_up or part.held > 0
