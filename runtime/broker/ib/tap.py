"""What the library has decoded -> our records of the wire, one for one.

The tap stands where the library expects its own wrapper, under the names of IB's callbacks. It keeps nothing and judges
nothing. Whatever handling a record meets with must not vanish: the library catches what its wrapper raises, and so the
tap passes it on as a failure of the whole.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC
from typing import Any

from .data_wire import (
    AccountEnd,
    AccountTimeTold,
    ContractsEnd,
    ContractTold,
    DataTold,
    DataTypeTold,
    MarketRuleTold,
    NotUnderstood,
    PastBarsEnd,
    PastBarTold,
    PriceTickTold,
    ServerTimeTold,
    SizeTickTold,
    SnapshotEnd,
    TextTickTold,
)
from .symbols import from_broker
from .wire import (
    AccountValueTold,
    CommissionTold,
    CompletedOrdersEnd,
    CompletedTold,
    ErrorTold,
    ExecutionsEnd,
    ExecutionTold,
    ManagedAccountsTold,
    NextIdTold,
    OpenOrdersEnd,
    OpenOrderTold,
    PositionsEnd,
    PositionTold,
    ProfitTold,
    StatusTold,
    Told,
    WireContract,
)

Record = Told | DataTold

_UNSET = sys.float_info.max
_UNSET_WHOLE = 2**31 - 1


def _number(value: Any) -> float | None:
    """A number, None where the broker left it unset: empty, or the largest that there is."""
    if value is None or value == "":
        return None
    number = float(value)
    return None if abs(number) >= _UNSET or number != number else number


def _whole(value: Any) -> int:
    return 0 if not value or value == _UNSET_WHOLE else int(value)


def _contract(contract: Any) -> WireContract:
    return WireContract(contract.conId, from_broker(contract.symbol), contract.secType, contract.currency)


class Tap:
    """Implements `Receiver` and the library's callbacks.

    `receive` takes each record; `packet` is called when all messages of a network packet are handled; `gone` when the
    socket ended; `failed` with whatever `receive` or `packet` raised. A closed tap hands on nothing more.
    """

    # the library reads executions' times in this zone; the broker's own text is handed on instead
    defaultTimezone = UTC  # noqa: N815 - the library's name

    def __init__(
        self,
        receive: Callable[[Record], None],
        packet: Callable[[], None],
        gone: Callable[[], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        self._receive = receive
        self._packet = packet
        self._gone = gone
        self._failed = failed
        self._is_open = True
        self._execution_time = ""
        self._has_arrived = False

    def close(self) -> None:
        self._is_open = False

    def _put(self, record: Record) -> None:
        if self._is_open:
            try:
                self._receive(record)
            except Exception as error:  # noqa: BLE001 - passed on: the library would only log it
                self._failed(error)

    # ---- the receiver ----------------------------------------------------------------------------------------------

    def take_arrived(self) -> bool:
        """Whether anything has come since this was asked last."""
        arrived, self._has_arrived = self._has_arrived, False
        return arrived

    def time_of_execution(self, text: str) -> None:
        self._execution_time = text

    def not_understood(self, text: str) -> None:
        self._put(NotUnderstood(text[:200]))

    # ---- the session ----------------------------------------------------------------------------------------------

    def tcpDataArrived(self) -> None:  # noqa: N802 - the library's names, here and below
        self._has_arrived = True

    def tcpDataProcessed(self) -> None:  # noqa: N802
        if self._is_open:
            try:
                self._packet()
            except Exception as error:  # noqa: BLE001 - passed on: the library would only log it
                self._failed(error)

    def connectAck(self) -> None:  # noqa: N802
        """Nothing: `open` tells."""

    def setEventsDone(self) -> None:  # noqa: N802
        """The socket has ended, before the handshake or after it."""
        if self._is_open:
            try:
                self._gone()
            except Exception as error:  # noqa: BLE001 - passed on: the library would only log it
                self._failed(error)

    def connectionClosed(self) -> None:  # noqa: N802
        """Nothing: `setEventsDone` comes first, and always."""

    def nextValidId(self, number: int) -> None:  # noqa: N802
        self._put(NextIdTold(number))

    def managedAccounts(self, accounts: str) -> None:  # noqa: N802
        self._put(ManagedAccountsTold(tuple(account for account in accounts.split(",") if account)))

    def error(self, number: int, code: int, text: str, _advanced: str = "") -> None:
        self._put(ErrorTold(number, code, text))

    def currentTime(self, time: int) -> None:  # noqa: N802
        self._put(ServerTimeTold(time))

    # ---- orders ----------------------------------------------------------------------------------------------------

    def openOrder(self, number: int, contract: Any, order: Any, state: Any) -> None:  # noqa: N802
        self._put(
            OpenOrderTold(
                order_number=number,
                client=order.clientId,
                permanent_id=order.permId,
                parent_number=order.parentId,
                contract=_contract(contract),
                account=order.account,
                action=order.action,
                quantity=float(order.totalQuantity),
                order_type=order.orderType,
                limit_price=_number(order.lmtPrice),
                aux_price=_number(order.auxPrice),
                trail_stop_price=_number(order.trailStopPrice),
                trailing_percent=_number(order.trailingPercent),
                time_in_force=order.tif,
                oca_group=order.ocaGroup,
                reference=order.orderRef,
                status=state.status,
                warning=state.warningText,
            )
        )

    def openOrderEnd(self) -> None:  # noqa: N802
        self._put(OpenOrdersEnd())

    def orderStatus(self, *told: Any) -> None:  # noqa: N802
        self._put(StatusTold(*told[:10]))  # the same fields in the same order, and a price cap that nobody needs

    def completedOrder(self, contract: Any, order: Any, state: Any) -> None:  # noqa: N802
        self._put(
            CompletedTold(
                permanent_id=order.permId,
                parent_permanent_id=_whole(order.parentPermId),
                contract=_contract(contract),
                account=order.account,
                action=order.action,
                quantity=float(order.totalQuantity),
                filled=_number(order.filledQuantity),
                order_type=order.orderType,
                limit_price=_number(order.lmtPrice),
                aux_price=_number(order.auxPrice),
                time_in_force=order.tif,
                reference=order.orderRef,
                status=state.status,
                completed_time=state.completedTime,
                completed_status=state.completedStatus,
            )
        )

    def completedOrdersEnd(self) -> None:  # noqa: N802
        self._put(CompletedOrdersEnd())

    def execDetails(self, request: int, contract: Any, execution: Any) -> None:  # noqa: N802
        self._put(
            ExecutionTold(
                request=request,
                execution_id=execution.execId,
                time=self._execution_time,
                account=execution.acctNumber,
                contract=_contract(contract),
                order_number=_whole(execution.orderId),
                client=_whole(execution.clientId),
                permanent_id=_whole(execution.permId),
                reference=execution.orderRef,
                side=execution.side,
                quantity=float(execution.shares),
                price=float(execution.price),
                cumulative=float(execution.cumQty),
            )
        )

    def execDetailsEnd(self, request: int) -> None:  # noqa: N802
        self._put(ExecutionsEnd(request))

    def commissionReport(self, report: Any) -> None:  # noqa: N802
        commission = _number(report.commission)
        if commission is not None:
            self._put(CommissionTold(report.execId, commission, report.currency, _number(report.realizedPNL)))

    # ---- the account -----------------------------------------------------------------------------------------------

    def position(self, account: str, contract: Any, quantity: float, average_cost: float) -> None:
        self._put(PositionTold(account, _contract(contract), float(quantity), float(average_cost)))

    def positionEnd(self) -> None:  # noqa: N802
        self._put(PositionsEnd())

    def updateAccountValue(self, key: str, value: str, currency: str, account: str) -> None:  # noqa: N802
        self._put(AccountValueTold(key, value, currency, account))

    def updatePortfolio(self, *parts: Any) -> None:  # noqa: N802
        """Nothing: positions come by themselves, with the quantity alone."""

    def updateAccountTime(self, time: str) -> None:  # noqa: N802
        self._put(AccountTimeTold(time))

    def accountDownloadEnd(self, account: str) -> None:  # noqa: N802
        self._put(AccountEnd(account))

    def pnl(self, request: int, daily: float, unrealised: float, realised: float) -> None:
        self._put(ProfitTold(request, _number(daily), _number(unrealised), _number(realised)))

    # ---- contracts -------------------------------------------------------------------------------------------------

    def contractDetails(self, request: int, details: Any) -> None:  # noqa: N802
        contract = details.contract
        self._put(
            ContractTold(
                request=request,
                con_id=contract.conId,
                symbol=from_broker(contract.symbol),
                security_type=contract.secType,
                currency=contract.currency,
                exchange=contract.exchange,
                primary_exchange=contract.primaryExchange,
                trading_class=contract.tradingClass,
                name=details.longName,
                minimum_tick=float(details.minTick),
                order_types=_list(details.orderTypes),
                exchanges=_list(details.validExchanges),
                market_rules=tuple(int(rule) for rule in _list(details.marketRuleIds)),
                zone=details.timeZoneId,
                trading_hours=details.tradingHours,
                liquid_hours=details.liquidHours,
            )
        )

    bondContractDetails = contractDetails  # noqa: N815

    def contractDetailsEnd(self, request: int) -> None:  # noqa: N802
        self._put(ContractsEnd(request))

    def marketRule(self, rule: int, increments: Any) -> None:  # noqa: N802
        self._put(MarketRuleTold(rule, tuple((float(step.lowEdge), float(step.increment)) for step in increments)))

    # ---- market data -----------------------------------------------------------------------------------------------

    def priceSizeTick(self, request: int, kind: int, price: float, size: float) -> None:  # noqa: N802
        self._put(PriceTickTold(request, kind, price, size))

    def tickSize(self, request: int, kind: int, size: float) -> None:  # noqa: N802
        self._put(SizeTickTold(request, kind, size))

    def tickString(self, request: int, kind: int, text: str) -> None:  # noqa: N802
        self._put(TextTickTold(request, kind, text))

    def marketDataType(self, request: int, kind: int) -> None:  # noqa: N802
        self._put(DataTypeTold(request, kind))

    def tickSnapshotEnd(self, request: int) -> None:  # noqa: N802
        self._put(SnapshotEnd(request))

    def historicalData(self, request: int, bar: Any) -> None:  # noqa: N802
        self._put(_bar(request, bar, is_update=False))

    def historicalDataEnd(self, request: int, _start: str, _end: str) -> None:  # noqa: N802
        self._put(PastBarsEnd(request))

    def historicalDataUpdate(self, request: int, bar: Any) -> None:  # noqa: N802
        self._put(_bar(request, bar, is_update=True))


def _list(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(",") if part)


def _bar(request: int, bar: Any, *, is_update: bool) -> PastBarTold:
    return PastBarTold(
        request, str(bar.date), bar.open, bar.high, bar.low, bar.close, float(bar.volume), is_update=is_update
    )
