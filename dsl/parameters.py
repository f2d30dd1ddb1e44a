"""Params: their defaults and ranges, and the values that a user sets for them from outside.

    param min_confidence = 0.8 in 0.5..0.95 step 0.05
    rulec check flow.rules --set min_confidence=0.7

A value from outside is written as it would stand in the file (`0.7`, `70%`, `$500`, `5m`, `09:35`, `AAPL`), must be of
the default's type and within the param's range; what is wrong with it is a sentence for the user, not a diagnostic,
because no file is at fault.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from typing import Any

import attrs

from . import nodes, plan
from .expression_types import ExpressionTypes
from .kinds import FAILED
from .lower_expressions import amount
from .plan import Kind
from .record import Record
from .resolve import Scope
from .spelling import nearest
from .values import fixed_amount

Setting = str | float

_NUMBER = r"(-?)\s*(\d[\d_]*(?:\.\d+)?)"
# How a value of each kind is written, with an example; compiled by `re` when one is first set.
_FORMS: Mapping[Kind, tuple[str, str]] = {
    Kind.NUMBER: (_NUMBER, "0.8"),
    Kind.PERCENT: (_NUMBER + "%", "3%"),
    Kind.MONEY: (r"(-?)\s*\$(\d[\d_]*(?:\.\d+)?)", "$500"),
    Kind.DURATION: (_NUMBER + "[smhd]", "5m"),
    Kind.R: (_NUMBER + "R", "2R"),
    Kind.TIME: (r"()([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?", "09:35"),
    Kind.DATE: (r"()\d{4}-\d{2}-\d{2}", "2026-01-05"),
    Kind.MOMENT: (r"()\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2})?", "2026-01-05 10:00"),
    Kind.SYMBOL: (r"()[A-Z][A-Z0-9_]*([.-][A-Z0-9]+)*", "AAPL"),
    Kind.FLAG: (r"()(true|false)", "true"),
}


def check_params(file: nodes.File, types: ExpressionTypes) -> None:
    """E304 for a param whose default is not fixed or not within its range, or whose range is none."""
    for param in file.statements:
        if isinstance(param, nodes.Param):
            _check_param(param, types)


def _check_param(param: nodes.Param, types: ExpressionTypes) -> None:
    kind = types.type_of(param.value).kind
    if kind in (None, Kind.LIST, Kind.TABLE):
        return
    if types.constant(param.value) is None:
        message = f"the value of a param must be fixed, and {types.written(param.value)} is not"
        types.report("E304", message, param.value.span, "", "write a literal, or use `let`")
        return
    if types.types.get(id(param.choices)) is FAILED:
        return
    if isinstance(param.choices, nodes.ListLiteral):
        for item in param.choices.items:
            if types.type_of(item).kind is None:
                return
            if types.constant(item) is None:
                message = f"the values of a param must be fixed, and {types.written(item)} is not"
                types.report("E304", message, item.span, "", "write literals")
                return
    elif param.choices is not None and not _check_range(param.choices, types):
        return
    outside = why_outside(param, _default(param, types), types)
    if outside is not None:
        message = f"the default of `{param.name.name}` is {outside}"
        types.report("E304", message, param.value.span, "outside", "change the default or the range")


def _check_range(choices: nodes.ParamRange, types: ExpressionTypes) -> bool:
    low = fixed_amount(types, choices.low, "the range of a param")
    high = fixed_amount(types, choices.high, "the range of a param")
    if low is None or high is None:
        return False
    if low > high:
        types.report("E304", "the range ends before it begins", choices.span, "empty", "write the lower value first")
        return False
    if choices.step is not None:
        step = fixed_amount(types, choices.step, "the step of a param")
        if step is None:
            return False
        if step <= 0:
            types.report("E304", "a step must be above zero", choices.step.span, "leads nowhere")
            return False
    return True


def _default(param: nodes.Param, types: ExpressionTypes) -> plan.Expression:
    """The param's own value, whatever was set for it."""
    return types.lowering.lower(param.value)


def why_outside(param: nodes.Param, value: plan.Expression, types: ExpressionTypes) -> str | None:
    """Why a value is not among those that a param may have, in words; None where it is, or where that is not known."""
    if param.choices is None:
        return None
    if isinstance(param.choices, nodes.ListLiteral):
        if types.type_of(param.choices).kind is None:
            return None
        allowed = [types.lowering.lower(item) for item in param.choices.items]
        if any(_same(value, item) for item in allowed):
            return None
        return f"not one of {types.written(param.choices)}"
    bounds = (param.choices.low, param.choices.high)
    if any(types.type_of(bound).kind is None for bound in bounds):
        return None
    found, low, high = amount(value), *map(types.fixed_amount, bounds)
    if found is None or low is None or high is None or low <= found <= high:
        return None
    ends = f"{types.written(param.choices.low)[1:-1]}..{types.written(param.choices.high)[1:-1]}"
    return f"outside {ends}"


