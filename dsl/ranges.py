"""What a value can be: ranges of numbers, and choices of words, as sets that can be narrowed.

    confidence >= 0.8 and confidence < 0.5      [0.8, inf) and (-inf, 0.5)     no number is in both
    signal is BUY, in a rule on SELL            {BUY} and {SELL}               no word is in both

A value that is not known is in none of these sets, so a place for it is kept beside them: `known` is whether the value
must be known.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import NamedTuple

INFINITY = float("inf")


class Range(NamedTuple):
    """The numbers from `low` to `high`; an end that is `open` is not among them."""

    low: float
    high: float
    low_open: bool = False
    high_open: bool = False

    @property
    def is_empty(self) -> bool:
        return self.low > self.high or (self.low == self.high and (self.low_open or self.high_open))

    def meet(self, other: Range) -> Range:
        """The numbers in both."""
        if self.low != other.low:
            low, low_open = max((self.low, self.low_open), (other.low, other.low_open), key=_end)
        else:
            low, low_open = self.low, self.low_open or other.low_open
        if self.high != other.high:
            high, high_open = min((self.high, self.high_open), (other.high, other.high_open), key=_end)
        else:
            high, high_open = self.high, self.high_open or other.high_open
        return Range(low, high, low_open, high_open)


def _end(end: tuple[float, bool]) -> float:
    return end[0]


class Numbers(NamedTuple):
    """Ranges that do not overlap, the lowest first."""

    ranges: tuple[Range, ...]

    @property
    def is_empty(self) -> bool:
        return not self.ranges

    def meet(self, other: Numbers) -> Numbers:
        """The numbers in both."""
        met = (mine.meet(theirs) for mine in self.ranges for theirs in other.ranges)
        return Numbers(tuple(one for one in met if not one.is_empty))

    @property
    def hull(self) -> Range:
        """The least range that holds them all; there is at least one."""
        first, last = self.ranges[0], self.ranges[-1]
        return Range(first.low, last.high, first.low_open, last.high_open)


class Choice(NamedTuple):
    """One of `values`; with `others`, anything but one of them."""

    values: frozenset[Hashable]
    others: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.values and not self.others

    def meet(self, other: Choice) -> Choice:
        """The values in both."""
        if self.others and other.others:
            return Choice(self.values | other.values, others=True)
        if self.others:
            return Choice(other.values - self.values)
        return Choice(self.values - other.values if other.others else self.values & other.values)


class Possible(NamedTuple):
    """What a value can be; unless it must be `known`, it can be unknown too."""

    values: Numbers | Choice
    known: bool = False

    @property
    def is_empty(self) -> bool:
        return self.known and self.values.is_empty

    def meet(self, other: Possible) -> Possible:
        """What fits both. No value is a number and a word, so that of these nothing known fits both."""
        mine, theirs = self.values, other.values
        known = self.known or other.known
        if isinstance(mine, Numbers):
            return Possible(mine.meet(theirs) if isinstance(theirs, Numbers) else NOTHING, known)
        return Possible(mine.meet(theirs) if isinstance(theirs, Choice) else NOTHING, known)


def numbers(low: float, high: float, *, low_open: bool = False, high_open: bool = False) -> Numbers:
    """All numbers of one range."""
    return Numbers((Range(low, high, low_open, high_open),))


def one_of(values: Iterable[Hashable]) -> Choice:
    return Choice(frozenset(values))


NOTHING = Choice(frozenset())
ANY_WORD = Choice(frozenset(), others=True)
ANY_NUMBER = numbers(-INFINITY, INFINITY)
POSITIVE = numbers(0.0, INFINITY, low_open=True)
NOT_NEGATIVE = numbers(0.0, INFINITY)

OPPOSITES = {"<": ">=", ">=": "<", ">": "<=", "<=": ">", "==": "!=", "!=": "=="}
"""The operator that holds where another does not, of two known values."""
MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}
"""The operator that says the same with its sides exchanged."""
SIGNS = {"<": (-1,), "<=": (-1, 0), "==": (0,), ">=": (0, 1), ">": (1,), "!=": (-1, 1)}
"""How left can lie to right where an operator holds: -1 below, 0 equal, 1 above."""


def beside(operator: str, bound: float) -> Numbers:
    """The numbers x for which `x operator bound` holds."""
    match operator:
        case "<":
            return numbers(-INFINITY, bound, high_open=True)
        case "<=":
            return numbers(-INFINITY, bound)
        case ">":
            return numbers(bound, INFINITY, low_open=True)
        case ">=":
            return numbers(bound, INFINITY)
        case "==":
            return numbers(bound, bound)
    below, above = Range(-INFINITY, bound, high_open=True), Range(bound, INFINITY, low_open=True)
    return Numbers((below, above))
