"""Looks at everything: what is concluded from an answer, and what is not concluded from none."""

from __future__ import annotations

import pytest

from rulec.runtime.broker.ib.snapshot import midnight
from rulec.runtime.broker.ib.wire import CompletedOrdersEnd, ExecutionsEnd, OpenOrdersEnd, PositionsEnd
from rulec.runtime.broker.port import (
    AskOrder,
    AskPosition,
    CancelStray,
    Execution,
    Message,
    OrderMissing,
    OrderRejected,
    OrderSide,
    OrderUpdate,
    Place,
    PositionReport,
    StrayOrder,
    WireStatus,
)
from rulec.runtime.times import DAY, HOUR, SECOND, parse_time
from rulec.tests.support.ib_wire import NOON, Desk, bracket, buy, stop, target

E, S, T = buy(), stop(parent_id="e"), target(parent_id="e")
ORDERS = ["open orders", "completed orders"]


def working() -> Desk:
    """An entry, its stop and its target, taken by the broker some time ago."""
    desk = Desk()
    desk.placed(E, S, T)
    desk.wait(60)
    return desk


def restarted(*orders: tuple[str, int, bool]) -> Desk:
    """A new run that knows orders from its journal: id, seconds since it was sent, whether it is over."""
    specs = {"e": E, "s": S, "t": T}
    known = [(specs[name], NOON - age * SECOND, is_done) for name, age, is_done in orders]
    desk = Desk(known=known, opened=False)
    desk.numbers.update({specs[name].reference: place for place, (name, _, _) in enumerate(orders, 1)})
    desk.trading.open()
    return desk


def updates(messages: list[Message]) -> list[tuple[str, str]]:
    return [(message.order_id, message.status.value) for message in messages if isinstance(message, OrderUpdate)]


def test_executions_are_asked_for_last_so_that_nothing_is_concluded_before_they_are_known() -> None:
    desk = Desk(opened=False)
    desk.trading.open()
    assert desk.asked == [*ORDERS, "positions"]
    desk.trading.handle(PositionsEnd())
    desk.trading.handle(OpenOrdersEnd())
    assert len(desk.asked) == 3
    desk.trading.handle(CompletedOrdersEnd())
    assert desk.asked[3:] == ["executions"]
    assert desk.completions == 0
    desk.trading.handle(ExecutionsEnd(4711))
    assert desk.completions == 0, "the end of another request ends nothing"
    desk.trading.handle(ExecutionsEnd(desk.take_number() - 1))
    assert desk.completions == 1


def test_all_questions_of_a_step_are_answered_by_one_look() -> None:
    desk = working()
    desk.send(AskOrder("e"), AskOrder("s"), AskPosition("AAPL"))
    assert desk.asked == [*ORDERS, "positions"]
    desk.answer_look([desk.echo_of(E), desk.echo_of(S), desk.echo_of(T)])
    messages = desk.take()
    assert updates(messages) == [("e", "Submitted"), ("s", "Submitted")]
    assert PositionReport("AAPL", 0) in messages


def test_a_question_about_a_position_does_not_ask_for_orders() -> None:
    desk = working()
    desk.send(AskPosition("AAPL"))
    assert desk.asked == ["positions"]


def test_what_is_asked_during_a_look_is_answered_by_the_next() -> None:
    desk = working()
    desk.send(AskOrder("e"))
    desk.send(AskOrder("s"))
    desk.send(AskOrder("t"))
    assert desk.asked == ORDERS
    desk.answer_look([desk.echo_of(E), desk.echo_of(S), desk.echo_of(T)])
    assert updates(desk.take()) == [("e", "Submitted")]
    assert desk.asked == [*ORDERS, "executions", *ORDERS]
    desk.answer_look([desk.echo_of(E), desk.echo_of(S), desk.echo_of(T)])
    assert updates(desk.take()) == [("s", "Submitted"), ("t", "Submitted")]
    assert desk.trading.is_idle


# ---- what is nowhere -------------------------------------------------------------------------------------------------


def test_an_order_that_is_nowhere_is_missing_for_certain_where_the_memory_reaches_back() -> None:
    desk = working()
    desk.send(AskOrder("s"))
    desk.answer_look([desk.echo_of(E)])
    assert desk.take() == [OrderMissing("s", conclusive=True)]


def test_an_order_older_than_the_broker_s_day_is_missing_but_may_have_worked() -> None:
    desk = restarted(("s", 3 * 86_400, False))
    desk.answer_look(held={"AAPL": 100})
    assert OrderMissing("s", conclusive=False) in desk.take()


def test_an_old_order_that_was_seen_today_is_missing_for_certain() -> None:
    desk = restarted(("s", 3 * 86_400, False))
    desk.answer_look([desk.echo_of(S)])
    desk.take()
    desk.wait(60)
    desk.send(AskOrder("s"))
    desk.answer_look()
    assert OrderMissing("s", conclusive=True) in desk.take()


