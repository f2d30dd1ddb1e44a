"""Our own account of an order, by the sequences of messages that the wire is known to bring."""

from __future__ import annotations

from collections.abc import Callable

import attrs
import pytest

from rulec.runtime.broker.ib.wire import WireContract
from rulec.runtime.broker.port import (
    AskOrder,
    Cancel,
    CancelRejected,
    Execution,
    ForeignExecution,
    Message,
    ModifyRejected,
    OrderRejected,
    OrderSide,
    OrderUpdate,
    Place,
    TimeInForce,
    WireStatus,
)
from rulec.runtime.numbers import to_micros
from rulec.tests.support.ib_wire import AAPL, ACCOUNT, Desk, buy, stop, target, trail

E, S, T = buy(), stop(parent_id="e"), target(parent_id="e")


def short(message: Message) -> tuple[object, ...]:
    """What matters of a message, short enough for a table."""
    match message:
        case OrderUpdate():
            return (message.order_id, message.status.value, message.filled)
        case Execution():
            return (message.order_id, "execution", message.quantity, message.commission)
        case OrderRejected() | ModifyRejected() | CancelRejected():
            return (message.order_id, type(message).__name__, message.code)
        case _:
            return (type(message).__name__,)


def working() -> Desk:
    """An entry, its stop and its target, taken by the broker."""
    desk = Desk()
    desk.placed(E, S, T)
    return desk


Told = Callable[[Desk], object]
Case = tuple[str, list[Told], list[tuple[object, ...]]]

NEW: list[Case] = [
    (
        "an accepted order is told with its echo and its status",
        [lambda d: d.echo(E, "PreSubmitted"), lambda d: d.status(E, "Submitted")],
        [("e", "PreSubmitted", 0), ("e", "Submitted", 0)],
    ),
    (
        "PendingSubmit is no acknowledgement, and is not told",
        [lambda d: d.echo(E, "PendingSubmit"), lambda d: d.status(E, "PendingSubmit")],
        [],
    ),
    (
        "an exact duplicate tells nothing",
        [lambda d: d.echo(E), lambda d: d.status(E), lambda d: d.echo(E), lambda d: d.status(E)],
        [("e", "Submitted", 0)],
    ),
    (
        "a status that comes before any echo is told with the terms that were sent",
        [lambda d: d.status(E, "Submitted")],
        [("e", "Submitted", 0)],
    ),
    (
        "a fast market fill without any status is told by its executions alone",
        [lambda d: d.fill(E, "x.01", 60), lambda d: d.fill(E, "y.01", 40)],
        [("e", "execution", 60, 0), ("e", "execution", 40, 0)],
    ),
    (
        "Filled repeated three times is told once",
        [lambda d: d.fill(E, "x.01", 100), *[lambda d: d.status(E, "Filled", 100)] * 3],
        [("e", "execution", 100, 0), ("e", "Filled", 100)],
    ),
    (
        "a late duplicate of Submitted does not revive an order that has filled whole",
        [lambda d: d.fill(E, "x.01", 100), lambda d: d.status(E, "Filled", 100), lambda d: d.status(E)],
        [("e", "execution", 100, 0), ("e", "Filled", 100)],
    ),
    (
        "a margin rejection is Inactive first, then 201",
        [lambda d: d.echo(E, "Inactive"), lambda d: d.status(E, "Inactive"), lambda d: d.error(E, 201)],
        [("e", "Inactive", 0), ("e", "OrderRejected", 201)],
    ),
    (
        "a rejection before any status rejects at once",
        [lambda d: d.error(E, 201), lambda d: d.status(E, "Inactive")],
        [("e", "OrderRejected", 201)],
    ),
    (
        "a duplicate number rejects the order that was not placed",
        [lambda d: d.error(E, 103)],
        [("e", "OrderRejected", 103)],
    ),
    (
        "no contract for the symbol rejects the order",
        [lambda d: d.error(E, 200)],
        [("e", "OrderRejected", 200)],
    ),
    (
        "a validation error comes with no status at all",
        [lambda d: d.error(E, 321)],
        [("e", "OrderRejected", 321)],
    ),
    (
        "a warning before the echo changes nothing",
        [
            lambda d: d.error(E, 399, "will not be placed at the exchange until 09:30"),
            lambda d: d.echo(E, "PreSubmitted"),
        ],
        [("e", "PreSubmitted", 0)],
    ),
    (
        "an order thrown out at its trigger is Cancelled after the code, and is told as rejected",
        [lambda d: d.echo(E, "PreSubmitted"), lambda d: d.error(E, 201), lambda d: d.status(E, "Cancelled")],
        [("e", "PreSubmitted", 0), ("e", "Inactive", 0), ("e", "OrderRejected", 201)],
    ),
    (
        "a rejected order that works after all is told as working",
        [lambda d: d.error(E, 201), lambda d: d.status(E, "Submitted")],
        [("e", "OrderRejected", 201), ("e", "Submitted", 0)],
    ),
    (
        "ApiCancelled is a cancel before the acknowledgement",
        [lambda d: d.status(E, "ApiCancelled")],
        [("e", "Cancelled", 0)],
    ),
]

