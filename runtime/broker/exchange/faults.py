"""Things that go wrong on request: a rejection, a partial fill, a fill after a confirmed cancel.

Each waits for the first order that it fits and is used up by it. Which orders it fits is the caller's to say.
"""

from __future__ import annotations

from collections.abc import Callable

import attrs

from .orders import BookOrder, Order

Fits = Callable[[Order], bool]


@attrs.frozen
class _Rejection:
    reason: str
    fits: Fits


@attrs.frozen
class _Quantity:
    quantity: int | None
    fits: Fits


@attrs.frozen
class LateFill:
    """Shares of a cancelled order that the next price will fill all the same."""

    order: BookOrder
    quantity: int


class Faults:
    """What has been asked to go wrong and has not yet."""

    def __init__(self) -> None:
        self._rejections: list[_Rejection] = []
        self._partials: list[_Quantity] = []
        self._late: list[_Quantity] = []
        self._late_fills: dict[str, list[LateFill]] = {}

    def reject_next(self, reason: str, fits: Fits) -> None:
        self._rejections.append(_Rejection(reason, fits))

    def partial_next(self, quantity: int, fits: Fits) -> None:
        self._partials.append(_Quantity(quantity, fits))

    def late_fill(self, quantity: int | None, fits: Fits) -> None:
        self._late.append(_Quantity(quantity, fits))

    def rejection(self, order: Order) -> str | None:
        """Why this order is to be rejected, or None."""
        for fault in self._rejections:
            if fault.fits(order):
                self._rejections.remove(fault)
                return fault.reason
        return None

    def first_fill(self, order: Order) -> int | None:
        """At most how many shares the first fill of this order is to have, or None."""
        for fault in self._partials:
            if fault.fits(order):
                self._partials.remove(fault)
                return fault.quantity
        return None

    def cancelled(self, order: BookOrder, could_fill: int) -> None:
        """An order was cancelled that could still have filled that many shares."""
        if could_fill <= 0:
            return
        for fault in self._late:
            if fault.fits(order.order):
                self._late.remove(fault)
                quantity = could_fill if fault.quantity is None else min(fault.quantity, could_fill)
                self._late_fills.setdefault(order.order.symbol, []).append(LateFill(order, quantity))
                return

    def has_late_fills(self, symbol: str) -> bool:
        return symbol in self._late_fills

    def take_late_fills(self, symbol: str) -> list[LateFill]:
        return self._late_fills.pop(symbol, [])
