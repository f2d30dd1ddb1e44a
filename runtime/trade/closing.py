"""Closes a trade, or part of it, without ever leaving more to fill than is held.

A full exit cancels opening orders and targets; when they are confirmed dead, the stops; when those are confirmed dead,
one closing order goes out for what executions say remains. What is not confirmed is asked about, never skipped. A
partial exit first shrinks the protection, then sells. While the market is closed or the broker away, protection stays
and the exit waits for the open.
"""

from __future__ import annotations

import attrs

from ..broker.port import AskPosition, OrderSide, OrderSpec, OrderType, TimeInForce
from ..core.records import PositionChange
from ..order.lifecycle import OrderStatus
from ..order.working import Role, WorkingOrder
from .desk import Desk
from .levels import farthest_first
from .splitting import split_off, would_tighten
from .state import CloseReason, Closing, Origin, PartialExit, Slice, Trade, TradeStatus


def request_exit(desk: Desk, trade: Trade, reason: CloseReason, detail: str | None, origin: Origin) -> None:
    """Starts a full exit, or remembers it until the market is open and the broker there."""
    wanted = Closing(reason, detail, origin)
    trade.armed.clear()
    trade.status = TradeStatus.REVERSING if reason is CloseReason.REVERSE else TradeStatus.CLOSING
    if trade.opened_shares and not desk.can_trade(trade.symbol):
        trade.waiting_exit = wanted
        desk.timers.start_once(("open", trade.symbol), desk.hours.next_open(desk.now))
        return
    begin_exit(desk, trade, wanted)


def begin_exit(desk: Desk, trade: Trade, wanted: Closing) -> None:
    trade.waiting_exit = None
    trade.closing = wanted
    trade.winding_down = True
    trade.status = TradeStatus.REVERSING if wanted.reason is CloseReason.REVERSE else TradeStatus.CLOSING
    for partial in trade.exits:
        if partial.order is None:
            release(partial)
    trade.exits = [partial for partial in trade.exits if partial.order is not None]
    if trade.second_half is not None:
        start_reversal_clock(desk, trade)


def start_reversal_clock(desk: Desk, trade: Trade) -> None:
    """The second half is dropped when the first is not flat in time.

    A symbol known from bars alone has no price before its next bar is complete: there the clock starts with the first
    bar that can fill the close (`follow_bar`), and ends with the session at the latest.
    """
    due = desk.now + desk.policy.flat_within
    if desk.board.bar_fed(trade.symbol):
        due = max(due, desk.hours.session_close(desk.now))
    desk.timers.start(("reversal", trade.id), due)


def follow_bar(desk: Desk, trade: Trade, start: int) -> None:
    """A bar that began at or after the close was sent has been walked, and the trade is still not flat."""
    closing = trade.closing
    if trade.second_half is None or closing is None or closing.sent_at is None or start < closing.sent_at:
        return
    due = desk.now + desk.policy.flat_within
    running = desk.timers.due(("reversal", trade.id))
    if running is None or due < running:
        desk.timers.start(("reversal", trade.id), due)


def request_partial_exit(
    desk: Desk,
    trade: Trade,
    shares: int,
    reason: CloseReason,
    detail: str | None,
    origin: Origin,
    name: str | None = None,
) -> PartialExit:
    """Takes shares from slices without a target, then from the farthest target inward, and sells them.

    `name` is what the user calls the order that sells.
    """
    partial = PartialExit([], reason, detail, origin, wanted=shares, name=name)
    trade.exits.append(partial)
    trade.winding_down = True
    trade.armed.clear()
    if not desk.can_trade(trade.symbol):
        desk.timers.start_once(("open", trade.symbol), desk.hours.next_open(desk.now))
    return partial


def release(partial: PartialExit) -> None:
    for part, shares in partial.taken:
        part.reserved = max(0, part.reserved - shares)
    partial.taken = []


