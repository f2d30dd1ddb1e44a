"""The small read-only view that an expression sees beside its event.

Evaluation asks; it never reaches into the board, the books or the configuration. Whoever drives it (the engine, a
test, a backtest) answers these few questions, and answers None for what is not known: never a sentinel number, never
an infinity.
"""

from __future__ import annotations

from typing import Protocol

from ...dsl.plan import Kind


class Facts(Protocol):
    """What a condition, a size, a distance or a text may ask beyond its event."""

    def quote(self, name: str, symbol: str) -> float | None:
        """`last`, `bid`, `ask` or `spread` of a symbol, in its currency."""

    def indicator(
        self, symbol: str, name: str, arguments: tuple[float, ...], timeframe: float | None, ago: int
    ) -> float | None:
        """An indicator as it was `ago` completed bars before now; timeframe in seconds, None for the default one."""

    def bar(self, symbol: str, name: str, timeframe: float | None, ago: int) -> float | None:
        """Open, high, low, close or volume of a completed bar, 0 for the last one."""

    def previous_price(self, symbol: str) -> float | None:
        """The price of a symbol before its last one."""

    def position(self, symbol: str, name: str, unit: Kind) -> float | str | None:
        """A field of the symbol's position; `unit` is for profits: PERCENT as a fraction, MONEY, or R."""

    def account(self, name: str) -> float | None:
        """A field of the account, and `trades_today`."""

    def signals(self, symbol: str, kind: str, seconds: float) -> float | None:
        """How many signals of a kind came within the last seconds; unknown before that long has been watched."""

    def clock(self, name: str) -> float | str | None:
        """A reading of the exchange's clock, as `ClockField` names them."""

    def equity(self) -> float | None:
        """The account's equity in its currency."""
