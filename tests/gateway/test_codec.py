"""What an unmodified client sends is understood, and what nobody sends is answered, never fatal."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ib_insync import ExecutionFilter, LimitOrder, Order, Stock, TagValue
from ib_insync.client import Client
from ib_insync.order import PriceCondition

from rulec.runtime.gateway import requests as ask
from rulec.runtime.gateway.codec import decode
from rulec.tests.support.gateway_client import order_fields

AAPL = Stock("AAPL", "SMART", "USD", conId=1_563_112)
CONTRACT = ask.Contract(contract_id=1_563_112, symbol="AAPL", security_type="STK", exchange="SMART", currency="USD")


class _NoWrapper:
    """What the library's client wants of its owner when nothing is connected."""


def sent_by_library(call: Callable[[Any], object]) -> list[str]:
    """The fields that ib_insync's own client writes for a request at 157."""

    async def written() -> bytes:
        library: Any = Client  # it has no types
        client = library(_NoWrapper())
        client._serverVersion = 157
        client.connState = Client.CONNECTED
        client._apiReady = True
        messages: list[bytes] = []
        client.conn.isConnected = lambda: True
        client.conn.sendMsg = messages.append
        call(client)
        return messages[0]

    return asyncio.run(written())[4:].decode().split("\0")[:-1]


CASES: list[tuple[Callable[[Any], object], ask.Request]] = [
    (lambda c: c.reqOpenOrders(), ask.OpenOrders()),
    (lambda c: c.reqAllOpenOrders(), ask.AllOpenOrders()),
    (lambda c: c.reqAutoOpenOrders(True), ask.AutoOpenOrders(True)),
    (lambda c: c.reqCompletedOrders(False), ask.CompletedOrders(False)),
    (lambda c: c.reqGlobalCancel(), ask.GlobalCancel()),
    (lambda c: c.cancelOrder(7), ask.CancelOrder(7)),
    (lambda c: c.reqIds(1), ask.OrderIds()),
    (lambda c: c.reqManagedAccts(), ask.ManagedAccounts()),
    (lambda c: c.reqAccountUpdates(True, "DU1"), ask.AccountUpdates(True, "DU1")),
    (lambda c: c.reqAccountUpdatesMulti(3, "DU1", "", False), ask.AccountUpdatesMulti(3, "DU1", "", False)),
    (lambda c: c.cancelAccountUpdatesMulti(3), ask.CancelAccountUpdatesMulti(3)),
    (lambda c: c.reqAccountSummary(4, "All", "NetLiquidation"), ask.AccountSummary(4, "All", "NetLiquidation")),
    (lambda c: c.cancelAccountSummary(4), ask.CancelAccountSummary(4)),
    (lambda c: c.reqPositions(), ask.Positions()),
    (lambda c: c.cancelPositions(), ask.CancelPositions()),
    (lambda c: c.reqPositionsMulti(5, "DU1", ""), ask.PositionsMulti(5, "DU1", "")),
    (lambda c: c.cancelPositionsMulti(5), ask.CancelPositionsMulti(5)),
    (lambda c: c.reqPnL(6, "DU1", ""), ask.ProfitAndLoss(6, "DU1", "")),
    (lambda c: c.cancelPnL(6), ask.CancelProfitAndLoss(6)),
    (lambda c: c.reqPnLSingle(7, "DU1", "", 99), ask.ProfitAndLossSingle(7, "DU1", "", 99)),
    (lambda c: c.cancelPnLSingle(7), ask.CancelProfitAndLossSingle(7)),
    (
        lambda c: c.reqExecutions(8, ExecutionFilter(symbol="AAPL", side="BUY")),
        ask.Executions(8, 0, "", "", "AAPL", "", "", "BUY"),
    ),
    (lambda c: c.reqContractDetails(9, AAPL), ask.ContractDetailsOf(9, CONTRACT)),
    (lambda c: c.reqMatchingSymbols(9, "AAP"), ask.MatchingSymbols(9, "AAP")),
    (lambda c: c.reqMarketRule(26), ask.MarketRuleOf(26)),
    (lambda c: c.reqMktData(10, AAPL, "233", True, False, []), ask.MarketData(10, CONTRACT, "233", True, False)),
    (lambda c: c.cancelMktData(10), ask.CancelMarketData(10)),
    (lambda c: c.reqMarketDataType(3), ask.MarketDataType(3)),
    (lambda c: c.reqRealTimeBars(11, AAPL, 5, "TRADES", True, []), ask.RealTimeBars(11, CONTRACT, 5, "TRADES", True)),
    (lambda c: c.cancelRealTimeBars(11), ask.CancelRealTimeBars(11)),
    (
        lambda c: c.reqHistoricalData(12, AAPL, "", "2 D", "5 mins", "TRADES", True, 1, True, []),
        ask.HistoricalBars(12, CONTRACT, "", "5 mins", "2 D", True, "TRADES", 1, True),
    ),
    (lambda c: c.cancelHistoricalData(12), ask.CancelHistoricalBars(12)),
    (lambda c: c.reqHeadTimeStamp(13, AAPL, "TRADES", True, 1), ask.HeadTimestamp(13, CONTRACT, True, "TRADES", 1)),
    (lambda c: c.cancelHeadTimeStamp(13), ask.CancelHeadTimestamp(13)),
    (lambda c: c.reqCurrentTime(), ask.CurrentTime()),
    (lambda c: c.setServerLogLevel(2), ask.ServerLogLevel(2)),
]