def settle_exits(desk: Desk, trade: Trade) -> None:
    """Moves partial exits on: reserve, wait until the protection has shrunk, sell, let go of what did not sell."""
    for partial in list(trade.exits):
        order = partial.order
        if order is not None:
            if order.is_done:
                release(partial)
                trade.exits.remove(partial)
            elif trade.closing is not None:
                desk.cancel(order)
            else:
                _keep_sale(desk, trade, partial, order)
            continue
        if not desk.can_trade(trade.symbol):
            release(partial)  # protection stays whole until it can be sold
            desk.timers.start_once(("open", trade.symbol), desk.hours.next_open(desk.now))
            continue
        if trade.closing is not None:
            continue
        if not partial.splits and trade.opening_orders():
            continue
        if not partial.taken:
            partial.taken = _take(trade, partial, partial.wanted)
            if not partial.taken:
                trade.exits.remove(partial)
                continue
        if not all(_has_shrunk(part) for part, _ in partial.taken):
            continue
        if partial.splits:
            split_off(trade, partial)
        else:
            _sell_part(desk, trade, partial)


def _keep_sale(desk: Desk, trade: Trade, partial: PartialExit, order: WorkingOrder) -> None:
    """Shares that a late fill closed meanwhile cannot be sold again: others take their place, or fewer are sold."""
    kept = []
    short = 0
    for part, shares in partial.taken:
        fits = max(0, min(shares, part.held - (part.reserved - shares)))
        part.reserved -= shares - fits
        short += shares - fits
        kept.append((part, fits))
    partial.taken = kept
    if short == 0:
        return
    more = _take(trade, partial, short)
    partial.taken += more
    short -= sum(shares for _, shares in more)
    wanted = order.spec.quantity - short
    if short and wanted > order.filled:
        desk.modify(order, attrs.evolve(order.spec, quantity=wanted))
    elif short:
        desk.cancel(order)


def _take(trade: Trade, partial: PartialExit, wanted: int) -> list[tuple[Slice, int]]:
    taken: list[tuple[Slice, int]] = []
    for part in farthest_first(trade):
        if partial.limit is not None and part.exit_at == partial.limit:
            continue  # these shares leave at that price already
        if partial.stop is not None and not would_tighten(trade, part, partial.stop):
            continue
        shares = min(wanted, part.to_protect)
        if shares > 0:
            part.reserved += shares
            taken.append((part, shares))
            wanted -= shares
    return taken


def _has_shrunk(part: Slice) -> bool:
    for order in (part.stop, part.limit):
        if order is not None and order.is_alive and (not order.is_settled or order.remaining > part.to_protect):
            return False
    return True


def _sell_part(desk: Desk, trade: Trade, partial: PartialExit) -> None:
    left = [(part, min(shares, max(0, part.held))) for part, shares in partial.taken]
    total = sum(shares for _, shares in left)
    if total == 0:
        release(partial)
        trade.exits.remove(partial)
        return
    partial.order = _closing_order(desk, trade, trade.side.opposite, total, partial.origin, partial.name)
    desk.place(partial.order)


def _closing_order(
    desk: Desk, trade: Trade, side: OrderSide, shares: int, origin: Origin, name: str | None = None
) -> WorkingOrder:
    """A market order that closes. It is good till cancelled: near the close it must not die and leave shares naked."""
    order_id = desk.next_id()
    order = desk.register(
        trade,
        OrderSpec(
            order_id=order_id,
            symbol=trade.symbol,
            side=side,
            quantity=shares,
            order_type=OrderType.MARKET,
            time_in_force=TimeInForce.GTC,
            reference=desk.reference(trade, Role.EXIT, order_id),
        ),
        Role.EXIT,
        origin.rule,
        name,
    )
    desk.timers.start(("accept", order_id), desk.now + desk.policy.accept_close_within)
    return order


