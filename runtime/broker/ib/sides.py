"""The sides of a connection that stand as long as the run does, and which of them hears what.

Trading has orders, executions and positions; contracts, market data and bars have requests of their own, by whose
numbers errors are told apart; the account has its values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from .account import AccountWatch
from .asking import FIRST_REQUEST
from .bars import BarFeed
from .contracts import Contracts
from .data_wire import (
    AccountEnd,
    AccountTimeTold,
    ContractsEnd,
    ContractTold,
    DataTypeTold,
    MarketRuleTold,
    NotUnderstood,
    PastBarsEnd,
    PastBarTold,
    PriceTickTold,
    SizeTickTold,
    SnapshotEnd,
    TextTickTold,
)
from .errors import CodeClass, CodeTable
from .market import MarketData
from .outlet import Outlet
from .tap import Record
from .trading import Trading
from .wire import (
    AccountValueTold,
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
    ProfitTold,
    StatusTold,
)

Say = Callable[[str, str | None, str], None]

_REFUSED_REQUEST = 321
_READ_ONLY = "read-only"


@attrs.define(eq=False)
class Sides:
    """All sides. `on_read_only` is called when the broker takes no orders from anybody; `say` tells a person."""

    account: str
    outlet: Outlet
    trading: Trading
    contracts: Contracts
    market: MarketData
    bars: BarFeed
    watch: AccountWatch
    codes: CodeTable
    say: Say
    on_read_only: Callable[[], None]
    _has_data: bool = attrs.field(default=False, init=False)
    # Any: each handler takes the records of its type alone
    _handlers: Mapping[type, Callable[[Any], object]] = attrs.field(init=False)

    @_handlers.default
    def _all_handlers(self) -> Mapping[type, Callable[[Any], object]]:
        trading = self.trading.handle
        return {
            PriceTickTold: self.market.on_price,
            SizeTickTold: self.market.on_size,
            TextTickTold: self.market.on_text,
            DataTypeTold: self.market.on_data_type,
            SnapshotEnd: _nothing,
            StatusTold: trading,
            OpenOrderTold: self._on_open_order,
            ExecutionTold: trading,
            CommissionTold: trading,
            CompletedTold: trading,
            PositionTold: self._on_position,
            OpenOrdersEnd: trading,
            CompletedOrdersEnd: trading,
            ExecutionsEnd: trading,
            PositionsEnd: trading,
            ErrorTold: self._on_error,
            NotUnderstood: self._on_not_understood,
            ContractTold: self.contracts.on_contract,
            ContractsEnd: self.contracts.on_end,
            MarketRuleTold: self.contracts.on_rule,
            PastBarTold: self.bars.on_bar,
            PastBarsEnd: self.bars.on_end,
            AccountValueTold: self.watch.on_value,
            AccountTimeTold: self.watch.on_time,
            AccountEnd: self.watch.on_end,
            ProfitTold: self.watch.on_profit,
        }

    def hear(self, record: Record) -> None:
        self._handlers[type(record)](record)

    def flush(self) -> None:
        """All messages of a packet are handled."""
        self.market.flush()
        self.watch.flush()

    def open(self, next_number: int) -> None:
        """A connection stands: everything that the broker knows is asked for. Market data wait until it is told."""
        self.outlet.raise_order_number(next_number)
        self.trading.open()
        self.outlet.ask_account(self.account)
        self.outlet.ask_live_data()
        self.contracts.connected()

    def subscribe(self) -> None:
        """Everything has been told: market data may take their turn, if they have not."""
        if not self._has_data:
            self._has_data = True
            self.market.connected()
            self.bars.connected()

    def close(self) -> None:
        """The connection is gone."""
        self.trading.close()
        self.contracts.disconnected()
        self._leave_data()
        self.watch.disconnected()

    def reopen(self, *, data_kept: bool) -> None:
        """The broker's servers are back behind the same connection, with or without our subscriptions."""
        if not data_kept:
            self._leave_data()
        self.trading.open()
        self.outlet.ask_account(self.account)

    def _leave_data(self) -> None:
        self._has_data = False
        self.market.disconnected()
        self.bars.disconnected()

    def advance(self) -> None:
        """Does what is due."""
        self.trading.advance()
        self.contracts.advance()
        self.market.advance()
        self.bars.advance()

    def _on_open_order(self, told: OpenOrderTold) -> None:
        if told.order_number < FIRST_REQUEST:
            # a number that any client has used may count as used for all
            self.outlet.raise_order_number(told.order_number + 1)
        if told.account == self.account and told.contract.security_type == "STK" and told.contract.currency == "USD":
            self.contracts.pin(told.contract.symbol, told.contract.con_id)
        self.trading.handle(told)

    def _on_position(self, told: PositionTold) -> None:
        if told.account == self.account and told.contract.security_type == "STK" and told.contract.currency == "USD":
            self.contracts.pin(told.contract.symbol, told.contract.con_id)
        self.trading.handle(told)

    def _on_error(self, told: ErrorTold) -> None:
        if told.code == _REFUSED_REQUEST and _READ_ONLY in told.text.lower():
            self.on_read_only()
        number, code, text = told.number, told.code, told.text
        if (
            self.contracts.on_error(number, code, text)
            or self.market.on_error(number, code, text)
            or self.bars.on_error(number, code, text)
            or self.trading.handle(told)
        ):
            return
        kind = self.codes.kind(code)
        level = "info" if kind in (CodeClass.INFORMATION, CodeClass.DATA, CodeClass.CONNECTION) else "warning"
        self.say(level, None, f"the broker says: {text} (code {code})")

    def _on_not_understood(self, told: NotUnderstood) -> None:
        """What was lost may have been about an order: a look at everything tells."""
        self.say("warning", None, f"a message of the broker could not be read: {told.text}")
        self.trading.open()


def _nothing(told: object) -> None:
    """For what needs no answer."""
