"""One heap of timers. A timer that is due becomes an input of its own; nothing in a step waits."""

from __future__ import annotations

import heapq

Key = tuple[str, ...]


class Timers:
    """Timers by key: starting one again moves it, cancelling one forgets it. Times in microseconds since 1970 UTC."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Key]] = []
        self._live: dict[Key, tuple[int, int]] = {}
        self._count = 0

    def start(self, key: Key, due: int) -> None:
        self._count += 1
        self._live[key] = (due, self._count)
        heapq.heappush(self._heap, (due, self._count, key))

    def start_once(self, key: Key, due: int) -> None:
        """Starts a timer unless one with this key runs already."""
        if key not in self._live:
            self.start(key, due)

    def cancel(self, key: Key) -> None:
        self._live.pop(key, None)

    def due(self, key: Key) -> int | None:
        """When the timer with this key is due; None where none runs."""
        live = self._live.get(key)
        return None if live is None else live[0]

    def next_due(self) -> int | None:
        """When the first timer is due; None where none runs."""
        while self._heap:
            due, count, key = self._heap[0]
            if self._live.get(key) == (due, count):
                return due
            heapq.heappop(self._heap)
        return None

    def take(self, now: int) -> Key | None:
        """The first timer that is due by `now`, which is then forgotten."""
        due = self.next_due()
        if due is None or due > now:
            return None
        _, _, key = heapq.heappop(self._heap)
        del self._live[key]
        return key
