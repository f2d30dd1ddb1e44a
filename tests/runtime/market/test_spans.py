"""Bars are cut to their sessions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulec.runtime.market.hours import AlwaysOpen, NyseHours
from rulec.runtime.market.spans import SpanCutter
from rulec.runtime.times import DAY, MINUTE, parse_time, parse_timeframe, time_text

NYSE = NyseHours()


@pytest.mark.parametrize(
    ("stamp", "timeframe", "start", "end", "regular"),
    [
        ("2026-01-05T10:00:00-05:00", "1h", "2026-01-05T15:00:00Z", "2026-01-05T16:00:00Z", True),
        ("2026-01-05T09:00:00-05:00", "1h", "2026-01-05T14:30:00Z", "2026-01-05T15:00:00Z", True),
        ("2026-01-05T15:30:00-05:00", "1h", "2026-01-05T20:30:00Z", "2026-01-05T21:00:00Z", True),
        ("2026-01-05T15:59:00-05:00", "1m", "2026-01-05T20:59:00Z", "2026-01-05T21:00:00Z", True),
        ("2026-01-05T09:30:00-05:00", "1m", "2026-01-05T14:30:00Z", "2026-01-05T14:31:00Z", True),
        # a half day
        ("2026-11-27T12:30:00-05:00", "1h", "2026-11-27T17:30:00Z", "2026-11-27T18:00:00Z", True),
        ("2026-11-27T13:00:00-05:00", "1h", "2026-11-27T18:00:00Z", "2026-11-27T19:00:00Z", False),
        # daily bars, stamped at the exchange's midnight or at that of UTC
        ("2026-01-05T05:00:00Z", "1d", "2026-01-05T14:30:00Z", "2026-01-05T21:00:00Z", True),
        ("2026-07-06T04:00:00Z", "1d", "2026-07-06T13:30:00Z", "2026-07-06T20:00:00Z", True),
        ("2026-01-05T00:00:00Z", "1d", "2026-01-05T14:30:00Z", "2026-01-05T21:00:00Z", True),
        ("2026-11-27T05:00:00Z", "1d", "2026-11-27T14:30:00Z", "2026-11-27T18:00:00Z", True),
        ("2026-01-10T05:00:00Z", "1d", "2026-01-10T05:00:00Z", "2026-01-11T05:00:00Z", False),  # a Saturday
        # wholly outside the session
        ("2026-01-05T08:00:00-05:00", "1h", "2026-01-05T13:00:00Z", "2026-01-05T14:00:00Z", False),
        ("2026-01-05T08:30:00-05:00", "1h", "2026-01-05T13:30:00Z", "2026-01-05T14:30:00Z", False),
        ("2026-01-05T16:00:00-05:00", "1m", "2026-01-05T21:00:00Z", "2026-01-05T21:01:00Z", False),
        # a week reaches from its first open to its last close
        ("2026-01-05T05:00:00Z", "7d", "2026-01-05T14:30:00Z", "2026-01-09T21:00:00Z", True),
    ],
)
def test_a_bar_spans_its_part_of_the_session(stamp: str, timeframe: str, start: str, end: str, regular: bool) -> None:
    found = SpanCutter(NYSE).cut(parse_time(stamp), parse_timeframe(timeframe))
    assert (time_text(found[0]), time_text(found[1]), found[2]) == (start, end, regular)


def test_round_the_clock_nothing_is_cut() -> None:
    cutter = SpanCutter(AlwaysOpen())
    for stamp in ("2026-01-05T00:00:00Z", "2026-01-10T23:59:00Z", "2026-03-08T05:00:00Z"):
        for timeframe in (MINUTE, 90 * MINUTE, DAY):
            time = parse_time(stamp)
            assert cutter.cut(time, timeframe) == (time, time + timeframe, True)


@given(
    st.lists(
        st.integers(parse_time("2026-01-01T00:00:00Z") // MINUTE, parse_time("2026-12-31T00:00:00Z") // MINUTE),
        min_size=2,
        max_size=20,
    ),
    st.sampled_from(["1m", "5m", "1h", "4h", "1d", "3d"]),
)
def test_of_two_bars_the_later_one_never_ends_earlier(minutes: list[int], timeframe: str) -> None:
    cutter = SpanCutter(NYSE)
    length = parse_timeframe(timeframe)
    spans = [cutter.cut(minute * MINUTE, length) for minute in sorted(minutes)]
    assert [end for _, end, _ in spans] == sorted(end for _, end, _ in spans)
    for minute, (start, end, regular) in zip(sorted(minutes), spans, strict=True):
        assert minute * MINUTE <= start < end <= minute * MINUTE + length
        assert (start, end, regular) == SpanCutter(NYSE).cut(minute * MINUTE, length)
        if regular:
            assert NYSE.is_open(start)
            assert NYSE.is_open(end - 1)
