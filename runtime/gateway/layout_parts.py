"""Pieces that several messages have: contracts, legs, requests that are nothing but their number."""

from __future__ import annotations

from typing import Any

from .fields import FLOAT, TEXT, WHOLE
from .layout import Constant, Layout, Part, Repeat, Row

VERSION = Constant("1")
"""A message's own version number, which most of the older messages carry behind their number."""

ID = Row("request_id", WHOLE)

CONTRACT: tuple[Part, ...] = (
    Row("contract.contract_id", WHOLE, 0),
    Row("contract.symbol", TEXT, ""),
    Row("contract.security_type", TEXT, ""),
    Row("contract.expiry", TEXT, ""),
    Row("contract.strike", FLOAT),
    Row("contract.right", TEXT, ""),
    Row("contract.multiplier", TEXT, ""),
    Row("contract.exchange", TEXT, ""),
    Row("contract.primary_exchange", TEXT, ""),
    Row("contract.currency", TEXT, ""),
    Row("contract.local_symbol", TEXT, ""),
    Row("contract.trading_class", TEXT, ""),
)
"""The contract as clients describe it."""

NAMED_CONTRACT: tuple[Part, ...] = tuple(
    part for part in CONTRACT if not (isinstance(part, Row) and part.name == "contract.primary_exchange")
)
"""The contract as replies about executions and positions name it."""

ECHOED_CONTRACT: tuple[Part, ...] = tuple(
    Constant("?") if isinstance(part, Row) and part.name == "contract.right" else part for part in NAMED_CONTRACT
)

LEGS = Repeat(
    "legs",
    (
        Row("contract_id", WHOLE),
        Row("ratio", WHOLE),
        Row("action", TEXT),
        Row("exchange", TEXT),
    ),
)
NEUTRAL_CONTRACT: tuple[Part, ...] = (
    Row("neutral.contract_id", WHOLE),
    Row("neutral.delta", FLOAT),
    Row("neutral.price", FLOAT),
)


def is_set(value: Any) -> bool:
    return bool(value)


def is_combination(value: Any) -> bool:
    return bool(value == "BAG")


def by_id(message_id: int) -> Layout:
    """A request of nothing but its number."""
    return Layout(message_id, (VERSION, ID))


def plain(message_id: int) -> Layout:
    """A request of nothing at all."""
    return Layout(message_id, (VERSION,))
