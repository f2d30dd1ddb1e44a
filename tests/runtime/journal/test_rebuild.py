"""State is a view of the journal: its rows, fed to a fresh engine, make the same records, commands and state."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import attrs
import pytest

from rulec.dsl.compile import compile_text
from rulec.runtime.core.engine import Engine
from rulec.runtime.core.output import record_line
from rulec.runtime.core.records import Decision, Outcome, PositionRecord, Record
from rulec.runtime.core.sequencer import Sink
from rulec.runtime.journal import JournalError, RunEnd, SqliteJournal, Step, read_rows, read_runs, read_steps
from rulec.runtime.journal.codec import encode
from rulec.runtime.journal.rebuild import feed_step, fresh_engine, rebuild
from rulec.runtime.journal.state import describe_state, state_digest
from rulec.runtime.recorded import begin_run, play, read_recording
from rulec.runtime.simulation import Simulation, simulate
from rulec.tests.runtime.journal.scenarios import NYSE, SCENARIOS, Scenario
from rulec.tests.support.replaying import price, signal

every_scenario = pytest.mark.parametrize("name", SCENARIOS)


@attrs.frozen
class Recorded:
    """A run that was written to a journal: what it printed, and its state's digest after each step."""

    path: str
    lines: list[str]
    records: list[Record]
    digests: list[str]
    run: Simulation


def record(scenario: Scenario, folder: Path, *, with_digests: bool = False) -> Recorded:
    path = str(folder / "run.db")
    lines: list[str] = []
    records: list[Record] = []
    digests: list[str] = []
    with SqliteJournal.open(path) as journal:
        plan = scenario.plan()
        settings = begin_run(journal, plan, "nyse", scenario.settings, scenario.simulation, {})

        def keep(event: object, made: Sequence[Record]) -> None:
            lines.extend(map(record_line, made))
            records.extend(made)
            if with_digests:
                digests.append(state_digest(run.engine))

        run = simulate(plan, NYSE, settings, scenario.simulation, journal=journal, sinks=[keep])
        run.session.run(scenario.inputs(folder))
        journal.finish()
    return Recorded(path, lines, records, digests, run)


def rebuilt(scenario: Scenario, recorded: Recorded, steps: int | None = None) -> Engine:
    """A fresh engine after so many of the journal's steps, or all."""
    (header,) = read_runs(recorded.path)
    engine = fresh_engine(scenario.plan(), NYSE, header)
    last = rebuild(engine, islice(read_steps(recorded.path, header.run), steps), recorded.path)
    assert steps is None or last == steps
    return engine


@every_scenario
def test_the_rows_of_a_run_rebuild_its_state(name: str, tmp_path: Path) -> None:
    scenario = SCENARIOS[name]
    recorded = record(scenario, tmp_path)
    engine = rebuilt(scenario, recorded)
    assert describe_state(engine) == describe_state(recorded.run.engine)


@every_scenario
def test_cut_anywhere_they_rebuild_the_state_of_that_moment_and_go_on_from_there(name: str, tmp_path: Path) -> None:
    scenario = SCENARIOS[name]
    recorded = record(scenario, tmp_path, with_digests=True)
    steps = [step for step in read_steps(recorded.path, "r0") if isinstance(step, Step)]
    for cut in random.Random(5).sample(range(1, len(steps)), min(12, len(steps) - 1)):
        engine = rebuilt(scenario, recorded, cut)
        assert state_digest(engine) == recorded.digests[cut - 1], f"after {cut} steps"
        for step in steps[cut:]:
            feed_step(engine, step, recorded.path)
        assert state_digest(engine) == recorded.digests[-1], f"at the end, rebuilt after {cut} steps"


@every_scenario
def test_records_and_commands_stand_in_the_journal_as_they_were_made(name: str, tmp_path: Path) -> None:
    recorded = record(SCENARIOS[name], tmp_path)
    steps = [step for step in read_steps(recorded.path, "r0") if isinstance(step, Step)]
    read = [made for step in steps for made in step.records]
    assert read == recorded.records
    assert [record_line(made) for made in read] == recorded.lines
    assert [step.seq for step in steps] == list(range(1, len(steps) + 1))
    for row in read_rows(recorded.path):
        assert encode(row.value) == row.body


@every_scenario
def test_a_recording_played_again_prints_the_same(name: str, tmp_path: Path) -> None:
    recorded = record(SCENARIOS[name], tmp_path)
    recording = read_recording(recorded.path)
    assert recording.finished
    lines: list[str] = []
    again = simulate(
        SCENARIOS[name].plan(),
        NYSE,
        recording.header.settings,
        recording.simulation,
        sinks=[lambda event, made: lines.extend(map(record_line, made))],
    )
    play(again.session, recording)
    assert lines == recorded.lines
    assert again.summary() == recorded.run.summary()


