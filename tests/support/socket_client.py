"""An IB client of its own on a real socket, made of nothing but bytes: somebody else at the same gateway."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .plain_client import GREETING, Frames, Reply, frame, read, start
from .processes import PATIENCE, Gateway


class SocketClient:
    """One session. What it was told stands in `heard`."""

    def __init__(self, there: Gateway, client_id: int) -> None:
        self.heard: list[Reply] = []
        self._frames = Frames()
        self._socket = socket.create_connection(("127.0.0.1", there.port), PATIENCE)
        self.send(GREETING)
        self.send(start(client_id))
        self.until("NextValidId")

    def close(self) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def until(self, kind: str) -> None:
        """Reads on until a message of this kind has come."""
        end = time.monotonic() + PATIENCE
        while not any(name == kind for name, _ in self.heard):
            assert time.monotonic() < end, f"no {kind}: {self.heard}"
            data = self._socket.recv(1 << 16)
            assert data, f"the gateway hung up before {kind}: {self.heard}"
            for fields in self._frames.feed(data):
                if self._frames.count > 1:
                    self.heard.append(read(fields))

    def ask(self, request: Sequence[object], end: str, kind: str) -> list[Mapping[str, Any]]:
        """What comes of a kind until the message that ends the list."""
        self.heard.clear()
        self.send(frame(request))
        self.until(end)
        return [values for name, values in self.heard if name == kind]

    def positions(self) -> dict[str, float]:
        """Shares held by symbol (reqPositions)."""
        told = self.ask([61, 1], "PositionEnd", "Position")
        return {each["contract.symbol"]: each["position"] for each in told if each["position"]}

    def open_orders(self) -> list[Mapping[str, Any]]:
        """The open orders of all clients (reqAllOpenOrders)."""
        return self.ask([16, 1], "OpenOrderEnd", "OpenOrder")

    def executions(self) -> list[Mapping[str, Any]]:
        """Executions of all clients since midnight (reqExecutions)."""
        return self.ask([7, 3, 1, 0, "", "", "", "", "", ""], "ExecutionDetailsEnd", "ExecutionDetails")


@contextlib.contextmanager
def client_at(there: Gateway, client_id: int) -> Iterator[SocketClient]:
    client = SocketClient(there, client_id)
    try:
        yield client
    finally:
        client.close()
