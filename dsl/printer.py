"""Nodes to canonical text: the one layout of the language, which reads back as the same nodes.

    print_file(parse(source)[0])

A statement a line. A rule stays on one line where it is one sentence (at most a name before its `on`, one action) of at
most `WIDEST` columns; else it breaks before its options, its `on` and each `->`, and where a line is still too long,
before `where`, each `and` or `or`, each protection. Limits and the entries of a table that takes several lines stand
below one another. Brackets stand only where the tree needs them. Comments are not printed: `formatter.py` puts them
into the document that is made here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import nodes as n
from .depth import deep_trees
from .layout import Break, Doc, Group, Padding, broken_lines, flat
from .plan import MarketMoment
from .print_actions import action_doc
from .print_expressions import (
    after,
    alone,
    amount,
    between,
    binding,
    commas,
    enclosed,
    factor,
    maybe,
    of_set,
    string,
    symbol,
    word,
)
from .print_scenarios import test_doc

WIDEST = 100
"""Columns that a line may have."""


def print_file(file: n.File) -> str:
    """A whole file, each statement on its own lines; statements of several lines are set apart by empty lines."""
    blocks = [] if file.language is None else [print_language(file.language)]
    blocks += [print_statement(statement) for statement in file.statements]
    lines: list[str] = []
    for before, block in zip(["", *blocks], blocks, strict=False):
        if lines and ("\n" in before or "\n" in block):
            lines.append("")
        lines.append(block)
    return "\n".join(lines) + "\n" if lines else ""


def print_language(number: n.Number) -> str:
    """The line that pins the language's version."""
    return f"language {number.text}"


def print_statement(statement: n.Statement) -> str:
    """One statement, without a line end after it."""
    with deep_trees():
        return "\n".join(broken_lines(statement_doc(statement), WIDEST))


def print_expression(expression: n.Expression) -> str:
    """An expression as it would stand in a condition, on one line."""
    with deep_trees():
        return flat(alone(expression))


def statement_doc(statement: n.Statement) -> Doc:
    """A statement with the places where its lines may end; deep trees need `deep_trees` around this."""
    return _STATEMENTS[type(statement)](statement)


# ---- declarations --------------------------------------------------------------------------------------------------


def _use(use: n.Use) -> Doc:
    target = string(use.target) if isinstance(use.target, n.String) else ".".join(name.name for name in use.target)
    if not use.bindings:
        return f"use {target}"
    return enclosed(f"use {target} with (", commas(binding(one) for one in use.bindings), ")")


def _let(let: n.Let) -> Doc:
    name = f"let {let.name.name} ="
    if isinstance(let.value, n.Table):
        return (f"{name} ", _table(let.value))
    if isinstance(let.value, n.Or | n.And | n.Sum | n.Product):
        return Group((name, Break(), alone(let.value)), indent=2)
    return (f"{name} ", alone(let.value))


def _table(table: n.Table) -> Doc:
    keys = ["else" if entry.key is None else symbol(entry.key) for entry in table.entries]
    widest = max(map(len, keys))
    entries: list[Doc] = []
    for at, (key, entry) in enumerate(zip(keys, table.entries, strict=True), 1):
        comma = "," if at < len(keys) else ""
        entries.append((f"{key}:", Padding(widest - len(key)), " ", amount(entry.value), comma))
    lines = between(entries, lambda: Break(keeps_blank=True))
    return Group(("{", Break(), *lines, Break(closes=True), "}"), indent=2)


def _choices(choices: n.ParamRange | n.ListLiteral) -> Doc:
    if isinstance(choices, n.ListLiteral):
        return alone(choices)
    return (amount(choices.low), "..", amount(choices.high), after("step", maybe(choices.step, amount)))


def _described(declaration: Doc, description: n.String | None) -> Doc:
    """A declaration and its description, which gets a line of its own where one is too short for both."""
    return declaration if description is None else Group((declaration, Break(), string(description)), indent=2)


def _param(param: n.Param) -> Doc:
    choices = after("in", maybe(param.choices, _choices))
    return _described((f"param {param.name.name} = ", amount(param.value), choices), param.description)


