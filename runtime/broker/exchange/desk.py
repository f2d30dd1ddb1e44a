"""The life of an order but for its fills: held back, accepted, cancelled, expired, and what that does to its family.

A parent and its children are one family, and all children of one parent share one OCA group. A child is held until its
parent has a fill. What ends a parent ends or re-sizes its children; what happens to a member of a group happens to the
others as `oca.py` says.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable

import attrs

from .book import Book, is_alive, working_status
from .checks import limit_offset
from .events import Code, ErrorEvent, ExchangeEvent, Request
from .faults import Faults
from .matching import trail_stop
from .orders import TRAILING, BookOrder, OcaType, Order, OrderKind, Status, Tif
from .policy import ExchangePolicy, PartialParent
from .tape import Hours, Tape

Tell = Callable[[ExchangeEvent], None]


class Desk:
    """Moves orders from one state to the next and tells what it did."""

    def __init__(
        self, book: Book, tape: Tape, hours: Hours, policy: ExchangePolicy, faults: Faults, tell: Tell
    ) -> None:
        self._book = book
        self._tape = tape
        self._hours = hours
        self._policy = policy
        self._faults = faults
        self._tell = tell
        self._due: list[tuple[int, int]] = []

    # ---- coming in -------------------------------------------------------------------------------------------------

    def accept(self, order: BookOrder, now: int) -> None:
        """An order that passed all checks starts to work."""
        self._book.rest(order)
        if order.parent is None or order.parent.filled > 0:
            self._come_alive(order)
        order.status = working_status(order)
        order.next_fill_at_most = self._faults.first_fill(order.order)
        if order.order.tif is Tif.OPG:
            order.not_before = self._hours.next_open(now)
        self.renew(order, now)
        self.show(order)

    def reject(self, order: BookOrder, code: int, text: str) -> None:
        """An order that never worked: Inactive, then the error; its children go with it."""
        order.status = Status.INACTIVE
        self.show(order)
        self._error(order, Request.SUBMIT, code, text)
        if self._policy.rejected_parent_cancels_children:
            for child in self._book.children(order):
                self._end_child(child)

    def renew(self, order: BookOrder, now: int) -> None:
        """Works out when the order ends by itself: at the close of its session, at its own time, or never."""
        tif = order.order.tif
        if tif is Tif.DAY:
            order.expires = self._hours.session_close(now)
        else:
            order.expires = order.order.good_till if tif is Tif.GTD else None
        self.watch_end(order)

    def watch_end(self, order: BookOrder) -> None:
        """Keeps the times at which a working order ends by itself in mind."""
        for time in (order.expires, order.cancel_due):
            if time is not None and order.working:
                heapq.heappush(self._due, (time, order.permanent_id))

    def _come_alive(self, order: BookOrder) -> None:
        order.alive_inside = self._tape.alive_inside_now(order.order.symbol)
        self.start_trail(order)

    def start_trail(self, order: BookOrder) -> None:
        """A TRAIL without a stop takes one from the market, as soon as there is one."""
        if order.order.kind not in TRAILING:
            return
        if order.stop_price is None:
            price = self._tape.price_for(order.order.symbol, order.order.action.sign)
            if price is not None:
                order.stop_price = self.stop_behind(order, price)
        follow_stop(order)

    def stop_behind(self, order: BookOrder, price: int) -> int:
        terms = order.order
        return trail_stop(terms.action.sign, price, terms.trail_amount, terms.trail_fraction, self._policy.ticks)

    def parent_filled(self, parent: BookOrder) -> None:
        """The parent's first fill brings its children to life."""
        for child in self._book.children(parent):
            if child.working:
                self._come_alive(child)
                self.refresh(child)

    def refresh(self, order: BookOrder) -> None:
        """Works the status out again, and tells."""
        if order.status is not Status.PENDING_CANCEL:
            order.status = working_status(order)
        self.show(order)

    def show(self, order: BookOrder) -> None:
        """Tells an order as it is now. Every change of one ends here."""
        self._book.changed(order)
        self._tell(self._book.snapshot(order))

    # ---- going out -------------------------------------------------------------------------------------------------

    def cancel_by_client(self, order: BookOrder, now: int) -> None:
        self._cancel(order, now, self._cancel_window())
        if order.parent is not None and self._policy.cancelled_child_cancels_siblings:
            self.cancel_siblings(order, now)

    def cancel_siblings(self, order: BookOrder, now: int) -> None:
        """The others of its group go: at once with block, without block after the window in which they still race."""
        for sibling in self._book.siblings(order):
            if sibling.status is not Status.PENDING_CANCEL:
                without_block = sibling.oca_type is OcaType.REDUCE_WITHOUT_BLOCK
                self._cancel(sibling, now, self._cancel_window() if without_block else 0)

    def _cancel_window(self) -> int:
        window = self._faults.cancel_window
        return self._policy.cancel_window if window is None else window

    def _cancel(self, order: BookOrder, now: int, window: int) -> None:
        if window > 0 and self._book.effective(order) > 0:
            order.status = Status.PENDING_CANCEL
            order.cancel_due = now + window
            self.watch_end(order)
            self.show(order)
        else:
            self.end(order, Status.CANCELLED)

    def end(self, order: BookOrder, status: Status, expired: bool = False) -> None:
        """An order is done: Filled, or Cancelled with whatever it had filled."""
        could_fill = self._book.effective(order)
        order.status = status
        order.expired = expired
        self._book.remove(order)
        self.show(order)
        if status is Status.CANCELLED:
            if not expired:
                self._error(order, Request.CANCEL, Code.CANCELLED, "Order Canceled - reason:")
                self._faults.cancelled(order, could_fill)
            self._parent_ended(order)

    def _parent_ended(self, parent: BookOrder) -> None:
        children = [child for child in self._book.children(parent) if child.working or _kept_back(child)]
        if parent.filled == 0 or self._policy.partial_parent is PartialParent.CANCEL:
            for child in children:
                self._end_child(child)
        elif self._policy.partial_parent is PartialParent.RESIZE:
            left = max(0, self._book.left_for_children(parent))
            for child in children:
                self._resize_child(child, left)

    def _resize_child(self, child: BookOrder, left: int) -> None:
        if child.remaining <= left:
            return
        child.quantity = child.filled + left
        if left > 0:
            self.show(child)
        elif child.filled > 0:
            self.end(child, Status.FILLED)
        else:
            self.end(child, Status.CANCELLED)

    def _end_child(self, child: BookOrder) -> None:
        if child.working or _kept_back(child):
            self.end(child, Status.CANCELLED)

    # ---- the passing of time ---------------------------------------------------------------------------------------

    def next_due(self) -> int | None:
        """When the next order expires or the next cancel becomes final."""
        while self._due and not self._is_due(*self._due[0]):
            heapq.heappop(self._due)
        return self._due[0][0] if self._due else None

    def take_due(self, now: int) -> tuple[BookOrder, int] | None:
        """The next order whose end is due by now, and when it was; `end_due` is to follow."""
        while self._due and self._due[0][0] <= now:
            time, permanent_id = heapq.heappop(self._due)
            order = self._book.by_permanent_id(permanent_id)
            if order is not None and self._is_due(time, permanent_id):
                return order, time
        return None

    def end_due(self, order: BookOrder, time: int) -> None:
        """An order's own time is over, or the window after its cancel."""
        self.end(order, Status.CANCELLED, expired=order.cancel_due != time)

    def end_chance(self, order: BookOrder) -> None:
        """An order with one chance has had it. What IOC or OPG leaves is cancelled; FOK without a fill is Inactive."""
        if order.order.tif is Tif.FOK:
            self.end(order, Status.INACTIVE)
            if self._policy.rejected_parent_cancels_children:
                for child in self._book.children(order):
                    self._end_child(child)
            return
        order.status = Status.PENDING_CANCEL
        self.show(order)
        self.end(order, Status.CANCELLED)

    def _is_due(self, time: int, permanent_id: int) -> bool:
        order = self._book.by_permanent_id(permanent_id)
        return order is not None and order.working and time in (order.expires, order.cancel_due)

    def _error(self, order: BookOrder, request: Request, code: int, text: str) -> None:
        self._tell(ErrorEvent(request, order.order.client_id, order.order.order_id, code, text))


