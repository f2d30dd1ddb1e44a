"""ib_insync and ib_async, which share one style: the same calls to either of them, through their synchronous side."""

from __future__ import annotations

from datetime import UTC, datetime
from types import ModuleType
from typing import Any

from .facade import ACCOUNT_KEYS, PATIENCE, SUMMARY_TAGS, Refused, Terms, cents, distinct


class InsyncClient:
    """One connection through the library that is given."""

    def __init__(self, library: ModuleType) -> None:
        self._library = library
        self._ib = library.IB()
        self._ib.TimezoneTWS = "UTC"
        self._ib.RequestTimeout = PATIENCE
        self._statuses: dict[str, list[str]] = {}
        self._contracts: dict[str, Any] = {}
        self._tickers: dict[str, Any] = {}
        self._kept: Any = None
        self._fives: Any = None
        self.errors: list[tuple[int, int]] = []
        self._ib.errorEvent += lambda request, code, text, contract: self.errors.append((request, code))
        self._ib.orderStatusEvent += self._note_status

    def _note_status(self, trade: Any) -> None:
        self._statuses.setdefault(trade.order.orderRef, []).append(trade.orderStatus.status)

    # ---- the connection --------------------------------------------------------------------------------------------

    def connect(self, port: int, client_id: int, patience: float = PATIENCE) -> None:
        try:
            self._ib.connect("127.0.0.1", port, clientId=client_id, timeout=patience)
        except (TimeoutError, ConnectionError) as error:
            raise Refused(str(error)) from error

    def disconnect(self) -> None:
        self._ib.disconnect()
        self._ib.sleep(0.05)

    def is_connected(self) -> bool:
        return bool(self._ib.isConnected())

    def wait_for_drop(self) -> None:
        try:
            self._ib.sleep(PATIENCE)
        except ConnectionError:  # how the library says so
            return

    def sync(self) -> None:
        self._ib.reqCurrentTime()

    def accounts(self) -> list[str]:
        return list(self._ib.managedAccounts())

    def next_order_id(self) -> int:
        return int(self._ib.client.getReqId())

    def current_time(self) -> int:
        return int(self._ib.reqCurrentTime().timestamp())

    # ---- contracts and the market ----------------------------------------------------------------------------------

    def qualify(self, symbol: str) -> dict[str, Any] | None:
        details = self._ib.reqContractDetails(self._library.Stock(symbol, "SMART", "USD"))
        if not details:
            return None
        (found,) = details
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

    def _contract(self, symbol: str) -> Any:
        if symbol not in self._contracts:
            (self._contracts[symbol],) = self._ib.qualifyContracts(self._library.Stock(symbol, "SMART", "USD"))
        return self._contracts[symbol]

    def market_rule(self, rule: int) -> list[list[float]]:
        return [[each.lowEdge, each.increment] for each in self._ib.reqMarketRule(rule)]

    def matching(self, pattern: str) -> list[str]:
        return [each.contract.symbol for each in self._ib.reqMatchingSymbols(pattern)]

    def watch(self, symbol: str) -> None:
        self._tickers[symbol] = self._ib.reqMktData(self._contract(symbol))

    def unwatch(self, symbol: str) -> None:
        self._ib.cancelMktData(self._contract(symbol))

    def quote(self, symbol: str) -> dict[str, float]:
        return _quote(self._tickers[symbol])

    def snapshot(self, symbol: str) -> dict[str, float]:
        (ticker,) = self._ib.reqTickers(self._contract(symbol))
        return _quote(ticker)

    def bars(self, symbol: str, **asked: Any) -> list[list[Any]]:
        found = self._ib.reqHistoricalData(
            self._contract(symbol),
            endDateTime=asked.get("end", ""),
            durationStr=asked.get("duration", "1 D"),
            barSizeSetting=asked.get("size", "1 min"),
            whatToShow=asked.get("what", "TRADES"),
            useRTH=True,
            formatDate=asked.get("dates", 2),
        )
        return [_bar(each) for each in found]

    def keep_bars(self, symbol: str) -> None:
        self._kept = self._ib.reqHistoricalData(
            self._contract(symbol), "", "1 D", "1 min", "TRADES", useRTH=True, formatDate=2, keepUpToDate=True
        )

    def kept_bars(self) -> list[list[Any]]:
        return [_bar(each) for each in self._kept]

    def watch_five_seconds(self, symbol: str) -> None:
        self._fives = self._ib.reqRealTimeBars(self._contract(symbol), 5, "MIDPOINT", False)

    def five_seconds(self) -> list[list[float]]:
        return [[each.time.timestamp(), each.open_, each.high, each.low, each.close] for each in self._fives]

    def head_time(self, symbol: str) -> str:
        found = self._ib.reqHeadTimeStamp(self._contract(symbol), "TRADES", True, 2)
        return str(round(found.timestamp()))

    # ---- orders ----------------------------------------------------------------------------------------------------

    def place(self, name: str, symbol: str, terms: Terms) -> int:
        order = self._library.Order(orderRef=name)
        self._fill_in(order, terms)
        return int(self._ib.placeOrder(self._contract(symbol), order).order.orderId)

    def _fill_in(self, order: Any, terms: Terms) -> None:
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
            order.parentId = self._trade(terms.parent).order.orderId

    def modify(self, name: str, **changes: Any) -> None:
        trade = self._trade(name)
        for field, value in changes.items():
            setattr(trade.order, {"limit": "lmtPrice", "stop": "auxPrice", "quantity": "totalQuantity"}[field], value)
        self._ib.placeOrder(trade.contract, trade.order)

    def cancel(self, name: str) -> None:
        self._ib.cancelOrder(self._trade(name).order)

    def cancel_number(self, number: int) -> None:
        self._ib.client.cancelOrder(number, *([""] if self._library.__name__ == "ib_async" else []))

    def cancel_all(self) -> None:
        self._ib.reqGlobalCancel()

    def order(self, name: str) -> dict[str, Any]:
        return _order(self._trade(name))

    def _trade(self, name: str) -> Any:
        return [each for each in self._ib.trades() if each.order.orderRef == name][-1]

    def statuses(self, name: str) -> list[str]:
        return distinct(self._statuses.get(name, []))

    def fills(self, name: str) -> list[dict[str, Any]]:
        return [_fill(each) for each in self._ib.fills() if each.execution.orderRef == name]

    def open_orders(self, everybody: bool) -> list[dict[str, Any]]:
        found = self._ib.reqAllOpenOrders() if everybody else self._ib.reqOpenOrders()
        orders = [each if hasattr(each, "orderStatus") else self._trade(each.orderRef) for each in found]
        return sorted(map(_order, orders), key=lambda each: int(each["perm_id"]))

    def bind_manual_orders(self) -> None:
        self._ib.reqAutoOpenOrders(True)
        self.sync()

    def completed_orders(self) -> list[dict[str, Any]]:
        done = [
            {
                "name": each.order.orderRef,
                "status": each.orderStatus.status,
                "filled": cents(each.order.filledQuantity),
                "perm_id": each.order.permId,
            }
            for each in self._ib.reqCompletedOrders(False)
        ]
        return sorted(done, key=lambda each: int(each["perm_id"]))

    def executions(self, **wanted: Any) -> list[dict[str, Any]]:
        names = {"symbol": "symbol", "side": "side", "client": "clientId", "time": "time"}
        chosen = self._library.ExecutionFilter(**{names[name]: value for name, value in wanted.items()})
        asked = {each.execution.execId for each in self._ib.reqExecutions(chosen)}
        # a commission is added to the fill that was seen first, not to those that are answered later
        return [_fill(each) for each in self._ib.fills() if each.execution.execId in asked]

    def judge(self, symbol: str, terms: Terms) -> dict[str, float]:
        order = self._library.Order()
        self._fill_in(order, terms)
        state = self._ib.whatIfOrder(self._contract(symbol), order)
        return {"margin": cents(state.initMarginChange), "commission": cents(state.commission)}

    # ---- the account -----------------------------------------------------------------------------------------------

    def positions(self) -> dict[str, list[float]]:
        self.sync()
        return {each.contract.symbol: [each.position, cents(each.avgCost)] for each in self._ib.positions()}

    def account(self) -> dict[str, float]:
        self.sync()
        values = self._ib.accountValues()
        return {each.tag: float(each.value) for each in values if each.tag in ACCOUNT_KEYS and each.currency == "USD"}

    def portfolio(self) -> dict[str, list[float]]:
        self.sync()
        return {
            each.contract.symbol: [
                each.position,
                cents(each.marketPrice),
                cents(each.marketValue),
                cents(each.averageCost),
                cents(each.unrealizedPNL),
                cents(each.realizedPNL),
            ]
            for each in self._ib.portfolio()
        }

    def summary(self) -> dict[str, str]:
        return {each.tag: each.value for each in self._ib.accountSummary() if each.tag in SUMMARY_TAGS}

    def profit(self) -> dict[str, float]:
        followed = self._ib.reqPnL("DU1")
        self.sync()
        told = {
            "daily": cents(followed.dailyPnL),
            "unrealized": cents(followed.unrealizedPnL),
            "realized": cents(followed.realizedPnL),
        }
        self._ib.cancelPnL("DU1")
        return told

    def profit_of(self, symbol: str) -> dict[str, float]:
        contract_id = self._contract(symbol).conId
        followed = self._ib.reqPnLSingle("DU1", "", contract_id)
        self.sync()
        told = {
            "position": cents(followed.position),
            "daily": cents(followed.dailyPnL),
            "unrealized": cents(followed.unrealizedPnL),
            "realized": cents(followed.realizedPnL),
            "value": cents(followed.value),
        }
        self._ib.cancelPnLSingle("DU1", "", contract_id)
        return told

    # ---- what the gateway does not offer ---------------------------------------------------------------------------

    def ask_for_depth(self, symbol: str) -> int:
        ticker = self._ib.reqMktDepth(self._contract(symbol))
        return int(self._ib.wrapper.ticker2ReqId["mktDepth"][ticker])


