"""What a rule set asks of the market's past: it must be kept before the first bar comes.

Indicators and past bars are found wherever an expression may stand, in conditions, sizes, distances and texts; rules
on bars want the bars of their timeframe made where the feed has only finer ones. A rule that is narrowed to symbols
asks for those alone, so that a bar of any other symbol costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from ...dsl.plan import BarField, BarTrigger, FieldName, Indicator, Kind, Rule, SignalCount, Symbol, symbols_of
from ..market.board import Board
from .signal_log import SignalLog

Past = Indicator | BarField | SignalCount


def want_past(board: Board, signals: SignalLog, rules: Sequence[Rule], now: int | None = None) -> None:
    """Has the board and the log keep what the rules ask about, and the board make the bars that they wait for.

    `now` (microseconds since 1970 UTC) tells that the run has begun: then what was before is not known.
    """
    for rule in rules:
        if isinstance(rule.trigger, BarTrigger):
            for symbol in (None,) if rule.trigger.of is None else rule.trigger.of:
                board.want_bars(symbol, rule.trigger.timeframe)
        asked = dict.fromkeys(past_in(rule))
        own = symbols_in(rule) if asked else ()
        for past in asked:
            if isinstance(past, SignalCount):
                signals.want(past.kind, past.seconds, now)
                continue
            for symbol in own if past.symbol is None else (past.symbol,):
                if isinstance(past, Indicator):
                    board.want(symbol, past.name, past.arguments, past.timeframe, past.ago)
                else:
                    board.want_bar(symbol, past.timeframe, past.ago)


def looks_back(rules: Sequence[Rule]) -> bool:
    """Whether a rule set asks about bars of the past, so that they are worth fetching."""
    return any(isinstance(found, Indicator | BarField) for rule in rules for found in past_in(rule))


def past_in(node: object) -> Iterator[Past]:
    """All that looks back below a plan record, actions and their distances included."""
    return (found for found in _records(node) if isinstance(found, Indicator | BarField | SignalCount))


def symbols_in(rule: Rule) -> Sequence[str | None]:
    """The symbols that a rule can be about: those it is narrowed to and those it names; (None,) for any."""
    narrowed = symbols_of(rule.trigger)
    if narrowed is None:
        return (None,)
    named = list(narrowed)
    for found in _records(rule):
        if isinstance(found, FieldName) and found.kind is Kind.SYMBOL:
            return (None,)
        if isinstance(found, Symbol):
            named.append(found.name)
    return tuple(dict.fromkeys(named))


def _records(node: object) -> Iterator[object]:
    """A plan record and every one below it."""
    waiting = [node]
    while waiting:
        here = waiting.pop()
        if isinstance(here, tuple):
            waiting.extend(here)
            continue
        kind: Any = type(here)
        if attrs.has(kind):
            yield here
            waiting.extend(getattr(here, field.name) for field in attrs.fields(kind))
