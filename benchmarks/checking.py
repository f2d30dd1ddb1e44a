"""`rulec check` of many rules, in one file and in many, anew and unchanged, beside `promtool check rules`."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import attrs

from . import promtool_peer
from .harness import check
from .processes import ROOT, ProcessTiming, measure_processes, python
from .report import Aim, Report, Table, figure
from .rules import DrawnRule, draw_rules
from .sizes import Sizes

MEANING = (
    "Whole processes, from start to end, on as many rules each. *Cold* is `rulec check --no-cache`: everything is read "
    "and compiled, with all proofs and warnings; the grammar cache and the compiled bytecode are there. *Unchanged* is "
    "`rulec check` of what it has checked before. One file has all rules, or many files have ten each; rulec is given "
    "their folder, promtool their names.",
    "The peer is Prometheus's `promtool check rules`, which is written in Go. Its *usual alerts* are as Prometheus's "
    "documentation writes them, with `for`, a label and a summary; the aim is held against those, for they are what "
    "people write. *Plain alerts* are a name and an expression and nothing more, the least that it can be given: it "
    "reads those several times as fast. An alert and a rule are different things, and so is what is checked of them: "
    "promtool parses each expression and template and looks for doubles, rulec also finds types, values and units, "
    "proves which conditions never hold, and compares rules with each other.",
    "Checked first: both accept all of it, and count as many rules and files as were drawn.",
)
MOST_TIMES = 2.0
RULES_IN_A_FILE = 10

_LIMITS = "limits { max order $50_000 }\n"
_COLD, _UNCHANGED = "`rulec check`, cold", "`rulec check`, unchanged"
_USUAL, _PLAIN = "`promtool`, usual alerts", "`promtool`, plain alerts"


@attrs.frozen
class _Layout:
    """Rules in files, and alerts in files; `told` is how many files rulec is to count."""

    title: str
    rules: Path
    usual: Sequence[Path]
    plain: Sequence[Path]
    told: int


def run(sizes: Sizes) -> Report:
    """Checks what both count, then measures them in turn, for each layout of the files."""
    rules = draw_rules(sizes.rules_checked)
    program = promtool_peer.promtool()
    tables: list[Table] = []
    aims: list[Aim] = []
    with TemporaryDirectory() as folder:
        for layout in (_one_file(Path(folder), rules), _many_files(Path(folder), rules)):
            _check_counts(layout, len(rules), program, Path(folder))
            commands = _commands(layout, program)
            found = measure_processes(commands, sizes.process_rounds, Path(folder))
            tables.append(_table(layout, len(rules), found))
            if _USUAL in found:
                times = found[_COLD].processor.times(found[_USUAL].processor)
                aims.append(Aim(f"cold, {layout.title}", times, MOST_TIMES, " times `promtool`, usual alerts"))
    return Report("Checking", MEANING, tuple(tables), tuple(aims))


def _one_file(folder: Path, rules: Sequence[DrawnRule]) -> _Layout:
    ours, usual, plain = (folder / name for name in ("all.rules", "usual.yml", "plain.yml"))
    ours.write_text(_LIMITS + "".join(rule.line(rule.entry) for rule in rules), encoding="utf-8")
    usual.write_text(promtool_peer.usual_alerts(rules), encoding="utf-8")
    plain.write_text(promtool_peer.plain_alerts(rules), encoding="utf-8")
    return _Layout("one file", ours, [usual], [plain], 1)


def _many_files(folder: Path, rules: Sequence[DrawnRule]) -> _Layout:
    starts = range(0, len(rules), RULES_IN_A_FILE)

    def write(name: str, suffix: str, text: Callable[[int], str]) -> list[Path]:
        (folder / name).mkdir()
        paths = [folder / name / f"part{start:06}{suffix}" for start in starts]
        for path, start in zip(paths, starts, strict=True):
            path.write_text(text(start), encoding="utf-8")
        return paths

    def some(start: int) -> Sequence[DrawnRule]:
        return rules[start : start + RULES_IN_A_FILE]

    ours = write("rules", ".rules", lambda start: "".join(rule.line(rule.entry) for rule in some(start)))
    ours[0].write_text(_LIMITS + ours[0].read_text(encoding="utf-8"), encoding="utf-8")
    usual = write("usual", ".yml", lambda start: promtool_peer.usual_alerts(some(start), start))
    plain = write("plain", ".yml", lambda start: promtool_peer.plain_alerts(some(start), start))
    return _Layout(f"{len(starts):,} files", folder / "rules", usual, plain, len(starts))


def _commands(layout: _Layout, program: str | None) -> dict[str, list[str]]:
    commands = {
        _COLD: python("-m", "rulec", "check", "--no-cache", str(layout.rules)),
        _UNCHANGED: python("-m", "rulec", "check", str(layout.rules)),
    }
    if program is not None:
        commands[_USUAL] = [program, "check", "rules", *map(str, layout.usual)]
        commands[_PLAIN] = [program, "check", "rules", *map(str, layout.plain)]
    return commands


def _check_counts(layout: _Layout, count: int, program: str | None, folder: Path) -> None:
    """Both accept everything and count it; so does rulec where nothing has changed."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
    for name in ("rulec check", "rulec check, unchanged"):
        command = python("-m", "rulec", "check", "--format", "concise", str(layout.rules))
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        told = re.match(r"([\d,]+) files?, ([\d,]+) rules?: no errors", done.stderr)
        counted = None if told is None else [int(one.replace(",", "")) for one in told.groups()]
        check(f"{name}, {layout.title}", counted, [layout.told, count])
    if program is not None:
        for files in (layout.usual, layout.plain):
            check(f"promtool, {layout.title}", promtool_peer.count_accepted(program, files), count)


def _table(layout: _Layout, count: int, found: Mapping[str, ProcessTiming]) -> Table:
    peers = [found.get(name) for name in (_USUAL, _PLAIN)]
    rows = [
        (
            name,
            figure(one.processor.median),
            *("-" if peer is None else figure(one.processor.times(peer.processor)) for peer in peers),
            figure(one.wall),
            figure(one.megabytes),
        )
        for name, one in found.items()
    ]
    if _USUAL not in found:
        rows.append((promtool_peer.HOW_TO_INSTALL, *("-" * 5)))
    heads = (f"{count:,} rules, {layout.title}", "s", "times usual alerts", "times plain alerts", "wall s", "peak MB")
    return Table(heads, tuple(rows))
