"""Contracts, ticks, snapshots and bars of five seconds."""

from __future__ import annotations

from typing import Any

import pytest

from rulec.runtime.event.inputs import Bar
from rulec.runtime.times import MINUTE
from rulec.tests.support.gateway_client import ALWAYS, CLOSED, OPEN, Client, Message, World, stock

TICKS = ("TickPrice", "TickSize", "TickString")


def ticks(messages: list[Message]) -> list[tuple[int, object]]:
    """Kinds of ticks with their values; prices are floats, sizes whole numbers."""
    return [(v["type"], v.get("price", v.get("size", v.get("value")))) for name, v in messages if name in TICKS]


def subscribed(**given: Any) -> tuple[World, Client]:
    world = World(**given)
    client = world.client()
    client.ask(1, 11, 7, *stock("AAPL"), 0, "", 0, 0, "")
    return world, client


def test_a_subscription_begins_with_its_parameters() -> None:
    world = World()
    client = world.client()
    messages = client.ask(1, 11, 7, *stock("AAPL"), 0, "", 0, 0, "")
    assert [name for name, _ in messages] == ["TickRequestParameters", "MarketDataTypeIs"]
    assert messages[0][1]["minimum_tick"] == "0.01"
    assert world.gateway.take_wanted() == ["AAPL"]


