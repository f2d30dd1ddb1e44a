"""What a new set of rules changes: which rules stay, which are added, changed or removed.

A rule with a name is the same rule as the old one of that name, changed where its fingerprint differs. A rule without
a name is known by its fingerprint alone: an edited one is a rule that is gone and another that is new.

    old   rule a, rule b, on signal X -> …        new   rule a, rule b (edited), on signal Y -> …
    stays a, changed b, removed and added the one without a name
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Sequence

import attrs

from ...dsl.plan import Rule


@attrs.frozen
class Changes:
    """Places of rules in the old and in the new set, each in the order of its set.

    `stays` are (old, new) of rules that mean the same and are shown by the same name; `changed` are (old, new) of a
    name with another meaning.
    """

    stays: tuple[tuple[int, int], ...]
    changed: tuple[tuple[int, int], ...]
    added: tuple[int, ...]
    removed: tuple[int, ...]

    @property
    def none(self) -> bool:
        return not (self.changed or self.added or self.removed)


def compare(old: Sequence[Rule], new: Sequence[Rule]) -> Changes:
    """Matches the rules of two sets."""
    stays, old_left, new_left = _by_parts(old, new)
    named = {old[at].name: at for at in old_left if old[at].name is not None}
    unnamed: dict[str, deque[int]] = {}
    for at in old_left:
        if old[at].name is None:
            unnamed.setdefault(_meaning(old[at]), deque()).append(at)
    changed: list[tuple[int, int]] = []
    added: list[int] = []
    for at in new_left:
        rule = new[at]
        if rule.name is None:
            same = unnamed.get(_meaning(rule))
            if same:
                stays.append((same.popleft(), at))
            else:
                added.append(at)
        elif rule.name in named:
            before = named.pop(rule.name)
            (stays if _meaning(old[before]) == _meaning(rule) else changed).append((before, at))
        else:
            added.append(at)
    removed = [*named.values(), *(at for left in unnamed.values() for at in left)]
    return Changes(tuple(sorted(stays)), tuple(sorted(changed)), tuple(added), tuple(sorted(removed)))


def _by_parts(old: Sequence[Rule], new: Sequence[Rule]) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Rules that are made of the very same records need no fingerprint: the compiler hands on what it compiled before.

    Returns:
        The pairs of them, and what is left of the old set and of the new one.
    """
    known: dict[Hashable, deque[int]] = {}
    for at, rule in enumerate(old):
        known.setdefault(_parts(rule), deque()).append(at)
    pairs: list[tuple[int, int]] = []
    left: list[int] = []
    for at, rule in enumerate(new):
        same = known.get(_parts(rule))
        if same:
            pairs.append((same.popleft(), at))
        else:
            left.append(at)
    return pairs, sorted(at for places in known.values() for at in places), left


def _parts(rule: Rule) -> Hashable:
    # an option may be an equal record of another rule: together with the actions, which are a rule's own, they tell
    return (id(rule.actions), id(rule.trigger), id(rule.condition), id(rule.cooldown), rule.name, rule.enabled)


def _meaning(rule: Rule) -> str:
    """The fingerprint, and whether the rule is switched on."""
    return rule.fingerprint if rule.enabled else f"{rule.fingerprint} disabled"
