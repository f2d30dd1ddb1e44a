"""What clients hear of their orders, message by message."""

from __future__ import annotations

from typing import Any

import pytest

from rulec.runtime.broker.exchange import Action, ExchangePolicy, ExchangeTerms, FillMode, Order, OrderKind
from rulec.runtime.gateway.policy import ExecutionTime, SmallOrderIds
from rulec.tests.support.gateway_client import CLOSED, OPEN, Client, Message, World, stock


def shown(messages: list[Message]) -> list[str]:
    """Messages in short: `openOrder 1 Submitted`."""
    return [one_line(name, values) for name, values in messages]


def one_line(name: str, values: dict[str, Any]) -> str:
    if name == "OpenOrder":
        return f"openOrder {values['order_id']} {values['status']}"
    if name == "OrderStatus":
        held = f" ({values['why_held']})" if values["why_held"] else ""
        return f"orderStatus {values['order_id']} {values['status']} {values['filled']:g}/{values['remaining']:g}{held}"
    if name == "ExecutionDetails":
        return f"execDetails {values['order_id']} {values['side']} {values['shares']:g}"
    if name == "ErrorMessage":
        return f"error {values['id']} {values['code']}"
    return name[0].lower() + name[1:]


def quoted(**given: Any) -> tuple[World, Client]:
    world = World(**given)
    client = world.client()
    world.quote("AAPL", 150.00, 150.02)
    return world, client


def bracket(client: Client, first: int = 1, limit: object = 150.02) -> None:
    client.place(first, "AAPL", "BUY", 100, "LMT", limit=limit, transmit=False)
    client.place(first + 1, "AAPL", "SELL", 100, "LMT", limit=160, parent=first, transmit=False, tif="GTC")
    client.place(first + 2, "AAPL", "SELL", 100, "STP", aux=140, parent=first, tif="GTC")


# ---- a bracket's life ------------------------------------------------------------------------------------------------


def test_a_bracket_from_placing_to_its_target() -> None:
    world, client = quoted(duplicated_statuses=False)
    bracket(client)
    assert shown(client.take()) == [
        "openOrder 1 Submitted",
        "orderStatus 1 Submitted 0/100",
        "openOrder 2 PreSubmitted",
        "orderStatus 2 PreSubmitted 0/100 (child)",
        "openOrder 3 PreSubmitted",
        "orderStatus 3 PreSubmitted 0/100 (child,trigger)",
        "execDetails 1 BOT 100",
        "openOrder 1 Filled",
        "orderStatus 1 Filled 100/0",
        "commissionReport",
        "openOrder 2 Submitted",
        "orderStatus 2 Submitted 0/100",
        "openOrder 3 PreSubmitted",
        "orderStatus 3 PreSubmitted 0/100 (trigger)",
    ]
    world.quote("AAPL", 160.00, 160.02)
    assert shown(client.take()) == [
        "execDetails 2 SLD 100",
        "openOrder 2 Filled",
        "orderStatus 2 Filled 100/0",
        "commissionReport",
        "orderStatus 3 Cancelled 0/100",
        "error 3 202",
    ]


def test_orders_that_are_held_back_are_not_heard_of() -> None:
    _, client = quoted()
    client.place(1, "AAPL", "BUY", 100, "LMT", limit=140, transmit=False)
    assert client.take() == []
    assert [name for name, _ in client.ask(5, 1)] == ["OpenOrderEnd"]


def test_children_carry_their_parent_and_its_group() -> None:
    _, client = quoted()
    bracket(client, limit=140)
    echoes = [values for name, values in client.take() if name == "OpenOrder"]
    permanent = echoes[0]["terms.permanent_id"]
    assert [each["terms.parent_id"] for each in echoes] == [0, 1, 1]
    assert [each["terms.oca_group"] for each in echoes] == ["", str(permanent), str(permanent)]
    assert [each["terms.oca_type"] for each in echoes] == [3, 3, 3]
    assert [each["terms.tif"] for each in echoes] == ["DAY", "GTC", "GTC"]
    assert (echoes[1]["terms.limit_price"], echoes[2]["terms.auxiliary_price"]) == (160_000_000, 140_000_000)


