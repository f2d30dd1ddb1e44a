"""Cooldowns, `at most` and `during`."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from rulec.dsl.plan import AtMost, Cooldown, During, Period, Rule, SignalTrigger
from rulec.runtime.rule.counters import Counters, is_during
from rulec.runtime.rule.prepared import Prepared, prepare

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
# Monday, 2026-01-05, 10:00 exchange time.
MONDAY = int(dt.datetime(2026, 1, 5, 15, 0, tzinfo=dt.UTC).timestamp()) * SECOND


class Winter:
    """New York in winter, open on weekdays."""

    def _local(self, now: int) -> dt.datetime:
        return dt.datetime.fromtimestamp(now // SECOND, dt.UTC) - dt.timedelta(hours=5)

    def day(self, now: int) -> dt.date:
        return self._local(now).date()

    def seconds_of_day(self, now: int) -> int:
        local = self._local(now)
        return local.hour * 3600 + local.minute * 60 + local.second

    def is_trading_day(self, day: dt.date) -> bool:
        return day.weekday() < 5


def rule(name: str = "f.one", **options: Any) -> Prepared:
    return prepare([Rule(SignalTrigger(()), None, (), name=name, **options)])[0]


def test_a_cooldown_rests_one_symbol_for_its_time() -> None:
    counters, resting = Counters(Winter()), rule(cooldown=Cooldown(180.0))
    assert counters.check(resting, "AAPL", MONDAY) is None
    counters.count(resting, "AAPL", MONDAY)
    assert counters.check(resting, "AAPL", MONDAY + 180 * SECOND - 1) == "cooldown"
    assert counters.check(resting, "AAPL", MONDAY + 180 * SECOND) is None
    assert counters.check(resting, "MSFT", MONDAY) is None
    assert counters.check(rule("f.two", cooldown=Cooldown(180.0)), "AAPL", MONDAY) is None


def test_a_shared_cooldown_rests_all_rules_that_share_its_name() -> None:
    counters = Counters(Winter())
    shared = [rule(f"f.{name}", cooldown=Cooldown(60.0, "calm")) for name in ("one", "two")]
    alone = rule("calm", cooldown=Cooldown(60.0))
    counters.count(shared[0], "AAPL", MONDAY)
    assert [counters.check(each, "AAPL", MONDAY + SECOND) for each in (*shared, alone)] == [
        "cooldown",
        "cooldown",
        None,
    ]
    assert counters.check(shared[1], "MSFT", MONDAY + SECOND) is None


@pytest.mark.parametrize(
    ("period", "within", "after"),
    [
        (Period.MINUTE, 60 * SECOND - 1, 60 * SECOND),
        (Period.HOUR, HOUR - 1, HOUR),
        (Period.DAY, 14 * HOUR - 1, 14 * HOUR),
    ],
    ids=["minute", "hour", "day"],
)
def test_at_most_counts_within_its_period(period: Period, within: int, after: int) -> None:
    counters, limited = Counters(Winter()), rule(at_most=(AtMost(2, period),))
    counters.count(limited, "AAPL", MONDAY)
    assert counters.check(limited, "AAPL", MONDAY) is None
    counters.count(limited, "MSFT", MONDAY)
    assert counters.check(limited, "AAPL", MONDAY + within) == "at most"
    assert counters.check(limited, "AAPL", MONDAY + after) is None


def test_at_most_each_counts_by_symbol() -> None:
    counters, limited = Counters(Winter()), rule(at_most=(AtMost(1, Period.DAY, each_symbol=True),))
    counters.count(limited, "AAPL", MONDAY)
    assert counters.check(limited, "AAPL", MONDAY + HOUR) == "at most"
    assert counters.check(limited, "MSFT", MONDAY + HOUR) is None


def test_several_limits_all_hold() -> None:
    counters, limited = Counters(Winter()), rule(at_most=(AtMost(1, Period.MINUTE), AtMost(3, Period.DAY)))
    for number in range(3):
        assert counters.check(limited, "AAPL", MONDAY + number * HOUR) is None
        counters.count(limited, "AAPL", MONDAY + number * HOUR)
        assert counters.check(limited, "AAPL", MONDAY + number * HOUR + SECOND) == "at most"
    assert counters.check(limited, "AAPL", MONDAY + 5 * HOUR) == "at most"
    assert counters.check(limited, "AAPL", MONDAY + DAY) is None


def test_counters_follow_the_rule_through_an_edit() -> None:
    counters = Counters(Winter())
    for _ in range(3):
        counters.count(rule(), "AAPL", MONDAY)
    assert counters.check(rule(at_most=(AtMost(3, Period.DAY),)), "AAPL", MONDAY + HOUR) == "at most"
    assert counters.check(rule(cooldown=Cooldown(7200.0)), "AAPL", MONDAY + HOUR) == "cooldown"
    assert counters.check(rule("f.renamed", at_most=(AtMost(3, Period.DAY),)), "AAPL", MONDAY + HOUR) is None


def test_a_reset_forgets_one_symbols_cooldowns_and_no_counts() -> None:
    counters, resting = Counters(Winter()), rule(cooldown=Cooldown(60.0, "calm"), at_most=(AtMost(2, Period.DAY),))
    for symbol in ("AAPL", "MSFT"):
        counters.count(resting, symbol, MONDAY)
    counters.reset("AAPL", "other")
    assert counters.check(resting, "AAPL", MONDAY) == "cooldown"
    counters.reset("AAPL", "calm")
    assert [counters.check(resting, symbol, MONDAY) for symbol in ("AAPL", "MSFT")] == ["at most", "cooldown"]
    counters.reset("MSFT")
    assert counters.check(resting, "MSFT", MONDAY) == "at most"


def test_a_rule_that_acts_on_no_symbol_is_counted_too() -> None:
    counters, resting = Counters(Winter()), rule(cooldown=Cooldown(60.0))
    counters.count(resting, None, MONDAY)
    assert counters.check(resting, None, MONDAY) == "cooldown"
    assert counters.check(resting, "AAPL", MONDAY) is None


def test_counters_written_down_and_restored_say_the_same() -> None:
    before = Counters(Winter())
    limited = rule(cooldown=Cooldown(60.0, "calm"), at_most=(AtMost(3, Period.DAY),))
    for number in range(3):
        before.count(limited, "AAPL", MONDAY + number * HOUR)
    after = Counters(Winter())
    after.restore(json.loads(json.dumps(before.state())))
    assert after.state() == before.state()
    for moment in range(0, 30 * HOUR, HOUR // 2):
        assert after.check(limited, "AAPL", MONDAY + moment) == before.check(limited, "AAPL", MONDAY + moment)


def test_old_acts_are_forgotten() -> None:
    counters = Counters(Winter())
    for number in range(1_000):
        counters.count(rule(), "AAPL", MONDAY + number * HOUR)
    assert len(counters.state()["acts"]["f.one"]) <= 25


@pytest.mark.parametrize(
    ("start", "end", "moment", "inside"),
    [
        ("09:35", "15:45", "2026-01-05 09:35:00", True),
        ("09:35", "15:45", "2026-01-05 09:34:59", False),
        ("09:35", "15:45", "2026-01-05 15:44:59", True),
        ("09:35", "15:45", "2026-01-05 15:45:00", False),
        ("09:35", "15:45", "2026-01-04 12:00:00", False),
        ("22:00", "02:00", "2026-01-05 23:00:00", True),
        ("22:00", "02:00", "2026-01-05 01:00:00", False),
        ("22:00", "02:00", "2026-01-06 01:59:59", True),
        ("22:00", "02:00", "2026-01-06 02:00:00", False),
        ("22:00", "02:00", "2026-01-09 22:00:00", True),
        ("22:00", "02:00", "2026-01-10 01:00:00", True),
        ("22:00", "02:00", "2026-01-10 22:00:00", False),
        ("10:00", "10:00", "2026-01-05 10:00:00", False),
    ],
)
def test_a_window_is_exchange_time_on_trading_days(start: str, end: str, moment: str, inside: bool) -> None:
    def seconds(text: str) -> int:
        hour, minute = text.split(":")
        return int(hour) * 3600 + int(minute) * 60

    now = dt.datetime.fromisoformat(moment).replace(tzinfo=dt.UTC) + dt.timedelta(hours=5)
    during = During(seconds(start), seconds(end))
    assert is_during(during, int(now.timestamp()) * SECOND, Winter()) is inside


def test_a_rule_without_options_may_always_act() -> None:
    counters = Counters(Winter())
    counters.count(rule(), "AAPL", MONDAY)
    assert counters.check(rule(), "AAPL", MONDAY) is None
