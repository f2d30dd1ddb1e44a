"""A bare IB client for tests of the gateway: it speaks the wire's fields and hears what comes, without a socket."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

from rulec.runtime.broker.exchange import Exchange, ExchangePolicy, ExchangeTerms, FillMode
from rulec.runtime.event.inputs import Price, Quote
from rulec.runtime.gateway.codec import decode_reply
from rulec.runtime.gateway.gateway import Gateway
from rulec.runtime.gateway.policy import GatewayPolicy
from rulec.runtime.market.hours import AlwaysOpen, Hours, NyseHours
from rulec.runtime.numbers import to_micros
from rulec.runtime.times import parse_time

OPEN = parse_time("2026-01-06T15:00:00Z")
"""A Tuesday, half an hour into the session."""
CLOSED = parse_time("2026-01-06T12:00:00Z")
SECOND = 1_000_000
UNSET = "1.7976931348623157e+308"

Message = tuple[str, dict[str, Any]]


def frame(*fields: object) -> bytes:
    body = "".join(f"{field}\0" for field in fields).encode()
    return struct.pack(">I", len(body)) + body


def offer(versions: str = "v157..176") -> bytes:
    return b"API\0" + struct.pack(">I", len(versions)) + versions.encode()


def messages_in(data: bytes) -> list[list[str]]:
    """The fields of whole messages."""
    found = []
    while data:
        (length,) = struct.unpack(">I", data[:4])
        found.append(data[4 : 4 + length].decode().split("\0")[:-1])
        data = data[4 + length :]
    return found


class World:
    """A gateway, its exchange and a market by hand. `now` is moved by the tests."""

    def __init__(
        self,
        *,
        accounts: Sequence[str] = ("DU1",),
        hours: Hours | None = None,
        now: int = OPEN,
        exchange_policy: ExchangePolicy | None = None,
        terms: ExchangeTerms | None = None,
        **policy: Any,
    ) -> None:
        self.now = now
        self.hours = hours or NyseHours()
        terms = terms or ExchangeTerms(fill=FillMode.STANDING)
        self.exchange = Exchange(
            self.hours, dict.fromkeys(accounts, to_micros(100_000.0)), terms, exchange_policy or ExchangePolicy()
        )
        self.gateway = Gateway(self.exchange, self.hours, GatewayPolicy(**policy), terms)
        self.clients: list[Client] = []

    def client(self, client_id: int = 1, versions: str = "v157..176") -> Client:
        """A client that has connected, with the greeting taken."""
        client = Client(self, client_id)
        client.greet(versions)
        client.send(71, 2, client_id, "")
        client.take()
        return client

    def quote(self, symbol: str, bid: float, ask: float) -> None:
        self.gateway.on_market(Quote(self.now, symbol, bid, ask), self.now)
        self.collect()

    def trade(self, symbol: str, price: float, size: float = 100.0) -> None:
        self.gateway.on_market(Price(self.now, symbol, price, size), self.now)
        self.collect()

    def pass_time(self, seconds: float) -> None:
        self.now += round(seconds * SECOND)
        self.gateway.on_time(self.now)
        self.collect()

    def collect(self) -> None:
        """Hands what the gateway has said to the clients."""
        for output in self.gateway.take_output():
            for client in self.clients:
                if client.session == output.session:
                    client.heard += messages_in(b"".join(output.frames))
                    client.is_closed = client.is_closed or output.closes


class Client:
    """One connection. `heard` are the messages that have not been taken yet, as fields."""

    def __init__(self, world: World, client_id: int = 1) -> None:
        self._world = world
        self.client_id = client_id
        self.session = world.gateway.connect(world.now)
        self.heard: list[list[str]] = []
        self.is_closed = False
        self.version = 157
        world.clients.append(self)

    def greet(self, versions: str = "v157..176") -> None:
        self.send_bytes(offer(versions))

    def send_bytes(self, data: bytes) -> None:
        self._world.gateway.receive(self.session, data, self._world.now)
        self._world.collect()

    def send(self, *fields: object) -> None:
        self.send_bytes(frame(*fields))

    def leave(self) -> None:
        self._world.gateway.disconnect(self.session, self._world.now)

    def take_fields(self) -> list[list[str]]:
        heard, self.heard = self.heard, []
        return heard

    def take(self) -> list[Message]:
        """What was heard since this was last asked: the record's name and its values."""
        found = []
        for fields in self.take_fields():
            if len(fields) == 2 and fields[1].endswith("GMT"):
                self.version = int(fields[0])  # the answer to the greeting is no message with a number
                continue
            kind, values = decode_reply(fields, self.version)
            found.append((kind.__name__, dict(values)))
        return found

    def names(self) -> list[str]:
        return [name for name, _ in self.take()]

    # ---- requests --------------------------------------------------------------------------------------------------

    def place(self, order_id: int, symbol: str, action: str, quantity: object, kind: str, **more: Any) -> None:
        self.send(*order_fields(order_id, symbol, action, quantity, kind, **more))

    def cancel(self, order_id: int) -> None:
        self.send(4, 1, order_id)

    def ask(self, *fields: object) -> list[Message]:
        """Sends a request and takes the answers to it alone."""
        self.take()
        self.send(*fields)
        return self.take()


def stock(symbol: str, contract_id: int = 0) -> list[object]:
    """The twelve fields of a stock."""
    return [contract_id, symbol, "STK", "", "0.0", "", "", "SMART", "", "USD", "", ""]


def order_fields(
    order_id: int,
    symbol: str,
    action: str,
    quantity: object,
    kind: str,
    *,
    limit: object = "",
    aux: object = "",
    tif: str = "DAY",
    group: str = "",
    group_type: int = 0,
    parent: int = 0,
    transmit: bool = True,
    reference: str = "",
    account: str = "",
    outside: bool = False,
    trail_stop: object = "",
    percent: object = "",
    offset: object = "",
    what_if: bool = False,
    algorithm: str = "",
    neutral: str = "",
    adjusted: str = "",
    contract: Sequence[object] | None = None,
) -> list[object]:
    """A placeOrder message at 157, with what clients send for what is not set."""
    return [
        *(3, order_id),
        *(contract or stock(symbol)),
        *("", ""),
        *(action, quantity, kind, limit, aux, tif, group, account, "", 0, reference, int(transmit), parent),
        *(0, 0, 0, 0, int(outside), 0),
        *("", 0.0, "", "", "", "", "", "", "", 0, "", -1, group_type, "", "", 0, "", "", 0, 0, ""),
        *(0, "", "", "", "", "", 0, "", ""),
        *((neutral, 0.0, 0, "", "", "", "?", 0, 0, "") if neutral else ("", "")),
        *(0, "", trail_stop, percent, "", "", "", "", "", "", ""),
        *(0, "", "", 0, 0),
        *((algorithm, 0) if algorithm else ("",)),
        *("", int(what_if), "", 0, 0, 0, 0),
        *(adjusted, UNSET, offset, UNSET, UNSET, UNSET, 0, "", "", "", UNSET, "", "", "", "", 0, 0, 0, ""),
    ]


ALWAYS = AlwaysOpen()
