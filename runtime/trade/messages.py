"""What the broker says, taken into the books: executions, echoes, refusals.

Each function books one message and settles the trade that it touches. What an order is doing is known from executions
and statuses together: a callback that calls an order dead makes it suspect, and it is asked about.
"""

from __future__ import annotations

import attrs

from ..broker.port import (
    CancelRejected,
    Execution,
    ModifyRejected,
    OrderRejected,
    OrderSpec,
    OrderUpdate,
    WireStatus,
)
from ..core.policy import SECOND
from ..core.records import FillRecord, Outcome, PositionChange
from ..numbers import MICROS, to_float
from ..order.lifecycle import OrderHappening, OrderStatus
from ..order.working import Role, WorkingOrder
from . import adding
from .closing import request_exit
from .desk import Desk
from .ending import order_died
from .levels import nearest_open_target, slice_stop
from .locate import action_of, asked_by, follow_locate
from .outcome import Done
from .overfill import late_fill
from .pricing import is_tighter
from .protecting import anchor, stop_lost
from .settle import settle
from .state import CloseReason, Slice, Trade, TradeStatus
from .writing_off import even_out, write_off

_HAPPENING = {
    WireStatus.PENDING_SUBMIT: None,
    WireStatus.PRE_SUBMITTED: OrderHappening.ACKNOWLEDGE,
    WireStatus.SUBMITTED: OrderHappening.ACKNOWLEDGE,
    WireStatus.PENDING_CANCEL: None,
    WireStatus.CANCELLED: OrderHappening.CONFIRM_CANCEL,
    WireStatus.EXPIRED: OrderHappening.CONFIRM_EXPIRY,
    WireStatus.FILLED: None,  # the executions say so, with their prices
    WireStatus.INACTIVE: OrderHappening.CALL_DEAD,
}


def on_execution(desk: Desk, message: Execution) -> Trade | None:
    """Books shares that changed hands.

    Returns:
        The trade, where this concluded it.
    """
    undone, added = desk.portfolio.book(message)
    if added is None:
        _charge(desk, message)
        return None
    desk.doubted.pop(message.symbol, None)  # what a position told without it is no doubt any more
    order = desk.orders.get(message.order_id)
    if order is None:
        desk.halt_symbol(message.symbol, f"an execution of the unknown order {message.order_id}")
        return None
    if undone is not None:
        order.filled -= undone.quantity
        order.filled_value -= undone.quantity * undone.price
    order.filled += added.quantity
    order.filled_value += added.quantity * added.price
    happening = OrderHappening.FILL_REST if order.filled >= order.spec.quantity else OrderHappening.FILL_PART
    order.happen(happening)
    desk.records.append(
        FillRecord(
            time=desk.now,
            order=order.id,
            symbol=message.symbol,
            side=message.side,
            quantity=message.quantity,
            price=message.price,
            commission=message.commission,
        )
    )
    desk.show(order)
    trade = desk.trade_of[order.id]
    if trade.synced:  # what is told after a disconnection happened at a price of then
        desk.board.on_fill(message.symbol, to_float(message.price), desk.now)
    if order.opens:
        trade.recall(order)
    if undone is not None:
        _book(desk, trade, order, undone, -1)
    _book(desk, trade, order, added, 1)
    if desk.trades.get(trade.symbol) is not trade:
        if trade.held:
            late_fill(desk, trade)
        else:
            desk.say("warning", trade.symbol, f"an execution of the concluded trade {trade.id} was corrected")
        return None
    _expect_siblings(desk, trade, order)
    _follow_fill(desk, trade, order)
    if desk.foreign.of(trade.symbol) * trade.sign < 0:
        # an account nets its shares: ours went to close what somebody else had on the other side
        write_off(desk, trade, desk.account_holds(trade.symbol), message.price)
    return trade if settle(desk, trade) else None


def _charge(desk: Desk, message: Execution) -> None:
    """A commission that the broker told after the shares: no fill of its own, but what the trade has cost."""
    commission = desk.portfolio.charge(message)
    trade = desk.trade_of.get(message.order_id)
    if commission == 0 or trade is None:
        return
    trade.commission += commission
    if desk.trades.get(trade.symbol) is not trade:
        trade.banked -= commission
        desk.banked -= commission


