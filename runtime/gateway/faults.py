"""The domain seam of fault injection: what the exchange, Interactive Brokers and its messages do wrong.

Implements `seams.Interference`. It knows when faults come into force, and the connection to Interactive Brokers itself;
orders, messages and requests have modules of their own, and those of the wire go to `wire_faults.py`.
`docs/gateway-faults.md` has an example of each.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence

import attrs

from ..broker.exchange import ExchangeEvent, ExecutionEvent
from .answers import log
from .fault_arming import Governed
from .fault_kinds import TEXTS
from .fault_specs import Fault, FaultError
from .message_faults import MESSAGE_KINDS, MessageFaults
from .message_names import STREAMED
from .order_faults import OrderFaults
from .replies import ErrorMessage, Reply
from .request_faults import REQUEST_KINDS, RequestFaults
from .requests import Request
from .wire_faults import WIRE_KINDS, WireFaults


class GatewayFaults:
    """Everything that has been asked to go wrong, by a file or through the control port."""

    def __init__(self, wire: WireFaults | None = None) -> None:
        self.wire = wire or WireFaults()
        self._suffering: _Suffering | None = None
        self._planned: list[tuple[tuple[Fault, ...], int]] = []
        self._scheduled: list[tuple[int, int, Fault]] = []
        self._count = 0
        self._lost = False
        self._held: list[ExchangeEvent] = []

    def attach(self, gateway: Governed) -> None:
        """Names the gateway that is to suffer; what was planned before begins to count."""
        self._suffering = _Suffering(gateway)
        planned, self._planned = self._planned, []
        for faults, start in planned:
            self.plan(faults, start)

    def plan(self, faults: Iterable[Fault], start: int) -> None:
        """Takes faults in; their `after` counts from the start (microseconds since 1970 UTC).

        Raises:
            FaultError: one that is to happen at once cannot.
        """
        if self._suffering is None:
            self._planned.append((tuple(faults), start))
            return
        for fault in faults:
            at = fault.at if fault.after is None else start + fault.after
            if at is None:
                self._put_in_force(fault, self._suffering, start)
            else:
                self._schedule(fault, at)

    # ---- the seam --------------------------------------------------------------------------------------------------

    def next_due(self) -> int | None:
        return self._scheduled[0][0] if self._scheduled else None

    def on_time(self, now: int) -> None:
        while self._suffering is not None and self._scheduled and self._scheduled[0][0] <= now:
            time, _, fault = heapq.heappop(self._scheduled)
            try:
                self._put_in_force(fault, self._suffering, max(time, now))
            except FaultError as error:
                log.warning("fault %s: %s", fault.kind, error)

    def request(self, session: int, client_id: int, request: Request, now: int) -> Sequence[Reply] | None:
        return None if self._suffering is None else self._suffering.requests.answer(session, client_id, request, now)

    def events(self, events: Sequence[ExchangeEvent], now: int) -> Sequence[ExchangeEvent]:
        for event in events:
            if isinstance(event, ExecutionEvent) and self._suffering is not None:
                correction = self._suffering.orders.correction_of(event.execution)
                if correction is not None:
                    self._schedule(correction, now)  # after this execution has been told
        if self._lost:
            self._held.extend(events)
            return ()
        return events

    def replies(self, session: int, client_id: int, replies: Sequence[Reply], now: int) -> Sequence[Reply]:
        if self._lost:
            replies = [each for each in replies if not isinstance(each, STREAMED)]
        return replies if self._suffering is None else self._suffering.messages.changed(replies, client_id)

    # ---- coming into force -----------------------------------------------------------------------------------------

    def _schedule(self, fault: Fault, at: int) -> None:
        self._count += 1
        heapq.heappush(self._scheduled, (at, self._count, fault))

    def _put_in_force(self, fault: Fault, suffering: _Suffering, now: int) -> None:
        if fault.kind in WIRE_KINDS:
            self.wire.put_in_force(fault)
        elif fault.kind in MESSAGE_KINDS:
            suffering.messages.put_in_force(fault, now)
        elif fault.kind in REQUEST_KINDS or (fault.kind == "pacing" and "per_second" in fault.values):
            suffering.requests.put_in_force(fault)
        elif fault.kind == "pacing":
            suffering.messages.tell_now(attrs.evolve(fault, code=100, text=TEXTS[100]), -1, now)
        elif fault.kind == "farm":
            suffering.messages.tell_now(fault, -1, now)
        elif fault.kind in ("1100", "1101", "1102"):
            self._connectivity(fault, suffering.gateway, now)
        else:
            suffering.orders.put_in_force(fault, now)

    def _connectivity(self, fault: Fault, gateway: Governed, now: int) -> None:
        gateway.tell_all([ErrorMessage(-1, int(fault.kind), TEXTS[int(fault.kind)])], now)
        if fault.kind == "1100":
            self._lost = True
            if "for" in fault.values:
                self._schedule(Fault(fault.values.get("then", "1102")), now + fault.values["for"])
            return
        self._lost = False
        if fault.kind == "1101":
            gateway.lose_market_data(now)
        held, self._held = self._held, []
        gateway.tell_events(held, now)


class _Suffering:
    """A gateway with what goes wrong in its parts."""

    def __init__(self, gateway: Governed) -> None:
        self.gateway = gateway
        self.orders = OrderFaults(gateway)
        self.messages = MessageFaults(gateway)
        self.requests = RequestFaults(gateway)
