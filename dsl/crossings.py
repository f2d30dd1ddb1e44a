"""E203: `crosses` where nothing crosses. Whether something does depends on the rule, by whose steps things move.

A crossing in a let is judged once for each kind of rule that reads it, and told at the name in the rule.
"""

from __future__ import annotations

import attrs

from . import kinds, nodes
from .catalog import Reader
from .crossing import by_ticks, earlier
from .expression_types import ExpressionTypes
from .readers import reader_of
from .record import Record
from .walk import walk


@attrs.frozen(eq=False, repr=False)
class _Fault(Record):
    """Why a crossing is none: what is said of it."""

    message: str
    label: str
    help: str


class Crossings:
    """Judges the crossings of one file's rules, those in the lets that they read included."""

    def __init__(self, types: ExpressionTypes) -> None:
        self.types = types
        self.any = any(home.crossings for home in (types, *types.homes.values()))
        self._lets: dict[tuple[int, str, Reader], _Fault | None] = {}

    def check(self, rule: nodes.Rule) -> None:
        if not self.any or rule.condition is None:
            return
        reader = reader_of(rule, self.types)
        told: set[str] = set()
        for node, _ in walk(rule.condition):
            if isinstance(node, nodes.Crosses):
                fault = _fault(node, self.types, reader)
            elif isinstance(node, nodes.Name) and node.name not in told:
                fault = self._in_let(node.name, self.types, reader)
                told.add(node.name)
            else:
                continue
            if fault is not None:
                self.types.report("E203", fault.message, node.span, fault.label, fault.help)

    def _in_let(self, name: str, types: ExpressionTypes, reader: Reader) -> _Fault | None:
        """The first fault of the crossings that a let comes to; None where it has none, or is no let."""
        home = types.homes.get(name, types)
        definition = home.scope.definitions.get(name)
        if not isinstance(definition, nodes.Let) or name in types.scope.broken:
            return None
        key = (id(home), name, reader)
        if key not in self._lets:
            self._lets[key] = None
            for node, _ in walk(definition.value):
                fault = None
                if isinstance(node, nodes.Crosses):
                    fault = _fault(node, home, reader)
                elif isinstance(node, nodes.Name):
                    fault = self._in_let(node.name, home, reader)
                if fault is not None:
                    self._lets[key] = fault
                    break
        return self._lets[key]


def _fault(crossing: nodes.Crosses, types: ExpressionTypes, reader: Reader) -> _Fault | None:
    if types.types.get(id(crossing), kinds.FAILED).kind is None:
        return None
    lowering = types.lowering_for(reader)
    sides = [lowering.lower(side) for side in (crossing.left, crossing.right)]
    if all(earlier(side, reader) == side for side in sides):
        return _ON_PRICES if reader.prices else _ON_BARS
    moving = None if reader.prices else next((name for name in map(by_ticks, sides) if name is not None), None)
    if moving is None:
        return None
    # what moves between bars was nothing at the bar before: its last two values could be any
    message = f"outside of rules on prices bars cross, and `{moving}` is no field of a bar"
    help_text = "write `close`, or `close[0]` in a rule that is not `on bar`; or make it a rule `on price`"
    return _Fault(message, f"`{moving}` a bar ago?", help_text)


_ON_PRICES = _Fault(
    "in a rule on prices only the price crosses, and neither side of this is the price",
    "never crosses",
    "write `price crosses above ...`, or make it a rule `on bar`",
)
_ON_BARS = _Fault(
    "nothing crosses here: neither side changes from bar to bar",
    "never crosses",
    "compare an indicator or a field of the bar, such as `close` or `sma(20)`",
)
