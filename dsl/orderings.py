"""Whether parts can stand in the order that comparisons between them ask for.

a < b and b < c and c < a       no order
close > high                    none either: a bar closes between its low and its high
a > b, a at most 5, b above 6   none
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence

from . import plan
from .possible_values import Known, bounds
from .ranges import Range

_OF_A_BAR = (("low", "open"), ("low", "close"), ("open", "high"), ("close", "high"))
_LARGEST = 24
"""Parts beyond which their order is not looked at."""


def has_order(
    pairs: Sequence[tuple[plan.Expression, plan.Expression, Collection[Hashable]]], known: Known, trigger: plan.Trigger
) -> bool:
    """False where no order of the parts fits: each pair comes with how left may lie to right (-1, 0, 1)."""
    strict: dict[tuple[plan.Expression, plan.Expression], bool] = {}
    for left, right, signs in pairs:
        if signs and 1 not in signs:
            _add(strict, left, right, 0 not in signs)
        if signs and -1 not in signs:
            _add(strict, right, left, 0 not in signs)
    if isinstance(trigger, plan.BarTrigger):
        prices = {part.name: part for part in known if isinstance(part, plan.EventName)}
        prices |= {part.name: part for pair in strict for part in pair if isinstance(part, plan.EventName)}
        for low, high in _OF_A_BAR:
            if len(prices.keys() & {"low", "open", "close", "high"}) > 1:
                below, above = (prices.get(name) or plan.EventName(name, plan.Kind.MONEY) for name in (low, high))
                _add(strict, below, above, False)
    parts = list(dict.fromkeys(part for pair in strict for part in pair))
    if not parts or len(parts) > _LARGEST:
        return True
    return not _goes_round(parts, strict) and _has_room(parts, strict, known, trigger)


def _add(
    strict: dict[tuple[plan.Expression, plan.Expression], bool],
    low: plan.Expression,
    high: plan.Expression,
    is_strict: bool,
) -> None:
    strict[low, high] = is_strict or strict.get((low, high), False)


def _goes_round(parts: Sequence[plan.Expression], strict: dict[tuple[plan.Expression, plan.Expression], bool]) -> bool:
    """Whether a part would have to lie below itself."""
    ways = dict(strict)
    for middle in parts:
        for low in parts:
            first = ways.get((low, middle))
            if first is None:
                continue
            for high in parts:
                second = ways.get((middle, high))
                if second is not None:
                    ways[low, high] = first or second or ways.get((low, high), False)
    return any(ways.get((part, part), False) for part in parts)


def _has_room(
    parts: Sequence[plan.Expression],
    strict: dict[tuple[plan.Expression, plan.Expression], bool],
    known: Known,
    trigger: plan.Trigger,
) -> bool:
    """Whether every part has a number left once each lies above those that lie below it."""
    room = {part: bounds(part, known, trigger) for part in parts}
    for _ in parts:
        for (low, high), is_strict in strict.items():
            below, above = room[low], room[high]
            open_low, open_high = is_strict or below.low_open, is_strict or above.high_open
            room[high] = above.meet(Range(below.low, float("inf"), open_low))
            room[low] = below.meet(Range(float("-inf"), above.high, False, open_high))
            if room[high].is_empty or room[low].is_empty:
                return False
    return True
