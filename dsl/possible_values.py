"""What each part of a condition can be before the condition says anything, and what is calculated from such parts.

A confidence is a fraction, a price is above zero, a day has 24 hours.

Bounds of what is calculated are found with the very operations that the evaluator uses, in its order. Rounding never
turns a smaller result into a larger one, so that the bounds hold for floats and not only for numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping

import attrs

from . import kinds, plan
from .lower_expressions import amount
from .ranges import (
    ANY_NUMBER,
    ANY_WORD,
    INFINITY,
    NOT_NEGATIVE,
    POSITIVE,
    Choice,
    Numbers,
    Possible,
    Range,
    numbers,
    one_of,
)
from .record import Record

DAY = 86_400
TIME = plan.ClockField("time")
SYMBOL = plan.EventName("symbol", plan.Kind.SYMBOL)
SIGNAL = plan.EventName("signal", plan.Kind.WORD)
FLAGS = one_of((True, False))

Known = Mapping[Hashable, Possible]
"""What is possible for the parts that something has been said of."""

_FRACTION = numbers(0.0, 1.0)
_EVERYTHING = Range(-INFINITY, INFINITY)

_EVENT: Mapping[str, Numbers | Choice] = {
    "confidence": _FRACTION,
    **dict.fromkeys(("price", "open", "high", "low", "close", "fill_price"), POSITIVE),
    **dict.fromkeys(("volume", "size"), NOT_NEGATIVE),
}
_INDICATORS: Mapping[str, Numbers] = {
    "rsi": numbers(0.0, 100.0),
    "change": numbers(-1.0, INFINITY),
    **dict.fromkeys(("sma", "ema", "vwap", "highest", "lowest", "atr", "stdev"), NOT_NEGATIVE),
}
_POSITION: Mapping[str, Numbers | Choice] = {
    "side": one_of(kinds.SIDE.words),
    **dict.fromkeys(("age", "scale_ins", "entry_price", "stop_price", "target_price"), NOT_NEGATIVE),
}
_CLOCK: Mapping[str, Numbers | Choice] = {
    "time": numbers(0.0, DAY, high_open=True),
    "weekday": one_of(kinds.WEEKDAY.words),
    **dict.fromkeys(("minutes_since_open", "minutes_to_close"), NOT_NEGATIVE),
}
_COUNTED = frozenset(("open_positions", "trades_today", "exposure"))


@attrs.frozen(eq=False, repr=False)
class Situation(Record):
    """Where a rule's condition is asked: on what, and at which times of day."""

    trigger: plan.Trigger
    during: plan.During | None = None

    def said(self) -> dict[Hashable, Possible]:
        """What trigger and window say, before the condition."""
        known: dict[Hashable, Possible] = {}
        if isinstance(self.trigger, plan.SignalTrigger) and self.trigger.kinds:
            known[SIGNAL] = Possible(one_of(self.trigger.kinds), known=True)
        of = plan.symbols_of(self.trigger)
        if of is not None:
            known[SYMBOL] = Possible(one_of(of), known=True)
        if self.during is not None:
            known[TIME] = Possible(window(self.during), known=True)
        return known


def window(during: plan.During) -> Numbers:
    """The seconds after midnight that lie in a window."""
    if during.start <= during.end:
        return Numbers(tuple(_unless_empty(Range(during.start, during.end, high_open=True))))
    return Numbers((*_unless_empty(Range(0.0, during.end, high_open=True)), Range(during.start, DAY, high_open=True)))


def _unless_empty(range_: Range) -> tuple[Range, ...]:
    return () if range_.is_empty else (range_,)


_SAYING = frozenset((plan.Truth, plan.Symbol, plan.Word, plan.Text))
"""Parts that are no numbers, and may say something whatever the event."""


def value_of(node: plan.Expression) -> float | str | bool | None:
    """What a part says whatever the event: a number, a word, true or false; None where it depends."""
    number = amount(node)
    if number is not None:
        return float(number) if math.isfinite(number) else None
    if type(node) not in _SAYING:
        return None
    match node:
        case plan.Truth():
            return node.value
        case plan.Symbol():
            return node.name
        case plan.Word():
            return node.text
        case plan.Text() if all(isinstance(part, str) for part in node.parts):
            return "".join(part for part in node.parts if isinstance(part, str))
    return None


def at_first(node: Hashable, trigger: plan.Trigger) -> Possible:
    """What a part can be when nothing has been said of it."""
    return Possible(_at_first(node, trigger))


