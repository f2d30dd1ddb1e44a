"""What a place asks for: a value of one kind, with its unit."""

from __future__ import annotations

from typing import Any

from . import kinds, nodes
from .expression_types import ExpressionTypes
from .misfits import WITH_UNIT
from .plan import Kind

_EXAMPLES = {
    Kind.NUMBER: "5",
    Kind.PERCENT: "50%",
    Kind.MONEY: "$150",
    Kind.DURATION: "5m",
    Kind.TIME: "09:35",
}


def expect(types: ExpressionTypes, node: Any, kind: Kind, noun: str) -> None:
    """Report an expression that is not of the kind that its place asks for."""
    type_ = types.type_of(node)
    if type_.kind is None or type_.kind is kind or (type_.fraction and kind is Kind.NUMBER):
        return
    text = bare_number(node)
    if text is not None and kind in WITH_UNIT:
        with_unit = WITH_UNIT[kind].format(text)
        instead = "" if kind is Kind.DURATION else with_unit  # seconds, minutes or hours: only a person knows
        types.blame(node, "E202", f"{noun} needs a unit", f"{text} what?", f"write `{with_unit}`", instead)
        return
    message = f"{noun} asks for {kinds.DESCRIPTIONS[kind]}, and {types.written(node)} is {type_}"
    types.blame(node, "E201", message, f"{type_}", f"write a value such as `{_EXAMPLES[kind]}`")


def bare_number(node: Any) -> str | None:
    """The text of a number literal; None for anything else."""
    return node.text if isinstance(node, nodes.Number) else None
