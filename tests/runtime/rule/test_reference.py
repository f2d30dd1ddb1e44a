"""The meaning of expressions, by tables."""

from __future__ import annotations

import itertools
import math
from typing import Any

import attrs
import pytest

from rulec.dsl.plan import (
    And,
    Call,
    Compare,
    Duration,
    EventName,
    Expression,
    FieldName,
    Indicator,
    Kind,
    Member,
    Money,
    Negate,
    Not,
    Number,
    Or,
    Percent,
    Product,
    QuoteField,
    RMultiple,
    Sum,
    Symbol,
    TableLookup,
    Text,
    TimeOfDay,
    Truth,
    Within,
    Word,
)
from rulec.runtime.event.inputs import Bar, Price, Quote, Signal
from rulec.runtime.rule.closures import compile_expression
from rulec.runtime.rule.reference import evaluate
from rulec.tests.runtime.rule.plans import CONFIDENCE, PREMIUM, PRICE, SYMBOL, Answers

SIGNAL = Signal(0, "AAPL", "BUY", 0.9, 150.0, "flow", fields={"premium": 2_000, "tag": "sweep", "hot": True})
BARE = Signal(0, "MSFT", "SELL")
FACTS = Answers({("last", "AAPL"): 151.0, ("last", "SPY"): 500.0}, {("AAPL", "atr"): 2.5})

UNKNOWN = FieldName("nothing", Kind.NUMBER)
UNSURE = Compare((UNKNOWN, Number(1.0)), (">",))
LOGIC: dict[bool | None, Expression] = {True: Truth(True), False: Truth(False), None: UNSURE}


def both_ways(expression: Expression, event: object = SIGNAL) -> Any:
    """The value, which the reference and the generated function must agree on."""
    value = evaluate(expression, event, FACTS)
    compiled = compile_expression(expression)(event, FACTS)
    assert (type(compiled), compiled) == (type(value), value)
    return value


def over(*numbers: float) -> Product:
    first, *rest = numbers
    return Product((("*", Number(first)), *(("/", Number(number)) for number in rest)))


def total(*numbers: float) -> Sum:
    return Sum(tuple((1, Number(number)) for number in numbers))


def compare(left: Expression, operator: str, right: Expression) -> Compare:
    return Compare((left, right), (operator,))


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (Number(3.0), 3.0),
        (Percent(0.03), 0.03),
        (Money(2.5), 2.5),
        (Duration(60.0), 60.0),
        (TimeOfDay(34_500), 34_500.0),
        (RMultiple(2.0), 2.0),
        (Truth(False), False),
        (Symbol("AAPL"), "AAPL"),
        (Word("BUY"), "BUY"),
        (Text(("at ", PRICE, " of ", SYMBOL)), "at 150 of AAPL"),
        (Text(("at ", UNKNOWN)), None),
        (SYMBOL, "AAPL"),
        (EventName("signal", Kind.WORD), "BUY"),
        (EventName("source", Kind.TEXT), "flow"),
        (CONFIDENCE, 0.9),
        (PRICE, 150.0),
        (EventName("size", Kind.NUMBER), None),
        (EventName("time", Kind.NUMBER), None),
        (PREMIUM, 2000.0),
        (FieldName("tag", Kind.TEXT), "sweep"),
        (FieldName("hot", Kind.FLAG), True),
        (FieldName("hot", Kind.NUMBER), None),
        (FieldName("tag", Kind.MONEY), None),
        (FieldName("premium", Kind.TEXT), None),
        (QuoteField("last"), 151.0),
        (QuoteField("last", "SPY"), 500.0),
        (QuoteField("bid"), None),
        (Indicator("atr", (14.0,)), 2.5),
        (Indicator("atr", (14.0,), None, "SPY"), None),
        (Product((("*", Number(6.0)), ("*", Indicator("atr", (14.0,))))), 15.0),
        (Sum(((1, Number(1.0)), (-1, Number(3.0)), (1, Number(0.5)))), -1.5),
        (Sum(((-1, PRICE), (1, Number(1.0)))), -149.0),
        (over(7.0, 2.0), 3.5),
        (Negate(CONFIDENCE), -0.9),
        (Call("abs", (Number(-2.0),)), 2.0),
        (Call("min", (Number(2.0), CONFIDENCE)), 0.9),
        (Call("max", (Number(2.0), CONFIDENCE)), 2.0),
        (Call("max", (Number(2.0), UNKNOWN)), None),
        (Call("round", (Number(2.5),)), 3.0),
        (Call("round", (Number(-2.5),)), -3.0),
        (Call("round", (Number(2.675), Number(2.0))), 2.68),
        (Call("round", (Number(1234.0), Number(-2.0))), 1200.0),
        (Call("round", (Number(1e308), Number(300.0))), 1e308),
        (Call("round", (Number(1.0), Number(0.5))), None),
        (Call("round", (Number(1.0), Number(1e9))), None),
    ],
    ids=repr,
)
def test_an_expression_has_a_value(expression: Expression, value: float | str | bool | None) -> None:
    assert both_ways(expression) == value


