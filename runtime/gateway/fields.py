"""The types of fields: how a value becomes the text between two NULs, and back.

Reading refuses what makes no sense with `ValueError`, so that a message is answered as a whole. Unset is the empty
text, or the greatest float or 32-bit number, as clients have it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import attrs

from ..numbers import MICROS, decimal_text

UNSET_FLOAT = "1.7976931348623157E308"
UNSET_WHOLE = "2147483647"
_GREATEST_FLOAT = 1.7976931348623157e308
_LONGEST_NUMBER = 64


@attrs.frozen
class Kind:
    """A type of field. `write` gives its text; `read` takes it apart, or raises ValueError."""

    name: str
    write: Callable[[Any], str]
    read: Callable[[str], Any]


def _read_whole(text: str) -> int:
    if text == "":
        return 0
    sign, digits = (text[0], text[1:]) if text[0] in "+-" else ("", text)
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 18):
        raise ValueError(f"{text[:40]!r} is no whole number")
    return int(sign + digits)


def _read_unset(text: str) -> int | None:
    """None where it is unset."""
    return None if text in ("", UNSET_WHOLE) else _read_whole(text)


def _read_float(text: str) -> float | None:
    """None where it is unset."""
    if text == "":
        return None
    if len(text) > _LONGEST_NUMBER or not text.isascii() or "_" in text:
        raise ValueError(f"{text[:40]!r} is no number")
    value = float(text)
    if not math.isfinite(value) and value != math.inf:
        raise ValueError(f"{text!r} is no number")
    return None if abs(value) >= _GREATEST_FLOAT else value


def _read_price(text: str) -> int | None:
    """Micros; None where it is unset."""
    value = _read_float(text)
    if value is None:
        return None
    if abs(value) > 1e12:
        raise ValueError(f"{text!r} is no price")
    return round(value * MICROS)


def _read_flag(text: str) -> bool:
    if text in ("", "0", "false", "False"):
        return False
    if text in ("1", "true", "True"):
        return True
    raise ValueError(f"{text[:40]!r} is neither 0 nor 1")


def _write_whole(value: int) -> str:
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no whole number: a client would stop reading at it")
    return str(int(value))


def _write_unset(value: int | None) -> str:
    return UNSET_WHOLE if value is None else _write_whole(value)


def float_text(value: float) -> str:
    """The shortest text; a whole number keeps its `.0`."""
    return repr(float(value))


def _write_optional_float(value: float | None) -> str:
    return UNSET_FLOAT if value is None else float_text(value)


def _write_optional_price(value: int | None) -> str:
    return UNSET_FLOAT if value is None else decimal_text(value)


# a backslash would be taken for an escape by one client
TEXT = Kind("text", lambda value: str(value).replace("\\", "/"), str)
# sizes, counts and ids: one client reads them as integers only, and `100.0` would end its reader
WHOLE = Kind("whole", _write_whole, _read_whole)
OPTIONAL_WHOLE = Kind("whole or unset", _write_unset, _read_unset)
FLOAT = Kind("float", _write_optional_float, _read_float)
PRICE = Kind("price", _write_optional_price, _read_price)
# 0.0 where it is unset, as a live Gateway echoes the prices that an order does not have
PRICE_OR_ZERO = Kind("price or zero", lambda value: "0.0" if value is None else decimal_text(value), _read_price)
FLAG = Kind("flag", lambda value: "1" if value else "0", _read_flag)
# shares, a float on the wire where all clients take one
QUANTITY = Kind("quantity", float_text, _read_float)