def _quote(ticker: Any) -> dict[str, float]:
    fields = {
        "bid": ticker.bid,
        "ask": ticker.ask,
        "last": ticker.last,
        "high": ticker.high,
        "low": ticker.low,
        "open": ticker.open,
        "bid_size": ticker.bidSize,
        "last_size": ticker.lastSize,
    }
    return {name: float(value) for name, value in fields.items() if value == value}


def _bar(bar: Any) -> list[Any]:
    date = bar.date.astimezone(UTC).timestamp() if isinstance(bar.date, datetime) else str(bar.date).replace("-", "")
    return [date, bar.open, bar.high, bar.low, bar.close, bar.volume, bar.barCount]


def _order(trade: Any) -> dict[str, Any]:
    order, status = trade.order, trade.orderStatus
    return {
        "name": order.orderRef,
        "order_id": order.orderId,
        "client": order.clientId,
        "perm_id": order.permId,
        "symbol": trade.contract.symbol,
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
        "status": status.status,
        "filled": cents(status.filled),
        "remaining": cents(status.remaining),
        "average": cents(status.avgFillPrice),
        "why_held": status.whyHeld,
    }


def _fill(fill: Any) -> dict[str, Any]:
    execution, report = fill.execution, fill.commissionReport
    profit = report.realizedPNL
    return {
        "name": execution.orderRef,
        "symbol": fill.contract.symbol,
        "side": execution.side,
        "shares": cents(execution.shares),
        "price": execution.price,
        "total": cents(execution.cumQty),
        "average": execution.avgPrice,
        "time": f"{execution.time.astimezone(UTC):%Y%m%d-%H:%M:%S}",
        "client": execution.clientId,
        "order_id": execution.orderId,
        "id": execution.execId,
        "commission": cents(report.commission) if report.execId else None,
        "profit": cents(profit) if report.execId and 0 < abs(profit) < 1e300 else None,
    }
