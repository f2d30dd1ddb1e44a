"""One symbol's timeframes: those that the feed delivers, and those that are built from them.

A timeframe that is wanted and not delivered is built from a finer one: from the first finer series that the symbol
has, and from no other afterwards. Once the feed delivers the very timeframe, building ends and the series goes on
with the delivered bars; a bar that was built already counts once.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from ..event.inputs import Bar
from ..times import MINUTE
from .building import BarBuilder
from .hours import Hours
from .series import Series


@attrs.frozen
class Wish:
    """What somebody wants of a symbol (None: of every one) on a timeframe (microseconds, None: the default one).

    With a name it is an indicator, as it was up to `ago` bars before the last one; without a name the bars, with the
    last `ago` + 1 of them kept, or for None told as they are complete.
    """

    symbol: str | None
    timeframe: int | None
    name: str | None
    arguments: tuple[float, ...]
    ago: int | None


class Timeframes:
    """The series of one symbol; `delivered` are those of the feed, by timeframe, in the order in which they were met.

    `configured` is the timeframe for where none is stated, in microseconds.
    """

    def __init__(self, hours: Hours, configured: int | None) -> None:
        self._hours = hours
        self._configured = configured
        self.delivered: dict[int, Series] = {}
        self._built: dict[int, Series] = {}
        self._builders: dict[int, list[tuple[BarBuilder, Series]]] = {}  # by what they are built from, finest first

    def meet(self, timeframe: int) -> None:
        """The feed delivers this timeframe, too: the wishes are to be granted again."""
        series = self._built.pop(timeframe, None)
        if series is None:
            series = Series(self._hours)
        else:
            series.told_until = series.until or 0
            for source, builders in self._builders.items():
                self._builders[source] = [made for made in builders if made[0].timeframe != timeframe]
        self.delivered[timeframe] = series

    def default(self) -> int:
        """What no timeframe means: the configured one, else the only series' that is delivered, else a minute."""
        if self._configured is not None:
            return self._configured
        return next(iter(self.delivered)) if len(self.delivered) == 1 else MINUTE

    def is_default(self, bar: Bar) -> bool:
        """Whether a rule on bars that states no timeframe means this one.

        Where the default timeframe can't be had, each series of the feed is meant.
        """
        default = self.default()
        if default in self.delivered or self._source(default) is not None:
            return bar.timeframe == default
        return bar.timeframe in self.delivered

    def series(self, timeframe: int | None) -> Series | None:
        """The series of a timeframe (None: of the default one), None where neither feed nor wishes have it."""
        length = self.default() if timeframe is None else timeframe
        return self.delivered.get(length) or self._built.get(length)

    def grant(self, wish: Wish) -> None:
        """Keeps what is wished from now on; does nothing as long as no series fits."""
        length = self.default() if wish.timeframe is None else wish.timeframe
        series = self.series(length) or self._build(length)
        if series is None:
            return
        if wish.name is not None:
            series.want((wish.name, wish.arguments), wish.ago or 0)
        elif wish.ago is not None:
            series.want_bars(wish.ago + 1)

    def on_bar(self, bar: Bar) -> Sequence[Bar]:
        """Takes a bar of a timeframe that was met; answers what is complete now, see `Indicators.on_bar`."""
        series = self.delivered[bar.timeframe]
        if bar.start < series.told_until:
            return ()
        if bar.regular:
            series.take(bar)
        series.until = bar.end
        builders = self._builders.get(bar.timeframe)
        if not builders:
            return (bar,)
        complete = [bar]
        for builder, built in builders:
            for made in builder.take(bar):
                built.take(made)
                built.until = made.end
                complete.append(made)
        return complete

    def _source(self, timeframe: int) -> int | None:
        """What a timeframe is built from: the first finer one that was met."""
        return next((finer for finer in self.delivered if finer < timeframe), None)

    def _build(self, timeframe: int) -> Series | None:
        source = self._source(timeframe)
        if source is None:
            return None
        series = self._built[timeframe] = Series(self._hours)
        builder = BarBuilder(timeframe, self._hours, self.delivered[source].until)
        builders = self._builders.setdefault(source, [])
        builders.append((builder, series))
        builders.sort(key=lambda made: made[0].timeframe)
        return series
