"""An exchange's orders as records that can be kept and brought back after a restart.

What an order was told about the market (which event it arrived at, which it filled on) is left out: events are counted
anew, and whatever comes next is later than all that was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from .book import Book
from .orders import BookOrder, OcaType, Order, Status


@attrs.frozen
class SavedOrder:
    """All that is to be known of an order; see `BookOrder`. `parent` is its parent's permanent id."""

    order: Order
    permanent_id: int
    sent: int
    quantity: int
    limit_price: int | None
    stop_price: int | None
    oca_group: str | None
    oca_type: OcaType
    parent: int | None
    status: Status
    number: int
    filled: int
    traded_value: int
    last_price: int
    commission: int
    triggered: bool
    expired: bool
    expires: int | None
    cancel_due: int | None
    not_before: int
    next_fill_at_most: int | None


_AS_THEY_ARE = tuple(field.name for field in attrs.fields(SavedOrder) if field.name != "parent")


def to_saved(order: BookOrder) -> SavedOrder:
    values = {name: getattr(order, name) for name in _AS_THEY_ARE}
    return SavedOrder(parent=order.parent.permanent_id if order.parent else None, **values)


def bring_back(saved: Iterable[SavedOrder], book: Book) -> Sequence[BookOrder]:
    """Puts saved orders into an empty book, those that work in the order in which they rested; answers them.

    Raises:
        ValueError: an order names a parent that is not there.
    """
    orders: dict[int, BookOrder] = {}
    for each in sorted(saved, key=lambda each: each.permanent_id):
        values = {name: getattr(each, name) for name in _AS_THEY_ARE}
        parent = None if each.parent is None else orders.get(each.parent)
        if each.parent is not None and parent is None:
            raise ValueError(f"order {each.permanent_id} names a parent {each.parent} that is not there")
        orders[each.permanent_id] = BookOrder(arrived=0, parent=parent, **values)
    for order in orders.values():
        book.add(order)
    for order in sorted(orders.values(), key=lambda order: order.number):
        if order.working:
            book.rest(order)
    return tuple(orders.values())
