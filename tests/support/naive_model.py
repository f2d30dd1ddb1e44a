"""A naive second opinion on trades: a list of shares, one stop price, and targets worked out afresh each time.

It shares no code with the engine. It is told what a trader would be told, the wish behind an entry, the executions and
the prices, and answers what must be so at rest: how many shares, at which average, where the stop and the targets
stand, how the slices are cut, whether a scale-in or a double-down must be there, and why the trade ended. Where a
fault or a delay leaves the timing open it says only what it can say for certain (`sure` turns false).

Prices of stops are kept as a range: while an addition fills in parts, the engine may or may not have followed each
part.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import attrs

# How many prices a close may take: each fills at least one share, and half of them all.
PATIENCE = 15

CENT = Fraction(1, 100)
CLOSING = frozenset({"stop", "trail", "target", "exit"})


@attrs.frozen
class Wish:
    """An entry in plain numbers. A distance is ("%", fraction), ("$", currency), ("R", times) or ("at", times price).

    `limit` and `stop_entry` are fractions away from the signal's price, on the side that waits. `scale` is shares, at
    which profit, at most; `double` a fraction of the position, at which loss, or how far to the stop.
    """

    shares: int = 100
    limit: float | None = None
    stop_entry: float | None = None
    lasts: float | None = None
    stop: tuple[str, float] | None = ("%", 0.03)
    targets: tuple[tuple[str, float, float | None], ...] = (("%", 0.08, None),)
    trail: float | None = None
    trail_after: float | None = None
    breakeven: float | None = None
    exit_after: float | None = None
    scale: tuple[float, float, int] | None = None
    double: tuple[float, float | None, float | None] | None = None

    @property
    def broker_trails(self) -> bool:
        return self.trail is not None and self.stop is None

    def slices(self) -> list[int]:
        """How the entry is cut: by the fractions, floored; what no target covers is a slice of its own."""
        left, cut = self.shares, []
        fractions = [exact(part) if part is not None else Fraction(1) for _, _, part in self.targets]
        for number, fraction in enumerate(fractions):
            whole = sum(fractions) == 1 and number == len(fractions) - 1
            size = left if whole else min(left, math.floor(self.shares * fraction))
            cut.append(size)
            left -= size
        return [size for size in (*cut, left) if size]


def exact(number: float) -> Fraction:
    """The decimal that was written, not the float next to it."""
    return Fraction(repr(number))


def on_a_cent(price: Fraction, up: bool) -> Fraction:
    """The cent above or below; a price that a float cannot tell from a cent is that cent."""
    cents = price / CENT
    nearest = round(cents)
    if abs(cents - nearest) < Fraction(1, 10**6):
        return nearest * CENT
    return (math.ceil(cents) if up else math.floor(cents)) * CENT


@attrs.define
class Seen:
    """One of the trade's orders as the exchange shows it."""

    role: str
    alive: bool
    dying: bool  # its cancel is on the way: nothing of it is moved any more
    bracketed: bool
    quantity: int
    filled: int
    limit: Fraction | None
    stop: Fraction | None


def _is_dying_stop(order: Seen) -> bool:
    return order.role == "stop" and order.dying


