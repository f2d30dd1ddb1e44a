"""Faults of messages on their way out: left out, twice, changed, or with an error beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs

from .fault_arming import Armed, Governed
from .fault_specs import Fault
from .message_names import ENDS, REPLIES
from .replies import CommissionReport, ErrorMessage, ExecutionDetails, OpenOrder, OrderStatus, Reply

MESSAGE_KINDS = ("missing", "duplicate", "no_end", "commission", "error", "status")
_OF_ONE_KIND = {"error": "openOrder", "commission": "commissionReport", "status": "orderStatus"}


class MessageFaults:
    """Changes what a session is told."""

    def __init__(self, gateway: Governed) -> None:
        self._gateway = gateway
        self._armed: list[Armed] = []

    def put_in_force(self, fault: Fault, now: int) -> None:
        """A fault begins, at a time in microseconds. An error that names its id is told at once."""
        if "id" in fault.values:
            self.tell_now(fault, fault.values["id"], now)
            return
        armed = Armed.of(fault)
        if fault.kind == "no_end" and fault.times == 1:
            armed.times = len(ENDS)
        self._armed.append(armed)

    def tell_now(self, fault: Fault, number: int, now: int) -> None:
        """Tells a fault's error out of the blue, to its client or to all."""
        error = [ErrorMessage(number, fault.code, fault.text)]
        if fault.client is None:
            self._gateway.tell_all(error, now)
        else:
            self._gateway.tell_client(fault.client, error, now)

    def changed(self, replies: Sequence[Reply], client_id: int) -> Sequence[Reply]:
        """The messages that a session of a client is to get in place of these."""
        if not self._armed:
            return replies
        told = [each for reply in replies for each in self._changed(reply, client_id)]
        self._armed = [each for each in self._armed if not each.is_used_up]
        return told

    def _changed(self, reply: Reply, client_id: int) -> Iterator[Reply]:
        """A message with what faults make of it, in the order in which they were asked for."""
        before: list[Reply] = []
        after: list[Reply] = []
        times = 1
        for armed in self._armed:
            fault = armed.fault
            if armed.is_used_up or not self._concerns(fault, reply, client_id) or not armed.takes():
                continue
            if fault.kind in ("missing", "no_end"):
                times = 0
            elif fault.kind == "duplicate":
                times += 1
            elif isinstance(reply, CommissionReport) and fault.kind == "commission":
                reply = attrs.evolve(reply, commission=fault.values["amount"])
            elif isinstance(reply, OrderStatus) and fault.kind == "status":
                why_held = fault.values.get("why_held", reply.why_held)
                after.append(attrs.evolve(reply, status=fault.values["status"], why_held=why_held))
            elif isinstance(reply, OpenOrder):
                error = ErrorMessage(reply.order_id, fault.code, fault.text)
                (before if fault.values.get("before") else after).append(error)
        yield from before
        for _ in range(times):
            yield reply
        yield from after

    def _concerns(self, fault: Fault, reply: Reply, client_id: int) -> bool:
        if fault.client not in (None, client_id):
            return False
        if fault.kind == "no_end":
            return isinstance(reply, ENDS)
        if not isinstance(reply, REPLIES[_OF_ONE_KIND.get(fault.kind) or fault.values["message"]]):
            return False
        key = self._key_of(reply)
        state = None if key is None else self._gateway.exchange.order(*key)
        return fault.is_for_all if state is None else fault.order.fits(state.order)

    def _key_of(self, reply: Reply) -> tuple[int, int] | None:
        """The order that a message is about, by client and number."""
        if isinstance(reply, OpenOrder):
            return reply.terms.client_id, reply.order_id
        if isinstance(reply, (OrderStatus, ExecutionDetails)):
            return reply.client_id, reply.order_id
        if isinstance(reply, CommissionReport):
            execution = self._gateway.exchange.ledger.find(reply.execution_id)
            return None if execution is None else (execution.client_id, execution.order_id)
        return None
