"""Records as plain lines for people, in exchange time.

10:00:01  AAPL   decision  card#1 acted: enter  (confidence 0.91)  card.rules:1
10:00:01  AAPL   order     main BUY 100 MARKET submitted  r0-2
10:00:02  AAPL   fill      BUY 100 at 150.02  r0-2
10:00:02  AAPL   position  opened long 100 at 150.02
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from ..broker.port import OrderSide
from ..core.records import (
    ActionOutcome,
    Decision,
    FillRecord,
    Notice,
    OrderRecord,
    PositionChange,
    PositionRecord,
    Record,
    ReloadRecord,
    RuleChange,
    Touch,
    TouchedTrade,
    ValueText,
)
from ..core.summary import Summary
from ..numbers import MICROS, decimal_text

NEW_YORK = ZoneInfo("America/New_York")


def clock_text(time: int) -> str:
    """The exchange's time of day of a moment (microseconds since 1970 UTC)."""
    return _moment(time).strftime("%H:%M:%S")


def date_text(time: int) -> str:
    return _moment(time).strftime("%Y-%m-%d")


def _moment(time: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(time // MICROS, tz=NEW_YORK)


def side_text(side: OrderSide) -> str:
    return "long" if side is OrderSide.BUY else "short"


def money_text(micros: int) -> str:
    """An amount with sign and cents: `+$350.00`."""
    sign = "-" if micros < 0 else "+"
    return f"{sign}${abs(micros) / MICROS:,.2f}"


def record_text(record: Record) -> str:
    """One record as one line, without the line's end."""
    match record:
        case Decision():
            return _line(record.time, record.symbol, "decision", _decision(record))
        case OrderRecord():
            return _line(record.time, record.symbol, "order", _order(record))
        case FillRecord():
            price = decimal_text(record.price)
            return _line(
                record.time, record.symbol, "fill", f"{record.side.value} {record.quantity} at {price}  {record.order}"
            )
        case PositionRecord():
            return _line(record.time, record.symbol, "position", _position(record))
        case Notice():
            return _line(record.time, record.symbol, record.level, record.text)
        case ReloadRecord():
            return _reload(record)


def _line(time: int, symbol: str | None, what: str, text: str) -> str:
    return f"{clock_text(time)}  {symbol or '-':<6} {what:<9} {text}"


def _decision(record: Decision) -> str:
    said = [f"{done.action} “{done.text}”" for done in record.actions if done.text is not None]
    did = ", ".join(_action(done) for done in record.actions)
    parts = [f"{record.rule} {record.outcome.value}"]
    if record.reason is not None:
        parts[0] += f", {record.reason}"
    if did:
        parts[0] += f": {did}"
    parts += said
    if record.values:
        parts.append(f"({_values(record.values)})")
    parts.append(record.at)
    return "  ".join(parts)


def _action(done: ActionOutcome) -> str:
    name = done.action.replace("_", " ")
    return name if done.outcome.value == "acted" else f"{name} {done.outcome.value}"


def _values(values: Mapping[str, ValueText]) -> str:
    return ", ".join(f"{name} {_value(value)}" for name, value in values.items())


def _value(value: ValueText) -> str:
    """A value to be read by people: six digits tell what a condition saw; `--json` has all of them."""
    if value is None:
        return "unknown"
    return f"{value:.6g}" if isinstance(value, float) and abs(value) < 1e6 else str(value)


def _order(record: OrderRecord) -> str:
    at = ""
    if record.stop_price is not None:
        at += f" stop {decimal_text(record.stop_price)}"
    if record.limit_price is not None:
        at += f" limit {decimal_text(record.limit_price)}"
    filled = f" ({record.filled} filled)" if 0 < record.filled < record.quantity else ""
    reason = f", {record.reason}" if record.reason is not None else ""
    kind = record.order_type.value.replace("_", " ")
    return (
        f"{record.role} {record.side.value} {record.quantity} {kind}{at} "
        f"{record.status.value.replace('_', ' ')}{filled}{reason}  {record.id}"
    )


def _position(record: PositionRecord) -> str:
    side = side_text(record.side)
    if record.event is PositionChange.CLOSED:
        detail = f" ({record.detail})" if record.detail else ""
        return f"closed {side} by {record.reason}{detail}, {money_text(record.pnl)}"
    return f"{record.event.value} {side} {record.quantity} at {record.entry_price:.4f}".rstrip("0").rstrip(".")


_SIGNS = {RuleChange.ADDED: "+", RuleChange.CHANGED: "~", RuleChange.REMOVED: "-"}
_MOST_CHANGES = 20
_TOUCHES = {Touch.ENTERED: "it entered", Touch.ARMED: "it armed something on", Touch.MAY_ACT: "it may act on"}


def reload_lines(record: ReloadRecord) -> list[str]:
    """What a reload did to the rules, a line each, with the open trades that each has to do with."""
    lines = [f"{_SIGNS[one.change]} {one.rule}  {one.at}{_touched(one.trades)}" for one in record.changes]
    if len(lines) > _MOST_CHANGES:
        lines = [*lines[: _MOST_CHANGES - 1], f"… and {len(lines) - _MOST_CHANGES + 1:,} more"]
    return [*lines, *(["~ limits"] if record.limits_changed else [])]


def reload_headline(record: ReloadRecord) -> str:
    """`rules reloaded: 2 added, 1 changed, of 14`."""
    counts = [f"{len(record.of(change)):,} {change.value}" for change in RuleChange if record.of(change)]
    return f"rules reloaded: {', '.join(counts) or 'no rule changed'}; {_count(record.rules, 'rule')} in force"


def _reload(record: ReloadRecord) -> str:
    head = _line(record.time, None, "reload", reload_headline(record))
    return "\n".join([head, *(f"{'':<27}{line}" for line in reload_lines(record))])


def _touched(trades: Sequence[TouchedTrade]) -> str:
    said = [
        f"{_TOUCHES[touch]} {', '.join(each.symbol for each in trades if each.touch is touch)}"
        for touch in Touch
        if any(each.touch is touch for each in trades)
    ]
    return f"  ({'; '.join(said)})" if said else ""


def summary_text(summary: Summary) -> str:
    """What a run came to, on a few lines."""
    decisions = ", ".join(f"{count} {outcome.value}" for outcome, count in summary.decisions) or "none"
    lines = [
        f"{_count(summary.signals, 'signal')}; decisions: {decisions}",
        f"{_count(summary.orders, 'order')}, {_count(summary.fills, 'fill')}, "
        f"{_count(summary.trades_closed, 'trade')} closed",
        f"realised {money_text(summary.realised_pnl)}, equity ${summary.equity / MICROS:,.2f}",
    ]
    for position in summary.open_positions:
        lines.append(
            f"still open: {position.symbol} {side_text(position.side)} {position.quantity} "
            f"at {position.entry_price:.2f}"
        )
    return "\n".join(lines)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
