"""Nodes to canonical text: the one layout of the language, which reads back as the same nodes.

    print_file(parse(source)[0])

A statement a line; a rule that is longer than `WIDEST` columns, or has a header or several actions, breaks before its
`on` and before each `->`. Brackets stand only where the tree needs them. Comments are not printed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from . import nodes as n
from .depth import deep_trees
from .lexer import RESERVED
from .plan import MarketMoment, PricingKind, Side

WIDEST = 100
"""Columns that a rule may have on one line."""

_PLAIN_SYMBOL = re.compile(r"[A-Z][A-Z0-9_]*(?:[.-][A-Z0-9]+)*")
_RESERVED = "|".join(sorted(RESERVED))
_WORD = re.compile(rf"{_PLAIN_SYMBOL.pattern}|(?!(?:{_RESERVED})(?!\w))[a-z_][a-z0-9_]*")
"""A word after `is` that needs no quotes."""


def print_file(file: n.File) -> str:
    """A whole file, each statement on its own lines; rules are set apart by empty lines where one takes several."""
    blocks = [] if file.language is None else [f"language {file.language.text}"]
    with deep_trees():
        blocks += [_statement(statement) for statement in file.statements]
    lines: list[str] = []
    for before, block in zip(["", *blocks], blocks, strict=False):
        if lines and ("\n" in before or "\n" in block):
            lines.append("")
        lines.append(block)
    return "\n".join(lines) + "\n" if lines else ""


def print_statement(statement: n.Statement) -> str:
    """One statement, without a line end after it."""
    with deep_trees():
        return _statement(statement)


def print_expression(expression: n.Expression) -> str:
    """An expression as it would stand in a condition."""
    with deep_trees():
        return _alone(expression)


def _statement(statement: n.Statement) -> str:
    return _STATEMENTS[type(statement)](statement)


# ---- words ---------------------------------------------------------------------------------------------------------


def _quoted(text: str, *, braces: bool = False) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return escaped.replace("{", "\\{").replace("}", "\\}") if braces else escaped


def _string(string: n.String) -> str:
    return f'"{_quoted(string.value)}"'


def _text(text: n.Text) -> str:
    parts = (_quoted(p, braces=True) if isinstance(p, str) else f"{{{_alone(p)}}}" for p in text.parts)
    return '"' + "".join(parts) + '"'


def _symbol(symbol: n.Symbol) -> str:
    return symbol.name if _PLAIN_SYMBOL.fullmatch(symbol.name) else f'"{_quoted(symbol.name)}"'


def _word(word: n.Word, plain: re.Pattern[str] = _PLAIN_SYMBOL) -> str:
    return word.text if plain.fullmatch(word.text) else f'"{_quoted(word.text)}"'


def _after(words: str, printed: str | None) -> str:
    """` words printed`, or nothing where there is nothing to print."""
    return "" if printed is None else f" {words} {printed}" if words else f" {printed}"


def _maybe(node: Any, write: Callable[[Any], str]) -> str | None:
    return None if node is None else write(node)


# ---- expressions ---------------------------------------------------------------------------------------------------

_LOOSEST, _CONJUNCTION, _NEGATION, _COMPARISON, _SUM, _PRODUCT, _MULTIPLE, _UNARY, _OPERAND = range(9)
"""How tightly a place binds; an expression that binds less tightly stands in brackets there."""


def _expression(node: n.Expression, place: int) -> str:
    binding, write = _EXPRESSIONS[type(node)]
    printed = write(node)
    return f"({printed})" if binding < place else printed


def _alone(node: n.Expression) -> str:
    """Where nothing else binds."""
    return _expression(node, _LOOSEST)


def _sum(node: n.Expression) -> str:
    """As an amount, a size, a distance: where no comparison can stand without brackets."""
    return _expression(node, _SUM)


def _commas(items: Iterable[n.Expression]) -> str:
    return ", ".join(_alone(item) for item in items)


def _chain(node: n.Sum | n.Product | n.Compare, place: int) -> str:
    rest = zip(node.operators, node.operands[1:], strict=True)
    return _expression(node.operands[0], place) + "".join(f" {sign} {_expression(o, place)}" for sign, o in rest)


def _negate(node: n.Negate) -> str:
    return "-" + _expression(node.item, _UNARY)


def _call(node: n.Call) -> str:
    owner = "" if node.symbol is None else _symbol(node.symbol) + "."
    return f"{owner}{node.function.name}({_commas(node.arguments)})"


def _atr(node: n.AtrMultiple) -> str:
    length = "" if node.length is None else f"({_sum(node.length)})"
    return f"{_expression(node.factor, _UNARY)} atr{length}"


def _member(node: n.Member) -> str:
    return f"{_sum(node.item)} {'not in' if node.negated else 'in'} {_sum(node.members)}"


def _within(node: n.Within) -> str:
    return f"{_sum(node.item)} {'not in' if node.negated else 'in'} {_sum(node.low)}..{_sum(node.high)}"


def _joined(items: Iterable[n.Expression], word: str, place: int) -> str:
    return f" {word} ".join(_expression(item, place) for item in items)


_EXPRESSIONS: dict[type, tuple[int, Callable[[Any], str]]] = {
    **dict.fromkeys(
        (n.Number, n.Percent, n.Money, n.Duration, n.TimeOfDay, n.Date, n.RMultiple), (_OPERAND, lambda node: node.text)
    ),
    n.Truth: (_OPERAND, lambda node: "true" if node.value else "false"),
    n.String: (_OPERAND, _string),
    n.Name: (_OPERAND, lambda node: node.name),
    n.Symbol: (_OPERAND, lambda node: node.name),
    n.ListLiteral: (_OPERAND, lambda node: f"[{_commas(node.items)}]"),
    n.Index: (_OPERAND, lambda node: f"{_alone(node.item)}[{_alone(node.key)}]"),
    n.Attribute: (_OPERAND, lambda node: f"{_of(node.owner)}.{node.name.name}"),
    n.Call: (_OPERAND, _call),
    n.Negate: (_UNARY, _negate),
    n.AtrMultiple: (_MULTIPLE, _atr),
    n.Product: (_PRODUCT, lambda node: _chain(node, _MULTIPLE)),
    n.Sum: (_SUM, lambda node: _chain(node, _PRODUCT)),
    n.Compare: (_COMPARISON, lambda node: _chain(node, _SUM)),
    n.Member: (_COMPARISON, _member),
    n.Within: (_COMPARISON, _within),
    n.Is: (_COMPARISON, lambda node: f"{_sum(node.item)} is {'not ' * node.negated}{_word(node.word, _WORD)}"),
    n.Crosses: (
        _COMPARISON,
        lambda node: f"{_sum(node.left)} crosses {'above' if node.above else 'below'} {_sum(node.right)}",
    ),
    n.Not: (_NEGATION, lambda node: "not " + _expression(node.item, _NEGATION)),
    n.And: (_CONJUNCTION, lambda node: _joined(node.items, "and", _NEGATION)),
    n.Or: (_LOOSEST, lambda node: _joined(node.items, "or", _CONJUNCTION)),
}


# ---- declarations --------------------------------------------------------------------------------------------------


def _binding(binding: n.Binding) -> str:
    return f"{binding.name.name} = {_alone(binding.value)}"


def _use(use: n.Use) -> str:
    target = _string(use.target) if isinstance(use.target, n.String) else ".".join(name.name for name in use.target)
    bindings = ", ".join(_binding(binding) for binding in use.bindings)
    return f"use {target}" + (f" with ({bindings})" if bindings else "")


def _let(let: n.Let) -> str:
    value = _table(let.value) if isinstance(let.value, n.Table) else _alone(let.value)
    return f"let {let.name.name} = {value}"


def _table(table: n.Table) -> str:
    entries = (f"{'else' if e.key is None else _symbol(e.key)}: {_sum(e.value)}" for e in table.entries)
    return "{ " + ", ".join(entries) + " }"


def _choices(choices: n.ParamRange | n.ListLiteral) -> str:
    if isinstance(choices, n.ListLiteral):
        return _alone(choices)
    return f"{_sum(choices.low)}..{_sum(choices.high)}" + _after("step", _maybe(choices.step, _sum))


def _param(param: n.Param) -> str:
    choices = _after("in", _maybe(param.choices, _choices))
    return f"param {param.name.name} = {_sum(param.value)}{choices}" + _after("", _maybe(param.description, _string))


def _field(field: n.Field) -> str:
    return f"field {field.name.name}: {field.kind.name}" + _after("", _maybe(field.description, _string))


def _limit(limit: n.Limit) -> str:
    per = "" if limit.period is None else f" per {limit.period.value}"
    equity = " of equity" if limit.of_equity else ""
    return limit.kind.value + _after("", _maybe(limit.value, _sum)) + equity + per


def _limits(limits: n.Limits) -> str:
    return "\n".join(["limits {", *(f"  {_limit(limit)}" for limit in limits.limits), "}"])


# ---- rules ---------------------------------------------------------------------------------------------------------


def _rule(rule: n.Rule) -> str:
    where = "" if rule.condition is None else " where " + _alone(rule.condition)
    on = f"on {_trigger(rule.trigger)}{where}"
    actions = [f"-> {_action(action)}" for action in rule.actions]
    if rule.name is None:
        line = " ".join([on, *actions])
        return line if len(actions) == 1 and len(line) <= WIDEST else "\n  ".join([on, *actions])
    lines = [f"rule {rule.name.name}" + _after("", _maybe(rule.description, _string))]
    if rule.options:
        lines.append(" ".join(_option(option) for option in rule.options))
    return "\n  ".join([*lines, on, *actions])


def _option(option: n.Option) -> str:
    match option:
        case n.Priority():
            return f"priority {_sum(option.value)}"
        case n.Cooldown():
            return f"cooldown {_sum(option.duration)}" + _after("shared", _maybe(option.shared, lambda name: name.name))
        case n.AtMost():
            return f"at most {_sum(option.count)} per {option.period.value}" + (" each" if option.each else "")
        case n.During():
            return f"during {_sum(option.start)}..{_sum(option.end)}"
        case n.Disabled():
            return "disabled"


def _trigger(trigger: n.Trigger) -> str:
    of = _after("of", _maybe(n.set_of(trigger), _of))
    match trigger:
        case n.SignalTrigger():
            return "signal " + (" or ".join(_word(kind) for kind in trigger.kinds) or "any") + of
        case n.PriceTrigger():
            return "price" + of
        case n.VolumeTrigger():
            return "volume" + of
        case n.BarTrigger():
            return "bar" + _after("", _maybe(trigger.timeframe, _sum)) + of
        case n.PositionTrigger():
            return f"position {trigger.moment.value}{of}"
        case n.OrderTrigger():
            return f"order {trigger.moment.value}{of}"
        case n.TimeTrigger():
            return f"time {_sum(trigger.at)}{of}"
        case n.EveryTrigger():
            return f"every {_sum(trigger.duration)}{of}"
        case n.MarketTrigger():
            sign = "+" if trigger.moment is MarketMoment.OPEN else "-"
            return f"market {trigger.moment.value}" + _after(sign, _maybe(trigger.offset, _product)) + of
        case n.StartTrigger():
            return "start"
        case n.BrokerTrigger():
            return f"broker {trigger.moment.value}"


def _product(node: n.Expression) -> str:
    """Where a sum needs brackets."""
    return _expression(node, _PRODUCT)


def _of(of: n.OfSet) -> str:
    return _symbol(of) if isinstance(of, n.Symbol) else _alone(of)


# ---- actions -------------------------------------------------------------------------------------------------------


def _size(size: n.Size) -> str:
    return ("risk " if size.risk else "") + _sum(size.value) + (" of equity" if size.of_equity else "")


def _distance(distance: n.Distance) -> str:
    value = _sum(distance.value)
    match distance.form:
        case n.DistanceForm.AT:
            return f"at {value}"
        case n.DistanceForm.AWAY:
            return f"{value} away"
        case n.DistanceForm.PLAIN:
            return value


def _pricing(pricing: n.Pricing) -> str:
    lasts = _after("for", _maybe(pricing.lasts, _sum))
    match pricing.kind:
        case PricingKind.MARKET:
            return "at market"
        case PricingKind.LIMIT:
            return "at" + _after("limit", _maybe(pricing.limit, _sum)) + lasts
        case PricingKind.STOP | PricingKind.STOP_LIMIT:
            return (
                "at" + _after("stop", _maybe(pricing.stop, _sum)) + _after("limit", _maybe(pricing.limit, _sum)) + lasts
            )


def _protection(protection: n.Protection) -> str:
    match protection:
        case n.Stop():
            return f"stop {_distance(protection.distance)}"
        case n.Target():
            return f"target {_distance(protection.distance)}" + _after("for", _maybe(protection.fraction, _sum))
        case n.Trail():
            return f"trail {_distance(protection.distance)}" + _after("after", _maybe(protection.after, _distance))
        case n.Breakeven():
            return f"breakeven after {_distance(protection.after)}"
        case n.ExitAfter():
            return f"exit after {_sum(protection.duration)}"


def _action(action: n.Action) -> str:
    match action:
        case n.Enter():
            return _enter(action)
        case n.ScaleIn():
            at_profit = _after("at profit", _maybe(action.at_profit, _distance))
            return f"scale in {_size(action.size)}{at_profit}" + _after("at most", _maybe(action.at_most, _sum))
        case n.DoubleDown():
            to_stop = "" if action.to_stop is None else f" at {_sum(action.to_stop)} to stop"
            return f"double down {_size(action.size)}" + _after("at loss", _maybe(action.at_loss, _distance)) + to_stop
        case n.Exit():
            amount = _after("", _maybe(action.amount, _sum)) + _after("of", _maybe(action.symbol, _of))
            because = _after("because", _maybe(action.because, _text))
            return "exit" + amount + _after("", _maybe(action.pricing, _pricing)) + because
        case n.ExitEverything():
            return "exit everything" + _after("because", _maybe(action.because, _text))
        case n.Reverse():
            return "reverse" + "".join(f" {_protection(protection)}" for protection in action.protections)
        case n.MoveStop():
            return f"move stop to {_sum(action.price)}"
        case n.MoveStopToBreakeven():
            return "move stop to breakeven" + _after("+" if action.gain else "-", _maybe(action.offset, _distance))
        case n.MoveTarget():
            return f"move target to {_sum(action.price)}"
        case n.TrailStop():
            return f"trail {_distance(action.distance)}"
        case n.Cancel():
            return f"cancel {action.what.value}"
        case n.Place():
            direction = "buy" if action.side is Side.LONG else "sell"
            role = _after("as", _maybe(action.role, lambda name: name.name))
            return f"place {direction} {_size(action.size)} {_pricing(action.pricing)}{role}"
        case n.Emit():
            of = _after("for", _maybe(action.symbol, _of))
            return f"emit signal {_word(action.kind)}{of}" + _after("confidence", _maybe(action.confidence, _sum))
        case n.ResetCooldown():
            return "reset cooldown" + _after("of", _maybe(action.name, lambda name: name.name))
        case n.CallAction():
            arguments = (_binding(one) if isinstance(one, n.Binding) else _alone(one) for one in action.arguments)
            return f"call {action.name.name}({', '.join(arguments)})"
        case n.Notify():
            return f"notify {_text(action.text)}"
        case n.Log():
            return f"log {_text(action.text)}"
        case n.Halt():
            return "halt" + _after("", _maybe(action.text, _text))


def _enter(enter: n.Enter) -> str:
    of = _after("of", _maybe(enter.symbol, _of))
    pricing = _after("", _maybe(enter.pricing, _pricing))
    protections = "".join(f" {_protection(protection)}" for protection in enter.protections)
    return f"enter {enter.side.value} {_size(enter.size)}{of}{pricing}{protections}"


_STATEMENTS: dict[type, Callable[[Any], str]] = {
    n.Use: _use,
    n.Let: _let,
    n.Param: _param,
    n.Field: _field,
    n.Limits: _limits,
    n.Rule: _rule,
}
