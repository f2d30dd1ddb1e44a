"""The `exit` actions: all of a position, part of it, at market or at a limit."""

from __future__ import annotations

import math

from ...dsl.plan import Exit, ExitEverything, PricingKind, SizeUnit
from ..core.records import Outcome
from ..numbers import Rounding, legal_price
from ..risk.reasons import Reason
from .closing import request_exit, request_partial_exit
from .desk import Desk
from .outcome import Done, ignored, number_of, skipped, symbol_of
from .settle import settle
from .splitting import request_limit_exit
from .state import CloseReason, Origin, Trade
from .terms import Missing


def exit_position(desk: Desk, action: Exit, origin: Origin, detail: str | None) -> Done:
    symbol = symbol_of(desk, action.symbol, origin.event)
    trade = None if symbol is None else desk.trades.get(symbol)
    if trade is None:
        return ignored(Reason.NO_TRADE)
    if trade.in_flight:
        return ignored(Reason.IN_FLIGHT)
    held = max(0, trade.held)
    try:
        shares = _wanted(desk, action, origin, held)
        limit = None
        if action.pricing.kind is PricingKind.LIMIT and action.pricing.limit is not None:
            rounding = Rounding.UP if trade.sign > 0 else Rounding.DOWN
            limit = legal_price(number_of(desk, origin.event)(action.pricing.limit), rounding, trade.steps)
    except Missing as missing:
        return skipped(missing)
    if shares is not None and held == 0:
        return ignored(Reason.NOTHING_HELD)
    if limit is not None:
        return _at_limit(desk, trade, held if shares is None else min(shares, held), limit, detail, origin)
    before = set(trade.orders)
    if shares is None or shares >= held:
        request_exit(desk, trade, CloseReason.EXIT, detail, origin)
    else:
        request_partial_exit(desk, trade, shares, CloseReason.EXIT, detail, origin)
    settle(desk, trade)
    return Done(Outcome.ACTED, orders=tuple(order_id for order_id in trade.orders if order_id not in before))


def _wanted(desk: Desk, action: Exit, origin: Origin, held: int) -> int | None:
    """Shares to close, None for all: a part of the position is floored, but at least one share."""
    if action.size is None:
        return None
    value = number_of(desk, origin.event)(action.size.value)
    exact = value * held if action.size.unit is SizeUnit.POSITION else value
    return max(1, math.floor(exact + 1e-9))


def _at_limit(desk: Desk, trade: Trade, shares: int, limit: int, detail: str | None, origin: Origin) -> Done:
    if shares == 0:
        return ignored(Reason.NOTHING_HELD)
    request_limit_exit(desk, trade, shares, limit, detail, origin)
    settle(desk, trade)
    return Done(Outcome.ACTED)


def exit_everything(desk: Desk, action: ExitEverything, origin: Origin, detail: str | None) -> Done:
    """Closes every open trade of this instance; shares that are not ours are never touched."""
    closed = False
    for trade in list(desk.trades.values()):
        if not trade.in_flight:
            request_exit(desk, trade, CloseReason.EXIT, detail, origin)
            settle(desk, trade)
            closed = True
    return Done(Outcome.ACTED) if closed else ignored(Reason.NO_TRADE)
