"""Indicators and past bars of all symbols, on every timeframe that somebody asks for.

An indicator sees completed bars of regular hours only and is unknown until it has enough of them. Who needs one says
so with `want` before the bars come, and how far back its past is asked about; one that is first asked for later
starts then. What nobody asked for is not kept.

Where no timeframe is given it is the configured one, else that of the symbol's only series, else one minute. A
timeframe that the feed does not deliver is built from a finer one (`timeframes`); where the feed has none that is
finer, it is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..event.inputs import Bar
from ..times import SECOND
from .arguments import complete
from .hours import Hours
from .series import Series
from .timeframes import Timeframes, Wish


class Indicators:
    """The indicators of all symbols.

    `default_timeframe` is the configured one, in seconds. `now` tells the time of a question, in microseconds: at an
    open some values of the session before end with it; without it they hold until the next bar.
    """

    def __init__(
        self, hours: Hours, default_timeframe: float | None = None, now: Callable[[], int] | None = None
    ) -> None:
        self._hours = hours
        self._default = _micros(default_timeframe)
        self._now = now
        self._wishes: dict[Wish, None] = {}
        self._symbols: dict[str, Timeframes] = {}

    def want(
        self,
        symbol: str | None,
        name: str,
        arguments: tuple[float, ...],
        timeframe: float | None = None,
        ago: int = 0,
    ) -> None:
        """Asks for an indicator of a symbol (None: of every symbol), and for its past up to `ago` bars back.

        The timeframe is in seconds, None for the default one.

        Raises:
            ValueError: there is no such indicator, or it does not take such arguments.
        """
        complete(name, arguments)
        self._wish(Wish(symbol, _micros(timeframe), name, arguments, ago))

    def want_bar(self, symbol: str | None, timeframe: float | None = None, ago: int = 0) -> None:
        """Asks for the completed bars of a symbol (None: of every symbol), up to `ago` bars back."""
        self._wish(Wish(symbol, _micros(timeframe), None, (), ago))

    def want_bars(self, symbol: str | None, timeframe: float | None = None) -> None:
        """Asks that the bars of a timeframe be made where the feed has only finer ones; see `on_bar`."""
        self._wish(Wish(symbol, _micros(timeframe), None, (), None))

    def on_bar(self, bar: Bar) -> Sequence[Bar]:
        """Takes a completed bar and brings every timeframe up to date.

        Returns:
            The bars that are complete with it: this one, then those built of it and of its like, the shorter
            timeframes first. Nothing where this very bar was built and told already.
        """
        timeframes = self._symbols.get(bar.symbol)
        if timeframes is None or bar.timeframe not in timeframes.delivered:
            timeframes = self._meet(bar)
        return timeframes.on_bar(bar)

    def is_default(self, bar: Bar) -> bool:
        """Whether a rule on bars that states no timeframe means the timeframe of this one, for its symbol."""
        timeframes = self._symbols.get(bar.symbol)
        return timeframes is None or timeframes.is_default(bar)

    def value(
        self, symbol: str, name: str, arguments: tuple[float, ...], timeframe: float | None = None, ago: int = 0
    ) -> float | None:
        """The indicator as it was `ago` completed bars before the last one, None while it is unknown.

        The timeframe is in seconds, None for the default one.

        Raises:
            ValueError: there is no such indicator, or it does not take such arguments.
        """
        named = (name, arguments)
        series = self._series(symbol, timeframe)
        kept = None if series is None else series.indicator(named)
        if kept is None or not kept.reaches(ago):
            self.want(symbol, name, arguments, timeframe, ago)
            series = self._series(symbol, timeframe)
            kept = None if series is None else series.indicator(named)
            if kept is None:
                return None
        ends = kept.tracker.until
        if ends is not None and self._now is not None and self._now() >= ends:
            return None
        return kept.value(ago)

    def bar(self, symbol: str, name: str, timeframe: float | None = None, ago: int = 0) -> float | None:
        """`open`, `high`, `low`, `close` or `volume` of a completed regular bar, 0 bars ago for the last one."""
        series = self._series(symbol, timeframe)
        if series is None or not series.keeps_bars(ago + 1):
            self.want_bar(symbol, timeframe, ago)
            series = self._series(symbol, timeframe)
        found = None if series is None else series.bar(ago)
        return None if found is None else float(getattr(found, name))

    def _series(self, symbol: str, timeframe: float | None) -> Series | None:
        timeframes = self._symbols.get(symbol)
        if timeframes is None:
            return None
        return timeframes.series(None if timeframe is None else round(timeframe * SECOND))

    def _wish(self, wish: Wish) -> None:
        if wish in self._wishes:
            return
        self._wishes[wish] = None
        for symbol, timeframes in self._symbols.items():
            if wish.symbol in (None, symbol):
                timeframes.grant(wish)

    def _meet(self, bar: Bar) -> Timeframes:
        timeframes = self._symbols.get(bar.symbol)
        if timeframes is None:
            timeframes = self._symbols[bar.symbol] = Timeframes(self._hours, self._default)
        timeframes.meet(bar.timeframe)
        for wish in self._wishes:
            if wish.symbol in (None, bar.symbol):
                timeframes.grant(wish)
        return timeframes


def _micros(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * SECOND)
