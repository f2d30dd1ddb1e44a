"""Expressions and words as they are printed: brackets stand only where the tree needs them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from . import nodes as n
from .layout import Break, Doc, Group, flat
from .lexer import RESERVED

_PLAIN_SYMBOL = re.compile(r"[A-Z][A-Z0-9_]*(?:[.-][A-Z0-9]+)*")
_RESERVED = "|".join(sorted(RESERVED))
_WORD = re.compile(rf"{_PLAIN_SYMBOL.pattern}|(?!(?:{_RESERVED})(?!\w))[a-z_][a-z0-9_]*")
"""A word after `is` that needs no quotes."""


# ---- words ---------------------------------------------------------------------------------------------------------


def _quoted(text: str, *, braces: bool = False) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return escaped.replace("{", "\\{").replace("}", "\\}") if braces else escaped


def string(node: n.String) -> str:
    return f'"{_quoted(node.value)}"'


def text(node: n.Text) -> str:
    """A text to be said, with its `{…}`."""
    parts = (_quoted(p, braces=True) if isinstance(p, str) else f"{{{flat(alone(p))}}}" for p in node.parts)
    return '"' + "".join(parts) + '"'


def symbol(node: n.Symbol) -> str:
    return node.name if _PLAIN_SYMBOL.fullmatch(node.name) else f'"{_quoted(node.name)}"'


def word(node: n.Word, plain: re.Pattern[str] = _PLAIN_SYMBOL) -> str:
    """The kind of a signal; `plain` is what needs no quotes."""
    return node.text if plain.fullmatch(node.text) else f'"{_quoted(node.text)}"'


def after(words: str, printed: Doc | None) -> Doc:
    """` words printed`, or nothing where there is nothing to print."""
    return "" if printed is None else (f" {words} ", printed) if words else (" ", printed)


def maybe(node: Any, write: Callable[[Any], Doc]) -> Doc | None:
    return None if node is None else write(node)


def between(items: Iterable[Doc], gap: Callable[[], Doc]) -> tuple[Doc, ...]:
    """The items with something between each two."""
    parts: list[Doc] = []
    for item in items:
        parts += [gap(), item] if parts else [item]
    return tuple(parts)


def enclosed(opening: str, inside: Doc, closing: str, flat_space: str = "") -> Doc:
    """On one line, or with what is inside on lines of its own."""
    return Group((opening, Break(flat_space), inside, Break(flat_space, closes=True), closing), indent=2)


def commas(items: Iterable[Doc], *, filled: bool = False) -> Doc:
    """Items with commas between them: a line each where one line is too short, or lines as full as they get."""
    return Group(between(items, lambda: (",", Break())), filled=filled)


# ---- expressions ---------------------------------------------------------------------------------------------------

_LOOSEST, _CONJUNCTION, _NEGATION, _COMPARISON, _SUM, _PRODUCT, _MULTIPLE, _UNARY, _OPERAND = range(9)
"""How tightly a place binds; an expression that binds less tightly stands in brackets there."""


def expression(node: n.Expression, place: int) -> Doc:
    """As it stands in a place that binds so tightly."""
    binds, write = _EXPRESSIONS[type(node)]
    printed = write(node)
    return enclosed("(", printed, ")") if binds < place else printed


def alone(node: n.Expression) -> Doc:
    """Where nothing else binds."""
    return expression(node, _LOOSEST)


def amount(node: n.Expression) -> Doc:
    """As an amount, a size, a distance: where no comparison can stand without brackets."""
    return expression(node, _SUM)


def _compare(node: n.Compare) -> Doc:
    rest = zip(node.operators, node.operands[1:], strict=True)
    return (amount(node.operands[0]), *((f" {sign} ", amount(operand)) for sign, operand in rest))


def _chain(node: n.Sum | n.Product, place: int) -> Doc:
    first = expression(node.operands[0], place)
    rest = zip(node.operators, node.operands[1:], strict=True)
    return Group((first, *((Break(), f"{sign} ", expression(o, place)) for sign, o in rest)), indent=2)


def _listed(items: Iterable[n.Expression], opening: str, closing: str, *, filled: bool = False) -> Doc:
    printed = [alone(item) for item in items]
    return enclosed(opening, commas(printed, filled=filled), closing) if printed else opening + closing


def _call(node: n.Call) -> Doc:
    owner = "" if node.symbol is None else symbol(node.symbol) + "."
    return _listed(node.arguments, f"{owner}{node.function.name}(", ")")


def _atr(node: n.AtrMultiple) -> Doc:
    length: Doc = "" if node.length is None else ("(", amount(node.length), ")")
    return (expression(node.factor, _UNARY), " atr", length)


def _member(node: n.Member) -> Doc:
    return (amount(node.item), " not in " if node.negated else " in ", amount(node.members))


def _within(node: n.Within) -> Doc:
    return (amount(node.item), " not in " if node.negated else " in ", amount(node.low), "..", amount(node.high))


def _is(node: n.Is) -> Doc:
    return (amount(node.item), f" is {'not ' * node.negated}{word(node.word, _WORD)}")


def _crosses(node: n.Crosses) -> Doc:
    return (amount(node.left), f" crosses {'above' if node.above else 'below'} ", amount(node.right))


def _and(node: n.And) -> Doc:
    first, *rest = (expression(item, _NEGATION) for item in node.items)
    return Group((first, *((Break(), "and ", item) for item in rest)))


def _or(node: n.Or) -> Doc:
    # an `and` without brackets that takes several lines stands deeper than the `or` around it
    first, *rest = (Group((expression(item, _CONJUNCTION),), indent=2) for item in node.items)
    return Group((first, *((Break(), "or ", item) for item in rest)))


_EXPRESSIONS: dict[type, tuple[int, Callable[[Any], Doc]]] = {
    **dict.fromkeys(
        (n.Number, n.Percent, n.Money, n.Duration, n.TimeOfDay, n.Date, n.RMultiple), (_OPERAND, lambda node: node.text)
    ),
    n.Truth: (_OPERAND, lambda node: "true" if node.value else "false"),
    n.String: (_OPERAND, string),
    n.Name: (_OPERAND, lambda node: node.name),
    n.Symbol: (_OPERAND, lambda node: node.name),
    n.ListLiteral: (_OPERAND, lambda node: _listed(node.items, "[", "]", filled=True)),
    n.Index: (_OPERAND, lambda node: (alone(node.item), "[", alone(node.key), "]")),
    n.Attribute: (_OPERAND, lambda node: (of_set(node.owner), f".{node.name.name}")),
    n.Call: (_OPERAND, _call),
    n.Negate: (_UNARY, lambda node: ("-", expression(node.item, _UNARY))),
    n.AtrMultiple: (_MULTIPLE, _atr),
    n.Product: (_PRODUCT, lambda node: _chain(node, _MULTIPLE)),
    n.Sum: (_SUM, lambda node: _chain(node, _PRODUCT)),
    n.Compare: (_COMPARISON, _compare),
    n.Member: (_COMPARISON, _member),
    n.Within: (_COMPARISON, _within),
    n.Is: (_COMPARISON, _is),
    n.Crosses: (_COMPARISON, _crosses),
    n.Not: (_NEGATION, lambda node: ("not ", expression(node.item, _NEGATION))),
    n.And: (_CONJUNCTION, _and),
    n.Or: (_LOOSEST, _or),
}


def factor(node: n.Expression) -> Doc:
    """Where a sum needs brackets."""
    return expression(node, _PRODUCT)


def of_set(of: n.OfSet) -> Doc:
    return symbol(of) if isinstance(of, n.Symbol) else alone(of)


def binding(node: n.Binding) -> Doc:
    return (f"{node.name.name} = ", alone(node.value))
