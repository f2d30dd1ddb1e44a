"""The current runtime: what a hand-built object reaches without being handed it.

`Order.submit()`, `TradeTracker()` and the actions of hand-built rules carry no reference to a runtime; they find the
one they run in through a context variable, so that two runtimes in one process never see each other. Whoever drives a
runtime enters `running(port)` around each step and around user code that shall belong to it.

Objects made by hand get their ids here too: from the runtime's source, outside any runtime from a plain count. Ids are
never random, or the same inputs would not give the same output.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Protocol

import attrs

from ..dsl.plan import Action
from .core.records import ActionOutcome
from .event.base import BaseEvent
from .event.bus import EventBus

if TYPE_CHECKING:
    from .position.trades import TradeTracker
    from .rule.facts import Facts


class NoRuntimeError(RuntimeError):
    """Something needs a runtime, and none is running it."""


@attrs.frozen
class Request:
    """One action that a rule, or code by hand, wants done.

    `symbol` is what it acts on, None where the action names no symbol and the event brings none. `event` is what it
    answers to, `rule` and `index` which rule's how many-th action it is (arming is idempotent per trade, rule and
    action); `rule` is None for code outside any rule.
    """

    action: Action
    symbol: str | None = None
    event: BaseEvent | None = attrs.field(default=None, eq=False)
    rule: str | None = None
    index: int = 0


class RuntimePort(Protocol):
    """A runtime as hand-built objects see it. Nothing here suspends."""

    @property
    def event_bus(self) -> EventBus: ...

    @property
    def trade_tracker(self) -> TradeTracker: ...

    def now(self) -> int:
        """The running step's time, outside a step the clock's: microseconds since 1970 UTC."""

    def new_id(self) -> str:
        """The next id, `<run>-<n>`."""

    def facts(self) -> Facts:
        """What conditions may ask beyond their event."""

    def context_view(self) -> dict[str, Any]:
        """`context[symbol]` of every trade, as a copy: writing to it changes no trade."""

    def perform(self, request: Request) -> ActionOutcome:
        """Does an action by the very path that a rule file's actions take: limits, trade machine, outbox."""

    def cancel_order(self, order_id: str, reason: str) -> ActionOutcome:
        """Cancels an order of this runtime's; refused for what protects a position."""

    def register_rule(self, rule: object) -> None:
        """Takes a hand-built `rule.Rule` in, between two inputs."""

    def unregister_rule(self, rule_id: str) -> None:
        """Lets a rule go, between two inputs."""


_CURRENT: ContextVar[RuntimePort | None] = ContextVar("rulec_runtime", default=None)
_COUNT = itertools.count(1)  # ids of objects made outside any runtime; unique in this process, and nothing more


def find_runtime() -> RuntimePort | None:
    """The current runtime; None outside any."""
    return _CURRENT.get()


def current_runtime() -> RuntimePort:
    """The current runtime.

    Raises:
        NoRuntimeError: this code runs outside any runtime.
    """
    port = _CURRENT.get()
    if port is None:
        raise NoRuntimeError("no runtime is running this: hand the rules to Runtime(rules, broker) and let it run them")
    return port


@contextmanager
def running(port: RuntimePort | None) -> Iterator[None]:
    """Makes a runtime the current one inside the `with`; None for outside any."""
    token = _CURRENT.set(port)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def new_id(kind: str) -> str:
    """An id for an object made by hand: the runtime's next, or `<kind>-<n>` outside any."""
    port = _CURRENT.get()
    return port.new_id() if port is not None else f"{kind}-{next(_COUNT)}"
