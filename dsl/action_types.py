"""What the actions of a rule ask for: units for sizes and distances, prices where prices stand.

stop 3          E202: 3 what?
stop $145       E202: at $145, or $145 away?
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import kinds, nodes
from .expected import bare_number, expect
from .expression_types import ExpressionTypes
from .kinds import Type
from .nodes import DistanceForm
from .plan import Kind
from .registered_calls import Actions, check_call
from .units import Purpose, distance_unit, size_unit


class ActionTypes:
    """Checks one action after the other; what is wrong is added to the diagnostics of `types`."""

    def __init__(self, types: ExpressionTypes, actions: Actions) -> None:
        self.types = types
        self.actions = actions
        self.report = types.report
        self.written = types.written
        self.type_of = types.type_of

    def check(self, action: nodes.Action) -> None:
        _ACTIONS[type(action)](self, action)

    def _enter(self, action: nodes.Enter) -> None:
        self._size(action.size, Purpose.ENTER)
        self._symbol(action.symbol)
        self._pricing(action.pricing)
        self._protections(action.protections)

    def _protections(self, protections: tuple[nodes.Protection, ...]) -> None:
        for protection in protections:
            if isinstance(protection, nodes.Stop):
                self._distance(protection.distance, "a stop")
            elif isinstance(protection, nodes.Target):
                self._distance(protection.distance, "a target")
                if protection.fraction is not None:
                    expect(self.types, protection.fraction, Kind.PERCENT, "the part that a target closes")
            elif isinstance(protection, nodes.Trail):
                self._trailing(protection.distance)
                if protection.after is not None:
                    self._distance(protection.after, "the gain after which a trail begins")
            elif isinstance(protection, nodes.Breakeven):
                self._distance(protection.after, "the gain after which the stop moves")
            else:
                expect(self.types, protection.duration, Kind.DURATION, "`exit after`")

    def _scale_in(self, action: nodes.ScaleIn) -> None:
        self._size(action.size, Purpose.ADD)
        if action.at_profit is not None:
            self._distance(action.at_profit, "a profit")
        if action.at_most is not None:
            expect(self.types, action.at_most, Kind.NUMBER, "`at most`")

    def _double_down(self, action: nodes.DoubleDown) -> None:
        self._size(action.size, Purpose.ADD)
        if action.at_loss is not None:
            self._distance(action.at_loss, "a loss")
        if action.to_stop is not None:
            expect(self.types, action.to_stop, Kind.PERCENT, "the way to the stop")

    def _exit(self, action: nodes.Exit) -> None:
        if action.amount is not None:
            self._size(nodes.Size(action.amount, span=action.amount.span), Purpose.EXIT)
        self._symbol(action.symbol)
        self._pricing(action.pricing)
        self._text(action.because)

    def _reverse(self, action: nodes.Reverse) -> None:
        self._protections(action.protections)

    def _move(self, action: nodes.MoveStop | nodes.MoveTarget) -> None:
        noun = "stop" if isinstance(action, nodes.MoveStop) else "target"
        type_ = self.type_of(action.price)
        if _is_distance(type_):
            written = self.written(action.price)[1:-1]
            message = f"a {noun} is moved to a price, and `{written}` is {type_}"
            example = f"`move {noun} to position.entry_price * 102%`"
            if noun == "stop":
                example = f"`move stop to breakeven + {written}` or {example}"
            self.types.blame(action.price, "E202", message, "from where?", f"write {example}")
        else:
            expect(self.types, action.price, Kind.MONEY, f"`move {noun} to`")

    def _breakeven(self, action: nodes.MoveStopToBreakeven) -> None:
        if action.offset is None:
            return
        if action.offset.form is DistanceForm.AT:
            message = "what is added to breakeven is a distance, and `at` names a price"
            self.report("E202", message, action.offset.span, "a price", "write `0.5%`, `$1 away` or `0.5R`")
            return
        self._distance(action.offset, "a distance from breakeven", fixed=False)

    def _trailing(self, distance: nodes.Distance) -> None:
        """The distance of a trail."""
        if distance.form is DistanceForm.AT:
            message = "a trail keeps its distance from the price, so it stands at no fixed one"
            self.report("E202", message, distance.span, "a price", "write `trail 2%`; a fixed price is for a stop")
            return
        self._distance(distance, "a trail", fixed=False)

    def _place(self, action: nodes.Place) -> None:
        self._size(action.size, Purpose.ADD)
        self._pricing(action.pricing)

    def _emit(self, action: nodes.Emit) -> None:
        self._symbol(action.symbol, "for")
        if action.confidence is not None:
            type_ = self.type_of(action.confidence)
            if type_.kind not in (None, Kind.NUMBER, Kind.PERCENT) or type_.profit:
                message = f"`confidence` is a fraction from 0 to 1, and {self.written(action.confidence)} is {type_}"
                self.types.blame(action.confidence, "E201", message, f"{type_}", "write `0.9` or `90%`")

    def _call(self, action: nodes.CallAction) -> None:
        for argument in action.arguments:
            value = argument.value if isinstance(argument, nodes.Binding) else argument
            if self.type_of(value).kind in (Kind.LIST, Kind.TABLE):
                message = f"an action is given single values, and {self.written(value)} is {self.type_of(value)}"
                self.types.blame(value, "E201", message, f"{self.type_of(value)}", "give its elements one by one")
        check_call(action, self.types, self.actions)

    def _said(self, action: nodes.Notify | nodes.Log | nodes.Halt) -> None:
        self._text(action.text)

    def _text(self, text: nodes.Text | None) -> None:
        for part in () if text is None else text.parts:
            if isinstance(part, nodes.Name) and self.type_of(part).kind in (Kind.LIST, Kind.TABLE):
                message = f"`{part.name}` is {self.type_of(part)}, which can't be printed"
                self.types.blame(part, "E201", message, f"{self.type_of(part)}", "name a single value")

    # ---- sizes, distances, prices

    def _symbol(self, node: nodes.Symbol | nodes.Name | None, word: str = "of") -> None:
        if node is None:
            return
        type_ = self.type_of(node)
        if type_.kind is not None and not kinds.comparable(type_, kinds.SYMBOL):
            message = f"`{word}` asks for one symbol, and {self.written(node)} is {type_}"
            self.types.blame(node, "E201", message, f"{type_}", "write a symbol such as `AAPL`")

    def _pricing(self, pricing: nodes.Pricing | None) -> None:
        if pricing is None:
            return
        if pricing.limit is not None:
            expect(self.types, pricing.limit, Kind.MONEY, "a limit price")
        if pricing.stop is not None:
            expect(self.types, pricing.stop, Kind.MONEY, "a stop price")
        if pricing.lasts is not None:
            expect(self.types, pricing.lasts, Kind.DURATION, "the time an order lasts")

    def _size(self, size: nodes.Size, purpose: Purpose) -> None:
        type_ = self.type_of(size.value)
        if type_.kind is None or size_unit(size, type_, purpose) is not None:
            return
        text = bare_number(size.value)
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

    def _distance(self, distance: nodes.Distance, noun: str, *, fixed: bool = True) -> None:
        """A way from a price; `fixed`: a price may be named in its place."""
        value = distance.value
        type_ = self.type_of(value)
        if type_.kind is None or distance_unit(distance, type_, self.types.scope) is not None:
            return
        text = bare_number(value)
        if distance.form is DistanceForm.AT:
            if text is not None:
                self.types.blame(
                    value, "E202", "a price needs a unit", f"{text} what?", f"write `at ${text}`", f"${text}"
                )
                return
            help_text = f"a distance stands without `at`: {self.written(value)}" if _is_distance(type_) else None
            self.types.blame(value, "E201", f"a price can't be {type_}", f"{type_}", help_text)
        elif distance.form is DistanceForm.AWAY:
            if text is not None:
                self.types.blame(
                    value, "E202", f"{noun} needs a unit", f"{text} what?", f"write `${text} away`", f"${text}"
                )
                return
            help_text = f"leave out `away`: {self.written(value)}" if _is_distance(type_) else None
            self.types.blame(value, "E202", f"`away` follows an amount of money, not {type_}", f"{type_}", help_text)
        elif text is not None:
            ways = [f"`{text}%`", f"`${text} away`", f"`{text} atr`", *([f"`at ${text}`"] if fixed else [])]
            help_text = f"write {', '.join(ways[:-1])} or {ways[-1]}"
            self.types.blame(value, "E202", f"{noun} needs a unit", f"{text} what?", help_text)
        elif type_.kind is Kind.MONEY:
            written = self.written(value)[1:-1]
            if not fixed:
                help_text = f"write `{written} away`"
                self.types.blame(value, "E202", f"{noun} is a way off, not a price", "how far away?", help_text)
                return
            help_text = f"write `at {written}` for the price, or `{written} away` for the distance"
            self.types.blame(value, "E202", f"{noun} at this price, or this far away?", "which of the two?", help_text)
        else:
            examples = "write `3%`, `$3 away`, `3 atr` or `at $145`" if fixed else "write `3%`, `$3 away` or `3 atr`"
            self.types.blame(value, "E201", f"{noun} can't be {type_}", f"{type_}", examples)


def _is_distance(type_: Type) -> bool:
    return type_.kind in (Kind.PERCENT, Kind.R)


_ACTIONS: dict[type, Callable[[ActionTypes, Any], None]] = {
    nodes.Enter: ActionTypes._enter,
    nodes.ScaleIn: ActionTypes._scale_in,
    nodes.DoubleDown: ActionTypes._double_down,
    nodes.Exit: ActionTypes._exit,
    nodes.ExitEverything: lambda self, action: self._text(action.because),
    nodes.Reverse: ActionTypes._reverse,
    nodes.MoveStop: ActionTypes._move,
    nodes.MoveTarget: ActionTypes._move,
    nodes.MoveStopToBreakeven: ActionTypes._breakeven,
    nodes.TrailStop: lambda self, action: self._trailing(action.distance),
    nodes.Cancel: lambda self, action: None,
    nodes.Place: ActionTypes._place,
    nodes.Emit: ActionTypes._emit,
    nodes.ResetCooldown: lambda self, action: None,
    nodes.CallAction: ActionTypes._call,
    nodes.Notify: ActionTypes._said,
    nodes.Log: ActionTypes._said,
    nodes.Halt: ActionTypes._said,
}
