"""Parents, children and OCA groups: who is held, who is capped, who is reduced, who is cancelled."""

from __future__ import annotations

from typing import Any

import pytest

from rulec.runtime.broker.exchange import (
    Action,
    Exchange,
    ExchangePolicy,
    ExchangeTerms,
    ExecutionEvent,
    FillMode,
    OcaReduction,
    OcaType,
    Order,
    OrderEvent,
    OrderKind,
    PartialParent,
)


def any_order(order: Order) -> bool:
    """Lets a fault fit every order."""
    return True


def test_a_family_says_nothing_until_its_last_order_is_transmitted(pit: Any) -> None:
    pit.send(1, "BUY", 100, transmit=False)
    pit.send(2, "SELL", 100, "STP", stop_price=145.5, parent_id=1, transmit=False)
    pit.price(150.0)
    assert pit.events == []
    pit.send(3, "SELL", 100, "LMT", limit_price=162.0, parent_id=1)
    assert [(e.order.order_id, e.status.value, e.why_held) for e in pit.events] == [
        (1, "Submitted", ""),
        (2, "PreSubmitted", "child,trigger"),
        (3, "PreSubmitted", "child"),
    ]


def test_an_order_kept_back_works_once_it_is_sent_again_to_transmit(pit: Any) -> None:
    pit.send(1, "BUY", 100, transmit=False)
    pit.change(1, transmit=True)
    assert pit.status(1) == "Submitted"


def test_all_children_of_a_parent_share_a_group_named_by_it(pit: Any) -> None:
    pit.bracket()
    parent = pit.state(1).permanent_id
    for child in (2, 3):
        state = pit.state(child)
        assert (state.parent_permanent_id, state.order.oca_group, state.order.oca_type) == (parent, str(parent), 3)


def test_children_come_alive_with_the_first_fill(pit: Any) -> None:
    pit.bracket(stop=155.0)
    pit.price(150.0)
    told = [
        (e.execution.order_id, "execution") if isinstance(e, ExecutionEvent) else (e.order.order_id, e.status.value)
        for e in pit.events[3:7]
    ]
    assert told == [(1, "execution"), (1, "Filled"), (2, "PreSubmitted"), (3, "Submitted")]
    assert pit.state(2).why_held == "", "it has triggered: the price is beyond the stop"
    assert pit.fills == [(1, 100, 150.0), (2, 100, 150.0)]


def test_children_are_capped_at_what_the_parent_has_filled(pit: Any) -> None:
    pit.exchange.faults.partial_next(40, any_order)
    pit.bracket(entry="LMT", limit_price=150.0)
    pit.price(150.0)
    assert [(pit.state(i).order.quantity, pit.state(i).effective) for i in (2, 3)] == [(100, 40), (100, 40)]
    pit.react = lambda events: None
    pit.price(163.0)
    assert pit.fills == [(1, 40, 150.0), (3, 40, 163.0)]
    assert [pit.state(i).effective for i in (2, 3)] == [0, 0]
    assert pit.position == 0


def test_without_the_cap_children_fill_whole(new_pit: Any) -> None:
    pit = new_pit(policy=ExchangePolicy(children_capped=False))
    pit.exchange.faults.partial_next(40, any_order)
    pit.bracket(entry="LMT", limit_price=150.0)
    pit.price(150.0)
    pit.price(163.0)
    assert pit.fills[1:] == [(3, 100, 163.0)]


def test_a_parent_cancelled_unfilled_takes_its_children_along(pit: Any) -> None:
    pit.bracket(entry="LMT", limit_price=140.0)
    pit.cancel(1)
    assert [pit.status(i) for i in (1, 2, 3)] == ["Cancelled"] * 3


@pytest.mark.parametrize(
    ("what", "quantities", "statuses"),
    [
        (PartialParent.RESIZE, [40, 40], ["PreSubmitted", "Submitted"]),
        (PartialParent.KEEP, [100, 100], ["PreSubmitted", "Submitted"]),
        (PartialParent.CANCEL, [100, 100], ["Cancelled", "Cancelled"]),
    ],
)
def test_a_parent_cancelled_after_a_part_filled(
    new_pit: Any, what: PartialParent, quantities: list[int], statuses: list[str]
) -> None:
    pit = new_pit(policy=ExchangePolicy(partial_parent=what))
    pit.exchange.faults.partial_next(40, any_order)
    pit.bracket(entry="LMT", limit_price=150.0)
    pit.price(150.0)
    pit.cancel(1)
    assert [pit.state(i).order.quantity for i in (2, 3)] == quantities
    assert [pit.status(i) for i in (2, 3)] == statuses


