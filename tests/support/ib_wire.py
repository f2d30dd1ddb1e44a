"""A wire for the trading side of the Interactive Brokers adapter, spoken by hand: no socket, no library, no real time.

`Desk` holds the trading side, notes what it sends, asks, tells the engine and says to people, and has the broker say
things about orders by the engine's own ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import attrs

from rulec.runtime.broker.ib.errors import CodeClass, CodeTable
from rulec.runtime.broker.ib.identity import Identity
from rulec.runtime.broker.ib.orders import OrderFields, order_fields
from rulec.runtime.broker.ib.requests import NOT_CONNECTED, NotSent
from rulec.runtime.broker.ib.sending import SendingQueue
from rulec.runtime.broker.ib.trading import Trading
from rulec.runtime.broker.ib.wire import (
    CommissionTold,
    CompletedOrdersEnd,
    CompletedTold,
    ErrorTold,
    ExecutionsEnd,
    ExecutionTold,
    OpenOrdersEnd,
    OpenOrderTold,
    PositionsEnd,
    PositionTold,
    StatusTold,
    WireContract,
)
from rulec.runtime.broker.port import Message, Modify, OrderSide, OrderSpec, OrderType, Place, TimeInForce
from rulec.runtime.clock import ManualClock
from rulec.runtime.numbers import to_micros
from rulec.runtime.times import SECOND, parse_time

ACCOUNT = "DU1"
CLIENT = 1
NOON = parse_time("2026-01-05T17:00:00Z")
AAPL = WireContract(265598, "AAPL")
PERMANENT = 900


def buy(order_id: str = "e", quantity: int = 100, **terms: object) -> OrderSpec:
    """An entry at market."""
    return spec(order_id, OrderSide.BUY, quantity, OrderType.MARKET, TimeInForce.DAY, **terms)


def stop(order_id: str = "s", at: float = 95.0, quantity: int = 100, **terms: object) -> OrderSpec:
    """A stop that sells."""
    terms = {"stop_price": to_micros(at), **terms}
    return spec(order_id, OrderSide.SELL, quantity, OrderType.STOP, TimeInForce.GTC, **terms)


def target(order_id: str = "t", at: float = 110.0, quantity: int = 100, **terms: object) -> OrderSpec:
    """A limit that sells."""
    terms = {"limit_price": to_micros(at), **terms}
    return spec(order_id, OrderSide.SELL, quantity, OrderType.LIMIT, TimeInForce.GTC, **terms)


def trail(order_id: str = "s", amount: float = 2.0, quantity: int = 100, **terms: object) -> OrderSpec:
    terms = {"trail_amount": to_micros(amount), **terms}
    return spec(order_id, OrderSide.SELL, quantity, OrderType.TRAIL, TimeInForce.GTC, **terms)


def spec(
    order_id: str,
    side: OrderSide,
    quantity: int,
    order_type: OrderType,
    time_in_force: TimeInForce,
    **terms: object,
) -> OrderSpec:
    made = OrderSpec(order_id, "AAPL", side, quantity, order_type, time_in_force, reference=f"rulec/1/T/any/{order_id}")
    return attrs.evolve(made, **terms)  # type: ignore[arg-type]


def bracket() -> Place:
    """An entry with its stop and its target, all of 100 shares."""
    return Place((buy(), stop(parent_id="e"), target(parent_id="e")))


class Desk:
    """The trading side, and the broker at the other end of its wire."""

    def __init__(
        self,
        *,
        per_second: int = 45,
        codes: Mapping[int, CodeClass] | None = None,
        known: Iterable[tuple[OrderSpec, int, bool]] = (),
        opened: bool = True,
        time_stands: bool = False,
    ) -> None:
        self.clock = ManualClock(NOON)
        self.pulse = ManualClock(7)
        self.time_stands = time_stands
        self.sent: list[OrderFields] = []
        self.cancelled: list[int] = []
        self.asked: list[str] = []
        self.messages: list[Message] = []
        self.said: list[tuple[str, str]] = []
        self.completions = 0
        self.is_market_open = True
        self.is_up = True
        self.breaks_after: int | None = None
        self._next_number = 0
        self._next_request = 1_000_000
        self.numbers: dict[str, int] = {}
        self.queue = SendingQueue(self.pulse, per_second)
        self.trading = Trading(
            Identity(ACCOUNT, CLIENT, "1"),
            self,
            self,
            self.queue,
            self.messages.append,
            lambda level, symbol, text: self.said.append((level, text)),
            self.clock,
            CodeTable(codes),
            10 * SECOND,
            self._complete,
            lambda symbol: self.is_market_open,
        )
        for order, sent, is_done in known:
            self.trading.book.know(order, sent, is_done=is_done)
        if opened:
            self.trading.open()
            self.answer_look()
            self.take()
            self.asked.clear()

    def _complete(self) -> None:
        self.completions += 1

    # ---- the wire, as the adapter sees it

    def next_number(self) -> int:
        self._next_number += 1
        return self._next_number

    def place(self, orders: Sequence[OrderFields]) -> None:
        for place, fields in enumerate(orders):
            try:
                self._leave()
            except NotSent:
                if place:
                    return  # the first of them have left already: nobody can tell any more which
                raise
            self.sent.append(fields)
            self.numbers[fields.reference] = fields.number

    def cancel(self, number: int) -> None:
        self._leave()
        self.cancelled.append(number)

    def _leave(self) -> None:
        if self.breaks_after is not None:
            self.is_up = self.breaks_after > 0
            self.breaks_after -= 1
        if not self.is_up:
            raise NotSent(NOT_CONNECTED, "not connected")

    def take_number(self) -> int:
        self._next_request += 1
        return self._next_request

    def ask_open_orders(self) -> None:
        self._ask("open orders")

    def ask_completed_orders(self) -> None:
        self._ask("completed orders")

    def ask_positions(self) -> None:
        self._ask("positions")

    def ask_executions(self, request: int) -> None:
        self._ask("executions")

    def _ask(self, what: str) -> None:
        if not self.is_up:
            raise NotSent(NOT_CONNECTED, "not connected")
        self.asked.append(what)

    # ---- what the test does

    def send(self, *commands: object) -> None:
        for command in commands:
            self.trading.send(command)  # type: ignore[arg-type]
        self.trading.kick()

    def take(self) -> list[Message]:
        """What the engine was told since this was last asked."""
        taken = self.messages[:]
        self.messages.clear()
        return taken

    def wait(self, seconds: float) -> None:
        """Time passes; whatever falls due is done at its time."""
        end = self.pulse.now() + round(seconds * SECOND)
        while (due := self.trading.next_due()) is not None and due <= end:
            self._move_to(max(due, self.pulse.now()))
            self.trading.advance()
        self._move_to(end)

    def _move_to(self, time: int) -> None:
        if not self.time_stands:
            self.clock.advance(time - self.pulse.now())
        self.pulse.move_to(time)

    # ---- what the broker says

    def number(self, order: OrderSpec) -> int:
        return self.numbers.get(order.reference, 0)

    def permanent_id(self, order: OrderSpec) -> int:
        return PERMANENT + sum(map(ord, order.order_id))

    def echo(self, order: OrderSpec, status: str = "Submitted", **terms: object) -> None:
        self.trading.handle(self.echo_of(order, status, **terms))

    def echo_of(self, order: OrderSpec, status: str = "Submitted", **terms: object) -> OpenOrderTold:
        fields = order_fields(order, self.number(order), 0, ACCOUNT, transmit=True)
        told = OpenOrderTold(
            order_number=fields.number,
            client=CLIENT,
            permanent_id=self.permanent_id(order),
            parent_number=0,
            contract=AAPL,
            account=ACCOUNT,
            action=fields.action,
            quantity=float(fields.quantity),
            order_type=fields.order_type,
            limit_price=fields.limit_price or 0.0,
            aux_price=fields.aux_price or 0.0,
            trail_stop_price=fields.trail_stop_price,
            trailing_percent=fields.trailing_percent,
            time_in_force=fields.time_in_force,
            oca_group=fields.oca_group,
            reference=fields.reference,
            status=status,
        )
        return attrs.evolve(told, **terms)  # type: ignore[arg-type]

    def status(self, order: OrderSpec, status: str = "Submitted", filled: float = 0, **terms: object) -> None:
        told = StatusTold(
            order_number=self.number(order),
            status=status,
            filled=filled,
            remaining=order.quantity - filled,
            average_price=0.0,
            permanent_id=self.permanent_id(order),
            parent_number=0,
            last_price=0.0,
            client=CLIENT,
            why_held="",
        )
        self.trading.handle(attrs.evolve(told, **terms))  # type: ignore[arg-type]

    def accept(self, *orders: OrderSpec) -> None:
        """The broker takes orders: an echo and a status each."""
        for order in orders:
            self.echo(order, "PreSubmitted")
            self.status(order, "Submitted")

    def execution_of(
        self, order: OrderSpec, execution_id: str, quantity: float, price: float = 100.0, **terms: object
    ) -> ExecutionTold:
        told = ExecutionTold(
            request=-1,
            execution_id=execution_id,
            time="20260105-17:00:00",
            account=ACCOUNT,
            contract=AAPL,
            order_number=self.number(order),
            client=CLIENT,
            permanent_id=self.permanent_id(order),
            reference=order.reference,
            side="BOT" if order.side is OrderSide.BUY else "SLD",
            quantity=quantity,
            price=price,
            cumulative=quantity,
        )
        return attrs.evolve(told, **terms)  # type: ignore[arg-type]

    def fill(self, order: OrderSpec, execution_id: str, quantity: float, price: float = 100.0, **terms: object) -> None:
        self.trading.handle(self.execution_of(order, execution_id, quantity, price, **terms))

    def charge(self, execution_id: str, commission: float) -> None:
        self.trading.handle(CommissionTold(execution_id, commission, "USD", None))

    def error(self, order: OrderSpec, code: int, text: str = "because") -> bool:
        return self.trading.handle(ErrorTold(self.number(order), code, text))

    def position(self, quantity: float, contract: WireContract = AAPL, account: str = ACCOUNT) -> None:
        self.trading.handle(PositionTold(account, contract, quantity, 100.0))

    def completed_of(self, order: OrderSpec, status: str, filled: float | None = 0, **terms: object) -> CompletedTold:
        told = CompletedTold(
            permanent_id=self.permanent_id(order),
            parent_permanent_id=0,
            contract=AAPL,
            account=ACCOUNT,
            action=order.side.value,
            quantity=float(order.quantity),
            filled=filled,
            order_type="MKT",
            limit_price=None,
            aux_price=None,
            time_in_force=order.time_in_force.value,
            reference=order.reference,
            status=status,
            completed_time="",
            completed_status="",
        )
        return attrs.evolve(told, **terms)  # type: ignore[arg-type]

    def answer_look(
        self,
        working: Iterable[OpenOrderTold] = (),
        completed: Iterable[CompletedTold] = (),
        held: Mapping[str, float] | None = None,
        executions: Iterable[ExecutionTold] = (),
    ) -> None:
        """Answers a whole look: open orders, completed ones, positions, then executions."""
        for order in working:
            self.trading.handle(order)
        self.trading.handle(OpenOrdersEnd())
        for done in completed:
            self.trading.handle(done)
        self.trading.handle(CompletedOrdersEnd())
        for symbol, quantity in (held or {}).items():
            self.position(quantity, attrs.evolve(AAPL, symbol=symbol))
        self.trading.handle(PositionsEnd())
        for execution in executions:
            self.trading.handle(attrs.evolve(execution, request=self._next_request))
        self.trading.handle(ExecutionsEnd(self._next_request))

    # ---- short ways to common situations

    def placed(self, *orders: OrderSpec) -> None:
        """Orders that were sent and taken; what was told of it is forgotten."""
        self.send(Place(orders))
        self.accept(*orders)
        self.take()

    def modified(self, order: OrderSpec, **terms: object) -> OrderSpec:
        """Sends new terms of an order, and returns them."""
        wanted = attrs.evolve(order, **terms)  # type: ignore[arg-type]
        self.send(Modify(wanted))
        return wanted
