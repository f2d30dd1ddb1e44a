"""One line of JSON -> one event.

    {"type":"signal","time":"2026-01-05T15:00:00Z","symbol":"AAPL","signal":"BUY","confidence":0.91}

msgspec reads the line straight into a record of its type and refuses unknown keys and wrong types (shapes.py says
which); what is left to check is what a value may be.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ..event.inputs import NO_FIELDS, BrokerLink, Fault, FieldValue, LinkEvent, OutsideInput, Price, Quote, Signal
from ..times import TimeReader, parse_timeframe
from .bars import PlainBar
from .checks import check_bar, check_confidence, check_kind, check_price, check_symbol, check_volume, shown
from .errors import LineError
from .shapes import BarLine, BrokerLine, FaultLine, Line, PriceLine, QuoteLine, SignalLine
from .wording import keys_of, listed, malformed, typeless_signal

FAULTS = ("reject_next", "partial_next", "late_fill")


class LineReader:
    """Reads lines of JSON. One reader a source: it remembers the dates that it has read."""

    def __init__(self) -> None:
        self._decoder = msgspec.json.Decoder(Line)
        self._times = TimeReader()

    def read(self, line: bytes, received: int | None = None) -> OutsideInput | PlainBar:
        """The event of one line.

        A signal without a time gets that of its receipt (microseconds since 1970 UTC), where one is given. A bar is
        not yet cut to its session; that takes the trading hours and, where it has none, the file's timeframe.

        Raises:
            LineError: the line is no event; the message says why.
        """
        try:
            decoded = self._decoder.decode(line)
        except msgspec.ValidationError as error:
            decoded = typeless_signal(keys_of(line, error), error)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise LineError(malformed(error)) from None
        return self._event(decoded, received)

    def _time(self, text: str) -> int:
        try:
            return self._times.read(text)
        except ValueError as error:
            raise LineError(f"`time`: {error}") from None

    def _event(self, line: Line, received: int | None) -> OutsideInput | PlainBar:
        match line:
            case SignalLine():
                return self._signal(line, received)
            case PriceLine():
                size = None if line.size is None else check_volume("size", line.size)
                return Price(self._time(line.time), check_symbol(line.symbol), check_price("price", line.price), size)
            case QuoteLine():
                bid, ask = check_price("bid", line.bid), check_price("ask", line.ask)
                return Quote(self._time(line.time), check_symbol(line.symbol), bid, ask)
            case BarLine():
                return self._bar(line)
            case BrokerLine():
                return BrokerLink(self._time(line.time), _link_event(line.event))
            case FaultLine():
                return self._fault(line)

    def _signal(self, line: SignalLine, received: int | None) -> Signal:
        if line.time is not None:
            time = self._time(line.time)
        elif received is not None:
            time = received
        else:
            raise LineError("`time` is missing; a recorded signal needs it, like 2026-01-05T15:00:00Z")
        return Signal(
            time,
            check_symbol(line.symbol),
            check_kind(line.signal),
            None if line.confidence is None else check_confidence(line.confidence),
            None if line.price is None else check_price("price", line.price),
            line.source,
            line.id,
            _known(line.fields) if line.fields else NO_FIELDS,
        )

    def _bar(self, line: BarLine) -> PlainBar:
        check_bar(line.open, line.high, line.low, line.close, line.volume)
        try:
            timeframe = None if line.timeframe is None else parse_timeframe(line.timeframe)
        except ValueError as error:
            raise LineError(f"`timeframe`: {error}") from None
        return PlainBar(
            self._time(line.time),
            check_symbol(line.symbol),
            line.open,
            line.high,
            line.low,
            line.close,
            line.volume,
            timeframe,
        )

    def _fault(self, line: FaultLine) -> Fault:
        if line.event not in FAULTS:
            raise LineError(f"`event`: {shown(line.event)} is no fault; there is {listed(line.event, FAULTS)}")
        if line.quantity is not None and line.quantity <= 0:
            raise LineError(f"`quantity`: a number of shares above 0 is wanted, not {line.quantity}")
        if line.event == "partial_next" and line.quantity is None:
            raise LineError("`quantity` is missing; partial_next needs the number of shares to fill")
        return Fault(self._time(line.time), line.event, line.reason, line.order, line.quantity)


def _link_event(text: str) -> LinkEvent:
    for event in LinkEvent:
        if event.value == text:
            return event
    raise LineError(f"`event`: {shown(text)} happens to no broker; there is connected, disconnected")


def _known(fields: Mapping[str, float | bool | str | None]) -> Mapping[str, FieldValue]:
    """A field that is null is not known, as if it were not there."""
    return {name: value for name, value in fields.items() if value is not None}
