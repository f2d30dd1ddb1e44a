"""What the parts of the adapter ask of the broker, library-free. Every request has a number of its own."""

from __future__ import annotations

from typing import Protocol

FIRST_REQUEST = 1_500_000_000
"""Requests are numbered from here, orders from where the broker says: an error names either by its number alone."""


class RequestNumbers:
    """Gives out numbers of requests, none twice."""

    def __init__(self) -> None:
        self._next = FIRST_REQUEST

    def take(self) -> int:
        number = self._next
        self._next += 1
        return number


class DataRequests(Protocol):
    """Requests for contracts and market data. They leave behind everything that concerns orders."""

    def ask_contract(self, request: int, symbol: str) -> None:
        """Which stocks in USD have this symbol?"""

    def ask_market_rule(self, rule: int) -> None:
        """Which price steps has this rule?"""

    def ask_quotes(self, request: int, symbol: str, con_id: int) -> None:
        """Quotes and trades, as they come."""

    def end_quotes(self, request: int) -> None:
        """No more of them."""

    def ask_bars(self, request: int, symbol: str, con_id: int, size: str, duration: str) -> None:
        """Bars of the past in regular hours, and then each as it grows."""

    def end_bars(self, request: int) -> None:
        """No more of them."""
