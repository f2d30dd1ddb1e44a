"""What a run came to: counts taken from its records, and the account at the end."""

from __future__ import annotations

import attrs

from ..broker.port import OrderSide
from .records import Decision, FillRecord, OrderRecord, Outcome, PositionChange, PositionRecord, Record


@attrs.frozen
class OpenPosition:
    """A position that was still open at the end; `side` is the side it was entered with, the price an average."""

    symbol: str
    side: OrderSide
    quantity: int
    entry_price: float


@attrs.frozen
class Summary:
    """The counts of a run. `decisions` has every outcome that occurred, in the order of `Outcome`; money in micros."""

    signals: int
    decisions: tuple[tuple[Outcome, int], ...]
    orders: int
    fills: int
    trades_closed: int
    realised_pnl: int
    equity: int
    open_positions: tuple[OpenPosition, ...]


class Tally:
    """Counts as a run goes on. Positions follow the records, so that the summary agrees with what was printed."""

    def __init__(self) -> None:
        self._signals = 0
        self._decisions: dict[Outcome, int] = {}
        self._orders: set[str] = set()
        self._fills = 0
        self._trades_closed = 0
        self._open: dict[str, OpenPosition] = {}

    def count_signal(self) -> None:
        self._signals += 1

    def count(self, record: Record) -> None:
        match record:
            case Decision():
                self._decisions[record.outcome] = self._decisions.get(record.outcome, 0) + 1
            case OrderRecord():
                self._orders.add(record.id)
            case FillRecord():
                self._fills += 1
            case PositionRecord():
                self._position(record)
            case _:
                pass

    def summary(self, realised_pnl: int, equity: int) -> Summary:
        """The counts so far, with the account's realised profit and loss and equity (micros)."""
        return Summary(
            signals=self._signals,
            decisions=tuple((outcome, self._decisions[outcome]) for outcome in Outcome if outcome in self._decisions),
            orders=len(self._orders),
            fills=self._fills,
            trades_closed=self._trades_closed,
            realised_pnl=realised_pnl,
            equity=equity,
            open_positions=tuple(self._open[symbol] for symbol in sorted(self._open)),
        )

    def _position(self, record: PositionRecord) -> None:
        if record.event is PositionChange.CLOSED:
            self._trades_closed += 1
            self._open.pop(record.symbol, None)
        else:
            self._open[record.symbol] = OpenPosition(record.symbol, record.side, record.quantity, record.entry_price)
