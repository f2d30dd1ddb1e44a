"""The gateway's market and its clock.

A recorded market has a time of its own, paced by a speed, which stands still until a client is there, so that nobody
misses its beginning; as fast as it goes, it waits until a client asks to see a symbol. A market made up runs on the
system's clock. In lockstep nothing is due by itself: `stepping.py` releases one event after the other.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..event.inputs import Bar, MarketInput, OutsideInput, Price, Quote
from ..feed.files import delivery_time
from ..live.markets import Market
from ..live.pacing import Pace, Unpaced
from ..market.hours import Hours

Timed = tuple[int, MarketInput]
"""A market event, and when it is delivered (microseconds since 1970 UTC)."""


class Driver:
    """Brings market events in the order of their delivery. `start` is the time before any of them (microseconds).

    `hours` say how far time goes on when a recording without a pace is over: to the end of its last session.
    """

    def __init__(
        self,
        market: Market,
        pace: Pace,
        start: int,
        *,
        waits_for_client: bool = False,
        hours: Hours | None = None,
        lockstep: bool = False,
    ) -> None:
        self.market = market
        self.is_lockstep = lockstep
        self._pace = pace
        self._is_unpaced = isinstance(pace, Unpaced)
        self._hours = hours
        self._latest = start
        self._waits = waits_for_client or lockstep

    @property
    def is_over(self) -> bool:
        """Whether the market has been used up."""
        return self.market.is_over

    def now(self) -> int:
        """The time of the market, in microseconds since 1970 UTC; it never goes back."""
        if not self._waits:
            self._latest = max(self._latest, self._pace.now())
            if self._is_unpaced and self.is_over:
                self._latest = max(self._latest, self.end())
        return self._latest

    def begin(self) -> None:
        """A client is there: time begins to pass, where it is paced."""
        if not self._is_unpaced and not self.is_lockstep:
            self._waits = False

    def next_due(self) -> int | None:
        """When the next market event is due; None while there is none to wait for."""
        return None if self._waits else self.market.next_due()

    def seconds_until(self, due: int) -> float:
        """Real seconds until the market's clock shows a time; 0 or less where it does. Infinite where only events
        move it, and none will come."""
        if self._waits or self._is_unpaced:
            comes = not self._waits and self.market.next_due() is not None
            return 0.0 if comes or due <= self._latest else math.inf
        return self._pace.seconds_until(due)

    def take(self) -> Sequence[Timed]:
        """What is due next, each with its time, which is the driver's from then on."""
        return self._timed(self.market.take(self.now()))

    def meet(self, symbol: str) -> Sequence[Timed]:
        """A symbol is asked for the first time: what the market says of it at once."""
        if not self.is_lockstep:
            self._waits = False
        return self._timed(self.market.meet(symbol, self.now(), None))

    def move_to(self, time: int) -> int:
        """Moves the time on by hand, never back; answers it."""
        self._latest = max(self._latest, time)
        return self._latest

    def end(self) -> int:
        """The end of the session that the latest time belongs to; that time itself outside the hours."""
        now = self._latest
        if self._hours is None or not self._hours.is_open(now):
            return now
        return self._hours.session_close(now)

    def _timed(self, events: Sequence[OutsideInput]) -> list[Timed]:
        timed: list[Timed] = []
        for event in events:
            if isinstance(event, Bar) and event.past:
                timed.append((self._latest, event))
            elif isinstance(event, (Price, Quote, Bar)):
                timed.append((self.move_to(delivery_time(event)), event))
        return timed
