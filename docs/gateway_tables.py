"""Tables about `rulec gateway`: how it behaves where IB is not verified, and what it answers."""

from __future__ import annotations

from ..runtime.broker.exchange import ExchangePolicy
from ..runtime.gateway.policies import settings
from ..runtime.gateway.policy import GatewayPolicy
from ..runtime.gateway.request_layouts import REQUESTS
from .markdown import code, table

# what IB's own interface calls the requests, by their numbers
_NAMES = {
    1: "reqMktData",
    2: "cancelMktData",
    3: "placeOrder",
    4: "cancelOrder",
    5: "reqOpenOrders",
    6: "reqAccountUpdates",
    7: "reqExecutions",
    8: "reqIds",
    9: "reqContractDetails",
    14: "setServerLogLevel",
    15: "reqAutoOpenOrders",
    16: "reqAllOpenOrders",
    17: "reqManagedAccts",
    20: "reqHistoricalData",
    25: "cancelHistoricalData",
    49: "reqCurrentTime",
    50: "reqRealTimeBars",
    51: "cancelRealTimeBars",
    58: "reqGlobalCancel",
    59: "reqMarketDataType",
    61: "reqPositions",
    62: "reqAccountSummary",
    63: "cancelAccountSummary",
    64: "cancelPositions",
    71: "startApi",
    74: "reqPositionsMulti",
    75: "cancelPositionsMulti",
    76: "reqAccountUpdatesMulti",
    77: "cancelAccountUpdatesMulti",
    81: "reqMatchingSymbols",
    87: "reqHeadTimeStamp",
    90: "cancelHeadTimeStamp",
    91: "reqMarketRule",
    92: "reqPnL",
    93: "cancelPnL",
    94: "reqPnLSingle",
    95: "cancelPnLSingle",
    99: "reqCompletedOrders",
}


def policies() -> str:
    """Every setting of `--policy`."""
    rows = [
        [code(each.name), each.default, each.values, each.meaning]
        for policy in (GatewayPolicy, ExchangePolicy)
        for each in settings(policy)
    ]
    return table(["name", "default", "values", "meaning"], rows)


def requests() -> str:
    """Every request that is answered, in a paragraph.

    Raises:
        KeyError: a request that has no name here.
    """
    numbers = sorted(layout.message_id for layout in REQUESTS.values())
    return ", ".join(code(_NAMES[number]) for number in numbers) + ".\n"