def test_a_fill_is_often_told_twice() -> None:
    _, client = quoted()
    client.place(1, "AAPL", "BUY", 10, "MKT")
    assert shown(client.take()) == [
        "openOrder 1 Submitted",
        "orderStatus 1 Submitted 0/10",
        "execDetails 1 BOT 10",
        *["openOrder 1 Filled", "orderStatus 1 Filled 10/0"] * 2,
        "commissionReport",
    ]


def test_there_may_be_no_status_at_all_around_a_fast_fill() -> None:
    _, client = quoted(statuses_around_fast_fills=False, duplicated_statuses=False)
    client.place(1, "AAPL", "BUY", 10, "MKT")
    assert shown(client.take()) == [
        "openOrder 1 Submitted",
        "execDetails 1 BOT 10",
        "openOrder 1 Filled",
        "commissionReport",
    ]


def test_parts_stay_submitted_until_the_last() -> None:
    world, client = quoted(duplicated_statuses=False)
    world.exchange.faults.partial_next(40, lambda order: True)
    client.place(1, "AAPL", "BUY", 100, "LMT", limit=150.02)
    assert shown(client.take())[2:] == [
        "execDetails 1 BOT 40",
        "openOrder 1 Submitted",
        "orderStatus 1 Submitted 40/60",
        "commissionReport",
    ]
    world.quote("AAPL", 149.99, 150.01)
    messages = client.take()
    assert shown(messages)[1:3] == ["openOrder 1 Filled", "orderStatus 1 Filled 100/0"]
    execution = messages[0][1]
    assert (execution["shares"], execution["cumulative"], execution["price"]) == (60, 100, 150_010_000)
    assert execution["average_price"] == pytest.approx((40 * 150.02 + 60 * 150.01) / 100)


def test_an_executions_time_is_utc_with_a_dash_unless_the_policy_names_a_zone() -> None:
    for how, text in ((ExecutionTime.UTC, "20260106-15:00:00"), (ExecutionTime.ZONE, "20260106 10:00:00 US/Eastern")):
        _, client = quoted(execution_time=how)
        client.place(1, "AAPL", "BUY", 10, "MKT")
        assert [values["time"] for name, values in client.take() if name == "ExecutionDetails"] == [text]


def test_commissions_and_realised_profit_follow_their_execution() -> None:
    terms = ExchangeTerms(fill=FillMode.STANDING)
    world, client = quoted(terms=terms)
    client.place(1, "AAPL", "BUY", 10, "MKT")
    world.quote("AAPL", 151.02, 151.04)
    client.place(2, "AAPL", "SELL", 10, "MKT")
    reports = [values for name, values in client.take() if name == "CommissionReport"]
    assert [each["realised"] for each in reports] == [None, 10_000_000]


# ---- changing --------------------------------------------------------------------------------------------------------


def test_a_price_is_changed_by_placing_again() -> None:
    _, client = quoted()
    bracket(client, limit=140)
    client.take()
    client.place(3, "AAPL", "SELL", 100, "STP", aux=141, parent=1, tif="GTC")
    name, values = client.take()[0]
    assert (name, values["terms.auxiliary_price"], values["terms.tif"]) == ("OpenOrder", 141_000_000, "GTC")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind": "MKT"}, 105),
        ({"action": "SELL"}, 105),
        ({"limit": 140.005}, 110),
        ({"parent": 7}, 105),
        ({"quantity": 0}, 434),
    ],
)
def test_what_cannot_be_changed_leaves_the_order_as_it_is(change: dict[str, Any], code: int) -> None:
    _, client = quoted()
    terms: dict[str, Any] = {"action": "BUY", "quantity": 100, "kind": "LMT", "limit": 140}
    client.place(1, "AAPL", **terms)
    client.take()
    client.place(1, "AAPL", **{**terms, **change})
    assert shown(client.take()) == [f"error 1 {code}"]
    assert [v["terms.limit_price"] for name, v in client.ask(5, 1) if name == "OpenOrder"] == [140_000_000]


