"""What to say where two values do not fit together, and what to write instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from . import kinds, nodes
from .kinds import Type
from .plan import Kind
from .record import Record

WITH_UNIT: Mapping[Kind | None, str] = {Kind.PERCENT: "{}%", Kind.MONEY: "${}", Kind.DURATION: "{}m", Kind.R: "{}R"}
"""How a bare number is written as a value of a kind."""

_NUMERIC_LITERALS = (nodes.Number, nodes.Percent, nodes.Money, nodes.Duration, nodes.RMultiple)
_LITERALS = (*_NUMERIC_LITERALS, nodes.TimeOfDay, nodes.Date)
_EXAMPLES: Mapping[Kind | None, str] = {
    Kind.PERCENT: "a percentage, such as `3%`",
    Kind.MONEY: "an amount, such as `$3`",
    Kind.DURATION: "a duration, such as `5m`",
    Kind.TIME: "a time of day, such as `10:00`",
    Kind.DATE: "a date, such as `2026-01-05`",
    Kind.MOMENT: "a time of day, such as `10:00`, or a date and time",
}
_CONTAINERS = (Kind.LIST, Kind.TABLE, Kind.CONDITION)


@attrs.frozen(eq=False, repr=False)
class Operand(Record):
    """One of two values that are to be compared: its node, its type, and its text in back quotes."""

    node: Any
    type: Type
    written: str


@attrs.frozen(eq=False, repr=False)
class Misfit(Record):
    """A diagnostic to be: its code, the node to blame, and what to say."""

    code: str
    node: Any
    message: str
    label: str
    help: str | None


def comparison_misfit(left: Operand, right: Operand) -> Misfit:
    """E202 where a bare number lacks its unit, else E201 at the side that is easier to change."""
    for number, other in ((right, left), (left, right)):
        negated = isinstance(number.node, nodes.Negate)
        bare = number.node.item if negated else number.node
        if isinstance(bare, nodes.Number) and number.type.kind is Kind.NUMBER and other.type.kind in WITH_UNIT:
            message = f"{other.written} is {other.type}, so `{bare.text}` needs a unit"
            sign = "-" if negated else ""
            help_text = f"write `{sign}{WITH_UNIT[other.type.kind].format(bare.text)}`"
            if other.type.profit:
                help_text = f"write `{sign}{bare.text}%`, `{sign}${bare.text}` or `{sign}{bare.text}R`"
            return Misfit("E202", number.node, message, f"{bare.text} what?", help_text)
    blamed, other = right, left
    literal_first = isinstance(left.node, _NUMERIC_LITERALS) and not isinstance(right.node, _NUMERIC_LITERALS)
    if literal_first or left.type.kind in _CONTAINERS:
        blamed, other = left, right
    message = f"{other.written} is {other.type} and {blamed.written} is {blamed.type}: they do not compare"
    return Misfit("E201", blamed.node, message, f"{blamed.type}", _what_compares(blamed, other))


def _what_compares(blamed: Operand, other: Operand) -> str | None:
    """What could stand in the place of a value that does not compare with the other one."""
    if blamed.type.kind is Kind.CONDITION:
        return f"write {blamed.written} by itself, or `not` before it"
    if blamed.type.literal and blamed.type.kind is Kind.SYMBOL and kinds.is_scale(other.type):
        return "names are written in lower case"
    if {blamed.type.kind, other.type.kind} == {Kind.DATE, Kind.MOMENT}:
        return "a date compares with `today`, a date and time with `now`"
    if other.type.profit:
        return f"compare {other.written} with a percentage, an amount or a multiple of R, such as `2%`, `$500` or `2R`"
    if other.type.kind is Kind.NUMBER and isinstance(blamed.node, _NUMERIC_LITERALS):
        value = blamed.node.value
        plain = value * 100 if blamed.type.kind is Kind.PERCENT else value
        plain = value / 60 if blamed.type.kind is Kind.DURATION else plain
        return f"{other.written} has no unit: write `{plain:.12g}`"
    if other.type.kind is Kind.WORD and not other.type.literal:
        word = other.type.words[0] if other.type.words else "stop"
        return f"a word is asked for with `is`, as in `{other.written[1:-1]} is {word}`"
    example = _EXAMPLES.get(other.type.kind)
    if example is None or not isinstance(blamed.node, _LITERALS):
        return None
    return f"compare {other.written} with {example}"


def arithmetic_misfit(operator: str, left: Type, right: Type, blamed: Any) -> Misfit:
    """E201 at the operand that can't be added to, taken from, multiplied with or divided by what stands before it."""
    help_text = None
    if left.kind is Kind.MONEY and right.kind is Kind.PERCENT and operator in "+-":
        help_text = f"say of what: `price * {'103%' if operator == '+' else '97%'}`"
    elif operator in "+-" and Kind.NUMBER in (left.kind, right.kind):
        other = right if left.kind is Kind.NUMBER else left
        if other.kind in WITH_UNIT:
            help_text = f"a unit is missing: `{WITH_UNIT[other.kind].format(3)}` rather than `3`"
    message = {
        "+": f"{left} and {right} can't be added",
        "-": f"{right} can't be taken from {left}",
        "*": f"{left} and {right} can't be multiplied",
        "/": f"{left} can't be divided by {right}",
    }[operator]
    return Misfit("E201", blamed, message, f"{right}", help_text)
