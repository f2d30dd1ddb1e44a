"""Looks at a gateway's exchange from outside, again and again: what is held, what protects it, what works.

    with watching(there) as watch:            a thread of its own, some fifty looks a second
        …
        watch.naked("AAPL")                   the longest time in seconds for which shares of ours had no stop

It knows the exchange's own ledger (the control port) and the references of orders, nothing of what a run believes.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import attrs

from .processes import PATIENCE, Gateway

ACCOUNT = "DU1"
WORKING = ("PendingSubmit", "PreSubmitted", "Submitted", "PendingCancel")
CLOSING = ("stop", "trail", "target", "exit")
_STOPS = ("STP", "STP LMT", "TRAIL", "TRAIL LIMIT")
_EVERY = 0.02  # seconds between two looks

Line = dict[str, Any]


@attrs.frozen
class Look:
    """The exchange at one moment; `time` in seconds from any beginning. Lists as the control port tells them."""

    time: float
    orders: list[Line]
    executions: list[Line]
    net: dict[str, int]

    @property
    def symbols(self) -> set[str]:
        return {order["symbol"] for order in self.ours}

    @property
    def ours(self) -> list[Line]:
        """Orders that rulec sent, by their references."""
        return [order for order in self.orders if is_ours(order)]

    def working(self, symbol: str, *roles: str) -> list[Line]:
        return [
            order
            for order in self.ours
            if order["symbol"] == symbol and order["status"] in WORKING and (not roles or role_of(order) in roles)
        ]

    def held(self, symbol: str) -> int:
        """Shares that our own executions come to."""
        mine = [each for each in self.executions if is_ours(each) and each["symbol"] == symbol]
        return sum(_signed(each["action"], each["quantity"]) for each in mine)

    def been(self, symbol: str) -> list[int]:
        """What our own executions have come to, one after the other."""
        mine = [each for each in self.executions if is_ours(each) and each["symbol"] == symbol]
        return list(itertools.accumulate(_signed(each["action"], each["quantity"]) for each in mine))

    def to_protect(self, symbol: str) -> int:
        """Shares of ours that are in the account, signed: somebody else may have closed some."""
        held, net = self.held(symbol), self.net.get(symbol, 0)
        return max(0, min(held, net)) if held > 0 else min(0, max(held, net))

    def stops(self, symbol: str) -> int:
        """Shares that a stop of ours would close. One that ends today protects nothing tonight, and does not count."""
        stops = [each for each in self.working(symbol, "stop", "trail") if each["type"] in _STOPS]
        return self._closing(symbol, [each for each in stops if each["tif"] == "GTC"])

    def exits(self, symbol: str) -> int:
        return self._closing(symbol, self.working(symbol, "exit"))

    def naked(self, symbol: str) -> int:
        """Shares of ours that nothing closes."""
        return max(0, abs(self.to_protect(symbol)) - self.stops(symbol) - self.exits(symbol))

    def could_close(self, symbol: str) -> int:
        """The most that our orders could close: of a group one member."""
        most: Counter[str] = Counter()
        for order in self.working(symbol, *CLOSING):
            group = order["oca_group"] or f"alone {order['permanent_id']}"
            most[group] = max(most[group], self._effective(order))
        return sum(most.values())

    def opening(self, symbol: str) -> int:
        """Shares that our working orders could still open."""
        return sum(each["remaining"] for each in self.working(symbol) if role_of(each) not in CLOSING)

    def _closing(self, symbol: str, orders: list[Line]) -> int:
        sign = -1 if self.to_protect(symbol) > 0 else 1
        return sum(self._effective(each) for each in orders if _signed(each["action"], 1) == sign)

    def _effective(self, order: Line) -> int:
        """What could fill: no more than its parent has filled, and siblings not closed, while the parent works."""
        family = [each for each in self.orders if each["client"] == order["client"]]
        parents = [each for each in family if order["parent"] and each["order"] == order["parent"]]
        if not parents or parents[0]["status"] not in WORKING:
            return int(order["remaining"])
        closed = sum(int(each["filled"]) for each in family if each["parent"] == order["parent"])
        return max(0, min(int(order["remaining"]), int(parents[0]["filled"]) - closed))


class Watch:
    """Every look so far."""

    def __init__(self, there: Gateway) -> None:
        self.looks: list[Look] = []
        self._there = there
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_again_and_again, daemon=True)
        self._failure: Exception | None = None
        self._thread.start()

    def close(self) -> None:
        self._over.set()
        self._thread.join(PATIENCE)
        if self._failure is not None:
            raise self._failure

    def until(self, is_so: Callable[[Look], bool], what: str, seconds: float = PATIENCE) -> Look:
        """Waits for a look, of those from now on, that shows something."""
        end = time.monotonic() + seconds
        seen = len(self.looks)
        while time.monotonic() < end:
            for look in self.looks[seen:]:
                seen += 1
                if is_so(look):
                    return look
            time.sleep(_EVERY / 2)
        last = [each for each in self.looks[-1].ours if each["status"] in WORKING] if self.looks else []
        held = {symbol: self.looks[-1].held(symbol) for symbol in self.looks[-1].symbols} if self.looks else {}
        raise AssertionError(f"not so: {what}; held {held}, working " + "".join(f"\n  {each}" for each in last))

    def naked(self, symbol: str) -> float:
        """The longest time in seconds for which shares of ours had neither a stop nor a closing order."""
        longest, since = 0.0, None
        for look in self.looks:
            if look.naked(symbol):
                since = look.time if since is None else since
                longest = max(longest, look.time - since)
            elif since is not None:
                longest, since = max(longest, look.time - since), None
        return longest

    def _look_again_and_again(self) -> None:
        try:
            while not self._over.is_set():
                with contextlib.suppress(ConnectionError), self._connected() as ask:
                    while not self._over.is_set():
                        self._look(ask)
                        time.sleep(_EVERY)
                self._over.wait(_EVERY)  # the gateway's process is away: it is started again by the test
        except (KeyError, ValueError, OSError) as error:
            self._failure = error

    @contextlib.contextmanager
    def _connected(self) -> Iterator[Callable[[str], Any]]:
        with socket.create_connection(("127.0.0.1", self._there.control), PATIENCE) as there:
            lines = there.makefile()

            def ask(what: str) -> Any:
                there.sendall(json.dumps({"ask": what}).encode() + b"\n")
                line = lines.readline()
                if not line:
                    raise ConnectionResetError("the gateway has gone")
                return json.loads(line)[what]

            yield ask

    def _look(self, ask: Callable[[str], Any]) -> None:
        before = ask("executions")
        orders, positions = ask("orders"), ask("positions")
        if ask("executions") == before:  # else something filled in between: no moment was seen
            self.looks.append(Look(time.monotonic(), orders, before, positions[ACCOUNT]))


@contextlib.contextmanager
def watching(there: Gateway) -> Iterator[Watch]:
    watch = Watch(there)
    try:
        yield watch
    finally:
        watch.close()


def is_ours(line: Line) -> bool:
    """Whether an order or an execution carries a reference of rulec's."""
    return str(line["ref"]).startswith("rulec/")


def role_of(line: Line) -> str:
    return str(line["ref"]).split("/")[3]


def order_id_of(line: Line) -> str:
    """The order's id in the lines of a run: `<run>-<n>`, of the reference `rulec/<instance>/<run>-<t>/<role>/<n>`."""
    _, _, trade, _, number = str(line["ref"]).split("/")
    return f"{trade.rpartition('-')[0]}-{number}"


def _signed(action: str, quantity: int) -> int:
    return quantity if action == "BUY" else -quantity
