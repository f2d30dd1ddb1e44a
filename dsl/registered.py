"""The Python actions that `call` can name: their signatures, read from the module's source. Nothing of it is run here.

    @rule_action
    def rebalance(context, symbol: str, weight: float = 0.2): ...

can be called as `call rebalance(symbol, weight = 20%)`: the first parameter is the context, which the runtime gives.
A function counts that stands at the module's top level under the decorator `rule_action`, however it was imported.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

import attrs

from .plan import Kind
from .record import Record

DECORATOR = "rule_action"

_TEXTS = frozenset({Kind.TEXT, Kind.SYMBOL, Kind.WORD})
_NUMBERS = frozenset({Kind.NUMBER, Kind.PERCENT, Kind.MONEY, Kind.DURATION, Kind.TIME, Kind.R, Kind.DATE, Kind.MOMENT})
_FLAGS = frozenset({Kind.FLAG, Kind.CONDITION})
_FITTING: Mapping[str, frozenset[Kind]] = {"str": _TEXTS, "float": _NUMBERS, "int": _NUMBERS, "bool": _FLAGS}


@attrs.frozen(eq=False, repr=False)
class ActionParameter(Record):
    """One parameter: `annotation` is its type as written, None where there is none."""

    name: str
    required: bool = True
    annotation: str | None = None
    by_name_only: bool = False

    def takes(self, kind: Kind) -> bool:
        """Whether a value of a kind fits the annotation, as far as that says anything of it."""
        fitting = _FITTING.get((self.annotation or "").removesuffix(" | None"))
        return fitting is None or kind in fitting


@attrs.frozen(eq=False, repr=False)
class ActionSignature(Record):
    """A registered action: the parameters that a rule gives, in order."""

    name: str
    parameters: tuple[ActionParameter, ...]
    open_ended: bool = False
    """Whether it takes any further arguments by position (`*values`)."""

    @property
    def usage(self) -> str:
        """How it is called: what may be left out stands after a `=`."""
        parts = [one.name if one.required else f"{one.name} = ..." for one in self.parameters]
        return f"call {self.name}({', '.join([*parts, '...'] if self.open_ended else parts)})"


def read_signatures(source: str, path: str) -> dict[str, ActionSignature]:
    """The registered actions of a module by name.

    Raises:
        SyntaxError: the source is no Python; the message says where.
    """
    tree = ast.parse(source, filename=path)
    return {found.name: found for found in _registered(tree)}


def _registered(tree: ast.Module) -> Iterator[ActionSignature]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(map(_is_decorator, node.decorator_list)):
            yield ActionSignature(node.name, tuple(_parameters(node.args)), node.args.vararg is not None)


def _is_decorator(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        node = node.func
    return (node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", None)) == DECORATOR


def _parameters(arguments: ast.arguments) -> Iterator[ActionParameter]:
    """All but the first, which is the context."""
    positional = [*arguments.posonlyargs, *arguments.args]
    first_default = len(positional) - len(arguments.defaults)
    for number, argument in enumerate(positional[1:], 1):
        yield ActionParameter(argument.arg, number < first_default, _annotation(argument))
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield ActionParameter(argument.arg, default is None, _annotation(argument), by_name_only=True)


def _annotation(argument: ast.arg) -> str | None:
    return None if argument.annotation is None else ast.unparse(argument.annotation).strip("'\"")
