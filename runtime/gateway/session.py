"""One client's connection: its handshake, who it is, what it has subscribed to, and what waits to be written to it."""

from __future__ import annotations

import enum

import attrs

from .codec import encode
from .replies import Reply
from .wire import LONGEST_MESSAGE, Frames, to_frame


class Stage(enum.Enum):
    """How far a session is. Nothing is sent between the version and `startApi`, or one client misses it."""

    GREETING = "greeting"
    OFFERED = "offered"
    STARTED = "started"
    CLOSING = "closing"


@attrs.define
class Subscriptions:
    """What a session wants to hear of. Keys are its own request numbers.

    `market_data` and `real_time_bars` tell the symbol (and what); `sales` are those of the first that want every
    trade; `snapshots` tell the symbol and when waiting for it ends (microseconds); `account` is the one of
    `reqAccountUpdates`.
    """

    market_data: dict[int, str] = attrs.Factory(dict)
    sales: set[int] = attrs.Factory(set)
    snapshots: dict[int, tuple[str, int]] = attrs.Factory(dict)
    real_time_bars: dict[int, tuple[str, str]] = attrs.Factory(dict)
    positions: bool = False
    positions_multi: dict[int, str] = attrs.Factory(dict)
    account: str | None = None
    account_multi: dict[int, tuple[str, str]] = attrs.Factory(dict)
    summaries: dict[int, tuple[str, ...]] = attrs.Factory(dict)
    profit: dict[int, str] = attrs.Factory(dict)
    profit_single: dict[int, tuple[str, str]] = attrs.Factory(dict)
    auto_bind: bool = False


class Session:
    """A connection. `received` and `sent` count whole messages; `since` is when it began (microseconds)."""

    def __init__(self, number: int, since: int, longest_message: int = LONGEST_MESSAGE) -> None:
        self.number = number
        self.since = since
        self.stage = Stage.GREETING
        self.version = 0
        self.client_id = -1
        self.data_type = 1
        self.received = 0
        self.sent = 0
        self.subscriptions = Subscriptions()
        self.frames = Frames(longest_message)
        self._said: list[Reply] = []
        self._out: list[bytes] = []

    @property
    def is_started(self) -> bool:
        return self.stage is Stage.STARTED

    def send(self, reply: Reply) -> None:
        """Says something, after all that was said before."""
        self._said.append(reply)

    def take_said(self) -> list[Reply]:
        said = self._said
        self._said = []
        return said

    def fields_of(self, reply: Reply) -> list[str]:
        return encode(reply, self.version)

    def put(self, fields: list[str]) -> list[str]:
        """A message as it goes out; answers it, for whoever keeps a record."""
        self.sent += 1
        self._out.append(to_frame(fields))
        return fields

    def close(self) -> None:
        """Once what waits is written, the connection ends."""
        self.stage = Stage.CLOSING

    def take(self) -> list[bytes]:
        out = self._out
        self._out = []
        return out
