"""Builds the orders of a slice: a parent that opens shares, born with its own stop and at most one target."""

from __future__ import annotations

import attrs

from ..broker.port import OrderSpec, OrderType, TimeInForce
from ..numbers import to_micros
from ..order.working import Role
from .desk import Desk
from .levels import slice_stop
from .state import Slice, TermUnit, Trade


@attrs.frozen
class Entry:
    """How shares are bought or sold to open: at market, or at stated prices in micros."""

    order_type: OrderType
    limit_price: int | None = None
    stop_price: int | None = None


AT_MARKET = Entry(OrderType.MARKET)


def open_slice(
    desk: Desk,
    trade: Trade,
    role: str,
    rule: str,
    shares: int,
    entry: Entry,
    target: int | None,
    target_at: int | None,
) -> Slice:
    """Sends one bracket and adds its slice to the trade.

    Args:
        target: index of the trade's target that this slice goes with, None for none.
        target_at: the target's price in micros.
    """
    parent_id = desk.next_id()
    parent = desk.register(
        trade,
        OrderSpec(
            order_id=parent_id,
            symbol=trade.symbol,
            side=trade.side,
            quantity=shares,
            order_type=entry.order_type,
            time_in_force=TimeInForce.DAY,
            limit_price=entry.limit_price,
            stop_price=entry.stop_price,
            reference=desk.reference(trade, role, parent_id),
        ),
        role,
        rule,
    )
    known = desk.board.reference(trade.symbol, buy=trade.sign > 0)
    parent.counts_at = trade.reference if known is None or not trade.opened_shares else known[0]
    part = Slice(size=shares, parent=parent, target=target)
    family = [parent]
    if trade.stop_price is not None or trade.terms.broker_trails:
        spec = stop_spec(desk, trade, part, shares, parent_id=parent_id)
        part.stop = desk.register(trade, spec, stop_role(trade), rule)
        family.append(part.stop)
    if target_at is not None:
        part.limit = desk.register(
            trade, target_spec(desk, trade, shares, target_at, parent_id=parent_id), Role.TARGET, rule
        )
        family.append(part.limit)
    trade.slices.append(part)
    desk.place(*family)
    return part


def stop_role(trade: Trade) -> str:
    return Role.TRAIL if trade.terms.broker_trails else Role.STOP


def trail_terms(trade: Trade) -> tuple[int | None, float | None]:
    """How far the broker's TRAIL stays behind: an amount in micros, or a fraction; neither where it does not trail."""
    trail = trade.terms.trail
    if trail is None or not trade.terms.broker_trails:
        return None, None
    if trail.distance.unit is TermUnit.FRACTION:
        return None, trail.distance.value
    return to_micros(trail.distance.value), None


def stop_spec(
    desk: Desk,
    trade: Trade,
    part: Slice,
    quantity: int,
    *,
    parent_id: str | None = None,
    oca_group: str | None = None,
) -> OrderSpec:
    """The stop of a slice: one STP at its stop price, or the broker's TRAIL where a trail stands alone."""
    order_id = desk.next_id()
    amount, fraction = trail_terms(trade)
    trails = amount is not None or fraction is not None
    return OrderSpec(
        order_id=order_id,
        symbol=trade.symbol,
        side=trade.side.opposite,
        quantity=quantity,
        order_type=OrderType.TRAIL if trails else OrderType.STOP,
        time_in_force=TimeInForce.GTC,
        stop_price=slice_stop(trade, part),
        trail_amount=amount,
        trail_fraction=fraction,
        parent_id=parent_id,
        oca_group=oca_group,
        reference=desk.reference(trade, stop_role(trade), order_id),
    )


def target_spec(
    desk: Desk,
    trade: Trade,
    quantity: int,
    price: int,
    *,
    parent_id: str | None = None,
    oca_group: str | None = None,
) -> OrderSpec:
    order_id = desk.next_id()
    return OrderSpec(
        order_id=order_id,
        symbol=trade.symbol,
        side=trade.side.opposite,
        quantity=quantity,
        order_type=OrderType.LIMIT,
        time_in_force=TimeInForce.GTC,
        limit_price=price,
        parent_id=parent_id,
        oca_group=oca_group,
        reference=desk.reference(trade, Role.TARGET, order_id),
    )
