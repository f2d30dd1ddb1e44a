"""A stand-in for a runtime: it keeps what it was asked for and answers as it was told."""

from __future__ import annotations

from typing import Any

from rulec.dsl.plan import Kind
from rulec.runtime.context import Request
from rulec.runtime.core.records import ActionOutcome, Outcome
from rulec.runtime.event.base import BaseEvent
from rulec.runtime.event.bus import EventBus
from rulec.runtime.position import TradeTracker


class KnownFacts:
    """Quotes and equity from a table; no indicators."""

    def __init__(self, quotes: dict[tuple[str, str], float]) -> None:
        self.quotes = quotes

    def quote(self, name: str, symbol: str) -> float | None:
        return self.quotes.get((name, symbol))

    def indicator(
        self, symbol: str, name: str, arguments: tuple[float, ...], timeframe: float | None, ago: int
    ) -> float | None:
        return None

    def bar(self, symbol: str, name: str, timeframe: float | None, ago: int) -> float | None:
        return None

    def previous_price(self, symbol: str) -> float | None:
        return None

    def position(self, symbol: str, name: str, unit: Kind) -> float | str | None:
        return None

    def account(self, name: str) -> float | None:
        return None

    def signals(self, symbol: str, kind: str, seconds: float) -> float | None:
        return None

    def clock(self, name: str) -> float | str | None:
        return None

    def equity(self) -> float | None:
        return 100_000.0


class Port:
    """Implements `RuntimePort`. `answers` are the outcomes of the next requests, then every one is acted on."""

    def __init__(self, *answers: Outcome, trades: dict[str, Any] | None = None) -> None:
        self.event_bus = EventBus()
        self.event_bus.driver = self
        self.trade_tracker = TradeTracker.fresh()
        self.trades = trades or {}
        self.quotes: dict[tuple[str, str], float] = {}
        self.time = 0
        self.requests: list[Request] = []
        self.emitted: list[BaseEvent] = []
        self.cancelled: list[tuple[str, str]] = []
        self.rules: dict[str, object] = {}
        self._answers = list(answers)
        self._ids = 0

    def now(self) -> int:
        return self.time

    def new_id(self) -> str:
        self._ids += 1
        return f"run-{self._ids}"

    def facts(self) -> KnownFacts:
        return KnownFacts(self.quotes)

    def context_view(self) -> dict[str, Any]:
        return {symbol: dict(trade) for symbol, trade in self.trades.items()}

    def perform(self, request: Request) -> ActionOutcome:
        self.requests.append(request)
        outcome = self._answers.pop(0) if self._answers else Outcome.ACTED
        name = type(request.action).__name__.lower()
        reason = None if outcome is Outcome.ACTED else "as told"
        return ActionOutcome(name, outcome, reason, orders=(f"run-{name}",))

    def emit(self, event: BaseEvent) -> None:
        self.emitted.append(event)

    def cancel_order(self, order_id: str, reason: str) -> ActionOutcome:
        self.cancelled.append((order_id, reason))
        return ActionOutcome("cancel", Outcome.ACTED)

    def register_rule(self, rule: object) -> None:
        self.rules[getattr(rule, "rule_id", "")] = rule

    def unregister_rule(self, rule_id: str) -> None:
        del self.rules[rule_id]
