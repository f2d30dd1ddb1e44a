"""The gateway's market, moved by hand through its control port."""

from __future__ import annotations

import json
import socket
from typing import Any

from .facade import PATIENCE


class Market:
    """What happens at the exchange while a client looks on. Every call returns when it has happened."""

    def __init__(self, control_port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", control_port), PATIENCE)
        self._answers = self._socket.makefile("r", encoding="utf-8")

    def quote(self, bid: float, ask: float, symbol: str = "AAPL") -> None:
        self._do({"quote": symbol, "bid": bid, "ask": ask})

    def trade(self, price: float, size: int = 100, symbol: str = "AAPL") -> None:
        self._do({"price": symbol, "at": price, "size": size})

    def fault(self, kind: str, **fields: Any) -> None:
        self._do({"fault": kind, **fields})

    def release(self, steps: int = 1) -> None:
        """Lets the recorded market go on by so many events."""
        self._do({"release": steps})

    def orders(self) -> list[dict[str, Any]]:
        """Every order as the exchange knows it."""
        answer: list[dict[str, Any]] = self._do({"ask": "orders"})["orders"]
        return answer

    def _do(self, request: dict[str, Any]) -> dict[str, Any]:
        self._socket.sendall(json.dumps(request).encode() + b"\n")
        answer: dict[str, Any] = json.loads(self._answers.readline())
        if "error" in answer:
            raise RuntimeError(f"{request}: {answer['error']}")
        return answer
