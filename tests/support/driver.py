"""Drives rules on the simulated exchange as `rulec replay` does, with the invariants checked at every step.

    run = drive(rules, events, SimulationSettings(fill=FillMode.STANDING))
    run.lines          the output, as `--json` prints it
    run.records, run.engine, run.broker

Every case runs twice and must print the same bytes (invariant 7). `Rig` is the same by hand: one event at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

import attrs

from rulec.dsl.plan import Limit, Rule
from rulec.runtime.broker.port import Command, Execution
from rulec.runtime.broker.simulated import SimulatedBroker, SimulationSettings
from rulec.runtime.core.engine import Engine
from rulec.runtime.core.output import record_line
from rulec.runtime.core.policy import TradePolicy
from rulec.runtime.core.records import Record
from rulec.runtime.core.sequencer import ForgetfulJournal, Sequencer
from rulec.runtime.core.session import SimulatedSession
from rulec.runtime.core.settings import Settings
from rulec.runtime.event.inputs import OutsideInput
from rulec.runtime.market.hours import Hours, NyseHours
from rulec.tests.support.invariants import Invariants

Kind = TypeVar("Kind")

NYSE = NyseHours()  # a calendar remembers its days, so one serves all tests


@attrs.frozen
class Watched:
    """A broker with the checker in front of it."""

    broker: SimulatedBroker
    invariants: Invariants

    def send(self, commands: Iterable[Command]) -> None:
        listed = list(commands)
        self.invariants.sending(listed)
        self.broker.send(listed)
        self.invariants.step()


class WatchedSession(SimulatedSession):
    """A session that says when nothing waits any more."""

    def __init__(self, sequencer: Sequencer, broker: SimulatedBroker, invariants: Invariants | None) -> None:
        super().__init__(sequencer, broker)
        self._invariants = invariants

    def drain(self, now: int) -> None:
        super().drain(now)
        if self._invariants is not None:
            self._invariants.quiet()


@attrs.frozen
class Run:
    """What a case came to."""

    records: list[Record]
    engine: Engine
    broker: SimulatedBroker
    invariants: Invariants | None

    @property
    def lines(self) -> list[str]:
        return [record_line(record) for record in self.records]

    def of(self, kind: type[Kind]) -> list[Kind]:
        return [record for record in self.records if isinstance(record, kind)]


class Rig:
    """An engine on the simulated exchange, one event at a time; `records` is all that came of it so far."""

    def __init__(
        self,
        rules: Iterable[Rule],
        settings: SimulationSettings | None = None,
        *,
        limits: Sequence[Limit] = (),
        sectors: Mapping[str, str] | None = None,
        policy: TradePolicy | None = None,
        hours: Hours = NYSE,
        check: bool = True,
    ) -> None:
        settings = settings or SimulationSettings()
        self.engine = Engine(
            rules,
            hours,
            Settings(
                equity=settings.equity,
                limits=tuple(limits),
                sectors=sectors or {},
                policy=policy or TradePolicy(buying_power=settings.leverage),
            ),
        )
        self.broker = SimulatedBroker(hours, settings)
        self.records: list[Record] = []
        self.told: list[Execution] = []
        self.invariants: Invariants | None = None
        if check:
            self.invariants = Invariants(self.engine, self.broker, limits, sectors, settings.leverage)
            watched = Watched(self.broker, self.invariants)
            sequencer = Sequencer(self.engine, watched, ForgetfulJournal(), [self._keep, self.invariants.sink])
        else:
            sequencer = Sequencer(self.engine, self.broker, ForgetfulJournal(), [self._keep])
        self.session = WatchedSession(sequencer, self.broker, self.invariants)

    def _keep(self, event: object, records: Sequence[Record]) -> None:
        self.records.extend(records)
        if isinstance(event, Execution):
            self.told.append(event)

    def handle(self, *events: OutsideInput) -> None:
        for event in events:
            self.session.handle(event)

    def wait_until(self, time: int) -> None:
        """Lets time pass: what is due up to a time (microseconds since 1970 UTC) happens."""
        self.session.run_timers(time)

    @property
    def lines(self) -> list[str]:
        return [record_line(record) for record in self.records]

    def finish(self) -> Run:
        """Runs to the end of the session in which the last event was."""
        if self.session.sequencer.now:
            self.session.finish(self.session.sequencer.now)
        return Run(self.records, self.engine, self.broker, self.invariants)


def drive(
    rules: Iterable[Rule],
    events: Iterable[OutsideInput],
    settings: SimulationSettings | None = None,
    *,
    limits: Sequence[Limit] = (),
    sectors: Mapping[str, str] | None = None,
    policy: TradePolicy | None = None,
    hours: Hours = NYSE,
    check: bool = True,
    to_end: bool = False,
) -> Run:
    """Runs a case twice, invariants on, and answers the first run.

    Args:
        to_end: run on to the close of the last session, as a replay does; else stop at the last event.

    Raises:
        InvariantBroken: an invariant does not hold.
        AssertionError: the second run printed something else.
    """
    listed, kept = list(events), list(rules)

    def once() -> Run:
        rig = Rig(kept, settings, limits=limits, sectors=sectors, policy=policy, hours=hours, check=check)
        rig.handle(*listed)
        return rig.finish() if to_end else Run(rig.records, rig.engine, rig.broker, rig.invariants)

    first, second = once(), once()
    assert first.lines == second.lines, "7: the same inputs gave different output"
    return first
