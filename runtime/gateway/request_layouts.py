"""What clients send, as data, but for orders (`order_layouts.py`). Version 157 and later."""

from __future__ import annotations

from collections.abc import Mapping

from . import requests
from .fields import FLAG, TEXT, WHOLE
from .layout import Constant, Layout, Row, When
from .layout_parts import CONTRACT, ID, LEGS, NEUTRAL_CONTRACT, VERSION, by_id, is_combination, is_set, plain
from .order_layouts import PLACE_ORDER

REQUESTS: Mapping[type, Layout] = {
    requests.MarketData: Layout(
        1,
        (
            Constant("11"),
            ID,
            *CONTRACT,
            When("contract.security_type", is_combination, (LEGS,)),
            Row("has_neutral", FLAG),
            When("has_neutral", is_set, NEUTRAL_CONTRACT),
            Row("generic_ticks", TEXT),
            Row("snapshot", FLAG),
            Row("regulatory_snapshot", FLAG),
            Row("options", TEXT),
        ),
    ),
    requests.CancelMarketData: by_id(2),
    requests.PlaceOrder: PLACE_ORDER,
    requests.CancelOrder: Layout(4, (VERSION, Row("order_id", WHOLE), Row("manual_time", TEXT, "", since=169))),
    requests.OpenOrders: plain(5),
    requests.AccountUpdates: Layout(6, (VERSION, Row("subscribe", FLAG), Row("account", TEXT))),
    requests.Executions: Layout(
        7,
        (
            Constant("3"),
            ID,
            Row("client_id", WHOLE),
            Row("account", TEXT),
            Row("time", TEXT),
            Row("symbol", TEXT),
            Row("security_type", TEXT),
            Row("exchange", TEXT),
            Row("side", TEXT),
        ),
    ),
    requests.OrderIds: Layout(8, (VERSION, Row("count", WHOLE))),
    requests.ContractDetailsOf: Layout(
        9,
        (
            Constant("8"),
            ID,
            *CONTRACT,
            Row("include_expired", FLAG),
            Row("security_id_type", TEXT),
            Row("security_id", TEXT),
            Row("issuer_id", TEXT, "", since=176),
        ),
    ),
    requests.ServerLogLevel: Layout(14, (VERSION, Row("level", WHOLE))),
    requests.AutoOpenOrders: Layout(15, (VERSION, Row("auto_bind", FLAG))),
    requests.AllOpenOrders: plain(16),
    requests.ManagedAccounts: plain(17),
    requests.HistoricalBars: Layout(
        20,
        (
            ID,
            *CONTRACT,
            Row("include_expired", FLAG),
            Row("end", TEXT),
            Row("bar_size", TEXT),
            Row("duration", TEXT),
            Row("regular_hours_only", FLAG),
            Row("what", TEXT),
            Row("date_format", WHOLE),
            When("contract.security_type", is_combination, (LEGS,)),
            Row("keep_up_to_date", FLAG),
            Row("options", TEXT),
        ),
    ),
    requests.CancelHistoricalBars: by_id(25),
    requests.CurrentTime: plain(49),
    requests.RealTimeBars: Layout(
        50,
        (
            Constant("3"),
            ID,
            *CONTRACT,
            Row("bar_size", WHOLE),
            Row("what", TEXT),
            Row("regular_hours_only", FLAG),
            Row("options", TEXT),
        ),
    ),
    requests.CancelRealTimeBars: by_id(51),
    requests.GlobalCancel: plain(58),
    requests.MarketDataType: Layout(59, (VERSION, Row("type", WHOLE))),
    requests.Positions: plain(61),
    requests.AccountSummary: Layout(62, (VERSION, ID, Row("group", TEXT), Row("tags", TEXT))),
    requests.CancelAccountSummary: by_id(63),
    requests.CancelPositions: plain(64),
    requests.StartApi: Layout(71, (Constant("2"), Row("client_id", WHOLE), Row("capabilities", TEXT))),
    requests.PositionsMulti: Layout(74, (VERSION, ID, Row("account", TEXT), Row("model", TEXT))),
    requests.CancelPositionsMulti: by_id(75),
    requests.AccountUpdatesMulti: Layout(
        76, (VERSION, ID, Row("account", TEXT), Row("model", TEXT), Row("ledger_only", FLAG))
    ),
    requests.CancelAccountUpdatesMulti: by_id(77),
    requests.MatchingSymbols: Layout(81, (ID, Row("pattern", TEXT))),
    requests.HeadTimestamp: Layout(
        87,
        (
            ID,
            *CONTRACT,
            Row("include_expired", FLAG),
            Row("regular_hours_only", FLAG),
            Row("what", TEXT),
            Row("date_format", WHOLE),
        ),
    ),
    requests.CancelHeadTimestamp: Layout(90, (ID,)),
    requests.MarketRuleOf: Layout(91, (Row("rule_id", WHOLE),)),
    requests.ProfitAndLoss: Layout(92, (ID, Row("account", TEXT), Row("model", TEXT))),
    requests.CancelProfitAndLoss: Layout(93, (ID,)),
    requests.ProfitAndLossSingle: Layout(94, (ID, Row("account", TEXT), Row("model", TEXT), Row("contract_id", WHOLE))),
    requests.CancelProfitAndLossSingle: Layout(95, (ID,)),
    requests.CompletedOrders: Layout(99, (Row("api_only", FLAG),)),
}

NOT_ANSWERED: Mapping[int, int | None] = {
    10: 2,  # market depth
    11: 2,
    12: None,  # news bulletins
    13: None,
    18: None,  # advisors' groups
    19: 4,
    21: 2,  # options
    22: 1,  # scanner
    23: 2,
    24: None,
    52: 2,  # fundamental data
    53: 2,
    54: 2,
    55: 2,
    56: 2,
    57: 2,
    65: None,  # verification
    66: None,
    67: 2,  # display groups
    68: 2,
    69: 2,
    70: 2,
    72: None,
    73: None,
    78: 1,  # option chains
    79: 1,
    80: None,
    82: None,
    83: 1,
    84: 1,  # news
    85: None,
    86: 1,
    88: 1,  # histogram
    89: 1,
    96: 1,  # historical ticks
    97: 1,  # tick by tick
    98: 1,
    100: 1,  # event calendar
    101: 1,
    102: 1,
    103: 1,
    104: 1,
}
"""Requests that are not offered, and where in the message their reqId stands, if they have one."""

REQUEST_OF: Mapping[str, type] = {str(layout.message_id): kind for kind, layout in REQUESTS.items()}
