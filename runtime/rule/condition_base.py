"""What a condition is: three-valued, joined with `&`, `|` and `~`.

`evaluate` takes a context (the event under `"event"`, and for each symbol with a trade its linked orders) and answers
true, false or unknown. What is not known (a signal without confidence, a symbol without a quote) is never handed to a
user's function: the answer is unknown. Nothing here suspends; the methods are `async` because users' own may be.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from ...dsl.plan import Expression, Kind
from ..context import find_runtime
from ..core.records import ValueText
from ..event.base import BaseEvent
from .closures import compile_condition
from .facts import Facts
from .parts import values_of
from .truth import UNKNOWN, TernaryValue, as_truth, both, either, opposite

Context = Mapping[str, Any]
EventTypes = tuple[type[BaseEvent], ...]
NOTHING: Mapping[str, Any] = {}


class Condition(ABC):
    """What must be true for a rule to act.

    A condition of one's own derives from this and defines `evaluate`; None as its answer counts as unknown.
    """

    @abstractmethod
    async def evaluate(self, context: Context) -> TernaryValue:
        """True, false or unknown for this context."""

    @property
    def event_types(self) -> EventTypes:
        """The types of events, derived ones included, on which this can be true."""
        return (BaseEvent,)

    def values(self, context: Context) -> dict[str, ValueText]:
        """The parts of the condition by name, with their values now, for the decision record; None is unknown."""
        return {}

    def __and__(self, other: object) -> Condition:
        if not isinstance(other, Condition):
            return NotImplemented
        return AllOf((*_items(self, AllOf), *_items(other, AllOf)))

    def __or__(self, other: object) -> Condition:
        if not isinstance(other, Condition):
            return NotImplemented
        return AnyOf((*_items(self, AnyOf), *_items(other, AnyOf)))

    def __invert__(self) -> Condition:
        return Inverse(self)

    def __bool__(self) -> bool:
        raise TypeError("a condition has no truth by itself: join conditions with & | ~, not with and, or, not")


def _items(condition: Condition, kind: type[AllOf] | type[AnyOf]) -> tuple[Condition, ...]:
    return condition.items if isinstance(condition, (AllOf, AnyOf)) and type(condition) is kind else (condition,)


async def truth_of(condition: Condition, context: Context) -> TernaryValue:
    """A condition's answer as one of the three values, whatever a user's own class returns."""
    return as_truth(await condition.evaluate(context))


@attrs.frozen
class AllOf(Condition):
    """Every one of them: `a & b`. Those after the first false one are not asked."""

    items: tuple[Condition, ...]

    async def evaluate(self, context: Context) -> TernaryValue:
        answers: list[TernaryValue] = []
        for item in self.items:
            answers.append(await truth_of(item, context))
            if answers[-1] is False:
                break
        return both(answers)

    @property
    def event_types(self) -> EventTypes:
        found: EventTypes = (BaseEvent,)
        for item in self.items:
            found = _in_both(found, item.event_types)
        return found

    def values(self, context: Context) -> dict[str, ValueText]:
        return {name: value for item in self.items for name, value in item.values(context).items()}


@attrs.frozen
class AnyOf(Condition):
    """At least one of them: `a | b`. Those after the first true one are not asked."""

    items: tuple[Condition, ...]

    async def evaluate(self, context: Context) -> TernaryValue:
        answers: list[TernaryValue] = []
        for item in self.items:
            answers.append(await truth_of(item, context))
            if answers[-1] is True:
                break
        return either(answers)

    @property
    def event_types(self) -> EventTypes:
        return tuple(dict.fromkeys(kind for item in self.items for kind in item.event_types))

    def values(self, context: Context) -> dict[str, ValueText]:
        return {name: value for item in self.items for name, value in item.values(context).items()}


@attrs.frozen
class Inverse(Condition):
    """Not: `~a`. Unknown stays unknown."""

    item: Condition

    async def evaluate(self, context: Context) -> TernaryValue:
        return opposite(await truth_of(self.item, context))

    def values(self, context: Context) -> dict[str, ValueText]:
        return self.item.values(context)


def _in_both(first: EventTypes, second: EventTypes) -> EventTypes:
    """The narrower type of every pair of which one derives from the other."""
    narrower = (
        one if issubclass(one, two) else two
        for one in first
        for two in second
        if issubclass(one, two) or issubclass(two, one)
    )
    return tuple(dict.fromkeys(narrower))


class PlanCondition(Condition):
    """A `where` clause as the compiler lowered it, for events of one type.

    Outside a runtime nothing is known but the event: quotes, indicators and the equity are unknown.
    """

    def __init__(self, expression: Expression, event_type: type[BaseEvent]) -> None:
        self.expression = expression
        self.event_type = event_type
        self._holds: Callable[[Any, Facts], bool | None] | None = None

    async def evaluate(self, context: Context) -> TernaryValue:
        event = context.get("event")
        if not isinstance(event, self.event_type):
            return False
        if self._holds is None:
            self._holds = compile_condition(self.expression)
        return as_truth(self._holds(event, facts_now()))

    @property
    def event_types(self) -> EventTypes:
        return (self.event_type,)

    def values(self, context: Context) -> dict[str, ValueText]:
        return dict(values_of(self.expression)(context.get("event"), facts_now()))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PlanCondition):
            return NotImplemented
        return self.event_type is other.event_type and self.expression == other.expression

    def __hash__(self) -> int:
        return hash((self.event_type, self.expression))

    def __repr__(self) -> str:
        return f"PlanCondition({self.expression!r}, {self.event_type.__name__})"


class _NoFacts:
    """What is known outside any runtime."""

    def quote(self, name: str, symbol: str) -> float | None:
        return None

    def indicator(
        self, symbol: str, name: str, arguments: tuple[float, ...], timeframe: float | None, ago: int
    ) -> float | None:
        return None

    def bar(self, symbol: str, name: str, timeframe: float | None, ago: int) -> float | None:
        return None

    def previous_price(self, symbol: str) -> float | None:
        return None

    def position(self, symbol: str, name: str, unit: Kind) -> float | str | None:
        return None

    def account(self, name: str) -> float | None:
        return None

    def signals(self, symbol: str, kind: str, seconds: float) -> float | None:
        return None

    def clock(self, name: str) -> float | str | None:
        return None

    def equity(self) -> float | None:
        return None


def facts_now() -> Facts:
    """The current runtime's facts; outside any, none."""
    port = find_runtime()
    return _NoFacts() if port is None else port.facts()


# ---- fields: what an event, a position or a market shows, compared with what a user expects ---------------------


def field_truth(value: Any, expected: Any) -> TernaryValue:
    """One field: `expected` is a function of the value, a collection to be in, or what the value must equal."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return UNKNOWN
    if callable(expected):
        return as_truth(expected(value))
    if isinstance(expected, (list, tuple, set, frozenset)):
        return value in expected
    return bool(value == expected)


def fields_truth(expected: Mapping[str, Any], value_of: Callable[[str], Any]) -> TernaryValue:
    """All fields, in the order given; those after the first false one are not looked at."""
    return both(field_truth(value_of(name), wanted) for name, wanted in expected.items())


def shown_value(value: Any) -> ValueText:
    """A field's value as a decision record holds it."""
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)