def _book(desk: Desk, trade: Trade, order: WorkingOrder, execution: Execution, times: int) -> None:
    """The trade's own sums. Average cost: shares that leave do not change the average of those that stay."""
    quantity = execution.quantity * times
    value = execution.price * quantity
    signed = execution.side.sign * trade.sign
    trade.commission += execution.commission * times
    trade.cash -= execution.side.sign * value
    if order.opens:
        held_before = trade.held - quantity
        trade.opened_shares += quantity
        trade.opened_value += value
        if times < 0:
            whole = trade.opened_value / trade.opened_shares if trade.opened_shares else 0.0
            trade.average = whole / MICROS
        elif held_before <= 0:
            trade.average = execution.price / MICROS
        else:
            trade.average = (trade.average * held_before + value / MICROS) / trade.held
        if trade.was_cut:
            even_out(trade)
        return
    part = trade.slice_of(order)
    if part is not None:
        _close_in(trade, part, quantity)
    else:
        _spread_exit(trade, order, -signed * quantity)
    trade.cause = _cause(trade, order)


def _close_in(trade: Trade, part: Slice, quantity: int) -> None:
    """Shares that a slice's own order closed; what it did not hold any more (a late fill) comes off the others."""
    for other in (part, *trade.slices):
        used = max(0, min(quantity, other.held))
        other.closed += used
        if trade.was_cut and other is not part:
            other.written_off += used
        quantity -= used
    part.closed += quantity


def _spread_exit(trade: Trade, order: WorkingOrder, quantity: int) -> None:
    """An exit's shares come from the slices it was taken from, else from whichever hold some."""
    for partial in trade.exits:
        if partial.order is order:
            left = quantity
            taken = []
            for part, shares in partial.taken:
                used = max(0, min(shares, left, part.held))
                part.closed += used
                part.reserved -= used
                left -= used
                if shares > used:
                    taken.append((part, shares - used))
            partial.taken = taken
            if quantity > 0:
                quantity = left
            break
    for part in trade.slices:
        if quantity == 0:
            return
        used = min(part.held, quantity) if quantity > 0 else max(part.held, quantity)
        if used * quantity > 0:
            part.closed += used
            quantity -= used
    if quantity and trade.slices:
        trade.slices[0].closed += quantity


def _cause(trade: Trade, order: WorkingOrder) -> CloseReason:
    if order.role == Role.TRAIL:
        return CloseReason.TRAIL
    if order.role == Role.STOP:
        part = trade.slice_of(order)
        by_trail = trade.stop_from_trail and (part is None or slice_stop(trade, part) == trade.stop_price)
        return CloseReason.TRAIL if by_trail else CloseReason.STOP
    if order.role == Role.TARGET:
        part = trade.slice_of(order)
        if part is None or part.exit_at is None:
            return CloseReason.TARGET
        trade.detail = part.exit_detail
        return CloseReason.EXIT
    for partial in trade.exits:
        if partial.order is order:
            trade.detail = partial.detail
            return partial.reason
    if trade.closing is not None:
        trade.detail = trade.closing.detail
        return trade.closing.reason
    return CloseReason.EXIT


def _expect_siblings(desk: Desk, trade: Trade, order: WorkingOrder) -> None:
    """The broker itself reduces or cancels the other member of the OCA group: a wish of ours would race with that."""
    part = trade.slice_of(order)
    if part is None or order is part.parent:
        return
    if order is part.limit and order.status is OrderStatus.FILLED:
        part.target_given_up = True
        if part.target is not None and part.exit_at is None:
            _go_with_the_next(trade, part.target)
    sibling = part.limit if order is part.stop else part.stop
    if sibling is not None and sibling.is_alive and sibling.spec.oca_group == order.spec.oca_group:
        sibling.awaits_broker = True
        desk.timers.start(("answer", sibling.id), desk.now + desk.policy.answer_within)


def _go_with_the_next(trade: Trade, filled: int) -> None:
    """A target has filled: what has not opened yet belongs to the nearest one that is left, or to none."""
    trade.filled_targets.add(filled)
    for part in trade.slices:
        if part.target == filled and part.parent.is_alive and not part.parent.filled:
            part.target = nearest_open_target(trade)