WORKING: list[Case] = [
    (
        "a partial fill stays Submitted",
        [lambda d: d.fill(E, "x.01", 30), lambda d: d.echo(E), lambda d: d.status(E, "Submitted", 30)],
        [("e", "execution", 30, 0), ("e", "Submitted", 30)],
    ),
    (
        "a cancel is told by its status, and the 202 that follows adds nothing",
        [lambda d: d.send(Cancel("e")), lambda d: d.status(E, "Cancelled"), lambda d: d.error(E, 202)],
        [("e", "Cancelled", 0)],
    ),
    (
        "a cancel of the broker's own goes through PendingCancel",
        [lambda d: d.status(E, "PendingCancel"), lambda d: d.status(E, "Cancelled"), lambda d: d.error(E, 202)],
        [("e", "PendingCancel", 0), ("e", "Cancelled", 0)],
    ),
    (
        "a 202 without its status makes suspect until the status comes",
        [lambda d: d.error(E, 202), lambda d: d.status(E, "Cancelled")],
        [("e", "Inactive", 0), ("e", "Cancelled", 0)],
    ),
    (
        "a price-band 202 for an order that works on is only a suspicion",
        [lambda d: d.error(E, 202), lambda d: d.status(E, "Submitted")],
        [("e", "Inactive", 0), ("e", "Submitted", 0)],
    ),
    (
        "an order told as Cancelled lives again as soon as a status says so, and may be a stray by then",
        [lambda d: d.status(E, "Cancelled"), lambda d: d.status(E, "Submitted")],
        [("e", "Cancelled", 0), ("e", "Submitted", 0), ("StrayOrder",)],
    ),
    (
        "Inactive can come back to life",
        [lambda d: d.status(E, "Inactive"), lambda d: d.status(E, "PreSubmitted")],
        [("e", "Inactive", 0), ("e", "PreSubmitted", 0)],
    ),
    (
        "codes about a live order leave it alive",
        [lambda d: d.error(E, 399), lambda d: d.error(E, 404), lambda d: d.error(E, 2109), lambda d: d.error(E, 2137)],
        [],
    ),
    (
        "a fill after the cancel counts",
        [lambda d: d.status(E, "Cancelled"), lambda d: d.fill(E, "x.01", 100)],
        [("e", "Cancelled", 0), ("e", "execution", 100, 0)],
    ),
    (
        "an execution told twice counts once",
        [lambda d: d.fill(E, "x.01", 60), lambda d: d.fill(E, "x.01", 60, request=1_000_001)],
        [("e", "execution", 60, 0)],
    ),
    (
        "a commission follows its execution, under the same id",
        [lambda d: d.fill(E, "x.01", 60), lambda d: d.charge("x.01", 1.25), lambda d: d.charge("x.01", 1.25)],
        [("e", "execution", 60, 0), ("e", "execution", 60, 1_250_000)],
    ),
    (
        "a commission that overtakes its execution is not lost",
        [lambda d: d.charge("x.01", 1.25), lambda d: d.fill(E, "x.01", 60)],
        [("e", "execution", 60, 1_250_000)],
    ),
    (
        "an unset commission is none",
        [lambda d: d.fill(E, "x.01", 60), lambda d: d.charge("x.01", 1.7976931348623157e308)],
        [("e", "execution", 60, 0)],
    ),
    (
        "a correction takes the place of the execution, and costs what that cost",
        [
            lambda d: d.fill(E, "x.01", 60),
            lambda d: d.charge("x.01", 1.25),
            lambda d: d.fill(E, "x.02", 50),
            lambda d: d.fill(E, "x.01", 60),
        ],
        [("e", "execution", 60, 0), ("e", "execution", 60, 1_250_000), ("e", "execution", 50, 1_250_000)],
    ),
    (
        "a refused modification leaves the order to be asked about",
        [lambda d: d.modified(S, stop_price=to_micros(96.0)), lambda d: d.error(S, 201)],
        [("s", "ModifyRejected", 201)],
    ),
    (
        "a modification off the tick is refused, and the original stays",
        [lambda d: d.modified(S, stop_price=96_000_001), lambda d: d.error(S, 110)],
        [("s", "ModifyRejected", 110)],
    ),
    (
        "a modification that does not match is refused",
        [lambda d: d.modified(S, quantity=50), lambda d: d.error(S, 105)],
        [("s", "ModifyRejected", 105)],
    ),
    (
        "a modification of an order that the broker does not find is refused",
        [lambda d: d.modified(S, quantity=50), lambda d: d.error(S, 135)],
        [("s", "ModifyRejected", 135)],
    ),
    (
        "a rejected modification can cancel the order: 202 with its status, then 201",
        [
            lambda d: d.modified(S, stop_price=to_micros(96.0)),
            lambda d: d.status(S, "Cancelled"),
            lambda d: d.error(S, 202, "price is outside the band"),
            lambda d: d.error(S, 201, "Order has been cancelled already, too late to replace"),
        ],
        [("s", "Cancelled", 0)],
    ),
    (
        "a rejection of an order that worked, with nothing under way, is only a suspicion",
        [lambda d: d.error(S, 201)],
        [("s", "Inactive", 0)],
    ),
    (
        "the same code twice is still only a suspicion",
        [lambda d: d.error(S, 201), lambda d: d.error(S, 201), lambda d: d.error(S, 202)],
        [("s", "Inactive", 0)],
    ),
    (
        "an order that the broker calls Inactive and then rejects is rejected, though it worked before",
        [lambda d: d.status(S, "Inactive"), lambda d: d.error(S, 201)],
        [("s", "Inactive", 0), ("s", "OrderRejected", 201)],
    ),
    (
        "a cancel that comes too late is refused",
        [lambda d: d.send(Cancel("t")), lambda d: d.error(T, 10148, "cannot be cancelled, state: Filled.")],
        [("t", "CancelRejected", 10148)],
    ),
    (
        "a cancel of an order that is not found is refused",
        [lambda d: d.send(Cancel("t")), lambda d: d.error(T, 10147)],
        [("t", "CancelRejected", 10147)],
    ),
    (
        "a cancel in no state to be cancelled is refused",
        [lambda d: d.send(Cancel("t")), lambda d: d.error(T, 161)],
        [("t", "CancelRejected", 161)],
    ),
    (
        "a number that is not found while cancelling refuses the cancel",
        [lambda d: d.send(Cancel("t")), lambda d: d.error(T, 135)],
        [("t", "CancelRejected", 135)],
    ),
    (
        "a refused cancel does not count for the next one",
        [lambda d: d.send(Cancel("t")), lambda d: d.error(T, 161), lambda d: d.error(T, 161)],
        [("t", "CancelRejected", 161)],
    ),
]


