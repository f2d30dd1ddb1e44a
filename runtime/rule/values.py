"""Values of expressions, and the few operations on them that must not differ between two evaluators.

A value is a number, a text or a flag; None is «unknown». Operations never raise: what has no answer (a division by
zero, an overflow, a text below a number) is unknown. The reference evaluator applies these functions to everything;
generated closures call them where they can't prove the types beforehand.
"""

from __future__ import annotations

import enum
import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, TypeAlias

from ...dsl.plan import (
    ClockField,
    Date,
    Duration,
    Expression,
    Kind,
    Moment,
    Money,
    Negate,
    Number,
    Percent,
    RMultiple,
    Symbol,
    Text,
    TimeOfDay,
    Truth,
    Word,
)

Value: TypeAlias = float | str | bool | None


class Sort(enum.Enum):
    """What a value is at run time, units aside; MIXED may be any of the three, NONE is always unknown."""

    NUMBER = "number"
    TEXT = "text"
    FLAG = "flag"
    MIXED = "mixed"
    NONE = "none"


# The names that triggers bring. Each is an attribute of the input records that have it.
EVENT_NAMES: Mapping[str, Sort] = {
    "symbol": Sort.TEXT,
    "signal": Sort.TEXT,
    "source": Sort.TEXT,
    "confidence": Sort.NUMBER,
    "price": Sort.NUMBER,
    "size": Sort.NUMBER,
    "open": Sort.NUMBER,
    "high": Sort.NUMBER,
    "low": Sort.NUMBER,
    "close": Sort.NUMBER,
    "volume": Sort.NUMBER,
    "reason": Sort.TEXT,
    "pnl": Sort.NUMBER,
    "role": Sort.TEXT,
    "quantity": Sort.NUMBER,
    "fill_price": Sort.NUMBER,
}

# What stands after `position.` and `account.`, and what the clock shows, where it is no number.
TEXTS_OF_POSITION = frozenset(("side",))
TEXTS_OF_CLOCK = frozenset(("weekday",))

_FIELD_SORTS: Mapping[Kind, Sort] = {
    Kind.NUMBER: Sort.NUMBER,
    Kind.PERCENT: Sort.NUMBER,
    Kind.MONEY: Sort.NUMBER,
    Kind.DURATION: Sort.NUMBER,
    Kind.TIME: Sort.NUMBER,
    Kind.R: Sort.NUMBER,
    Kind.TEXT: Sort.TEXT,
    Kind.SYMBOL: Sort.TEXT,
    Kind.WORD: Sort.TEXT,
    Kind.FLAG: Sort.FLAG,
}

_ORDERINGS: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

OPERATORS = frozenset(("==", "!=", *_ORDERINGS))

# Wide enough for every float written out in full.
_DECIMALS = Context(prec=700, rounding=ROUND_HALF_UP)
_MOST_DIGITS = 300


def field_sort(kind: Kind) -> Sort:
    """What a signal field of this kind holds at run time."""
    return _FIELD_SORTS.get(kind, Sort.NONE)


def sort_of(value: Value) -> Sort:
    if value is None:
        return Sort.NONE
    if isinstance(value, bool):
        return Sort.FLAG
    return Sort.TEXT if isinstance(value, str) else Sort.NUMBER


