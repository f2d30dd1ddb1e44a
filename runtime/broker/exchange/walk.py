"""Brings the market to the resting orders: ticks, and bars walked along a path.

Each walk is a generator that pauses after every fill, so that the caller can deliver what happened and apply new
commands before the price moves on. After a pause the book is looked at afresh.

**Ticks.** A price meets orders first come first. An order that arrived at or after the tick is not met by it.

**Bars.** All that is known of a bar is four prices. The path taken is the one that hurts: open; the extreme adverse to
the position; the other extreme; close. Between two points the price passes through every value, so an order met there
fills at its own price; a gap fills at the open, target and stop alike. What is adverse is decided once the open is
done: for a long the low, for a short the high; for a symbol that is flat, it is what would hurt the position of the
order that has waited longest (the low for a buy, the high for a sell).

An order that came alive at the open meets both extremes. Of a position entered inside the bar nobody knows whether the
favourable extreme came before or after, so its target meets nothing more of this bar; its stop meets all that is left
of the path.
Orders with a market price fill at the open alone, of a bar that begins at or after they were sent. Trails follow the
close.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from .book import Book, is_alive, is_market_now
from .desk import Desk, ratchet
from .faults import Faults
from .fills import Fills
from .ledger import Ledger
from .matching import met_at, met_between
from .orders import LIMITED, ONE_CHANCE, TOUCHED, BookOrder, OrderKind
from .tape import Hours, Tape

NOTHING: Iterable[None] = ()


@attrs.frozen
class BarPrices:
    """A bar's prices in micros, its span in microseconds since 1970 UTC."""

    symbol: str
    start: int
    end: int
    open: int
    high: int
    low: int
    close: int