def _at_first(node: Hashable, trigger: plan.Trigger) -> Numbers | Choice:
    match node:
        case plan.EventName():
            if node.name == "reason" and trigger == plan.PositionTrigger(
                plan.PositionMoment.CLOSED, plan.symbols_of(trigger)
            ):
                return one_of(kinds.CLOSE_REASON.words)
            return _EVENT.get(node.name) or _of_kind(node.kind)
        case plan.FieldName():
            return _of_kind(node.kind)
        case plan.Indicator():
            return _INDICATORS.get(node.name, ANY_NUMBER)
        case plan.BarField():
            return NOT_NEGATIVE if node.name == "volume" else POSITIVE
        case plan.QuoteField():
            return ANY_NUMBER if node.name == "spread" else NOT_NEGATIVE
        case plan.PositionField():
            return _POSITION.get(node.name, ANY_NUMBER)
        case plan.AccountField():
            return NOT_NEGATIVE if node.name in _COUNTED else ANY_NUMBER
        case plan.ClockField():
            return _CLOCK.get(node.name, ANY_NUMBER)
        case plan.SignalCount() | plan.PreviousPrice():
            return NOT_NEGATIVE
        case plan.TableLookup():
            entries = [entry for _, entry in node.entries] + ([] if node.default is None else [node.default])
            values = [value_of(entry) for entry in entries]
            if any(isinstance(value, str) for value in values):
                return ANY_WORD if None in values else one_of(values)
            return FLAGS if any(isinstance(value, bool) for value in values) else ANY_NUMBER
        case plan.Text():
            return ANY_WORD
    return ANY_NUMBER


def _of_kind(kind: plan.Kind) -> Numbers | Choice:
    if kind is plan.Kind.FLAG:
        return FLAGS
    return ANY_WORD if kind in (plan.Kind.TEXT, plan.Kind.SYMBOL, plan.Kind.WORD) else ANY_NUMBER


def bounds(node: plan.Expression, known: Known, trigger: plan.Trigger) -> Range:
    """Between which numbers a part lies wherever it is known, given what is known of the parts it is made of."""
    value = value_of(node)
    if value is not None:
        return Range(value, value) if isinstance(value, float) else _EVERYTHING
    match node:
        case plan.Sum():
            result: Range | None = None
            for sign, term in node.terms:
                part = bounds(term, known, trigger)
                part = part if sign > 0 else Range(-part.high, -part.low)
                result = (
                    part if result is None else Range(_sum(result.low, part.low, -1), _sum(result.high, part.high, 1))
                )
            return _EVERYTHING if result is None else Range(result.low, result.high)
        case plan.Product():
            result = Range(1.0, 1.0)
            for operator, factor in node.factors:
                part = bounds(factor, known, trigger)
                if operator == "/" and part.low <= 0 <= part.high:
                    return _EVERYTHING
                result = _corners(result, part, _quotient if operator == "/" else _product)
            return result
        case plan.Negate():
            part = bounds(node.item, known, trigger)
            return Range(-part.high, -part.low)
        case plan.Call():
            return _of_call(node, [bounds(argument, known, trigger) for argument in node.arguments])
        case plan.TableLookup():
            entries = [entry for _, entry in node.entries] + ([] if node.default is None else [node.default])
            parts = [bounds(entry, known, trigger) for entry in entries]
            return Range(min(part.low for part in parts), max(part.high for part in parts)) if parts else _EVERYTHING
    possible = known.get(node) or at_first(node, trigger)
    values = possible.values
    return values.hull if isinstance(values, Numbers) and values.ranges else _EVERYTHING


def _of_call(node: plan.Call, parts: list[Range]) -> Range:
    if not parts or node.function == "round":
        return _EVERYTHING
    if node.function == "abs":
        part = parts[0]
        least = 0.0 if part.low <= 0 <= part.high else min(abs(part.low), abs(part.high))
        return Range(least, max(abs(part.low), abs(part.high)))
    pick: Callable[..., float] = min if node.function == "min" else max
    return Range(pick(part.low for part in parts), pick(part.high for part in parts))


def _corners(left: Range, right: Range, operation: Callable[[float, float], float]) -> Range:
    corners = [operation(x, y) for x in (left.low, left.high) for y in (right.low, right.high)]
    return Range(min(corners), max(corners))


def _product(left: float, right: float) -> float:
    return 0.0 if left == 0 or right == 0 else left * right


def _quotient(left: float, right: float) -> float:
    if math.isinf(right):
        return 0.0 if not math.isinf(left) else math.copysign(INFINITY, left) * math.copysign(1.0, right)
    return left / right


def _sum(left: float, right: float, side: int) -> float:
    """A bound of a sum; where the parts are infinite on both sides, that of no bound on this side."""
    total = left + right
    return side * INFINITY if math.isnan(total) else total
