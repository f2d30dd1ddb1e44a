"""A trading pit: an exchange with one account, driven in currency and minutes, that remembers what it was told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import attrs
import pytest

from rulec.runtime.broker.exchange import (
    Action,
    BarPrices,
    ErrorEvent,
    Exchange,
    ExchangeEvent,
    ExchangePolicy,
    ExchangeTerms,
    ExecutionEvent,
    Order,
    OrderEvent,
    OrderKind,
    Tif,
)

MINUTE = 60_000_000
OPEN = 0
CLOSE = 390 * MINUTE
DAY = 1440 * MINUTE


class TestHours:
    """A session of 390 minutes at the start of each day of 1440, from time 0 on."""

    __test__ = False

    def is_open(self, now: int) -> bool:
        return now % DAY < CLOSE

    def next_open(self, now: int) -> int:
        return (now // DAY + 1) * DAY

    def session_close(self, now: int) -> int:
        day = now // DAY if self.is_open(now) else now // DAY + 1
        return day * DAY + CLOSE


def micros(price: float | None) -> int | None:
    return None if price is None else round(price * 1_000_000)


class Pit:
    """Drives one exchange. `react` is called with the events of each pause, before the price moves on."""

    def __init__(self, terms: ExchangeTerms | None = None, policy: ExchangePolicy | None = None) -> None:
        self.exchange = Exchange(TestHours(), {"DU1": 100_000_000_000}, terms, policy)
        self.now = 0
        self.events: list[ExchangeEvent] = []
        self.react: Callable[[list[ExchangeEvent]], None] = lambda events: None

    def send(self, order_id: int, action: str, quantity: int, kind: str = "MKT", **more: Any) -> None:
        prices: dict[str, Any] = {
            name: micros(more.pop(name, None)) for name in ("limit_price", "stop_price", "trail_amount", "limit_offset")
        }
        order = Order(
            more.pop("account", "DU1"),
            more.pop("client_id", 1),
            order_id,
            more.pop("symbol", "AAPL"),
            Action(action),
            quantity,
            OrderKind(kind),
            Tif(more.pop("tif", "DAY")),
            **prices,
            **more,
        )
        self.exchange.submit(order, self.now)
        self._collect()

    def bracket(self, quantity: int = 100, side: str = "BUY", entry: str = "MKT", **more: Any) -> None:
        """Order 1 with its stop 2 and its target 3, at `stop` and `target`."""
        stop, target = more.pop("stop", 145.5), more.pop("target", 162.0)
        other = "SELL" if side == "BUY" else "BUY"
        first = more.pop("first", 1)
        self.send(first, side, quantity, entry, transmit=False, **more)
        children: dict[str, Any] = {"parent_id": first, "tif": "GTC"}
        self.send(first + 1, other, quantity, "STP", stop_price=stop, transmit=False, **children)
        self.send(first + 2, other, quantity, "LMT", limit_price=target, **children)

    def change(self, order_id: int, **terms: Any) -> None:
        """Modifies quantity, limit_price or stop_price of an order; the rest as it is echoed."""
        state = self.exchange.order(1, order_id)
        assert state is not None
        for name in ("limit_price", "stop_price"):
            if name in terms:
                terms[name] = micros(terms[name])
        self.exchange.modify(attrs.evolve(state.order, **terms), self.now)
        self._collect()

    def cancel(self, order_id: int, **more: Any) -> None:
        self.exchange.cancel(more.pop("client_id", 1), order_id, self.now, **more)
        self._collect()

    def price(self, price: float, symbol: str = "AAPL") -> None:
        self._walk(self.exchange.on_price(symbol, micros(price) or 0, self.now))

    def quote(self, bid: float, ask: float, symbol: str = "AAPL") -> None:
        self._walk(self.exchange.on_quote(symbol, micros(bid) or 0, micros(ask) or 0, self.now))

    def bar(self, o: float, h: float, low: float, c: float, *, regular: bool = True, symbol: str = "AAPL") -> None:
        """A bar of one minute that begins now; afterwards it is its end."""
        start, self.now = self.now, self.now + MINUTE
        prices = [round(each * 1_000_000) for each in (o, h, low, c)]
        self._walk(self.exchange.on_bar(BarPrices(symbol, start, self.now, *prices), regular))

    def time(self, now: int) -> None:
        self.now = now
        self.exchange.on_time(now)
        self._collect()

    def _walk(self, pauses: Iterable[None]) -> None:
        for _ in pauses:
            self.react(self._collect())
        self._collect()

    def _collect(self) -> list[ExchangeEvent]:
        events = self.exchange.take_events()
        self.events.extend(events)
        return events

    @property
    def fills(self) -> list[tuple[int, int, float]]:
        """(order, shares, price) of every execution so far."""
        return [
            (e.execution.order_id, e.execution.quantity, e.execution.price / 1_000_000)
            for e in self.events
            if isinstance(e, ExecutionEvent)
        ]

    @property
    def errors(self) -> list[tuple[int, int]]:
        """(order, code) of every error so far, confirmations of cancels left out."""
        return [(e.order_id, int(e.code)) for e in self.events if isinstance(e, ErrorEvent) and e.code != 202]

    def state(self, order_id: int) -> OrderEvent:
        state = self.exchange.order(1, order_id)
        assert state is not None
        return state

    def status(self, order_id: int) -> str:
        return self.state(order_id).status.value

    @property
    def position(self) -> int:
        return self.exchange.ledger.position("AAPL")


@pytest.fixture
def pit() -> Pit:
    return Pit()


@pytest.fixture
def new_pit() -> Callable[..., Pit]:
    return Pit


@pytest.fixture(scope="session")
def new_pit_class() -> Callable[..., Pit]:
    """For property tests: one fixture for all examples."""
    return Pit
