"""One symbol's regular bars of one timeframe: its indicators, and as much of the past as was asked for."""

from __future__ import annotations

from collections import deque

from ..event.inputs import Bar
from .arguments import complete
from .hours import Hours
from .trackers import Tracker, tracker

Named = tuple[str, tuple[float, ...]]
"""An indicator's name and arguments."""


class Kept:
    """An indicator with the values it had, the latest last; no past where only the latest was asked for."""

    __slots__ = ("past", "tracker")

    def __init__(self, tracker: Tracker) -> None:
        self.tracker = tracker
        self.past: deque[float | None] | None = None

    def deepen(self, ago: int) -> None:
        if self.past is None:
            self.past = deque([self.tracker.value], ago + 1)
        elif self.past.maxlen is not None and ago >= self.past.maxlen:
            self.past = deque(self.past, ago + 1)

    def reaches(self, ago: int) -> bool:
        """Whether values of so many bars ago are kept."""
        return ago == 0 or (self.past is not None and self.past.maxlen is not None and ago < self.past.maxlen)

    def value(self, ago: int) -> float | None:
        """The indicator as it was so many bars ago, None where it is unknown."""
        if ago == 0:
            return self.tracker.value
        past = self.past
        return past[-1 - ago] if past is not None and ago < len(past) else None


class Series:
    """The completed bars of one series, oldest first.

    `until` is the end of the last bar that was delivered, regular or not; `told_until` is set where the series was
    built before the feed delivered it, and is the end of the last bar that was built.
    """

    __slots__ = ("_bars", "_by_arguments", "_hours", "_kept", "_named", "told_until", "until")

    def __init__(self, hours: Hours) -> None:
        self.until: int | None = None
        self.told_until = 0
        self._hours = hours
        self._bars: deque[Bar] | None = None
        self._kept: list[Kept] = []
        self._named: dict[Named, Kept] = {}  # as it was asked for: `macd()`
        self._by_arguments: dict[Named, Kept] = {}  # with all its arguments: `macd(12, 26, 9)`

    def want(self, named: Named, ago: int) -> None:
        """Keeps an indicator from now on, and its values of so many bars ago."""
        kept = self._named.get(named)
        if kept is None:
            name, arguments = named
            in_full = (name, complete(name, arguments))
            kept = self._by_arguments.get(in_full)
            if kept is None:
                kept = self._by_arguments[in_full] = Kept(tracker(name, arguments, self._hours))
                self._kept.append(kept)
            self._named[named] = kept
        if ago > 0:
            kept.deepen(ago)

    def want_bars(self, count: int) -> None:
        """Keeps so many of the last bars from now on."""
        if self._bars is None:
            self._bars = deque(maxlen=count)
        elif self._bars.maxlen is not None and count > self._bars.maxlen:
            self._bars = deque(self._bars, count)

    def take(self, bar: Bar) -> None:
        """Takes a completed regular bar."""
        for kept in self._kept:
            kept.tracker.update(bar)
            if kept.past is not None:
                kept.past.append(kept.tracker.value)
        if self._bars is not None:
            self._bars.append(bar)

    def indicator(self, named: Named) -> Kept | None:
        """What is kept of an indicator, None where nobody wanted it."""
        return self._named.get(named)

    def keeps_bars(self, count: int) -> bool:
        return self._bars is not None and self._bars.maxlen is not None and count <= self._bars.maxlen

    def bar(self, ago: int) -> Bar | None:
        """The bar of so many bars ago, 0 for the last one; None where it is not known or was not kept."""
        bars = self._bars
        return bars[-1 - ago] if bars is not None and ago < len(bars) else None
