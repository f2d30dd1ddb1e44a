"""Messages by the names that IB's own interface has for them, as faults and the control port name them."""

from __future__ import annotations

from collections.abc import Mapping

from . import replies, requests

REPLIES: Mapping[str, type] = {
    "openOrder": replies.OpenOrder,
    "orderStatus": replies.OrderStatus,
    "execDetails": replies.ExecutionDetails,
    "commissionReport": replies.CommissionReport,
    "error": replies.ErrorMessage,
    "openOrderEnd": replies.OpenOrderEnd,
    "completedOrder": replies.CompletedOrder,
    "completedOrdersEnd": replies.CompletedOrdersEnd,
    "execDetailsEnd": replies.ExecutionDetailsEnd,
    "position": replies.Position,
    "positionEnd": replies.PositionEnd,
    "updateAccountValue": replies.AccountValue,
    "updatePortfolio": replies.PortfolioValue,
    "accountDownloadEnd": replies.AccountDownloadEnd,
    "accountUpdateMulti": replies.AccountValueMulti,
    "accountUpdateMultiEnd": replies.AccountValueMultiEnd,
    "accountSummary": replies.AccountSummaryValue,
    "accountSummaryEnd": replies.AccountSummaryEnd,
    "contractDetails": replies.ContractData,
    "contractDetailsEnd": replies.ContractDataEnd,
    "tickPrice": replies.TickPrice,
    "tickSize": replies.TickSize,
    "tickSnapshotEnd": replies.SnapshotEnd,
    "realtimeBar": replies.RealTimeBar,
    "historicalData": replies.HistoricalData,
    "historicalDataUpdate": replies.HistoricalUpdate,
    "pnl": replies.ProfitAndLossIs,
    "pnlSingle": replies.ProfitAndLossSingleIs,
    "nextValidId": replies.NextValidId,
    "managedAccounts": replies.ManagedAccountsList,
    "currentTime": replies.CurrentTimeIs,
}

ENDS = tuple(reply for name, reply in REPLIES.items() if name.endswith("End"))

# What of the market and the account does not come while the connection to Interactive Brokers is lost.
STREAMED = (
    replies.TickPrice,
    replies.TickSize,
    replies.TickString,
    replies.TickGeneric,
    replies.RealTimeBar,
    replies.HistoricalUpdate,
    replies.ProfitAndLossIs,
    replies.ProfitAndLossSingleIs,
)

REQUESTS: Mapping[str, type] = {
    "placeOrder": requests.PlaceOrder,
    "cancelOrder": requests.CancelOrder,
    "reqGlobalCancel": requests.GlobalCancel,
    "reqOpenOrders": requests.OpenOrders,
    "reqAllOpenOrders": requests.AllOpenOrders,
    "reqAutoOpenOrders": requests.AutoOpenOrders,
    "reqCompletedOrders": requests.CompletedOrders,
    "reqExecutions": requests.Executions,
    "reqIds": requests.OrderIds,
    "reqManagedAccts": requests.ManagedAccounts,
    "reqAccountUpdates": requests.AccountUpdates,
    "reqAccountUpdatesMulti": requests.AccountUpdatesMulti,
    "reqAccountSummary": requests.AccountSummary,
    "reqPositions": requests.Positions,
    "reqPnL": requests.ProfitAndLoss,
    "reqPnLSingle": requests.ProfitAndLossSingle,
    "reqContractDetails": requests.ContractDetailsOf,
    "reqMatchingSymbols": requests.MatchingSymbols,
    "reqMarketRule": requests.MarketRuleOf,
    "reqMktData": requests.MarketData,
    "reqRealTimeBars": requests.RealTimeBars,
    "reqHistoricalData": requests.HistoricalBars,
    "reqHeadTimestamp": requests.HeadTimestamp,
    "reqCurrentTime": requests.CurrentTime,
}


def number_of(request: requests.Request) -> int:
    """The number that an answer to a request names: its order's or its own; -1 where it has none."""
    for field in ("order_id", "request_id"):
        number = getattr(request, field, None)
        if isinstance(number, int):
            return number
    return -1
