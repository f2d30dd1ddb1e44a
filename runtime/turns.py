"""What a rule fired on, as the event that Python code knows.

Signals, prices and the like are one by themselves. A turn of an order or a position is told by a record of the same
step; turns and records of a kind follow each other in the same order, so that each turn finds its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import attrs

from .core.records import OrderRecord, PositionRecord
from .event.base import BaseEvent
from .event.happenings import OrderTurn, PositionTurn
from .event.inputs import Price
from .event.market import VolumeEvent
from .event.order import OrderFilledEvent
from .event.position import PositionCloseEvent
from .rule.bridge import ORDER_EVENTS, POSITION_EVENTS, events_of_input, events_of_record
from .trade.desk import Desk, TradeTurn

T = TypeVar("T")


def event_of(item: object, desk: Desk, *, volume: bool = False) -> BaseEvent | None:
    """The event that Python code is given for what a rule fired on; None where there is none.

    `volume` asks for the volume print that a price with a size is, too.
    """
    match item:
        case OrderTurn():
            return _of_order(item, desk)
        case PositionTurn():
            return _of_position(item, desk)
        case BaseEvent():
            return item
        case _:
            events = events_of_input(item)
            if volume and isinstance(item, Price):
                return next((event for event in events if isinstance(event, VolumeEvent)), None)
            return events[0] if events else None


def _of_order(turn: OrderTurn, desk: Desk) -> BaseEvent | None:
    wanted = ORDER_EVENTS[turn.moment]
    told = [
        event
        for record in desk.records
        if isinstance(record, OrderRecord) and record.symbol == turn.symbol and record.role == turn.role
        for event in events_of_record(record)
        if isinstance(event, wanted)
    ]
    after = sum(
        1
        for other in desk.happened
        if isinstance(other, OrderTurn)
        and (other.symbol, other.role, other.moment) == (turn.symbol, turn.role, turn.moment)
    )
    found = _before_the_last(told, after)
    return attrs.evolve(found, fill_price=turn.fill_price) if isinstance(found, OrderFilledEvent) else found


def _of_position(turn: PositionTurn, desk: Desk) -> BaseEvent | None:
    wanted = POSITION_EVENTS[turn.moment]
    told = [
        event
        for record in desk.records
        if isinstance(record, PositionRecord) and record.symbol == turn.symbol
        for event in events_of_record(record)
        if isinstance(event, wanted)
    ]
    after = sum(
        1
        for other in desk.happened
        if isinstance(other, TradeTurn) and (other.trade.symbol, other.moment) == (turn.symbol, turn.moment)
    )
    found = _before_the_last(told, after)
    held = turn.before.get("quantity")
    if not isinstance(found, PositionCloseEvent) or not isinstance(held, float):
        return found
    return attrs.evolve(found, quantity=int(held) if turn.before.get("side") == "long" else -int(held))


def _before_the_last(told: Sequence[T], after: int) -> T | None:
    """The one that `after` more of its kind follow."""
    return told[-1 - after] if len(told) > after else None
