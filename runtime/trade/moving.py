"""Moves the one stop of a trade: to a price, or along with a trail. Never looser, never to or through the market."""

from __future__ import annotations

import attrs

from ...dsl.plan import MoveStop, TrailStop
from ..core.records import Outcome
from ..numbers import to_micros
from ..risk.reasons import Reason
from . import terms
from .desk import Desk
from .outcome import Done, ignored, number_of, skipped, symbol_of
from .pricing import is_tighter, legal_stop, level
from .settle import settle
from .state import Origin, Trade, TrailTerm
from .terms import Missing


def _open_trade(desk: Desk, symbol: str | None) -> Trade | Done:
    trade = None if symbol is None else desk.trades.get(symbol)
    if trade is None:
        return ignored(Reason.NO_TRADE)
    if trade.in_flight:
        return ignored(Reason.IN_FLIGHT)
    if trade.held <= 0:
        return ignored(Reason.NOTHING_HELD)
    return trade


def move_stop(desk: Desk, action: MoveStop, origin: Origin) -> Done:
    """A stop stated as a price, or measured from the average entry."""
    trade = _open_trade(desk, symbol_of(desk, action.symbol, origin.event))
    if isinstance(trade, Done):
        return trade
    try:
        term = terms.distance(action.to, number_of(desk, origin.event))
    except Missing as missing:
        return skipped(missing)
    price = level(term, trade.average, -trade.sign, trade.initial_risk)
    if price is None:
        return skipped(Missing("R"))
    stop = legal_stop(price, trade.sign)
    market = desk.closing_price(trade.symbol, trade.side)
    if market is None:
        return ignored(Reason.NO_REFERENCE)
    if not is_tighter(trade.sign, to_micros(market), stop):
        return ignored(Reason.THROUGH_MARKET)
    if trade.stop_price is not None and not is_tighter(trade.sign, stop, trade.stop_price):
        return ignored(Reason.WOULD_LOOSEN)
    trade.stop_price = stop
    trade.stop_from_trail = False
    trade.ratcheted = True
    settle(desk, trade)
    return Done(Outcome.ACTED)


def trail_stop(desk: Desk, action: TrailStop, origin: Origin) -> Done:
    """From now on the trade's one stop follows the best price; an earlier, tighter stop stays."""
    trade = _open_trade(desk, symbol_of(desk, action.symbol, origin.event))
    if isinstance(trade, Done):
        return trade
    if trade.terms.broker_trails:
        return ignored(Reason.ALREADY_TRAILING)
    try:
        term = terms.distance(action.distance, number_of(desk, origin.event))
    except Missing as missing:
        return skipped(missing)
    market = desk.closing_price(trade.symbol, trade.side)
    if market is None:
        return ignored(Reason.NO_REFERENCE)
    stop = trade.terms.stop
    # beside a stop or `after` the runtime ratchets; a trade without either gets an `after` that is reached
    after = None if stop is not None else terms.reached()
    trade.terms = attrs.evolve(trade.terms, trail=TrailTerm(term, after))
    trade.trail_active = True
    trade.best = market
    price = level(term, market, -trade.sign, trade.initial_risk)
    if price is None:
        return skipped(Missing("R"))
    wanted = legal_stop(price, trade.sign)
    if trade.stop_price is None or is_tighter(trade.sign, wanted, trade.stop_price):
        trade.stop_price = wanted
        trade.stop_from_trail = True
        trade.ratcheted = True
    settle(desk, trade)
    return Done(Outcome.ACTED)
