"""How fast a run goes: on the machine's clock, at a recording's speed, or as fast as it can."""

from __future__ import annotations

import pytest

from rulec.runtime.clock import ManualClock
from rulec.runtime.live.pacing import RecordedPace, SystemPace, Unpaced

SECOND = 1_000_000


class Elapsed:
    """Real seconds, moved by hand."""

    def __init__(self) -> None:
        self.seconds = 50.0

    def __call__(self) -> float:
        return self.seconds


def test_a_recording_begins_when_it_is_first_asked_for_the_time() -> None:
    elapsed = Elapsed()
    pace = RecordedPace(180, 1_000 * SECOND, elapsed)
    elapsed.seconds += 30
    assert pace.now() == 1_000 * SECOND


@pytest.mark.parametrize(("speed", "real_seconds", "shown"), [(1, 2.0, 2), (180, 1.0, 180), (0.5, 4.0, 2)])
def test_a_recordings_time_passes_at_its_speed(speed: float, real_seconds: float, shown: int) -> None:
    elapsed = Elapsed()
    pace = RecordedPace(speed, 0, elapsed)
    pace.now()
    elapsed.seconds += real_seconds
    assert pace.now() == shown * SECOND


def test_the_wait_for_a_time_is_in_real_seconds() -> None:
    pace = RecordedPace(180, 0, Elapsed())
    assert pace.seconds_until(360 * SECOND) == pytest.approx(2.0)
    assert pace.seconds_until(0) <= 0


@pytest.mark.parametrize("speed", [0.0, -1.0])
def test_a_recording_that_stands_still_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        RecordedPace(speed, 0, Elapsed())


def test_without_a_recording_the_clock_tells_the_time() -> None:
    clock = ManualClock(7 * SECOND)
    pace = SystemPace(clock)
    assert pace.now() == 7 * SECOND
    assert pace.seconds_until(9 * SECOND) == 2.0


def test_unpaced_waits_for_nothing() -> None:
    assert Unpaced().seconds_until(10**15) == 0.0
