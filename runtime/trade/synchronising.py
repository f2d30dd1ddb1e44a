"""Takes a trade up again after the broker was away.

What happened meanwhile comes first: the messages held back, then an answer about every order, then the position. Only
then is anything sent, because a wish made from stale news would race with what is already on its way.
"""

from __future__ import annotations

from ..broker.port import AskPosition
from .desk import Desk
from .state import Trade


def synchronise(desk: Desk, trade: Trade) -> None:
    """Asks about everything of a trade; the position's report, which comes last, releases it."""
    for order in trade.alive_orders():
        order.wanted = None
        order.cancel_sent = False
        desk.ask(order)
    if trade.closing is not None and trade.closing.order is not None and not trade.closing.order.confirmed:
        desk.timers.start(("accept", trade.closing.order.id), desk.now + desk.policy.accept_close_within)
    if trade.waiting_exit is not None:
        desk.timers.start(("open", trade.symbol), desk.now)
    ask_again(desk, trade)


def ask_again(desk: Desk, trade: Trade) -> None:
    desk.commands.append(AskPosition(trade.symbol))
    desk.timers.start(("sync", trade.id), desk.now + desk.policy.answer_within)


def watch_protection(desk: Desk) -> None:
    """Starts the clock that checks the protection before each open: a split or the end of a quarter ends GTC orders."""
    due = desk.hours.next_open(desk.now) - desk.policy.check_before_open
    if due <= desk.now:
        due = desk.hours.next_open(desk.hours.next_open(desk.now)) - desk.policy.check_before_open
    desk.timers.start(("before open", "all"), due)


def ask_about_protection(desk: Desk) -> None:
    """Asks about every order that protects shares; what is missing comes back with the answer."""
    for trade in desk.trades.values():
        for order in trade.alive_orders():
            if not order.opens:
                desk.ask(order)
    watch_protection(desk)
