"""Conditions on the fields of the event, the position, the market, and on the clock.

Each takes `field_conditions`: for a field's name a value that it must equal, a collection it must be in, or a function
of the value. A field that is not known makes the condition unknown; a name that can never be known is refused when the
condition is made.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import attrs

from ..checks import is_kind_of
from ..context import find_runtime
from ..core.records import ValueText
from ..event.api import PredictionSignalEvent
from ..event.base import BaseEvent
from ..event.market import MarketEvent, PriceEvent, QuoteEvent
from ..market.hours import NEW_YORK
from .condition_base import NOTHING, Condition, Context, EventTypes, facts_now, fields_truth, shown_value
from .truth import UNKNOWN, TernaryValue

SymbolChoice = str | Callable[[Context], str] | None


def _fields(given: Mapping[str, Any] | None) -> dict[str, Any]:
    return dict(NOTHING if given is None else given)


class EventCondition(Condition):
    """True for events of a type whose fields are as wanted.

    Raises:
        TypeError: not an event type.
        ValueError: a field that events of this type do not have. A prediction signal may carry fields of its own, so
            there any name is taken.
    """

    def __init__(self, event_type: type[BaseEvent], field_conditions: Mapping[str, Any] | None = None) -> None:
        if not is_kind_of(event_type, BaseEvent):
            raise TypeError(f"not an event type: {event_type!r}")
        self.event_type = event_type
        self.field_conditions = _fields(field_conditions)
        if not issubclass(event_type, PredictionSignalEvent):
            known = {name for name in dir(event_type) if not name.startswith("_")}
            _check_names(self.field_conditions, known, event_type.__name__)

    async def evaluate(self, context: Context) -> TernaryValue:
        event = context.get("event")
        if not isinstance(event, self.event_type):
            return False
        return fields_truth(self.field_conditions, lambda name: _event_field(event, name))

    @property
    def event_types(self) -> EventTypes:
        return (self.event_type,)

    def values(self, context: Context) -> dict[str, ValueText]:
        event = context.get("event")
        return {name: shown_value(_event_field(event, name)) for name in self.field_conditions}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, EventCondition):
            return NotImplemented
        return self.event_type is other.event_type and self.field_conditions == other.field_conditions

    def __hash__(self) -> int:
        return hash((self.event_type, *self.field_conditions))

    def __repr__(self) -> str:
        return f"EventCondition({self.event_type.__name__}, {self.field_conditions!r})"


def _event_field(event: Any, name: str) -> Any:
    own = getattr(event, name, None)
    if own is None and isinstance(event, PredictionSignalEvent):
        return event.fields.get(name)
    return own


class PositionCondition(Condition):
    """True for a symbol with a trade whose fields are as wanted; without fields, for any trade.

    `symbol` is a symbol, a function of the context, or None for the event's. Fields: `side` (`BUY`, `SELL`, or `flat`
    without a trade), `quantity` (0 without one), `entry_price`, `status`, `atr_stop_multiplier`, any list of linked
    orders (`stop_orders`), and what the trade gains at the last price: `profit` as a fraction of the entry, `pnl` in
    currency. Without a trade everything but side and quantity is unknown.
    """

    NAMES = frozenset({"side", "quantity", "entry_price", "status", "atr_stop_multiplier", "profit", "pnl"})

    def __init__(self, symbol: SymbolChoice = None, field_conditions: Mapping[str, Any] | None = None) -> None:
        self.symbol = symbol
        self.field_conditions = _fields(field_conditions)
        own = {name for name in self.field_conditions if not name.endswith("_orders")}
        _check_names(own, self.NAMES, "a position")

    async def evaluate(self, context: Context) -> TernaryValue:
        symbol = _symbol(self.symbol, context)
        if symbol is None:
            return UNKNOWN
        if not self.field_conditions:
            return _trade(context, symbol) is not None
        return fields_truth(self.field_conditions, lambda name: self._value(context, symbol, name))

    def values(self, context: Context) -> dict[str, ValueText]:
        symbol = _symbol(self.symbol, context)
        if symbol is None:
            return {f"position.{name}": None for name in self.field_conditions}
        return {f"position.{name}": shown_value(self._value(context, symbol, name)) for name in self.field_conditions}

    def _value(self, context: Context, symbol: str, name: str) -> Any:
        trade = _trade(context, symbol)
        if trade is None:
            return {"side": "flat", "quantity": 0}.get(name)
        if name not in ("profit", "pnl"):
            return trade.get(name)
        entry, price = trade.get("entry_price"), _last_price(context, symbol)
        if entry is None or price is None:
            return None
        gain = (price - entry) * (1 if trade.get("side") == "BUY" else -1)
        return gain / entry if name == "profit" else gain * trade.get("quantity", 0)


class MarketCondition(Condition):
    """True for a symbol whose market is as wanted; without fields, for one that has a price.

    `symbol` is a symbol, a function of the context, or None for the event's. Fields, in currency: `last` (or `price`),
    `bid`, `ask`, `spread`. Outside a runtime only what the event itself says is known.
    """

    NAMES = frozenset({"last", "price", "bid", "ask", "spread"})

    def __init__(self, symbol: SymbolChoice = None, field_conditions: Mapping[str, Any] | None = None) -> None:
        self.symbol = symbol
        self.field_conditions = _fields(field_conditions)
        _check_names(self.field_conditions, self.NAMES, "a market")

    async def evaluate(self, context: Context) -> TernaryValue:
        symbol = _symbol(self.symbol, context)
        if symbol is None:
            return UNKNOWN
        if not self.field_conditions:
            return _last_price(context, symbol) is not None
        return fields_truth(self.field_conditions, lambda name: _market_value(context, symbol, name))

    def values(self, context: Context) -> dict[str, ValueText]:
        symbol = _symbol(self.symbol, context)
        if symbol is None:
            return dict.fromkeys(self.field_conditions)
        return {name: _market_value(context, symbol, name) for name in self.field_conditions}


_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@attrs.frozen(init=False)
class TimeCondition(Condition):
    """True inside a window of the day, exchange time, on the weekdays given.

    `start` is included, `end` excluded; an end before the start runs past midnight and belongs to the day it began.
    Both are `datetime.time` or text like `09:35` or `15:59:30`; None is midnight. `weekdays` are numbers from 0 for
    Monday, or names (`mon`, `Monday`); None is every day.

    Raises:
        ValueError: a text that is no time of day, start and end the same, or no such weekday.
    """

    start: int
    end: int
    weekdays: frozenset[int]

    def __init__(
        self,
        start: time | str | None = None,
        end: time | str | None = None,
        weekdays: Collection[int | str] | None = None,
    ) -> None:
        first = 0 if start is None else _seconds(start)
        last = 24 * 3600 if end is None else _seconds(end)
        if first == last:
            raise ValueError("start and end are the same: is that always, or never?")
        days = range(7) if weekdays is None else (_weekday(day) for day in weekdays)
        self.__attrs_init__(first, last, frozenset(days))

    async def evaluate(self, context: Context) -> TernaryValue:
        now = _now(context)
        if now is None:
            return UNKNOWN
        local = (_EPOCH + timedelta(microseconds=now)).astimezone(ZoneInfo(NEW_YORK))
        second = local.hour * 3600 + local.minute * 60 + local.second
        day = local.weekday()
        if self.start < self.end:
            return self.start <= second < self.end and day in self.weekdays
        if second >= self.start:
            return day in self.weekdays
        return second < self.end and (day - 1) % 7 in self.weekdays


def _now(context: Context) -> int | None:
    port = find_runtime()
    return port.now() if port is not None else getattr(context.get("event"), "time", None)


def _seconds(value: time | str) -> int:
    if isinstance(value, str):
        try:
            value = time.fromisoformat(value)
        except ValueError:
            raise ValueError(f"not a time of day: {value!r}; write it like 09:35 or 15:59:30") from None
    if value.tzinfo is not None:
        raise ValueError(f"a time of day is exchange time and has no zone of its own: {value!r}")
    return value.hour * 3600 + value.minute * 60 + value.second


def _weekday(value: int | str) -> int:
    if isinstance(value, int) and 0 <= value <= 6:
        return value
    if isinstance(value, str) and len(value) >= 3:
        for number, name in enumerate(_WEEKDAYS):
            if name.startswith(value.lower()):
                return number
    raise ValueError(f"not a weekday: {value!r}; 0 is Monday, or write its name")


def _symbol(choice: SymbolChoice, context: Context) -> str | None:
    if callable(choice):
        return choice(context)
    return choice if choice is not None else getattr(context.get("event"), "symbol", None)


def _trade(context: Context, symbol: str) -> Mapping[str, Any] | None:
    trade = context.get(symbol)
    return trade if isinstance(trade, Mapping) and trade.get("status") != "closed" else None


def _last_price(context: Context, symbol: str) -> float | None:
    return _market_value(context, symbol, "last")


def _market_value(context: Context, symbol: str, name: str) -> float | None:
    known = facts_now().quote("last" if name == "price" else name, symbol)
    if known is not None:
        return known
    event = context.get("event")
    if not isinstance(event, MarketEvent) or event.symbol != symbol:
        return None
    if isinstance(event, QuoteEvent):
        return {"bid": event.bid, "ask": event.ask, "spread": event.ask - event.bid}.get(name, event.price)
    return event.price if isinstance(event, PriceEvent) and name in ("last", "price") else None


def _check_names(names: Iterable[str], known: Collection[str], of: str) -> None:
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"{of} has no field {name!r}{hint}")
