"""One order of ours as the wire has told of it, and the ways to find it again.

The engine's id, the reference that the broker echoes, the broker's permanent id, and client with order number: four
names for one order. The reference is ours alone and survives everything; the permanent id names the order across
sessions; client and number hold within a client's range only, because other clients count from 1 as well.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from ...numbers import to_micros
from ..port import OrderSpec, OrderType, OrderUpdate, TimeInForce, WireStatus
from .orders import OrderFields, has_limit, has_stop
from .wire import OpenOrderTold

LIVE = (WireStatus.PRE_SUBMITTED, WireStatus.SUBMITTED)
_OVER = (WireStatus.CANCELLED, WireStatus.EXPIRED, WireStatus.FILLED)


@attrs.frozen
class Terms:
    """An order's terms as the broker holds them; prices in micros, None where its type has none."""

    quantity: int
    limit_price: int | None
    stop_price: int | None
    trail_amount: int | None
    trailing_percent: float | None
    time_in_force: TimeInForce
    oca_group: str | None

    @classmethod
    def sent(cls, spec: OrderSpec) -> Terms:
        """The terms that were asked for, as long as the broker has not told its own."""
        return cls(
            quantity=spec.quantity,
            limit_price=spec.limit_price if has_limit(spec.order_type) else None,
            stop_price=spec.stop_price,
            trail_amount=spec.trail_amount if spec.trail_fraction is None else None,
            trailing_percent=None if spec.trail_fraction is None else round(spec.trail_fraction * 100, 6),
            time_in_force=spec.time_in_force,
            oca_group=spec.oca_group,
        )

    @classmethod
    def echoed(cls, spec: OrderSpec, told: OpenOrderTold) -> Terms:
        """The terms of an echo. What a field means is the order's own type to say: a stop's echo has a limit, too."""
        kind = spec.order_type
        trails = kind is OrderType.TRAIL
        percent = told.trailing_percent if trails and spec.trail_fraction is not None else None
        stop = told.trail_stop_price if trails else told.aux_price
        return cls(
            quantity=round(told.quantity) or spec.quantity,
            limit_price=_micros(told.limit_price) if has_limit(kind) else None,
            stop_price=_micros(stop) if trails or has_stop(kind) else None,
            trail_amount=_micros(told.aux_price) if trails and spec.trail_fraction is None else None,
            trailing_percent=None if percent is None else round(percent, 6),
            time_in_force=_time_in_force(told.time_in_force, spec.time_in_force),
            oca_group=told.oca_group or None,
        )

    def answers(self, wanted: Terms) -> bool:
        """Whether a modification to the wanted terms has been carried out. A trail's stop moves by itself."""
        trails = wanted.trail_amount is not None or wanted.trailing_percent is not None
        return (
            self.quantity == wanted.quantity
            and self.limit_price == wanted.limit_price
            and (trails or self.stop_price == wanted.stop_price)
            and self.trail_amount == wanted.trail_amount
            and self.trailing_percent == wanted.trailing_percent
        )


def _micros(price: float | None) -> int | None:
    """An unset price comes as nothing or as 0."""
    return None if not price else to_micros(price)


def _time_in_force(told: str, sent: TimeInForce) -> TimeInForce:
    """Whatever the broker names that is not GTC ends some day soon; where it names nothing, it is as sent."""
    if not told:
        return sent
    return TimeInForce.GTC if told == TimeInForce.GTC.value else TimeInForce.DAY


