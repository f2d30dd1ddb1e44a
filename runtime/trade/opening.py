"""Enters a trade: prices it, sizes it, asks the gate, and sends its brackets; or says why not.

    enter(desk, action, origin)   -> Done(outcome, reason, orders)
    reverse(desk, action, origin) -> the same, for the other side with the shares that are held

Nothing is sent before everything is known and allowed; a reversal is judged as a whole before anything is cancelled.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from ...dsl.plan import Enter, Number, Pricing, PricingKind, Reverse, Side, Size, SizeUnit, Symbol
from ..broker.port import OrderSide, OrderType
from ..core.records import Outcome
from ..numbers import TickBand, to_float
from ..risk.gate import Intent
from ..risk.reasons import Reason
from . import bracket, terms
from .closing import request_exit
from .desk import Desk
from .levels import stop_of, target_of
from .outcome import Done, ignored, number_of, open_trade, refused, skipped, symbol_of
from .pricing import legal_entry_limit, legal_entry_stop
from .reference import entry_reference
from .settle import settle
from .state import CloseReason, Origin, SecondHalf, Terms, Trade, TradeStatus
from .terms import Missing


@attrs.frozen
class EntryPlan:
    """An entry, ready to be judged and sent."""

    symbol: str
    side: OrderSide
    shares: int
    reference: float
    entry: bracket.Entry
    terms: Terms
    slices: tuple[tuple[int, int | None], ...]
    stop: int | None  # micros: the first
    stop_from_trail: bool
    targets: tuple[int | None, ...]  # micros
    lasts: float | None
    atr_stop_multiplier: float | None


def order_side(side: Side) -> OrderSide:
    return OrderSide.BUY if side is Side.LONG else OrderSide.SELL


def stated_entry(
    pricing: Pricing, number: terms.Evaluated, sign: int, steps: tuple[TickBand, ...]
) -> tuple[bracket.Entry, float | None]:
    """The entry order and its stated price (limit, else stop), None at market."""
    limit = None if pricing.limit is None else legal_entry_limit(number(pricing.limit), sign, steps)
    stop = None if pricing.stop is None else legal_entry_stop(number(pricing.stop), sign, steps)
    match pricing.kind:
        case PricingKind.MARKET:
            return bracket.AT_MARKET, None
        case PricingKind.LIMIT:
            return bracket.Entry(OrderType.LIMIT, limit_price=limit), None if limit is None else to_float(limit)
        case PricingKind.STOP:
            return bracket.Entry(OrderType.STOP, stop_price=stop), None if stop is None else to_float(stop)
        case PricingKind.STOP_LIMIT:
            return (
                bracket.Entry(OrderType.STOP_LIMIT, limit_price=limit, stop_price=stop),
                None if limit is None else to_float(limit),
            )


def prepare(desk: Desk, action: Enter, event: object) -> EntryPlan | Done:
    """Everything of an entry but the gate: symbol, reference, protection, size and slices."""
    symbol = symbol_of(desk, action.symbol, event)
    if symbol is None:
        return Done(Outcome.SKIPPED, "symbol unknown")
    side = order_side(action.side)
    number = number_of(desk, event)
    steps = desk.steps_of(symbol)
    try:
        entry, stated = stated_entry(action.pricing, number, side.sign, steps)
        reference = entry_reference(desk, symbol, side, event, stated)
        if isinstance(reference, Reason):
            return refused(reference)
        if reference <= 0:
            return refused(Reason.NO_REFERENCE)
        written = terms.protection(action.protection, number)
        risk = terms.initial_risk(written, reference)
        protection = terms.fixed(written, risk)
        stop, from_trail = stop_of(protection, side.sign, steps, reference, None)
        targets = tuple(
            target_of(protection, index, side.sign, steps, reference, None) for index in range(len(protection.targets))
        )
        wrong = _wrong_side(desk, symbol, side, reference, stop, targets, at_market=stated is None)
        if wrong is not None:
            return refused(wrong)
        shares = terms.shares(action.size, number, price=reference, risk=risk, equity=desk.equity)
    except Missing as missing:
        return skipped(missing)
    if shares < 1:
        return refused(Reason.SIZE_BELOW_ONE)
    slices = tuple(terms.split(shares, protection.targets))
    multiplier = terms.atr_multiple(action.protection.stop)
    return EntryPlan(
        symbol=symbol,
        side=side,
        shares=shares,
        reference=reference,
        entry=entry,
        terms=protection,
        slices=slices,
        stop=stop,
        stop_from_trail=from_trail,
        targets=targets,
        lasts=action.pricing.lasts,
        atr_stop_multiplier=multiplier,
    )


def _wrong_side(
    desk: Desk,
    symbol: str,
    side: OrderSide,
    reference: float,
    stop: int | None,
    targets: Iterable[int | None],
    *,
    at_market: bool,
) -> Reason | None:
    if stop is not None:
        limit = reference
        if at_market:
            # a stop between bid and ask would trigger at once
            exit_price = desk.closing_price(symbol, side)
            if exit_price is not None and desk.board.spread(symbol):
                limit = min(limit, exit_price) if side is OrderSide.BUY else max(limit, exit_price)
        if stop <= 0 or (limit - to_float(stop)) * side.sign <= 0:
            return Reason.STOP_WRONG_SIDE
    for target in targets:
        if target is not None and (target <= 0 or (to_float(target) - reference) * side.sign <= 0):
            return Reason.TARGET_WRONG_SIDE
    return None


def intent_of(plan: EntryPlan, *, replaces: bool = False) -> Intent:
    return Intent(
        symbol=plan.symbol,
        side=plan.side,
        quantity=plan.shares,
        price=plan.reference,
        orders=len(plan.slices),
        stated=plan.entry is not bracket.AT_MARKET,
        replaces=replaces,
    )


def start(desk: Desk, plan: EntryPlan, origin: Origin) -> Trade:
    """Makes the trade and sends its brackets."""
    trade = Trade(
        id=desk.next_id(),
        symbol=plan.symbol,
        side=plan.side,
        origin=origin,
        terms=plan.terms,
        reference=plan.reference,
        steps=desk.steps_of(plan.symbol),
        status=TradeStatus.OPENING,
        atr_stop_multiplier=plan.atr_stop_multiplier,
        stop_price=plan.stop,
        stop_from_trail=plan.stop_from_trail,
    )
    desk.trades[plan.symbol] = trade
    for size, target in plan.slices:
        price = None if target is None else plan.targets[target]
        part = bracket.open_slice(desk, trade, "main", origin.rule, size, plan.entry, target, price)
        if plan.lasts is not None:
            desk.timers.start(("order over", part.parent.id), desk.now + round(plan.lasts * 1_000_000))
    covered = {target for _, target in plan.slices}
    for index in range(len(plan.terms.targets)):
        if index not in covered:
            desk.say("warning", plan.symbol, f"target {index + 1} of {plan.symbol} is left out: it covers no share")
    return trade


def enter(desk: Desk, action: Enter, origin: Origin) -> Done:
    """No trade: enter. Same side: ignored. Opposite side: reversed. Closing or reversing: ignored, in flight."""
    plan = prepare_or_ignore(desk, action, origin)
    if isinstance(plan, Done):
        return plan
    present = desk.trades.get(plan.symbol)
    reason = desk.judge(intent_of(plan, replaces=present is not None))
    if reason is not None:
        return refused(reason)
    if present is None:
        trade = start(desk, plan, origin)
        return Done(Outcome.ACTED, orders=tuple(trade.orders))
    present.second_half = SecondHalf(action, origin)
    request_exit(desk, present, CloseReason.REVERSE, None, origin)
    settle(desk, present)
    return Done(Outcome.REVERSED)


def prepare_or_ignore(desk: Desk, action: Enter, origin: Origin) -> EntryPlan | Done:
    symbol = symbol_of(desk, action.symbol, origin.event)
    nothing = nothing_to_enter(desk, action, symbol)
    return prepare(desk, action, origin.event) if nothing is None else nothing


def nothing_to_enter(desk: Desk, action: Enter, symbol: str | None) -> Done | None:
    """Why there is nothing to do: the trade is on its way out, or on that side already."""
    present = None if symbol is None else desk.trades.get(symbol)
    if present is None:
        return None
    if present.in_flight:
        return ignored(Reason.IN_FLIGHT)
    return ignored(Reason.ALREADY_THAT_SIDE) if present.side is order_side(action.side) else None


def reverse(desk: Desk, action: Reverse, origin: Origin, held: int | None = None) -> Done:
    """Closes the trade and enters the other way, with as many shares as are held now.

    `held` are the shares at the decision, where that was earlier.
    """
    trade = open_trade(desk, symbol_of(desk, action.symbol, origin.event))
    if isinstance(trade, Done):
        return trade
    return enter(desk, other_way(trade, action, trade.held if held is None else held), origin)


def other_way(trade: Trade, action: Reverse, shares: int) -> Enter:
    """The entry that a reversal ends in."""
    side = Side.SHORT if trade.sign > 0 else Side.LONG
    size = Size(SizeUnit.SHARES, Number(float(shares)))
    return Enter(side, size, Symbol(trade.symbol), protection=action.protection)
