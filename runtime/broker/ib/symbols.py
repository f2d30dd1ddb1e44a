"""Symbols as rules spell them and as the broker does: `BRK.B` is `BRK B` to Interactive Brokers."""

from __future__ import annotations


def to_broker(symbol: str) -> str:
    return symbol.replace(".", " ")


def from_broker(symbol: str) -> str:
    return symbol.replace(" ", ".")
