"""The one module that knows the client library: `ib_insync`, or its successor `ib_async`.

Of the library only its client is used: the socket and the codec. What it decodes goes to a `Receiver` of ours (the
tap); its own books of orders, tickers and accounts never come to be, so that none of their opinions can be mistaken
for the broker's. What is sent goes through the client's requests one by one, past its throttle: the sending queue is
ours, in which a cancel overtakes.

A link is made afresh for every connection and is dead when that ends; what an old socket still says reaches nobody.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import logging
import sys
from collections.abc import Sequence
from typing import Any, Protocol

import attrs

from .encoding import OrderMessages
from .orders import OrderFields
from .refused import StartRefused

LIBRARIES = ("ib_insync", "ib_async")
_UNSET = sys.float_info.max
_EXECUTION = 11  # the number of execDetails on the wire
_TIME_OF_EXECUTION = 15  # its field
_SOME_TIME = "0"


class Receiver(Protocol):
    """What a link hands everything to, besides the library's own calls; implemented by the tap."""

    def time_of_execution(self, text: str) -> None:
        """The time of the execution that is told next, in the broker's own words."""

    def not_understood(self, text: str) -> None:
        """A message could not be decoded; the text begins with why."""


def installed() -> tuple[str, ...]:
    """Which of the libraries this environment has."""
    return tuple(name for name in LIBRARIES if importlib.util.find_spec(name) is not None)


def load() -> Library:
    """Imports the client library.

    Raises:
        StartRefused: there is none, or both are there: they install different files under one package's name.
    """
    names = installed()
    if not names:
        raise StartRefused(
            "no client library for Interactive Brokers is installed; run  pip install ib_insync  (or ib_async)"
        )
    if len(names) > 1:
        raise StartRefused(
            "ib_insync and ib_async are both installed, and each breaks the other's eventkit; "
            "run  pip uninstall ib_insync eventkit  and then  pip install --force-reinstall ib_async"
        )
    return Library(names[0], _import(names[0]))


def _import(name: str) -> Any:
    """eventkit, below both libraries, asks for the thread's event loop when it is imported and when it sends."""
    try:
        asyncio.set_event_loop(asyncio.get_running_loop())
    except RuntimeError:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            return importlib.import_module(name)
        finally:
            asyncio.set_event_loop(None)
            loop.close()
    return importlib.import_module(name)


@attrs.frozen
class Library:
    """A library that was imported. Any: neither of them ships types."""

    name: str
    module: Any

    @property
    def version(self) -> str:
        return str(self.module.__version__)

    def quiet(self) -> None:
        """Keeps the library from writing to standard error where nobody has set up logging: we tell what matters."""
        logger = logging.getLogger(self.name)
        if not any(isinstance(handler, logging.NullHandler) for handler in logger.handlers):
            logger.addHandler(logging.NullHandler())

    def stock(self, con_id: int, symbol: str, exchange: str = "SMART", primary_exchange: str = "") -> Any:
        """A contract as the library has it: a stock in USD. `symbol` as the broker spells it (`BRK B`)."""
        return self.module.Contract(
            secType="STK",
            conId=con_id,
            symbol=symbol,
            exchange=exchange,
            primaryExchange=primary_exchange,
            currency="USD",
        )


@attrs.frozen
class PlacedOrder:
    """An order and its contract: the contract's number, and its symbol as the broker spells it (`BRK B`)."""

    con_id: int
    symbol: str
    fields: OrderFields


def _price(value: float | None) -> float:
    return _UNSET if value is None else value