@pytest.mark.parametrize(("steps", "expected"), [case[1:] for case in NEW], ids=[case[0] for case in NEW])
def test_of_an_order_that_was_just_sent(steps: list[Told], expected: list[tuple[object, ...]]) -> None:
    desk = Desk()
    desk.send(Place((E,)))
    for step in steps:
        step(desk)
    assert [short(message) for message in desk.take()] == expected


@pytest.mark.parametrize(("steps", "expected"), [case[1:] for case in WORKING], ids=[case[0] for case in WORKING])
def test_of_a_bracket_that_works(steps: list[Told], expected: list[tuple[object, ...]]) -> None:
    desk = working()
    for step in steps:
        step(desk)
    assert [short(message) for message in desk.take()] == expected


def test_the_session_s_close_expires_what_was_for_the_day() -> None:
    desk = working()
    desk.is_market_open = False
    desk.status(E, "Cancelled")
    desk.status(S, "Cancelled")
    assert [short(message) for message in desk.take()] == [("e", "Expired", 0), ("s", "Cancelled", 0)]


def test_what_we_cancel_after_the_close_is_cancelled_not_expired() -> None:
    desk = working()
    desk.is_market_open = False
    desk.send(Cancel("e"))
    desk.status(E, "Cancelled")
    assert [short(message) for message in desk.take()] == [("e", "Cancelled", 0)]


