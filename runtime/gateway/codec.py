"""Pure translation: the fields of a message to the record of a request, and the record of a reply to fields.

What cannot be read becomes an `Unknown` with the reason, never an exception: one client's garbage is answered and
forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import attrs

from .replies import Reply
from .reply_layouts import REPLIES, REPLY_OF
from .request_layouts import NOT_ANSWERED, REQUEST_OF, REQUESTS
from .requests import CancelOrder, Contract, PlaceOrder, Request, Unknown

_CONTRACT = "contract."
_LONGEST_SHOWN = 40


def decode(fields: Sequence[str], version: int) -> Request:
    """What a client asks."""
    message_id = fields[0] if fields else ""
    kind = REQUEST_OF.get(message_id)
    if kind is None:
        shown = message_id[:_LONGEST_SHOWN]
        return Unknown(shown, _id_of_unknown(fields), f"message {shown!r} is not answered here")
    try:
        values = REQUESTS[kind].read(fields, version)
    except ValueError as error:
        return Unknown(message_id, _id_of_known(kind, fields), str(error))
    if kind is PlaceOrder:
        own = {name: value for name, value in values.items() if not name.startswith(_CONTRACT)}
        return PlaceOrder(own.pop("order_id"), _contract(values), own)
    names = [field.name for field in attrs.fields(kind)]
    found: dict[str, Any] = {name: values[name] for name in names if name in values}
    if "contract" in names:
        found["contract"] = _contract(values)
    return cast(Request, kind(**found))


def encode(reply: Reply, version: int) -> list[str]:
    """The fields of a message to a client."""
    return REPLIES[type(reply)].write(reply, version)


def decode_reply(fields: Sequence[str], version: int) -> tuple[type, Mapping[str, Any]]:
    """A message to a client, taken apart: the record's class and values by the names of the layout's rows.

    Raises:
        ValueError: it is no message that the gateway sends.
    """
    kind = REPLY_OF.get(fields[0] if fields else "")
    if kind is None:
        raise ValueError(f"no message {fields[:1]}")
    return kind, REPLIES[kind].read(fields, version)


def _contract(values: Mapping[str, Any]) -> Contract:
    found = {name.removeprefix(_CONTRACT): value for name, value in values.items() if name.startswith(_CONTRACT)}
    found["strike"] = found["strike"] or 0.0
    return Contract(**found)


def _id_of_unknown(fields: Sequence[str]) -> int | None:
    text = fields[0] if fields else ""
    place = NOT_ANSWERED.get(int(text)) if text.isascii() and text.isdigit() and len(text) <= 9 else None
    return None if place is None else _whole(fields, place)


def _id_of_known(kind: type, fields: Sequence[str]) -> int | None:
    if kind in (PlaceOrder, CancelOrder):
        return _whole(fields, 1 if kind is PlaceOrder else 2)
    parts = REQUESTS[kind].parts
    places = [place for place, part in enumerate(parts, 1) if getattr(part, "name", "") == "request_id"]
    return _whole(fields, places[0]) if places else None


def _whole(fields: Sequence[str], place: int) -> int | None:
    text = fields[place] if place < len(fields) else ""
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= 18 else None
