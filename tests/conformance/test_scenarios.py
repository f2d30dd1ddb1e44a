"""The same scenarios with unmodified ib_insync, ib_async and ibapi, each in an environment of its own: all of them see
the same.
"""

from __future__ import annotations

import pytest

from .conftest import Play

pytestmark = pytest.mark.clients

COMMISSION = 1.0
DAY = "20260105"


# ---- connecting, contracts and the market ----------------------------------------------------------------------------


def test_a_client_connects_and_is_told_where_it_is(played: Play) -> None:
    seen = played("connect")
    assert seen["accounts"] == ["DU1"]
    assert seen["ids begin above zero"]
    assert seen["time"] == 1_767_625_200  # ten o'clock in New York
    assert seen["notices"] == [[-1, 2104], [-1, 2106], [-1, 2158]]
    assert seen["positions"] == {}
    assert not seen["connected"], "after it has gone"


def test_a_symbol_is_one_contract(played: Play) -> None:
    seen = played("qualify")
    assert seen["AAPL"] == {
        "con_id": 1_563_112,
        "symbol": "AAPL",
        "type": "STK",
        "currency": "USD",
        "primary": "NASDAQ",
        "class": "NMS",
        "local": "AAPL",
        "tick": 0.01,
        "rules": ["26"],
        "zone": "US/Eastern",
        "today": f"{DAY}:0930-{DAY}:1600",
    }
    assert (seen["BRK B"]["symbol"], seen["BRK B"]["class"]) == ("BRK B", "BRK B")
    assert seen["BRK B"]["con_id"] != seen["AAPL"]["con_id"]
    assert seen["ticks"] == [[0.0, 0.0001], [1.0, 0.01]]
    assert seen["nothing such"] is None
    assert seen["error"] == 200
    assert seen["matching"] == ["AAPL"]


def test_quotes_and_trades_are_followed_until_they_are_ended(played: Play) -> None:
    seen = played("quotes")
    at_first = {
        "bid": 149.99,
        "ask": 150.01,
        "last": 150.0,
        "open": 147.0,
        "high": 150.1,
        "low": 146.9,
        "bid_size": 100.0,
        "last_size": 10.0,
    }
    moved = at_first | {"bid": 150.2, "ask": 150.25, "last": 150.22, "high": 150.22, "last_size": 3.0}
    assert seen["at first"] == at_first
    assert seen["moved"] == moved
    assert seen["after the end"] == moved
    assert seen["snapshot"] == moved | {"bid": 151.0, "ask": 151.1}


def test_five_seconds_of_quotes_are_a_bar(played: Play) -> None:
    assert played("five_second_bars")["bars"] == [[1_767_625_200, 150.01, 150.41, 149.81, 149.81]]


def test_historical_bars_are_those_of_the_market(played: Play) -> None:
    seen = played("historical_bars")
    minutes = [bar for bar in seen["minutes"] if bar[5]]
    assert len(minutes) == 30
    assert minutes[0] == [1_767_623_400, 147.0, 147.2, 146.9, 147.1, 1000, 1]
    assert minutes[-1] == [1_767_625_140, 149.9, 150.1, 149.8, 150.0, 1029, 1]
    assert seen["five minutes"][0] == [1_767_623_400, 147.0, 147.6, 146.9, 147.5, 5010, 5]
    assert [bar[0] for bar in seen["last three"] if bar[5]] == [1_767_625_020, 1_767_625_080, 1_767_625_140]
    assert [bar[0] for bar in seen["until ten to"]] == [1_767_624_480, 1_767_624_540]
    assert seen["days"] == [[DAY, 147.0, 150.1, 146.9, 150.0, 30_435, 30]]
    assert seen["middle"][0] == [1_767_625_140, 149.9, 150.1, 149.8, 150.0, -1, -1]
    assert seen["since"] == "1767623400"
    assert seen["no data"] == []
    assert seen["errors"] == [162]


