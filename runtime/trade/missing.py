"""Orders of ours that the broker does not know.

Where its memory reaches back beyond the order, it never worked. Where it does not, the order may have worked and be
forgotten: it stays unknown, which counts as alive, until the position agrees with our books. A stop of held shares that
is found missing comes back as soon as that is clear.
"""

from __future__ import annotations

from ..broker.port import OrderMissing
from ..order.lifecycle import OrderHappening
from ..order.working import WorkingOrder
from .desk import Desk
from .ending import order_died
from .settle import settle
from .state import Trade
from .synchronising import ask_again


def on_missing(desk: Desk, message: OrderMissing) -> Trade | None:
    """The broker knows nothing of an order of ours.

    Returns:
        The trade, where this concluded it.
    """
    order = desk.orders.get(message.order_id)
    if order is None or order.is_done:
        return None
    trade = desk.trade_of[order.id]
    if not message.conclusive and desk.trades.get(trade.symbol) is trade:
        _leave_open(desk, trade, order)
        return None
    desk.timers.cancel(("answer", order.id))
    _find_missing(desk, order)
    if desk.trades.get(trade.symbol) is not trade:
        return None
    order_died(desk, trade, order, by_us=False)
    return trade if settle(desk, trade) else None


def resolve_missing(desk: Desk, trade: Trade) -> None:
    """The position agrees with our books: what the broker forgot has not worked beyond what was told.

    Not while there are shares that nothing explains: they may have come of this very order.
    """
    if trade.symbol in desk.unexplained:
        return
    for order in trade.alive_orders():
        if order.missing:
            desk.timers.cancel(("answer", order.id))
            _find_missing(desk, order)
            order_died(desk, trade, order, by_us=False)


def _leave_open(desk: Desk, trade: Trade, order: WorkingOrder) -> None:
    if not order.missing:
        text = f"the broker does not remember an order of {trade.symbol} ({order.shown_role}): it may have worked"
        desk.say("warning", trade.symbol, text)
    order.missing = True
    order.happen(OrderHappening.LOSE_TRACK)
    desk.timers.start(("answer", order.id), desk.now + desk.policy.answer_within)
    if desk.connected:
        ask_again(desk, trade)


def _find_missing(desk: Desk, order: WorkingOrder) -> None:
    order.missing = False
    order.happen(OrderHappening.FIND_MISSING)
    desk.show(order, reason="unknown to the broker")
