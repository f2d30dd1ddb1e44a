"""Adds to a trade: scale-ins armed until their profit is reached, double-downs resting on the losing side.

An added slice is a bracket like any other, born with the trade's present stop and the first target that is unfilled.
An armed action that triggers writes a decision of its own.
"""

from __future__ import annotations

from ...dsl.plan import DoubleDown, ScaleIn
from ..broker.port import OrderType
from ..core.records import ActionOutcome, Outcome
from ..numbers import to_float
from ..order.lifecycle import OrderStatus
from ..order.working import Role
from ..risk.gate import Intent
from ..risk.reasons import Reason
from . import bracket, outcome, terms
from .desk import Desk
from .levels import base_price, nearest_open_target, target_price
from .outcome import Done, ignored, number_of, refused, skipped
from .pricing import legal_entry_limit, level, profit_per_share
from .reference import reference, without_quote
from .state import ArmedScaleIn, Origin, RestingDoubleDown, Slice, Trade
from .terms import Missing


def arm_scale_in(desk: Desk, trade: Trade, action: ScaleIn, origin: Origin, index: int) -> Done:
    """Adds now if the trade is at that profit, else as soon as it is; once per trade, rule and action.

    With `at most N` the profit may be reached N times. Without a profit to wait for, each firing of the rule adds once.
    """
    key = (origin.identity, index)
    if trade.in_flight:
        return ignored(Reason.IN_FLIGHT)
    if trade.winding_down:
        return ignored(Reason.WINDING_DOWN)
    most = action.at_most if action.at_profit is None else 1
    if trade.scale_ins_asked.get(key, 0) >= most:
        return ignored(Reason.ALREADY_ARMED)
    try:
        at_profit = None
        if action.at_profit is not None:
            at_profit = terms.distance(action.at_profit, number_of(desk, origin.event))
    except Missing as missing:
        return skipped(missing)
    trade.scale_ins_asked[key] = trade.scale_ins_asked.get(key, 0) + 1
    armed = ArmedScaleIn(action, origin, key, 1 if at_profit is None else action.at_most, at_profit)
    price = desk.closing_price(trade.symbol, trade.side)
    if trade.complete and price is not None and is_due(trade, armed, price):
        done = scale_in(desk, trade, armed)
        armed.left -= 1
        if armed.left > 0 and done.acted:
            trade.armed.append(armed)
        return done
    trade.armed.append(armed)
    return Done(Outcome.ARMED)


def is_due(trade: Trade, armed: ArmedScaleIn, price: float) -> bool:
    """Whether the profit that a scale-in waits for is there, at what closing would bring."""
    if not trade.complete or trade.held <= 0:
        return False
    if any(part.parent.is_alive and part.parent.role == Role.SCALE for part in trade.slices):
        return False
    if armed.at_profit is None:
        return True
    wanted = level(armed.at_profit, trade.average, trade.sign, trade.initial_risk)
    # profits are compared as prices; a hair of slack lets 2% of 150 be reached at 153
    return wanted is not None and profit_per_share(trade.sign, wanted, price) >= -1e-9 * price


def trigger_scale_ins(desk: Desk, trade: Trade, price: float) -> None:
    """Sends the scale-ins whose profit is reached, each with a decision of its own."""
    if not desk.can_trade(trade.symbol):
        return
    for armed in list(trade.armed):
        if trade.winding_down or trade.in_flight or not is_due(trade, armed, price):
            continue
        if not desk.can_trade(trade.symbol):
            continue
        place = len(desk.records)
        done = scale_in(desk, trade, armed)
        armed.left -= 1
        if armed.left <= 0 or not done.acted:
            trade.armed.remove(armed)
        decide(desk, trade, armed.origin, "scale_in", done, place)


def scale_in(desk: Desk, trade: Trade, armed: ArmedScaleIn) -> Done:
    price = reference(desk, trade.symbol, trade.side, None)
    if isinstance(price, Reason):
        return refused(price)
    try:
        shares = _added_shares(desk, trade, armed.action, armed.origin, price)
    except Missing as missing:
        return skipped(missing)
    if shares < 1:
        return refused(Reason.SIZE_BELOW_ONE)
    reason = desk.judge(Intent(trade.symbol, trade.side, shares, price, adds=True))
    if reason is not None:
        return refused(reason)
    part = _add(desk, trade, Role.SCALE, armed.origin, shares, bracket.AT_MARKET)
    return Done(Outcome.ACTED, orders=tuple(order.id for order in part.orders()))


def _added_shares(desk: Desk, trade: Trade, action: ScaleIn | DoubleDown, origin: Origin, price: float) -> int:
    risk = None if trade.stop_price is None else abs(price - to_float(trade.stop_price))
    return terms.shares(
        action.size,
        number_of(desk, origin.event),
        price=price,
        risk=risk,
        equity=desk.equity,
        position=trade.held,
    )


