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
            with_unit = ("-" if negated else "") + WITH_UNIT[other.type.kind].format(bare.text)
            return Misfit("E202", number.node, message, f"{bare.text} what?", f"write `{with_unit}`")
    blamed, other = right, left
    literal_first = isinstance(left.node, _NUMERIC_LITERALS) and not isinstance(right.node, _NUMERIC_LITERALS)
    if literal_first or left.type.kind in _CONTAINERS:
        blamed, other = left, right
    help_text = None
    if blamed.type.kind is Kind.PERCENT and other.type.kind is Kind.MONEY:
        help_text = f"compare {other.written} with an amount, such as `$3`"
    elif blamed.type.literal and blamed.type.kind is Kind.SYMBOL and kinds.is_scale(other.type):
        help_text = "names are written in lower case"
    message = f"{other.written} is {other.type} and {blamed.written} is {blamed.type}: they do not compare"
    return Misfit("E201", blamed.node, message, f"{blamed.type}", help_text)


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
