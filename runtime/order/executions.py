"""Executions of one order, each counted once.

Brokers repeat executions and correct them: the key is the execution's id up to its last period, and a higher last part
replaces the lower one.
"""

from __future__ import annotations

import attrs

from ..broker.port import Execution
from ..numbers import to_float


@attrs.define
class Executions:
    """What has been filled of an order."""

    _by_key: dict[str, tuple[int, Execution]] = attrs.Factory(dict)

    def add(self, execution: Execution) -> bool:
        """Counts an execution; False where it, or a later correction of it, was counted before."""
        key, version = _key(execution.execution_id)
        known = self._by_key.get(key)
        if known is not None and known[0] >= version:
            return False
        self._by_key[key] = (version, execution)
        return True

    @property
    def filled(self) -> int:
        return sum(execution.quantity for _, execution in self._by_key.values())

    @property
    def average_price(self) -> float | None:
        """The exact average in currency; None before the first fill."""
        filled = self.filled
        if not filled:
            return None
        return sum(execution.price * execution.quantity for _, execution in self._by_key.values()) / filled / 1_000_000

    @property
    def commission(self) -> float:
        return to_float(sum(execution.commission for _, execution in self._by_key.values()))


def _key(execution_id: str) -> tuple[str, int]:
    base, _, last = execution_id.rpartition(".")
    return (base, int(last)) if base and last.isdigit() else (execution_id, 0)
