"""Signs of life, and the pauses between attempts to connect."""

from __future__ import annotations

import random

from rulec.runtime.broker.ib.pulse import BackOff, Beat, Heartbeat
from rulec.runtime.broker.ib.settings import IBSettings

SECOND = 1_000_000
SETTINGS = IBSettings()  # asked after 5 s of silence, dead 10 s later


def test_a_broker_that_speaks_is_not_asked() -> None:
    heartbeat = Heartbeat(SETTINGS, 0)
    for second in range(1, 60):
        assert heartbeat.beat(second * SECOND) is Beat.NOTHING
        heartbeat.heard(second * SECOND)


def test_a_silent_broker_is_asked_once_and_is_dead_without_an_answer() -> None:
    heartbeat = Heartbeat(SETTINGS, 0)
    beats = [heartbeat.beat(second * SECOND) for second in range(4, 16)]
    assert beats == [Beat.NOTHING, Beat.ASK, *[Beat.NOTHING] * 9, Beat.DEAD]


def test_an_answer_starts_the_silence_anew() -> None:
    heartbeat = Heartbeat(SETTINGS, 0)
    assert heartbeat.beat(5 * SECOND) is Beat.ASK
    heartbeat.heard(14 * SECOND)
    assert heartbeat.beat(18 * SECOND) is Beat.NOTHING
    assert heartbeat.beat(19 * SECOND) is Beat.ASK


def test_a_machine_that_slept_asks_before_it_calls_the_broker_dead() -> None:
    heartbeat = Heartbeat(SETTINGS, 0)
    assert heartbeat.beat(8 * 3600 * SECOND) is Beat.ASK
    assert heartbeat.beat(8 * 3600 * SECOND + 9 * SECOND) is Beat.NOTHING
    assert heartbeat.beat(8 * 3600 * SECOND + 10 * SECOND) is Beat.DEAD


def test_pauses_double_up_to_the_longest_and_chance_shortens_them_by_up_to_a_half() -> None:
    back_off = BackOff(SETTINGS, random.Random(7))
    whole = [1, 2, 4, 8, 16, 32, 60, 60, 60]
    pauses = [back_off.pause() / SECOND for _ in whole]
    assert all(most / 2 <= pause <= most for pause, most in zip(pauses, whole, strict=True))
    back_off.reset()
    assert back_off.pause() <= SECOND


def test_the_same_seed_gives_the_same_pauses() -> None:
    one, other = (BackOff(SETTINGS, random.Random(7)) for _ in range(2))
    assert [one.pause() for _ in range(9)] == [other.pause() for _ in range(9)]


def test_attempts_are_slower_while_the_brokers_systems_restart() -> None:
    back_off = BackOff(SETTINGS, random.Random(7))
    assert all(back_off.pause(15 * SECOND) >= 7.5 * SECOND for _ in range(9))
