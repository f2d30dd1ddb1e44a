"""Looks at everything that the broker knows, and what follows from it: what works, what is over, what is nowhere.

A look asks for the open orders of all clients, for completed orders and for positions; when these have been answered,
for executions, so that every execution is known before anything is concluded from a position or a missing order. One
look is under way at a time; what is asked meanwhile is answered by the next. From a look that is not answered in time
nothing is concluded at all: after a pause, in which late answers fade away, it is made again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from ...clock import Clock
from ...times import EPOCH, SECOND
from ..port import OrderMissing
from .book import OrderBook, is_share
from .life import Ways
from .looks import Look, Questions
from .positions import Positions
from .requests import Requests
from .strays import Strays
from .tracked import TrackedOrder
from .wire import (
    CompletedOrdersEnd,
    CompletedTold,
    ExecutionsEnd,
    ListEnd,
    OpenOrdersEnd,
    PositionsEnd,
    PositionTold,
)

_FRESH = 2 * SECOND  # an order sent so shortly before a look need not be in it yet
_FADING = 2 * SECOND  # how long answers to a look that a lost connection cut off may still come in
_LONGEST = 10  # times the time for an answer: a look takes no longer, however steadily it is answered
_AGAIN = SECOND // 2  # between two looks at a position that is not explained


def midnight(now: int, zone: str = "America/New_York") -> int:
    """The last midnight in a zone: how far back the broker remembers executions and completed orders."""
    local = (EPOCH + timedelta(microseconds=now)).astimezone(ZoneInfo(zone))
    start = datetime(local.year, local.month, local.day, tzinfo=ZoneInfo(zone))
    return (start.astimezone(UTC) - EPOCH) // timedelta(microseconds=1)


class Snapshot:
    """Answers what is asked, by looks.

    `on_complete` is called when a look at everything has been told. `clock` tells the time, `pulse` is the clock that
    waiting goes by, which runs also where time stands still. `remembers_since` says for a time (microseconds)
    how far back the broker's memory reaches then; `answer_within` (microseconds) is how long a look may hear nothing.
    """

    def __init__(
        self,
        book: OrderBook,
        positions: Positions,
        strays: Strays,
        requests: Requests,
        ways: Ways,
        clock: Clock,
        pulse: Clock,
        answer_within: int,
        on_complete: Callable[[], None],
        remembers_since: Callable[[int], int] = midnight,
    ) -> None:
        self._book = book
        self._positions = positions
        self._strays = strays
        self._requests = requests
        self._ways = ways
        self._clock = clock
        self._pulse = pulse
        self._answer_within = answer_within
        self._on_complete = on_complete
        self._remembers_since = remembers_since
        self._is_open = False
        self._look: Look | None = None
        self._next = Questions()
        self._later: list[tuple[int, Questions]] = []
        self._quiet_until = 0
        self._cut_off_until = 0
        self._account = ""

    # ---- the connection --------------------------------------------------------------------------------------------

    def open(self, account: str) -> None:
        """Requests can be made: everything is asked for."""
        self._is_open = True
        self._account = account
        self._next.add(Questions(everything=True, completes=True))
        self._quiet_until = self._cut_off_until

    def close(self) -> None:
        """No request can be made; what is unanswered waits for the next connection.

        The socket may outlive this: answers to the look that was cut off must not pass for those of the next.
        """
        self._is_open = False
        if self._look is not None:
            self._cut_off_until = self._pulse.now() + _FADING
        self._give_up()

    # ---- questions -------------------------------------------------------------------------------------------------

    def want_order(self, order_id: str) -> None:
        self._next.orders.add(order_id)

    def want_position(self, symbol: str) -> None:
        self._next.symbols.add(symbol)

    def want_strays(self) -> None:
        """A stray has been told; a look that is under way tells it by itself."""
        if self._look is None or not self._look.asked.concern_orders:
            self._next.strays = True

    @property
    def is_idle(self) -> bool:
        """Nothing is asked, nothing unanswered."""
        return self._look is None and not self._next and not self._later

    def kick(self) -> None:
        """Begins a look if there is something to ask and none is under way."""
        if self._is_open and self._look is None and self._next:
            now = self._pulse.now()
            if now >= self._quiet_until:
                self._begin(now)

    def next_due(self) -> int | None:
        """When `advance` has something to do."""
        if not self._is_open:
            return None
        if self._look is not None:
            return self._look.deadline
        dues = [due for due, _ in self._later]
        if self._next:
            dues.append(self._quiet_until)
        return max(min(dues), self._quiet_until) if dues else None

    def advance(self) -> None:
        """Does what is due: gives up a look that is not answered, begins one that was put off."""
        now = self._pulse.now()
        if self._look is not None:
            if now >= self._look.deadline:
                self._quiet_until = now + self._answer_within
                self._give_up()
                self._ways.say("warning", None, "the broker did not tell its orders and positions in time; again soon")
            return
        for due, questions in self._later:
            if due <= now:
                self._next.add(questions)
        self._later = [(due, questions) for due, questions in self._later if due > now]
        self.kick()

    # ---- answers ---------------------------------------------------------------------------------------------------

    def hear(self) -> None:
        """Something has come that may belong to the answer: it is not silence that a look waits out."""
        look = self._look
        if look is not None:
            look.deadline = min(self._pulse.now() + self._answer_within, look.last_deadline)

    def on_working(self, order: TrackedOrder) -> None:
        """An order was told among the open ones."""
        if self._look is not None:
            self._look.working.add(order.order_id)

    def on_completed(self, told: CompletedTold) -> None:
        if self._look is not None:
            self._look.completed.append(told)

    def on_position(self, told: PositionTold) -> None:
        if told.account == self._account and is_share(told.contract) and self._positions.on_position(told):
            self._next.positions = True

    def on_end(self, end: ListEnd) -> None:
        """A list was told to its end."""
        look = self._look
        if look is None:
            return
        if isinstance(end, ExecutionsEnd):
            if end.request == look.executions:
                self._conclude(look)
            return
        look.awaited.discard(type(end))
        if not look.awaited and look.executions is None:
            self._ask_executions(look)

    # ---- a look ----------------------------------------------------------------------------------------------------

    def _begin(self, now: int) -> None:
        asked, self._next = self._next, Questions()
        look = self._look = Look(asked, now, now + self._answer_within, now + _LONGEST * self._answer_within)
        if asked.concern_orders:
            look.awaited |= {OpenOrdersEnd, CompletedOrdersEnd}
            self._strays.begin(anew=asked.everything)
            self._requests.ask_open_orders()
            self._requests.ask_completed_orders()
        if asked.concern_positions:
            look.awaited.add(PositionsEnd)
            self._positions.begin()
            self._requests.ask_positions()

    def _ask_executions(self, look: Look) -> None:
        look.executions = self._requests.take_number()
        self._requests.ask_executions(look.executions)

    def _give_up(self) -> None:
        """Takes the questions of the present look back."""
        if self._look is not None:
            self._positions.abort()
            self._next.add(self._look.asked)
            self._look = None

    def _conclude(self, look: Look) -> None:
        self._look = None
        asked = look.asked
        if asked.concern_orders:
            self._conclude_orders(look)
            self._strays.conclude()
        if asked.concern_positions:
            self._conclude_positions(asked)
        self.kick()

    def _conclude_positions(self, asked: Questions) -> None:
        again = self._positions.conclude(asked.symbols | (self._book.symbols() if asked.everything else set()))
        if not again:
            if asked.completes:
                self._on_complete()
        elif asked.completes:
            self._next.add(Questions(positions=True, completes=True))
        else:
            unanswered = Questions(symbols=asked.symbols & again, positions=True)
            self._later.append((self._pulse.now() + _AGAIN, unanswered))

    def _conclude_orders(self, look: Look) -> None:
        since = self._remembers_since(self._clock.now())
        over = set()
        for told in look.completed:
            order = self._book.on_completed(told, since, look.working)
            if order is not None:
                over.add(order.order_id)
        asked = set(look.asked.orders)
        if look.asked.everything:
            asked.update(order.order_id for order in self._book.open())
        for order_id in sorted(asked):
            order = self._book.get(order_id)
            if order is None:
                self._ways.put(OrderMissing(order_id))
            elif order_id in over:
                continue  # told a moment ago
            elif order.is_over or order_id in look.working:
                self._book.confirm(order, look.began)
            else:
                self._judge_absent(order, look, since)

    def _judge_absent(self, order: TrackedOrder, look: Look, since: int) -> None:
        if order.left_at is not None and order.left_at + _FRESH > look.began:
            self._later.append((order.left_at + _FRESH, Questions(orders={order.order_id})))
        else:
            self._book.missing(order, conclusive=max(order.sent, order.seen_alive) >= since)
