"""Lines that arrive while the engine runs: from a file that grows, from standard input."""

from __future__ import annotations

from ..event.inputs import OutsideInput
from ..market.spans import SpanCutter
from .bars import PlainBar
from .errors import LineError
from .lines import LineReader


def decode_line(line: bytes | str, received: int, reader: LineReader, cutter: SpanCutter) -> OutsideInput:
    """The event of one line that came at `received` (microseconds since 1970 UTC).

    Of a signal only `symbol` and `signal` are required; one without a time gets the time of its receipt. A bar must
    state its timeframe, as there is no file whose spacing could tell it. `reader` is kept by the source.

    Raises:
        LineError: the line is no event; the message says why.
    """
    event = reader.read(line.encode("utf-8", "surrogateescape") if isinstance(line, str) else line, received)
    if not isinstance(event, PlainBar):
        return event
    if event.timeframe is None:
        raise LineError('`timeframe` is missing; a live bar needs it, like "timeframe":"1m"')
    return event.cut(event.timeframe, cutter)
