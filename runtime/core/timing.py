"""What a timer that is due does: each key's first word says what for."""

from __future__ import annotations

from ..order.lifecycle import OrderHappening, OrderStatus
from ..risk.reasons import Reason
from ..trade import adding
from ..trade.closing import begin_exit, request_exit
from ..trade.desk import Desk
from ..trade.holding import ask_position
from ..trade.locate import give_up_locate
from ..trade.outcome import refused
from ..trade.protecting import anchor, is_leaving, naked_shares, watch_naked
from ..trade.settle import settle
from ..trade.state import CloseReason, Trade, TradeStatus
from ..trade.synchronising import ask_about_protection, ask_again
from .timers import Key


def on_timer(desk: Desk, key: Key) -> Trade | None:
    """Handles one due timer.

    Returns:
        The trade, where this concluded it.
    """
    what, name = key[0], key[1]
    if what == "open entry":
        entry = desk.open_entries.pop(name, None)
        if entry is not None:
            desk.ready.append(entry)
        return None
    if what == "before open":
        ask_about_protection(desk)
        return None
    if what == "position":
        if name in desk.doubted:
            ask_position(desk, name)
        return None
    if what in ("answer", "accept", "order over", "locate"):
        return _order_timer(desk, what, name)
    trade = desk.trades.get(name) if what == "open" else _trade(desk, name)
    if trade is None:
        return None
    match what:
        case "open":
            if trade.waiting_exit is not None and desk.can_trade(trade.symbol):
                begin_exit(desk, trade, trade.waiting_exit)
            elif trade.waiting_exit is not None:
                desk.timers.start(("open", name), desk.hours.next_open(desk.now))
        case "reanchor":
            anchor(desk, trade)
        case "sync":
            if desk.connected and not trade.synced:
                ask_again(desk, trade)
        case "naked":
            _naked_too_long(desk, trade)
        case "exit after":
            if not trade.in_flight:
                request_exit(desk, trade, CloseReason.TIME, None, trade.origin)
        case "reversal":
            _drop_second_half(desk, trade)
    return trade if settle(desk, trade) else None


def _trade(desk: Desk, trade_id: str) -> Trade | None:
    return next((trade for trade in desk.trades.values() if trade.id == trade_id), None)


def _order_timer(desk: Desk, what: str, order_id: str) -> Trade | None:
    order = desk.orders.get(order_id)
    if order is None or order.is_done:
        return None
    if not desk.connected and what != "order over":
        return None  # the reconnection asks about everything
    if what == "answer":
        if not order.is_settled:
            # unknown is resolved by asking, never by sending again
            order.happen(OrderHappening.LOSE_TRACK)
            desk.ask(order)
        return None
    trade = desk.trade_of[order_id]
    if what == "locate":
        give_up_locate(desk, trade, order)
        return None
    if what == "accept" and order.status is not OrderStatus.SUBMITTED and order.confirmed:
        return None
    if what == "accept" and trade.closing is not None and trade.closing.order is order:
        trade.closing.abandon = True
    desk.cancel(order)
    return trade if desk.trades.get(trade.symbol) is trade and settle(desk, trade) else None


def _naked_too_long(desk: Desk, trade: Trade) -> None:
    watch_naked(desk, trade)
    naked = naked_shares(trade)
    if naked == 0:
        return
    if is_leaving(trade):
        # their exit waits for the broker's answers, and what is unknown is asked about, never skipped
        desk.say("error", trade.symbol, f"{naked} shares of {trade.symbol} have no stop while their exit waits")
        for order in trade.alive_orders():
            if not order.is_settled:
                desk.ask(order)
        desk.timers.start(("naked", trade.id), desk.now + desk.policy.naked_for)
    elif desk.can_trade(trade.symbol):
        desk.say("error", trade.symbol, f"{naked} shares of {trade.symbol} had no stop for too long: closing at market")
        request_exit(desk, trade, CloseReason.EXIT, "no stop could be placed", trade.origin)
    else:
        since = desk.now if desk.hours.is_open(desk.now) else desk.hours.next_open(desk.now)
        desk.timers.start(("naked", trade.id), since + desk.policy.naked_for)


def _drop_second_half(desk: Desk, trade: Trade) -> None:
    second = trade.second_half
    if second is None:
        return
    trade.second_half = None
    trade.status = TradeStatus.CLOSING
    adding.decide(desk, trade, second.origin, "enter", refused(Reason.NO_FLAT_IN_TIME))
