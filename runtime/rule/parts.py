"""The parts of an expression that a decision record names: `confidence`, `premium`, `atr(14)`, `SPY.last`.

They are read only when a record is written. What was unknown among them is the reason of a `skipped` decision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import attrs

from ...dsl.plan import EventName, Expression, FieldName, Indicator, QuoteField, TableLookup
from .facts import Facts
from .reference import evaluate
from .values import Value, shown

Part = EventName | FieldName | Indicator | QuoteField
PARTS = (EventName, FieldName, Indicator, QuoteField)

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "m"))


def parts_of(expression: Expression | None) -> tuple[Part, ...]:
    """The parts in the order in which they stand, each once."""
    found = (node for node in nodes_of(expression) if isinstance(node, PARTS))
    return tuple(dict.fromkeys(found))


def nodes_of(expression: Expression | None) -> Iterator[Expression]:
    """Every node of an expression, a parent before its children, from left to right."""
    waiting = [] if expression is None else [expression]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(list(_children(node))))


def _children(node: Expression) -> Iterator[Expression]:
    for field in attrs.fields(type(node)):
        stack = [getattr(node, field.name)]
        while stack:
            value = stack.pop()
            if isinstance(value, Expression):
                yield value
            elif isinstance(value, tuple):
                stack.extend(reversed(value))


def label_of(part: Part) -> str:
    """A part as a user would write it."""
    match part:
        case EventName() | FieldName():
            return part.name
        case QuoteField():
            text = part.name
        case Indicator():
            arguments = [shown(argument) for argument in part.arguments]
            arguments += [] if part.timeframe is None else [_duration(part.timeframe)]
            text = f"{part.name}({', '.join(arguments)})" if arguments else part.name
    return text if part.symbol is None else f"{part.symbol}.{text}"


def _duration(seconds: float) -> str:
    for size, unit in _UNITS:
        if seconds >= size and seconds % size == 0:
            return f"{shown(seconds / size)}{unit}"
    return f"{shown(seconds)}s"


def values_of(expression: Expression | None) -> Callable[[Any, Facts], dict[str, Value]]:
    """A function of event and facts: the parts' labels with their values now, None for unknown."""
    parts = [(label_of(part), part) for part in parts_of(expression)]
    return lambda event, facts: {label: evaluate(part, event, facts) for label, part in parts}


def why_unknown(expression: Expression | None, event: object, facts: Facts) -> str:
    """Why an expression has no value for this event: `confidence unknown`, `atr(14), premium unknown`.

    With every part known it is a table without an entry, or arithmetic without a result. Of a test written in Python
    (None) nothing more is known.
    """
    if expression is None:
        return "condition unknown"
    missing = [label_of(part) for part in parts_of(expression) if evaluate(part, event, facts) is None]
    if missing:
        return f"{', '.join(dict.fromkeys(missing))} unknown"
    for node in nodes_of(expression):
        if isinstance(node, TableLookup) and evaluate(node, event, facts) is None:
            return f"no table entry for {shown(evaluate(node.key, event, facts))}"
    return "no result: a division by zero or a number too large"
