"""Things that go wrong on request: a rejection, a partial fill, a fill after a confirmed cancel, shares too many.

Each waits for the first order that it fits and is used up by it. Which orders it fits is the caller's to say.
"""

from __future__ import annotations

from collections.abc import Callable

import attrs

from .events import Code
from .orders import BookOrder, Order, Tif

Fits = Callable[[Order], bool]


@attrs.frozen
class Rejected:
    """What a client is told of an order or a change that is refused by request.

    `cancels` tells whether a refused change takes the order with it.
    """

    code: int
    text: str
    cancels: bool = False


@attrs.frozen
class _Rejection:
    rejected: Rejected
    fits: Fits


@attrs.frozen
class _Quantity:
    quantity: int | None
    fits: Fits


@attrs.frozen
class _Preset:
    tif: Tif
    fits: Fits


@attrs.frozen
class LateFill:
    """Shares of an order that is done which the next price will fill all the same."""

    order: BookOrder
    quantity: int


class Faults:
    """What has been asked to go wrong and has not yet.

    `cancel_window` (microseconds) takes the place of the policy's while it is set: for so long a cancelled order, or
    the rest of a group without block, can still fill.
    """

    def __init__(self) -> None:
        self.cancel_window: int | None = None
        self._rejections: list[_Rejection] = []
        self._refused_changes: list[_Rejection] = []
        self._presets: list[_Preset] = []
        self._partials: list[_Quantity] = []
        self._late: list[_Quantity] = []
        self._overfills: list[_Quantity] = []
        self._late_fills: dict[str, list[LateFill]] = {}

    # ---- asked for -------------------------------------------------------------------------------------------------

    def reject_next(self, reason: str, fits: Fits) -> None:
        """A new order is rejected with code 201."""
        self.reject_next_as(Rejected(Code.REJECTED, f"Order rejected - reason:{reason}"), fits)

    def reject_next_as(self, rejected: Rejected, fits: Fits) -> None:
        """A new order is rejected with a code and a text of the caller's."""
        self._rejections.append(_Rejection(rejected, fits))

    def refuse_next_change(self, rejected: Rejected, fits: Fits) -> None:
        """A modification is refused; the order stays as it was, or is cancelled with it."""
        self._refused_changes.append(_Rejection(rejected, fits))

    def preset_next(self, tif: Tif, fits: Fits) -> None:
        """A new order gets another time in force than it was sent with."""
        self._presets.append(_Preset(tif, fits))

    def partial_next(self, quantity: int, fits: Fits) -> None:
        """A new order's first fill has at most so many shares."""
        self._partials.append(_Quantity(quantity, fits))

    def late_fill(self, quantity: int | None, fits: Fits) -> None:
        """An order that is cancelled fills so many shares at the next price all the same; None: all that it could."""
        self._late.append(_Quantity(quantity, fits))

    def overfill_next(self, quantity: int, fits: Fits) -> None:
        """An order that has filled whole fills so many shares more at the next price."""
        self._overfills.append(_Quantity(quantity, fits))

    # ---- looked up -------------------------------------------------------------------------------------------------

    def rejection(self, order: Order) -> Rejected | None:
        """Why this new order is to be rejected, or None."""
        return _take_rejection(self._rejections, order)

    def refused_change(self, order: Order) -> Rejected | None:
        """Why this change of an order is to be refused, or None."""
        return _take_rejection(self._refused_changes, order)

    def preset(self, order: Order) -> Order:
        """A new order as a preset makes it."""
        for fault in self._presets:
            if fault.fits(order):
                self._presets.remove(fault)
                return attrs.evolve(order, tif=fault.tif)
        return order

    def first_fill(self, order: Order) -> int | None:
        """At most how many shares the first fill of this order is to have, or None."""
        fault = _take_quantity(self._partials, order)
        return None if fault is None else fault.quantity

    def cancelled(self, order: BookOrder, could_fill: int) -> None:
        """An order was cancelled that could still have filled that many shares."""
        if could_fill <= 0:
            return
        fault = _take_quantity(self._late, order.order)
        if fault is not None:
            self._fill_late(order, could_fill if fault.quantity is None else min(fault.quantity, could_fill))

    def filled(self, order: BookOrder) -> None:
        """An order has filled whole."""
        fault = _take_quantity(self._overfills, order.order)
        if fault is not None and fault.quantity is not None:
            self._fill_late(order, fault.quantity)

    def has_late_fills(self, symbol: str) -> bool:
        return symbol in self._late_fills

    def take_late_fills(self, symbol: str) -> list[LateFill]:
        return self._late_fills.pop(symbol, [])

    def _fill_late(self, order: BookOrder, quantity: int) -> None:
        self._late_fills.setdefault(order.order.symbol, []).append(LateFill(order, quantity))


def _take_rejection(waiting: list[_Rejection], order: Order) -> Rejected | None:
    for fault in waiting:
        if fault.fits(order):
            waiting.remove(fault)
            return fault.rejected
    return None


def _take_quantity(waiting: list[_Quantity], order: Order) -> _Quantity | None:
    for fault in waiting:
        if fault.fits(order):
            waiting.remove(fault)
            return fault
    return None
