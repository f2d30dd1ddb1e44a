"""Shares of the account that are not ours: what it holds beyond our own executions.

They are never managed and never sold; they count in the exposure, and their symbol takes no entry. Somebody else's
executions explain how they change. A change that nothing explains is for a person to look at.
"""

from __future__ import annotations

import attrs

from ..broker.port import ForeignExecution
from .portfolio import execution_key


@attrs.define
class ForeignShares:
    """Foreign shares by symbol, positive long and negative short.

    `is_complete` says that a symbol which was never told about holds none; until then it is unknown.
    """

    is_complete: bool = True
    moved: set[str] = attrs.Factory(set)  # symbols whose shares changed since somebody last cleared this
    _held: dict[str, int] = attrs.Factory(dict)
    _seen: dict[str, tuple[int, ForeignExecution]] = attrs.Factory(dict)

    def of(self, symbol: str) -> int:
        return self._held.get(symbol, 0)

    def is_known(self, symbol: str) -> bool:
        return self.is_complete or symbol in self._held

    def symbols(self) -> list[str]:
        """The symbols of which somebody else's shares are in the account."""
        return [symbol for symbol, held in self._held.items() if held]

    def accept(self, symbol: str, held: int) -> None:
        """From now on these are the foreign shares of a symbol."""
        self._held[symbol] = held
        self.moved.add(symbol)

    def book(self, execution: ForeignExecution) -> int:
        """Books somebody else's execution, each one once; a correction takes the place of what it corrects.

        Returns:
            By how much the foreign shares changed: 0 where that was booked before, or while they are unknown, because
            then the position that is told next has it already.
        """
        base, suffix = execution_key(execution.execution_id)
        before = self._seen.get(base)
        if before is not None and before[0] >= suffix:
            return 0
        self._seen[base] = (suffix, execution)
        if not self.is_known(execution.symbol):
            return 0
        change = execution.side.sign * execution.quantity
        if before is not None:
            change -= before[1].side.sign * before[1].quantity
        self._held[execution.symbol] = self.of(execution.symbol) + change
        self.moved.add(execution.symbol)
        return change
