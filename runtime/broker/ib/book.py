"""Our own account of our orders, from wire statuses, echoes, executions and error codes; the library's is never read.

Each function takes one thing that we do or that the wire says, finds the order it is about, and moves that. Out come
the port's messages, in the order in which the wire told.
"""

from __future__ import annotations

from collections.abc import Container, Iterator

from ...clock import Clock
from ...times import SECOND
from ..port import CancelRejected, ModifyRejected, OrderRejected, OrderSpec, TimeInForce, WireStatus
from .errors import CodeClass, CodeTable
from .executions import Executions
from .identity import Identity
from .life import STATUSES, OrderLife, Ways
from .orders import OrderFields
from .tracked import OrderIndex, Terms, TrackedOrder
from .wire import CommissionTold, CompletedTold, ErrorTold, ExecutionTold, OpenOrderTold, StatusTold, WireContract

_REJECTED = 201
NOT_DONE = 0
"""The code of a refusal that the broker did not tell: a look at the order shows that nothing came of it."""
_PATIENCE = 5 * SECOND  # how long a modification or a cancel may take before a look at the order counts against it


def is_share(contract: WireContract) -> bool:
    """Whether it is a stock in USD: an option, or a listing elsewhere, has the same symbol."""
    return contract.security_type == "STK" and contract.currency == "USD"


