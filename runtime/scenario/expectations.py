"""What a test expects, judged against what there is and what happened.

`stop`, `target`, `order`, `position`, `flat`, `no orders` and `halted` ask how things stand now; `enter`, `exit`,
`fired`, `not fired` and `refused` what came of the steps since the expectations before. The answer is None where it is
as expected, else what there is instead, in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import assert_never

from ...dsl import scenario
from ...dsl.plan import Side
from ...dsl.scenario import Judged, Priced
from ..broker.port import OrderSide
from ..core.records import Decision, FillRecord, OrderRecord, OrderState, Outcome
from ..numbers import decimal_text, to_micros
from ..order.working import CLOSING_ROLES, Role, WorkingOrder
from ..trade.levels import tightest_stop
from .stage import Stage

_SIDES = {Side.LONG: OrderSide.BUY, Side.SHORT: OrderSide.SELL}
_ROLES = {
    Priced.STOP: frozenset({Role.STOP, Role.TRAIL}),
    Priced.TARGET: frozenset({Role.TARGET}),
    Priced.ANY: None,
}
_FIRED = frozenset({Outcome.ACTED, Outcome.REVERSED, Outcome.ARMED})


def judge(expected: scenario.Expectation, stage: Stage) -> str | None:
    """What there is instead of what is expected; None where it is so."""
    match expected:
        case scenario.ExpectEnter():
            return _enter(expected, stage)
        case scenario.ExpectExit():
            return _exit(expected, stage)
        case scenario.ExpectPrice():
            return _price(expected, stage)
        case scenario.ExpectPosition():
            held = stage.engine.desk.portfolio.quantity(expected.symbol)
            sign = 1 if expected.side is Side.LONG else -1
            return None if held == sign * expected.quantity else position_text(expected.symbol, held)
        case scenario.ExpectFlat():
            held = stage.engine.desk.portfolio.quantity(expected.symbol)
            return None if held == 0 else position_text(expected.symbol, held)
        case scenario.ExpectNoOrders():
            working = len(list(_working(stage, expected.symbol)))
            of = "" if expected.symbol is None else f" of {expected.symbol}"
            return f"{working} {'order works' if working == 1 else 'orders work'}{of}" if working else None
        case scenario.ExpectRule():
            return _rule(expected, stage)
        case scenario.ExpectHalted():
            halts = stage.engine.halts
            today = stage.engine.desk.hours.day(stage.now)
            return None if halts.halted or halts.loss_halted(today) else "nothing is halted"
        case _:
            assert_never(expected)


def position_text(symbol: str, held: int) -> str:
    """`AAPL is flat`, `AAPL is long 100`."""
    return f"{symbol} is flat" if held == 0 else f"{symbol} is {'long' if held > 0 else 'short'} {abs(held):,}"


# ---- what happened -------------------------------------------------------------------------------------------------


def _enter(expected: scenario.ExpectEnter, stage: Stage) -> str | None:
    """Entry orders that were sent and not rejected, all slices of them together."""
    entered = _sent(stage, Role.MAIN, expected.symbol)
    sides = {one.side for one in entered}
    quantity = sum(one.quantity for one in entered)
    if not entered:
        rejected = [one for one in stage.records if _is_rejected_entry(one, expected.symbol)]
        return "the entry was rejected" if rejected else f"nothing was entered of {expected.symbol}"
    if sides == {_SIDES[expected.side]} and expected.quantity in (None, quantity):
        return None
    word = "long" if OrderSide.BUY in sides else "short"
    return f"entered: {word} {quantity:,} of {expected.symbol}"


def _is_rejected_entry(record: object, symbol: str) -> bool:
    return (
        isinstance(record, OrderRecord)
        and record.symbol == symbol
        and record.role == Role.MAIN
        and record.status is OrderState.REJECTED
    )


def _exit(expected: scenario.ExpectExit, stage: Stage) -> str | None:
    """Closing orders that were sent and not rejected, and what stops, trails and targets have filled."""
    sent = sum(one.quantity for one in _sent(stage, Role.EXIT, expected.symbol))
    protective = CLOSING_ROLES - {Role.EXIT}
    filled = sum(
        one.quantity
        for one in stage.records
        if isinstance(one, FillRecord)
        and one.symbol == expected.symbol
        and stage.engine.desk.orders[one.order].role in protective
    )
    closed = sent + filled
    if closed and expected.quantity in (None, closed):
        return None
    return f"closed: {closed:,} of {expected.symbol}" if closed else f"nothing was closed of {expected.symbol}"


def _sent(stage: Stage, role: str, symbol: str) -> list[OrderRecord]:
    """The first record of each order of a role that was sent since the page was turned, without those rejected."""
    found: dict[str, OrderRecord] = {}
    for record in stage.records:
        if isinstance(record, OrderRecord) and (record.role, record.symbol) == (role, symbol):
            if record.status is OrderState.SUBMITTED:
                found[record.id] = record
            elif record.status is OrderState.REJECTED:
                found.pop(record.id, None)
    return list(found.values())


def _rule(expected: scenario.ExpectRule, stage: Stage) -> str | None:
    decisions = list(decisions_of(stage, expected.rule))
    fired = any(decision.outcome in _FIRED for decision in decisions)
    match expected.judged:
        case Judged.FIRED:
            return None if fired else _not_fired(decisions)
        case Judged.NOT_FIRED:
            return "it fired" if fired else None
        case Judged.REFUSED:
            refused = any(
                Outcome.REFUSED in (decision.outcome, *(done.outcome for done in decision.actions))
                for decision in decisions
            )
            return None if refused else "it fired" if fired else _not_fired(decisions)


def _not_fired(decisions: list[Decision]) -> str:
    if not decisions:
        return "it did not fire"
    last = decisions[-1]
    reason = "" if last.reason is None else f": {last.reason}"
    word = "failed" if last.outcome is Outcome.FAILED else f"was {last.outcome.value}"
    return f"it {word}{reason}"


def decisions_of(stage: Stage, rule: str) -> Iterator[Decision]:
    """The decisions of a rule, named in full, since the page was turned."""
    known = {(one.rule.label, str(one.rule.place)) for one in stage.engine.rules if one.rule and one.rule.name == rule}
    for moment in stage.moments:
        if isinstance(moment, Decision) and (moment.rule, moment.at) in known:
            yield moment


# ---- how things stand ----------------------------------------------------------------------------------------------


def _price(expected: scenario.ExpectPrice, stage: Stage) -> str | None:
    """All stops of a symbol stand at the price; of targets and other orders one does."""
    roles = _ROLES[expected.orders]
    orders = [one for one in _working(stage, expected.symbol) if roles is None or one.role in roles]
    prices = sorted({price for order in orders for price in _prices(stage, order)})
    wanted = to_micros(expected.price)
    if expected.orders is Priced.STOP:
        is_met = prices == [wanted]
    else:
        is_met = wanted in prices
    if is_met:
        return None
    noun = expected.orders.value
    if not prices:
        return f"no {noun} of {expected.symbol} works"
    return f"{noun} of {expected.symbol} at {_listed(map(_price_text, prices))}"


def _prices(stage: Stage, order: WorkingOrder) -> Iterator[int]:
    """Where an order stands: its limit, its stop, or where a trail is by now."""
    stated = [price for price in (order.spec.stop_price, order.spec.limit_price) if price is not None]
    if not stated and order.role == Role.TRAIL:
        trade = stage.engine.desk.trade_of.get(order.id)
        stop = None if trade is None else tightest_stop(trade)
        stated = [] if stop is None else [stop]
    yield from stated


def _working(stage: Stage, symbol: str | None) -> Iterator[WorkingOrder]:
    for order in stage.engine.desk.orders.values():
        if order.is_alive and symbol in (None, order.spec.symbol):
            yield order


def _price_text(price: int) -> str:
    return f"${decimal_text(price).removesuffix('.0')}"


def _listed(texts: Iterable[str]) -> str:
    *first, last = texts
    return f"{', '.join(first)} and {last}" if first else last