def test_the_newest_bar_grows_with_the_market(played: Play) -> None:
    seen = played("bars_kept_up_to_date")
    assert seen["last"] == [1_767_625_200, 150.0, 150.0, 150.0, 150.0, 0, 0]
    assert seen["more"] == 0
    assert seen["grown"] == [1_767_625_200, 150.5, 150.5, 149.5, 150.2, 300, 3]


# ---- brackets --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scenario", "entered", "price", "profit"),
    [
        ("long_to_target", 149.0, 155.49, 648.0),
        ("long_to_stop", 149.0, 144.49, -452.0),
        ("short_to_target", 151.0, 144.51, 648.0),
        ("short_to_stop", 151.0, 155.51, -452.0),
    ],
)
def test_a_bracket_from_entry_to_conclusion(
    played: Play, scenario: str, entered: float, price: float, profit: float
) -> None:
    seen = played(scenario)
    ending = scenario.rpartition("_")[2]
    is_long = scenario.startswith("long")
    assert seen["before the last"] == [[], []], "nothing is known of a family that is not transmitted"
    assert seen["family"] == [False, True, True]
    assert seen["groups"] == [False, True, True], "the children are a group named for their parent's permanent id"
    assert seen["oca types"][1:] == [3, 3]
    assert seen["held"] == [["Submitted", ""], ["PreSubmitted", "child"], ["PreSubmitted", "child,trigger"]]
    assert seen["entered"] == [["Filled", ""], ["Submitted", ""], ["PreSubmitted", "trigger"]]
    assert seen["holds"] == {"AAPL": [100 if is_long else -100, entered]}
    ends = {"target": "Cancelled", "stop": "Cancelled"} | {ending: "Filled"}
    assert seen["entry"] == ["Submitted", "Filled"]
    assert seen["target"] == ["PreSubmitted", "Submitted", ends["target"]]
    assert seen["stop"] == ["PreSubmitted", ends["stop"]]
    into, out = ("BOT", "SLD") if is_long else ("SLD", "BOT")
    assert seen["fills"] == [
        ["entry", into, 100, entered, 100, COMMISSION, None],
        [ending, out, 100, price, 100, COMMISSION, profit],
    ]
    assert seen["left"] == [{}, []]


def test_an_entry_fills_in_parts(played: Play) -> None:
    seen = played("partial_fills")
    assert seen["in part"] == ["Submitted", 30, 70, 148.97]
    assert seen["children"] == [["Submitted", 100], ["PreSubmitted", 100]]
    assert seen["holds"] == {"AAPL": [30, 148.97]}
    assert seen["whole"] == ["Filled", 100, 0, 148.94]
    assert seen["statuses"] == ["Submitted", "Filled"]
    assert seen["fills"] == [
        ["entry", "BOT", 30, 148.97, 30, COMMISSION, None],
        ["entry", "BOT", 70, 148.92, 100, 0, None],  # the least commission of an order is paid once
    ]
    assert seen["averages"] == [148.97, 148.935]
    assert seen["different"] == 2
    assert seen["holds all"] == {"AAPL": [100, 148.94]}


# ---- changing and ending orders --------------------------------------------------------------------------------------


def test_an_order_is_changed_and_a_wrong_change_leaves_it_alive(played: Play) -> None:
    seen = played("modify")
    assert seen["changed"] == ["Submitted", 120, 141.5, 120]
    assert seen["same order"] == [True, True]
    assert seen["no such price"] == [110]
    assert seen["still"] == [[141.5, 120, "Submitted"]]
    assert seen["filled"] == [["entry", "BOT", 120, 141.95, 120, COMMISSION, None]]
    assert seen["orders"] == 1
    assert seen["too late"] == [10148]


def test_the_legs_of_a_bracket_are_moved(played: Play) -> None:
    seen = played("modified_bracket")
    assert seen["moved"] == [[149.0, 153.0], 3]
    assert seen["errors"] == []
    assert seen["fills"] == [["stop", "SLD", 100, 148.9, 100, COMMISSION, -112.0]]
    assert seen["ends"] == ["Filled", "Cancelled", "Filled"]


