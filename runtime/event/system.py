"""Events of the system itself: the clock, the start, the connection to the broker."""

from __future__ import annotations

import attrs

from .base import BaseEvent


@attrs.frozen(kw_only=True)
class ClockEvent(BaseEvent):
    """A rule's clock is due.

    `schedule` names what is due (`time 57540`, `every 300`, `open 300`; seconds of the exchange's day). `due` is when
    it should have been, in microseconds since 1970 UTC; `late` tells that this is too much later for anything but
    reducing risk. `symbol` is the one that the rule is narrowed to, None for a rule that names none.
    """

    schedule: str
    symbol: str | None = None
    due: int | None = None
    late: bool = False

    @property
    def has_symbol(self) -> bool:
        return self.symbol is not None


@attrs.frozen(kw_only=True)
class StartEvent(BaseEvent):
    """The system has started."""


@attrs.frozen(kw_only=True)
class ConnectionEvent(BaseEvent):
    """The connection to the broker came, or went."""

    connected: bool
