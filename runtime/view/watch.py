"""What the live view knows: counts, the latest news, and the open trades, gathered from the records of each step.

It draws nothing. `Watch.sink` follows a run, `Watch.snapshot` says how things stand as plain values; the screen makes
lines of them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

import attrs

from ..broker.port import OrderSide
from ..core.engine import Engine, Input
from ..core.records import (
    Decision,
    FillRecord,
    Notice,
    OrderRecord,
    OrderState,
    Outcome,
    PositionRecord,
    Record,
    ReloadRecord,
)
from ..core.situation import equity
from ..event.inputs import Signal
from ..numbers import MICROS, to_float
from ..rule.prepared import Prepared
from ..trade.state import Trade

_REMEMBERED = 30


@attrs.frozen
class RuleRow:
    """A rule's counts: decisions that acted or reversed, and all others; its last one (microseconds since 1970 UTC)."""

    label: str
    fired: int
    other: int
    last: int | None
    last_outcome: Outcome | None


@attrs.frozen
class DecisionRow:
    """A signal and what a rule made of it; a decision without a signal (an armed scale-in); a signal without one."""

    time: int
    symbol: str
    signal: str | None
    confidence: float | None
    decision: Decision | None


@attrs.frozen
class TradeRow:
    """An open trade. Prices and `pnl` (of the shares held, not realised) in currency; None for what is not known."""

    symbol: str
    side: OrderSide
    status: str
    quantity: int
    entry: float | None
    last: float | None
    stop: float | None
    target: float | None
    pnl: float | None
    rule: str


@attrs.frozen
class Snapshot:
    """How a run stands. Money in currency, `equity` None where a position has no mark."""

    now: int
    equity: float | None
    realised: float
    unrealised: float
    signals: int
    rules: Sequence[RuleRow]
    decisions: Sequence[DecisionRow]
    trades: Sequence[TradeRow]
    news: Sequence[Record]
    notice: Notice | None
    refused: Sequence[str] = ()
    """What the compiler says of saved rules that cannot be used, line by line."""


class Watch:
    """Follows one run. Rules are shown by their labels, in the order given."""

    def __init__(self, engine: Engine, labels: Iterable[str]) -> None:
        self._engine = engine
        self._rules = {label: RuleRow(label, 0, 0, None, None) for label in labels}
        self._decisions: deque[DecisionRow] = deque(maxlen=_REMEMBERED)
        self._news: deque[Record] = deque(maxlen=_REMEMBERED)
        self._notice: Notice | None = None
        self._refused: Sequence[str] = ()
        self._in_force: Sequence[tuple[Prepared, str]] = [(rule, rule.label) for rule in engine.rules]
        self._signals = 0

    def sink(self, event: Input, records: Sequence[Record]) -> None:
        """Takes the records of a step; a `Sink`."""
        signal = event if isinstance(event, Signal) else None
        decided = False
        for record in records:
            match record:
                case Decision():
                    decided = True
                    self._decide(record, signal)
                case Notice():
                    self.say(record)
                case ReloadRecord():
                    self._reload(record)
                case OrderRecord(status=OrderState.FILLED | OrderState.MODIFIED):
                    pass  # its fill says the same; where its price moved to, the trade says
                case OrderRecord() | FillRecord() | PositionRecord():
                    self._news.append(record)
        if signal is not None:
            self._signals += 1
            if not decided:
                now = self._engine.desk.now
                self._decisions.append(DecisionRow(now, signal.symbol, signal.signal, signal.confidence, None))

    def say(self, notice: Notice) -> None:
        self._notice = notice

    def refuse(self, notice: Notice, report: Sequence[str]) -> None:
        """Saved rules cannot be used; without a report they can again."""
        self._notice, self._refused = notice, report

    def snapshot(self, now: int) -> Snapshot:
        """How things stand at a time (microseconds since 1970 UTC)."""
        desk = self._engine.desk
        trades = [self._trade(trade) for trade in desk.trades.values()]
        return Snapshot(
            now=now,
            equity=equity(desk),
            realised=to_float(desk.realised()),
            unrealised=sum(trade.pnl or 0.0 for trade in trades),
            signals=self._signals,
            rules=tuple(self._rules.values()),
            decisions=tuple(self._decisions),
            trades=trades,
            news=tuple(self._news),
            notice=self._notice,
            refused=self._refused,
        )

    def _reload(self, record: ReloadRecord) -> None:
        """From now on these are the rules; what one has done goes with it, though its number in the file be another."""
        before = {id(rule): label for rule, label in self._in_force}
        rows: dict[str, RuleRow] = {}
        for rule in self._engine.rules:
            was = before.get(id(rule)) or (rule.label if rule.rule is not None and rule.rule.name else "")
            row = self._rules.get(was) or RuleRow(rule.label, 0, 0, None, None)
            rows[rule.label] = attrs.evolve(row, label=rule.label)
        self._rules = rows
        self._in_force = [(rule, rule.label) for rule in self._engine.rules]
        self._notice, self._refused = None, ()
        self._news.append(record)

    def _decide(self, record: Decision, signal: Signal | None) -> None:
        row = self._rules.get(record.rule) or RuleRow(record.rule, 0, 0, None, None)
        fired = record.outcome in (Outcome.ACTED, Outcome.REVERSED)
        self._rules[record.rule] = attrs.evolve(
            row, fired=row.fired + fired, other=row.other + (not fired), last=record.time, last_outcome=record.outcome
        )
        kind = None if signal is None else signal.signal
        confidence = None if signal is None else signal.confidence
        self._decisions.append(DecisionRow(record.time, record.symbol or "-", kind, confidence, record))

    def _trade(self, trade: Trade) -> TradeRow:
        held = max(0, trade.held)
        mark = self._engine.desk.board.mark(trade.symbol)
        known = held > 0 and mark is not None
        return TradeRow(
            symbol=trade.symbol,
            side=trade.side,
            status=trade.status.value,
            quantity=held,
            entry=trade.average if held else None,
            last=mark,
            stop=None if trade.stop_price is None else to_float(trade.stop_price),
            target=_nearest_target(trade),
            pnl=(mark - trade.average) * held * trade.sign if known and mark is not None else None,
            rule=trade.origin.rule,
        )


def _nearest_target(trade: Trade) -> float | None:
    """The unfilled target that comes first, in currency."""
    prices = [
        part.limit.spec.limit_price
        for part in trade.slices
        if part.limit is not None and part.limit.is_alive and part.limit.spec.limit_price is not None
    ]
    if not prices:
        return None
    return (min(prices) if trade.sign > 0 else max(prices)) / MICROS