def test_a_filled_order_cannot_be_changed() -> None:
    _, client = quoted()
    client.place(1, "AAPL", "BUY", 10, "MKT")
    client.take()
    client.place(1, "AAPL", "BUY", 20, "MKT")
    assert shown(client.take()) == ["error 1 104"]


# ---- cancelling ------------------------------------------------------------------------------------------------------


def test_a_cancel_is_a_status_and_a_confirmation() -> None:
    _, client = quoted()
    client.place(1, "AAPL", "BUY", 10, "LMT", limit=140)
    client.take()
    client.cancel(1)
    assert shown(client.take()) == ["orderStatus 1 Cancelled 0/10", "error 1 202"]
    client.cancel(1)
    assert shown(client.take()) == ["error 1 10148"]
    client.cancel(77)
    assert shown(client.take()) == ["error 77 10147"]


def test_a_cancelled_parent_takes_its_children_along() -> None:
    _, client = quoted()
    bracket(client, limit=140)
    client.take()
    client.cancel(1)
    assert shown(client.take()) == [
        line for number in (1, 2, 3) for line in (f"orderStatus {number} Cancelled 0/100", f"error {number} 202")
    ]


def test_a_cancel_that_can_still_fill_is_pending_first() -> None:
    world, client = quoted(exchange_policy=ExchangePolicy(cancel_window=1_000_000))
    client.place(1, "AAPL", "BUY", 10, "LMT", limit=140)
    client.take()
    client.cancel(1)
    assert shown(client.take()) == ["openOrder 1 PendingCancel", "orderStatus 1 PendingCancel 0/10"]
    world.pass_time(2)
    assert shown(client.take()) == ["orderStatus 1 Cancelled 0/10", "error 1 202"]


def test_a_global_cancel_reaches_the_orders_of_all_clients() -> None:
    world, client = quoted()
    other = world.client(2)
    client.place(1, "AAPL", "BUY", 10, "LMT", limit=140)
    other.place(1, "AAPL", "BUY", 10, "LMT", limit=141)
    client.take(), other.take()
    client.send(58, 1)
    assert shown(client.take()) == ["orderStatus 1 Cancelled 0/10", "error 1 202"]
    assert shown(other.take()) == ["orderStatus 1 Cancelled 0/10", "error 1 202"]


def test_another_client_can_cancel_by_number_unless_the_policy_says_no() -> None:
    for allowed, heard in ((True, ["error 5 202"]), (False, ["error 5 10147"])):
        world, client = quoted(exchange_policy=ExchangePolicy(others_may_cancel=allowed))
        client.place(5, "AAPL", "BUY", 10, "LMT", limit=140)
        client.take()
        other = world.client(2)
        other.cancel(5)
        assert shown(other.take()) == heard
        assert shown(client.take()) == (["orderStatus 5 Cancelled 0/10", "error 5 202"] if allowed else [])


# ---- refusals --------------------------------------------------------------------------------------------------------


def test_a_rejection_is_inactive_and_then_201() -> None:
    world, client = quoted()
    world.exchange.faults.reject_next("margin", lambda order: True)
    client.place(1, "AAPL", "BUY", 10, "MKT")
    assert shown(client.take()) == ["openOrder 1 Inactive", "orderStatus 1 Inactive 0/10", "error 1 201"]


