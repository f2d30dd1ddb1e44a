"""Lines that arrive while the engine runs."""

from __future__ import annotations

import pytest

from rulec.runtime.event.inputs import Bar, Signal
from rulec.runtime.feed import LineError, LineReader, decode_line
from rulec.runtime.market.hours import NyseHours
from rulec.runtime.market.spans import SpanCutter
from rulec.runtime.times import MINUTE, parse_time

CUTTER = SpanCutter(NyseHours())
NOW = parse_time("2026-01-05T15:00:00Z")
BAR = '{"type":"bar","time":"2026-01-05T20:59:00Z","symbol":"SPY","open":1,"high":1,"low":1,"close":1,"volume":1%s}'


@pytest.mark.parametrize("line", ['{"symbol":"AAPL","signal":"BUY"}', b'{"symbol":"AAPL","signal":"BUY"}\n'])
def test_of_a_signal_symbol_and_kind_suffice_and_its_time_is_that_of_receipt(line: str | bytes) -> None:
    assert decode_line(line, NOW, LineReader(), CUTTER) == Signal(NOW, "AAPL", "BUY")


def test_a_signal_that_has_a_time_keeps_it() -> None:
    line = '{"type":"signal","time":"2026-01-05T14:59:00Z","symbol":"AAPL","signal":"BUY"}'
    assert decode_line(line, NOW, LineReader(), CUTTER).time == NOW - MINUTE


def test_a_bar_is_cut_to_its_session() -> None:
    bar = decode_line(BAR % ',"timeframe":"5m"', NOW, LineReader(), CUTTER)
    assert isinstance(bar, Bar)
    assert bar.end == parse_time("2026-01-05T21:00:00Z")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (BAR % "", '`timeframe` is missing; a live bar needs it, like "timeframe":"1m"'),
        ('{"type":"price","symbol":"AAPL","price":1}', "`time` is missing"),
        ("", "malformed JSON"),
        ('{"symbol":"\udcff","signal":"BUY"}', "not UTF-8"),
    ],
)
def test_a_line_that_is_no_event_says_why(line: str, message: str) -> None:
    with pytest.raises(LineError, match=message):
        decode_line(line, NOW, LineReader(), CUTTER)
