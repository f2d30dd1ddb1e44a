"""An order of the port's as the fields that Interactive Brokers wants: which field holds what, and what never changes.

Every leg states its time in force, its account and its reference, and is for regular hours only. A family leaves parent
first, and only its last order is transmitted: that releases all of it at once. What an order was placed with is kept,
because a modification must send the same fields again: only quantity, prices and time in force may differ.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from ...numbers import to_float
from ..port import OrderSide, OrderSpec, OrderType

ORDER_TYPES = {
    OrderType.MARKET: "MKT",
    OrderType.LIMIT: "LMT",
    OrderType.STOP: "STP",
    OrderType.STOP_LIMIT: "STP LMT",
    OrderType.TRAIL: "TRAIL",
}
# The type that Interactive Brokers itself gives to the group of a bracket's children: a full fill cancels the others, a
# part reduces them. A stop that joins such a group later must be of the same type.
OCA_TYPE = 3


@attrs.frozen
class OrderFields:
    """The fields of one placeOrder. Prices are floats in currency, None where the order type has none.

    `number` is the broker's number for it; `parent_number` 0 for an order without a parent. `symbol` is spelt as rules
    spell it.
    """

    number: int
    symbol: str
    action: str
    quantity: int
    order_type: str
    limit_price: float | None
    aux_price: float | None
    trail_stop_price: float | None
    trailing_percent: float | None
    time_in_force: str
    oca_group: str
    oca_type: int
    account: str
    reference: str
    parent_number: int = 0
    transmit: bool = True
    outside_hours: bool = False


def order_fields(spec: OrderSpec, number: int, parent_number: int, account: str, *, transmit: bool) -> OrderFields:
    """The fields of an order that is placed.

    A child states no group: the broker puts the children of one parent in a group of its own, which the engine's spec
    holds after the first echo, and naming it in a modification would be revising it.
    """
    group = spec.oca_group if spec.oca_group and not parent_number else ""
    trails = spec.order_type is OrderType.TRAIL
    return OrderFields(
        number=number,
        symbol=spec.symbol,
        action="BUY" if spec.side is OrderSide.BUY else "SELL",
        quantity=spec.quantity,
        order_type=ORDER_TYPES[spec.order_type],
        limit_price=_currency(spec.limit_price) if has_limit(spec.order_type) else None,
        aux_price=_aux_price(spec),
        trail_stop_price=_currency(spec.stop_price) if trails else None,
        trailing_percent=_percent(spec) if trails else None,
        time_in_force=spec.time_in_force.value,
        oca_group=group,
        oca_type=OCA_TYPE if group else 0,
        account=account,
        reference=spec.reference,
        parent_number=parent_number,
        transmit=transmit,
    )


def modified_fields(placed: OrderFields, spec: OrderSpec) -> OrderFields:
    """The fields of a modification: as placed, but for quantity, prices and time in force, and always transmitted."""
    fresh = order_fields(spec, placed.number, placed.parent_number, placed.account, transmit=True)
    return attrs.evolve(
        fresh,
        action=placed.action,
        order_type=placed.order_type,
        oca_group=placed.oca_group,
        oca_type=placed.oca_type,
        reference=placed.reference,
    )


def transmits(specs: Sequence[OrderSpec]) -> tuple[bool, ...]:
    """Which orders of a Place are transmitted: the last of each family."""
    if len(specs) == 1:
        return (True,)
    families = [spec.parent_id or spec.order_id for spec in specs]
    last = {family: place for place, family in enumerate(families)}
    return tuple(last[family] == place for place, family in enumerate(families))


def has_limit(order_type: OrderType) -> bool:
    return order_type in (OrderType.LIMIT, OrderType.STOP_LIMIT)


def has_stop(order_type: OrderType) -> bool:
    """Whether the stop price stands in the field of the stop (a trail's stands in one of its own)."""
    return order_type in (OrderType.STOP, OrderType.STOP_LIMIT)


def _aux_price(spec: OrderSpec) -> float | None:
    if has_stop(spec.order_type):
        return _currency(spec.stop_price)
    if spec.order_type is OrderType.TRAIL and spec.trail_fraction is None:
        return _currency(spec.trail_amount)
    return None


def _percent(spec: OrderSpec) -> float | None:
    return None if spec.trail_fraction is None else round(spec.trail_fraction * 100, 6)


def _currency(micros: int | None) -> float | None:
    return None if micros is None else to_float(micros)
