"""What the exchange has seen of the market: the latest prices, and where in which event it stands now."""

from __future__ import annotations

from typing import Protocol

import attrs


class Hours(Protocol):
    """The trading calendar, as far as an exchange needs it. Times in microseconds since 1970 UTC."""

    def is_open(self, now: int) -> bool: ...

    def next_open(self, now: int) -> int:
        """The first open strictly after now."""
        ...

    def session_close(self, now: int) -> int:
        """The close of the session that contains now, else of the next one."""
        ...


@attrs.define
class Tape:
    """`prices` holds what a buyer and a seller would get, by symbol, in micros.

    `event` counts market events. While a bar is walked, `walking` is its symbol and `inside` is true once its open is
    behind. `ticked` are the symbols that have had a price or quote: bars no longer fill them.
    """

    prices: dict[str, tuple[int, int]] = attrs.field(factory=dict)
    ticked: set[str] = attrs.field(factory=set)
    event: int = 0
    walking: str | None = None
    inside: bool = False

    def price_for(self, symbol: str, sign: int) -> int | None:
        """What a buyer (+1) or a seller (-1) would get now, or None where no price is known."""
        prices = self.prices.get(symbol)
        if prices is None:
            return None
        price = prices[0] if sign > 0 else prices[1]
        return price if price > 0 else None

    def alive_inside_now(self, symbol: str) -> int:
        """For an order that comes alive now: the bar inside which that happens, or -1."""
        return self.event if self.inside and self.walking == symbol else -1
