"""Shares of a trade that are not in the account any more: a person closed them, or they covered a person's own.

They come off the trade and off our books at the price that is known, so that what is left is what can be protected.
"""

from __future__ import annotations

from ..core.records import PositionChange
from ..numbers import to_float, to_micros
from .desk import Desk
from .levels import farthest_first
from .state import CloseReason, Trade


def write_off(desk: Desk, trade: Trade, net: int, price: int | None) -> None:
    """Takes the shares off a trade that are not in the account; the caller settles it.

    `net` is what the account holds, `price` (micros) what they were sold at, None where that is not known. Shares that
    our books have too many closed, and the account has not, come off the same way.
    """
    lost = trade.held - _still_there(trade.held, net * trade.sign)
    if lost == 0:
        return
    symbol = trade.symbol
    if price is None:
        known = desk.closing_price(symbol, trade.side)
        price = to_micros(trade.average if known is None else known)
    foreign = desk.foreign.of(symbol)
    handed_over = _still_there(lost, -foreign * trade.sign)
    desk.portfolio.hand_over(symbol, trade.sign * handed_over, price)
    desk.foreign.accept(symbol, foreign + trade.sign * handed_over)
    left = lost
    for part in farthest_first(trade):
        taken = _still_there(left, part.held)
        part.closed += taken
        part.written_off += taken
        left -= taken
    trade.cash += trade.sign * lost * price
    trade.cause = CloseReason.MANUAL
    trade.detail = None
    trade.winding_down = True
    trade.armed.clear()
    if trade.held > 0:
        desk.show_position(trade, PositionChange.UPDATED, trade.realised())
    at = to_float(price)
    desk.say(
        "warning", symbol, f"{abs(lost)} of our shares of {symbol} were closed by another hand, reckoned at {at:g}"
    )


def even_out(trade: Trade) -> None:
    """Shares that one slice has too few (its stop filled for what had been written off) come off the others.

    What comes in later in a slice that still opens is spent by that, and not there to be protected.
    """
    for short in trade.slices:
        for other in trade.slices:
            spent = min(-short.held, other.held)
            if spent > 0:
                short.closed -= spent
                other.closed += spent
                other.written_off += spent


def _still_there(wanted: int, there: int) -> int:
    """As many of some shares (signed) as there are on their side."""
    return max(0, min(wanted, there)) if wanted > 0 else min(0, max(wanted, there))
