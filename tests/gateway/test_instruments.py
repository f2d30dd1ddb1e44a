"""Symbols and contracts, one to one, and what is said about them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulec.runtime.gateway.instruments import (
    Instruments,
    contract_id,
    contract_of,
    is_symbol,
    own_symbol,
    resolve,
    symbol_of,
    wire_symbol,
)
from rulec.runtime.gateway.requests import Contract
from rulec.runtime.market.hours import AlwaysOpen, NyseHours
from rulec.runtime.numbers import US_STOCK_TICKS
from rulec.runtime.times import parse_time

SYMBOLS = st.from_regex(r"[A-Z]{1,5}( [A-Z])?", fullmatch=True)


@given(SYMBOLS)
def test_a_symbol_and_its_id_lead_to_each_other(symbol: str) -> None:
    number = contract_id(symbol)
    assert 0 < number < 2**31
    assert symbol_of(number) == symbol


@given(st.integers(-(2**40), 2**40))
def test_a_number_is_the_id_of_one_symbol_or_of_none(number: int) -> None:
    symbol = symbol_of(number)
    assert symbol is None or contract_id(symbol) == number


def test_ids_are_the_same_at_every_start() -> None:
    assert (contract_id("AAPL"), contract_id("BRK B")) == (1_563_112, 31_123_009)


def test_a_class_follows_a_blank_on_the_wire_and_a_dot_inside() -> None:
    assert own_symbol("BRK B") == "BRK.B"
    assert wire_symbol("BRK.B") == "BRK B"
    assert contract_of("BRK.B").symbol == "BRK B"


@pytest.mark.parametrize("symbol", ["", "aapl", "TOOLONG", "BRK.B", "BRK BB", "A1", "BRK  B", " A", "É"])
def test_other_spellings_are_no_symbols(symbol: str) -> None:
    assert not is_symbol(symbol)


RESOLVED = [
    (Contract(symbol="AAPL", security_type="STK", exchange="SMART", currency="USD"), "AAPL"),
    (Contract(symbol="BRK B", security_type="STK", exchange="SMART", currency="USD"), "BRK.B"),
    (Contract(symbol="AAPL", security_type="STK", exchange="NASDAQ"), "AAPL"),
    (Contract(contract_id=contract_id("BRK B")), "BRK.B"),
    (Contract(contract_id=contract_id("AAPL"), symbol="AAPL", exchange="SMART"), "AAPL"),
    (Contract(contract_id=contract_id("AAPL"), symbol="MSFT"), None),
    (Contract(contract_id=3), None),
    (Contract(symbol="AAPL", security_type="OPT", exchange="SMART", currency="USD"), None),
    (Contract(symbol="AAPL", security_type="STK", exchange="SMART", currency="EUR"), None),
    (Contract(symbol="AAPL", security_type="STK", exchange="IBIS", currency="USD"), None),
    (Contract(symbol="BRK.B", security_type="STK", exchange="SMART", currency="USD"), None),
    (Contract(symbol="AAPL"), None),
]


@pytest.mark.parametrize(("contract", "symbol"), RESOLVED)
def test_a_description_means_one_symbol_or_none(contract: Contract, symbol: str | None) -> None:
    assert resolve(contract) == symbol


def test_details_tell_hours_by_the_calendar_in_use() -> None:
    now = parse_time("2026-07-02T15:00:00Z")  # the Thursday before a closed Friday
    details = Instruments(NyseHours(), US_STOCK_TICKS).details(1, "AAPL", now)
    assert details.liquid_hours.startswith(
        "20260702:0930-20260702:1600;20260703:CLOSED;20260704:CLOSED;20260705:CLOSED"
    )
    assert details.trading_hours.startswith("20260702:0400-20260702:2000;20260703:CLOSED")
    always = Instruments(AlwaysOpen(), US_STOCK_TICKS).details(1, "AAPL", now)
    assert always.liquid_hours.startswith("20260702:0000-20260703:0000;20260703:0000-20260704:0000")


def test_a_half_day_ends_early() -> None:
    details = Instruments(NyseHours(), US_STOCK_TICKS).details(1, "AAPL", parse_time("2026-11-27T15:00:00Z"))
    assert details.liquid_hours.startswith("20261127:0930-20261127:1300;")


def test_ticks_are_a_cent_and_a_hundredth_of_it_below_a_dollar() -> None:
    instruments = Instruments(NyseHours(), US_STOCK_TICKS)
    details = instruments.details(1, "AAPL", parse_time("2026-01-06T15:00:00Z"))
    assert details.minimum_tick == "0.01"
    rule = instruments.market_rule(int(details.market_rule_ids.split(",")[0]))
    assert rule is not None
    assert [(each.low_edge, each.increment) for each in rule.increments] == [(0, 100), (1_000_000, 10_000)]
    assert len(details.market_rule_ids.split(",")) == len(details.valid_exchanges.split(","))
    assert instruments.market_rule(7) is None