# ---- echoes ----------------------------------------------------------------------------------------------------------


def only_update(desk: Desk) -> OrderUpdate:
    (message,) = desk.take()
    assert isinstance(message, OrderUpdate)
    return message


def test_an_echo_tells_the_terms_as_the_broker_holds_them() -> None:
    desk = working()
    desk.echo(S, quantity=60.0, aux_price=94.5, oca_group="4711")
    update = only_update(desk)
    assert (update.quantity, update.stop_price, update.oca_group) == (60, to_micros(94.5), "4711")


def test_the_limit_that_a_stop_s_echo_computes_is_not_taken_for_a_limit() -> None:
    desk = working()
    desk.echo(S, limit_price=94.73, oca_group="g")
    assert only_update(desk).limit_price is None


def test_a_stop_that_a_preset_made_a_day_order_says_so_and_is_asked_about() -> None:
    desk = working()
    desk.error(S, 10349, "Order TIF was set to DAY based on order preset.")
    assert desk.asked == ["open orders", "completed orders"]
    desk.answer_look([desk.echo_of(S, time_in_force="DAY")])
    assert [update.time_in_force for update in desk.take() if isinstance(update, OrderUpdate)] == [
        TimeInForce.DAY,
        TimeInForce.DAY,
    ]


def test_why_an_order_is_held_is_told() -> None:
    desk = working()
    desk.status(S, "PreSubmitted", why_held="locate")
    assert only_update(desk).why_held == "locate"


def test_an_echo_that_changes_nothing_answers_a_modification_that_changes_nothing() -> None:
    desk = working()
    desk.modified(S, time_in_force=TimeInForce.GTC)
    desk.echo(S)
    assert only_update(desk).stop_price == S.stop_price


def test_a_status_while_a_modification_is_under_way_tells_the_old_terms() -> None:
    desk = working()
    desk.modified(S, stop_price=to_micros(96.0))
    desk.status(S, "Submitted")
    assert only_update(desk).stop_price == S.stop_price
    desk.echo(stop(at=96.0))
    assert only_update(desk).stop_price == to_micros(96.0)


def test_an_old_echo_of_a_trail_does_not_pass_for_the_answer_to_its_modification() -> None:
    desk = Desk()
    desk.placed(trail(amount=2.0))
    wanted = desk.modified(trail(amount=2.0), trail_amount=to_micros(1.5))
    desk.echo(trail(amount=2.0), trail_stop_price=98.5)
    assert desk.take() == []
    desk.echo(wanted, trail_stop_price=98.5)
    assert only_update(desk).stop_price == to_micros(98.5)