class Link:
    """One connection: opened once, closed once.

    `server_version` is told by the broker. Requests may be made from the moment that `open` is through.
    """

    def __init__(self, library: Library, receiver: Receiver) -> None:
        library.quiet()
        self._library = library
        self._receiver = receiver
        client = library.module.Client(receiver)
        client.MaxRequests = 0  # 0: no throttle
        decoder = client.decoder
        decoder.logger = _DecoderLog(receiver)
        decode_execution = decoder.handlers[_EXECUTION]

        def execution(fields: list[str]) -> None:
            # Both libraries make a time of the text in the machine's zone, and lose the whole fill where they cannot.
            receiver.time_of_execution(fields[_TIME_OF_EXECUTION])
            fields[_TIME_OF_EXECUTION] = _SOME_TIME
            decode_execution(fields)

        decoder.handlers[_EXECUTION] = execution
        self._client = client
        self._order_class = library.module.Order
        self._plain_order = vars(library.module.Order())
        self._filter_class = library.module.ExecutionFilter
        self._transport: Any = None
        self._messages: OrderMessages | None = None
        self._received = self._sent = 0

    @property
    def server_version(self) -> int:
        return int(self._client.serverVersion())

    @property
    def transport(self) -> Any:
        """Where bytes are written to; None while there is no socket. Any: whatever the event loop made."""
        return self._client.conn.transport

    @property
    def received(self) -> int:
        """Messages received, those of the handshake included."""
        self._count()
        return self._received

    @property
    def sent(self) -> int:
        self._count()
        return self._sent

    def _count(self) -> None:
        # the library forgets its counts when the socket goes
        self._received = max(self._received, self._client._numMsgRecv)
        self._sent = max(self._sent, self._client.conn.numMsgSent)

    async def open(self, host: str, port: int, client_id: int, seconds: float) -> None:
        """Connects and shakes hands; done when the broker has told accounts and the next order number.

        Raises:
            OSError: nothing answers there.
            TimeoutError: somebody answers, but not as TWS or IB Gateway does, or not in time.
        """
        await self._client.connectAsync(host, port, client_id, seconds)
        self._transport = self._client.conn.transport
        self._learn()

    @property
    def is_closed(self) -> bool:
        """Whether the socket is gone."""
        return self._client.conn.transport is None

    def close(self) -> None:
        """Ends the connection in order."""
        self._count()
        if self._client.conn.transport is not None:
            self._client.disconnect()

    def abort(self) -> None:
        """Drops the connection at once: a dead socket would wait for ever to send what it still holds."""
        self._count()
        transport = self._client.conn.transport or self._transport
        if transport is not None:
            transport.abort()
        self._client.reset()

    # ---- orders ----------------------------------------------------------------------------------------------------

    def place(self, orders: Sequence[PlacedOrder]) -> None:
        """Sends orders, or the new terms of ones that were sent under the same number, in a single write.

        Raises:
            ConnectionError: the socket is gone; nothing has left.
        """
        if not self._client.isConnected():
            raise ConnectionError("not connected")
        messages = self._messages or self._learn()
        bodies = [messages.text(one.con_id, one.symbol, one.fields).encode() for one in orders]
        connection = self._client.conn
        connection.sendMsg(b"".join([len(body).to_bytes(4, "big") + body for body in bodies]))
        connection.numMsgSent += len(bodies) - 1  # the library takes a write for a message

    def _learn(self) -> OrderMessages:
        self._messages = OrderMessages(self._encoded)
        return self._messages

    def _encoded(self, con_id: int, symbol: str, fields: OrderFields) -> str:
        """An order as the library would send it."""
        caught: list[str] = []
        self._client.sendMsg = caught.append
        try:
            self._client.placeOrder(fields.number, self._library.stock(con_id, symbol), self._order(fields))
        finally:
            del self._client.sendMsg
        return caught[0]

    def _order(self, fields: OrderFields) -> Any:
        order = self._order_class.__new__(self._order_class)
        values = order.__dict__
        values.update(self._plain_order)
        values["orderId"] = fields.number
        values["action"] = fields.action
        values["totalQuantity"] = fields.quantity
        values["orderType"] = fields.order_type
        values["lmtPrice"] = _price(fields.limit_price)
        values["auxPrice"] = _price(fields.aux_price)
        values["trailStopPrice"] = _price(fields.trail_stop_price)
        values["trailingPercent"] = _price(fields.trailing_percent)
        values["tif"] = fields.time_in_force
        values["ocaGroup"] = fields.oca_group
        values["ocaType"] = fields.oca_type
        values["account"] = fields.account
        values["orderRef"] = fields.reference
        values["parentId"] = fields.parent_number
        values["transmit"] = fields.transmit
        values["outsideRth"] = fields.outside_hours
        return order

    def cancel(self, number: int) -> None:
        self._client.cancelOrder(number)

    # ---- what the broker knows -------------------------------------------------------------------------------------

    def ask_open_orders(self) -> None:
        """The working orders of all clients."""
        self._client.reqAllOpenOrders()

    def ask_completed_orders(self) -> None:
        """Orders that are over, those of other clients and by hand included."""
        self._client.reqCompletedOrders(False)

    def ask_executions(self, request: int) -> None:
        """Executions of every client and by hand, as far back as the broker remembers."""
        self._client.reqExecutions(request, self._filter_class())

    def ask_positions(self) -> None:
        """Positions now, and whenever they change."""
        self._client.reqPositions()

    def ask_account(self, account: str) -> None:
        """Values of an account now, and whenever they change."""
        self._client.reqAccountUpdates(True, account)

    def ask_profit(self, request: int, account: str) -> None:
        """The account's profit and loss, as it moves."""
        self._client.reqPnL(request, account, "")

    def end_profit(self, request: int) -> None:
        self._client.cancelPnL(request)

    def ask_time(self) -> None:
        self._client.reqCurrentTime()

    # ---- contracts and data ----------------------------------------------------------------------------------------

    def ask_contract(self, request: int, contract: Any) -> None:
        self._client.reqContractDetails(request, contract)

    def ask_market_rule(self, rule: int) -> None:
        self._client.reqMarketRule(rule)

    def ask_data_type(self, kind: int) -> None:
        self._client.reqMarketDataType(kind)

    def ask_quotes(self, request: int, contract: Any, kinds: str, *, snapshot: bool = False) -> None:
        """Quotes and trades as they come, or once; `kinds` are the numbers of further ticks."""
        self._client.reqMktData(request, contract, kinds, snapshot, False, [])

    def end_quotes(self, request: int) -> None:
        self._client.cancelMktData(request)

    def ask_bars(self, request: int, contract: Any, size: str, duration: str, *, keep: bool) -> None:
        """Bars of trades in regular hours up to now; with `keep` also those that follow."""
        self._client.reqHistoricalData(request, contract, "", duration, size, "TRADES", 1, 2, keep, [])

    def end_bars(self, request: int) -> None:
        self._client.cancelHistoricalData(request)


class _DecoderLog:
    """Stands where the decoder would log what it could not handle."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver

    def exception(self, text: str, *parts: object) -> None:
        error = sys.exc_info()[1]
        self._receiver.not_understood(f"{type(error).__name__}: {error}: {text}")
