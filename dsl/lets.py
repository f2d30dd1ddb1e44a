"""How the lets of a file hang together: which read which, in a circle or not, and what they need from their reader.

Everything here is worked out with lists of work to do, never by recursion: ten thousand lets, each reading the one
before it, are no deeper for it than one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from . import nodes
from .catalog import BAR_FIELDS, FUNCTIONS, OF_THE_SYMBOL, Family
from .nodes import Node
from .record import Record
from .walk import walk


@attrs.frozen(eq=False, repr=False)
class Uses(Record):
    """What a piece of the tree mentions: names with their levels, calls, attributes; and its size.

    `of_the_symbol` are the parts that mean the event's symbol without naming it: `last`, `atr(14)`, `close[1]`.
    """

    names: list[tuple[nodes.Name, int]]
    calls: list[nodes.Call]
    attributes: list[nodes.Attribute]
    of_the_symbol: list[Node]
    depth: int
    size: int


def uses_of(*roots: Node) -> Uses:
    """Collect what pieces of the tree mention, in the order of the text."""
    names: list[tuple[nodes.Name, int]] = []
    calls: list[nodes.Call] = []
    attributes: list[nodes.Attribute] = []
    of_the_symbol: list[Node] = []
    past: set[int] = set()
    deepest = size = 0
    for root in roots:
        for node, depth in walk(root):
            size += 1
            if depth > deepest:
                deepest = depth
            kind = type(node)
            # mypy: `kind is` does not narrow, and is much quicker than isinstance
            if kind is nodes.Name:
                if id(node) not in past:
                    names.append((node, depth))  # type: ignore[arg-type]
                    if node.name in OF_THE_SYMBOL:  # type: ignore[union-attr, operator]
                        of_the_symbol.append(node)
            elif kind is nodes.Call:
                calls.append(node)  # type: ignore[arg-type]
                if _asks_the_symbol(node):  # type: ignore[arg-type]
                    of_the_symbol.append(node)
            elif kind is nodes.Attribute:
                attributes.append(node)  # type: ignore[arg-type]
                if is_position(node):
                    of_the_symbol.append(node)
            elif kind is nodes.AtrMultiple:
                of_the_symbol.append(node)
            elif kind is nodes.Index and is_past(node.item):  # type: ignore[union-attr]
                past.add(id(node.item))  # type: ignore[union-attr]
                of_the_symbol.append(node)
    return Uses(names, calls, attributes, of_the_symbol, deepest, size)


def is_past(item: Node) -> bool:
    """Whether `[n]` after it means the field of a bar: `close[1]`. Users can't define such names."""
    return isinstance(item, nodes.Name) and item.name in BAR_FIELDS


def is_position(node: Node) -> bool:
    """Whether it is `position.…`."""
    return isinstance(node, nodes.Attribute) and isinstance(node.owner, nodes.Name) and node.owner.name == "position"


def _asks_the_symbol(call: nodes.Call) -> bool:
    function = FUNCTIONS.get(call.function.name)
    return function is not None and function.family is not Family.ARITHMETIC and call.symbol is None


@attrs.frozen(eq=False, repr=False)
class Outside(Record):
    """What is known of a let that another file defines."""

    needs: tuple[str, ...]
    depth: int
    size: int
    broken: bool


@attrs.frozen(eq=False, repr=False)
class LetGraph(Record):
    """What is known of each let of a file.

    `needs`: the names, none of them a let, that a let reads in the end, in order of first use; `symbol` is among them
    where it asks for something of the event's symbol. `cycles`: lets that
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


def study_lets(lets: Mapping[str, Uses], outside: Mapping[str, Outside], deepest: int, largest: int) -> LetGraph:
    """Put the lets of a file in order, those that are read before those that read them, and sum up what they need.

    `outside` are the lets of other files that this one can read.
    """
    order, cycles = _reading_order(lets)
    broken = {name for cycle in cycles for name in cycle}
    broken |= {name for name, known in outside.items() if known.broken}
    needs = {name: known.needs for name, known in outside.items()}
    depths = {name: known.depth for name, known in outside.items()}
    sizes = {name: known.size for name, known in outside.items()}
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
            needed.update(dict.fromkeys(needs[used.name]) if used.name in needs else {used.name: None})
        if uses.of_the_symbol:
            needed["symbol"] = None
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