def test_orders_are_cancelled_one_by_one_and_all_at_once(played: Play) -> None:
    seen = played("cancel")
    assert seen["statuses"] == ["Submitted", "Cancelled"]
    assert seen["errors"] == [202]
    assert seen["unknown"] == [4711, 10147]
    assert seen["open"] == ["one", "two"]
    assert seen["all"] == [["Submitted", "Cancelled"], ["Submitted", "Cancelled"]]
    assert seen["left"] == []
    assert seen["completed"] == [["entry", "Cancelled"], ["one", "Cancelled"], ["two", "Cancelled"]]
    assert seen["at the exchange"] == ["Cancelled"] * 3


def test_children_go_with_their_parent(played: Play) -> None:
    seen = played("cancelled_bracket")
    assert seen["ends"] == ["Cancelled"] * 3
    assert seen["left"] == []


def test_an_order_that_is_rejected_never_works(played: Play) -> None:
    seen = played("rejected")
    assert seen["errors"] == [201, 201, 110]
    assert seen["at the exchange"] == ["Inactive"] * 3
    assert seen["left"] == []


def test_a_what_if_order_tells_its_margin_and_is_not_placed(played: Play) -> None:
    seen = played("what_if")
    assert seen["would"] == {"margin": 7500.0, "commission": COMMISSION}
    assert seen["orders"] == []


# ---- groups and trailing stops ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "second", "third"),
    [
        (1, ["Cancelled", 0, 100], ["Cancelled", 0, 50]),
        (2, ["Submitted", 0, 60], ["Submitted", 0, 30]),
        (3, ["Submitted", 0, 60], ["Submitted", 0, 30]),
    ],
)
def test_one_cancels_all_or_reduces_them(played: Play, kind: int, second: list[object], third: list[object]) -> None:
    seen = played(f"oca_{kind}")
    assert seen["group"] == [["g", kind]] * 3
    assert seen["in part"] == [["Submitted", 40, 60], second, third]
    assert seen["whole"] == ["Filled", "Cancelled", "Cancelled"]
    assert seen["holds"] == {"AAPL": [100, 148.94]}


def test_trailing_stops_follow_and_never_go_back(played: Play) -> None:
    seen = played("trailing")
    by_amount = ["amount", "TRAIL", "PreSubmitted", "trigger", 1.0, None]
    by_percent = ["percent", "TRAIL", "PreSubmitted", "trigger", 0.0, 2.0]
    assert seen["placed"] == [[*by_amount, 148.5], [*by_percent, 147.0]]
    assert seen["followed"] == [[*by_amount, 151.0], [*by_percent, 148.96]]
    assert seen["not back"] == seen["followed"]
    assert seen["amount"] == [["amount", "SLD", 100, 150.9, 100, COMMISSION, 88.0]]
    assert seen["percent"] == [["percent", "SLD", 100, 148.9, 100, COMMISSION, -112.0]]
    assert seen["holds"] == {}


# ---- the account -----------------------------------------------------------------------------------------------------


def test_positions_are_told_as_they_change(played: Play) -> None:
    seen = played("positions")
    assert seen["none"] == {}
    assert seen["two"] == {"AAPL": [100, 150.01], "MSFT": [-50, 399.9]}
    assert seen["more"] == {"AAPL": [200, 151.01], "MSFT": [-50, 399.9]}  # (150.01 + 152.02) / 2, in whole cents
    assert seen["turned"] == {"AAPL": [-100, 152.0], "MSFT": [-50, 399.9]}
    assert seen["closed"] == {"AAPL": [-100, 152.0]}
    assert seen["another sees"] == seen["closed"]


