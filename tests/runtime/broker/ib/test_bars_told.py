"""Bars: the past once, each later one when it is over, requests at the broker's pace."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulec.runtime.broker.ib.asking import RequestNumbers
from rulec.runtime.broker.ib.bar_sizes import duration, size_for
from rulec.runtime.broker.ib.bars import BarFeed
from rulec.runtime.broker.ib.data_wire import PastBarsEnd, PastBarTold
from rulec.runtime.broker.ib.pacing import HistoryPacing
from rulec.runtime.broker.ib.settings import IBSettings
from rulec.runtime.clock import ManualClock
from rulec.runtime.event.inputs import Bar
from rulec.runtime.market.hours import NyseHours
from rulec.runtime.times import parse_time
from rulec.tests.support.asked_of_broker import Asked

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
TEN = parse_time("2026-01-05T15:00:00Z")  # ten o'clock in New York, a trading day


class World:
    """Bars beside a broker that answers by hand; the clock stands at ten o'clock and half a minute."""

    def __init__(self) -> None:
        self.asked = Asked()
        self.clock = ManualClock(TEN + 30 * SECOND)
        self.put: list[Bar] = []
        self.said: list[str] = []
        self.feed = BarFeed(
            self.asked,
            RequestNumbers(),
            self.clock,
            self.clock,
            IBSettings(),
            self.put.append,
            lambda level, symbol, text: self.said.append(text),
        )
        self.feed.connected()

    def want(self, timeframe: int, past: int = 3, symbol: str = "AAPL", con_id: int = 1) -> None:
        self.feed.want(symbol, con_id, timeframe, past, NyseHours())
        self.request = self.asked.latest if self.asked.numbers else 0

    def bar(self, stamp: int | str, close: float = 150.0, *, is_update: bool = False, **changes: Any) -> None:
        text = stamp if isinstance(stamp, str) else str(stamp // SECOND)
        high, low = max(150.0, close), min(150.0, close)
        told = PastBarTold(self.request, text, 150.0, high, low, close, 100.0, is_update=is_update)
        self.feed.on_bar(attrs.evolve(told, **changes))

    def end(self) -> None:
        self.feed.on_end(PastBarsEnd(self.request))

    def past(self, *stamps: int) -> None:
        for stamp in stamps:
            self.bar(stamp)
        self.end()

    def wait(self, microseconds: int) -> None:
        self.clock.advance(microseconds)
        self.feed.advance()

    def take(self) -> list[tuple[int, float, bool]]:
        """What was put: start, close, and whether it is of the past."""
        put, self.put[:] = list(self.put), []
        return [(bar.start, bar.close, bar.past) for bar in put]


def test_whole_bars_are_past_and_the_one_that_goes_on_is_put_when_the_next_begins() -> None:
    world = World()
    world.want(MINUTE)
    assert world.asked.take() == [("bars", "AAPL", "1 min", "2 D")]
    world.past(TEN - 2 * MINUTE, TEN - MINUTE, TEN)
    assert world.take() == [(TEN - 2 * MINUTE, 150.0, True), (TEN - MINUTE, 150.0, True)]
    world.clock.advance(25 * SECOND)
    world.bar(TEN, 151.0, is_update=True)
    assert world.take() == []
    world.clock.advance(8 * SECOND)
    world.bar(TEN + MINUTE, 152.0, is_update=True)
    assert world.take() == [(TEN, 151.0, False)]


def test_a_bar_after_which_nobody_trades_is_put_some_seconds_after_its_end() -> None:
    world = World()
    world.want(MINUTE)
    world.past(TEN - MINUTE, TEN)
    world.take()
    world.wait(35 * SECOND)
    assert world.take() == []
    world.wait(SECOND)
    assert world.take() == [(TEN, 150.0, False)]
    world.bar(TEN, 151.0, is_update=True)  # too late: it counts once
    world.bar(TEN + 2 * MINUTE, 152.0, is_update=True)
    assert world.take() == []


def test_nothing_is_put_twice_when_the_connection_comes_back_and_what_was_missed_is_past() -> None:
    world = World()
    world.want(MINUTE)
    world.past(TEN - MINUTE, TEN)
    world.feed.disconnected()
    world.wait(5 * MINUTE)
    world.take()
    world.feed.connected()
    world.request = world.asked.latest
    world.past(*(TEN + n * MINUTE for n in range(-2, 6)))
    assert world.take() == [(TEN + n * MINUTE, 150.0, True) for n in range(5)]


def test_no_more_of_the_past_is_put_than_was_wanted() -> None:
    world = World()
    world.want(MINUTE, past=2)
    world.past(*(TEN + n * MINUTE for n in range(-9, 1)))
    assert [start for start, _, _ in world.take()] == [TEN - 2 * MINUTE, TEN - MINUTE]


def test_bars_are_cut_to_the_session() -> None:
    world = World()
    world.want(HOUR)
    opening = parse_time("2026-01-05T14:30:00Z")
    world.bar(parse_time("2026-01-02T20:00:00Z"))
    world.bar(opening)  # stamped with the open, it ends with the clock's hour
    world.end()
    ends = [(bar.time, bar.start, bar.end) for bar in world.put]
    friday = parse_time("2026-01-02T20:00:00Z")
    assert ends == [(friday, friday, friday + HOUR), (opening - 30 * MINUTE, opening, TEN)]


def test_a_day_is_stamped_by_its_date_and_spans_the_session() -> None:
    world = World()
    world.want(DAY)
    assert world.asked.take() == [("bars", "AAPL", "1 day", "4 D")]
    world.bar("20260102")
    world.bar("20260105")
    world.end()
    (bar,) = world.put
    assert (bar.start, bar.end) == (parse_time("2026-01-02T14:30:00Z"), parse_time("2026-01-02T21:00:00Z"))
    world.clock.move_to(parse_time("2026-01-05T21:00:06Z"))
    world.feed.advance()
    assert (world.put[-1].end, world.put[-1].past) == (parse_time("2026-01-05T21:00:00Z"), False)


@pytest.mark.parametrize(
    "changes",
    [{"stamp": "soon"}, {"stamp": "20261399"}, {"low": 0.0}, {"low": 150.2}, {"high": 150.2}, {"close": 200.0}],
)
def test_a_bar_that_can_not_be_is_passed_over(changes: dict[str, Any]) -> None:
    world = World()
    world.want(MINUTE)
    stamp = str((TEN - MINUTE) // SECOND)
    good = PastBarTold(world.request, stamp, 150.0, 151.0, 149.0, 150.5, 100.0, is_update=False)
    world.feed.on_bar(attrs.evolve(good, **changes))
    world.end()
    assert world.take() == []


def test_a_bar_without_a_known_volume_has_none() -> None:
    world = World()
    world.want(MINUTE)
    world.bar(TEN - MINUTE, volume=-1.0)
    world.end()
    assert world.put[0].volume == 0.0


def test_the_same_bars_are_asked_for_once_and_more_of_the_past_anew() -> None:
    world = World()
    world.want(MINUTE, past=3)
    first = world.request
    world.want(MINUTE, past=2)
    world.want(MINUTE, past=2000)
    world.wait(SECOND)
    assert world.asked.take() == [
        ("bars", "AAPL", "1 min", "2 D"),
        ("end bars", first),
        ("bars", "AAPL", "1 min", "5 D"),
    ]


def test_a_timeframe_that_the_broker_does_not_have_is_asked_for_in_parts() -> None:
    world = World()
    world.want(45 * MINUTE, past=10)
    assert world.asked.take() == [("bars", "AAPL", "15 mins", "3 D")]


def test_a_timeframe_of_no_bars_at_all_is_told() -> None:
    world = World()
    world.feed.want("AAPL", 1, SECOND // 2, 3, NyseHours())
    assert len(world.said) == 1


def test_bars_that_can_not_be_had_are_told_and_asked_for_again_after_a_minute() -> None:
    world = World()
    world.want(MINUTE)
    assert world.feed.on_error(world.request, 162, "HMDS query returned no data")
    assert world.said == ["no bars of 1m: HMDS query returned no data (162)"]
    world.wait(59 * SECOND)
    assert len(world.asked.take()) == 1
    world.wait(SECOND)
    assert world.asked.take() == [("bars", "AAPL", "1 min", "2 D")]
    assert not world.feed.on_error(12345, 162, "")


def test_bars_that_are_not_answered_are_asked_for_again_after_a_minute() -> None:
    world = World()
    world.want(MINUTE)
    first = world.request
    world.bar(TEN - MINUTE)
    world.wait(MINUTE)
    assert world.asked.take() == [
        ("bars", "AAPL", "1 min", "2 D"),
        ("end bars", first),
        ("bars", "AAPL", "1 min", "2 D"),
    ]
    world.request = world.asked.latest
    world.past(TEN - MINUTE)
    assert world.take() == [(TEN - MINUTE, 150.0, True)]
    world.wait(MINUTE)
    assert world.asked.take() == []


def test_requests_leave_one_after_the_other_and_no_more_than_the_broker_keeps() -> None:
    world = World()
    for number in range(50):
        world.want(MINUTE, symbol=f"S{number}", con_id=number + 1)
    assert len(world.asked.take()) == 1
    for _ in range(100):
        world.wait(SECOND // 10)
    assert len(world.asked.take()) == 44
    assert world.said == [
        "the broker keeps 45 series of bars up to date at a time; there are none of S45, S46, S47, S48, S49"
    ]


@given(st.lists(st.tuples(st.integers(1, 3), st.sampled_from([5 * SECOND, 30 * SECOND, MINUTE])), max_size=90))
def test_requests_for_short_bars_keep_the_brokers_rules(wishes: list[tuple[int, int]]) -> None:
    pacing = HistoryPacing()
    now = 0
    sent: list[tuple[int, int, int]] = []
    for contract, size in wishes:
        now = pacing.allowed_at(now, size, contract, (contract, size))
        assert pacing.allowed_at(now, size, contract, (contract, size)) == now
        pacing.sent(now, size, contract, (contract, size))
        sent.append((now, contract, size))
    small = [one for one in sent if one[2] <= 30 * SECOND]
    for time, contract, size in small:
        within = [one for one in small if time <= one[0]]
        assert sum(one[0] - time < 10 * MINUTE for one in within) <= 60
        assert sum(one[0] - time < 2 * SECOND and one[1] == contract for one in within) < 6
        assert sum(one[0] - time < 15 * SECOND and one[1:] == (contract, size) for one in within) == 1


@pytest.mark.parametrize(
    ("timeframe", "bars", "text", "reach"),
    [
        (5 * SECOND, 10, "5 secs", "60 S"),
        (5 * SECOND, 5_000, "5 secs", "3600 S"),
        (30 * SECOND, 100, "30 secs", "3000 S"),
        (MINUTE, 390, "1 min", "2 D"),
        (MINUTE, 391, "1 min", "3 D"),
        (MINUTE, 9_999, "1 min", "5 D"),
        (5 * MINUTE, 200, "5 mins", "4 D"),
        (HOUR, 13, "1 hour", "3 D"),
        (7 * MINUTE, 1, "1 min", "2 D"),
        (6 * HOUR, 1, "3 hours", "2 D"),
        (DAY, 200, "1 day", "201 D"),
        (DAY, 5_000, "1 day", "365 D"),
        (7 * DAY, 4, "1 day", "5 D"),
    ],
)
def test_how_far_back_a_request_reaches(timeframe: int, bars: int, text: str, reach: str) -> None:
    size = size_for(timeframe)
    assert size is not None
    assert (size.text, duration(size, bars)) == (text, reach)
