"""Moves a trade's protection: its one stop to a price, to breakeven or along with a trail, and its nearest target.

A stop goes never looser, never to or through the market. A target is a limit and goes to any price: at or through the
market it fills at once, at that price or better.
"""

from __future__ import annotations

import math

import attrs

from ...dsl.plan import MoveStop, MoveStopToBreakeven, MoveTarget, TrailStop
from ..core.records import Outcome
from ..numbers import to_micros
from ..risk.reasons import Reason
from . import terms
from .desk import Desk
from .levels import nearest_target, slice_target
from .outcome import Done, ignored, number_of, open_trade, refused, skipped, symbol_of
from .pricing import is_tighter, legal_stop, legal_target, level, offset
from .protecting import restart_trails
from .settle import settle
from .state import Origin, TargetTerm, Term, TermUnit, Trade, TrailTerm
from .terms import Missing


def move_stop(desk: Desk, action: MoveStop, origin: Origin) -> Done:
    """A stop stated as a price, or measured from the average entry."""
    trade = open_trade(desk, symbol_of(desk, action.symbol, origin.event))
    if isinstance(trade, Done):
        return trade
    try:
        term = terms.distance(action.to, number_of(desk, origin.event))
    except Missing as missing:
        return skipped(missing)
    return _bring_stop_to(desk, trade, level(term, trade.average, -trade.sign, trade.initial_risk))


def move_stop_to_breakeven(desk: Desk, action: MoveStopToBreakeven, origin: Origin) -> Done:
    """A stop at the average entry, or so far from it toward profit or toward loss."""
    trade = open_trade(desk, symbol_of(desk, action.symbol, origin.event))
    if isinstance(trade, Done):
        return trade
    if action.offset is None:
        return _bring_stop_to(desk, trade, trade.average)
    try:
        term = terms.distance(action.offset, number_of(desk, origin.event))
    except Missing as missing:
        return skipped(missing)
    direction = trade.sign if action.gain else -trade.sign
    return _bring_stop_to(desk, trade, level(term, trade.average, direction, trade.initial_risk))


def refuse_stop(desk: Desk, trade: Trade, stop: int) -> Done | None:
    """Why no stop can stand at a price in micros: none is known, or it lies at or through the market."""
    market = desk.closing_price(trade.symbol, trade.side)
    if stop <= 0:
        return refused(Reason.NO_PRICE)
    if market is None:
        return ignored(Reason.NO_REFERENCE)
    if not is_tighter(trade.sign, to_micros(market), stop):
        return ignored(Reason.THROUGH_MARKET)
    return None


def _bring_stop_to(desk: Desk, trade: Trade, price: float | None) -> Done:
    if price is None:
        return skipped(Missing("R"))
    stop = legal_stop(price, trade.sign, trade.steps)
    against = refuse_stop(desk, trade, stop)
    if against is not None:
        return against
    if trade.stop_price is not None and not is_tighter(trade.sign, stop, trade.stop_price):
        return ignored(Reason.WOULD_LOOSEN)
    trade.stop_price = stop
    trade.stop_from_trail = False
    trade.ratcheted = True
    restart_trails(trade)
    settle(desk, trade)
    return Done(Outcome.ACTED)


def move_target(desk: Desk, action: MoveTarget, origin: Origin) -> Done:
    """Puts the nearest unfilled target at a price, where it then stays: like `at P` it follows no average entry.

    All slices that go with that target move; one that an exit at a limit re-priced counts as a target too.
    """
    trade = open_trade(desk, symbol_of(desk, action.symbol, origin.event))
    if isinstance(trade, Done):
        return trade
    nearest = nearest_target(trade)
    if nearest is None:
        return ignored(Reason.NO_TARGET)
    try:
        price = legal_target(number_of(desk, origin.event)(action.to), trade.sign, trade.steps)
    except Missing as missing:
        return skipped(missing)
    if price <= 0:
        return refused(Reason.NO_PRICE)
    present = slice_target(trade, nearest)
    if present == price:
        return ignored(Reason.ALREADY_THERE)
    if nearest.exit_at is not None:
        for part in trade.slices:
            if part.exit_at == present:
                part.exit_at = price
    else:
        moved = TargetTerm(Term(TermUnit.PRICE, price / 1_000_000), None)
        trade.terms = attrs.evolve(
            trade.terms,
            targets=tuple(
                attrs.evolve(moved, fraction=target.fraction) if index == nearest.target else target
                for index, target in enumerate(trade.terms.targets)
            ),
        )
    settle(desk, trade)
    return Done(Outcome.ACTED)


def trail_stop(desk: Desk, action: TrailStop, origin: Origin) -> Done:
    """From now on the trade's one stop follows the best price; an earlier, tighter stop stays.

    A trail that follows already is replaced by a closer one only.
    """
    trade = open_trade(desk, symbol_of(desk, action.symbol, origin.event))
    if isinstance(trade, Done):
        return trade
    try:
        term = _behind(terms.distance(action.distance, number_of(desk, origin.event)), trade)
    except Missing as missing:
        return skipped(missing)
    market = desk.closing_price(trade.symbol, trade.side)
    if market is None:
        return ignored(Reason.NO_REFERENCE)
    wanted = legal_stop(market - trade.sign * _apart(term, market), trade.sign, trade.steps)
    against = refuse_stop(desk, trade, wanted)
    if against is not None:
        return against
    present = trade.terms.trail
    follows = present is not None and (trade.trail_active or present.after is None)
    if present is not None and follows and _apart(term, market) >= _apart(present.distance, market):
        return ignored(Reason.WOULD_LOOSEN)
    if trade.terms.broker_trails:
        trade.terms = attrs.evolve(trade.terms, trail=TrailTerm(term, None))
    else:
        # beside a stop the runtime ratchets; a trade without one gets an `after` that is reached, to the same end
        after = None if trade.terms.stop is not None else terms.reached()
        trade.terms = attrs.evolve(trade.terms, trail=TrailTerm(term, after))
        trade.trail_active = True
        trade.best = market
    if trade.stop_price is None or is_tighter(trade.sign, wanted, trade.stop_price):
        trade.stop_price = wanted
        trade.stop_from_trail = True
        trade.ratcheted = True
    restart_trails(trade)
    settle(desk, trade)
    return Done(Outcome.ACTED)


def _behind(term: Term, trade: Trade) -> Term:
    """How far a trail stays behind; a distance in R is fixed in currency at the decision.

    Raises:
        Missing: R is not known, or a price was stated where a distance is needed.
    """
    if term.unit is TermUnit.PRICE:
        raise Missing("the trail's distance")
    if term.unit is not TermUnit.R:
        return term
    if trade.initial_risk is None:
        raise Missing("R")
    return Term(TermUnit.AMOUNT, term.value * trade.initial_risk)


def _apart(term: Term, price: float) -> float:
    """The distance in currency at a price; infinite for one that is none."""
    found = offset(term, price, None)
    return math.inf if found is None else found
