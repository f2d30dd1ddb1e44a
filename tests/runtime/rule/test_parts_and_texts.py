"""What decision records and messages show of an expression."""

from __future__ import annotations

import pytest
from hypothesis import given

from rulec.dsl.plan import (
    And,
    Compare,
    EventName,
    Expression,
    FieldName,
    Indicator,
    Kind,
    Money,
    Number,
    Or,
    Product,
    QuoteField,
    Rule,
    SignalTrigger,
    TableLookup,
    Text,
    Truth,
)
from rulec.runtime.event.inputs import Signal
from rulec.runtime.rule.parts import Part, label_of, values_of, why_unknown
from rulec.runtime.rule.prepared import prepare
from rulec.runtime.rule.texts import compile_text, render
from rulec.runtime.rule.values import shown
from rulec.tests.runtime.rule.plans import CONFIDENCE, EVENTS, EXPRESSIONS, FACTS, PREMIUM, PRICE, SYMBOL, Answers

EVENT = Signal(0, "AAPL", "BUY", 0.91, fields={"hot": True})
ATR = Indicator("atr", (14.0,))
KNOWN = Answers({("last", "SPY"): 500.0}, {("AAPL", "atr"): 2.5})


@pytest.mark.parametrize(
    ("part", "label"),
    [
        (CONFIDENCE, "confidence"),
        (PREMIUM, "premium"),
        (ATR, "atr(14)"),
        (Indicator("sma", (200.0,), 86_400.0, "SPY"), "SPY.sma(200, 1d)"),
        (Indicator("stdev", (20.0, 1.5), 300.0), "stdev(20, 1.5, 5m)"),
        (Indicator("vwap", (), 5_400.0), "vwap(90m)"),
        (Indicator("vwap", ()), "vwap()"),
        (Indicator("rsi", (2.0,), 90.0), "rsi(2, 90s)"),
        (QuoteField("last"), "last"),
        (QuoteField("last", "SPY"), "SPY.last"),
    ],
)
def test_a_part_is_labelled_as_a_user_would_write_it(part: Part, label: str) -> None:
    assert label_of(part) == label


def test_the_values_of_a_condition_are_its_parts_in_order_each_once() -> None:
    condition = And(
        (
            Compare((CONFIDENCE, Number(0.8)), (">",)),
            Or((Compare((PREMIUM, Product((("*", Number(6.0)), ("*", ATR)))), (">",)), Truth(False))),
            Compare((CONFIDENCE, QuoteField("last", "SPY")), ("<",)),
            Compare((TableLookup((("AAPL", PRICE),), Money(1.0), SYMBOL), Number(0.0)), (">",)),
        )
    )
    values = values_of(condition)(EVENT, KNOWN)
    assert list(values.items()) == [
        ("confidence", 0.91),
        ("premium", None),
        ("atr(14)", 2.5),
        ("SPY.last", 500.0),
        ("price", None),
        ("symbol", "AAPL"),
    ]
    assert prepare([Rule(SignalTrigger(()), condition, ())])[0].values(EVENT, KNOWN) == values
    assert why_unknown(condition, EVENT, KNOWN) == "premium, price unknown"


def test_a_rule_without_a_condition_has_no_values() -> None:
    assert prepare([Rule(SignalTrigger(()), None, ())])[0].values(EVENT, KNOWN) == {}


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        (Compare((PRICE, Number(1.0)), (">",)), "price unknown"),
        (ATR, "atr(14) unknown"),
        (None, "condition unknown"),
        (TableLookup((("MSFT", Money(1.0)),), None, SYMBOL), "no table entry for AAPL"),
        (Product((("*", Number(1.0)), ("/", Number(0.0)))), "no result: a division by zero or a number too large"),
    ],
)
def test_the_reason_of_a_skip_names_what_is_missing(expression: Expression | None, reason: str) -> None:
    facts = Answers({}, {}) if expression == ATR else KNOWN
    assert why_unknown(expression, EVENT, facts) == reason


@given(EXPRESSIONS, EVENTS, FACTS)
def test_values_and_reasons_exist_for_every_plan(expression: Expression, event: object, facts: Answers) -> None:
    values = values_of(expression)(event, facts)
    assert all(isinstance(value, (float, str, bool, type(None))) for value in values.values())
    assert why_unknown(expression, event, facts)


def test_a_text_is_filled_in_with_short_numbers_and_unknown() -> None:
    text = Text(
        (SYMBOL, ": ", CONFIDENCE, ", hot ", FieldName("hot", Kind.FLAG), ", atr ", ATR, ", price ", PRICE, ".")
    )
    assert render(text, EVENT, KNOWN) == "AAPL: 0.91, hot true, atr 2.5, price unknown."
    assert compile_text(text)(EVENT, Answers()) == "AAPL: 0.91, hot true, atr unknown, price unknown."
    assert render(Text(("as it stands",)), EVENT, KNOWN) == "as it stands"
    assert render(Text(("from ", EventName("source", Kind.TEXT))), EVENT, KNOWN) == "from unknown"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (100.0, "100"),
        (0.1 + 0.2, "0.30000000000000004"),
        (0.00001, "0.00001"),
        (-2.50, "-2.5"),
        (-0.0, "0"),
        (1e20, "100000000000000000000"),
        (1e300, "1e+300"),
        (True, "true"),
        (False, "false"),
        ("AAPL", "AAPL"),
        (None, "unknown"),
    ],
)
def test_a_value_is_shown_in_its_shortest_form(value: float | str | bool | None, text: str) -> None:
    assert shown(value) == text
