"""The parts of an expression that a decision record names: `confidence`, `premium`, `atr(14)`, `SPY.last`.

They are read only when a record is written. What was unknown among them is the reason of a `skipped` decision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import attrs

from ...dsl.plan import (
    AccountField,
    BarField,
    ClockField,
    EventName,
    Expression,
    FieldName,
    Indicator,
    Kind,
    PositionField,
    PreviousPrice,
    QuoteField,
    SignalCount,
    TableLookup,
)
from .facts import Facts
from .reference import evaluate
from .values import (
    TEXTS_OF_CLOCK,
    Value,
    event_value,
    field_value,
    number_of,
    shown,
    shown_of,
    text_of,
)

Part = (
    EventName
    | FieldName
    | Indicator
    | BarField
    | QuoteField
    | PreviousPrice
    | PositionField
    | AccountField
    | SignalCount
    | ClockField
)
PARTS = (
    EventName,
    FieldName,
    Indicator,
    BarField,
    QuoteField,
    PreviousPrice,
    PositionField,
    AccountField,
    SignalCount,
    ClockField,
)


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
        case PositionField():
            return f"position.{part.name}"
        case AccountField():
            return part.name if part.name == "trades_today" else f"account.{part.name}"
        case ClockField():
            return "now" if part.name == "time" else part.name
        case PreviousPrice():
            return "price before"
        case SignalCount():
            return f"signals({part.kind}, {_duration(part.seconds)})"
        case QuoteField():
            text = part.name
        case BarField():
            text = f"{part.name}[{part.ago}]" if part.ago or part.symbol is None else part.name
        case Indicator():
            arguments = [shown(argument) for argument in part.arguments]
            arguments += [] if part.timeframe is None else [_duration(part.timeframe)]
            text = f"{part.name}({', '.join(arguments)})" if arguments else f"{part.name}()"
            text += f"[{part.ago}]" if part.ago else ""
    return text if part.symbol is None else f"{part.symbol}.{text}"


def _duration(seconds: float) -> str:
    for size, unit in _UNITS:
        if seconds >= size and seconds % size == 0:
            return f"{shown(seconds / size)}{unit}"
    return f"{shown(seconds)}s"


Reader = Callable[[Any, Facts], Value]


@attrs.frozen
class Parts:
    """The parts of one expression with a quick reader each: made once, asked at every record."""

    expression: Expression | None
    readers: tuple[tuple[str, Part, Reader], ...]

    @classmethod
    def of(cls, expression: Expression | None) -> Parts:
        found: dict[str, tuple[Part, Reader]] = {}
        for part in parts_of(expression):
            label = label_of(part)
            if label in found:
                label += _apart(part)  # the same name in another unit
            found.setdefault(label, (part, _reader(part)))
        return cls(expression, tuple((label, *each) for label, each in found.items()))

    def values(self, event: Any, facts: Facts) -> dict[str, Value]:
        """The parts' labels with their values now, None for unknown."""
        return {label: _told(part, read(event, facts)) for label, part, read in self.readers}

    def why_unknown(self, event: Any, facts: Facts) -> str:
        """Why the expression has no value for this event; see `why_unknown`."""
        missing = [label for label, _, read in self.readers if read(event, facts) is None]
        if missing:
            return f"{', '.join(dict.fromkeys(missing))} unknown"
        return _why_no_result(self.expression, event, facts)


def values_of(expression: Expression | None) -> Callable[[Any, Facts], dict[str, Value]]:
    """A function of event and facts: the parts' labels with their values now, None for unknown."""
    return Parts.of(expression).values


def _apart(part: Part) -> str:
    if isinstance(part, PositionField):
        return {Kind.MONEY: " in $", Kind.R: " in R"}.get(part.unit, " in %")
    return " (time)" if part == ClockField("time") else " (date)"


def _reader(part: Part) -> Reader:
    """What `reference.evaluate` gives for a part, without its way."""
    match part:
        case EventName(name):
            return lambda event, facts: event_value(event, name)
        case FieldName(name):
            kind = part.kind
            return lambda event, facts: field_value(event, name, kind)
        case AccountField(name):
            return lambda event, facts: number_of(facts.account(name))
        case ClockField(name):
            read = text_of if name in TEXTS_OF_CLOCK else number_of
            return lambda event, facts: read(facts.clock(name))
        case _:
            return lambda event, facts: evaluate(part, event, facts)


def _told(part: Part, value: Value) -> Value:
    """A value as a decision record tells it: dates and times can be read."""
    return (
        shown_of(part, value) if isinstance(part, ClockField) and isinstance(value, float) and _is_date(part) else value
    )


def _is_date(part: ClockField) -> bool:
    return part.name in ("now", "time", "today")


def why_unknown(expression: Expression | None, event: object, facts: Facts) -> str:
    """Why an expression has no value for this event: `confidence unknown`, `atr(14), premium unknown`.

    With every part known it is a table without an entry, or arithmetic without a result. Of a test written in Python
    (None) nothing more is known.
    """
    return Parts.of(expression).why_unknown(event, facts)


def _why_no_result(expression: Expression | None, event: object, facts: Facts) -> str:
    if expression is None:
        return "condition unknown"
    for node in nodes_of(expression):
        if isinstance(node, TableLookup) and evaluate(node, event, facts) is None:
            return f"no table entry for {shown(evaluate(node.key, event, facts))}"
    return "no result: a division by zero or a number too large"
