"""Values of a configuration to what the settings hold. Each reader raises ValueError with what it expects.

A value with a unit is a text, written as in the rules and on the command line (`"10s"`, `"20%"`, `"$50_000"`); TOML's
own numbers stand only where no unit is possible, so that nobody has to guess what a 10 counts.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import Enum
from typing import Any

from ..broker.exchange import Commission, FillMode, Slippage
from ..broker.ib.address import HIGHEST_CLIENT_ID
from ..broker.ib.errors import read_codes
from ..broker.ib.settings import parse_instance
from ..broker.ib.windows import Window, parse_window
from ..journal import Sync
from ..times import SECOND, parse_duration, parse_timeframe

# Any: what TOML holds, of any kind; telling the kinds apart is the readers' work
Reader = Callable[[Any], Any]


def shown(value: Any) -> str:
    """A value as TOML has it, short enough for a message."""
    text = str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 40 else text[:40] + "…"


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError(f"true or false is wanted, not {shown(value)}")


def duration(value: Any) -> int:
    """Microseconds, more than none."""
    length = _duration(value)
    if length <= 0:
        raise ValueError(f'a time above zero is wanted, as in "10s", not {shown(value)}')
    return length


def latency(value: Any) -> int:
    """Microseconds; none is a latency too."""
    return 0 if _is_number(value) and value == 0 else _duration(value)


def _duration(value: Any) -> int:
    if isinstance(value, str):
        try:
            return parse_duration(value)
        except ValueError:
            pass  # told below, as for a value of another kind
    raise ValueError(f'a time is wanted, as in "500ms", "10s" or "5m", not {shown(value)}')


def timeframe(value: Any) -> float:
    """Seconds."""
    if isinstance(value, str):
        try:
            return parse_timeframe(value) / SECOND
        except ValueError:
            pass  # told below, as for a value of another kind
    raise ValueError(f'a timeframe is wanted, as in "1m", "1h" or "1d", not {shown(value)}')


def fraction(value: Any) -> float:
    """A fraction above 0 and up to 1, from `"20%"` or 0.2."""
    number = float(value) if _is_number(value) else math.nan
    if isinstance(value, str) and value.strip().endswith("%"):
        try:
            number = float(value.strip()[:-1]) / 100
        except ValueError:
            pass  # told below: still not a number
    if not 0 < number <= 1:
        raise ValueError(f'a percentage is wanted, as in "20%", not {shown(value)}')
    return number


def money(value: Any) -> float:
    """Currency above zero, from `"$50_000"` or 50_000."""
    number = float(value) if _is_number(value) else math.nan
    if isinstance(value, str):
        try:
            number = float(value.strip().removeprefix("$").replace("_", ""))
        except ValueError:
            pass  # told below: still not a number
    if not 0 < number < 1e12:
        raise ValueError(f'an amount above zero is wanted, as in "$100_000", not {shown(value)}')
    return number


def multiple(value: Any) -> float:
    if _is_number(value) and 1 <= value <= 100:
        return float(value)
    raise ValueError(f"a number from 1 to 100 is wanted, as in 2, not {shown(value)}")


def seed(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError(f"a whole number is wanted, as in 7, not {shown(value)}")


def endpoint(value: Any) -> tuple[str, int]:
    """Reads `HOST:PORT`."""
    if isinstance(value, str):
        host, _, port = value.rpartition(":")
        if host and port.isascii() and port.isdigit() and 0 < int(port) < 65536:
            return host.strip("[]"), int(port)
    raise ValueError(f'HOST:PORT is wanted, as in "127.0.0.1:4003", not {shown(value)}')


def whole(least: int, most: int) -> Reader:
    """Reads a whole number within bounds."""

    def read(value: Any) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        raise ValueError(f"a whole number from {least} to {most} is wanted, not {shown(value)}")

    return read


def windows(value: Any) -> tuple[Window, ...]:
    """Windows of the day, as in `["23:45-00:45", "Fri 23:00-03:00"]`."""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(parse_window(one) for one in value)
    raise ValueError(f'a list of windows is wanted, as in ["23:45-00:45"], not {shown(value)}')


def text(value: Any) -> str:
    if isinstance(value, str) and value.strip():
        return value
    raise ValueError(f"a text is wanted, not {shown(value)}")


def parsed(parse: Callable[[str], Any]) -> Reader:
    """Reads a text by a function that raises ValueError with what it expects."""

    def read(value: Any) -> Any:
        return parse(value if isinstance(value, str) else shown(value))

    return read


def one_of(words: type[Enum] | tuple[str, ...]) -> Reader:
    """Reads one of some words; of an enumeration it gives the member."""
    allowed = {str(word.value): word for word in words} if isinstance(words, type) else {word: word for word in words}

    def read(value: Any) -> Any:
        if isinstance(value, str) and value in allowed:
            return allowed[value]
        raise ValueError(f"one of {', '.join(allowed)} is wanted, not {shown(value)}")

    return read


client_id = whole(0, HIGHEST_CLIENT_ID)
messages = whole(5, 50)
count = whole(1, 10_000)
instance = parsed(parse_instance)
slippage = parsed(Slippage.parse)
commission = parsed(Commission.parse)
fill = one_of(FillMode)
sync = one_of(Sync)
codes: Reader = read_codes
