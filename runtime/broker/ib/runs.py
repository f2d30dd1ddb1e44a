"""What a run hands to the adapter, and what it gets from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from ...event.inputs import Bar, BrokerLink, Price, Quote
from ..port import Message, OrderSpec
from .connection import Connection
from .sending import SendingQueue

BrokerInput = Message | Quote | Price | Bar | BrokerLink
Put = Callable[[BrokerInput], None]
Say = Callable[[str, str | None, str], None]
"""Tells a person: the level (`info` or `warning`), the symbol that it is about or None, and the text."""


@attrs.frozen
class KnownOrder:
    """An order that the journal knows from before: when it was sent (microseconds), and whether it is over."""

    reference: str
    order_id: str
    sent: int
    spec: OrderSpec
    is_done: bool


@attrs.frozen
class BarsWanted:
    """Bars of so many seconds each, and how many of the past with them."""

    timeframe: float
    past: int


@attrs.frozen
class Account:
    """The account that is traded, and what it was worth at the start (micros of USD; None where it is not known)."""

    id: str
    is_paper: bool
    equity: int | None = None


class Wire:
    """How many messages were received and sent, over all connections, those of the handshakes included.

    `has_waiting` says whether messages wait for room in the present second.
    """

    def __init__(self, connection: Callable[[], Connection | None], queue: SendingQueue) -> None:
        self._connection = connection
        self._queue = queue

    @property
    def received(self) -> int:
        connection = self._connection()
        return 0 if connection is None else connection.received

    @property
    def sent(self) -> int:
        connection = self._connection()
        return 0 if connection is None else connection.sent

    @property
    def transport(self) -> Any:
        """Where bytes are written to, for whoever looks at them in passing; None while there is no socket."""
        connection = self._connection()
        link = None if connection is None else connection.link
        return None if link is None else link.transport

    @property
    def has_waiting(self) -> bool:
        return self._queue.next_due() is not None
