"""Reductions to nodes, third part: tests, their steps and what they expect. See `build.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from . import nodes as n
from .nodes import ExpectationKind, StepKind
from .span import Span


def test(span: Span, name: Any, *steps: Any) -> n.Test:
    return n.Test(name, tuple(one for one in steps if one is not None), span)


def given(span: Span, name: Any, value: Any) -> n.Binding:
    return n.Binding(name, value, span)


def tested_rule(span: Span, first: Any, second: Any) -> tuple[Any, ...]:
    return (first,) if second is None else (first, second)


# ---- what happens --------------------------------------------------------------------------------------------------


def _plain(kind: StepKind) -> Callable[..., n.Step]:
    """A step of values alone."""
    return lambda span, *values: n.Step(kind, None, values, span=span)


def _of_symbol(kind: StepKind) -> Callable[..., n.Step]:
    """A step whose values follow a symbol; one that was left out is none."""

    def step(span: Span, symbol: Any, *values: Any) -> n.Step:
        return n.Step(kind, symbol, tuple(value for value in values if value is not None), span=span)

    return step


def bar_step(span: Span, timeframe: Any, symbol: Any, *values: Any) -> n.Step:
    *prices, times = values
    return n.Step(StepKind.BAR, symbol, tuple(prices), timeframe, times, span)


def signal_step(span: Span, kind: Any, symbol: Any, *values: Any) -> n.SignalStep:
    return n.SignalStep(kind, symbol, tuple(value for value in values if value is not None), span)


def expect_step(span: Span, expectation: Any) -> Any:
    """The expectation, from the word `expect` on; after an error there may be none."""
    return None if expectation is None else attrs.evolve(expectation, span=span)


# ---- what is expected ----------------------------------------------------------------------------------------------


def expect_enter(span: Span, side: Any, quantity: Any, symbol: Any) -> n.Expect:
    return n.Expect(ExpectationKind.ENTER, symbol, side, quantity, span=span)


def expect_exit(span: Span, quantity: Any, symbol: Any) -> n.Expect:
    return n.Expect(ExpectationKind.EXIT, symbol, None, quantity, span=span)


def expect_position(span: Span, symbol: Any, side: Any, quantity: Any) -> n.Expect:
    return n.Expect(ExpectationKind.POSITION, symbol, side, quantity, span=span)


def _at_price(kind: ExpectationKind) -> Callable[[Span, Any, Any], n.Expect]:
    return lambda span, symbol, price: n.Expect(kind, symbol, None, price, span=span)


def _of_one(kind: ExpectationKind) -> Callable[[Span, Any], n.Expect]:
    return lambda span, symbol: n.Expect(kind, symbol, span=span)


def _of_rule(kind: ExpectationKind) -> Callable[[Span, Any], n.Expect]:
    return lambda span, rule: n.Expect(kind, rule=rule or (), span=span)


def expect_halted(span: Span) -> n.Expect:
    return n.Expect(ExpectationKind.HALTED, span=span)


BUILDERS: dict[str, Callable[..., Any]] = {
    "test": test,
    "given": given,
    "tested_rule": tested_rule,
    "at_step": _plain(StepKind.AT),
    "wait_step": _plain(StepKind.WAIT),
    "equity_step": _plain(StepKind.EQUITY),
    "price_step": _of_symbol(StepKind.PRICE),
    "quote_step": _of_symbol(StepKind.QUOTE),
    "bar_step": bar_step,
    "signal_step": signal_step,
    "reject_step": _plain(StepKind.REJECT),
    "partial_step": _plain(StepKind.PARTIAL),
    "disconnect_step": _plain(StepKind.DISCONNECT),
    "reconnect_step": _plain(StepKind.RECONNECT),
    "expect_step": expect_step,
    "expect_enter": expect_enter,
    "expect_exit": expect_exit,
    "expect_stop": _at_price(ExpectationKind.STOP),
    "expect_target": _at_price(ExpectationKind.TARGET),
    "expect_order": _at_price(ExpectationKind.ORDER),
    "expect_position": expect_position,
    "expect_flat": _of_one(ExpectationKind.FLAT),
    "expect_no_orders": _of_one(ExpectationKind.NO_ORDERS),
    "expect_fired": _of_rule(ExpectationKind.FIRED),
    "expect_not_fired": _of_rule(ExpectationKind.NOT_FIRED),
    "expect_refused": _of_rule(ExpectationKind.REFUSED),
    "expect_halted": expect_halted,
}
"""By the names that the grammar gives to alternatives."""
