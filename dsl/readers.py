"""Who reads an expression: what a rule's trigger, and the symbol that an action names, change about its meaning."""

from __future__ import annotations

import attrs

from . import nodes, plan
from .catalog import Reader
from .expression_types import ExpressionTypes


def reader_of(rule: nodes.Rule, types: ExpressionTypes) -> Reader:
    """The reader of a rule's condition, whose trigger is well-typed."""
    trigger = rule.trigger
    if isinstance(trigger, nodes.BarTrigger) and trigger.timeframe is not None:
        return Reader(timeframe=types.fixed_amount(trigger.timeframe))
    return _OF_PRICES if isinstance(trigger, nodes.PriceTrigger | nodes.VolumeTrigger) else _OF_OTHERS


_OF_PRICES, _OF_OTHERS = Reader(prices=True), Reader()


def reader_at(reader: Reader, symbol: nodes.Symbol | nodes.Name | None, types: ExpressionTypes) -> Reader:
    """The reader of an action that may name its symbol: its prices are then that symbol's.

    A symbol that is known only at the event changes nothing.
    """
    if symbol is None:
        return reader
    named = types.constant(symbol)
    return attrs.evolve(reader, symbol=named.name) if isinstance(named, plan.Symbol) else reader
