"""From the exchange's events to the sequences of messages that a live Gateway sends.

Of an order that is accepted: openOrder, orderStatus. Of a fill: execDetails, openOrder, orderStatus (both often twice),
commissionReport, in that order: a client loses a commission whose execution it has not seen, and the event of one
whose order it has not seen. Of a cancel: orderStatus, then error 202. Of a rejection: Inactive, then error 201. Of an
order whose fields make no sense: the error alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from ..broker.exchange import Code, ErrorEvent, ExchangeEvent, Execution, ExecutionEvent, OrderEvent, Request, Status
from .instruments import TIME_ZONE, contract_of
from .moments import utc_text, zoned_text
from .policy import ExecutionTime, GatewayPolicy
from .replies import (
    CommissionReport,
    CompletedOrder,
    ErrorMessage,
    ExecutionDetails,
    OpenOrder,
    OrderStatus,
    Reply,
)
from .terms import echoed

BY_HAND = -1
"""The exchange's client of orders that nobody placed through the API; on the wire it is client 0."""

OVER = (Status.FILLED, Status.CANCELLED, Status.INACTIVE)
_WORDED = (Code.REJECTED, Code.CANCELLED)
Key = tuple[int, int]


@attrs.frozen
class Addressed:
    """A message about an order, and the client whose order it is. `delay` in microseconds."""

    client_id: int
    reply: Reply
    delay: int = 0


@attrs.define
class OrderFile:
    """What the gateway itself remembers of an order.

    `sent` are the client's fields, `wire_id` is the number that others see it under, `ended` when it was done, and
    `invalid` marks one that was refused before it was an order.
    """

    sent: Mapping[str, Any] = attrs.Factory(dict)
    wire_id: int | None = None
    shown: bool = False
    invalid: bool = False
    ended: int = 0


class Mapper:
    """Words what happened. `files` are by the exchange's key of an order: client and order id."""

    def __init__(self, policy: GatewayPolicy) -> None:
        self._policy = policy
        self.files: dict[Key, OrderFile] = {}

    def file(self, key: Key) -> OrderFile:
        return self.files.setdefault(key, OrderFile())

    # ---- sequences -------------------------------------------------------------------------------------------------

    def messages(
        self, events: Sequence[ExchangeEvent], now: int, warnings: Mapping[Key, str], is_open: bool
    ) -> list[Addressed]:
        """What clients hear of events that happened together. `warnings` are those of orders that are new."""
        return list(_Telling(self, self._policy, events, now, warnings, is_open).run())

    # ---- single messages -------------------------------------------------------------------------------------------

    def open_order(self, event: OrderEvent) -> OpenOrder:
        key = event.order.key
        file = self.file(key)
        client, order_id = self.wire_key(key)
        terms = echoed(event, file.sent, event.order.parent_id or 0, client)
        return OpenOrder(order_id, contract_of(event.order.symbol), terms, event.status.value)

    def status(self, event: OrderEvent) -> OrderStatus:
        client, order_id = self.wire_key(event.order.key)
        return OrderStatus(
            order_id=order_id,
            status=event.status.value,
            filled=event.filled,
            remaining=event.remaining,
            average_price=round(event.traded_value / event.filled / 1e6, 8) if event.filled else 0.0,
            permanent_id=event.permanent_id,
            parent_id=event.order.parent_id or 0,
            last_price=event.last_price,
            client_id=client,
            why_held=event.why_held,
        )

    def completed(self, event: OrderEvent) -> CompletedOrder:
        file = self.file(event.order.key)
        client, _ = self.wire_key(event.order.key)
        filled = event.status is Status.FILLED
        return CompletedOrder(
            contract=contract_of(event.order.symbol),
            terms=echoed(event, file.sent, 0, client),
            status=event.status.value,
            filled=event.filled,
            parent_permanent_id=event.parent_permanent_id,
            completed_time=zoned_text(file.ended, TIME_ZONE) if file.ended else "",
            completed_status=f"Filled Size: {event.filled}" if filled else _ended_by(event),
        )

    def execution(self, execution: Execution, request_id: int = -1) -> ExecutionDetails:
        client, order_id = self.wire_key((execution.client_id, execution.order_id))
        contract = contract_of(execution.symbol)
        utc = self._policy.execution_time is ExecutionTime.UTC
        return ExecutionDetails(
            request_id=request_id,
            order_id=order_id,
            contract=contract,
            execution_id=execution.execution_id,
            time=utc_text(execution.time) if utc else zoned_text(execution.time, TIME_ZONE),
            account=execution.account,
            exchange=contract.primary_exchange,
            side="BOT" if execution.action.sign > 0 else "SLD",
            shares=execution.quantity,
            price=execution.price,
            permanent_id=execution.permanent_id,
            client_id=client,
            cumulative=execution.cumulative,
            average_price=round(execution.average_price / 1e6, 8),
            reference=execution.reference,
            last_liquidity=2,
        )

    def commission(self, execution: Execution, known: bool = True) -> CommissionReport:
        net = execution.realised - execution.commission if execution.realised else None
        return CommissionReport(execution.execution_id, execution.commission if known else 0, "USD", net)

    def wire_key(self, key: Key) -> Key:
        """Client and order id as clients see them; an order by hand is client 0's, with number 0 or a bound one."""
        if key[0] != BY_HAND:
            return key
        return 0, self.file(key).wire_id or 0


