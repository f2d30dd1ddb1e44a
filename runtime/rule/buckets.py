"""Rules that the same events concern, in an array sorted by the threshold that most of them have.

An event's value splits the array in two by bisection: the rules before the split have their threshold proven and ask
only for the rest of their condition, those behind it are false. An event without the value is given every rule with
its threshold still to ask, so that unknown is told apart from false.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

import attrs

from ...dsl.plan import EventName, Expression, FieldName
from .closures import compile_condition
from .conjuncts import Threshold, rejoin, threshold_of
from .facts import Facts
from .prepared import Condition, Prepared
from .values import event_value, field_value

# Results of at most so many rules are kept: they are asked for again and again, and their memory stays in proportion.
_KEPT = 64
# Fewer rules than this don't pay for an array of their own beside another.
_WORTH_AN_ARRAY = 4


class Candidate:
    """A rule that an event may match, and what is left to ask.

    `rank` is the rule's place in the order in which all rules are tried.
    """

    __slots__ = ("_rest", "condition", "prepared", "rank")

    def __init__(self, prepared: Prepared, rank: float, rest: Expression | None) -> None:
        self.prepared = prepared
        self.rank = rank
        self._rest = rest
        self.condition: Condition | None = None
        if prepared.opaque:
            self.condition = prepared.holds
        elif rest is not None:
            self.condition = self._compile

    def outcome(self, event: Any, facts: Facts) -> bool | None:
        """Whether the rule's whole condition is true, false or unknown for the event it is a candidate for."""
        condition = self.condition
        result = True if condition is None else condition(event, facts)
        if result is not False:
            self.prepared.true_or_unknown += 1
        return result

    def _compile(self, event: Any, facts: Facts) -> bool | None:
        assert self._rest is not None
        self.condition = compile_condition(self._rest)
        return self.condition(event, facts)


Candidates = Sequence[Candidate]
NO_CANDIDATES: Candidates = ()
rank_of: Callable[[Candidate], float] = attrgetter("rank")


@attrs.frozen
class Entry:
    """A rule to be put in a bucket: the conjuncts of its condition that the bucket does not prove."""

    prepared: Prepared
    rank: float
    left: tuple[Expression, ...]

    def candidate(self, without: Expression | None = None) -> Candidate:
        return Candidate(self.prepared, self.rank, rejoin(part for part in self.left if part is not without))


# What a threshold is on: a leaf, and whether from below.
Key = tuple[EventName | FieldName, bool]
Reader = Callable[[Any], Any]


@attrs.frozen
class Ranked:
    """A rule with the threshold that its bucket sorts it by, and the conjunct that says so."""

    threshold: Threshold
    conjunct: Expression
    entry: Entry


class Bucket:
    """One sorted array, and the rules that have no threshold on its name."""

    __slots__ = ("_always", "_bounds", "_downward", "_entries", "_kept", "_sorted", "_unproven", "_value")

    def __init__(self, ranked: Sequence[Ranked], others: Sequence[Entry], value: Reader | None) -> None:
        """`value` reads the array's name from an event; every threshold is of one leaf and one direction."""
        self._value = value
        self._downward = bool(ranked) and not ranked[0].threshold.lower
        sign = -1.0 if self._downward else 1.0
        ordered = sorted(ranked, key=lambda item: (sign * item.threshold.bound, item.entry.rank))
        self._bounds = [sign * item.threshold.bound for item in ordered]
        self._entries = [item.entry for item in ordered]
        self._sorted = [item.entry.candidate(item.conjunct) for item in ordered]
        self._always = tuple(sorted((entry.candidate() for entry in others), key=rank_of))
        self._unproven: Candidates | None = None
        self._kept: list[Candidates | None] = [self._always, *([None] * len(ordered))]

    def find(self, event: Any) -> Candidates:
        """The rules that the event may match, in trying order."""
        if self._value is None:
            return self._always
        value = self._value(event)
        if value is None:
            return self._without_proof()
        count = bisect_right(self._bounds, -value if self._downward else value)
        found = self._kept[count]
        if found is None:
            found = tuple(sorted((*self._always, *self._sorted[:count]), key=rank_of))
            if len(found) <= _KEPT:
                self._kept[count] = found
        return found

    def _without_proof(self) -> Candidates:
        if self._unproven is None:
            asked = [entry.candidate() for entry in self._entries]
            self._unproven = tuple(sorted((*self._always, *asked), key=rank_of))
        return self._unproven


def build_buckets(entries: Sequence[Entry], attributes: frozenset[str]) -> list[Bucket]:
    """Buckets for rules that the same events concern: one array for each name that enough of them have a threshold on.

    `attributes` are the names that every event of these rules has as an attribute.
    """
    thresholds = [_thresholds(entry) for entry in entries]
    commonness = Counter(key for found in thresholds for key in found)
    groups: dict[Key, list[Ranked]] = {}
    others: list[Entry] = []
    for entry, found in zip(entries, thresholds, strict=True):
        if found:
            key = max(found, key=commonness.__getitem__)
            groups.setdefault(key, []).append(found[key])
        else:
            others.append(entry)
    buckets: list[tuple[Key, list[Ranked]]] = []
    for key, group in sorted(groups.items(), key=lambda item: -len(item[1])):
        if not buckets or len(group) >= _WORTH_AN_ARRAY:
            buckets.append((key, group))
        else:
            others += [ranked.entry for ranked in group]
    if not buckets:
        return [Bucket((), others, None)] if others else []
    (first, group), *rest = buckets
    largest = Bucket(group, others, _reader(first[0], attributes))
    return [largest, *(Bucket(group, (), _reader(key[0], attributes)) for key, group in rest)]


def _thresholds(entry: Entry) -> dict[Key, Ranked]:
    found: dict[Key, Ranked] = {}
    for conjunct in entry.left:
        threshold = threshold_of(conjunct)
        if threshold is not None:
            found.setdefault((threshold.leaf, threshold.lower), Ranked(threshold, conjunct, entry))
    return found


def _reader(leaf: EventName | FieldName, attributes: frozenset[str]) -> Reader:
    name = leaf.name
    if isinstance(leaf, FieldName):
        kind = leaf.kind
        return lambda event: field_value(event, name, kind)
    return attrgetter(name) if name in attributes else lambda event: event_value(event, name)