def test_an_order_sent_a_moment_ago_is_not_missing_yet() -> None:
    desk = Desk()
    desk.send(Place((E,)), AskOrder("e"))
    desk.answer_look()
    assert desk.take() == []
    desk.wait(2)
    assert desk.asked == [*ORDERS, "executions", *ORDERS]
    desk.answer_look([desk.echo_of(E)])
    assert ("e", "Submitted") in updates(desk.take())


def test_an_order_is_found_missing_also_where_time_stands_still_between_events() -> None:
    desk = Desk(time_stands=True)
    desk.send(Place((E,)), AskOrder("e"))
    desk.answer_look()
    desk.wait(2)
    desk.answer_look()
    assert desk.take() == [OrderMissing("e")]


def test_an_order_that_nobody_has_ever_sent_is_missing() -> None:
    desk = working()
    desk.send(AskOrder("what?"))
    desk.answer_look()
    assert desk.take() == [OrderMissing("what?")]


def test_an_order_whose_executions_sum_up_has_filled_though_it_is_in_no_list() -> None:
    desk = working()
    desk.send(AskOrder("e"))
    desk.answer_look([desk.echo_of(S)], executions=[desk.execution_of(E, "x.01", 100)])
    messages = desk.take()
    assert isinstance(messages[0], Execution)
    assert updates(messages) == [("e", "Filled")]


# ---- what is over ----------------------------------------------------------------------------------------------------


def test_a_completed_order_has_ended_after_its_executions_were_told() -> None:
    desk = working()
    desk.send(AskOrder("e"))
    desk.answer_look([], [desk.completed_of(E, "Filled", 100)], executions=[desk.execution_of(E, "x.01", 100)])
    messages = desk.take()
    assert isinstance(messages[0], Execution)
    assert updates(messages)[0] == ("e", "Filled")


def test_a_completed_order_that_tells_no_quantity_has_filled_where_the_executions_say_so() -> None:
    desk = working()
    desk.send(AskOrder("e"))
    nothing = desk.completed_of(E, "Filled", 0, quantity=0.0)
    desk.answer_look([], [nothing], executions=[desk.execution_of(E, "x.01", 100)])
    assert updates(desk.take())[0] == ("e", "Filled")


def test_a_completed_order_whose_executions_are_forgotten_may_have_worked() -> None:
    desk = restarted(("s", 3 * 86_400, False))
    desk.answer_look([], [desk.completed_of(S, "Filled", 100)])
    messages = desk.take()
    assert OrderMissing("s", conclusive=False) in messages
    assert updates(messages) == []


def test_a_cancelled_order_among_the_completed_ones_is_cancelled() -> None:
    desk = working()
    desk.send(AskOrder("t"))
    desk.answer_look([desk.echo_of(E), desk.echo_of(S)], [desk.completed_of(T, "Cancelled")])
    assert ("t", "Cancelled") in updates(desk.take())


def test_a_day_order_of_yesterday_among_the_completed_ones_has_expired() -> None:
    desk = restarted(("e", 86_400, False))
    desk.answer_look([], [desk.completed_of(E, "Cancelled")])
    assert updates(desk.take())[0] == ("e", "Expired")


def test_an_inactive_order_among_the_completed_ones_was_rejected() -> None:
    desk = working()
    desk.send(AskOrder("t"))
    desk.answer_look([], [desk.completed_of(T, "Inactive", completed_status="No margin")])
    assert desk.take() == [OrderRejected("t", 201, "No margin")]


def test_asking_about_an_order_that_is_known_to_be_over_tells_that_again() -> None:
    desk = working()
    desk.status(T, "Cancelled")
    desk.take()
    desk.send(AskOrder("t"))
    desk.answer_look([desk.echo_of(E), desk.echo_of(S)])
    assert updates(desk.take()) == [("t", "Cancelled")]


# ---- what was under way ----------------------------------------------------------------------------------------------


def test_a_modification_of_which_nothing_has_come_is_refused_by_a_look() -> None:
    desk = working()
    desk.modified(S, quantity=50)
    desk.wait(10)
    desk.send(AskOrder("s"))
    desk.answer_look([desk.echo_of(S)])
    told = [type(message).__name__ for message in desk.take()]
    assert told == ["OrderUpdate", "ModifyRejected", "OrderUpdate"]


def test_a_modification_under_way_for_a_moment_is_left_alone() -> None:
    desk = working()
    desk.modified(S, quantity=50)
    desk.wait(1)
    desk.send(AskOrder("s"))
    desk.answer_look([desk.echo_of(S)])
    assert {type(message).__name__ for message in desk.take()} == {"OrderUpdate"}


# ---- no answer -------------------------------------------------------------------------------------------------------


