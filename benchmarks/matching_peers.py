"""What a programmer writes by hand to find the rules that a signal matches: the quickest way, and the plainest."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Any

from rulec.runtime.event.inputs import Signal

from .rules import DrawnRule

Find = Callable[[Signal], Sequence[int]]


def dict_and_bisect(rules: Sequence[DrawnRule]) -> Find:
    """A dictionary by kind and symbol, and a bisection among the thresholds: about the limit of what Python can do."""
    drawn: dict[tuple[str, str], list[tuple[float, int]]] = {}
    for place, rule in enumerate(rules):
        drawn.setdefault((rule.kind, rule.symbol), []).append((rule.threshold, place))
    found: dict[tuple[str, str], tuple[list[float], list[int]]] = {}
    for pair, entries in drawn.items():
        entries.sort()
        found[pair] = [threshold for threshold, _ in entries], [place for _, place in entries]
    nothing: tuple[list[float], list[int]] = ([], [])

    def find(signal: Signal) -> Sequence[int]:
        thresholds, places = found.get((signal.signal, signal.symbol), nothing)
        return places[: bisect_left(thresholds, signal.confidence or 0.0)]

    return find


def if_statements(rules: Sequence[DrawnRule]) -> Find:
    """A function with one `if` for each rule, as somebody would write them down one below the other."""
    lines = ["def find(signal):", " kind = signal.signal; symbol = signal.symbol; confidence = signal.confidence"]
    lines.append(" found = []")
    lines += [
        f" if kind == {rule.kind!r} and symbol == {rule.symbol!r} and confidence > {rule.threshold!r}: "
        f"found.append({place})"
        for place, rule in enumerate(rules)
    ]
    lines.append(" return found")
    namespace: dict[str, Any] = {}
    exec("\n".join(lines), namespace)  # noqa: S102 - the text is made above, of drawn numbers and words
    find: Find = namespace["find"]
    return find
