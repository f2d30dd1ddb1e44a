"""The price that an entry is reckoned from, or why there is none.

    reference(desk, symbol, side, event)               -> currency | Reason
    entry_reference(desk, symbol, side, event, stated) -> the same, for an entry that may state its price

A buy is priced at the ask, a sell at the bid, else at the last trade; in simulation and replay also at the signal's own
price where the market has told nothing newer. At a broker only a quote that is fresh and live will do: a signal's price
is never one, and one that lies far from the quote says that something is wrong with either. A fill of ours that came
after the quote is newer than it.
"""

from __future__ import annotations

from ..broker.port import DataState, OrderSide
from ..event.inputs import Signal
from ..market.board import News
from ..risk.reasons import Reason
from .desk import Desk
from .outcome import symbol_of_event

_WITHOUT_DATA = {
    DataState.DELAYED: Reason.DELAYED_DATA,
    DataState.NONE: Reason.NO_DATA,
    DataState.UNKNOWN_SYMBOL: Reason.UNKNOWN_SYMBOL,
}


def entry_reference(desk: Desk, symbol: str, side: OrderSide, event: object, stated: float | None) -> float | Reason:
    """What an entry is reckoned from: its stated price, else the reference. At a broker neither goes without a quote:
    a price that was written is only as good as what it is held against."""
    if stated is None:
        return reference(desk, symbol, side, event)
    found = reference(desk, symbol, side, event) if desk.at_broker else stated
    return found if isinstance(found, Reason) else stated


def reference(desk: Desk, symbol: str, side: OrderSide, event: object) -> float | Reason:
    """The price of an order at market, in currency."""
    if desk.at_broker:
        return _quoted(desk, symbol, side, event)
    known = desk.board.reference(symbol, buy=side is OrderSide.BUY)
    if (
        desk.policy.signal_prices
        and isinstance(event, Signal)
        and event.symbol == symbol
        and event.price is not None
        and (known is None or known[1] < event.time)
    ):
        return event.price
    return Reason.NO_REFERENCE if known is None else known[0]


def without_quote(desk: Desk, symbol: str) -> Reason | None:
    """At a broker: why nothing of a symbol can be priced now; None where it can."""
    state = desk.data.get(symbol)
    if state is not None and state in _WITHOUT_DATA:
        return _WITHOUT_DATA[state]
    told = desk.board.quote_time(symbol)
    if told is None:
        return Reason.NO_QUOTE
    return Reason.STALE_QUOTE if desk.now - told > desk.policy.quote_age else None


def may_get_a_quote(desk: Desk, symbol: str) -> bool:
    """At a broker: whether the first quote of a symbol may still be on its way."""
    return desk.at_broker and without_quote(desk, symbol) is Reason.NO_QUOTE


def _quoted(desk: Desk, symbol: str, side: OrderSide, event: object) -> float | Reason:
    against = without_quote(desk, symbol)
    if against is not None:
        return against
    price = desk.board.ask(symbol) if side is OrderSide.BUY else desk.board.bid(symbol)
    if desk.board.latest(symbol) is News.FILL:  # of ours, told before the quote that it came of: the market has moved
        price = desk.board.last(symbol)
    if price is None or price <= 0:
        return Reason.NO_REFERENCE
    stated = event.price if isinstance(event, Signal) and symbol_of_event(event) == symbol else None
    if stated is not None and abs(stated - price) > desk.policy.signal_distance * price:
        return Reason.SIGNAL_DISTANCE
    return price
