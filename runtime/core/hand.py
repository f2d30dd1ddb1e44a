"""Inputs that a Python program makes: an action asked for outside any rule, a cancel, an event of its own kind."""

from __future__ import annotations

import attrs

from ..context import Request
from ..event.base import BaseEvent


@attrs.frozen
class HandRequest:
    """An action asked for between two inputs."""

    time: int
    request: Request


@attrs.frozen
class HandCancel:
    """An order of ours that a program wants cancelled."""

    time: int
    order_id: str
    reason: str


@attrs.frozen
class HandHalt:
    """A program, or the runtime itself, wants new entries stopped."""

    time: int
    reason: str


@attrs.frozen
class HandEvent:
    """An event that only hand-built rules know: of an order, a fill, a position, or of the program's own type."""

    time: int
    event: BaseEvent

    @property
    def symbol(self) -> str | None:
        return getattr(self.event, "symbol", None)
