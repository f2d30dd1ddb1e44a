"""Orders, modifications and cancels on their way out.

A command is never kept for a later connection. One that can't leave now is refused; one that may have left in part is
answered by the next look at everything. What waits its turn can still be overtaken: an order whose cancel comes first
never leaves, and of two modifications of one order the last leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs

from ..port import CancelStray, OrderSpec, Place, WireStatus
from .book import NOT_DONE, OrderBook
from .identity import Identity
from .orders import OrderFields, modified_fields, order_fields, transmits
from .requests import NOT_CONNECTED, NotSent, OrderWire
from .sending import Entry, Lane, SendingQueue
from .strays import Strays
from .tracked import TrackedOrder

_NOT_FOUND = 10147
_CANNOT_BE_CANCELLED = 10148
_NO_SUCH_ORDER = 135
_WITHOUT_PARENT = (10006, "its parent is not at the broker")


@attrs.define(eq=False)
class _Bracket:
    """Orders of one Place that wait for their turn."""

    specs: list[OrderSpec]
    entry: Entry | None = None


@attrs.define(eq=False)
class _Change:
    """A modification that waits for its turn."""

    spec: OrderSpec
    entry: Entry | None = None


class Outgoing:
    """Sends one client's orders through the queue, and notes in the book what has left."""

    def __init__(
        self,
        identity: Identity,
        wire: OrderWire,
        queue: SendingQueue,
        book: OrderBook,
        strays: Strays,
        say: Callable[[str, str | None, str], None],
    ) -> None:
        self._identity = identity
        self._wire = wire
        self._queue = queue
        self._book = book
        self._strays = strays
        self._say = say
        self._is_connected = False
        self._brackets: dict[str, _Bracket] = {}
        self._changes: dict[str, _Change] = {}
        self._cancels: dict[str, Entry] = {}

    def open(self) -> None:
        self._is_connected = True

    def close(self) -> None:
        """No message can be sent any more: what waits is refused."""
        self._is_connected = False
        brackets, self._brackets = {id(one): one for one in self._brackets.values()}, {}
        for bracket in brackets.values():
            _drop(bracket.entry)
            for spec in bracket.specs:
                self._book.never_left(spec, NOT_CONNECTED, "not connected")
        changes, self._changes = self._changes, {}
        for order_id, change in changes.items():
            _drop(change.entry)
            self._book.refuse_modify(order_id, NOT_CONNECTED, "not connected")
        cancels, self._cancels = self._cancels, {}
        for order_id, entry in cancels.items():
            _drop(entry)
            self._book.refuse_cancel(order_id, NOT_CONNECTED, "not connected")

    def place(self, command: Place) -> None:
        if not self._is_connected:
            for spec in command.orders:
                self._book.never_left(spec, NOT_CONNECTED, "not connected")
            return
        bracket = _Bracket(list(command.orders))
        lane = Lane.PROTECTION if command.urgent else Lane.ENTRY
        bracket.entry = self._queue.submit(lane, len(bracket.specs), lambda: self._send_bracket(bracket))
        if bracket.entry.waits:
            self._brackets.update((spec.order_id, bracket) for spec in bracket.specs)

    def _send_bracket(self, bracket: _Bracket) -> None:
        """Sends a family, and notes it afterwards: the bytes first."""
        for spec in bracket.specs:
            self._brackets.pop(spec.order_id, None)
        family: dict[str, tuple[OrderSpec, OrderFields]] = {}
        for spec, transmit in zip(bracket.specs, transmits(bracket.specs), strict=True):
            parent_number = self._parent_number(spec, family)
            if parent_number is None:
                # without its parent it would work at once, on shares that are not there
                self._book.never_left(spec, *_WITHOUT_PARENT)
                continue
            number = self._wire.next_number()
            family[spec.order_id] = (
                spec,
                order_fields(spec, number, parent_number, self._identity.account, transmit=transmit),
            )
        if not family:
            return
        try:
            self._wire.place([fields for _, fields in family.values()])
        except NotSent as refusal:
            for spec, _ in family.values():
                why = _WITHOUT_PARENT if spec.parent_id in family else (refusal.code, refusal.text)
                self._book.never_left(spec, *why)
            return
        for spec, fields in family.values():
            self._book.place(spec, fields)

    def _parent_number(self, spec: OrderSpec, family: Mapping[str, tuple[OrderSpec, OrderFields]]) -> int | None:
        """The number of an order's parent, 0 where it has none; None where the parent is not at the broker."""
        if spec.parent_id is None:
            return 0
        if spec.parent_id in family:
            return family[spec.parent_id][1].number
        parent = self._book.get(spec.parent_id)
        if parent is None or (parent.is_over and parent.status is not WireStatus.FILLED):
            return None
        return parent.number

    def modify(self, spec: OrderSpec) -> None:
        bracket = self._brackets.get(spec.order_id)
        change = self._changes.get(spec.order_id)
        if bracket is not None:
            bracket.specs = [spec if one.order_id == spec.order_id else one for one in bracket.specs]
        elif change is not None:
            change.spec = spec
        elif not self._is_connected:
            self._book.refuse_modify(spec.order_id, NOT_CONNECTED, "not connected")
        else:
            refusal = self._unreachable(spec.order_id, _NO_SUCH_ORDER, NOT_DONE)
            if refusal is not None:
                self._book.refuse_modify(spec.order_id, *refusal)
                return
            change = _Change(spec)
            change.entry = self._queue.submit(Lane.MODIFICATION, 1, lambda: self._send_change(change))
            if change.entry.waits:
                self._changes[spec.order_id] = change

    def _send_change(self, change: _Change) -> None:
        spec = change.spec
        self._changes.pop(spec.order_id, None)
        order = self._book.get(spec.order_id)
        if order is None or order.is_over:
            self._book.refuse_modify(spec.order_id, NOT_DONE, "the order is over")
            return
        try:
            self._wire.place([modified_fields(self._placed(order), spec)])
        except NotSent as refusal:
            self._book.refuse_modify(spec.order_id, refusal.code, refusal.text)
            return
        self._book.modify(order, spec)

    def _placed(self, order: TrackedOrder) -> OrderFields:
        """What an order was placed with; for one of an earlier run, what its terms and the broker's echo say."""
        if order.fields is None:
            spec = attrs.evolve(order.spec, oca_group=order.terms.oca_group)
            order.fields = order_fields(
                spec, order.number or 0, order.parent_number, self._identity.account, transmit=True
            )
        return order.fields

    def cancel(self, order_id: str) -> None:
        if order_id in self._brackets:
            self._withdraw(order_id)
            return
        change = self._changes.pop(order_id, None)
        if change is not None:
            _drop(change.entry)  # whoever wanted it wants the order gone now
        if not self._is_connected:
            self._book.refuse_cancel(order_id, NOT_CONNECTED, "not connected")
            return
        refusal = self._unreachable(order_id, _NOT_FOUND, _CANNOT_BE_CANCELLED)
        if refusal is not None:
            self._book.refuse_cancel(order_id, *refusal)
        elif order_id not in self._cancels:
            entry = self._queue.submit(Lane.PROTECTION, 1, lambda: self._send_cancel(order_id))
            if entry.waits:
                self._cancels[order_id] = entry

    def _send_cancel(self, order_id: str) -> None:
        self._cancels.pop(order_id, None)
        order = self._book.get(order_id)
        if order is None or order.number is None:
            return
        try:
            self._wire.cancel(order.number)
        except NotSent as refusal:
            self._book.refuse_cancel(order_id, refusal.code, refusal.text)
            return
        self._book.cancel(order)

    def _withdraw(self, order_id: str) -> None:
        """An order that has not left yet, and the children that would have left with it, stay here."""
        bracket = self._brackets[order_id]
        gone = [spec for spec in bracket.specs if order_id in (spec.order_id, spec.parent_id)]
        bracket.specs = [spec for spec in bracket.specs if spec not in gone]
        if bracket.entry is not None:
            bracket.entry.messages = len(bracket.specs)
        for spec in gone:
            del self._brackets[spec.order_id]
            self._book.withdrawn(spec)

    def _unreachable(self, order_id: str, unknown: int, over: int) -> tuple[int, str] | None:
        """Why an order can be neither changed nor cancelled from here; None where it can."""
        order = self._book.get(order_id)
        if order is None:
            return unknown, "no such order has left"
        if order.is_over:
            return over, "the order is over"
        if order.number is None:
            return unknown, "the broker has not told of this order"
        if order.client != self._identity.client:
            # its number, sent by us, would name another order
            return unknown, f"the order belongs to client {order.client}, and only that one can change it"
        return None

    def cancel_stray(self, command: CancelStray) -> None:
        told = self._strays.find(command.number)
        ours = self._book.permanent(command.number)
        if ours is not None:
            self.cancel(ours.order_id)
            return
        text = f"the unknown order {command.reference} can't be cancelled from here"
        if told is None:
            return  # it has ended meanwhile
        symbol = told.contract.symbol
        if told.client != self._identity.client or told.order_number <= 0:
            self._say("warning", symbol, f"{text}: it belongs to client {told.client}")
        elif not self._is_connected:
            self._say("warning", symbol, f"{text}: not connected")
        else:
            self._queue.submit(Lane.PROTECTION, 1, lambda: self._send_stray_cancel(told.order_number, symbol, text))

    def _send_stray_cancel(self, number: int, symbol: str, text: str) -> None:
        try:
            self._wire.cancel(number)
        except NotSent as refusal:
            self._say("warning", symbol, f"{text}: {refusal.text}")


def _drop(entry: Entry | None) -> None:
    if entry is not None:
        entry.withdraw()
