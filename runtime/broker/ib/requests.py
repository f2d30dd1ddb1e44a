"""What the trading side asks of a connection. Every call either sends at once or raises `NotSent`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from .orders import OrderFields

NOT_CONNECTED = 504


class NotSent(Exception):
    """Not one byte of a message was sent. `code` and `text` are as the broker would tell them."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class OrderWire(Protocol):
    """Where orders leave."""

    def next_number(self) -> int:
        """The next order number of this client, given out once."""

    def place(self, orders: Sequence[OrderFields]) -> None:
        """Sends orders together, each new or new terms of the order that has its number already.

        Raises:
            NotSent: there is no connection, or a symbol stands for no contract: none of them has left.
        """

    def cancel(self, number: int) -> None:
        """Cancels an order of this client.

        Raises:
            NotSent: there is no connection.
        """


class Requests(Protocol):
    """Questions about everything that the broker knows. Each raises `NotSent` where there is no connection."""

    def take_number(self) -> int:
        """A number for a request, given out once."""

    def ask_open_orders(self) -> None:
        """Of all clients."""

    def ask_completed_orders(self) -> None:
        """Of all clients, and those by hand."""

    def ask_positions(self) -> None:
        """All of them now, and from then on whatever changes."""

    def ask_executions(self, request: int) -> None:
        """Of all clients and by hand, as far back as the broker remembers."""