def settle_closing(desk: Desk, trade: Trade) -> None:
    """Moves a full exit on by one stage, where the stage before is confirmed."""
    closing = trade.closing
    if closing is None or any(order.is_alive for order in trade.orders.values() if order is not closing.order):
        return
    net = trade.held
    order = closing.order
    if order is not None and order.is_alive:
        _keep_close(desk, trade, closing, order, net)
        return
    if net == 0:
        return
    if order is not None and (closing.abandon or order.status is OrderStatus.REJECTED):
        if net > 0:
            restore(desk, trade, closing)
        else:
            _try_again(desk, trade, closing)
        return
    if desk.now < closing.retry_at or (net < 0 and trade.symbol in desk.halted_symbols):
        return
    if (net < 0 or closing.must_confirm) and closing.confirmed_net != desk.portfolio.quantity(trade.symbol):
        _ask_position(desk, trade, closing)
        return
    side = trade.side.opposite if net > 0 else trade.side
    closing.order = _closing_order(desk, trade, side, abs(net), closing.origin)
    closing.sent_at = desk.now
    desk.place(closing.order)


def _try_again(desk: Desk, trade: Trade, closing: Closing) -> None:
    """A surplus has no stop that could be restored: its close is sent again after a while."""
    closing.order = None
    closing.abandon = False
    closing.confirmed_net = None
    closing.retry_at = desk.now + desk.policy.accept_close_within
    desk.timers.start(("settle", trade.id), closing.retry_at)


def flatten_surplus(desk: Desk, trade: Trade) -> None:
    """More was closed than was held, by a fill that crossed a cancel: closed too, once the broker's position agrees."""
    if trade.held < 0 and trade.closing is None:
        cause = trade.cause or CloseReason.EXIT
        begin_exit(desk, trade, Closing(cause, trade.detail, trade.origin, must_confirm=True))


def _keep_close(desk: Desk, trade: Trade, closing: Closing, order: WorkingOrder, net: int) -> None:
    """A late fill elsewhere changes what is left to close."""
    if closing.abandon or net * order.side.sign * -1 * trade.sign <= 0:
        desk.cancel(order)
        return
    wanted = order.filled + abs(net)
    if wanted != order.spec.quantity and order.status is not OrderStatus.SUBMITTED:
        desk.modify(order, attrs.evolve(order.spec, quantity=wanted))


def _ask_position(desk: Desk, trade: Trade, closing: Closing) -> None:
    """More was closed than was held: nothing is sent before the broker's position confirms it."""
    if not closing.asked_position:
        closing.asked_position = True
        desk.say("warning", trade.symbol, f"{trade.symbol}: more shares were closed than were held; asking the broker")
        desk.commands.append(AskPosition(trade.symbol))


def restore(desk: Desk, trade: Trade, closing: Closing) -> None:
    """The close did not happen: the stop comes back, and the trade goes on."""
    trade.closing = None
    trade.second_half = None
    desk.timers.cancel(("reversal", trade.id))
    trade.status = TradeStatus.OPEN
    desk.say("error", trade.symbol, f"the close of {trade.symbol} was not accepted: its stop is restored")


def conclude_if_over(desk: Desk, trade: Trade) -> bool:
    """Ends a trade whose executions sum to zero and whose orders are all confirmed dead; deletes its context."""
    if trade.held != 0 or any(order.is_alive for order in trade.orders.values()):
        return False
    if any(partial.order is None and partial.taken for partial in trade.exits):
        return False
    del desk.trades[trade.symbol]
    desk.concluded += 1
    for name in ("naked", "reanchor", "exit after", "reversal", "settle"):
        desk.timers.cancel((name, trade.id))
    if trade.opened_shares:
        trade.banked = trade.cash - trade.commission
        desk.banked += trade.banked
        cause = trade.cause or CloseReason.EXIT
        desk.show_position(trade, PositionChange.CLOSED, trade.cash - trade.commission, cause.value)
    return True
