"""What the account holds, told when it is certain to have been preceded by the executions that made it so.

The broker's positions and its executions come on two ways, either of which may be ahead. A position that the executions
since the last report explain is told at once. One that they do not explain is looked at again: only when two looks
agree, with no execution between them, is it told, and then somebody else has moved the shares.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from ..port import PositionReport
from .wire import PositionTold


class Positions:
    """One account's shares by symbol. `put` takes reports."""

    def __init__(self, put: Callable[[PositionReport], None]) -> None:
        self._put = put
        self._has_base = False
        self._reported: dict[str, int] = {}
        self._executed: dict[str, int] = {}
        self._latest: dict[str, int] = {}
        self._doubted: dict[str, tuple[int, int]] = {}
        self._in_look: dict[str, int] | None = None
        self._moved: set[str] = set()
        self._told: set[str] = set()

    def on_position(self, told: PositionTold) -> bool:
        """Takes what is held of a share; True where a look has to begin before it can be told."""
        symbol, quantity = told.contract.symbol, whole_shares(told.quantity)
        self._latest[symbol] = quantity
        if self._in_look is not None:
            self._in_look[symbol] = quantity
        if not self._has_base:
            return False  # the look that the session begins with tells it
        is_certain = self._tell_explained(symbol)
        return not is_certain and self._in_look is None

    def on_execution(self, symbol: str, change: int, *, live: bool) -> None:
        """Takes by how much an execution changed what is held; `live`: it was told as it happened."""
        self._executed[symbol] = self._executed.get(symbol, 0) + change
        if live and self._in_look is not None:
            self._moved.add(symbol)
        if self._has_base and self._latest.get(symbol, 0) != self._reported.get(symbol, 0):
            self._tell_explained(symbol)

    def begin(self) -> None:
        """A look begins: the positions are being asked for, then the executions."""
        self._in_look = {}
        self._moved = set()

    def abort(self) -> None:
        """The look was not answered to its end."""
        self._in_look = None

    def conclude(self, wanted: Iterable[str]) -> set[str]:
        """The look is over; tells what is certain, of the wanted symbols also what has not changed.

        Returns:
            Symbols that need another look.
        """
        found, self._in_look = self._in_look or {}, None
        wanted = set(wanted)
        symbols = {*wanted, *found, *self._reported, *self._executed, *self._latest}
        self._latest = {symbol: found.get(symbol, 0) for symbol in symbols}
        self._told = set()
        again = {symbol for symbol in sorted(symbols) if not self._conclude_one(symbol)}
        self._has_base = True
        for symbol in sorted(wanted - again - self._told):
            self._put(PositionReport(symbol, self._reported[symbol]))
        return again

    def _conclude_one(self, symbol: str) -> bool:
        quantity, executed = self._latest[symbol], self._executed.get(symbol, 0)
        if not self._has_base:
            if symbol in self._moved:
                # nobody can say whether the position was told before this execution or after it
                self._doubted[symbol] = (quantity, executed)
                return False
            self._report(symbol, quantity)
            return True
        if self._tell_explained(symbol):
            return True
        if symbol not in self._moved and self._doubted.get(symbol) == (quantity, executed):
            self._report(symbol, quantity)
            return True
        self._doubted[symbol] = (quantity, executed)
        return False

    def _tell_explained(self, symbol: str) -> bool:
        """Tells a symbol's position if the executions since the last report lead to it; says whether they do."""
        before = self._reported.get(symbol, 0)
        quantity = self._latest.get(symbol, 0)
        if before + self._executed.get(symbol, 0) != quantity:
            return False
        if quantity != before:
            self._report(symbol, quantity)
        else:
            self._reported[symbol] = quantity
            self._executed.pop(symbol, None)
            self._doubted.pop(symbol, None)
        return True

    def _report(self, symbol: str, quantity: int) -> None:
        self._reported[symbol] = quantity
        self._executed.pop(symbol, None)
        self._doubted.pop(symbol, None)
        self._told.add(symbol)
        self._put(PositionReport(symbol, quantity))


def whole_shares(quantity: float) -> int:
    """Whole shares; a part of one counts as one, so that a fraction of somebody else's is not taken for nothing."""
    return int(math.copysign(math.ceil(abs(quantity)), quantity))
