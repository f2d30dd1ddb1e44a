"""Our books: cash, positions and P&L from executions alone, in exact integers."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from ..broker.port import Execution


@attrs.define
class Holding:
    """Shares of one symbol by our executions: positive long, negative short; `cash` in micros, commission excluded."""

    quantity: int = 0
    cash: int = 0


@attrs.define
class Portfolio:
    """Every execution counts once: its key is the id up to the last period, and a higher suffix replaces a lower one.

    Cash and commission are micros.
    """

    opening_cash: int
    holdings: dict[str, Holding] = attrs.Factory(dict)
    commission: int = 0
    moved: set[str] = attrs.Factory(set)  # symbols whose shares changed since somebody last cleared this
    _seen: dict[str, tuple[int, Execution]] = attrs.Factory(dict)

    @property
    def cash(self) -> int:
        return self.opening_cash + sum(holding.cash for holding in self.holdings.values()) - self.commission

    def quantity(self, symbol: str) -> int:
        holding = self.holdings.get(symbol)
        return 0 if holding is None else holding.quantity

    def book(self, execution: Execution) -> tuple[Execution | None, Execution | None]:
        """Books an execution.

        Returns:
            What it takes back (the execution that it corrects, already undone) and what it adds; both None where it
            was booked before.
        """
        base, suffix = execution_key(execution.execution_id)
        before = self._seen.get(base)
        if before is not None and before[0] >= suffix:
            return None, None
        self._seen[base] = (suffix, execution)
        undone = None if before is None else before[1]
        if undone is not None:
            self._apply(undone, -1)
        self._apply(execution, 1)
        return undone, execution

    def charge(self, execution: Execution) -> int:
        """Books the commission of an execution that was told without one at first.

        Returns:
            Micros; 0 where there is nothing new, or the execution is not the one that was booked last.
        """
        base, suffix = execution_key(execution.execution_id)
        booked = self._seen.get(base)
        if booked is None or booked[0] != suffix or booked[1].commission or not execution.commission:
            return 0
        self._seen[base] = (suffix, attrs.evolve(booked[1], commission=execution.commission))
        self.commission += execution.commission
        return execution.commission

    def hand_over(self, symbol: str, shares: int, price: int) -> None:
        """Shares of ours (signed) that somebody else sold or bought back, at a price in micros."""
        holding = self.holdings.setdefault(symbol, Holding())
        holding.quantity -= shares
        self.moved.add(symbol)
        holding.cash += shares * price

    def _apply(self, execution: Execution, times: int) -> None:
        holding = self.holdings.setdefault(execution.symbol, Holding())
        signed = execution.side.sign * execution.quantity * times
        holding.quantity += signed
        self.moved.add(execution.symbol)
        holding.cash -= signed * execution.price
        self.commission += execution.commission * times

    def equity(self, marks: Mapping[str, int]) -> int | None:
        """Cash and positions at their marks (micros); None where a held symbol has no mark."""
        total = self.opening_cash - self.commission
        for symbol, holding in self.holdings.items():
            total += holding.cash
            if holding.quantity:
                mark = marks.get(symbol)
                if mark is None:
                    return None
                total += holding.quantity * mark
        return total


def execution_key(execution_id: str) -> tuple[str, int]:
    """What an execution is known by, and the number of its correction: the id up to its last period, and the rest."""
    base, _, suffix = execution_id.rpartition(".")
    if base and suffix.isdigit():
        return base, int(suffix)
    return execution_id, 0
