"""W402 and W403: conditions that can never be true, or always are. Both are proven, never guessed.

    on signal BUY where confidence > 80 -> exit                               never true: a confidence is at most 1
    on signal BUY where confidence > 0.8 and confidence < 0.5 -> exit         never: the two clauses exclude each other
    on signal BUY where confidence > 0.3 or confidence < 0.5 -> exit          always, for a signal with a confidence

The clauses named are the fewest that it takes: leave out any of them, and the proof fails.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Iterator, Sequence
from typing import TYPE_CHECKING

import attrs

from . import nodes, plan
from .diagnostics import Diagnostic
from .expression_types import ExpressionTypes
from .possible_values import SIGNAL, SYMBOL, TIME, Situation, value_of
from .ranges import Possible
from .readers import reader_of
from .record import Record
from .search import Box, Goal, Wanted, impossible

if TYPE_CHECKING:
    from .plain_conditions import PlainCondition, PlainConditions


@attrs.frozen(eq=False, repr=False)
class ProvableRule(Record):
    """A rule in both forms, with the path of its file and the types that its clauses are lowered by.

    `given` is whether the user named the file, or only a `use` did.
    """

    node: nodes.Rule
    rule: plan.Rule
    path: str
    types: ExpressionTypes
    given: bool = True

    @property
    def situation(self) -> Situation:
        return Situation(self.rule.trigger, self.rule.during)

    def warn(
        self, code: str, message: str, node: nodes.Node, label: str, help_text: str, notes: tuple[str, ...] = ()
    ) -> Diagnostic:
        return Diagnostic(code, message, self.path, node.span, label, help_text, notes)


def proven_conditions(
    rules: Sequence[ProvableRule], never: Container[int], plain: PlainConditions | None = None
) -> Iterator[Diagnostic]:
    """W402 and W403 for each rule that deserves one; `never` are the rules, by place, that never fire.

    `plain` are the rules' plain conditions, which save most of the searches.
    """
    for at, one in enumerate(rules):
        if one.given and one.rule.condition is not None:
            if at in never:
                yield _told_never(one)
            elif is_always_true(one.rule, None if plain is None else plain[at]):
                yield _told_always(one)


def never_true(rules: Sequence[ProvableRule], plain: PlainConditions | None = None) -> frozenset[int]:
    """The rules, by place, of whose conditions it is proven that no event makes them true."""
    return frozenset(
        at for at, one in enumerate(rules) if is_never_true(one.rule, None if plain is None else plain[at])
    )


def is_never_true(rule: plan.Rule, plain: PlainCondition | None = None) -> bool:
    """Whether it is proven that no event makes the rule's condition true; found by a search where it is not plain."""
    if plain is not None:
        return plain.is_never_true
    if rule.condition is None:
        return False
    situation = Situation(rule.trigger, rule.during)
    return impossible([(rule.condition, Wanted.TRUE)], situation, situation.said())


def is_always_true(rule: plan.Rule, plain: PlainCondition | None = None) -> bool:
    """Whether it is proven that the rule's condition is true for every event that has all its names."""
    if rule.condition is None or (plain is not None and plain.can_be_false):
        return False
    situation = Situation(rule.trigger, rule.during)
    is_false = [(rule.condition, Wanted.FALSE)]
    return impossible(is_false, situation, situation.said()) and _is_total(rule.condition)


def _is_total(condition: plan.Expression) -> bool:
    """Whether everything is known once its names are: nothing divides by what may be zero, no table lacks a symbol."""
    waiting: list[tuple[plan.Expression, bool]] = [(condition, False)]
    while waiting:
        node, calculated = waiting.pop()
        match node:
            case plan.And() | plan.Or():
                waiting += [(item, False) for item in node.items]
            case plan.Not():
                waiting.append((node.item, False))
            case plan.Compare():
                waiting += [(operand, False) for operand in node.operands]
            case plan.Member():
                waiting += [(item, False) for item in (node.item, *node.members)]
            case plan.Within():
                waiting += [(part, False) for part in (node.item, node.low, node.high)]
            case plan.Sum():
                waiting += [(term, True) for _, term in node.terms]
            case plan.Product():
                if any(operator == "/" and not value_of(factor) for operator, factor in node.factors):
                    return False
                waiting += [(factor, True) for _, factor in node.factors]
            case plan.Negate():
                waiting.append((node.item, True))
            case plan.Call():
                if node.function == "round":
                    return False
                waiting += [(argument, True) for argument in node.arguments]
            case plan.TableLookup():
                if node.default is None:
                    return False
                waiting += [(entry, True) for entry in (node.default, *(entry for _, entry in node.entries))]
            case plan.FieldName() if calculated:
                return False  # a field may hold a number so large that nothing can be calculated with it
    return True


# ---- which clauses -------------------------------------------------------------------------------------------------

_Part = tuple[nodes.Node, tuple[Goal, ...], tuple[Hashable, ...]]
"""What stands in the file; the goals that it sets, or of what it is known what it is."""