@pytest.mark.parametrize(("call", "request_meant"), CASES, ids=lambda each: type(each).__name__)
def test_a_librarys_request_is_understood(call: Callable[[Any], object], request_meant: ask.Request) -> None:
    assert decode(sent_by_library(call), 157) == request_meant


def test_a_librarys_order_is_understood() -> None:
    order = LimitOrder(
        "SELL", 30, 151.25, tif="GTC", orderRef="rulec/1/t/target/1", ocaGroup="g", ocaType=2, parentId=4
    )
    request = decode(sent_by_library(lambda c: c.placeOrder(5, AAPL, order)), 157)
    assert isinstance(request, ask.PlaceOrder)
    assert (request.order_id, request.contract) == (5, CONTRACT)
    fields = request.fields
    assert (fields["action"], fields["quantity"], fields["order_type"]) == ("SELL", 30, "LMT")
    assert (fields["limit_price"], fields["auxiliary_price"]) == (151_250_000, None)
    assert (fields["tif"], fields["oca_group"], fields["oca_type"], fields["parent_id"]) == ("GTC", "g", 2, 4)
    assert (fields["reference"], fields["transmit"], fields["what_if"]) == ("rulec/1/t/target/1", True, False)


def test_a_trailing_order_with_all_that_libraries_add_is_understood() -> None:
    order = Order(action="SELL", totalQuantity=10, orderType="TRAIL", trailingPercent=1.5, trailStopPrice=148.5)
    order.algoStrategy, order.algoParams = "Adaptive", [TagValue("adaptivePriority", "Normal")]
    order.conditions = [PriceCondition(conId=9, exch="SMART", price=150.0)]
    request = decode(sent_by_library(lambda c: c.placeOrder(6, AAPL, order)), 157)
    assert isinstance(request, ask.PlaceOrder)
    assert (request.fields["trailing_percent"], request.fields["trail_stop_price"]) == (1.5, 148_500_000)
    assert request.fields["algorithm"] == "Adaptive"
    assert request.fields["conditions"][0]["contract_id"] == "9"


@pytest.mark.parametrize(
    ("fields", "request_id"),
    [
        (["22", "17", "10"], 17),
        (["10", "5", "18", "1"], 18),
        (["24", "1"], None),
        (["9999", "1", "2"], None),
        (["", "1"], None),
        ([], None),
        (["-1"], None),
        (["1", "11", "19"], 19),
        (["1", "11", "nonsense"], None),
        (["20", "21", "x"], 21),
        (["3", "22"], 22),
        (["4", "1", "what"], None),
        (["99999999999999999999999"], None),
    ],
)
def test_what_is_not_understood_is_named_with_its_number(fields: list[str], request_id: int | None) -> None:
    found = decode(fields, 157)
    assert isinstance(found, ask.Unknown)
    assert found.request_id == request_id


SPOILT = st.one_of(st.just(""), st.text(max_size=12), st.sampled_from(["nan", "inf", "-inf", "1e999", "--1", "1_000"]))


@given(st.data())
def test_no_spoilt_order_is_more_than_unknown(data: st.DataObject) -> None:
    fields = [str(field) for field in order_fields(1, "AAPL", "BUY", 100, "LMT", limit=150.0)]
    for _ in range(data.draw(st.integers(1, 4))):
        fields[data.draw(st.integers(1, len(fields) - 1))] = data.draw(SPOILT)
    cut = fields[: data.draw(st.integers(1, len(fields)))]
    assert isinstance(decode(cut, 157), ask.PlaceOrder | ask.Unknown)


@given(st.lists(SPOILT, max_size=30), st.integers(0, 110))
def test_no_message_at_all_is_fatal(rest: list[str], number: int) -> None:
    decode([str(number), *rest], 157)
