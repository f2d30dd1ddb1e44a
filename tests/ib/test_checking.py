"""What a broker says of the symbols that rules name, before anything is traded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from rulec.runtime.broker.ib.address import parse_address
from rulec.runtime.broker.ib.checking import Finding, Severity, check_symbols
from rulec.runtime.broker.ib.refused import StartRefused
from rulec.runtime.broker.ib.settings import IBSettings
from rulec.runtime.broker.port import OrderType
from rulec.runtime.clock import ManualClock
from rulec.runtime.times import parse_time

from ..support.scripted_tws import QUOTES, Fields, ScriptedTws, knows

NOON = parse_time("2026-01-05T17:00:00Z")
QUICK = IBSettings(answer_within=300_000, connect_within=300_000, start_within=500_000)
NAMED = Finding(Severity.INFO, "AAPL", "APPLE INC on NASDAQ, contract 265598")
LIVE = Finding(Severity.INFO, "AAPL", "live market data")


def check(
    prepare: Callable[[ScriptedTws], None],
    *symbols: str,
    order_types: tuple[OrderType, ...] = (OrderType.MARKET, OrderType.STOP),
) -> tuple[list[Finding], ScriptedTws]:
    tws = ScriptedTws()
    prepare(tws)

    async def whole() -> list[Finding]:
        async with tws.listening():
            address = parse_address(f"ib://127.0.0.1:{tws.port}")
            found = await check_symbols(address, QUICK, symbols, order_types, ManualClock(NOON))
            await tws.until(lambda: tws.open == 0)
            return found

    return asyncio.run(whole()), tws


def live(tws: ScriptedTws) -> None:
    knows(tws, "AAPL")

    def quotes(fields: Fields) -> None:
        tws.say(1, 6, fields[2], 1, 150.01, 200, 0)
        tws.say(1, 6, fields[2], 2, 150.03, 100, 0)

    tws.on[QUOTES] = quotes


def refusing(code: int, text: str) -> Callable[[ScriptedTws], None]:
    def prepare(tws: ScriptedTws) -> None:
        knows(tws, "AAPL")
        tws.on[QUOTES] = lambda fields: tws.error(int(fields[2]), code, text)

    return prepare


def test_a_symbol_with_a_contract_and_live_data_is_fine_and_nothing_is_left_behind() -> None:
    found, tws = check(live, "AAPL", "AAPL")
    assert found == [NAMED, LIVE]
    assert not {"3", "4", "5", "16", "61"} & set(tws.kinds())


def test_a_symbol_without_a_contract_is_an_error() -> None:
    found, _ = check(live, "NONE", "AAPL")
    text = "No security definition has been found for the request"
    assert found == [Finding(Severity.ERROR, "NONE", text), NAMED, LIVE]


def test_an_order_type_that_the_contract_does_not_take_is_an_error() -> None:
    found, _ = check(live, "AAPL", order_types=(OrderType.STOP_LIMIT, OrderType.TRAIL, OrderType.MARKET))
    assert found == [NAMED, Finding(Severity.ERROR, "AAPL", "the contract takes no TRAIL orders"), LIVE]


@pytest.mark.parametrize(
    ("code", "text", "told"),
    [
        (354, "not subscribed", "market data are none: not subscribed; nothing can be entered"),
        (10167, "displaying delayed", "market data are delayed: displaying delayed; nothing can be entered"),
        (10197, "competing session", "market data are none: competing session; nothing can be entered"),
    ],
)
def test_data_that_are_not_live_are_an_error(code: int, text: str, told: str) -> None:
    found, _ = check(refusing(code, text), "AAPL")
    assert found == [NAMED, Finding(Severity.ERROR, "AAPL", told)]


def test_data_that_do_not_come_are_a_warning() -> None:
    found, _ = check(lambda tws: knows(tws, "AAPL"), "AAPL")
    assert [finding.severity for finding in found] == [Severity.INFO, Severity.WARNING]


def test_a_broker_that_can_not_be_asked_refuses_with_what_helps() -> None:
    def closing(tws: ScriptedTws) -> None:
        tws.closes_at_once = True

    with pytest.raises(StartRefused, match="closed the connection at once"):
        check(closing, "AAPL")


def test_a_connection_that_is_lost_on_the_way_is_told() -> None:
    def dropping(tws: ScriptedTws) -> None:
        tws.on["9"] = lambda fields: tws.drop()

    with pytest.raises(StartRefused, match="was lost; try again"):
        check(dropping, "AAPL")
