"""What a value of an event may be. Each check returns what it was given, or says what is wrong with it.

Text from outside is checked here once; everything behind the reader relies on it. The bounds of prices keep every
price within what the integer prices of orders and fills can hold.
"""

from __future__ import annotations

import re

from .errors import LineError

# One millionth of the currency, the unit of prices inside, up to a billion.
LOWEST_PRICE = 1e-6
PRICES_END = 1e9
VOLUMES_END = 1e15

_SYMBOL = re.compile(r"[A-Z0-9][A-Z0-9_]*(?:[.\- ][A-Z0-9]+)*", re.ASCII)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.\-]*", re.ASCII)
_LONGEST_NAME = 64


def check_symbol(symbol: str) -> str:
    if len(symbol) <= _LONGEST_NAME and _SYMBOL.fullmatch(symbol):
        return symbol
    upper = symbol.strip().upper()
    hint = f"; write {upper}" if _SYMBOL.fullmatch(upper) else ""
    raise LineError(f"`symbol`: {shown(symbol)} is no symbol{hint}")


def check_kind(kind: str) -> str:
    """A signal's kind: one word."""
    if len(kind) <= _LONGEST_NAME and _WORD.fullmatch(kind):
        return kind
    raise LineError(f"`signal`: {shown(kind)} is no kind of signal; write one word, such as BUY")


def check_price(name: str, price: float) -> float:
    if LOWEST_PRICE <= price < PRICES_END:
        return price
    if price <= 0:
        raise LineError(f"`{name}`: a price must be above 0, not {price:g}")
    raise LineError(f"`{name}`: {price:g} is no price; it must lie from 0.000001 to below 1000000000")


def check_volume(name: str, volume: float) -> float:
    """A size or a volume; zero is one."""
    if 0 <= volume < VOLUMES_END:
        return volume
    raise LineError(f"`{name}`: {volume:g} is no number of shares; it must be 0 or more")


def check_confidence(confidence: float) -> float:
    if 0 <= confidence <= 1:
        return confidence
    hint = f"; for {confidence:g}% write {confidence / 100:g}" if 1 < confidence <= 100 else ""
    raise LineError(f"`confidence`: a fraction from 0 to 1 is wanted, not {confidence:g}{hint}")


def check_bar(opening: float, high: float, low: float, close: float, volume: float) -> None:
    """The five numbers of a bar, together."""
    for name, price in (("open", opening), ("high", high), ("low", low), ("close", close)):
        check_price(name, price)
    if high < low:
        raise LineError(f"`high` {high:g} lies below `low` {low:g}")
    for name, price in (("open", opening), ("close", close)):
        if not low <= price <= high:
            raise LineError(f"`{name}` {price:g} lies outside `low` {low:g} to `high` {high:g}")
    check_volume("volume", volume)


def check_order(time: int, previous: int, time_text: str) -> int:
    """Times of one file never go back."""
    if time < previous:
        raise LineError(f"`time`: out of order, {time_text} lies before the time of a line above it; sort the file")
    return time


def shown(text: str) -> str:
    """A text from outside, fit for a message: short and printable."""
    short = text if len(text) <= 40 else text[:40] + "…"
    return "`" + short.encode("unicode_escape").decode("ascii").replace("\\u2026", "…") + "`"
