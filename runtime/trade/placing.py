"""`place`: any other order of a trade, under a role of the user's.

On the opening side it adds to an existing trade as a bracket. On the closing side it is capped at the shares left and
takes the place of a slice's target (at a limit) or stop (at a stop), so that the OCA group still holds both together;
a stop that is looser than the one it would replace is not taken.
"""

from __future__ import annotations

from ...dsl.plan import PlaceOrder, PricingKind
from ..core.records import Outcome
from ..numbers import to_float
from ..order.working import CLOSING_ROLES, Role
from ..risk.gate import Intent
from ..risk.reasons import Reason
from . import bracket, terms
from .closing import request_partial_exit
from .desk import Desk
from .levels import base_price, nearest_open_target, target_price
from .moving import refuse_stop
from .opening import order_side, stated_entry
from .outcome import Done, ignored, number_of, refused, skipped, symbol_of
from .pricing import legal_stop, legal_target
from .reference import entry_reference
from .settle import settle
from .splitting import request_limit_exit, request_own_stop
from .state import CloseReason, Origin, Trade
from .terms import Missing

# The names that would be mistaken for another kind of order, on the opening side and on the closing one.
_NOT_OPENING = CLOSING_ROLES | {Role.MAIN}
_NOT_CLOSING = frozenset({Role.MAIN, Role.SCALE, Role.DOUBLE_DOWN})


def place(desk: Desk, action: PlaceOrder, origin: Origin) -> Done:
    symbol = symbol_of(desk, action.symbol, origin.event)
    trade = None if symbol is None else desk.trades.get(symbol)
    if trade is None:
        return refused(Reason.NO_TRADE)
    if trade.in_flight:
        return ignored(Reason.IN_FLIGHT)
    try:
        if order_side(action.side) is trade.side:
            return _add(desk, trade, action, origin)
        return _reduce(desk, trade, action, origin)
    except Missing as missing:
        return skipped(missing)


def _add(desk: Desk, trade: Trade, action: PlaceOrder, origin: Origin) -> Done:
    if trade.winding_down:
        return ignored(Reason.WINDING_DOWN)
    number = number_of(desk, origin.event)
    entry, stated = stated_entry(action.pricing, number, trade.sign, trade.steps)
    price = entry_reference(desk, trade.symbol, trade.side, origin.event, stated)
    if isinstance(price, Reason):
        return refused(price)
    risk = None if trade.stop_price is None else abs(price - to_float(trade.stop_price))
    shares = terms.shares(action.size, number, price=price, risk=risk, equity=desk.equity, position=max(0, trade.held))
    if shares < 1:
        return refused(Reason.SIZE_BELOW_ONE)
    reason = desk.judge(Intent(trade.symbol, trade.side, shares, price, stated=stated is not None, adds=True))
    if reason is not None:
        return refused(reason)
    target = nearest_open_target(trade)
    at = None if target is None else target_price(trade, target, base_price(trade))
    role = Role.PLACED if action.role in _NOT_OPENING else action.role
    part = bracket.open_slice(desk, trade, role, origin.rule, shares, entry, target, at)
    part.origin = origin
    return Done(Outcome.ACTED, orders=tuple(order.id for order in part.orders()))


def _reduce(desk: Desk, trade: Trade, action: PlaceOrder, origin: Origin) -> Done:
    held = max(0, trade.held)
    if held == 0:
        return ignored(Reason.NOTHING_HELD)
    number = number_of(desk, origin.event)
    shares = terms.shares(action.size, number, price=trade.average, risk=None, equity=desk.equity, position=held)
    shares = min(shares, held)
    if shares < 1:
        return refused(Reason.SIZE_BELOW_ONE)
    name = _closing_name(action.role)
    pricing = action.pricing
    if pricing.kind is PricingKind.MARKET:
        request_partial_exit(desk, trade, shares, CloseReason.EXIT, action.role, origin, name)
    elif pricing.kind is PricingKind.LIMIT and pricing.limit is not None:
        limit = legal_target(number(pricing.limit), trade.sign, trade.steps)
        if limit <= 0:
            return refused(Reason.NO_PRICE)
        request_limit_exit(desk, trade, shares, limit, action.role, origin, name)
    elif pricing.kind is PricingKind.STOP and pricing.stop is not None:
        stop = legal_stop(number(pricing.stop), trade.sign, trade.steps)
        against = refuse_stop(desk, trade, stop)
        if against is not None:
            return against
        if request_own_stop(desk, trade, shares, stop, name, origin) == 0:
            return ignored(Reason.WOULD_LOOSEN)
    else:
        return refused(Reason.STOP_WITH_LIMIT)
    settle(desk, trade)
    return Done(Outcome.ACTED)


def _closing_name(role: str) -> str | None:
    """What a closing order is shown as; None for the names that such orders have anyway."""
    if role in CLOSING_ROLES:
        return None
    return Role.PLACED if role in _NOT_CLOSING else role
