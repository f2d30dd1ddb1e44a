"""From a saved rule file to new rules in force: one rule edited among ten thousand, in a run that goes on."""

from __future__ import annotations

import asyncio
import re
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import attrs

from rulec.dsl.plan import Plan
from rulec.runtime.broker.simulated import SimulatedBroker, SimulationSettings
from rulec.runtime.core.engine import Engine
from rulec.runtime.core.sequencer import ForgetfulJournal, Sequencer
from rulec.runtime.core.session import SimulatedSession
from rulec.runtime.core.settings import Settings
from rulec.runtime.live.inbox import NewRules
from rulec.runtime.live.reloading import Reloader
from rulec.runtime.live.rule_files import Loaded, RuleFiles
from rulec.runtime.market.hours import NyseHours

from .harness import WrongAnswerError, check
from .report import Aim, Report, Table, figure
from .rules import draw_rules
from .sizes import Sizes

MEANING = (
    "A file of one-line rules is in force in a run, and watched. An editor's save is played: the whole file is written "
    "beside it and renamed over it. Measured in wall time, because people wait for it: from the rename to the moment "
    "at which the engine runs the new rules, with the system's news of it, the wait until the folder is quiet, "
    "reading, compiling and the change of rules in it. *Stall* is the longest time for which the loop that handles "
    "events did not come to it meanwhile; compiling goes on in a thread of the same process and takes turns with it.",
    "Checked after each save: the engine's rules are those of the text, with their places.",
)
MOST_MILLISECONDS = 150.0

Edit = Callable[[list[str], int], None]


def _one_rule(lines: list[str], round_: int) -> None:
    at = len(lines) // 2
    lines[at] = lines[at].partition(" stop ")[0] + f" stop {round_ % 7 + 1}.5% target 9%\n"


def _new_line(lines: list[str], round_: int) -> None:
    lines.insert(len(lines) // 2, f"on signal NEW{round_} -> enter long 1 stop 1%\n")


def _definition(lines: list[str], round_: int) -> None:
    lines[0] = f"let lot = {round_ + 2}\n"


def _common_definition(lines: list[str], round_: int) -> None:
    lines[1] = f"let lots = {round_ + 2}\n"


EDITS: dict[str, Edit] = {
    "one rule edited": _one_rule,
    "one rule inserted": _new_line,
    "a `let` edited that one rule says": _definition,
    "a `let` edited that every rule says": _common_definition,
}


class _Silent:
    """A judge that expects nothing but rules that can be used."""

    def prepare(self, loaded: Loaded) -> str | None:
        return None

    def refused(self, loaded: Loaded, why: str | None) -> None:
        raise WrongAnswerError(f"the saved rules are refused: {loaded.compilation.diagnostics[:1]} {why}")

    def back(self) -> None:
        return

    def unwatched(self, why: str) -> None:
        raise WrongAnswerError(f"the folder cannot be watched: {why}")


@attrs.frozen
class _Measured:
    """Seconds: from save to swap, and the loop's longest stall in that time."""

    swapped: float
    stall: float


def run(sizes: Sizes) -> Report:
    """Saves a file again and again while an engine runs."""
    rules = draw_rules(sizes.rules_checked)
    said = (re.sub(r"(enter (?:long|short)) \d+", r"\1 lots", rule.line(rule.entry)) for rule in rules)
    lines = ["let lot = 1\n", "let lots = 1\n", "on signal LOT -> enter long lot stop 1%\n", *said]
    with TemporaryDirectory() as folder:
        measured = asyncio.run(_measure(Path(folder, "many.rules"), lines, sizes.rounds))
    rows = tuple(
        (
            name,
            figure(statistics.median(one.swapped for one in found) * 1000),
            figure(max(one.swapped for one in found) * 1000),
            figure(max(one.stall for one in found) * 1000),
        )
        for name, found in measured.items()
    )
    edited = statistics.median(one.swapped for one in measured["one rule edited"]) * 1000
    return Report(
        "Reload",
        MEANING,
        (Table((f"save to swap, {len(lines) - 2:,} rules", "ms, median", "ms, longest", "ms, longest stall"), rows),),
        (Aim(f"one rule edited in {len(lines) - 2:,}, from save to swapped", edited, MOST_MILLISECONDS, " ms"),),
    )


async def _measure(path: Path, lines: list[str], rounds: int) -> dict[str, list[_Measured]]:
    path.write_text("".join(lines), encoding="utf-8")
    files = RuleFiles([str(path)])
    loaded = files.load()
    engine = Engine(_plan(loaded).rules, NyseHours(), Settings())
    broker = SimulatedBroker(NyseHours(), SimulationSettings())
    session = SimulatedSession(Sequencer(engine, broker, ForgetfulJournal()), broker)
    swapped = asyncio.Event()

    def take(new: NewRules) -> None:
        session.reload(new.reload, new.ready, 1)
        new.taken()
        swapped.set()

    following = asyncio.ensure_future(Reloader(files, engine, loaded.texts, take, _Silent()).follow())
    ticker = _Ticker()
    ticking = asyncio.ensure_future(ticker.tick())
    await asyncio.sleep(0.5)
    measured: dict[str, list[_Measured]] = {}
    try:
        for name, edit in EDITS.items():
            for round_ in range(rounds + 1):
                edit(lines, round_)
                beside = path.with_suffix(".new")
                beside.write_text("".join(lines), encoding="utf-8")
                await asyncio.sleep(0.2)
                swapped.clear()
                ticker.longest = 0.0
                began = time.perf_counter()
                beside.replace(path)
                await _or_failed(swapped, following)
                if round_:
                    measured.setdefault(name, []).append(_Measured(time.perf_counter() - began, ticker.longest))
                await asyncio.sleep(0.1)
                _compare(engine, lines, name)
    finally:
        for task in (following, ticking):
            task.cancel()
        await asyncio.gather(following, ticking, return_exceptions=True)
    return measured


class _Ticker:
    """How long the loop was away."""

    longest = 0.0

    async def tick(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            self.longest = max(self.longest, time.perf_counter() - began - 0.001)


async def _or_failed(swapped: asyncio.Event, following: asyncio.Future[None]) -> None:
    waiting = asyncio.ensure_future(swapped.wait())
    done, _ = await asyncio.wait((waiting, following), timeout=60, return_when=asyncio.FIRST_COMPLETED)
    if following in done:
        following.result()
    if waiting not in done:
        raise WrongAnswerError("a saved file was not taken into force")


def _plan(loaded: Loaded) -> Plan:
    if loaded.compilation.plan is None:
        raise WrongAnswerError(f"the rules are refused: {loaded.compilation.diagnostics[0].message}")
    return loaded.compilation.plan


def _compare(engine: Engine, lines: Sequence[str], name: str) -> None:
    """Each rule of the engine stands on its line and says what the line says: its confidence and its stop."""
    found = [prepared.rule for prepared in engine.rules]
    check(f"{name}: lines", [rule.place.line for rule in found if rule is not None], list(range(3, len(lines) + 1)))
    for at, rule in enumerate(found, 2):
        numbers = repr(rule)
        for word, cast in (("confidence > ", float), (" stop ", lambda text: float(text) / 100)):
            _, there, rest = lines[at].partition(word)
            if there and repr(cast(rest.split()[0].rstrip("%"))) not in numbers:
                raise WrongAnswerError(f"{name}: line {at + 1} is {lines[at]!r}, the rule {numbers}")
