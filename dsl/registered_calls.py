"""Whether a `call` fits the Python action that it names: E104 where there is none, E204 for its arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from . import nodes
from .expression_types import ExpressionTypes
from .spelling import nearest
from .suggest import did_you_mean

if TYPE_CHECKING:
    from .registered import ActionParameter, ActionSignature

Actions: TypeAlias = "Mapping[str, ActionSignature] | None"
"""The registered actions by name; None where the configuration names no module of them."""


def check_call(call: nodes.CallAction, types: ExpressionTypes, actions: Actions) -> None:
    """Report what is wrong with a call; its arguments are typed already."""
    signature = (actions or {}).get(call.name.name)
    if signature is None:
        near = nearest(call.name.name, actions or {})
        known = ", ".join(f"`{name}`" for name in sorted(actions or {}))
        help_text = did_you_mean(near) or (f"there are {known}" if known else _HOW_TO_REGISTER)
        types.report("E104", f"unknown action `{call.name.name}`", call.name.span, "not registered", help_text)
        return
    given: set[str] = set()
    positional = [one for one in signature.parameters if not one.by_name_only]

    def wrong(message: str, node: nodes.Node, label: str = "") -> None:
        types.report("E204", message, node.span, label, f"write `{signature.usage}`")

    for number, argument in enumerate(call.arguments):
        if isinstance(argument, nodes.Binding):
            parameter = next((one for one in signature.parameters if one.name == argument.name.name), None)
            if parameter is None:
                wrong(f"`{signature.name}` has no parameter `{argument.name.name}`", argument, "not known")
                continue
        elif number < len(positional):
            parameter = positional[number]
        elif signature.open_ended:
            continue
        else:
            wrong(f"`{signature.name}` takes fewer arguments", argument, "one too many")
            continue
        if parameter.name in given:
            wrong(f"`{parameter.name}` is given twice", argument, "second")
        given.add(parameter.name)
        _check_kind(argument, parameter, types, wrong)
    missing = [one.name for one in signature.parameters if one.required and one.name not in given]
    if missing:
        names = ", ".join(f"`{name}`" for name in missing)
        wrong(f"`{signature.name}` needs {names}", call, "missing")


def _check_kind(
    argument: nodes.Expression | nodes.Binding,
    parameter: ActionParameter,
    types: ExpressionTypes,
    wrong: Callable[[str, nodes.Node, str], None],
) -> None:
    value = argument.value if isinstance(argument, nodes.Binding) else argument
    type_ = types.type_of(value)
    if type_.kind is not None and not parameter.takes(type_.kind):
        wrong(
            f"`{parameter.name}` is a {parameter.annotation}, and {types.written(value)} is {type_}", value, f"{type_}"
        )


_HOW_TO_REGISTER = 'name the module of your actions in rulec.toml: `[actions]` with `module = "my_actions.py"`'
