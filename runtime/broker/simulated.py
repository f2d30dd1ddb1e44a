"""The simulated broker: the port in front, the exchange behind, in one process and one thread.

It only translates. The engine's text ids become order ids of client 1, its commands the exchange's calls, the
exchange's events the port's messages; what fills, and at which price, is the exchange's business. Nothing happens by
itself: the session loop says what time it is, brings the market, and takes the messages.

    broker.set_now(price.time)
    for _ in broker.market(price):             # pauses whenever messages wait
        for message in broker.take():
            broker.send(engine.step(message))
    for message in broker.take(): …

At one instant the market comes first: call `advance(now)` after the market events of that time. `docs/simulator.md`
tells users what to expect.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import assert_never

import attrs

from ..event.inputs import Bar, BrokerLink, Fault, LinkEvent, Price, Quote
from ..numbers import to_micros
from . import translate
from .exchange import BarPrices, Commission, Exchange, ExchangePolicy, ExchangeTerms, FillMode, Hours, Slippage
from .exchange.events import ErrorEvent, ExchangeEvent, ExecutionEvent
from .exchange.faults import Fits
from .exchange.orders import Order
from .exchange.walk import NOTHING
from .port import (
    AskOrder,
    AskPosition,
    Cancel,
    CancelRejected,
    CancelStray,
    Command,
    Message,
    Modify,
    ModifyRejected,
    OrderMissing,
    OrderSpec,
    Place,
    PositionReport,
    Subscribe,
)

ACCOUNT = "DU1"
CLIENT = 1


@attrs.frozen
class SimulationSettings:
    """What a user sets about the simulation.

    `equity` is what the account begins with, in currency; `leverage` times equity is its buying power; `latency` is
    how long a command is under way, in microseconds; `partial_fills` seeds random partial fills (None: none).
    """

    equity: float = 100_000.0
    leverage: float = 2.0
    fill: FillMode = FillMode.NEXT
    slippage: Slippage = attrs.field(factory=Slippage)
    commission: Commission = attrs.field(factory=Commission)
    latency: int = 0
    partial_fills: int | None = None
    policy: ExchangePolicy = attrs.field(factory=ExchangePolicy)

    @property
    def terms(self) -> ExchangeTerms:
        return ExchangeTerms(self.fill, self.slippage, self.commission, self.leverage, self.partial_fills)


class SimulatedBroker:
    """Implements `Broker` on an exchange of its own. `exchange` is open to be read: ledger, orders, executions."""

    def __init__(self, hours: Hours, settings: SimulationSettings) -> None:
        self.exchange = Exchange(hours, {ACCOUNT: to_micros(settings.equity)}, settings.terms, settings.policy)
        self._latency = settings.latency
        self._now = 0
        self._ids = translate.OrderIds()
        self._waiting: list[Message] = []
        self._told = 0
        self._connected = True
        self._under_way: deque[tuple[int, int, Command]] = deque()
        self._queued: list[Command] = []

    # ---- the port --------------------------------------------------------------------------------------------------

    def send(self, commands: Iterable[Command]) -> None:
        """Applies commands in order, now or after the latency; while disconnected they wait for the connection."""
        for command in commands:
            if not self._connected:
                self._queued.append(command)
            else:
                self._dispatch(command, self._now)

    def take(self) -> list[Message]:
        """The messages that wait, oldest first; none while disconnected."""
        if not self._connected or not self._waiting:
            return []
        messages = self._waiting
        self._waiting = []
        return messages

    @property
    def has_commands_under_way(self) -> bool:
        """Whether commands were sent that the exchange does not have yet."""
        return bool(self._under_way or self._queued)

    @property
    def is_idle(self) -> bool:
        """Connected, every message taken, every command arrived."""
        return self._connected and not self._waiting and not self.has_commands_under_way

    # ---- the session loop's side -----------------------------------------------------------------------------------

    def set_now(self, now: int) -> None:
        """The time at which the next commands are sent (microseconds since 1970 UTC)."""
        self._now = now

    def market(self, event: Price | Quote | Bar) -> Iterable[None]:
        """Brings a market event to the resting orders. Walk the answer to its end.

        It pauses each time new messages wait, so that they can be taken and answered before the price moves on. What
        fell due before the event comes first; what falls due at its very time waits for `advance`.
        """
        now = event.end if isinstance(event, Bar) else event.time
        self._now = now
        due = self.next_due()
        if due is not None and due < now:
            return self._market_after_due(event, now)
        if isinstance(event, Bar):
            exchange, symbol = self.exchange, event.symbol
            if not exchange.watches(symbol) or exchange.is_quiet(symbol, to_micros(event.low), to_micros(event.high)):
                exchange.on_quiet_bar(symbol, to_micros(event.close))
                return NOTHING
        pauses = self._meet(event)
        return NOTHING if pauses is NOTHING else self._market(pauses)

    def next_due(self) -> int | None:
        """When `advance` has something to do next: a command arrives, an order expires, a cancel becomes final."""
        due = self.exchange.next_due()
        if self._under_way and (due is None or self._under_way[0][0] < due):
            return self._under_way[0][0]
        return due

    def advance(self, now: int) -> None:
        """Does all that is due by now, in order. Its messages wait to be taken."""
        while (due := self.next_due()) is not None and due <= now:
            if self._under_way and self._under_way[0][0] == due:
                _, sent, command = self._under_way.popleft()
                self._apply(command, due, sent)
            else:
                self.exchange.on_time(due)
                self._translate()
        self._now = max(self._now, now)

    def link(self, event: BrokerLink) -> None:
        """The connection goes or comes back: then the messages held back can be taken, and queued commands leave."""
        self._now = event.time
        self._connected = event.event is LinkEvent.CONNECTED
        if self._connected:
            queued, self._queued = self._queued, []
            for command in queued:
                self._dispatch(command, self._now)

    def fault(self, fault: Fault) -> None:
        """Makes something go wrong: `reject_next`, `partial_next` or `late_fill`.

        Raises:
            ValueError: another event, or `partial_next` without a quantity of at least 1.
        """
        faults = self.exchange.faults
        fits = _of_role(fault.order)
        if fault.event == "reject_next":
            faults.reject_next(fault.reason or "rejected by request", fits)
        elif fault.event == "partial_next":
            if fault.quantity is None or fault.quantity < 1:
                raise ValueError("fault partial_next needs a quantity of at least 1")
            faults.partial_next(fault.quantity, fits)
        elif fault.event == "late_fill":
            faults.late_fill(fault.quantity, fits)
        else:
            raise ValueError(f"unknown fault {fault.event}: write reject_next, partial_next or late_fill")

    # ---- inside ----------------------------------------------------------------------------------------------------

    def _market_after_due(self, event: Price | Quote | Bar, now: int) -> Iterator[None]:
        self.advance(now - 1)
        self._now = now
        yield from self._until_quiet()
        yield from self._market(self._meet(event))

    def _market(self, pauses: Iterable[None]) -> Iterator[None]:
        for _ in pauses:
            self._translate()
            yield from self._until_quiet()
        self._translate()
        yield from self._until_quiet()

    def _meet(self, event: Price | Quote | Bar) -> Iterable[None]:
        if isinstance(event, Bar):
            prices = BarPrices(
                event.symbol,
                event.start,
                event.end,
                to_micros(event.open),
                to_micros(event.high),
                to_micros(event.low),
                to_micros(event.close),
            )
            return self.exchange.on_bar(prices, event.regular)
        if isinstance(event, Price):
            return self.exchange.on_price(event.symbol, to_micros(event.price), event.time)
        return self.exchange.on_quote(event.symbol, to_micros(event.bid), to_micros(event.ask), event.time)

    def _until_quiet(self) -> Iterator[None]:
        """Pauses as long as each pause brings new messages: answers to commands are delivered before the next fill."""
        seen = -1
        while self._connected and self._waiting and self._told != seen:
            seen = self._told
            yield

    def _dispatch(self, command: Command, now: int) -> None:
        if self._latency > 0:
            self._under_way.append((now + self._latency, now, command))
        else:
            self._apply(command, now, now)

    def _apply(self, command: Command, now: int, sent: int) -> None:
        if isinstance(command, Place):
            self._place(command.orders, now, sent)
        elif isinstance(command, Modify):
            self._modify(command.order, now)
        elif isinstance(command, Cancel):
            self._cancel(command.order_id, now)
        elif isinstance(command, AskOrder):
            self._tell(self._state_of(command.order_id))
        elif isinstance(command, AskPosition):
            held = self.exchange.positions(ACCOUNT).get(command.symbol, 0)
            self._tell(PositionReport(command.symbol, held))
        elif isinstance(command, Subscribe):
            return  # Every symbol's market is brought to the simulator anyway.
        elif isinstance(command, CancelStray):
            self._cancel_stray(command.number, now)
        else:
            assert_never(command)
        self._translate()

    def _place(self, orders: tuple[OrderSpec, ...], now: int, sent: int) -> None:
        families = [spec.parent_id or spec.order_id for spec in orders]
        for position, spec in enumerate(orders):
            last_of_family = families[position] not in families[position + 1 :]
            self.exchange.submit(self._order(spec, transmit=last_of_family), now, sent)

    def _modify(self, spec: OrderSpec, now: int) -> None:
        if self._ids.known(spec.order_id):
            self.exchange.modify(self._order(spec, transmit=True), now)
        else:
            self._tell(ModifyRejected(spec.order_id, 135, f"Can't find order with id {spec.order_id}"))

    def _cancel(self, order_id: str, now: int) -> None:
        if self._ids.known(order_id):
            self.exchange.cancel(CLIENT, self._ids.number(order_id), now)
        else:
            self._tell(CancelRejected(order_id, 10147, f"Order {order_id} that needs to be cancelled is not found."))

    def _cancel_stray(self, number: int, now: int) -> None:
        for event in self.exchange.open_orders(CLIENT):
            if event.permanent_id == number:
                self.exchange.cancel(CLIENT, event.order.order_id, now)

    def _order(self, spec: OrderSpec, transmit: bool) -> Order:
        return translate.to_order(spec, self._ids, ACCOUNT, CLIENT, transmit)

    def _state_of(self, order_id: str) -> Message:
        state = self.exchange.order(CLIENT, self._ids.number(order_id)) if self._ids.known(order_id) else None
        return OrderMissing(order_id) if state is None else translate.update(state, order_id)

    def _translate(self) -> None:
        for event in self.exchange.take_events():
            message = self._message(event)
            if message is not None:
                self._tell(message)

    def _message(self, event: ExchangeEvent) -> Message | None:
        if isinstance(event, ExecutionEvent):
            return translate.execution(event.execution, self._ids.text(event.execution.order_id))
        if isinstance(event, ErrorEvent):
            return translate.error(event, self._ids.text(event.order_id))
        return translate.order(event, self._ids.text(event.order.order_id))

    def _tell(self, message: Message) -> None:
        self._waiting.append(message)
        self._told += 1


def _of_role(role: str | None) -> Fits:
    """Fits every order, or those whose reference `rulec/<instance>/<trade>/<role>/<n>` names the role."""
    if role is None:
        return lambda order: True
    return lambda order: translate.role_of(order.reference) == role
