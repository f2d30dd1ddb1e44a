"""What each place of a statement asks for: a condition after `where`, a unit for every size and distance.

    stop 3          E202: 3 what?
    stop $145       E202: at $145, or $145 away?
    price > 3%      E201
    where 5         E203

Expressions are typed by `expression_types.py`; whether a fitting value makes sense is asked by `values.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import kinds, nodes
from .expression_types import ExpressionTypes
from .kinds import Type
from .misfits import WITH_UNIT
from .nodes import DistanceForm
from .plan import Kind, LimitKind
from .spelling import nearest
from .suggest import did_you_mean
from .units import Purpose, distance_unit, size_unit


def check_types(file: nodes.File, types: ExpressionTypes) -> None:
    """Check every statement of a file; what is wrong is added to the diagnostics of `types`."""
    checker = _StatementTypes(types)
    for statement in file.statements:
        checker.statement(statement)


class _StatementTypes:
    def __init__(self, types: ExpressionTypes) -> None:
        self.types = types
        self.report = types.report
        self.written = types.written
        self.type_of = types.type_of

    def statement(self, statement: nodes.Statement) -> None:
        if isinstance(statement, nodes.Rule):
            self._rule(statement)
        elif isinstance(statement, nodes.Let):
            self.type_of(statement.value)
        elif isinstance(statement, nodes.Param):
            self._param(statement)
        elif isinstance(statement, nodes.Limits):
            for limit in statement.limits:
                self._limit(limit)
        else:
            self._field(statement)

    # ---- declarations

    def _field(self, field: nodes.Field) -> None:
        if field.kind.name not in kinds.FIELD_TYPES:
            known = ", ".join(f"`{name}`" for name in kinds.FIELD_TYPES)
            help_text = did_you_mean(nearest(field.kind.name, kinds.FIELD_TYPES)) or f"a field is one of {known}"
            self.report("E101", f"unknown type `{field.kind.name}`", field.kind.span, "not a type", help_text)

    def _param(self, param: nodes.Param) -> None:
        type_ = self.type_of(param.value)
        if type_.kind in (Kind.LIST, Kind.TABLE):
            message = f"a param is a single value, and {self.written(param.value)} is {type_}"
            self.types.blame(param.value, "E201", message, f"{type_}", f"write `let {param.name.name} = ...`")
            return
        if isinstance(param.choices, nodes.ListLiteral):
            choices: tuple[nodes.Expression, ...] = param.choices.items
            if self.type_of(param.choices).kind is None:
                return
        elif param.choices is not None:
            bounds = (param.choices.low, param.choices.high, param.choices.step)
            choices = tuple(bound for bound in bounds if bound is not None)
            if type_.kind is not None and not kinds.is_ordered(type_):
                message = f"{type_} has no range"
                self.types.blame(param.choices, "E201", message, "", "list the values: `in [..]`")
                return
        else:
            return
        for choice in choices:
            self._choice(choice, param, type_)

    def _choice(self, choice: nodes.Expression, param: nodes.Param, type_: Type) -> None:
        found = self.type_of(choice)
        if None in (found.kind, type_.kind) or found.kind is type_.kind:
            return
        if found.kind is Kind.DURATION and type_.kind is Kind.TIME:  # the step between two times of day
            return
        self.types.not_comparable(param.value, type_, choice, found)
        self.types.types[id(choice)] = kinds.FAILED

    def _limit(self, limit: nodes.Limit) -> None:
        if limit.value is None:
            return
        noun = f"`{limit.kind.value}`"
        if limit.kind is LimitKind.ONLY_SYMBOLS:
            self._symbols(limit.value, noun)
        elif limit.kind in (LimitKind.POSITIONS, LimitKind.ORDERS):
            self.expect(limit.value, Kind.NUMBER, noun)
        elif limit.of_equity:
            self.expect(limit.value, Kind.PERCENT, noun)
        else:
            type_ = self.type_of(limit.value)
            text = self._bare_number(limit.value)
            if type_.kind is Kind.PERCENT:
                help_text = f"write {self.written(limit.value)[:-1]} of equity`"
                self.types.blame(limit.value, "E202", f"{noun} needs to say of what", "of what?", help_text)
            elif text is not None:
                help_text = f"write `${text}` or `{text}% of equity`"
                self.types.blame(limit.value, "E202", f"{noun} needs a unit", f"{text} what?", help_text)
            else:
                self.expect(limit.value, Kind.MONEY, noun)

    def _symbols(self, node: Any, noun: str) -> None:
        """A symbol or a list of symbols."""
        type_ = self.type_of(node)
        element = type_.element if type_.kind is Kind.LIST else type_
        if type_.kind is None or element is None or kinds.comparable(element, kinds.SYMBOL):
            return
        message = f"{noun} asks for symbols, and {self.written(node)} is {type_}"
        self.types.blame(node, "E201", message, f"{type_}", "write `AAPL` or `[AAPL, MSFT]`")

    # ---- rules

    def _rule(self, rule: nodes.Rule) -> None:
        for option in rule.options:
            self._option(option)
        if rule.trigger.of is not None:
            self._symbols(rule.trigger.of, "`of`")
        if rule.condition is not None:
            self.types.condition(rule.condition)
        for action in rule.actions:
            _ACTIONS[type(action)](self, action)

    def _option(self, option: nodes.Option) -> None:
        if isinstance(option, nodes.Priority):
            self.expect(option.value, Kind.NUMBER, "`priority`")
        elif isinstance(option, nodes.Cooldown):
            self.expect(option.duration, Kind.DURATION, "`cooldown`")
        elif isinstance(option, nodes.AtMost):
            self.expect(option.count, Kind.NUMBER, "`at most`")
        elif isinstance(option, nodes.During):
            self.expect(option.start, Kind.TIME, "`during`")
            self.expect(option.end, Kind.TIME, "`during`")

    def _enter(self, action: nodes.Enter) -> None:
        self._size(action.size, Purpose.ENTER)
        self._symbol(action.symbol)
        self._pricing(action.pricing)
        for protection in action.protections:
            if isinstance(protection, nodes.Stop):
                self._distance(protection.distance, "a stop")
            elif isinstance(protection, nodes.Target):
                self._distance(protection.distance, "a target")
                if protection.fraction is not None:
                    self.expect(protection.fraction, Kind.PERCENT, "the part that a target closes")
            elif isinstance(protection, nodes.Trail):
                self._distance(protection.distance, "a trail")
                if protection.after is not None:
                    self._distance(protection.after, "the gain after which a trail begins")
            elif isinstance(protection, nodes.Breakeven):
                self._distance(protection.after, "the gain after which the stop moves")
            else:
                self.expect(protection.duration, Kind.DURATION, "`exit after`")

    def _scale_in(self, action: nodes.ScaleIn) -> None:
        self._size(action.size, Purpose.ADD)
        if action.at_profit is not None:
            self._distance(action.at_profit, "a profit")
        if action.at_most is not None:
            self.expect(action.at_most, Kind.NUMBER, "`at most`")

    def _double_down(self, action: nodes.DoubleDown) -> None:
        self._size(action.size, Purpose.ADD)
        if action.at_loss is not None:
            self._distance(action.at_loss, "a loss")
        if action.to_stop is not None:
            self.expect(action.to_stop, Kind.PERCENT, "the way to the stop")

    def _exit(self, action: nodes.Exit) -> None:
        if action.amount is not None:
            self._size(nodes.Size(action.amount, span=action.amount.span), Purpose.EXIT)
        self._symbol(action.symbol)
        self._pricing(action.pricing)
        self._text(action.because)

    def _said(self, action: nodes.Notify | nodes.Log | nodes.Halt) -> None:
        self._text(action.text)

    def _text(self, text: nodes.Text | None) -> None:
        for part in () if text is None else text.parts:
            if isinstance(part, nodes.Name) and self.type_of(part).kind in (Kind.LIST, Kind.TABLE):
                message = f"`{part.name}` is {self.type_of(part)}, which can't be printed"
                self.types.blame(part, "E201", message, f"{self.type_of(part)}", "name a single value")

    # ---- sizes, distances, prices

    def _symbol(self, node: nodes.Symbol | nodes.Name | None) -> None:
        if node is None:
            return
        type_ = self.type_of(node)
        if type_.kind is not None and not kinds.comparable(type_, kinds.SYMBOL):
            message = f"`of` asks for one symbol, and {self.written(node)} is {type_}"
            self.types.blame(node, "E201", message, f"{type_}", "write a symbol such as `AAPL`")

    def _pricing(self, pricing: nodes.Pricing | None) -> None:
        if pricing is None:
            return
        if pricing.limit is not None:
            self.expect(pricing.limit, Kind.MONEY, "a limit price")
        if pricing.stop is not None:
            self.expect(pricing.stop, Kind.MONEY, "a stop price")
        if pricing.lasts is not None:
            self.expect(pricing.lasts, Kind.DURATION, "the time an order lasts")

    def _size(self, size: nodes.Size, purpose: Purpose) -> None:
        type_ = self.type_of(size.value)
        if type_.kind is None or size_unit(size, type_, purpose) is not None:
            return
        text = self._bare_number(size.value)
        if size.risk or size.of_equity:
            word = "risk" if size.risk else "a part of the equity"
            if text is not None:
                ways = f"`risk {text}% of equity` or `risk ${text}`" if size.risk else f"`{text}% of equity`"
                self.types.blame(size.value, "E202", f"{word} needs a unit", f"{text} what?", f"write {ways}")
            elif type_.kind is Kind.PERCENT:
                help_text = f"write `risk {self.written(size.value)[1:-1]} of equity`"
                self.types.blame(size.value, "E202", "risk needs to say of what", "of what?", help_text)
            else:
                help_text = "write `risk 1% of equity` or `risk $500`" if size.risk else "write `2% of equity`"
                message = f"{word} can't be {type_}"
                self.types.blame(size.value, "E201", message, f"{type_}", help_text)
        elif type_.kind is Kind.PERCENT and not type_.fraction:
            help_text = f"write `{self.written(size.value)[1:-1]} of equity`"
            self.types.blame(size.value, "E202", "the size of an entry needs to say of what", "of what?", help_text)
        elif type_.kind is Kind.PERCENT:
            help_text = "write `round(...)` for shares, or `100% * ...` for a part of the position"
            self.types.blame(size.value, "E202", "shares, or a part of the position?", f"{type_}", help_text)
        elif type_.kind is Kind.MONEY:
            help_text = "write shares (`exit 50`) or a part of the position (`exit 50%`)"
            self.types.blame(size.value, "E202", "an exit is not sized by money", f"{type_}", help_text)
        else:
            ways = {
                Purpose.ENTER: "`100`, `$30_000`, `2% of equity` or `risk 1% of equity`",
                Purpose.ADD: "`50`, `$10_000` or `50%` of the position",
                Purpose.EXIT: "`50` shares or `50%` of the position",
            }[purpose]
            self.types.blame(size.value, "E201", f"a size can't be {type_}", f"{type_}", f"write {ways}")

    def _distance(self, distance: nodes.Distance, noun: str) -> None:
        value = distance.value
        type_ = self.type_of(value)
        if type_.kind is None or distance_unit(distance, type_, self.types.scope) is not None:
            return
        text = self._bare_number(value)
        if distance.form is DistanceForm.AT:
            if text is not None:
                self.types.blame(value, "E202", "a price needs a unit", f"{text} what?", f"write `at ${text}`")
                return
            help_text = f"a distance stands without `at`: {self.written(value)}" if _is_distance(type_) else None
            self.types.blame(value, "E201", f"a price can't be {type_}", f"{type_}", help_text)
        elif distance.form is DistanceForm.AWAY:
            if text is not None:
                self.types.blame(value, "E202", f"{noun} needs a unit", f"{text} what?", f"write `${text} away`")
                return
            help_text = f"leave out `away`: {self.written(value)}" if _is_distance(type_) else None
            self.types.blame(value, "E202", f"`away` follows an amount of money, not {type_}", f"{type_}", help_text)
        elif text is not None:
            help_text = f"write `{text}%`, `${text} away`, `{text} atr` or `at ${text}`"
            self.types.blame(value, "E202", f"{noun} needs a unit", f"{text} what?", help_text)
        elif type_.kind is Kind.MONEY:
            written = self.written(value)[1:-1]
            help_text = f"write `at {written}` for the price, or `{written} away` for the distance"
            self.types.blame(value, "E202", f"{noun} at this price, or this far away?", "which of the two?", help_text)
        else:
            ways = "write `3%`, `$3 away`, `3 atr` or `at $145`"
            self.types.blame(value, "E201", f"{noun} can't be {type_}", f"{type_}", ways)

    def expect(self, node: Any, kind: Kind, noun: str) -> None:
        """Report an expression that is not of the kind that its place asks for."""
        type_ = self.type_of(node)
        if type_.kind is None or type_.kind is kind or (type_.fraction and kind is Kind.NUMBER):
            return
        text = self._bare_number(node)
        if text is not None and kind in WITH_UNIT:
            help_text = f"write `{WITH_UNIT[kind].format(text)}`"
            self.types.blame(node, "E202", f"{noun} needs a unit", f"{text} what?", help_text)
            return
        message = f"{noun} asks for {kinds.DESCRIPTIONS[kind]}, and {self.written(node)} is {type_}"
        help_text = f"write a value such as `{_EXAMPLES[kind]}`"
        self.types.blame(node, "E201", message, f"{type_}", help_text)

    def _bare_number(self, node: Any) -> str | None:
        """The text of a number literal; None for anything else."""
        return node.text if isinstance(node, nodes.Number) else None


def _is_distance(type_: Type) -> bool:
    return type_.kind in (Kind.PERCENT, Kind.R)


_EXAMPLES = {
    Kind.NUMBER: "5",
    Kind.PERCENT: "50%",
    Kind.MONEY: "$150",
    Kind.DURATION: "5m",
    Kind.TIME: "09:35",
}
_ACTIONS: dict[type, Callable[[_StatementTypes, Any], None]] = {
    nodes.Enter: _StatementTypes._enter,
    nodes.ScaleIn: _StatementTypes._scale_in,
    nodes.DoubleDown: _StatementTypes._double_down,
    nodes.Exit: _StatementTypes._exit,
    nodes.ExitEverything: lambda self, action: self._text(action.because),
    nodes.Notify: _StatementTypes._said,
    nodes.Log: _StatementTypes._said,
    nodes.Halt: _StatementTypes._said,
}
