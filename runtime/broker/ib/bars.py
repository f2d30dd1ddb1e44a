"""Bars of a symbol and timeframe: those of the past for indicators, and each that follows when it is over.

Both come from one request that the broker keeps up to date: the past joins the present without a seam, and the bar that
goes on is whole, today's daily bar too; made out of five-second bars it would lack what was before the subscription. A
bar is over when the next one begins, or some seconds after its end where nobody traded since.

The broker stamps bars by the clock's grid, the first of a session with the open; so the stamp is put back on the grid
and the span cut to the session, as with bars out of files.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import date

import attrs

from ...clock import Clock
from ...event.inputs import Bar
from ...market.hours import Hours
from ...market.spans import SpanCutter
from ...times import DAY, MINUTE, SECOND, timeframe_text
from .asking import DataRequests, RequestNumbers
from .bar_sizes import BarSize, duration, size_for
from .data_wire import PastBarsEnd, PastBarTold
from .pacing import MOST_OPEN, HistoryPacing
from .settings import IBSettings

_TRY_AGAIN_AFTER = MINUTE
_NO_SUCH_REQUEST = 366


@attrs.define
class _Series:
    """One symbol's bars of one size. `until` is the end of the last bar that was put."""

    symbol: str
    con_id: int
    size: BarSize
    past: int
    hours: Hours
    cutter: SpanCutter
    request: int | None = None
    is_queued: bool = False
    whole: list[Bar] = attrs.Factory(list)
    current: Bar | None = None
    has_past: bool = False
    until: int = 0
    try_again_at: int | None = None

    @property
    def key(self) -> tuple[str, int]:
        return self.symbol, self.size.length


