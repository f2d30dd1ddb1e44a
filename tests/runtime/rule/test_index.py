"""The index finds what trying every rule would find."""

from __future__ import annotations

from typing import Any

import attrs
from hypothesis import given
from hypothesis import strategies as st

from rulec.dsl.plan import (
    And,
    BarTrigger,
    BrokerMoment,
    BrokerTrigger,
    Compare,
    EveryTrigger,
    Expression,
    FieldName,
    Kind,
    Member,
    Number,
    OrderMoment,
    OrderTrigger,
    PositionMoment,
    PositionTrigger,
    PriceTrigger,
    Rule,
    SignalTrigger,
    StartTrigger,
    Symbol,
    TimeTrigger,
    VolumeTrigger,
    symbols_of,
)
from rulec.runtime.event.happenings import ClockTick, OrderTurn, PositionTurn, Started
from rulec.runtime.event.inputs import Bar, BrokerLink, Price, Quote, Signal
from rulec.runtime.rule import reference
from rulec.runtime.rule.buckets import Candidates
from rulec.runtime.rule.index import RuleIndex
from rulec.runtime.rule.prepared import Prepared, prepare, prepare_opaque
from rulec.tests.runtime.rule.plans import (
    COMPARISONS,
    CONFIDENCE,
    EVENTS,
    EXPRESSIONS,
    FACTS,
    KINDS,
    PRICE,
    SYMBOL,
    SYMBOLS,
    Answers,
    at_least,
    some,
)

NO_FACTS = Answers()

OF = st.one_of(st.none(), some(st.sampled_from((*SYMBOLS, "TSLA")), 1, 3))
TRIGGERS = st.one_of(
    st.builds(SignalTrigger, some(st.sampled_from(KINDS), 0, 2), OF),
    st.builds(SignalTrigger, some(st.sampled_from(KINDS), 0, 2), OF),
    st.builds(PriceTrigger, OF),
    st.builds(VolumeTrigger, OF),
    st.builds(BarTrigger, st.sampled_from((None, 60.0, 300.0)), OF),
    st.builds(PositionTrigger, st.sampled_from(PositionMoment), OF),
    st.builds(OrderTrigger, st.sampled_from(OrderMoment), OF),
    st.builds(TimeTrigger, st.just(36_000), OF),
    st.builds(EveryTrigger, st.just(300.0), OF),
    st.just(StartTrigger()),
    st.builds(BrokerTrigger, st.sampled_from(BrokerMoment)),
)
CONDITIONS: st.SearchStrategy[Expression | None] = st.one_of(
    st.none(),
    COMPARISONS,
    COMPARISONS,
    some(st.one_of(COMPARISONS, COMPARISONS, EXPRESSIONS), 1, 4).map(And),
)
RULES = st.builds(
    Rule,
    trigger=TRIGGERS,
    condition=CONDITIONS,
    actions=st.just(()),
    priority=st.sampled_from((0, 0, 0, 5, -5)),
    enabled=st.sampled_from((True, True, True, True, False)),
)


USUAL = 60_000_000
"""The timeframe of the bars that a bare `on bar` means, in microseconds."""


def fires(rule: Rule, event: Any) -> bool:
    """Whether the event is one that the rule's trigger waits for: the slow and plain way."""
    match rule.trigger:
        case SignalTrigger(kinds):
            right = isinstance(event, Signal) and (not kinds or event.signal in kinds)
        case PriceTrigger():
            right = isinstance(event, (Price, Quote))
        case VolumeTrigger():
            right = isinstance(event, Price) and event.size is not None
        case BarTrigger(timeframe):
            wanted = USUAL if timeframe is None else timeframe * 1e6
            right = isinstance(event, Bar) and event.timeframe == wanted
        case PositionTrigger(moment):
            right = isinstance(event, PositionTurn) and event.moment is moment
        case OrderTrigger(moment):
            right = isinstance(event, OrderTurn) and event.moment is moment
        case TimeTrigger(at):
            right = isinstance(event, ClockTick) and event.schedule == f"time {at}"
        case EveryTrigger(seconds):
            right = isinstance(event, ClockTick) and event.schedule == f"every {seconds:g}"
        case StartTrigger():
            return isinstance(event, Started)
        case BrokerTrigger(moment):
            return isinstance(event, BrokerLink) and event.event.value == moment.value
        case _:
            raise AssertionError(rule.trigger)
    of = symbols_of(rule.trigger)
    if right and isinstance(event, ClockTick) and of is None:
        return event.symbol is None  # a tick for a symbol is not for rules that name none
    return right and (of is None or event.symbol in of)


