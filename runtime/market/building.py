"""Bars of a higher timeframe, built from finer ones.

Buckets are aligned to the session: they begin at its open plus a multiple of the timeframe and are cut at its close;
a daily bucket is the whole session. So 1h bars run from 09:30 to 10:30, and the last one from 15:30 to 16:00.

    finer bars  09:30 09:31 09:32 09:33 09:34 | 09:35 …
    built 5m    ^ begins                    ^ complete with this one's end

A built bar is complete when a finer bar reaches its end. Where that one is missing, it is complete when a later finer
bar begins at or after its end: later than its own `end` says, because nobody knew before. A finer bar belongs to the
bucket in which it begins; one that reaches beyond it (hourly bars on the clock's grid, built to 2h) takes the built
bar's end along, and the next one begins there.

A bucket into which the feed came late is not built: half a day's range is no day's range. Minutes missing within
the feed are minutes without a trade.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..event.inputs import Bar
from ..times import DAY
from .hours import Hours


class BarBuilder:
    """Builds one symbol's bars of one timeframe (microseconds).

    `watched` is the end of the last finer bar that was delivered before this began, None where there was none: it
    tells whether the first bucket is seen from its beginning.
    """

    def __init__(self, timeframe: int, hours: Hours, watched: int | None = None) -> None:
        self.timeframe = timeframe
        self._hours = hours
        self._watched = watched
        self._start = 0
        self._end = 0
        self._filling = False
        self._reached = 0
        self._open = self._high = self._low = self._close = self._volume = 0.0

    def take(self, bar: Bar) -> Sequence[Bar]:
        """Takes a finer bar; answers the bars that are complete with it, at most two, in order.

        One outside regular hours adds nothing, but it tells that the session is over.
        """
        done: tuple[Bar, ...] = ()
        if bar.start >= self._end:
            if self._filling:
                done = (self._finish(bar.symbol),)
            if not (bar.regular and self._begin(bar)):
                self._watched = bar.end
                return done
        elif bar.regular and self._filling:
            self._add(bar)
        else:  # the rest of a bucket that is not built, or a bar that comes too late
            return done
        if bar.end >= self._end:
            done = (*done, self._finish(bar.symbol))
        return done

    def _begin(self, bar: Bar) -> bool:
        """Opens the bucket in which this bar begins, unless its beginning was missed."""
        session = self._hours.session(bar.start)
        if session is None:
            return False
        if self.timeframe == DAY:
            self._start, self._end = session.open, session.close
        else:
            self._start = bar.start - (bar.start - session.open) % self.timeframe
            self._end = min(self._start + self.timeframe, session.close)
        if bar.start > self._start and (self._watched is None or self._watched > self._start):
            return False
        self._watched = self._start  # from here on nothing is missed
        self._start = max(self._start, self._reached)
        self._filling = True
        self._open, self._high, self._low, self._close = bar.open, bar.high, bar.low, bar.close
        self._volume = bar.volume
        self._reached = bar.end
        return True

    def _add(self, bar: Bar) -> None:
        if bar.high > self._high:
            self._high = bar.high
        if bar.low < self._low:
            self._low = bar.low
        self._close = bar.close
        self._volume += bar.volume
        self._reached = bar.end

    def _finish(self, symbol: str) -> Bar:
        self._filling = False
        return Bar(
            self._start,
            symbol,
            self._open,
            self._high,
            self._low,
            self._close,
            self._volume,
            self.timeframe,
            self._start,
            max(self._end, self._reached),
            True,
        )
