"""The board: the latest price of each symbol, and what an order is reckoned from."""

from __future__ import annotations

import pytest

from rulec.runtime.event.inputs import Bar, Price, Quote
from rulec.runtime.market.board import Board, News
from rulec.runtime.market.hours import AlwaysOpen
from rulec.runtime.market.indicators import Indicators
from rulec.runtime.times import MINUTE


def price(time: int, value: float) -> Price:
    return Price(time, "AAPL", value)


def quote(time: int, bid: float, ask: float) -> Quote:
    return Quote(time, "AAPL", bid, ask)


def bar(end: int, close: float) -> Bar:
    return Bar(end - MINUTE, "AAPL", close, close + 1, close - 1, close, 100.0, MINUTE, end - MINUTE, end)


def new_board() -> Board:
    return Board(Indicators(AlwaysOpen()))


def board_after(*events: Price | Quote | Bar) -> Board:
    board = new_board()
    for event in events:
        match event:
            case Price():
                board.on_price(event)
            case Quote():
                board.on_quote(event)
            case Bar():
                board.on_bar(event)
    return board


@pytest.mark.parametrize(
    ("events", "buy", "sell", "mark", "latest"),
    [
        ([], None, None, None, None),
        ([price(5, 150.0)], (150.0, 5), (150.0, 5), 150.0, News.TRADE),
        ([quote(5, 149.0, 151.0)], (151.0, 5), (149.0, 5), 150.0, News.QUOTE),
        ([price(5, 148.0), quote(6, 149.0, 151.0)], (151.0, 6), (149.0, 6), 150.0, News.QUOTE),
        ([quote(5, 149.0, 151.0), price(6, 148.0)], (148.0, 6), (148.0, 6), 148.0, News.TRADE),
        ([bar(MINUTE, 150.0)], (150.0, MINUTE), (150.0, MINUTE), 150.0, News.BAR),
        ([quote(5, 149.0, 151.0), bar(MINUTE, 147.0)], (151.0, 5), (149.0, 5), 150.0, News.QUOTE),
        ([price(5, 150.5), bar(MINUTE, 150.5)], (150.5, 5), (150.5, 5), 150.5, News.TRADE),
        ([quote(5, 149.0, 151.0), bar(2 * MINUTE, 147.0)], (147.0, 2 * MINUTE), (147.0, 2 * MINUTE), 147.0, News.BAR),
    ],
)
def test_a_buy_is_reckoned_from_the_ask_a_sell_from_the_bid_unless_something_newer_is_known(
    events: list[Price | Quote | Bar],
    buy: tuple[float, int] | None,
    sell: tuple[float, int] | None,
    mark: float | None,
    latest: News | None,
) -> None:
    board = board_after(*events)
    assert board.reference("AAPL", buy=True) == buy
    assert board.reference("AAPL", buy=False) == sell
    assert board.mark("AAPL") == mark
    assert board.latest("AAPL") is latest
    assert board.latest_time("AAPL") == (None if buy is None else buy[1])


def test_each_field_keeps_what_it_last_was() -> None:
    board = board_after(bar(MINUTE, 150.0), quote(MINUTE + 1, 149.0, 151.5), price(MINUTE + 2, 150.5))
    found = (board.last("AAPL"), board.bid("AAPL"), board.ask("AAPL"), board.spread("AAPL"), board.bar_close("AAPL"))
    assert found == (150.5, 149.0, 151.5, 2.5, 150.0)


def test_of_another_symbol_nothing_is_known() -> None:
    board = board_after(price(5, 150.0), quote(6, 149.0, 151.0), bar(MINUTE, 150.0))
    asked = (board.last, board.bid, board.ask, board.spread, board.mark, board.bar_close, board.latest_time)
    assert [ask("IBM") for ask in asked] == [None] * len(asked)
    assert not board.bar_fed("IBM")


@pytest.mark.parametrize(
    ("events", "bar_fed"),
    [
        ([bar(MINUTE, 150.0)], True),
        ([price(5, 150.0)], False),
        ([price(5, 150.0), bar(MINUTE, 150.0)], False),
        ([bar(MINUTE, 150.0), quote(MINUTE + 1, 149.0, 151.0)], False),
    ],
)
def test_a_symbol_is_fed_by_bars_until_its_first_tick(events: list[Price | Quote | Bar], bar_fed: bool) -> None:
    assert board_after(*events).bar_fed("AAPL") == bar_fed


def test_an_indicator_that_was_wanted_follows_the_bars() -> None:
    board = new_board()
    board.want("AAPL", "atr", (2.0,))
    known = []
    for number in range(1, 5):
        board.on_bar(bar(number * MINUTE, 150.0))
        known.append(board.indicator("AAPL", "atr", (2.0,)))
    assert known == [None, None, 2.0, 2.0]


@pytest.mark.parametrize(
    ("events", "previous"),
    [
        ([], None),
        ([price(5, 150.0)], None),
        ([price(5, 150.0), price(6, 151.0)], 150.0),
        ([quote(5, 149.0, 152.0), price(6, 151.0)], 150.5),  # the middle of a quote
        ([price(5, 150.0), quote(6, 149.0, 152.0), quote(7, 149.0, 153.0)], 150.5),
        ([price(5, 150.0), bar(MINUTE, 147.0)], None),  # a bar is no tick
        ([price(5, 150.0), price(6, 151.0), bar(MINUTE, 147.0)], 150.0),
    ],
)
def test_the_previous_price_is_that_of_the_tick_before_the_last(
    events: list[Price | Quote | Bar], previous: float | None
) -> None:
    board = board_after(*events)
    assert board.previous_price("AAPL") == previous
    assert board.previous_price("IBM") is None


def test_a_bar_tells_what_is_complete_with_it_and_the_past_that_was_wanted_is_kept() -> None:
    board = new_board()
    board.want_bars(None, 120.0)
    board.want_bar("AAPL", 120.0, 1)
    told = [board.on_bar(bar(number * MINUTE, 150.0 + number)) for number in range(301, 305)]
    assert [[made.timeframe // MINUTE for made in bars] for bars in told] == [[1], [1, 2], [1], [1, 2]]
    assert [[board.is_default(made) for made in bars] for bars in told] == [[True], [True, False]] * 2
    assert board.bar("AAPL", "close", 120.0, 0) == 150.0 + 304
    assert board.bar("AAPL", "close", 120.0, 1) == 150.0 + 302
    assert board.last("AAPL") == 150.0 + 304
