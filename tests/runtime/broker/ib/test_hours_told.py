"""Hours as contract details tell them, the calendar made of them, and the windows of the nightly resets."""

from __future__ import annotations

from datetime import date

import pytest

from rulec.runtime.broker.ib.hours import ContractHours, parse_hours, zone_of
from rulec.runtime.broker.ib.windows import NIGHTLY_RESETS, Window, is_within, parse_window
from rulec.runtime.market.hours import NEW_YORK, NyseHours
from rulec.runtime.times import parse_time

MONDAY, SATURDAY = date(2026, 1, 5), date(2026, 1, 10)


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("20260105:0930-20260105:1600;20260110:CLOSED", {MONDAY: (34_200, 57_600), SATURDAY: None}),
        ("20260105:0930-1600;20260110:CLOSED", {MONDAY: (34_200, 57_600), SATURDAY: None}),
        ("20260105:0930-1200,20260105:1300-1600", {MONDAY: (34_200, 57_600)}),
        ("20260105:0000-20260106:0000", {MONDAY: (0, 86_400)}),
        ("20260105:0000-2400", {MONDAY: (0, 86_400)}),
        ("20260105:1600-0930", {}),
        ("20261399:0930-1600;nonsense;;20260105:0930-1600", {MONDAY: (34_200, 57_600)}),
        ("", {}),
    ],
)
def test_hours_are_read_and_what_is_not_understood_left_out(
    text: str, spans: dict[date, tuple[int, int] | None]
) -> None:
    assert parse_hours(text) == spans


def test_a_contract_is_open_as_it_was_told_and_as_its_exchange_on_other_dates() -> None:
    hours = ContractHours(NEW_YORK, parse_hours("20260105:1000-1200;20260106:CLOSED"), NyseHours())
    assert not hours.is_open(parse_time("2026-01-05T14:59:59Z"))
    assert hours.is_open(parse_time("2026-01-05T15:00:00Z"))
    assert hours.session_close(parse_time("2026-01-05T15:00:00Z")) == parse_time("2026-01-05T17:00:00Z")
    assert hours.next_open(parse_time("2026-01-05T17:00:00Z")) == parse_time("2026-01-07T14:30:00Z")
    assert not hours.is_trading_day(date(2026, 12, 25))


def test_a_contract_that_was_told_as_open_round_the_clock_is_so_on_every_date() -> None:
    hours = ContractHours(NEW_YORK, parse_hours("20260105:0000-20260106:0000"), NyseHours())
    assert hours.is_open(parse_time("2026-03-01T03:00:00Z"))


def test_newer_hours_take_the_place_of_older_ones() -> None:
    older = ContractHours(NEW_YORK, parse_hours("20260105:0930-1600;20260106:CLOSED"), NyseHours())
    newer = older.tell(parse_hours("20260105:0930-1300"))
    assert newer.session_close(parse_time("2026-01-05T15:00:00Z")) == parse_time("2026-01-05T18:00:00Z")
    assert not newer.is_trading_day(date(2026, 1, 6))


@pytest.mark.parametrize("name", ["EST5EDT", "US/Eastern", "Nowhere/Land", "", "../etc"])
def test_a_zone_of_the_brokers_naming_is_new_yorks(name: str) -> None:
    assert zone_of(name) == NEW_YORK


def test_a_zone_of_the_worlds_naming_is_kept() -> None:
    assert zone_of("Europe/Berlin") == "Europe/Berlin"


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("23:45-00:45", Window(85_500, 2_700)),
        ("Fri 23:00-03:00", Window(82_800, 10_800, 4)),
        ("Mon 09:00-09:05", Window(32_400, 32_700, 0)),
    ],
)
def test_a_window_is_read_and_printed(text: str, window: Window) -> None:
    assert parse_window(text) == window
    assert str(window) == text


@pytest.mark.parametrize("text", ["24:00-25:00", "9:00-9:30", "midnight", "09:00-09:00", "Fr 09:00-10:00"])
def test_a_window_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no window|ends as it begins"):
        parse_window(text)


@pytest.mark.parametrize(
    ("time", "quiet"),
    [
        ("2026-01-06T04:44:00Z", False),  # Monday 23:44 in New York
        ("2026-01-06T04:45:00Z", True),
        ("2026-01-06T05:44:00Z", True),
        ("2026-01-06T05:45:00Z", False),
        ("2026-01-06T04:00:00Z", False),
        ("2026-01-10T04:00:00Z", True),  # Friday 23:00
        ("2026-01-10T07:59:00Z", True),  # Saturday 02:59
        ("2026-01-10T08:00:00Z", False),
        ("2026-01-11T07:59:00Z", False),  # Sunday 02:59
    ],
)
def test_the_nightly_resets_lie_in_their_windows(time: str, quiet: bool) -> None:
    assert is_within(NIGHTLY_RESETS, NyseHours(), parse_time(time)) is quiet