def number_of(value: Any) -> float | None:
    """The value as a finite float; None for anything else, flags included."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def text_of(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def flag_of(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


_READERS: Mapping[Sort, Callable[[Any], Value]] = {
    Sort.NUMBER: number_of,
    Sort.TEXT: text_of,
    Sort.FLAG: flag_of,
}


def literal_of(node: Expression) -> Value:
    """What an expression says whatever the event; None for one that depends on the event, or is no finite number."""
    match node:
        case Number() | Percent() | Money() | RMultiple():
            return number_of(node.value)
        case Duration() | TimeOfDay() | Moment():
            return number_of(node.seconds)
        case Date():
            return float(node.days)
        case Negate(item) if not isinstance(item, Negate):
            value = number_of(literal_of(item))
            return None if value is None else -value
        case Truth():
            return node.value
        case Symbol():
            return node.name
        case Word():
            return node.text
        case Text() if all(isinstance(part, str) for part in node.parts):
            return "".join(part for part in node.parts if isinstance(part, str))
        case _:
            return None


def event_value(event: object, name: str) -> Value:
    """A name that the trigger brings; unknown where this event has no such name or no value for it.

    A signal that came without a source holds an empty one: it is unknown too.
    """
    sort = EVENT_NAMES.get(name)
    value = None if sort is None else _READERS[sort](getattr(event, name, None))
    return None if value == "" else value


def field_value(event: object, name: str, kind: Kind) -> Value:
    """A declared field of a signal; unknown where it is missing or of another sort than declared."""
    fields = getattr(event, "fields", None)
    return None if fields is None else field_reader(kind)(fields.get(name))


def field_reader(kind: Kind) -> Callable[[Any], Value]:
    """How what a signal carries is read as a field of a kind: times and durations in seconds, or as written."""
    return _FIELD_READERS.get(kind) or _READERS.get(field_sort(kind), _nothing)


def _nothing(value: Any) -> None:
    return None


def _time_of(value: Any) -> float | None:
    """`"10:30"` or `"15:59:30"`, or seconds after midnight."""
    if not isinstance(value, str):
        return number_of(value)
    found = _TIME.fullmatch(value)
    return None if found is None else float(int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3] or 0))


def _duration_of(value: Any) -> float | None:
    """`"5m"` or `"90s"`, or seconds."""
    if not isinstance(value, str):
        return number_of(value)
    found = _DURATION.fullmatch(value)
    return None if found is None else number_of(float(found[1]) * _UNITS[found[2]])


_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?")
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)([smhd])")
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_FIELD_READERS: Mapping[Kind, Callable[[Any], Value]] = {Kind.TIME: _time_of, Kind.DURATION: _duration_of}


def compare(operation: str, left: Value, right: Value) -> bool | None:
    """One comparison; unknown between different sorts, and where texts or flags are to be put in order."""
    sort = sort_of(left)
    if sort is Sort.NONE or sort is not sort_of(right) or operation not in OPERATORS:
        return None
    if operation == "==":
        return left == right
    if operation == "!=":
        return left != right
    if isinstance(left, str) or isinstance(right, str) or left is None or right is None or sort is Sort.FLAG:
        return None
    return _ORDERINGS[operation](left, right)


def is_member(item: Value, members: Sequence[Value]) -> bool | None:
    """Whether one of the members equals the item: true, else unknown where any comparison was."""
    outcome: bool | None = False
    for member in members:
        equal = compare("==", item, member)
        if equal:
            return True
        if equal is None:
            outcome = None
    return outcome


def _round(value: float, digits: float = 0.0) -> float | None:
    """Half away from zero, of the decimal that a person sees: `round(2.675, 2)` is 2.68."""
    places = round(digits)
    if places != digits or abs(places) > _MOST_DIGITS:
        return None
    return number_of(float(Decimal(repr(value)).quantize(Decimal((0, (1,), -places)), context=_DECIMALS)))


def _absolute(*values: float) -> float | None:
    return abs(values[0]) if len(values) == 1 else None


def _least(*values: float) -> float | None:
    return min(values) if values else None


def _greatest(*values: float) -> float | None:
    return max(values) if values else None


def _rounded(*values: float) -> float | None:
    return _round(*values) if 1 <= len(values) <= 2 else None


FUNCTIONS: Mapping[str, Callable[..., float | None]] = {
    "abs": _absolute,
    "min": _least,
    "max": _greatest,
    "round": _rounded,
}


def call(function: str, values: Sequence[Value]) -> float | None:
    """`abs min max round`; unknown with an argument unknown, or with a number of arguments it doesn't take."""
    numbers = [number for value in values if (number := number_of(value)) is not None]
    if function not in FUNCTIONS or len(numbers) < len(values):
        return None
    return FUNCTIONS[function](*numbers)


def shown(value: Value) -> str:
    """A value as a person reads it: `0.91`, `100`, `true`, `AAPL`, and `unknown`."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if value != 0 and not 1e-9 <= abs(value) < 1e21:
        return repr(float(value))
    text = format(Decimal(repr(float(value))), "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


_FIRST_DAY = date(1970, 1, 1)
_LAST_DAY = 700_000  # nothing that a clock shows lies further from 1970
_LAST_SECOND = _LAST_DAY * 86_400


def shown_of(node: Expression, value: Value) -> str:
    """The value of a node as a person reads it: dates and times as such, everything else as `shown`."""
    if isinstance(value, float | int) and not isinstance(value, bool) and abs(value) <= _LAST_SECOND:
        if isinstance(node, Date) or node == ClockField("today"):
            return str(_FIRST_DAY + timedelta(days=value)) if abs(value) <= _LAST_DAY else shown(value)
        if isinstance(node, Moment) or node == ClockField("now"):
            days, seconds = divmod(int(value), 86_400)
            return f"{_FIRST_DAY + timedelta(days=days)} {_time_of_day(seconds)}"
        if isinstance(node, TimeOfDay) or node == ClockField("time"):
            return _time_of_day(int(value))
    return shown(value)


def _time_of_day(seconds: int) -> str:
    text = f"{seconds // 3600:02}:{seconds % 3600 // 60:02}"
    return f"{text}:{seconds % 60:02}" if seconds % 60 else text
