"""Conditions and values in plain English, out of the plan: every name is written out, every number is there."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any

from . import plan

_COMPARED = {
    "<": "is below",
    "<=": "is at most",
    ">": "is above",
    ">=": "is at least",
    "==": "is",
    "!=": "is not",
}
_WINDOWED = {
    "sma": "the average of the last {0} bars",
    "ema": "the exponential average over {0} bars",
    "rsi": "the RSI over {0} bars",
    "atr": "the average true range of {0} bars",
    "vwap": "the day's volume-weighted average price",
    "highest": "the highest price of the last {0} bars",
    "lowest": "the lowest price of the last {0} bars",
    "change": "the change over {0} bars",
    "stdev": "the standard deviation of {0} bars",
    "bollinger_upper": "the upper Bollinger band of {0}",
    "bollinger_lower": "the lower Bollinger band of {0}",
    "macd": "the MACD of {0}",
    "macd_signal": "the signal line of the MACD of {0}",
}
_POSITION = {
    "side": "the position's side",
    "quantity": "the number of shares held",
    "entry_price": "the average entry price",
    "profit": "the position's profit",
    "pnl": "the position's gain in money",
    "age": "the position's age",
    "peak_profit": "the position's best profit so far",
    "scale_ins": "the number of scale-ins",
    "stop_price": "the stop's price",
    "target_price": "the target's price",
}
_ACCOUNT = {"trades_today": "the number of trades today", "open_positions": "the number of open positions"}
_CLOCK = {
    "now": "the date and time",
    "time": "the time of day",
    "today": "the date",
    "weekday": "the day of the week",
    "minutes_since_open": "the minutes since the open",
    "minutes_to_close": "the minutes to the close",
}


def number(value: float) -> str:
    """`1,500` or `0.85`."""
    return f"{value:,.6f}".rstrip("0").rstrip(".")


def percent(value: float) -> str:
    return f"{number(value * 100)}%"


def money(value: float) -> str:
    """`$1,500` or `$0.85`."""
    text = f"{abs(value):,.2f}" if abs(value * 100 - round(value * 100)) < 1e-6 else number(abs(value))
    return f"{'-' if value < 0 else ''}${text.removesuffix('.00')}"


def duration(seconds: float) -> str:
    """`5 minutes` or `1 hour 30 minutes`."""
    parts = []
    for size, noun in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{number(count)} {noun}{'' if count == 1 else 's'}")
    if seconds or not parts:
        parts.append(f"{number(seconds)} second{'' if seconds == 1 else 's'}")
    return " ".join(parts)


def time_of_day(seconds: float) -> str:
    hours, rest = divmod(int(seconds), 3_600)
    text = f"{hours:02}:{rest // 60:02}"
    return f"{text}:{rest % 60:02}" if rest % 60 else text


def listed(items: list[str], word: str) -> str:
    """`a, b and c`."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {word} {items[-1]}"


def term(node: plan.Expression) -> str:
    """A value or a condition in words."""
    return _TERMS[type(node)](node)


def condition(node: plan.Expression, level: int = 0) -> list[str]:
    """A condition as lines, a clause each, those of a group further in."""
    indent = "  " * level
    if isinstance(node, plan.And | plan.Or):
        head = "all of these hold:" if isinstance(node, plan.And) else "one of these holds:"
        inner = [line for item in node.items for line in condition(item, level + 1)]
        return [f"{indent}{head}", *inner]
    if isinstance(node, plan.Not):
        return [f"{indent}not so that", *condition(node.item, level + 1)]
    return [f"{indent}{term(node)}"]


def text_of(text: plan.Text) -> str:
    """A text as it stands in the rule, with what is put into it in braces."""
    return '"' + "".join(part if isinstance(part, str) else f"{{{term(part)}}}" for part in text.parts) + '"'


def _compare(node: plan.Compare) -> str:
    flat = plan.PositionField("side")
    if node.operands == (flat, plan.Word("flat")):
        return "there is no position" if node.operators == ("==",) else "there is a position"
    words = [term(operand) for operand in node.operands]
    said = [f"{words[at]} {_COMPARED[operator]} {words[at + 1]}" for at, operator in enumerate(node.operators)]
    return " and ".join(said)


