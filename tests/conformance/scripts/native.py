"""ibapi, Interactive Brokers' own library: an EWrapper that notes what it hears, and an EClient that asks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from ibapi.client import EClient
from ibapi.common import BarData, TickAttrib
from ibapi.contract import Contract, ContractDetails
from ibapi.execution import Execution, ExecutionFilter
from ibapi.order import Order
from ibapi.order_state import OrderState
from ibapi.wrapper import EWrapper

from .facade import ACCOUNT_KEYS, PATIENCE, SUMMARY_TAGS, Refused, Terms, cents, distinct

_PRICES = {1: "bid", 2: "ask", 4: "last", 6: "high", 7: "low", 14: "open"}
_SIZES = {0: "bid_size", 5: "last_size"}


class Ears(EWrapper):  # type: ignore[misc]  # the library has no types
    """Notes what the gateway says. `ended` holds what has come to its end: requests by number, lists by name."""

    def __init__(self) -> None:
        super().__init__()
        self.news = threading.Condition()
        self.ended: set[object] = set()
        self.errors: list[tuple[int, int]] = []
        self.first_id: int | None = None
        self.account_names: list[str] = []
        self.clock = 0
        self.clock_calls = 0
        self.details: dict[int, list[ContractDetails]] = {}
        self.quotes: dict[int, dict[str, float]] = {}
        self.history: dict[int, list[BarData]] = {}
        self.updates: dict[int, dict[str, BarData]] = {}
        self.fives: list[list[float]] = []
        self.rules: dict[int, list[list[float]]] = {}
        self.samples: dict[int, list[str]] = {}
        self.heads: dict[int, str] = {}
        self.orders: dict[int, tuple[Contract, Order, OrderState]] = {}
        self.states: dict[int, dict[str, Any]] = {}
        self.told: dict[int, list[str]] = {}
        self.executed: dict[str, tuple[int, Contract, Execution]] = {}
        self.answered: dict[int, list[str]] = {}
        self.charged: dict[str, Any] = {}
        self.completed: list[tuple[Order, OrderState]] = []
        self.held: dict[str, list[float]] = {}
        self.values: dict[str, str] = {}
        self.in_portfolio: dict[str, list[float]] = {}
        self.summaries: dict[str, str] = {}
        self.profits: dict[int, dict[str, float]] = {}

    def end(self, what: object) -> None:
        with self.news:
            self.ended.add(what)
            self.news.notify_all()

    # ---- the connection --------------------------------------------------------------------------------------------

    def error(self, reqId: int, errorCode: int, errorString: str) -> None:
        self.errors.append((reqId, errorCode))
        self.end(reqId)

    def nextValidId(self, orderId: int) -> None:
        self.first_id = orderId
        self.end("next id")

    def managedAccounts(self, accountsList: str) -> None:
        self.account_names = accountsList.split(",")

    def currentTime(self, time: int) -> None:
        self.clock = time
        self.clock_calls += 1
        self.end(("time", self.clock_calls))

    def connectionClosed(self) -> None:
        self.end("closed")

    # ---- contracts and the market ----------------------------------------------------------------------------------

    def contractDetails(self, reqId: int, contractDetails: ContractDetails) -> None:
        self.details.setdefault(reqId, []).append(contractDetails)

    def contractDetailsEnd(self, reqId: int) -> None:
        self.end(reqId)

    def marketRule(self, marketRuleId: int, priceIncrements: list[Any]) -> None:
        self.rules[marketRuleId] = [[each.lowEdge, each.increment] for each in priceIncrements]
        self.end(("rule", marketRuleId))

    def symbolSamples(self, reqId: int, contractDescriptions: list[Any]) -> None:
        self.samples[reqId] = [each.contract.symbol for each in contractDescriptions]
        self.end(reqId)

    def tickPrice(self, reqId: int, tickType: int, price: float, attrib: TickAttrib) -> None:
        if tickType in _PRICES:
            self.quotes.setdefault(reqId, {})[_PRICES[tickType]] = price

    def tickSize(self, reqId: int, tickType: int, size: int) -> None:
        if tickType in _SIZES:
            self.quotes.setdefault(reqId, {})[_SIZES[tickType]] = float(size)

    def tickSnapshotEnd(self, reqId: int) -> None:
        self.end(reqId)

    def historicalData(self, reqId: int, bar: BarData) -> None:
        self.history.setdefault(reqId, []).append(bar)

    def historicalDataEnd(self, reqId: int, start: str, end: str) -> None:
        self.end(reqId)

    def historicalDataUpdate(self, reqId: int, bar: BarData) -> None:
        self.updates.setdefault(reqId, {})[bar.date] = bar

    def realtimeBar(
        self,
        reqId: int,
        time: int,
        open_: float,
        high: float,
        low: float,
        close: float,
        volume: int,
        wap: float,
        count: int,
    ) -> None:
        self.fives.append([float(time), open_, high, low, close])

    def headTimestamp(self, reqId: int, headTimestamp: str) -> None:
        self.heads[reqId] = headTimestamp
        self.end(reqId)

    # ---- orders ----------------------------------------------------------------------------------------------------

    def openOrder(self, orderId: int, contract: Contract, order: Order, orderState: OrderState) -> None:
        self.orders[order.permId] = (contract, order, orderState)
        self.end(("open", orderId))

    def orderStatus(
        self,
        orderId: int,
        status: str,
        filled: float,
        remaining: float,
        avgFillPrice: float,
        permId: int,
        parentId: int,
        lastFillPrice: float,
        clientId: int,
        whyHeld: str,
        mktCapPrice: float,
    ) -> None:
        self.told.setdefault(permId, []).append(status)
        self.states[permId] = {
            "status": status,
            "filled": cents(filled),
            "remaining": cents(remaining),
            "average": cents(avgFillPrice),
            "why_held": whyHeld,
        }

    def openOrderEnd(self) -> None:
        self.end("open orders")

    def execDetails(self, reqId: int, contract: Contract, execution: Execution) -> None:
        self.executed[execution.execId] = (reqId, contract, execution)
        self.answered.setdefault(reqId, []).append(execution.execId)

    def execDetailsEnd(self, reqId: int) -> None:
        self.end(reqId)

    def commissionReport(self, commissionReport: Any) -> None:
        self.charged[commissionReport.execId] = commissionReport

    def completedOrder(self, contract: Contract, order: Order, orderState: OrderState) -> None:
        self.completed.append((order, orderState))

    def completedOrdersEnd(self) -> None:
        self.end("completed orders")

    # ---- the account -----------------------------------------------------------------------------------------------

    def position(self, account: str, contract: Contract, position: float, avgCost: float) -> None:
        self.held[contract.symbol] = [position, cents(avgCost)]

    def positionEnd(self) -> None:
        self.end("positions")

    def updateAccountValue(self, key: str, val: str, currency: str, accountName: str) -> None:
        if key in ACCOUNT_KEYS and currency == "USD":
            self.values[key] = val

    def updatePortfolio(
        self,
        contract: Contract,
        position: float,
        marketPrice: float,
        marketValue: float,
        averageCost: float,
        unrealizedPNL: float,
        realizedPNL: float,
        accountName: str,
    ) -> None:
        numbers = (marketPrice, marketValue, averageCost, unrealizedPNL, realizedPNL)
        self.in_portfolio[contract.symbol] = [position, *map(cents, numbers)]

    def accountDownloadEnd(self, accountName: str) -> None:
        self.end("account")

    def accountUpdateMultiEnd(self, reqId: int) -> None:
        self.end(reqId)

    def accountSummary(self, reqId: int, account: str, tag: str, value: str, currency: str) -> None:
        self.summaries[tag] = value

    def accountSummaryEnd(self, reqId: int) -> None:
        self.end(reqId)

    def pnl(self, reqId: int, dailyPnL: float, unrealizedPnL: float, realizedPnL: float) -> None:
        self.profits[reqId] = {
            "daily": cents(dailyPnL),
            "unrealized": cents(unrealizedPnL),
            "realized": cents(realizedPnL),
        }
        self.end(reqId)

    def pnlSingle(
        self, reqId: int, pos: int, dailyPnL: float, unrealizedPnL: float, realizedPnL: float, value: float
    ) -> None:
        self.profits[reqId] = {
            "position": cents(pos),
            "daily": cents(dailyPnL),
            "unrealized": cents(unrealizedPnL),
            "realized": cents(realizedPnL),
            "value": cents(value),
        }
        self.end(reqId)


class NativeClient:
    """One connection, asked from the main thread and heard in another."""

    def __init__(self) -> None:
        self._start_afresh()
        self.errors: list[tuple[int, int]] = []

    def _start_afresh(self) -> None:
        """EClient is of no use after a connection: a new one for the next."""
        self._ears = Ears()
        self._client = EClient(self._ears)
        self._requests = 100_000
        self._times = 0
        self._names: dict[str, int] = {}
        self._placed: dict[str, tuple[Contract, Order]] = {}
        self._watched: dict[str, int] = {}
        self._kept = 0

    # ---- the connection --------------------------------------------------------------------------------------------

    def connect(self, port: int, client_id: int, patience: float = PATIENCE) -> None:
        self._start_afresh()
        self._ears.errors = self.errors
        self._client.connect("127.0.0.1", port, client_id)
        threading.Thread(target=self._client.run, daemon=True).start()
        self._until(lambda: bool(self._ears.ended & {"next id", "closed"}))
        if "closed" in self._ears.ended:
            raise Refused("closed")
        # what ib_insync and ib_async ask for as they connect
        self._list("positions", self._client.reqPositions)
        self._list("open orders", self._client.reqOpenOrders)
        self._list("completed orders", lambda: self._client.reqCompletedOrders(False))
        self._list("account", lambda: self._client.reqAccountUpdates(True, "DU1"))
        self._ask(lambda number: self._client.reqAccountUpdatesMulti(number, "DU1", "", False))
        self.executions()

    def disconnect(self) -> None:
        self._client.disconnect()
        self._until(lambda: "closed" in self._ears.ended)

    def is_connected(self) -> bool:
        return bool(self._client.isConnected())

    def wait_for_drop(self) -> None:
        self._until(lambda: "closed" in self._ears.ended)

    def sync(self) -> None:
        self._times += 1
        wanted = self._times
        self._client.reqCurrentTime()
        self._until(lambda: self._ears.clock_calls >= wanted)

    def _until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        with self._ears.news:
            while not condition():
                if not self._ears.news.wait(max(0.0, end - time.monotonic())):
                    raise TimeoutError("no answer from the gateway")

    def _list(self, name: str, ask: Callable[[], None]) -> None:
        self._ears.ended.discard(name)
        ask()
        self._until(lambda: name in self._ears.ended)

    def _ask(self, request: Callable[[int], None]) -> int:
        """Sends a request with a number of its own and waits for its end, or its error."""
        self._requests += 1
        number = self._requests
        request(number)
        self._until(lambda: number in self._ears.ended)
        return number

    def accounts(self) -> list[str]:
        return self._ears.account_names

    def next_order_id(self) -> int:
        assert self._ears.first_id is not None
        return self._ears.first_id

    def current_time(self) -> int:
        self.sync()
        return self._ears.clock

    # ---- contracts and the market ----------------------------------------------------------------------------------

    def qualify(self, symbol: str) -> dict[str, Any] | None:
        found = self._details(symbol)
        if found is None:
            return None
        contract = found.contract
        return {
            "con_id": contract.conId,
            "symbol": contract.symbol,
            "type": contract.secType,
            "currency": contract.currency,
            "primary": contract.primaryExchange,
            "class": contract.tradingClass,
            "local": contract.localSymbol,
            "tick": found.minTick,
            "rules": sorted(set(found.marketRuleIds.split(","))),
            "zone": found.timeZoneId,
            "today": found.liquidHours.split(";")[0],
        }

    def _details(self, symbol: str) -> Any:
        number = self._ask(lambda number: self._client.reqContractDetails(number, _stock(symbol)))
        found = self._ears.details.get(number, [])
        return found[0] if len(found) == 1 else None

    def market_rule(self, rule: int) -> list[list[float]]:
        self._client.reqMarketRule(rule)
        self._until(lambda: ("rule", rule) in self._ears.ended)
        return self._ears.rules[rule]

    def matching(self, pattern: str) -> list[str]:
        return self._ears.samples[self._ask(lambda number: self._client.reqMatchingSymbols(number, pattern))]

    def watch(self, symbol: str) -> None:
        self._requests += 1
        self._watched[symbol] = self._requests
        self._client.reqMktData(self._requests, _stock(symbol), "", False, False, [])

    def unwatch(self, symbol: str) -> None:
        self._client.cancelMktData(self._watched[symbol])

    def quote(self, symbol: str) -> dict[str, float]:
        return self._ears.quotes.get(self._watched[symbol], {})

    def snapshot(self, symbol: str) -> dict[str, float]:
        number = self._ask(lambda number: self._client.reqMktData(number, _stock(symbol), "", True, False, []))
        return self._ears.quotes[number]

    def bars(self, symbol: str, **asked: Any) -> list[list[Any]]:
        number = self._ask(
            lambda number: self._client.reqHistoricalData(
                number,
                _stock(symbol),
                asked.get("end", ""),
                asked.get("duration", "1 D"),
                asked.get("size", "1 min"),
                asked.get("what", "TRADES"),
                1,
                asked.get("dates", 2),
                False,
                [],
            )
        )
        return [_bar(each) for each in self._ears.history.get(number, [])]

    def keep_bars(self, symbol: str) -> None:
        self._kept = self._ask(
            lambda number: self._client.reqHistoricalData(
                number, _stock(symbol), "", "1 D", "1 min", "TRADES", 1, 2, True, []
            )
        )

    def kept_bars(self) -> list[list[Any]]:
        bars = {each.date: each for each in self._ears.history.get(self._kept, [])}
        bars.update(self._ears.updates.get(self._kept, {}))
        return [_bar(each) for each in bars.values()]

    def watch_five_seconds(self, symbol: str) -> None:
        self._requests += 1
        self._client.reqRealTimeBars(self._requests, _stock(symbol), 5, "MIDPOINT", False, [])

    def five_seconds(self) -> list[list[float]]:
        return self._ears.fives

    def head_time(self, symbol: str) -> str:
        number = self._ask(lambda number: self._client.reqHeadTimeStamp(number, _stock(symbol), "TRADES", 1, 2))
        return self._ears.heads[number]

    # ---- orders ----------------------------------------------------------------------------------------------------

    def place(self, name: str, symbol: str, terms: Terms) -> int:
        assert self._ears.first_id is not None
        order = Order()
        order.orderId = self._ears.first_id
        self._ears.first_id += 1
        order.orderRef = name
        self._fill_in(order, terms)
        self._placed[name] = (_stock(symbol), order)
        self._client.placeOrder(order.orderId, *self._placed[name])
        return int(order.orderId)

    def _fill_in(self, order: Order, terms: Terms) -> None:
        order.action = terms.action
        order.totalQuantity = terms.quantity
        order.orderType = terms.kind
        order.tif = terms.tif
        order.transmit = terms.transmit
        order.ocaGroup = terms.oca_group
        order.ocaType = terms.oca_type
        for name, value in (
            ("lmtPrice", terms.limit),
            ("auxPrice", terms.stop),
            ("trailingPercent", terms.percent),
            ("trailStopPrice", terms.trail_stop),
        ):
            if value is not None:
                setattr(order, name, value)
        if terms.parent:
            order.parentId = self._placed[terms.parent][1].orderId

    def modify(self, name: str, **changes: Any) -> None:
        if name not in self._placed:  # after a reconnect: what the gateway has told of it
            contract, order, _ = self._ears.orders[self._permanent(name)]
            self._placed[name] = (contract, order)
        contract, order = self._placed[name]
        for field, value in changes.items():
            setattr(order, {"limit": "lmtPrice", "stop": "auxPrice", "quantity": "totalQuantity"}[field], value)
        self._client.placeOrder(order.orderId, contract, order)

    def cancel(self, name: str) -> None:
        self._client.cancelOrder(self._number(name))

    def _number(self, name: str) -> int:
        """An order's number; that of one by hand is known by its echo alone."""
        if name in self._placed:
            return int(self._placed[name][1].orderId)
        return int(self._ears.orders[self._permanent(name)][1].orderId)

    def cancel_number(self, number: int) -> None:
        self._client.cancelOrder(number)

    def cancel_all(self) -> None:
        self._client.reqGlobalCancel()

    def order(self, name: str) -> dict[str, Any]:
        return self._shown(self._permanent(name))

    def _permanent(self, name: str) -> int:
        return [number for number, (_, order, _) in self._ears.orders.items() if order.orderRef == name][-1]

    def _shown(self, permanent: int) -> dict[str, Any]:
        contract, order, _ = self._ears.orders[permanent]
        return {
            "name": order.orderRef,
            "order_id": order.orderId,
            "client": order.clientId,
            "perm_id": order.permId,
            "symbol": contract.symbol,
            "action": order.action,
            "quantity": cents(order.totalQuantity),
            "kind": order.orderType,
            "limit": cents(order.lmtPrice),
            "stop": cents(order.auxPrice),
            "trail_stop": cents(order.trailStopPrice) if order.trailStopPrice < 1e300 else None,
            "percent": cents(order.trailingPercent) if order.trailingPercent < 1e300 else None,
            "tif": order.tif,
            "parent": order.parentId,
            "oca_group": order.ocaGroup,
            "oca_type": order.ocaType,
            **self._ears.states[permanent],
        }

    def statuses(self, name: str) -> list[str]:
        return distinct(self._ears.told.get(self._permanent(name), []))

    def fills(self, name: str) -> list[dict[str, Any]]:
        return [self._fill(each) for each, found in self._ears.executed.items() if found[2].orderRef == name]

    def open_orders(self, everybody: bool) -> list[dict[str, Any]]:
        self._ears.orders.clear()
        self._list("open orders", self._client.reqAllOpenOrders if everybody else self._client.reqOpenOrders)
        return [self._shown(permanent) for permanent in sorted(self._ears.orders)]

    def bind_manual_orders(self) -> None:
        self._client.reqAutoOpenOrders(True)
        self.sync()

    def completed_orders(self) -> list[dict[str, Any]]:
        self._ears.completed.clear()
        self._list("completed orders", lambda: self._client.reqCompletedOrders(False))
        done = [
            {
                "name": order.orderRef,
                "status": state.status,
                "filled": cents(order.filledQuantity),
                "perm_id": order.permId,
            }
            for order, state in self._ears.completed
        ]
        return sorted(done, key=lambda each: int(each["perm_id"]))

    def executions(self, **wanted: Any) -> list[dict[str, Any]]:
        chosen = ExecutionFilter()
        for name, value in wanted.items():
            setattr(chosen, {"symbol": "symbol", "side": "side", "client": "clientId", "time": "time"}[name], value)
        number = self._ask(lambda number: self._client.reqExecutions(number, chosen))
        return [self._fill(each) for each in self._ears.answered.get(number, [])]

    def _fill(self, execution_id: str) -> dict[str, Any]:
        _, contract, execution = self._ears.executed[execution_id]
        report = self._ears.charged.get(execution_id)
        profit = None if report is None or abs(report.realizedPNL) > 1e300 else cents(report.realizedPNL)
        return {
            "name": execution.orderRef,
            "symbol": contract.symbol,
            "side": execution.side,
            "shares": cents(execution.shares),
            "price": execution.price,
            "total": cents(execution.cumQty),
            "average": execution.avgPrice,
            "time": execution.time,
            "client": execution.clientId,
            "order_id": execution.orderId,
            "id": execution.execId,
            "commission": None if report is None else cents(report.commission),
            "profit": profit,
        }

    def judge(self, symbol: str, terms: Terms) -> dict[str, float]:
        assert self._ears.first_id is not None
        order = Order()
        self._fill_in(order, terms)
        order.whatIf = True
        number = self._ears.first_id
        self._ears.first_id += 1
        self._client.placeOrder(number, _stock(symbol), order)
        self._until(lambda: ("open", number) in self._ears.ended)
        _, _, state = self._ears.orders.pop(0)
        return {"margin": cents(state.initMarginChange), "commission": cents(state.commission)}

    # ---- the account -----------------------------------------------------------------------------------------------

    def positions(self) -> dict[str, list[float]]:
        self.sync()
        return {symbol: held for symbol, held in self._ears.held.items() if held[0]}

    def account(self) -> dict[str, float]:
        self.sync()
        return {key: float(value) for key, value in self._ears.values.items()}

    def portfolio(self) -> dict[str, list[float]]:
        self.sync()
        return {symbol: held for symbol, held in self._ears.in_portfolio.items() if held[0]}

    def summary(self) -> dict[str, str]:
        number = self._ask(lambda number: self._client.reqAccountSummary(number, "All", ",".join(SUMMARY_TAGS)))
        self._client.cancelAccountSummary(number)
        return self._ears.summaries

    def profit(self) -> dict[str, float]:
        number = self._ask(lambda number: self._client.reqPnL(number, "DU1", ""))
        self._client.cancelPnL(number)
        return self._ears.profits[number]

    def profit_of(self, symbol: str) -> dict[str, float]:
        contract_id = self._details(symbol).contract.conId
        number = self._ask(lambda number: self._client.reqPnLSingle(number, "DU1", "", contract_id))
        self._client.cancelPnLSingle(number)
        return self._ears.profits[number]

    # ---- what the gateway does not offer ---------------------------------------------------------------------------

    def ask_for_depth(self, symbol: str) -> int:
        return self._ask(lambda number: self._client.reqMktDepth(number, _stock(symbol), 5, False, []))


def _stock(symbol: str) -> Contract:
    contract = Contract()
    contract.symbol = symbol
    contract.secType = "STK"
    contract.exchange = "SMART"
    contract.currency = "USD"
    return contract


def _bar(bar: BarData) -> list[Any]:
    date = float(bar.date) if len(bar.date) > 8 and bar.date.isdigit() else bar.date
    return [date, bar.open, bar.high, bar.low, bar.close, bar.volume, bar.barCount]
