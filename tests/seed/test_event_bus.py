"""The event bus, free and driven."""

from __future__ import annotations

import asyncio
import logging

import pytest

from rulec.runtime.event.api import PredictionSignalEvent
from rulec.runtime.event.base import BaseEvent
from rulec.runtime.event.bus import EventBus
from rulec.runtime.event.market import BarEvent, PriceEvent, QuoteEvent, VolumeEvent
from rulec.runtime.event.order import FillEvent, OrderEvent
from rulec.runtime.event.position import PositionCloseEvent, PositionOpenEvent

PRICE = PriceEvent(symbol="AAPL", price=150.0)
SIGNAL = PredictionSignalEvent(symbol="AAPL", signal="BUY", confidence=0.9)
FILL = FillEvent(order_id="1", symbol="AAPL", quantity=100, side="BUY", price=150.0)


@pytest.mark.parametrize(
    ("wanted", "emitted", "heard"),
    [
        (PriceEvent, PRICE, True),
        (PriceEvent, SIGNAL, False),
        (PriceEvent, QuoteEvent(symbol="AAPL", bid=1.0, ask=2.0), True),
        (OrderEvent, FILL, True),
        (BaseEvent, FILL, True),
        (FillEvent, PRICE, False),
    ],
)
def test_a_handler_hears_its_type_and_what_derives_from_it(
    wanted: type[BaseEvent], emitted: BaseEvent, heard: bool
) -> None:
    events: list[BaseEvent] = []

    async def run() -> None:
        bus = EventBus()
        await bus.subscribe(wanted, events.append)
        await bus.emit(emitted)

    asyncio.run(run())
    assert events == ([emitted] if heard else [])


def test_emit_has_awaited_every_handler_in_the_order_of_subscription() -> None:
    heard: list[str] = []

    async def slow(event: BaseEvent) -> None:
        await asyncio.sleep(0)
        heard.append("slow")

    async def run() -> None:
        bus = EventBus()
        await bus.subscribe(BaseEvent, slow)
        await bus.subscribe(BaseEvent, lambda event: heard.append("quick"))
        await bus.emit(PRICE)

    asyncio.run(run())
    assert heard == ["slow", "quick"]


def test_a_handler_subscribed_twice_hears_once_and_after_unsubscribing_nothing() -> None:
    heard: list[BaseEvent] = []

    async def run() -> None:
        bus = EventBus()
        await bus.subscribe(PriceEvent, heard.append)
        await bus.subscribe(PriceEvent, heard.append)
        await bus.emit(PRICE)
        await bus.unsubscribe(PriceEvent, heard.append)
        await bus.unsubscribe(PriceEvent, heard.append)
        await bus.emit(PRICE)

    asyncio.run(run())
    assert heard == [PRICE]


def test_a_handler_that_raises_is_logged_with_its_event_and_the_others_hear_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    heard: list[BaseEvent] = []

    def broken(event: BaseEvent) -> None:
        raise LookupError("no such book")

    async def run() -> None:
        bus = EventBus()
        await bus.subscribe(PriceEvent, broken)
        await bus.subscribe(PriceEvent, heard.append)
        await bus.emit(PRICE)

    with caplog.at_level(logging.ERROR):
        asyncio.run(run())
    assert heard == [PRICE]
    assert "symbol='AAPL'" in caplog.text
    assert "no such book" in caplog.text


@pytest.mark.parametrize("event_type", [int, "PriceEvent", None, PRICE])
def test_only_event_types_can_be_subscribed_to(event_type: object) -> None:
    with pytest.raises(TypeError, match="not an event type"):
        EventBus().connect(event_type, print)  # type: ignore[arg-type]


def test_only_events_can_be_emitted_and_only_functions_handle_them() -> None:
    with pytest.raises(TypeError, match="only events"):
        asyncio.run(EventBus().emit("AAPL"))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="function of one event"):
        EventBus().connect(PriceEvent, "handler")  # type: ignore[arg-type]


class Driver:
    """A stand-in for a runtime: it keeps what was emitted."""

    def __init__(self) -> None:
        self.inputs: list[BaseEvent] = []

    def emit(self, event: BaseEvent) -> None:
        self.inputs.append(event)

    def register_rule(self, rule: object) -> None:
        raise AssertionError("a bus registers no rules")

    def unregister_rule(self, rule_id: str) -> None:
        raise AssertionError("a bus registers no rules")


def test_on_a_driven_bus_emit_makes_an_input_and_calls_no_handler() -> None:
    bus, driver = EventBus(), Driver()
    bus.driver = driver
    heard: list[BaseEvent] = []
    bus.connect(PriceEvent, heard.append)
    asyncio.run(bus.emit(PRICE))
    assert driver.inputs == [PRICE]
    assert heard == []


