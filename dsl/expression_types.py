"""The type of every expression of a file, in a table beside the tree.

An expression that does not fit together is reported once, where it breaks; its type is then the failed type, on which
nothing built says anything more. A let is typed once, where it is first read; its mistakes are its own, not those of
the rules that read it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from . import kinds, nodes, plan
from .catalog import EVENT_NAMES, FUNCTIONS, QUOTES, Family, Function
from .diagnostics import Diagnostic
from .kinds import FAILED, Type
from .lower_expressions import ExpressionLowering, amount
from .misfits import Misfit, Operand, arithmetic_misfit, comparison_misfit
from .plan import Kind
from .resolve import Scope
from .span import Span

_LONGEST_PLAIN_NUMBER = 300
_EQUALITIES = frozenset({"==", "!="})


class ExpressionTypes:
    """Finds and keeps the types of one file's expressions, and collects what is wrong with them.

    `values` are what the user set for the params of the file; they are of the params' own types.
    """

    def __init__(self, scope: Scope, values: Mapping[str, plan.Expression]) -> None:
        self.scope = scope
        self.types: dict[int, Type] = {}
        self.lowering = ExpressionLowering(scope, self.types, values)
        self.diagnostics: list[Diagnostic] = []
        self._names: dict[str, Type] = {}

    def report(self, code: str, message: str, span: Span, label: str = "", help_text: str | None = None) -> Type:
        """Add a diagnostic; the failed type, for the caller to return."""
        self.diagnostics.append(Diagnostic(code, message, self.scope.source.path, span, label, help_text))
        return FAILED

    def written(self, node: Any) -> str:
        """What stands in the file for a node, in back quotes, cut where it is long."""
        text = " ".join(self.scope.source.text[node.span.start : node.span.end][:200].split())
        return f"`{text}`" if len(text) <= 40 else f"`{text[:37]}...`"

    def type_of(self, node: Any) -> Type:
        """The type of an expression, with everything in it checked."""
        known = self.types.get(id(node))
        if known is None:
            known = self.types[id(node)] = _TYPE[type(node)](self, node)
        return known

    def blame(self, node: Any, code: str, message: str, label: str = "", help_text: str | None = None) -> Type:
        """Report an expression that does not fit its place; nothing more is said about it then."""
        self.types[id(node)] = FAILED
        return self.report(code, message, node.span, label, help_text)

    def constant(self, node: Any) -> plan.Expression | None:
        """The literal that a well-typed expression comes to; None if it is not fixed, or a list or a table."""
        if self.type_of(node).kind in (Kind.LIST, Kind.TABLE):
            return None
        return self.lowering.constant(node)

    def condition(self, node: Any) -> bool:
        """Check that an expression can be asked; E203 where it can't."""
        type_ = self.type_of(node)
        if type_.kind is None or kinds.is_condition(type_):
            return type_.kind is not None
        example = "write a comparison, such as `confidence > 0.8`"
        self.report("E203", f"{self.written(node)} is {type_}, not a condition", node.span, "compare it", example)
        return False

    # ---- names and literals

    def _number(self, node: Any) -> Type:
        if self.scope.damaged and node.span in self.scope.damaged:
            return FAILED
        if len(node.text) > _LONGEST_PLAIN_NUMBER and node.value == float("inf"):
            return self.report("E304", "the number is too large", node.span, "more than a number can hold")
        return _LITERALS[type(node)]

    def _name(self, node: nodes.Name) -> Type:
        if id(node) in self.scope.blamed:
            return FAILED
        known = self._names.get(node.name)
        if known is None:
            known = self._names[node.name] = self._meaning(node.name)
        return known

    def _meaning(self, name: str) -> Type:
        definition = self.scope.definitions.get(name)
        if isinstance(definition, nodes.Let):
            return FAILED if name in self.scope.broken else self.type_of(definition.value)
        if isinstance(definition, nodes.Param):
            return self.type_of(definition.value)
        if isinstance(definition, nodes.Field):
            return kinds.FIELD_TYPES.get(definition.kind.name, FAILED)
        return EVENT_NAMES.get(name) or QUOTES.get(name) or FAILED

    def _list(self, node: nodes.ListLiteral) -> Type:
        element: Type | None = None
        for item in node.items:
            type_ = self.type_of(item)
            if type_.kind is None:
                return FAILED
            if type_.kind in (Kind.LIST, Kind.TABLE, Kind.CONDITION):
                return self.report("E201", f"a list can't hold {type_}", item.span, f"{type_}", "list plain values")
            together = type_ if element is None else kinds.common(element, type_)
            if together is None:
                message = f"a list holds values of one type, and this one begins with {element}"
                return self.report("E201", message, item.span, f"{type_}")
            element = together
        return Type(Kind.LIST, element=element)

    def _table(self, node: nodes.Table) -> Type:
        element: Type | None = None
        keys: set[str | None] = set()
        failed = False
        for entry in node.entries:
            key = None if entry.key is None else entry.key.name
            if key in keys:
                message = f"`{key or 'else'}` stands twice in the table"
                self.report("E103", message, entry.span, "second entry", "leave one of the two")
                failed = True
            keys.add(key)
            type_ = self.type_of(entry.value)
            if type_.kind is None:
                failed = True
                continue
            if type_.kind in (Kind.LIST, Kind.TABLE):
                self.report("E201", f"a table can't hold {type_}", entry.value.span, f"{type_}")
                failed = True
                continue
            together = type_ if element is None else kinds.common(element, type_)
            if together is None:
                message = f"a table holds values of one type, and this one begins with {element}"
                self.report("E201", message, entry.value.span, f"{type_}")
                failed = True
            else:
                element = together
        return FAILED if failed else Type(Kind.TABLE, element=element)

    def _index(self, node: nodes.Index) -> Type:
        table, key = self.type_of(node.table), self.type_of(node.key)
        if table.kind is None or key.kind is None:
            return FAILED
        if table.kind is not Kind.TABLE:
            message = f"`{node.table.name}` is {table}, not a table"
            help_text = f"a table is written `let {node.table.name} = {{ AAPL: $10_000, else: $5_000 }}`"
            return self.report("E201", message, node.table.span, "not a table", help_text)
        if not kinds.comparable(key, kinds.SYMBOL):
            message = f"a table is looked up by symbol, and {self.written(node.key)} is {key}"
            return self.report("E201", message, node.key.span, f"{key}", f"write `{node.table.name}[symbol]`")
        return table.element or FAILED

    def _attribute(self, node: nodes.Attribute) -> Type:
        return QUOTES.get(node.name.name, FAILED)

    # ---- calls

    def _call(self, node: nodes.Call) -> Type:
        types = [self.type_of(argument) for argument in node.arguments]
        function = FUNCTIONS.get(node.function.name)
        if function is None or any(type_.kind is None for type_ in types):
            return FAILED
        if function.family is Family.INDICATOR:
            return self._indicator(node, function, types)
        if node.symbol is not None:
            message = f"`{node.function.name}` asks no symbol"
            return self.report("E204", message, node.symbol.span, "leave it away", f"write {function.usage}")
        if len(types) < function.least or (function.most is not None and len(types) > function.most):
            return self._wrong_arguments(node, function)
        if node.function.name == "round" and len(types) == 2:
            if types[1].kind is not Kind.NUMBER:
                return self._wrong_arguments(node, function)
            types.pop()
        result = types[0]
        for type_, argument in zip(types, node.arguments, strict=False):
            together = kinds.common(result, type_)
            if together is None or not kinds.is_scale(together):
                message = f"`{node.function.name}` can't take {self.written(argument)}"
                return self.report("E204", message, argument.span, f"{type_}", f"write {function.usage}")
            result = together
        return result

    def _indicator(self, node: nodes.Call, function: Function, types: list[Type]) -> Type:
        arguments = list(zip(types, node.arguments, strict=True))
        if len(arguments) > function.least and arguments[-1][0].kind is Kind.DURATION:
            _, timeframe = arguments.pop()
            seconds = self.fixed_amount(timeframe)
            if seconds is None or seconds <= 0:
                message = "a timeframe is a fixed duration"
                return self.report("E204", message, timeframe.span, "", f"write {function.usage}")
        if not function.least <= len(arguments) <= (function.most or len(arguments)):
            return self._wrong_arguments(node, function)
        for type_, argument in arguments:
            if not self.length(type_, argument):
                return FAILED
        return function.result or FAILED

    def length(self, type_: Type, node: Any) -> bool:
        """Check the number of bars that an indicator looks back over."""
        bars = self.fixed_amount(node) if type_.kind is Kind.NUMBER else None
        if bars is not None and bars >= 1 and bars.is_integer():
            return True
        message = "an indicator looks back over a fixed, whole number of bars, at least 1"
        self.report("E204", message, node.span, f"{type_}" if type_.kind is not Kind.NUMBER else "")
        return False

    def fixed_amount(self, node: Any) -> float | None:
        """The float in a well-typed expression that is fixed."""
        constant = self.constant(node)
        return None if constant is None else amount(constant)

    def _wrong_arguments(self, node: nodes.Call, function: Function) -> Type:
        given = len(node.arguments)
        message = f"wrong arguments for `{node.function.name}`"
        label = f"{given} given" if given != 1 else "one given"
        return self.report("E204", message, node.span, label, f"write {function.usage}")

    def _atr_multiple(self, node: nodes.AtrMultiple) -> Type:
        factor = self.type_of(node.factor)
        if node.length is not None:
            length = self.type_of(node.length)
            if length.kind is None or not self.length(length, node.length):
                return FAILED
        if factor.kind is None:
            return FAILED
        if factor.kind is not Kind.NUMBER and not factor.fraction:
            message = f"how many ATR is a number, and {self.written(node.factor)} is {factor}"
            return self.report("E201", message, node.factor.span, f"{factor}", "write `6 atr`")
        return kinds.MONEY

    # ---- arithmetic

    def _negate(self, node: nodes.Negate) -> Type:
        type_ = self.type_of(node.item)
        if type_.kind is None or kinds.is_scale(type_):
            return type_
        return self.report("E201", f"there is no minus of {type_}", node.span, f"{type_}")

    def _chain(self, node: nodes.Sum | nodes.Product) -> Type:
        types = [self.type_of(operand) for operand in node.operands]
        result = types[0]
        if any(type_.kind is None for type_ in types):
            return FAILED
        for operator, right, operand in zip(node.operators, types[1:], node.operands[1:], strict=True):
            together = _OPERATIONS[operator](result, right)
            if together is None:
                return self._report_misfit(arithmetic_misfit(operator, result, right, operand))
            if operator == "/" and isinstance(operand, nodes.Number | nodes.Name) and self.fixed_amount(operand) == 0:
                return self.report("E304", "a division by zero", operand.span, "zero")
            result = together
        return result

    # ---- conditions

    def _compare(self, node: nodes.Compare) -> Type:
        types = [self.type_of(operand) for operand in node.operands]
        result = kinds.CONDITION
        for at, operator in enumerate(node.operators):
            left, right = types[at], types[at + 1]
            if left.kind is None or right.kind is None:
                result = FAILED
            elif not kinds.comparable(left, right):
                result = self.not_comparable(node.operands[at], left, node.operands[at + 1], right)
            elif operator not in _EQUALITIES and not kinds.is_ordered(left):
                message = f"`{operator}` has no meaning for {left}"
                result = self.report("E201", message, node.operands[at].span, f"{left}", "write `==` or `!=`")
        return result

    def not_comparable(self, left_node: Any, left: Type, right_node: Any, right: Type) -> Type:
        """Report two values that can't be compared."""
        return self._report_misfit(
            comparison_misfit(
                Operand(left_node, left, self.written(left_node)), Operand(right_node, right, self.written(right_node))
            )
        )

    def _report_misfit(self, misfit: Misfit) -> Type:
        return self.report(misfit.code, misfit.message, misfit.node.span, misfit.label, misfit.help)

    def _member(self, node: nodes.Member) -> Type:
        item = self.type_of(node.item)
        if isinstance(node.members, nodes.ListLiteral):
            return self._one_of(node.item, item, node.members.items)
        members = self.type_of(node.members)
        if item.kind is None or members.kind is None:
            return FAILED
        if members.kind is not Kind.LIST:
            message = f"`in` needs a list or a range, and {self.written(node.members)} is {members}"
            return self.report("E201", message, node.members.span, f"{members}", "write `[..]` or `low..high`")
        if members.element is None:
            return kinds.CONDITION
        if not kinds.comparable(item, members.element):
            message = f"{self.written(node.item)} is {item}, and the list holds {members.element}"
            return self.report("E201", message, node.members.span, f"list of {members.element}")
        return kinds.CONDITION

    def _one_of(self, item_node: Any, item: Type, members: tuple[Any, ...]) -> Type:
        """`x in [a, b]`: each element is compared with it, so each must be comparable with it."""
        result = kinds.CONDITION
        for member in members:
            type_ = self.type_of(member)
            if type_.kind is None or item.kind is None:
                result = FAILED
            elif not kinds.comparable(item, type_):
                result = self.not_comparable(item_node, item, member, type_)
        return result

    def _within(self, node: nodes.Within) -> Type:
        types = [self.type_of(part) for part in (node.item, node.low, node.high)]
        if any(type_.kind is None for type_ in types):
            return FAILED
        item = types[0]
        if not kinds.is_ordered(item):
            message = f"{self.written(node.item)} is {item}, which lies in no range"
            return self.report("E201", message, node.item.span, f"{item}", "a list is written `[..]`")
        for bound, type_ in zip((node.low, node.high), types[1:], strict=True):
            if not kinds.comparable(item, type_):
                return self.not_comparable(node.item, item, bound, type_)
        return kinds.CONDITION

    def _logic(self, items: tuple[Any, ...]) -> Type:
        fine = [self.condition(item) for item in items]
        return kinds.CONDITION if all(fine) else FAILED


