"""What the shares of the account are worth follows every price and every share, and agrees with adding all of it up."""

from __future__ import annotations

import random

import pytest

from rulec.runtime.broker.port import Execution, ForeignExecution, OrderSide
from rulec.runtime.core.engine import Engine
from rulec.runtime.core.settings import Settings
from rulec.runtime.core.worth import HeldWorth
from rulec.runtime.event.inputs import Price, Quote
from rulec.runtime.market.hours import HOURS
from rulec.runtime.trade.desk import Desk

SYMBOLS = ("AAPL", "MSFT", "NVDA", "SPY")


def new_desk() -> Desk:
    return Engine((), HOURS["always"](), Settings(equity=100_000.0)).desk


def added_up(desk: Desk, without: str, among: set[str] | None, opening: dict[str, float]) -> float | None:
    """The slow way: every symbol, every time."""
    total = 0.0
    for symbol in SYMBOLS:
        if symbol == without or (among is not None and symbol not in among):
            continue
        held, mark = desk.account_holds(symbol), desk.board.mark(symbol)
        if held and mark is None:
            return None
        total += abs((held * mark if held and mark is not None else 0.0) + opening.get(symbol, 0.0))
    return total


def happen(desk: Desk, chance: random.Random, number: int) -> None:
    """A price, a quote, an execution of ours or somebody else's, or a report of foreign shares."""
    symbol, price = chance.choice(SYMBOLS), float(chance.randint(50, 150))
    side, quantity = chance.choice(list(OrderSide)), chance.randint(1, 3)
    match chance.randrange(6):
        case 0:
            desk.board.on_price(Price(number, symbol, price))
        case 1:
            desk.board.on_quote(Quote(number, symbol, price, price + 0.5))
        case 2:
            desk.board.on_fill(symbol, price, number)
        case 3:
            desk.portfolio.book(Execution(f"e{number}.01", "o", symbol, side, quantity, 100_000_000))
        case 4:
            desk.foreign.book(ForeignExecution(f"f{number}.01", symbol, side, quantity, 100_000_000))
        case _:
            desk.foreign.accept(symbol, chance.randint(-2, 2))


@pytest.mark.parametrize("seed", range(20))
def test_it_is_what_adding_everything_up_comes_to(seed: int) -> None:
    chance, desk = random.Random(seed), new_desk()
    worth = HeldWorth(desk)
    for number in range(1, 200):
        happen(desk, chance, number)
        if chance.random() < 0.5:
            continue  # several things happen between two looks
        without = chance.choice(SYMBOLS)
        among = None if chance.random() < 0.5 else set(chance.sample(SYMBOLS, 2))
        opening = {symbol: float(chance.randint(-500, 500)) for symbol in chance.sample(SYMBOLS, chance.randint(0, 2))}
        assert worth.gross(without, among, opening) == pytest.approx(added_up(desk, without, among, opening), abs=1e-6)


def test_a_share_without_a_price_makes_it_unknown_until_there_is_one() -> None:
    desk = new_desk()
    worth = HeldWorth(desk)
    desk.portfolio.book(Execution("e1.01", "o", "AAPL", OrderSide.BUY, 10, 100_000_000))
    assert worth.gross("MSFT", None, {}) is None
    assert worth.gross("AAPL", None, {}) == 0.0, "its own price is nobody's business"
    desk.board.on_price(Price(1, "AAPL", 101.0))
    assert worth.gross("MSFT", None, {}) == 1010.0


def test_shares_that_are_gone_are_worth_nothing() -> None:
    desk = new_desk()
    worth = HeldWorth(desk)
    desk.board.on_price(Price(1, "AAPL", 100.0))
    desk.portfolio.book(Execution("e1.01", "o", "AAPL", OrderSide.SELL, 10, 100_000_000))
    assert worth.gross("MSFT", None, {}) == 1000.0
    desk.portfolio.hand_over("AAPL", -10, 100_000_000)
    assert worth.gross("MSFT", None, {}) == 0.0
