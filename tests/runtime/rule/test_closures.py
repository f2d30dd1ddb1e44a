"""Generated functions mean what the reference says, whatever the plan."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any, get_args

import pytest
from hypothesis import given

from rulec.dsl.plan import (
    And,
    Call,
    Compare,
    EventName,
    Expression,
    FieldName,
    Indicator,
    Kind,
    Member,
    Negate,
    Not,
    Number,
    Or,
    Product,
    QuoteField,
    Sum,
    Symbol,
    TableLookup,
    Text,
    Truth,
    Within,
)
from rulec.runtime.event.inputs import Signal
from rulec.runtime.rule import reference
from rulec.runtime.rule.closures import compile_condition, compile_expression
from rulec.tests.runtime.rule.plans import (
    CONFIDENCE,
    EVENTS,
    EXPRESSIONS,
    FACTS,
    LEAVES,
    PREMIUM,
    PRICE,
    SYMBOL,
    Answers,
    at_least,
    inner,
)

SURE = Signal(0, "AAPL", "BUY", 0.9, 150.0)
NO_FACTS = Answers()


def same(left: object, right: object) -> bool:
    return type(left) is type(right) and left == right


def test_random_plans_cover_every_node_of_the_language() -> None:
    assert set(LEAVES) | set(inner(EXPRESSIONS)) == set(get_args(Expression))


@at_least(1_500)
@given(EXPRESSIONS, EVENTS, FACTS)
def test_a_function_gives_the_value_of_the_reference(expression: Expression, event: Any, facts: Answers) -> None:
    assert same(compile_expression(expression)(event, facts), reference.evaluate(expression, event, facts))
    assert same(compile_condition(expression)(event, facts), reference.holds(expression, event, facts))


@at_least(100)
@given(EXPRESSIONS, EVENTS, FACTS)
def test_a_long_chain_means_what_a_short_one_means(part: Expression, event: Any, facts: Answers) -> None:
    many = 60
    for chain in (
        And((part,) * many),
        Or((part,) * many),
        Compare((part,) * many, ("<=",) * (many - 1)),
        Sum(((1, part), (-1, part)) * many),
        Product((("*", part), ("/", part)) * many),
        Call("max", (part,) * many),
        Member(part, (part,) * many),
    ):
        assert same(compile_expression(chain)(event, facts), reference.evaluate(chain, event, facts))


def test_a_chain_of_ten_thousand_terms_is_compiled_and_evaluated() -> None:
    above = [Compare((CONFIDENCE, Number(number / 20_000)), (">",)) for number in range(10_000)]
    assert compile_condition(And(tuple(above)))(SURE, NO_FACTS) is True
    assert compile_condition(Or(tuple(map(Not, above))))(SURE, NO_FACTS) is False
    assert compile_expression(Sum(((1, Number(1.0)),) * 10_000))(SURE, NO_FACTS) == 10_000.0
    assert compile_expression(Product((("*", Number(1.0)),) * 10_000))(SURE, NO_FACTS) == 1.0
    symbols = tuple(Symbol(f"S{number}") for number in range(10_000))
    assert compile_expression(Member(SYMBOL, symbols))(SURE, NO_FACTS) is False
    table = TableLookup(tuple((symbol.name, Number(1.0)) for symbol in symbols), Number(2.0), SYMBOL)
    assert compile_expression(table)(SURE, NO_FACTS) == 2.0


@pytest.mark.parametrize("depth", [200, 1_000])
def test_nesting_meets_no_limit_of_python(depth: int) -> None:
    layers: Iterator[Callable[[Expression], Expression]] = itertools.cycle(
        (
            lambda item: And((Truth(True), item)),
            lambda item: Or((item, Truth(False))),
            lambda item: Not(item),
            lambda item: Compare((item, Truth(True)), ("==",)),
            lambda item: Member(item, (Truth(True), PREMIUM)),
        )
    )
    flag: Expression = Compare((CONFIDENCE, Number(0.5)), (">",))
    number: Expression = PRICE
    for _ in range(depth):
        flag = next(layers)(flag)
        number = Sum(((1, Number(1.0)), (1, Product((("*", Negate(number)), ("/", Number(3.0)))))))
    assert compile_condition(flag)(SURE, NO_FACTS) is reference.holds(flag, SURE, NO_FACTS)
    assert compile_expression(number)(SURE, NO_FACTS) == reference.evaluate(number, SURE, NO_FACTS)


def test_a_part_that_decides_is_the_last_one_asked() -> None:
    class Never:
        def quote(self, name: str, symbol: str) -> float | None:
            raise AssertionError("asked for a quote")

        def indicator(self, *question: object) -> float | None:
            raise AssertionError("asked for an indicator")

        def bar(self, *question: object) -> float | None:
            raise AssertionError("asked for a bar")

        def previous_price(self, symbol: str) -> float | None:
            raise AssertionError("asked for a price")

        def position(self, *question: object) -> float | str | None:
            raise AssertionError("asked for a position")

        def account(self, name: str) -> float | None:
            raise AssertionError("asked for the account")

        def signals(self, *question: object) -> float | None:
            raise AssertionError("asked for signals")

        def clock(self, name: str) -> float | str | None:
            raise AssertionError("asked for the time")

        def equity(self) -> float | None:
            raise AssertionError("asked for equity")

    costly = Compare((Indicator("atr", (14.0,)), QuoteField("last")), (">",))
    assert compile_condition(And((Truth(False), costly)))(SURE, Never()) is False
    assert compile_condition(Or((Truth(True), costly)))(SURE, Never()) is True


def test_nothing_of_a_users_enters_the_generated_source() -> None:
    trap = "x\"'}\n__import__('os')"
    expression = And(
        (
            Compare((FieldName(trap, Kind.TEXT), Text((trap,))), ("==",)),
            Not(Compare((EventName(trap, Kind.TEXT), Number(1.0)), (trap,))),
            Within(Call(trap, ()), Number(0.0), Number(1.0)),
        )
    )
    event = Signal(0, "AAPL", "BUY", fields={trap: trap})
    assert compile_condition(expression)(event, NO_FACTS) is None
    assert compile_condition(expression.items[0])(event, NO_FACTS) is True


def test_a_record_that_breaks_its_type_is_unknown_not_an_error() -> None:
    wrong: Any = Signal(0, "AAPL", "BUY", "high", 10**400)  # type: ignore[arg-type]
    for expression in (
        Compare((CONFIDENCE, Number(0.5)), (">",)),
        Sum(((1, PRICE), (1, Number(0.5)))),
        Compare((Product((("*", PRICE), ("/", Number(3.0)))), Number(0.5)), (">",)),
    ):
        assert compile_expression(expression)(wrong, NO_FACTS) is None


def test_rules_of_one_shape_share_their_code() -> None:
    first = compile_condition(Compare((CONFIDENCE, Number(0.5)), (">",)))
    second = compile_condition(Compare((CONFIDENCE, Number(0.95)), (">",)))
    assert first.__code__ is second.__code__
    assert (first(SURE, NO_FACTS), second(SURE, NO_FACTS)) == (True, False)
