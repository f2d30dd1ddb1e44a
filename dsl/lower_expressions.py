"""Expressions of the tree as expressions of the plan: names written out, units settled, constants worked out.

    let two = 2            stop two * 3 atr      Product(("*", Number(2.0)), ("*", Product(… Indicator("atr", …))))
    param part = 50%       exit part             Percent(0.5), or what `--set part=25%` says
    $150 * 97%                                   Money(145.5)

Only well-typed expressions are lowered. An expression whose parts are all literals becomes a literal, which is how
the passes that need a fixed value (`cooldown 2 * 90s`) get it. What a name stands for is lowered once and shared by
all its uses.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Any

import attrs

from . import kinds, nodes, plan
from .catalog import (
    ACCOUNT_NAMES,
    BAR_FIELDS,
    CLOCK_NAMES,
    DEFAULT_ATR_LENGTH,
    EVENT_NAMES,
    FUNCTIONS,
    POSITION_FLAGS,
    Family,
    Reader,
)
from .crossing import earlier
from .kinds import Type
from .lets import is_past
from .resolve import Scope

Literal = plan.Number | plan.Percent | plan.Money | plan.Duration | plan.RMultiple | plan.TimeOfDay

_TYPE_OF_LITERAL: dict[type, Type] = {
    plan.Number: kinds.NUMBER,
    plan.Percent: kinds.PERCENT,
    plan.Money: kinds.MONEY,
    plan.Duration: kinds.DURATION,
    plan.RMultiple: kinds.R,
    plan.TimeOfDay: kinds.TIME,
}
_DAY = 86_400


def amount(literal: plan.Expression) -> float | None:
    """The float in a literal: a number, a fraction, an amount in currency, seconds, days; None for anything else."""
    read = _AMOUNTS.get(type(literal))
    return None if read is None else read(literal)


_AMOUNTS: Mapping[type, Callable[[Any], float]] = {
    **dict.fromkeys((plan.Number, plan.Percent, plan.Money, plan.RMultiple), attrgetter("value")),
    **dict.fromkeys((plan.Duration, plan.TimeOfDay, plan.Moment), lambda literal: float(literal.seconds)),
    plan.Date: lambda literal: float(literal.days),
}


_TOLD_BY_OTHERS = (plan.PositionField, plan.ClockField)
"""Parts that may be lowered otherwise for what they are held against."""


class ExpressionLowering:
    """Lowers the expressions of one file for one kind of reader.

    `types` are the types of its expressions by node, `values` the values that the user set for its params; `home_of`
    gives the lowering of the file that a name was taken from.
    """

    def __init__(
        self,
        scope: Scope,
        types: Mapping[int, Type],
        values: Mapping[str, plan.Expression],
        home_of: Callable[[str], ExpressionLowering],
        reader: Reader,
    ) -> None:
        self.scope = scope
        self.types = types
        self.values = values
        self.reader = reader
        self._home_of = home_of
        self._names: dict[str, plan.Expression] = {}
        self._lists: dict[str, tuple[plan.Expression, ...]] = {}
        self._tables: dict[str, tuple[tuple[tuple[str, plan.Expression], ...], plan.Expression | None]] = {}

    def lower(self, node: Any) -> plan.Expression:
        """The plan's form of a well-typed expression of the tree."""
        return _LOWER[type(node)](self, node)

    def constant(self, node: Any) -> plan.Expression | None:
        """The literal that a well-typed expression comes to, or None if it depends on the event or the market."""
        lowered = self.lower(node)
        fixed = amount(lowered) is not None or isinstance(lowered, plan.Truth | plan.Symbol | plan.Word | plan.Text)
        return lowered if fixed else None

    def items(self, node: nodes.ListLiteral | nodes.Name) -> tuple[plan.Expression, ...]:
        """The elements of a list, or of the list that a name stands for."""
        if isinstance(node, nodes.ListLiteral):
            return tuple(self.lower(item) for item in node.items)
        known = self._lists.get(node.name)
        if known is None and node.name in self.scope.imported:
            known = self._lists[node.name] = self._home_of(node.name).items(node)
        if known is None:
            definition = self.scope.definitions[node.name]
            assert isinstance(definition, nodes.Let) and isinstance(definition.value, nodes.ListLiteral | nodes.Name)
            known = self._lists[node.name] = self.items(definition.value)
        return known

    # ---- one function for each class of node

    def _name(self, node: nodes.Name) -> plan.Expression:
        known = self._names.get(node.name)
        if known is None:
            known = self._names[node.name] = self._meaning(node.name)
        return known

    def _meaning(self, name: str) -> plan.Expression:
        if name in self.scope.imported:
            return self._home_of(name).meaning(name)
        definition = self.scope.definitions.get(name)
        if isinstance(definition, nodes.Let):
            return self.lower(definition.value)
        if isinstance(definition, nodes.Param):
            return self.values[name] if name in self.values else self.lower(definition.value)
        if isinstance(definition, nodes.Field):
            return plan.FieldName(name, _kind(kinds.FIELD_TYPES[definition.kind.name]))
        if name in EVENT_NAMES:
            return plan.EventName(name, _kind(EVENT_NAMES[name]))
        if name in POSITION_FLAGS:
            operator = "==" if name == "flat" else "!="
            return plan.Compare((plan.PositionField("side"), plan.Word("flat")), (operator,))
        if name in ACCOUNT_NAMES:
            return plan.AccountField(name)
        if name in CLOCK_NAMES:
            return plan.ClockField(name)
        return plan.QuoteField(name, self.reader.symbol)

    def meaning(self, name: str) -> plan.Expression:
        """What this file defines under a name."""
        return self._name(nodes.Name(name))

    def _index(self, node: nodes.Index) -> plan.Expression:
        if is_past(node.item):
            assert isinstance(node.item, nodes.Name)
            return plan.BarField(node.item.name, self._ago(node), self.reader.timeframe, self.reader.symbol)
        if isinstance(node.item, nodes.Name):
            entries, default = self._table(node.item.name)
            return plan.TableLookup(entries, default, self.lower(node.key))
        item = self.lower(node.item)
        assert isinstance(item, plan.Indicator | plan.BarField), "expression_types.py lets nothing else through"
        return attrs.evolve(item, ago=self._ago(node))

    def _ago(self, node: nodes.Index) -> int:
        bars = amount(self.lower(node.key))
        assert bars is not None, "expression_types.py lets only fixed numbers through"
        return int(bars)

    def _attribute(self, node: nodes.Attribute) -> plan.Expression:
        if isinstance(node.owner, nodes.Name):
            return (plan.PositionField if node.owner.name == "position" else plan.AccountField)(node.name.name)
        if node.name.name in BAR_FIELDS:
            return plan.BarField(node.name.name, 0, self.reader.timeframe, node.owner.name)
        return plan.QuoteField(node.name.name, node.owner.name)

    def _table(self, name: str) -> tuple[tuple[tuple[str, plan.Expression], ...], plan.Expression | None]:
        known = self._tables.get(name)
        if known is None and name in self.scope.imported:
            known = self._tables[name] = self._home_of(name)._table(name)
        if known is None:
            definition = self.scope.definitions[name]
            assert isinstance(definition, nodes.Let)
            if isinstance(definition.value, nodes.Name):
                known = self._table(definition.value.name)
            else:
                assert isinstance(definition.value, nodes.Table)
                default = None
                entries = []
                for entry in definition.value.entries:
                    value = self.lower(entry.value)
                    if entry.key is None:
                        default = value
                    else:
                        entries.append((entry.key.name, value))
                known = (tuple(entries), default)
            self._tables[name] = known
        return known

    def _call(self, node: nodes.Call) -> plan.Expression:
        name = node.function.name
        arguments = tuple(self.lower(argument) for argument in node.arguments)
        if FUNCTIONS[name].family is Family.ARITHMETIC:
            return _worked_out_call(name, arguments)
        timeframe = next((argument.seconds for argument in arguments if isinstance(argument, plan.Duration)), None)
        if FUNCTIONS[name].family is Family.COUNT:
            assert timeframe is not None, "expression_types.py lets nothing else through"
            kind = arguments[0]
            assert isinstance(kind, plan.Symbol | plan.Word)
            return plan.SignalCount(kind.name if isinstance(kind, plan.Symbol) else kind.text, timeframe)
        lengths = tuple(argument.value for argument in arguments if isinstance(argument, plan.Number))
        symbol = self.reader.symbol if node.symbol is None else node.symbol.name
        return plan.Indicator(name, lengths, self.reader.timeframe if timeframe is None else timeframe, symbol)

    def _atr_multiple(self, node: nodes.AtrMultiple) -> plan.Expression:
        length = None if node.length is None else amount(self.lower(node.length))
        lengths = (DEFAULT_ATR_LENGTH if length is None else length,)
        atr = plan.Indicator("atr", lengths, self.reader.timeframe, self.reader.symbol)
        return plan.Product((("*", self.lower(node.factor)), ("*", atr)))

    def _negate(self, node: nodes.Negate) -> plan.Expression:
        item = self.lower(node.item)
        if isinstance(item, plan.Number | plan.Percent | plan.Money | plan.RMultiple):
            return type(item)(-item.value)
        return plan.Duration(-item.seconds) if isinstance(item, plan.Duration) else plan.Negate(item)

    def _sum(self, node: nodes.Sum) -> plan.Expression:
        terms = tuple(self.lower(operand) for operand in node.operands)
        signs = (1, *(1 if operator == "+" else -1 for operator in node.operators))
        worked_out = _worked_out(terms, ("+", *node.operators))
        return worked_out if worked_out is not None else plan.Sum(tuple(zip(signs, terms, strict=True)))

    def _product(self, node: nodes.Product) -> plan.Expression:
        factors = tuple(self.lower(operand) for operand in node.operands)
        operators = ("*", *node.operators)
        worked_out = _worked_out(factors, operators)
        return worked_out if worked_out is not None else plan.Product(tuple(zip(operators, factors, strict=True)))

    def _compare(self, node: nodes.Compare) -> plan.Expression:
        operands = [self.lower(operand) for operand in node.operands]
        if any(type(operand) in _TOLD_BY_OTHERS for operand in operands):
            operands = [self._held_against(operand, node.operands) for operand in node.operands]
        return plan.Compare(tuple(operands), node.operators)

    def _held_against(self, node: Any, others: Iterable[Any]) -> plan.Expression:
        """A comparand: a profit is told in the unit of what it is held against, `now` beside a time is one."""
        lowered = self.lower(node)
        if isinstance(lowered, plan.PositionField) and self.types[id(node)].profit:
            units = {self.types[id(other)].kind for other in others} & {plan.Kind.MONEY, plan.Kind.R}
            return plan.PositionField(lowered.name, units.pop()) if len(units) == 1 else lowered  # type: ignore[arg-type]
        beside_time = any(self.types[id(other)].kind is plan.Kind.TIME for other in others)
        return plan.ClockField("time") if beside_time and lowered == plan.ClockField("now") else lowered

    def _member(self, node: nodes.Member) -> plan.Expression:
        assert isinstance(node.members, nodes.ListLiteral | nodes.Name)
        if isinstance(node.members, nodes.Name):
            return plan.Member(self.lower(node.item), self.items(node.members), node.negated)
        members = tuple(self._held_against(member, (node.item,)) for member in node.members.items)
        return plan.Member(self._held_against(node.item, node.members.items), members, node.negated)

    def _within(self, node: nodes.Within) -> plan.Expression:
        ends = (node.low, node.high)
        open_end = any(self.types[id(part)].kind is plan.Kind.TIME for part in (node.item, *ends))
        item = self._held_against(node.item, ends)
        low, high = (self._held_against(end, (node.item, *ends)) for end in ends)
        return plan.Within(item, low, high, node.negated, open_end=open_end)

    def _is(self, node: nodes.Is) -> plan.Expression:
        word = plan.Word(node.word.text)
        return plan.Compare((self.lower(node.item), word), ("!=" if node.negated else "==",))

    def _crosses(self, node: nodes.Crosses) -> plan.Expression:
        """Before at or below the level and now above it, or the other way round."""
        left, right = self.lower(node.left), self.lower(node.right)
        before = tuple(earlier(side, self.reader) for side in (left, right))
        was, now = ("<=", ">") if node.above else (">=", "<")
        return plan.And((plan.Compare((left, right), (now,)), plan.Compare(before, (was,))))

    def _and(self, node: nodes.And) -> plan.Expression:
        items: list[plan.Expression] = []
        for item in node.items:
            lowered = self.lower(item)
            items.extend(lowered.items if isinstance(lowered, plan.And) else (lowered,))
        return plan.And(tuple(items))

    def _or(self, node: nodes.Or) -> plan.Expression:
        items: list[plan.Expression] = []
        for item in node.items:
            lowered = self.lower(item)
            items.extend(lowered.items if isinstance(lowered, plan.Or) else (lowered,))
        return plan.Or(tuple(items))

    def text(self, node: nodes.Text) -> plan.Text:
        """A text with the values to print in it."""
        return plan.Text(tuple(part if isinstance(part, str) else self.lower(part) for part in node.parts))


