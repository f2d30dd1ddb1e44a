"""Reductions to nodes, first half: literals, names and expressions. See `build.py`."""

from __future__ import annotations

import re
from typing import Any

from . import nodes as n
from .span import Span

Problem = tuple[Span, str, str]
"""A place, what is wrong there, and what to write instead."""

LONGEST_NUMBER = 20
"""Digits and underscores; a price, size or count with more is a slip of the hand."""


# ---- words and literals --------------------------------------------------------------------------------------------

_ESCAPED = re.compile(r"\\(.)")
_PLACE = re.compile(r"\\(?P<escaped>.)|\{(?P<name>[^{}]*)\}|(?P<brace>[{}])")
_NAME = re.compile(r"([a-z_][a-z0-9_]*)(?:\.([a-z_][a-z0-9_]*))?")
_ESCAPES = {"n": "\n", "t": "\t"}


def _unescape(quoted: str) -> str:
    return _ESCAPED.sub(lambda match: _ESCAPES.get(match[1], match[1]), quoted[1:-1])


def number(problems: list[Problem], span: Span, written: str) -> n.Number:
    if len(written) > LONGEST_NUMBER:
        problems.append((span, "a number this long is a slip", f"write at most {LONGEST_NUMBER} digits"))
    return n.Number(written, span)


def text(problems: list[Problem], span: Span, quoted: str) -> n.Text:
    """A text to be said: its literal parts and the names in braces."""
    parts: list[str | n.Name | n.Attribute] = []
    literal = ""
    at = 1
    for match in _PLACE.finditer(quoted, 1, len(quoted) - 1):
        literal += quoted[at : match.start()]
        at = match.end()
        place = Span(span.start + match.start(), span.start + match.end())
        if match["escaped"] is not None:
            literal += _ESCAPES.get(match["escaped"], match["escaped"])
        elif match["brace"] is not None:
            problems.append((place, f"this `{match[0]}` has no partner", f"write `\\{match[0]}` for the sign itself"))
        elif (written := _NAME.fullmatch(match["name"].strip())) is None:
            hint = "write a name there, as in `{symbol}` or `{position.profit}`, or `\\{` for the sign itself"
            problems.append((place, f"`{match[0]}` holds no name", hint))
        else:
            if literal:
                parts.append(literal)
            literal = ""
            start = place.start + 1 + len(match["name"]) - len(match["name"].lstrip())
            parts.append(_placed(written, start))
    literal += quoted[at:-1]
    if literal:
        parts.append(literal)
    return n.Text(tuple(parts), span)


def _placed(written: re.Match[str], start: int) -> n.Name | n.Attribute:
    """What stands in braces: `symbol`, `position.profit`."""
    first = n.Name(written[1], Span(start, start + len(written[1])))
    end = start + len(written[0])
    if written[2] is None:
        return first
    return n.Attribute(first, n.Name(written[2], Span(end - len(written[2]), end)), Span(start, end))


def name(span: Span, written: str) -> n.Name:
    return n.Name(written, span)


def string(span: Span, quoted: str) -> n.String:
    return n.String(_unescape(quoted), span)


def plain_symbol(span: Span, written: str) -> n.Symbol:
    return n.Symbol(written, span)


def quoted_symbol(span: Span, quoted: str) -> n.Symbol:
    return n.Symbol(_unescape(quoted), span)


def word(span: Span, written: str) -> n.Word:
    return n.Word(written, span)


def quoted_word(span: Span, quoted: str) -> n.Word:
    return n.Word(_unescape(quoted), span)


def percent(span: Span, written: str) -> n.Percent:
    return n.Percent(written, span)


def money(span: Span, written: str) -> n.Money:
    return n.Money(written, span)


def duration(span: Span, written: str) -> n.Duration:
    return n.Duration(written, span)


def time_of_day(span: Span, written: str) -> n.TimeOfDay:
    return n.TimeOfDay(written, span)


def date(problems: list[Problem], span: Span, written: str) -> n.Date:
    literal = n.Date(written, span)
    try:
        literal.value  # noqa: B018 - asked for the mistake
    except ValueError:
        problems.append((span, f"`{written}` is no day or time of the calendar", "write year-month-day, as 2026-01-05"))
        return n.Date("1970-01-01", span)
    return literal


def r_multiple(span: Span, written: str) -> n.RMultiple:
    return n.RMultiple(written, span)


def true(span: Span) -> n.Truth:
    return n.Truth(True, span)


def false(span: Span) -> n.Truth:
    return n.Truth(False, span)


# ---- expressions ---------------------------------------------------------------------------------------------------


def list_(span: Span, *items: Any) -> n.ListLiteral:
    return n.ListLiteral(items, span)


def arguments(span: Span, *values: Any) -> tuple[Any, ...]:
    return values


def index(span: Span, item: Any, key: Any) -> n.Index:
    return n.Index(item, key, span)


def call(span: Span, function: Any, values: Any) -> n.Call:
    return n.Call(function, values, None, span)


def attribute(span: Span, owner: Any, member: Any) -> n.Attribute:
    return n.Attribute(owner, member, span)


def symbol_call(span: Span, symbol: Any, function: Any, values: Any) -> n.Call:
    return n.Call(function, values, symbol, span)


def negate(span: Span, item: Any) -> n.Negate:
    return n.Negate(item, span)


def atr_multiple(span: Span, factor: Any, length: Any) -> n.AtrMultiple:
    return n.AtrMultiple(factor, length, span)


def product_chain(span: Span, *parts: Any) -> n.Product:
    return n.Product(parts[::2], parts[1::2], span)


def sum_chain(span: Span, *parts: Any) -> n.Sum:
    return n.Sum(parts[::2], parts[1::2], span)


def compare(span: Span, *parts: Any) -> n.Compare:
    return n.Compare(parts[::2], parts[1::2], span)


def member(span: Span, item: Any, negated: Any, members: Any) -> n.Member:
    return n.Member(item, members, negated is not None, span)


def within(span: Span, item: Any, negated: Any, low: Any, high: Any) -> n.Within:
    return n.Within(item, low, high, negated is not None, span)


def is_word(span: Span, item: Any, negated: Any, word: Any) -> n.Is:
    return n.Is(item, word, negated is not None, span)


def crosses(span: Span, left: Any, above: Any, right: Any) -> n.Crosses:
    return n.Crosses(left, right, above, span)


def not_(span: Span, item: Any) -> n.Not:
    return n.Not(item, span)


def and_chain(span: Span, *items: Any) -> n.And:
    return n.And(items, span)


def or_chain(span: Span, *items: Any) -> n.Or:
    return n.Or(items, span)
