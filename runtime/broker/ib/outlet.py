"""Everything that leaves: orders at once, questions about data in their lane of the sending queue.

Implements what the trading side wants of a connection (`OrderWire`, `Requests`) and what the data side wants
(`DataRequests`), on whatever link there is. An order's way to the socket is a look-up of its contract, its message and
the write, one for all that leave together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .asking import RequestNumbers
from .library import Library, Link, PlacedOrder
from .market import GENERIC_TICKS
from .orders import OrderFields
from .requests import NOT_CONNECTED, NotSent
from .sending import Lane, SendingQueue
from .symbols import to_broker

_NO_CONTRACT = 200


class Outlet:
    """`link` answers the link that may be used now, None without one; `con_id` a symbol's contract."""

    def __init__(
        self,
        library: Library,
        queue: SendingQueue,
        numbers: RequestNumbers,
        link: Callable[[], Link | None],
        con_id: Callable[[str], int | None],
    ) -> None:
        self._library = library
        self._queue = queue
        self._numbers = numbers
        self._current = link
        self._con_id = con_id
        self._contracts: dict[str, tuple[int, Any]] = {}
        self._next_order = 1
        self._profit: tuple[Link | None, int] = None, 0

    def raise_order_number(self, least: int) -> None:
        """Order numbers are given out from here on, unless higher ones were already."""
        self._next_order = max(self._next_order, least)

    # ---- orders ----------------------------------------------------------------------------------------------------

    def next_number(self) -> int:
        number = self._next_order
        self._next_order += 1
        return number

    def place(self, orders: Sequence[OrderFields]) -> None:
        link = self._link()
        placed = [self._placed(order) for order in orders]
        try:
            link.place(placed)
        except ConnectionError as error:
            raise NotSent(NOT_CONNECTED, "not connected") from error

    def cancel(self, number: int) -> None:
        self._at_once(lambda link: link.cancel(number))

    # ---- what the broker knows -------------------------------------------------------------------------------------

    def take_number(self) -> int:
        return self._numbers.take()

    def ask_open_orders(self) -> None:
        self._at_once(Link.ask_open_orders)

    def ask_completed_orders(self) -> None:
        self._at_once(Link.ask_completed_orders)

    def ask_positions(self) -> None:
        self._at_once(Link.ask_positions)

    def ask_executions(self, request: int) -> None:
        self._at_once(lambda link: link.ask_executions(request))

    def ask_account(self, account: str) -> None:
        """Values, and profit and loss, of an account; asked again on one connection the latter end and begin anew."""
        link, before = self._profit
        if link is not None and link is self._current():
            self._later(lambda link: link.end_profit(before))
        profit = self._numbers.take()
        self._profit = self._current(), profit
        self._later(lambda link: link.ask_account(account))
        self._later(lambda link: link.ask_profit(profit, account))

    # ---- contracts and data ----------------------------------------------------------------------------------------

    def ask_live_data(self) -> None:
        """Live data only: delayed ones must be told as such, not pass for live."""
        self._later(lambda link: link.ask_data_type(1))

    def ask_contract(self, request: int, symbol: str) -> None:
        contract = self._library.stock(0, to_broker(symbol))
        self._later(lambda link: link.ask_contract(request, contract))

    def ask_market_rule(self, rule: int) -> None:
        self._later(lambda link: link.ask_market_rule(rule))

    def ask_quotes(self, request: int, symbol: str, con_id: int) -> None:
        contract = self._stock(symbol, con_id)
        self._later(lambda link: link.ask_quotes(request, contract, GENERIC_TICKS))

    def end_quotes(self, request: int) -> None:
        self._later(lambda link: link.end_quotes(request))

    def ask_bars(self, request: int, symbol: str, con_id: int, size: str, duration: str) -> None:
        contract = self._stock(symbol, con_id)
        self._later(lambda link: link.ask_bars(request, contract, size, duration, keep=True))

    def end_bars(self, request: int) -> None:
        self._later(lambda link: link.end_bars(request))

    # ---- inside ----------------------------------------------------------------------------------------------------

    def _link(self) -> Link:
        link = self._current()
        if link is None:
            raise NotSent(NOT_CONNECTED, "not connected")
        return link

    def _at_once(self, send: Callable[[Link], None]) -> None:
        link = self._link()
        try:
            send(link)
        except ConnectionError as error:
            raise NotSent(NOT_CONNECTED, "not connected") from error

    def _later(self, send: Callable[[Link], None]) -> None:
        """In the lane of questions; lost with the connection, because all is asked again on the next."""
        asked_on = self._current()

        def leave() -> None:
            link = self._current()
            if link is not None and link is asked_on:
                try:
                    send(link)
                except ConnectionError:
                    pass  # the socket has just gone, which is told by itself

        self._queue.submit(Lane.QUESTION, 1, leave)

    def _placed(self, order: OrderFields) -> PlacedOrder:
        con_id = self._con_id(order.symbol)
        if con_id is None:
            raise NotSent(_NO_CONTRACT, f"the contract of {order.symbol} is not known yet")
        return PlacedOrder(con_id, to_broker(order.symbol), order)

    def _stock(self, symbol: str, con_id: int) -> Any:
        known = self._contracts.get(symbol)
        if known is not None and known[0] == con_id:
            return known[1]
        made = self._library.stock(con_id, to_broker(symbol))
        self._contracts[symbol] = con_id, made
        return made