def test_a_published_event_waits_for_its_handlers_where_no_loop_runs() -> None:
    bus = EventBus()
    heard: list[BaseEvent] = []
    bus.connect(PriceEvent, heard.append)
    bus.publish(PRICE)
    bus.publish(SIGNAL)
    assert heard == []
    asyncio.run(bus.drain())
    assert heard == [PRICE]


def test_a_slow_handler_holds_nobody_up_and_loses_no_event() -> None:
    quick: list[BaseEvent] = []
    slow: list[BaseEvent] = []
    gate = asyncio.Event()

    async def waits(event: BaseEvent) -> None:
        await gate.wait()
        slow.append(event)

    async def run() -> None:
        bus = EventBus()
        bus.connect(PriceEvent, waits)
        bus.connect(PriceEvent, quick.append)
        for number in range(1, 4):
            bus.publish(PriceEvent(symbol="AAPL", price=float(number)))
        for _ in range(5):
            await asyncio.sleep(0)
        assert [event.price for event in quick if isinstance(event, PriceEvent)] == [1.0, 2.0, 3.0]
        assert slow == []
        gate.set()
        await bus.drain()

    asyncio.run(run())
    assert slow == quick


def test_a_queue_that_is_full_drops_the_newest_and_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    bus = EventBus(queue_size=2)
    heard: list[BaseEvent] = []
    bus.connect(PriceEvent, heard.append)
    events = [PriceEvent(symbol="AAPL", price=float(number)) for number in range(1, 6)]
    with caplog.at_level(logging.WARNING):
        for event in events:
            bus.publish(event)
    asyncio.run(bus.drain())
    assert heard == events[:2]
    assert bus.dropped == 3
    assert caplog.text.count("is full") == 1


def test_a_queue_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        EventBus(queue_size=0)


# ---- events ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event_type", "values", "message"),
    [
        (PredictionSignalEvent, {"symbol": "", "signal": "BUY", "confidence": 0.9}, "symbol"),
        (PredictionSignalEvent, {"symbol": "AAPL", "signal": "", "confidence": 0.9}, "signal"),
        (PredictionSignalEvent, {"symbol": "AAPL", "signal": "BUY", "confidence": 80}, "80% is 0.8"),
        (PredictionSignalEvent, {"symbol": "AAPL", "signal": "BUY", "confidence": 0.8, "price": 0.0}, "above 0"),
        (PriceEvent, {"symbol": "AAPL", "price": 0.0}, "above 0"),
        (PriceEvent, {"symbol": "AAPL", "price": float("nan")}, "above 0"),
        (PriceEvent, {"symbol": "", "price": 1.0}, "symbol"),
        (FillEvent, {"symbol": "AAPL", "order_id": "", "price": 1.0}, "order_id"),
        (PositionOpenEvent, {"symbol": ""}, "symbol"),
    ],
)
def test_an_event_that_makes_no_sense_is_refused(
    event_type: type[BaseEvent], values: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        event_type(**values)  # type: ignore[arg-type]


def test_events_are_built_by_keyword_and_never_change() -> None:
    with pytest.raises(TypeError):
        PriceEvent("AAPL", 150.0)  # type: ignore[call-arg, arg-type]
    with pytest.raises(AttributeError):
        PRICE.price = 151.0  # type: ignore[misc]


def test_a_signal_needs_symbol_kind_and_confidence_and_has_defaults_for_the_rest() -> None:
    assert (SIGNAL.time, SIGNAL.price, SIGNAL.source, SIGNAL.id, SIGNAL.fields) == (None, None, "", None, {})
    with pytest.raises(TypeError):
        PredictionSignalEvent(symbol="AAPL", signal="BUY")  # type: ignore[call-arg]


def test_a_quote_is_a_price_at_its_midpoint() -> None:
    assert QuoteEvent(symbol="AAPL", bid=150.0, ask=150.5).price == 150.25


def test_a_volume_print_has_a_size_and_a_bar_its_span() -> None:
    assert VolumeEvent(symbol="AAPL", volume=300.0).size == 300.0
    bar = BarEvent(symbol="AAPL", open=1.0, high=2.0, low=0.5, close=1.5, volume=10.0, timeframe=60_000_000)
    assert bar.timeframe == 60_000_000


@pytest.mark.parametrize(("quantity", "side"), [(100, "BUY"), (-100, "SELL"), (0, "flat")])
def test_the_side_of_a_position_event_is_that_of_its_quantity(quantity: int, side: str) -> None:
    assert PositionCloseEvent(symbol="AAPL", quantity=quantity).side == side