def test_a_parent_cancelled_after_its_children_sold_all_it_had_ends_them(pit: Any) -> None:
    pit.exchange.faults.partial_next(40, any_order)
    pit.bracket(entry="LMT", limit_price=150.0)
    pit.price(150.0)
    pit.price(162.0)
    pit.cancel(1)
    assert [pit.status(i) for i in (1, 2, 3)] == ["Cancelled", "Cancelled", "Filled"]
    assert pit.position == 0


@pytest.mark.parametrize(("cancels", "status"), [(True, "Cancelled"), (False, "PendingSubmit")])
def test_a_rejected_parent(new_pit: Any, cancels: bool, status: str) -> None:
    pit = new_pit(policy=ExchangePolicy(rejected_parent_cancels_children=cancels))
    pit.exchange.faults.reject_next("margin", any_order)
    pit.bracket()
    assert pit.status(1) == "Inactive"
    assert pit.errors == [(1, 201)]
    assert [pit.status(i) for i in (2, 3)] == [status] * 2 if cancels else ["PreSubmitted"] * 2


@pytest.mark.parametrize(("policy", "sibling"), [(False, "Submitted"), (True, "Cancelled")])
def test_a_client_cancels_one_child(new_pit: Any, policy: bool, sibling: str) -> None:
    pit = new_pit(policy=ExchangePolicy(cancelled_child_cancels_siblings=policy))
    pit.bracket()
    pit.price(150.0)
    pit.cancel(2)
    assert (pit.status(2), pit.status(3)) == ("Cancelled", sibling)


def test_a_child_of_an_unknown_or_cancelled_parent_is_refused(pit: Any) -> None:
    pit.send(2, "SELL", 100, "STP", stop_price=145.5, parent_id=1)
    pit.send(3, "BUY", 100, "LMT", limit_price=100.0)
    pit.cancel(3)
    pit.send(4, "SELL", 100, "STP", stop_price=145.5, parent_id=3)
    assert pit.errors == [(2, 10006), (4, 10006)]


def test_a_child_of_a_filled_parent_is_alive_at_once(pit: Any) -> None:
    pit.send(1, "BUY", 100)
    pit.price(150.0)
    pit.send(2, "SELL", 100, "STP", stop_price=145.5, parent_id=1)
    assert pit.state(2).effective == 100
    pit.price(145.0)
    assert pit.fills[1:] == [(2, 100, 145.0)]


# ---- OCA groups ------------------------------------------------------------------------------------------------------

# type, sizes of stop and target, how many of the target fill first, what is left of the stop (None: cancelled)
GROUPS = [
    ("complete fill cancels, type 1", 1, 100, 100, 100, None),
    ("complete fill cancels, type 2", 2, 100, 100, 100, None),
    ("complete fill cancels, type 3", 3, 100, 100, 100, None),
    ("complete fill of a smaller one cancels the whole stop", 3, 100, 50, 50, None),
    ("a part cancels in type 1", 1, 100, 100, 30, None),
    ("a part reduces in type 2", 2, 100, 100, 30, 70),
    ("a part reduces in type 3", 3, 100, 100, 30, 70),
    ("half of a smaller one halves the stop", 3, 100, 50, 25, 50),
    ("a fraction is rounded down", 3, 100, 33, 10, 69),
]


@pytest.mark.parametrize(
    ("oca_type", "stop", "target", "fill", "left"), [c[1:] for c in GROUPS], ids=[c[0] for c in GROUPS]
)
def test_what_a_fill_does_to_its_group(
    pit: Any, oca_type: int, stop: int, target: int, fill: int, left: int | None
) -> None:
    pit.send(9, "BUY", 100)
    pit.price(150.0)
    group = {"oca_group": "g", "oca_type": OcaType(oca_type), "tif": "GTC"}
    pit.send(1, "SELL", stop, "STP", stop_price=145.0, **group)
    pit.exchange.faults.partial_next(fill, any_order)
    pit.send(2, "SELL", target, "LMT", limit_price=155.0, **group)
    pit.price(155.0)
    assert pit.fills[1:] == [(2, fill, 155.0)]
    if left is None:
        assert pit.status(1) == "Cancelled"
    else:
        assert (pit.status(1), pit.state(1).remaining) == ("PreSubmitted", left)


