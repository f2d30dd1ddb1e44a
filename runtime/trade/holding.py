"""What the account holds, held against our books: whose shares are whose, and what is there to protect.

The broker tells positions whole, so somebody else's shares are what our executions do not explain. Somebody else's
executions say how they come and go. Where fewer shares are left on our side than our trade has, a person sold them:
the protection is reduced to what is there at once, because a stop for shares that are gone would open a position.

A report that nothing explains may have overtaken an execution on its way. So it is asked for again, and believed when
it comes a second time; then the symbol is halted, its protection stays, and a person has to release it.
"""

from __future__ import annotations

from ..broker.port import AskPosition, ForeignExecution, PositionReport
from .desk import Desk
from .missing import resolve_missing
from .settle import settle
from .state import Trade
from .strays import judge_strays
from .writing_off import write_off


def on_position(desk: Desk, message: PositionReport) -> Trade | None:
    """Takes what the account holds of a symbol; it also confirms that an overfill may be flattened.

    Returns:
        The trade, where this concluded it.
    """
    symbol = message.symbol
    before = desk.foreign.of(symbol)
    foreign = message.quantity - desk.portfolio.quantity(symbol)
    trade = desk.trades.get(symbol)
    explained = foreign == before or not desk.foreign.is_known(symbol)
    if not explained and trade is None and not desk.connected and desk.portfolio.quantity(symbol) == 0:
        # it happened while we were away, and nothing of ours is at stake
        desk.say("info", symbol, f"{symbol}: {_change(before, foreign)}")
        explained = True
    if not explained and desk.doubted.get(symbol) != foreign:
        desk.doubted[symbol] = foreign
        ask_position(desk, symbol)
        return None
    desk.doubted.pop(symbol, None)
    desk.timers.cancel(("position", symbol))
    desk.foreign.accept(symbol, foreign)
    if trade is not None:
        write_off(desk, trade, message.quantity, None)
    if not explained:
        if desk.foreign.of(symbol) != before:
            desk.unexplained.add(symbol)
        desk.halt_symbol(symbol, f"{_change(before, foreign)} with no execution to explain it (a split, a transfer?)")
    _follow_foreign(desk, trade, symbol)
    judge_strays(desk, symbol)
    if trade is None:
        return None
    trade.synced = desk.connected
    desk.timers.cancel(("sync", trade.id))
    if desk.foreign.of(symbol) == before:
        resolve_missing(desk, trade)
    closing = trade.closing
    if closing is not None and closing.asked_position and explained:
        closing.confirmed_net = desk.portfolio.quantity(symbol)
        closing.asked_position = False
    elif closing is not None and closing.asked_position:
        ask_position(desk, symbol)  # what nothing explained confirms nothing
    return trade if settle(desk, trade) else None


def on_foreign_execution(desk: Desk, message: ForeignExecution) -> Trade | None:
    """Somebody else bought or sold in this account.

    Returns:
        The trade, where this concluded it.
    """
    if desk.foreign.book(message) == 0:
        return None
    symbol = message.symbol
    desk.doubted.pop(symbol, None)
    trade = desk.trades.get(symbol)
    if trade is not None:
        write_off(desk, trade, desk.account_holds(symbol), message.price)
    _follow_foreign(desk, trade, symbol)
    judge_strays(desk, symbol)
    return trade if trade is not None and settle(desk, trade) else None


def ask_position(desk: Desk, symbol: str) -> None:
    """Asks what the account holds, and again while nobody answers; while the broker is away its return tells."""
    if desk.connected:
        desk.commands.append(AskPosition(symbol))
        desk.timers.start(("position", symbol), desk.now + desk.policy.answer_within)


def release(desk: Desk, symbol: str) -> Trade | None:
    """A person has looked: the symbol trades again, and what the account holds of it is as it should be.

    Returns:
        The trade, where this concluded it.
    """
    why = desk.halted_symbols.pop(symbol, None)
    desk.unexplained.discard(symbol)
    foreign = desk.foreign.of(symbol)
    kept = f"; {foreign} foreign shares stay in the account, so nothing is entered" if foreign else ""
    if why is None:
        desk.say("info", symbol, f"{symbol} was not halted{kept}")
    else:
        desk.say("info", symbol, f"{symbol} is released (it was halted: {why}){kept}")
    trade = desk.trades.get(symbol)
    if trade is None:
        return None
    if any(order.missing for order in trade.alive_orders()):
        ask_position(desk, symbol)
    return trade if settle(desk, trade) else None


def _change(before: int, foreign: int) -> str:
    return f"foreign shares went from {before} to {foreign}"


def _follow_foreign(desk: Desk, trade: Trade | None, symbol: str) -> None:
    """Foreign shares count in the exposure, so their price must be known; and beside them nothing more is opened."""
    if desk.foreign.of(symbol) == 0:
        return
    desk.subscribe(symbol)
    if trade is not None:
        for order in trade.opening_orders():
            desk.cancel(order)
