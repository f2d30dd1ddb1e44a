"""A look at everything that the broker knows: what it is to answer, and what has come of it so far."""

from __future__ import annotations

import attrs

from .wire import CompletedTold


@attrs.define
class Questions:
    """What a look is to answer.

    Attributes:
        orders: ids of orders to be told, whatever they are doing.
        symbols: whose positions are to be told, changed or not.
        positions: positions have to be looked at.
        strays: orders that nobody knows have to be looked at.
        everything: all orders that may work are to be told, and the positions of all their symbols.
        completes: `on_complete` waits for this look.
    """

    orders: set[str] = attrs.Factory(set)
    symbols: set[str] = attrs.Factory(set)
    positions: bool = False
    strays: bool = False
    everything: bool = False
    completes: bool = False

    def __bool__(self) -> bool:
        return bool(self.orders or self.symbols) or self.positions or self.strays or self.everything or self.completes

    @property
    def concern_orders(self) -> bool:
        return bool(self.orders) or self.strays or self.everything

    @property
    def concern_positions(self) -> bool:
        return bool(self.symbols) or self.positions or self.everything or self.completes

    def add(self, other: Questions) -> None:
        self.orders |= other.orders
        self.symbols |= other.symbols
        self.positions |= other.positions
        self.strays |= other.strays
        self.everything |= other.everything
        self.completes |= other.completes


@attrs.define
class Look:
    """One look under way: what it is to answer, and what has come of it."""

    asked: Questions
    began: int
    deadline: int
    last_deadline: int
    awaited: set[type] = attrs.Factory(set)
    executions: int | None = None
    working: set[str] = attrs.Factory(set)
    completed: list[CompletedTold] = attrs.Factory(list)
