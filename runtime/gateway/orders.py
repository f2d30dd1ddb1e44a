"""What clients ask about orders: placing, changing and cancelling them, and lists of them and of executions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import attrs

from ..broker.exchange import (
    Code,
    ErrorEvent,
    Exchange,
    ExchangeEvent,
    ExchangeTerms,
    Execution,
    Order,
    OrderEvent,
    Request,
    Status,
)
from ..market.hours import Hours
from .board import Board
from .instruments import contract_of, own_symbol, resolve
from .mapper import BY_HAND, Key, Mapper
from .moments import UTC_ZONE, parse_moment
from .policy import GatewayPolicy, SmallOrderIds
from .replies import (
    CompletedOrdersEnd,
    ErrorMessage,
    ExecutionDetailsEnd,
    Margins,
    NextValidId,
    OpenOrder,
    OpenOrderEnd,
    OrderBound,
)
from .requests import Executions, PlaceOrder
from .session import Session
from .terms import Refusal, echoed, read_terms

Deliver = Callable[[Sequence[ExchangeEvent], int], None]
_SIDES = {"BUY": 1, "BOT": 1, "SELL": -1, "SLD": -1, "SSHORT": -1}


class OrderDesk:
    """Brings orders from clients to the exchange. What becomes of them is delivered by `deliver`."""

    def __init__(
        self,
        exchange: Exchange,
        mapper: Mapper,
        board: Board,
        hours: Hours,
        policy: GatewayPolicy,
        terms: ExchangeTerms,
        deliver: Deliver,
    ) -> None:
        self._exchange = exchange
        self._mapper = mapper
        self._board = board
        self._hours = hours
        self._policy = policy
        self._terms = terms
        self._deliver = deliver
        self.highest: dict[int, int] = {}

    # ---- placing and changing --------------------------------------------------------------------------------------

    def place(self, session: Session, request: PlaceOrder, now: int) -> str | None:
        """Takes an order, or new terms of one; answers the symbol that is to be quoted from now on."""
        order = self._read(session, request, now)
        if isinstance(order, Refusal):
            session.send(ErrorMessage(request.order_id, order.code, order.text))
            return None
        key = self._key(session, request.order_id)
        order = attrs.evolve(order, client_id=key[0], order_id=key[1])
        known = self._exchange.order(*key)
        if request.fields["what_if"]:
            self._judge(session, request, order, now)
        elif known is not None:
            self._change(key, order, request, now)
        elif self._policy.small_order_ids is SmallOrderIds.REFUSE and key[1] <= self.highest.get(key[0], 0):
            session.send(ErrorMessage(request.order_id, 103, "Duplicate order id"))
        else:
            self.highest[key[0]] = max(key[1], self.highest.get(key[0], 0))
            self._mapper.file(key).sent = _kept(request.fields)
            self._exchange.submit(order, now)
            self._deliver(self._exchange.take_events(), now)
            if not request.fields["tif"] and self._policy.empty_tif_is_told:
                text = "Order TIF was set to DAY based on order preset."
                session.send(ErrorMessage(request.order_id, 10349, text))
        return order.symbol

    def _read(self, session: Session, request: PlaceOrder, now: int) -> Order | Refusal:
        symbol = resolve(request.contract)
        if symbol is None:
            return Refusal(200, "No security definition has been found for the request")
        accounts = tuple(self._exchange.ledger.accounts)
        account = request.fields["account"] or (accounts[0] if len(accounts) == 1 else "")
        if not account:
            return Refusal(435, "You must specify an account.")
        if account not in accounts:
            return Refusal(321, f"Error validating request.-'bX' : cause - Invalid account code '{account}'.")
        return read_terms(request, session.client_id, symbol, account, now)

    def _key(self, session: Session, order_id: int) -> Key:
        """The exchange's key of an order: one by hand was bound to a number below zero."""
        if session.client_id == 0 and order_id < 0:
            for key, file in self._mapper.files.items():
                if file.wire_id == order_id:
                    return key
        return session.client_id, order_id

    def _change(self, key: Key, order: Order, request: PlaceOrder, now: int) -> None:
        self._exchange.modify(order, now)
        events = self._exchange.take_events()
        refused = any(isinstance(event, ErrorEvent) and event.request is Request.MODIFY for event in events)
        if not refused:
            self._mapper.file(key).sent = _kept(request.fields)
        self._deliver(events, now)

    def _judge(self, session: Session, request: PlaceOrder, order: Order, now: int) -> None:
        """A whatIf order: what it would do to the account, and nothing is placed."""
        row = self._board.row(order.symbol)
        price = order.limit_price or order.stop_price
        if price is None:
            seen = None if row is None else row.price(order.action.sign)
            price = 0 if seen is None else round(seen * 1e6)
        books = self._exchange.ledger.accounts[order.account]
        held = books.holding(order.symbol).quantity
        opened = abs(held + order.action.sign * order.quantity) - abs(held)
        change = round(opened * price / self._terms.leverage)
        equity = self._exchange.equity(order.account)
        free = self._exchange.buying_power(order.account)
        before = max(0, equity - round(free / self._terms.leverage))
        commission = self._terms.commission.due(order.quantity)
        margins = Margins(before, before, equity, change, change, -commission, commission)
        event = OrderEvent(order, 0, 0, Status.PRE_SUBMITTED, 0, 0, "", 0, 0)
        terms = echoed(event, _kept(request.fields), order.parent_id or 0, session.client_id)
        contract = contract_of(order.symbol)
        session.send(OpenOrder(request.order_id, contract, terms, "PreSubmitted", what_if=True, margins=margins))

    def place_by_hand(self, order: Order, now: int, binder: Session | None) -> Key:
        """An order that somebody typed into TWS. Who binds such orders hears of it under its bound number alone:
        ib_insync and ib_async keep the first number that they hear."""
        key = (BY_HAND, self._exchange.next_order_id(BY_HAND))
        self._exchange.submit(attrs.evolve(order, client_id=BY_HAND, order_id=key[1]), now)
        placed = self._exchange.order(*key)
        if binder is not None and placed is not None:
            number = self._mapper.file(key).wire_id = -key[1]
            binder.send(OrderBound(placed.permanent_id, 0, number))
        self._deliver(self._exchange.take_events(), now)
        return key

    # ---- cancelling ------------------------------------------------------------------------------------------------

    def cancel(self, session: Session, order_id: int, now: int) -> None:
        """Cancels an order of the client, else the one of another client that has this number."""
        key = self._key(session, order_id)
        if self._exchange.order(*key) is None:
            others = [each.order.key for each in self._exchange.open_orders() if each.order.order_id == order_id]
            key = others[0] if len(others) == 1 else key
        self._exchange.cancel(*key, now, by_client=session.client_id)
        events = self._exchange.take_events()
        answers = [each for each in events if isinstance(each, ErrorEvent) and (each.client_id, each.order_id) == key]
        failed = [each for each in answers if each.code != Code.CANCELLED]
        self._deliver([each for each in events if each not in failed], now)
        for answer in failed if self._hears_of(session, key) else answers:
            session.send(ErrorMessage(order_id, int(answer.code), answer.text))

    def _hears_of(self, session: Session, key: Key) -> bool:
        """Whether a session hears of an order anyway."""
        if key[0] == BY_HAND and session.client_id == 0:
            return session.subscriptions.auto_bind
        return session.client_id in (key[0], self._policy.master_client)

    def cancel_all(self, now: int) -> None:
        """Every working order of every client."""
        for event in self._exchange.open_orders():
            present = self._exchange.order(*event.order.key)
            if present is not None and present.status in (Status.PRE_SUBMITTED, Status.SUBMITTED):
                self._exchange.cancel(*event.order.key, now)
        self._deliver(self._exchange.take_events(), now)

    # ---- lists -----------------------------------------------------------------------------------------------------

    def next_id(self, client_id: int) -> int:
        return max(self._exchange.next_order_id(client_id), self.highest.get(client_id, 0) + 1)

    def tell_next_id(self, session: Session) -> None:
        session.send(NextValidId(self.next_id(session.client_id)))

    def tell_open(self, session: Session, everybody: bool) -> None:
        for event in self._exchange.open_orders():
            client = event.order.client_id
            own = client == session.client_id or (client == BY_HAND and session.client_id == 0)
            if everybody or own:
                self._mapper.file(event.order.key).shown = True
                session.send(self._mapper.open_order(event))
                session.send(self._mapper.status(event))
        session.send(OpenOrderEnd())

    def bind(self, session: Session) -> None:
        """Orders by hand get numbers below zero, by which client 0 can change and cancel them."""
        for event in self._exchange.open_orders(BY_HAND):
            file = self._mapper.file(event.order.key)
            if file.wire_id is None:
                file.wire_id = -event.order.order_id
                session.send(OrderBound(event.permanent_id, 0, file.wire_id))
            session.send(self._mapper.open_order(event))
            session.send(self._mapper.status(event))

    def tell_completed(self, session: Session, api_only: bool) -> None:
        for event in self._exchange.completed_orders():
            by_hand = event.order.client_id == BY_HAND
            if not self._mapper.file(event.order.key).invalid and not (api_only and by_hand):
                session.send(self._mapper.completed(event))
        session.send(CompletedOrdersEnd())

    def tell_executions(self, session: Session, request: Executions, now: int) -> None:
        try:
            since = parse_moment(request.time, UTC_ZONE) if request.time else 0
        except ValueError as error:
            text = f"Error validating request.-'bX' : cause - {error}"
            session.send(ErrorMessage(request.request_id, 321, text))
            return
        if self._policy.executions_since_midnight:
            since = max(since, self._hours.moment(self._hours.day(now), 0))
        for execution in self._exchange.executions():
            if execution.time >= since and _fits(request, execution, self._mapper):
                known = self._policy.commission_for_others or execution.client_id == session.client_id
                session.send(self._mapper.execution(execution, request.request_id))
                session.send(self._mapper.commission(execution, known))
        session.send(ExecutionDetailsEnd(request.request_id))


def _fits(request: Executions, execution: Execution, mapper: Mapper) -> bool:
    client, _ = mapper.wire_key((execution.client_id, execution.order_id))
    return (
        request.client_id in (0, client)
        and request.account in ("", execution.account)
        and own_symbol(request.symbol) in ("", execution.symbol)
        and request.security_type in ("", "STK")
        and request.exchange in ("", "SMART", contract_of(execution.symbol).primary_exchange)
        and _SIDES.get(request.side, execution.action.sign) == execution.action.sign
    )


def _kept(fields: Any) -> dict[str, Any]:
    """A client's fields without groups: what of them is echoed, and can be stored."""
    return {name: value for name, value in fields.items() if not isinstance(value, tuple)}
