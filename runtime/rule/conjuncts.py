"""What must be true for a condition to be true: the parts of its top-level `and`, and what they demand of an event.

    symbol in [AAPL, MSFT] and 0.7 < confidence <= 0.9 and premium > $1_000

has the conjuncts `symbol in [AAPL, MSFT]`, `0.7 < confidence`, `confidence <= 0.9`, `premium > $1_000`: one demands
two symbols, three are thresholds. Kleene's `and` is associative, so that conjuncts may be taken away once they are
proven, and the rest means the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import attrs

from ...dsl.plan import And, Compare, EventName, Expression, FieldName, Member, Within
from .values import EVENT_NAMES, Sort, field_sort, literal_of, number_of

_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "=="}


def conjuncts(condition: Expression | None) -> list[Expression]:
    """The parts of the top-level `and`, in order; chains and ranges are taken apart."""
    found: list[Expression] = []
    waiting = [] if condition is None else [condition]
    while waiting:
        node = waiting.pop()
        match node:
            case And(items):
                waiting.extend(reversed(items))
            case Compare(operands, operators) if len(operators) > 1:
                pairs = zip(operands, operands[1:], operators, strict=False)
                found.extend(Compare((left, right), (operator,)) for left, right, operator in pairs)
            case Within(item, low, high, negated=False):
                found.append(Compare((low, item), ("<=",)))
                found.append(Compare((item, high), ("<" if node.open_end else "<=",)))
            case _:
                found.append(node)
    return found


def rejoin(parts: Iterable[Expression]) -> Expression | None:
    """The condition that these conjuncts make; None where nothing is left to ask."""
    left = tuple(parts)
    return And(left) if left else None


def texts_demanded(conjunct: Expression, name: str) -> frozenset[str] | None:
    """The texts of which the event's `name` must be one for this to be true; None where it demands none.

    The demand is the whole conjunct: an event whose name is among the texts makes it true.
    """
    match conjunct:
        case Member(EventName(named), members, negated=False) if named == name:
            texts = [literal_of(member) for member in members]
        case Compare((left, right), ("==",)):
            if isinstance(right, EventName):
                left, right = right, left
            if not isinstance(left, EventName) or left.name != name:
                return None
            texts = [literal_of(right)]
        case _:
            return None
    known = [text for text in texts if isinstance(text, str)]
    return frozenset(known) if len(known) == len(texts) else None


@attrs.frozen
class Threshold:
    """`leaf >= bound` when lower, else `leaf <= bound`.

    A strict comparison has the next float as its bound, so that both kinds stand in one sorted array.
    """

    leaf: EventName | FieldName
    lower: bool
    bound: float


def threshold_of(conjunct: Expression) -> Threshold | None:
    """The conjunct as a threshold, when it compares a number of the event with a literal."""
    if not isinstance(conjunct, Compare) or len(conjunct.operands) != 2 or len(conjunct.operators) != 1:
        return None
    (left, right), (operator,) = conjunct.operands, conjunct.operators
    if operator not in _FLIPPED or operator == "==":
        return None
    if isinstance(right, (EventName, FieldName)):
        left, right, operator = right, left, _FLIPPED[operator]
    bound = number_of(literal_of(right))
    if bound is None or not isinstance(left, (EventName, FieldName)) or not _is_number(left):
        return None
    lower = operator in (">", ">=")
    if operator in ("<", ">"):
        bound = math.nextafter(bound, math.inf if lower else -math.inf)
    return Threshold(left, lower, bound)


def _is_number(leaf: EventName | FieldName) -> bool:
    sort = EVENT_NAMES.get(leaf.name) if isinstance(leaf, EventName) else field_sort(leaf.kind)
    return sort is Sort.NUMBER
