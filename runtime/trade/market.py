"""What a price does to a trade: trails and breakeven ratchet its stop, armed scale-ins trigger.

Ticks act at once, bars on their close. A stop only ever moves toward the market, one modification for all that is due
on one event, and never to or through the market.
"""

from __future__ import annotations

from ..numbers import to_micros
from . import adding
from .desk import Desk
from .pricing import is_tighter, legal_stop, level
from .settle import settle
from .state import Term, Trade


def on_price(desk: Desk, trade: Trade) -> bool:
    """Lets a trade follow the market.

    Returns:
        Whether the trade concluded.
    """
    price = desk.closing_price(trade.symbol, trade.side)
    if price is None or trade.opened_at is None or trade.held <= 0:
        return False
    trade.peak = _better(trade, trade.peak, price)
    changed = False
    if trade.terms.trail is not None or trade.terms.breakeven_after is not None:
        changed = _ratchet(trade, price)
    if trade.armed:
        before = len(desk.commands)
        adding.trigger_scale_ins(desk, trade, price)
        changed = changed or len(desk.commands) > before
    return settle(desk, trade) if changed else False


def _ratchet(trade: Trade, price: float) -> bool:
    terms = trade.terms
    if terms.broker_trails or trade.in_flight:
        return False
    wanted: list[tuple[int, bool]] = []
    trail = terms.trail
    if trail is not None:
        if not trade.trail_active and (trail.after is None or _reached(trade, level_of(trade, trail.after), price)):
            trade.trail_active = True
            trade.best = price if trail.after is not None else _better(trade, trade.best, price)
        if trade.trail_active:
            trade.best = _better(trade, trade.best, price)
            best = trade.best
            found = level(trail.distance, best, -trade.sign, trade.initial_risk)
            if found is not None:
                wanted.append((legal_stop(found, trade.sign, trade.steps), True))
    breakeven = None if trade.breakeven_done or not trade.complete else terms.breakeven_after
    if breakeven is not None and _reached(trade, level_of(trade, breakeven), price):
        trade.breakeven_done = True
        wanted.append((legal_stop(trade.average, trade.sign, trade.steps), False))
    changed = False
    market = to_micros(price)
    for stop, from_trail in wanted:
        if not is_tighter(trade.sign, market, stop):
            continue  # at or through the market
        if trade.stop_price is None or is_tighter(trade.sign, stop, trade.stop_price):
            trade.stop_price = stop
            trade.stop_from_trail = from_trail
            trade.ratcheted = True
            changed = True
    return changed


def level_of(trade: Trade, after: Term) -> float | None:
    """The price at which a profit is reached."""
    return level(after, trade.average, trade.sign, trade.initial_risk)


def _reached(trade: Trade, wanted: float | None, price: float) -> bool:
    return wanted is not None and (price - wanted) * trade.sign >= -1e-9 * price


def _better(trade: Trade, best: float | None, price: float) -> float:
    if best is None:
        return price
    return max(best, price) if trade.sign > 0 else min(best, price)