def _follow_fill(desk: Desk, trade: Trade, order: WorkingOrder) -> None:
    if not order.opens:
        part = trade.slice_of(order)
        if order.role in (Role.STOP, Role.TRAIL, Role.EXIT) or (part is not None and part.exit_at is not None):
            trade.winding_down = True
            trade.armed.clear()
        if trade.held > 0:
            desk.show_position(trade, PositionChange.UPDATED, trade.realised())
        return
    first = trade.opened_at is None
    if first:
        trade.opened_at = desk.now
        trade.best = trade.peak = trade.average
        desk.opened_today += 1
        if trade.status is TradeStatus.OPENING:
            trade.status = TradeStatus.OPEN
        if trade.terms.exit_after is not None:
            desk.timers.start(("exit after", trade.id), desk.now + trade.terms.exit_after)
    if first or not order.is_alive or desk.now - (trade.last_anchor or 0) >= desk.policy.anchor_every:
        anchor(desk, trade)
    else:
        desk.timers.start_once(("reanchor", trade.id), desk.now + desk.policy.anchor_every)
    change = PositionChange.OPENED if first else PositionChange.UPDATED
    desk.show_position(trade, change, trade.realised())
    if trade.winding_down and trade.closing is None:
        # shares that came in after a stop or exit had filled are closed too
        request_exit(desk, trade, trade.cause or CloseReason.EXIT, trade.detail, trade.origin)


def on_update(desk: Desk, message: OrderUpdate) -> Trade | None:
    """Takes an echo: terms as the broker holds them, and what it says the order is doing."""
    order = desk.orders.get(message.order_id)
    if order is None:
        return None
    awaited = order.wanted is not None or order.cancel_sent
    if not awaited:
        desk.timers.cancel(("answer", order.id))
    if order.role == Role.EXIT:
        desk.timers.cancel(("accept", order.id))
    order.confirmed = True
    order.missing = False
    order.awaits_broker = message.status is WireStatus.PENDING_CANCEL
    if order.awaits_broker:
        desk.timers.start(("answer", order.id), desk.now + desk.policy.answer_within)
    order.spec = _echoed(order.spec, message)
    if order.wanted is not None and _answers(order, message):
        if order.trails:  # an echo does not tell how far it stays behind
            amount, fraction = order.wanted.trail_amount, order.wanted.trail_fraction
            order.spec = attrs.evolve(order.spec, trail_amount=amount, trail_fraction=fraction)
        is_for_the_day = message.time_in_force is not order.wanted.time_in_force
        order.wanted = None
        if is_for_the_day:
            _still_for_the_day(desk, order)
        else:
            order.for_the_day = order.modify_at = 0
        order.refusals = 0
    happening = _HAPPENING[message.status]
    if message.status is WireStatus.FILLED and order.filled >= message.quantity:
        happening = OrderHappening.FILL_REST  # its group or its parent had shrunk it to what has filled
    if happening is not None:
        was_cancelled_by_us = order.cancel_sent
        was_suspect = order.status is OrderStatus.SUSPECT
        order.happen(happening)
        if order.status is OrderStatus.SUSPECT and was_suspect:
            desk.timers.start(("answer", order.id), desk.now + desk.policy.answer_within)  # asked, and no wiser
        elif order.status is OrderStatus.SUSPECT:
            desk.ask(order)
    else:
        was_cancelled_by_us = order.cancel_sent
    if awaited and order.is_settled:  # other news of an order is no answer to what was asked of it
        desk.timers.cancel(("answer", order.id))
    follow_locate(desk, order, message)
    desk.show(order)
    trade = desk.trade_of[order.id]
    if desk.trades.get(trade.symbol) is not trade:
        return None
    if order.is_done:
        order_died(desk, trade, order, by_us=was_cancelled_by_us)
    if order.trails and order.is_alive and message.stop_price is not None:
        _follow_trail(trade)
    return trade if settle(desk, trade) else None


def _still_for_the_day(desk: Desk, order: WorkingOrder) -> None:
    """The broker took new terms, but holds a protective order for the day only: tried again, ever more slowly."""
    order.for_the_day += 1
    if order.for_the_day == 1:
        symbol = order.spec.symbol
        desk.say("error", symbol, f"the broker keeps the {order.shown_role} of {symbol} for today only")
        return
    order.modify_at = desk.now + SECOND * min(2**order.for_the_day, 60)
    desk.timers.start(("settle", order.trade_id), order.modify_at)


