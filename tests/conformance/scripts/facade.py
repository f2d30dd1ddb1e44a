"""What the scenarios ask of a client library, whatever its style. Standard library only: each library's own Python
runs this.

Orders are known by a name of the scenario's, which is their orderRef. What is read is what the library holds to be
true at that moment; `sync` waits until everything that the gateway has said so far has been heard.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

PATIENCE = 10.0
"""Seconds after which a scenario gives up waiting for an answer."""

LOCAL_STATUSES = ("", "ApiPending", "PendingSubmit", "PendingCancel", "ValidationError")
"""Statuses that a library may set by itself, without a word from the gateway."""

ACCOUNT_KEYS = ("NetLiquidation", "TotalCashValue", "GrossPositionValue", "UnrealizedPnL", "RealizedPnL")
SUMMARY_TAGS = ("AccountType", "NetLiquidation", "TotalCashValue", "BuyingPower")


@dataclass(frozen=True)
class Terms:
    """An order as a person would say it; `parent` is the name of another order."""

    action: str
    quantity: int
    kind: str
    limit: float | None = None
    stop: float | None = None
    percent: float | None = None
    trail_stop: float | None = None
    tif: str = "GTC"
    parent: str = ""
    transmit: bool = True
    oca_group: str = ""
    oca_type: int = 0


class Refused(Exception):
    """A connection that was not taken."""


class Client(Protocol):
    """A client of a gateway on this machine."""

    errors: list[tuple[int, int]]
    """What the gateway has reported: the number of the request or order, and the code."""

    def connect(self, port: int, client_id: int, patience: float = PATIENCE) -> None:
        """Raises Refused where the gateway does not want this client; some notice it only after `patience` seconds."""

    def disconnect(self) -> None: ...
    def is_connected(self) -> bool: ...
    def wait_for_drop(self) -> None: ...
    def sync(self) -> None: ...
    def accounts(self) -> list[str]: ...
    def next_order_id(self) -> int: ...
    def current_time(self) -> int: ...

    # contracts and the market
    def qualify(self, symbol: str) -> dict[str, Any] | None: ...
    def market_rule(self, rule: int) -> list[list[float]]: ...
    def matching(self, pattern: str) -> list[str]: ...
    def watch(self, symbol: str) -> None: ...
    def unwatch(self, symbol: str) -> None: ...
    def quote(self, symbol: str) -> dict[str, float]: ...
    def snapshot(self, symbol: str) -> dict[str, float]: ...
    def bars(self, symbol: str, **asked: Any) -> list[list[Any]]: ...
    def keep_bars(self, symbol: str) -> None: ...
    def kept_bars(self) -> list[list[Any]]: ...
    def watch_five_seconds(self, symbol: str) -> None: ...
    def five_seconds(self) -> list[list[float]]: ...
    def head_time(self, symbol: str) -> str: ...

    # orders
    def place(self, name: str, symbol: str, terms: Terms) -> int:
        """Answers the order's number."""

    def modify(self, name: str, **changes: Any) -> None: ...
    def cancel(self, name: str) -> None: ...
    def cancel_number(self, number: int) -> None: ...
    def cancel_all(self) -> None: ...
    def order(self, name: str) -> dict[str, Any]:
        """`status`, `filled`, `remaining`, `average`, `why_held`, and the terms as the gateway last echoed them."""

    def statuses(self, name: str) -> list[str]: ...
    def fills(self, name: str) -> list[dict[str, Any]]: ...
    def open_orders(self, everybody: bool) -> list[dict[str, Any]]: ...
    def bind_manual_orders(self) -> None: ...
    def completed_orders(self) -> list[dict[str, Any]]: ...
    def executions(self, **wanted: Any) -> list[dict[str, Any]]: ...
    def judge(self, symbol: str, terms: Terms) -> dict[str, float]:
        """A whatIf order: what it would do to the account."""

    # the account
    def positions(self) -> dict[str, list[float]]: ...
    def account(self) -> dict[str, float]: ...
    def portfolio(self) -> dict[str, list[float]]: ...
    def summary(self) -> dict[str, str]: ...
    def profit(self) -> dict[str, float]: ...
    def profit_of(self, symbol: str) -> dict[str, float]: ...

    # what the gateway does not offer
    def ask_for_depth(self, symbol: str) -> int:
        """Answers the number of the request."""


def cents(value: float) -> float:
    return round(float(value), 2)


def distinct(statuses: Sequence[str]) -> list[str]:
    """Statuses in their order, without repetitions and without those that a library makes up."""
    told: list[str] = []
    for status in statuses:
        if status not in LOCAL_STATUSES and status != (told[-1] if told else ""):
            told.append(status)
    return told
