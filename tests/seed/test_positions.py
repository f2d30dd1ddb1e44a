"""Positions made by hand, their tracker, and the trade tracker."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest

from rulec.runtime.context import running
from rulec.runtime.event.base import BaseEvent
from rulec.runtime.event.bus import EventBus
from rulec.runtime.event.market import PriceEvent
from rulec.runtime.event.position import PositionCloseEvent, PositionEvent, PositionOpenEvent, PositionUpdateEvent
from rulec.runtime.position import Position, PositionStatus, PositionTracker, StockPosition, TradeInfo, TradeTracker

T = TypeVar("T")


def now(coroutine: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(coroutine)


def opened(quantity: int, price: float = 100.0, **terms: Any) -> StockPosition:
    position = StockPosition("AAPL", **terms)
    now(position.open(quantity, price))
    return position


# ---- a position ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quantity", "stop", "target", "trail"),
    [(100, 97.0, 108.0, 98.0), (-100, 103.0, 92.0, 102.0)],
)
def test_levels_lie_on_the_side_that_makes_sense(quantity: int, stop: float, target: float, trail: float) -> None:
    position = opened(quantity, stop_loss_pct=0.03, take_profit_pct=0.08, trailing_stop_pct=0.02)
    assert position.stop_loss == pytest.approx(stop)
    assert position.take_profit == pytest.approx(target)
    assert position.trailing_stop == pytest.approx(trail)
    assert position.is_long is (quantity > 0)
    assert position.is_short is (quantity < 0)


@pytest.mark.parametrize(("quantity", "pnl"), [(100, 250.0), (-100, -250.0)])
def test_the_gain_is_side_aware(quantity: int, pnl: float) -> None:
    position = opened(quantity)
    now(position.update(102.5))
    assert position.unrealized_pnl == pytest.approx(pnl)
    now(position.close(102.5, "enough"))
    assert position.realized_pnl == pytest.approx(pnl)
    assert position.unrealized_pnl == 0.0
    assert (position.status, position.quantity, position.close_reason) == (PositionStatus.CLOSED, 0, "enough")


@pytest.mark.parametrize(
    ("quantity", "prices", "trail"),
    [(100, [105.0, 103.0], 102.9), (-100, [95.0, 97.0], 96.9)],
)
def test_a_trailing_stop_follows_the_best_price_and_never_goes_back(
    quantity: int, prices: list[float], trail: float
) -> None:
    position = opened(quantity, trailing_stop_pct=0.02)
    for price in prices:
        now(position.update(price))
    assert position.trailing_stop == pytest.approx(trail)


@pytest.mark.parametrize(
    ("quantity", "prices", "hit"),
    [
        (100, [97.01], None),
        (100, [97.0], "stop"),
        (100, [90.0], "stop"),
        (100, [108.0], "target"),
        (-100, [102.99], None),
        (-100, [103.0], "stop"),
        (-100, [92.0], "target"),
        (100, [107.0, 101.0], "trail"),
        (-100, [93.0, 99.0], "trail"),
    ],
)
def test_a_level_is_hit_when_the_price_reaches_it(quantity: int, prices: list[float], hit: str | None) -> None:
    position = opened(quantity, stop_loss_pct=0.03, take_profit_pct=0.08, trailing_stop_pct=0.05)
    for price in prices:
        now(position.update(price))
    assert position.triggered() == hit


def test_a_planned_position_opens_at_the_first_price() -> None:
    position = StockPosition("AAPL", stop_loss_pct=0.03)
    position.plan(100)
    assert (position.status, position.entry_price, position.side) == (PositionStatus.PLANNED, None, "BUY")
    now(position.update(50.0))
    assert (position.status, position.entry_price, position.stop_loss) == (PositionStatus.OPEN, 50.0, 48.5)


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"stop_loss_pct": 3}, "3% is 0.03"),
        ({"stop_loss_pct": 0.0}, "fraction"),
        ({"trailing_stop_pct": 1.0}, "fraction"),
        ({"take_profit_pct": -0.1}, "above 0"),
        ({"stop_loss": 0.0}, "above 0"),
        ({"stop_loss": 90.0, "stop_loss_pct": 0.1}, "not both"),
        ({"take_profit": 110.0, "take_profit_pct": 0.1}, "not both"),
    ],
)
def test_levels_that_make_no_sense_are_refused(terms: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Position("AAPL", **terms)


@pytest.mark.parametrize(
    ("quantity", "terms", "message"),
    [
        (100, {"stop_loss": 101.0}, "wrong side"),
        (-100, {"stop_loss": 99.0}, "wrong side"),
        (100, {"take_profit": 99.0}, "wrong side"),
        (-100, {"take_profit_pct": 1.5}, "above 0"),
        (0, {}, "none"),
    ],
)
def test_a_position_does_not_open_with_levels_on_the_wrong_side(
    quantity: int, terms: dict[str, Any], message: str
) -> None:
    position = Position("AAPL", **terms)
    with pytest.raises(ValueError, match=message):
        now(position.open(quantity, 100.0))
    assert position.status is PositionStatus.PLANNED


def test_a_position_opens_once_and_closes_once() -> None:
    position = opened(100)
    with pytest.raises(ValueError, match="is open, not planned"):
        now(position.open(100, 100.0))
    now(position.close(101.0))
    for again in (position.close(101.0), position.update(101.0)):
        with pytest.raises(ValueError, match="is closed"):
            now(again)
    with pytest.raises(ValueError, match="symbol"):
        Position("")
    with pytest.raises(TypeError, match="whole number"):
        now(StockPosition("AAPL").open(1.5, 100.0))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("quantity", "added", "average", "stop", "target"),
    [(100, 100, 105.0, 101.85, 113.4), (-100, -100, 105.0, 103.0, 96.6)],
)
def test_adding_moves_the_average_and_never_loosens_the_stop(
    quantity: int, added: int, average: float, stop: float, target: float
) -> None:
    position = opened(quantity, stop_loss_pct=0.03, take_profit_pct=0.08)
    now(position.add(added, 110.0))
    assert position.quantity == quantity + added
    assert position.entry_price == pytest.approx(average)
    assert position.stop_loss == pytest.approx(stop)
    assert position.take_profit == pytest.approx(target)


def test_reducing_books_its_gain_and_leaves_the_rest() -> None:
    position = opened(-100)
    now(position.reduce(40, 90.0))
    assert (position.quantity, position.realized_pnl, position.unrealized_pnl) == (-60, 400.0, 600.0)
    assert (position.market_value, position.cost_basis) == (-5_400.0, -6_000.0)
    for shares in (0, 60):
        with pytest.raises(ValueError, match="use close"):
            now(position.reduce(shares, 90.0))
    with pytest.raises(ValueError, match="use reduce"):
        now(position.add(10, 90.0))
    assert StockPosition("AAPL").market_value is None
    assert StockPosition("AAPL").cost_basis is None


# ---- the tracker -----------------------------------------------------------------------------------------------------


def tracked() -> tuple[PositionTracker, list[BaseEvent]]:
    bus = EventBus()
    heard: list[BaseEvent] = []
    bus.connect(PositionEvent, heard.append)
    return PositionTracker(bus), heard


def kinds(events: list[BaseEvent]) -> list[type[BaseEvent]]:
    return [type(event) for event in events]


def test_a_hit_stop_closes_the_position_and_says_so() -> None:
    tracker, heard = tracked()

    async def run() -> Position:
        position = await tracker.create_position("AAPL", quantity=100, entry_price=100.0, stop_loss_pct=0.03)
        await tracker.update_positions({"AAPL": 99.0, "MSFT": 1.0})
        await tracker.update_positions({"AAPL": 96.5})
        await tracker.update_positions({"AAPL": 90.0})
        return position

    position = now(run())
    assert kinds(heard) == [PositionOpenEvent, PositionUpdateEvent, PositionUpdateEvent, PositionCloseEvent]
    closed = heard[-1]
    assert isinstance(closed, PositionCloseEvent)
    assert (closed.reason, closed.exit_price, closed.quantity, closed.pnl) == ("stop", 96.5, 100, -350.0)
    assert closed.position_id == position.position_id
    assert position.status is PositionStatus.CLOSED


@pytest.mark.parametrize(("price", "reason"), [(92.0, "target"), (103.0, "stop")])
def test_a_shorts_levels_lie_the_other_way_round(price: float, reason: str) -> None:
    tracker, heard = tracked()

    async def run() -> None:
        await tracker.create_position(
            "AAPL", quantity=-100, entry_price=100.0, stop_loss_pct=0.03, take_profit_pct=0.08
        )
        await tracker.on_price(PriceEvent(symbol="AAPL", price=price))

    now(run())
    closed = heard[-1]
    assert isinstance(closed, PositionCloseEvent)
    assert closed.reason == reason


def test_a_position_without_a_price_opens_at_the_first_one_told() -> None:
    tracker, heard = tracked()

    async def run() -> Position:
        position = await tracker.create_position(symbol="AAPL", quantity=100, take_profit_pct=0.08)
        await tracker.update_positions({"AAPL": 150.0})
        return position

    position = now(run())
    assert kinds(heard) == [PositionOpenEvent]
    assert position.take_profit == pytest.approx(162.0)


def test_a_position_that_never_opened_is_given_up_without_an_event() -> None:
    tracker, heard = tracked()

    async def run() -> Position:
        position = await tracker.create_position("AAPL", quantity=100)
        await tracker.close_position(position.position_id)
        return position

    assert now(run()).status is PositionStatus.CLOSED
    assert heard == []


def test_positions_are_found_by_id_and_by_symbol() -> None:
    tracker, _ = tracked()

    async def run() -> None:
        first = await tracker.create_position("AAPL", quantity=1, position_id="one")
        second = await tracker.create_position("AAPL", quantity=2)
        await tracker.create_position("MSFT", quantity=3)
        assert await tracker.get_position("one") is first
        assert await tracker.get_position("two") is None
        assert await tracker.get_positions_for_symbol("AAPL") == [first, second]
        assert len(tracker.positions) == 3

    now(run())


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"entry_price": 100.0}, ValueError, "needs a quantity"),
        ({"position_id": "taken"}, ValueError, "already"),
        ({"stop_loss_percent": 0.03}, TypeError, "stop_loss_percent"),
        ({"quantity": 100, "entry_price": 100.0, "stop_loss": 101.0}, ValueError, "wrong side"),
    ],
)
def test_a_position_that_cannot_be_is_not_tracked(
    arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    tracker, heard = tracked()
    now(tracker.create_position("AAPL", position_id="taken"))
    with pytest.raises(error, match=message):
        now(tracker.create_position("AAPL", **arguments))
    assert list(tracker.positions) == ["taken"]
    assert heard == []


def test_closing_what_is_not_there_or_closed_is_an_error() -> None:
    tracker, _ = tracked()
    with pytest.raises(ValueError, match="no position 'one'"):
        now(tracker.close_position("one"))
    position = now(tracker.create_position("AAPL", quantity=1, entry_price=10.0))
    now(tracker.close_position(position.position_id, reason="enough"))
    with pytest.raises(ValueError, match="closed already"):
        now(tracker.close_position(position.position_id))


def test_a_handler_that_closes_the_position_at_its_update_is_not_overtaken() -> None:
    bus = EventBus()
    tracker = PositionTracker(bus)
    closed: list[PositionCloseEvent] = []

    async def close_it(event: PositionUpdateEvent) -> None:
        await tracker.close_position(event.position_id, reason="by handler")

    async def run() -> None:
        await bus.subscribe(PositionUpdateEvent, close_it)
        await bus.subscribe(PositionCloseEvent, closed.append)
        await tracker.create_position("AAPL", quantity=100, entry_price=100.0, stop_loss_pct=0.03)
        await tracker.update_positions({"AAPL": 90.0})

    now(run())
    assert [event.reason for event in closed] == ["by handler"]


# ---- the trade tracker -----------------------------------------------------------------------------------------------


def test_a_trade_is_active_from_its_start_to_its_close() -> None:
    tracker = TradeTracker.fresh()
    assert not tracker.has_active_trade("AAPL")
    assert tracker.start_trade("AAPL", "BUY") == TradeInfo("AAPL", "BUY")
    active = tracker.get_active_trade("AAPL")
    assert active is not None
    assert active.side == "BUY"
    tracker.close_trade("AAPL")
    tracker.close_trade("AAPL")
    tracker.close_trade("MSFT")
    assert not tracker.has_active_trade("AAPL")
    closed = tracker.get_trade("AAPL")
    assert closed is not None
    assert not closed.is_active
    tracker.start_trade("AAPL", "SELL")
    assert [trade.side for trade in tracker.active_trades()] == ["SELL"]


def test_a_second_trade_of_a_symbol_is_refused() -> None:
    tracker = TradeTracker.fresh()
    tracker.start_trade("AAPL", "BUY")
    with pytest.raises(ValueError, match="active BUY trade"):
        tracker.start_trade("AAPL", "SELL")
    with pytest.raises(ValueError, match="'BUY' or 'SELL'"):
        tracker.start_trade("MSFT", "LONG")


def test_what_is_tracked_survives_a_restart() -> None:
    before = TradeTracker.fresh()
    before.start_trade("AAPL", "BUY")
    before.start_trade("MSFT", "SELL")
    before.close_trade("AAPL")
    after = TradeTracker.fresh()
    after.restore(before.state())
    assert after.state() == before.state()
    assert after.has_active_trade("MSFT")
    assert not after.has_active_trade("AAPL")


def test_there_is_one_tracker_a_runtime_and_one_outside() -> None:
    class Port:
        def __init__(self) -> None:
            self.trade_tracker = TradeTracker.fresh()

    one, other = Port(), Port()
    with running(one):  # type: ignore[arg-type]  # only the tracker is asked for here
        TradeTracker().start_trade("AAPL", "BUY")
        assert TradeTracker() is TradeTracker() is one.trade_tracker
    with running(other):  # type: ignore[arg-type]
        assert not TradeTracker().has_active_trade("AAPL")
    assert TradeTracker() is TradeTracker()
    assert TradeTracker() is not one.trade_tracker
    assert not TradeTracker().has_active_trade("AAPL")
