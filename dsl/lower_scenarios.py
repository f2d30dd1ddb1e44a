"""Checked tests become the records of `scenario.py`: values read, names of rules made full.

Nothing here can fail: what could was reported by `scenario_checks.py`, and a set of files with an error is not lowered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import nodes as n
from . import scenario as s
from .nodes import ExpectationKind, StepKind
from .plan import Place
from .print_scenarios import expectation_text
from .source import SourceFile

_DAY = 86_400
_PRICED = {
    ExpectationKind.STOP: s.Priced.STOP,
    ExpectationKind.TARGET: s.Priced.TARGET,
    ExpectationKind.ORDER: s.Priced.ANY,
}
_JUDGED = {
    ExpectationKind.FIRED: s.Judged.FIRED,
    ExpectationKind.NOT_FIRED: s.Judged.NOT_FIRED,
    ExpectationKind.REFUSED: s.Judged.REFUSED,
}


def lower_tests(file: n.File, source: SourceFile, rule_names: Mapping[str, str]) -> tuple[s.Test, ...]:
    """The tests of a file without errors, in order. `rule_names` are the full names of rules by what a file may say."""
    lowering = _Lowering(source, rule_names)
    return tuple(lowering.test(statement) for statement in file.statements if isinstance(statement, n.Test))


def value_of(node: Any) -> Any:
    """What a literal says: a float (fractions, currency, seconds), a text or a flag."""
    if isinstance(node, n.Negate):
        return -value_of(node.item)
    return node.name if isinstance(node, n.Symbol) else node.value


class _Lowering:
    def __init__(self, source: SourceFile, rule_names: Mapping[str, str]) -> None:
        self.source = source
        self.rule_names = rule_names

    def place(self, offset: int) -> Place:
        position = self.source.position(offset)
        return Place(self.source.path, position.line, position.column)

    def test(self, test: n.Test) -> s.Test:
        return s.Test(test.name.value, tuple(self.step(step) for step in test.steps), self.place(test.span.start))

    def step(self, step: n.TestStep) -> s.Step:
        if isinstance(step, n.Expect):
            return self.expectation(step)
        return self.signal(step) if isinstance(step, n.SignalStep) else self.happening(step)

    def happening(self, step: n.Step) -> s.Happening:
        place = self.place(step.span.start)
        values = [value_of(value) for value in step.values]
        symbol = "" if step.symbol is None else step.symbol.name
        match step.kind:
            case StepKind.AT:
                days, seconds = divmod(values[0], _DAY) if isinstance(step.values[0], n.Date) else (None, values[0])
                return s.At(days, seconds, place)
            case StepKind.WAIT:
                return s.Wait(values[0], place)
            case StepKind.EQUITY:
                return s.Equity(values[0], place)
            case StepKind.PRICE:
                return s.Price(symbol, values[0], values[1] if len(values) > 1 else None, place)
            case StepKind.QUOTE:
                return s.Quote(symbol, values[0], values[1], place)
            case StepKind.BAR:
                timeframe = None if step.timeframe is None else step.timeframe.value
                times = 1 if step.times is None else int(value_of(step.times))
                opens, high, low, close, volume = values
                return s.Bars(symbol, opens, high, low, close, volume, timeframe, times, place)
            case StepKind.REJECT:
                return s.RejectNext(values[0], place)
            case StepKind.PARTIAL:
                return s.PartialNext(int(values[0]), place)
            case StepKind.DISCONNECT | StepKind.RECONNECT:
                return s.Connection(step.kind is StepKind.RECONNECT, place)

    def signal(self, step: n.SignalStep) -> s.Signal:
        given = {one.name.name: value_of(one.value) for one in step.given}
        confidence, price, source = given.pop("confidence", None), given.pop("price", None), given.pop("source", "")
        place = self.place(step.span.start)
        return s.Signal(step.kind.text, step.symbol.name, confidence, price, source, tuple(given.items()), place)

    def expectation(self, expect: n.Expect) -> s.Expectation:
        place, written = self.place(expect.span.start), expectation_text(expect)
        symbol = "" if expect.symbol is None else expect.symbol.name
        kind = expect.kind
        if kind in _PRICED:
            return s.ExpectPrice(_PRICED[kind], symbol, value_of(expect.value), written, place)
        if kind in _JUDGED:
            name = ".".join(part.name for part in expect.rule)
            return s.ExpectRule(_JUDGED[kind], self.rule_names[name], written, place)
        quantity = None if expect.value is None else int(value_of(expect.value))
        match kind:
            case ExpectationKind.ENTER:
                assert expect.side is not None, "the grammar asks for a side"
                return s.ExpectEnter(expect.side, quantity, symbol, written, place)
            case ExpectationKind.EXIT:
                return s.ExpectExit(quantity, symbol, written, place)
            case ExpectationKind.POSITION:
                assert expect.side is not None and quantity is not None, "the grammar asks for both"
                return s.ExpectPosition(expect.side, quantity, symbol, written, place)
            case ExpectationKind.FLAT:
                return s.ExpectFlat(symbol, written, place)
            case ExpectationKind.NO_ORDERS:
                return s.ExpectNoOrders(symbol or None, written, place)
            case _:
                return s.ExpectHalted(written, place)
