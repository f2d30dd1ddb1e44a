"""Accounts, positions, portfolio, profit and loss: what clients are told, and when."""

from __future__ import annotations

from typing import Any

import pytest

from rulec.runtime.broker.exchange import Commission, ExchangeTerms, FillMode
from rulec.tests.support.gateway_client import Client, Message, World

DAY = 24 * 3600


def holding(**given: Any) -> tuple[World, Client]:
    """A client that has bought 100 AAPL at 150.02."""
    world = World(**given)
    client = world.client()
    world.quote("AAPL", 150.00, 150.02)
    client.place(1, "AAPL", "BUY", 100, "MKT", account="DU1")
    client.take()
    return world, client


def values(messages: list[Message]) -> dict[str, str]:
    return {v["key"]: v["value"] for name, v in messages if name in ("AccountValue", "AccountValueMulti")}


def only(messages: list[Message], name: str) -> list[dict[str, Any]]:
    return [found for kind, found in messages if kind == name]


def test_account_updates_bring_values_portfolio_time_and_an_end() -> None:
    _, client = holding()
    messages = client.ask(6, 2, 1, "DU1")
    found = values(messages)
    assert found["NetLiquidation"] == "99998.00"
    assert found["TotalCashValue"] == "84998.00"
    assert found["GrossPositionValue"] == "15000.00"
    assert found["UnrealizedPnL"] == "-2.00"
    assert found["BuyingPower"] == "184996.00"
    (item,) = only(messages, "PortfolioValue")
    assert (item["contract.symbol"], item["position"], item["market_price"]) == ("AAPL", 100, 150.0)
    assert (item["average_cost"], item["unrealised"]) == (150.02, -2_000_000)
    assert [name for name, _ in messages[-2:]] == ["AccountTime", "AccountDownloadEnd"]
    assert messages[-2][1]["time"] == "10:00"


def test_values_move_with_a_position_at_once_and_else_every_three_minutes() -> None:
    world, client = holding()
    client.ask(6, 2, 1, "")
    world.quote("AAPL", 151.00, 151.02)
    assert client.take() == []
    world.pass_time(180)
    assert values(client.take())["NetLiquidation"] == "100098.00"
    client.place(2, "AAPL", "SELL", 40, "MKT")
    messages = client.take()
    assert values(messages)["TotalCashValue"] == "91038.00"
    assert [item["position"] for item in only(messages, "PortfolioValue")] == [60]
    client.ask(6, 2, 0, "DU1")
    client.place(3, "AAPL", "SELL", 60, "MKT")
    assert values(client.take()) == {}


def test_positions_are_listed_and_kept_up_to_date() -> None:
    world, client = holding()
    messages = client.ask(61, 1)
    assert [name for name, _ in messages] == ["Position", "PositionEnd"]
    assert (messages[0][1]["position"], messages[0][1]["average_cost"]) == (100, 150.02)
    other = world.client(2)
    other.place(1, "AAPL", "SELL", 100, "MKT")
    assert [(each["position"], each["average_cost"]) for each in only(client.take(), "Position")] == [(0, 0.0)]
    client.ask(64, 1)
    other.place(2, "AAPL", "SELL", 100, "MKT")
    assert only(client.take(), "Position") == []


def test_several_accounts_are_told_apart() -> None:
    world, client = holding(accounts=("DU1", "DU2"))
    client.place(2, "AAPL", "SELL", 10, "MKT", account="DU2")
    assert [(p["account"], p["position"]) for p in only(client.ask(61, 1), "Position")] == [("DU1", 100), ("DU2", -10)]
    multi = client.ask(74, 1, 8, "DU2", "")
    assert [(name, p.get("position")) for name, p in multi] == [("PositionMulti", -10), ("PositionMultiEnd", None)]
    assert values(client.ask(76, 1, 9, "DU2", "", 0))["TotalCashValue"] == "101500.00"
    assert [e["code"] for e in only(client.ask(76, 1, 10, "DU3", "", 0), "ErrorMessage")] == [321]
    client.place(3, "AAPL", "BUY", 10, "MKT")
    assert [e["code"] for e in only(client.take(), "ErrorMessage")] == [435]
    assert world.exchange.positions("DU2") == {"AAPL": -10}


def test_a_summary_has_the_tags_asked_for() -> None:
    _, client = holding()
    messages = client.ask(62, 1, 7, "All", "NetLiquidation,BuyingPower,AccountType")
    found = {each["tag"]: each["value"] for each in only(messages, "AccountSummaryValue")}
    assert found == {"NetLiquidation": "99998.00", "BuyingPower": "184996.00", "AccountType": "INDIVIDUAL"}
    assert messages[-1][0] == "AccountSummaryEnd"
    client.send(63, 1, 7)
    client.place(2, "AAPL", "SELL", 10, "MKT")
    assert only(client.take(), "AccountSummaryValue") == []


def test_profit_and_loss_follow_the_market_once_a_second() -> None:
    world, client = holding()
    first = only(client.ask(92, 5, "DU1", ""), "ProfitAndLossIs")
    assert [(each["daily"], each["unrealised"]) for each in first] == [(-2_000_000, -2_000_000)]
    single = only(client.ask(94, 6, "DU1", "", 1_563_112), "ProfitAndLossSingleIs")
    assert [(each["position"], each["value"]) for each in single] == [(100, 15_000_000_000)]
    for bid in (150.10, 150.20, 150.30):
        world.quote("AAPL", bid, bid + 0.02)
    world.pass_time(1)
    found = only(client.take(), "ProfitAndLossIs")
    assert [each["daily"] for each in found] == [8_000_000, 28_000_000]
    client.send(93, 5)
    client.send(95, 6)
    world.quote("AAPL", 155, 155.02)
    world.pass_time(2)
    assert client.take() == []


def test_a_new_day_begins_at_zero() -> None:
    world, client = holding()
    world.quote("AAPL", 151.00, 151.02)
    world.pass_time(DAY)
    world.quote("AAPL", 152.00, 152.02)
    (profit,) = only(client.ask(92, 5, "DU1", ""), "ProfitAndLossIs")
    assert (profit["daily"], profit["unrealised"]) == (100_000_000, 198_000_000)
    (single,) = only(client.ask(94, 6, "DU1", "", 1_563_112), "ProfitAndLossSingleIs")
    assert single["daily"] == 100_000_000


def test_realised_profit_counts_commissions() -> None:
    world, client = holding(terms=ExchangeTerms(fill=FillMode.STANDING, commission=Commission.parse("$0.01")))
    world.quote("AAPL", 151.02, 151.04)
    client.place(2, "AAPL", "SELL", 100, "MKT")
    reports = only(client.take(), "CommissionReport")
    assert [(each["commission"], each["realised"]) for each in reports] == [(1_000_000, 99_000_000)]
    assert values(client.ask(6, 2, 1, "DU1"))["RealizedPnL"] == "98.00"


@pytest.mark.parametrize("request_fields", [(92, 5, "DU9", ""), (94, 5, "DU1", "", 3), (74, 1, 5, "DU9", "")])
def test_an_account_or_contract_that_is_not_there_is_an_error(request_fields: tuple[object, ...]) -> None:
    _, client = holding()
    ((name, error),) = client.ask(*request_fields)
    assert (name, error["id"]) == ("ErrorMessage", 5)
    assert error["code"] in (200, 321)