def test_the_rejections_reason_may_come_late() -> None:
    world, client = quoted(rejection_delay=50_000)
    client.place(1, "AAPL", "BUY", 1_000_000, "MKT")
    assert shown(client.take()) == ["openOrder 1 Inactive", "orderStatus 1 Inactive 0/1e+06"]
    world.pass_time(0.05)
    assert shown(client.take()) == ["error 1 201"]


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"limit": 150.005}, 110),
        ({"limit": ""}, 321),
        ({"limit": 0}, 321),
        ({"limit": "nonsense"}, 321),
        ({"quantity": 0}, 434),
        ({"quantity": 0.5}, 321),
        ({"quantity": "1e300"}, 321),
        ({"action": "HOLD"}, 321),
        ({"kind": "PEG MID"}, 321),
        ({"tif": "SOON"}, 321),
        ({"algorithm": "Adaptive"}, 321),
        ({"account": "DU9"}, 321),
        ({"symbol": "TOOLONG"}, 200),
        ({"parent": 99}, 10006),
        ({"kind": "TRAIL", "percent": 250}, 321),
        ({"kind": "TRAIL"}, 321),
    ],
    ids=str,
)
def test_fields_that_make_no_sense_are_an_error_and_no_order(terms: dict[str, Any], code: int) -> None:
    _, client = quoted()
    usual: dict[str, Any] = {"symbol": "AAPL", "action": "BUY", "quantity": 10, "kind": "LMT", "limit": 140}
    client.place(1, **{**usual, **terms})
    assert shown(client.take()) == [f"error 1 {code}"]
    assert [name for name, _ in client.ask(99, 0)] == ["CompletedOrdersEnd"]


def test_a_new_number_must_exceed_all_that_were_used() -> None:
    for policy, heard in ((SmallOrderIds.REFUSE, ["error 4 103"]), (SmallOrderIds.ACCEPT, ["openOrder 4 Submitted"])):
        _, client = quoted(small_order_ids=policy)
        client.place(5, "AAPL", "BUY", 10, "LMT", limit=140)
        client.take()
        client.place(4, "AAPL", "BUY", 10, "LMT", limit=140)
        assert shown(client.take())[:1] == heard


def test_an_empty_time_in_force_is_a_day_and_some_gateways_say_so() -> None:
    _, client = quoted(empty_tif_is_told=True)
    client.place(1, "AAPL", "BUY", 10, "LMT", limit=140, tif="")
    messages = client.take()
    assert shown(messages)[-1] == "error 1 10349"
    assert messages[0][1]["terms.tif"] == "DAY"


# ---- while the exchange is closed ------------------------------------------------------------------------------------


def test_an_order_before_the_open_is_warned_about_and_lives() -> None:
    world, client = quoted(now=CLOSED)
    client.place(1, "AAPL", "BUY", 10, "MKT")
    messages = client.take()
    assert shown(messages) == ["error 1 399", "openOrder 1 Submitted", "orderStatus 1 Submitted 0/10"]
    assert "until 20260106 09:30:00 US/Eastern" in messages[0][1]["text"]
    world.now = OPEN
    world.quote("AAPL", 150.00, 150.02)
    assert "execDetails 1 BOT 10" in shown(client.take())


def test_the_warning_may_come_after_the_order() -> None:
    _, client = quoted(now=CLOSED, warning_first=False)
    client.place(1, "AAPL", "BUY", 10, "MKT")
    assert shown(client.take()) == ["openOrder 1 Submitted", "orderStatus 1 Submitted 0/10", "error 1 399"]


def test_an_order_for_outside_the_hours_needs_no_warning() -> None:
    _, client = quoted(now=CLOSED)
    client.place(1, "AAPL", "BUY", 10, "LMT", limit=140, outside=True)
    assert shown(client.take())[0] == "openOrder 1 Submitted"


def test_off_hours_a_cancel_is_pending_first() -> None:
    _, client = quoted(now=CLOSED)
    client.place(1, "AAPL", "BUY", 10, "LMT", limit=140)
    client.take()
    client.cancel(1)
    assert shown(client.take()) == ["orderStatus 1 PendingCancel 0/10", "orderStatus 1 Cancelled 0/10", "error 1 202"]


