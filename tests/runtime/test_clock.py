"""Clocks."""

from __future__ import annotations

import time

import pytest

from rulec.runtime.clock import ManualClock, SystemClock


def test_a_manual_clock_stands_still_until_it_is_moved() -> None:
    clock = ManualClock(100)
    assert [clock.now(), clock.now()] == [100, 100]
    clock.advance(5)
    assert clock.now() == 105
    clock.move_to(200)
    assert clock.now() == 200


def test_a_manual_clock_does_not_go_back() -> None:
    clock = ManualClock(100)
    with pytest.raises(ValueError, match="does not go back"):
        clock.move_to(99)
    with pytest.raises(ValueError, match="does not go back"):
        clock.advance(-1)
    assert clock.now() == 100


def test_the_system_clock_stands_still_while_the_machine_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = iter([5_000_999, 9_000_000, 3_000_000, 9_500_000])
    monkeypatch.setattr(time, "time_ns", lambda: next(shown))
    clock = SystemClock()
    assert [clock.now() for _ in range(4)] == [5_000, 9_000, 9_000, 9_500]
