"""Drives an engine against the simulated broker, in event time.

At one instant the exchange matches resting orders first, then come the fills and their consequences, then bar and
price rules, then signals, then timers. A bar is walked point by point: what the engine answers to a fill takes effect
before the next point.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..broker.simulated import SimulatedBroker
from ..event.happenings import Started
from ..event.inputs import Bar, BrokerLink, Fault, OutsideInput, Price, Quote
from ..event.reload import Reload
from ..rule.rule_set import RuleSet
from .engine import Input
from .sequencer import Sequencer


class SimulatedSession:
    """One run of a sequencer over the simulated broker."""

    def __init__(self, sequencer: Sequencer, broker: SimulatedBroker) -> None:
        self.sequencer = sequencer
        self.broker = broker
        self._has_begun = False

    def run(self, events: Iterable[OutsideInput]) -> None:
        """Handles recorded events to the end of their last session."""
        last = 0
        for event in events:
            self.handle(event)
            last = self.sequencer.now
        if last:
            self.finish(last)

    def handle(self, event: OutsideInput, now: int | None = None) -> None:
        """Handles one event, after everything that was due before it.

        `now` is the time of its delivery where that is not its own: a signal that was read later than it was made, a
        bar of the past that was fetched.
        """
        if now is None:
            now = event.end if isinstance(event, Bar) else event.time
        if isinstance(event, Bar) and event.past:
            self.sequencer.feed(event, now)  # no news: nothing can fill on it, and no timer is due by it
            return
        if not self._has_begun:
            self._tell_start(now)
        self.run_timers(now - 1)
        sequencer, broker = self.sequencer, self.broker
        broker.set_now(now)
        if isinstance(event, (Bar, Price, Quote)):
            for _ in broker.market(event):
                self.drain(now)
        elif isinstance(event, Fault):
            broker.fault(event)
        elif isinstance(event, BrokerLink):
            broker.link(event)
        sequencer.feed(event, now)
        self.drain(now)

    def take(self, event: Input, now: int) -> None:
        """Handles an input that neither the market nor this session's own broker brought."""
        self.sequencer.feed(event, now)
        self.drain(now)

    def begin(self, now: int) -> None:
        """Starts the system at a moment that no event marks: its clocks run from then on."""
        self._has_begun = True
        self.broker.set_now(now)
        self.sequencer.feed(Started(now), now)
        self.drain(now)

    def _tell_start(self, now: int) -> None:
        """Tells the rules that wait for it that the system has started: an input of its own, before any other."""
        self._has_begun = True
        if self.sequencer.engine.wants_start:
            self.begin(now)

    def reload(self, reload: Reload, ready: RuleSet, now: int) -> None:
        """Takes new rules into force, after everything that was due before."""
        self.run_timers(now - 1)
        self.broker.set_now(now)
        self.sequencer.engine.offered = ready
        self.sequencer.feed(reload, now)
        self.drain(now)

    def drain(self, now: int) -> None:
        """Hands the broker's messages to the engine, and their consequences back, until both are quiet."""
        while messages := self.broker.take():
            for message in messages:
                self.sequencer.feed(message, now)

    def next_due(self) -> int | None:
        """When the first timer of the exchange's or the engine's is due; None where none is."""
        broker_due = self.broker.next_due()
        engine_due = self.sequencer.engine.timers.next_due()
        if broker_due is None or engine_due is None:
            return engine_due if broker_due is None else broker_due
        return min(broker_due, engine_due)

    def run_timers(self, until: int) -> None:
        """Fires what is due by a time, the exchange's own before the engine's at one instant."""
        while True:
            broker_due = self.broker.next_due()
            engine_due = self.sequencer.engine.timers.next_due()
            if broker_due is not None and broker_due <= until and (engine_due is None or broker_due <= engine_due):
                self.broker.set_now(broker_due)
                self.broker.advance(broker_due)
                self.drain(broker_due)
            elif engine_due is not None and engine_due <= until:
                self.broker.set_now(engine_due)
                self.sequencer.fire_timer(engine_due)
                self.drain(engine_due)
            else:
                return

    def finish(self, now: int) -> None:
        """Runs timers to the end of the session that a time belongs to."""
        hours = self.sequencer.engine.desk.hours
        self.run_timers(hours.session_close(now) if hours.is_open(now) else now)