def test_a_day_order_ends_with_the_session() -> None:
    world, client = quoted()
    client.place(1, "AAPL", "BUY", 10, "LMT", limit=140)
    client.place(2, "AAPL", "BUY", 10, "LMT", limit=140, tif="GTC")
    client.take()
    world.pass_time(8 * 3600)
    assert shown(client.take()) == ["orderStatus 1 Cancelled 0/10"]


# ---- other kinds -----------------------------------------------------------------------------------------------------


def test_a_trail_tells_its_stop_and_follows() -> None:
    world, client = quoted()
    client.place(1, "AAPL", "SELL", 10, "TRAIL", aux=1.0)
    client.place(2, "AAPL", "SELL", 10, "TRAIL", percent=1.0)
    first, second = (values for name, values in client.take() if name == "OpenOrder")
    assert (first["terms.auxiliary_price"], first["terms.trail_stop_price"]) == (1_000_000, 149_000_000)
    assert (second["terms.trailing_percent"], second["terms.trail_stop_price"]) == (1.0, 148_500_000)
    world.quote("AAPL", 152.00, 152.02)
    stops = [values["terms.trail_stop_price"] for name, values in client.take() if name == "OpenOrder"]
    assert stops == [151_000_000, 150_480_000]


def test_members_of_a_group_cancel_each_other() -> None:
    world, client = quoted(duplicated_statuses=False)
    client.place(1, "AAPL", "BUY", 10, "LMT", limit=149, group="g", group_type=1)
    client.place(2, "AAPL", "BUY", 10, "LMT", limit=148, group="g", group_type=1)
    client.take()
    world.quote("AAPL", 148.98, 149.00)
    assert shown(client.take())[-2:] == ["orderStatus 2 Cancelled 0/10", "error 2 202"]


def test_a_what_if_order_places_nothing() -> None:
    world, client = quoted()
    client.place(1, "AAPL", "BUY", 100, "LMT", limit=150, what_if=True)
    ((name, values),) = client.take()
    assert (name, values["what_if"], values["margins.initial_change"]) == ("OpenOrder", True, 7_500_000_000)
    assert world.exchange.open_orders() == ()


# ---- lists and orders by hand ----------------------------------------------------------------------------------------


def test_open_orders_are_ones_own_and_all_orders_everybodys() -> None:
    world, client = quoted()
    other = world.client(2)
    client.place(1, "AAPL", "BUY", 10, "LMT", limit=140)
    other.place(9, "AAPL", "BUY", 10, "LMT", limit=141)
    assert shown(client.ask(5, 1)) == ["openOrder 1 Submitted", "orderStatus 1 Submitted 0/10", "openOrderEnd"]
    listed = client.ask(16, 1)
    echoes = [(v["order_id"], v["terms.client_id"]) for name, v in listed if name == "OpenOrder"]
    assert echoes == [(1, 1), (9, 2)]


def test_completed_orders_tell_how_they_ended() -> None:
    world, client = quoted()
    client.place(1, "AAPL", "BUY", 10, "MKT")
    client.place(2, "AAPL", "BUY", 10, "LMT", limit=140)
    client.cancel(2)
    world.exchange.faults.reject_next("margin", lambda order: True)
    client.place(3, "AAPL", "BUY", 10, "MKT")
    *orders, (last, _) = client.ask(99, 1)
    assert last == "CompletedOrdersEnd"
    ends = [(v["status"], v["filled"], v["completed_status"], v["completed_time"]) for _, v in orders]
    time = "20260106 10:00:00 US/Eastern"
    assert ends == [
        ("Filled", 10, "Filled Size: 10", time),
        ("Cancelled", 0, "Cancelled by Trader", time),
        ("Inactive", 0, "Rejected by System", time),
    ]