class OrderBook:
    """The orders of one instance, sent under one client id for one account.

    `clock` tells the time; `pulse` is the clock that waiting goes by, which runs also where time stands still.
    """

    def __init__(self, identity: Identity, codes: CodeTable, ways: Ways, clock: Clock, pulse: Clock) -> None:
        self._client = identity.client
        self._account = identity.account
        self._prefix = f"rulec/{identity.instance}/"
        self._codes = codes
        self._ways = ways
        self._clock = clock
        self._pulse = pulse
        self._index = OrderIndex()
        self.executions = Executions(ways.put)
        self._life = OrderLife(self._index, self.executions, codes, ways, clock)

    # ---- what is known ---------------------------------------------------------------------------------------------

    def get(self, order_id: str) -> TrackedOrder | None:
        return self._index.get(order_id)

    def permanent(self, permanent_id: int) -> TrackedOrder | None:
        """The order that has a permanent id."""
        return self._index.permanent(permanent_id)

    def open(self) -> Iterator[TrackedOrder]:
        """Orders that may work, oldest first."""
        return self._index.open()

    def symbols(self) -> set[str]:
        """Of all orders that were ever known."""
        return self._index.symbols()

    def bears_our_reference(self, told: OpenOrderTold) -> bool:
        return told.account == self._account and told.reference.startswith(self._prefix)

    # ---- what we do ------------------------------------------------------------------------------------------------

    def know(self, spec: OrderSpec, sent: int, *, is_done: bool) -> None:
        """Takes an order of an earlier run, out of the journal."""
        order = TrackedOrder(spec, sent, None, None, None, Terms.sent(spec), seen_alive=sent, refused=is_done)
        self._index.add(order)

    def place(self, spec: OrderSpec, fields: OrderFields) -> None:
        """Notes an order that is being sent."""
        now = self._clock.now()
        order = TrackedOrder(
            spec, now, fields, self._client, fields.number, Terms.sent(spec), fields.parent_number, seen_alive=now
        )
        order.left_at = self._pulse.now()
        self._index.add(order)

    def modify(self, order: TrackedOrder, spec: OrderSpec) -> None:
        """Notes new terms that are being sent."""
        order.spec = spec
        order.modifying = Terms.sent(spec)
        order.changed_at = self._pulse.now()
        order.told = None  # the answer is news also where it changes nothing

    def cancel(self, order: TrackedOrder) -> None:
        """Notes a cancel that is being sent."""
        order.cancelling = True
        order.changed_at = self._pulse.now()

    def never_left(self, spec: OrderSpec, code: int, text: str) -> None:
        """An order of which not one byte was sent."""
        order = self._index.get(spec.order_id)
        if order is None:
            self.know(spec, self._clock.now(), is_done=True)
            self._ways.put(OrderRejected(spec.order_id, code, text))
        else:
            self._life.reject(order, code, text)

    def withdrawn(self, spec: OrderSpec) -> None:
        """An order that was cancelled before it left: the answer is a cancel's."""
        self.know(spec, self._clock.now(), is_done=True)
        order = self._index.get(spec.order_id)
        assert order is not None, "it has just been taken in"
        self._life.tell(order, always=True)

    def refuse_modify(self, order_id: str, code: int, text: str) -> None:
        """A modification that did not leave."""
        self._ways.put(ModifyRejected(order_id, code, text))

    def refuse_cancel(self, order_id: str, code: int, text: str) -> None:
        """A cancel that did not leave."""
        self._ways.put(CancelRejected(order_id, code, text))

    # ---- what the wire says ----------------------------------------------------------------------------------------

    def on_open_order(self, told: OpenOrderTold) -> TrackedOrder | None:
        """Takes an echo; None where the order is none that we know."""
        order = self._index.find(told.reference, told.permanent_id, told.client, told.order_number)
        if order is None or told.account not in ("", self._account):
            return None
        self._index.name(order, told.client, told.order_number, told.permanent_id)
        order.parent_number = order.parent_number or told.parent_number
        order.terms = Terms.echoed(order.spec, told)
        stands_still = False
        if order.modifying is not None:
            if order.terms.answers(order.modifying):
                order.modifying = None
            else:
                # the port's update does not tell how far a trail stays behind: an echo from before the modification
                # would pass for its answer
                stands_still = order.modifying.trail_amount is not None or order.modifying.trailing_percent is not None
        self._life.status(order, told.status, stands_still=stands_still)
        return order

    def on_status(self, told: StatusTold) -> TrackedOrder | None:
        """Takes a status; None where the order is none that we know."""
        order = self._index.find("", told.permanent_id, told.client, told.order_number)
        if order is None:
            return None
        self._index.name(order, told.client, told.order_number, told.permanent_id)
        order.filled = max(order.filled, round(told.filled))
        order.why_held = told.why_held
        self._life.status(order, told.status)
        return order

    def on_execution(self, told: ExecutionTold) -> int:
        """Takes an execution in our account.

        Returns:
            By how much it changes what the account holds of the symbol; 0 where it was told before, or is no share.
        """
        if told.account != self._account or not is_share(told.contract):
            return 0
        order = self._index.find(told.reference, told.permanent_id, told.client, told.order_number)
        if order is None:
            return self.executions.add(told, None, told.contract.symbol)
        self._index.name(order, told.client, told.order_number, told.permanent_id)
        change = self.executions.add(told, order.order_id, order.spec.symbol)
        order.filled = max(order.filled, self.executions.filled(order.order_id))
        return change

    def on_commission(self, told: CommissionTold) -> None:
        self.executions.charge(told)

    def on_error(self, told: ErrorTold) -> bool:
        """Takes an error; False where it is about none of our orders."""
        order = self._index.numbered(self._client, told.number) if told.number > 0 else None
        if order is None:
            return False
        kind = self._codes.kind(told.code)
        if order.is_over:
            if kind not in (CodeClass.INFORMATION, CodeClass.CANCELLED):
                self._say("info", order, told)
        else:
            self._error(order, kind, told)
        return True

    def on_completed(self, told: CompletedTold, since: int, working: Container[str]) -> TrackedOrder | None:
        """Takes an order that is over, after its executions; answers the order where that was news.

        `since` is the beginning of what the broker remembers (microseconds), `working` are the orders told as open
        in the same look.
        """
        order = self._index.find(told.reference, told.permanent_id, 0, 0)
        status = STATUSES.get(told.status)
        if order is None or status not in (WireStatus.FILLED, WireStatus.CANCELLED, WireStatus.INACTIVE):
            return None
        self._index.name(order, None, None, told.permanent_id)
        order.filled = max(order.filled, round(told.filled or 0))
        if order.is_over and not (order.refused and status is WireStatus.FILLED):
            return None
        if status is WireStatus.INACTIVE and order.order_id in working:
            return None  # such an order can come back to life
        if status is WireStatus.FILLED:
            self._complete(order, told)
        elif status is WireStatus.INACTIVE and not order.filled:
            code, text = order.trouble or (_REJECTED, told.completed_status or "rejected")
            self._life.reject(order, code, text)
        elif order.trouble is not None and not order.acknowledged and not order.filled:
            self._life.reject(order, *order.trouble)
        else:
            was_for_another_day = order.terms.time_in_force is TimeInForce.DAY and order.sent < since
            self._life.end(order, expired=was_for_another_day or self._life.has_expired(order))
        return order

    def _complete(self, order: TrackedOrder, told: CompletedTold) -> None:
        # some tell no quantity for an order that has filled
        quantity = round(told.filled or 0) or round(told.quantity) or order.terms.quantity
        if self._life.is_filled(order, quantity):
            self._life.fill(order)
        else:
            # its executions are older than the broker's memory: the shares are somewhere, at a price that nobody tells
            self._life.miss(order, conclusive=False)

    # ---- what a look concludes -------------------------------------------------------------------------------------

    def missing(self, order: TrackedOrder, *, conclusive: bool) -> None:
        """An order that is nowhere: among what works, what is complete and what was executed."""
        if self._life.is_filled(order, order.terms.quantity):
            self._life.fill(order)
        elif conclusive and order.trouble is not None and not order.acknowledged:
            self._life.reject(order, *order.trouble)
        else:
            self._life.miss(order, conclusive=conclusive)

    def confirm(self, order: TrackedOrder, began: int) -> None:
        """Tells an order that a look at everything, begun then by the pulse, has found, or that is known to be over.

        What was under way for long, and of which the order shows nothing, was not done.
        """
        if order.is_live:
            order.trouble = None
            if order.changed_at + _PATIENCE <= began:
                if order.modifying is not None:
                    self._life.refuse_modify(order, NOT_DONE, "the broker holds the order as it was")
                if order.cancelling:
                    self._life.refuse_cancel(order, NOT_DONE, "the order works on")
        self._life.tell(order, always=True)

    # ---- error codes -----------------------------------------------------------------------------------------------

    def _error(self, order: TrackedOrder, kind: CodeClass, told: ErrorTold) -> None:
        match kind:
            case CodeClass.REJECTED if order.modifying is not None:
                self._life.refuse_modify(order, told.code, told.text)
            case CodeClass.REJECTED if not order.acknowledged or _is_inactive(order):
                self._life.reject(order, told.code, told.text)
            case CodeClass.REJECTED:
                self._life.suspect(order, told.code, told.text)
            case CodeClass.MODIFICATION_REFUSED if order.modifying is not None:
                self._life.refuse_modify(order, told.code, told.text)
            case CodeClass.CANCEL_REFUSED if order.cancelling:
                self._life.refuse_cancel(order, told.code, told.text)
            case CodeClass.NOT_FOUND if order.cancelling:
                self._life.refuse_cancel(order, told.code, told.text)
            case CodeClass.NOT_FOUND if order.modifying is not None:
                self._life.refuse_modify(order, told.code, told.text)
            case CodeClass.CANCELLED:
                if not order.cancelling:
                    self._say("warning", order, told)
                self._life.suspect(order, told.code, told.text)
            case CodeClass.INFORMATION | CodeClass.STILL_LIVE:
                self._say("info", order, told)
            case _:
                self._say("warning", order, told)
                if not order.acknowledged:
                    order.trouble = (told.code, told.text)
                self._ways.ask(order.order_id)

    def _say(self, level: str, order: TrackedOrder, told: ErrorTold) -> None:
        text = f"the broker says of order {order.order_id}: {told.text} (code {told.code})"
        self._ways.say(level, order.spec.symbol, text)


def _is_inactive(order: TrackedOrder) -> bool:
    """Whether the broker itself called it Inactive: an order that a code has made suspect may be as alive as ever."""
    return order.status is WireStatus.INACTIVE and order.trouble is None
