"""Orders as the library encodes them, without its encoding each of their hundred fields for every order.

All but a few fields of an order of ours never change. So the library encodes one order with a mark in every field that
does change, and from then on the marks are filled in. Before that is relied on, orders of every kind are held against
what the library itself makes of them; should one differ, the library encodes all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from .orders import OCA_TYPE, OrderFields

Encode = Callable[[int, str, OrderFields], str]
"""What the library makes of an order: the contract's number, its symbol as the broker spells it, and the fields."""

_MARK = "\x01"
_CON_ID, _SYMBOL = f"{_MARK}con_id", f"{_MARK}symbol"


class OrderMessages:
    """The placeOrder messages of one connection; which fields they have depends on the broker's version."""

    def __init__(self, encode: Encode) -> None:
        self._encode = encode
        self._template = _template(encode)
        if any(self.text(7, "BRK B", kind) != encode(7, "BRK B", kind) for kind in _KINDS):
            self._template = ""

    def text(self, con_id: int, symbol: str, order: OrderFields) -> str:
        """One message, without its length. `symbol` is the contract's, as the broker spells it."""
        if not self._template:
            return self._encode(con_id, symbol, order)
        limit, aux = order.limit_price, order.aux_price
        trail_stop, percent = order.trail_stop_price, order.trailing_percent
        return self._template % {
            "con_id": con_id,
            "symbol": symbol,
            "number": order.number,
            "action": order.action,
            "quantity": order.quantity,
            "order_type": order.order_type,
            "limit_price": "" if limit is None else limit,
            "aux_price": "" if aux is None else aux,
            "trail_stop_price": "" if trail_stop is None else trail_stop,
            "trailing_percent": "" if percent is None else percent,
            "time_in_force": order.time_in_force,
            "oca_group": order.oca_group,
            "oca_type": order.oca_type,
            "account": order.account,
            "reference": order.reference,
            "parent_number": order.parent_number,
            "transmit": "1" if order.transmit else "0",
            "outside_hours": "1" if order.outside_hours else "0",
        }


def _template(encode: Encode) -> str:
    """A message with `%(name)s` where a field of ours stands."""
    # Any: texts stand where the library expects numbers, which it writes down as they are
    marks: dict[str, Any] = {field.name: f"{_MARK}{field.name}" for field in attrs.fields(OrderFields)}
    con_id: Any = _CON_ID
    message = encode(con_id, _SYMBOL, OrderFields(**marks))
    fields = message.replace("%", "%%").split("\0")
    return "\0".join(f"%({field[1:]})s" if field.startswith(_MARK) else field for field in fields)


def _order(**other: Any) -> OrderFields:
    plain: dict[str, Any] = {
        "number": 12,
        "symbol": "BRK.B",
        "action": "SELL",
        "quantity": 100,
        "order_type": "STP",
        "limit_price": None,
        "aux_price": 145.5,
        "trail_stop_price": None,
        "trailing_percent": None,
        "time_in_force": "GTC",
        "oca_group": "",
        "oca_type": 0,
        "account": "DU100%",
        "reference": "rulec/1/r0-1/stop/2",
        "parent_number": 11,
    }
    return OrderFields(**{**plain, **other})


# Orders of every kind, each field with and without a value.
_KINDS = (
    _order(),
    _order(action="BUY", order_type="MKT", aux_price=None, time_in_force="DAY", parent_number=0, transmit=False),
    _order(order_type="LMT", limit_price=0.0001, aux_price=None, oca_group="rulec/1/r0-1/1", oca_type=OCA_TYPE),
    _order(order_type="STP LMT", limit_price=1234567.89, outside_hours=True),
    _order(order_type="TRAIL", trail_stop_price=140.0),
    _order(order_type="TRAIL", aux_price=None, trail_stop_price=140.25, trailing_percent=2.5),
)
