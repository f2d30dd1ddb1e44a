"""What a connection to a real broker brings beside orders: whole snapshots, and symbols with and without data."""

from __future__ import annotations

from collections.abc import Mapping

from ..broker.port import DataState, Subscribe, SymbolData
from ..trade import awaiting, holding
from ..trade.desk import Desk
from ..trade.strays import judge_strays
from ..trade.synchronising import watch_protection


def follow_connection(desk: Desk) -> None:
    """The connection came or went. It comes with all that the broker knows: what was not told by then is not there."""
    if not desk.connected:
        desk.strays.clear()
        desk.doubted.clear()
        return
    desk.foreign.is_complete = True
    judge_strays(desk)
    for symbol in desk.doubted:
        if symbol not in desk.trades:  # a trade asks for itself
            holding.ask_position(desk, symbol)
    for symbol in dict.fromkeys([*desk.trades, *desk.foreign.symbols(), *desk.subscribed]):
        desk.subscribed.setdefault(symbol, desk.now)
        desk.commands.append(Subscribe(symbol, desk.timeframes_of(symbol)))
    watch_protection(desk)


def timeframes_wanted(desk: Desk) -> dict[str, tuple[float, ...]]:
    """The timeframes (seconds) of the bars that rules want, of each symbol that is subscribed."""
    return {symbol: desk.timeframes_of(symbol) for symbol in desk.subscribed}


def subscribe_again(desk: Desk, before: Mapping[str, tuple[float, ...]]) -> None:
    """After a reload: asks for the bars that only the new rules want."""
    for symbol, timeframes in timeframes_wanted(desk).items():
        if not set(timeframes) <= set(before.get(symbol, ())):
            desk.commands.append(Subscribe(symbol, timeframes))


def on_data(desk: Desk, message: SymbolData) -> None:
    """What market data a symbol has: an entry that waits for a quote which will not come need not wait longer."""
    symbol, state = message.symbol, message.state
    before = desk.data_of(symbol)
    if state is DataState.LIVE:
        desk.data.pop(symbol, None)
    else:
        desk.data[symbol] = state
        awaiting.on_quote(desk, symbol)
    if state is not before:
        level = "info" if state is DataState.LIVE else "warning"
        text = f": {message.text}" if message.text else ""
        desk.say(level, symbol, f"market data of {symbol}: {state.value}{text}")
