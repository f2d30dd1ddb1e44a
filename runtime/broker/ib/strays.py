"""Orders that bear a reference of this instance, and that nothing we know has sent."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from ..port import OrderSide, StrayOrder
from .wire import OpenOrderTold, StatusTold

_WORKS = ("ApiPending", "PendingSubmit", "PreSubmitted", "Submitted", "Inactive")


@attrs.define(eq=False)
class _Stray:
    told: OpenOrderTold
    remaining: int
    is_told: bool = False
    is_seen: bool = True


class Strays:
    """The strays of a connection, by the broker's permanent id. `put` takes each once."""

    def __init__(self, put: Callable[[StrayOrder], None]) -> None:
        self._put = put
        self._strays: dict[int, _Stray] = {}

    def on_open_order(self, told: OpenOrderTold) -> bool:
        """Takes an order that bears our reference; True where it is new and has to be told."""
        known = self._strays.get(told.permanent_id)
        if known is not None:
            known.told = told
            known.is_seen = True
            return False
        if told.status and told.status not in _WORKS:
            return False
        self._strays[told.permanent_id] = _Stray(told, round(told.quantity))
        return True

    def on_status(self, told: StatusTold) -> None:
        stray = self._strays.get(told.permanent_id)
        if stray is not None and told.status in _WORKS:
            stray.remaining = round(told.remaining)
        elif stray is not None and told.status != "PendingCancel":
            del self._strays[told.permanent_id]

    def begin(self, *, anew: bool) -> None:
        """A look begins; after a new start all are told again."""
        for stray in self._strays.values():
            stray.is_seen = False
            stray.is_told = stray.is_told and not anew

    def conclude(self) -> None:
        """Tells those that the look has found, and forgets those that it has not."""
        self._strays = {number: stray for number, stray in self._strays.items() if stray.is_seen}
        for number, stray in self._strays.items():
            if not stray.is_told:
                stray.is_told = True
                told = stray.told
                side = OrderSide.BUY if told.action == "BUY" else OrderSide.SELL
                self._put(StrayOrder(number, told.reference, told.contract.symbol, side, stray.remaining))

    def find(self, number: int) -> OpenOrderTold | None:
        """How the broker told a stray, by its permanent id."""
        stray = self._strays.get(number)
        return None if stray is None else stray.told