def ratchet(desk: Desk, order: BookOrder, price: int) -> bool:
    """Moves a trailing stop up behind a price, never back; says whether it moved."""
    if order.order.kind not in TRAILING or order.triggered or not is_alive(order):
        return False
    sign = order.order.action.sign
    stop = desk.stop_behind(order, price)
    if order.stop_price is not None and sign * stop >= sign * order.stop_price:
        return False
    order.stop_price = stop
    follow_stop(order)
    desk.show(order)
    return True


def follow_stop(order: BookOrder) -> None:
    """The limit of a TRAIL LIMIT keeps its distance from the stop, until the stop has triggered."""
    terms = order.order
    if terms.kind is OrderKind.TRAIL_LIMIT and order.stop_price is not None and not order.triggered:
        order.limit_price = order.stop_price + terms.action.sign * (limit_offset(terms) or 0)


def take_terms(order: BookOrder, new: Order) -> None:
    """A modification: what the client sends now takes the place of what it sent before.

    A trail keeps the stop that it has reached unless the client names another than before.
    """
    old = order.order
    order.order = attrs.evolve(new, parent_id=old.parent_id, reference=new.reference or old.reference)
    order.quantity = max(new.quantity, order.filled)
    order.limit_price = new.limit_price
    if not old.trails:
        order.stop_price = new.stop_price
    elif new.stop_price is None:
        order.order = attrs.evolve(order.order, stop_price=old.stop_price)
    elif new.stop_price != old.stop_price:
        order.stop_price = new.stop_price
    follow_stop(order)


def _kept_back(order: BookOrder) -> bool:
    return order.status is Status.PENDING_SUBMIT
