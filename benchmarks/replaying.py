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
from rulec.runtime.core.settings import Settings
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
    "SPY's recorded 1-hour bars, seeded signals, and a dozen rules. *Quiet*: the bars alone, nothing fires. "
    "*Brackets*: twelve rules that enter with a stop and a target, and a signal after about one bar in 80, so that a "
    "trade is closed every few hundred bars. *Brackets, busy*: the same with a signal after about one bar in eight, so "
    "that there is nearly always a trade. *Everything, busy*: twelve rules with several targets, ATR stops, trails, "
    "scale-ins, double-downs, reversals, exits and messages. What a busy run costs is its trades, not its bars: "
    "*µs a trade* is the time beyond that of the quiet run, by closed trade, its signals and lines included. "
    "The aim names no density of trades, so all four are held against it.",
    "*In process* is what `rulec replay --json` does after it has started: a fresh calendar, both files read and "
    "checked to their last line, every event through sequencer, simulated exchange and engine, every record printed "
    "to memory. *Whole process* has Python, the imports and (for ATR) TA-Lib in it, too.",
    "The peer is the bracket rules as a loop by hand, on the busy signals: one symbol, one position, no orders, no "
    "records. Checked first: on both sets of signals it closes the same number of trades as rulec does, with the same "
    "profit to the last micro.",
)
LEAST_BARS = 50_000.0
_EQUITY = 1_000_000.0
_EVERY, _EVERY_BUSY = 80, 8  # about one bar in so many has a signal


@attrs.frozen
class _Case:
    """A dozen rules, and what they are driven with: the bars, and the signals where there are any.

    `by_hand` says whether the loop by hand can do the same.
    """

    name: str
    rules: str
    recording: Recording
    with_signals: bool = True
    by_hand: bool = False

    @property
    def files(self) -> tuple[Path, ...]:
        return (self.recording.bars, self.recording.signals) if self.with_signals else (self.recording.bars,)

    @property
    def plan(self) -> Plan:
        return compiled(self.rules)


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
        calm, busy = (record(folder, sizes.bars, every) for every in (_EVERY, _EVERY_BUSY))
        cases = (
            _Case("quiet", BRACKET_RULES, calm, with_signals=False),
            _Case("brackets", BRACKET_RULES, calm, by_hand=True),
            _Case("brackets, busy", BRACKET_RULES, busy, by_hand=True),
            _Case("everything, busy", EVERYTHING_RULES, busy),
        )
        counts = {case.name: _checked(case) for case in cases}
        in_process = _in_process(cases, busy, sizes)
        processes = _processes(cases, folder, sizes)
    bars = len(busy)
    by_hand = in_process["by hand"]
    counted = (f"{bars:,} bars, a dozen rules", "trades closed", "lines printed")
    inside_heads = ("bars/s in process", "times by hand", "µs a trade")
    heads = (*counted, *inside_heads, "bars/s whole process", "s", "wall s", "MB")
    rows: list[tuple[str, ...]] = []
    for case in cases:
        timing, process = in_process[case.name], processes[case.name]
        what = (case.name, *(f"{count:,}" for count in counts[case.name]))
        inside = (bars / timing.median, timing.times(by_hand))
        trades = counts[case.name][0]
        beyond = (timing.median - in_process["quiet"].median) / trades * 1e6 if trades else None
        outside = (bars / process.processor.median, process.processor.median, process.wall, process.megabytes)
        rows.append((*what, *map(figure, inside), "-" if beyond is None else figure(beyond), *map(figure, outside)))
    closed = counts["brackets, busy"][0]
    rows.append(("brackets, busy, by hand", f"{closed:,}", "0", figure(bars / by_hand.median), "1", *["-"] * 5))
    aims = tuple(
        Aim(
            f"replay in process, {case.name}", bars / in_process[case.name].median, LEAST_BARS, " bars/s", at_least=True
        )
        for case in cases
    )
    return Report("Bars", MEANING, (Table(heads, tuple(rows)),), aims)


def _checked(case: _Case) -> tuple[int, int]:
    """How many trades were closed and lines printed. What the loop by hand can do must be the same by hand."""
    simulation, printed = replay(case.plan, case.files)
    summary = simulation.summary()
    if case.by_hand:
        done = Result(summary.trades_closed, summary.realised_pnl)
        check(case.name, done, trade_by_hand(case.recording.bars, case.recording.rows))
    if not case.with_signals:
        check(case.name, printed, "")
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
        rules = folder / f"{case.name.replace(', ', '_')}.rules"
        rules.write_text(case.rules, encoding="utf-8")
        events = [word for file in case.files for word in ("--events", str(file))]
        options = ("--json", "--equity", f"{_EQUITY:.0f}")
        commands[case.name] = python("-m", "rulec", "replay", str(rules), *events, *options)
    return measure_processes(commands, sizes.process_rounds, folder)
