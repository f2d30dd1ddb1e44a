"""The type of every expression of a file, in a table beside the tree.

An expression that does not fit together is reported once, where it breaks; its type is then the failed type, on which
nothing built says anything more. A let is typed once, where it is first read; its mistakes are its own, not those of
the rules that read it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from . import kinds, nodes, plan
from .call_types import type_of_atr_multiple, type_of_call
from .catalog import (
    ALWAYS_THERE,
    BAR_FIELDS,
    EVENT_NAMES,
    FUNCTIONS,
    LONGEST_LOOK_BACK,
    OWNERS,
    QUOTES,
    Family,
    Reader,
    TriggerFacts,
    why_reserved,
)
from .condition_types import type_of_compare, type_of_crosses, type_of_is, type_of_member, type_of_within
from .diagnostics import Diagnostic
from .kinds import FAILED, Type
from .lets import is_past
from .lower_expressions import ExpressionLowering, amount
from .misfits import Misfit, Operand, arithmetic_misfit, comparison_misfit
from .plan import Kind
from .resolve import Scope
from .span import Span
from .suggest import replacement

_LONGEST_PLAIN_NUMBER = 300


class ExpressionTypes:
    """Finds and keeps the types of one file's expressions, and collects what is wrong with them.

    `values` are what the user set for the params of the file; they are of the params' own types. `homes` are the types
    of the files that this one uses names of, by name. `facts` are those of the rule that is being checked.
    """

    def __init__(
        self,
        scope: Scope,
        values: Mapping[str, plan.Expression],
        homes: Mapping[str, ExpressionTypes] | None = None,
    ) -> None:
        self.scope = scope
        self.types: dict[int, Type] = {}
        self.values = values
        self.homes: Mapping[str, ExpressionTypes] = homes or {}
        self._latest_reader = Reader()
        self._latest = self.lowering = self._lowerings(self._latest_reader)
        self.diagnostics: list[Diagnostic] = []
        self.facts: TriggerFacts | None = None
        self.crossings: list[nodes.Crosses] = []
        self._names: dict[str, Type] = {}

    def lowering_for(self, reader: Reader) -> ExpressionLowering:
        """The lowering of this file's expressions for one kind of reader; one for each, as it keeps what it lowered."""
        if reader is not self._latest_reader:
            self._latest_reader, self._latest = reader, self._lowerings(reader)
        return self._latest

    @cached_property
    def _lowerings(self) -> Callable[[Reader], ExpressionLowering]:
        made: dict[Reader, ExpressionLowering] = {}

        def lowering(reader: Reader) -> ExpressionLowering:
            if reader not in made:
                made[reader] = ExpressionLowering(
                    self.scope,
                    self.types,
                    self.values,
                    lambda name: self.homes[name].lowering_for(reader),
                    reader,
                )
            return made[reader]

        return lowering

    def report(
        self, code: str, message: str, span: Span, label: str = "", help_text: str | None = None, instead: str = ""
    ) -> Type:
        """Add a diagnostic; the failed type, for the caller to return.

        `instead` is what to write in its place, where only one thing can be meant.
        """
        fixes = replacement(instead or None, span)
        self.diagnostics.append(Diagnostic(code, message, self.scope.source.path, span, label, help_text, fixes=fixes))
        return FAILED

    def written(self, node: Any) -> str:
        """What stands in the file for a node, in back quotes, cut where it is long."""
        text = " ".join(self.scope.source.text[node.span.start : node.span.end][:200].split())
        return f"`{text}`" if len(text) <= 40 else f"`{text[:37]}...`"

    def type_of(self, node: Any) -> Type:
        """The type of an expression, with everything in it checked."""
        known = self.types.get(id(node))
        if known is None:
            found = FAILED if id(node) in self.scope.blamed else _TYPE[type(node)](self, node)
            known = self.types[id(node)] = found
        return known

    def blame(
        self, node: Any, code: str, message: str, label: str = "", help_text: str | None = None, instead: str = ""
    ) -> Type:
        """Report an expression that does not fit its place; nothing more is said about it then."""
        self.types[id(node)] = FAILED
        return self.report(code, message, node.span, label, help_text, instead)

    def constant(self, node: Any) -> plan.Expression | None:
        """The literal that an expression comes to; None if it is not fixed, ill-typed, or a list or a table."""
        if self.type_of(node).kind in (None, Kind.LIST, Kind.TABLE):
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

    def _date(self, node: nodes.Date) -> Type:
        if node.span in self.scope.damaged:
            return FAILED
        return kinds.MOMENT if node.has_time else kinds.DATE

    def _name(self, node: nodes.Name) -> Type:
        known = self._names.get(node.name)
        if known is None:
            known = self._names[node.name] = self._meaning(node.name)
        if self.facts is not None and known.kind is Kind.WORD:
            return self.facts.names.get(node.name, known)  # which words a `reason` can be depends on the event
        return known

    def _meaning(self, name: str) -> Type:
        if name in self.homes:
            return self.homes[name].meaning(name)
        definition = self.scope.definitions.get(name)
        if isinstance(definition, nodes.Let):
            return FAILED if name in self.scope.broken else self.type_of(definition.value)
        if isinstance(definition, nodes.Param):
            return self.type_of(definition.value)
        if isinstance(definition, nodes.Field):
            return kinds.FIELD_TYPES.get(definition.kind.name, FAILED)
        return EVENT_NAMES.get(name) or ALWAYS_THERE.get(name) or FAILED

    def meaning(self, name: str) -> Type:
        """The type of what this file defines under a name, for a file that uses it; told there, not here, if wrong."""
        before, self.facts = self.facts, None
        try:
            return self._meaning(name)
        finally:
            self.facts = before

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
            element = kinds.plain(together)
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
                element = kinds.plain(together)
        return FAILED if failed else Type(Kind.TABLE, element=element)

    def _index(self, node: nodes.Index) -> Type:
        if is_past(node.item):
            return self._bars_ago(node, BAR_FIELDS[node.item.name])  # type: ignore[union-attr, index]  # it is a Name
        table, key = self.type_of(node.item), self.type_of(node.key)
        if table.kind is None or key.kind is None:
            return FAILED
        if isinstance(node.item, nodes.Call) and FUNCTIONS[node.item.function.name].family is Family.INDICATOR:
            return self._bars_ago(node, table)
        of_symbol = isinstance(node.item, nodes.Attribute) and isinstance(node.item.owner, nodes.Symbol)
        if of_symbol and node.item.name.name in BAR_FIELDS:  # type: ignore[union-attr]  # it is an Attribute
            return self._bars_ago(node, table)
        if table.kind is not Kind.TABLE:
            written = self.written(node.item)
            message = f"{written} is {table}, not a table"
            own = isinstance(node.item, nodes.Name) and why_reserved(node.item.name) is None
            if key.kind is Kind.NUMBER and not own:
                message = f"what {written} was some bars ago is not kept"
                help_text = "`[1]` follows a field of the bar such as `close`, or an indicator such as `sma(20)`"
                return self.report("E201", message, node.item.span, f"{table}", help_text)
            if isinstance(node.item, nodes.Name) and own:
                help_text = f"a table is written `let {node.item.name} = {{ AAPL: $10_000, else: $5_000 }}`"
            else:
                help_text = "`[1]` follows a table, a field of the bar such as `close`, or an indicator"
            return self.report("E201", message, node.item.span, "not a table", help_text)
        if not kinds.comparable(key, kinds.SYMBOL):
            message = f"a table is looked up by symbol, and {self.written(node.key)} is {key}"
            help_text = f"write {self.written(node.item)[:-1]}[symbol]`"
            return self.report("E201", message, node.key.span, f"{key}", help_text)
        return table.element or FAILED

    def _bars_ago(self, node: nodes.Index, type_: Type) -> Type:
        key = self.type_of(node.key)
        bars = self.fixed_amount(node.key) if key.kind is Kind.NUMBER else None
        if key.kind is None:
            return FAILED
        if bars is None or not bars.is_integer() or not 0 <= bars <= LONGEST_LOOK_BACK:
            message = (
                f"how many bars ago is a fixed, whole number, 0 to {LONGEST_LOOK_BACK:,}, "
                f"and {self.written(node.key)} is not"
            )
            label = f"{key}" if key.kind is not Kind.NUMBER else ""
            return self.report("E204", message, node.key.span, label, f"write {self.written(node.item)[:-1]}[1]`")
        return type_

    def _attribute(self, node: nodes.Attribute) -> Type:
        if isinstance(node.owner, nodes.Name):
            return OWNERS.get(node.owner.name, {}).get(node.name.name, FAILED)
        return QUOTES.get(node.name.name) or BAR_FIELDS.get(node.name.name) or FAILED

    def fixed_amount(self, node: Any) -> float | None:
        """The float in a well-typed expression that is fixed."""
        constant = self.constant(node)
        return None if constant is None else amount(constant)

    # ---- arithmetic

    def _negate(self, node: nodes.Negate) -> Type:
        type_ = self.type_of(node.item)
        if type_.kind is None or kinds.is_scale(type_):
            return kinds.plain(type_)
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

    def not_comparable(self, left_node: Any, left: Type, right_node: Any, right: Type) -> Type:
        """Report two values that can't be compared."""
        return self._report_misfit(
            comparison_misfit(
                Operand(left_node, left, self.written(left_node)), Operand(right_node, right, self.written(right_node))
            )
        )

    def _report_misfit(self, misfit: Misfit) -> Type:
        return self.report(misfit.code, misfit.message, misfit.node.span, misfit.label, misfit.help)

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
    nodes.Date: ExpressionTypes._date,
    nodes.Truth: lambda self, node: kinds.FLAG,
    nodes.String: lambda self, node: kinds.TEXT_LITERAL,
    nodes.Symbol: lambda self, node: kinds.SYMBOL_LITERAL,
    nodes.Name: ExpressionTypes._name,
    nodes.ListLiteral: ExpressionTypes._list,
    nodes.Table: ExpressionTypes._table,
    nodes.Index: ExpressionTypes._index,
    nodes.Attribute: ExpressionTypes._attribute,
    nodes.Call: type_of_call,
    nodes.AtrMultiple: type_of_atr_multiple,
    nodes.Negate: ExpressionTypes._negate,
    nodes.Sum: ExpressionTypes._chain,
    nodes.Product: ExpressionTypes._chain,
    nodes.Compare: type_of_compare,
    nodes.Member: type_of_member,
    nodes.Within: type_of_within,
    nodes.Is: type_of_is,
    nodes.Crosses: type_of_crosses,
    nodes.Not: lambda self, node: self._logic((node.item,)),
    nodes.And: lambda self, node: self._logic(node.items),
    nodes.Or: lambda self, node: self._logic(node.items),
}
