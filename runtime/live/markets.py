"""Where a run's market comes from: what is due when, and what it brings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from ..event.inputs import Bar, OutsideInput
from ..feed.files import delivery_time


class Market(Protocol):
    """Brings events in the order of their delivery. Times in microseconds since 1970 UTC."""

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""

    def next_due(self) -> int | None:
        """When the next event is due; None where none is planned."""

    def take(self, now: int) -> Sequence[OutsideInput]:
        """What is due next, given that it is due; `now` tells a market that makes its own events how late it is."""

    def meet(self, symbol: str, now: int, price: float | None) -> Sequence[OutsideInput]:
        """A symbol is asked for, at a price that somebody saw, if any: what the market says of it at once."""


class RecordedMarket:
    """Events from files, one after the other. It has an end, and knows the symbols that it knows."""

    def __init__(self, events: Iterable[OutsideInput]) -> None:
        self._events = iter(events)
        self._next = next(self._events, None)
        self.start = 0 if self._next is None else begins(self._next)

    @property
    def is_over(self) -> bool:
        return self._next is None

    def next_due(self) -> int | None:
        return None if self._next is None else delivery_time(self._next)

    def take(self, now: int) -> Sequence[OutsideInput]:
        event, self._next = self._next, next(self._events, None)
        return () if event is None else (event,)

    def meet(self, symbol: str, now: int, price: float | None) -> Sequence[OutsideInput]:
        return ()


def begins(event: OutsideInput) -> int:
    """When what an event tells of began: a bar's span, else its time."""
    return event.start if isinstance(event, Bar) else event.time
