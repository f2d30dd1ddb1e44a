"""The life of an order of ours: what it was told as last, and what of it is news.

No single word kills an order. A status that the broker sends is believed; `Inactive` and an error code are not: they
make an order suspect, and a look at everything the broker has settles it. The other way round, an order that was told
as dead lives again as soon as a status says so, and whoever has forgotten it by then is told that it is a stray.
"""

from __future__ import annotations

from collections.abc import Callable

import attrs

from ...clock import Clock
from ..port import (
    CancelRejected,
    Message,
    ModifyRejected,
    OrderMissing,
    OrderRejected,
    StrayOrder,
    TimeInForce,
    WireStatus,
)
from .errors import CodeClass, CodeTable
from .executions import Executions
from .tracked import LIVE, OrderIndex, TrackedOrder

STATUSES = {
    "ApiPending": WireStatus.PENDING_SUBMIT,
    "PendingSubmit": WireStatus.PENDING_SUBMIT,
    "PreSubmitted": WireStatus.PRE_SUBMITTED,
    "Submitted": WireStatus.SUBMITTED,
    "PendingCancel": WireStatus.PENDING_CANCEL,
    "ApiCancelled": WireStatus.CANCELLED,
    "Cancelled": WireStatus.CANCELLED,
    "Filled": WireStatus.FILLED,
    "Inactive": WireStatus.INACTIVE,
}


@attrs.frozen
class Ways:
    """Where the book's news goes: messages to the engine, texts to a person, questions to the broker.

    `ask` wants to know what an order is doing; `is_open` says whether a symbol's market is open now.
    """

    put: Callable[[Message], None]
    say: Callable[[str, str | None, str], None]
    ask: Callable[[str], None]
    is_open: Callable[[str], bool]


class OrderLife:
    """Moves orders from one state to the next and tells what is news."""

    def __init__(self, index: OrderIndex, executions: Executions, codes: CodeTable, ways: Ways, clock: Clock) -> None:
        self._index = index
        self._executions = executions
        self._codes = codes
        self._ways = ways
        self._clock = clock

    # ---- words of the wire -----------------------------------------------------------------------------------------

    def status(self, order: TrackedOrder, word: str, *, stands_still: bool = False) -> None:
        """Takes a status; with `stands_still` what else was told of the order is no news as long as the status is none.

        An empty word says nothing of the status.
        """
        status = STATUSES.get(word) if word else order.status
        if status is None:
            text = f"the broker calls order {order.order_id} `{word}`; it is asked about"
            self._ways.say("warning", order.spec.symbol, text)
            self._ways.ask(order.order_id)
        elif not word:
            if not stands_still:
                self.tell(order)
        elif not order.is_over or self._revives(order, status):
            self._take(order, status, stands_still=stands_still)

    def _take(self, order: TrackedOrder, status: WireStatus, *, stands_still: bool) -> None:
        before, was_over = order.status, order.is_over
        if status is WireStatus.INACTIVE and order.trouble is not None and not order.filled:
            self.reject(order, *order.trouble)
            return
        if status is WireStatus.CANCELLED:
            self._cancelled(order)
            return
        order.status = status
        was_rejected, order.refused, order.rejected = order.rejected, False, False
        if order.is_live:
            order.acknowledged = True
            order.seen_alive = self._clock.now()
        if status is WireStatus.FILLED:
            order.modifying, order.cancelling = None, False
        self._index.note(order)
        # PendingSubmit is no acknowledgement: whoever waits for one goes on waiting
        if status is not WireStatus.PENDING_SUBMIT and not (stands_still and status is before):
            self.tell(order)
        if was_over and not was_rejected and order.is_live:
            self._tell_stray(order)

    def _revives(self, order: TrackedOrder, status: WireStatus) -> bool:
        """Whether a status is news of an order that was told as dead: it works after all, or it has filled."""
        if order.status is WireStatus.FILLED:
            return status in LIVE and not self.is_filled(order, order.terms.quantity)
        return status is WireStatus.FILLED or status in LIVE

    def _tell_stray(self, order: TrackedOrder) -> None:
        """It was told as dead and works: the books that it stood in may be closed."""
        spec = order.spec
        remaining = max(0, order.terms.quantity - order.filled)
        self._ways.put(StrayOrder(order.permanent_id, spec.reference, spec.symbol, spec.side, remaining))

    def _cancelled(self, order: TrackedOrder) -> None:
        if order.trouble is not None and not order.cancelling and not order.filled and self._is_rejection(order):
            self.reject(order, *order.trouble)
        else:
            self.end(order, expired=self.has_expired(order))

    def _is_rejection(self, order: TrackedOrder) -> bool:
        return order.trouble is not None and self._codes.kind(order.trouble[0]) is CodeClass.REJECTED

    # ---- ends ------------------------------------------------------------------------------------------------------

    def has_expired(self, order: TrackedOrder) -> bool:
        """A DAY order that nobody cancelled, while its market is closed: the session's close has ended it."""
        is_for_the_day = order.terms.time_in_force is TimeInForce.DAY
        return is_for_the_day and not order.cancelling and not self._ways.is_open(order.spec.symbol)

    def is_filled(self, order: TrackedOrder, quantity: int) -> bool:
        """Whether its executions sum to a quantity."""
        return quantity > 0 and self._executions.filled(order.order_id) >= quantity

    def end(self, order: TrackedOrder, *, expired: bool) -> None:
        order.status = WireStatus.EXPIRED if expired else WireStatus.CANCELLED
        self._close(order)
        self.tell(order)

    def fill(self, order: TrackedOrder) -> None:
        """It has filled whole, by its executions."""
        order.status = WireStatus.FILLED
        order.refused = False
        order.terms = attrs.evolve(order.terms, quantity=self._executions.filled(order.order_id))
        self._close(order)
        self.tell(order)

    def reject(self, order: TrackedOrder, code: int, text: str) -> None:
        if not order.refused:
            order.refused = order.rejected = True
            self._close(order)
            self._put(order, OrderRejected(order.order_id, code, text))

    def miss(self, order: TrackedOrder, *, conclusive: bool) -> None:
        """The broker does not know it."""
        if conclusive:
            order.refused = True
            self._close(order)
        self._put(order, OrderMissing(order.order_id, conclusive))

    def _close(self, order: TrackedOrder) -> None:
        order.modifying, order.cancelling = None, False
        self._index.note(order)

    # ---- doubts and refusals ---------------------------------------------------------------------------------------

    def suspect(self, order: TrackedOrder, code: int, text: str) -> None:
        """Something called it dead that is not to be believed alone."""
        order.trouble = (code, text)
        order.status = WireStatus.INACTIVE
        self.tell(order)
        self._ways.ask(order.order_id)

    def refuse_modify(self, order: TrackedOrder, code: int, text: str) -> None:
        order.modifying = None
        self._put(order, ModifyRejected(order.order_id, code, text))

    def refuse_cancel(self, order: TrackedOrder, code: int, text: str) -> None:
        order.cancelling = False
        self._put(order, CancelRejected(order.order_id, code, text))

    def _put(self, order: TrackedOrder, message: Message) -> None:
        """After news of another kind the next update is news, whatever the last one was."""
        order.told = None
        self._ways.put(message)

    def tell(self, order: TrackedOrder, *, always: bool = False) -> None:
        """Puts what an order is doing, if that is news."""
        update = order.update()
        if always or update != order.told:
            order.told = update
            self._ways.put(update)
