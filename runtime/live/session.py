"""What the loop drives: a sequencer with whatever broker is behind it.

In simulation time passes for the exchange, too, and the session brings it the market (`core.session`). At a broker the
market, fills and all else come from outside: there a session only feeds what arrives, after the timers due before it.
"""

from __future__ import annotations

from typing import Protocol

from ..core.engine import Input
from ..core.sequencer import Sequencer
from ..event.happenings import Started
from ..event.inputs import Bar, OutsideInput
from ..event.reload import Reload
from ..feed.files import delivery_time
from ..rule.rule_set import RuleSet


class Session(Protocol):
    """One run of a sequencer. Times in microseconds since 1970 UTC."""

    @property
    def sequencer(self) -> Sequencer: ...

    def handle(self, event: OutsideInput, now: int | None = None) -> None:
        """Handles one event, after everything that was due before it; `now` where that is not its own time."""

    def take(self, event: Input, now: int) -> None:
        """Handles what a broker said."""

    def begin(self, now: int) -> None:
        """Tells the rules that wait for it that the system has started."""

    def reload(self, reload: Reload, ready: RuleSet, now: int) -> None:
        """Takes new rules into force, after everything that was due before."""

    def next_due(self) -> int | None:
        """When the first timer is due; None where none is."""

    def run_timers(self, until: int) -> None:
        """Fires what is due by a time."""

    def finish(self, now: int) -> None:
        """The market is over: what is still due in its last session comes due."""


class BrokerSession:
    """Implements `Session` at a real broker: one input after another, each after the timers due before it."""

    def __init__(self, sequencer: Sequencer) -> None:
        self._sequencer = sequencer

    @property
    def sequencer(self) -> Sequencer:
        return self._sequencer

    def handle(self, event: OutsideInput, now: int | None = None) -> None:
        self.take(event, delivery_time(event) if now is None else now)

    def take(self, event: Input, now: int) -> None:
        if not (isinstance(event, Bar) and event.past):  # a bar of the past is no news: no timer is due by it
            self.run_timers(now - 1)
        self._sequencer.feed(event, now)

    def begin(self, now: int) -> None:
        if self._sequencer.engine.wants_start:
            self.take(Started(now), now)

    def reload(self, reload: Reload, ready: RuleSet, now: int) -> None:
        self.run_timers(now - 1)
        self._sequencer.engine.offered = ready
        self._sequencer.feed(reload, now)

    def next_due(self) -> int | None:
        return self._sequencer.engine.timers.next_due()

    def run_timers(self, until: int) -> None:
        while self._sequencer.fire_timer(until):
            pass

    def finish(self, now: int) -> None:
        """Nothing comes due at a broker that time itself does not bring."""