def _add(desk: Desk, trade: Trade, role: str, origin: Origin, shares: int, entry: bracket.Entry) -> Slice:
    target = nearest_open_target(trade)
    price = None if target is None else target_price(trade, target, base_price(trade))
    part = bracket.open_slice(desk, trade, role, origin.rule, shares, entry, target, price)
    part.origin = origin
    return part


def rest_double_down(desk: Desk, trade: Trade, action: DoubleDown, origin: Origin, index: int) -> Done:
    """Wants a limit order on the losing side for as long as the trade lives; once per trade, rule and action."""
    key = (origin.identity, index)
    if trade.in_flight:
        return ignored(Reason.IN_FLIGHT)
    if trade.winding_down:
        return ignored(Reason.WINDING_DOWN)
    if key in trade.used_keys:
        return ignored(Reason.ALREADY_ARMED)
    try:
        number = number_of(desk, origin.event)
        at_loss = None if action.at_loss is None else terms.distance(action.at_loss, number)
        to_stop = None if action.to_stop is None else number(action.to_stop)
    except Missing as missing:
        return skipped(missing)
    trade.used_keys.add(key)
    trade.double_downs.append(RestingDoubleDown(action, origin, key, at_loss, to_stop))
    return Done(Outcome.ARMED)


def settle_double_downs(desk: Desk, trade: Trade) -> None:
    """Places what is wanted and can be, again at each open; cancels one that the stop has come up to."""
    for resting in trade.double_downs:
        part = resting.slice
        if part is not None:
            _follow(desk, trade, resting, part)
        if resting.slice is not None or resting.spent or trade.winding_down or trade.in_flight:
            continue
        if trade.complete and trade.held > 0:
            _place(desk, trade, resting)


def _follow(desk: Desk, trade: Trade, resting: RestingDoubleDown, part: Slice) -> None:
    parent = part.parent
    if parent.filled:
        resting.spent = True
    if parent.is_alive:
        price = parent.spec.limit_price
        if price is not None and _beyond_stop(trade, price) and not part.parent.filled:
            desk.cancel(parent)
    elif not resting.spent:
        if parent.status is OrderStatus.EXPIRED:
            resting.resting_until = desk.hours.next_open(desk.now)
            if all(order.is_done for order in part.orders()):
                trade.retire(part)
                resting.slice = None
        else:
            resting.spent = True


def _beyond_stop(trade: Trade, price: int) -> bool:
    return trade.stop_price is not None and (price - trade.stop_price) * trade.sign <= 0


def _place(desk: Desk, trade: Trade, resting: RestingDoubleDown) -> None:
    if desk.now < resting.resting_until or not desk.can_trade(trade.symbol):
        desk.timers.start_once(("open", trade.symbol), max(desk.hours.next_open(desk.now), resting.resting_until))
        return
    if desk.at_broker and without_quote(desk, trade.symbol) is not None:
        desk.timers.start_once(("settle", trade.id), desk.now + desk.policy.first_quote_within)  # for a price
        return
    again = resting.announced
    place = len(desk.records)
    done = _send_double_down(desk, trade, resting)
    resting.announced = True
    if not done.acted:
        resting.spent = True
    if not again or not done.acted:
        decide(desk, trade, resting.origin, "double_down", done, place)


def double_down_price(trade: Trade, resting: RestingDoubleDown) -> int | None:
    """Where it rests, in micros: a distance from the average entry, or a share of the way to the stop."""
    if resting.to_stop is not None:
        if trade.stop_price is None:
            return None
        price: float | None = trade.average + resting.to_stop * (to_float(trade.stop_price) - trade.average)
    elif resting.at_loss is not None:
        price = level(resting.at_loss, trade.average, -trade.sign, trade.initial_risk)
    else:
        price = None
    return None if price is None else legal_entry_limit(price, trade.sign, trade.steps)


def _send_double_down(desk: Desk, trade: Trade, resting: RestingDoubleDown) -> Done:
    price = double_down_price(trade, resting)
    if price is None:
        return skipped(Missing("stop"))
    if price <= 0 or _beyond_stop(trade, price):
        return refused(Reason.BEYOND_STOP)
    try:
        shares = _added_shares(desk, trade, resting.action, resting.origin, to_float(price))
    except Missing as missing:
        return skipped(missing)
    if shares < 1:
        return refused(Reason.SIZE_BELOW_ONE)
    reason = desk.judge(Intent(trade.symbol, trade.side, shares, to_float(price), stated=True, adds=True))
    if reason is not None:
        return refused(reason)
    entry = bracket.Entry(OrderType.LIMIT, limit_price=price)
    resting.slice = _add(desk, trade, Role.DOUBLE_DOWN, resting.origin, shares, entry)
    return Done(Outcome.ACTED, orders=tuple(order.id for order in resting.slice.orders()))


def decide(desk: Desk, trade: Trade, origin: Origin, action: str, done: Done, place: int | None = None) -> None:
    """The decision of something that a rule armed on a trade; see `outcome.decide`."""
    outcome.decide(desk, trade.symbol, origin, ActionOutcome(action, done.outcome, done.reason, done.orders), place)