def _told_never(one: ProvableRule) -> Diagnostic:
    condition = one.node.condition
    assert condition is not None, "only conditions are proven"
    said = one.situation.said()
    clauses = condition.items if isinstance(condition, nodes.And) else (condition,)
    core = _fewest(one, [*_said_parts(one, said), *_clauses(one, clauses, Wanted.TRUE)], said)
    shown = [one.types.written(node) for node, _, _ in core]
    *others, last = [node for node, goals, _ in core if goals] or [condition]
    around = [text for (node, goals, _), text in zip(core, shown, strict=True) if not goals or node in others]
    written = one.types.written(last)
    if not around:
        message, label = f"{written} can never be true", _why_not(one, last) or "never true"
    elif len(around) == 1:
        message = f"this condition can never be true: {written} excludes {around[0]}"
        label = f"never together with {around[0]}"
    else:
        message = f"this condition can never be true: {written} excludes {', '.join(around[:-1])} with {around[-1]}"
        label = "never together with these"
    help_text = _fraction_help(one, last) or "correct it, or remove the rule: it never fires"
    return one.warn("W402", message, last, label, help_text)


def _told_always(one: ProvableRule) -> Diagnostic:
    condition = one.node.condition
    assert condition is not None, "only conditions are proven"
    said = one.situation.said()
    items = condition.items if isinstance(condition, nodes.Or) else (condition,)
    core = _fewest(one, [*_said_parts(one, said), *_clauses(one, items, Wanted.FALSE)], said)
    clauses = [node for node, goals, _ in core if goals] or [condition]
    shown = [one.types.written(node) for node in clauses]
    around = [one.types.written(node) for node, goals, _ in core if not goals]
    if len(clauses) == 1:
        message, label = f"{shown[0]} is always true", "always true"
    else:
        message = f"this condition is always true: {' or '.join(shown)} leaves nothing out"
        label = f"always true with {' or '.join(shown[:-1])}"
    if around:
        label += f" in a rule with {' and '.join(around)}"
    help_text = "correct it, or remove it: it excludes nothing but events that lack what it asks for"
    return one.warn("W403", message, clauses[-1], label, help_text)


def _said_parts(one: ProvableRule, said: Box) -> list[_Part]:
    """The trigger and the window, as far as they say something."""
    during = next((option for option in one.node.options if isinstance(option, nodes.During)), None)
    of_trigger = tuple(part for part in (SIGNAL, SYMBOL) if part in said)
    parts: list[_Part] = [(one.node.trigger, (), of_trigger)] if of_trigger else []
    return [*parts, (during, (), (TIME,))] if during is not None else parts


def _clauses(one: ProvableRule, clauses: Sequence[nodes.Node], wanted: Wanted) -> list[_Part]:
    lowering = one.types.lowering_for(reader_of(one.node, one.types))
    return [(clause, ((lowering.lower(clause), wanted),), ()) for clause in clauses]


def _fewest(one: ProvableRule, parts: list[_Part], said: dict[Hashable, Possible]) -> list[_Part]:
    """The parts without any that the proof does not need, in the order of the text."""

    def proves(chosen: Sequence[_Part]) -> bool:
        goals = [goal for _, part_goals, _ in chosen for goal in part_goals]
        known = {part: said[part] for _, _, told in chosen for part in told}
        return impossible(goals, one.situation, known)

    return sorted(_without_needless(parts, proves), key=lambda part: part[0].span.start)


def _without_needless(parts: list[_Part], proves: Callable[[Sequence[_Part]], bool]) -> list[_Part]:
    needed = list(parts)
    for part in parts:
        fewer = [other for other in needed if other is not part]
        if proves(fewer):
            needed = fewer
    return needed


# ---- why -----------------------------------------------------------------------------------------------------------

_FRACTION = plan.EventName("confidence", plan.Kind.PERCENT)


def _asks_of_confidence(one: ProvableRule, clause: nodes.Node) -> plan.Compare | None:
    lowered = _clauses(one, [clause], Wanted.TRUE)[0][1][0][0]
    return lowered if isinstance(lowered, plan.Compare) and _is_confidence(lowered) else None


def _is_confidence(node: plan.Compare) -> bool:
    return any(isinstance(part, plan.EventName) and part.name == _FRACTION.name for part in node.operands)


def _why_not(one: ProvableRule, clause: nodes.Node) -> str | None:
    return None if _asks_of_confidence(one, clause) is None else "a confidence lies between 0 and 1"


def _fraction_help(one: ProvableRule, clause: nodes.Node) -> str | None:
    """What a percentage written as a plain number was meant to be."""
    asked = _asks_of_confidence(one, clause)
    amounts = [] if asked is None else [value for value in map(value_of, asked.operands) if isinstance(value, float)]
    if len(amounts) == 1 and 1 < amounts[0] <= 100:
        return f"write `{amounts[0] / 100:g}` or `{amounts[0]:g}%`"
    return None
