"""What leaves and when: lanes, brackets in one piece, orders that are overtaken, and a connection that is gone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulec.runtime.broker.ib.sending import Entry, Lane, SendingQueue
from rulec.runtime.broker.port import (
    AskPosition,
    Cancel,
    CancelRejected,
    Modify,
    ModifyRejected,
    OrderRejected,
    OrderUpdate,
    Place,
    WireStatus,
)
from rulec.runtime.clock import ManualClock
from rulec.runtime.times import SECOND
from rulec.tests.support.ib_wire import Desk, bracket, buy, stop, target

E, S, T = buy(), stop(parent_id="e"), target(parent_id="e")


class Queue:
    """A queue that notes what leaves, and when."""

    def __init__(self, per_second: int) -> None:
        self.clock = ManualClock(0)
        self.queue = SendingQueue(self.clock, per_second)
        self.left: list[tuple[int, str, int]] = []

    def submit(self, lane: Lane, name: str, messages: int = 1) -> Entry:
        return self.queue.submit(lane, messages, lambda: self.left.append((self.clock.now(), name, messages)))

    def run(self, until: int) -> None:
        while (due := self.queue.next_due()) is not None and due <= until:
            self.clock.move_to(max(due, self.clock.now()))
            self.queue.advance()
        self.clock.move_to(until)

    def names(self) -> str:
        return "".join(name for _, name, _ in self.left)


# ---- the queue -------------------------------------------------------------------------------------------------------


def test_while_the_second_has_room_a_message_leaves_within_the_call() -> None:
    queue = Queue(10)
    assert not queue.submit(Lane.ENTRY, "e").waits
    assert queue.names() == "e"
    assert queue.queue.next_due() is None


def test_what_is_too_much_for_a_second_leaves_as_the_second_slides_on() -> None:
    queue = Queue(5)
    for name in "abcdefg":
        queue.submit(Lane.PROTECTION, name)
        queue.run(queue.clock.now() + 100_000)
    queue.run(5 * SECOND)
    assert queue.names() == "abcdefg"
    assert [time for time, _, _ in queue.left] == [0, 100_000, 200_000, 300_000, 400_000, SECOND, SECOND + 100_000]


def test_cancels_and_protection_go_first_then_modifications_entries_looks_and_other_questions() -> None:
    queue = Queue(5)
    for _ in range(5):
        queue.submit(Lane.PROTECTION, ".")
    for lane, name in zip(reversed(Lane), "qlemp", strict=True):
        queue.submit(lane, name)
    queue.run(2 * SECOND)
    assert queue.names() == ".....pmelq"


def test_entries_and_questions_leave_room_in_the_second_for_what_protects() -> None:
    queue = Queue(20)
    for _ in range(40):
        queue.submit(Lane.QUESTION, "q")
    assert queue.names() == "q" * 12
    for _ in range(40):
        queue.submit(Lane.ENTRY, "e")
    assert queue.names() == "q" * 12 + "e" * 4
    for _ in range(4):
        assert not queue.submit(Lane.PROTECTION, "p").waits


def test_a_bracket_waits_until_there_is_room_for_all_of_it() -> None:
    queue = Queue(5)
    for _ in range(2):
        queue.submit(Lane.PROTECTION, ".")
    queue.run(SECOND // 2)
    queue.submit(Lane.PROTECTION, ".")
    queue.submit(Lane.PROTECTION, "B", 3)
    queue.submit(Lane.PROTECTION, "c")
    queue.run(2 * SECOND)
    assert [(time, name) for time, name, _ in queue.left[3:]] == [(SECOND, "B"), (SECOND, "c")]


def test_a_bracket_larger_than_the_second_goes_alone() -> None:
    queue = Queue(2)
    queue.submit(Lane.ENTRY, ".")
    queue.submit(Lane.ENTRY, "B", 3)
    queue.run(3 * SECOND)
    assert [(time, name) for time, name, _ in queue.left] == [(0, "."), (SECOND, "B")]


def test_what_was_withdrawn_never_leaves_and_takes_no_room() -> None:
    queue = Queue(1)
    queue.submit(Lane.PROTECTION, "a")
    withdrawn = queue.submit(Lane.PROTECTION, "b")
    queue.submit(Lane.PROTECTION, "c")
    withdrawn.withdraw()
    queue.run(SECOND)
    assert queue.names() == "ac"


@given(
    per_second=st.integers(1, 50),
    entries=st.lists(
        st.tuples(st.sampled_from(Lane), st.integers(1, 4), st.integers(0, 400_000)), min_size=1, max_size=60
    ),
)
def test_no_second_ever_holds_more_than_is_allowed_and_everything_leaves_in_its_lane_s_order(
    per_second: int, entries: list[tuple[Lane, int, int]]
) -> None:
    queue = Queue(per_second)
    for place, (lane, messages, pause) in enumerate(entries):
        queue.submit(lane, f"{lane.value}:{place}", messages)
        queue.run(queue.clock.now() + pause)
    queue.run(queue.clock.now() + 1_000 * SECOND)
    assert len(queue.left) == len(entries)
    for lane in Lane:
        mine = [name for _, name, _ in queue.left if name.startswith(f"{lane.value}:")]
        assert mine == sorted(mine, key=lambda name: int(name.split(":")[1]))
    for start, _, alone in queue.left:
        within = [(time, messages) for time, _, messages in queue.left if start <= time < start + SECOND]
        assert sum(messages for _, messages in within) <= max(per_second, alone)


# ---- orders on their way out -----------------------------------------------------------------------------------------


def busy() -> Desk:
    """A bracket that works, in a second that is full."""
    desk = Desk(per_second=20)
    desk.wait(1)
    desk.placed(E, S, T)
    desk.send(*(Place((stop(f"filler {place}"),), urgent=True) for place in range(17)))
    desk.sent.clear()
    return desk


def later() -> Place:
    return Place((buy("e2"), stop("s2", parent_id="e2"), target("t2", parent_id="e2")))


def test_a_bracket_leaves_parent_first_with_only_its_last_order_transmitted() -> None:
    desk = Desk()
    desk.send(bracket())
    assert [(fields.number, fields.parent_number, fields.transmit) for fields in desk.sent] == [
        (1, 0, False),
        (2, 1, False),
        (3, 1, True),
    ]


def test_a_child_whose_parent_never_left_never_leaves_either() -> None:
    desk = Desk()
    desk.send(Place((S,), urgent=True))
    assert desk.sent == []
    assert desk.take() == [OrderRejected("s", 10006, "its parent is not at the broker")]


def test_a_child_of_a_parent_that_was_cancelled_is_not_sent_and_one_of_a_parent_that_has_filled_is() -> None:
    desk = Desk()
    desk.placed(E, buy("f"))
    desk.status(E, "Cancelled")
    desk.status(buy("f"), "Filled", 100)
    desk.take()
    desk.sent.clear()
    desk.send(Place((S,), urgent=True), Place((stop("x", parent_id="f"),), urgent=True))
    assert [fields.parent_number for fields in desk.sent] == [2]
    assert [type(message) for message in desk.take()] == [OrderRejected]


def test_a_stop_overtakes_an_entry_that_waits() -> None:
    desk = busy()
    desk.send(later(), Place((stop("x"),), urgent=True))
    desk.wait(3)
    assert [fields.reference[-2:] for fields in desk.sent] == ["/x", "e2", "s2", "t2"]


def test_an_entry_whose_cancel_comes_while_it_waits_never_leaves() -> None:
    desk = busy()
    desk.send(later(), Cancel("e2"))
    assert [(one.order_id, one.status) for one in desk.take() if isinstance(one, OrderUpdate)] == [
        ("e2", WireStatus.CANCELLED),
        ("s2", WireStatus.CANCELLED),
        ("t2", WireStatus.CANCELLED),
    ]
    desk.wait(5)
    assert desk.sent == []
    assert desk.cancelled == []


def test_a_target_whose_cancel_comes_while_its_bracket_waits_is_left_out_of_it() -> None:
    desk = busy()
    desk.send(later(), Cancel("t2"))
    desk.wait(5)
    assert [(fields.reference[-2:], fields.transmit) for fields in desk.sent] == [("e2", False), ("s2", True)]


def test_new_terms_of_an_order_that_waits_leave_with_it() -> None:
    desk = busy()
    desk.send(later(), Modify(stop("s2", at=97.0, parent_id="e2")))
    desk.wait(5)
    assert [fields.aux_price for fields in desk.sent] == [None, 97.0, None]


def test_of_two_modifications_that_wait_the_last_leaves() -> None:
    desk = busy()
    desk.send(Modify(stop(at=96.0, parent_id="e")), Modify(stop(at=97.0, parent_id="e")))
    desk.wait(5)
    assert [fields.aux_price for fields in desk.sent] == [97.0]


def test_a_cancel_takes_the_place_of_a_modification_that_waits() -> None:
    desk = busy()
    desk.send(Modify(target(at=111.0, parent_id="e")), Cancel("t"))
    desk.wait(5)
    assert desk.sent == []
    assert desk.cancelled == [3]


def test_a_modification_whose_order_ends_while_it_waits_is_refused() -> None:
    desk = busy()
    desk.send(Modify(target(at=111.0, parent_id="e")))
    desk.status(T, "Cancelled")
    desk.take()
    desk.wait(5)
    assert desk.sent == []
    assert [type(message) for message in desk.take()] == [ModifyRejected]


def test_a_cancel_that_waits_is_sent_once() -> None:
    desk = busy()
    desk.send(Cancel("t"), Cancel("t"))
    desk.wait(5)
    assert desk.cancelled == [3]


@pytest.mark.parametrize("order_id", ["never sent", "t"])
def test_what_is_not_there_or_over_can_be_neither_changed_nor_cancelled(order_id: str) -> None:
    desk = Desk()
    desk.placed(E, S, T)
    desk.status(T, "Cancelled")
    desk.take()
    desk.sent.clear()
    desk.send(Cancel(order_id), Modify(stop(order_id, at=97.0)))
    assert [type(message) for message in desk.take()] == [CancelRejected, ModifyRejected]
    assert desk.sent == []
    assert desk.cancelled == []


# ---- no connection ---------------------------------------------------------------------------------------------------


def test_without_a_connection_every_command_is_refused_and_none_is_kept() -> None:
    desk = Desk()
    desk.placed(E, S, T)
    desk.trading.close()
    desk.sent.clear()
    desk.send(later(), Modify(stop(at=97.0, parent_id="e")), Cancel("t"))
    assert [(type(message).__name__, message.code) for message in desk.take()] == [  # type: ignore[union-attr]
        ("OrderRejected", 504),
        ("OrderRejected", 504),
        ("OrderRejected", 504),
        ("ModifyRejected", 504),
        ("CancelRejected", 504),
    ]
    desk.trading.open()
    desk.wait(5)
    assert desk.sent == []


def test_what_waits_when_the_connection_goes_is_refused() -> None:
    desk = busy()
    desk.send(later(), Modify(stop(at=97.0, parent_id="e")), Cancel("t"))
    desk.trading.close()
    assert [(type(message).__name__, message.order_id) for message in desk.take()] == [  # type: ignore[union-attr]
        ("OrderRejected", "e2"),
        ("OrderRejected", "s2"),
        ("OrderRejected", "t2"),
        ("ModifyRejected", "s"),
        ("CancelRejected", "t"),
    ]
    desk.wait(5)
    assert desk.sent == []


def test_questions_that_wait_when_the_connection_goes_are_not_asked_on_the_next_one() -> None:
    desk = busy()
    desk.send(AskPosition("AAPL"))
    assert desk.asked == []
    desk.trading.close()
    desk.trading.open()
    desk.wait(5)
    assert desk.asked == ["open orders", "completed orders", "positions"]


def test_what_others_let_wait_in_the_queue_stays_there_when_the_connection_goes() -> None:
    desk = busy()
    asked: list[str] = []
    desk.queue.submit(Lane.QUESTION, 1, lambda: asked.append("market data"))
    desk.trading.close()
    desk.wait(5)
    assert asked == ["market data"]


def test_an_order_that_finds_the_socket_closed_is_refused_with_its_children() -> None:
    desk = Desk()
    desk.is_up = False
    desk.send(bracket())
    assert [(message.order_id, message.code) for message in desk.take()] == [  # type: ignore[union-attr]
        ("e", 504),
        ("s", 10006),
        ("t", 10006),
    ]


def test_a_refused_order_may_be_asked_about() -> None:
    desk = Desk()
    desk.trading.close()
    desk.send(Place((E,)))
    desk.trading.open()
    desk.answer_look()
    assert [message for message in desk.take() if isinstance(message, OrderUpdate)] == []
