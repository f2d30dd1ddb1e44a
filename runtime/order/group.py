"""Orders that belong together: brackets, and orders of which one cancels the other.

A group links its orders when it is made: children carry their parent's id, members that cancel each other the name of
one OCA group. From there on it is the broker that cancels and holds back, also while nobody here is listening.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from ..broker.port import OrderType
from ..context import new_id
from .base import Order


class OrderGroup:
    """Orders under one name, in the order in which they are sent.

    Raises:
        ValueError: no orders, one of them twice, or one that was sent already.
    """

    def __init__(self, orders: Iterable[Order], group_id: str | None = None) -> None:
        self.orders = tuple(orders)
        self.group_id = group_id or new_id("group")
        if not self.orders:
            raise ValueError("a group needs at least one order")
        if len({order.order_id for order in self.orders}) != len(self.orders):
            raise ValueError(f"an order stands twice in group {self.group_id}")
        for order in self.orders:
            order.require_unsent()

    @property
    def order_ids(self) -> tuple[str, ...]:
        return tuple(order.order_id for order in self.orders)

    @property
    def is_done(self) -> bool:
        """Every order of the group is done."""
        return all(order.status.is_done for order in self.orders)

    def __iter__(self) -> Iterator[Order]:
        return iter(self.orders)

    def __len__(self) -> int:
        return len(self.orders)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.group_id} {list(self.order_ids)}>"


class OCOGroup(OrderGroup):
    """One cancels the other: the first complete fill cancels all other orders of the group, whatever their size."""

    def __init__(self, orders: Iterable[Order], group_id: str | None = None) -> None:
        super().__init__(orders, group_id)
        if len(self.orders) < 2:
            raise ValueError("an OCO group needs at least two orders: one of them cancels the others")
        for order in self.orders:
            if order.oca_group not in (None, self.group_id):
                raise ValueError(f"order {order.order_id} belongs to group {order.oca_group} already")
            order.oca_group = self.group_id


class BracketGroup(OrderGroup):
    """An entry with its stop, its target, or both, all of one size.

    The children live from the entry's first fill on; one of them filled completely cancels the other, and an entry that
    ends unfilled takes both along.

    Raises:
        ValueError: the children are not of the entry's symbol, size and opposite side, or on the wrong side of its
            stated price.
    """

    def __init__(
        self, entry: Order, stop: Order | None = None, target: Order | None = None, group_id: str | None = None
    ) -> None:
        children = [order for order in (stop, target) if order is not None]
        super().__init__((entry, *children), group_id)
        self.entry = entry
        self.stop = stop
        self.target = target
        if not children:
            raise ValueError("a bracket needs a stop or a target beside its entry")
        for child, role in ((stop, "stop"), (target, "target")):
            if child is not None:
                self._link(child, role)
        self._check_sides()

    @property
    def children(self) -> tuple[Order, ...]:
        return self.orders[1:]

    def _link(self, child: Order, role: str) -> None:
        if child.symbol != self.entry.symbol:
            raise ValueError(f"the {role} is for {child.symbol}, the entry for {self.entry.symbol}")
        if child.quantity != -self.entry.quantity:
            raise ValueError(
                f"the {role} must close what the entry opens: {-self.entry.quantity}, not {child.quantity}"
            )
        child.parent_id = self.entry.order_id
        child.oca_group = self.group_id
        child.role = role

    def _check_sides(self) -> None:
        if self.stop is not None and self.stop.order_type not in (
            OrderType.STOP,
            OrderType.STOP_LIMIT,
            OrderType.TRAIL,
        ):
            raise ValueError(f"a bracket's stop is a STOP, STOP_LIMIT or TRAIL order, not {self.stop.order_type.value}")
        if self.target is not None and self.target.order_type is not OrderType.LIMIT:
            raise ValueError(f"a bracket's target is a LIMIT order, not {self.target.order_type.value}")
        sign = 1 if self.entry.quantity > 0 else -1
        low = self.stop.stop_price if self.stop is not None else None
        middle = self.entry.limit_price if self.entry.limit_price is not None else self.entry.stop_price
        high = self.target.limit_price if self.target is not None else None
        prices = [price for price in (low, middle, high) if price is not None]
        if any((after - before) * sign <= 0 for before, after in pairwise(prices)):
            order = "below" if sign > 0 else "above"
            raise ValueError(f"the stop must lie {order} the entry, and the entry {order} the target")
