"""E305: rules that emit signals to each other in a cycle would never come to rest.

A rule leads to another where a signal that it emits would reach the other's trigger, by kind and by symbol as far as
they are written down; conditions are not asked, for they may all be true. The way from rule to rule goes over groups,
one for each kind and symbol that triggers name, so that ten thousand rules have no more ways than there is text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import attrs

from . import nodes, plan
from .diagnostics import Diagnostic
from .record import Record

_Group = tuple[str | None, str | None]
"""A kind and a symbol that triggers name; None is any."""
_Stop = int | _Group
"""A stop on the way: a rule by its place in the list, or a group."""


@attrs.frozen(eq=False, repr=False)
class LoweredRule(Record):
    """A rule in both forms, with the path of its file."""

    node: nodes.Rule
    rule: plan.Rule
    path: str


def emission_cycles(rules: Sequence[LoweredRule]) -> list[Diagnostic]:
    """One diagnostic for each set of rules that lead round, at the `emit` of the first of them."""
    emitting = [one for one in rules if one.rule.enabled and any(_emits(one.rule))]
    ways = _ways(emitting)
    found: list[Diagnostic] = []
    for circle in _circles(ways):
        members = [stop for stop in circle if isinstance(stop, int)]
        start = min(members)
        found.append(_told([emitting[stop] for stop in _way_back(start, ways, frozenset(circle))]))
    return found


# ---- the ways ------------------------------------------------------------------------------------------------------


def _ways(rules: Sequence[LoweredRule]) -> Mapping[_Stop, Sequence[_Stop]]:
    """Where each rule and each group leads."""
    ways: dict[_Stop, list[_Stop]] = {}
    for at, one in enumerate(rules):
        trigger = one.rule.trigger
        if isinstance(trigger, plan.SignalTrigger):
            for kind in trigger.kinds or (None,):
                for symbol in trigger.of or (None,):
                    ways.setdefault((kind, symbol), []).append(at)
    by_kind: dict[str | None, list[_Stop]] = {}
    for kind, symbol in [group for group in ways if isinstance(group, tuple)]:
        by_kind.setdefault(kind, []).append((kind, symbol))
    for at, one in enumerate(rules):
        ways[at] = list(dict.fromkeys(stop for emit in _emits(one.rule) for stop in _reached(emit, one, ways, by_kind)))
    return ways


def _reached(
    emit: plan.EmitSignal,
    one: LoweredRule,
    ways: Mapping[_Stop, Sequence[_Stop]],
    by_kind: Mapping[str | None, Sequence[_Stop]],
) -> Iterator[_Stop]:
    """The groups whose triggers a signal would fire."""
    symbols = _symbols(one.rule, emit)
    for kind in (emit.kind, None):
        if symbols is None:
            yield from by_kind.get(kind, ())
        else:
            yield from (group for group in ((kind, symbol) for symbol in (*symbols, None)) if group in ways)


def _emits(rule: plan.Rule) -> Iterator[plan.EmitSignal]:
    return (action for action in rule.actions if isinstance(action, plan.EmitSignal))


def _symbols(rule: plan.Rule, emit: plan.EmitSignal) -> tuple[str, ...] | None:
    """The symbols that a signal may be about; None for any."""
    if isinstance(emit.symbol, plan.Symbol):
        return (emit.symbol.name,)
    of_the_event = emit.symbol is None or (isinstance(emit.symbol, plan.EventName) and emit.symbol.name == "symbol")
    return plan.symbols_of(rule.trigger) if of_the_event else None


# ---- circles -------------------------------------------------------------------------------------------------------


def _circles(ways: Mapping[_Stop, Sequence[_Stop]]) -> list[list[_Stop]]:
    """The largest sets of stops that all lead to each other (Tarjan's, with a list of work in place of recursion)."""
    number: dict[_Stop, int] = {}
    lowest: dict[_Stop, int] = {}
    open_: dict[_Stop, None] = {}
    circles: list[list[_Stop]] = []
    for start in ways:
        if start in number:
            continue
        number[start] = lowest[start] = len(number)
        open_[start] = None
        waiting = [(start, iter(ways[start]))]
        while waiting:
            here, rest = waiting[-1]
            for following in rest:
                if following not in number:
                    number[following] = lowest[following] = len(number)
                    open_[following] = None
                    waiting.append((following, iter(ways[following])))
                    break
                if following in open_:
                    lowest[here] = min(lowest[here], number[following])
            else:
                waiting.pop()
                if waiting:
                    above = waiting[-1][0]
                    lowest[above] = min(lowest[above], lowest[here])
                if lowest[here] == number[here]:
                    circle: list[_Stop] = []
                    while not circle or circle[-1] != here:
                        circle.append(open_.popitem()[0])
                    if len(circle) > 1:  # a rule leads to itself over a group, so a circle has at least two stops
                        circles.append(circle)
    return sorted(circles, key=lambda circle: min(stop for stop in circle if isinstance(stop, int)))


def _way_back(start: int, ways: Mapping[_Stop, Sequence[_Stop]], within: frozenset[_Stop]) -> list[int]:
    """The rules of the shortest way from a rule to itself."""
    came_from: dict[_Stop, _Stop] = {}
    waiting: list[_Stop] = [start]
    for here in waiting:
        for following in ways[here]:
            if following == start:
                way = [here]
                while way[-1] != start:
                    way.append(came_from[way[-1]])
                return [stop for stop in reversed(way) if isinstance(stop, int)]
            if following in within and following not in came_from:
                came_from[following] = here
                waiting.append(following)
    raise LookupError("every stop of a circle leads back to itself")


def _told(way: Sequence[LoweredRule]) -> Diagnostic:
    first = way[0]
    emit = next(action for action in first.node.actions if isinstance(action, nodes.Emit))
    if len(way) == 1:
        message = "this rule emits a signal that fires it again"
    else:
        shown = [f"`{one.rule.label}`" for one in (*way, first)]
        names = " -> ".join(shown if len(shown) <= MOST_SHOWN else [*shown[: MOST_SHOWN - 2], "…", shown[-1]])
        message = f"rules emit signals to each other in a circle: {names}"
    help_text = "emit a signal of another kind, or narrow the trigger with `of`"
    return Diagnostic("E305", message, first.path, emit.span, "goes round for ever", help_text)


MOST_SHOWN = 8
"""Rules of a circle that are named."""
