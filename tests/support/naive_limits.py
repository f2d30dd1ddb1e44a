"""The limits, computed a second time and naively: from the exchange's books and the prices that came in.

It shares nothing with the risk gate but the limit records. What it judges is what leaves: the opening orders of one
batch of commands, beside all that is held and still working.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

import attrs

from rulec.dsl.plan import Limit, LimitKind, Period
from rulec.runtime.broker.port import Execution, OrderSide, OrderSpec
from rulec.runtime.event.inputs import Bar, Price, Quote, Signal
from rulec.runtime.market.hours import Hours

SLACK = 1e-5
SECONDS = {Period.MINUTE: 60, Period.HOUR: 3600}


@attrs.define
class Market:
    """The latest prices by symbol: what a buyer pays, what a seller gets, what a share is worth."""

    buy: dict[str, float] = attrs.Factory(dict)
    sell: dict[str, float] = attrs.Factory(dict)
    mark: dict[str, float] = attrs.Factory(dict)
    time: dict[str, int] = attrs.Factory(dict)

    def see(self, event: object) -> None:
        if isinstance(event, Price):
            self._set(event.symbol, event.price, event.price, event.time)
        elif isinstance(event, Quote):
            self._set(event.symbol, event.ask, event.bid, event.time)
        elif isinstance(event, Bar):
            self._set(event.symbol, event.close, event.close, event.end)

    def fill(self, symbol: str, price: float, time: int) -> None:
        """A fill of ours is told before the tick or bar that it came of, and is the latest price until then."""
        self._set(symbol, price, price, time)

    def _set(self, symbol: str, buy: float, sell: float, time: int) -> None:
        self.buy[symbol], self.sell[symbol], self.mark[symbol] = buy, sell, (buy + sell) / 2
        self.time[symbol] = time

    def reference(self, symbol: str, side: OrderSide, event: object) -> float | None:
        """What an order at market is reckoned at: a signal's own price where nothing newer is known."""
        if isinstance(event, Signal) and event.symbol == symbol and event.price is not None:
            known = self.time.get(symbol)
            if known is None or known < event.time:
                return event.price
        return (self.buy if side is OrderSide.BUY else self.sell).get(symbol)


@attrs.define
class Told:
    """The account as far as the broker has told it: nobody can judge by fills that are still on their way.

    `cash` is in micros.
    """

    cash: int
    shares: Counter[str] = attrs.Factory(Counter)

    def book(self, execution: Execution) -> None:
        signed = execution.side.sign * execution.quantity
        self.shares[execution.symbol] += signed
        self.cash -= signed * execution.price + execution.commission

    def equity(self, marks: Mapping[str, float]) -> float | None:
        """Currency; None where a share that is held has no price."""
        held = {symbol: shares for symbol, shares in self.shares.items() if shares}
        if not held.keys() <= marks.keys():
            return None
        return self.cash / 1_000_000 + sum(shares * marks[symbol] for symbol, shares in held.items())


@attrs.frozen
class Opening:
    """An opening order that works or is on its way: `price` in currency is what it counts at."""

    symbol: str
    trade: str
    sign: int
    remaining: int
    price: float


@attrs.define
class NaiveLimits:
    """Says what is wrong with a batch of opening orders; an empty list where nothing is."""

    limits: Sequence[Limit]
    sectors: Mapping[str, str]
    leverage: float
    hours: Hours
    sent: list[int] = attrs.Factory(list)
    day: date | None = None
    base: float | None = None
    losses: set[Limit] = attrs.Factory(set)  # those of the day

    def begin_day(self, now: int, equity: float | None) -> None:
        """Before each input: what the account is worth at the first one of a day is what its loss is measured from."""
        today = self.hours.day(now)
        if self.day != today:
            self.day, self.base = today, None
            self.losses.clear()
        if self.base is None:
            self.base = equity

    def see_market(self, equity: float | None) -> None:
        """After each price: a loss that is reached counts for the day, also where it is made good."""
        if self.base is None or equity is None:
            return
        for limit in self.limits:
            bound = (limit.value or 0.0) * (self.base if limit.of_equity else 1.0)
            if limit.kind is LimitKind.DAILY_LOSS and self.base - equity > bound + SLACK:
                self.losses.add(limit)

    def faults(
        self,
        now: int,
        batch: Sequence[OrderSpec],
        value: float,
        openings: Sequence[Opening],
        positions: Mapping[str, int],
        marks: Mapping[str, float],
        equity: float | None,
    ) -> list[str]:
        """Judges the opening orders of one trade that leave together.

        Args:
            batch: the parents that leave.
            value: what they are worth, in currency.
            openings: every opening order that works or is on its way, these included.
        """
        symbol, side = batch[0].symbol, batch[0].side
        exposure = self._exposure(openings, positions, marks)
        held = {held for held, shares in positions.items() if shares}
        self.sent.extend([now] * len(batch))
        if equity is None:
            return ["an opening order left while nobody knew the equity"]
        self.see_market(equity)
        wrong = []
        if not self.hours.is_open(now):
            wrong.append("an opening order left outside regular hours")
        if sum(exposure.values()) > self.leverage * equity + SLACK:
            wrong.append("buying power")
        for limit in self.limits:
            bound = (limit.value or 0.0) * (equity if limit.of_equity else 1.0) + SLACK
            if self._broken(limit, bound, now, symbol, side, value, exposure, held, openings):
                wrong.append(limit.kind.value)
        return wrong

    def _broken(
        self,
        limit: Limit,
        bound: float,
        now: int,
        symbol: str,
        side: OrderSide,
        value: float,
        exposure: Mapping[str, float],
        held: set[str],
        openings: Sequence[Opening],
    ) -> bool:
        match limit.kind:
            case LimitKind.POSITION:
                return exposure.get(symbol, 0.0) > bound
            case LimitKind.EXPOSURE:
                return sum(exposure.values()) > bound
            case LimitKind.SECTOR:
                mine = self.sectors.get(symbol)
                return mine is None or sum(e for s, e in exposure.items() if self.sectors.get(s) == mine) > bound
            case LimitKind.ORDER:
                return value > bound
            case LimitKind.POSITIONS:
                return len(held | {opening.symbol for opening in openings}) > bound
            case LimitKind.ORDERS:
                return self._rate(limit, now) > bound
            case LimitKind.ONLY_SYMBOLS:
                return symbol not in limit.symbols
            case LimitKind.NO_SHORTING:
                return side is OrderSide.SELL
            case LimitKind.DAILY_LOSS:
                return limit in self.losses

    def _rate(self, limit: Limit, now: int) -> int:
        if limit.period is Period.DAY:
            return sum(self.hours.day(time) == self.hours.day(now) for time in self.sent)
        window = SECONDS[limit.period or Period.MINUTE] * 1_000_000
        return sum(time > now - window for time in self.sent)

    @staticmethod
    def _exposure(
        openings: Sequence[Opening], positions: Mapping[str, int], marks: Mapping[str, float]
    ) -> dict[str, float]:
        signed = {symbol: shares * marks[symbol] for symbol, shares in positions.items() if shares}
        for opening in openings:
            worth = opening.sign * opening.remaining * opening.price
            signed[opening.symbol] = signed.get(opening.symbol, 0.0) + worth
        return {symbol: abs(value) for symbol, value in signed.items()}
