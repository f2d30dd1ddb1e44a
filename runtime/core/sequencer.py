"""One input after another: a number and one `now` at the door, then the step, the journal, the commands.

    feed(input, now) -> step -> journal.append -> journal.commit -> sinks -> broker.send

The outbox is the order of these lines: whatever is sent was journalled before.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from ..broker.port import Broker, Command
from ..event.inputs import TimerFired
from .engine import Engine, Input
from .records import Record


class Journal(Protocol):
    """Where a step is written before its commands are sent."""

    def append(
        self, seq: int, now: int, event: Input, records: Sequence[Record], commands: Sequence[Command]
    ) -> None: ...

    def commit(self) -> None: ...


class ForgetfulJournal:
    """Keeps nothing: for a replay whose inputs are on file anyway."""

    def append(self, seq: int, now: int, event: Input, records: Sequence[Record], commands: Sequence[Command]) -> None:
        return

    def commit(self) -> None:
        return


class MemoryJournal:
    """Keeps every row in memory, in order."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, int, Input, tuple[Record, ...], tuple[Command, ...]]] = []

    def append(self, seq: int, now: int, event: Input, records: Sequence[Record], commands: Sequence[Command]) -> None:
        self.rows.append((seq, now, event, tuple(records), tuple(commands)))

    def commit(self) -> None:
        return


Sink = Callable[[Input, Sequence[Record]], None]


class Sequencer:
    """Feeds an engine, input by input. Times in microseconds since 1970 UTC never run backwards."""

    def __init__(self, engine: Engine, broker: Broker, journal: Journal, sinks: Sequence[Sink] = ()) -> None:
        self.engine = engine
        self.broker = broker
        self.journal = journal
        self.sinks = list(sinks)
        self.seq = 0
        self.now = 0

    def feed(self, event: Input, now: int) -> None:
        """Handles one input to its end and sends what came of it; then the signals that rules emitted, one by one."""
        self._handle(event, now)
        emitted = deque(first) if (first := self.engine.take_emitted()) else None
        while emitted:
            self._handle(emitted.popleft(), now)
            emitted.extend(self.engine.take_emitted())

    def _handle(self, event: Input, now: int) -> None:
        self.now = max(self.now, now)
        self.seq += 1
        records, commands = self.engine.step(self.seq, self.now, event)
        self.journal.append(self.seq, self.now, event, records, commands)
        self.journal.commit()
        for sink in self.sinks:
            sink(event, records)
        if commands:
            self.broker.send(commands)

    def fire_timer(self, until: int) -> bool:
        """Fires the first timer that is due by a time; false where none is."""
        due = self.engine.timers.next_due()
        if due is None or due > until:
            return False
        key = self.engine.timers.take(due)
        if key is None:
            return False
        self.feed(TimerFired(max(due, self.now), key), due)
        return True