class BarFeed:
    """The series that are wanted.

    By `clock` a bar is over or not, by `pulse` requests are paced. `put` takes bars,
    those of the past marked; `say` what a person should read.
    """

    def __init__(
        self,
        requests: DataRequests,
        numbers: RequestNumbers,
        clock: Clock,
        pulse: Clock,
        settings: IBSettings,
        put: Callable[[Bar], None],
        say: Callable[[str, str | None, str], None],
    ) -> None:
        self._requests = requests
        self._numbers = numbers
        self._clock = clock
        self._pulse = pulse
        self._settings = settings
        self._put = put
        self._say = say
        self._pacing = HistoryPacing()
        self._series: dict[tuple[str, int], _Series] = {}
        self._by_request: dict[int, _Series] = {}
        self._queue: deque[_Series] = deque()
        self._is_connected = False
        self._said_too_many = False

    # ---- subscriptions ---------------------------------------------------------------------------------------------

    def want(self, symbol: str, con_id: int, timeframe: int, past: int, hours: Hours) -> None:
        """Asks for bars of a timeframe (microseconds), `past` of them gone by; does nothing where they are had."""
        size = size_for(timeframe)
        if size is None:
            self._say("warning", symbol, f"the broker has no bars of which {timeframe_text(timeframe)} is made")
            return
        past *= timeframe // size.length
        series = self._series.get((symbol, size.length))
        if series is None:
            series = self._series[(symbol, size.length)] = _Series(symbol, con_id, size, past, hours, SpanCutter(hours))
        elif series.con_id == con_id and series.past >= past:
            series.hours, series.cutter = hours, SpanCutter(hours)
            return
        else:
            self._end(series)
            series.con_id, series.past = con_id, max(past, series.past)
            series.hours, series.cutter = hours, SpanCutter(hours)
        self._enqueue(series)
        self._send_due()

    def connected(self) -> None:
        self._is_connected = True
        self._by_request.clear()
        for series in self._series.values():
            self._enqueue(series)
        self._send_due()

    def disconnected(self) -> None:
        """What was missed is fetched when the broker is back, as bars of the past."""
        self._is_connected = False
        self._by_request.clear()
        self._queue.clear()
        for series in self._series.values():
            _forget(series)

    def advance(self) -> None:
        """Sends what may leave by now, and puts bars that are over though no later one has begun."""
        now, beat = self._clock.now(), self._pulse.now()
        for series in self._series.values():
            current = series.current
            if series.has_past and current is not None and now >= current.end + self._settings.bars_within:
                self._deliver(series, current)
                series.current = None
            if series.try_again_at is not None and beat >= series.try_again_at:
                self._end(series)
                self._enqueue(series)
        self._send_due()

    def _enqueue(self, series: _Series) -> None:
        series.try_again_at = None
        if not series.is_queued:
            series.is_queued = True
            self._queue.append(series)

    def _send_due(self) -> None:
        while self._is_connected and self._queue:
            if len(self._by_request) >= MOST_OPEN:
                self._say_too_many()
                return
            series = self._queue[0]
            now = self._pulse.now()
            # pacing goes by what is asked for, and a series asks for the same each time
            if self._pacing.allowed_at(now, series.size.length, series.con_id, series.key) > now:
                return
            self._queue.popleft()
            self._pacing.sent(now, series.size.length, series.con_id, series.key)
            _forget(series)
            series.try_again_at = now + _TRY_AGAIN_AFTER
            series.request = self._numbers.take()
            self._by_request[series.request] = series
            reach = duration(series.size, series.past)
            self._requests.ask_bars(series.request, series.symbol, series.con_id, series.size.text, reach)

    def _end(self, series: _Series) -> None:
        request = series.request
        _forget(series)
        if request is not None:
            self._by_request.pop(request, None)
            if self._is_connected:
                self._requests.end_bars(request)

    def _say_too_many(self) -> None:
        if not self._said_too_many:
            self._said_too_many = True
            waiting = ", ".join(series.symbol for series in self._queue)
            self._say(
                "warning",
                None,
                f"the broker keeps {MOST_OPEN} series of bars up to date at a time; there are none of {waiting}",
            )

    # ---- what is told ----------------------------------------------------------------------------------------------

    def on_bar(self, told: PastBarTold) -> None:
        series = self._by_request.get(told.request)
        if series is None:
            return
        bar = _cut(told, series)
        if bar is None:
            return
        if not series.has_past:
            series.whole.append(bar)
        elif bar.end > series.until:
            self._follow(series, bar)

    def on_end(self, told: PastBarsEnd) -> None:
        series = self._by_request.get(told.request)
        if series is None or series.has_past:
            return
        series.has_past = True
        series.try_again_at = None
        now = self._clock.now()
        bars, series.whole = series.whole, []
        whole = [bar for bar in bars if series.until < bar.end <= now]
        if not series.until:
            whole = whole[-series.past :]  # requests reach back by whole days
        for bar in whole:
            self._deliver(series, attrs.evolve(bar, past=True))
        series.current = next((bar for bar in bars if bar.end > now), None)

    def on_error(self, request: int, code: int, text: str) -> bool:
        """Takes an error about a request of ours; false where it is about something else."""
        series = self._by_request.get(request)
        if series is None:
            return False
        if code != _NO_SUCH_REQUEST:
            self._say("warning", series.symbol, f"no bars of {timeframe_text(series.size.length)}: {text} ({code})")
            self._by_request.pop(request)
            _forget(series)
            series.try_again_at = self._pulse.now() + _TRY_AGAIN_AFTER
        return True

    def _follow(self, series: _Series, bar: Bar) -> None:
        current = series.current
        if current is not None and bar.time > current.time:
            self._deliver(series, current)
        if current is None or bar.time >= current.time:
            series.current = bar

    def _deliver(self, series: _Series, bar: Bar) -> None:
        series.until = bar.end
        self._put(bar)


def _forget(series: _Series) -> None:
    series.request = None
    series.is_queued = False
    series.has_past = False
    series.current = None
    series.whole = []
    series.try_again_at = None


def _cut(told: PastBarTold, series: _Series) -> Bar | None:
    """The bar with its span in the session; None where the stamp or a price is none."""
    stamp = _stamp(told.stamp, series.hours)
    if stamp is None or not 0 < told.low <= min(told.open, told.close) <= max(told.open, told.close) <= told.high:
        return None
    length = series.size.length
    if length < DAY:
        midnight = stamp - series.hours.seconds_of_day(stamp) * SECOND
        stamp -= (stamp - midnight) % length
    start, end, regular = series.cutter.cut(stamp, length)
    volume = max(told.volume, 0.0)
    return Bar(stamp, series.symbol, told.open, told.high, told.low, told.close, volume, length, start, end, regular)


def _stamp(text: str, hours: Hours) -> int | None:
    """The moment of a stamp: seconds since 1970, or a date's midnight at the exchange."""
    if not (text.isascii() and text.isdigit()):
        return None
    if len(text) != 8:
        return int(text) * SECOND
    try:
        return hours.moment(date(int(text[:4]), int(text[4:6]), int(text[6:])), 0)
    except ValueError:
        return None
