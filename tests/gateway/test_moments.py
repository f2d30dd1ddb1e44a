"""Times in Interactive Brokers' forms."""

from __future__ import annotations

import pytest

from rulec.runtime.gateway.moments import parse_moment, utc_text, zoned_text
from rulec.runtime.times import parse_time

NEW_YORK = "America/New_York"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("20260105 15:30:00", "2026-01-05T20:30:00Z"),
        ("20260105  15:30:00", "2026-01-05T20:30:00Z"),
        ("20260105 15:30", "2026-01-05T20:30:00Z"),
        ("20260105 15:30:00 US/Eastern", "2026-01-05T20:30:00Z"),
        ("20260105 15:30:00 Europe/Berlin", "2026-01-05T14:30:00Z"),
        ("20260105-15:30:00", "2026-01-05T15:30:00Z"),
        ("20260705 15:30:00", "2026-07-05T19:30:00Z"),
        ("20260105", "2026-01-05T05:00:00Z"),
    ],
)
def test_a_time_is_read(text: str, meant: str) -> None:
    assert parse_moment(text, NEW_YORK) == parse_time(meant)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "20261305 10:00:00", "20260105 25:00:00", "20260105 10:00:00 Mars/Base", "2026-01-05", "9" * 50],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_moment(text, NEW_YORK)


def test_times_are_written() -> None:
    now = parse_time("2026-01-05T20:30:00.9Z")
    assert utc_text(now) == "20260105-20:30:00"
    assert zoned_text(now, "US/Eastern") == "20260105 15:30:00 US/Eastern"
