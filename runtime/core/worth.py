"""What the account's shares are worth, reckoned anew only where a price or a holding has changed since the last."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

import attrs

from ..trade.desk import Desk


@attrs.define(eq=False)
class HeldWorth:
    """Shares of ours and foreign ones at their marks, by symbol, in currency; shorts are negative."""

    desk: Desk
    _worth: dict[str, float] = attrs.Factory(dict)
    _unpriced: set[str] = attrs.Factory(set)  # held, without a price

    def gross(self, without: str, among: Collection[str] | None, opening: Mapping[str, float]) -> float | None:
        """The worth of all symbols but one, or of these, shorts counted like longs; None where a price is unknown.

        `opening` is what opening orders are to add, signed, by symbol.
        """
        self._follow()
        worth = self._worth

        def counts(symbol: str) -> bool:
            return symbol != without and (among is None or symbol in among)

        if any(map(counts, self._unpriced)):
            return None
        if among is None:
            total = math.fsum(map(abs, worth.values())) - abs(worth.get(without, 0.0))
        else:
            total = math.fsum(abs(held) for symbol, held in worth.items() if counts(symbol))
        for symbol, added in opening.items():
            if counts(symbol):
                held = worth.get(symbol, 0.0)
                total += abs(held + added) - abs(held)
        return total

    def _follow(self) -> None:
        desk, worth, unpriced = self.desk, self._worth, self._unpriced
        changed = desk.portfolio.moved | desk.foreign.moved
        changed |= desk.board.moved & worth.keys()
        changed |= desk.board.moved & unpriced
        for moved in (desk.board.moved, desk.portfolio.moved, desk.foreign.moved):
            moved.clear()
        for symbol in changed:
            held = desk.account_holds(symbol)
            mark = desk.board.mark(symbol) if held else None
            unpriced.discard(symbol)
            if mark is not None:
                worth[symbol] = held * mark
            else:
                worth.pop(symbol, None)
                if held:
                    unpriced.add(symbol)
