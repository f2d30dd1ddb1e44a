"""What the exchange refuses before an order reaches the book, with IB's codes."""

from __future__ import annotations

import attrs

from ...numbers import TickBand, tick_at
from .events import Code
from .orders import AT_CLOSE, ONE_CHANCE, BookOrder, Order, OrderKind, Status, Tif

PRICES_NEEDED = {
    OrderKind.LIMIT: ("limit_price",),
    OrderKind.STOP: ("stop_price",),
    OrderKind.STOP_LIMIT: ("limit_price", "stop_price"),
    OrderKind.MARKET_IF_TOUCHED: ("stop_price",),
    OrderKind.LIMIT_IF_TOUCHED: ("limit_price", "stop_price"),
    OrderKind.LIMIT_ON_CLOSE: ("limit_price",),
}
_AT_ONCE = (OrderKind.MARKET, OrderKind.LIMIT)


@attrs.frozen
class Refusal:
    code: Code
    text: str


def check_terms(order: Order, now: int, ticks: tuple[TickBand, ...] | None) -> Refusal | None:
    """Whether an order makes sense by itself, at a time (microseconds since 1970 UTC)."""
    if order.quantity <= 0:
        return Refusal(Code.SIZE_ZERO, "Order size cannot be zero.")
    for name in PRICES_NEEDED.get(order.kind, ()):
        if getattr(order, name) is None:
            return _invalid(f"a {order.kind.value} order needs a {name.replace('_', ' ')}")
    if order.trails and (order.trail_amount is None) == (order.trail_fraction is None):
        return _invalid(f"a {order.kind.value} order needs either an amount or a fraction")
    if order.kind is OrderKind.TRAIL_LIMIT and limit_offset(order) is None:
        return _invalid("a TRAIL LIMIT order needs a limit offset, or both a limit price and a stop price")
    refusal = None if order.tif is Tif.DAY else _check_time_in_force(order, now)
    if refusal is not None:
        return refusal
    for price in (order.limit_price, order.stop_price):
        if price is None:
            continue
        if price <= 0:
            return _invalid("a price must be above zero")
        if ticks is not None and price % tick_at(price, ticks) != 0:
            return Refusal(
                Code.PRICE_NOT_A_TICK, "The price does not conform to the minimum price variation for this contract."
            )
    return None


def limit_offset(order: Order) -> int | None:
    """By how much the limit of a TRAIL LIMIT lies beyond its stop (micros): as given, or as its first prices say."""
    if order.limit_offset is not None or order.limit_price is None or order.stop_price is None:
        return order.limit_offset
    return order.action.sign * (order.limit_price - order.stop_price)


def _check_time_in_force(order: Order, now: int) -> Refusal | None:
    if order.kind in AT_CLOSE:
        return Refusal(Code.TIF_MUST_BE_DAY, f"An order of type {order.kind.value} must be valid for the DAY only.")
    if order.tif in ONE_CHANCE and order.kind not in _AT_ONCE:
        return _rejected(f"time in force {order.tif.value} goes with MKT and LMT orders, not with {order.kind.value}")
    if order.tif is Tif.GTD and order.good_till is None:
        return _invalid("a GTD order needs a good-till date")
    if order.tif is Tif.GTD and order.good_till is not None and order.good_till <= now:
        return _rejected("its good-till date has passed")
    return None


def check_modification(
    book_order: BookOrder | None, new: Order, now: int, ticks: tuple[TickBand, ...] | None
) -> Refusal | None:
    """Whether an order can be changed into another: prices, quantity and time in force may change, nothing else."""
    if book_order is None:
        return Refusal(Code.ORDER_NOT_FOUND, f"Can't find order with id ={new.order_id}")
    if book_order.status is Status.FILLED:
        return Refusal(Code.FILLED_ORDER_CANNOT_BE_MODIFIED, "Cannot modify a filled order.")
    if book_order.status not in (Status.PENDING_SUBMIT, Status.PRE_SUBMITTED, Status.SUBMITTED):
        return Refusal(Code.NOT_IN_A_STATE_TO_BE_CHANGED, f"Order cannot be modified, state: {book_order.status.value}")
    old = book_order.order
    same = (
        (old.account, old.symbol, old.action, old.kind) == (new.account, new.symbol, new.action, new.kind)
        and new.parent_id in (old.parent_id, None)
        and new.oca_group in (book_order.oca_group, old.oca_group, None)
    )
    if not same:
        return Refusal(
            Code.DOES_NOT_MATCH_THE_ORIGINAL,
            "Order being modified does not match original order: only prices, quantity and time in force can change.",
        )
    return check_terms(new, now, ticks)


def _rejected(why: str) -> Refusal:
    return Refusal(Code.REJECTED, f"Order rejected - reason:{why}")


def _invalid(why: str) -> Refusal:
    return Refusal(Code.INVALID_REQUEST, f"Error validating request: {why}.")
