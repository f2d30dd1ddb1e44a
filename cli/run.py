"""`rulec run`: the main job. Loads the rules, opens market and signals, and trades on the simulated exchange.

Without options it plays the recorded session that ships with rulec: on a terminal as a live view, elsewhere as plain
lines and as fast as it goes.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from ..dsl.library import STANDARD_INPUT
from ..dsl.plan import Plan
from ..dsl.source import LARGEST_FILE
from ..runtime.broker.exchange import FillMode
from ..runtime.broker.simulated import SimulationSettings
from ..runtime.clock import SystemClock
from ..runtime.core.engine import Engine
from ..runtime.core.policy import TradePolicy
from ..runtime.core.settings import Settings
from ..runtime.journal import SqliteJournal
from ..runtime.live.inbox import EventInbox
from ..runtime.live.rule_files import RuleFiles
from ..runtime.live.shell import Ending, LiveShell
from ..runtime.market.hours import HOURS
from ..runtime.simulation import Simulation, simulate
from ..runtime.view.ending import working_orders
from ..runtime.view.watch import Watch
from . import recorded_session
from .actions import read_actions
from .calling import called_actions
from .configuring import config_option, load_configuration
from .driving import StoppedEarly, Watched, drive, end_on_signals, output_for, stop_listening, stoppable
from .errors import CommandError
from .feeding import FileMarketOption, FileSignals, RandomMarketOption, parse_market, parse_signals, parse_speed
from .journaling import journal_option, journalled
from .loading import RulesRefused, load_files, stopped
from .outputs import Output, RunEnd
from .rules import read_settings
from .simulating import simulation_options, with_options
from .tracks import Track, open_random, open_recorded


@click.command()
@click.argument("rules", nargs=-1, metavar="[RULES...]")
@click.option(
    "--broker",
    default="sim",
    show_default=True,
    metavar="sim|ib://HOST:PORT",
    help="Where to trade: sim, the simulated exchange, or TWS or IB Gateway: ib://127.0.0.1:4002?client_id=1&account=DU1.",
)
@click.option("--live", metavar="ACCOUNT", help="With ib://: trade this account with real money. Spell its id out.")
@click.option(
    "--dry-run", is_flag=True, help="Decide, but send no order that opens shares; open trades stay protected."
)
@click.option(
    "--release",
    multiple=True,
    metavar="SYM",
    help="With ib://: a symbol that was halted may be traded again, its position as it is now.",
)
@click.option(
    "--market",
    multiple=True,
    metavar="FILE|random:SEED",
    help="Recorded bars (CSV) or events (JSON lines), several merged by time; or a market made up on the system's "
    "clock. Without it: the recorded session, or random:1 where signals are given.",
)
@click.option(
    "--speed",
    type=float,
    metavar="N",
    help="How fast a recorded market passes: N times real time; 0, the default, as fast as it goes.",
)
@click.option("--hours", type=click.Choice(list(HOURS)), help="When the market is open [files: nyse, random: always].")
@click.option(
    "--signals",
    multiple=True,
    metavar="file:PATH|-",
    help="JSON lines, followed as the file grows (from its end, or its start with ?from=start); - is standard input.",
)
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Set a param of the rules.")
@click.option("--no-watch", is_flag=True, help="Do not reload rules when their files are saved.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@journal_option
@config_option
@simulation_options
def run(
    rules: Sequence[str],
    broker: str,
    live: str | None,
    dry_run: bool,
    release: Sequence[str],
    market: Sequence[str],
    speed: float | None,
    hours: str | None,
    signals: Sequence[str],
    settings: Sequence[str],
    no_watch: bool,
    as_json: bool,
    journal: str | None,
    config: str | None,
    **given: Any,
) -> int:
    """Trade RULES on the simulated exchange, or at Interactive Brokers. Without RULES: the recorded session.

    A rule file that is saved, or one that it uses, is taken into force while the run goes on; with a mistake in it the
    rules go on as they are. Ctrl-C (SIGINT) and SIGTERM end the run; nothing is cancelled.
    """
    at_broker = broker != "sim"
    if at_broker:
        _check_broker_options(rules, broker, market, speed, hours, given)
    elif live is not None or release:
        name = "--release" if live is None else "--live"
        raise CommandError(f"{name}: there is no such thing on the simulated exchange", "it goes with --broker ib://…")
    if "-" in rules and "-" in signals:
        raise CommandError("standard input can bring the rules or the signals, not both")
    try:
        with stoppable():
            # the session that ships with rulec has its own settings; others are used where they are asked for
            configuration = load_configuration(config, default=bool(rules))
            parameters = [*configuration.parameters(), *settings]
            files = _rule_files(rules or [recorded_session.rules()], parameters, configuration.actions)
            loaded, plan = load_files(files)
            actions = dict(called_actions(plan, configuration.actions))
            if at_broker:
                from .at_broker import broker_options, run_at_broker
                from .earlier_run import Wish

                return run_at_broker(
                    Wish(
                        options=broker_options(broker, live, release),
                        configuration=configuration,
                        plan=plan,
                        texts=loaded.texts,
                        parameters=read_settings(parameters),
                        actions=actions,
                        signals=parse_signals(signals),
                        journal=journal,
                        dry_run=dry_run,
                        as_json=as_json,
                        watched=None if no_watch else Watched(files, loaded.texts, actions, configuration.actions),
                    )
                )
            track = _open_track(market, signals, speed, lambda usual: hours or configuration.hours(usual), plan)
            simulation = with_options(configuration.simulation(SimulationSettings(fill=FillMode.STANDING)), given)
            # a market made up quotes every symbol: there a signal's own price would only contradict it
            policy = TradePolicy(signal_prices=track.is_recorded)
            wanted = configuration.apply(Settings(run=track.run, policy=policy, dry_run=dry_run))
            chosen = read_settings(parameters)
            keeping = journalled(
                journal, plan, track.hours_name, wanted, simulation, chosen, configuration.sync, loaded.texts
            )
            with keeping as (kept, final):
                calling = None if configuration.actions is None else actions
                built = simulate(plan, track.hours, final, simulation, journal=kept, actions=calling)
                watched = None
                if rules and track.passes and not no_watch:
                    watched = Watched(files, loaded.texts, actions, configuration.actions)
                return _trade(built, track, kept, as_json, watched)
    except RulesRefused:
        return stopped()
    except StoppedEarly:
        click.echo("stopped before the run began", err=True)
        return 0


def _check_broker_options(
    rules: Sequence[str],
    broker: str,
    market: Sequence[str],
    speed: float | None,
    hours: str | None,
    simulation: Mapping[str, Any],
) -> None:
    """At a broker market, clock and fills are the broker's: options about them are a misunderstanding.

    Raises:
        CommandError: there are such options, or no rules.
    """
    if not broker.startswith("ib://"):
        raise CommandError(
            f"--broker {broker}: there is no such broker", "write sim, or ib://HOST:PORT as in ib://127.0.0.1:4002"
        )
    if not rules:
        raise CommandError(f"--broker {broker}: which rules shall trade?", "name a rule file, or a folder of them")
    given = {"--market": market, "--speed": speed, "--hours": hours}
    given.update((f"--{name.replace('_', '-')}", value) for name, value in simulation.items())
    for name, value in given.items():
        if value not in (None, (), []):
            raise CommandError(f"{name}: market and fills are the broker's", f"leave it out with --broker {broker}")


def _open_track(
    market: Sequence[str], signals: Sequence[str], speed: float | None, hours: Callable[[str], str], plan: Plan
) -> Track:
    """What the run runs on: a recording, or a market made up. `hours` names the hours, given the usual ones."""
    market_option, sources, speed = parse_market(market), parse_signals(signals), parse_speed(speed)
    if market_option is None and not sources:
        if speed is None:
            speed = recorded_session.SPEED if sys.stdout.isatty() else 0.0
        recording = FileMarketOption((recorded_session.market(),))
        laid_over = [FileSignals(recorded_session.signals(), from_start=True)]
        return open_recorded(recording, laid_over, speed, hours("nyse"), "the recorded session")
    if isinstance(market_option, FileMarketOption):
        name = ", ".join(Path(path).name for path in market_option.paths)
        return open_recorded(market_option, sources, speed or 0.0, hours("nyse"), name)
    if speed is not None:
        raise CommandError("--speed: a market made up runs on the system's clock", "leave it out, or name a file")
    return open_random(market_option or RandomMarketOption(1), sources, hours("always"), SystemClock(), plan)


def _rule_files(paths: Sequence[str], parameters: Sequence[str], module: str | None) -> RuleFiles:
    return RuleFiles(
        paths,
        sys.stdin.buffer.read(LARGEST_FILE + 1) if STANDARD_INPUT in paths else b"",
        read_settings(parameters),
        actions=None if module is None else read_actions(module),
    )


def _trade(
    built: Simulation, track: Track, journal: SqliteJournal | None, as_json: bool, watched: Watched | None
) -> int:
    watch = Watch(built.engine, [prepared.label for prepared in built.engine.rules])
    output = output_for(watch, track.title, track.passes, as_json)
    output.begin()
    built.session.sequencer.sinks.append(output.sink)
    inbox = EventInbox()
    shell = LiveShell(built.session, track.market, track.pace, inbox, output.say, merges=track.is_recorded)
    ending = asyncio.run(_drive(shell, inbox, track, output, built.engine, watched))
    stop_listening()
    if ending is Ending.MARKET_OVER and journal is not None:
        journal.finish()
    stopped_by = inbox.stop_reason if ending is Ending.STOPPED else None
    output.end(RunEnd(shell.now, built.summary(), working_orders(built.engine), stopped_by))
    return 0


async def _drive(
    shell: LiveShell, inbox: EventInbox, track: Track, output: Output, engine: Engine, watched: Watched | None
) -> Ending:
    end_on_signals(inbox)
    return await drive(shell, inbox, track.sources, output, engine, watched)
