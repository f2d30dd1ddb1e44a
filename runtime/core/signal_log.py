"""How many signals of a kind came lately: what `signals(BUY, 5m)` counts."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque

from ..times import SECOND


class SignalLog:
    """The times at which signals came, by symbol and kind, as far back as somebody asks. Microseconds since 1970 UTC.

    A count over more than has been watched is unknown: what came before that is not known.
    """

    def __init__(self) -> None:
        self._times: dict[tuple[str, str], deque[int]] = {}
        self._longest: dict[str, int] = {}
        self._since: int | None = None
        self._kept_since: dict[str, int] = {}  # of kinds that were first asked for, or for longer, in the midst of it

    def want(self, kind: str, seconds: float, now: int | None = None) -> None:
        """Asks that the signals of a kind be kept for so long; `now` tells that signals have come already."""
        before, wanted = self._longest.get(kind), round(seconds * SECOND)
        if before is not None and wanted <= before:
            return
        self._longest[kind] = wanted
        if now is not None and self._since is not None:
            reaches_back = now if before is None else now - before
            self._kept_since[kind] = max(self._kept_since.get(kind, self._since), reaches_back)

    def begin(self, now: int) -> None:
        """From now on every signal is seen."""
        self._since = now

    def add(self, symbol: str, kind: str, now: int) -> None:
        longest = self._longest.get(kind)
        if longest is None:
            return
        times = self._times.setdefault((symbol, kind), deque())
        times.append(now)
        while times[0] <= now - longest:
            times.popleft()

    def count(self, symbol: str, kind: str, seconds: float, now: int) -> float | None:
        """How many of a kind came for a symbol within the last seconds, those of this moment included."""
        window = round(seconds * SECOND)
        since = self._kept_since.get(kind, self._since)
        if since is None or now - since < window:
            return None
        times = self._times.get((symbol, kind), ())
        return float(len(times) - bisect_right(times, now - window))
