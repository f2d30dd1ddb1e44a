"""The event bus: who wants to hear of which events.

A bus by itself is free: `emit` awaits every handler in the order of subscription. A bus that a runtime drives belongs
to its sequencer: `emit` hands the event to the runtime, which queues it as an input after the step that is running,
and what a step has to tell is `publish`ed to the handlers after the step. Handlers live outside the step: each has a
bounded queue of its own, so that a slow one harms nobody, and one that raises is logged with its event.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

import attrs

from ..checks import is_kind_of
from .base import BaseEvent

logger = logging.getLogger(__name__)

E = TypeVar("E", bound=BaseEvent)
Handler = Callable[[E], Awaitable[None] | None]

QUEUE_SIZE = 10_000


class BusDriver(Protocol):
    """What drives a bus: a runtime."""

    def emit(self, event: BaseEvent) -> None:
        """Takes an event as a new input: after the running step, or at once where none is running."""

    def register_rule(self, rule: object) -> None:
        """Takes a hand-built rule into the sequencer, between two inputs."""

    def unregister_rule(self, rule_id: str) -> None:
        """Lets a rule go, between two inputs."""


@attrs.define(eq=False)
class _Subscription:
    """A handler with its queue. `task` works the queue off and ends when it is empty."""

    event_type: type[BaseEvent]
    handler: Handler[Any]
    waiting: deque[BaseEvent] = attrs.Factory(deque)
    dropped: int = 0
    task: asyncio.Task[None] | None = None

    def put(self, event: BaseEvent, capacity: int) -> None:
        if len(self.waiting) >= capacity:
            # The newest is dropped: what a handler does hear then stays in order and without gaps up to here.
            self.dropped += 1
            if self.dropped == 1:
                logger.warning("queue of %r is full (%d events): events to it are dropped", self.handler, capacity)
            return
        self.waiting.append(event)

    def start(self, loop: asyncio.AbstractEventLoop) -> asyncio.Task[None]:
        """The task that works the queue off: one at a time, or events would overtake each other."""
        if self.task is None or self.task.done():
            self.task = loop.create_task(self._work())
        return self.task

    @property
    def is_busy(self) -> bool:
        return bool(self.waiting) or (self.task is not None and not self.task.done())

    async def _work(self) -> None:
        while self.waiting:
            await _call(self.handler, self.waiting.popleft())


class EventBus:
    """Central event bus for distributing events to subscribers.

    A handler is a function or a coroutine function of one event. It hears events of the type it subscribed to and of
    all types derived from that: `BaseEvent` is everything.
    """

    def __init__(self, *, queue_size: int = QUEUE_SIZE) -> None:
        if queue_size < 1:
            raise ValueError(f"a handler's queue needs room for at least 1 event, not {queue_size}")
        self.driver: BusDriver | None = None
        self._queue_size = queue_size
        self._subscriptions: list[_Subscription] = []

    async def subscribe(self, event_type: type[E], handler: Handler[E]) -> None:
        """Subscribe to an event type with a handler function. Doing so twice is the same as once.

        Raises:
            TypeError: not an event type, or not something that can be called.
        """
        self.connect(event_type, handler)

    async def unsubscribe(self, event_type: type[E], handler: Handler[E]) -> None:
        """Unsubscribe a handler from an event type; nothing happens where it was not subscribed."""
        self.disconnect(event_type, handler)

    async def emit(self, event: BaseEvent) -> None:
        """Emit an event to all subscribed handlers.

        On a free bus every handler has been awaited when this returns; on a bus that a runtime drives, the event has
        become an input of that runtime.

        Raises:
            TypeError: not an event.
        """
        _require_event(event)
        if self.driver is not None:
            self.driver.emit(event)
            return
        for subscription in tuple(self._subscriptions):
            if isinstance(event, subscription.event_type):
                await _call(subscription.handler, event)

    def connect(self, event_type: type[E], handler: Handler[E]) -> None:
        """`subscribe` for code that runs in no coroutine."""
        if not is_kind_of(event_type, BaseEvent):
            raise TypeError(f"not an event type: {event_type!r}")
        if not callable(handler):
            raise TypeError(f"a handler must be a function of one event, not {handler!r}")
        if self._find(event_type, handler) is None:
            self._subscriptions.append(_Subscription(event_type, handler))

    def disconnect(self, event_type: type[E], handler: Handler[E]) -> None:
        """`unsubscribe` for code that runs in no coroutine."""
        found = self._find(event_type, handler)
        if found is not None:
            self._subscriptions.remove(found)

    def publish(self, event: BaseEvent) -> None:
        """Puts an event into the queues of its handlers; for the runtime that drives this bus, after a step.

        In a running event loop the queues are worked off there, each by a task of its own; without one they wait for
        `drain`.
        """
        _require_event(event)
        loop = _running_loop()
        for subscription in self._subscriptions:
            if not isinstance(event, subscription.event_type):
                continue
            subscription.put(event, self._queue_size)
            if loop is not None:
                subscription.start(loop)

    async def drain(self) -> None:
        """Returns when every queue is empty and every handler has returned."""
        loop = asyncio.get_running_loop()
        while busy := [subscription for subscription in self._subscriptions if subscription.is_busy]:
            await asyncio.gather(*(subscription.start(loop) for subscription in busy))

    @property
    def dropped(self) -> int:
        """Events that found a handler's queue full, over all handlers."""
        return sum(subscription.dropped for subscription in self._subscriptions)

    @property
    def has_handlers(self) -> bool:
        return bool(self._subscriptions)

    def _find(self, event_type: type[BaseEvent], handler: Handler[Any]) -> _Subscription | None:
        for subscription in self._subscriptions:
            if subscription.event_type is event_type and subscription.handler == handler:
                return subscription
        return None


async def _call(handler: Handler[Any], event: BaseEvent) -> None:
    try:
        answer = handler(event)
        if inspect.isawaitable(answer):
            await answer
    except Exception:
        # A handler is somebody else's code: its failure is told, and keeps no other handler from its event.
        logger.exception("handler %r raised on %r", handler, event)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _require_event(event: BaseEvent) -> None:
    if not isinstance(event, BaseEvent):
        raise TypeError(f"only events can be emitted, not {event!r}")
