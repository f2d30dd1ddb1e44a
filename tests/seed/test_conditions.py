"""Conditions: three values, their logic, and what each kind asks."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time
from typing import Any

import pytest

from rulec.dsl import plan
from rulec.runtime.event.api import PredictionSignalEvent
from rulec.runtime.event.base import BaseEvent
from rulec.runtime.event.market import PriceEvent, QuoteEvent
from rulec.runtime.event.order import FillEvent, OrderEvent
from rulec.runtime.rule.condition import (
    UNKNOWN,
    Condition,
    EventCondition,
    MarketCondition,
    PlanCondition,
    PositionCondition,
    TimeCondition,
)
from rulec.runtime.rule.truth import TernaryValue

Table = dict[tuple[TernaryValue, TernaryValue], TernaryValue]
THREE: tuple[TernaryValue, ...] = (True, False, UNKNOWN)


class Fixed(Condition):
    """Answers what it was told to, and counts how often it was asked."""

    def __init__(self, answer: TernaryValue | None) -> None:
        self.answer = answer
        self.asked = 0

    async def evaluate(self, context: Mapping[str, Any]) -> TernaryValue:
        self.asked += 1
        return self.answer  # type: ignore[return-value]  # a user's class may answer None


def answer(condition: Condition, **context: Any) -> TernaryValue:
    return asyncio.run(condition.evaluate(context))


# ---- the logic -------------------------------------------------------------------------------------------------------

AND: Table = {
    (True, True): True,
    (True, False): False,
    (True, UNKNOWN): UNKNOWN,
    (False, UNKNOWN): False,
    (False, False): False,
    (UNKNOWN, UNKNOWN): UNKNOWN,
}
OR: Table = {
    (True, True): True,
    (True, False): True,
    (True, UNKNOWN): True,
    (False, UNKNOWN): UNKNOWN,
    (False, False): False,
    (UNKNOWN, UNKNOWN): UNKNOWN,
}


def look_up(table: Table, a: Any, b: Any) -> TernaryValue:
    return table[(a, b)] if (a, b) in table else table[(b, a)]


@pytest.mark.parametrize(("a", "b"), list(itertools.product(THREE, THREE)))
def test_and_and_or_follow_kleenes_tables(a: TernaryValue, b: TernaryValue) -> None:
    assert answer(Fixed(a) & Fixed(b)) is look_up(AND, a, b)
    assert answer(Fixed(a) | Fixed(b)) is look_up(OR, a, b)


@pytest.mark.parametrize(("value", "negated"), [(True, False), (False, True), (UNKNOWN, UNKNOWN)])
def test_the_negation_of_unknown_is_unknown(value: TernaryValue, negated: TernaryValue) -> None:
    assert answer(~Fixed(value)) is negated


def test_unknown_is_false_in_an_if_and_so_is_its_negation() -> None:
    assert not UNKNOWN
    assert not ~UNKNOWN
    assert repr(UNKNOWN) == "UNKNOWN"


def test_none_as_an_answer_of_a_users_condition_is_unknown() -> None:
    assert answer(Fixed(None) & Fixed(True)) is UNKNOWN
    assert answer(~Fixed(None)) is UNKNOWN


def test_what_cannot_change_the_outcome_is_not_asked() -> None:
    last = Fixed(True)
    assert answer(Fixed(False) & last) is False
    assert answer(Fixed(True) | last) is True
    assert last.asked == 0
    assert answer(Fixed(UNKNOWN) & last) is UNKNOWN
    assert last.asked == 1


def test_conditions_refuse_to_be_joined_with_and() -> None:
    with pytest.raises(TypeError, match=r"& \| ~"):
        Fixed(True) and Fixed(True)
    with pytest.raises(TypeError):
        Fixed(True) & True


@pytest.mark.parametrize(
    ("condition", "types"),
    [
        (EventCondition(PriceEvent), (PriceEvent,)),
        (EventCondition(PriceEvent) & MarketCondition(), (PriceEvent,)),
        (EventCondition(OrderEvent) & EventCondition(FillEvent), (FillEvent,)),
        (EventCondition(PriceEvent) & EventCondition(FillEvent), ()),
        (EventCondition(PriceEvent) | EventCondition(FillEvent), (PriceEvent, FillEvent)),
        (~EventCondition(PriceEvent), (BaseEvent,)),
        (PositionCondition(), (BaseEvent,)),
    ],
)
def test_a_condition_knows_on_which_events_it_can_be_true(
    condition: Condition, types: tuple[type[BaseEvent], ...]
) -> None:
    assert condition.event_types == types


# ---- events ----------------------------------------------------------------------------------------------------------

SIGNAL = PredictionSignalEvent(symbol="AAPL", signal="BUY", confidence=0.9, fields={"premium": 1_500_000.0})


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (None, True),
        ({}, True),
        ({"signal": "BUY"}, True),
        ({"signal": "SHORT"}, False),
        ({"signal": ["BUY", "SELL"]}, True),
        ({"signal": {"SELL"}}, False),
        ({"confidence": lambda c: c > 0.8}, True),
        ({"confidence": lambda c: c > 0.95}, False),
        ({"signal": "BUY", "confidence": lambda c: c > 0.8, "symbol": "AAPL"}, True),
        ({"premium": lambda p: p > 1_000_000}, True),
        ({"price": lambda p: p > 1}, UNKNOWN),
        ({"nowhere": 1}, UNKNOWN),
        ({"price": lambda p: p > 1, "signal": "SELL"}, False),
        ({"confidence": lambda c: None}, UNKNOWN),
    ],
)
def test_an_event_condition_asks_its_fields(fields: dict[str, Any] | None, expected: TernaryValue) -> None:
    assert answer(EventCondition(PredictionSignalEvent, fields), event=SIGNAL) is expected


def test_a_function_is_never_given_what_is_not_known() -> None:
    event = PredictionSignalEvent(symbol="AAPL", signal="BUY", confidence=None)
    condition = EventCondition(PredictionSignalEvent, {"confidence": lambda c: c > 0.8})
    assert answer(condition, event=event) is UNKNOWN
    assert condition.values({"event": event}) == {"confidence": None}


def test_another_event_or_none_at_all_is_false() -> None:
    condition = EventCondition(PredictionSignalEvent, {"signal": "BUY"})
    assert answer(condition, event=PriceEvent(symbol="AAPL", price=1.0)) is False
    assert answer(condition) is False


def test_a_field_that_the_events_do_not_have_is_refused_with_a_near_name() -> None:
    with pytest.raises(ValueError, match="did you mean 'price'"):
        EventCondition(PriceEvent, {"prise": 1})
    with pytest.raises(TypeError, match="not an event type"):
        EventCondition(dict)  # type: ignore[arg-type]


# ---- positions -------------------------------------------------------------------------------------------------------

LONG = {"side": "BUY", "quantity": 100, "entry_price": 150.0, "status": "active", "stop_orders": ["s1"]}
SHORT = {**LONG, "side": "SELL"}
AT_153 = PriceEvent(symbol="AAPL", price=153.0)


@pytest.mark.parametrize(
    ("trade", "fields", "expected"),
    [
        (LONG, None, True),
        (None, None, False),
        ({**LONG, "status": "closed"}, None, False),
        (LONG, {"side": "BUY"}, True),
        (SHORT, {"side": "BUY"}, False),
        (None, {"side": "flat"}, True),
        (None, {"quantity": 0}, True),
        (None, {"entry_price": lambda p: p > 0}, UNKNOWN),
        (LONG, {"quantity": lambda q: q >= 100}, True),
        (LONG, {"profit": lambda p: p >= 0.02}, True),
        (SHORT, {"profit": lambda p: p <= -0.02}, True),
        (LONG, {"pnl": 300.0}, True),
        (SHORT, {"pnl": -300.0}, True),
        (LONG, {"stop_orders": lambda ids: len(ids) == 1}, True),
        (LONG, {"hedge_orders": lambda ids: ids}, UNKNOWN),
    ],
)
def test_a_position_condition_asks_the_trade(
    trade: dict[str, Any] | None, fields: dict[str, Any] | None, expected: TernaryValue
) -> None:
    context = {"event": AT_153} if trade is None else {"event": AT_153, "AAPL": trade}
    assert answer(PositionCondition(field_conditions=fields), **context) is expected


def test_a_position_condition_finds_its_symbol() -> None:
    assert answer(PositionCondition("AAPL"), AAPL=LONG) is True
    assert answer(PositionCondition("MSFT"), AAPL=LONG, event=AT_153) is False
    assert answer(PositionCondition(lambda context: context["pick"]), AAPL=LONG, pick="AAPL") is True
    assert answer(PositionCondition(), AAPL=LONG) is UNKNOWN
    assert PositionCondition(field_conditions={"side": "BUY"}).values({"event": AT_153}) == {"position.side": "flat"}
    with pytest.raises(ValueError, match="did you mean 'quantity'"):
        PositionCondition(field_conditions={"quantty": 1})


# ---- the market ------------------------------------------------------------------------------------------------------

QUOTE = QuoteEvent(symbol="AAPL", bid=150.0, ask=150.5)


@pytest.mark.parametrize(
    ("event", "fields", "expected"),
    [
        (QUOTE, {"spread": lambda s: s == 0.5}, True),
        (QUOTE, {"bid": 150.0, "ask": 150.5}, True),
        (QUOTE, {"price": 150.25}, True),
        (AT_153, {"last": lambda p: p > 150}, True),
        (AT_153, {"bid": lambda p: p > 150}, UNKNOWN),
        (SIGNAL, {"last": lambda p: p > 150}, UNKNOWN),
        (AT_153, None, True),
        (SIGNAL, None, False),
    ],
)
def test_a_market_condition_knows_what_the_event_says(
    event: BaseEvent, fields: dict[str, Any] | None, expected: TernaryValue
) -> None:
    assert answer(MarketCondition(field_conditions=fields), event=event) is expected


def test_a_market_condition_of_another_symbol_is_unknown_and_a_wrong_field_refused() -> None:
    assert answer(MarketCondition("SPY", {"last": lambda p: p > 1}), event=AT_153) is UNKNOWN
    assert answer(MarketCondition(field_conditions={"last": 1.0})) is UNKNOWN
    with pytest.raises(ValueError, match="no field 'volume'"):
        MarketCondition(field_conditions={"volume": 1})


# ---- the clock -------------------------------------------------------------------------------------------------------


def at(text: str) -> PriceEvent:
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return PriceEvent(symbol="AAPL", price=1.0, time=int(moment.timestamp()) * 1_000_000)


# 2026-01-05 is a Monday; New York is five hours behind UTC then, four in July.
@pytest.mark.parametrize(
    ("condition", "moment", "expected"),
    [
        (TimeCondition("09:35", "15:45"), "2026-01-05T14:34:59", False),
        (TimeCondition("09:35", "15:45"), "2026-01-05T14:35:00", True),
        (TimeCondition("09:35", "15:45"), "2026-01-05T20:44:59", True),
        (TimeCondition("09:35", "15:45"), "2026-01-05T20:45:00", False),
        (TimeCondition("09:35", "15:45"), "2026-07-06T13:35:00", True),
        (TimeCondition(time(9, 35)), "2026-01-06T04:59:59", True),
        (TimeCondition(end="09:30:30"), "2026-01-05T14:30:29", True),
        (TimeCondition(weekdays=["mon", "Tuesday"]), "2026-01-05T12:00:00", True),
        (TimeCondition(weekdays=[4]), "2026-01-05T12:00:00", False),
        (TimeCondition("22:00", "02:00", ["monday"]), "2026-01-06T03:00:00", True),
        (TimeCondition("22:00", "02:00", ["monday"]), "2026-01-06T06:59:00", True),
        (TimeCondition("22:00", "02:00", ["tuesday"]), "2026-01-06T06:59:00", False),
        (TimeCondition("22:00", "02:00"), "2026-01-06T07:00:00", False),
    ],
)
def test_a_time_condition_is_a_window_of_exchange_time(
    condition: TimeCondition, moment: str, expected: TernaryValue
) -> None:
    assert answer(condition, event=at(moment)) is expected


def test_without_a_time_the_clock_is_unknown() -> None:
    assert answer(TimeCondition("09:35"), event=AT_153) is UNKNOWN


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("9.35",), "09:35"),
        (("10:00", "10:00"), "always, or never"),
        ((time(9, tzinfo=UTC),), "exchange time"),
        ((None, None, [7]), "0 is Monday"),
        ((None, None, ["mo"]), "0 is Monday"),
    ],
)
def test_a_window_that_cannot_be_is_refused(arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TimeCondition(*arguments)


# ---- a plan's where clause -------------------------------------------------------------------------------------------

CONFIDENT = plan.Compare((plan.EventName("confidence", plan.Kind.PERCENT), plan.Number(0.8)), (">",))


def cases() -> Iterator[tuple[BaseEvent, TernaryValue]]:
    yield PredictionSignalEvent(symbol="AAPL", signal="BUY", confidence=0.9), True
    yield PredictionSignalEvent(symbol="AAPL", signal="BUY", confidence=0.8), False
    yield PredictionSignalEvent(symbol="AAPL", signal="BUY", confidence=None), UNKNOWN
    yield AT_153, False


@pytest.mark.parametrize(("event", "expected"), list(cases()))
def test_a_compiled_condition_is_one_like_any_other(event: BaseEvent, expected: TernaryValue) -> None:
    condition = PlanCondition(CONFIDENT, PredictionSignalEvent)
    assert answer(condition, event=event) is expected
    assert answer(EventCondition(PredictionSignalEvent, {"signal": "BUY"}) & condition, event=event) is expected


def test_compiled_conditions_compare_print_and_name_their_parts() -> None:
    condition = PlanCondition(CONFIDENT, PredictionSignalEvent)
    assert condition == PlanCondition(CONFIDENT, PredictionSignalEvent)
    assert hash(condition) == hash(PlanCondition(CONFIDENT, PredictionSignalEvent))
    assert condition != PlanCondition(CONFIDENT, PriceEvent)
    assert "confidence" in repr(condition)
    assert condition.values({"event": SIGNAL}) == {"confidence": 0.9}


def test_outside_a_runtime_an_indicator_is_unknown() -> None:
    calm = plan.Compare((plan.Indicator("atr", (14.0,)), plan.Number(1.0)), ("<",))
    assert answer(PlanCondition(calm, PriceEvent), event=AT_153) is UNKNOWN
