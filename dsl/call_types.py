"""The types of calls: arithmetic, indicators with their lengths and timeframes, counts of signals.

    atr(14, 5m)     money: lengths in bars first, then at most one timeframe
    max(a, b)       what both of its arguments are
    6 atr(20)       as 6 * atr(20)

Lengths and timeframes must be fixed: what they are is known before the market opens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import kinds, nodes
from .catalog import FUNCTIONS, LONGEST_LOOK_BACK, LONGEST_TIMEFRAME, Family, Function
from .kinds import FAILED, Type
from .plan import Kind

MOST_DEVIATIONS = 100

if TYPE_CHECKING:
    from .type_finder import TypeFinder


def type_of_call(types: TypeFinder, node: nodes.Call) -> Type:
    """The type of `f(…)` or `SPY.f(…)`; E204 where the arguments are none for it."""
    found = [types.type_of(argument) for argument in node.arguments]
    function = FUNCTIONS.get(node.function.name)
    if function is None or any(type_.kind is None for type_ in found):
        return FAILED
    if function.family is Family.INDICATOR:
        return _indicator(types, node, function, found)
    if node.symbol is not None:
        message = f"`{node.function.name}` asks no symbol"
        return types.report("E204", message, node.symbol.span, "leave it away", f"write {function.usage}")
    if len(found) < 2 if function.counts is None else len(found) not in function.counts:
        return _wrong_arguments(types, node, function)
    if function.family is Family.COUNT:
        return _signal_count(types, node, function, found)
    return _arithmetic(types, node, function, found)


def type_of_atr_multiple(types: TypeFinder, node: nodes.AtrMultiple) -> Type:
    """`6 atr`, `6 atr(20)`: money."""
    factor = types.type_of(node.factor)
    if node.length is not None:
        length = types.type_of(node.length)
        if length.kind is None or not _is_length(types, length, node.length, FUNCTIONS["atr"]):
            return FAILED
    if factor.kind is None:
        return FAILED
    if factor.kind is not Kind.NUMBER and not factor.fraction:
        message = f"how many ATR is a number, and {types.written(node.factor)} is {factor}"
        return types.report("E201", message, node.factor.span, f"{factor}", "write `6 atr`")
    return kinds.MONEY


def is_timeframe(types: TypeFinder, type_: Type, node: Any, help_text: str) -> bool:
    """Check what a bar lasts; E204 where no bar can."""
    seconds = types.fixed_amount(node) if type_.kind is Kind.DURATION else None
    if seconds is not None and 1 <= seconds <= LONGEST_TIMEFRAME and seconds.is_integer():
        return True
    message = f"a timeframe is a fixed duration from 1s to 1d, and {types.written(node)} is not"
    types.report("E204", message, node.span, f"{type_}" if type_.kind is not Kind.DURATION else "", help_text)
    return False


def _arithmetic(types: TypeFinder, node: nodes.Call, function: Function, found: list[Type]) -> Type:
    if node.function.name == "round" and len(found) == 2:
        if found[1].kind is not Kind.NUMBER:
            return _wrong_arguments(types, node, function)
        found = found[:1]
    result = found[0]
    for type_, argument in zip(found, node.arguments, strict=False):
        together = kinds.common(result, type_)
        if together is None or not kinds.is_scale(together):
            message = f"`{node.function.name}` can't take {types.written(argument)}"
            return types.report("E204", message, argument.span, f"{type_}", f"write {function.usage}")
        result = together
    return kinds.plain(result)


def _signal_count(types: TypeFinder, node: nodes.Call, function: Function, found: list[Type]) -> Type:
    kind, window = node.arguments
    if not isinstance(kind, nodes.Symbol | nodes.String):
        message = f"`signals` counts one kind of signal, and {types.written(kind)} is {found[0]}"
        return types.report("E204", message, kind.span, f"{found[0]}", f"write {function.usage}")
    seconds = types.fixed_amount(window) if found[1].kind is Kind.DURATION else None
    if seconds is None or seconds <= 0:
        message = f"`signals` looks back over a fixed duration, and {types.written(window)} is none"
        return types.report("E204", message, window.span, f"{found[1]}", f"write {function.usage}")
    return function.result or FAILED


def _indicator(types: TypeFinder, node: nodes.Call, function: Function, found: list[Type]) -> Type:
    arguments = list(zip(found, node.arguments, strict=True))
    counts = function.counts or ()
    if arguments and arguments[-1][0].kind is Kind.DURATION:
        type_, timeframe = arguments.pop()
        if not is_timeframe(types, type_, timeframe, f"write {function.usage}"):
            return FAILED
    if len(arguments) not in counts:
        return _wrong_arguments(types, node, function)
    if function.has_width and len(arguments) == max(counts):
        type_, width = arguments.pop()
        amount = types.fixed_amount(width) if type_.kind is Kind.NUMBER else None
        if amount is None or not 0 < amount <= MOST_DEVIATIONS:
            reach = f"above zero, up to {MOST_DEVIATIONS}"
            message = f"how many deviations is a fixed number {reach}, and {types.written(width)} is not"
            label = f"{type_}" if type_.kind is not Kind.NUMBER else ""
            return types.report("E204", message, width.span, label, f"write {function.usage}")
    for type_, argument in arguments:
        if not _is_length(types, type_, argument, function):
            return FAILED
    if function.is_difference and len(arguments) >= 2:
        fast, slow = (argument for _, argument in arguments[:2])
        if (types.fixed_amount(fast) or 0) >= (types.fixed_amount(slow) or 0):
            message = f"the first length of `{node.function.name}` is the shorter one"
            return types.report("E204", message, fast.span, "not shorter", f"write {function.usage}")
    return function.result or FAILED


def _is_length(types: TypeFinder, type_: Type, node: Any, function: Function) -> bool:
    """Check the number of bars that an indicator looks back over."""
    bars = types.fixed_amount(node) if type_.kind is Kind.NUMBER else None
    if bars is not None and function.least_length <= bars <= LONGEST_LOOK_BACK and bars.is_integer():
        return True
    reach = f"{function.least_length} to {LONGEST_LOOK_BACK:,}"
    message = f"an indicator looks back over a fixed, whole number of bars, {reach}, and {types.written(node)} is not"
    label = f"{type_}" if type_.kind is not Kind.NUMBER else ""
    types.report("E204", message, node.span, label, f"write {function.usage}")
    return False


def _wrong_arguments(types: TypeFinder, node: nodes.Call, function: Function) -> Type:
    given = len(node.arguments)
    label = "one given" if given == 1 else f"{given or 'none'} given"
    message = f"wrong arguments for `{node.function.name}`"
    return types.report("E204", message, node.span, label, f"write {function.usage}")
