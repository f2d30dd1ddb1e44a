"""The types of comparisons, ranges, lists, `is` and `crosses`: a condition, or what does not fit together.

price > 3%                        E201
1% < position.profit < $500       E201: a profit in two units at once
weekday is fryday                 E201: never so
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from . import kinds, nodes, plan
from .kinds import FAILED, Type
from .plan import Kind
from .spelling import nearest
from .suggest import did_you_mean

if TYPE_CHECKING:
    from .type_finder import TypeFinder

_EQUALITIES = frozenset({"==", "!="})


def type_of_compare(checker: TypeFinder, node: nodes.Compare) -> Type:
    types = [checker.type_of(operand) for operand in node.operands]
    result = kinds.CONDITION
    for at, operator in enumerate(node.operators):
        left, right = types[at], types[at + 1]
        if left.kind is None or right.kind is None:
            result = FAILED
        elif not kinds.comparable(left, right):
            result = checker.not_comparable(node.operands[at], left, node.operands[at + 1], right)
        elif operator not in _EQUALITIES and not kinds.is_ordered(left):
            message = f"`{operator}` has no meaning for {left}"
            result = checker.report("E201", message, node.operands[at].span, f"{left}", "write `==` or `!=`")
    return _in_one_unit(checker, node.operands, types) if result is kinds.CONDITION else result


def _in_one_unit(checker: TypeFinder, operands: Iterable[Any], types: Iterable[Type]) -> Type:
    """A profit is told in the unit of what it is held against, `now` beside a time as one: there must be one."""
    found = list(zip(operands, types, strict=True))
    held = [(operand, type_) for operand, type_ in found if not type_.profit]
    if len(held) < len(found):
        for operand, type_ in held[1:]:
            if type_.kind is not held[0][1].kind:
                message = f"a profit is held against {held[0][1]} and against {type_} at once"
                help_text = "write a comparison for each, joined by `and` or `or`"
                return checker.report("E201", message, operand.span, f"{type_}", help_text)
    if any(type_.kind is Kind.TIME for _, type_ in found):
        for operand, type_ in found:
            if type_.kind is Kind.MOMENT and checker.lowering.lower(operand) != plan.ClockField("now"):
                message = f"{checker.written(operand)} is {type_}, and only `now` compares with a time of day as well"
                help_text = "write a time of day, such as `10:00`"
                return checker.report("E201", message, operand.span, f"{type_}", help_text)
    return kinds.CONDITION


def type_of_member(checker: TypeFinder, node: nodes.Member) -> Type:
    item = checker.type_of(node.item)
    if isinstance(node.members, nodes.ListLiteral):
        return _one_of(checker, node.item, item, node.members.items)
    members = checker.type_of(node.members)
    if item.kind is None or members.kind is None:
        return FAILED
    if members.kind is not Kind.LIST:
        message = f"`in` needs a list or a range, and {checker.written(node.members)} is {members}"
        return checker.report("E201", message, node.members.span, f"{members}", "write `[..]` or `low..high`")
    if members.element is None:
        return kinds.CONDITION
    if not kinds.comparable(item, members.element):
        message = f"{checker.written(node.item)} is {item}, and the list holds {members.element}"
        return checker.report("E201", message, node.members.span, f"list of {members.element}")
    return kinds.CONDITION


def _one_of(checker: TypeFinder, item_node: Any, item: Type, members: tuple[Any, ...]) -> Type:
    """`x in [a, b]`: each element is compared with it, so each must be comparable with it."""
    result = kinds.CONDITION
    for member in members:
        type_ = checker.type_of(member)
        if type_.kind is None or item.kind is None:
            result = FAILED
        elif not kinds.comparable(item, type_):
            result = checker.not_comparable(item_node, item, member, type_)
    if result is kinds.CONDITION:
        return _in_one_unit(checker, (item_node, *members), (item, *map(checker.type_of, members)))
    return result


def type_of_within(checker: TypeFinder, node: nodes.Within) -> Type:
    types = [checker.type_of(part) for part in (node.item, node.low, node.high)]
    if any(type_.kind is None for type_ in types):
        return FAILED
    item = types[0]
    if not kinds.is_ordered(item):
        message = f"{checker.written(node.item)} is {item}, which lies in no range"
        return checker.report("E201", message, node.item.span, f"{item}", "a list is written `[..]`")
    for bound, type_ in zip((node.low, node.high), types[1:], strict=True):
        if not kinds.comparable(item, type_):
            return checker.not_comparable(node.item, item, bound, type_)
    return _in_one_unit(checker, (node.item, node.low, node.high), types)


def type_of_is(checker: TypeFinder, node: nodes.Is) -> Type:
    item = checker.type_of(node.item)
    if item.kind is None:
        return FAILED
    if item.kind not in (Kind.WORD, Kind.SYMBOL, Kind.TEXT) or item.literal:
        message = f"`is` asks for one of some words, and {checker.written(node.item)} is {item}"
        return checker.report("E201", message, node.item.span, f"{item}", "write `==` for other values")
    if item.words and node.word.text not in item.words:
        known = ", ".join(f"`{word}`" for word in item.words)
        help_text = did_you_mean(nearest(node.word.text, item.words)) or f"it is one of {known}"
        message = f"{checker.written(node.item)} is never `{node.word.text}`"
        return checker.report("E201", message, node.word.span, "never so", help_text)
    return kinds.CONDITION


def type_of_crosses(checker: TypeFinder, node: nodes.Crosses) -> Type:
    left, right = checker.type_of(node.left), checker.type_of(node.right)
    if left.kind is None or right.kind is None:
        return FAILED
    if not kinds.comparable(left, right):
        return checker.not_comparable(node.left, left, node.right, right)
    if left.profit or right.profit:
        side = node.left if left.profit else node.right
        message = f"{checker.written(side)} crosses nothing: what it was before is not kept"
        help_text = f"compare it: `{checker.written(side)[1:-1]} > 2%`"
        return checker.report("E203", message, side.span, "a profit", help_text)
    if not kinds.is_ordered(left):
        message = f"{checker.written(node.left)} is {left}, which crosses nothing"
        return checker.report("E203", message, node.left.span, f"{left}", "write `is` or `==`")
    checker.crossings.append(node)
    return kinds.CONDITION
