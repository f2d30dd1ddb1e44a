"""The invariants of trades, checked from outside: by the exchange's ledger and order book, not by our books.

    1  one trade a symbol, one side a trade
    2  at rest stops (and closing orders) sum to the position, targets to at most it; at every step the most that could
       fill on the closing side, given the OCA groups, is at most the position
    3  after its conclusion no order of a trade works and the context has no such key; before it, it has
    4  fills sum to position, cash and P&L, exactly, in our books and in the exchange's ledger
    5  every intent becomes at most one order, every execution counts once
    6  no order outside the limits leaves
    7  what a bar fills was sent before it began (the drivers of the tests check the rest: the same output twice)

`Invariants` is told of every input (`sink`), of every batch of commands (`sending`), of every change at the exchange
(`step`) and of every pause in which nothing waits (`quiet`). Our own books are read for one purpose: to be compared.

Some things no engine can prevent, and only those are excused, for as long as they last: a fill of an order whose
cancel was asked for or even confirmed, a fill that crosses a command on the wire, what the exchange does while nobody
hears it, and a stop that the broker just refused.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import attrs

from rulec.dsl.plan import Limit
from rulec.runtime.broker.exchange import Execution as ExchangeExecution
from rulec.runtime.broker.exchange import OrderEvent, OrderKind, Status
from rulec.runtime.broker.port import (
    CancelRejected,
    Command,
    Execution,
    Modify,
    ModifyRejected,
    OrderRejected,
    OrderSpec,
    Place,
)
from rulec.runtime.broker.simulated import ACCOUNT, CLIENT, SimulatedBroker
from rulec.runtime.core.engine import Engine
from rulec.runtime.core.records import PositionChange, PositionRecord, Record
from rulec.runtime.event.inputs import Bar, BrokerLink, Price, Quote
from rulec.tests.support.naive_limits import Market, NaiveLimits, Opening, Told

SECOND = 1_000_000
STOPS = frozenset({"stop", "trail"})
CLOSING = STOPS | {"target", "exit"}
DONE = frozenset({Status.CANCELLED, Status.FILLED, Status.INACTIVE})


class InvariantBroken(AssertionError):
    """One of the invariants does not hold; the message begins with its number."""


def trade_and_role(reference: str) -> tuple[str, str]:
    """The trade's id and the role in `rulec/<instance>/<trade>/<role>/<n>`."""
    _, _, trade, role, _ = reference.split("/")
    return trade, role


@attrs.frozen
class Held:
    """One of our orders as the exchange holds it now. `effective` is how many shares could fill at this moment."""

    number: int
    trade: str
    role: str
    symbol: str
    sign: int
    remaining: int
    effective: int
    group: str
    status: Status
    group_is_over: bool


@attrs.define
class Sums:
    """What executions come to, added up by hand."""

    shares: Counter[str] = attrs.Factory(Counter)
    cash: int = 0
    by_order: Counter[int] = attrs.Factory(Counter)
    by_trade: Counter[str] = attrs.Factory(Counter)
    commission: int = 0


