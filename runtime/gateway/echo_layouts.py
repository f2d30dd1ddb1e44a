"""How the gateway tells an order: as an open one and as a completed one, at 157 and later.

`terms.…` are the values that the exchange knows, `terms.sent.…` what the client sent beside them.
"""

from __future__ import annotations

from typing import Any

from .fields import FLAG, FLOAT, OPTIONAL_WHOLE, PRICE, PRICE_OR_ZERO, QUANTITY, TEXT, WHOLE, Kind
from .layout import Constant, Layout, Part, Row
from .layout_parts import ECHOED_CONTRACT


def _sent(name: str, kind: Kind, default: Any = None) -> Row:
    return Row(f"terms.sent.{name}", kind, default)


_TERMS: tuple[Part, ...] = (
    Row("terms.action", TEXT),
    Row("terms.quantity", QUANTITY),
    Row("terms.order_type", TEXT),
    Row("terms.limit_price", PRICE_OR_ZERO),
    Row("terms.auxiliary_price", PRICE_OR_ZERO),
    Row("terms.tif", TEXT),
    Row("terms.oca_group", TEXT),
    Row("terms.account", TEXT),
    _sent("open_close", TEXT, ""),
    _sent("origin", WHOLE, 0),
    Row("terms.reference", TEXT),
)
_ADVISOR: tuple[Part, ...] = (
    _sent("fa_group", TEXT, ""),
    _sent("fa_method", TEXT, ""),
    _sent("fa_percentage", TEXT, ""),
    Row("terms.sent.fa_profile", TEXT, "", until=177),
    _sent("model_code", TEXT, ""),
    Row("terms.good_till_date", TEXT, ""),
    _sent("rule_80a", TEXT, ""),
    _sent("percent_offset", FLOAT),
    _sent("settling_firm", TEXT, ""),
    _sent("short_sale_slot", WHOLE, 0),
    _sent("designated_location", TEXT, ""),
    _sent("exempt_code", WHOLE, -1),
)
_STOCK_RANGE: tuple[Part, ...] = (
    _sent("starting_price", FLOAT),
    _sent("stock_reference_price", FLOAT),
    _sent("delta", FLOAT),
    _sent("stock_range_lower", FLOAT),
    _sent("stock_range_upper", FLOAT),
    _sent("display_size", OPTIONAL_WHOLE),
)
# a live Gateway writes the word None, and with it come more fields
_VOLATILITY: tuple[Part, ...] = (
    _sent("volatility", FLOAT),
    _sent("volatility_type", WHOLE, 0),
    Constant("None"),
    Constant("0.0"),
)
_NEUTRAL_SHORT = (Constant("0"), Constant("0"), Constant(""))
_TRAIL: tuple[Part, ...] = (
    _sent("continuous_update", FLAG, False),
    _sent("reference_price_type", WHOLE, 0),
    Row("terms.trail_stop_price", PRICE),
    Row("terms.trailing_percent", FLOAT),
)
_NO_LEGS: tuple[Part, ...] = (Constant(""), Constant("0"), Constant("0"), Constant("0"))
_SCALE: tuple[Part, ...] = (
    _sent("scale_initial_size", OPTIONAL_WHOLE),
    _sent("scale_subsequent_size", OPTIONAL_WHOLE),
    Constant("1.7976931348623157E308"),
    Constant(""),
)
_CLEARING: tuple[Part, ...] = (
    _sent("clearing_account", TEXT, ""),
    Constant("IB"),
    _sent("not_held", FLAG, False),
    Constant("0"),
    Constant(""),
    _sent("solicited", FLAG, False),
)
_RANDOMIZE: tuple[Part, ...] = (
    _sent("randomize_size", FLAG, False),
    _sent("randomize_price", FLAG, False),
    Constant("0"),
)

