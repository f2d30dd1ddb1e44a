"""Recorded files -> events in the order of their delivery.

All files are read and checked to their last line before the first event is handed out, so that a mistake on the last
line stops a command before it has done anything.

A file's lines stand in the order of their `time`; a bar's time is its start, but it is known only at its end. So a
bar is held back, and all inputs are merged by delivery time, then by the order of the files, then by line.
"""

from __future__ import annotations

import heapq
import io
from array import array
from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO

from ..event.inputs import Bar, OutsideInput
from ..market.hours import Hours
from ..market.spans import SpanCutter
from ..times import time_text
from .bar_csv import read_bar_csv
from .bars import PlainBar, gaps, usual_timeframe
from .checks import check_order
from .errors import FeedError, LineError
from .lines import LineReader

_BOM = b"\xef\xbb\xbf"
_JSON_ENDINGS = {".jsonl", ".json", ".ndjson"}

# Makes a fresh pass over a file's events, in the order of their delivery.
_Track = Callable[[], Iterator[OutsideInput]]


def delivery_time(event: OutsideInput) -> int:
    """When an event is delivered, its `now`: a bar at its end, everything else at its time."""
    return event.end if isinstance(event, Bar) else event.time


class Feed:
    """The events of some files, checked, in the order of their delivery. It can be gone through more than once."""

    def __init__(self, tracks: Iterable[tuple[_Track, int]]) -> None:
        self._tracks: list[_Track] = []
        self._count = 0
        for track, count in tracks:
            self._tracks.append(track)
            self._count += count

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[OutsideInput]:
        if len(self._tracks) == 1:
            return self._tracks[0]()
        return _merge([track() for track in self._tracks])


def read_events(paths: Iterable[str | Path], hours: Hours, received: int | None = None) -> Feed:
    """Reads and checks files of events (JSON lines) and bars (CSV), told apart by what is in them.

    `received` is the time that a signal without one gets (microseconds since 1970 UTC), or that of the line before it
    where that is later; None: every line must have a time.

    Raises:
        FeedError: a file cannot be read, or a line of it is no event.
    """
    cutter = SpanCutter(hours)
    return Feed([_read_file(str(path), hours, cutter, received) for path in paths])


def read_stream(name: str, stream: BinaryIO, hours: Hours, received: int | None = None) -> Feed:
    """Reads and checks JSON lines to the end of a stream; see `read_events`. Mistakes are named `name:LINE`.

    Raises:
        FeedError: a line of it is no event.
        OSError: it cannot be read.
    """
    return Feed([_read_lines(name, stream, hours, SpanCutter(hours), received)])


def _read_file(path: str, hours: Hours, cutter: SpanCutter, received: int | None) -> tuple[_Track, int]:
    try:
        with Path(path).open("rb") as file:
            start = file.peek(4096).removeprefix(_BOM).lstrip()
            if Path(path).suffix in _JSON_ENDINGS or start.startswith((b"{", b"[")):
                return _read_lines(path, file, hours, cutter, received)
            text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="\n")
            columns = read_bar_csv(path, text)
    except OSError as error:
        raise FeedError(path, None, f"cannot be read: {error.strerror or error}") from None
    timeframe = columns.spacing(hours)
    return lambda: columns.bars(timeframe, cutter), len(columns)


def _read_lines(
    path: str, file: BinaryIO, hours: Hours, cutter: SpanCutter, received: int | None
) -> tuple[_Track, int]:
    reader = LineReader()
    read: list[OutsideInput | PlainBar] = []
    previous = 0
    for number, line in enumerate(file, 1):
        if line.isspace():
            continue
        try:
            now = None if received is None else max(received, previous)
            event = reader.read(line.removeprefix(_BOM) if number == 1 else line, now)
            if event.time < previous:
                check_order(event.time, previous, time_text(event.time))
        except LineError as error:
            raise FeedError(path, number, str(error)) from None
        previous = event.time
        read.append(event)
    events = _cut(read, hours, cutter)
    return lambda: iter(events), len(events)


def _cut(read: list[OutsideInput | PlainBar], hours: Hours, cutter: SpanCutter) -> list[OutsideInput]:
    """Cuts the bars to their sessions and holds them back to their ends."""
    open_ended = [bar for bar in read if isinstance(bar, PlainBar) and bar.timeframe is None]
    times = array("q", (bar.time for bar in open_ended))
    usual = usual_timeframe(gaps((bar.symbol, bar.time) for bar in open_ended), times, hours)
    events: list[OutsideInput] = [
        event.cut(event.timeframe or usual, cutter) if isinstance(event, PlainBar) else event for event in read
    ]
    events.sort(key=delivery_time)
    return events


def _merge(tracks: list[Iterator[OutsideInput]]) -> Iterator[OutsideInput]:
    """Merges by (delivery time, order of files), one file for as long as no other has something earlier."""
    heads: list[tuple[int, int, OutsideInput]] = []
    for order, track in enumerate(tracks):
        for event in track:
            heads.append((delivery_time(event), order, event))
            break
    heapq.heapify(heads)
    by_time_and_file = itemgetter(0, 1)
    while heads:
        _, order, event = heapq.heappop(heads)
        yield event
        limit = by_time_and_file(heads[0]) if heads else None
        for event in tracks[order]:
            now = delivery_time(event)
            if limit is not None and (now, order) > limit:
                heapq.heappush(heads, (now, order, event))
                break
            yield event
