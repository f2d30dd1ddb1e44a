"""Tests to canonical text: a step a line, indented by two columns; empty lines between steps are kept.

test "a strong signal enters long" {
  price AAPL $150
  signal BUY AAPL with (confidence = 0.9)
  expect enter long 100 of AAPL
}
"""

from __future__ import annotations

from . import nodes as n
from .layout import Break, Doc, Group, flat
from .nodes import ExpectationKind, StepKind
from .print_expressions import alone, between, commas, enclosed, string, symbol, word


def test_doc(test: n.Test) -> Doc:
    """A whole test."""
    if not test.steps:
        return f"test {string(test.name)} {{}}"
    steps = between((step_doc(step) for step in test.steps), lambda: Break(keeps_blank=True))
    return Group((f"test {string(test.name)} {{", Break(), *steps, Break(closes=True), "}"), indent=2, broken=True)


def step_doc(step: n.TestStep) -> Doc:
    """One step."""
    if isinstance(step, n.SignalStep):
        return _signal(step)
    return f"expect {expectation_text(step)}" if isinstance(step, n.Expect) else _happening(step)


def expectation_text(expect: n.Expect) -> str:
    """An expectation without the word `expect`."""
    of = None if expect.symbol is None else symbol(expect.symbol)
    value = None if expect.value is None else _value(expect.value)
    side = None if expect.side is None else expect.side.value
    words: list[str | None] = [expect.kind.value]
    if expect.kind in (ExpectationKind.ENTER, ExpectationKind.EXIT):
        words += [side, value, "of", of]
    elif expect.kind is ExpectationKind.POSITION:
        words += [of, side, value]
    elif expect.rule:
        words.append(".".join(name.name for name in expect.rule))
    else:
        words += [of, None if value is None else f"at {value}"]
    return " ".join(word for word in words if word is not None)


def _value(value: n.Expression) -> str:
    return flat(alone(value))


def _signal(step: n.SignalStep) -> Doc:
    said = f"signal {word(step.kind)} {symbol(step.symbol)}"
    if not step.given:
        return said
    return (
        f"{said} with ",
        enclosed("(", commas([f"{one.name.name} = {_value(one.value)}" for one in step.given]), ")"),
    )


def _happening(step: n.Step) -> Doc:
    values = [_value(value) for value in step.values]
    if step.kind is StepKind.PARTIAL:
        return f"partial fill {values[0]} of next order"
    if step.kind is StepKind.PRICE and len(values) > 1:
        values.insert(1, "size")
    words = [step.kind.value]
    words += [] if step.timeframe is None else [_value(step.timeframe)]
    words += [] if step.symbol is None else [symbol(step.symbol)]
    words += values
    words += [] if step.times is None else ["for", _value(step.times), "bars"]
    return " ".join(words)
