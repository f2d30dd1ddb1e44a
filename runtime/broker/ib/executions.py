"""Executions as they are told: each counts once, a correction takes the place of what it corrects.

An execution's key is its id up to the last period; the digits after that grow with each correction. It is told at once,
without commission, because shares that have changed hands are not kept waiting; when the commission comes it is told
again under the same id.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import attrs

from ...numbers import to_micros
from ..port import Execution, ForeignExecution, OrderSide
from .wire import CommissionTold, ExecutionTold

# An unset number comes as the largest that there is.
_UNSET_FROM = 1e300


@attrs.define
class _Entry:
    version: int
    message: Execution | ForeignExecution

    @property
    def signed(self) -> int:
        return self.message.side.sign * self.message.quantity


class Executions:
    """What was executed for one account. `put` takes executions of ours and of others."""

    def __init__(self, put: Callable[[Execution | ForeignExecution], None]) -> None:
        self._put = put
        self._entries: dict[str, _Entry] = {}
        self._commissions: dict[str, int] = {}
        self._filled: dict[str, int] = {}

    def filled(self, order_id: str) -> int:
        """How many shares of an order the executions sum to."""
        return self._filled.get(order_id, 0)

    def add(self, told: ExecutionTold, order_id: str | None, symbol: str) -> int:
        """Takes an execution of an order of ours, or of somebody else's (None).

        Returns:
            By how much it changes what the account holds; 0 where it was told before.
        """
        key, version = _key(told.execution_id)
        before = self._entries.get(key)
        if before is not None and before.version >= version:
            return 0
        entry = _Entry(version, self._message(told, order_id, symbol, before))
        self._entries[key] = entry
        if order_id is not None:
            undone = 0 if before is None else before.message.quantity
            self._filled[order_id] = self._filled.get(order_id, 0) + entry.message.quantity - undone
        self._put(entry.message)
        return entry.signed - (0 if before is None else before.signed)

    def charge(self, told: CommissionTold) -> None:
        """Takes what an execution cost, which may come before the execution itself."""
        if not math.isfinite(told.commission) or abs(told.commission) >= _UNSET_FROM:
            return
        commission = to_micros(told.commission)
        self._commissions[told.execution_id] = commission
        entry = self._entries.get(_key(told.execution_id)[0])
        if entry is None or not isinstance(entry.message, Execution):
            return
        message = entry.message
        if message.execution_id == told.execution_id and message.commission != commission:
            entry.message = attrs.evolve(message, commission=commission)
            self._put(entry.message)

    def _message(
        self, told: ExecutionTold, order_id: str | None, symbol: str, before: _Entry | None
    ) -> Execution | ForeignExecution:
        side = OrderSide.BUY if told.side == "BOT" else OrderSide.SELL
        price = to_micros(told.price)
        if order_id is None:
            # part of a share counts as one: no less is foreign
            return ForeignExecution(told.execution_id, symbol, side, math.ceil(told.quantity), price)
        commission = self._commissions.get(told.execution_id)
        if commission is None:
            # a correction costs what was charged already, until a report of its own says otherwise
            corrected = None if before is None else before.message
            commission = corrected.commission if isinstance(corrected, Execution) else 0
        return Execution(told.execution_id, order_id, symbol, side, round(told.quantity), price, commission)


def _key(execution_id: str) -> tuple[str, int]:
    stem, _, last = execution_id.rpartition(".")
    return (stem, int(last)) if stem and last.isdigit() else (execution_id, 0)
