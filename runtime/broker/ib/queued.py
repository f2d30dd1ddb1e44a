"""Questions about everything, through the sending queue."""

from __future__ import annotations

from collections.abc import Callable

from .requests import NotSent, Requests
from .sending import Entry, Lane, SendingQueue


class QueuedRequests:
    """Questions that leave behind orders, and before requests of data."""

    def __init__(self, requests: Requests, queue: SendingQueue, lost: Callable[[], None]) -> None:
        self._requests = requests
        self._queue = queue
        self._lost = lost
        self._waiting: list[Entry] = []

    def withdraw(self) -> None:
        """What waits is not asked: its answer would be taken for that of a later question."""
        for entry in self._waiting:
            entry.withdraw()
        self._waiting = []

    def take_number(self) -> int:
        return self._requests.take_number()

    def ask_open_orders(self) -> None:
        self._submit(self._requests.ask_open_orders)

    def ask_completed_orders(self) -> None:
        self._submit(self._requests.ask_completed_orders)

    def ask_positions(self) -> None:
        self._submit(self._requests.ask_positions)

    def ask_executions(self, request: int) -> None:
        self._submit(lambda: self._requests.ask_executions(request))

    def _submit(self, ask: Callable[[], None]) -> None:
        def leave() -> None:
            try:
                ask()
            except NotSent:
                self._lost()

        entry = self._queue.submit(Lane.LOOK, 1, leave)
        self._waiting = [one for one in (*self._waiting, entry) if one.waits]
