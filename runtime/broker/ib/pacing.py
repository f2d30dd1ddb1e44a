"""When a request for bars of the past may leave.

Interactive Brokers allows 50 requests at a time. For bars of 30 seconds and shorter it wants no identical request
within 15 seconds, fewer than six for one contract within two seconds, and at most 60 in ten minutes; a request too many
is refused with 162, and many of them end the connection. For longer bars it slows down softly; one at a time and ten a
second is far below where it begins. Subscriptions to bars that grow count as long as they last.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable

from ...times import MINUTE, SECOND

MOST_OPEN = 45
SMALL_BARS = 30 * SECOND
_IDENTICAL = 15 * SECOND
_SAME_CONTRACT, _MOST_SAME_CONTRACT = 2 * SECOND, 5
_LONG, _MOST_LONG = 10 * MINUTE, 58  # of 60: the broker's clock is not ours
_BETWEEN = SECOND // 10


class HistoryPacing:
    """Keeps count of requests; times in microseconds. `contract` and `request` are whatever tells one from another."""

    def __init__(self) -> None:
        self._latest = 0
        self._small: deque[tuple[int, Hashable, Hashable]] = deque()

    def allowed_at(self, now: int, size: int, contract: Hashable, request: Hashable) -> int:
        """The earliest time at which a request for bars of this size may leave; `now` where it may at once."""
        at = max(now, self._latest + _BETWEEN) if self._latest else now
        if size > SMALL_BARS:
            return at
        self._drop_old(now)
        if len(self._small) >= _MOST_LONG:
            at = max(at, self._small[-_MOST_LONG][0] + _LONG)
        same = [time for time, other, _ in self._small if other == contract]
        if len(same) >= _MOST_SAME_CONTRACT:
            at = max(at, same[-_MOST_SAME_CONTRACT] + _SAME_CONTRACT)
        for time, _, other in self._small:
            if other == request:
                at = max(at, time + _IDENTICAL)
        return at

    def sent(self, now: int, size: int, contract: Hashable, request: Hashable) -> None:
        """A request has left."""
        self._latest = now
        if size <= SMALL_BARS:
            self._small.append((now, contract, request))

    def _drop_old(self, now: int) -> None:
        while self._small and self._small[0][0] <= now - _LONG:
            self._small.popleft()
