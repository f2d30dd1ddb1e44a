"""Ticks become quotes and prices; what is delayed, frozen or missing is told and never fed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rulec.runtime.broker.ib.asking import RequestNumbers
from rulec.runtime.broker.ib.data_wire import DataTypeTold, PriceTickTold, SizeTickTold, TextTickTold
from rulec.runtime.broker.ib.market import MarketData
from rulec.runtime.broker.port import DataState, SymbolData
from rulec.runtime.clock import ManualClock
from rulec.runtime.event.inputs import Price, Quote
from rulec.tests.support.asked_of_broker import Asked

NOON = 1_767_632_400_000_000
SECOND = 1_000_000
BID, ASK, LAST, LAST_SIZE = 1, 2, 4, 5
LIVE = SymbolData("AAPL", DataState.LIVE)


class World:
    """Market data of AAPL beside a broker whose ticks come packet by packet."""

    def __init__(self) -> None:
        self.asked = Asked()
        self.clock = ManualClock(NOON)
        self.put: list[Any] = []
        self.said: list[tuple[str, str | None, str]] = []
        self.data = MarketData(
            self.asked,
            RequestNumbers(),
            self.clock,
            self.clock,
            self.put.append,
            lambda level, symbol, text: self.said.append((level, symbol, text)),
        )
        self.data.connected()
        self.data.watch("AAPL", 265598)
        self.request = self.asked.latest

    def packet(self, *ticks: tuple[int, float] | tuple[int, float, float]) -> list[Any]:
        """A packet of prices, each with its kind and perhaps its size; answers what is put."""
        for kind, price, *size in ticks:
            self.data.on_price(PriceTickTold(self.request, kind, price, size[0] if size else 0.0))
        return self.flush()

    def sizes(self, *ticks: tuple[int, float]) -> list[Any]:
        for kind, size in ticks:
            self.data.on_size(SizeTickTold(self.request, kind, size))
        return self.flush()

    def flush(self) -> list[Any]:
        self.data.flush()
        put, self.put[:] = list(self.put), []
        return put

    def error(self, code: int, text: str) -> list[Any]:
        assert self.data.on_error(self.request, code, text)
        return self.flush()


def test_a_bid_and_an_ask_of_one_packet_are_one_quote() -> None:
    world = World()
    assert world.packet((BID, 150.01), (ASK, 150.03)) == [LIVE, Quote(NOON, "AAPL", 150.01, 150.03)]
    assert world.packet((BID, 150.02), (BID, 150.01)) == [Quote(NOON, "AAPL", 150.01, 150.03)]


def test_one_side_alone_is_no_quote() -> None:
    world = World()
    assert world.packet((BID, 150.01)) == []
    assert world.packet((ASK, 150.03)) == [LIVE, Quote(NOON, "AAPL", 150.01, 150.03)]


@pytest.mark.parametrize("nothing", [0.0, -1.0, float("nan"), float("inf")])
def test_a_side_on_which_nobody_stands_is_unknown_until_it_is_told_again(nothing: float) -> None:
    world = World()
    world.packet((BID, 150.01), (ASK, 150.03))
    assert world.packet((ASK, nothing)) == []
    assert world.packet((BID, 150.02)) == []
    assert world.packet((ASK, 150.04)) == [Quote(NOON, "AAPL", 150.02, 150.04)]


def test_a_crossed_market_waits_for_its_other_side_and_a_locked_one_is_a_quote() -> None:
    world = World()
    world.packet((BID, 150.01), (ASK, 150.03))
    assert world.packet((BID, 150.05)) == []
    assert world.packet((ASK, 150.05)) == [Quote(NOON, "AAPL", 150.05, 150.05)]


def test_a_quote_that_stands_is_put_again_while_its_sizes_move_but_not_more_than_once_a_second() -> None:
    world = World()
    world.packet((BID, 150.01), (ASK, 150.03))
    assert world.sizes((0, 300.0)) == []
    world.clock.advance(SECOND)
    assert world.sizes((0, 200.0), (3, 100.0)) == [Quote(NOON + SECOND, "AAPL", 150.01, 150.03)]


def test_a_trade_of_before_the_subscription_tells_a_price_but_no_volume() -> None:
    world = World()
    assert world.packet((LAST, 150.02, 500.0)) == [LIVE, Price(NOON, "AAPL", 150.02)]
    assert world.sizes((LAST_SIZE, 500.0)) == []


def test_a_new_last_price_is_a_trade_and_its_size_told_again_is_none() -> None:
    world = World()
    world.packet((LAST, 150.02, 500.0))
    assert world.packet((LAST, 150.03, 100.0)) == [Price(NOON, "AAPL", 150.03, 100.0)]
    assert world.sizes((LAST_SIZE, 100.0)) == []
    assert world.sizes((LAST_SIZE, 100.0)) == [Price(NOON, "AAPL", 150.03, 100.0)]
    assert world.sizes((LAST_SIZE, 40.0)) == [Price(NOON, "AAPL", 150.03, 40.0)]


def test_where_the_broker_tells_time_and_sales_nothing_else_is_a_trade() -> None:
    world = World()
    world.packet((LAST, 150.02, 500.0))
    world.data.on_text(TextTickTold(world.request, 48, "150.04;200;1767625200123;12000;150.01;true"))
    assert world.flush() == [Price(NOON, "AAPL", 150.04, 200.0)]
    assert world.packet((LAST, 150.04, 200.0)) == []
    assert world.sizes((LAST_SIZE, 200.0), (LAST_SIZE, 70.0)) == []


@pytest.mark.parametrize("text", ["", ";;;;;", "nan;1", "x;y;z", "0;100;1;1;1;true"])
def test_a_line_of_time_and_sales_without_a_price_is_passed_over(text: str) -> None:
    world = World()
    world.data.on_text(TextTickTold(world.request, 48, text))
    assert world.flush() == []


def test_delayed_ticks_are_told_once_and_never_fed() -> None:
    world = World()
    assert world.packet((66, 150.01), (67, 150.03), (68, 150.02)) == [SymbolData("AAPL", DataState.DELAYED, "delayed")]


@pytest.mark.parametrize(("kind", "text"), [(2, "frozen"), (3, "delayed"), (4, "delayed")])
def test_data_of_another_kind_than_live_are_told(kind: int, text: str) -> None:
    world = World()
    world.data.on_data_type(DataTypeTold(world.request, kind))
    (told,) = world.flush()
    assert told.state is DataState.DELAYED
    assert told.text.startswith(text)


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (354, DataState.NONE),
        (10089, DataState.NONE),
        (10168, DataState.NONE),
        (10197, DataState.NONE),
        (10167, DataState.DELAYED),
        (200, DataState.UNKNOWN_SYMBOL),
    ],
)
def test_what_the_broker_says_of_missing_data_is_told_with_its_words(code: int, state: DataState) -> None:
    assert World().error(code, "because") == [SymbolData("AAPL", state, "because")]


def test_missing_data_are_asked_for_again_after_a_minute_and_told_when_they_are_back() -> None:
    world = World()
    world.packet((BID, 150.01), (ASK, 150.03))
    world.error(10197, "competing session")
    world.asked.take()
    world.data.advance()
    assert world.asked.take() == []
    world.clock.advance(60 * SECOND)
    world.data.advance()
    assert world.asked.take() == [("end quotes", world.request), ("quotes", "AAPL", 265598)]
    world.request = world.asked.latest
    assert world.packet((BID, 151.0)) == []  # the ask of before is nothing to this subscription
    assert world.packet((ASK, 151.02))[0] == LIVE


def test_too_few_lines_are_told_once_to_a_person_and_to_the_engine_for_each_symbol() -> None:
    world = World()
    assert world.error(101, "Max number of tickers has been reached")[0].state is DataState.NONE
    world.data.watch("MSFT", 272093)
    world.request = world.asked.latest
    assert world.error(101, "Max number of tickers has been reached")[0].symbol == "MSFT"
    assert [level for level, _, _ in world.said] == ["warning"]
    assert "no more lines of market data" in world.said[0][2]


def test_errors_about_other_requests_or_of_other_kinds_are_not_taken() -> None:
    world = World()
    assert not world.data.on_error(world.request + 1, 354, "")
    assert not world.data.on_error(world.request, 321, "")


def test_a_symbol_is_subscribed_once_and_another_contract_takes_its_place() -> None:
    world = World()
    world.asked.take()
    world.data.watch("AAPL", 265598)
    assert world.asked.take() == []
    world.data.watch("AAPL", 7)
    assert world.asked.take() == [("end quotes", world.request), ("quotes", "AAPL", 7)]


def test_every_connection_subscribes_all_anew_and_what_an_old_one_says_is_nobodys() -> None:
    world = World()
    world.packet((BID, 150.01), (ASK, 150.03))
    world.data.disconnected()
    world.asked.take()
    assert world.packet((BID, 150.02)) == []
    world.data.connected()
    assert world.asked.take() == [("quotes", "AAPL", 265598)]
    assert world.packet((BID, 150.02), (ASK, 150.04)) == []
    world.request = world.asked.latest
    assert world.packet((BID, 150.02), (ASK, 150.04)) == [Quote(NOON, "AAPL", 150.02, 150.04)]


def test_a_symbol_that_is_left_is_not_subscribed_again() -> None:
    world = World()
    world.asked.take()
    world.data.leave("AAPL")
    world.data.disconnected()
    world.data.connected()
    assert world.asked.take() == [("end quotes", world.request)]


@given(st.lists(st.tuples(st.sampled_from([BID, ASK]), st.integers(-1, 5)), max_size=30))
def test_no_quote_is_ever_crossed_or_has_an_empty_side(ticks: list[tuple[int, int]]) -> None:
    world = World()
    for kind, price in ticks:
        for put in world.packet((kind, float(price))):
            if isinstance(put, Quote):
                assert 0 < put.bid <= put.ask


def test_a_subscription_that_has_no_answer_at_all_is_made_again_after_a_minute() -> None:
    world = World()
    world.asked.take()
    world.clock.advance(60 * SECOND)
    world.data.advance()
    assert world.asked.take() == [("end quotes", world.request), ("quotes", "AAPL", 265598)]
    world.request = world.asked.latest
    world.data.on_data_type(DataTypeTold(world.request, 1))
    world.clock.advance(60 * SECOND)
    world.data.advance()
    assert world.asked.take() == []  # it is live, and nobody has traded yet
