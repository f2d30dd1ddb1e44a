"""A run in step with the gateway stand-in: the market waits for the run, and the run's time is the market's.

    gateway  {"event": 7, "time": "…", "kind": "market", "sent": 41}   an event was released; so many messages went out
    run      {"idle": 7, "received": 41, "sent": 12, "next": "…"}      all of them handled; the next timer is due then

The gateway releases the next event once both have counted the same messages, and lets time come to a timer of the run
before an event that lies behind it. So a run over a real socket meets fills, prices, signals and timers in the very
order in which the simulator in this process brings them, however slow the machine is.
"""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Sequence
from typing import Protocol

import attrs
import msgspec

from ..clock import ManualClock
from ..core.records import Notice
from ..event.inputs import OutsideInput
from ..feed.files import delivery_time
from ..times import parse_time, time_text
from .inbox import EventInbox, FromBroker
from .session import Session
from .shell import Ending, Say

_LOOKS = 200  # at the socket, one after the other, before a look costs a rest: answers come within a millisecond


class LockstepLost(Exception):
    """The control connection of the gateway came to nothing; the message says how."""


class StepKind(enum.Enum):
    """What was released."""

    MARKET = "market"
    PAUSE = "pause"  # inside a market event: what the run answers to a fill takes effect before the price moves on
    TIME = "time"  # time has come to what the run said is due next


@attrs.frozen
class Released:
    """An event that the gateway released, and how many messages this client has been sent by then."""

    event: int
    time: str
    sent: int
    kind: StepKind = StepKind.MARKET


class Wire(Protocol):
    """How many messages have been received and sent."""

    @property
    def received(self) -> int: ...

    @property
    def sent(self) -> int: ...


class LockstepLink(asyncio.Protocol):
    """The control connection of a gateway, and the clock that its lines move. Made by `open`; to be closed.

    A line of a step comes before the step's messages, on another socket: the clock moves where the line is read, so
    that no message is ever handled at the time of the step before.
    """

    def __init__(self) -> None:
        self._transport: asyncio.WriteTransport | None = None
        self._half = b""
        self._told: asyncio.Queue[Released | LockstepLost | None] = asyncio.Queue()
        self._clock: ManualClock | None = None
        self._first: Released | None = None

    @classmethod
    async def open(cls, host: str, port: int, client_id: int) -> LockstepLink:
        """Connects, and asks to be told of every event that concerns the session of a client.

        Raises:
            LockstepLost: nobody is there.
        """
        loop = asyncio.get_running_loop()
        try:
            _, link = await loop.create_connection(cls, host, port)
        except OSError as error:
            raise LockstepLost(f"no gateway's control is at {host}:{port}: {error.strerror or error}") from error
        link._say({"lockstep": client_id})
        return link

    async def begin(self) -> ManualClock:
        """The clock, at the time at which the market stands: it waits for this client from then on.

        Raises:
            LockstepLost: the market is over already, or the connection came to nothing.
        """
        self._first = await self.next()
        if self._first is None or self._clock is None:
            raise LockstepLost("the gateway's market is over")
        return self._clock

    async def next(self) -> Released | None:
        """The next event; None at the market's end.

        Raises:
            LockstepLost: the connection was lost, or brought something else.
        """
        if self._first is not None:
            first, self._first = self._first, None
            return first
        told = await self._told.get()
        if isinstance(told, LockstepLost):
            raise told
        return told

    def idle(self, event: int, received: int, sent: int, due: int | None) -> None:
        """Tells that everything up to an event is handled, and when the next timer is due (microseconds)."""
        answer: dict[str, object] = {"idle": event, "received": received, "sent": sent}
        if due is not None:
            answer["next"] = time_text(due)
        self._say(answer)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    # ---- the protocol ----------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        *lines, self._half = (self._half + data).split(b"\n")
        for line in lines:
            self._read(line)

    def connection_lost(self, error: Exception | None) -> None:
        self._told.put_nowait(LockstepLost("the gateway has closed its control connection"))

    def _read(self, line: bytes) -> None:
        try:
            told = msgspec.json.decode(line)
            if told.get("end"):
                self._told.put_nowait(None)
                return
            released = msgspec.convert(told, Released)
            self._move_to(parse_time(released.time))
        except (msgspec.DecodeError, AttributeError, ValueError) as error:
            self._told.put_nowait(LockstepLost(f"the gateway's control said {line!r}: {error}"))
            return
        self._told.put_nowait(released)

    def _move_to(self, time: int) -> None:
        if self._clock is None:
            self._clock = ManualClock(time)
        self._clock.move_to(max(time, self._clock.now()))

    def _say(self, message: dict[str, object]) -> None:
        if self._transport is None or self._transport.is_closing():
            raise LockstepLost("the gateway's control is gone")
        self._transport.write(msgspec.json.encode(message) + b"\n")


class LockstepShell:
    """One run in step with a gateway: a session, its recorded signals, and the clock that the events move."""

    def __init__(
        self,
        session: Session,
        signals: Sequence[OutsideInput],
        clock: ManualClock,
        inbox: EventInbox,
        link: LockstepLink,
        wire: Wire,
        say: Say,
    ) -> None:
        self._session = session
        self._signals = list(signals)
        self._next_signal = 0
        self._clock = clock
        self._inbox = inbox
        self._link = link
        self._wire = wire
        self._say = say

    @property
    def now(self) -> int:
        return max(self._clock.now(), self._session.sequencer.now)

    async def run(self) -> Ending:
        """Runs until the market is over or somebody asks it to stop.

        Raises:
            LockstepLost: the control connection came to nothing.
        """
        while True:
            released = await self._released()
            if released is None:
                return Ending.STOPPED if self._inbox.stop_reason is not None else Ending.MARKET_OVER
            now = self._clock.now()
            self._session.run_timers(now - 1)
            await self._hear(released.sent)
            if released.kind is StepKind.TIME:
                self._handle_due(now)
            self._link.idle(released.event, self._wire.received, self._wire.sent, self._next_due())

    async def _released(self) -> Released | None:
        """The next event; None at the market's end, or when somebody asks the run to stop."""
        next_event = asyncio.ensure_future(self._link.next())
        stop = asyncio.ensure_future(self._inbox.stopped())
        try:
            await asyncio.wait((next_event, stop), return_when=asyncio.FIRST_COMPLETED)
            return next_event.result() if next_event.done() else None
        finally:
            for task in (next_event, stop):
                task.cancel()
            await asyncio.gather(next_event, stop, return_exceptions=True)

    async def _hear(self, messages: int) -> None:
        """Handles what comes, until so many messages have come in all."""
        looks = 0
        while True:
            for arrival in self._inbox.take():
                if isinstance(arrival, FromBroker):
                    self._session.take(arrival.event, self._clock.now())
                else:
                    self._say(Notice(self.now, "warning", None, f"passed over in lockstep: {arrival}"))
            if self._wire.received >= messages or self._inbox.stop_reason is not None:
                return
            looks += 1
            await (asyncio.sleep(0) if looks < _LOOKS else self._inbox.wait(0.001))

    def _handle_due(self, now: int) -> None:
        """At one instant signals come before timers, both after the market."""
        while self._next_signal < len(self._signals) and delivery_time(self._signals[self._next_signal]) <= now:
            self._session.handle(self._signals[self._next_signal], now)
            self._next_signal += 1
        self._session.run_timers(now)

    def _next_due(self) -> int | None:
        timer = self._session.next_due()
        signal = None
        if self._next_signal < len(self._signals):
            signal = delivery_time(self._signals[self._next_signal])
        if timer is None or signal is None:
            return signal if timer is None else timer
        return min(timer, signal)