def test_the_account_follows_what_is_traded(played: Play) -> None:
    seen = played("account")
    at_first = {
        "NetLiquidation": 100_000,
        "TotalCashValue": 100_000,
        "GrossPositionValue": 0,
        "UnrealizedPnL": 0,
        "RealizedPnL": 0,
    }
    assert seen["at first"] == at_first
    assert seen["summary"] == {
        "AccountType": "INDIVIDUAL",
        "NetLiquidation": "100000.00",
        "TotalCashValue": "100000.00",
        "BuyingPower": "200000.00",
    }
    # 100 bought at 150.01, 50 of them sold at 152, and two commissions
    assert seen["traded"] == {
        "NetLiquidation": 100_197,
        "TotalCashValue": 92_597,
        "GrossPositionValue": 7_600,
        "UnrealizedPnL": 99.5,
        "RealizedPnL": 97.5,
    }
    assert seen["portfolio"] == {"AAPL": [50, 152.0, 7_600, 150.01, 99.5, 99.5]}
    assert seen["profit"] == {"daily": 197, "unrealized": 99.5, "realized": 97.5}
    assert seen["profit of AAPL"] == {
        "position": 50,
        "daily": 199,
        "unrealized": 99.5,
        "realized": 99.5,
        "value": 7_600,
    }


def test_executions_are_found_by_what_is_asked_for(played: Play) -> None:
    seen = played("executions")
    time = f"{DAY}-15:00:00"
    assert seen["all"] == [
        [1, "AAPL", "long", "BOT", 100, 150.01, 100, COMMISSION, None, time],
        [1, "MSFT", "short", "SLD", 50, 399.9, 50, COMMISSION, None, time],
        [1, "AAPL", "half", "SLD", 50, 152.0, 50, COMMISSION, 98.5, time],
    ]
    assert seen["AAPL"] == ["long", "half"]
    assert seen["sold"] == ["short", "half"]
    assert seen["of client 7"] == []
    assert seen["since an hour"] == ["long", "short", "half"]
    assert seen["since later"] == []
    assert seen["another sees"] == seen["all"]
    assert seen["same"]


# ---- several clients, and coming back --------------------------------------------------------------------------------


def test_two_clients_have_orders_of_their_own_and_one_account(played: Play) -> None:
    seen = played("two_clients")
    assert seen["own"] == [["of one"], ["of two"]]
    assert seen["all"] == [[1, "of one", 100, "Submitted"], [2, "of two", 200, "Submitted"]]
    assert seen["same"], "a permanent id is the same for everybody"
    assert seen["different"] == 2
    assert seen["filled"] == [["of two", "BOT", 200, 140.95, 200, COMMISSION, None]]
    assert seen["not told"] == []
    assert seen["both hold"] == [{"AAPL": [200, 140.95]}] * 2
    assert seen["asked"] == ["of two"]


def test_a_client_id_that_is_in_use_is_refused(played: Play) -> None:
    seen = played("client_id_in_use")
    assert seen["second"] == "refused"
    assert seen["error"] == [326]
    assert seen["first"], "the first stays connected"


def test_client_zero_binds_orders_by_hand_and_may_cancel_them(played: Play) -> None:
    seen = played("orders_by_hand")
    assert seen["bound"] == [0, -1, 70, 140.0, "Submitted"]
    assert seen["left"] == []
    assert seen["at the exchange"] == ["Cancelled"]


def test_who_comes_back_finds_orders_positions_and_executions_again(played: Play) -> None:
    seen = played("reconnect")
    assert not seen["away"]
    assert seen["still open"] == ["stop"]
    assert all(seen["the same"])
    assert seen["holds"] == {}, "the target filled meanwhile"
    assert seen["executed"] == [
        ["held", "BOT", 100, 150.01, 100, COMMISSION, None],
        ["target", "SLD", 100, 155.5, 100, COMMISSION, 548.0],
    ]
    assert seen["completed"] == [["held", "Filled", 100], ["target", "Filled", 100], ["gone", "Cancelled", 0]]
    assert seen["ids go on"]
    assert seen["dropped and changed"] == [True, True], "an order is changed by its echo alone"
    assert seen["stop"] == 146.0
    assert seen["at the exchange"] == [
        ["held", "Filled", None],
        ["stop", "PreSubmitted", 146.0],
        ["target", "Filled", None],
        ["gone", "Cancelled", None],
    ]


def test_what_is_not_offered_is_refused_and_the_connection_lives(played: Play) -> None:
    seen = played("not_offered")
    assert seen["error"] == [321]
    assert seen["connected"]