def test_the_scenarios_leave_something_to_rebuild(tmp_path: Path) -> None:
    outcomes: set[Outcome] = set()
    reasons: set[str | None] = set()
    commands: set[str] = set()
    for number, scenario in enumerate(SCENARIOS.values()):
        folder = tmp_path / str(number)
        folder.mkdir()
        recorded = record(scenario, folder)
        outcomes |= {made.outcome for made in recorded.records if isinstance(made, Decision)}
        reasons |= {made.reason for made in recorded.records if isinstance(made, PositionRecord)}
        commands |= {row.kind for row in read_rows(recorded.path)}
    assert outcomes >= {Outcome.ACTED, Outcome.REVERSED, Outcome.IGNORED, Outcome.REFUSED, Outcome.THROTTLED}
    assert reasons >= {"stop", "target", "reverse", "exit", "time", "trail"}
    assert commands >= {"Place", "Modify", "Cancel", "Subscribe", "AskOrder", "TimerFired", "Fault", "BrokerLink"}


def test_other_rules_are_told_from_those_that_wrote_the_journal(tmp_path: Path) -> None:
    scenario = SCENARIOS["a stop concludes the card's long"]
    recorded = record(scenario, tmp_path)
    (header,) = read_runs(recorded.path)
    other = compile_text(scenario.rules.replace("3%", "4%"), "card.rules").plan
    assert other is not None
    assert other.fingerprint != header.rules
    with pytest.raises(JournalError, match=r"step 2 \(Signal\) comes out otherwise"):
        rebuild(fresh_engine(other, NYSE, header), read_steps(recorded.path, "r0"), recorded.path)


def test_a_run_that_was_stopped_is_played_to_where_it_was_stopped(tmp_path: Path) -> None:
    scenario = SCENARIOS["a stop concludes the card's long"]
    path = str(tmp_path / "run.db")
    with SqliteJournal.open(path) as journal:
        settings = begin_run(journal, scenario.plan(), "nyse", scenario.settings, scenario.simulation, {})
        run = simulate(scenario.plan(), NYSE, settings, scenario.simulation, journal=journal)
        for event in scenario.inputs(tmp_path)[:3]:
            run.session.handle(event)
    recording = read_recording(path)
    assert not recording.finished
    again = simulate(scenario.plan(), NYSE, recording.header.settings, recording.simulation)
    play(again.session, recording)
    assert describe_state(again.engine) == describe_state(run.engine)
    assert not any(isinstance(step, RunEnd) for step in read_steps(path, "r0"))


def test_a_signal_read_late_is_played_at_the_time_it_was_read(tmp_path: Path) -> None:
    scenario = SCENARIOS["a stop concludes the card's long"]
    first, late, *rest = scenario.inputs(tmp_path)
    path = str(tmp_path / "run.db")
    lines: list[str] = []
    with SqliteJournal.open(path) as journal:
        settings = begin_run(journal, scenario.plan(), "nyse", scenario.settings, scenario.simulation, {})
        run = simulate(
            scenario.plan(),
            NYSE,
            settings,
            scenario.simulation,
            journal=journal,
            sinks=[lambda event, made: lines.extend(map(record_line, made))],
        )
        run.session.handle(first)
        run.session.handle(late, late.time + 90_000_000)
        for event in rest:
            run.session.handle(event, event.time + 90_000_000)
    assert "stale" in lines[0]
    recording = read_recording(path)
    played: list[str] = []
    again = simulate(
        scenario.plan(),
        NYSE,
        recording.header.settings,
        recording.simulation,
        sinks=[lambda event, made: played.extend(map(record_line, made))],
    )
    play(again.session, recording)
    assert played == lines


def test_a_timer_that_fired_before_a_signal_of_its_time_does_so_again(tmp_path: Path) -> None:
    rules = "on signal BUY -> enter long 10 stop 5% exit after 40s\n"
    events = [price(0, 150), signal(1, "BUY"), price(2, 150), signal(42, "BUY")]
    scenario = Scenario(rules, events)
    *first, last = scenario.inputs(tmp_path)
    path = str(tmp_path / "run.db")
    reasons: list[str | None] = []
    with SqliteJournal.open(path) as journal:
        settings = begin_run(journal, scenario.plan(), "nyse", scenario.settings, scenario.simulation, {})
        run = simulate(scenario.plan(), NYSE, settings, scenario.simulation, journal=journal, sinks=[keep(reasons)])
        for event in first:
            run.session.handle(event)
        run.session.run_timers(last.time)  # as a loop does that looks at its timers before its signals
        run.session.handle(last)
    assert reasons == [None, "in flight"]
    recording = read_recording(path)
    played: list[str | None] = []
    again = simulate(scenario.plan(), NYSE, recording.header.settings, recording.simulation, sinks=[keep(played)])
    play(again.session, recording)
    assert played == reasons


def keep(reasons: list[str | None]) -> Sink:
    """Keeps the reasons of decisions."""

    def sink(event: object, made: Sequence[Record]) -> None:
        reasons.extend(record.reason for record in made if isinstance(record, Decision))

    return sink
