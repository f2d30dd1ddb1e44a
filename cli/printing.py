"""Where the records of a run go: JSON lines for programs, plain lines for people."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..runtime.core.engine import Input
from ..runtime.core.output import record_line
from ..runtime.core.records import OrderRecord, OrderState, Record
from ..runtime.core.sequencer import Sink
from ..runtime.view.lines import date_text, record_text

Write = Callable[[str], object]


def json_sink(write: Write) -> Sink:
    """Writes each record as one JSON object a line."""

    def sink(event: Input, records: Sequence[Record]) -> None:
        for record in records:
            write(record_line(record) + "\n")

    return sink


def text_sink(write: Write) -> Sink:
    """Writes each record as a line for people, under a heading for each date.

    An order's fill says what its `filled` status would say again.
    """
    shown = ""

    def sink(event: Input, records: Sequence[Record]) -> None:
        nonlocal shown
        for record in records:
            if isinstance(record, OrderRecord) and record.status is OrderState.FILLED:
                continue
            date = date_text(record.time)
            if date != shown:
                shown = date
                write(f"{date}\n")
            write(record_text(record) + "\n")

    return sink
