"""When the bars of a test begin and end.

A test's bars stand on the grid that real ones stand on: counted from the session's open, cut to its close, a daily bar
spans the session. A symbol's bar begins where the present moment is, or at the next place of the grid, and time goes on
to its end. Bars of other symbols, written right after it, are of the same span; a symbol's second bar is the next one.
"""

from __future__ import annotations

import attrs

from ...dsl.plan import BarField, BarTrigger, Indicator, Plan
from ..market.hours import Hours
from ..market.spans import SpanCutter
from ..rule.parts import parts_of
from ..times import DAY, MINUTE, SECOND


@attrs.frozen
class Span:
    """A bar's stamp, its cut span and its timeframe, in microseconds (times since 1970 UTC)."""

    time: int
    start: int
    end: int
    timeframe: int


@attrs.define(eq=False)
class BarTimes:
    """Follows the bars of one test."""

    hours: Hours
    _span: Span | None = None
    _symbols: set[str] = attrs.Factory(set)

    def next(self, symbol: str, timeframe: int, now: int) -> Span:
        """The span of the next bar of a symbol, written at `now`; it never ends before that."""
        span = self._span
        if span is None or span.end != now or span.timeframe != timeframe or symbol in self._symbols:
            span = self._span = self._from(now, timeframe)
            self._symbols = set()
        self._symbols.add(symbol)
        return span

    def _from(self, now: int, timeframe: int) -> Span:
        session = self.hours.session(now)
        opening = self.hours.next_open(now) if session is None else session.open
        if timeframe >= DAY:
            if opening < now:
                opening = self.hours.next_open(now)
            stamp = self.hours.moment(self.hours.day(opening), 0)
        else:
            steps = max(0, -(-(now - opening) // timeframe))
            stamp = opening + steps * timeframe
            if stamp >= self.hours.session_close(opening):
                stamp = self.hours.next_open(opening)
        start, end, _ = SpanCutter(self.hours).cut(stamp, timeframe)
        return Span(stamp, start, end, timeframe)


def usual_timeframe(plan: Plan, symbol: str, configured: float | None) -> int:
    """The timeframe of a bar that states none, in microseconds.

    The finest that rules wait for on bars of the symbol; where none does, the finest that a condition names; else the
    configured one (seconds), else a minute.
    """
    usual = MINUTE if configured is None else round(configured * SECOND)
    waited = [
        usual if rule.trigger.timeframe is None else round(rule.trigger.timeframe * SECOND)
        for rule in plan.rules
        if isinstance(rule.trigger, BarTrigger) and (rule.trigger.of is None or symbol in rule.trigger.of)
    ]
    if waited:
        return min(waited)
    named = [
        round(part.timeframe * SECOND)
        for rule in plan.rules
        for part in parts_of(rule.condition)
        if isinstance(part, Indicator | BarField) and part.timeframe is not None and part.symbol in (None, symbol)
    ]
    return min(named, default=usual)