def _same(left: plan.Expression, right: plan.Expression) -> bool:
    if amount(left) is not None:
        return amount(left) == amount(right)
    return _word(left) == _word(right)


def _word(value: plan.Expression) -> str | bool | None:
    if isinstance(value, plan.Symbol):
        return value.name
    if isinstance(value, plan.Word):
        return value.text
    return value.value if isinstance(value, plan.Truth) else None


# ---- values from outside -------------------------------------------------------------------------------------------


@attrs.frozen(eq=False, repr=False)
class ParamFile(Record):
    """A file's params as settings see them: under `stem.name`, and under `name` where no other file has it.

    `values` are what was set for them, by name.
    """

    stem: str
    scope: Scope
    values: dict[str, plan.Expression] = attrs.field(factory=dict)


def apply_settings(
    settings: Mapping[str, Setting], files: Iterable[ParamFile], optional: Container[str] = ()
) -> list[str]:
    """Put the user's values into `values` of the files. Returns what is wrong with them, a sentence each.

    Those named in `optional` are passed over where no file has such a param.
    """
    if not settings:
        return []
    known: dict[str, list[tuple[nodes.Param, ParamFile]]] = {}
    for file in files:
        for name, definition in file.scope.definitions.items():
            if isinstance(definition, nodes.Param):
                known.setdefault(name, []).append((definition, file))
                known.setdefault(f"{file.stem}.{name}", []).append((definition, file))
    problems = []
    for name, setting in settings.items():
        if name in optional and name not in known:
            continue
        problem = _set(name, setting, known)
        if problem is not None:
            problems.append(problem)
    return problems


def _set(name: str, setting: Setting, known: Mapping[str, list[tuple[nodes.Param, ParamFile]]]) -> str | None:
    found = known.get(name, [])
    if not found:
        near = nearest(name, known)
        remedy = f"did you mean `{near}`?" if near else "the rules have no such param"
        return f"unknown param `{name}`: {remedy}" if known else f"unknown param `{name}`: the rules have no params"
    if len(found) > 1:
        ways = " or ".join(f"`{file.stem}.{name}`" for _, file in found)
        return f"`{name}` is a param of several files: write {ways}"
    param, file = found[0]
    types = ExpressionTypes(file.scope, {})  # of the defaults and ranges alone; what is wrong there is told elsewhere
    type_ = types.type_of(param.value)
    if type_.kind is None:
        return None
    value = _read(setting, plan.Kind.NUMBER if type_.fraction else type_.kind)
    if value is None:
        example = _FORMS[type_.kind][1] if type_.kind in _FORMS else "a text"
        return f"`{name}` is {type_}, written like `{example}`, and can't be set to `{setting}`"
    outside = why_outside(param, value, types)
    if outside is not None:
        return f"`{name}` can't be set to `{setting}`: it is {outside}"
    file.values[param.name.name] = value
    return None


def _read(setting: Setting, kind: Kind) -> plan.Expression | None:
    """The literal that a setting stands for; a float is in the kind's own unit (fraction, currency, seconds)."""
    if isinstance(setting, bool):
        return plan.Truth(setting) if kind is Kind.FLAG else None
    if not isinstance(setting, str):
        return _READ_FLOAT[kind](float(setting)) if kind in _READ_FLOAT and abs(setting) < float("inf") else None
    text = setting.strip()
    if kind in (Kind.TEXT, Kind.WORD):
        return plan.Word(setting)
    form = _FORMS.get(kind)
    match = None if form is None else re.fullmatch(form[0], text)
    if match is None:
        return None
    if kind is Kind.SYMBOL:
        return plan.Symbol(text)
    if kind is Kind.FLAG:
        return plan.Truth(text == "true")
    if kind is Kind.TIME:
        return plan.TimeOfDay(nodes.TimeOfDay(text).value)
    if kind in (Kind.DATE, Kind.MOMENT):
        return _read_date(text)
    value = _NODES[kind](text.lstrip("- ")).value * (-1 if match[1] else 1)
    return _READ_FLOAT[kind](value) if abs(value) < float("inf") else None


def _read_date(text: str) -> plan.Expression | None:
    """The date, or the date and time; None where the calendar has no such day."""
    date = nodes.Date(text)
    try:
        return plan.Moment(date.value) if date.has_time else plan.Date(date.value)
    except ValueError:
        return None


_READ_FLOAT: Mapping[Kind, Any] = {
    Kind.NUMBER: plan.Number,
    Kind.PERCENT: plan.Percent,
    Kind.MONEY: plan.Money,
    Kind.DURATION: plan.Duration,
    Kind.R: plan.RMultiple,
}
_NODES: Mapping[Kind, Any] = {
    Kind.NUMBER: nodes.Number,
    Kind.PERCENT: nodes.Percent,
    Kind.MONEY: nodes.Money,
    Kind.DURATION: nodes.Duration,
    Kind.R: nodes.RMultiple,
}
