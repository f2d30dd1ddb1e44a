"""What shall go wrong, as JSON objects: lines of a `--faults` file, or requests to the control port.

    {"fault": "reject", "order": {"type": "STP"}, "code": 201, "text": "margin"}
    {"fault": "drop", "at": "2026-01-05T15:00:00Z", "client": 1}

`KINDS` tells which fields go with which fault; anything else is refused with a clear word, nothing is guessed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

import attrs

from ..broker.exchange import Action, Order, OrderKind, Status, Tif
from ..numbers import to_micros
from ..times import parse_duration, parse_time
from .fault_kinds import KINDS, TEXTS
from .instruments import is_symbol, wire_symbol
from .message_names import REPLIES, REQUESTS

_MOST = 10**9
_COUNTS = ("quantity", "times", "size", "per_second")
_WHOLE = ("code", "skip", "client", "id")
_LENGTHS = ("after", "window", "for", "by")
_AMOUNTS = ("price", "amount", "limit_price", "stop_price")
_FLAGS = ("child", "cancels", "before", "disconnects")
_Reader = Callable[[Any], Any]
_SELECTORS = ("symbol", "action", "type", "tif", "ref", "role", "client", "id", "child")


class FaultError(Exception):
    """An object that is no fault; the text says why."""


@attrs.frozen
class Selector:
    """Which orders a fault is for; what is not given fits every order.

    `ref` is a pattern (`*` and `?`) for orderRef. `role` is `entry`, `stop`, `target` or what a reference of the form
    `rulec/…/…/ROLE/…` names. `child` tells orders with a parent from those without.
    """

    symbol: str | None = None
    action: str | None = None
    type: str | None = None
    tif: str | None = None
    ref: str | None = None
    role: str | None = None
    client: int | None = None
    id: int | None = None
    child: bool | None = None

    def fits(self, order: Order) -> bool:
        has = {
            "symbol": order.symbol,
            "action": order.action.value,
            "type": order.kind.value,
            "tif": order.tif.value,
            "client": order.client_id,
            "id": order.order_id,
            "child": order.parent_id is not None,
        }
        if any(getattr(self, name) not in (None, value) for name, value in has.items()):
            return False
        if self.ref is not None and not fnmatchcase(order.reference, self.ref):
            return False
        return self.role is None or self.role in roles_of(order)


def roles_of(order: Order) -> tuple[str, ...]:
    """What an order is to its family: entry, stop or target; and the role in a reference of rulec's."""
    parts = order.reference.split("/")
    named = (parts[3],) if len(parts) == 5 and parts[0] == "rulec" else ()
    if order.parent_id is None:
        return ("entry", *named)
    limit = order.kind in (OrderKind.LIMIT, OrderKind.MARKET_IF_TOUCHED, OrderKind.LIMIT_IF_TOUCHED)
    return ("target" if limit else "stop", *named)


EVERY_ORDER = Selector()


@attrs.frozen
class Fault:
    """Something that shall go wrong.

    `at` (microseconds since 1970 UTC) or `after` (microseconds from the start) say when it comes into force, neither:
    at once. `skip` occasions pass before it, then it happens `times` times. `values` are its other fields, amounts in
    micros and lengths of time in microseconds.
    """

    kind: str
    at: int | None = None
    after: int | None = None
    order: Selector = EVERY_ORDER
    skip: int = 0
    times: int = 1
    client: int | None = None
    code: int = 0
    text: str = ""
    values: Mapping[str, Any] = attrs.field(factory=dict, hash=False)

    @property
    def is_for_all(self) -> bool:
        """Whether it is for every order, and for what is about none."""
        return self.order == EVERY_ORDER


