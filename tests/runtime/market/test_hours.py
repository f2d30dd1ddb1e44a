"""Trading hours: against an independent calendar, and at the edges of days and sessions."""

from __future__ import annotations

import time
import warnings
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulec.runtime.market.hours import AlwaysOpen, CalendarHours, NyseHours, Session
from rulec.runtime.times import DAY, EPOCH, HOUR, MINUTE, SECOND, parse_time, time_text

NYSE = NyseHours()
ALWAYS = AlwaysOpen()
MOMENTS = st.integers(parse_time("1998-01-01T00:00:00Z"), parse_time("2026-12-31T00:00:00Z"))


def test_sessions_from_1998_to_2026_are_those_of_an_independent_calendar() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from exchange_calendars import get_calendar

        schedule = get_calendar("XNYS", start="1998-01-01", end="2026-12-31").schedule
    expected = {
        row.Index.date(): Session(row.open.value // 1000, row.close.value // 1000) for row in schedule.itertuples()
    }
    found = {}
    day = date(1998, 1, 1)
    while day <= date(2026, 12, 31):
        noon = (datetime(day.year, day.month, day.day, 16, tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)
        session = NYSE.session(noon)
        assert NYSE.is_trading_day(day) == (session is not None)
        if session is not None:
            found[day] = session
        day += timedelta(days=1)
    assert found == expected
    assert sum(session.close - session.open < 6 * HOUR for session in found.values()) > 50  # half days


@pytest.mark.parametrize(
    ("now", "is_open", "session_close", "next_open"),
    [
        ("2026-01-05T14:29:59.999999Z", False, "2026-01-05T21:00:00Z", "2026-01-05T14:30:00Z"),
        ("2026-01-05T14:30:00Z", True, "2026-01-05T21:00:00Z", "2026-01-06T14:30:00Z"),
        ("2026-01-05T20:59:59.999999Z", True, "2026-01-05T21:00:00Z", "2026-01-06T14:30:00Z"),
        ("2026-01-05T21:00:00Z", False, "2026-01-06T21:00:00Z", "2026-01-06T14:30:00Z"),
        ("2026-01-02T22:00:00Z", False, "2026-01-05T21:00:00Z", "2026-01-05T14:30:00Z"),  # over a weekend
        ("2026-11-27T15:00:00Z", True, "2026-11-27T18:00:00Z", "2026-11-30T14:30:00Z"),  # a half day
        ("2026-11-27T18:00:00Z", False, "2026-11-30T21:00:00Z", "2026-11-30T14:30:00Z"),
        ("2001-09-10T20:00:00Z", False, "2001-09-17T20:00:00Z", "2001-09-17T13:30:00Z"),  # closed for days
        ("2026-03-06T21:00:00Z", False, "2026-03-09T20:00:00Z", "2026-03-09T13:30:00Z"),  # summer time begins
        ("2026-10-30T20:00:00Z", False, "2026-11-02T21:00:00Z", "2026-11-02T14:30:00Z"),  # and ends
        ("2026-12-31T21:00:00Z", False, "2027-01-04T21:00:00Z", "2027-01-04T14:30:00Z"),
    ],
)
def test_a_session_includes_its_open_and_excludes_its_close(
    now: str, is_open: bool, session_close: str, next_open: str
) -> None:
    moment = parse_time(now)
    assert NYSE.is_open(moment) == is_open
    assert (NYSE.session(moment) is not None) == is_open
    assert time_text(NYSE.session_close(moment)) == session_close
    assert time_text(NYSE.next_open(moment)) == next_open


@pytest.mark.parametrize(
    ("now", "day", "time_of_day"),
    [
        ("2026-01-06T04:59:59Z", "2026-01-05", (23, 59, 59)),
        ("2026-01-06T05:00:00Z", "2026-01-06", (0, 0, 0)),
        ("2026-07-06T03:59:59Z", "2026-07-05", (23, 59, 59)),
        ("2026-07-06T04:00:00Z", "2026-07-06", (0, 0, 0)),
        ("2026-03-08T06:59:59Z", "2026-03-08", (1, 59, 59)),  # 02:00 does not exist on this day
        ("2026-03-08T07:00:00Z", "2026-03-08", (3, 0, 0)),
        ("2026-11-01T05:30:00Z", "2026-11-01", (1, 30, 0)),  # 01:30 comes twice
        ("2026-11-01T06:30:00Z", "2026-11-01", (1, 30, 0)),
        ("2026-11-02T04:59:59Z", "2026-11-01", (23, 59, 59)),
    ],
)
def test_day_and_time_are_those_that_new_york_shows(now: str, day: str, time_of_day: tuple[int, int, int]) -> None:
    hour, minute, second = time_of_day
    for hours in (NYSE, ALWAYS):
        assert hours.day(parse_time(now)).isoformat() == day
        midnight = hours.day_end(parse_time(now))
        assert (hours.day(midnight - 1).isoformat(), hours.seconds_of_day(midnight)) == (day, 0)
        assert hours.seconds_of_day(parse_time(now)) == hour * 3600 + minute * 60 + second


@given(MOMENTS)
def test_the_answers_about_one_moment_agree(now: int) -> None:
    for hours in (NYSE, ALWAYS):
        session = hours.session(now)
        following = hours.session(hours.next_open(now))
        assert hours.is_open(now) == (session is not None)
        assert following is not None
        assert following.open == hours.next_open(now) > now
        if session is None:
            assert hours.session_close(now) == following.close
        else:
            assert session.open <= now < session.close == hours.session_close(now) <= following.open
            assert hours.is_trading_day(hours.day(now))


@given(st.lists(MOMENTS, min_size=2, max_size=6))
def test_what_was_asked_before_changes_no_answer(moments: list[int]) -> None:
    asked = NyseHours()
    for now in moments:
        fresh = NyseHours()
        assert asked.session(now) == fresh.session(now)
        assert asked.day(now) == fresh.day(now)
        assert asked.next_open(now) == fresh.next_open(now)


def test_round_the_clock_a_session_is_a_day_of_the_exchange() -> None:
    saturday = parse_time("2026-01-10T12:00:00-05:00")
    assert ALWAYS.session(saturday) == Session(
        parse_time("2026-01-10T00:00:00-05:00"), parse_time("2026-01-11T00:00:00-05:00")
    )
    assert time_text(ALWAYS.session_close(saturday)) == "2026-01-11T05:00:00Z"
    assert time_text(ALWAYS.next_open(saturday)) == "2026-01-11T05:00:00Z"
    assert ALWAYS.is_trading_day(date(2026, 1, 10))


def test_a_day_on_which_clocks_change_is_one_session_of_23_or_25_hours() -> None:
    lengths = [
        session.close - session.open
        for text in ("2026-03-08T12:00:00Z", "2026-11-01T12:00:00Z")
        if (session := ALWAYS.session(parse_time(text))) is not None
    ]
    assert lengths == [23 * HOUR, 25 * HOUR]


def test_an_exchange_east_of_utc_has_its_own_days() -> None:
    tokyo = CalendarHours("Asia/Tokyo", lambda day: (9 * 3600, 15 * 3600 + 1800) if day.weekday() < 5 else None)
    opening = parse_time("2026-01-05T09:00:00+09:00")
    assert tokyo.day(opening - 9 * HOUR) == date(2026, 1, 5)
    assert tokyo.day(opening - 9 * HOUR - SECOND) == date(2026, 1, 4)
    assert tokyo.session(opening) == Session(opening, opening + 6 * HOUR + 30 * MINUTE)
    assert tokyo.next_open(opening) == opening + DAY


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "Pacific/Apia", "America/Los_Angeles"])
def test_the_time_zone_of_the_machine_plays_no_part(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = [parse_time("2026-01-05T03:00:00Z") + step * 7 * HOUR for step in range(400)]

    def answers() -> list[tuple[object, ...]]:
        hours = NyseHours()
        return [(hours.session(now), hours.day(now), hours.seconds_of_day(now)) for now in moments]

    here = answers()
    with monkeypatch.context() as changed:
        changed.setenv("TZ", zone)
        time.tzset()
        there = answers()
    time.tzset()
    assert there == here
