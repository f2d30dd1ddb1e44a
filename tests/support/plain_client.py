"""A client of the gateway stand-in that knows nothing but the wire: fields out, fields in. With or without a socket."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from rulec.runtime.gateway.codec import decode_reply

VERSION = 157
GREETING = b"API\0" + struct.pack(">I", 9) + b"v157..157"
Reply = tuple[str, Mapping[str, Any]]


def frame(fields: Sequence[object]) -> bytes:
    body = b"".join(f"{field}\0".encode() for field in fields)
    return struct.pack(">I", len(body)) + body


def start(client_id: int) -> bytes:
    return frame([71, 2, client_id, ""])


def contract(symbol: str) -> list[object]:
    return [0, symbol, "STK", "", 0.0, "", "", "SMART", "", "USD", "", ""]


def place(order_id: int, action: str, quantity: int, kind: str = "MKT", symbol: str = "AAPL", **more: Any) -> bytes:
    """placeOrder (3) as ib.md lays it out for a plain stock order; `more` are limit, stop, tif and the like."""
    unset = ""
    values: list[object] = [3, order_id, *contract(symbol), "", "", action, quantity, kind]
    values += [more.get("limit", unset), more.get("stop", unset), more.get("tif", "GTC"), more.get("oca", "")]
    values += [more.get("account", ""), "O", 0, more.get("ref", ""), int(more.get("transmit", True))]
    values += [more.get("parent", 0), 0, 0, 0, 0, int(more.get("outside", False)), 0, "", 0.0, ""]
    values += [more.get("good_till", ""), "", "", "", "", "", 0, "", -1, more.get("oca_type", 0), "", "", 0]
    values += [unset, unset, 0, 0, unset, 0, unset, unset, unset, unset, unset, 0, unset, unset, "", unset]
    values += [0, unset, more.get("trail_stop", unset), more.get("percent", unset), unset, unset, unset, "", "", ""]
    values += ["", 0, "", "", 0, 0, "", "", int(more.get("what_if", False)), "", 0, 0, 0, 0]
    values += ["", unset, more.get("offset", unset), unset, unset, unset, 0, "", "", "", unset]
    values += ["", "", "", "", 0, 0, 0, 0]
    return frame(values)


def cancel(order_id: int) -> bytes:
    return frame([4, 1, order_id])


def market_data(request_id: int, symbol: str = "AAPL") -> bytes:
    return frame([1, 11, request_id, *contract(symbol), 0, "", 0, 0, ""])


class Frames:
    """Cuts what comes into messages; the first one tells the version."""

    def __init__(self) -> None:
        self._buffer = b""
        self.count = 0

    def feed(self, data: bytes) -> Iterator[list[str]]:
        self._buffer += data
        while len(self._buffer) >= 4:
            (length,) = struct.unpack(">I", self._buffer[:4])
            if len(self._buffer) < 4 + length:
                return
            message, self._buffer = self._buffer[4 : 4 + length], self._buffer[4 + length :]
            self.count += 1
            yield message.decode().split("\0")[:-1]


def read(fields: Sequence[str]) -> Reply:
    """The name of a message's record and its values."""
    kind, values = decode_reply(fields, VERSION)
    return kind.__name__, values


class Core(Protocol):
    """What of the gateway a client without a socket needs."""

    def connect(self, now: int) -> int: ...
    def receive(self, session: int, data: bytes, now: int) -> None: ...
    def take_output(self) -> Sequence[Any]: ...


class Desk:
    """A gateway without sockets, at a time that tests move, and its clients."""

    def __init__(self, gateway: Core, now: int) -> None:
        self.gateway = gateway
        self.now = now
        self.clients: dict[int, PlainClient] = {}

    def connect(self, client_id: int) -> PlainClient:
        client = PlainClient(self, client_id)
        client.send(GREETING)
        client.send(start(client_id))
        return client

    def collect(self) -> None:
        """What the gateway has to write reaches its clients."""
        for output in self.gateway.take_output():
            client = self.clients.get(output.session)
            if client is not None:
                client.hear(b"".join(output.frames))
                client.is_closed = client.is_closed or output.closes


class PlainClient:
    """One session."""

    def __init__(self, desk: Desk, client_id: int) -> None:
        self.client_id = client_id
        self.is_closed = False
        self.heard: list[Reply] = []
        self._desk = desk
        self._frames = Frames()
        self.session = desk.gateway.connect(desk.now)
        desk.clients[self.session] = self

    def send(self, data: bytes) -> None:
        self._desk.gateway.receive(self.session, data, self._desk.now)
        self._desk.collect()

    def hear(self, data: bytes) -> None:
        for fields in self._frames.feed(data):
            if self._frames.count > 1:
                self.heard.append(read(fields))

    def take(self) -> list[Reply]:
        """What has come since this was last asked."""
        heard, self.heard = self.heard, []
        return heard

    def told(self, *kinds: str) -> list[Mapping[str, Any]]:
        """The values of all messages of these kinds so far."""
        return [values for name, values in self.heard if name in kinds]

    @property
    def errors(self) -> list[tuple[int, int]]:
        """(order or request, code), farm notices left out."""
        return [
            (each["id"], each["code"]) for each in self.told("ErrorMessage") if each["code"] not in (2104, 2106, 2158)
        ]

    def statuses(self, order_id: int) -> list[str]:
        return [each["status"] for each in self.told("OrderStatus") if each["order_id"] == order_id]