class _Telling:
    """One batch of events."""

    def __init__(
        self,
        mapper: Mapper,
        policy: GatewayPolicy,
        events: Sequence[ExchangeEvent],
        now: int,
        warnings: Mapping[Key, str],
        is_open: bool,
    ) -> None:
        self._mapper = mapper
        self._policy = policy
        self._events = events
        self._now = now
        self._warnings = warnings
        self._pends = policy.pending_cancel_when_closed and not is_open
        self._fast = self._filled_as_they_arrive()
        self._commissions: dict[Key, list[Execution]] = {}

    def run(self) -> Iterator[Addressed]:
        following: Sequence[ExchangeEvent | None] = [*self._events[1:], None]
        for event, after in zip(self._events, following, strict=True):
            if isinstance(event, OrderEvent):
                yield from self._order(event, after)
            elif isinstance(event, ExecutionEvent):
                yield from self._execution(event.execution)
            else:
                yield from self._error(event)
        for key in list(self._commissions):
            yield from self._flush(key)

    def _order(self, event: OrderEvent, after: ExchangeEvent | None) -> Iterator[Addressed]:
        key = event.order.key
        client = key[0]
        file = self._mapper.file(key)
        if event.status in OVER and not file.ended:
            file.ended = self._now
        if event.status is Status.INACTIVE and _refuses(after, key):
            file.invalid = True
            return
        is_new = not file.shown
        file.shown = True
        warning = self._warnings.get(key) if is_new and event.status not in OVER else None
        if warning and self._policy.warning_first:
            yield self._warn(key, warning)
        if event.status is Status.CANCELLED and self._pends and not is_new and not event.expired:
            yield Addressed(client, self._mapper.status(attrs.evolve(event, status=Status.PENDING_CANCEL)))
        times = 2 if self._policy.duplicated_statuses and key in self._commissions else 1
        messages: list[Reply] = []
        if is_new or event.status is not Status.CANCELLED or self._policy.open_order_on_cancel:
            messages.append(self._mapper.open_order(event))
        if key not in self._fast:
            messages.append(self._mapper.status(event))
        for message in messages * times:
            yield Addressed(client, message)
        if warning and not self._policy.warning_first:
            yield self._warn(key, warning)
        yield from self._flush(key)

    def _execution(self, execution: Execution) -> Iterator[Addressed]:
        key = (execution.client_id, execution.order_id)
        yield Addressed(execution.client_id, self._mapper.execution(execution))
        self._commissions.setdefault(key, []).append(execution)

    def _flush(self, key: Key) -> Iterator[Addressed]:
        for execution in self._commissions.pop(key, ()):
            yield Addressed(execution.client_id, self._mapper.commission(execution))

    def _error(self, event: ErrorEvent) -> Iterator[Addressed]:
        key = (event.client_id, event.order_id)
        delay = self._policy.rejection_delay if event.code == Code.REJECTED else 0
        _, order_id = self._mapper.wire_key(key)
        yield Addressed(event.client_id, ErrorMessage(order_id, int(event.code), event.text), delay)

    def _warn(self, key: Key, text: str) -> Addressed:
        return Addressed(key[0], ErrorMessage(self._mapper.wire_key(key)[1], 399, text))

    def _filled_as_they_arrive(self) -> frozenset[Key]:
        if self._policy.statuses_around_fast_fills:
            return frozenset()
        executed = {
            (each.execution.client_id, each.execution.order_id)
            for each in self._events
            if isinstance(each, ExecutionEvent)
        }
        return frozenset(key for key in executed if not self._mapper.file(key).shown)


def _refuses(after: ExchangeEvent | None, key: Key) -> bool:
    """Whether an order that was put aside was no order at all: its error stands alone."""
    return (
        isinstance(after, ErrorEvent)
        and (after.client_id, after.order_id) == key
        and after.request is Request.SUBMIT
        and after.code not in _WORDED
    )


def _ended_by(event: OrderEvent) -> str:
    if event.status is Status.INACTIVE:
        return "Rejected by System"
    return "Expired" if event.expired else "Cancelled by Trader"
