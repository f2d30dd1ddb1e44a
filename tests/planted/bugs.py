"""Bugs to plant, one at a time: in the engine, in the exchange, and in the checker itself.

Each is a context manager that patches one function of the running process and puts it back. Nothing of this is in the
product; a bug that cannot be planted any more because its function has gone fails loudly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

import attrs

from rulec.runtime.broker.exchange import book, walk
from rulec.runtime.broker.port import Execution
from rulec.runtime.core import engine
from rulec.runtime.position import portfolio
from rulec.runtime.trade import adding, bracket, closing, ending, levels, messages, protecting, settle
from rulec.runtime.trade.state import CloseReason, Trade
from rulec.tests.support import invariants, naive_limits

# Any: what is planted takes the arguments of whatever function it replaces.
Function = Callable[..., Any]


@attrs.frozen
class Bug:
    name: str
    where: str
    in_checker: bool
    plant: Callable[[], AbstractContextManager[None]]


BUGS: list[Bug] = []


@contextmanager
def patched(owner: Any, name: str, replacement: Any) -> Iterator[None]:
    original = owner.__dict__[name] if isinstance(owner, type) else getattr(owner, name)
    setattr(owner, name, replacement)
    try:
        yield
    finally:
        setattr(owner, name, original)


def bug(name: str, owner: Any, attribute: str, *others: Any) -> Callable[[Callable[[Function], Any]], None]:
    """Registers a bug: the decorated function makes the faulty one of the original; `others` use it, too."""

    def register(make: Callable[[Function], Any]) -> None:
        where = getattr(owner, "__qualname__", getattr(owner, "__name__", "")).removeprefix("rulec.runtime.")

        @contextmanager
        def plant() -> Iterator[None]:
            with ExitStack() as planted:
                for each in (owner, *others):
                    planted.enter_context(patched(each, attribute, make(getattr(each, attribute))))
                yield

        BUGS.append(Bug(name, f"{where}.{attribute}", "Invariants" in where or "NaiveLimits" in where, plant))

    return register


# ---- in the engine ---------------------------------------------------------------------------------------------------


@bug("a stop is not re-sized", protecting, "_bring_stop")
def _(right: Function) -> Function:
    return lambda desk, trade, part, stop, quantity: right(desk, trade, part, stop, stop.spec.quantity)


@bug("the stop moves to the wrong side of the entry", protecting, "first_stop")
def _(right: Function) -> Function:
    def wrong(trade: Trade, base: float) -> int | None:
        stop = right(trade, base)
        return None if stop is None else 2 * round(base * 100) * 10_000 - stop

    return wrong


@bug("the context stays after the conclusion", settle, "conclude_if_over")
def _(right: Function) -> Function:
    def wrong(desk: Any, trade: Trade) -> bool:
        over = bool(right(desk, trade))
        if over:
            desk.trades[trade.symbol] = trade
        return over

    return wrong


@bug("a stop is rounded away from the entry", levels, "legal_stop")
def _(right: Function) -> Function:
    return lambda price, sign, *more: right(price, -sign, *more)


@bug("an execution told twice counts twice", portfolio.Portfolio, "book")
def _(right: Function) -> Function:
    def wrong(self: portfolio.Portfolio, execution: Execution) -> tuple[None, Execution]:
        self._apply(execution, 1)
        return None, execution

    return wrong


@bug("the close is sent before the stops are confirmed dead", settle, "settle_closing")
def _(right: Function) -> Function:
    def wrong(desk: Any, trade: Trade) -> None:
        hidden = {key: order for key, order in trade.orders.items() if order.role in ("stop", "trail")}
        for key in hidden:
            del trade.orders[key]
        try:
            right(desk, trade)
        finally:
            trade.orders.update(hidden)

    return wrong


@bug("stops and targets are not re-anchored", messages, "anchor", ending)
def _(right: Function) -> Function:
    return lambda desk, trade: None


@bug("a reversal enters before it is flat", settle, "conclude_if_over")
def _(right: Function) -> Function:
    def wrong(desk: Any, trade: Trade) -> bool:
        leaving = trade.closing
        if leaving is None or leaving.reason is not CloseReason.REVERSE or leaving.order is None:
            return bool(right(desk, trade))
        return desk.trades.pop(trade.symbol, None) is not None

    return wrong


@bug("a scale-in leaves without its stop", bracket, "open_slice")
def _(right: Function) -> Function:
    def wrong(desk: Any, trade: Trade, role: str, *more: Any) -> Any:
        stop = trade.stop_price
        if role == "scale":
            trade.stop_price = None
        try:
            return right(desk, trade, role, *more)
        finally:
            trade.stop_price = stop

    return wrong


@bug("old targets are kept when a trade is closed or reversed", protecting, "_withdraw")
def _(right: Function) -> Function:
    return lambda desk, order: None if order is not None and order.role == "target" else right(desk, order)


@bug("an addition loosens the stop", protecting, "tighter")
def _(right: Function) -> Function:
    return lambda sign, new, old: new


@bug("a new stop is not in its target's OCA group", protecting, "_group")
def _(right: Function) -> Function:
    return lambda desk, trade, sibling: right(desk, trade, None)


@bug("the gate lets everything pass", engine, "judge")
def _(right: Function) -> Function:
    return lambda intent, situation, limits: None


@bug("a double-down expires and is not placed again", adding, "_follow")
def _(right: Function) -> Function:
    def wrong(desk: Any, trade: Trade, resting: Any, part: Any) -> None:
        right(desk, trade, resting, part)
        resting.spent = resting.spent or resting.slice is None

    return wrong


@bug("an exit at a limit leaves the shares in its old bracket too", closing, "_take")
def _(right: Function) -> Function:
    def wrong(trade: Trade, partial: Any, wanted: int) -> Any:
        taken = right(trade, partial, wanted)
        for part, shares in taken:
            part.reserved -= shares
        return taken

    return wrong


# ---- in the exchange -------------------------------------------------------------------------------------------------


@bug("a bar fills an order that came after it began", walk.Walk, "_may_meet")
def _(right: Function) -> Function:
    return lambda self, order, prices: order.last_fill_event != self._tape.event and self._book.effective(order) > 0


@bug("children are not capped at what their parent has filled", book.Book, "effective")
def _(right: Function) -> Function:
    return lambda self, order: order.quantity - order.filled


# ---- in the checker --------------------------------------------------------------------------------------------------


@bug("the checker ignores OCA groups", invariants.Invariants, "_held")
def _(right: Function) -> Function:
    return lambda self: [attrs.evolve(order, group=f"alone {order.number}") for order in right(self)]


@bug("the checker ignores the ledger", invariants.Invariants, "_books_agree")
def _(right: Function) -> Function:
    return lambda self: None


@bug("the checker forgets the parent's cap", invariants.Invariants, "_effective")
def _(right: Function) -> Function:
    return lambda self, event: event.remaining


@bug("the checker does not look at rest", invariants.Invariants, "quiet")
def _(right: Function) -> Function:
    return lambda self: self.step()


@bug("the checker knows no limits", naive_limits.NaiveLimits, "faults")
def _(right: Function) -> Function:
    return lambda self, *more: []
