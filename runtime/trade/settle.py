"""Brings a trade's orders to what they should be: the one function that follows every change of a trade.

It reacts to state, not to messages: after a fill, an answer, a timer or a price it compares what is wanted with what
the broker confirmed. Doing so again changes nothing, so no message can come too often, too late or in a wrong order.
"""

from __future__ import annotations

from ..order.working import Role
from . import adding
from .closing import conclude_if_over, flatten_surplus, settle_closing, settle_exits
from .desk import Desk
from .protecting import anchor, naked_shares, settle_slice, watch_naked
from .state import Trade


def settle(desk: Desk, trade: Trade) -> bool:
    """Sends whatever the trade's orders lack.

    Returns:
        Whether the trade has come to its conclusion and is gone.
    """
    _finish_entry(desk, trade)
    if desk.is_reachable(trade):
        _send_what_lacks(desk, trade)
    if trade.naked_since is not None or naked_shares(trade):
        watch_naked(desk, trade)
    return conclude_if_over(desk, trade)


def _send_what_lacks(desk: Desk, trade: Trade) -> None:
    if trade.winding_down:
        for order in trade.opening_orders():
            desk.cancel(order)
    for order in trade.alive_orders():
        if order.unwanted:
            desk.cancel(order)
    flatten_surplus(desk, trade)
    settle_closing(desk, trade)
    settle_exits(desk, trade)
    for part in trade.slices:
        settle_slice(desk, trade, part)
    adding.settle_double_downs(desk, trade)


def _finish_entry(desk: Desk, trade: Trade) -> None:
    """Once the entry's orders have all ended: its filled shares are the trade, and R is fixed."""
    if trade.complete:
        if trade.held == 0 and trade.opened_shares:
            trade.winding_down = True
        return
    if any(part.parent.is_alive for part in trade.slices if part.parent.role == Role.MAIN):
        return
    if trade.opened_shares:
        anchor(desk, trade)
        if trade.stop_price is not None:
            trade.initial_risk = abs(trade.average - trade.stop_price / 1_000_000)
    trade.complete = True
    desk.timers.cancel(("reanchor", trade.id))
    if trade.waiting and trade.held > 0:
        desk.ready.append(trade)
