"""What the gateway sends, as data, but for orders (`echo_layouts.py`). Version 157 and later."""

from __future__ import annotations

from collections.abc import Mapping

from . import replies
from .echo_layouts import COMPLETED_ORDER, OPEN_ORDER
from .fields import FLOAT, PRICE, QUANTITY, TEXT, WHOLE
from .layout import Constant, Layout, Part, Repeat, Row
from .layout_parts import CONTRACT, ID, NAMED_CONTRACT, VERSION, by_id, plain

_PORTFOLIO_CONTRACT: tuple[Part, ...] = tuple(
    part for part in CONTRACT if not (isinstance(part, Row) and part.name == "contract.exchange")
)

REPLIES: Mapping[type, Layout] = {
    replies.TickPrice: Layout(
        1,
        (Constant("6"), ID, Row("type", WHOLE), Row("price", FLOAT), Row("size", WHOLE), Row("attributes", WHOLE)),
    ),
    replies.TickSize: Layout(2, (Constant("6"), ID, Row("type", WHOLE), Row("size", WHOLE))),
    replies.OrderStatus: Layout(
        3,
        (
            Row("order_id", WHOLE),
            Row("status", TEXT),
            Row("filled", QUANTITY),
            Row("remaining", QUANTITY),
            Row("average_price", FLOAT),
            Row("permanent_id", WHOLE),
            Row("parent_id", WHOLE),
            Row("last_price", PRICE),
            Row("client_id", WHOLE),
            Row("why_held", TEXT),
            Row("market_cap_price", PRICE),
        ),
    ),
    replies.ErrorMessage: Layout(
        4, (Constant("2"), Row("id", WHOLE), Row("code", WHOLE), Row("text", TEXT), Constant("", since=166))
    ),
    replies.OpenOrder: OPEN_ORDER,
    replies.AccountValue: Layout(
        6, (Constant("2"), Row("key", TEXT), Row("value", TEXT), Row("currency", TEXT), Row("account", TEXT))
    ),
    replies.PortfolioValue: Layout(
        7,
        (
            Constant("8"),
            *_PORTFOLIO_CONTRACT,
            Row("position", QUANTITY),
            Row("market_price", FLOAT),
            Row("market_value", PRICE),
            Row("average_cost", FLOAT),
            Row("unrealised", PRICE),
            Row("realised", PRICE),
            Row("account", TEXT),
        ),
    ),
    replies.AccountTime: Layout(8, (VERSION, Row("time", TEXT))),
    replies.NextValidId: Layout(9, (VERSION, Row("order_id", WHOLE))),
    replies.ContractData: Layout(
        10,
        (
            Constant("8", until=164),
            ID,
            Row("contract.symbol", TEXT),
            Row("contract.security_type", TEXT),
            Row("contract.expiry", TEXT),
            Row("contract.strike", FLOAT),
            Row("contract.right", TEXT),
            Row("contract.exchange", TEXT),
            Row("contract.currency", TEXT),
            Row("contract.local_symbol", TEXT),
            Row("market_name", TEXT),
            Row("contract.trading_class", TEXT),
            Row("contract.contract_id", WHOLE),
            Row("minimum_tick", TEXT),
            Row("size_multiplier", WHOLE, until=164),
            Row("contract.multiplier", TEXT),
            Row("order_types", TEXT),
            Row("valid_exchanges", TEXT),
            Constant("1"),
            Constant("0"),
            Row("long_name", TEXT),
            Row("contract.primary_exchange", TEXT),
            Constant(""),
            Constant(""),
            Constant(""),
            Constant(""),
            Row("time_zone", TEXT),
            Row("trading_hours", TEXT),
            Row("liquid_hours", TEXT),
            Constant(""),
            Constant("0"),
            Constant("0"),
            Constant("1"),
            Constant(""),
            Constant(""),
            Row("market_rule_ids", TEXT),
            Constant(""),
            Row("stock_type", TEXT),
            Constant("1", since=164),
            Constant("1", since=164),
            Constant("100", since=164),
        ),
    ),
    replies.ExecutionDetails: Layout(
        11,
        (
            ID,
            Row("order_id", WHOLE),
            *NAMED_CONTRACT,
            Row("execution_id", TEXT),
            Row("time", TEXT),
            Row("account", TEXT),
            Row("exchange", TEXT),
            Row("side", TEXT),
            Row("shares", QUANTITY),
            Row("price", PRICE),
            Row("permanent_id", WHOLE),
            Row("client_id", WHOLE),
            Constant("0"),
            Row("cumulative", QUANTITY),
            Row("average_price", FLOAT),
            Row("reference", TEXT),
            Constant(""),
            Constant(""),
            Constant(""),
            Row("last_liquidity", WHOLE),
            Constant("0", since=178),
        ),
    ),
    replies.ManagedAccountsList: Layout(15, (VERSION, Row("accounts", TEXT))),
    replies.HistoricalData: Layout(
        17,
        (
            ID,
            Row("start", TEXT),
            Row("end", TEXT),
            Repeat(
                "bars",
                (
                    Row("date", TEXT),
                    Row("open", FLOAT),
                    Row("high", FLOAT),
                    Row("low", FLOAT),
                    Row("close", FLOAT),
                    Row("volume", WHOLE),
                    Row("average", FLOAT),
                    Row("count", WHOLE),
                ),
                most=1_000_000,
            ),
        ),
    ),
    replies.TickGeneric: Layout(45, (Constant("6"), ID, Row("type", WHOLE), Row("value", FLOAT))),
    replies.TickString: Layout(46, (Constant("6"), ID, Row("type", WHOLE), Row("value", TEXT))),
    replies.CurrentTimeIs: Layout(49, (VERSION, Row("time", WHOLE))),
    replies.RealTimeBar: Layout(
        50,
        (
            VERSION,
            ID,
            Row("time", WHOLE),
            Row("open", FLOAT),
            Row("high", FLOAT),
            Row("low", FLOAT),
            Row("close", FLOAT),
            Row("volume", WHOLE),
            Row("average", FLOAT),
            Row("count", WHOLE),
        ),
    ),
    replies.ContractDataEnd: by_id(52),
    replies.OpenOrderEnd: plain(53),
    replies.AccountDownloadEnd: Layout(54, (VERSION, Row("account", TEXT))),
    replies.ExecutionDetailsEnd: by_id(55),
    replies.SnapshotEnd: by_id(57),
    replies.MarketDataTypeIs: Layout(58, (VERSION, ID, Row("type", WHOLE))),
    replies.CommissionReport: Layout(
        59,
        (
            VERSION,
            Row("execution_id", TEXT),
            Row("commission", PRICE),
            Row("currency", TEXT),
            Row("realised", PRICE),
            Constant("1.7976931348623157E308"),
            Constant(""),
        ),
    ),
    replies.Position: Layout(
        61,
        (
            Constant("3"),
            Row("account", TEXT),
            *NAMED_CONTRACT,
            Row("position", QUANTITY),
            Row("average_cost", FLOAT),
        ),
    ),
    replies.PositionEnd: plain(62),
    replies.AccountSummaryValue: Layout(
        63, (VERSION, ID, Row("account", TEXT), Row("tag", TEXT), Row("value", TEXT), Row("currency", TEXT))
    ),
    replies.AccountSummaryEnd: by_id(64),
    replies.PositionMulti: Layout(
        71,
        (
            VERSION,
            ID,
            Row("account", TEXT),
            *NAMED_CONTRACT,
            Row("position", QUANTITY),
            Row("average_cost", FLOAT),
            Row("model", TEXT),
        ),
    ),
    replies.PositionMultiEnd: by_id(72),
    replies.AccountValueMulti: Layout(
        73,
        (
            VERSION,
            ID,
            Row("account", TEXT),
            Row("model", TEXT),
            Row("key", TEXT),
            Row("value", TEXT),
            Row("currency", TEXT),
        ),
    ),
    replies.AccountValueMultiEnd: by_id(74),
    replies.SymbolSamples: Layout(
        79,
        (
            ID,
            Repeat(
                "contracts",
                (
                    Row("contract_id", WHOLE),
                    Row("symbol", TEXT),
                    Row("security_type", TEXT),
                    Row("primary_exchange", TEXT),
                    Row("currency", TEXT),
                    Constant("0"),
                    Constant("", since=176),
                    Constant("", since=176),
                ),
            ),
        ),
    ),
    replies.TickRequestParameters: Layout(
        81, (ID, Row("minimum_tick", TEXT), Row("exchange", TEXT), Row("snapshot_permissions", WHOLE))
    ),
    replies.HeadTimestampIs: Layout(88, (ID, Row("time", TEXT))),
    replies.HistoricalUpdate: Layout(
        90,
        (
            ID,
            Row("bar.count", WHOLE),
            Row("bar.date", TEXT),
            Row("bar.open", FLOAT),
            Row("bar.close", FLOAT),
            Row("bar.high", FLOAT),
            Row("bar.low", FLOAT),
            Row("bar.average", FLOAT),
            Row("bar.volume", WHOLE),
        ),
    ),
    replies.MarketRule: Layout(
        93, (Row("rule_id", WHOLE), Repeat("increments", (Row("low_edge", PRICE), Row("increment", PRICE))))
    ),
    replies.ProfitAndLossIs: Layout(94, (ID, Row("daily", PRICE), Row("unrealised", PRICE), Row("realised", PRICE))),
    replies.ProfitAndLossSingleIs: Layout(
        95,
        (
            ID,
            Row("position", WHOLE),
            Row("daily", PRICE),
            Row("unrealised", PRICE),
            Row("realised", PRICE),
            Row("value", PRICE),
        ),
    ),
    replies.OrderBound: Layout(100, (Row("permanent_id", WHOLE), Row("client_id", WHOLE), Row("order_id", WHOLE))),
    replies.CompletedOrder: COMPLETED_ORDER,
    replies.CompletedOrdersEnd: Layout(102, ()),
}

REPLY_OF: Mapping[str, type] = {str(layout.message_id): kind for kind, layout in REPLIES.items()}