def _within(node: plan.Within) -> str:
    until = "but not" if node.open_end else "inclusive"
    low, high = term(node.low), term(node.high)
    between = f"from {low} up to, but not including, {high}" if until == "but not" else f"from {low} to {high}"
    return f"{term(node.item)} {'does not lie' if node.negated else 'lies'} {between}"


def _member(node: plan.Member) -> str:
    members = listed([term(member) for member in node.members], "or") if node.members else "nothing"
    return f"{term(node.item)} {'is not' if node.negated else 'is'} {members}"


def _of(node: Any, said: str) -> str:
    ago = getattr(node, "ago", 0)
    if ago:
        said += f", {ago} bar{'' if ago == 1 else 's'} ago"
    frame = getattr(node, "timeframe", None)
    if frame is not None:
        said += f" ({duration(frame)} each)"
    return said if node.symbol is None else f"{said} of {node.symbol}"


def _indicator(node: plan.Indicator) -> str:
    lengths = ", ".join(number(length) for length in node.arguments) or "its usual lengths"
    return _of(node, _WINDOWED[node.name].format(lengths))


def _product(node: plan.Product) -> str:
    said = ""
    for operator, factor in node.factors:
        word = term(factor) if not isinstance(factor, plan.Sum) else f"({term(factor)})"
        said = word if not said else f"{said} {'times' if operator == '*' else 'divided by'} {word}"
    return said


def _sum(node: plan.Sum) -> str:
    said = ""
    for sign, part in node.terms:
        said = term(part) if not said else f"{said} {'plus' if sign > 0 else 'minus'} {term(part)}"
    return said


def _table(node: plan.TableLookup) -> str:
    entries = [f"{term(value)} for {name}" for name, value in node.entries]
    if node.default is not None:
        entries.append(f"{term(node.default)} else")
    return f"what {term(node.key)} has in the table ({', '.join(entries)})"


def _moment(node: plan.Moment) -> str:
    day = datetime.date(1970, 1, 1) + datetime.timedelta(days=node.seconds // 86_400)
    return f"{day} {time_of_day(node.seconds % 86_400)}"


_TERMS: Mapping[type, Callable[[Any], str]] = {
    plan.Number: lambda node: number(node.value),
    plan.Percent: lambda node: percent(node.value),
    plan.Money: lambda node: money(node.value),
    plan.Duration: lambda node: duration(node.seconds),
    plan.TimeOfDay: lambda node: time_of_day(node.seconds),
    plan.Date: lambda node: str(datetime.date(1970, 1, 1) + datetime.timedelta(days=node.days)),
    plan.Moment: _moment,
    plan.Truth: lambda node: "true" if node.value else "false",
    plan.RMultiple: lambda node: f"{number(node.value)} times the initial risk",
    plan.Symbol: lambda node: node.name,
    plan.Word: lambda node: node.text,
    plan.Text: text_of,
    plan.EventName: lambda node: f"the {node.name.replace('_', ' ')}",
    plan.FieldName: lambda node: f"the field {node.name}",
    plan.TableLookup: _table,
    plan.Indicator: _indicator,
    plan.BarField: lambda node: _of(node, f"the {node.name} of the last bar"),
    plan.QuoteField: lambda node: _of(node, f"the {node.name if node.name != 'last' else 'last price'}"),
    plan.PreviousPrice: lambda node: "the price before",
    plan.PositionField: lambda node: _POSITION[node.name],
    plan.AccountField: lambda node: _ACCOUNT.get(node.name, f"the account's {node.name.replace('_', ' ')}"),
    plan.SignalCount: lambda node: f"the number of {node.kind} signals within {duration(node.seconds)}",
    plan.ClockField: lambda node: _CLOCK[node.name],
    plan.Call: lambda node: f"{node.function} of {listed([term(one) for one in node.arguments], 'and')}",
    plan.And: lambda node: " and ".join(f"({term(item)})" for item in node.items),
    plan.Or: lambda node: " or ".join(f"({term(item)})" for item in node.items),
    plan.Not: lambda node: f"not ({term(node.item)})",
    plan.Compare: _compare,
    plan.Member: _member,
    plan.Within: _within,
    plan.Sum: _sum,
    plan.Product: _product,
    plan.Negate: lambda node: f"minus {term(node.item)}",
}
