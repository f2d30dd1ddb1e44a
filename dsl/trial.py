"""Whether a condition holds for values that are all written down: what a proof's example is tried with.

It judges as the runtime does, in three values, but asks nobody: a part without a value is unknown. The tests hold it
against the runtime's own evaluator.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from . import plan
from .possible_values import value_of

Value: TypeAlias = float | str | bool | None

_ORDER: Mapping[str, Callable[[float, float], bool]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


def holds(condition: plan.Expression, values: Mapping[plan.Expression, Value]) -> bool:
    """Whether the condition is true, and neither false nor unknown."""
    return evaluate(condition, values) is True


def evaluate(node: plan.Expression, values: Mapping[plan.Expression, Value]) -> Value:
    """The value of an expression; None where it is unknown."""
    literal = value_of(node)
    if literal is not None:
        return literal
    match node:
        case plan.And():
            return _all([evaluate(item, values) for item in node.items])
        case plan.Or():
            return _opposite(_all([_opposite(evaluate(item, values)) for item in node.items]))
        case plan.Not():
            return _opposite(evaluate(node.item, values))
        case plan.Compare():
            found = [evaluate(operand, values) for operand in node.operands]
            pairs = zip(node.operators, found, found[1:], strict=False)
            return _all([_compare(*pair) for pair in pairs])
        case plan.Member():
            item = evaluate(node.item, values)
            equal = [_opposite(_compare("==", item, evaluate(member, values))) for member in node.members]
            among = _opposite(_all(equal))
            return _opposite(among) if node.negated else among
        case plan.Within():
            item, low, high = (evaluate(part, values) for part in (node.item, node.low, node.high))
            inside = _all([_compare("<=", low, item), _compare("<" if node.open_end else "<=", item, high)])
            return _opposite(inside) if node.negated else inside
        case plan.Sum():
            return _sum([(sign, evaluate(term, values)) for sign, term in node.terms])
        case plan.Product():
            return _product([(operator, evaluate(factor, values)) for operator, factor in node.factors])
        case plan.Negate():
            return _sum([(-1, evaluate(node.item, values))])
        case plan.Call():
            return _call(node.function, [evaluate(argument, values) for argument in node.arguments])
        case plan.TableLookup():
            key = evaluate(node.key, values)
            entry = next((entry for name, entry in node.entries if name == key), node.default)
            return None if entry is None or not isinstance(key, str) else evaluate(entry, values)
    return values.get(node)


def _all(items: Sequence[Value]) -> bool | None:
    if any(item is False for item in items):
        return False
    return True if all(item is True for item in items) else None


def _opposite(value: Value) -> bool | None:
    return not value if isinstance(value, bool) else None


def _compare(operator: str, left: Value, right: Value) -> bool | None:
    if left is None or right is None or type(left) is not type(right):
        return None
    if operator in ("==", "!="):
        return (left == right) is (operator == "==")
    if not isinstance(left, float) or not isinstance(right, float):
        return None
    return _ORDER[operator](left, right)


def _sum(terms: Sequence[tuple[int, Value]]) -> float | None:
    total: float | None = None
    for sign, value in terms:
        if not isinstance(value, float):
            return None
        total = sign * value if total is None else total + sign * value
    return total if total is not None and math.isfinite(total) else None


def _product(factors: Sequence[tuple[str, Value]]) -> float | None:
    total = 1.0
    for operator, value in factors:
        if not isinstance(value, float) or (operator == "/" and value == 0):
            return None
        total = total / value if operator == "/" else total * value
    return total if math.isfinite(total) else None


def _call(function: str, values: Sequence[Value]) -> float | None:
    """`abs`, `min` and `max`; what `round` gives is left to the runtime, which says how it rounds."""
    numbers = [value for value in values if isinstance(value, float)]
    if len(numbers) < len(values) or not numbers:
        return None
    calls: Mapping[str, Callable[[], float]] = {
        "abs": lambda: abs(numbers[0]),
        "min": lambda: min(numbers),
        "max": lambda: max(numbers),
    }
    return calls[function]() if function in calls else None
