"""The small read-only view that an expression sees beside its event.

Evaluation asks; it never reaches into the board, the books or the configuration. Whoever drives it (the engine, a
test, a backtest) answers these few questions, and answers None for what is not known: never a sentinel number, never
an infinity.
"""

from __future__ import annotations

from typing import Protocol


class Facts(Protocol):
    """What a condition, a size, a distance or a text may ask beyond its event."""

    def quote(self, name: str, symbol: str) -> float | None:
        """`last`, `bid`, `ask` or `spread` of a symbol, in its currency."""

    def indicator(self, symbol: str, name: str, arguments: tuple[float, ...], timeframe: float | None) -> float | None:
        """An indicator over completed bars; timeframe in seconds, None for the rule's own."""

    def equity(self) -> float | None:
        """The account's equity in its currency."""
