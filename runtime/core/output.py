"""Records -> the JSON lines of `--json`.

    {"type":"fill","time":"2026-01-05T15:00:01Z","order":"r0-2","symbol":"AAPL","side":"BUY","quantity":100,…}

The text is the same wherever it is made: keys in a fixed order, times in UTC, amounts and prices as their shortest
exact decimals, floats in the shortest form that reads back the same, nothing but ASCII (so that no locale can spoil a
line), and null for what is not known; never NaN.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping

from ..numbers import decimal_text
from ..times import time_text
from .records import (
    ActionOutcome,
    ChangedRule,
    Decision,
    FillRecord,
    Notice,
    OrderRecord,
    PositionRecord,
    Record,
    ReloadRecord,
    RuleChange,
    ValueText,
)
from .summary import Summary


def record_line(record: Record) -> str:
    """One record as one JSON object, without the line's end."""
    match record:
        case Decision():
            return _decision(record)
        case OrderRecord():
            return _order(record)
        case FillRecord():
            return _fill(record)
        case PositionRecord():
            return _position(record)
        case Notice():
            return (
                f'{{"type":"notice","time":"{time_text(record.time)}","level":{text_json(record.level)},'
                f'"symbol":{text_json(record.symbol)},"text":{text_json(record.text)}}}'
            )
        case ReloadRecord():
            return _reload(record)


def summary_line(summary: Summary) -> str:
    """The last line: counts, realised profit and loss, equity and what is still open."""
    decisions = ",".join(f'"{outcome.value}":{count}' for outcome, count in summary.decisions)
    positions = ",".join(
        f'{{"symbol":{text_json(position.symbol)},"side":"{position.side.value}","quantity":{position.quantity},'
        f'"entry_price":{value_json(position.entry_price)}}}'
        for position in summary.open_positions
    )
    return (
        f'{{"type":"summary","signals":{summary.signals},"decisions":{{{decisions}}},"orders":{summary.orders},'
        f'"fills":{summary.fills},"trades_closed":{summary.trades_closed},'
        f'"realised_pnl":{decimal_text(summary.realised_pnl)},"equity":{decimal_text(summary.equity)},'
        f'"open_positions":[{positions}]}}'
    )


def text_json(text: str | None) -> str:
    return "null" if text is None else json.dumps(text)


def value_json(value: ValueText) -> str:
    """A value of a condition; null for one that is unknown, infinite or not a number."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value)
    return repr(value) if math.isfinite(value) else "null"


def _amount_json(micros: int | None) -> str:
    return "null" if micros is None else decimal_text(micros)


def _values_json(values: Mapping[str, ValueText]) -> str:
    return "{" + ",".join(f"{json.dumps(name)}:{value_json(value)}" for name, value in values.items()) + "}"


def _actions_json(actions: Iterable[ActionOutcome]) -> str:
    return "[" + ",".join(map(_action_json, actions)) + "]"


def _action_json(action: ActionOutcome) -> str:
    orders = ",".join(map(json.dumps, action.orders))
    said = "" if action.text is None else f',"text":{json.dumps(action.text)}'
    return (
        f'{{"action":{json.dumps(action.action)},"outcome":"{action.outcome.value}",'
        f'"reason":{text_json(action.reason)},"orders":[{orders}]{said}}}'
    )


def _decision(record: Decision) -> str:
    return (
        f'{{"type":"decision","time":"{time_text(record.time)}","seq":{record.seq},"rule":{json.dumps(record.rule)},'
        f'"at":{json.dumps(record.at)},"symbol":{text_json(record.symbol)},"outcome":"{record.outcome.value}",'
        f'"reason":{text_json(record.reason)},"values":{_values_json(record.values)},'
        f'"actions":{_actions_json(record.actions)}}}'
    )


def _order(record: OrderRecord) -> str:
    reason = "" if record.reason is None else f',"reason":{json.dumps(record.reason)}'
    return (
        f'{{"type":"order","time":"{time_text(record.time)}","id":{json.dumps(record.id)},'
        f'"trade":{json.dumps(record.trade)},"role":{json.dumps(record.role)},"symbol":{json.dumps(record.symbol)},'
        f'"side":"{record.side.value}","quantity":{record.quantity},"filled":{record.filled},'
        f'"order_type":"{record.order_type.value}","limit_price":{_amount_json(record.limit_price)},'
        f'"stop_price":{_amount_json(record.stop_price)},"status":"{record.status.value}",'
        f'"rule":{json.dumps(record.rule)}{reason}}}'
    )


def _fill(record: FillRecord) -> str:
    return (
        f'{{"type":"fill","time":"{time_text(record.time)}","order":{json.dumps(record.order)},'
        f'"symbol":{json.dumps(record.symbol)},"side":"{record.side.value}","quantity":{record.quantity},'
        f'"price":{decimal_text(record.price)},"commission":{decimal_text(record.commission)}}}'
    )


def _position(record: PositionRecord) -> str:
    detail = "" if record.detail is None else f',"detail":{json.dumps(record.detail)}'
    return (
        f'{{"type":"position","time":"{time_text(record.time)}","event":"{record.event.value}",'
        f'"symbol":{json.dumps(record.symbol)},"side":"{record.side.value}","quantity":{record.quantity},'
        f'"entry_price":{value_json(record.entry_price)},"pnl":{decimal_text(record.pnl)},'
        f'"reason":{text_json(record.reason)}{detail}}}'
    )


def _reload(record: ReloadRecord) -> str:
    changes = ",".join(f'"{change.value}":[{",".join(map(_changed_rule, record.of(change)))}]' for change in RuleChange)
    return (
        f'{{"type":"reload","time":"{time_text(record.time)}","result":"applied","rules":{record.rules},{changes},'
        f'"limits_changed":{value_json(record.limits_changed)}}}'
    )


def _changed_rule(changed: ChangedRule) -> str:
    trades = ",".join(
        f'{{"trade":{json.dumps(each.trade)},"symbol":{json.dumps(each.symbol)},"touch":"{each.touch.value}"}}'
        for each in changed.trades
    )
    return f'{{"rule":{json.dumps(changed.rule)},"at":{json.dumps(changed.at)},"trades":[{trades}]}}'