def brute_force(rules: list[Prepared], event: Any, facts: Answers) -> list[tuple[int, bool | None]]:
    """Position and outcome of every rule that is not false, in trying order."""
    found: list[tuple[int, bool | None]] = []
    for prepared in sorted(rules, key=lambda each: -each.priority):
        if not prepared.enabled:
            continue
        if prepared.rule is None:
            assert prepared.event_type is not None
            outcome = prepared.holds(event, facts) if isinstance(event, prepared.event_type) else False
        else:
            outcome = fires(prepared.rule, event) and reference.holds(prepared.rule.condition, event, facts)
        if outcome is not False:
            found.append((prepared.position, outcome))
    return found


def candidates_of(index: RuleIndex, event: Any) -> Candidates:
    if isinstance(event, Bar):
        return index.candidates_of_bar(event, usual=event.timeframe == USUAL)
    return index.candidates(event)


def by_index(index: RuleIndex, event: Any, facts: Answers) -> list[tuple[int, bool | None]]:
    return [
        (candidate.prepared.position, outcome)
        for candidate in candidates_of(index, event)
        if (outcome := candidate.outcome(event, facts)) is not False
    ]


def with_opaque(rules: list[Rule], opaque: list[tuple[type, int]]) -> list[Prepared]:
    hand_built = [
        prepare_opaque(f"hand{number}", event_type, lambda event, facts: None, position=100 + number, priority=priority)
        for number, (event_type, priority) in enumerate(opaque)
    ]
    return [*prepare(rules), *hand_built]


OPAQUE = st.lists(st.tuples(st.sampled_from((Signal, Price, Quote, Bar, object)), st.sampled_from((0, 5))), max_size=2)


@at_least(400)
@given(
    st.lists(RULES, max_size=25),
    OPAQUE,
    st.lists(EVENTS, min_size=1, max_size=8),
    FACTS,
    st.sampled_from((0, 10, 100_000)),
)
def test_the_index_finds_what_trying_every_rule_finds(
    rules: list[Rule], opaque: list[tuple[type, int]], events: list[Any], facts: Answers, most_pairs: int
) -> None:
    prepared = with_opaque(rules, opaque)
    index = RuleIndex(prepared, most_pairs=most_pairs)
    matched = {rule.position: 0 for rule in prepared}
    fired = dict(matched)
    for event in events:
        expected = brute_force(prepared, event, facts)
        assert by_index(index, event, facts) == expected
        for position, _ in expected:
            matched[position] += 1
        for rule in prepared:
            fired[rule.position] += fires(rule.rule, event) if rule.rule else isinstance(event, rule.event_type or ())
    for rule in prepared:
        if rule.enabled:
            assert index.false_count(rule) == fired[rule.position] - matched[rule.position]


def on(condition: Expression | None, *kinds: str, of: tuple[str, ...] | None = None, **options: Any) -> Rule:
    return Rule(SignalTrigger(kinds, of), condition, (), **options)


def above(bound: float) -> Expression:
    return Compare((CONFIDENCE, Number(bound)), (">",))


def labels(index: RuleIndex, event: object) -> list[int]:
    return [candidate.prepared.position for candidate in index.candidates(event)]


def test_only_rules_whose_threshold_is_passed_are_candidates() -> None:
    index = RuleIndex(prepare([on(above(bound), "BUY") for bound in (0.9, 0.5, 0.7, 0.8)]))
    assert labels(index, Signal(0, "AAPL", "BUY", 0.8)) == [1, 2]
    assert labels(index, Signal(0, "AAPL", "BUY", 0.1)) == []
    assert labels(index, Signal(0, "AAPL", "SELL", 0.95)) == []


def test_a_proven_condition_is_not_asked_again() -> None:
    where = And((Member(SYMBOL, (Symbol("AAPL"), Symbol("MSFT"))), above(0.5)))
    index = RuleIndex(prepare([on(where, "BUY")]))
    (candidate,) = index.candidates(Signal(0, "MSFT", "BUY", 0.8))
    assert candidate.condition is None
    assert candidate.outcome(Signal(0, "MSFT", "BUY", 0.8), NO_FACTS) is True
    assert labels(index, Signal(0, "TSLA", "BUY", 0.8)) == []


