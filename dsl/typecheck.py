"""What each place of a statement asks for: a condition after `where`, a unit for every size and distance.

    stop 3          E202: 3 what?
    stop $145       E202: at $145, or $145 away?
    price > 3%      E201
    where 5         E203

Expressions are typed by `expression_types.py`; whether a fitting value makes sense is asked by `values.py`.
"""

from __future__ import annotations

from typing import Any

from . import kinds, nodes
from .action_types import ActionTypes
from .call_types import is_timeframe
from .catalog import TriggerFacts, facts_of
from .expected import bare_number, expect
from .expression_types import ExpressionTypes
from .kinds import Type
from .plan import Kind, LimitKind
from .registered_calls import Actions
from .spelling import nearest
from .suggest import did_you_mean
from .unbrought_names import CLOCKS, narrowed


def check_types(file: nodes.File, types: ExpressionTypes, actions: Actions = None) -> None:
    """Check every statement of a file; what is wrong is added to the diagnostics of `types`.

    `actions` are the registered Python actions, by name.
    """
    checker = _StatementTypes(types, actions)
    for statement in file.statements:
        checker.statement(statement)


class _StatementTypes:
    def __init__(self, types: ExpressionTypes, actions: Actions) -> None:
        self.types = types
        self.action_types = ActionTypes(types, actions)
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
        elif isinstance(statement, nodes.Use):
            for binding in statement.bindings:
                self.type_of(binding.value)
        elif isinstance(statement, nodes.Field):
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
            expect(self.types, limit.value, Kind.NUMBER, noun)
        elif limit.of_equity:
            expect(self.types, limit.value, Kind.PERCENT, noun)
        else:
            type_ = self.type_of(limit.value)
            text = bare_number(limit.value)
            if type_.kind is Kind.PERCENT:
                help_text = f"write {self.written(limit.value)[:-1]} of equity`"
                self.types.blame(limit.value, "E202", f"{noun} needs to say of what", "of what?", help_text)
            elif text is not None:
                help_text = f"write `${text}` or `{text}% of equity`"
                self.types.blame(limit.value, "E202", f"{noun} needs a unit", f"{text} what?", help_text)
            else:
                expect(self.types, limit.value, Kind.MONEY, noun)

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
        facts = self.types.facts = facts_of(rule.trigger)
        for option in rule.options:
            self._option(option)
        of = nodes.set_of(rule.trigger)
        if of is not None:
            self._symbols(of, "`of`")
        self._trigger(rule.trigger)
        if rule.condition is not None:
            self.types.condition(rule.condition)
        for action in rule.actions:
            self.action_types.check(action)
        if not facts.has_symbol:
            self._symbols_named(rule, facts)
        self.types.facts = None

    def _symbols_named(self, rule: nodes.Rule, facts: TriggerFacts) -> None:
        """E303 for each action that acts on a symbol where neither the event nor an `enter` before it has one."""
        entered = False
        for action in rule.actions:
            named = isinstance(action, nodes.Enter | nodes.Exit | nodes.Emit) and action.symbol is not None
            if isinstance(action, nodes.Enter) and named:
                entered = True
            needs = isinstance(action, _ON_THE_SYMBOL) or (isinstance(action, _AFTER_AN_ENTRY) and not entered)
            if needs and not named:
                way = _NAMING.get(type(action))
                narrow = narrowed(facts, rule.trigger, self.types.scope.source)
                help_text = narrow if way is None else way if facts.noun not in CLOCKS else f"{way}, or {narrow}"
                verb = _VERBS[type(action)]
                message = f"`{verb}` acts on the event's symbol, and `on {facts.noun}` has none"
                self.report("E303", message, action.span, "on which symbol?", help_text)

    def _trigger(self, trigger: nodes.Trigger) -> None:
        if isinstance(trigger, nodes.BarTrigger) and trigger.timeframe is not None:
            type_, text = self.type_of(trigger.timeframe), bare_number(trigger.timeframe)
            if text is not None:
                self.types.blame(
                    trigger.timeframe, "E202", "`bar` needs a unit", f"{text} what?", f"write `bar {text}m`"
                )
            elif type_.kind is not None:
                is_timeframe(self.types, type_, trigger.timeframe, "write `bar 5m`")
        elif isinstance(trigger, nodes.TimeTrigger):
            expect(self.types, trigger.at, Kind.TIME, "`time`")
        elif isinstance(trigger, nodes.EveryTrigger):
            expect(self.types, trigger.duration, Kind.DURATION, "`every`")
        elif isinstance(trigger, nodes.MarketTrigger) and trigger.offset is not None:
            expect(self.types, trigger.offset, Kind.DURATION, f"`market {trigger.moment.value}`")

    def _option(self, option: nodes.Option) -> None:
        if isinstance(option, nodes.Priority):
            expect(self.types, option.value, Kind.NUMBER, "`priority`")
        elif isinstance(option, nodes.Cooldown):
            expect(self.types, option.duration, Kind.DURATION, "`cooldown`")
        elif isinstance(option, nodes.AtMost):
            expect(self.types, option.count, Kind.NUMBER, "`at most`")
        elif isinstance(option, nodes.During):
            expect(self.types, option.start, Kind.TIME, "`during`")
            expect(self.types, option.end, Kind.TIME, "`during`")


_VERBS: dict[type, str] = {
    nodes.Enter: "enter",
    nodes.Exit: "exit",
    nodes.Emit: "emit",
    nodes.ScaleIn: "scale in",
    nodes.DoubleDown: "double down",
    nodes.Reverse: "reverse",
    nodes.MoveStop: "move stop",
    nodes.MoveStopToBreakeven: "move stop",
    nodes.MoveTarget: "move target",
    nodes.TrailStop: "trail",
    nodes.Cancel: "cancel",
    nodes.Place: "place",
}
_ON_THE_SYMBOL = (nodes.Enter, nodes.Exit, nodes.Emit)
_AFTER_AN_ENTRY = (
    nodes.ScaleIn,
    nodes.DoubleDown,
    nodes.Reverse,
    nodes.MoveStop,
    nodes.MoveStopToBreakeven,
    nodes.MoveTarget,
    nodes.TrailStop,
    nodes.Cancel,
    nodes.Place,
)
_NAMING: dict[type, str] = {
    nodes.Enter: "name the symbol: `enter long 100 of AAPL`",
    nodes.Exit: "name the symbol: `exit of AAPL`, or write `exit everything`",
    nodes.Emit: "name the symbol: `emit signal BUY for AAPL`",
}
