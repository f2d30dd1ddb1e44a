"""What the gateway says, as frozen records. `codec.py` turns them into the fields of a message.

Prices and amounts of money are in micros (1e-6 of the currency) where they are integers; None stands for «not known»
and goes out as the greatest float, as IB has it. Quantities are whole shares.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs


@attrs.frozen
class ContractFields:
    """A contract as replies name it; only stocks."""

    contract_id: int
    symbol: str
    primary_exchange: str
    trading_class: str
    security_type: str = "STK"
    exchange: str = "SMART"
    currency: str = "USD"
    expiry: str = ""
    strike: float = 0.0
    right: str = ""
    multiplier: str = ""

    @property
    def local_symbol(self) -> str:
        return self.symbol


# ---- the connection --------------------------------------------------------------------------------------------------


@attrs.frozen
class ManagedAccountsList:
    accounts: str


@attrs.frozen
class NextValidId:
    order_id: int


@attrs.frozen
class ErrorMessage:
    """`id` is an order's or a request's number, or -1."""

    id: int
    code: int
    text: str


@attrs.frozen
class CurrentTimeIs:
    """Seconds since 1970 UTC."""

    time: int


# ---- orders ----------------------------------------------------------------------------------------------------------


@attrs.frozen
class OrderTerms:
    """An order as the gateway echoes it. `sent` are the client's fields, for what the exchange does not use."""

    action: str
    quantity: int
    order_type: str
    limit_price: int | None
    auxiliary_price: int | None
    tif: str
    oca_group: str
    oca_type: int
    account: str
    reference: str
    client_id: int
    permanent_id: int
    parent_id: int
    outside_regular_hours: bool
    trail_stop_price: int | None
    trailing_percent: float | None
    limit_offset: int | None = None
    good_till_date: str = ""
    sent: Mapping[str, Any] = attrs.field(factory=dict, hash=False)


@attrs.frozen
class Margins:
    """What a whatIf order would do to the account, in micros."""

    initial_before: int
    maintenance_before: int
    equity_before: int
    initial_change: int
    maintenance_change: int
    equity_change: int
    commission: int

    @property
    def initial_after(self) -> int:
        return self.initial_before + self.initial_change

    @property
    def maintenance_after(self) -> int:
        return self.maintenance_before + self.maintenance_change

    @property
    def equity_after(self) -> int:
        return self.equity_before + self.equity_change


@attrs.frozen
class OpenOrder:
    order_id: int
    contract: ContractFields
    terms: OrderTerms
    status: str
    what_if: bool = False
    margins: Margins | None = None
    warning: str = ""

    @property
    def commission_currency(self) -> str:
        return "USD" if self.margins else ""


@attrs.frozen
class OrderStatus:
    order_id: int
    status: str
    filled: int
    remaining: int
    average_price: float
    permanent_id: int
    parent_id: int
    last_price: int
    client_id: int
    why_held: str
    market_cap_price: int = 0


@attrs.frozen
class OpenOrderEnd:
    pass


@attrs.frozen
class CompletedOrder:
    contract: ContractFields
    terms: OrderTerms
    status: str
    filled: int
    parent_permanent_id: int
    completed_time: str
    completed_status: str


@attrs.frozen
class CompletedOrdersEnd:
    pass


@attrs.frozen
class ExecutionDetails:
    """`request_id` is -1 for a fill that has just happened. `side` is BOT or SLD."""

    request_id: int
    order_id: int
    contract: ContractFields
    execution_id: str
    time: str
    account: str
    exchange: str
    side: str
    shares: int
    price: int
    permanent_id: int
    client_id: int
    cumulative: int
    average_price: float
    reference: str
    last_liquidity: int


@attrs.frozen
class ExecutionDetailsEnd:
    request_id: int


@attrs.frozen
class CommissionReport:
    """`realised` is net of commission; None for an execution that opens."""

    execution_id: str
    commission: int
    currency: str
    realised: int | None


@attrs.frozen
class OrderBound:
    permanent_id: int
    client_id: int
    order_id: int


# ---- account ---------------------------------------------------------------------------------------------------------


@attrs.frozen
class AccountValue:
    key: str
    value: str
    currency: str
    account: str


@attrs.frozen
class AccountTime:
    """`HH:MM`."""

    time: str


@attrs.frozen
class AccountDownloadEnd:
    account: str


@attrs.frozen
class PortfolioValue:
    contract: ContractFields
    position: int
    market_price: float
    market_value: int
    average_cost: float
    unrealised: int
    realised: int
    account: str


@attrs.frozen
class AccountValueMulti:
    request_id: int
    account: str
    model: str
    key: str
    value: str
    currency: str


@attrs.frozen
class AccountValueMultiEnd:
    request_id: int


@attrs.frozen
class AccountSummaryValue:
    request_id: int
    account: str
    tag: str
    value: str
    currency: str