@pytest.mark.parametrize(
    "expression",
    [
        over(1.0, 0.0),
        over(0.0, 0.0),
        over(1e308, 1e-308),
        Product((("*", Number(1e308)), ("*", Number(1e308)), ("*", Number(0.0)))),
        total(1e308, 1e308),
        Number(math.inf),
        Number(math.nan),
        total(1.0, math.inf),
        Negate(Truth(True)),
        Sum(((1, SYMBOL), (1, Number(1.0)))),
        Call("sqrt", (Number(4.0),)),
        Call("abs", (Number(4.0), Number(4.0))),
        Call("min", ()),
        And((Number(1.0),)),
        Not(Number(1.0)),
        compare(SYMBOL, "<", Symbol("MSFT")),
        compare(SYMBOL, "==", Number(1.0)),
        compare(Truth(True), "==", Number(1.0)),
        compare(Number(1.0), "=>", Number(1.0)),
    ],
    ids=repr,
)
def test_what_has_no_answer_is_unknown(expression: Expression) -> None:
    assert both_ways(expression) is None


@pytest.mark.parametrize(("left", "right"), list(itertools.product((True, False, None), repeat=2)))
def test_and_or_not_are_kleenes(left: bool | None, right: bool | None) -> None:
    known = {True: 1.0, None: 0.5, False: 0.0}
    back = {number: flag for flag, number in known.items()}
    a, b = LOGIC[left], LOGIC[right]
    assert both_ways(And((a, b))) is back[min(known[left], known[right])]
    assert both_ways(Or((a, b))) is back[max(known[left], known[right])]
    assert both_ways(Not(a)) is back[1.0 - known[left]]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (compare(CONFIDENCE, ">", Number(0.8)), True),
        (compare(CONFIDENCE, ">", Number(0.9)), False),
        (compare(CONFIDENCE, ">=", Percent(0.9)), True),
        (compare(CONFIDENCE, ">", UNKNOWN), None),
        (compare(Truth(True), "!=", FieldName("hot", Kind.FLAG)), False),
        (Compare((Number(0.2), CONFIDENCE, Number(0.7)), ("<", "<=")), False),
        (Compare((Number(0.2), CONFIDENCE, UNKNOWN), ("<", "<=")), None),
        (Compare((Number(0.95), CONFIDENCE, UNKNOWN), ("<", "<=")), False),
        (Compare((CONFIDENCE,), ()), True),
        (Member(SYMBOL, (Symbol("MSFT"), Symbol("AAPL"))), True),
        (Member(SYMBOL, (Symbol("MSFT"),)), False),
        (Member(SYMBOL, (Symbol("MSFT"),), negated=True), True),
        (Member(SYMBOL, (Symbol("AAPL"), UNKNOWN)), True),
        (Member(SYMBOL, (Symbol("MSFT"), UNKNOWN)), None),
        (Member(SYMBOL, (Symbol("MSFT"), Number(1.0))), None),
        (Member(UNKNOWN, (Number(1.0),), negated=True), None),
        (Member(UNKNOWN, ()), False),
        (Within(CONFIDENCE, Number(0.9), Number(1.0)), True),
        (Within(CONFIDENCE, Number(0.5), Number(0.9)), True),
        (Within(CONFIDENCE, Number(0.5), Number(0.9), open_end=True), False),
        (Within(CONFIDENCE, Number(0.5), Number(0.9), negated=True, open_end=True), True),
        (Within(CONFIDENCE, Number(0.95), UNKNOWN), False),
        (Within(CONFIDENCE, Number(0.5), UNKNOWN), None),
        (And(()), True),
        (Or(()), False),
    ],
    ids=repr,
)
def test_a_condition_is_true_false_or_unknown(expression: Expression, value: bool | None) -> None:
    assert both_ways(expression) is value


def test_a_table_gives_the_entry_of_the_symbol_else_the_default() -> None:
    table = TableLookup((("AAPL", Money(1.0)), ("AAPL", Money(9.0))), None, SYMBOL)
    assert both_ways(table) == 1.0
    assert both_ways(table, BARE) is None
    assert both_ways(attrs.evolve(table, default=Money(2.0)), BARE) == 2.0
    assert both_ways(attrs.evolve(table, default=Money(2.0), key=UNKNOWN)) is None
    assert both_ways(attrs.evolve(table, default=Text(("none",))), BARE) == "none"


@pytest.mark.parametrize(
    ("event", "values"),
    [
        (BARE, {"symbol": "MSFT", "confidence": None, "price": None, "source": None, "size": None}),
        (Price(0, "SPY", 500.0, 100.0), {"symbol": "SPY", "price": 500.0, "size": 100.0, "signal": None}),
        (Price(0, "SPY", 500.0), {"size": None, "confidence": None}),
        (Quote(0, "SPY", 499.0, 501.0), {"price": 500.0, "size": None, "source": None}),
        (Bar(0, "SPY", 1.0, 2.0, 1.0, 2.0, 9.0, 60, 0, 60), {"symbol": "SPY", "price": None}),
        (object(), {"symbol": None, "price": None}),
    ],
    ids=["signal", "trade", "price", "quote", "bar", "nothing"],
)
def test_each_event_brings_its_own_names(event: object, values: dict[str, Any]) -> None:
    assert {name: both_ways(EventName(name, Kind.NUMBER), event) for name in values} == values
    assert both_ways(PREMIUM, event) is None


def test_a_quote_without_a_symbol_to_ask_for_is_unknown() -> None:
    assert both_ways(QuoteField("last"), object()) is None
    assert both_ways(QuoteField("last", "SPY"), object()) == 500.0
