"""`--policy NAME=VALUE`: the fields of both policies, the gateway's and the exchange's, by their names."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from ..broker.exchange import ExchangePolicy
from ..times import SECOND, parse_duration
from .policy import GatewayPolicy

_YES, _NO, _NONE = ("yes", "on", "true"), ("no", "off", "false"), "none"
_TIMES = ("rejection_delay", "account_interval", "pnl_interval", "snapshot_wait", "cancel_window")
_NOT_SETTABLE = ("ticks", "server_version")
_UNIT = re.compile(r"(?: \(microseconds\)|, in microseconds)")  # for who sets it there are times
_MEANING = re.compile(r"^    (\w+): (.+(?:\n        .+)*)", re.M)


@attrs.frozen
class Setting:
    """A field of a policy: its default as a text, what it may be, and what it means."""

    name: str
    default: str
    values: str
    meaning: str


def settings(policy: type) -> Iterator[Setting]:
    """The fields of a policy that can be set."""
    found = {match[1]: " ".join(match[2].split()) for match in _MEANING.finditer(policy.__doc__ or "")}
    meanings = {name: _UNIT.sub("", text) for name, text in found.items()}
    for field in attrs.fields(policy):
        if field.name not in _NOT_SETTABLE:
            yield Setting(field.name, _shown(field.name, field.default), _choices(field), meanings[field.name])


def read_policies(texts: Sequence[str]) -> tuple[GatewayPolicy, ExchangePolicy]:
    """Both policies with what `NAME=VALUE` says; the last of a name counts.

    Raises:
        ValueError: no such name, or no such value; the message says what there is.
    """
    given: dict[str, Any] = {}
    fields = {field.name: field for policy in (GatewayPolicy, ExchangePolicy) for field in attrs.fields(policy)}
    for text in texts:
        name, equals, value = text.partition("=")
        field = fields.get(name)
        if not equals or field is None or name in _NOT_SETTABLE:
            raise ValueError(f"{text}: not NAME=VALUE of a policy that there is")
        try:
            given[name] = _reader(field)(value.strip().lower())
        except (ValueError, KeyError):
            raise ValueError(f"{text}: {name} is {_choices(field)}") from None
    return _of(GatewayPolicy, given), _of(ExchangePolicy, given)


def _of(policy: type, given: Mapping[str, Any]) -> Any:
    names = {field.name for field in attrs.fields(policy)}
    return policy(**{name: value for name, value in given.items() if name in names})


def _reader(field: Any) -> Callable[[str], Any]:
    if isinstance(field.default, bool):
        return lambda text: {**dict.fromkeys(_YES, True), **dict.fromkeys(_NO, False)}[text]
    if isinstance(field.default, enum.IntEnum):
        kind = type(field.default)
        return lambda text: kind(int(text))
    if isinstance(field.default, enum.Enum):
        return type(field.default)
    if field.name in _TIMES:
        return parse_duration
    if field.default is None:
        return lambda text: None if text == _NONE else _whole(text)
    return _whole


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise ValueError(f"{text} is no whole number")
    return int(text)


def _choices(field: Any) -> str:
    if isinstance(field.default, bool):
        return "yes or no"
    if isinstance(field.default, enum.Enum):
        return " or ".join(str(each.value) for each in type(field.default))
    if field.name in _TIMES:
        return "a time, as in 50ms or 3m"
    return "a whole number, or none" if field.default is None else "a whole number"


def _shown(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, enum.Enum):
        return str(value.value)
    if name in _TIMES:
        return "0" if value == 0 else f"{value // SECOND}s" if value % SECOND == 0 else f"{value // 1000}ms"
    return _NONE if value is None else str(value)
