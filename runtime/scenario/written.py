"""Conditions in words: their comparisons as a trader would write them, with what each saw, and why one failed.

confidence 0.79 > 0.8 is false
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

import attrs

from ...dsl.plan import (
    And,
    Call,
    ClockField,
    Compare,
    Duration,
    EventName,
    Expression,
    Kind,
    Member,
    Money,
    Negate,
    Not,
    Or,
    Percent,
    PositionField,
    Product,
    RMultiple,
    SignalCount,
    Sum,
    TableLookup,
    Within,
    Word,
)
from ..rule.facts import Facts
from ..rule.parts import PARTS, label_of, parts_of
from ..rule.reference import evaluate, holds
from ..rule.values import Value, literal_of, shown, shown_of

_KNOWN_WHEN_FLAT = frozenset({"side", "quantity", "scale_ins"})
_CLOCK = frozenset({"now", "time", "today", "weekday"})
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))

Told = Callable[[Expression], str]


@attrs.frozen
class Comparison:
    """One thing that a condition asks: a comparison, a membership, a flag."""

    expression: Expression

    @property
    def text(self) -> str:
        """As it would be written."""
        return _written(self.expression, _plain)

    def outcome(self, event: Any, facts: Facts) -> bool | None:
        """Whether it is true, false or unknown for an event."""
        return holds(self.expression, event, facts)

    def seen(self, event: Any, facts: Facts) -> str:
        """As it would be written, with what its parts were: `confidence 0.79 > 0.8`."""
        return _written(self.expression, _with_values(event, facts, _unit(self.expression)))

    def can_be_unknown(self, brought: Collection[str]) -> bool:
        """Whether one of its parts may be missing; `brought` are the names that the trigger's events always have."""
        return not all(_is_always_known(part, brought) for part in parts_of(self.expression))


def comparisons_of(condition: Expression | None) -> tuple[Comparison, ...]:
    """What a condition asks, each thing once, in the order in which it stands; chains are taken apart."""
    found = (leaf for leaf, _ in _leaves(condition, wanted=True))
    return tuple(Comparison(leaf) for leaf in dict.fromkeys(found) if parts_of(leaf))


def why_false(condition: Expression | None, event: Any, facts: Facts) -> list[str]:
    """What made a condition false for an event: `confidence 0.79 > 0.8 is false`, one text for each cause.

    Of a condition that is not false there is nothing to tell.
    """
    causes: dict[str, None] = {}
    waiting = [(condition, True)] if condition is not None and holds(condition, event, facts) is False else []
    while waiting:
        node, wanted = waiting.pop()
        if isinstance(node, Not):
            waiting.append((node.item, not wanted))
        elif isinstance(node, And | Or):
            items = [(item, wanted) for item in node.items if holds(item, event, facts) is (not wanted)]
            waiting.extend(reversed(items))
        elif isinstance(node, Compare) and len(node.operators) > 1:
            waiting.append((_pairs(node), wanted))
        elif holds(node, event, facts) is (not wanted):
            causes[f"{Comparison(node).seen(event, facts)} is {'false' if wanted else 'true'}"] = None
    return list(causes)


def _leaves(condition: Expression | None, *, wanted: bool) -> Iterator[tuple[Expression, bool]]:
    waiting = [] if condition is None else [(condition, wanted)]
    while waiting:
        node, sense = waiting.pop()
        if isinstance(node, Not):
            waiting.append((node.item, not sense))
        elif isinstance(node, And | Or):
            waiting.extend((item, sense) for item in reversed(node.items))
        elif isinstance(node, Compare) and len(node.operators) > 1:
            waiting.append((_pairs(node), sense))
        else:
            yield node, sense


def _pairs(node: Compare) -> And:
    """A chain as the comparisons it stands for."""
    pairs = zip(node.operators, node.operands, node.operands[1:], strict=False)
    return And(tuple(Compare((left, right), (sign,)) for sign, left, right in pairs))


def _is_always_known(part: Expression, brought: Collection[str]) -> bool:
    match part:
        case EventName(name):
            return name in brought
        case PositionField(name):
            return name in _KNOWN_WHEN_FLAT
        case ClockField(name):
            return name in _CLOCK
        case SignalCount():
            return True  # a test begins with an empty past that is known
        case _:
            return False