@attrs.frozen
class AccountSummaryEnd:
    request_id: int


@attrs.frozen
class Position:
    account: str
    contract: ContractFields
    position: int
    average_cost: float


@attrs.frozen
class PositionEnd:
    pass


@attrs.frozen
class PositionMulti:
    request_id: int
    account: str
    contract: ContractFields
    position: int
    average_cost: float
    model: str


@attrs.frozen
class PositionMultiEnd:
    request_id: int


@attrs.frozen
class ProfitAndLossIs:
    request_id: int
    daily: int | None
    unrealised: int | None
    realised: int | None


@attrs.frozen
class ProfitAndLossSingleIs:
    request_id: int
    position: int
    daily: int | None
    unrealised: int | None
    realised: int | None
    value: int | None


# ---- contracts and the market ----------------------------------------------------------------------------------------


@attrs.frozen
class ContractData:
    """A contract's details. Trading hours like `20260105:0930-20260105:1600;20260110:CLOSED`."""

    request_id: int
    contract: ContractFields
    market_name: str
    minimum_tick: str
    order_types: str
    valid_exchanges: str
    long_name: str
    time_zone: str
    trading_hours: str
    liquid_hours: str
    market_rule_ids: str
    stock_type: str
    size_multiplier: int = 100


@attrs.frozen
class ContractDataEnd:
    request_id: int


@attrs.frozen
class SymbolSamples:
    request_id: int
    contracts: tuple[ContractFields, ...]


@attrs.frozen
class PriceIncrement:
    """From the price `low_edge` on prices are multiples of `increment`, both in micros."""

    low_edge: int
    increment: int


@attrs.frozen
class MarketRule:
    rule_id: int
    increments: tuple[PriceIncrement, ...]


@attrs.frozen
class TickRequestParameters:
    request_id: int
    minimum_tick: str
    exchange: str = ""
    snapshot_permissions: int = 3


@attrs.frozen
class MarketDataTypeIs:
    request_id: int
    type: int


@attrs.frozen
class TickPrice:
    """`type`: 1 bid, 2 ask, 4 last, 6 high, 7 low, 9 close, 14 open; `price` in currency."""

    request_id: int
    type: int
    price: float
    size: int
    attributes: int = 0


@attrs.frozen
class TickSize:
    """`type`: 0 bid, 3 ask, 5 last, 8 volume."""

    request_id: int
    type: int
    size: int


@attrs.frozen
class TickString:
    """`type`: 45 time of the last trade, in seconds since 1970; 48 time and sales, `price;size;…`."""

    request_id: int
    type: int
    value: str


@attrs.frozen
class TickGeneric:
    request_id: int
    type: int
    value: float


@attrs.frozen
class SnapshotEnd:
    request_id: int


@attrs.frozen
class RealTimeBar:
    """`time` is the bar's start in seconds since 1970; prices in currency, `volume` in shares."""

    request_id: int
    time: int
    open: float
    high: float
    low: float
    close: float
    volume: int
    average: float
    count: int


@attrs.frozen
class HistoricalBar:
    """`date` as the request's format has it; prices in currency, `volume` in shares."""

    date: str
    open: float
    high: float
    low: float
    close: float
    volume: int
    average: float
    count: int


@attrs.frozen
class HistoricalData:
    """The whole answer to a request for bars; `start` and `end` are its span as texts."""

    request_id: int
    start: str
    end: str
    bars: tuple[HistoricalBar, ...]


@attrs.frozen
class HistoricalUpdate:
    """The newest bar of a request that is kept up to date: again and again until it is over, then the next one."""

    request_id: int
    bar: HistoricalBar


@attrs.frozen
class HeadTimestampIs:
    request_id: int
    time: str


Reply = (
    ManagedAccountsList
    | NextValidId
    | ErrorMessage
    | CurrentTimeIs
    | OpenOrder
    | OrderStatus
    | OpenOrderEnd
    | CompletedOrder
    | CompletedOrdersEnd
    | ExecutionDetails
    | ExecutionDetailsEnd
    | CommissionReport
    | OrderBound
    | AccountValue
    | AccountTime
    | AccountDownloadEnd
    | PortfolioValue
    | AccountValueMulti
    | AccountValueMultiEnd
    | AccountSummaryValue
    | AccountSummaryEnd
    | Position
    | PositionEnd
    | PositionMulti
    | PositionMultiEnd
    | ProfitAndLossIs
    | ProfitAndLossSingleIs
    | ContractData
    | ContractDataEnd
    | SymbolSamples
    | MarketRule
    | TickRequestParameters
    | MarketDataTypeIs
    | TickPrice
    | TickSize
    | TickString
    | TickGeneric
    | SnapshotEnd
    | RealTimeBar
    | HistoricalData
    | HistoricalUpdate
    | HeadTimestampIs
)
