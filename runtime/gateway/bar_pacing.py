"""How often bars of the past may be asked for, as Interactive Brokers counts it.

Of bars of 30 seconds or less: not the same request twice within 15 seconds, fewer than six for one symbol in two
seconds, at most 60 in ten minutes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable

from ..times import MINUTE, SECOND

SMALL_BARS = 30 * SECOND


class BarPacing:
    """Counts requests of one gateway; times in microseconds."""

    def __init__(self) -> None:
        self._asked: deque[tuple[int, Hashable, str]] = deque()

    def allows(self, request: Hashable, symbol: str, bar_size: int, now: int) -> bool:
        """Whether a request may be answered now; one that is refused counts, too."""
        if bar_size > SMALL_BARS:
            return True
        asked = self._asked
        while asked and asked[0][0] <= now - 10 * MINUTE:
            asked.popleft()
        same = any(each == request and time > now - 15 * SECOND for time, each, _ in asked)
        of_symbol = sum(each == symbol and time > now - 2 * SECOND for time, _, each in asked)
        allowed = not same and of_symbol < 5 and len(asked) < 60
        asked.append((now, request, symbol))
        return allowed
