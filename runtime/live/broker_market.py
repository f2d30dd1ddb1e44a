"""A broker's market, as the loop sees it: nothing is planned, all of it arrives.

Whatever a rule or a signal names is asked for, and asked for again where the rules have come to want other bars;
quotes, trades and bars then come through the inbox.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ..core.engine import Engine
from ..core.wants import bars_wanted
from ..event.inputs import OutsideInput
from ..rule.prepared import Prepared

Bars = Mapping[float, int]
"""Timeframes in seconds, each with how many bars of the past are wanted."""


class BrokerMarket:
    """Implements `Market` for a broker; `watch` asks it for the market data of a symbol."""

    def __init__(self, engine: Engine, watch: Callable[[str, Bars], None]) -> None:
        self._engine = engine
        self._watch = watch
        self._asked: dict[str, Bars] = {}
        self._rules: Sequence[Prepared] | None = None
        self._bars: Bars = {}

    @property
    def is_over(self) -> bool:
        return False

    def next_due(self) -> int | None:
        return None

    def take(self, now: int) -> Sequence[OutsideInput]:
        return ()

    def meet(self, symbol: str, now: int, price: float | None) -> Sequence[OutsideInput]:
        bars = self._wanted()
        if self._asked.get(symbol) != bars:
            self._asked[symbol] = bars
            self._watch(symbol, bars)
        return ()

    def _wanted(self) -> Bars:
        """What the rules in force want: a reload brings others."""
        if self._rules is not self._engine.rules:
            self._rules = self._engine.rules
            of_plan = [one.rule for one in self._rules if one.rule is not None and one.enabled]
            self._bars = bars_wanted(of_plan, self._engine.settings.timeframe)
        return self._bars
