"""Which rules can fire on one event, as far as their triggers tell: kept by kind and symbol, so that of ten thousand
rules only the few that concern each other are compared.
"""

from __future__ import annotations

from collections.abc import Hashable
from itertools import islice

from . import plan

_MOST = 40
"""Rules that one is compared with."""

_Place = tuple[Hashable, str | None, str | None]


class RuleIndex:
    """Rules, by their places in the plan, under a key of the caller's."""

    def __init__(self) -> None:
        self._rules: dict[_Place, list[int]] = {}
        self._places: dict[Hashable, dict[tuple[str | None, str | None], None]] = {}

    def add(self, at: int, rule: plan.Rule, key: Hashable) -> None:
        """Keep a rule."""
        for place in _places(rule):
            self._rules.setdefault((key, *place), []).append(at)
            self._places.setdefault(key, {})[place] = None

    def overlapping(self, rule: plan.Rule, key: Hashable) -> list[int]:
        """The first rules, in the order added, that have the key and whose triggers can meet this one's."""
        kinds, symbols = ({part for place in _places(rule) for part in (place[side],)} for side in (0, 1))
        known = self._places.get(key, {})
        if None not in kinds and None not in symbols:
            wanted = [(kind, symbol) for kind in (*kinds, None) for symbol in (*symbols, None)]
        else:
            wanted = [
                (kind, symbol)
                for kind, symbol in known
                if (kind is None or None in kinds or kind in kinds)
                and (symbol is None or None in symbols or symbol in symbols)
            ]
        found = {at for place in wanted if place in known for at in islice(self._rules[(key, *place)], _MOST)}
        return sorted(found)[:_MOST]


def _places(rule: plan.Rule) -> list[tuple[str | None, str | None]]:
    """Under which kinds and symbols a rule stands; None is any."""
    trigger = rule.trigger
    kinds = trigger.kinds if isinstance(trigger, plan.SignalTrigger) else (type(trigger).__name__,)
    return [(kind, symbol) for kind in kinds or (None,) for symbol in plan.symbols_of(trigger) or (None,)]
