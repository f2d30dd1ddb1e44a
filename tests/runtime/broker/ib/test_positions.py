"""Positions are told after the executions that made them, and a change without one only when two looks agree."""

from __future__ import annotations

import attrs

from rulec.runtime.broker.ib.positions import whole_shares
from rulec.runtime.broker.port import AskPosition, Execution, ForeignExecution, Message, PositionReport
from rulec.tests.support.ib_wire import AAPL, Desk, buy

E = buy()
REPORT = PositionReport("AAPL", 100)


def working() -> Desk:
    desk = Desk()
    desk.placed(E)
    return desk


def reports(messages: list[Message]) -> list[int]:
    return [message.quantity for message in messages if isinstance(message, PositionReport)]


def test_a_position_after_its_execution_is_told_at_once() -> None:
    desk = working()
    desk.fill(E, "x.01", 100)
    desk.position(100)
    assert desk.take()[-1] == REPORT
    assert desk.asked == []


def test_a_position_that_overtakes_its_execution_waits_for_it() -> None:
    desk = working()
    desk.position(100)
    assert desk.take() == []
    assert desk.asked == ["positions"]
    desk.fill(E, "x.01", 100)
    messages = desk.take()
    assert isinstance(messages[0], Execution)
    assert messages[1] == REPORT


def test_a_position_that_lags_behind_the_executions_is_not_told_as_if_shares_were_gone() -> None:
    desk = working()
    desk.fill(E, "x.01", 60)
    desk.fill(E, "y.01", 40)
    desk.position(60)
    assert reports(desk.take()) == []
    desk.position(100)
    assert reports(desk.take()) == [100]


def test_an_execution_that_was_never_told_is_found_by_the_look() -> None:
    desk = working()
    desk.position(100)
    desk.answer_look(held={"AAPL": 100}, executions=[desk.execution_of(E, "x.01", 100)])
    messages = desk.take()
    assert isinstance(messages[0], Execution)
    assert reports(messages) == [100]


def test_shares_sold_by_hand_are_told_after_the_execution_that_sold_them() -> None:
    desk = working()
    desk.fill(E, "x.01", 100)
    desk.position(100)
    desk.take()
    desk.position(0)
    by_hand = desk.execution_of(E, "h.01", 100, side="SLD", reference="", permanent_id=7, client=0, order_number=0)
    desk.answer_look(executions=[by_hand])
    messages = desk.take()
    assert isinstance(messages[0], ForeignExecution)
    assert reports(messages) == [0]


def test_a_change_that_nothing_explains_is_told_only_when_two_looks_agree() -> None:
    desk = working()
    desk.position(30)
    desk.answer_look(held={"AAPL": 30})
    assert desk.take() == []
    desk.wait(1)
    assert desk.asked == ["positions", "executions", "positions"]
    desk.answer_look(held={"AAPL": 30})
    assert desk.take() == [PositionReport("AAPL", 30)]
    assert desk.trading.is_idle


def test_a_change_that_was_only_a_lag_is_never_told() -> None:
    desk = working()
    desk.position(30)
    desk.answer_look(held={"AAPL": 30})
    desk.wait(1)
    desk.answer_look(held={"AAPL": 0})
    assert desk.take() == []
    assert desk.trading.is_idle


def test_an_execution_within_the_look_puts_the_judgement_off() -> None:
    desk = working()
    desk.position(30)
    desk.answer_look(held={"AAPL": 30})
    desk.wait(1)
    desk.position(30)
    desk.fill(E, "x.01", 100)
    desk.answer_look(held={"AAPL": 30})
    assert reports(desk.take()) == []
    desk.wait(1)
    desk.answer_look(held={"AAPL": 100})
    assert reports(desk.take()) == [100]


def test_a_position_that_is_asked_for_is_told_though_it_has_not_changed() -> None:
    desk = working()
    desk.send(AskPosition("AAPL"), AskPosition("MSFT"))
    desk.answer_look()
    assert desk.take() == [PositionReport("AAPL", 0), PositionReport("MSFT", 0)]


def test_a_position_that_is_asked_for_and_not_explained_is_told_when_it_is_certain() -> None:
    desk = working()
    desk.send(AskPosition("AAPL"))
    desk.answer_look(held={"AAPL": 30})
    assert desk.take() == []
    desk.wait(1)
    desk.answer_look(held={"AAPL": 30})
    assert desk.take() == [PositionReport("AAPL", 30)]


def test_the_first_look_tells_what_is_held_though_no_execution_explains_it() -> None:
    desk = Desk(opened=False)
    desk.trading.open()
    desk.answer_look(held={"MSFT": -7, "AAPL": 100})
    assert desk.take() == [REPORT, PositionReport("MSFT", -7)]


def test_what_was_executed_before_the_first_look_explains_nothing_twice() -> None:
    desk = Desk(opened=False)
    desk.trading.open()
    desk.answer_look(held={"AAPL": 100}, executions=[desk.execution_of(E, "x.01", 100)])
    desk.take()
    desk.send(AskPosition("AAPL"))
    desk.answer_look(held={"AAPL": 100})
    assert desk.take() == [REPORT]


def test_a_start_is_complete_only_when_every_position_is_certain() -> None:
    desk = working()
    desk.trading.close()
    desk.trading.open()
    desk.answer_look([desk.echo_of(E)], held={"AAPL": 30})
    assert desk.completions == 1
    desk.answer_look(held={"AAPL": 30})
    assert desk.completions == 2
    assert reports(desk.take()) == [30]


def test_what_is_no_share_of_the_account_does_not_count() -> None:
    desk = working()
    desk.position(5, attrs.evolve(AAPL, security_type="OPT"))
    desk.position(5, attrs.evolve(AAPL, currency="MXN"))
    desk.position(5, account="DU2")
    assert desk.take() == []
    assert desk.asked == []


def test_a_correction_of_an_execution_moves_the_position_by_the_difference() -> None:
    desk = working()
    desk.fill(E, "x.01", 60)
    desk.position(60)
    desk.take()
    desk.fill(E, "x.02", 50)
    desk.position(50)
    assert reports(desk.take()) == [50]
    assert desk.asked == []


def test_part_of_a_share_counts_as_a_whole_one() -> None:
    assert [whole_shares(quantity) for quantity in (0.0, 0.4, 100.0, -0.4, -3.0)] == [0, 1, 100, -1, -3]
