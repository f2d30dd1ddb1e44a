"""Whether values that fit make sense: nothing that can never be carried out gets past here.

    risk 1% of equity, no stop      E301: what would be lost?
    target 4% target 8%             E302: 200% of the shares
    enter long 0                    E304
    enter long 100 stop 100%        E304: a long's stop would lie at zero

Only values known before the market opens are judged: literals, params, and lets of those; a look-up in a table is
judged by every entry. What is known only at an event is judged by the runtime.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import nodes, plan
from .crossings import Crossings
from .expression_types import ExpressionTypes
from .lower_expressions import amount
from .nodes import DistanceForm
from .plan import Kind, LimitKind, Side
from .span import Span

SESSION = 6.5 * 3600
"""Seconds of a full session of regular hours."""

LANGUAGE = 1
"""The version of the language that this compiler reads: what `language 1` at the head of a file pins."""

ROLES = frozenset({"main", "stop", "target", "trail", "scale", "doubledown", "exit"})
"""The roles that linked orders have by themselves."""

_ROUNDING = 1e-9


def check_values(file: nodes.File, types: ExpressionTypes) -> None:
    """Check the rules and limits of a file; what is wrong is added to the diagnostics of `types`."""
    crossings = Crossings(types)
    if file.language is not None and types.type_of(file.language).kind and file.language.value != LANGUAGE:
        message = f"this rulec reads language {LANGUAGE}, and the file is written in {file.language.text}"
        types.report("E304", message, file.language.span, "another version", "use a rulec that knows that version")
    for statement in file.statements:
        if isinstance(statement, nodes.Rule):
            _RuleValues(types).rule(statement)
            crossings.check(statement)
        elif isinstance(statement, nodes.Limits):
            for limit in statement.limits:
                _limit(types, limit)


def possible_amounts(types: ExpressionTypes, node: Any) -> tuple[float, ...]:
    """The floats that an expression can come to, as far as they are known; none where its type failed."""
    if types.type_of(node).kind is None:
        return ()
    lowered = types.lowering.lower(node)
    if isinstance(lowered, plan.TableLookup):
        entries = [entry for _, entry in lowered.entries] + ([lowered.default] if lowered.default else [])
        return tuple(value for value in map(amount, entries) if value is not None)
    value = amount(lowered)
    return () if value is None else (value,)


def fixed_amount(types: ExpressionTypes, node: Any, noun: str) -> float | None:
    """The float of an expression that must not depend on an event; E304 where it does."""
    if types.type_of(node).kind is None:
        return None
    value = types.fixed_amount(node)
    if value is None:
        help_text = "write a literal, a `param`, or a `let` of those"
        message = f"{noun} must be fixed, and {types.written(node)} is not"
        types.report("E304", message, node.span, "changes from event to event", help_text)
    return value


def _fixed_symbols(types: ExpressionTypes, node: Any, noun: str) -> None:
    type_ = types.type_of(node)
    if type_.kind is None:
        return
    items = types.lowering.items(node) if type_.kind is Kind.LIST else (types.lowering.lower(node),)
    if any(not isinstance(item, plan.Symbol | plan.Word) for item in items):
        message = f"{noun} takes fixed symbols, and {types.written(node)} has others"
        types.report("E304", message, node.span, "changes from event to event", "name the symbols")


def _limit(types: ExpressionTypes, limit: nodes.Limit) -> None:
    noun = f"`{limit.kind.value}`"
    if limit.value is None:
        return
    if limit.kind is LimitKind.ONLY_SYMBOLS:
        _fixed_symbols(types, limit.value, noun)
        return
    value = fixed_amount(types, limit.value, noun)
    if value is None:
        return
    if limit.kind in (LimitKind.POSITIONS, LimitKind.ORDERS):
        if value < 1 or not value.is_integer():
            message = f"{noun} is a whole number, at least 1"
            types.report("E304", message, limit.value.span, "no such count")
    elif value <= 0:
        types.report("E304", f"{noun} must be above zero", limit.value.span, "nothing could be traded")


class _RuleValues:
    """The values of one rule."""

    def __init__(self, types: ExpressionTypes) -> None:
        self.types = types
        self.enters: list[nodes.Enter | nodes.Reverse] = []

    def refuse(self, message: str, span: Span, label: str = "", help_text: str | None = None) -> None:
        self.types.report("E304", message, span, label, help_text)

    def rule(self, rule: nodes.Rule) -> None:
        self.enters = [action for action in rule.actions if isinstance(action, nodes.Enter | nodes.Reverse)]
        self._options(rule.options)
        of = nodes.set_of(rule.trigger)
        if of is not None:
            _fixed_symbols(self.types, of, "`of`")
        self._trigger(rule.trigger)
        for action in rule.actions:
            check = _ACTIONS.get(type(action))
            if check is not None:
                check(self, action)

    def _trigger(self, trigger: nodes.Trigger) -> None:
        if isinstance(trigger, nodes.TimeTrigger):
            fixed_amount(self.types, trigger.at, "`time`")
        elif isinstance(trigger, nodes.EveryTrigger):
            seconds = fixed_amount(self.types, trigger.duration, "`every`")
            if seconds is not None and not 1 <= seconds < SESSION:
                message = "`every` comes round within a session: from 1s to less than 6h30"
                self.refuse(
                    message, trigger.duration.span, "never", "write `every 5m`, or `market open` for once a day"
                )
        elif isinstance(trigger, nodes.MarketTrigger) and trigger.offset is not None:
            seconds = fixed_amount(self.types, trigger.offset, f"`market {trigger.moment.value}`")
            if seconds is not None and not 0 <= seconds < SESSION:
                message = (
                    "the session is over by then" if trigger.moment.value == "open" else "the session has not begun"
                )
                self.refuse(message, trigger.offset.span, "outside the session", "write less than 6h30")

    # ---- options

    def _options(self, options: tuple[nodes.Option, ...]) -> None:
        seen: set[type] = set()
        for option in options:
            if type(option) in seen and not isinstance(option, nodes.AtMost):
                self.refuse("the same option is given twice", option.span, "second", "leave one of the two")
            seen.add(type(option))
            if isinstance(option, nodes.Priority):
                self._whole(option.value, "`priority`")
            elif isinstance(option, nodes.Cooldown):
                seconds = fixed_amount(self.types, option.duration, "`cooldown`")
                if seconds is not None and seconds <= 0:
                    self.refuse("a cooldown must last some time", option.duration.span, "no time at all")
            elif isinstance(option, nodes.AtMost):
                self._whole(option.count, "`at most`", least=1)
            elif isinstance(option, nodes.During):
                start = fixed_amount(self.types, option.start, "`during`")
                end = fixed_amount(self.types, option.end, "`during`")
                if start is not None and start == end:
                    help_text = "the first time is included and the second is not; leave `during` out for all day"
                    self.refuse("the window is empty", option.span, "ends where it begins", help_text)

    def _whole(self, node: Any, noun: str, least: int | None = None) -> None:
        value = fixed_amount(self.types, node, noun)
        if value is None or (value.is_integer() and (least is None or value >= least)):
            return
        self.refuse(f"{noun} is a whole number{'' if least is None else f', at least {least}'}", node.span)

    # ---- actions

    def _enter(self, action: nodes.Enter) -> None:
        stops = [part for part in action.protections if isinstance(part, nodes.Stop)]
        self._size(action.size, needs_stop=not stops)
        self._pricing(action.pricing)
        self._protections(action.protections, action.side, self._stated_price(action.pricing))

    def _reverse(self, action: nodes.Reverse) -> None:
        self._protections(action.protections, None, None)

    def _protections(
        self, protections: tuple[nodes.Protection, ...], side: Side | None, reference: float | None
    ) -> None:
        """What protects an entry; the side is None where it is known only then."""
        stops = [part for part in protections if isinstance(part, nodes.Stop)]
        self._once(protections)
        for part in protections:
            if isinstance(part, nodes.Stop):
                if self.types.type_of(part.distance.value).kind is Kind.R:
                    message = "R is what the stop risks, so the stop itself can't be a multiple of it"
                    help_text = "write `3%`, `$3 away`, `3 atr` or `at $145`"
                    self.types.report("E301", message, part.distance.span, "", help_text)
                self._adverse(part.distance, "stop", side)
                self._side_of(reference, part.distance, side, above=side is Side.SHORT, noun="stop")
            elif isinstance(part, nodes.Target):
                self._multiple(part.distance, stops)
                self._favourable(part.distance, "target", side)
                self._side_of(reference, part.distance, side, above=side is Side.LONG, noun="target")
            elif isinstance(part, nodes.Trail):
                self._multiple(part.distance, stops)
                self._adverse(part.distance, "trail", side)
                if part.after is not None:
                    self._multiple(part.after, stops)
                    self._threshold(part.after, "gain")
            elif isinstance(part, nodes.Breakeven):
                self._multiple(part.after, stops)
                self._threshold(part.after, "gain")
            elif any(seconds <= 0 for seconds in possible_amounts(self.types, part.duration)):
                self.refuse("`exit after` must leave some time", part.duration.span, "no time at all")
        self._fractions([part for part in protections if isinstance(part, nodes.Target)])

    def _once(self, protections: tuple[nodes.Protection, ...]) -> None:
        names = {nodes.Stop: "stop", nodes.Trail: "trail", nodes.Breakeven: "breakeven", nodes.ExitAfter: "exit after"}
        seen: set[type] = set()
        for part in protections:
            if type(part) in seen and type(part) in names:
                help_text = "leave one of the two; only `target` may be repeated"
                self.refuse(f"an entry has one `{names[type(part)]}`", part.span, "second", help_text)
            seen.add(type(part))

    def _fractions(self, targets: list[nodes.Target]) -> None:
        total = 0.0
        for target in targets:
            if target.fraction is None:
                total += 1.0
            else:
                fractions = possible_amounts(self.types, target.fraction)
                if any(fraction <= 0 for fraction in fractions):
                    self.refuse("a target must close some of the shares", target.fraction.span, "closes none")
                total += max((0.0, *fractions))
            if total > 1.0 + _ROUNDING:
                message = f"the targets together close {total * 100:.6g}% of the shares"
                help_text = "say how much each closes: `target 4% for 50% target 8% for 50%`"
                self.types.report("E302", message, target.span, "more than is held", help_text)
                return

    def _scale_in(self, action: nodes.ScaleIn) -> None:
        self._size(action.size, needs_stop=self._enters_without_stop())
        if action.at_profit is not None:
            self._multiple(action.at_profit, None)
            self._threshold(action.at_profit, "profit")
        if action.at_most is not None:
            self._whole(action.at_most, "`at most`", least=1)

    def _double_down(self, action: nodes.DoubleDown) -> None:
        self._size(action.size, needs_stop=self._enters_without_stop())
        if action.at_loss is not None:
            self._multiple(action.at_loss, None)
            side = next((enter.side for enter in self.enters if isinstance(enter, nodes.Enter)), None)
            self._adverse(action.at_loss, "loss", side)
        if action.to_stop is not None:
            if self._enters_without_stop():
                message = "there is no stop to be on the way to"
                self.types.report("E301", message, action.to_stop.span, "", "give the entry a `stop`, or use `at loss`")
            if any(not 0 < part < 1 for part in possible_amounts(self.types, action.to_stop)):
                help_text = "write a part of the way, such as `50%`"
                message = "a double down lies between the entry and the stop"
                self.refuse(message, action.to_stop.span, "outside", help_text)

    def _exit(self, action: nodes.Exit) -> None:
        if action.amount is not None:
            percent = self.types.type_of(action.amount).kind is Kind.PERCENT
            for value in possible_amounts(self.types, action.amount):
                if value <= 0 or (not percent and value < 1):
                    self.refuse("an exit must close some shares", action.amount.span, "closes none")
                    break
                if percent and value > 1 + _ROUNDING:
                    message = "an exit can't close more than the position"
                    self.refuse(message, action.amount.span, "more than 100%", "write `exit` for all of it")
                    break
        self._pricing(action.pricing)

    def _move(self, action: nodes.MoveStop | nodes.MoveTarget) -> None:
        if any(value <= 0 for value in possible_amounts(self.types, action.price)):
            self.refuse("a price must be above zero", action.price.span, "no price")

    def _breakeven(self, action: nodes.MoveStopToBreakeven) -> None:
        if action.offset is not None:
            self._multiple(action.offset, None)
            self._threshold(action.offset, "distance from breakeven")

    def _trail(self, action: nodes.TrailStop) -> None:
        self._multiple(action.distance, None)
        self._adverse(action.distance, "trail", None)

    def _place(self, action: nodes.Place) -> None:
        self._size(action.size, needs_stop=self._enters_without_stop())
        self._pricing(action.pricing)
        if action.role is not None and action.role.name in ROLES:
            message = f"`{action.role.name}` is the role of rulec's own orders"
            self.refuse(message, action.role.span, "taken", "choose another name, such as `hedge`")

    def _emit(self, action: nodes.Emit) -> None:
        if action.confidence is None:
            return
        if any(not 0 <= value <= 1 for value in possible_amounts(self.types, action.confidence)):
            self.refuse("a confidence lies between 0 and 1", action.confidence.span, "outside", "write `0.9` or `90%`")

    # ---- sizes, distances, prices

    def _enters_without_stop(self) -> bool:
        """Whether the rule's own entry has no stop; the trade of another rule may have one."""
        return any(not any(isinstance(part, nodes.Stop) for part in enter.protections) for enter in self.enters)

    def _size(self, size: nodes.Size, *, needs_stop: bool) -> None:
        if size.risk and needs_stop:
            help_text = "add a `stop`, which says how much a share can lose"
            self.types.report("E301", "a size by risk needs a stop", size.span, "risk of what loss?", help_text)
        shares = self.types.type_of(size.value).kind is Kind.NUMBER
        if any(value <= 0 or (shares and value < 1) for value in possible_amounts(self.types, size.value)):
            message = "the size is no whole share" if shares else "the size must be above zero"
            self.refuse(message, size.value.span, "nothing to trade")

    def _multiple(self, distance: nodes.Distance, stops: list[nodes.Stop] | None) -> None:
        """E301 for a multiple of R where the entry has no stop; `stops` None asks the rule's own entries."""
        missing = self._enters_without_stop() if stops is None else not stops
        if missing and self.types.type_of(distance.value).kind is Kind.R:
            help_text = "R is the distance from the entry to its stop: add a `stop`"
            message = "a multiple of R needs a stop"
            self.types.report("E301", message, distance.span, "multiple of what?", help_text)

    def _adverse(self, distance: nodes.Distance, noun: str, side: Side | None) -> None:
        """A distance on the losing side: some way off, and for a long not down to zero."""
        self._distance(distance, noun, side is Side.LONG)

    def _favourable(self, distance: nodes.Distance, noun: str, side: Side | None) -> None:
        """A distance on the winning side: some way off, and for a short not down to zero."""
        self._distance(distance, noun, side is Side.SHORT)

    def _distance(self, distance: nodes.Distance, noun: str, downward: bool) -> None:
        values = possible_amounts(self.types, distance.value)
        if any(value <= 0 for value in values):
            if distance.form is DistanceForm.AT:
                self.refuse("a price must be above zero", distance.span, "no price")
            else:
                message = f"a {noun} must be some way off"
                help_text = "it is always measured to the side that makes sense, without a sign"
                self.refuse(message, distance.span, "no distance", help_text)
        elif downward and self._is_percent(distance) and any(value >= 1 for value in values):
            message = f"a {noun} 100% or more below the price would lie at zero or less"
            self.refuse(message, distance.span, "never reached", "write a smaller part of the price")

    def _is_percent(self, distance: nodes.Distance) -> bool:
        return self.types.type_of(distance.value).kind is Kind.PERCENT

    def _threshold(self, distance: nodes.Distance, noun: str) -> None:
        """A gain to be waited for; none at all is a gain that is there at once."""
        at_price = distance.form is DistanceForm.AT
        if any(value < 0 or (at_price and value == 0) for value in possible_amounts(self.types, distance.value)):
            message = "a price must be above zero" if at_price else f"a {noun} can't be negative"
            self.refuse(message, distance.span)

    def _pricing(self, pricing: nodes.Pricing | None) -> None:
        if pricing is None:
            return
        for price in (pricing.limit, pricing.stop):
            if price is not None and any(value <= 0 for value in possible_amounts(self.types, price)):
                self.refuse("a price must be above zero", price.span, "no price")
        if pricing.lasts is not None:
            seconds = fixed_amount(self.types, pricing.lasts, "the time an order lasts")
            if seconds is not None and seconds <= 0:
                self.refuse("an order must last some time", pricing.lasts.span, "no time at all")

    def _stated_price(self, pricing: nodes.Pricing | None) -> float | None:
        """The fixed price that the entry is measured from, if it states one."""
        stated = None if pricing is None else pricing.limit if pricing.limit is not None else pricing.stop
        values = () if stated is None else possible_amounts(self.types, stated)
        return values[0] if len(values) == 1 and values[0] > 0 else None

    def _side_of(
        self, reference: float | None, distance: nodes.Distance, side: Side | None, *, above: bool, noun: str
    ) -> None:
        """A stop or target at a fixed price on the wrong side of an entry at a fixed price."""
        values = possible_amounts(self.types, distance.value) if distance.form is DistanceForm.AT else ()
        if reference is None or side is None or len(values) != 1 or values[0] <= 0:
            return
        if (values[0] <= reference) if above else (values[0] >= reference):
            where = "above" if above else "below"
            message = f"the {noun} of a {side.value} entered at ${reference:g} must lie {where} it"
            self.refuse(message, distance.span, "on the wrong side")


_ACTIONS: dict[type, Callable[[_RuleValues, Any], None]] = {
    nodes.Enter: _RuleValues._enter,
    nodes.ScaleIn: _RuleValues._scale_in,
    nodes.DoubleDown: _RuleValues._double_down,
    nodes.Exit: _RuleValues._exit,
    nodes.Reverse: _RuleValues._reverse,
    nodes.MoveStop: _RuleValues._move,
    nodes.MoveTarget: _RuleValues._move,
    nodes.MoveStopToBreakeven: _RuleValues._breakeven,
    nodes.TrailStop: _RuleValues._trail,
    nodes.Place: _RuleValues._place,
    nodes.Emit: _RuleValues._emit,
}