def test_executions_come_back_with_their_commissions_by_filter() -> None:
    world, client = quoted()
    other = world.client(2)
    client.place(1, "AAPL", "BUY", 10, "MKT")
    world.now += 5_000_000
    other.place(1, "AAPL", "SELL", 10, "MKT")

    def found(**filters: object) -> list[tuple[int, str]]:
        wanted = {
            "client": 0,
            "account": "",
            "time": "",
            "symbol": "",
            "type": "",
            "exchange": "",
            "side": "",
            **filters,
        }
        *messages, (last, _) = client.ask(7, 3, 50, *wanted.values())
        assert last == "ExecutionDetailsEnd"
        return [(v["client_id"], v["side"]) for name, v in messages if name == "ExecutionDetails"]

    assert found() == [(1, "BOT"), (2, "SLD")]
    assert found(client=2) == [(2, "SLD")]
    assert found(side="BUY") == [(1, "BOT")]
    assert found(symbol="MSFT") == []
    assert found(time="20260106-15:00:03") == [(2, "SLD")]
    assert found(time="20260106 15:00:03") == [(2, "SLD")], "as bars' times are read and told"
    assert found(time="20260106 10:00:03 US/Eastern") == [(2, "SLD")]
    assert shown(client.ask(7, 3, 51, 0, "", "soon", "", "", "", "")) == ["error 51 321"]
    world.now += 24 * 3600 * 1_000_000
    assert found() == []


def test_an_order_can_be_changed_as_it_was_told() -> None:
    """Who comes back knows an order by its echo alone, and sends that with its new price: the words None, too."""
    _, client = quoted()
    client.place(1, "AAPL", "BUY", 10, "LMT", limit=140)
    client.take()
    client.place(1, "AAPL", "BUY", 10, "LMT", limit=141, neutral="None", adjusted="None")
    assert shown(client.take()) == ["openOrder 1 Submitted", "orderStatus 1 Submitted 0/10"]
    client.place(1, "AAPL", "BUY", 10, "LMT", limit=142, neutral="MKT")
    assert shown(client.take()) == ["error 1 321"]


def test_orders_by_hand_have_number_zero_until_client_zero_binds_them() -> None:
    world, client = quoted()
    order = Order("DU1", 0, 0, "AAPL", Action.BUY, 10, OrderKind.LIMIT, limit_price=140_000_000)
    world.gateway.place_by_hand(order, world.now)
    (echo, *_) = client.ask(16, 1)
    assert (echo[1]["order_id"], echo[1]["terms.client_id"]) == (0, 0)
    assert shown(client.ask(15, 1, 1)) == ["error -1 321"]
    zero = world.client(0)
    assert shown(zero.ask(15, 1, 1)) == ["orderBound", "openOrder -1 Submitted", "orderStatus -1 Submitted 0/10"]
    zero.cancel(-1)
    assert shown(zero.take()) == ["orderStatus -1 Cancelled 0/10", "error -1 202"]


def test_who_binds_orders_by_hand_never_hears_of_number_zero() -> None:
    world, _ = quoted(master_client=9)
    zero = world.client(0)
    master = world.client(9)
    order = Order("DU1", 0, 0, "AAPL", Action.BUY, 10, OrderKind.LIMIT, limit_price=140_000_000)
    world.gateway.place_by_hand(order, world.now)
    world.collect()
    assert shown(zero.take()) == [], "not bound"
    assert shown(master.take()) == ["openOrder 0 Submitted", "orderStatus 0 Submitted 0/10"]
    zero.ask(15, 1, 1)
    world.gateway.place_by_hand(order, world.now)
    world.collect()
    assert shown(zero.take()) == ["orderBound", "openOrder -2 Submitted", "orderStatus -2 Submitted 0/10"]


def test_a_master_client_hears_of_everybodys_orders() -> None:
    world, client = quoted(master_client=9)
    master = world.client(9)
    client.place(1, "AAPL", "BUY", 10, "MKT")
    assert shown(master.take()) == shown(client.take())


def test_a_contract_by_its_id_alone_is_enough() -> None:
    _, client = quoted()
    client.place(1, "", "BUY", 10, "LMT", limit=140, contract=[1_563_112, *[""] * 2, "", "0.0", *[""] * 7])
    assert shown(client.take())[0] == "openOrder 1 Submitted"
    assert stock("AAPL")[1] == "AAPL"