def test_a_fill_of_a_trail_whose_modification_is_under_way_is_not_held_back() -> None:
    desk = Desk()
    desk.placed(trail(amount=2.0))
    desk.modified(trail(amount=2.0), trail_amount=to_micros(1.5))
    desk.echo(trail(amount=2.0), "Filled")
    assert only_update(desk).status is WireStatus.FILLED


def test_a_status_word_that_nobody_knows_is_asked_about() -> None:
    desk = working()
    desk.status(E, "Bewitched")
    assert desk.take() == []
    assert desk.asked == ["open orders", "completed orders"]
    assert "Bewitched" in desk.said[0][1]


# ---- codes that nobody knows -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [4711, 100, 504, 162, 106_000])
def test_a_code_that_says_nothing_of_an_order_is_asked_about_and_kills_nothing(code: int) -> None:
    desk = working()
    desk.error(E, code)
    assert desk.take() == []
    assert desk.asked == ["open orders", "completed orders"]
    desk.answer_look([desk.echo_of(E), desk.echo_of(S), desk.echo_of(T)])
    assert [short(message) for message in desk.take()] == [("e", "Submitted", 0)]


def test_an_order_with_an_unknown_code_that_is_then_nowhere_was_rejected_with_that_code() -> None:
    desk = Desk()
    desk.send(Place((E,)))
    desk.error(E, 4711, "strange")
    desk.wait(3)
    desk.answer_look()
    desk.wait(3)
    desk.answer_look()
    assert desk.take() == [OrderRejected("e", 4711, "strange")]


# ---- whose order, whose shares ---------------------------------------------------------------------------------------


def test_the_same_number_of_another_client_is_another_order() -> None:
    desk = working()
    desk.status(E, "Cancelled", client=2, permanent_id=1)
    assert desk.take() == []


def test_the_same_number_with_another_permanent_id_is_another_order() -> None:
    desk = working()
    desk.status(E, "Cancelled", permanent_id=1)
    assert desk.take() == []


def test_a_status_finds_its_order_by_the_permanent_id_whatever_its_number() -> None:
    desk = working()
    desk.status(E, "Cancelled", order_number=0, client=0)
    assert [short(message) for message in desk.take()] == [("e", "Cancelled", 0)]


def test_an_error_of_a_request_is_not_ours() -> None:
    desk = working()
    assert not desk.error(buy("unknown"), 200)
    assert desk.take() == []


@pytest.mark.parametrize("reference", ["", "rulec/2/T/main/9", "rulec/1/T/main/9", "by hand"])
def test_an_execution_of_no_order_of_ours_is_foreign(reference: str) -> None:
    desk = working()
    desk.fill(E, "x.01", 7, 101.5, reference=reference, permanent_id=1, order_number=77)
    assert desk.take() == [ForeignExecution("x.01", "AAPL", OrderSide.BUY, 7, to_micros(101.5))]


@pytest.mark.parametrize(
    ("account", "contract"),
    [
        ("DU2", AAPL),
        (ACCOUNT, attrs.evolve(AAPL, security_type="OPT")),
        (ACCOUNT, attrs.evolve(AAPL, currency="MXN")),
    ],
    ids=["another account", "an option", "another currency"],
)
def test_what_is_no_share_of_this_account_is_nobodys_business(account: str, contract: WireContract) -> None:
    desk = working()
    desk.fill(buy("other"), "x.01", 7, account=account, contract=contract)
    assert desk.take() == []


def test_an_order_that_was_copied_by_hand_is_not_ours() -> None:
    desk = working()
    copy = desk.echo_of(E, quantity=500.0, permanent_id=1, client=0, order_number=0)
    desk.trading.handle(copy)
    desk.answer_look([desk.echo_of(E), copy])
    strays = [message for message in desk.take() if not isinstance(message, OrderUpdate)]
    assert [short(message) for message in strays] == [("StrayOrder",)]


def test_asking_about_an_order_is_answered_also_where_nothing_has_changed() -> None:
    desk = working()
    desk.send(AskOrder("e"))
    desk.answer_look([desk.echo_of(E)])
    assert [short(message) for message in desk.take()] == [("e", "Submitted", 0)]
