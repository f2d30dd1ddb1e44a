"""Between the sequencer's records and the events that hand-built rules and outside handlers know.

Inputs become events before hand-built rules are tried on them; what a step did becomes events for the bus; an event
that somebody emits becomes an input where the sequencer has one for it. Prices are micros on the one side and floats on
the other.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...dsl.plan import OrderMoment, PositionMoment
from ..core.records import FillRecord, OrderRecord, OrderState, PositionChange, PositionRecord, Record
from ..event.api import PredictionSignalEvent
from ..event.base import BaseEvent
from ..event.happenings import ClockTick, Started
from ..event.inputs import Bar, BrokerLink, LinkEvent, OutsideInput, Price, Quote, Signal
from ..event.market import BarEvent, PriceEvent, QuoteEvent, VolumeEvent
from ..event.order import (
    FillEvent,
    OrderCancelledEvent,
    OrderCreatedEvent,
    OrderEvent,
    OrderFilledEvent,
    OrderRejectedEvent,
    OrderSubmittedEvent,
)
from ..event.position import PositionCloseEvent, PositionEvent, PositionOpenEvent, PositionUpdateEvent
from ..event.system import ClockEvent, ConnectionEvent, StartEvent
from ..numbers import to_float

POSITION_EVENTS: Mapping[PositionMoment, type[PositionEvent]] = {
    PositionMoment.OPENED: PositionOpenEvent,
    PositionMoment.UPDATED: PositionUpdateEvent,
    PositionMoment.CLOSED: PositionCloseEvent,
}
ORDER_EVENTS: Mapping[OrderMoment, type[OrderEvent]] = {
    OrderMoment.CREATED: OrderCreatedEvent,
    OrderMoment.SUBMITTED: OrderSubmittedEvent,
    OrderMoment.FILLED: OrderFilledEvent,
    OrderMoment.CANCELLED: OrderCancelledEvent,
    OrderMoment.REJECTED: OrderRejectedEvent,
}


def events_of_input(item: object) -> tuple[BaseEvent, ...]:
    """The events that an input is: a price with a size is a volume print too; faults are none."""
    match item:
        case Signal():
            return (
                PredictionSignalEvent(
                    time=item.time,
                    symbol=item.symbol,
                    signal=item.signal,
                    confidence=item.confidence,
                    price=item.price,
                    source=item.source,
                    id=item.id,
                    fields=item.fields,
                ),
            )
        case Price():
            price = PriceEvent(time=item.time, symbol=item.symbol, price=item.price, size=item.size)
            if item.size is None:
                return (price,)
            return (price, VolumeEvent(time=item.time, symbol=item.symbol, volume=item.size, price=item.price))
        case Quote():
            return (QuoteEvent(time=item.time, symbol=item.symbol, bid=item.bid, ask=item.ask),)
        case Bar():
            return (
                BarEvent(
                    time=item.end,
                    symbol=item.symbol,
                    open=item.open,
                    high=item.high,
                    low=item.low,
                    close=item.close,
                    volume=item.volume,
                    timeframe=item.timeframe,
                ),
            )
        case BrokerLink():
            return (ConnectionEvent(time=item.time, connected=item.event is LinkEvent.CONNECTED),)
        case Started():
            return (StartEvent(time=item.time),)
        case ClockTick():
            return (
                ClockEvent(time=item.time, schedule=item.schedule, symbol=item.symbol, due=item.due, late=item.late),
            )
        case _:
            return ()


def input_of(event: BaseEvent, now: int) -> OutsideInput | None:
    """The sequencer's input for an event that somebody emitted; None for one that concerns hand-built rules only.

    An event without a time gets `now`, in microseconds since 1970 UTC.
    """
    time = now if event.time is None else event.time
    match event:
        case PredictionSignalEvent():
            return Signal(
                time=time,
                symbol=event.symbol,
                signal=event.signal,
                confidence=event.confidence,
                price=event.price,
                source=event.source,
                id=event.id,
                fields=event.fields,
            )
        case QuoteEvent():
            return Quote(time=time, symbol=event.symbol, bid=event.bid, ask=event.ask)
        case PriceEvent():
            return Price(time=time, symbol=event.symbol, price=event.price, size=event.size)
        case VolumeEvent() if event.price is not None:
            return Price(time=time, symbol=event.symbol, price=event.price, size=event.volume)
        case _:
            return None


def events_of_record(record: Record) -> tuple[BaseEvent, ...]:
    """The events that a step's record tells: of orders, fills and positions; decisions and notices are none."""
    match record:
        case OrderRecord():
            return _order_events(record)
        case FillRecord():
            return (
                FillEvent(
                    time=record.time,
                    order_id=record.order,
                    symbol=record.symbol,
                    side=record.side.value,
                    quantity=record.quantity,
                    price=to_float(record.price),
                    commission=to_float(record.commission),
                ),
            )
        case PositionRecord():
            return (_position_event(record),)
        case _:
            return ()


def _order_events(record: OrderRecord) -> tuple[OrderEvent, ...]:
    def build(event_type: type[OrderEvent], **values: str | int) -> OrderEvent:
        return event_type(
            time=record.time,
            order_id=record.id,
            symbol=record.symbol,
            quantity=record.quantity,
            side=record.side.value,
            order_type=record.order_type.value,
            role=record.role,
            **values,
        )

    match record.status:
        case OrderState.SUBMITTED:
            return (build(OrderCreatedEvent), build(OrderSubmittedEvent))
        case OrderState.FILLED:
            return (build(OrderFilledEvent),)
        case OrderState.CANCELLED:
            return (build(OrderCancelledEvent, filled=record.filled, reason=record.reason or ""),)
        case OrderState.EXPIRED:
            return (build(OrderCancelledEvent, filled=record.filled, reason="expired"),)
        case OrderState.REJECTED:
            return (build(OrderRejectedEvent, reason=record.reason or ""),)
        case _:
            return ()


def _position_event(record: PositionRecord) -> BaseEvent:
    quantity, pnl = record.quantity * record.side.sign, to_float(record.pnl)
    if record.event is PositionChange.OPENED:
        return PositionOpenEvent(
            time=record.time,
            symbol=record.symbol,
            position_id=record.trade,
            quantity=quantity,
            entry_price=record.entry_price,
        )
    if record.event is PositionChange.UPDATED:
        return PositionUpdateEvent(
            time=record.time,
            symbol=record.symbol,
            position_id=record.trade,
            quantity=quantity,
            entry_price=record.entry_price,
            pnl=pnl,
        )
    return PositionCloseEvent(
        time=record.time,
        symbol=record.symbol,
        position_id=record.trade,
        quantity=quantity,
        entry_price=record.entry_price,
        reason=record.reason or "manual",
        detail=record.detail,
        pnl=pnl,
    )
