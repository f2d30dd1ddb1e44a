"""From a client's order to the exchange's, or to the reason why not; and back to what the gateway echoes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from ..broker.exchange import Action, OcaType, Order, OrderEvent, OrderKind, Tif
from ..market.hours import NEW_YORK
from .moments import parse_moment
from .replies import OrderTerms
from .requests import PlaceOrder

_BY_STOP = (OrderKind.STOP, OrderKind.STOP_LIMIT, OrderKind.MARKET_IF_TOUCHED, OrderKind.LIMIT_IF_TOUCHED)
_BY_LIMIT = (OrderKind.LIMIT, OrderKind.STOP_LIMIT, OrderKind.LIMIT_IF_TOUCHED, OrderKind.LIMIT_ON_CLOSE)
_NOT_OFFERED = (
    ("algorithm", "algorithmic orders"),
    ("conditions", "conditional orders"),
    ("neutral_order_type", "delta-neutral orders"),
    ("hedge_type", "hedging orders"),
    ("scale_increment", "scale orders"),
    ("good_after_time", "good-after times"),
    ("has_neutral", "delta-neutral contracts"),
    ("all_or_none", "all-or-none orders"),
    ("minimum_quantity", "minimum quantities"),
    ("cash_quantity", "cash quantities"),
    ("adjusted_order_type", "adjusted orders"),
)
# The word None is what the gateway itself writes for some of them, and what a client sends back that changes an order
# as it was told it.
_NOTHING = (None, "", "None", 0, ())
_SPELLINGS = {"STPLMT": "STP LMT", "TRAILLMT": "TRAIL LIMIT", "TRAIL LMT": "TRAIL LIMIT"}


@attrs.frozen
class Refusal:
    """An order that cannot be what it says; the exchange never hears of it."""

    code: int
    text: str


def read_terms(request: PlaceOrder, client_id: int, symbol: str, account: str, now: int) -> Order | Refusal:
    """The order that a client's fields describe; `symbol` in rulec's spelling, `now` in microseconds."""
    fields = request.fields
    for name, what in _NOT_OFFERED:
        if fields.get(name) not in _NOTHING:
            return _invalid(f"{what} are not offered")
    text = fields["order_type"].upper()
    try:
        action = Action(fields["action"])
        kind = OrderKind(_SPELLINGS.get(text, text))
    except ValueError:
        return _invalid(f"order type {fields['order_type'][:20]!r} {fields['action'][:10]!r} is not offered")
    try:
        tif = Tif(fields["tif"] or "DAY")
        good_till = parse_moment(fields["good_till_date"], NEW_YORK) if fields["good_till_date"] else None
    except ValueError as error:
        return _invalid(f"time in force: {error}")
    quantity = fields["quantity"] or 0.0
    if quantity != int(quantity) or abs(quantity) > 1e9:
        return _invalid("fractions of shares are not offered")
    percent = fields["trailing_percent"]
    if percent and not 0 < percent < 100:
        return _invalid("a trailing percentage lies between 0 and 100")
    if any((fields[name] or 0) < 0 for name in ("auxiliary_price", "limit_offset")):
        return _invalid("an amount must be above zero")
    auxiliary = fields["auxiliary_price"]
    trails = kind in (OrderKind.TRAIL, OrderKind.TRAIL_LIMIT)
    limit = fields["limit_price"]
    offset = fields["limit_offset"]
    return Order(
        account=account,
        client_id=client_id,
        order_id=request.order_id,
        symbol=symbol,
        action=action,
        quantity=int(quantity),
        kind=kind,
        tif=tif,
        limit_price=limit if kind in _BY_LIMIT or (kind is OrderKind.TRAIL_LIMIT and not offset) else None,
        stop_price=auxiliary if kind in _BY_STOP else fields["trail_stop_price"] if trails else None,
        trail_amount=(auxiliary or None) if trails and not percent else None,
        trail_fraction=percent / 100 if trails and percent else None,
        limit_offset=offset or None if kind is OrderKind.TRAIL_LIMIT else None,
        good_till=good_till,
        parent_id=fields["parent_id"] or None,
        transmit=fields["transmit"],
        oca_group=fields["oca_group"] or None,
        oca_type=OcaType(fields["oca_type"]) if fields["oca_type"] in (1, 2, 3) else OcaType.REDUCE_WITHOUT_BLOCK,
        outside_regular_hours=fields["outside_regular_hours"],
        reference=fields["reference"],
    )


def echoed(event: OrderEvent, sent: Mapping[str, Any], parent_id: int, order_client: int) -> OrderTerms:
    """An order as the gateway tells it, from the exchange's state and what the client had sent."""
    order = event.order
    trails = order.kind in (OrderKind.TRAIL, OrderKind.TRAIL_LIMIT)
    return OrderTerms(
        action=order.action.value,
        quantity=order.quantity,
        order_type=order.kind.value,
        limit_price=order.limit_price,
        auxiliary_price=order.trail_amount if trails else order.stop_price,
        tif=order.tif.value,
        oca_group=order.oca_group or "",
        oca_type=int(order.oca_type),
        account=order.account,
        reference=order.reference,
        client_id=order_client,
        permanent_id=event.permanent_id,
        parent_id=parent_id,
        outside_regular_hours=order.outside_regular_hours,
        trail_stop_price=order.stop_price if trails else None,
        trailing_percent=None if order.trail_fraction is None else order.trail_fraction * 100,
        limit_offset=order.limit_offset,
        good_till_date=sent.get("good_till_date", "") or "",
        sent=sent,
    )


def _invalid(why: str) -> Refusal:
    return Refusal(321, f"Error validating request.-'bX' : cause - {why}.")
