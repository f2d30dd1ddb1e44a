"""Which symbols a plan names: those a market without a recording must quote from the start."""

from __future__ import annotations

from typing import Any

import attrs

from ...dsl.plan import BarField, Indicator, Limit, Plan, QuoteField, Symbol, TableLookup


def symbols_of(plan: Plan) -> tuple[str, ...]:
    """Every symbol that a rule or a limit names, sorted."""
    found: set[str] = set()
    waiting: list[object] = [plan.rules, plan.limits]
    while waiting:
        here = waiting.pop()
        if isinstance(here, tuple):
            waiting.extend(here)
            continue
        found.update(_named_by(here))
        kind: Any = type(here)
        if attrs.has(kind):
            waiting.extend(getattr(here, field.name) for field in attrs.fields(kind))
    return tuple(sorted(found))


def _named_by(node: object) -> tuple[str, ...]:
    match node:
        case Symbol(name):
            return (name,)
        case _ if isinstance(of := getattr(node, "of", None), tuple):  # a trigger that is narrowed
            return of
        case Limit(symbols=symbols):
            return symbols
        case QuoteField(symbol=str(symbol)) | Indicator(symbol=str(symbol)) | BarField(symbol=str(symbol)):
            return (symbol,)
        case TableLookup(entries=entries):
            return tuple(symbol for symbol, _ in entries)
        case _:
            return ()