def _field(field: n.Field) -> Doc:
    return _described(f"field {field.name.name}: {field.kind.name}", field.description)


def _limit(limit: n.Limit, widest: int) -> Doc:
    """The words, and the value in a column of its own."""
    words = limit.kind.value
    if limit.value is None:
        return words
    per = "" if limit.period is None else f" per {limit.period.value}"
    equity = " of equity" if limit.of_equity else ""
    return (words, Padding(widest - len(words)), " ", amount(limit.value), equity + per)


def _limits(limits: n.Limits) -> Doc:
    if not limits.limits:
        return "limits {}"
    widest = max((len(limit.kind.value) for limit in limits.limits if limit.value is not None), default=0)
    lines = between((_limit(limit, widest) for limit in limits.limits), lambda: Break(keeps_blank=True))
    parts = ("limits {", Break(), *lines, Break(closes=True), "}")
    return Group(parts, indent=2, broken=len(limits.limits) > 1)


# ---- rules ---------------------------------------------------------------------------------------------------------


def _rule(rule: n.Rule) -> Doc:
    where: tuple[Doc, ...] = ()
    if rule.condition is not None:
        where = (Break(), "where ", Group((alone(rule.condition),), indent=2))
    parts = [*_header(rule), Group(("on ", _trigger(rule.trigger), *where)), *(_arrow(one) for one in rule.actions)]
    is_a_sentence = rule.description is None and not rule.options and len(rule.actions) == 1
    return Group(between(parts, Break), indent=2, broken=not is_a_sentence)


def _header(rule: n.Rule) -> list[Doc]:
    """Nothing, or the name with what describes it, and the options: beside the name alone, else below."""
    if rule.name is None:
        return []
    name = f"rule {rule.name.name}"
    options = [_option(option) for option in rule.options]
    if rule.description is None:
        return [Group(between([name, *options], Break), filled=True)]
    described: Doc = f"{name} {string(rule.description)}"
    return [described, Group(between(options, Break), filled=True)] if options else [described]


def _arrow(action: n.Action) -> Doc:
    return Group(("-> ", action_doc(action)), indent=4)


def _option(option: n.Option) -> Doc:
    match option:
        case n.Priority():
            return ("priority ", amount(option.value))
        case n.Cooldown():
            return ("cooldown ", amount(option.duration), after("shared", maybe(option.shared, lambda name: name.name)))
        case n.AtMost():
            return ("at most ", amount(option.count), f" per {option.period.value}", " each" if option.each else "")
        case n.During():
            return ("during ", amount(option.start), "..", amount(option.end))
        case n.Disabled():
            return "disabled"


def _trigger(trigger: n.Trigger) -> Doc:
    return (_event(trigger), after("of", maybe(n.set_of(trigger), of_set)))


def _event(trigger: n.Trigger) -> Doc:
    """A trigger but for its `of`."""
    match trigger:
        case n.SignalTrigger():
            return "signal " + (" or ".join(word(kind) for kind in trigger.kinds) or "any")
        case n.PriceTrigger():
            return "price"
        case n.VolumeTrigger():
            return "volume"
        case n.BarTrigger():
            return ("bar", after("", maybe(trigger.timeframe, amount)))
        case n.PositionTrigger():
            return f"position {trigger.moment.value}"
        case n.OrderTrigger():
            return f"order {trigger.moment.value}"
        case n.TimeTrigger():
            return ("time ", amount(trigger.at))
        case n.EveryTrigger():
            return ("every ", amount(trigger.duration))
        case n.MarketTrigger():
            sign = "+" if trigger.moment is MarketMoment.OPEN else "-"
            return (f"market {trigger.moment.value}", after(sign, maybe(trigger.offset, factor)))
        case n.StartTrigger():
            return "start"
        case n.BrokerTrigger():
            return f"broker {trigger.moment.value}"


_STATEMENTS: dict[type, Callable[[Any], Doc]] = {
    n.Use: _use,
    n.Let: _let,
    n.Param: _param,
    n.Field: _field,
    n.Limits: _limits,
    n.Rule: _rule,
    n.Test: test_doc,
}