def test_a_group_can_be_reduced_by_shares(new_pit: Any) -> None:
    pit = new_pit(policy=ExchangePolicy(oca_reduction=OcaReduction.SHARES))
    pit.send(1, "SELL", 100, "STP", stop_price=145.0, oca_group="g")
    pit.exchange.faults.partial_next(25, any_order)
    pit.send(2, "SELL", 50, "LMT", limit_price=155.0, oca_group="g")
    pit.price(155.0)
    assert pit.state(1).remaining == 75


def test_groups_of_the_same_name_in_two_accounts_are_two_groups() -> None:
    class Always:
        def is_open(self, now: int) -> bool:
            return True

        def next_open(self, now: int) -> int:
            return now + 1

        def session_close(self, now: int) -> int:
            return now + 1

    exchange = Exchange(Always(), {"DU1": 10**12, "DU2": 10**12})
    for number, account in enumerate(("DU1", "DU2"), 1):
        exchange.submit(
            Order(
                account, number, 1, "AAPL", Action.BUY, 10, OrderKind.LIMIT, limit_price=number * 10**6, oca_group="g"
            ),
            0,
        )
    for _ in exchange.on_price("AAPL", 2 * 10**6, 0):
        pass
    assert exchange.positions("DU2") == {"AAPL": 10}
    assert [o.order.account for o in exchange.open_orders()] == ["DU1"]
    assert exchange.ledger.accounts["DU1"].cash == 10**12


def test_without_block_a_sibling_can_fill_while_it_is_being_cancelled(new_pit: Any) -> None:
    pit = new_pit(policy=ExchangePolicy(cancel_window=50_000))
    pit.bracket()
    pit.price(150.0)
    pit.price(162.0)
    assert pit.status(2) == "PendingCancel"
    assert pit.exchange.next_due() == 50_000
    pit.now = 49_999
    pit.price(145.0)
    assert pit.fills[1:] == [(3, 100, 162.0), (2, 100, 145.0)]
    assert pit.position == -100, "the overfill that type 3 allows"
    pit.time(50_000)
    assert pit.status(2) == "Filled"


def test_the_race_ends_with_its_window(new_pit: Any) -> None:
    pit = new_pit(policy=ExchangePolicy(cancel_window=50_000))
    pit.bracket()
    pit.price(150.0)
    pit.price(162.0)
    pit.time(50_000)
    assert pit.status(2) == "Cancelled"
    pit.price(145.0)
    assert pit.position == 0
    assert pit.events[-1] != pit.state(2), "nothing more was said"


def test_a_group_with_block_never_races(new_pit: Any) -> None:
    pit = new_pit(policy=ExchangePolicy(cancel_window=50_000))
    for order_id, price in ((1, 155.0), (2, 156.0)):
        pit.send(order_id, "SELL", 100, "LMT", limit_price=price, oca_group="g", oca_type=OcaType.REDUCE_WITH_BLOCK)
    pit.price(155.0)
    assert pit.status(2) == "Cancelled"


def test_a_cancel_by_a_client_races_too(new_pit: Any) -> None:
    pit = new_pit(ExchangeTerms(fill=FillMode.STANDING), ExchangePolicy(cancel_window=50_000))
    pit.send(1, "BUY", 100, "LMT", limit_price=149.0)
    pit.cancel(1)
    assert pit.status(1) == "PendingCancel"
    pit.price(149.0)
    assert (pit.status(1), pit.fills) == ("Filled", [(1, 100, 149.0)])
    assert all(isinstance(e, OrderEvent | ExecutionEvent) for e in pit.events), "a cancel that lost is not confirmed"


@pytest.mark.parametrize(("refuses", "errors"), [(True, [(2, 201)]), (False, [])])
def test_an_order_that_joins_a_group_already_filled(new_pit: Any, refuses: bool, errors: list[tuple[int, int]]) -> None:
    pit = new_pit(ExchangeTerms(fill=FillMode.STANDING), ExchangePolicy(filled_group_refuses=refuses))
    pit.price(150.0)
    pit.send(1, "BUY", 100, oca_group="g")
    pit.send(2, "BUY", 100, "LMT", limit_price=140.0, oca_group="g")
    assert pit.errors == errors
