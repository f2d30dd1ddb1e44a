"""Brokers: the port that the engine knows, and what stands behind it.

`TWSConnection` is the port's public name; it is loaded when it is first asked for, because the port itself stands below
the exchange.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .connection import TWSConnection as TWSConnection

__all__ = ["TWSConnection"]


def __getattr__(name: str) -> object:
    if name != "TWSConnection":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .connection import TWSConnection

    return TWSConnection
