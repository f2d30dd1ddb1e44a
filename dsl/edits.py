"""What is different between a text and the same text saved again: the places where characters were exchanged.

An edit in one place is found by what stays the same before and behind it. Where these are far apart, as after a search
and replace or the check-out of another version, the lines that both texts have once tell what stayed in between.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from .common_ends import ends_in_common

SMALL = 2_000
"""Characters in one edit, up to which nobody asks what stays the same in it."""


class Edit(NamedTuple):
    """Characters of the old text, `start` up to, not including, `end`, and those of the new one in their place."""

    start: int
    end: int
    new_start: int
    new_end: int

    @property
    def moved(self) -> int:
        """By how many characters what stands behind it has moved."""
        return self.new_end - self.end


def edits_between(old: str, new: str) -> list[Edit]:
    """The edits that lead from one text to the other, in order; between two of them nothing has changed."""
    if old == new:
        return []
    same, tail = ends_in_common(old, new)
    whole = Edit(same, len(old) - tail, same, len(new) - tail)
    if min(whole.end - whole.start, whole.new_end - whole.new_start) < SMALL:
        return [whole]
    return _edits_of_lines(old, new, whole)


def _edits_of_lines(old: str, new: str, whole: Edit) -> list[Edit]:
    lines = old[whole.start : whole.end].splitlines(keepends=True)
    others = new[whole.new_start : whole.new_end].splitlines(keepends=True)
    starts = list(accumulate(map(len, lines), initial=whole.start))
    new_starts = list(accumulate(map(len, others), initial=whole.new_start))
    found: list[Edit] = []
    at = other_at = 0
    for line, other in (*_in_both(lines, others), (len(lines), len(others))):
        end, other_end = line, other
        while at < end and other_at < other_end and lines[at] == others[other_at]:
            at, other_at = at + 1, other_at + 1
        while at < end and other_at < other_end and lines[end - 1] == others[other_end - 1]:
            end, other_end = end - 1, other_end - 1
        if at < end or other_at < other_end:
            found.append(Edit(starts[at], starts[end], new_starts[other_at], new_starts[other_end]))
        at, other_at = line + 1, other + 1
    return found


def _in_both(lines: Sequence[str], others: Sequence[str]) -> list[tuple[int, int]]:
    """The numbers of lines that both have, each once: as many as follow one another in the same order in both."""
    once, once_there = Counter(lines), Counter(others)
    places = {line: number for number, line in enumerate(others) if once_there[line] == 1}
    ends: list[int] = []  # by length of an order, where the one that ends first ends
    at_end: list[int] = []  # by length, which pair that is
    pairs: list[tuple[int, int]] = []
    before: list[int] = []
    for number, line in enumerate(lines):
        place = places.get(line)
        if place is None or once[line] != 1:
            continue
        length = bisect_left(ends, place)
        before.append(at_end[length - 1] if length else -1)
        ends[length : length + 1] = [place]
        at_end[length : length + 1] = [len(pairs)]
        pairs.append((number, place))
    found: list[tuple[int, int]] = []
    pair = at_end[-1] if at_end else -1
    while pair >= 0:
        found.append(pairs[pair])
        pair = before[pair]
    return found[::-1]
