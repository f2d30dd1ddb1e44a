"""A symbol becomes exactly one contract, or is told as unknown; with it come its price steps and hours."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from rulec.runtime.broker.ib.asking import RequestNumbers
from rulec.runtime.broker.ib.contracts import Contracts, StockContract, tick_bands
from rulec.runtime.broker.ib.data_wire import ContractsEnd, ContractTold, MarketRuleTold
from rulec.runtime.broker.ib.settings import IBSettings
from rulec.runtime.broker.ib.symbols import from_broker, to_broker
from rulec.runtime.broker.port import DataState, PriceSteps, SymbolData
from rulec.runtime.clock import ManualClock
from rulec.runtime.market.hours import NyseHours
from rulec.runtime.numbers import TickBand
from rulec.tests.support.asked_of_broker import Asked

MINUTE = 60_000_000
HOUR = 60 * MINUTE

AAPL = ContractTold(
    request=0,
    con_id=265598,
    symbol="AAPL",
    security_type="STK",
    currency="USD",
    exchange="SMART",
    primary_exchange="NASDAQ",
    trading_class="NMS",
    name="APPLE INC",
    minimum_tick=0.01,
    order_types=("LMT", "MKT", "STP", "TRAIL"),
    exchanges=("NYSE", "SMART"),
    market_rules=(1, 26),
    zone="US/Eastern",
    trading_hours="20260105:0400-20260105:2000",
    liquid_hours="20260105:0930-20260105:1600",
)


class World:
    """Contracts beside a broker that answers by hand."""

    def __init__(self, *, connected: bool = True) -> None:
        self.asked = Asked()
        self.clock = ManualClock(0)
        self.resolved: list[StockContract] = []
        self.told: list[SymbolData | PriceSteps] = []
        self.contracts = Contracts(
            self.asked,
            RequestNumbers(),
            self.clock,
            IBSettings(),
            NyseHours(),
            self.resolved.append,
            self.told.append,
        )
        if connected:
            self.contracts.connected()

    def answer(self, *contracts: ContractTold) -> None:
        for contract in contracts:
            self.contracts.on_contract(attrs.evolve(contract, request=self.asked.latest))
        self.contracts.on_end(ContractsEnd(self.asked.latest))

    def wait(self, microseconds: int) -> None:
        self.clock.advance(microseconds)
        self.contracts.advance()


def like_aapl(**changes: Any) -> ContractTold:
    return attrs.evolve(AAPL, **changes)


def test_one_contract_pins_the_symbol_and_brings_steps_and_hours() -> None:
    world = World()
    world.contracts.want("AAPL")
    assert world.asked.take() == [("contract", "AAPL")]
    world.answer(AAPL)
    (contract,) = world.resolved
    assert (contract.con_id, contract.primary_exchange, contract.ticks) == (265598, "NASDAQ", None)
    assert world.asked.take() == [("market rule", 26)]  # that of SMART, not of the first exchange
    world.contracts.on_rule(MarketRuleTold(26, ((0.0, 0.0001), (1.0, 0.01))))
    known = world.contracts.get("AAPL")
    assert known is not None
    assert known.ticks == (TickBand(0, 100), TickBand(1_000_000, 10_000))
    assert world.told == []


def test_a_symbol_is_asked_about_once() -> None:
    world = World()
    world.contracts.want("AAPL")
    world.contracts.want("AAPL")
    world.answer(AAPL)
    world.contracts.want("AAPL")
    assert world.asked.take() == [("contract", "AAPL"), ("market rule", 26)]


def test_a_price_rule_is_asked_about_once_for_all_contracts() -> None:
    world = World()
    world.contracts.want("AAPL")
    world.answer(AAPL)
    world.contracts.on_rule(MarketRuleTold(26, ((0.0, 0.01),)))
    world.asked.take()
    world.contracts.want("MSFT")
    world.answer(like_aapl(symbol="MSFT", con_id=272093))
    assert world.asked.take() == [("contract", "MSFT")]
    known = world.contracts.get("MSFT")
    assert known is not None and known.ticks == (TickBand(0, 10_000),)


def test_among_several_contracts_the_one_listed_in_the_united_states_is_meant() -> None:
    world = World()
    world.contracts.want("AAPL")
    world.answer(like_aapl(con_id=1, primary_exchange="LSEETF"), AAPL, like_aapl(con_id=2, primary_exchange="EBS"))
    assert [contract.con_id for contract in world.resolved] == [265598]


@pytest.mark.parametrize(
    "other",
    [
        like_aapl(con_id=1, security_type="OPT"),
        like_aapl(con_id=1, currency="MXN"),
        like_aapl(con_id=1, symbol="AAPL2"),
        AAPL,
    ],
    ids=["an option", "another currency", "another symbol", "the same once more"],
)
def test_what_is_no_stock_in_usd_of_this_symbol_does_not_count(other: ContractTold) -> None:
    world = World()
    world.contracts.want("AAPL")
    world.answer(other, AAPL)
    assert [contract.con_id for contract in world.resolved] == [265598]


def test_a_symbol_that_could_be_two_stocks_is_unknown_and_both_are_named() -> None:
    world = World()
    world.contracts.want("AAPL")
    world.answer(AAPL, like_aapl(con_id=7, name="APPLE HOSPITALITY", primary_exchange="NYSE"))
    (told,) = world.told
    assert isinstance(told, SymbolData)
    assert told.state is DataState.UNKNOWN_SYMBOL
    assert told.text == (
        "AAPL is more than one contract: APPLE INC on NASDAQ (contract 265598); APPLE HOSPITALITY on NYSE (contract 7)"
    )
    assert world.contracts.con_id("AAPL") is None


def test_a_symbol_without_a_contract_is_unknown_and_asked_about_again_only_after_a_while() -> None:
    world = World()
    world.contracts.want("NONE")
    assert world.contracts.on_error(world.asked.latest, 200, "No security definition has been found")
    assert world.told == [SymbolData("NONE", DataState.UNKNOWN_SYMBOL, "No security definition has been found")]
    world.asked.take()
    world.contracts.want("NONE")
    assert world.asked.take() == []
    assert len(world.told) == 2  # whoever asks again is told again
    world.clock.advance(5 * MINUTE)
    world.contracts.want("NONE")
    assert world.asked.take() == [("contract", "NONE")]
    world.answer(like_aapl(symbol="NONE"))
    assert world.contracts.why_unknown("NONE") is None


def test_an_error_about_something_else_is_not_taken() -> None:
    world = World()
    world.contracts.want("AAPL")
    assert not world.contracts.on_error(world.asked.latest + 1, 200, "")


def test_what_has_no_answer_is_asked_again() -> None:
    world = World()
    world.contracts.want("AAPL")
    first = world.asked.latest
    world.wait(IBSettings().answer_within)
    assert world.asked.take() == [("contract", "AAPL")] * 2
    world.contracts.on_contract(attrs.evolve(AAPL, request=first))  # too late: the later question is answered
    world.contracts.on_end(ContractsEnd(first))
    assert world.resolved == []
    world.answer(AAPL)
    assert len(world.resolved) == 1


def test_what_was_wanted_without_a_connection_is_asked_when_it_stands_and_again_when_it_was_lost() -> None:
    world = World(connected=False)
    world.contracts.want("AAPL")
    assert world.asked.take() == []
    world.contracts.connected()
    assert world.asked.take() == [("contract", "AAPL")]
    world.contracts.disconnected()
    world.wait(HOUR)
    assert world.asked.take() == []
    world.contracts.connected()
    assert world.asked.take() == [("contract", "AAPL")]
    world.answer(AAPL)
    world.asked.take()
    world.contracts.disconnected()
    world.contracts.connected()
    assert world.asked.take() == [("market rule", 26)]


def test_hours_are_asked_for_again_while_the_contract_stays() -> None:
    world = World()
    world.contracts.want("AAPL")
    world.answer(AAPL)
    world.asked.take()
    world.wait(12 * HOUR)
    assert world.asked.take() == [("contract", "AAPL")]
    world.answer(like_aapl(liquid_hours="20260105:CLOSED"))
    assert len(world.resolved) == 1
    known = world.contracts.get("AAPL")
    assert known is not None and not known.hours.is_open(1767625200_000000)


def test_a_contract_does_not_cease_to_be_for_one_bad_answer() -> None:
    world = World()
    world.contracts.want("AAPL")
    world.answer(AAPL)
    world.wait(12 * HOUR)
    world.contracts.on_error(world.asked.latest, 200, "no such thing")
    assert world.told == []
    assert world.contracts.con_id("AAPL") == 265598


def test_a_position_tells_which_contract_a_symbol_is_before_anybody_asks() -> None:
    world = World()
    world.contracts.pin("AAPL", 265598)
    assert world.contracts.con_id("AAPL") == 265598
    assert world.contracts.get("AAPL") is None


def test_steps_that_are_none_are_not_used() -> None:
    assert tick_bands(((0.0, 0.0),)) == ()
    assert tick_bands(()) == ()
    assert tick_bands(((1.0, 0.01), (0.0, 0.005))) == (TickBand(0, 5_000), TickBand(1_000_000, 10_000))


def test_a_class_of_shares_is_spelt_with_a_dot_here_and_a_space_there() -> None:
    assert to_broker("BRK.B") == "BRK B"
    assert from_broker("BRK B") == "BRK.B"


def test_steps_that_are_not_the_usual_ones_are_told_once() -> None:
    world = World()
    world.contracts.want("AAPL")
    world.answer(AAPL)
    nickels = (TickBand(0, 50_000),)
    world.contracts.on_rule(MarketRuleTold(26, ((0.0, 0.05),)))
    world.contracts.on_rule(MarketRuleTold(26, ((0.0, 0.05),)))
    assert world.told == [PriceSteps("AAPL", nickels)]
    world.contracts.on_rule(MarketRuleTold(26, ((0.0, 0.0001), (1.0, 0.01))))
    assert world.told[1:] == [PriceSteps("AAPL", (TickBand(0, 100), TickBand(1_000_000, 10_000)))]