def test_quotes_and_trades_become_ticks() -> None:
    world, client = subscribed()
    world.quote("AAPL", 150.00, 150.02)
    assert ticks(client.take()) == [(1, 150.0), (0, 100), (2, 150.02), (3, 100)]
    world.trade("AAPL", 150.01, 300)
    assert ticks(client.take()) == [(45, str(OPEN // 1_000_000)), (4, 150.01), (5, 3), (8, 3), (6, 150.01), (7, 150.01)]
    world.trade("AAPL", 150.00, 200)
    assert ticks(client.take())[1:] == [(4, 150.0), (5, 2), (8, 5), (7, 150.0)]
    world.quote("MSFT", 400.00, 400.02)
    assert client.take() == []


def test_time_and_sales_tell_every_trade_in_shares() -> None:
    world = World()
    client = world.client()
    client.ask(1, 11, 7, *stock("AAPL"), 0, "100,233", 0, 0, "")
    world.trade("AAPL", 150.00, 30)
    world.trade("AAPL", 151.00, 90)
    time = OPEN // 1000
    sales = [text for kind, text in ticks(client.take()) if kind == 48]
    assert sales == [f"150.0;30;{time};30;150.0;true", f"151.0;90;{time};120;150.75;true"]


def test_later_versions_are_told_shares() -> None:
    world = World(server_version=176)
    client = world.client()
    client.ask(1, 11, 7, *stock("AAPL"), 0, "", 0, 0, "")
    world.trade("AAPL", 150.00, 250)
    assert (5, 250) in ticks(client.take())


def test_a_later_subscription_begins_with_what_is_known() -> None:
    world, client = subscribed()
    world.trade("AAPL", 150.01, 300)
    client.take()
    found = ticks(client.ask(1, 11, 8, *stock("AAPL"), 0, "", 0, 0, ""))
    assert (4, 150.01) in found and (14, 150.01) in found


def test_a_cancelled_subscription_is_silent_and_a_second_one_refused() -> None:
    world, client = subscribed()
    assert [v["code"] for _, v in client.ask(1, 11, 7, *stock("AAPL"), 0, "", 0, 0, "")] == [322]
    client.send(2, 2, 7)
    world.quote("AAPL", 150.00, 150.02)
    assert client.take() == []


def test_subscriptions_are_limited_as_data_lines_are() -> None:
    _, client = subscribed(market_data_lines=1)
    assert [v["code"] for _, v in client.ask(1, 11, 8, *stock("MSFT"), 0, "", 0, 0, "")] == [101]


def test_a_snapshot_tells_what_is_known_and_ends() -> None:
    world, client = subscribed()
    world.quote("AAPL", 150.00, 150.02)
    client.take()
    messages = client.ask(1, 11, 9, *stock("AAPL"), 0, "", 1, 0, "")
    assert ticks(messages) == [(1, 150.0), (0, 100), (2, 150.02), (3, 100)]
    assert messages[-1][0] == "SnapshotEnd"


def test_a_snapshot_of_a_symbol_without_prices_waits_for_them() -> None:
    world = World()
    client = world.client()
    client.ask(1, 11, 9, *stock("AAPL"), 0, "", 1, 0, "")
    world.quote("AAPL", 150.00, 150.02)
    assert client.take()[-1] == ("SnapshotEnd", {"request_id": 9})
    client.ask(1, 11, 10, *stock("MSFT"), 0, "", 1, 0, "")
    world.pass_time(12)
    assert client.take() == [("SnapshotEnd", {"request_id": 10})]


def test_frozen_data_is_so_while_the_exchange_is_closed() -> None:
    for now, kind in ((OPEN, 1), (CLOSED, 2)):
        client = World(now=now).client()
        client.send(59, 1, 2)
        assert client.ask(1, 11, 7, *stock("AAPL"), 0, "", 0, 0, "")[1][1]["type"] == kind


def test_bars_of_five_seconds_follow_the_trades_and_repeat_in_silence() -> None:
    world = World(hours=ALWAYS)
    client = world.client()
    world.trade("AAPL", 150.00, 100)
    client.ask(50, 3, 11, *stock("AAPL"), 5, "TRADES", 0, "")
    world.now += 1_000_000
    world.trade("AAPL", 150.10, 300)
    world.trade("AAPL", 150.04, 100)
    world.pass_time(4)
    ((name, bar),) = client.take()
    assert (name, bar["time"], bar["volume"], bar["count"]) == ("RealTimeBar", OPEN // 1_000_000, 400, 2)
    assert (bar["open"], bar["high"], bar["low"], bar["close"]) == (150.1, 150.1, 150.04, 150.04)
    assert bar["average"] == pytest.approx(150.085)
    world.pass_time(5)
    ((_, bar),) = client.take()
    assert (bar["open"], bar["close"], bar["volume"], bar["count"]) == (150.04, 150.04, 0, 0)
    client.send(51, 1, 11)
    world.pass_time(60)
    assert client.take() == []


@pytest.mark.parametrize(("what", "close"), [("MIDPOINT", 150.01), ("BID", 150.00), ("ASK", 150.02)])
def test_bars_of_quotes(what: str, close: float) -> None:
    world = World(hours=ALWAYS)
    client = world.client()
    client.ask(50, 3, 11, *stock("AAPL"), 5, what, 0, "")
    world.quote("AAPL", 150.00, 150.02)
    world.pass_time(5)
    assert [bar["close"] for _, bar in client.take()] == [close]


def test_no_bars_while_the_exchange_is_closed() -> None:
    world = World(now=CLOSED)
    client = world.client()
    world.quote("AAPL", 150.00, 150.02)
    client.ask(50, 3, 11, *stock("AAPL"), 5, "MIDPOINT", 0, "")
    world.pass_time(600)
    assert client.take() == []
    world.now = OPEN
    world.pass_time(5)
    assert len(client.take()) == 1


def test_a_recorded_bar_is_the_last_trade() -> None:
    world, client = subscribed()
    bar = Bar(OPEN, "AAPL", 150.0, 151.0, 149.0, 150.5, 1_200.0, MINUTE, OPEN, OPEN + MINUTE)
    world.now += MINUTE
    world.gateway.on_market(bar, world.now)
    world.collect()
    assert (4, 150.5) in (found := ticks(client.take()))
    assert (6, 151.0) in found and (7, 149.0) in found and (8, 12) in found


def test_contract_details_for_a_stock_and_an_error_for_what_is_none() -> None:
    client = World().client()
    messages = client.ask(9, 8, 3, *stock("BRK B"), 0, "", "")
    assert [name for name, _ in messages] == ["ContractData", "ContractDataEnd"]
    assert (messages[0][1]["contract.symbol"], messages[0][1]["contract.primary_exchange"]) == ("BRK B", "NYSE")
    assert [(v["id"], v["code"]) for _, v in client.ask(9, 8, 4, *stock("TOOLONG"), 0, "", "")] == [(4, 200)]
    assert [(v["id"], v["code"]) for _, v in client.ask(1, 11, 5, *stock("no"), 0, "", 0, 0, "")] == [(5, 200)]


def test_symbols_that_match_and_rules_that_are_there() -> None:
    client = World().client()
    ((_, samples),) = client.ask(81, 6, "brk b")
    assert [each["symbol"] for each in samples["contracts"]] == ["BRK B"]
    ((_, none),) = client.ask(81, 7, "something else")
    assert none["contracts"] == ()
    assert client.ask(91, 26)[0][0] == "MarketRule"
    assert [v["code"] for _, v in client.ask(91, 9)] == [321]


def test_real_time_bars_of_something_else_are_refused() -> None:
    client = World().client()
    assert [(v["id"], v["code"]) for _, v in client.ask(50, 3, 11, *stock("AAPL"), 5, "YIELD", 0, "")] == [(11, 321)]