_LOWER: dict[type, Callable[[ExpressionLowering, Any], plan.Expression]] = {
    nodes.Number: lambda self, node: plan.Number(node.value),
    nodes.Percent: lambda self, node: plan.Percent(node.value),
    nodes.Money: lambda self, node: plan.Money(node.value),
    nodes.Duration: lambda self, node: plan.Duration(node.value),
    nodes.TimeOfDay: lambda self, node: plan.TimeOfDay(node.value),
    nodes.RMultiple: lambda self, node: plan.RMultiple(node.value),
    nodes.Date: lambda self, node: plan.Moment(node.value) if node.has_time else plan.Date(node.value),
    nodes.Truth: lambda self, node: plan.Truth(node.value),
    nodes.String: lambda self, node: plan.Word(node.value),
    nodes.Symbol: lambda self, node: plan.Symbol(node.name),
    nodes.Name: ExpressionLowering._name,
    nodes.Index: ExpressionLowering._index,
    nodes.Attribute: ExpressionLowering._attribute,
    nodes.Call: ExpressionLowering._call,
    nodes.AtrMultiple: ExpressionLowering._atr_multiple,
    nodes.Negate: ExpressionLowering._negate,
    nodes.Sum: ExpressionLowering._sum,
    nodes.Product: ExpressionLowering._product,
    nodes.Compare: ExpressionLowering._compare,
    nodes.Member: ExpressionLowering._member,
    nodes.Within: ExpressionLowering._within,
    nodes.Is: ExpressionLowering._is,
    nodes.Crosses: ExpressionLowering._crosses,
    nodes.Not: lambda self, node: plan.Not(self.lower(node.item)),
    nodes.And: ExpressionLowering._and,
    nodes.Or: ExpressionLowering._or,
}