def test_a_signal_without_the_value_is_unknown_to_every_rule_that_asks_for_it() -> None:
    index = RuleIndex(prepare([on(above(0.5), "BUY"), on(None), on(above(0.9), "BUY", of=("AAPL",))]))
    event = Signal(0, "AAPL", "BUY")
    assert by_index(index, event, NO_FACTS) == [(0, None), (1, True), (2, None)]


def test_rules_are_tried_by_priority_then_as_they_stand() -> None:
    rules = [on(above(0.6)), on(None, "BUY"), on(above(0.5), priority=3), on(None, of=("AAPL",)), on(above(0.1))]
    index = RuleIndex(prepare(rules))
    assert labels(index, Signal(0, "AAPL", "BUY", 0.9)) == [2, 0, 1, 3, 4]
    assert labels(index, Signal(0, "MSFT", "SELL", 0.9)) == [2, 0, 4]


def test_a_disabled_rule_is_never_a_candidate() -> None:
    assert labels(RuleIndex(prepare([on(None, enabled=False)])), Signal(0, "AAPL", "BUY")) == []


def test_prices_and_quotes_meet_price_rules_by_their_price() -> None:
    dear = Compare((PRICE, Number(100.0)), (">=",))
    cheap = Compare((PRICE, Number(10.0)), ("<",))
    index = RuleIndex(prepare([Rule(PriceTrigger(("SPY",)), dear, ()), Rule(PriceTrigger(), cheap, ()), on(None)]))
    assert labels(index, Price(0, "SPY", 100.0)) == [0]
    assert labels(index, Quote(0, "SPY", 99.0, 101.0)) == [0]
    assert labels(index, Price(0, "AAPL", 100.0)) == []
    assert labels(index, Price(0, "AAPL", 9.0)) == [1]


def test_two_common_names_have_an_array_each() -> None:
    rules = [on(above(number / 100), "BUY") for number in range(50, 90)]
    rules += [on(Compare((FieldName("premium", Kind.MONEY), Number(number)), ("<=",)), "BUY") for number in range(40)]
    index = RuleIndex(prepare(rules))
    found = labels(index, Signal(0, "AAPL", "BUY", 0.515, fields={"premium": 38.0}))
    assert found == [0, 1, 78, 79]


def test_an_event_is_told_its_candidates_without_making_a_new_list() -> None:
    index = RuleIndex(prepare([on(above(number / 100), "BUY", of=("AAPL",)) for number in range(50, 90)]))
    event = Signal(0, "AAPL", "BUY", 0.525)
    first = index.candidates(event)
    assert len(first) == 3
    assert index.candidates(event) is first


def test_an_opaque_rule_is_tried_on_every_event_of_its_type() -> None:
    @attrs.frozen
    class Opened:
        symbol: str

    @attrs.frozen
    class OpenedLate(Opened):
        pass

    opaque = prepare_opaque("mine", Opened, lambda event, facts: event.symbol == "AAPL", position=0)
    index = RuleIndex([opaque, *prepare([on(None)])])
    assert by_index(index, Opened("AAPL"), NO_FACTS) == [(0, True)]
    assert by_index(index, OpenedLate("AAPL"), NO_FACTS) == [(0, True)]
    assert by_index(index, Opened("MSFT"), NO_FACTS) == []
    assert labels(index, Bar(0, "SPY", 1.0, 2.0, 1.0, 2.0, 9.0, 60, 0, 60)) == []
    assert (opaque.identity, index.false_count(opaque)) == ("mine", 1)


def test_symbols_without_end_do_not_fill_the_memory() -> None:
    index = RuleIndex(prepare([on(above(0.5), "BUY", of=("AAPL",)), on(above(0.5))]))
    for number in range(120_000):
        assert len(index.candidates(Signal(0, f"S{number}", "BUY", 0.9))) == 1
    assert labels(index, Signal(0, "AAPL", "BUY", 0.9)) == [0, 1]
    assert index.false_count(prepare([on(None)])[0]) == 120_001
