"""The order book: every order by its ids, what rests of each symbol, families and groups, and what could fill now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import inf

import attrs

from .events import OrderEvent
from .orders import AT_CLOSE, LIMITED, ONE_CHANCE, TOUCHED, TRIGGERED_BY_PRICE, BookOrder, OrderKind, Status


class Book:
    """Holds orders and answers questions about them; it never decides what happens to one.

    An order that is done stays findable by its ids, so that a client can still ask about it.
    """

    def __init__(self, children_capped: bool) -> None:
        self._children_capped = children_capped
        self._by_permanent_id: dict[int, BookOrder] = {}
        self._by_key: dict[tuple[int, int], BookOrder] = {}
        self._children: dict[int, list[BookOrder]] = {}
        self._groups: dict[tuple[str, str], list[BookOrder]] = {}
        self._resting: dict[str, list[BookOrder]] = {}
        self._wakes: dict[str, tuple[float, float]] = {}
        self._numbers = 0

    def add(self, order: BookOrder) -> None:
        """A new order, held back or not."""
        self._by_permanent_id[order.permanent_id] = order
        self._by_key[order.order.key] = order
        if order.parent is not None:
            self._children.setdefault(order.parent.permanent_id, []).append(order)
        if order.oca_group is not None:
            self._groups.setdefault((order.order.account, order.oca_group), []).append(order)

    def rest(self, order: BookOrder) -> None:
        """An accepted order joins those that work, behind all that came before."""
        self._numbers += 1
        order.number = self._numbers
        self._resting.setdefault(order.order.symbol, []).append(order)

    def remove(self, order: BookOrder) -> None:
        """An order that is done no longer rests."""
        symbol = order.order.symbol
        resting = self._resting.get(symbol)
        if resting is not None and order in resting:
            resting.remove(order)
            if not resting:
                del self._resting[symbol]

    def find(self, client_id: int, order_id: int) -> BookOrder | None:
        return self._by_key.get((client_id, order_id))

    def by_permanent_id(self, permanent_id: int) -> BookOrder | None:
        return self._by_permanent_id.get(permanent_id)

    def all(self) -> Iterator[BookOrder]:
        return iter(self._by_permanent_id.values())

    def resting(self, symbol: str) -> Sequence[BookOrder]:
        """Working orders of a symbol, first come first. Not a copy: look, then act."""
        return self._resting.get(symbol, ())

    def has_resting(self, symbol: str) -> bool:
        return symbol in self._resting

    def wakes(self, symbol: str) -> tuple[float, float]:
        """Orders of a symbol can be met at or below the first of two prices, or at or above the second (micros).

        Kept until an order of the symbol changes, so that a price in between costs next to nothing.
        """
        wakes = self._wakes.get(symbol)
        if wakes is None:
            pairs = [wakes_at(order) for order in self.resting(symbol)]
            wakes = max((low for low, _ in pairs), default=-inf), min((high for _, high in pairs), default=inf)
            self._wakes[symbol] = wakes
        return wakes

    def changed(self, order: BookOrder) -> None:
        """Something about an order is not as it was."""
        self._wakes.pop(order.order.symbol, None)

    def with_one_chance(self, symbol: str) -> list[BookOrder]:
        """Working orders of a symbol that end after the first price that could have met them."""
        return [order for order in self.resting(symbol) if order.order.tif in ONE_CHANCE]

    def all_resting(self) -> Iterable[tuple[str, Sequence[BookOrder]]]:
        """Working orders by symbol, first come first. Not a copy: look, then act."""
        return self._resting.items()

    def children(self, parent: BookOrder) -> list[BookOrder]:
        return list(self._children.get(parent.permanent_id, ()))

    def siblings(self, order: BookOrder) -> list[BookOrder]:
        """The others of its group that still work."""
        if order.oca_group is None:
            return []
        group = self._groups.get((order.order.account, order.oca_group), ())
        return [other for other in group if other is not order and other.working]

    def group_has_filled(self, order: BookOrder) -> bool:
        """Whether another member of its group has filled whole."""
        if order.oca_group is None:
            return False
        group = self._groups.get((order.order.account, order.oca_group), ())
        return any(other is not order and other.status is Status.FILLED for other in group)

    def effective(self, order: BookOrder) -> int:
        """How many shares of an order could fill now: none of a held child, and of all children of a parent that
        still works together no more than it has filled."""
        remaining = order.quantity - order.filled
        parent = order.parent
        if parent is None:
            return remaining
        if parent.filled == 0:
            return 0
        if self._children_capped and parent.working:
            return max(0, min(remaining, self.left_for_children(parent)))
        return remaining

    def left_for_children(self, parent: BookOrder) -> int:
        return parent.filled - sum(child.filled for child in self._children.get(parent.permanent_id, ()))

    def snapshot(self, order: BookOrder) -> OrderEvent:
        echo = order.order
        held = (order.quantity, order.limit_price, order.stop_price, order.oca_group, order.oca_type)
        if held != (echo.quantity, echo.limit_price, echo.stop_price, echo.oca_group, echo.oca_type):
            echo = attrs.evolve(
                echo,
                quantity=order.quantity,
                limit_price=order.limit_price,
                stop_price=order.stop_price,
                oca_group=order.oca_group,
                oca_type=order.oca_type,
            )
        return OrderEvent(
            order=echo,
            permanent_id=order.permanent_id,
            parent_permanent_id=order.parent.permanent_id if order.parent else 0,
            status=order.status,
            filled=order.filled,
            effective=self.effective(order) if order.working else 0,
            why_held=why_held(order) if order.working else "",
            traded_value=order.traded_value,
            last_price=order.last_price,
            expired=order.expired,
        )


def why_held(order: BookOrder) -> str:
    """IB's words for why an order is not at the market: `child`, `trigger`, or both."""
    reasons = []
    if order.held_as_child:
        reasons.append("child")
    if order.order.kind in TRIGGERED_BY_PRICE and not order.triggered:
        reasons.append("trigger")
    return ",".join(reasons)


def wakes_at(order: BookOrder) -> tuple[float, float]:
    """At or below which price, and at or above which, an order can be met by itself.

    A trail watches every price, an order with one chance ends at the first whatever it is, one at the close waits for
    the time alone.
    """
    terms = order.order
    kind = terms.kind
    if order.held_as_child or kind in AT_CLOSE:
        return (-inf, inf)
    if (terms.trails and not order.triggered) or is_market_now(order) or terms.tif in ONE_CHANCE:
        return (inf, -inf)
    waits_for_limit = kind is OrderKind.LIMIT or order.triggered
    price = order.limit_price if waits_for_limit else order.stop_price
    if price is None:
        return (inf, -inf)
    downward = (waits_for_limit or kind in TOUCHED) == (terms.action.sign > 0)
    return (price, inf) if downward else (-inf, price)


def working_status(order: BookOrder) -> Status:
    """PreSubmitted while something holds it, else Submitted."""
    return Status.PRE_SUBMITTED if why_held(order) else Status.SUBMITTED


def is_alive(order: BookOrder) -> bool:
    return order.working and not order.held_as_child


def is_market_now(order: BookOrder) -> bool:
    """A market order, or one that has triggered and takes what it gets."""
    kind = order.order.kind
    return kind is OrderKind.MARKET or (order.triggered and kind not in LIMITED)