@attrs.define(eq=False)
class TrackedOrder:
    """What has been sent of an order, and what has been told of it.

    Attributes:
        spec: as last sent.
        sent: when it was placed (microseconds since 1970 UTC).
        fields: what it was placed with; None for an order of an earlier run of which nothing was told yet.
        client, number, permanent_id: its names at the broker; None and 0 where they are not known.
        parent_number: as placed, 0 for none.
        terms: as last echoed, as sent until then.
        filled: what the broker's own count says.
        seen_alive: when it was last told as working; as `sent` until then.
        acknowledged: it was told as working at least once.
        modifying: the terms of the modification under way.
        cancelling: a cancel is under way.
        changed_at: when the last of these was sent, by the clock that waiting goes by (microseconds).
        left_at: when it was placed, by that clock; None for an order of an earlier run.
        refused: it was told as rejected or as missing: dead, unless a later status says that it lives.
        rejected: it was told as rejected.
        trouble: the last code and text about it that said nothing for certain.
        told: the last update that was put.
    """

    spec: OrderSpec
    sent: int
    fields: OrderFields | None
    client: int | None
    number: int | None
    terms: Terms
    parent_number: int = 0
    permanent_id: int = 0
    status: WireStatus = WireStatus.PENDING_SUBMIT
    why_held: str = ""
    filled: int = 0
    seen_alive: int = 0
    acknowledged: bool = False
    modifying: Terms | None = None
    cancelling: bool = False
    changed_at: int = 0
    left_at: int | None = None
    refused: bool = False
    rejected: bool = False
    trouble: tuple[int, str] | None = None
    told: OrderUpdate | None = None

    @property
    def order_id(self) -> str:
        return self.spec.order_id

    @property
    def is_over(self) -> bool:
        """Told as dead, and nothing told since says otherwise."""
        return self.refused or self.status in _OVER

    @property
    def is_live(self) -> bool:
        return self.status in LIVE and not self.refused

    def update(self) -> OrderUpdate:
        """The order as the port has it. One that was refused is cancelled to whoever asks again."""
        terms = self.terms
        status = WireStatus.CANCELLED if self.refused and self.status not in _OVER else self.status
        return OrderUpdate(
            order_id=self.spec.order_id,
            status=status,
            quantity=terms.quantity,
            filled=self.filled,
            limit_price=terms.limit_price,
            stop_price=terms.stop_price,
            time_in_force=terms.time_in_force,
            oca_group=terms.oca_group,
            why_held=self.why_held,
            permanent_id=self.permanent_id,
        )


class OrderIndex:
    """All orders of ours that were ever sent or known, by each of their names."""

    def __init__(self) -> None:
        self._by_id: dict[str, TrackedOrder] = {}
        self._by_reference: dict[str, TrackedOrder] = {}
        self._by_permanent_id: dict[int, TrackedOrder] = {}
        self._by_number: dict[tuple[int, int], TrackedOrder] = {}
        self._open: dict[str, TrackedOrder] = {}

    def add(self, order: TrackedOrder) -> None:
        self._by_id[order.order_id] = order
        if order.spec.reference:
            self._by_reference[order.spec.reference] = order
        if not order.is_over:
            self._open[order.order_id] = order
        self.name(order, order.client, order.number, order.permanent_id)

    def name(self, order: TrackedOrder, client: int | None, number: int | None, permanent_id: int) -> None:
        """Notes the broker's names for an order; numbers of 0 are no names."""
        if client is not None and number:
            order.client, order.number = client, number
            self._by_number[client, number] = order
        if permanent_id and not order.permanent_id:
            order.permanent_id = permanent_id
            self._by_permanent_id[permanent_id] = order

    def get(self, order_id: str) -> TrackedOrder | None:
        return self._by_id.get(order_id)

    def permanent(self, permanent_id: int) -> TrackedOrder | None:
        return self._by_permanent_id.get(permanent_id)

    def numbered(self, client: int, number: int) -> TrackedOrder | None:
        return self._by_number.get((client, number))

    def find(self, reference: str, permanent_id: int, client: int, number: int) -> TrackedOrder | None:
        """The order that a message is about: by reference, by permanent id, at last by client and number.

        One that goes by another permanent id is another order, whatever else fits: numbers repeat, and a reference can
        be copied by hand.
        """
        found = self._by_reference.get(reference) if reference else None
        if found is None and permanent_id:
            found = self._by_permanent_id.get(permanent_id)
        if found is None and not reference and number:
            found = self._by_number.get((client, number))
        if found is not None and permanent_id and found.permanent_id not in (0, permanent_id):
            return None
        return found

    def note(self, order: TrackedOrder) -> None:
        """Keeps in mind whether an order is open, after its state may have changed."""
        if order.is_over:
            self._open.pop(order.order_id, None)
        else:
            self._open[order.order_id] = order

    def open(self) -> Iterator[TrackedOrder]:
        """Orders that may work, oldest first."""
        return iter(list(self._open.values()))

    def symbols(self) -> set[str]:
        return {order.spec.symbol for order in self._by_id.values()}
