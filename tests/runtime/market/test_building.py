"""Bars of higher timeframes: their buckets, half days, missing minutes, and when each is complete."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulec.runtime.event.inputs import Bar
from rulec.runtime.market.building import BarBuilder
from rulec.runtime.market.hours import AlwaysOpen, Hours
from rulec.runtime.market.spans import SpanCutter
from rulec.runtime.times import DAY, HOUR, MINUTE, parse_time, parse_timeframe
from rulec.tests.support.market_bars import NYSE, at, naive_bars, real_bars, session_bars, walk

MONDAY, TUESDAY, HALF_DAY = "2026-01-05", "2026-01-06", "2026-11-27"


def built(bars: Sequence[Bar], timeframe: int, hours: Hours = NYSE) -> list[tuple[Bar, Bar]]:
    """Each built bar with the finer one that it was delivered with."""
    builder = BarBuilder(timeframe, hours)
    return [(made, bar) for bar in bars for made in builder.take(bar)]


def clocks(made: Sequence[tuple[Bar, Bar]], day: str) -> list[tuple[str, str, str]]:
    """Start, end and delivery, as New York's clocks show them in winter."""
    midnight = at(day, "00:00")

    def clock(time: int) -> str:
        minutes = (time - midnight) // MINUTE
        return f"{minutes // 60:02d}:{minutes % 60:02d}"

    return [(clock(bar.start), clock(bar.end), clock(with_bar.end)) for bar, with_bar in made]


@pytest.mark.parametrize(
    ("day", "finer", "timeframe", "first", "last", "count"),
    [
        (MONDAY, "1m", "5m", ("09:30", "09:35"), ("15:55", "16:00"), 78),
        (MONDAY, "1m", "1h", ("09:30", "10:30"), ("15:30", "16:00"), 7),
        (MONDAY, "5m", "1h", ("09:30", "10:30"), ("15:30", "16:00"), 7),
        (MONDAY, "1m", "4h", ("09:30", "13:30"), ("13:30", "16:00"), 2),
        (MONDAY, "1m", "7m", ("09:30", "09:37"), ("15:55", "16:00"), 56),
        (MONDAY, "1m", "8h", ("09:30", "16:00"), ("09:30", "16:00"), 1),
        (MONDAY, "1m", "1d", ("09:30", "16:00"), ("09:30", "16:00"), 1),
        (MONDAY, "1h", "1d", ("09:30", "16:00"), ("09:30", "16:00"), 1),
        (HALF_DAY, "1m", "5m", ("09:30", "09:35"), ("12:55", "13:00"), 42),
        (HALF_DAY, "1m", "1h", ("09:30", "10:30"), ("12:30", "13:00"), 4),
        (HALF_DAY, "1h", "1d", ("09:30", "13:00"), ("09:30", "13:00"), 1),
    ],
)
def test_buckets_begin_at_the_open_and_are_cut_at_the_close(
    day: str, finer: str, timeframe: str, first: tuple[str, str], last: tuple[str, str], count: int
) -> None:
    bars = session_bars(day, parse_timeframe(finer))
    made = built(bars, parse_timeframe(timeframe))
    spans = clocks(made, day)
    assert len(made) == count
    assert spans[0][:2] == first
    assert spans[-1][:2] == last
    assert all(end == delivered for _, end, delivered in spans)
    assert [bar for bar, _ in made] == naive_bars(bars, parse_timeframe(timeframe))


def test_a_built_bar_is_made_of_its_own_bars_alone() -> None:
    bars = session_bars(MONDAY)
    made = [bar for bar, _ in built(bars, 5 * MINUTE)]
    second = bars[5:10]
    assert made[1] == Bar(
        second[0].start,
        "SPY",
        second[0].open,
        max(bar.high for bar in second),
        min(bar.low for bar in second),
        second[-1].close,
        sum(bar.volume for bar in second),
        5 * MINUTE,
        second[0].start,
        second[-1].end,
    )


# Minutes that are missing on a Monday, and what becomes of the 5m bars around: start, end, delivered at.
MISSING = [
    ([], [("09:30", "09:35", "09:35"), ("09:35", "09:40", "09:40"), ("09:40", "09:45", "09:45")]),
    (["09:32"], [("09:30", "09:35", "09:35"), ("09:35", "09:40", "09:40"), ("09:40", "09:45", "09:45")]),
    (["09:34"], [("09:30", "09:35", "09:36"), ("09:35", "09:40", "09:40"), ("09:40", "09:45", "09:45")]),
    (["09:35"], [("09:30", "09:35", "09:35"), ("09:35", "09:40", "09:40"), ("09:40", "09:45", "09:45")]),
    (["09:34", "09:35"], [("09:30", "09:35", "09:37"), ("09:35", "09:40", "09:40"), ("09:40", "09:45", "09:45")]),
    (
        ["09:35", "09:36", "09:37", "09:38", "09:39"],  # nothing traded: no bar
        [("09:30", "09:35", "09:35"), ("09:40", "09:45", "09:45")],
    ),
    (
        ["09:34", "09:35", "09:36", "09:37", "09:38", "09:39"],
        [("09:30", "09:35", "09:41"), ("09:40", "09:45", "09:45")],
    ),
    # The feed came into the middle of the first bucket, or the first minute had no trade: nobody can tell which.
    (["09:30"], [("09:35", "09:40", "09:40"), ("09:40", "09:45", "09:45")]),
    (["09:30", "09:31", "09:32", "09:33", "09:34", "09:35"], [("09:40", "09:45", "09:45")]),
]


