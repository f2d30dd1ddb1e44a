"""The tables of what conditions can ask for: names, fields of the position and the account, indicators, functions.

What each means to a trader stands here, under the name that the catalog has for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..dsl import catalog, kinds
from ..dsl.catalog import FUNCTIONS, Family
from ..runtime.event.inputs import Bar
from ..runtime.market.arguments import SHAPES
from ..runtime.market.hours import AlwaysOpen
from ..runtime.market.trackers import tracker
from .markdown import code, each, table


def _named(types: Mapping[str, kinds.Type], meanings: Mapping[str, str], before: str = "") -> str:
    rows = ((code(before + name), str(types[name]), meaning) for name, meaning in each(types, meanings))
    return table(("name", "is", "meaning"), rows)


def event_names() -> str:
    names = {name: catalog.EVENT_NAMES[name] for facts in catalog.TRIGGERS.values() for name in facts.names}
    return _named(
        names,
        {
            "symbol": "what the event is about",
            "signal": "the signal's kind: `BUY`, `SELL`, `SHORT` or any other word",
            "confidence": "0 to 1; `0.8` and `80%` are the same",
            "price": "the signal's own price; of a price event, the trade's price or the quote's middle",
            "source": "where the signal came from; `rules` for one that a rule emitted",
            "size": "the shares of the trade; unknown for a quote",
            "open": "the bar's first price",
            "high": "the bar's highest price",
            "low": "the bar's lowest price",
            "close": "the bar's last price",
            "volume": "the shares traded in the bar",
            "reason": "what closed the position, as in `reason is stop`; why an order was refused or cancelled",
            "pnl": "what the shares that have left won or lost, after commission; on a close that is all of the trade",
            "role": "what the order is for: `main`, `stop`, `target`, … or the NAME of `place`",
            "quantity": "the order's shares",
            "fill_price": "what the order's shares were filled at on average; unknown before a fill",
        },
    )


def always_there() -> str:
    return _named(
        catalog.ALWAYS_THERE,
        {
            "last": "the symbol's last price: a trade's, a bar's close, or a fill's",
            "bid": "its best bid",
            "ask": "its best ask",
            "spread": "the ask less the bid",
            "flat": "no shares of the symbol are held",
            "holding": "some are",
            "trades_today": "how many trades of this run got their first share on the exchange's present day",
            "now": "the exchange's date and time; compares with `10:00` and with `2026-01-05 10:00`",
            "today": "the exchange's date",
            "weekday": "`monday` to `sunday`, as in `weekday is friday`",
            "minutes_since_open": "minutes of this session so far; unknown outside it",
            "minutes_to_close": "minutes of this session that are left; unknown outside it",
        },
    )


def position_fields() -> str:
    return _named(
        catalog.POSITION_FIELDS,
        {
            "side": "`long`, `short` or `flat`",
            "quantity": "the shares held, never negative; 0 when flat",
            "entry_price": "their average entry",
            "profit": "what closing them now would gain, positive when the position gains, before commission",
            "pnl": "the trade's result so far: what has left, less commission, and what is held at the market",
            "age": "the time since the first fill",
            "peak_profit": "the best `profit` so far, for the shares held now",
            "scale_ins": "how many scale-ins have filled, in part at least; 0 when flat",
            "stop_price": "the tightest stop",
            "target_price": "the nearest target that has not filled",
        },
        "position.",
    )


def account_fields() -> str:
    return _named(
        catalog.ACCOUNT_FIELDS,
        {
            "equity": "cash, and positions at their last price",
            "cash": "money that is not in positions; a short sale brings some in",
            "buying_power": "what may still be opened: by default twice the equity, less the exposure",
            "day_pnl": "equity less the first equity of the exchange's day",
            "exposure": "all positions at their last price, long and short added up",
            "open_positions": "how many symbols this run holds shares of",
        },
        "account.",
    )


def indicators() -> str:
    meanings = {
        "sma": "the average of the last closes",
        "ema": "the exponential average of the closes; begins as the plain one",
        "rsi": "the relative strength index by Wilder, 0 to 100",
        "atr": "the average true range by Wilder",
        "vwap": "the average price of this session, weighted by volume; each bar counts as (high + low + close) / 3",
        "highest": "the highest high of the last bars",
        "lowest": "the lowest low of the last bars",
        "change": "how much the close has risen or fallen since that many bars ago",
        "stdev": "the standard deviation of the last closes, as of a whole population",
        "bollinger_upper": "the plain average plus so many standard deviations",
        "bollinger_lower": "the plain average less so many standard deviations",
        "macd": "the fast exponential average less the slow one",
        "macd_signal": "the exponential average of that difference",
    }
    rows = []
    for name, meaning in each((name for name in FUNCTIONS if FUNCTIONS[name].family is Family.INDICATOR), meanings):
        function = FUNCTIONS[name]
        defaults = [f"{one.name} {one.default:g}" for one in SHAPES[name].arguments if one.default is not None]
        if defaults:
            meaning += f"; where not given: {', '.join(defaults)}"
        example, bars = _first_known(name, function.usage)
        rows.append((function.usage, str(function.result), meaning, f"{bars} for {code(example)}"))
    return table(("indicator", "is", "meaning", "bars it needs"), rows)


def _first_known(name: str, usage: str) -> tuple[str, int]:
    """An indicator as its usage shows it first, and with how many bars it is known."""
    example = re.match(r"`(\w+\((.*?)\))`", usage)
    assert example is not None, "a usage begins with a call"
    watched = tracker(name, tuple(float(one) for one in example[2].split(",") if one), AlwaysOpen())
    bars = 0
    while watched.value is None:
        minute = bars * 60_000_000
        watched.update(Bar(minute, "X", 10, 11, 9, 10, 100, 60_000_000, minute, minute + 60_000_000, True))
        bars += 1
    return example[1], bars


def functions() -> str:
    meanings = {
        "signals": "how many signals of that kind came for the symbol within that time, this one included",
        "abs": "the value without its sign",
        "min": "the smallest",
        "max": "the largest",
        "round": "rounded, to so many decimals",
    }
    rows = []
    for name, meaning in each((name for name in FUNCTIONS if FUNCTIONS[name].family is not Family.INDICATOR), meanings):
        result = FUNCTIONS[name].result
        rows.append((FUNCTIONS[name].usage, "what it is given" if result is None else str(result), meaning))
    return table(("function", "gives", "meaning"), rows)


def field_types() -> str:
    examples = {
        "number": "`42`",
        "percent": "`0.03` in the signal, `3%` in the rules",
        "money": "`1500000` in the signal, `$1_500_000` in the rules",
        "text": '`"sweep"`',
        "flag": "`true`",
        "symbol": '`"SPY"` in the signal, `SPY` in the rules',
        "duration": 'seconds or `"5m"` in the signal, `5m` in the rules',
        "time": 'seconds after midnight or `"09:35"` in the signal, `09:35` in the rules',
    }
    return table(("type", "values"), ((code(name), text) for name, text in each(kinds.FIELD_TYPES, examples)))
