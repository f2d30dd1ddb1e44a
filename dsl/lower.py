"""Checked statements become the plan: rules with their conditions and actions, limits, fields.

Nothing here can fail: what could has been reported, and a set of files with an error is not lowered. Expressions are
lowered by `lower_expressions.py`, units come from `units.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from . import kinds, nodes, plan
from .catalog import Reader
from .expression_types import ExpressionTypes
from .plan import Kind, SizeUnit
from .readers import reader_at, reader_of
from .record import Record
from .units import Purpose, distance_unit, size_unit


@attrs.frozen(eq=False, repr=False)
class PlanParts(Record):
    """What one file gives to the plan."""

    rules: tuple[plan.Rule, ...]
    limits: tuple[plan.Limit, ...]
    fields: tuple[plan.Field, ...]


def lower(file: nodes.File, types: ExpressionTypes, stem: str, rule_names: Mapping[str, str]) -> PlanParts:
    """Lower a file without errors.

    `stem` starts the full names of its rules and the labels of those without one; `rule_names` are the full names of
    the rules that the file can name.
    """
    lowering = _Lowering(types, stem, rule_names)
    rules = [statement for statement in file.statements if isinstance(statement, nodes.Rule)]
    return PlanParts(
        rules=tuple(lowering.rule(rule, ordinal) for ordinal, rule in enumerate(rules, 1)),
        limits=tuple(
            lowering.limit(limit)
            for statement in file.statements
            if isinstance(statement, nodes.Limits)
            for limit in statement.limits
        ),
        fields=tuple(field(statement) for statement in file.statements if isinstance(statement, nodes.Field)),
    )


def field(declared: nodes.Field) -> plan.Field:
    """A declared field, whose type is known to exist."""
    kind = kinds.FIELD_TYPES[declared.kind.name].kind
    assert kind is not None, "no field has the failed type"
    return plan.Field(declared.name.name, kind, _said(declared.description))


def _said(string: nodes.String | None) -> str | None:
    return None if string is None else string.value


class _Lowering:
    def __init__(self, types: ExpressionTypes, stem: str, rule_names: Mapping[str, str]) -> None:
        self.types = types
        self.stem = stem
        self.rule_names = rule_names
        self.lowering = types.lowering

    def expression(self, node: Any) -> plan.Expression:
        return self.lowering.lower(node)

    def maybe(self, node: Any) -> plan.Expression | None:
        return None if node is None else self.expression(node)

    def amount(self, node: Any) -> float:
        """The float of an expression that was found fixed."""
        value = self.types.fixed_amount(node)
        assert value is not None, "values.py lets only fixed values through"
        return value

    def place(self, offset: int) -> plan.Place:
        position = self.types.scope.source.position(offset)
        return plan.Place(self.types.scope.source.path, position.line, position.column)

    # ---- rules

    def rule(self, rule: nodes.Rule, ordinal: int) -> plan.Rule:
        reader = reader_of(rule, self.types)
        self.lowering = self.types.lowering_for(reader)
        options: dict[str, Any] = {}
        at_most: list[plan.AtMost] = []
        for option in rule.options:
            if isinstance(option, nodes.Priority):
                options["priority"] = int(self.amount(option.value))
            elif isinstance(option, nodes.Cooldown):
                shared = None if option.shared is None else option.shared.name
                options["cooldown"] = plan.Cooldown(self.amount(option.duration), shared)
            elif isinstance(option, nodes.AtMost):
                at_most.append(plan.AtMost(int(self.amount(option.count)), option.period, option.each))
            elif isinstance(option, nodes.During):
                options["during"] = plan.During(int(self.amount(option.start)), int(self.amount(option.end)))
            else:
                options["enabled"] = False
        return plan.Rule(
            trigger=self.trigger(rule.trigger),
            condition=self.maybe(rule.condition),
            actions=tuple(self.action(action, reader) for action in rule.actions),
            name=None if rule.name is None else f"{self.stem}.{rule.name.name}",
            description=_said(rule.description),
            at_most=tuple(at_most),
            label=f"{self.stem}#{ordinal}" if rule.name is None else rule.name.name,
            place=self.place(rule.span.start),
            **options,
        )

    def action(self, action: nodes.Action, reader: Reader) -> plan.Action:
        symbol = action.symbol if isinstance(action, nodes.Enter | nodes.Exit) else None
        self.lowering = self.types.lowering_for(reader_at(reader, symbol, self.types))
        return _ACTIONS[type(action)](self, action)

    def trigger(self, trigger: nodes.Trigger) -> plan.Trigger:
        written = nodes.set_of(trigger)
        of = None if written is None else self.symbols(written)
        match trigger:
            case nodes.SignalTrigger():
                return plan.SignalTrigger(tuple(kind.text for kind in trigger.kinds), of)
            case nodes.PriceTrigger():
                return plan.PriceTrigger(of)
            case nodes.VolumeTrigger():
                return plan.VolumeTrigger(of)
            case nodes.BarTrigger():
                return plan.BarTrigger(None if trigger.timeframe is None else self.amount(trigger.timeframe), of)
            case nodes.PositionTrigger():
                return plan.PositionTrigger(trigger.moment, of)
            case nodes.OrderTrigger():
                return plan.OrderTrigger(trigger.moment, of)
            case nodes.TimeTrigger():
                return plan.TimeTrigger(int(self.amount(trigger.at)), of)
            case nodes.EveryTrigger():
                return plan.EveryTrigger(self.amount(trigger.duration), of)
            case nodes.MarketTrigger():
                seconds = 0.0 if trigger.offset is None else self.amount(trigger.offset)
                return plan.MarketTrigger(trigger.moment, seconds, of)
            case nodes.StartTrigger():
                return plan.StartTrigger()
            case nodes.BrokerTrigger():
                return plan.BrokerTrigger(trigger.moment)

    def symbols(self, node: Any) -> tuple[str, ...]:
        """The symbols that a list, a name or a symbol stands for, each once, in order."""
        listed = self.types.type_of(node).kind is Kind.LIST
        items = self.lowering.items(node) if listed else (self.expression(node),)
        return tuple(dict.fromkeys(_symbol_name(item) for item in items))

    def limit(self, limit: nodes.Limit) -> plan.Limit:
        place = self.place(limit.span.start)
        if limit.value is None:
            return plan.Limit(limit.kind, place=place)
        if limit.kind is plan.LimitKind.ONLY_SYMBOLS:
            return plan.Limit(limit.kind, symbols=self.symbols(limit.value), place=place)
        return plan.Limit(limit.kind, self.amount(limit.value), limit.of_equity, limit.period, place=place)

    # ---- sizes, distances, prices

    def size(self, size: nodes.Size, purpose: Purpose) -> plan.Size:
        unit = size_unit(size, self.types.type_of(size.value), purpose)
        assert unit is not None, "typecheck.py lets only sizes with a unit through"
        return plan.Size(unit, self.expression(size.value))

    def distance(self, distance: nodes.Distance) -> plan.Distance:
        unit = distance_unit(distance, self.types.type_of(distance.value), self.types.scope)
        assert unit is not None, "typecheck.py lets only distances with a unit through"
        return plan.Distance(unit, self.expression(distance.value))

    def maybe_distance(self, distance: nodes.Distance | None) -> plan.Distance | None:
        return None if distance is None else self.distance(distance)

    def pricing(self, pricing: nodes.Pricing | None) -> plan.Pricing:
        if pricing is None:
            return plan.Pricing(plan.PricingKind.MARKET)
        lasts = None if pricing.lasts is None else self.amount(pricing.lasts)
        return plan.Pricing(pricing.kind, self.maybe(pricing.limit), self.maybe(pricing.stop), lasts)

    def protection(self, protections: tuple[nodes.Protection, ...]) -> plan.Protection:
        parts: dict[str, Any] = {}
        targets: list[plan.Target] = []
        for part in protections:
            if isinstance(part, nodes.Stop):
                parts["stop"] = self.distance(part.distance)
            elif isinstance(part, nodes.Target):
                targets.append(plan.Target(self.distance(part.distance), self.maybe(part.fraction)))
            elif isinstance(part, nodes.Trail):
                parts["trail"] = plan.Trail(self.distance(part.distance), self.maybe_distance(part.after))
            elif isinstance(part, nodes.Breakeven):
                parts["breakeven_after"] = self.distance(part.after)
            else:
                parts["exit_after"] = self.expression(part.duration)
        return plan.Protection(targets=tuple(targets), **parts)

    # ---- actions

    def enter(self, action: nodes.Enter) -> plan.Enter:
        return plan.Enter(
            action.side,
            self.size(action.size, Purpose.ENTER),
            self.maybe(action.symbol),
            self.pricing(action.pricing),
            self.protection(action.protections),
        )

    def scale_in(self, action: nodes.ScaleIn) -> plan.ScaleIn:
        at_most = 1 if action.at_most is None else int(self.amount(action.at_most))
        return plan.ScaleIn(self.size(action.size, Purpose.ADD), self.maybe_distance(action.at_profit), at_most)

    def double_down(self, action: nodes.DoubleDown) -> plan.DoubleDown:
        size = self.size(action.size, Purpose.ADD)
        return plan.DoubleDown(size, self.maybe_distance(action.at_loss), self.maybe(action.to_stop))

    def exit(self, action: nodes.Exit) -> plan.Exit:
        size = None
        if action.amount is not None:
            part = self.types.type_of(action.amount).kind is Kind.PERCENT
            size = plan.Size(SizeUnit.POSITION if part else SizeUnit.SHARES, self.expression(action.amount))
        symbol = self.maybe(action.symbol)
        return plan.Exit(size, symbol, self.pricing(action.pricing), self.text(action.because))

    def reverse(self, action: nodes.Reverse) -> plan.Reverse:
        return plan.Reverse(self.protection(action.protections))

    def move_stop(self, action: nodes.MoveStop) -> plan.MoveStop:
        return plan.MoveStop(plan.Distance(plan.DistanceUnit.PRICE, self.expression(action.price)))

    def place_order(self, action: nodes.Place) -> plan.PlaceOrder:
        role = "placed" if action.role is None else action.role.name
        return plan.PlaceOrder(action.side, self.size(action.size, Purpose.ADD), self.pricing(action.pricing), role)

    def emit(self, action: nodes.Emit) -> plan.EmitSignal:
        return plan.EmitSignal(action.kind.text, self.maybe(action.symbol), self.maybe(action.confidence))

    def reset_cooldown(self, action: nodes.ResetCooldown) -> plan.ResetCooldown:
        if action.name is None:
            return plan.ResetCooldown()
        name = action.name.name
        return plan.ResetCooldown(self.rule_names.get(name, name))

    def call(self, action: nodes.CallAction) -> plan.CallAction:
        plain = (one for one in action.arguments if not isinstance(one, nodes.Binding))
        named = (one for one in action.arguments if isinstance(one, nodes.Binding))
        return plan.CallAction(
            action.name.name,
            tuple(self.expression(one) for one in plain),
            tuple((one.name.name, self.expression(one.value)) for one in named),
        )

    def text(self, text: nodes.Text | None) -> plan.Text | None:
        return None if text is None else self.lowering.text(text)


def _symbol_name(item: plan.Expression) -> str:
    assert isinstance(item, plan.Symbol | plan.Word), "values.py lets only fixed symbols through"
    return item.name if isinstance(item, plan.Symbol) else item.text


_ACTIONS: dict[type, Callable[[_Lowering, Any], plan.Action]] = {
    nodes.Enter: _Lowering.enter,
    nodes.ScaleIn: _Lowering.scale_in,
    nodes.DoubleDown: _Lowering.double_down,
    nodes.Exit: _Lowering.exit,
    nodes.ExitEverything: lambda self, action: plan.ExitEverything(self.text(action.because)),
    nodes.Reverse: _Lowering.reverse,
    nodes.MoveStop: _Lowering.move_stop,
    nodes.MoveStopToBreakeven: lambda self, action: plan.MoveStopToBreakeven(
        self.maybe_distance(action.offset), action.gain
    ),
    nodes.MoveTarget: lambda self, action: plan.MoveTarget(self.expression(action.price)),
    nodes.TrailStop: lambda self, action: plan.TrailStop(self.distance(action.distance)),
    nodes.Cancel: lambda self, action: plan.CancelOrders(action.what),
    nodes.Place: _Lowering.place_order,
    nodes.Emit: _Lowering.emit,
    nodes.ResetCooldown: _Lowering.reset_cooldown,
    nodes.CallAction: _Lowering.call,
    nodes.Notify: lambda self, action: plan.Notify(self.lowering.text(action.text)),
    nodes.Log: lambda self, action: plan.Log(self.lowering.text(action.text)),
    nodes.Halt: lambda self, action: plan.Halt(self.text(action.text)),
}
