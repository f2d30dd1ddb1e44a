"""Shares to borrow: a short that the broker holds because it finds none is given up after a while."""

from __future__ import annotations

from ..broker.port import OrderUpdate
from ..core.records import ActionOutcome
from ..order.working import Role, WorkingOrder
from ..risk.reasons import Reason
from .desk import Desk
from .outcome import decide, refused
from .state import Origin, Trade

_ACTIONS = {Role.SCALE: "scale_in", Role.DOUBLE_DOWN: "double_down", Role.EXIT: "exit", Role.MAIN: "enter"}


def follow_locate(desk: Desk, order: WorkingOrder, message: OrderUpdate) -> None:
    """Starts the clock of an opening order that waits for shares to borrow, and stops it when it waits no more."""
    order.why_held = message.why_held
    if order.opens and order.is_alive and "locate" in message.why_held:
        desk.timers.start_once(("locate", order.id), desk.now + desk.policy.locate_within)
    elif order.opens:
        desk.timers.cancel(("locate", order.id))


def give_up_locate(desk: Desk, trade: Trade, order: WorkingOrder) -> None:
    """No shares were found in time: the order is cancelled, and its rule hears why."""
    if not order.is_alive or order.unwanted:
        return
    done = refused(Reason.NO_LOCATE)
    action = ActionOutcome(action_of(order), done.outcome, done.reason, (order.id,))
    decide(desk, trade.symbol, asked_by(trade, order), action)
    desk.cancel(order)


def action_of(order: WorkingOrder) -> str:
    """The action that an order comes of, as decisions call it."""
    return _ACTIONS.get(order.role, "enter")


def asked_by(trade: Trade, order: WorkingOrder) -> Origin:
    """Which rule wanted an order: that of an addition or an exit need not be the one that entered."""
    if trade.closing is not None and trade.closing.order is order:
        return trade.closing.origin
    for partial in trade.exits:
        if partial.order is order:
            return partial.origin
    part = trade.slice_of(order)
    return trade.origin if part is None or part.origin is None else part.origin
