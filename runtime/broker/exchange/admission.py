"""Whether a new order may work: its own terms, what has been asked to go wrong, its group, and buying power."""

from __future__ import annotations

from .book import Book
from .checks import check_terms
from .desk import Desk
from .events import Code
from .faults import Faults
from .ledger import Ledger
from .margin import Margin
from .orders import BookOrder
from .policy import ExchangePolicy


class Admission:
    """Judges orders that have been transmitted."""

    def __init__(
        self, book: Book, desk: Desk, margin: Margin, ledger: Ledger, faults: Faults, policy: ExchangePolicy
    ) -> None:
        self._book = book
        self._desk = desk
        self._margin = margin
        self._ledger = ledger
        self._faults = faults
        self._policy = policy

    def judge(self, order: BookOrder, now: int) -> None:
        """A new order starts to work, or is rejected."""
        terms = order.order
        refusal = check_terms(terms, now, self._policy.ticks)
        rejected = self._faults.rejection(terms)
        if refusal is not None:
            self._desk.reject(order, refusal.code, refusal.text)
        elif rejected is not None:
            self._desk.reject(order, rejected.code, rejected.text)
        elif self._policy.filled_group_refuses and order.parent is None and self._book.group_has_filled(order):
            self._desk.reject(order, Code.REJECTED, "Order rejected - reason:its OCA group has already filled")
        elif order.parent is None and not self._margin.affords(self._ledger.accounts[terms.account], terms):
            self._desk.reject(order, Code.REJECTED, "Order rejected - reason:buying power exceeded")
        else:
            self._desk.accept(order, now)
