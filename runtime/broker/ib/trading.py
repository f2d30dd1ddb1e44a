"""The trading side of a connection: the port's commands about orders out, everything that the wire says of them in.

It puts book, looks, positions and the sending queue together, and knows no socket: whoever owns one implements
`OrderWire` and `Requests`, hands over what is told, and calls `open` and `close` as the connection comes and goes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from ...clock import Clock
from ..port import AskOrder, AskPosition, Cancel, CancelStray, Message, Modify, Place
from .book import OrderBook
from .errors import CodeTable
from .identity import Identity
from .life import Ways
from .outgoing import Outgoing
from .positions import Positions
from .queued import QueuedRequests
from .requests import OrderWire, Requests
from .sending import SendingQueue
from .snapshot import Snapshot, midnight
from .strays import Strays
from .wire import (
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
    Told,
)

_ANSWERS = (
    OpenOrderTold,
    CompletedTold,
    ExecutionTold,
    PositionTold,
    OpenOrdersEnd,
    CompletedOrdersEnd,
    PositionsEnd,
    ExecutionsEnd,
)

TradingCommand = Place | Modify | Cancel | AskOrder | AskPosition | CancelStray


class Trading:
    """One account's orders under one client id.

    `clock` tells the time; what has to wait waits by the queue's clock, which runs also where time stands still.
    `put` must only note the message: it is called from within `send`. `on_complete` is called whenever a look at
    everything that `open` began has been told.
    """

    def __init__(
        self,
        identity: Identity,
        wire: OrderWire,
        requests: Requests,
        queue: SendingQueue,
        put: Callable[[Message], None],
        say: Callable[[str, str | None, str], None],
        clock: Clock,
        codes: CodeTable,
        answer_within: int,
        on_complete: Callable[[], None],
        is_open: Callable[[str], bool] = lambda symbol: True,
        remembers_since: Callable[[int], int] = midnight,
    ) -> None:
        self._account = identity.account
        self._queue = queue
        ways = Ways(put, say, self._ask_order, is_open)
        self.book = OrderBook(identity, codes, ways, clock, queue.clock)
        self._positions = Positions(put)
        self._strays = Strays(put)
        self._outgoing = Outgoing(identity, wire, queue, self.book, self._strays, say)
        self._questions = QueuedRequests(requests, queue, self._lost)
        self._snapshot = Snapshot(
            self.book,
            self._positions,
            self._strays,
            self._questions,
            ways,
            clock,
            queue.clock,
            answer_within,
            on_complete,
            remembers_since,
        )

    # ---- the connection --------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Messages can be sent, and everything is asked for."""
        self._outgoing.open()
        self._snapshot.open(self._account)
        self._snapshot.kick()

    def close(self) -> None:
        """No message can be sent any more: what waits is refused, what was sent will be told by the next look."""
        self._snapshot.close()
        self._questions.withdraw()
        self._outgoing.close()

    def next_due(self) -> int | None:
        """When `advance` has something to do, by the queue's clock."""
        dues = [due for due in (self._queue.next_due(), self._snapshot.next_due()) if due is not None]
        return min(dues) if dues else None

    def advance(self) -> None:
        """Sends what there is room for now, and asks what is to be asked now."""
        self._queue.advance()
        self._snapshot.advance()

    @property
    def is_idle(self) -> bool:
        """Nothing waits to leave, and no question is unanswered."""
        return self._queue.next_due() is None and self._snapshot.is_idle

    # ---- commands --------------------------------------------------------------------------------------------------

    def send(self, command: TradingCommand) -> None:
        """Takes a command. What it asks is asked by `kick`, once for all commands of a step."""
        match command:
            case Place():
                self._outgoing.place(command)
            case Modify():
                self._outgoing.modify(command.order)
            case Cancel():
                self._outgoing.cancel(command.order_id)
            case AskOrder():
                self._snapshot.want_order(command.order_id)
            case AskPosition():
                self._snapshot.want_position(command.symbol)
            case CancelStray():
                self._outgoing.cancel_stray(command)
            case _:
                assert_never(command)

    def kick(self) -> None:
        """Asks what there is to ask."""
        self._snapshot.kick()

    # ---- what the wire says ----------------------------------------------------------------------------------------

    def handle(self, told: Told) -> bool:
        """Takes what the wire says; False where it is about nothing of this side (errors of requests, the account)."""
        handled = self._handle(told)
        self._snapshot.kick()
        return handled

    def _handle(self, told: Told) -> bool:
        if isinstance(told, _ANSWERS):
            self._snapshot.hear()
        match told:
            case OpenOrderTold():
                self._on_open_order(told)
            case StatusTold():
                if self.book.on_status(told) is None:
                    self._strays.on_status(told)
            case ExecutionTold():
                change = self.book.on_execution(told)
                if change:
                    self._positions.on_execution(told.contract.symbol, change, live=told.request < 0)
            case CommissionTold():
                self.book.on_commission(told)
            case CompletedTold():
                self._snapshot.on_completed(told)
            case PositionTold():
                self._snapshot.on_position(told)
            case OpenOrdersEnd() | CompletedOrdersEnd() | PositionsEnd() | ExecutionsEnd():
                self._snapshot.on_end(told)
            case ErrorTold():
                return self.book.on_error(told)
            case _:
                return False
        return True

    def _on_open_order(self, told: OpenOrderTold) -> None:
        order = self.book.on_open_order(told)
        if order is not None:
            self._snapshot.on_working(order)
        elif self.book.bears_our_reference(told) and self._strays.on_open_order(told):
            self._snapshot.want_strays()

    def _ask_order(self, order_id: str) -> None:
        self._snapshot.want_order(order_id)

    def _lost(self) -> None:
        """A question could not be sent: the connection is gone, which its owner will tell in a moment."""
        self._snapshot.close()
