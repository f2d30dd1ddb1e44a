"""What one node becomes, once its parts have become operands: the rows of a generated function.

A leaf reads the event or asks the facts; an operation combines operands whose sorts are certain, so that most checks
are made here and not at each event.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...dsl.plan import (
    AccountField,
    BarField,
    ClockField,
    EventName,
    FieldName,
    Indicator,
    PositionField,
    PreviousPrice,
    QuoteField,
    SignalCount,
)
from .source import NOTHING, Operand, Source
from .values import (
    EVENT_NAMES,
    OPERATORS,
    TEXTS_OF_CLOCK,
    TEXTS_OF_POSITION,
    Sort,
    Value,
    compare,
    field_reader,
    field_sort,
    flag_of,
    number_of,
    text_of,
)

_READERS: Mapping[Sort, Callable[[Any], Value]] = {Sort.NUMBER: number_of, Sort.TEXT: text_of, Sort.FLAG: flag_of}


def narrow(source: Source, operand: Operand, sort: Sort) -> Operand:
    """The operand as a number or a flag; NOTHING where it never is one."""
    if operand.sort is sort:
        return operand
    if operand.sort is Sort.MIXED:
        return source.keep(f"{source.bind(_READERS[sort])}({operand.text})", sort)
    return NOTHING


def numbers(source: Source, operands: Sequence[Operand]) -> tuple[Operand, ...] | None:
    """The operands as numbers; None where one of them never is."""
    narrowed = tuple(narrow(source, operand, Sort.NUMBER) for operand in operands)
    return None if NOTHING in narrowed else narrowed


def _event_name(node: EventName, source: Source) -> Operand:
    sort = EVENT_NAMES.get(node.name)
    if sort is None:
        return NOTHING
    # The name is one of the table's own, so it may stand in the text.
    if node.name == "source":
        return source.keep("event.source or None", sort)
    return source.keep(f"event.{node.name}", sort, known=node.name == "signal")


def _field_name(node: FieldName, source: Source) -> Operand:
    sort = field_sort(node.kind)
    if sort is Sort.NONE:
        return NOTHING
    raw = f"event.fields.get({source.bind(node.name)})"
    return source.keep(f"{source.bind(field_reader(node.kind))}({raw})", sort)


def _quote_field(node: QuoteField, source: Source) -> Operand:
    symbol = "event.symbol" if node.symbol is None else source.bind(node.symbol)
    return source.finite(source.keep(f"facts.quote({source.bind(node.name)}, {symbol})", Sort.NUMBER))


def _indicator(node: Indicator, source: Source) -> Operand:
    symbol = "event.symbol" if node.symbol is None else source.bind(node.symbol)
    rest = ", ".join(source.bind(value) for value in (node.name, node.arguments, node.timeframe, node.ago))
    return source.finite(source.keep(f"facts.indicator({symbol}, {rest})", Sort.NUMBER))


def _bar_field(node: BarField, source: Source) -> Operand:
    symbol = "event.symbol" if node.symbol is None else source.bind(node.symbol)
    rest = ", ".join(source.bind(value) for value in (node.name, node.timeframe, node.ago))
    return source.finite(source.keep(f"facts.bar({symbol}, {rest})", Sort.NUMBER))


def _previous_price(node: PreviousPrice, source: Source) -> Operand:
    return source.finite(source.keep("facts.previous_price(event.symbol)", Sort.NUMBER))


def _position_field(node: PositionField, source: Source) -> Operand:
    asked = f"facts.position(event.symbol, {source.bind(node.name)}, {source.bind(node.unit)})"
    if node.name in TEXTS_OF_POSITION:
        return source.keep(asked, Sort.TEXT)
    return source.finite(source.keep(asked, Sort.NUMBER))


def _account_field(node: AccountField, source: Source) -> Operand:
    return source.finite(source.keep(f"facts.account({source.bind(node.name)})", Sort.NUMBER))


def _signal_count(node: SignalCount, source: Source) -> Operand:
    asked = f"facts.signals(event.symbol, {source.bind(node.kind)}, {source.bind(node.seconds)})"
    return source.finite(source.keep(asked, Sort.NUMBER))


def _clock_field(node: ClockField, source: Source) -> Operand:
    asked = f"facts.clock({source.bind(node.name)})"
    if node.name in TEXTS_OF_CLOCK:
        return source.keep(asked, Sort.TEXT)
    return source.finite(source.keep(asked, Sort.NUMBER))


LEAVES: Mapping[type, Callable[[Any, Source], Operand]] = {
    EventName: _event_name,
    FieldName: _field_name,
    QuoteField: _quote_field,
    Indicator: _indicator,
    BarField: _bar_field,
    PreviousPrice: _previous_price,
    PositionField: _position_field,
    AccountField: _account_field,
    SignalCount: _signal_count,
    ClockField: _clock_field,
}


def negated(source: Source, flag: Operand) -> Operand:
    """Kleene's `not`."""
    return flag if flag is NOTHING else source.guarded(f"not {flag.text}", Sort.FLAG, (flag,))


def comparison(source: Source, operation: str, left: Operand, right: Operand) -> Operand:
    """One comparison; NOTHING where no values of these sorts compare."""
    sorts = {left.sort, right.sort}
    if operation not in OPERATORS or Sort.NONE in sorts:
        return NOTHING
    if Sort.MIXED in sorts:
        function, name = source.bind(compare), source.bind(operation)
        return source.keep(f"{function}({name}, {left.text}, {right.text})", Sort.FLAG)
    if len(sorts) > 1 or (operation not in ("==", "!=") and left.sort is not Sort.NUMBER):
        return NOTHING
    return source.guarded(f"{left.text} {operation} {right.text}", Sort.FLAG, (left, right))


def both(source: Source, flags: Sequence[Operand]) -> Operand:
    """Kleene's `and` of flags that are computed already."""
    if len(flags) == 1:
        return flags[0]
    tests = [f"{flag.text} is False" for flag in flags if flag is not NOTHING]
    if NOTHING in flags:
        return source.keep(f"False if {' or '.join(tests)} else None" if tests else "None", Sort.FLAG)
    doubts = [f"{flag.text} is None" for flag in flags if not flag.known]
    end = f"None if {' or '.join(doubts)} else True" if doubts else "True"
    return source.keep(f"False if {' or '.join(tests)} else {end}", Sort.FLAG, known=not doubts)
