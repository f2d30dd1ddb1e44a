"""What a run runs on, put together from its options: a recording, or a market on the system's clock."""

from __future__ import annotations

import heapq
import sys
import time
from collections.abc import Iterable, Sequence

import attrs

from ..dsl.plan import Plan
from ..runtime.clock import Clock
from ..runtime.core.wants import looks_back
from ..runtime.event.inputs import OutsideInput
from ..runtime.feed import FeedError, delivery_time, read_events, read_stream
from ..runtime.live.markets import Market, RecordedMarket
from ..runtime.live.pacing import Pace, RecordedPace, SystemPace, Unpaced
from ..runtime.live.random_market import RandomMarket
from ..runtime.live.sources import FollowedFile, SignalSource, StandardInput
from ..runtime.live.symbols import symbols_of
from ..runtime.market.hours import HOURS, Hours
from ..runtime.numbers import MICROS
from .errors import CommandError, LineRefused
from .feeding import FileMarketOption, FileSignals, RandomMarketOption, SignalsOption

_STANDARD_INPUT = 0


@attrs.frozen
class Track:
    """A market, its clock and its sources of signals, all open.

    `run` begins the ids of the run. `passes` says whether time passes while it runs, so that there is something to
    look at; `is_recorded`, whether the time is a recording's.
    """

    market: Market
    pace: Pace
    sources: tuple[SignalSource, ...]
    hours: Hours
    hours_name: str
    run: str
    title: str
    passes: bool
    is_recorded: bool


def open_recorded(
    market: FileMarketOption, sources: Sequence[SignalsOption], speed: float, hours_name: str, name: str
) -> Track:
    """A recording, read and checked to its last line. Timed signals are merged with it.

    Where time passes, a file of signals is followed as it grows and standard input read as it comes; else both are
    read to their ends.

    Raises:
        CommandError: a file cannot be read, or a line of it is wrong; named as `FILE:LINE: …`.
    """
    hours = HOURS[hours_name]()
    followed: list[SignalSource] = []
    try:
        bars = read_events(market.paths, hours)
        start = RecordedMarket(bars).start
        recordings: list[Iterable[OutsideInput]] = [bars]
        for source in sources:
            if isinstance(source, FileSignals):
                if speed:
                    # opened first: what is added while it is read comes twice and counts once
                    followed.append(_opened(FollowedFile(source.path, from_start=False)))
                recordings.append(read_events([source.path], hours, start))
            elif speed:
                followed.append(_opened(StandardInput(_STANDARD_INPUT)))
            else:
                recordings.append(read_stream(StandardInput.NAME, sys.stdin.buffer, hours, start))
    except FeedError as error:
        raise LineRefused(str(error)) from error
    except OSError as error:
        raise CommandError(_told(error)) from error
    events = recordings[0] if len(recordings) == 1 else heapq.merge(*recordings, key=delivery_time)
    track = RecordedMarket(events)
    pace: Pace = RecordedPace(speed, track.start, time.monotonic) if speed else Unpaced()
    title = f"{name}, {speed:g} times real time" if speed else name
    return Track(track, pace, tuple(followed), hours, hours_name, "r0", title, speed > 0, True)


def open_random(
    market: RandomMarketOption, sources: Sequence[SignalsOption], hours_name: str, clock: Clock, plan: Plan
) -> Track:
    """A market made up, on a clock. It quotes the symbols that the plan names, and others when a signal names them.

    Raises:
        CommandError: a source of signals cannot be opened.
    """
    hours = HOURS[hours_name]()
    start = clock.now()
    made_up = RandomMarket(market.seed, hours, symbols_of(plan), start, with_past=looks_back(plan.rules))
    opened = open_signals(sources)
    title = f"a market made up from seed {market.seed}"
    return Track(
        made_up,
        SystemPace(clock),
        opened,
        hours,
        hours_name,
        str(start // MICROS),
        title,
        passes=True,
        is_recorded=False,
    )


def open_signals(sources: Sequence[SignalsOption]) -> tuple[SignalSource, ...]:
    """Sources of signals that come as time passes, opened.

    Raises:
        CommandError: one cannot be opened.
    """
    return tuple(_opened(_live_source(source)) for source in sources)


def read_signals(sources: Sequence[SignalsOption], hours: Hours, received: int) -> list[OutsideInput]:
    """Recorded signals, merged by time; one without a time gets `received` (microseconds since 1970 UTC).

    Raises:
        CommandError: a file cannot be read, or a source is none.
    """
    paths = [source.path for source in sources if isinstance(source, FileSignals)]
    if len(paths) < len(sources):
        raise CommandError("--signals -: in step with a gateway signals come from files", "name a file: file:PATH")
    try:
        return list(read_events(paths, hours, received))
    except FeedError as error:
        raise LineRefused(str(error)) from error
    except OSError as error:
        raise CommandError(_told(error)) from error


def _live_source(option: SignalsOption) -> SignalSource:
    if isinstance(option, FileSignals):
        return FollowedFile(option.path, from_start=option.from_start)
    return StandardInput(_STANDARD_INPUT)


def _opened(source: SignalSource) -> SignalSource:
    try:
        source.open()
    except OSError as error:
        raise CommandError(_told(error)) from error
    return source


def _told(error: OSError) -> str:
    return f"{error.filename or 'standard input'}: cannot be read: {error.strerror or error}"
