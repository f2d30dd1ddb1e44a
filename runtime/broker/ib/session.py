"""A connection while it stands, and what whoever uses it is told of its coming and going."""

from __future__ import annotations

import enum
from typing import Protocol

import attrs

from .library import Link
from .tap import Record, Tap


class Lost(enum.Enum):
    """How the broker came to be out of reach."""

    SOCKET = "socket"
    SERVERS = "servers"


class Listener(Protocol):
    """Who uses the connection."""

    def on_up(self, session: Session) -> None:
        """A connection stands and may be used."""

    def on_down(self, how: Lost) -> None:
        """The broker is out of reach; after `Lost.SOCKET` the session is over."""

    def on_back(self, *, data_kept: bool) -> None:
        """The broker's servers are in reach again, on the same socket."""

    def on_record(self, record: Record) -> None:
        """Something was told that is not the connection's own business."""

    def on_packet(self) -> None:
        """All messages of a packet are handled."""

    def on_failure(self, error: BaseException) -> None:
        """Handling something failed: a fault of ours, after which nothing can be relied on."""


@attrs.define
class Session:
    """One connection while it stands. `next_number` is the lowest for a new order."""

    link: Link
    tap: Tap
    accounts: tuple[str, ...] = ()
    next_number: int = 0


class CannotConnect(Exception):
    """An attempt failed; the message says why and what helps."""
