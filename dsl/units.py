"""Which unit a size or a distance is in, from its type and the words around it.

The type checker asks to report what has no unit, lowering asks to write the unit down; both must agree, so both ask
here. None is «can't be told», which is an error of the user's.
"""

from __future__ import annotations

import enum
from typing import Any

from . import nodes
from .kinds import Type
from .nodes import DistanceForm
from .plan import DistanceUnit, Kind, SizeUnit
from .resolve import Scope


class Purpose(enum.Enum):
    """What a size is for; a bare percentage means something only where there is a position."""

    ENTER = "entry"
    ADD = "addition"
    EXIT = "exit"


def size_unit(size: nodes.Size, type_: Type, purpose: Purpose) -> SizeUnit | None:
    """The unit of a size whose value has the given type."""
    if size.risk:
        if size.of_equity:
            return SizeUnit.RISK_EQUITY if type_.kind is Kind.PERCENT else None
        return SizeUnit.RISK_MONEY if type_.kind is Kind.MONEY else None
    if size.of_equity:
        return SizeUnit.EQUITY if type_.kind is Kind.PERCENT else None
    if type_.kind is Kind.MONEY:
        return SizeUnit.ALLOCATION if purpose is not Purpose.EXIT else None
    if type_.kind is Kind.NUMBER:
        return SizeUnit.SHARES
    if type_.kind is Kind.PERCENT:
        if type_.fraction:
            return SizeUnit.SHARES if purpose is Purpose.ENTER else None
        return SizeUnit.POSITION if purpose is not Purpose.ENTER else None
    return None


def distance_unit(distance: nodes.Distance, type_: Type, scope: Scope) -> DistanceUnit | None:
    """The unit of a distance whose value has the given type."""
    if distance.form is not DistanceForm.PLAIN:
        if type_.kind is not Kind.MONEY:
            return None
        return DistanceUnit.PRICE if distance.form is DistanceForm.AT else DistanceUnit.AMOUNT
    if type_.kind is Kind.PERCENT and not type_.fraction:
        return DistanceUnit.PERCENT
    if type_.kind is Kind.R:
        return DistanceUnit.R
    if type_.kind is Kind.MONEY and is_atr(distance.value, scope):
        return DistanceUnit.AMOUNT
    return None


def is_atr(node: Any, scope: Scope) -> bool:
    """Whether an amount of money is some multiple of an ATR, so that it can only be a distance and never a price."""
    if isinstance(node, nodes.AtrMultiple):
        return True
    if isinstance(node, nodes.Call):
        if node.function.name in ("min", "max"):
            return all(is_atr(argument, scope) for argument in node.arguments)
        return node.function.name == "atr"
    if isinstance(node, nodes.Product):
        return any(is_atr(operand, scope) for operand in node.operands)
    if isinstance(node, nodes.Sum):
        return all(is_atr(operand, scope) for operand in node.operands)
    if isinstance(node, nodes.Name | nodes.Index):
        item = node if isinstance(node, nodes.Name) else node.item
        if not isinstance(item, nodes.Name):
            return is_atr(item, scope)
        home = scope.imported.get(item.name, scope)
        definition = home.definitions.get(item.name)
        return isinstance(definition, nodes.Let) and is_atr(definition.value, home)
    if isinstance(node, nodes.Table):
        return bool(node.entries) and all(is_atr(entry.value, scope) for entry in node.entries)
    return False
