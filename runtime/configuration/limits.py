"""Limits of a configuration, read by the compiler itself: `max_orders = "30 per minute"` is `max orders 30 per minute`.

So they are written, checked and meant exactly as in a rule file.
"""

from __future__ import annotations

import re
from typing import Any

import attrs

from ...dsl.compile import compile_text
from ...dsl.diagnostics import Severity
from ...dsl.plan import Limit, Place
from .values import flag, shown

_SYMBOL = re.compile(r"[A-Z][A-Z0-9_]*(?:[.-][A-Z0-9]+)*", re.ASCII)


def read_limit(name: str, value: Any, path: str, line: int) -> Limit | None:
    """The limit that a key stands for; None for one that is switched off.

    Raises:
        ValueError: it is none; says why.
    """
    words = name.replace("_", " ")
    if name == "no_shorting":
        wanted = words if flag(value) else None
    else:
        wanted = f"{words} {_written(value)}"
    if wanted is None:
        return None
    compiled = compile_text(f"limits {{\n{wanted}\n}}\n", path)
    wrong = [found for found in compiled.diagnostics if found.severity is Severity.ERROR]
    if wrong:
        remedy = f"; {wrong[0].help}" if wrong[0].help else ""
        raise ValueError(f"{shown(value)} is no limit: {wrong[0].message}{remedy}")
    made = compiled.plan
    if made is None or made.rules or len(made.limits) != 1:
        raise ValueError(f"{shown(value)} is more than one limit")
    return attrs.evolve(made.limits[0], place=Place(path, line, 1))


def _written(value: Any) -> str:
    """A value as it stands in a rule file."""
    if isinstance(value, list):
        return f"[{', '.join(map(_symbol, value))}]"
    if isinstance(value, str) and value.strip() and "\n" not in value:
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    raise ValueError(f"a limit is written as in the rules, and {shown(value)} is none")


def _symbol(value: Any) -> str:
    if isinstance(value, str) and _SYMBOL.fullmatch(value):
        return value
    raise ValueError(f'symbols are wanted, as in ["AAPL", "MSFT"], not {shown(value)}')
