"""What `rulec check --broker` asks of a broker: does every symbol stand for one contract, may it be traded as wanted?

Nothing but questions is sent: contracts, and quotes for as long as it takes to see what data there are. The quotes are
ended again. It needs no right to trade and touches no order.
"""

from __future__ import annotations

import asyncio
import enum
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import attrs

from ...clock import Clock
from ...event.inputs import Price, Quote
from ...market.hours import NyseHours
from ..port import DataState, OrderType, PriceSteps, SymbolData
from .address import Address
from .asking import RequestNumbers
from .connection import Connection
from .contracts import Contracts, StockContract
from .data_wire import (
    ContractsEnd,
    ContractTold,
    DataTypeTold,
    MarketRuleTold,
    PriceTickTold,
    SizeTickTold,
    TextTickTold,
)
from .library import load
from .market import MarketData
from .orders import ORDER_TYPES
from .outlet import Outlet
from .pulse import Pulse
from .refused import StartRefused
from .sending import SendingQueue
from .session import Lost, Session
from .settings import IBSettings, client_id_of
from .tap import Record
from .wire import ErrorTold

_AT_ONCE = 50  # lines of market data: many accounts have 100, and other programs use some
_STEP = 0.02  # seconds


class Severity(enum.Enum):
    """How bad a finding is: rules cannot trade the symbol, they may not do all that they want, or all is well."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@attrs.frozen
class Finding:
    """Something that was found out about a symbol."""

    severity: Severity
    symbol: str
    text: str


async def check_symbols(
    address: Address,
    settings: IBSettings,
    symbols: Iterable[str],
    order_types: Iterable[OrderType],
    clock: Clock,
) -> list[Finding]:
    """Asks a broker about symbols, in their order; `order_types` are those that the rules use.

    Raises:
        StartRefused: the broker cannot be asked; says why and what helps.
    """
    checker = _Checker(address, settings, clock)
    try:
        await checker.connect()
        return await checker.check(list(dict.fromkeys(symbols)), list(dict.fromkeys(order_types)))
    finally:
        await checker.close()


class _Checker:
    """One connection for questions. Implements the connection's `Listener`."""

    def __init__(self, address: Address, settings: IBSettings, clock: Clock) -> None:
        self._address = address
        self._settings = settings
        self._pulse = Pulse()
        self._pulse.start(asyncio.get_running_loop())
        self._states: dict[str, SymbolData] = {}
        self._failure: BaseException | None = None
        self._is_down = False
        library = load()
        hours = NyseHours()
        self._connection = Connection(
            address,
            client_id_of(address, settings),
            settings,
            library,
            self,
            lambda level, symbol, text: None,
            clock,
            self._pulse,
            hours,
            random.Random(str(address)),
        )
        numbers = RequestNumbers()
        self._queue = SendingQueue(self._pulse, settings.messages_per_second)
        self._outlet = Outlet(library, self._queue, numbers, lambda: self._connection.link, self._con_id)
        self._contracts = Contracts(
            self._outlet, numbers, self._pulse, settings, hours, lambda contract: None, self._on_state
        )
        self._market = MarketData(
            self._outlet, numbers, clock, self._pulse, self._on_data, lambda level, symbol, text: None
        )
        # Any: each handler takes the records of its type alone
        self._handlers: Mapping[type, Callable[[Any], object]] = {
            ContractTold: self._contracts.on_contract,
            ContractsEnd: self._contracts.on_end,
            MarketRuleTold: self._contracts.on_rule,
            PriceTickTold: self._market.on_price,
            SizeTickTold: self._market.on_size,
            TextTickTold: self._market.on_text,
            DataTypeTold: self._market.on_data_type,
            ErrorTold: self._on_error,
        }

    async def connect(self) -> None:
        await self._connection.open()

    async def close(self) -> None:
        await self._connection.close()

    async def check(self, symbols: Sequence[str], order_types: Sequence[OrderType]) -> list[Finding]:
        for symbol in symbols:
            self._contracts.want(symbol)
        await self._until(lambda: all(map(self._contracts.is_settled, symbols)), 2 * self._settings.answer_within)
        known = [symbol for symbol in symbols if self._contracts.get(symbol) is not None]
        for begin in range(0, len(known), _AT_ONCE):
            await self._look_at_data(known[begin : begin + _AT_ONCE])
        return [finding for symbol in symbols for finding in self._findings(symbol, order_types)]

    async def _look_at_data(self, symbols: Sequence[str]) -> None:
        for symbol in symbols:
            con_id = self._con_id(symbol)
            if con_id is not None:
                self._market.watch(symbol, con_id)
        await self._until(lambda: all(symbol in self._states for symbol in symbols), self._settings.answer_within)
        for symbol in symbols:
            self._market.leave(symbol)

    def _findings(self, symbol: str, order_types: Sequence[OrderType]) -> list[Finding]:
        contract = self._contracts.get(symbol)
        if contract is None:
            text = self._contracts.why_unknown(symbol) or "the broker has not said which contract it is"
            return [Finding(Severity.ERROR, symbol, text)]
        refused = refused_types(contract, order_types)
        findings = [self._data_finding(symbol)]
        if refused:
            findings.insert(0, Finding(Severity.ERROR, symbol, f"the contract takes no {', '.join(refused)} orders"))
        named = f"{contract.name} on {contract.primary_exchange}, contract {contract.con_id}"
        return [Finding(Severity.INFO, symbol, named), *findings]

    def _data_finding(self, symbol: str) -> Finding:
        told = self._states.get(symbol)
        if told is None:
            text = "no market data came while it was waited for; without a live quote nothing is entered"
            return Finding(Severity.WARNING, symbol, text)
        if told.state is DataState.LIVE:
            return Finding(Severity.INFO, symbol, "live market data")
        reason = f": {told.text}" if told.text else ""
        return Finding(Severity.ERROR, symbol, f"market data are {told.state.value}{reason}; nothing can be entered")

    async def _until(self, is_so: Callable[[], bool], at_most: int) -> None:
        end = self._pulse.now() + at_most
        while not is_so() and self._pulse.now() < end:
            if self._failure is not None:
                raise self._failure
            if self._is_down:
                raise StartRefused(f"the connection to {self._address} was lost; try again")
            self._queue.advance()
            self._contracts.advance()
            await asyncio.sleep(_STEP)

    def _con_id(self, symbol: str) -> int | None:
        return self._contracts.con_id(symbol)

    # ---- the connection's listener ---------------------------------------------------------------------------------

    def on_up(self, session: Session) -> None:
        self._outlet.ask_live_data()
        self._contracts.connected()
        self._market.connected()

    def on_down(self, how: Lost) -> None:
        self._is_down = True

    def on_back(self, *, data_kept: bool) -> None:
        """Nothing: a check that lost the broker on its way is over."""

    def on_record(self, record: Record) -> None:
        handle = self._handlers.get(type(record))
        if handle is not None:
            handle(record)

    def on_packet(self) -> None:
        self._market.flush()

    def on_failure(self, error: BaseException) -> None:
        self._failure = error

    def _on_error(self, told: ErrorTold) -> None:
        if not self._contracts.on_error(told.number, told.code, told.text):
            self._market.on_error(told.number, told.code, told.text)

    def _on_data(self, told: Quote | Price | SymbolData) -> None:
        if isinstance(told, SymbolData):
            self._on_state(told)

    def _on_state(self, told: SymbolData | PriceSteps) -> None:
        if isinstance(told, SymbolData):
            self._states[told.symbol] = told


def refused_types(contract: StockContract, order_types: Iterable[OrderType]) -> list[str]:
    """The broker's words for the order types that a contract does not take; none where it does not say."""
    allowed = {name.replace(" ", "") for name in contract.order_types}
    if not allowed:
        return []
    return [ORDER_TYPES[kind] for kind in order_types if ORDER_TYPES[kind].replace(" ", "") not in allowed]
