"""What a rule set asks of the market's past: it must be kept before the first bar comes.

Indicators and past bars are found wherever an expression may stand, in conditions, sizes, distances and texts; rules
on bars want the bars of their timeframe made where the feed has only finer ones. A rule that is narrowed to symbols
asks for those alone, so that a bar of any other symbol costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from functools import cache
from typing import Any

import attrs

from ...dsl.plan import BarField, BarTrigger, FieldName, Indicator, Kind, Rule, SignalCount, Symbol, symbols_of
from ..market.board import Board
from .signal_log import SignalLog

Past = Indicator | BarField | SignalCount

_USUAL = 60.0  # seconds: where nobody names a timeframe


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


def bars_by_symbol(rules: Sequence[Rule]) -> Mapping[str | None, Set[float | None]]:
    """The timeframes (seconds; None where a rule names none) of the bars that rules want, by symbol; None is any."""
    wanted: dict[str | None, set[float | None]] = {}
    for rule in rules:
        trigger = rule.trigger
        if isinstance(trigger, BarTrigger):
            for symbol in (None,) if trigger.of is None else trigger.of:
                wanted.setdefault(symbol, set()).add(trigger.timeframe)
        asked = [past for past in past_in(rule) if not isinstance(past, SignalCount)]
        own = symbols_in(rule) if asked else ()
        for past in asked:
            for of in own if past.symbol is None else (past.symbol,):
                wanted.setdefault(of, set()).add(past.timeframe)
    return wanted


def timeframes_for(
    symbol: str, wanted: Mapping[str | None, Set[float | None]], default: float | None
) -> tuple[float, ...]:
    """The timeframes (seconds) of the bars that are wanted of a symbol; `default` is the configured one.

    A rule that names none means that one, else the only one that is named, else a minute.
    """
    asked = {*wanted.get(None, ()), *wanted.get(symbol, ())}
    named = {timeframe for timeframe in asked if timeframe is not None}
    if None in asked:
        named.add(default or (min(named) if len(named) == 1 else _USUAL))
    return tuple(sorted(named))


def looks_back(rules: Sequence[Rule]) -> bool:
    """Whether a rule set asks about bars of the past, so that they are worth fetching."""
    return any(isinstance(found, Indicator | BarField) for rule in rules for found in past_in(rule))


def bars_wanted(rules: Sequence[Rule], default: float | None = None) -> Mapping[float, int]:
    """The timeframes (seconds) that a rule set needs bars of, each with how many of the past it looks back.

    What states no timeframe means `default`, else a minute. Some indicators never forget: five times their length
    leaves less than a thousandth of what was before.
    """
    usual = 60.0 if default is None else default
    wanted: dict[float, int] = {}

    def want(timeframe: float | None, bars: int) -> None:
        length = usual if timeframe is None else timeframe
        wanted[length] = max(wanted.get(length, 0), bars)

    for rule in rules:
        if isinstance(rule.trigger, BarTrigger):
            want(rule.trigger.timeframe, 0)
        for past in past_in(rule):
            if isinstance(past, Indicator):
                want(past.timeframe, round(5 * max(past.arguments, default=50.0)) + past.ago + 1)
            elif isinstance(past, BarField):
                want(past.timeframe, past.ago + 1)
    return wanted


def past_in(node: object) -> Iterator[Past]:
    """All that looks back below a plan record, actions and their distances included."""
    return (found for found in records_below(node) if isinstance(found, Indicator | BarField | SignalCount))


def symbols_in(rule: Rule) -> Sequence[str | None]:
    """The symbols that a rule can be about: those it is narrowed to and those it names; (None,) for any."""
    narrowed = symbols_of(rule.trigger)
    if narrowed is None:
        return (None,)
    named = list(narrowed)
    for found in records_below(rule):
        if isinstance(found, FieldName) and found.kind is Kind.SYMBOL:
            return (None,)
        if isinstance(found, Symbol):
            named.append(found.name)
    return tuple(dict.fromkeys(named))


def records_below(node: object) -> Iterator[object]:
    """A plan record and every one below it."""
    waiting = [node]
    while waiting:
        here = waiting.pop()
        if isinstance(here, tuple):
            waiting.extend(here)
            continue
        kind: Any = type(here)
        names = _fields_of(kind)
        if names is not None:
            yield here
            waiting.extend([getattr(here, name) for name in names])


@cache
def _fields_of(kind: Any) -> tuple[str, ...] | None:
    """The fields of a record's class; None for what is no record."""
    return tuple(field.name for field in attrs.fields(kind)) if attrs.has(kind) else None