class Walk:
    """Meets resting orders with the market."""

    def __init__(
        self, book: Book, desk: Desk, fills: Fills, tape: Tape, ledger: Ledger, faults: Faults, hours: Hours
    ) -> None:
        self._book = book
        self._desk = desk
        self._fills = fills
        self._tape = tape
        self._ledger = ledger
        self._faults = faults
        self._hours = hours

    def is_quiet(self, symbol: str, low: int, high: int) -> bool:
        """True where no price between the two can change any order of the symbol."""
        if not self._book.has_resting(symbol):
            return not self._faults.has_late_fills(symbol)
        down_to, up_to = self._book.wakes(symbol)
        return low > down_to and high < up_to and not self._faults.has_late_fills(symbol)

    # ---- ticks -----------------------------------------------------------------------------------------------------

    def tick(self, symbol: str, buyers_pay: int, sellers_get: int, now: int) -> Iterable[None]:
        tape = self._tape
        tape.event += 1
        tape.ticked.add(symbol)
        tape.prices[symbol] = (buyers_pay, sellers_get)
        if self.is_quiet(symbol, min(buyers_pay, sellers_get), max(buyers_pay, sellers_get)):
            return NOTHING
        return self._tick(symbol, now, tape.event)

    def _tick(self, symbol: str, now: int, event: int) -> Iterator[None]:
        yield from self._late_fills(symbol, now)
        if self._hours.is_open(now) and self._follow(symbol):
            yield
        while True:
            for order in self._book.resting(symbol):
                if order.arrived < event and order.last_fill_event != event:
                    price = self.met_now(order, now)
                    if price is not None:
                        break
            else:
                break
            self._fills.meet(order, price, now)
            yield
        for order in self._book.with_one_chance(symbol):
            if order.working and order.arrived < event and self._could_meet(order, now):
                self._desk.end_chance(order)
                yield

    def met_now(self, order: BookOrder, now: int) -> int | None:
        """The price at which the latest price meets an order, or None.

        Outside regular hours only an order with a limit and `outside_regular_hours` is met.
        """
        terms = order.order
        price = self._tape.price_for(terms.symbol, terms.action.sign)
        if price is None or not self._meets(order, price) or not self._could_meet(order, now):
            return None
        return price

    def _could_meet(self, order: BookOrder, now: int) -> bool:
        """Whether the time and its family let an order fill, whatever the price."""
        terms = order.order
        if self._book.effective(order) <= 0 or now < order.not_before:
            return False
        return self._hours.is_open(now) or (terms.outside_regular_hours and terms.kind in LIMITED)

    def meet_standing(self, order: BookOrder, now: int) -> None:
        """An order that has just arrived or changed meets the standing price, where there is one."""
        if order.working and order.order.symbol in self._tape.ticked and order.last_fill_event != self._tape.event:
            price = self.met_now(order, now)
            if price is not None:
                self._fills.meet(order, price, now)
            if order.order.tif in ONE_CHANCE and order.remaining and self._could_meet(order, now):
                self._desk.end_chance(order)

    def meet_close(self, order: BookOrder, now: int) -> None:
        """The session closes: an order at the close meets the latest price."""
        price = self._tape.price_for(order.order.symbol, order.order.action.sign)
        limit = order.limit_price if order.order.kind in LIMITED else None
        sign = order.order.action.sign
        if price is None or self._book.effective(order) <= 0 or (limit is not None and sign * price > sign * limit):
            return
        self._fills.meet(order, price, now)

    # ---- bars ------------------------------------------------------------------------------------------------------

    def bar(self, bar: BarPrices, regular: bool) -> Iterable[None]:
        symbol = bar.symbol
        if symbol in self._tape.ticked or not regular or self.is_quiet(symbol, bar.low, bar.high):
            self.close_at(symbol, bar.close)
            return NOTHING
        self._tape.event += 1
        return self._bar(bar)

    def close_at(self, symbol: str, close: int) -> None:
        """A bar that fills nothing leaves its close as the latest price, unless ticks say better."""
        tape = self._tape
        tape.event += 1
        if symbol not in tape.ticked:
            tape.prices[symbol] = (close, close)

    def _bar(self, bar: BarPrices) -> Iterator[None]:
        tape = self._tape
        tape.walking, tape.inside = bar.symbol, False
        try:
            self._pass(bar, bar.open)
            yield from self._late_fills(bar.symbol, bar.end)
            yield from self._leg(bar, bar.open, bar.open)
            for order in self._book.with_one_chance(bar.symbol):
                if order.working and self._may_meet(order, bar, at_open=True):
                    self._desk.end_chance(order)
                    yield
            tape.inside = True
            extremes = (bar.low, bar.high) if self._low_first(bar) else (bar.high, bar.low)
            here = bar.open
            for point in (*extremes, bar.close):
                yield from self._leg(bar, here, point)
                here = point
            self._pass(bar, bar.close)
            if self._follow(bar.symbol):
                yield
        finally:
            tape.walking, tape.inside = None, False

    def _pass(self, bar: BarPrices, price: int) -> None:
        self._tape.prices[bar.symbol] = (price, price)

    def _leg(self, bar: BarPrices, start: int, end: int) -> Iterator[None]:
        """Moves the price from one point to the next, meeting orders in the order in which it passes them."""
        here = start
        while True:
            nearest: tuple[int, BookOrder] | None = None
            for order in self._book.resting(bar.symbol):
                if self._may_meet(order, bar) and not self._is_unsure(order):
                    price = self._met_between(order, here, end)
                    if price is not None and (nearest is None or abs(price - here) < abs(nearest[0] - here)):
                        nearest = (price, order)
            if nearest is None:
                self._pass(bar, end)
                return
            here, met = nearest
            self._pass(bar, here)
            self._fills.meet(met, here, bar.end)
            yield

    def _may_meet(self, order: BookOrder, bar: BarPrices, at_open: bool = False) -> bool:
        """A bar that began before an order was sent may hold prices from before it: only an order that arrived while
        the bar is walked, in answer to a fill of it, joins from where the price is now.

        `at_open` counts an order, too, that the open has filled in part.
        """
        if (order.last_fill_event == self._tape.event and not at_open) or self._book.effective(order) <= 0:
            return False
        if order.sent <= bar.start:
            return order.not_before <= bar.start
        return order.arrived == self._tape.event and not is_market_now(order)

    def _is_unsure(self, order: BookOrder) -> bool:
        """Whether this is the target of a position entered inside this bar."""
        kind = order.order.kind
        if order.alive_inside != self._tape.event or (kind is not OrderKind.LIMIT and kind not in TOUCHED):
            return False
        terms = order.order
        held = self._ledger.accounts[terms.account].holding(terms.symbol).quantity
        return held * terms.action.sign < 0

    def _low_first(self, bar: BarPrices) -> bool:
        held = self._ledger.position(bar.symbol)
        if held != 0:
            return held > 0
        for order in self._book.resting(bar.symbol):
            if is_alive(order) and self._may_meet(order, bar):
                return order.order.action.sign > 0
        return True

    # ---- both ------------------------------------------------------------------------------------------------------

    def _late_fills(self, symbol: str, now: int) -> Iterator[None]:
        for late in self._faults.take_late_fills(symbol):
            price = self._tape.price_for(symbol, late.order.order.action.sign)
            if price is not None:
                self._fills.fill_late(late, price, now)
                yield

    def _follow(self, symbol: str) -> bool:
        """Lets trailing stops follow the latest price; says whether one moved."""
        moved = False
        for order in self._book.resting(symbol):
            price = self._tape.price_for(symbol, order.order.action.sign)
            if price is not None:
                moved = ratchet(self._desk, order, price) or moved
        return moved

    @staticmethod
    def _meets(order: BookOrder, price: int) -> bool:
        terms = order.order
        return met_at(terms.kind, terms.action.sign, order.limit_price, order.stop_price, order.triggered, price)

    @staticmethod
    def _met_between(order: BookOrder, start: int, end: int) -> int | None:
        terms = order.order
        return met_between(
            terms.kind, terms.action.sign, order.limit_price, order.stop_price, order.triggered, start, end
        )
