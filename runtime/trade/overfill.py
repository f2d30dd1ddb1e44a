"""Shares that filled after their trade had concluded: a cancel and a fill crossed on the wire.

They are flattened only when the broker's own position confirms them. Where the symbol has a new trade by then, whose
shares could not be told from these, nothing is sent: the symbol is halted and said so.
"""

from __future__ import annotations

from ..broker.port import AskPosition
from .desk import Desk
from .state import CloseReason, Closing, Trade, TradeStatus


def late_fill(desk: Desk, trade: Trade) -> None:
    """Takes a concluded trade up again, closing, until its surplus is flat."""
    symbol = trade.symbol
    if symbol in desk.trades:
        desk.halt_symbol(symbol, f"a late fill of the concluded trade {trade.id} met a new trade")
        return
    surplus = trade.held
    desk.say("warning", symbol, f"{abs(surplus)} shares of {symbol} filled after their trade had concluded")
    trade.status = TradeStatus.CLOSING
    trade.winding_down = True
    trade.closing = Closing(
        trade.cause or CloseReason.EXIT,
        "filled after the trade had concluded",
        trade.origin,
        must_confirm=True,
        asked_position=True,
    )
    desk.banked -= trade.banked
    desk.trades[symbol] = trade
    desk.entering.update((order.id, order) for order in trade.orders.values() if order.opens and order.is_alive)
    desk.commands.append(AskPosition(symbol))
