"""The loop around a session: waits for whatever is due or arrives next, and hands it to the engine.

    market, signals, timers -> due next -> wait until then, or until something arrives -> session

Only the waiting is asynchronous. What is handled, and in which order, is the session's: at one instant the market, then
signals, then timers; so a recorded market gives the same decisions at every speed.
"""

from __future__ import annotations

import asyncio
import enum
import heapq
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import attrs

from ...dsl.plan import Plan
from ..core.records import Notice
from ..event.inputs import Bar, OutsideInput, Signal
from ..feed import LineError, LineReader
from .inbox import Arrival, ArrivedLine, EventInbox, FromBroker, Inbox, NewRules
from .markets import Market
from .pacing import Pace
from .session import Session
from .sources import SignalSource
from .symbols import symbols_of

# How many inputs are handled before the loop may look at what has arrived meanwhile.
_AT_ONCE = 64

Say = Callable[[Notice], None]


class Ending(enum.Enum):
    """Why a run came to its end."""

    MARKET_OVER = "market over"
    STOPPED = "stopped"


class LiveShell:
    """One run: a session, its market, its clock and its inbox.

    With `merges` a signal whose time lies ahead waits for that time, because the run's time is a recording's; without,
    every signal is handled when it comes. `say` tells a person what no rule and no order tells.
    """

    def __init__(self, session: Session, market: Market, pace: Pace, inbox: Inbox, say: Say, *, merges: bool) -> None:
        self._session = session
        self._market = market
        self._pace = pace
        self._inbox = inbox
        self._say = say
        self._merges = merges
        self._readers: dict[str, LineReader] = {}
        self._ahead: list[tuple[int, int, Signal]] = []
        self._arrived = 0

    @property
    def now(self) -> int:
        """The run's time: the clock's, or that of the latest input where it is later (microseconds since 1970 UTC)."""
        return max(self._pace.now(), self._session.sequencer.now)

    async def run(self) -> Ending:
        """Runs until the market is over or somebody asks it to stop. Stopping cancels nothing and waits for nothing."""
        handled = 0
        while True:
            for arrival in self._inbox.take():
                self._receive(arrival)
            if self._inbox.stop_reason is not None:
                return Ending.STOPPED
            due = self._next_event()
            if due is None and self._market.is_over:
                if self._session.sequencer.now:
                    self._session.finish(self._session.sequencer.now)
                return Ending.MARKET_OVER
            due = _first(due, self._session.next_due())
            seconds = None if due is None else self._pace.seconds_until(due)
            if due is None or (seconds is not None and seconds > 0):
                await self._inbox.wait(seconds)
                continue
            self._handle_due(due)
            handled += 1
            if handled % _AT_ONCE == 0:
                await asyncio.sleep(0)

    def _next_event(self) -> int | None:
        return _first(self._market.next_due(), self._ahead[0][0] if self._ahead else None)

    def _handle_due(self, due: int) -> None:
        """Handles the first thing that is due: the market's before signals, both before timers of that instant."""
        event_due = self._next_event()
        if event_due is None or due < event_due:
            self._session.run_timers(due)
        elif self._market.next_due() == event_due:
            for event in self._market.take(self.now):
                self._handle(event)
        else:
            self._meet(heapq.heappop(self._ahead)[2], due)

    def _handle(self, event: OutsideInput) -> None:
        """Hands on what the market brings; bars of the past are told now, not when they were."""
        self._session.handle(event, self.now if isinstance(event, Bar) and event.past else None)

    def _receive(self, arrival: Arrival) -> None:
        now = self.now
        if isinstance(arrival, FromBroker):
            self._session.take(arrival.event, now)
            return
        if isinstance(arrival, NewRules):
            self._handle_all_due(now)
            self._take(arrival, now)
            return
        if not isinstance(arrival, ArrivedLine):
            self._say(Notice(now, "info", None, f"{arrival.source}: {arrival.text}"))
            return
        try:
            signal = self._read(arrival, now)
        except LineError as error:
            self._say(Notice(now, "warning", None, f"{arrival.source}:{arrival.number}: {error}"))
            return
        if self._merges and signal.time > now:
            self._arrived += 1
            heapq.heappush(self._ahead, (signal.time, self._arrived, signal))
            return
        self._handle_all_due(now)
        self._meet(signal, now)

    def _handle_all_due(self, now: int) -> None:
        while (due := _first(self._next_event(), self._session.next_due())) is not None and due <= now:
            self._handle_due(due)

    def _take(self, new: NewRules, now: int) -> None:
        """Takes new rules into force, and asks the market for the symbols that they are the first to name."""
        self._session.reload(attrs.evolve(new.reload, time=now), new.ready, now)
        new.taken()
        named = Plan(tuple(new.ready.new), new.ready.limits)
        for symbol in symbols_of(named):
            for event in self._market.meet(symbol, now, None):
                self._handle(event)

    def _read(self, arrival: ArrivedLine, now: int) -> Signal:
        reader = self._readers.setdefault(arrival.source, LineReader())
        event = reader.read(arrival.text, now)
        if not isinstance(event, Signal):
            raise LineError("a source of signals brings signals; prices, quotes and bars come from --market")
        return event

    def _meet(self, signal: Signal, now: int) -> None:
        first: Sequence[OutsideInput] = self._market.meet(signal.symbol, now, signal.price)
        for event in first:
            self._handle(event)
        self._session.handle(signal, now)


def _first(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


async def run_live(
    shell: LiveShell,
    inbox: EventInbox,
    sources: Sequence[SignalSource],
    beside: Sequence[Coroutine[Any, Any, None]] = (),
) -> Ending:
    """Runs a shell with its opened sources and whatever else goes on beside it (a view that redraws itself).

    Raises:
        Exception: whatever the run, a source or what goes on beside it met with.
    """
    waiting = [*(source.follow(inbox.put) for source in sources), *beside]
    tasks = [asyncio.ensure_future(each) for each in waiting]
    for task in tasks:
        task.add_done_callback(lambda done: _pass_failure_on(done, inbox))
    try:
        return await shell.run()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _pass_failure_on(task: asyncio.Future[None], inbox: EventInbox) -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None:
        inbox.fail(error)
