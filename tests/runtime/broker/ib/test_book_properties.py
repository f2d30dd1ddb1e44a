"""Whatever the wire drops and repeats: shares count once, and nothing is dead that a later word calls alive."""

from __future__ import annotations

import itertools

import attrs
from hypothesis import given
from hypothesis import strategies as st

from rulec.runtime.broker.port import (
    AskOrder,
    CancelRejected,
    Execution,
    Message,
    ModifyRejected,
    OrderMissing,
    OrderRejected,
    OrderSpec,
    OrderUpdate,
    Place,
    WireStatus,
)
from rulec.runtime.order.lifecycle import OrderHappening, OrderStatus, advance
from rulec.tests.support.ib_wire import Desk, buy, stop, target

ORDERS = (buy(), stop(parent_id="e"), target(parent_id="e"))
STATUSES = ("PendingSubmit", "PreSubmitted", "Submitted", "PendingCancel", "Cancelled", "Filled", "Inactive", "What?")
CODES = (100, 103, 104, 105, 110, 135, 161, 201, 202, 321, 399, 404, 10147, 10148, 10349, 2109, 4711)
DEAD = (WireStatus.CANCELLED, WireStatus.EXPIRED, WireStatus.FILLED)


@attrs.frozen
class Step:
    """One thing that happens: what it is, to which order, and the number that it needs."""

    what: str
    order: OrderSpec
    value: int = 0


def one(what: str, values: st.SearchStrategy[int]) -> st.SearchStrategy[Step]:
    return st.builds(Step, st.just(what), st.sampled_from(ORDERS), values)


STEPS = st.lists(
    st.one_of(
        one("status", st.integers(0, len(STATUSES) - 1)),
        one("echo", st.integers(0, len(STATUSES) - 1)),
        one("fill", st.integers(0, 5)),
        one("correction", st.integers(0, 5)),
        one("commission", st.integers(0, 5)),
        one("error", st.sampled_from(CODES)),
        one("modify", st.integers(1, 90)),
        one("ask", st.just(0)),
        one("look", st.integers(0, 7)),
        one("pause", st.integers(1, 12)),
        one("reconnect", st.just(0)),
    ),
    max_size=60,
)


def quantity_of(number: int, version: int) -> int:
    return 3 + number * 2 + version


