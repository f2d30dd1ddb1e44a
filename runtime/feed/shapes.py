"""The shape of each kind of line: its keys and their types, as msgspec reads them."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class SignalLine(msgspec.Struct, tag_field="type", tag="signal", forbid_unknown_fields=True):
    symbol: str
    signal: str
    time: str | None = None
    id: str | None = None
    source: str = ""
    confidence: float | None = None
    price: float | None = None
    fields: dict[str, float | bool | str | None] | None = None


class PriceLine(msgspec.Struct, tag_field="type", tag="price", forbid_unknown_fields=True):
    time: str
    symbol: str
    price: float
    size: float | None = None


class QuoteLine(msgspec.Struct, tag_field="type", tag="quote", forbid_unknown_fields=True):
    time: str
    symbol: str
    bid: float
    ask: float


class BarLine(msgspec.Struct, tag_field="type", tag="bar", forbid_unknown_fields=True):
    time: str
    symbol: str
    open: float
    high: float
    low: float
    close: float
    volume: float
    timeframe: str | None = None


class BrokerLine(msgspec.Struct, tag_field="type", tag="broker", forbid_unknown_fields=True):
    time: str
    event: str


class FaultLine(msgspec.Struct, tag_field="type", tag="fault", forbid_unknown_fields=True):
    time: str
    event: str
    reason: str = ""
    order: str | None = None
    quantity: int | None = None


Line = SignalLine | PriceLine | QuoteLine | BarLine | BrokerLine | FaultLine
LINES: Mapping[str, type[msgspec.Struct]] = {
    "signal": SignalLine,
    "price": PriceLine,
    "quote": QuoteLine,
    "bar": BarLine,
    "broker": BrokerLine,
    "fault": FaultLine,
}