def test_from_a_look_without_an_answer_nothing_is_concluded_and_it_is_made_again_after_a_pause() -> None:
    desk = working()
    desk.send(AskOrder("s"))
    desk.wait(10)
    assert desk.take() == []
    assert desk.said[-1][0] == "warning"
    desk.wait(9)
    assert desk.asked == ORDERS
    desk.wait(1)
    assert desk.asked == [*ORDERS, *ORDERS]
    desk.answer_look([desk.echo_of(S)])
    assert updates(desk.take()) == [("s", "Submitted")]


def test_a_broker_that_answers_slowly_is_waited_for_as_long_as_it_goes_on() -> None:
    desk = working()
    desk.send(AskOrder("s"), AskOrder("t"))
    desk.trading.handle(desk.echo_of(E))
    desk.wait(8)
    desk.trading.handle(desk.echo_of(S))
    desk.wait(8)
    desk.answer_look([desk.echo_of(T)])
    assert updates(desk.take()) == [("s", "Submitted"), ("t", "Submitted")]


def test_a_look_that_never_ends_is_given_up_though_there_is_always_some_news() -> None:
    desk = working()
    desk.send(AskOrder("s"))
    for _ in range(30):
        desk.wait(5)
        desk.trading.handle(desk.echo_of(E))
    assert desk.said[-1][0] == "warning"


def test_late_answers_that_come_in_the_pause_are_not_taken_for_those_of_the_next_look() -> None:
    desk = working()
    desk.send(AskOrder("s"))
    desk.wait(15)
    desk.answer_look()
    assert desk.take() == []
    desk.wait(5)
    desk.trading.handle(OpenOrdersEnd())
    assert desk.take() == []


@pytest.mark.parametrize("what", ["silence after the open orders", "silence at the executions"])
def test_a_start_is_not_complete_before_every_list_has_ended(what: str) -> None:
    desk = Desk(opened=False)
    desk.trading.open()
    desk.trading.handle(OpenOrdersEnd())
    if what == "silence at the executions":
        desk.trading.handle(CompletedOrdersEnd())
        desk.trading.handle(PositionsEnd())
    desk.wait(60)
    assert desk.completions == 0
    assert desk.take() == []


# ---- the connection goes and comes -----------------------------------------------------------------------------------


def test_a_question_that_the_connection_took_along_is_answered_by_the_next_one() -> None:
    desk = working()
    desk.send(AskOrder("t"))
    desk.trading.close()
    desk.send(AskOrder("s"))
    desk.trading.open()
    desk.answer_look()
    assert desk.take() == [], "answers to the look that was cut off are none to the next"
    desk.wait(2)
    desk.answer_look([desk.echo_of(E), desk.echo_of(S)], [desk.completed_of(T, "Cancelled")])
    assert set(updates(desk.take())) >= {("e", "Submitted"), ("s", "Submitted"), ("t", "Cancelled")}
    assert desk.completions == 2


def test_after_a_reconnection_every_order_that_may_work_is_told_though_nothing_has_changed() -> None:
    desk = working()
    desk.trading.close()
    desk.trading.open()
    desk.answer_look([desk.echo_of(E), desk.echo_of(S), desk.echo_of(T)])
    assert updates(desk.take()) == [("e", "Submitted"), ("s", "Submitted"), ("t", "Submitted")]


def test_a_bracket_whose_connection_broke_within_it_is_told_by_the_next_look() -> None:
    desk = Desk()
    desk.breaks_after = 1
    desk.send(bracket())
    assert [fields.reference for fields in desk.sent] == [E.reference]
    assert desk.take() == [], "nobody knows yet what has arrived"
    desk.trading.close()
    desk.breaks_after, desk.is_up = None, True
    desk.wait(5)
    desk.trading.open()
    desk.answer_look()
    assert [message for message in desk.take() if isinstance(message, OrderMissing)] == [
        OrderMissing("e"),
        OrderMissing("s"),
        OrderMissing("t"),
    ]


# ---- orders that nobody knows ----------------------------------------------------------------------------------------


def test_a_stray_is_told_once_and_again_after_a_reconnection() -> None:
    desk = Desk(opened=False)
    desk.trading.open()
    lost = desk.echo_of(stop("x"), order_number=9)
    desk.answer_look([lost])
    told = StrayOrder(lost.permanent_id, "rulec/1/T/any/x", "AAPL", OrderSide.SELL, 100)
    assert [message for message in desk.take() if isinstance(message, StrayOrder)] == [told]
    desk.send(AskOrder("nothing"))
    desk.answer_look([lost])
    assert told not in desk.take()
    desk.trading.close()
    desk.trading.open()
    desk.answer_look([lost])
    assert told in desk.take()


