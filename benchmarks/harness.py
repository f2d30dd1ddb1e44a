"""Measures work of this process, the contestants in turn: A B C, A B C, …

What disturbs the machine for a while then disturbs all of them alike. A ratio is the median of the ratios of the
rounds, not the ratio of two medians, because two figures of one round were taken close together.

The clock counts the processor's time, not the wall's: waiting for a neighbour's work does not count.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence

import attrs

Work = Callable[[], object]


class WrongAnswerError(Exception):
    """A contestant did not do the work it is measured by, so its time means nothing."""


@attrs.frozen
class Contestant:
    """Something to be measured. `prepare` is called with the round's number, untimed, and gives the work to time."""

    name: str
    prepare: Callable[[int], Work]


@attrs.frozen
class Timing:
    """The seconds of processor time that one contestant took, round by round."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    def times(self, other: Timing) -> float:
        """How many times as long this took as the other: the median over the rounds."""
        return statistics.median(mine / its for mine, its in zip(self.seconds, other.seconds, strict=True))

    def of(self, share: float) -> Timing:
        """The timing of each of so many pieces of the work."""
        return Timing(tuple(seconds / share for seconds in self.seconds))


def measure(contestants: Sequence[Contestant], rounds: int) -> Mapping[str, Timing]:
    """Times every contestant once a round. A first round, that warms caches up, is not counted."""
    taken: dict[str, list[float]] = {contestant.name: [] for contestant in contestants}
    for number in range(rounds + 1):
        for contestant in contestants:
            work = contestant.prepare(number)
            gc.collect()
            began = time.process_time()
            work()
            seconds = time.process_time() - began
            if number:
                taken[contestant.name].append(seconds)
    return {name: Timing(tuple(seconds)) for name, seconds in taken.items()}


def always(work: Work) -> Callable[[int], Work]:
    """For work that needs nothing prepared."""
    return lambda number: work


def check(name: str, answer: object, wanted: object) -> None:
    """Compares a contestant's answer with the right one.

    Raises:
        WrongAnswerError: they differ.
    """
    if answer != wanted:
        raise WrongAnswerError(f"{name}: {_short(answer)}, wanted {_short(wanted)}")


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 300 else f"{text[:300]} …"
