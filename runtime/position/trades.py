"""Which symbols have an active trade: the traffic light for new entries.

One tracker belongs to each runtime, and one to code outside any. `TradeTracker()` answers with the one of the current
runtime, so that two runtimes in one process never see each other.
"""

from __future__ import annotations

import enum

import attrs

from ..context import find_runtime


class TradeStatus(enum.Enum):
    ACTIVE = "active"
    CLOSED = "closed"


@attrs.frozen
class TradeInfo:
    """One trade: its symbol, its side (`BUY` or `SELL`), and whether it is still active."""

    symbol: str
    side: str
    status: TradeStatus = TradeStatus.ACTIVE

    @property
    def is_active(self) -> bool:
        return self.status is TradeStatus.ACTIVE


class TradeTracker:
    """Singleton class to track active trades across the application.

    This provides persistent tracking that survives between rule executions, unlike the context which gets copied. A
    runtime keeps its own through restarts: `restore` puts back what `state` told.
    """

    _trades: dict[str, TradeInfo]
    _default: TradeTracker | None = None

    def __new__(cls) -> TradeTracker:
        port = find_runtime()
        if port is not None:
            return port.trade_tracker
        if cls._default is None:
            cls._default = cls.fresh()
        return cls._default

    @classmethod
    def fresh(cls) -> TradeTracker:
        """A tracker of its own, for a runtime to keep."""
        tracker = super().__new__(cls)
        tracker._trades = {}
        return tracker

    def has_active_trade(self, symbol: str) -> bool:
        """Check if there's an active trade for a symbol."""
        return self.get_active_trade(symbol) is not None

    def get_active_trade(self, symbol: str) -> TradeInfo | None:
        """The active trade of a symbol; None where there is none."""
        trade = self._trades.get(symbol)
        return trade if trade is not None and trade.is_active else None

    def get_trade(self, symbol: str) -> TradeInfo | None:
        """The last trade of a symbol, active or closed; None where there was none."""
        return self._trades.get(symbol)

    def active_trades(self) -> tuple[TradeInfo, ...]:
        """All active trades, in the order in which they were started."""
        return tuple(trade for trade in self._trades.values() if trade.is_active)

    def start_trade(self, symbol: str, side: str) -> TradeInfo:
        """Start tracking a new trade.

        Raises:
            ValueError: the side is neither BUY nor SELL, or the symbol has an active trade: one trade a symbol.
        """
        if side not in ("BUY", "SELL"):
            raise ValueError(f"a trade's side is 'BUY' or 'SELL', not {side!r}")
        active = self.get_active_trade(symbol)
        if active is not None:
            raise ValueError(f"{symbol} has an active {active.side} trade already")
        self._trades.pop(symbol, None)
        trade = self._trades[symbol] = TradeInfo(symbol, side)
        return trade

    def close_trade(self, symbol: str) -> None:
        """Mark a trade as closed; nothing happens where none is active."""
        trade = self.get_active_trade(symbol)
        if trade is not None:
            self._trades[symbol] = attrs.evolve(trade, status=TradeStatus.CLOSED)

    def state(self) -> tuple[TradeInfo, ...]:
        """Everything that is tracked, as plain records."""
        return tuple(self._trades.values())

    def restore(self, trades: tuple[TradeInfo, ...]) -> None:
        """Puts back what `state` told."""
        self._trades = {trade.symbol: trade for trade in trades}
