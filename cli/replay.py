"""`rulec replay`: drives rules with recorded events, in event time, and prints what they decided and ordered.

The events come from files (`--events`) or from the journal of an earlier run (`--journal`). A journal brings with it
what the run was made with, so that the same rules do the same again; options given here come before that.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import attrs
import click

from ..dsl.plan import Plan
from ..runtime.at_broker import follow_calls, summary_of
from ..runtime.broker.simulated import SimulationSettings
from ..runtime.core.engine import Engine
from ..runtime.core.output import summary_line
from ..runtime.core.sequencer import Sink
from ..runtime.core.session import SimulatedSession
from ..runtime.core.settings import Settings
from ..runtime.event.reload import RuleTexts
from ..runtime.feed import FeedError, read_events
from ..runtime.feed.files import Feed
from ..runtime.journal import RunHeader
from ..runtime.journal.reader import choose_run
from ..runtime.market.hours import HOURS, Hours
from ..runtime.recorded import play
from ..runtime.recorded_rules import compile_texts
from ..runtime.restart import rebuild_run
from ..runtime.rule.registered import RegisteredAction
from ..runtime.simulation import simulate
from ..runtime.view.lines import summary_text
from .actions import read_actions
from .calling import called_actions
from .configuring import config_option, load_configuration
from .errors import CommandError, LineRefused
from .journaling import open_recording, telling_of_journals
from .loading import RulesRefused, load_plan, plan_of, recorded_rules, stopped
from .printing import json_sink, text_sink
from .rules import read_settings
from .simulating import simulation_options, with_options


@click.command()
@click.argument("rules", nargs=-1, metavar="[RULES...]")
@click.option(
    "--events",
    "events",
    multiple=True,
    metavar="FILE",
    help="Recorded events: JSON lines, or bars as CSV. Several files are merged by time.",
)
@click.option("--journal", metavar="FILE", help="The journal of a run, in place of events: its last run.")
@click.option("--run", metavar="NAME", help="With --journal: another run of it, as `r0`.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Set a param of the rules.")
@config_option
@simulation_options
def replay(
    rules: Sequence[str],
    events: Sequence[str],
    journal: str | None,
    run: str | None,
    as_json: bool,
    settings: Sequence[str],
    config: str | None,
    **given: Any,
) -> int:
    """Drive RULES with recorded events and print what they decided and ordered.

    A journal brings its rules with it, as they were and were reloaded; RULES in their place are tried throughout.
    Settings come from rulec.toml where there is one; for a journal from the journal, and from --config if it is given.
    Python actions are called again, those of rulec.toml where --config names no other.
    """
    if bool(events) == (journal is not None):
        raise CommandError("what shall be replayed? Give one of --events FILE and --journal FILE")
    if run is not None and journal is None:
        raise CommandError("--run names a run of a journal: give --journal FILE, too")
    if not rules and journal is None:
        raise CommandError("which rules shall be tried?", "name a rule file, or a folder of them")
    try:
        if journal is None:
            source = _from_events(events, config)
        elif (header := _run_at_broker(journal, run)) is not None:
            if rules:
                raise CommandError(
                    f"{journal}: run {header.run} traded at a broker, whose answers fit no other rules than its own",
                    "leave RULES out",
                )
            return _again(journal, header, load_configuration(config).actions, as_json)
        else:
            source = _from_journal(journal, run, config, settings, as_recorded=not rules)
        plan = source.plan or load_plan(rules, [*source.parameters, *settings], source.recorded, module=source.actions)
    except RulesRefused:
        return stopped()
    write = sys.stdout.write
    replayed = simulate(
        plan,
        source.hours,
        source.settings,
        with_options(source.simulation, given),
        sinks=[json_sink(write) if as_json else text_sink(write)],
        actions=called_actions(plan, source.actions),
    )
    try:
        source.drive(replayed.session)
    except RulesRefused:
        return stopped()
    summary = replayed.summary()
    write(summary_line(summary) + "\n" if as_json else f"\n{summary_text(summary)}\n")
    return 0


def _run_at_broker(path: str, run: str | None) -> RunHeader | None:
    """The run of a journal that is to be replayed, where it was one at a real broker."""
    with telling_of_journals():
        header = choose_run(path, run)
    return header if header.simulation is None else None


def _again(path: str, header: RunHeader, module: str | None, as_json: bool) -> int:
    """Does a run at a broker again from its rows: what the broker said stands in them."""
    write = sys.stdout.write
    actions: dict[str, RegisteredAction] = {}

    def prepare(engine: Engine) -> Sequence[Sink]:
        called = None if module is None else actions
        return [*follow_calls(engine, called), json_sink(write) if as_json else text_sink(write)]

    with telling_of_journals():
        run = rebuild_run(path, header, HOURS[header.hours](), recorded_rules(module, actions), prepare)
    summary = summary_of(run.engine, run.tally)
    write(summary_line(summary) + "\n" if as_json else f"\n{summary_text(summary)}\n")
    return 0


@attrs.frozen
class _Source:
    """What is replayed, and with which settings.

    `recorded` are the params of the run that is done again, `actions` the path of the Python file with the rules'
    actions.
    """

    hours: Hours
    settings: Settings
    simulation: SimulationSettings
    parameters: Sequence[str]
    recorded: dict[str, str]
    actions: str | None
    drive: Callable[[SimulatedSession], None]
    plan: Plan | None = None
    """The rules of the run that is done again, where no others are named."""


def _from_events(paths: Sequence[str], config: str | None) -> _Source:
    configuration = load_configuration(config)
    hours = HOURS[configuration.hours("nyse")]()
    feed = open_feed(paths, hours)
    return _Source(
        hours,
        configuration.apply(Settings()),
        configuration.simulation(SimulationSettings()),
        configuration.parameters(),
        {},
        configuration.actions,
        lambda session: session.run(feed),
    )


def _from_journal(
    path: str, run: str | None, config: str | None, settings: Sequence[str], *, as_recorded: bool
) -> _Source:
    configuration = load_configuration(config, default=False)
    recording = open_recording(path, run)
    header = recording.header
    module = load_configuration(config).actions  # they belong to the rules, and a journal does not hold Python
    plan, compiled = None, None
    if as_recorded:
        if header.texts is None:
            raise CommandError(f"{path}: it does not hold the rules of the run: name their files")
        parameters = {**header.parameters, **read_settings([*configuration.parameters(), *settings])}
        actions = None if module is None else read_actions(module)

        def compile_again(texts: RuleTexts) -> Plan:
            compilation = compile_texts(texts, dict(parameters), actions)
            return plan_of(compilation, compilation.sources)

        compiled = compile_again
        plan = compile_again(header.texts)
    elif recording.reloads:
        times = "once" if recording.reloads == 1 else f"{recording.reloads} times"
        click.echo(f"the run reloaded its rules {times}: here the rules named are tried throughout", err=True)
    return _Source(
        HOURS[configuration.hours(header.hours)](),
        configuration.apply(header.settings),
        configuration.simulation(recording.simulation),
        configuration.parameters(),
        dict(header.parameters),
        module,
        lambda session: play(session, recording, compiled),
        plan,
    )


def open_feed(paths: Sequence[str], hours: Hours) -> Feed:
    """Reads and checks recorded events to their last line.

    Raises:
        CommandError: a file is missing, or a line of it is wrong; named as `FILE:LINE: …`.
    """
    try:
        return read_events(paths, hours)
    except FeedError as error:
        raise LineRefused(str(error)) from error
    except OSError as error:
        raise CommandError(f"{error.filename}: {error.strerror}") from error
