"""What a fill does: the execution and its price, the books, the order, its group and its family.

The order of events is the wire's: the execution first, then the order's new status, then what follows from it.
"""

from __future__ import annotations

import random

from .book import Book
from .desk import Desk, Tell
from .events import Execution, ExecutionEvent
from .faults import Faults, LateFill
from .ledger import Ledger
from .matching import reduced
from .orders import LIMITED, TRIGGERED_BY_PRICE, BookOrder, OcaType, Status, Tif
from .policy import ExchangePolicy, ExchangeTerms, OcaReduction
from .tape import Tape


class Fills:
    """Fills orders that the market has met."""

    def __init__(
        self,
        book: Book,
        desk: Desk,
        tape: Tape,
        ledger: Ledger,
        terms: ExchangeTerms,
        policy: ExchangePolicy,
        faults: Faults,
        tell: Tell,
    ) -> None:
        self._book = book
        self._desk = desk
        self._tape = tape
        self._ledger = ledger
        self._terms = terms
        self._policy = policy
        self._faults = faults
        self._tell = tell
        self._random = None if terms.partial_fills is None else random.Random(terms.partial_fills)
        self._executions = 0

    def meet(self, order: BookOrder, price: int, now: int) -> None:
        """The market met an order at a price (micros): it triggers, fills, or both."""
        order.last_fill_event = self._tape.event
        if order.order.kind in TRIGGERED_BY_PRICE and not order.triggered:
            order.triggered = True
            limit = order.limit_price if order.order.kind in LIMITED else None
            sign = order.order.action.sign
            if limit is not None and sign * price > sign * limit:
                # An order with a limit that the price has jumped over: from now on it waits at its limit.
                order.last_fill_event = -1
                self._desk.refresh(order)
                return
        if order.order.kind not in LIMITED:
            price = self._terms.slippage.against(price, order.order.action.sign)
        quantity = self._how_many(order)
        if order.order.tif is not Tif.FOK or quantity == order.remaining:
            self._fill(order, quantity, price, now)

    def _how_many(self, order: BookOrder) -> int:
        available = self._book.effective(order)
        if order.next_fill_at_most is not None:
            least, order.next_fill_at_most = order.next_fill_at_most, None
            return max(1, min(available, least))
        if self._random is not None and available > 1 and self._random.random() < 0.5:
            return self._random.randint(1, available - 1)
        return available

    def _fill(self, order: BookOrder, quantity: int, price: int, now: int) -> None:
        first = order.filled == 0
        remaining_before = order.remaining
        self._execute(order, quantity, price, now)
        if order.remaining == 0:
            self._desk.end(order, Status.FILLED)
            self._faults.filled(order)
        else:
            self._desk.refresh(order)
        self._tell_group(order, quantity, remaining_before, now)
        if first:
            self._desk.parent_filled(order)

    def fill_late(self, late: LateFill, price: int, now: int) -> None:
        """A fill that was under way when the order was cancelled: its status says Cancelled until it is complete.

        Or, by a fault, shares more than the order had.
        """
        order = late.order
        remaining_before = order.remaining
        self._execute(order, late.quantity, price, now)
        if order.remaining == 0:
            order.status = Status.FILLED
        self._desk.show(order)
        if remaining_before > 0:  # shares beyond the order's own have nothing to say to its group
            self._tell_group(order, late.quantity, remaining_before, now)

    def _tell_group(self, order: BookOrder, quantity: int, remaining_before: int, now: int) -> None:
        if order.remaining == 0 or order.oca_type is OcaType.CANCEL_WITH_BLOCK:
            self._desk.cancel_siblings(order, now)
            return
        by_fraction = self._policy.oca_reduction is OcaReduction.FRACTION
        for sibling in self._book.siblings(order):
            left = reduced(sibling.remaining, quantity, remaining_before, by_fraction)
            sibling.quantity = sibling.filled + left
            if left > 0:
                self._desk.show(sibling)
            else:
                self._desk.end(sibling, Status.CANCELLED)

    def count(self, execution: Execution) -> None:
        """An execution of an earlier exchange: numbers go on behind it."""
        self._executions = max(self._executions, int(execution.execution_id.split(".")[1], 16))

    def _execute(self, order: BookOrder, quantity: int, price: int, now: int) -> None:
        terms = order.order
        order.filled += quantity
        order.traded_value += quantity * price
        order.last_price = price
        commission = self._terms.commission.due(order.filled) - order.commission
        order.commission += commission
        self._executions += 1
        execution = Execution(
            execution_id=f"{order.permanent_id:08x}.{self._executions:08x}.01",
            account=terms.account,
            client_id=terms.client_id,
            order_id=terms.order_id,
            permanent_id=order.permanent_id,
            symbol=terms.symbol,
            action=terms.action,
            quantity=quantity,
            price=price,
            time=now,
            commission=commission,
            realised=self._ledger.realised_by(terms.account, terms.symbol, terms.action.sign * quantity, price),
            cumulative=order.filled,
            traded_value=order.traded_value,
            reference=terms.reference,
        )
        self._ledger.book(execution)
        self._tell(ExecutionEvent(execution))