def test_a_stray_tells_what_is_left_of_it() -> None:
    desk = Desk(opened=False)
    desk.trading.open()
    order = stop("x")
    desk.echo(order, order_number=9)
    desk.status(order, "Submitted", 60, order_number=9)
    desk.answer_look()
    (told,) = [message for message in desk.take() if isinstance(message, StrayOrder)]
    assert told.remaining == 40


def test_a_stray_of_our_client_is_cancelled_by_its_number() -> None:
    desk = Desk()
    lost = desk.echo_of(stop("x"), order_number=9)
    desk.trading.handle(lost)
    desk.send(CancelStray(lost.permanent_id, lost.reference))
    assert desk.cancelled == [9]


def test_a_stray_of_another_client_is_left_to_a_person() -> None:
    desk = Desk()
    lost = desk.echo_of(stop("x"), order_number=9, client=5)
    desk.trading.handle(lost)
    desk.send(CancelStray(lost.permanent_id, lost.reference))
    assert desk.cancelled == []
    assert "client 5" in desk.said[-1][1]


def test_an_order_that_was_called_missing_and_works_after_all_is_told_as_a_stray_that_can_be_cancelled() -> None:
    desk = working()
    desk.send(AskOrder("s"))
    desk.answer_look([desk.echo_of(E)])
    assert desk.take() == [OrderMissing("s")]
    desk.echo(S)
    told = desk.take()
    assert updates(told) == [("s", "Submitted")]
    number = desk.permanent_id(S)
    assert told[1:] == [StrayOrder(number, S.reference, "AAPL", OrderSide.SELL, 100)]
    desk.send(CancelStray(number, S.reference))
    assert desk.cancelled == [2]


def test_an_order_that_the_journal_knows_as_over_and_that_works_is_a_stray() -> None:
    desk = restarted(("s", 60, True))
    desk.answer_look([desk.echo_of(S)])
    assert [type(message).__name__ for message in desk.take()][:2] == ["OrderUpdate", "StrayOrder"]


@pytest.mark.parametrize("reference", ["", "rulec/2/T/stop/9", "mine"])
def test_an_order_of_somebody_else_is_no_stray(reference: str) -> None:
    desk = Desk()
    desk.trading.handle(desk.echo_of(stop("x"), reference=reference, order_number=9))
    assert desk.asked == []


# ---- restart ---------------------------------------------------------------------------------------------------------


def test_a_restart_finds_the_orders_of_its_journal_and_can_change_them() -> None:
    desk = restarted(("e", 60, True), ("s", 60, False), ("t", 60, False))
    desk.answer_look(
        [desk.echo_of(S, parent_number=1, oca_group="4711"), desk.echo_of(T, parent_number=1, oca_group="4711")],
        held={"AAPL": 100},
        executions=[desk.execution_of(E, "x.01", 100)],
    )
    messages = desk.take()
    assert set(updates(messages)) == {("s", "Submitted"), ("t", "Submitted")}
    assert messages[-1] == PositionReport("AAPL", 100)
    desk.modified(S, quantity=60)
    (fields,) = desk.sent
    assert (fields.number, fields.parent_number, fields.oca_group, fields.quantity) == (2, 1, "", 60)


def test_an_order_of_the_journal_that_belongs_to_another_client_is_not_changed_from_here() -> None:
    desk = restarted(("s", 60, False))
    desk.answer_look([desk.echo_of(S, client=7)], held={"AAPL": 100})
    desk.take()
    desk.modified(S, quantity=60)
    assert desk.sent == []
    assert [type(message).__name__ for message in desk.take()] == ["ModifyRejected"]


def test_an_order_that_the_journal_knows_as_over_is_not_asked_about() -> None:
    desk = restarted(("e", 60, True))
    desk.answer_look()
    assert [message for message in desk.take() if not isinstance(message, PositionReport)] == []


# ---- the broker's day ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "start"),
    [
        ("2026-01-05T17:00:00Z", "2026-01-05T05:00:00Z"),
        ("2026-01-05T04:59:59Z", "2026-01-04T05:00:00Z"),
        ("2026-07-01T12:00:00Z", "2026-07-01T04:00:00Z"),
        ("2026-03-08T12:00:00Z", "2026-03-08T05:00:00Z"),
    ],
    ids=["winter", "before midnight", "summer", "the day the clocks change"],
)
def test_the_broker_remembers_since_the_exchange_s_midnight(now: str, start: str) -> None:
    assert midnight(parse_time(now)) == parse_time(start)
    assert 0 <= parse_time(now) - midnight(parse_time(now)) <= DAY + HOUR


def test_a_status_after_death_is_what_the_look_tells() -> None:
    desk = working()
    desk.status(T, "Cancelled")
    desk.status(T, "Submitted")
    desk.take()
    desk.send(AskOrder("t"))
    desk.answer_look([desk.echo_of(T)])
    assert updates(desk.take()) == [("t", WireStatus.SUBMITTED.value)]