def _echoed(spec: OrderSpec, message: OrderUpdate) -> OrderSpec:
    """The terms as the broker holds them: what it says in place of what we believed."""
    limit = message.limit_price if spec.limit_price is not None else None
    group = message.oca_group if message.oca_group is not None else spec.oca_group
    if (
        spec.quantity == message.quantity
        and spec.limit_price == limit
        and spec.stop_price == message.stop_price
        and spec.oca_group == group
        and spec.time_in_force is message.time_in_force
    ):
        return spec
    return attrs.evolve(
        spec,
        quantity=message.quantity,
        limit_price=limit,
        stop_price=message.stop_price,
        time_in_force=message.time_in_force,
        oca_group=group,
    )


def _answers(order: WorkingOrder, message: OrderUpdate) -> bool:
    wanted = order.wanted
    assert wanted is not None
    return (
        message.quantity == wanted.quantity
        and (wanted.limit_price is None or message.limit_price == wanted.limit_price)
        and (order.trails or wanted.stop_price is None or message.stop_price == wanted.stop_price)
    )


def _follow_trail(trade: Trade) -> None:
    """The broker moves a TRAIL: the trade's stop is the tightest of its slices', those with their own aside."""
    prices = [
        part.stop.spec.stop_price
        for part in trade.slices
        if part.stop_at is None
        and part.stop is not None
        and part.stop.is_alive
        and part.stop.spec.stop_price is not None
    ]
    if prices:
        tightest = max(prices) if trade.sign > 0 else min(prices)
        if trade.stop_price is not None and is_tighter(trade.sign, tightest, trade.stop_price):
            trade.ratcheted = True
        trade.stop_price = tightest


def on_rejected(desk: Desk, message: OrderRejected) -> Trade | None:
    """The broker refused an order: a decision of its own says so; a stop of held shares comes back at once."""
    order = desk.orders.get(message.order_id)
    if order is None or order.is_done:
        return None
    desk.timers.cancel(("answer", order.id))
    desk.timers.cancel(("accept", order.id))
    order.happen(OrderHappening.REJECT)
    desk.show(order, reason=message.text)
    trade = desk.trade_of[order.id]
    if desk.trades.get(trade.symbol) is not trade:
        return None
    part = trade.slice_of(order)
    if order.opens or order.role == Role.EXIT:
        failed = Done(Outcome.FAILED, f"rejected: {message.text}", (order.id,))
        adding.decide(desk, trade, asked_by(trade, order), action_of(order), failed)
    if part is not None:
        if order is part.parent:
            order_died(desk, trade, order, by_us=False)
        elif order is part.stop:
            # protected at birth or not at all: what has not filled is withdrawn
            for parent in trade.opening_orders():
                desk.cancel(parent)
            stop_lost(desk, trade, part)
        elif order is part.limit:
            part.target_given_up = True
            desk.say("warning", trade.symbol, f"the target of {trade.symbol} was rejected: {message.text}")
    return trade if settle(desk, trade) else None


def on_refused_change(desk: Desk, message: ModifyRejected | CancelRejected) -> Trade | None:
    """A modification or cancel was refused: the order is unknown until asked, and the next wish waits a little."""
    order = desk.orders.get(message.order_id)
    if order is None or order.is_done:
        return None
    if order.trails and order.wanted is not None and order.wanted.stop_price != order.spec.stop_price:
        part = desk.trade_of[order.id].slice_of(order)
        if part is not None and part.restart_trail_at is None:
            part.restart_trail_at = order.wanted.stop_price
    order.wanted = None
    order.cancel_sent = False
    order.refusals += 1
    if order.refusals == 2 and isinstance(message, ModifyRejected):
        text = f"the broker keeps refusing to change the {order.shown_role} of {order.spec.symbol}: {message.text}"
        desk.say("warning", order.spec.symbol, text)
    if order.refusals > 1:
        order.retry_at = desk.now + SECOND * min(2**order.refusals, 60)
        desk.timers.start(("settle", order.trade_id), order.retry_at)
    order.happen(OrderHappening.LOSE_TRACK)
    desk.ask(order)
    return None
