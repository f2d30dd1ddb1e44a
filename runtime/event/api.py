"""Events from outside sources of signals."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from .base import BaseEvent, require_text
from .inputs import NO_FIELDS, FieldValue


@attrs.frozen(kw_only=True)
class PredictionSignalEvent(BaseEvent):
    """A prediction signal: BUY, SELL, SHORT, or any other word.

    `confidence` is a fraction 0..1, None where the source knows none. `price` is in the contract's currency. `fields`
    holds what the signal carries beyond the standard fields, by name.

    Raises:
        ValueError: symbol or signal is empty, or the confidence is outside 0..1.
    """

    symbol: str
    signal: str
    confidence: float | None
    price: float | None = None
    source: str = ""
    id: str | None = None
    fields: Mapping[str, FieldValue] = attrs.field(default=NO_FIELDS, hash=False)

    def __attrs_post_init__(self) -> None:
        require_text(self.symbol, "symbol")
        require_text(self.signal, "signal")
        if self.confidence is not None and not 0 <= self.confidence <= 1:
            raise ValueError(f"confidence is a fraction 0..1, not {self.confidence!r}: 80% is 0.8")
        if self.price is not None and not self.price > 0:
            raise ValueError(f"a signal's price must be above 0, not {self.price!r}")