_OPERATIONS: dict[str, Callable[[Type, Type], Type | None]] = {
    "+": kinds.added,
    "-": kinds.subtracted,
    "*": kinds.multiplied,
    "/": kinds.divided,
}
_LITERALS: dict[type, Type] = {
    nodes.Number: kinds.NUMBER,
    nodes.Percent: kinds.PERCENT,
    nodes.Money: kinds.MONEY,
    nodes.Duration: kinds.DURATION,
    nodes.RMultiple: kinds.R,
    nodes.TimeOfDay: kinds.TIME,
}
_TYPE: dict[type, Callable[[ExpressionTypes, Any], Type]] = {
    **dict.fromkeys(_LITERALS, ExpressionTypes._number),
    nodes.Truth: lambda self, node: kinds.FLAG,
    nodes.String: lambda self, node: kinds.TEXT_LITERAL,
    nodes.Symbol: lambda self, node: kinds.SYMBOL_LITERAL,
    nodes.Name: ExpressionTypes._name,
    nodes.ListLiteral: ExpressionTypes._list,
    nodes.Table: ExpressionTypes._table,
    nodes.Index: ExpressionTypes._index,
    nodes.Attribute: ExpressionTypes._attribute,
    nodes.Call: ExpressionTypes._call,
    nodes.AtrMultiple: ExpressionTypes._atr_multiple,
    nodes.Negate: ExpressionTypes._negate,
    nodes.Sum: ExpressionTypes._chain,
    nodes.Product: ExpressionTypes._chain,
    nodes.Compare: ExpressionTypes._compare,
    nodes.Member: ExpressionTypes._member,
    nodes.Within: ExpressionTypes._within,
    nodes.Not: lambda self, node: self._logic((node.item,)),
    nodes.And: lambda self, node: self._logic(node.items),
    nodes.Or: lambda self, node: self._logic(node.items),
}
