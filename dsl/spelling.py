"""Did you mean: the nearest of some words, when it is near enough to be a slip of the hand."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate with the fewest slips to `word`; None when all are too far. Among equals the first stands.

    A word of up to two letters allows no slip, one of up to five one, a longer one two.
    """
    best: str | None = None
    least = _allowed(word) + 1
    for candidate in candidates:
        if abs(len(candidate) - len(word)) < least:
            slips = _slips(word, candidate)
            if slips < least and slips <= max(_allowed(candidate), 0):
                best, least = candidate, slips
    return best


def _allowed(word: str) -> int:
    return 0 if len(word) < 2 else 1 if len(word) < 6 else 2


def _slips(left: str, right: str) -> int:
    """Letters added, lost, changed or swapped with their neighbour that lead from one word to the other."""
    earlier: list[int] = []
    previous = list(range(len(right) + 1))
    for row, a in enumerate(left, 1):
        current = [row]
        for column, b in enumerate(right, 1):
            cost = min(previous[column] + 1, current[-1] + 1, previous[column - 1] + (a != b))
            if row > 1 and column > 1 and a == right[column - 2] and b == left[row - 2]:
                cost = min(cost, earlier[column - 2] + 1)
            current.append(cost)
        earlier, previous = previous, current
    return previous[-1]
