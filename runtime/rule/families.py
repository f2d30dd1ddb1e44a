"""Which events a trigger is about, and of which kind: what the index sorts rules by.

A kind is a short text that rule and event agree on: a signal's word, a bar's timeframe in microseconds, the turn of a
position or an order, what the clock is set to. A trigger without a kind means every kind of its events.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping

from ...dsl.plan import (
    BarTrigger,
    BrokerTrigger,
    ClockTrigger,
    EveryTrigger,
    MarketTrigger,
    OrderTrigger,
    PositionTrigger,
    PriceTrigger,
    Rule,
    SignalTrigger,
    StartTrigger,
    TimeTrigger,
    Trigger,
    VolumeTrigger,
    symbols_of,
)
from ..event.happenings import ClockTick, OrderTurn, PositionTurn, Started
from ..event.inputs import Bar, BrokerLink, Price, Quote, Signal
from .schedules import schedule_of


class Family(enum.Enum):
    """A group of events that the same triggers mean."""

    SIGNAL = "signal"
    PRICE = "price"
    BAR = "bar"
    POSITION = "position"
    ORDER = "order"
    CLOCK = "clock"
    START = "start"
    BROKER = "broker"


FAMILIES: Mapping[type, Family] = {
    Signal: Family.SIGNAL,
    Price: Family.PRICE,
    Quote: Family.PRICE,
    Bar: Family.BAR,
    PositionTurn: Family.POSITION,
    OrderTurn: Family.ORDER,
    ClockTick: Family.CLOCK,
    Started: Family.START,
    BrokerLink: Family.BROKER,
}

_OF_TRIGGER: Mapping[type, Family] = {
    SignalTrigger: Family.SIGNAL,
    PriceTrigger: Family.PRICE,
    VolumeTrigger: Family.PRICE,
    BarTrigger: Family.BAR,
    PositionTrigger: Family.POSITION,
    OrderTrigger: Family.ORDER,
    TimeTrigger: Family.CLOCK,
    EveryTrigger: Family.CLOCK,
    MarketTrigger: Family.CLOCK,
    StartTrigger: Family.START,
    BrokerTrigger: Family.BROKER,
}


def family_of(trigger: Trigger) -> Family:
    return _OF_TRIGGER[type(trigger)]


def kinds_of(rule: Rule) -> tuple[str, ...] | None:
    """The kinds of event that a rule's trigger means; None for every kind of its family."""
    match rule.trigger:
        case SignalTrigger(kinds):
            return kinds or None
        case VolumeTrigger():
            return ("volume",)
        case BarTrigger(timeframe):
            return None if timeframe is None else (str(round(timeframe * 1_000_000)),)
        case PositionTrigger(moment) | OrderTrigger(moment) | BrokerTrigger(moment):
            return (moment.value,)
        case TimeTrigger() | EveryTrigger() | MarketTrigger():
            return (schedule_of(rule),)
        case PriceTrigger() | StartTrigger():
            return None


NO_SYMBOL = ""
"""What stands for the symbol of a tick that has none."""


def symbols_for(trigger: Trigger) -> tuple[str, ...] | None:
    """The symbols of the events that a trigger means, None for any.

    The clock ticks once for each symbol of its `of`; a rule without one means the tick that has no symbol.
    """
    if isinstance(trigger, ClockTrigger) and trigger.of is None:
        return (NO_SYMBOL,)
    return symbols_of(trigger)
