"""What an expression was one step before now, for `crosses`: the price before this one, or one completed bar ago.

    on price where price crosses above $150           PreviousPrice() <= 150 and price > 150
    on bar where sma(20) crosses above sma(50)        sma(20)[1] <= sma(50)[1] and sma(20) > sma(50)

In a rule on prices only the price moves; everywhere else bars do, each in its own timeframe.
"""

from __future__ import annotations

from collections.abc import Callable

import attrs

from . import plan
from .catalog import BAR_FIELDS, Reader


def earlier(expression: plan.Expression, reader: Reader) -> plan.Expression:
    """The expression as it was one step before; the same where nothing in it moves by steps."""
    step = _price_before if reader.prices else _bar_before(reader)
    return _replaced(expression, step)


def by_ticks(expression: plan.Expression) -> str | None:
    """The name of the first part that moves with every price, and so has no value of its own at a bar."""
    found: list[str] = []

    def look(leaf: plan.Expression) -> plan.Expression:
        if isinstance(leaf, plan.QuoteField) or (isinstance(leaf, plan.EventName) and leaf.name == "price"):
            found.append(leaf.name)
        return leaf

    _replaced(expression, look)
    return found[0] if found else None


def _price_before(leaf: plan.Expression) -> plan.Expression:
    price = isinstance(leaf, plan.EventName) and leaf.name == "price"
    last = isinstance(leaf, plan.QuoteField) and leaf.name == "last" and leaf.symbol is None
    return plan.PreviousPrice() if price or last else leaf


def _bar_before(reader: Reader) -> Callable[[plan.Expression], plan.Expression]:
    def before(leaf: plan.Expression) -> plan.Expression:
        if isinstance(leaf, plan.Indicator | plan.BarField):
            return attrs.evolve(leaf, ago=leaf.ago + 1)
        if isinstance(leaf, plan.EventName) and leaf.name in BAR_FIELDS:
            return plan.BarField(leaf.name, 1, reader.timeframe)
        return leaf

    return before


def _replaced(node: plan.Expression, step: Callable[[plan.Expression], plan.Expression]) -> plan.Expression:
    """The expression with every leaf put through `step`."""
    match node:
        case plan.Sum(terms):
            return plan.Sum(tuple((sign, _replaced(term, step)) for sign, term in terms))
        case plan.Product(factors):
            return plan.Product(tuple((sign, _replaced(factor, step)) for sign, factor in factors))
        case plan.Negate(item):
            return plan.Negate(_replaced(item, step))
        case plan.Call(function, arguments):
            return plan.Call(function, tuple(_replaced(argument, step) for argument in arguments))
        case plan.TableLookup(entries, default, key):
            replaced = tuple((name, _replaced(entry, step)) for name, entry in entries)
            return plan.TableLookup(replaced, None if default is None else _replaced(default, step), key)
        case _:
            return step(node)
