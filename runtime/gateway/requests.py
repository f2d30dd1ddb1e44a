"""What clients ask, as frozen records. `codec.py` makes them from the fields of a message.

Texts are as they came. `request_id` is the client's own number (reqId). Where a field was left out or unset it is None,
0 or the empty text, as its type says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs


@attrs.frozen
class Contract:
    """A contract as a client describes it: the twelve fields that requests share."""

    contract_id: int = 0
    symbol: str = ""
    security_type: str = ""
    expiry: str = ""
    strike: float = 0.0
    right: str = ""
    multiplier: str = ""
    exchange: str = ""
    primary_exchange: str = ""
    currency: str = ""
    local_symbol: str = ""
    trading_class: str = ""


@attrs.frozen
class StartApi:
    client_id: int
    capabilities: str = ""


# ---- orders ----------------------------------------------------------------------------------------------------------


@attrs.frozen
class PlaceOrder:
    """A new order, or new terms of one with the same number.

    `fields` are its values by the names of `order_layouts.py`: texts, numbers, prices in micros, None where unset.
    """

    order_id: int
    contract: Contract
    fields: Mapping[str, Any] = attrs.field(hash=False)


@attrs.frozen
class CancelOrder:
    order_id: int


@attrs.frozen
class GlobalCancel:
    pass


@attrs.frozen
class OpenOrders:
    pass


@attrs.frozen
class AllOpenOrders:
    pass


@attrs.frozen
class AutoOpenOrders:
    auto_bind: bool


@attrs.frozen
class CompletedOrders:
    api_only: bool


@attrs.frozen
class Executions:
    """Executions of the day; an empty field of the filter fits everything."""

    request_id: int
    client_id: int
    account: str
    time: str
    symbol: str
    security_type: str
    exchange: str
    side: str


@attrs.frozen
class OrderIds:
    pass


# ---- account ---------------------------------------------------------------------------------------------------------


@attrs.frozen
class ManagedAccounts:
    pass


@attrs.frozen
class AccountUpdates:
    subscribe: bool
    account: str


@attrs.frozen
class AccountUpdatesMulti:
    request_id: int
    account: str
    model: str
    ledger_only: bool


@attrs.frozen
class CancelAccountUpdatesMulti:
    request_id: int


@attrs.frozen
class AccountSummary:
    request_id: int
    group: str
    tags: str


@attrs.frozen
class CancelAccountSummary:
    request_id: int


@attrs.frozen
class Positions:
    pass


@attrs.frozen
class CancelPositions:
    pass


@attrs.frozen
class PositionsMulti:
    request_id: int
    account: str
    model: str


@attrs.frozen
class CancelPositionsMulti:
    request_id: int


@attrs.frozen
class ProfitAndLoss:
    request_id: int
    account: str
    model: str


@attrs.frozen
class CancelProfitAndLoss:
    request_id: int


@attrs.frozen
class ProfitAndLossSingle:
    request_id: int
    account: str
    model: str
    contract_id: int


@attrs.frozen
class CancelProfitAndLossSingle:
    request_id: int


# ---- contracts and the market ----------------------------------------------------------------------------------------


@attrs.frozen
class ContractDetailsOf:
    request_id: int
    contract: Contract


@attrs.frozen
class MatchingSymbols:
    request_id: int
    pattern: str


@attrs.frozen
class MarketRuleOf:
    rule_id: int


@attrs.frozen
class MarketData:
    """`generic_ticks` are numbers with commas between; `snapshot` asks for the present values once."""

    request_id: int
    contract: Contract
    generic_ticks: str
    snapshot: bool
    regulatory_snapshot: bool


@attrs.frozen
class CancelMarketData:
    request_id: int


@attrs.frozen
class MarketDataType:
    """1 live, 2 frozen, 3 delayed, 4 delayed and frozen."""

    type: int


@attrs.frozen
class RealTimeBars:
    """Bars of five seconds; `what` is TRADES, MIDPOINT, BID or ASK."""

    request_id: int
    contract: Contract
    bar_size: int
    what: str
    regular_hours_only: bool


@attrs.frozen
class CancelRealTimeBars:
    request_id: int


@attrs.frozen
class HistoricalBars:
    """Bars of the past. `end` is empty for now; `duration` like `2 D`, `bar_size` like `5 mins`; `date_format` is 1
    for dates and times, 2 for seconds since 1970."""

    request_id: int
    contract: Contract
    end: str
    bar_size: str
    duration: str
    regular_hours_only: bool
    what: str
    date_format: int
    keep_up_to_date: bool


@attrs.frozen
class CancelHistoricalBars:
    request_id: int


@attrs.frozen
class HeadTimestamp:
    """The earliest time for which there are bars."""

    request_id: int
    contract: Contract
    regular_hours_only: bool
    what: str
    date_format: int


@attrs.frozen
class CancelHeadTimestamp:
    request_id: int


# ---- the rest --------------------------------------------------------------------------------------------------------


@attrs.frozen
class CurrentTime:
    pass


@attrs.frozen
class ServerLogLevel:
    level: int


@attrs.frozen
class Unknown:
    """A message that is not answered here, or whose fields make no sense.

    `request_id` is None where it has none.
    """

    message_id: str
    request_id: int | None
    reason: str


Request = (
    StartApi
    | PlaceOrder
    | CancelOrder
    | GlobalCancel
    | OpenOrders
    | AllOpenOrders
    | AutoOpenOrders
    | CompletedOrders
    | Executions
    | OrderIds
    | ManagedAccounts
    | AccountUpdates
    | AccountUpdatesMulti
    | CancelAccountUpdatesMulti
    | AccountSummary
    | CancelAccountSummary
    | Positions
    | CancelPositions
    | PositionsMulti
    | CancelPositionsMulti
    | ProfitAndLoss
    | CancelProfitAndLoss
    | ProfitAndLossSingle
    | CancelProfitAndLossSingle
    | ContractDetailsOf
    | MatchingSymbols
    | MarketRuleOf
    | MarketData
    | CancelMarketData
    | MarketDataType
    | RealTimeBars
    | CancelRealTimeBars
    | HistoricalBars
    | CancelHistoricalBars
    | HeadTimestamp
    | CancelHeadTimestamp
    | CurrentTime
    | ServerLogLevel
    | Unknown
)
