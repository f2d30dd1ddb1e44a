"""How the lets of a file hang together: which read which, in a circle or not, and what they need from their reader.

Everything here is worked out with lists of work to do, never by recursion: ten thousand lets, each reading the one
before it, are no deeper for it than one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from . import nodes
from .nodes import Node
from .record import Record
from .walk import walk


@attrs.frozen(eq=False, repr=False)
class Uses(Record):
    """What a piece of the tree mentions: names with their levels, calls, quotes of symbols; and its size."""

    names: list[tuple[nodes.Name, int]]
    calls: list[nodes.Call]
    attributes: list[nodes.Attribute]
    depth: int
    size: int


def uses_of(root: Node) -> Uses:
    """Collect what a piece of the tree mentions, in the order of the text."""
    names: list[tuple[nodes.Name, int]] = []
    calls: list[nodes.Call] = []
    attributes: list[nodes.Attribute] = []
    deepest = size = 0
    for node, depth in walk(root):
        size += 1
        if depth > deepest:
            deepest = depth
        kind = type(node)
        if kind is nodes.Name:
            names.append((node, depth))  # type: ignore[arg-type]  # `kind is` does not narrow
        elif kind is nodes.Call:
            calls.append(node)  # type: ignore[arg-type]
        elif kind is nodes.Attribute:
            attributes.append(node)  # type: ignore[arg-type]
    return Uses(names, calls, attributes, deepest, size)


@attrs.frozen(eq=False, repr=False)
class LetGraph(Record):
    """What is known of each let of a file.

    `needs`: the names, none of them a let, that a let reads in the end, in order of first use. `cycles`: lets that
    are defined through themselves, in reading order. `too_deep`: lets that outgrow the limits though none they read
    does. `broken`: those of both kinds, and every let that reads one.
    """

    needs: Mapping[str, tuple[str, ...]]
    cycles: tuple[tuple[str, ...], ...]
    too_deep: tuple[str, ...]
    broken: frozenset[str]
    depths: Mapping[str, int]
    sizes: Mapping[str, int]
    deepest: int
    largest: int

    def exceeds(self, uses: Uses) -> bool:
        """Whether a piece of the tree is too deep with its lets written out, or grows too large by them."""
        depth, added = _written_out(uses, self.depths, self.sizes)
        return depth > self.deepest or added > self.largest


def _written_out(uses: Uses, depths: Mapping[str, int], sizes: Mapping[str, int]) -> tuple[int, int]:
    """The depth of a piece of the tree with its lets written out, and how many parts they add to it."""
    depth, added = uses.depth, 0
    for name, level in uses.names:
        below = depths.get(name.name)
        if below is not None:
            depth = max(depth, level + below)
            added += sizes[name.name]
    return depth, added


def study_lets(lets: Mapping[str, Uses], deepest: int, largest: int) -> LetGraph:
    """Put the lets of a file in order, those that are read before those that read them, and sum up what they need."""
    order, cycles = _reading_order(lets)
    broken = {name for cycle in cycles for name in cycle}
    needs: dict[str, tuple[str, ...]] = {}
    depths: dict[str, int] = {}
    sizes: dict[str, int] = {}
    too_deep: list[str] = []
    for name in order:
        uses = lets[name]
        if name in broken or any(used.name in broken for used, _ in uses.names):
            broken.add(name)
            continue
        depth, added = _written_out(uses, depths, sizes)
        if depth > deepest or added > largest:
            too_deep.append(name)
            broken.add(name)
            continue
        depths[name], sizes[name] = depth, uses.size + added
        needed: dict[str, None] = {}
        for used, _ in uses.names:
            needed.update(dict.fromkeys(needs[used.name]) if used.name in lets else {used.name: None})
        needs[name] = tuple(needed)
    return LetGraph(needs, tuple(cycles), tuple(too_deep), frozenset(broken), depths, sizes, deepest, largest)


def _reading_order(lets: Mapping[str, Uses]) -> tuple[list[str], list[tuple[str, ...]]]:
    """The lets, each after all those it reads, and the circles among them, each found once."""
    order: list[str] = []
    cycles: list[tuple[str, ...]] = []
    finished: set[str] = set()
    for start in lets:
        if start in finished:
            continue
        path: dict[str, None] = {start: None}
        waiting = [(start, iter(_reads(lets, start)))]
        while waiting:
            name, rest = waiting[-1]
            for read in rest:
                if read in path:
                    way = list(path)
                    cycles.append(tuple(way[way.index(read) :]))
                elif read not in finished:
                    path[read] = None
                    waiting.append((read, iter(_reads(lets, read))))
                    break
            else:
                waiting.pop()
                del path[name]
                finished.add(name)
                order.append(name)
    return order, cycles


def _reads(lets: Mapping[str, Uses], name: str) -> Iterable[str]:
    return dict.fromkeys(used.name for used, _ in lets[name].names if used.name in lets)