OPEN_ORDER = Layout(
    5,
    (
        Row("order_id", WHOLE),
        *ECHOED_CONTRACT,
        *_TERMS,
        Row("terms.client_id", WHOLE),
        Row("terms.permanent_id", WHOLE),
        Row("terms.outside_regular_hours", FLAG),
        _sent("hidden", FLAG, False),
        _sent("discretionary_amount", FLOAT, 0.0),
        _sent("good_after_time", TEXT, ""),
        Constant(""),
        *_ADVISOR,
        _sent("auction_strategy", WHOLE, 0),
        *_STOCK_RANGE,
        _sent("block_order", FLAG, False),
        _sent("sweep_to_fill", FLAG, False),
        _sent("all_or_none", FLAG, False),
        _sent("minimum_quantity", OPTIONAL_WHOLE),
        Row("terms.oca_type", WHOLE),
        _sent("e_trade_only", FLAG, False),
        _sent("firm_quote_only", FLAG, False),
        _sent("nbbo_price_cap", FLOAT),
        Row("terms.parent_id", WHOLE),
        _sent("trigger_method", WHOLE, 0),
        *_VOLATILITY,
        Constant("0"),
        Constant(""),
        Constant(""),
        Constant(""),
        Constant("?"),
        *_NEUTRAL_SHORT,
        *_TRAIL,
        Constant("1.7976931348623157E308"),
        Constant("2147483647"),
        *_NO_LEGS,
        *_SCALE,
        _sent("opt_out_smart_routing", FLAG, False),
        *_CLEARING,
        Row("what_if", FLAG),
        Row("status", TEXT),
        Row("margins.initial_before", PRICE),
        Row("margins.maintenance_before", PRICE),
        Row("margins.equity_before", PRICE),
        Row("margins.initial_change", PRICE),
        Row("margins.maintenance_change", PRICE),
        Row("margins.equity_change", PRICE),
        Row("margins.initial_after", PRICE),
        Row("margins.maintenance_after", PRICE),
        Row("margins.equity_after", PRICE),
        Row("margins.commission", PRICE),
        Constant("1.7976931348623157E308"),
        Constant("1.7976931348623157E308"),
        Row("commission_currency", TEXT),
        Row("warning", TEXT),
        *_RANDOMIZE,
        Constant("None"),
        _sent("trigger_price", FLOAT),
        Row("terms.trail_stop_price", PRICE),
        Row("terms.limit_offset", PRICE),
        _sent("adjusted_stop_price", FLOAT),
        _sent("adjusted_stop_limit_price", FLOAT),
        _sent("adjusted_trailing_amount", FLOAT),
        _sent("adjustable_trailing_unit", WHOLE, 0),
        _sent("soft_dollar_name", TEXT, ""),
        _sent("soft_dollar_value", TEXT, ""),
        Constant(""),
        _sent("cash_quantity", FLOAT),
        _sent("no_auto_price_for_hedge", FLAG, False),
        _sent("is_oms_container", FLAG, False),
        _sent("discretionary_up_to_limit", FLAG, False),
        Constant("0"),
        Row("terms.sent.duration", OPTIONAL_WHOLE, since=159),
        Row("terms.sent.post_to_ats", OPTIONAL_WHOLE, since=160),
        Row("terms.sent.auto_cancel_parent", FLAG, False, since=162),
        *(Constant(text, since=170) for text in ("2147483647", "2147483647", *["1.7976931348623157E308"] * 3)),
    ),
)

COMPLETED_ORDER = Layout(
    101,
    (
        *ECHOED_CONTRACT,
        *_TERMS,
        Row("terms.permanent_id", WHOLE),
        Row("terms.outside_regular_hours", FLAG),
        _sent("hidden", FLAG, False),
        _sent("discretionary_amount", FLOAT, 0.0),
        _sent("good_after_time", TEXT, ""),
        *_ADVISOR,
        *_STOCK_RANGE,
        _sent("sweep_to_fill", FLAG, False),
        _sent("all_or_none", FLAG, False),
        _sent("minimum_quantity", OPTIONAL_WHOLE),
        Row("terms.oca_type", WHOLE),
        _sent("trigger_method", WHOLE, 0),
        *_VOLATILITY,
        Constant("0"),
        *_NEUTRAL_SHORT,
        *_TRAIL,
        *_NO_LEGS,
        *_SCALE,
        *_CLEARING,
        Row("status", TEXT),
        *_RANDOMIZE,
        Row("terms.trail_stop_price", PRICE),
        Row("terms.limit_offset", PRICE),
        _sent("cash_quantity", FLOAT),
        _sent("no_auto_price_for_hedge", FLAG, False),
        _sent("is_oms_container", FLAG, False),
        Constant(""),
        Row("filled", QUANTITY),
        Constant("0"),
        Constant("0"),
        Constant(""),
        Constant("0"),
        Constant("0"),
        Row("parent_permanent_id", WHOLE),
        Row("completed_time", TEXT),
        Row("completed_status", TEXT),
        *(Constant(text, since=170) for text in ("2147483647", "2147483647", *["1.7976931348623157E308"] * 3)),
    ),
)
