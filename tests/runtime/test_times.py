"""Times and timeframes as text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulec.runtime.times import EARLIEST, LATEST, TimeReader, parse_time, parse_timeframe, time_text, timeframe_text


@given(st.integers(EARLIEST, LATEST - 1))
def test_a_time_that_is_written_reads_back_the_same(time: int) -> None:
    assert parse_time(time_text(time)) == time


@given(st.lists(st.integers(EARLIEST, LATEST - 1), min_size=1, max_size=5), st.integers(-1439, 1439))
def test_a_reader_remembers_without_changing_anything(times: list[int], offset: int) -> None:
    reader = TimeReader()
    sign, (hours, minutes) = "-" if offset < 0 else "+", divmod(abs(offset), 60)
    days = [time_text(time)[:10] for time in times]
    clocks = [time_text(time)[10:].rstrip("Z") + f"{sign}{hours:02d}:{minutes:02d}" for time in times]
    for text in [day + clock for day in days for clock in clocks] * 2:
        try:
            expected: int | None = parse_time(text)
        except ValueError:
            expected = None
        if expected is None:
            with pytest.raises(ValueError, match="outside the years 1970 to 2199"):
                reader.read(text)
        else:
            assert reader.read(text) == expected


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (1, "1970-01-01T00:00:00.000001Z"),
        (1_767_625_200_000_000, "2026-01-05T15:00:00Z"),
        (1_767_625_200_500_000, "2026-01-05T15:00:00.500000Z"),
    ],
)
def test_microseconds_are_written_only_where_there_are_any(time: int, text: str) -> None:
    assert time_text(time) == text


@pytest.mark.parametrize(
    ("text", "seconds", "shortest"),
    [
        ("30s", 30, "30s"),
        ("90s", 90, "90s"),
        ("60s", 60, "1m"),
        ("5m", 300, "5m"),
        ("1h", 3600, "1h"),
        ("24h", 86_400, "1d"),
        ("366d", 366 * 86_400, "366d"),
    ],
)
def test_a_timeframe_is_a_whole_number_of_a_unit(text: str, seconds: int, shortest: str) -> None:
    assert parse_timeframe(text) == seconds * 1_000_000
    assert timeframe_text(parse_timeframe(text)) == shortest


@pytest.mark.parametrize(
    "text", ["", "1", "m", "0m", "-1m", "1.5h", "1M", "1w", " 1m", "1m ", "١m", "367d", "9999999s"]
)
def test_anything_else_is_no_timeframe(text: str) -> None:
    with pytest.raises(ValueError, match="is no timeframe; write one like 30s, 5m, 1h or 1d"):
        parse_timeframe(text)
