"""A simulated run in a journal, and the run once more from there.

    with SqliteJournal.open(path) as journal:
        settings = begin_run(journal, plan, "nyse", settings, simulation, parameters)
        run = simulate(plan, hours, settings, simulation, journal=journal)

    recording = read_recording(path)
    play(simulate(plan, hours, recording.header.settings, recording.simulation).session, recording)

What came from outside (market data, signals, faults, the connection) is fed to the simulated session again, each at
the time at which it was delivered; fills and timers come of themselves. With the same rules and settings the second
run is the first one, byte for byte; with others it shows what they would have done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs
import msgspec

from ..dsl.plan import Plan
from .broker.simulated import ACCOUNT, CLIENT, SimulationSettings
from .core.session import SimulatedSession
from .core.settings import Settings
from .event.inputs import Bar, BrokerLink, Fault, OutsideInput, Price, Quote, Signal, TimerFired
from .event.reload import Reload, RuleTexts, texts_after
from .journal import JournalError, RunHeader, SqliteJournal, Step, read_steps
from .journal.headers import header_of
from .journal.reader import choose_run
from .rule.rule_set import RuleSet, make_ready
from .simulation import settings_on


def begin_run(
    journal: SqliteJournal,
    plan: Plan,
    hours: str,
    settings: Settings,
    simulation: SimulationSettings,
    parameters: Mapping[str, str],
    texts: RuleTexts | None = None,
) -> Settings:
    """Begins a simulated run in a journal.

    `hours` is a name of `runtime.market.hours.HOURS`; `parameters` are the values that the plan was compiled with,
    `texts` what it was compiled from.

    Returns:
        The settings to run with: where the journal has a run of this name, the run has the next free one.

    Raises:
        JournalError: the header could not be written.
    """
    settings = attrs.evolve(settings_on(settings, simulation), run=journal.free_run(settings.run))
    journal.begin(
        header_of(
            plan,
            hours,
            settings,
            parameters,
            texts,
            account=ACCOUNT,
            client_id=CLIENT,
            simulation=msgspec.to_builtins(simulation),
        )
    )
    return settings


@attrs.frozen
class Recording:
    """What came from outside in one run, each with the time of its delivery (microseconds since 1970 UTC).

    Where an input is None, only time went by: timers had fired by then that the next input must find fired. `until` is
    the time of the run's last row; `finished` tells whether its inputs came to their end, so that its timers ran to
    the end of the last session.
    """

    header: RunHeader
    simulation: SimulationSettings
    inputs: tuple[tuple[int, OutsideInput | Reload | None], ...]
    until: int
    finished: bool

    @property
    def reloads(self) -> int:
        """How often the rules changed."""
        return sum(isinstance(event, Reload) for _, event in self.inputs)


def read_recording(path: str, run: str | None = None) -> Recording:
    """Reads a run of a journal, the last one where none is named; to its last row before anything is done with it.

    Raises:
        JournalError: the file cannot be read, is no sound journal, has no such run, or the run was not simulated.
    """
    header = choose_run(path, run)
    if header.simulation is None:
        raise JournalError(path, f"run {header.run} was not on the simulated exchange")
    try:
        simulation = msgspec.convert(header.simulation, SimulationSettings)
    except msgspec.ValidationError as error:
        raise JournalError(path, f"the settings of run {header.run} cannot be read: {error}") from error
    inputs: list[tuple[int, OutsideInput | Reload | None]] = []
    until, finished = 0, False
    for step in read_steps(path, header.run):
        if not isinstance(step, Step):
            finished = True
            continue
        if isinstance(step.event, (Price, Quote, Bar)):
            inputs.append((step.now, step.event))
        elif isinstance(step.event, Signal) and step.event.emitted:
            continue  # rules emit it again
        elif isinstance(step.event, (Signal, BrokerLink, Fault, Reload)):
            if inputs and inputs[-1][0] < step.now == until:
                inputs.append((step.now, None))  # the broker did something at this very time, before
            inputs.append((step.now, step.event))
        elif isinstance(step.event, TimerFired):
            inputs.append((step.now, None))
        until = step.now
    return Recording(header, simulation, tuple(inputs), until, finished)


Compile = Callable[[RuleTexts], Plan]
"""Compiles texts as the recorded run did; raises where that cannot be done any more."""


def play(session: SimulatedSession, recording: Recording, compiled: Compile | None = None) -> None:
    """Feeds a recording to a session, to the end of the last session or to where the recorded run was stopped.

    With `compiled` the rules change where they did; without it those that the session has are tried throughout.

    Raises:
        ValueError: a reload does not fit the texts before it.
    """
    texts = recording.header.texts
    for now, event in recording.inputs:
        if event is None:
            session.run_timers(now)
        elif isinstance(event, Reload):
            if compiled is not None and texts is not None:
                texts = texts_after(texts, event)
                session.reload(event, _ready(session, compiled(texts), event), now)
        else:
            session.handle(event, now)
    if recording.finished and recording.inputs:
        session.finish(session.sequencer.now)
    else:
        session.run_timers(recording.until)


def _ready(session: SimulatedSession, plan: Plan, reload: Reload) -> RuleSet:
    engine = session.sequencer.engine
    return make_ready(plan, reload.digest, engine.rules, engine.runner.index)