def read_faults(name: str, lines: Iterable[str]) -> list[Fault]:
    """The faults of a file, one JSON object a line; blank lines and lines that begin with `#` say nothing.

    Raises:
        FaultError: a line is no fault; it is named `name:LINE: …`.
    """
    faults = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            faults.append(read_fault(json.loads(line)))
        except (FaultError, json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
            raise FaultError(f"{name}:{number}: {error}") from None
    return faults


def read_fault(given: Any) -> Fault:
    """A fault from a JSON object.

    Raises:
        FaultError: it is none.
    """
    if not isinstance(given, dict):
        raise FaultError('a fault is an object, as in {"fault": "drop"}')
    name = given.get("fault")
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None or not isinstance(name, str):
        raise FaultError(f"`fault`: {name!r} is none of {', '.join(KINDS)}")
    allowed = {"fault", "at", "after", *kind.needs, *kind.may}
    for field in given:
        if field not in allowed:
            raise FaultError(f"`{field}` does not go with {name}; it has {', '.join(sorted(allowed - {'fault'}))}")
    for field in kind.needs:
        if field not in given:
            raise FaultError(f"{name} needs `{field}`")
    values = {field: _read(field, value) for field, value in given.items() if field != "fault"}
    wanted = REQUESTS if name in ("refuse", "ignore") else REPLIES
    if "message" in values and values["message"] not in wanted:
        raise FaultError(f"`message`: {name} goes with {', '.join(wanted)}")
    if "at" in values and "after" in values:
        raise FaultError("`at` and `after` exclude each other")
    code = values.pop("code", 201 if name in ("reject", "refuse_change") else 0)
    return Fault(
        kind=name,
        at=values.pop("at", None),
        after=values.pop("after", None),
        order=values.pop("order", EVERY_ORDER),
        skip=values.pop("skip", 0),
        times=values.pop("times", 1),
        client=values.pop("client", None),
        code=code,
        text=values.pop("text", TEXTS.get(code, "")),
        values=values,
    )


def _read(field: str, value: Any) -> Any:
    try:
        return _reader(field)(value)
    except (TypeError, ValueError) as error:
        raise FaultError(f"`{field}`: {error}") from None


def _reader(field: str) -> _Reader:
    return _READERS.get(field) or _text


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a text is wanted, not {value!r}")
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MOST:
        raise ValueError(f"a whole number is wanted, not {value!r}")
    return value


def _count(value: Any) -> int:
    if _whole(value) == 0:
        raise ValueError("at least 1 is wanted")
    return int(value)


def _symbol(value: Any) -> str:
    if not is_symbol(wire_symbol(_text(value))):
        raise ValueError(f"{value!r} is no symbol; write it like AAPL or BRK.B")
    return str(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"true or false is wanted, not {value!r}")
    return value


def _amount(value: Any) -> int:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 <= value < 1e9:
        raise ValueError(f"an amount of money is wanted, not {value!r}")
    return to_micros(value)


def _time(value: Any) -> int:
    return parse_time(_text(value))


def _length(value: Any) -> int:
    return parse_duration(_text(value))


def _one_of(names: Iterable[str]) -> Callable[[Any], str]:
    legal = tuple(names)

    def read(value: Any) -> str:
        if value not in legal:
            raise ValueError(f"{value!r} is none of {', '.join(legal)}")
        return str(value)

    return read


def _selector(value: Any) -> Selector:
    if not isinstance(value, dict):
        raise TypeError('an object is wanted, as in {"type": "STP"}')
    for field in value:
        if field not in _SELECTORS:
            raise ValueError(f"`{field}` is none of {', '.join(_SELECTORS)}")
    return Selector(**{field: _reader(field)(each) for field, each in value.items()})


_READERS: dict[str, _Reader] = {
    "at": _time,
    "order": _selector,
    "symbol": _symbol,
    "action": _one_of(each.value for each in Action),
    "type": _one_of(each.value for each in OrderKind),
    "tif": _one_of(each.value for each in Tif),
    "status": _one_of(each.value for each in Status),
    "then": _one_of(("1101", "1102")),
    "message": _one_of((*REPLIES, *REQUESTS)),
}
_ALIKE: tuple[tuple[tuple[str, ...], _Reader], ...] = (
    (_WHOLE, _whole),
    (_COUNTS, _count),
    (_FLAGS, _flag),
    (_AMOUNTS, _amount),
    (_LENGTHS, _length),
)
_READERS.update({name: reader for names, reader in _ALIKE for name in names})
