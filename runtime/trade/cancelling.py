"""`cancel targets|scales|entries|orders`: gives up linked orders. A stop or a trail is moved, never cancelled.

What is cancelled is not placed again: a target is given up and its stop covers the shares, a scale-in or double-down
is used up for this trade.
"""

from __future__ import annotations

from ...dsl.plan import Cancelled, CancelOrders
from ..core.records import Outcome
from ..order.working import Role, WorkingOrder
from ..risk.reasons import Reason
from .closing import release
from .desk import Desk
from .levels import slice_target
from .outcome import Done, ignored, symbol_of
from .settle import settle
from .state import Origin, Slice, Trade

_SCALES = frozenset({Role.SCALE, Role.DOUBLE_DOWN})


def cancel_orders(desk: Desk, action: CancelOrders, origin: Origin) -> Done:
    """Cancels at once, also while the entry works. An entry that waits for the open counts as one that works."""
    symbol = symbol_of(desk, action.symbol, origin.event)
    what = action.what
    waited = symbol is not None and what in (Cancelled.ENTRIES, Cancelled.ORDERS) and drop_open_entry(desk, symbol)
    trade = None if symbol is None else desk.trades.get(symbol)
    if trade is None:
        return Done(Outcome.ACTED) if waited else ignored(Reason.NO_TRADE)
    orders: list[WorkingOrder] = []
    disarmed = False
    if what in (Cancelled.TARGETS, Cancelled.ORDERS):
        orders += _give_up_targets(trade, placed=what is Cancelled.ORDERS)
        disarmed = _drop_splits(trade, placed=what is Cancelled.ORDERS)
    if what in (Cancelled.SCALES, Cancelled.ORDERS):
        disarmed = _disarm(trade) or disarmed
    for order in trade.opening_orders():
        if not order.unwanted and _is_meant(order, what):
            orders.append(order)
    if not (orders or disarmed or waited):
        return ignored(Reason.NOTHING_TO_CANCEL)
    for order in orders:
        desk.cancel(order)
    settle(desk, trade)
    return Done(Outcome.ACTED, orders=tuple(order.id for order in orders))


def drop_open_entry(desk: Desk, symbol: str) -> bool:
    """Forgets an entry that waits for the open; says whether there was one."""
    desk.timers.cancel(("open entry", symbol))
    return desk.open_entries.pop(symbol, None) is not None


def _is_meant(order: WorkingOrder, what: Cancelled) -> bool:
    match what:
        case Cancelled.ENTRIES:
            return order.role == Role.MAIN
        case Cancelled.SCALES:
            return order.role in _SCALES
        case _:
            return what is Cancelled.ORDERS


def _give_up_targets(trade: Trade, *, placed: bool) -> list[WorkingOrder]:
    """The working targets, from now on given up; those that the user placed under a name only where `placed`."""
    given_up = []
    for part in trade.slices:
        if part.exit_name is not None and not placed:
            continue
        limit = part.limit
        works = limit is not None and limit.is_alive and not limit.unwanted
        if works or _is_wanted(trade, part):
            part.target_given_up = True
            part.exit_at = part.exit_detail = part.exit_name = None
            if limit is not None and works:
                given_up.append(limit)
    return given_up


def _is_wanted(trade: Trade, part: Slice) -> bool:
    return slice_target(trade, part) is not None and (part.to_protect > 0 or part.parent.is_alive)


def _drop_splits(trade: Trade, *, placed: bool) -> bool:
    """Lets go of shares that were about to get a target of their own; says whether there were any."""
    dropped = [partial for partial in trade.exits if partial.limit is not None and (placed or partial.name is None)]
    for partial in dropped:
        release(partial)
        trade.exits.remove(partial)
    return bool(dropped)


def _disarm(trade: Trade) -> bool:
    """Scale-ins that wait and double-downs that rest are used up; says whether there were any."""
    found = bool(trade.armed) or any(not resting.spent for resting in trade.double_downs)
    trade.armed.clear()
    for resting in trade.double_downs:
        resting.spent = True
    return found
