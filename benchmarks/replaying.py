"""Bars replayed per second: reading, trading and printing, as `rulec replay` does them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import attrs

from rulec.cli.printing import json_sink
from rulec.dsl.plan import Plan
from rulec.runtime.broker.simulated import SimulationSettings
from rulec.runtime.core.engine import Settings
from rulec.runtime.feed import read_events
from rulec.runtime.market.hours import NyseHours
from rulec.runtime.simulation import Simulation, simulate

from .bars import BRACKET_RULES, EVERYTHING_RULES, Recording, record
from .harness import Contestant, Timing, Work, always, check, measure
from .processes import ProcessTiming, measure_processes, python
from .replaying_peer import Result, trade_by_hand
from .report import Aim, Report, Table, figure
from .rules import compiled
from .sizes import Sizes

MEANING = (
    "SPY's recorded 1-hour bars with a seeded signal after about one in ten of them, and a dozen rules. *Quiet*: the "
    "bars alone, nothing fires. *Brackets*: twelve rules that enter with a stop and a target. *Everything*: twelve "
    "rules with several targets, ATR stops, trails, scale-ins, double-downs, reversals, exits and messages.",
    "*In process* is what `rulec replay --json` does after it has started: a fresh calendar, both files read and "
    "checked to their last line, every event through sequencer, simulated exchange and engine, every record printed "
    "to memory. *Whole process* has Python, the imports and (for ATR) TA-Lib in it, too.",
    "The peer is the bracket rules as a loop by hand: one symbol, one position, no orders, no records. Checked first: "
    "it closes the same number of trades as rulec does, with the same profit to the last micro.",
)
LEAST_BARS = 50_000.0
_EQUITY = 1_000_000.0


@attrs.frozen
class _Case:
    """A dozen rules, and the files they are driven with."""

    name: str
    rules: str
    files: tuple[Path, ...]

    @property
    def plan(self) -> Plan:
        return compiled(self.rules, f"{self.name}.rules")


def replay(plan: Plan, files: Sequence[Path]) -> tuple[Simulation, str]:
    """Drives the rules with the files to their end; what was printed comes with it."""
    printed = StringIO()
    hours = NyseHours()
    feed = read_events(files, hours)
    settings = SimulationSettings(equity=_EQUITY)
    simulation = simulate(plan, hours, Settings(), settings, sinks=[json_sink(printed.write)])
    simulation.session.run(feed)
    return simulation, printed.getvalue()


def run(sizes: Sizes) -> Report:
    """Checks the trades against the loop by hand, then measures."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        recording = record(folder, sizes.bars)
        both = (recording.bars, recording.signals)
        cases = (
            _Case("quiet", BRACKET_RULES, (recording.bars,)),
            _Case("brackets", BRACKET_RULES, both),
            _Case("everything", EVERYTHING_RULES, both),
        )
        counts = {case.name: _checked(case, recording) for case in cases}
        in_process = _in_process(cases, recording, sizes)
        processes = _processes(cases, folder, sizes)
    bars = len(recording)
    by_hand = in_process["by hand"]
    heads = (f"{bars:,} bars, a dozen rules", "trades closed", "lines printed", "bars/s in process", "times by hand")
    heads += ("bars/s whole process", "s", "wall s", "peak MB")
    rows: list[tuple[str, ...]] = []
    for case in cases:
        timing, process = in_process[case.name], processes[case.name]
        trades, lines = counts[case.name]
        row = (case.name, f"{trades:,}", f"{lines:,}", figure(bars / timing.median), figure(timing.times(by_hand)))
        row += (figure(bars / process.processor.median), figure(process.processor.median))
        rows.append((*row, figure(process.wall), figure(process.megabytes)))
    rows.append(("by hand", f"{counts['brackets'][0]:,}", "0", figure(bars / by_hand.median), "1", *["-"] * 4))
    aims = tuple(
        Aim(
            f"replay in process, {case.name}", bars / in_process[case.name].median, LEAST_BARS, " bars/s", at_least=True
        )
        for case in cases
    )
    return Report("Bars", MEANING, (Table(heads, tuple(rows)),), aims)


def _checked(case: _Case, recording: Recording) -> tuple[int, int]:
    """How many trades were closed and lines printed. What the loop by hand can do must be the same by hand."""
    simulation, printed = replay(case.plan, case.files)
    summary = simulation.summary()
    if case.name == "brackets":
        done = Result(summary.trades_closed, summary.realised_pnl)
        check("the bracket rules", done, trade_by_hand(recording.bars, recording.rows))
    if case.name == "quiet":
        check("quiet rules", printed, "")
    return summary.trades_closed, printed.count("\n")


def _in_process(cases: Sequence[_Case], recording: Recording, sizes: Sizes) -> Mapping[str, Timing]:
    contestants = [Contestant("by hand", always(lambda: trade_by_hand(recording.bars, recording.rows)))]
    contestants += [Contestant(case.name, _replaying(case)) for case in cases]
    return measure(contestants, sizes.rounds)


def _replaying(case: _Case) -> Callable[[int], Work]:
    plan = case.plan
    return always(lambda: replay(plan, case.files))


def _processes(cases: Sequence[_Case], folder: Path, sizes: Sizes) -> Mapping[str, ProcessTiming]:
    commands: dict[str, list[str]] = {}
    for case in cases:
        rules = folder / f"{case.name}.rules"
        rules.write_text(case.rules, encoding="utf-8")
        events = [word for file in case.files for word in ("--events", str(file))]
        options = ("--json", "--equity", f"{_EQUITY:.0f}")
        commands[case.name] = python("-m", "rulec", "replay", str(rules), *events, *options)
    return measure_processes(commands, sizes.process_rounds, folder)
