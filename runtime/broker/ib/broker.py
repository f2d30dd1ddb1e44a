"""Interactive Brokers behind the broker's port: the whole, put together.

    commands -> trading -> sending queue -> outlet -> link -> socket
    socket -> link -> tap -> records -> trading, contracts, market data, bars, account -> messages

All of it runs in one event loop, between two of its waits; a command leaves within `send` when there is room in the
present second. The engine hears CONNECTED only when everything that the broker knows has been told: open and completed
orders, executions, positions. It hears DISCONNECTED at once, and from then on every order is refused.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable

from ...clock import Clock
from ...event.inputs import BrokerLink, LinkEvent
from ...market.hours import Hours, NyseHours
from ...numbers import TickBand
from ...times import SECOND
from ..port import Command, Subscribe
from .account import choose_account, is_paper
from .address import Address
from .assembling import Ways, assemble
from .connection import Connection
from .contracts import StockContract
from .identity import Identity
from .library import Library, Link, load
from .pulse import Pulse
from .refused import StartRefused
from .runs import Account, BarsWanted, BrokerInput, KnownOrder, Put, Say, Wire
from .sending import SendingQueue
from .session import Lost, Session
from .settings import IBSettings, client_id_of, instance_of
from .sides import Sides
from .tap import Record
from .watching import Watching

__all__ = ["Account", "BarsWanted", "BrokerInput", "IBBroker", "KnownOrder"]

_TICK = 0.05  # seconds between two looks at what is due
_READ_ONLY = (
    "the API of TWS or IB Gateway is read-only and takes no orders; there, under Configuration, API, Settings, clear "
    "Read-Only API"
)


class IBBroker:
    """Implements `Broker` in front of TWS or IB Gateway. One event loop, one thread.

    `put` takes what the broker says and must only note it; `say` what a person should read. `known` are the orders of
    the journal. `clock` stamps what is told; waiting goes by the event loop's own clock.
    """

    def __init__(
        self,
        address: Address,
        settings: IBSettings,
        put: Put,
        say: Say,
        clock: Clock,
        known: Iterable[KnownOrder] = (),
    ) -> None:
        self._address = address
        self._settings = settings
        self._put = put
        self._say = say
        self._clock = clock
        self._known = tuple(known)
        self._nyse = NyseHours()
        self._pulse = Pulse()
        self._queue = SendingQueue(self._pulse, settings.messages_per_second)
        self._connection: Connection | None = None
        self._sides: Sides | None = None
        self._library: Library | None = None
        self._is_up = False
        self._watching = Watching()
        self._ready: asyncio.Future[None] | None = None
        self._failure: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._said_read_only = False
        self.wire = Wire(lambda: self._connection, self._queue)

    # ---- the public calls ------------------------------------------------------------------------------------------

    async def connect(self) -> Account:
        """Connects for the first time and tells the whole of what the broker knows.

        Raises:
            StartRefused: the run must not go on.
        """
        loop = asyncio.get_running_loop()
        self._pulse.start(loop)
        self._ready, self._failure = loop.create_future(), loop.create_future()
        self._library = load()
        self._connection = Connection(
            self._address,
            client_id_of(self._address, self._settings),
            self._settings,
            self._library,
            self,
            self._say,
            self._clock,
            self._pulse,
            self._nyse,
            random.Random(f"{self._clock.now()} {self._address}"),
        )
        self._tick()
        await self._connection.open()
        await asyncio.wait(
            {self._ready, self._failure},
            timeout=self._settings.start_within / SECOND,
            return_when=asyncio.FIRST_COMPLETED,
        )
        if self._failure.done():
            self._failure.result()
        if not self._ready.done():
            seconds = self._settings.start_within // SECOND
            raise StartRefused(
                f"{self._address} did not tell its orders, executions and positions within {seconds} seconds; look "
                "whether TWS or IB Gateway shows a dialogue that waits for somebody, and start again"
            )
        self._ready.result()
        sides = self._assembled()
        await self._until(lambda: sides.watch.worth is not None, self._settings.answer_within)
        return Account(sides.account, is_paper(sides.account), sides.watch.worth)

    async def run(self) -> None:
        """Keeps the connection until it is cancelled; call it once, after `connect`.

        Raises:
            StartRefused: a later connection shows another account, or none that may be traded.
            Exception: whatever handling a message met with; nothing can be relied on then.
        """
        assert self._connection is not None and self._failure is not None, "connect comes first"
        keeping = asyncio.ensure_future(self._connection.run())
        try:
            await asyncio.wait({keeping, self._failure}, return_when=asyncio.FIRST_COMPLETED)
            (self._failure if self._failure.done() else keeping).result()
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)

    async def stop(self) -> None:
        """Ends the connection; cancels nothing at the broker. What was sent is on its way, what waits is refused."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._go_down(Lost.SOCKET)
        if self._connection is not None:
            await self._connection.close()
        for future in (self._failure, self._ready):
            if future is not None and future.done() and not future.cancelled():
                future.exception()  # told already, or there is nobody left to tell

    def send(self, commands: Iterable[Command]) -> None:
        """Takes commands in order. Never raises for what a broker may answer: that comes back as a message."""
        sides = self._assembled()
        wishes: list[Subscribe] = []
        for command in commands:
            if isinstance(command, Subscribe):
                wishes.append(command)  # orders wait for nothing
            else:
                sides.trading.send(command)
        sides.trading.kick()
        for wish in wishes:
            past = self._settings.past_bars
            self._wish(wish.symbol, [BarsWanted(timeframe, past) for timeframe in wish.timeframes])

    def watch(self, symbols: Iterable[str], bars: Iterable[BarsWanted] = ()) -> None:
        """Asks for market data of these symbols, and for bars."""
        wanted = list(bars)
        for symbol in symbols:
            self._wish(symbol, wanted)

    async def qualify(self, symbols: Iterable[str]) -> None:
        """Asks for these symbols' contracts, and waits until each is known, refused, or not answered in time."""
        contracts = self._assembled().contracts
        waiting = list(symbols)
        for symbol in waiting:
            contracts.want(symbol)
        await self._until(
            lambda: all(contracts.is_settled(symbol) for symbol in waiting), 2 * self._settings.answer_within
        )

    def hours_of(self, symbol: str) -> Hours | None:
        """The regular hours that the contract's details tell; None as long as they are not told."""
        contract = self._contract(symbol)
        return None if contract is None else contract.hours

    def ticks_of(self, symbol: str) -> tuple[TickBand, ...] | None:
        """The price steps of the contract's market rule; None as long as it is not told."""
        contract = self._contract(symbol)
        return None if contract is None else contract.ticks

    # ---- the connection's listener ---------------------------------------------------------------------------------

    def on_up(self, session: Session) -> None:
        account = choose_account(session.accounts, self._address.account, self._settings.live)
        if self._sides is None:
            self._sides = self._assemble(account)
        elif account != self._sides.account:
            raise StartRefused(f"the broker shows account {account} now; this run trades {self._sides.account}")
        self._sides.open(session.next_number)

    def on_down(self, how: Lost) -> None:
        self._go_down(how)
        if self._ready is not None and not self._ready.done():
            self._ready.set_exception(
                StartRefused(f"{self._address} was lost before it had told everything that it knows; start again")
            )

    def on_back(self, *, data_kept: bool) -> None:
        self._assembled().reopen(data_kept=data_kept)

    def on_record(self, record: Record) -> None:
        if self._sides is not None:  # before the handshake is over nothing is said that matters
            self._sides.hear(record)

    def on_packet(self) -> None:
        if self._sides is not None:
            self._sides.flush()

    def on_failure(self, error: BaseException) -> None:
        if self._failure is not None and not self._failure.done():
            self._failure.set_exception(error)

    # ---- inside ----------------------------------------------------------------------------------------------------

    def _assemble(self, account: str) -> Sides:
        assert self._library is not None, "a connection stands"
        identity = Identity(
            account,
            client_id_of(self._address, self._settings),
            instance_of(self._address, self._settings),
        )
        ways = Ways(
            self._put,
            self._say,
            self._link,
            self._con_id,
            self._is_open,
            self._on_complete,
            self._on_contract,
            self._on_read_only,
        )
        return assemble(
            identity,
            self._settings,
            self._known,
            ways,
            self._library,
            self._queue,
            self._clock,
            self._pulse,
            self._nyse,
        )

    def _assembled(self) -> Sides:
        if self._sides is None:
            raise RuntimeError("connect comes first")
        return self._sides

    async def _until(self, is_so: Callable[[], bool], at_most: int) -> None:
        """Waits for something to be so, or for so many microseconds."""
        end = self._pulse.now() + at_most
        while not is_so() and self._pulse.now() < end:
            await asyncio.sleep(0.01)

    def _link(self) -> Link | None:
        return None if self._connection is None else self._connection.link

    def _con_id(self, symbol: str) -> int | None:
        contracts = self._assembled().contracts
        con_id = contracts.con_id(symbol)
        if con_id is None:
            contracts.want(symbol)
        return con_id

    def _contract(self, symbol: str) -> StockContract | None:
        return None if self._sides is None else self._sides.contracts.get(symbol)

    def _is_open(self, symbol: str) -> bool:
        hours = self.hours_of(symbol) or self._nyse
        return hours.is_open(self._clock.now())

    def _wish(self, symbol: str, bars: Iterable[BarsWanted]) -> None:
        sides = self._assembled()
        self._watching.wish(symbol, bars)
        self._watching.pursue(symbol, sides.contracts, sides.market, sides.bars)

    def _on_contract(self, contract: StockContract) -> None:
        sides = self._assembled()
        self._watching.grant(contract, sides.market, sides.bars)

    def _on_complete(self) -> None:
        """Everything has been told: the engine may go on."""
        self._assembled().subscribe()
        if not self._is_up and self._link() is not None:
            self._is_up = True
            self._put(BrokerLink(self._clock.now(), LinkEvent.CONNECTED))
            if self._ready is not None and not self._ready.done():
                self._ready.set_result(None)

    def _go_down(self, how: Lost) -> None:
        sides = self._sides
        if self._is_up:
            self._is_up = False
            self._put(BrokerLink(self._clock.now(), LinkEvent.DISCONNECTED))
        if sides is None:
            return
        if how is Lost.SOCKET:
            sides.close()
        else:
            sides.trading.close()

    def _on_read_only(self) -> None:
        if self._ready is not None and not self._ready.done():
            self._ready.set_exception(StartRefused(f"{_READ_ONLY}, and start again"))
        elif not self._said_read_only:
            self._said_read_only = True
            self._say("warning", None, _READ_ONLY)

    def _tick(self) -> None:
        """Does what is due, and does it again in a moment."""
        try:
            if self._connection is not None:
                self._connection.advance()
            if self._sides is not None:
                self._sides.advance()
        except Exception as error:  # noqa: BLE001 - the loop would only log it
            self.on_failure(error)
            return
        self._timer = asyncio.get_running_loop().call_later(_TICK, self._tick)