def _kind(type_: Type) -> plan.Kind:
    assert type_.kind is not None, "only well-typed expressions are lowered"
    return type_.kind


def _literal(type_: Type | None, value: float) -> plan.Expression | None:
    """The literal of a type, or None where the value is none that a literal may have."""
    if type_ is None or not math.isfinite(value):
        return None
    if type_.kind is plan.Kind.NUMBER or type_.fraction:
        return plan.Number(value)
    if type_.kind is plan.Kind.PERCENT:
        return plan.Percent(value)
    if type_.kind is plan.Kind.MONEY:
        return plan.Money(value)
    if type_.kind is plan.Kind.DURATION:
        return plan.Duration(value)
    if type_.kind is plan.Kind.R:
        return plan.RMultiple(value)
    if type_.kind is plan.Kind.TIME and 0 <= value < _DAY and value.is_integer():
        return plan.TimeOfDay(int(value))
    return None


def _worked_out(operands: tuple[plan.Expression, ...], operators: tuple[str, ...]) -> plan.Expression | None:
    """The value of a chain of literals from left to right, as the evaluator would find it; None if it is none."""
    if any(type(operand) not in _TYPE_OF_LITERAL for operand in operands):
        return None
    type_: Type | None = _TYPE_OF_LITERAL[type(operands[0])]
    value = amount(operands[0])
    for operand, operator in zip(operands[1:], operators[1:], strict=True):
        right = amount(operand)
        if type_ is None or value is None or right is None:
            return None
        right_type = _TYPE_OF_LITERAL[type(operand)]
        if operator == "+":
            type_, value = kinds.added(type_, right_type), value + right
        elif operator == "-":
            type_, value = kinds.subtracted(type_, right_type), value - right
        elif operator == "*":
            type_, value = kinds.multiplied(type_, right_type), value * right
        elif right == 0:
            return None
        else:
            type_, value = kinds.divided(type_, right_type), value / right
    return None if value is None else _literal(type_, value)


def _worked_out_call(name: str, arguments: tuple[plan.Expression, ...]) -> plan.Expression:
    """`abs`, `min` and `max` of literals are literals; `round` is left to the evaluator, which says how it rounds."""
    amounts = [amount(argument) for argument in arguments]
    if name == "round" or len({type(argument) for argument in arguments}) != 1 or None in amounts:
        return plan.Call(name, arguments)
    known = [value for value in amounts if value is not None]
    value = abs(known[0]) if name == "abs" else min(known) if name == "min" else max(known)
    worked_out = _literal(_TYPE_OF_LITERAL[type(arguments[0])], value)
    return plan.Call(name, arguments) if worked_out is None else worked_out
