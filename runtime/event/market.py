"""Market data as events. Prices are floats in the contract's currency, as they were read."""

from __future__ import annotations

import math

import attrs

from .base import BaseEvent, require_text


def _check_price(price: float, name: str) -> None:
    if not (math.isfinite(price) and price > 0):
        raise ValueError(f"a {name} must be a number above 0, not {price!r}")


@attrs.frozen(kw_only=True)
class MarketEvent(BaseEvent):
    """Market data of one symbol."""

    symbol: str

    def __attrs_post_init__(self) -> None:
        require_text(self.symbol, "symbol")


@attrs.frozen(kw_only=True)
class PriceEvent(MarketEvent):
    """A price: that of a trade, with its size where it is known."""

    price: float
    size: float | None = None

    def __attrs_post_init__(self) -> None:
        require_text(self.symbol, "symbol")
        _check_price(self.price, "price")


def _midpoint(quote: QuoteEvent) -> float:
    return (quote.bid + quote.ask) / 2


@attrs.frozen(kw_only=True)
class QuoteEvent(PriceEvent):
    """A bid and an ask; its price is the midpoint, so that it fires whatever waits for prices."""

    bid: float
    ask: float
    price: float = attrs.field(default=attrs.Factory(_midpoint, takes_self=True))


@attrs.frozen(kw_only=True)
class VolumeEvent(MarketEvent):
    """A volume print: shares that were traded, at which price where it is known."""

    volume: float
    price: float | None = None

    @property
    def size(self) -> float:
        """The same as `volume`, under the name that the rule language uses."""
        return self.volume


@attrs.frozen(kw_only=True)
class BarEvent(MarketEvent):
    """A completed bar; `timeframe` in microseconds."""

    open: float
    high: float
    low: float
    close: float
    volume: float
    timeframe: int