# ---- writing -------------------------------------------------------------------------------------------------------


def _plain(node: Expression) -> str:
    return _text(node)


def _with_values(event: Any, facts: Facts, unit: type | None) -> Told:
    def told(node: Expression) -> str:
        if literal_of(node) is not None:
            return _text(node)
        value = evaluate(node, event, facts)
        return f"{_text(node)} {_value(node, value, unit)}"

    return told


def _unit(node: Expression) -> type | None:
    """The unit that a comparison is written in, where it has a literal with one."""
    literals = [*node.operands] if isinstance(node, Compare) else []
    literals += [node.low, node.high] if isinstance(node, Within) else []
    return next((type(one) for one in literals if isinstance(one, Percent | Money | RMultiple)), None)


def _value(node: Expression, value: Value, unit: type | None) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return shown(value)
    if isinstance(node, ClockField):
        return shown_of(node, value)
    if isinstance(node, PositionField) and node.name in ("profit", "peak_profit"):
        unit = {Kind.MONEY: Money, Kind.R: RMultiple}.get(node.unit, Percent)
    if unit is Percent:
        return f"{value * 100:.6g}%"
    if unit is Money:
        return f"${_amount(value)}"
    return f"{value:.6g}R" if unit is RMultiple else f"{value:.6g}"


def _amount(value: float) -> str:
    """Large amounts in groups of three digits, as in the rules: `1_000_000`."""
    return f"{value:_.0f}" if abs(value) >= 10_000 and value == round(value) else f"{value:.6g}"


def _written(node: Expression, told: Told) -> str:
    match node:
        case Compare((PositionField("side"), Word("flat")), ("==" | "!=" as sign,)):
            return "flat" if sign == "==" else "holding"
        case Compare():
            signs = ("", *(f" {_sign(sign, node)} " for sign in node.operators))
            return "".join(f"{sign}{told(operand)}" for sign, operand in zip(signs, node.operands, strict=False))
        case Within():
            word = "not in" if node.negated else "in"
            return f"{told(node.item)} {word} {told(node.low)}..{told(node.high)}"
        case Member():
            word = "not in" if node.negated else "in"
            return f"{told(node.item)} {word} [{', '.join(map(told, node.members))}]"
        case _:
            return told(node)


def _sign(sign: str, node: Compare) -> str:
    """Words are asked for with `is`."""
    if not any(isinstance(operand, Word) for operand in node.operands):
        return sign
    return {"==": "is", "!=": "is not"}.get(sign, sign)


def _text(node: Expression) -> str:
    """A value as a trader would write it."""
    if isinstance(node, PARTS):
        return label_of(node)
    match node:
        case Percent():
            return f"{shown(round(node.value * 100, 9))}%"
        case Money():
            return f"${_amount(node.value)}"
        case RMultiple():
            return f"{shown(node.value)}R"
        case Duration():
            size, unit = next((u for u in _UNITS if node.seconds >= u[0] and node.seconds % u[0] == 0), (1, "s"))
            return f"{shown(node.seconds / size)}{unit}"
        case Sum():
            signs = [" - " if sign < 0 else " + " for sign, _ in node.terms]
            text = "".join(f"{sign}{_text(term)}" for sign, (_, term) in zip(signs, node.terms, strict=True))
            return text.removeprefix(" + ").replace(" - ", "-", 1) if text.startswith(" - ") else text[3:]
        case Product():
            text = "".join(f" {sign} {_text(factor)}" for sign, factor in node.factors)
            return text.removeprefix(" * ")
        case Negate():
            return f"-{_text(node.item)}"
        case Call():
            return f"{node.function}({', '.join(map(_text, node.arguments))})"
        case TableLookup():
            return f"table[{_text(node.key)}]"
        case And() | Or():
            return f"({(' and ' if isinstance(node, And) else ' or ').join(map(_text, node.items))})"
        case Not():
            return f"not {_text(node.item)}"
        case Compare() | Within() | Member():
            return f"({_written(node, _text)})"
        case _:
            return shown_of(node, literal_of(node))