@attrs.define
class NaiveTrade:
    """What must be true of one trade. `price` is that of the signal, `reference` what the entry was reckoned at."""

    symbol: str
    sign: int
    wish: Wish
    price: Fraction
    reference: Fraction
    sure: bool = True
    shares: list[Fraction] = attrs.Factory(list)
    opened: int = 0
    complete: bool = False
    stop: tuple[Fraction, Fraction] | None = None  # loosest and tightest, times the sign
    stop_known: bool = True
    averages: list[Fraction] = attrs.Factory(list)
    entry_average: Fraction = Fraction(0)
    added: list[Fraction] = attrs.Factory(list)  # averages after additions that came before the entry was complete
    extra_targets: set[Fraction] = attrs.Factory(set)
    best: Fraction | None = None
    trailing: bool = False
    break_even: bool = False
    reached_trail: bool = False  # a trail set the stop
    leaving: bool = False
    waited: int = 0  # prices that came while it was to be closed
    winding: bool = False
    may_be_winding: bool = False
    reasons: set[str] = attrs.Factory(set)
    last_role: str = ""
    last_reason: set[str] = attrs.Factory(set)
    untouched: bool = True  # nothing but the entry has happened

    # ---- what it is told ---------------------------------------------------------------------------------------------

    @property
    def average(self) -> Fraction:
        return sum(self.shares, Fraction(0)) / len(self.shares)

    def executed(self, role: str, quantity: int, price: Fraction) -> None:
        """Shares that changed hands, in the order in which they did."""
        if role not in CLOSING:
            if self.wish.trail is not None and self.shares and role == "main" and price != self.average:
                self.stop_known = False  # which of its averages the trail was first measured from depends on the clock
            if self.may_be_winding:
                self.sure = False  # a target, after which it is kept, or an exit at a limit, after which it is closed?
            if self.winding:
                self.leaving = True  # whatever comes in after a stop or exit is closed too
            self.shares += [price] * quantity
            self.opened += quantity
            if self.best is None:
                self.best = self.average
            self.averages.append(self.average)
            if role == "main":
                self.entry_average = self.average
                self.added.clear()
                return
            self.untouched = False
            self.sure = (
                self.sure and self.complete
            )  # an addition before the entry: what comes first is up to the market
            self.added.append(self.average)
            if self.complete:
                self._may_tighten(self.average)
            return
        self.untouched = False
        self.last_role = role
        if quantity > len(self.shares):
            self.sure = False
        average = self.average if self.shares else price
        self.shares = [average] * max(0, len(self.shares) - quantity)
        if role != "target" or not self.shares:
            self.winding = True  # nothing opens any more, and what still does is closed
        elif self.extra_targets:
            self.may_be_winding = True
        self.last_reason = {
            "stop": {"trail"} if self.reached_trail else {"stop"},
            "trail": {"trail"},
            "target": {"target", "exit"} if self.extra_targets else {"target"},
            "exit": set(self.reasons) or {"exit"},
        }[role]
        if role == "stop" and not (self.sure and self.stop_known and self.complete):
            self.last_reason = {"stop", "trail"}
        if role != "exit":
            self.reasons |= self.last_reason

    def entered(self) -> None:
        """The entry's orders have all ended: its shares are the trade, and the stop is measured from their average."""
        self.complete = True
        found = self._from_average(self.entry_average)
        if found and (self.stop is None or max(found) > self.stop[1]):
            self.reached_trail = self._trail_is_tighter()
        if self.stop is not None:
            found += list(self.stop)
        if found:
            self.stop = (max(found), max(found))
        for average in self.added:
            self._may_tighten(average)

    def _may_tighten(self, average: Fraction) -> None:
        """An addition has filled in part: the stop may have followed already."""
        if self.stop is not None:
            loosest, tightest = self.stop
            self.stop = (loosest, max([tightest, *self._from_average(average)]))

    def settled(self) -> None:
        """No addition is half filled: the stop is where the present average puts it, unless it is tighter."""
        self.averages = [self.average]
        if self.stop is not None:
            loosest, tightest = self.stop
            found = self._from_average(self.average)
            if found and max(found) > tightest:
                self.reached_trail = self._trail_is_tighter()
            self.stop = (max([loosest, *found]), max([tightest, *found]))

    def market(self, price: Fraction) -> None:
        """A price at which the trade could be closed: trails and breakeven follow it."""
        if not self.shares or self.wish.broker_trails:
            return
        worth = self.sign * price
        if not self.leaving:
            for stop, trails in self._ratchets(price):
                if stop < worth and (self.stop is None or stop > self.stop[1]):
                    self.stop = (stop, stop)
                    self.reached_trail = trails

    def moved(self, price: Fraction) -> None:
        """The stop was moved to a price by hand."""
        stop = self.sign * on_a_cent(price, self.sign > 0)
        self.stop = (stop, stop)
        self.reached_trail = False

    # ---- what it says ------------------------------------------------------------------------------------------------

    def complaints(self, orders: Sequence[Seen], *, tradable: bool) -> list[str]:
        """What is not as it must be, at rest."""
        if self.sure and self.shares and self.leaving and self.waited > PATIENCE:
            return [f"it was to be closed {self.waited} prices ago"]
        if not self.sure or not self.shares or self.leaving:
            return []
        if not self.complete:
            return []
        wrong = self._stops(orders) + self._targets(orders)
        if self.untouched and self.opened == self.wish.shares and len(self.shares) == self.opened:
            wrong += self._slices(orders)
        if tradable and not self.winding:
            wrong += self._double_down(orders)
        return wrong

    def _stops(self, orders: Sequence[Seen]) -> list[str]:
        if self.wish.broker_trails or not self.stop_known:
            return []
        standing = [order for order in orders if order.alive and not order.dying]
        stops = {order.stop for order in standing if order.role == "stop" and order.stop is not None}
        if self.stop is None:
            return [f"there are stops {stops} where none was asked for"] if stops else []
        if not stops and any(order.alive and (order.role == "exit" or _is_dying_stop(order)) for order in orders):
            return []  # the last shares are being sold, or will be once the cancel of their stop is confirmed
        if len(stops) != 1:
            return [f"the stops stand at {sorted(map(float, stops))}: one price is wanted"]
        [stop] = stops
        loosest, tightest = self.stop
        if not loosest <= self.sign * stop <= tightest:
            low, high = float(loosest * self.sign), float(tightest * self.sign)
            return [f"the stop stands at {float(stop)} instead of {low}..{high}, average {float(self.average)}"]
        return []

    def _targets(self, orders: Sequence[Seen]) -> list[str]:
        allowed = set(self.extra_targets)
        for average in self.averages:
            for unit, value, _ in self.wish.targets:
                allowed.add(on_a_cent(self._away(unit, value, average, 1), self.sign > 0))
        standing = [order for order in orders if order.alive and not order.dying]
        stand = {order.limit for order in standing if order.role == "target" and order.limit is not None}
        strange = stand - allowed
        if strange:
            return [f"targets stand at {sorted(map(float, strange))} instead of {sorted(map(float, allowed))}"]
        return []

    def _slices(self, orders: Sequence[Seen]) -> list[str]:
        wanted = sorted(self.wish.slices())
        parents = {"stop", "trail"}
        stops = sorted(order.quantity for order in orders if order.alive and order.role in parents and order.bracketed)
        has_stop = self.wish.stop is not None or self.wish.broker_trails
        wrong = []
        if has_stop and self._only_entry(orders) and stops != wanted:
            wrong.append(f"the stops are {stops} where the slices are {wanted}")
        return wrong

    def _only_entry(self, orders: Sequence[Seen]) -> bool:
        return all(order.role in {"main", "stop", "trail", "target"} for order in orders)

    def _double_down(self, orders: Sequence[Seen]) -> list[str]:
        wanted = self.wish.double
        if wanted is None or not self.untouched or self.stop is None or self.stop[0] != self.stop[1]:
            return []
        part, loss, to_stop = wanted
        stop = self.stop[0] * self.sign
        if loss is not None:
            price = self.average * (1 - self.sign * exact(loss))
        else:
            price = self.average + exact(to_stop or 0.0) * (stop - self.average)
        price = on_a_cent(price, self.sign < 0)
        if (price - stop) * self.sign <= 0:
            return []
        rest = [order for order in orders if order.alive and order.role == "doubledown"]
        if len(rest) != 1:
            return [f"{len(rest)} double-downs rest where one is wanted"]
        if rest[0].limit != price or rest[0].quantity != math.floor(exact(part) * len(self.shares)):
            return [f"the double-down is {rest[0]} instead of {float(price)}"]
        return []

    # ---- prices ------------------------------------------------------------------------------------------------------

    def _away(self, unit: str, value: float, base: Fraction, direction: int) -> Fraction:
        """A distance from a price, to the winning side (+1) or the losing one (-1)."""
        if unit == "at":
            return self.price * (exact(value) if self.sign > 0 else exact(2 - value))
        if unit == "%":
            far = exact(value) * base
        elif unit == "$":
            far = exact(value)
        else:
            assert self.wish.stop is not None
            far = exact(value) * abs(self.reference - self._away(*self.wish.stop, self.reference, -1))
        return base + direction * self.sign * far

    def _from_average(self, average: Fraction) -> list[Fraction]:
        found = []
        if self.wish.stop is not None:
            found.append(self._away(*self.wish.stop, average, -1))
        if self.wish.trail is not None and self.wish.trail_after is None and not self.wish.broker_trails:
            found.append(self._away("%", self.wish.trail, average, -1))
        return [self.sign * on_a_cent(price, self.sign > 0) for price in found]

    def _trail_is_tighter(self) -> bool:
        found = self._from_average(self.average)
        return len(found) == 2 and found[1] > found[0]

    def _ratchets(self, price: Fraction) -> list[tuple[Fraction, bool]]:
        found = []
        wish = self.wish
        if wish.trail is not None and self.best is not None:
            active_from = self.average * (1 + self.sign * exact(wish.trail_after or 0.0))
            if not self.trailing and (wish.trail_after is None or (price - active_from) * self.sign >= 0):
                self.trailing = True
                if wish.trail_after is not None:
                    self.best = price
            if self.trailing:
                self.best = max(self.best, price) if self.sign > 0 else min(self.best, price)
                found.append((self._away("%", wish.trail, self.best, -1), True))
        if wish.breakeven is not None and self.complete and not self.break_even:
            active_from = self.average * (1 + self.sign * exact(wish.breakeven))
            if (price - active_from) * self.sign >= 0:
                self.break_even = True
                found.append((self.average, False))
        return [(self.sign * on_a_cent(stop, self.sign > 0), trails) for stop, trails in found]