class Game:
    """Plays steps, and keeps its own simple record of what the wire has said."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.desk.send(Place(ORDERS))
        self.executed: dict[tuple[str, int], int] = {}
        self.last_word: dict[str, str] = {}
        self.messages: list[Message] = []

    def play(self, step: Step) -> None:
        desk, order = self.desk, step.order
        match step.what:
            case "status":
                self.last_word[order.order_id] = STATUSES[step.value]
                desk.status(order, STATUSES[step.value])
            case "echo":
                self.last_word[order.order_id] = STATUSES[step.value]
                desk.echo(order, STATUSES[step.value])
            case "fill":
                self.fill(order, step.value, 1)
            case "correction":
                self.fill(order, step.value, 2)
            case "commission":
                desk.charge(f"{order.order_id}{step.value}.01", 1.0)
            case "error":
                desk.error(order, step.value)
            case "modify":
                desk.modified(order, quantity=step.value)
            case "ask":
                desk.send(AskOrder(order.order_id))
            case "look":
                shown = [known for place, known in enumerate(ORDERS) if step.value & (1 << place)]
                for known in shown:
                    self.last_word[known.order_id] = "Submitted"
                desk.answer_look([desk.echo_of(known) for known in shown])
            case "pause":
                desk.wait(step.value)
            case "reconnect":
                desk.trading.close()
                desk.trading.open()
        self.messages += desk.take()

    def fill(self, order: OrderSpec, number: int, version: int) -> None:
        self.desk.fill(order, f"{order.order_id}{number}.0{version}", quantity_of(number, version))
        key = (order.order_id, number)
        self.executed[key] = max(self.executed.get(key, 0), version)

    def told_filled(self, order_id: str) -> int:
        """What a reader of the messages sums up, by the rule that a correction replaces and a repetition is none."""
        counted: dict[str, tuple[int, int]] = {}
        for message in self.messages:
            if isinstance(message, Execution) and message.order_id == order_id:
                key, _, version = message.execution_id.rpartition(".")
                counted[key] = max(counted.get(key, (0, 0)), (int(version), message.quantity))
        return sum(quantity for _, quantity in counted.values())


@given(STEPS)
def test_an_order_s_filled_shares_are_the_sum_of_its_distinct_executions(steps: list[Step]) -> None:
    game = Game()
    for step in steps:
        game.play(step)
    for order in ORDERS:
        sums = sum(
            quantity_of(number, version)
            for (order_id, number), version in game.executed.items()
            if order_id == order.order_id
        )
        assert game.told_filled(order.order_id) == sums
        assert game.desk.trading.book.executions.filled(order.order_id) == sums


@given(STEPS)
def test_an_order_is_never_told_as_dead_last_while_the_wire_s_last_word_says_that_it_works(steps: list[Step]) -> None:
    game = Game()
    for step in steps:
        game.play(step)
    for order in ORDERS:
        if game.last_word.get(order.order_id) not in ("PreSubmitted", "Submitted"):
            continue
        game.desk.status(order, "Submitted")
        tracked = game.desk.trading.book.get(order.order_id)
        assert tracked is not None
        if game.desk.trading.book.executions.filled(order.order_id) < tracked.terms.quantity:
            assert tracked.is_live


@given(STEPS)
def test_nobody_dies_of_a_look_that_shows_it_working(steps: list[Step]) -> None:
    game = Game()
    for step in steps:
        game.play(step)
    game.play(Step("pause", ORDERS[0], 60))
    game.desk.trading.close()
    game.desk.trading.open()
    game.desk.answer_look([game.desk.echo_of(order) for order in ORDERS])
    final = {message.order_id: message for message in game.desk.take() if isinstance(message, OrderUpdate)}
    for order in ORDERS:
        whole = game.desk.trading.book.executions.filled(order.order_id) >= order.quantity
        told = final.get(order.order_id)
        if told is not None and not whole:
            assert told.status not in DEAD


@given(STEPS)
def test_the_engine_s_life_of_an_order_has_a_row_for_everything_that_is_told(steps: list[Step]) -> None:
    game = Game()
    for step in steps:
        game.play(step)
    happenings = {
        WireStatus.PRE_SUBMITTED: OrderHappening.ACKNOWLEDGE,
        WireStatus.SUBMITTED: OrderHappening.ACKNOWLEDGE,
        WireStatus.CANCELLED: OrderHappening.CONFIRM_CANCEL,
        WireStatus.EXPIRED: OrderHappening.CONFIRM_EXPIRY,
        WireStatus.INACTIVE: OrderHappening.CALL_DEAD,
    }
    status = dict.fromkeys((order.order_id for order in ORDERS), OrderStatus.SUBMITTED)
    for message in game.messages:
        match message:
            case OrderUpdate():
                happening = happenings.get(message.status)
            case Execution():
                happening = OrderHappening.FILL_PART
            case OrderRejected():
                happening = OrderHappening.REJECT
            case ModifyRejected() | CancelRejected():
                happening = OrderHappening.LOSE_TRACK
            case OrderMissing():
                happening = OrderHappening.FIND_MISSING
            case _:
                continue
        if happening is not None:
            status[message.order_id] = advance(status[message.order_id], happening)


@given(STEPS)
def test_the_same_wire_tells_the_same_messages(steps: list[Step]) -> None:
    games = Game(), Game()
    for game, step in itertools.product(games, steps):
        game.play(step)
    assert games[0].messages == games[1].messages
    assert games[0].desk.said == games[1].desk.said
