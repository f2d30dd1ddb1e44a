"""What a `use` gives to the params of the file that it names.

    use std.exits with (minutes_before_close = 10)

A value must be fixed, of the param's type and within its range. A file is used once, however many files name it: they
must not give it different values. What the user sets from outside comes before what a file gives.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from . import kinds, nodes, plan
from .expression_types import ExpressionTypes
from .parameters import why_outside
from .spelling import nearest
from .suggest import did_you_mean


@attrs.define(eq=False)
class Target:
    """A used file whose params are to be given values.

    `values` takes them, `given` says who gave which before. `types` know the params' own values alone: what the file
    means by them is worked out only when all are given.
    """

    types: ExpressionTypes
    values: dict[str, plan.Expression]
    given: dict[str, tuple[plan.Expression, str]] = attrs.Factory(dict)


def bind(uses: Sequence[tuple[nodes.Use, Target]], importer: ExpressionTypes) -> None:
    """Take over the values that one file gives; what is wrong is added to its diagnostics."""
    for use, target in uses:
        seen: set[str] = set()
        for binding in use.bindings:
            if binding.name.name in seen:
                message = f"`{binding.name.name}` is given twice"
                importer.report("E204", message, binding.span, "second", "leave one of the two")
                continue
            seen.add(binding.name.name)
            _bind(binding, target, importer)


def _bind(binding: nodes.Binding, target: Target, importer: ExpressionTypes) -> None:
    name = binding.name.name
    param = target.types.scope.definitions.get(name)
    if not isinstance(param, nodes.Param):
        params = [known for known, made in target.types.scope.definitions.items() if isinstance(made, nodes.Param)]
        listed = ", ".join(f"`{known}`" for known in params)
        help_text = did_you_mean(nearest(name, params)) or (f"there are {listed}" if listed else "it has no params")
        message = f"{target.types.scope.source.path} has no param `{name}`"
        importer.report("E101", message, binding.name.span, "not known there", help_text)
        return
    type_, wanted = importer.type_of(binding.value), target.types.type_of(param.value)
    if type_.kind is None or wanted.kind is None:
        return
    if kinds.common(type_, wanted) is None:
        written = importer.written(binding.value)
        message = f"`{name}` is {wanted}, and {written} is {type_}"
        importer.report("E201", message, binding.value.span, f"{type_}", f"its own value is {_own(param, target)}")
        return
    value = importer.constant(binding.value)
    if value is None:
        message = f"what a param is given must be fixed, and {importer.written(binding.value)} is not"
        importer.report("E304", message, binding.value.span, "", "write a literal, a `param`, or a `let` of those")
        return
    outside = why_outside(param, value, target.types)
    if outside is not None:
        importer.report("E304", f"the value of `{name}` is {outside}", binding.value.span, "outside")
        return
    before = target.given.setdefault(name, (value, importer.scope.source.path))
    if before[0] != value:
        message = f"`{name}` is given another value in {before[1]}, and a file is used only once"
        importer.report("E204", message, binding.span, "two values", "give the same value in both, or copy the file")
        return
    target.values.setdefault(name, value)


def _own(param: nodes.Param, target: Target) -> str:
    return target.types.written(param.value)
