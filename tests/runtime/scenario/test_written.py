"""Why a condition is false: every cause that is told is one, and together they leave nothing else to blame."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rulec.dsl.plan import And, Compare, EventName, Expression, Kind, Member, Money, Not, Number, Or, Symbol, Within
from rulec.runtime.event.inputs import Signal
from rulec.runtime.rule.condition_base import facts_now
from rulec.runtime.rule.reference import holds
from rulec.runtime.scenario.written import comparisons_of, why_false

CONFIDENCE, PRICE = EventName("confidence", Kind.PERCENT), EventName("price", Kind.MONEY)
SIGNS = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
LEVELS = st.sampled_from([0.25, 0.5, 0.75]).map(Number)
PRICES = st.sampled_from([1.0, 2.0, 3.0]).map(Money)
SYMBOLS = st.sampled_from(["AAPL", "MSFT"]).map(Symbol)

leaves: st.SearchStrategy[Expression] = (
    st.builds(lambda sign, level: Compare((CONFIDENCE, level), (sign,)), SIGNS, LEVELS)
    | st.builds(lambda low, sign, high: Compare((low, PRICE, high), ("<", sign)), PRICES, SIGNS, PRICES)
    | st.builds(Within, st.just(PRICE), PRICES, PRICES, st.booleans())
    | st.builds(
        Member,
        st.just(EventName("symbol", Kind.SYMBOL)),
        st.tuples(SYMBOLS) | st.tuples(SYMBOLS, SYMBOLS),
        st.booleans(),
    )
)
conditions: st.SearchStrategy[Expression] = st.recursive(
    leaves,
    lambda inside: (
        st.builds(Not, inside)
        | st.lists(inside, min_size=2, max_size=3).map(lambda items: And(tuple(items)))
        | st.lists(inside, min_size=2, max_size=3).map(lambda items: Or(tuple(items)))
    ),
    max_leaves=8,
)
signals = st.builds(
    Signal,
    st.just(0),
    st.sampled_from(["AAPL", "MSFT", "TSLA"]),
    st.just("BUY"),
    st.sampled_from([None, 0.25, 0.6]),
    st.sampled_from([None, 1.0, 2.5]),
)


@given(conditions, signals)
def test_a_false_condition_has_a_cause_and_no_other_has_one(condition: Expression, signal: Signal) -> None:
    facts = facts_now()
    causes = why_false(condition, signal, facts)
    assert bool(causes) == (holds(condition, signal, facts) is False)


@given(conditions, signals)
def test_a_cause_is_a_comparison_with_what_it_came_to(condition: Expression, signal: Signal) -> None:
    facts = facts_now()
    words = {True: "true", False: "false"}
    known = {
        f"{one.seen(signal, facts)} is {words[outcome]}"
        for one in comparisons_of(condition)
        if (outcome := one.outcome(signal, facts)) is not None
    }
    assert set(why_false(condition, signal, facts)) <= known