@pytest.mark.parametrize(("missing", "expected"), MISSING)
def test_with_minutes_missing_a_bar_is_complete_with_the_next_one_that_comes(
    missing: list[str], expected: list[tuple[str, str, str]]
) -> None:
    gone = {at(MONDAY, clock) for clock in missing}
    bars = [bar for bar in session_bars(MONDAY)[:15] if bar.start not in gone]
    assert clocks(built(bars, 5 * MINUTE), MONDAY) == expected


def test_the_last_minute_of_a_day_missing_its_bars_are_complete_with_the_next_days_first() -> None:
    bars = session_bars(MONDAY)[:-1] + session_bars(TUESDAY)
    for timeframe, start in ((5 * MINUTE, "15:55"), (HOUR, "15:30"), (DAY, "09:30")):
        made = [pair for pair in built(bars, timeframe) if pair[0].end == at(MONDAY, "16:00")]
        assert clocks(made, MONDAY) == [(start, "16:00", "33:31")]  # 09:31 on the day after


def test_a_bar_after_the_close_tells_that_the_session_is_over_and_enters_nothing() -> None:
    bars = session_bars(MONDAY)[:-1]
    late = Bar(
        at(MONDAY, "16:00"), "SPY", 1.0, 999.0, 0.5, 1.0, 1e9, MINUTE, at(MONDAY, "16:00"), at(MONDAY, "16:01"), False
    )
    made = built([*bars, late], DAY)
    assert clocks(made, MONDAY) == [("09:30", "16:00", "16:01")]
    assert made[0][0].high == max(bar.high for bar in bars)
    assert made[0][0].volume == sum(bar.volume for bar in bars)


def test_before_the_open_a_bar_tells_that_the_feed_was_there_from_the_beginning() -> None:
    early = Bar(
        at(MONDAY, "09:20"), "SPY", 1.0, 1.0, 1.0, 1.0, 1.0, MINUTE, at(MONDAY, "09:20"), at(MONDAY, "09:21"), False
    )
    made = built([early, *session_bars(MONDAY)[1:10]], 5 * MINUTE)
    assert clocks(made, MONDAY) == [("09:30", "09:35", "09:35"), ("09:35", "09:40", "09:40")]


def test_one_bar_can_complete_two() -> None:
    half_hours = session_bars(MONDAY, 30 * MINUTE)
    bars = [bar for bar in half_hours if bar.start != at(MONDAY, "15:00")]
    assert clocks(built(bars, HOUR), MONDAY)[-2:] == [("14:30", "15:30", "16:00"), ("15:30", "16:00", "16:00")]


def test_a_finer_bar_on_another_grid_belongs_to_the_bucket_in_which_it_begins() -> None:
    cutter = SpanCutter(NYSE)
    stamps = [at(MONDAY, "09:00") + number * HOUR for number in range(7)]  # an hourly feed on the clock's grid
    bars = [
        Bar(stamp, "SPY", b.open, b.high, b.low, b.close, b.volume, HOUR, *cutter.cut(stamp, HOUR))
        for stamp, b in zip(stamps, walk(7), strict=True)
    ]
    made = built(bars, 2 * HOUR)
    assert clocks(made, MONDAY) == [
        ("09:30", "12:00", "12:00"),
        ("12:00", "14:00", "14:00"),
        ("14:00", "16:00", "16:00"),
    ]
    assert sum(bar.volume for bar, _ in made) == sum(bar.volume for bar in bars)


def test_what_comes_again_or_too_late_is_no_part_of_a_complete_bar() -> None:
    bars = session_bars(MONDAY)[:10]
    assert built([*bars[:5], bars[2], *bars[5:]], 5 * MINUTE) == built(bars, 5 * MINUTE)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-08", 23), ("2026-06-10", 24), ("2026-11-01", 25)])
def test_round_the_clock_a_daily_bar_is_a_day_of_the_exchange_however_long(day: str, hours: int) -> None:
    always = AlwaysOpen()
    session = always.session(parse_time(f"{day}T12:00:00Z"))
    assert session is not None
    bars = [
        Bar(start, "BTC", b.open, b.high, b.low, b.close, b.volume, HOUR, start, start + HOUR)
        for start, b in zip(range(session.open, session.close, HOUR), walk(hours), strict=True)
    ]
    assert [(bar.start, bar.end) for bar, _ in built(bars, DAY, always)] == [(session.open, session.close)]


@pytest.mark.parametrize(
    ("name", "timeframe"),
    [("SPY_1m.csv", "5m"), ("SPY_1m.csv", "1h"), ("SPY_1m.csv", "1d"), ("SPY_1h.csv.gz", "1d")],
)
def test_real_bars_are_built_as_grouping_them_all_at_once_builds_them(name: str, timeframe: str) -> None:
    bars = real_bars(name)[:10_000]
    made = [bar for bar, _ in built(bars, parse_timeframe(timeframe))]
    assert made == naive_bars(bars, parse_timeframe(timeframe))
    assert len(made) > 5


@given(
    st.sets(st.integers(0, 779), max_size=400),
    st.sampled_from(["2m", "5m", "7m", "15m", "1h", "2h", "1d"]),
    st.sampled_from([(MONDAY, TUESDAY), (HALF_DAY, "2026-11-30")]),
)
def test_whatever_is_missing_the_bars_are_those_of_grouping_and_never_early(
    missing: set[int], timeframe: str, days: tuple[str, str]
) -> None:
    whole = [bar for day in days for bar in session_bars(day)]
    bars = [bar for number, bar in enumerate(whole) if number == 0 or number not in missing]
    made = built(bars, parse_timeframe(timeframe))
    assert [bar for bar, _ in made] == naive_bars(bars, parse_timeframe(timeframe))
    assert all(bar.end <= delivered.end for bar, delivered in made)
    assert all(earlier.end <= later.start for (earlier, _), (later, _) in pairwise(made))
