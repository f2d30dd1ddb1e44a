"""What leaves, and when: five lanes, and fewer messages in any second than the broker puts up with.

While nothing waits, a message leaves within the call that brings it. When the second is full, lanes decide: cancels and
protection, then modifications, then entries, then questions about orders and positions, then all others. The later
lanes may not fill the whole second, so that the first always find room. What belongs together leaves together: a
bracket waits until there is room for all of it.
"""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Callable

import attrs

from ...clock import Clock
from ...times import SECOND


class Lane(enum.IntEnum):
    """Who goes first."""

    PROTECTION = 0
    MODIFICATION = 1
    ENTRY = 2
    LOOK = 3
    QUESTION = 4


# How much of a second each lane may fill, in parts of twenty.
_SHARES = {Lane.PROTECTION: 20, Lane.MODIFICATION: 20, Lane.ENTRY: 16, Lane.LOOK: 16, Lane.QUESTION: 12}


@attrs.define(eq=False)
class Entry:
    """Something that leaves as so many messages. Emptied (0 messages) it leaves as nothing.

    `waits` says that it has not had its turn yet.
    """

    lane: Lane
    messages: int
    leave: Callable[[], None]
    waits: bool = False

    def withdraw(self) -> None:
        """It never leaves."""
        self.messages = 0
        self.waits = False


class SendingQueue:
    """`per_second` is the most that leaves within any second of `clock`, the one that waiting goes by."""

    def __init__(self, clock: Clock, per_second: int) -> None:
        self.clock = clock
        self._lanes: tuple[deque[Entry], ...] = tuple(deque() for _ in Lane)
        self._shares = {lane: max(1, per_second * share // 20) for lane, share in _SHARES.items()}
        self._left: deque[int] = deque()

    def submit(self, lane: Lane, messages: int, leave: Callable[[], None]) -> Entry:
        """Lets messages leave now, or as soon as it is their turn; `waits` of the entry says which."""
        entry = Entry(lane, messages, leave)
        now = self.clock.now()
        if not any(self._lanes[: lane + 1]) and self._ready_at(entry, now) <= now:
            self._let(entry, now)
        else:
            entry.waits = True
            self._lanes[lane].append(entry)
        return entry

    def next_due(self) -> int | None:
        """When `advance` has something to send."""
        for lane in self._lanes:
            if lane:
                return self._ready_at(lane[0], self.clock.now())
        return None

    def advance(self) -> None:
        """Sends what there is room for now."""
        now = self.clock.now()
        for lane in self._lanes:
            while lane:
                if self._ready_at(lane[0], now) > now:
                    return
                entry = lane.popleft()
                if entry.messages:
                    entry.waits = False
                    self._let(entry, now)

    def _let(self, entry: Entry, now: int) -> None:
        self._left.extend([now] * entry.messages)
        entry.leave()

    def _ready_at(self, entry: Entry, now: int) -> int:
        """When there is room for an entry; one too large for its share goes alone."""
        left = self._left
        while left and left[0] <= now - SECOND:
            left.popleft()
        if not entry.messages:
            return now
        too_many = len(left) + entry.messages - self._shares[entry.lane]
        return now if too_many <= 0 or not left else left[min(too_many, len(left)) - 1] + SECOND
