"""The broker connection under its public name.

A `TWSConnection` stands in front of any broker adapter. It has the two ends that an order manager needs: commands go
in, messages come out. What time it is and what the market does, the adapter itself is told:

    broker = SimulatedBroker(hours, SimulationSettings())
    orders = OrderManager(event_bus, TWSConnection(broker))
    broker.market(price)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from ..market.hours import AlwaysOpen
from .exchange import FillMode
from .port import Command, Message
from .simulated import SimulatedBroker, SimulationSettings


class ConnectedBroker(Protocol):
    """A broker adapter with a queue of messages."""

    def send(self, commands: Iterable[Command]) -> None:
        """Takes commands in order. Never raises for what a broker may answer: that comes back as a message."""

    def take(self) -> list[Message]:
        """The messages that wait, oldest first."""


class TWSConnection:
    """A connection to a broker. `broker` is the adapter behind it.

    Without one it is a simulated broker of its own: open round the clock, filling at the standing price.
    """

    def __init__(self, broker: ConnectedBroker | None = None) -> None:
        if broker is None:
            broker = SimulatedBroker(AlwaysOpen(), SimulationSettings(fill=FillMode.STANDING))
        self.broker: ConnectedBroker = broker

    def send(self, commands: Iterable[Command]) -> None:
        """Sends commands, in order."""
        self.broker.send(commands)

    def take(self) -> list[Message]:
        """The messages that wait, oldest first; each is told once."""
        return self.broker.take()
