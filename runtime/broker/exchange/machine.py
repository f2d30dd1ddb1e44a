"""The exchange: submit, modify, cancel, a price, a quote, a bar, the time; out come events.

A synchronous, deterministic state machine with no clock and no queue but its own list of events. Time comes in with
every call (microseconds since 1970 UTC), prices are micros, and the words are Interactive Brokers': it stands behind
the simulated broker, and behind anything else that speaks for a broker. What is not verified about IB is a field of
`ExchangePolicy`.

    exchange = Exchange(hours, {"DU1": 100_000_000_000})
    exchange.submit(order, now)
    for _ in exchange.on_price("AAPL", 150_000_000, now):
        deliver(exchange.take_events())        # commands may be given here, before the price moves on
    deliver(exchange.take_events())
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from .admission import Admission
from .book import Book
from .checks import check_modification
from .desk import Desk, take_terms
from .events import Code, ErrorEvent, ExchangeEvent, Execution, ExecutionEvent, OrderEvent, Request
from .faults import Faults
from .fills import Fills
from .ledger import Ledger
from .margin import Margin
from .orders import AT_CLOSE, BookOrder, Order, Status
from .policy import ExchangePolicy, ExchangeTerms, FillMode
from .saved import SavedOrder, bring_back, to_saved
from .tape import Hours, Tape
from .walk import BarPrices, Walk


class Exchange:
    """One exchange with several accounts and clients; `ledger` and `faults` are its books and its fault injector."""

    def __init__(
        self,
        hours: Hours,
        accounts: Mapping[str, int],
        terms: ExchangeTerms | None = None,
        policy: ExchangePolicy | None = None,
    ) -> None:
        self._hours = hours
        self._terms = terms or ExchangeTerms()
        self._policy = policy or ExchangePolicy()
        self._events: list[ExchangeEvent] = []
        self._permanent_ids = 0
        self._tape = Tape()
        self._book = Book(self._policy.children_capped)
        self.ledger = Ledger(accounts)
        self.faults = Faults()
        tell = self._events.append
        self._desk = Desk(self._book, self._tape, hours, self._policy, self.faults, tell)
        self._fills = Fills(
            self._book, self._desk, self._tape, self.ledger, self._terms, self._policy, self.faults, tell
        )
        self._margin = Margin(self._book, self._tape, self._terms.leverage)
        self._admission = Admission(self._book, self._desk, self._margin, self.ledger, self.faults, self._policy)
        self._walk = Walk(self._book, self._desk, self._fills, self._tape, self.ledger, self.faults, hours)

    # ---- commands --------------------------------------------------------------------------------------------------

    def submit(self, order: Order, now: int, sent: int | None = None) -> None:
        """Takes a new order; with `transmit=False` it waits for the last of its family and says nothing.

        `sent` is when its client sent it, if that was earlier than its arrival now. A refusal is an event, never an
        exception.

        Raises:
            ValueError: the account does not exist.
        """
        if order.account not in self.ledger.accounts:
            raise ValueError(f"no account {order.account}")
        if self._book.find(*order.key) is not None:
            self._error(Request.SUBMIT, order.key, Code.DUPLICATE_ORDER_ID, "Duplicate order id")
            return
        order = self.faults.preset(order)
        parent = None if order.parent_id is None else self._book.find(order.client_id, order.parent_id)
        self._permanent_ids += 1
        book_order = BookOrder(
            order=order,
            permanent_id=self._permanent_ids,
            sent=now if sent is None else sent,
            arrived=self._tape.event,
            quantity=order.quantity,
            limit_price=order.limit_price,
            stop_price=order.stop_price,
            oca_group=order.oca_group,
            oca_type=order.oca_type,
            parent=parent,
        )
        if parent is not None:
            book_order.oca_group = str(parent.permanent_id)
            book_order.oca_type = self._policy.child_oca_type
        self._book.add(book_order)
        if order.parent_id is not None and (parent is None or _ended_empty(parent)):
            self._desk.reject(book_order, Code.PARENT_MISSING, "Missing parent order.")
        elif order.transmit:
            self._release(book_order, now)

    def modify(self, order: Order, now: int) -> None:
        """Replaces an order's quantity (filled shares included), prices and time in force.

        A quantity no larger than what has filled cancels the rest. A TRAIL keeps the stop that it has reached unless
        `stop_price` is another than the one it was last sent with.
        """
        book_order = self._book.find(*order.key)
        refusal = check_modification(book_order, order, now, self._policy.ticks)
        if refusal is not None or book_order is None:
            if refusal is not None:
                self._error(Request.MODIFY, order.key, refusal.code, refusal.text)
            return
        refused = self.faults.refused_change(order) if book_order.working else None
        if refused is not None:
            if refused.cancels:
                self._desk.end(book_order, Status.CANCELLED)
            self._error(Request.MODIFY, order.key, refused.code, refused.text)
            return
        old = book_order.order
        take_terms(book_order, order)
        if not book_order.working:
            if order.transmit:
                self._release(book_order, now)
            return
        if order.tif is not old.tif or order.good_till != old.good_till:
            self._desk.renew(book_order, now)
        if book_order.remaining == 0:
            self._desk.cancel_by_client(book_order, now)
            return
        self._desk.refresh(book_order)
        self._meet_standing(book_order, now)

    def cancel(self, client_id: int, order_id: int, now: int, by_client: int | None = None) -> None:
        """Cancels an order, on behalf of its own client or of another one."""
        key = (client_id, order_id)
        order = self._book.find(client_id, order_id)
        foreign = by_client is not None and by_client != client_id and not self._policy.others_may_cancel
        if order is None or foreign:
            text = f"OrderId {order_id} that needs to be cancelled is not found."
            self._error(Request.CANCEL, key, Code.CANCEL_NOT_FOUND, text)
        elif order.status is Status.PENDING_SUBMIT:
            self._desk.end(order, Status.CANCELLED)
        elif not order.working or order.status is Status.PENDING_CANCEL:
            text = f"OrderId {order_id} that needs to be cancelled cannot be cancelled, state: {order.status.value}."
            self._error(Request.CANCEL, key, Code.CANNOT_BE_CANCELLED, text)
        else:
            self._desk.cancel_by_client(order, now)

    def correct(self, execution_id: str, price: int) -> None:
        """Corrects an execution's price (micros): the same id but for its last part, in the place of the earlier one.

        Raises:
            ValueError: no such execution.
        """
        old = self.ledger.find(execution_id)
        if old is None:
            raise ValueError(f"no execution {execution_id}")
        stem, _, suffix = execution_id.rpartition(".")
        change = old.quantity * (price - old.price)
        order = self._book.by_permanent_id(old.permanent_id)
        if order is not None:
            order.traded_value += change
        new = attrs.evolve(
            old,
            execution_id=f"{stem}.{int(suffix) + 1:02d}",
            price=price,
            traded_value=old.traded_value + change,
        )
        self._events.append(ExecutionEvent(self.ledger.replace(old, new)))

    # ---- the market and the time -----------------------------------------------------------------------------------

    def on_price(self, symbol: str, price: int, now: int) -> Iterable[None]:
        """A trade's price. Walk the answer to its end: it pauses after each fill."""
        return self._walk.tick(symbol, price, price, now)

    def on_quote(self, symbol: str, bid: int, ask: int, now: int) -> Iterable[None]:
        """A quote: buyers pay the ask, sellers get the bid. Walk the answer to its end."""
        return self._walk.tick(symbol, ask, bid, now)

    def on_bar(self, bar: BarPrices, regular: bool = True) -> Iterable[None]:
        """A completed bar, at its end. One outside the regular hours only leaves its close as the latest price."""
        return self._walk.bar(bar, regular)

    def is_quiet(self, symbol: str, low: int, high: int) -> bool:
        """Whether no price between the two (micros) can change any order of the symbol."""
        return self._walk.is_quiet(symbol, low, high)

    def watches(self, symbol: str) -> bool:
        """Whether any order of this symbol works, or is to fill late."""
        return self._book.has_resting(symbol) or self.faults.has_late_fills(symbol)

    def on_quiet_bar(self, symbol: str, close: int) -> None:
        """What `on_bar` does with a bar for which `is_quiet` or nobody watches: its close is the latest price."""
        self._walk.close_at(symbol, close)

    def on_time(self, now: int) -> None:
        """Fills orders at the close, ends orders whose time is over, and cancels whose window is."""
        while (due := self._desk.take_due(now)) is not None:
            order, time = due
            if order.order.kind in AT_CLOSE and time == order.expires:
                self._walk.meet_close(order, time)
            if order.working:
                self._desk.end_due(order, time)

    def next_due(self) -> int | None:
        """When `on_time` has something to do next."""
        return self._desk.next_due()

    # ---- answers ---------------------------------------------------------------------------------------------------

    def take_events(self) -> list[ExchangeEvent]:
        """What has happened since this was last asked, in order."""
        events = self._events[:]
        self._events.clear()
        return events

    def order(self, client_id: int, order_id: int) -> OrderEvent | None:
        """An order as it stands, done or not."""
        found = self._book.find(client_id, order_id)
        return None if found is None else self._book.snapshot(found)

    def open_orders(self, client_id: int | None = None) -> tuple[OrderEvent, ...]:
        """Working orders by permanent id; of one client, or of all."""
        return tuple(self._book.snapshot(each) for each in self._orders(client_id) if each.working)

    def completed_orders(self, client_id: int | None = None) -> tuple[OrderEvent, ...]:
        """Filled, cancelled and rejected orders by permanent id."""
        return tuple(
            self._book.snapshot(each)
            for each in self._orders(client_id)
            if not each.working and each.status is not Status.PENDING_SUBMIT
        )

    def executions(self, account: str | None = None) -> tuple[Execution, ...]:
        return tuple(each for each in self.ledger.executions if account in (None, each.account))

    def positions(self, account: str) -> Mapping[str, int]:
        """Shares held by symbol, flat ones left out: positive long, negative short."""
        holdings = self.ledger.accounts[account].holdings
        return {symbol: holding.quantity for symbol, holding in holdings.items() if holding.quantity}

    def equity(self, account: str) -> int:
        """Cash and positions at their latest prices, in micros."""
        return self._margin.equity(self.ledger.accounts[account])

    def buying_power(self, account: str) -> int:
        return self._margin.buying_power(self.ledger.accounts[account])

    def next_order_id(self, client_id: int) -> int:
        """The least id above all that this client has used."""
        return 1 + max((each.order.order_id for each in self._orders(client_id)), default=0)

    # ---- kept over a restart ---------------------------------------------------------------------------------------

    def saved_order(self, permanent_id: int) -> SavedOrder:
        """An order as a record to keep.

        Raises:
            KeyError: no such order.
        """
        order = self._book.by_permanent_id(permanent_id)
        if order is None:
            raise KeyError(permanent_id)
        return to_saved(order)

    def restore(self, orders: Iterable[SavedOrder], executions: Iterable[Execution]) -> None:
        """Brings back what an earlier exchange had. Nothing is told; executions in the order of the ledger.

        Raises:
            ValueError: this exchange has orders already, or the records do not fit together.
        """
        if self._permanent_ids:
            raise ValueError("only an exchange without orders can be restored")
        for order in bring_back(orders, self._book):
            self._permanent_ids = max(self._permanent_ids, order.permanent_id)
            self._desk.watch_end(order)
        for execution in executions:
            if execution.account not in self.ledger.accounts:
                raise ValueError(f"execution {execution.execution_id} belongs to an unknown account")
            self.ledger.book(execution)
            self._fills.count(execution)

    # ---- inside ----------------------------------------------------------------------------------------------------

    def _orders(self, client_id: int | None) -> list[BookOrder]:
        return [each for each in self._book.all() if client_id in (None, each.order.client_id)]

    def _release(self, last: BookOrder, now: int) -> None:
        """The last of a family is here: all that waited with it is judged and accepted, the parent first."""
        root = last.parent or last
        family = [order for order in (root, *self._book.children(root)) if order.status is Status.PENDING_SUBMIT]
        for order in family:
            if order.status is Status.PENDING_SUBMIT:
                self._admission.judge(order, now)
        # children that their parent's fill has just brought alive meet the next price: they are first re-anchored to it
        for order in (root,) if root in family else family:
            self._meet_standing(order, now)

    def _meet_standing(self, order: BookOrder, now: int) -> None:
        if self._terms.fill is FillMode.STANDING and not order.held_as_child:
            self._walk.meet_standing(order, now)

    def _error(self, request: Request, key: tuple[int, int], code: int, text: str) -> None:
        self._events.append(ErrorEvent(request, *key, code, text))


def _ended_empty(parent: BookOrder) -> bool:
    """A parent that is done and has nothing filled can have no more children."""
    return parent.filled == 0 and parent.status in (Status.CANCELLED, Status.INACTIVE)