class Invariants:
    """One run's checker."""

    def __init__(
        self,
        engine: Engine,
        broker: SimulatedBroker,
        limits: Sequence[Limit] = (),
        sectors: Mapping[str, str] | None = None,
        leverage: float = 2.0,
    ) -> None:
        self.engine = engine
        self.broker = broker
        self.exchange = broker.exchange
        self.hours = engine.desk.hours
        self.market = Market()
        self.limits = NaiveLimits(limits, sectors or {}, leverage, self.hours)
        self.checks = 0
        self.late_fills = 0
        self.now = 0
        self._event: object = None
        self._numbers = 0
        self._alive: dict[int, OrderEvent] = {}
        self._dead: dict[int, OrderEvent] = {}
        self._children: dict[int, list[int]] = defaultdict(list)
        self._placed: dict[str, tuple[OrderSpec, float]] = {}
        self._refused_ids: set[str] = set()
        self._asked_for_stop: set[str] = set()
        self._sides: dict[str, int] = {}
        self._closed_pnl: dict[str, int] = {}
        self._symbols: dict[str, str] = {}
        self._executions: tuple[ExchangeExecution, ...] = ()
        self._sums = Sums()
        self._excused: set[str] = set()
        self._racing = False
        self._away = False
        self._told = Told(self.exchange.ledger.accounts[ACCOUNT].initial_cash)
        self._times_told: Counter[str] = Counter()
        self._heard: set[str] = set()
        self._late: set[str] = set()
        self._sent_at: dict[str, int] = {}
        self._stop_refused: dict[str, int] = {}
        self._wish_refused: dict[str, int] = {}
        self._naked_since: dict[str, int] = {}
        self._largest: dict[str, int] = {}
        self._looked_at = 0
        self._agreed: tuple[int, ...] | None = None
        self._closings = 0
        self._groups_over: set[str] = set()
        self._filled_since: set[int] = set()

    # ---- what it is told ---------------------------------------------------------------------------------------------

    def sink(self, event: object, records: Sequence[Record]) -> None:
        """After each step of the engine, before its commands leave."""
        self.now = self.engine.desk.now
        self._event = event
        self.limits.begin_day(self.now, self._told.equity(self.market.mark))
        self.market.see(event)
        if isinstance(event, (Price, Quote)) or (isinstance(event, Bar) and event.regular):
            self.limits.see_market(self._told.equity(self.market.mark))
        if isinstance(event, Execution) and event.execution_id not in self._heard:
            self._heard.add(event.execution_id)
            self._times_told[event.symbol] += 1
            self._told.book(event)
            if not self._away:
                self.market.fill(event.symbol, event.price / 1_000_000, self.now)
        if isinstance(event, BrokerLink):
            self._away = True  # until all that was held back has been told
        if isinstance(event, Bar):
            self._no_look_ahead(event)
        for record in records:
            if isinstance(record, PositionRecord) and record.event is PositionChange.CLOSED:
                self._closings += 1
                self._closed_pnl[record.trade] = record.pnl
                self._symbols[record.trade] = record.symbol
        if isinstance(event, OrderRejected):
            self._refused_ids.add(event.order_id)
            spec = self._placed[event.order_id][0]
            role = trade_and_role(spec.reference)[1]
            if role in STOPS or role == "exit":
                self._stop_refused[spec.symbol] = self.now
            if role == "exit":
                self._naked_since.pop(spec.symbol, None)  # the close that was due was tried
        if isinstance(event, (ModifyRejected, CancelRejected)) and event.order_id in self._placed:
            self._wish_refused[self._placed[event.order_id][0].symbol] = self.now
        self.step()

    def sending(self, commands: Sequence[Command]) -> None:
        """Before a batch of commands leaves: 5, 6 and the sides of 1."""
        openings: dict[str, list[OrderSpec]] = defaultdict(list)
        bare: Counter[tuple[str, str]] = Counter()
        for command in commands:
            if isinstance(command, (Modify, Place)):
                self._crossing(command.order if isinstance(command, Modify) else command.orders[0])
            if not isinstance(command, Place):
                continue
            for spec in command.orders:
                trade, role = trade_and_role(spec.reference)
                if spec.order_id in self._placed:
                    raise InvariantBroken(f"5: the order {spec.order_id} was placed twice")
                price = self._price_of(spec)
                self._placed[spec.order_id] = (spec, price)
                self._sent_at[spec.reference] = self.now
                if role in STOPS and spec.parent_id is not None:
                    self._asked_for_stop.add(trade)
                elif role in STOPS:
                    bare[trade, spec.symbol] += spec.quantity
                if role not in CLOSING:
                    openings[trade].append(spec)
                self._one_side(trade, spec, role)
            self._born_protected(command)
        for (trade, symbol), shares in bare.items():
            if shares >= abs(self._sums.shares[symbol]):  # else a stop that was placed for some shares only
                self._asked_for_stop.add(trade)
        for trade, batch in openings.items():
            self._within_limits(trade, batch)

    def step(self) -> None:
        """Whenever the exchange may have changed: what must hold at every moment."""
        self.checks += 1
        self._racing = self._racing or self.broker.has_commands_under_way
        self._read_executions()
        self._read_book()
        held = self._held()
        by_symbol: dict[str, list[Held]] = defaultdict(list)
        for order in held:
            by_symbol[order.symbol].append(order)
        living = {trade.id for trade in self.engine.desk.trades.values()}
        for symbol, orders in by_symbol.items():
            if symbol in self.engine.desk.halted_symbols:
                continue  # shares nobody could tell apart: the engine said so and leaves them to a person
            trades = {order.trade for order in orders}
            if len(trades) > 1:
                raise InvariantBroken(f"1: orders of {len(trades)} trades of {symbol} work at once: {sorted(trades)}")
            if not trades <= living:
                raise InvariantBroken(f"3: an order of the concluded trade {trades} of {symbol} works: {orders}")
            if symbol not in self._excused and not self._racing and not self._away:
                self._closing_side(symbol, orders)

    def quiet(self) -> None:
        """When every message has been handled: what must hold at rest."""
        self.step()
        if not self.broker.is_idle:
            return
        self._books_agree()
        held = self._held()
        if any(order.status is Status.PENDING_CANCEL for order in held):
            return
        self._excused.clear()
        self._racing = False
        self._away = False
        self.step()
        positions = self._positions()
        desk = self.engine.desk
        for symbol in {*positions, *desk.trades, *(order.symbol for order in held)}:
            if symbol in desk.halted_symbols:
                continue
            mine = [order for order in held if order.symbol == symbol]
            self._context(symbol, positions.get(symbol, 0), mine)
            if self.hours.is_open(self.now):
                self._protected(symbol, positions.get(symbol, 0), mine)

    def orders_of(self, trade: str) -> list[OrderEvent]:
        """Every order that the exchange ever had of a trade, as it stands now."""
        everything = [*self._alive.items(), *self._dead.items()]
        found = [event for _, event in sorted(everything, key=lambda item: item[0])]
        return [event for event in found if trade_and_role(event.order.reference)[0] == trade]

    def position(self, symbol: str) -> int:
        """Shares by the exchange's executions."""
        return self._sums.shares[symbol]

    # ---- reading the exchange ----------------------------------------------------------------------------------------

    def _read_book(self) -> None:
        while (event := self.exchange.order(CLIENT, self._numbers + 1)) is not None:
            self._numbers += 1
            self._alive[self._numbers] = event
            if event.order.parent_id is not None:
                self._children[event.order.parent_id].append(self._numbers)
        for number in list(self._alive):
            fresh = self._at_exchange(number)
            if fresh.status in DONE:
                del self._alive[number]
                self._dead[number] = fresh
                if fresh.status is Status.FILLED and fresh.order.oca_group is not None:
                    self._groups_over.add(fresh.order.oca_group)
            else:
                self._alive[number] = fresh

    def _at_exchange(self, number: int) -> OrderEvent:
        found = self.exchange.order(CLIENT, number)
        assert found is not None
        return found

    def _read_executions(self) -> None:
        executions = self.exchange.ledger.executions
        if len(executions) == len(self._executions):
            return
        self._filled_since = {execution.order_id for execution in executions[len(self._executions) :]}
        for execution in executions[len(self._executions) :]:
            before = self._alive.get(execution.order_id)
            if before is not None and before.status is Status.PENDING_CANCEL:
                self._excused.add(execution.symbol)
            if execution.order_id in self._dead:
                self._excused.add(execution.symbol)
                self._late.add(execution.execution_id)
                self.late_fills += 1
            self._closes_no_more_than_held(execution)
        self._executions = executions
        self._sums = Sums()
        for execution in executions:
            trade, _ = trade_and_role(execution.reference)
            paid = execution.action.sign * execution.quantity * execution.price + execution.commission
            self._sums.shares[execution.symbol] += execution.action.sign * execution.quantity
            self._sums.by_order[execution.order_id] += execution.quantity
            self._sums.by_trade[trade] -= paid
            self._sums.cash -= paid
            self._sums.commission += execution.commission

    def _closes_no_more_than_held(self, execution: ExchangeExecution) -> None:
        held = self._sums.shares
        before, signed = held[execution.symbol], execution.action.sign * execution.quantity
        held[execution.symbol] += signed
        excused = self._racing or self._away or execution.symbol in self._excused
        if trade_and_role(execution.reference)[1] not in CLOSING or excused:
            return
        if execution.symbol not in self.engine.desk.halted_symbols and abs(signed) > -before * execution.action.sign:
            raise InvariantBroken(f"2: {signed} shares closed a position of {before}: {execution}")

    def _crossing(self, order: OrderSpec) -> None:
        """A fill that the engine has not heard of may cross what it sends now."""
        if self._times_told[order.symbol] < self._executed(order.symbol):
            self._excused.add(order.symbol)

    def _executed(self, symbol: str) -> int:
        return sum(execution.symbol == symbol for execution in self.exchange.ledger.executions)

    def _positions(self) -> dict[str, int]:
        return {symbol: shares for symbol, shares in self._sums.shares.items() if shares}

    def _held(self) -> list[Held]:
        """Our orders that work, each with what could fill of it now."""
        held = []
        for number, event in self._alive.items():
            if event.status is Status.PENDING_SUBMIT:
                continue
            order = event.order
            trade, role = trade_and_role(order.reference)
            held.append(
                Held(
                    number=number,
                    trade=trade,
                    role=role,
                    symbol=order.symbol,
                    sign=order.action.sign,
                    remaining=event.remaining,
                    effective=self._effective(event),
                    group=order.oca_group or f"alone {number}",
                    status=event.status,
                    group_is_over=self._group_is_over(order.oca_group),
                )
            )
        return held

    def _effective(self, event: OrderEvent) -> int:
        """What remains, but no more than the parent has filled (and the children not closed) while it works."""
        parent_number = event.order.parent_id
        if parent_number is None:
            return event.remaining
        parent = self._alive.get(parent_number) or self._dead[parent_number]
        closed = sum(self._sums.by_order[child] for child in self._children[parent_number])
        if parent_number in self._alive or parent.filled == 0:
            return max(0, min(event.remaining, parent.filled - closed))
        return event.remaining

    def _group_is_over(self, group: str | None) -> bool:
        """A member filled completely: the exchange itself is cancelling the others."""
        return group in self._groups_over

    def _no_look_ahead(self, bar: Bar) -> None:
        """A market order is filled by no bar that had begun before it was sent."""
        for execution in reversed(self._executions):
            if execution.time < bar.end:
                return
            if execution.execution_id in self._late:
                continue  # under way since before its cancel
            event = self._at_exchange(execution.order_id)
            sent = self._sent_at[execution.reference]
            if execution.symbol == bar.symbol and event.order.kind is OrderKind.MARKET and sent > bar.start:
                late = (sent - bar.start) / SECOND
                raise InvariantBroken(f"7: a bar filled an order that was sent {late} s after it began: {event.order}")

    # ---- 1 and 2 -----------------------------------------------------------------------------------------------------

    def _born_protected(self, command: Place) -> None:
        """Whatever opens shares of a trade with a stop leaves with a stop of its own."""
        parent = command.orders[0]
        trade, role = trade_and_role(parent.reference)
        roles = {trade_and_role(spec.reference)[1] for spec in command.orders}
        if role not in CLOSING and trade in self._asked_for_stop and not roles & STOPS:
            raise InvariantBroken(f"2: {parent} left without a stop")

    def _one_side(self, trade: str, spec: OrderSpec, role: str) -> None:
        sign = spec.side.sign if role not in CLOSING else -spec.side.sign
        if spec.symbol in self._excused or spec.symbol in self.engine.desk.halted_symbols:
            return  # an overfill is flattened on the other side
        if self._sides.setdefault(trade, sign) != sign and not self._flattens_surplus(trade, spec, role):
            raise InvariantBroken(f"1: the trade {trade} has orders of both sides: {spec}")

    def _flattens_surplus(self, trade: str, spec: OrderSpec, role: str) -> bool:
        """A closing order may work against the trade's side where more was closed than was held."""
        return role == "exit" and self._sums.shares[spec.symbol] * spec.side.sign < 0

    def _closing_side(self, symbol: str, orders: Sequence[Held]) -> None:
        position = self._sums.shares[symbol]
        most: Counter[tuple[str, int]] = Counter()
        for order in orders:
            if order.role in CLOSING and not order.group_is_over:
                key = (order.group, order.sign)
                most[key] = max(most[key], order.effective)
        closing = sum(shares for (_, sign), shares in most.items() if sign * position < 0)
        adding = sum(most.values()) - closing
        if closing > abs(position) or adding > 0:
            raise InvariantBroken(
                f"2: {closing} shares of {symbol} could fill on the closing side and {adding} on the other, "
                f"the position is {position}: {orders}"
            )

    def _protected(self, symbol: str, position: int, orders: Sequence[Held]) -> None:
        trade = self.engine.desk.trades.get(symbol)
        stops = sum(order.effective for order in orders if order.role in STOPS)
        targets = sum(order.effective for order in orders if order.role == "target")
        exits = sum(order.effective for order in orders if order.role == "exit")
        if targets > abs(position):
            raise InvariantBroken(f"2: targets of {targets} shares of {symbol}, the position is {position}")
        if trade is None or trade.id not in self._asked_for_stop or position * trade.sign <= 0:
            return
        if stops + exits == abs(position):
            self._naked_since.pop(symbol, None)
            return
        if self._refused_lately(self._wish_refused, symbol, 60):
            return
        since = self._naked_since.setdefault(symbol, self.now)
        waits = self._refused_lately(self._stop_refused, symbol, 1.2)
        if not waits or self.now - since > 11 * SECOND:
            raise InvariantBroken(
                f"2: stops of {stops} and exits of {exits} shares of {symbol}, the position is {position}: {orders}"
            )

    def _refused_lately(self, refusals: Mapping[str, int], symbol: str, seconds: float) -> bool:
        return symbol in refusals and self.now - refusals[symbol] <= seconds * SECOND

    # ---- 3 and 4 -----------------------------------------------------------------------------------------------------

    def _context(self, symbol: str, position: int, orders: Sequence[Held]) -> None:
        trade = self.engine.desk.trades.get(symbol)
        if trade is None and position:
            raise InvariantBroken(f"3: {position} shares of {symbol} belong to no trade")
        if trade is not None and not position and not any(order.trade == trade.id for order in orders):
            raise InvariantBroken(f"3: the context of {symbol} is left behind: no shares, no orders, {trade.status}")
        if trade is not None and position and position * trade.sign != trade.held:
            raise InvariantBroken(f"4: the trade of {symbol} counts {trade.held} shares, there are {position}")

    def _books_agree(self) -> None:
        account = self.exchange.ledger.accounts[ACCOUNT]
        portfolio = self.engine.desk.portfolio
        shares_held = sum(holding.quantity for holding in portfolio.holdings.values())
        booked = len(self._executions), self._closings, account.cash, portfolio.cash, shares_held
        if booked == self._agreed:
            return
        self._agreed = booked
        cash = account.initial_cash + self._sums.cash
        for name, theirs, ours in (
            ("the ledger's cash", cash, account.cash),
            ("our cash", cash, portfolio.cash),
            ("our commission", self._sums.commission, portfolio.commission),
        ):
            if theirs != ours:
                raise InvariantBroken(f"4: {name} is {ours} where the executions come to {theirs}")
        for symbol, shares in self._sums.shares.items():
            if account.holding(symbol).quantity != shares or portfolio.quantity(symbol) != shares:
                raise InvariantBroken(
                    f"4: executions of {symbol} sum to {shares}, the ledger says {account.holding(symbol).quantity}, "
                    f"our books say {portfolio.quantity(symbol)}"
                )
        living = {trade.id for trade in self.engine.desk.trades.values()}
        for trade, pnl in self._closed_pnl.items():
            if self._symbols[trade] in self.engine.desk.halted_symbols:
                continue
            if trade not in living and pnl != self._sums.by_trade[trade]:
                earned = self._sums.by_trade[trade]
                raise InvariantBroken(f"4: the trade {trade} reports {pnl}, its executions come to {earned}")
        for number in self._filled_since:
            filled = self._sums.by_order[number]
            event = self._alive.get(number) or self._dead[number]
            if filled > max(event.order.quantity, self._quantity_sent(event)):
                raise InvariantBroken(f"5: {filled} shares of the order {event.order} filled")

    def _quantity_sent(self, event: OrderEvent) -> int:
        # kept up as orders are sent, or a run of thousands of orders would look through all of them at every step
        for spec, _ in itertools.islice(self._placed.values(), self._looked_at, None):
            self._largest[spec.reference] = max(spec.quantity, self._largest.get(spec.reference, 0))
        self._looked_at = len(self._placed)
        return self._largest.get(event.order.reference, 0)

    # ---- 6 -----------------------------------------------------------------------------------------------------------

    def _price_of(self, spec: OrderSpec) -> float:
        stated = spec.limit_price if spec.limit_price is not None else spec.stop_price
        if stated is not None:
            return stated / 1_000_000
        return self.market.reference(spec.symbol, spec.side, self._event) or 0.0

    def _openings(self) -> list[Opening]:
        """Every opening order that was sent and is not known to have ended."""
        by_reference = {event.order.reference: event for event in (*self._alive.values(), *self._dead.values())}
        openings = []
        for spec, price in self._placed.values():
            trade, role = trade_and_role(spec.reference)
            if role in CLOSING or spec.order_id in self._refused_ids:
                continue
            event = by_reference.get(spec.reference)
            if event is not None and event.status in DONE:
                continue
            remaining = spec.quantity if event is None else event.remaining
            openings.append(Opening(spec.symbol, trade, spec.side.sign, remaining, price))
        return openings

    def _within_limits(self, trade: str, batch: Sequence[OrderSpec]) -> None:
        value = sum(spec.quantity * self._placed[spec.order_id][1] for spec in batch)
        marks = self.market.mark
        equity = self._told.equity(marks)
        wrong = self.limits.faults(self.now, batch, value, self._openings(), self._positions(), marks, equity)
        if wrong:
            raise InvariantBroken(f"6: the trade {trade} sent {batch} against {', '.join(wrong)}")
