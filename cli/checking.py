"""One check of rule files: what was asked for, compiling it, and telling what was found, in every format."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import TYPE_CHECKING

import attrs
import click

from ..dsl.diagnostics import Diagnostic, Severity
from ..dsl.library import Library
from ..dsl.record import Record
from ..dsl.source import SourceFile
from .checked import Checked
from .rules import all_sources, compile_library, read_library

if TYPE_CHECKING:
    from ..dsl.compile import Compilation
    from ..dsl.imports import Loader
    from ..dsl.registered_calls import Actions

FINE = 0
NOT_FINE = 1
FORMATS = ("full", "concise", "json", "sarif", "github", "junit")
FOR_PEOPLE = ("full", "concise")

LONG = 0.05
"""Seconds: what is compiled faster is compiled again."""
_WORTH_KEEPING = 8_000
"""Characters of rules below which a check is never that long."""


@attrs.frozen(eq=False, repr=False)
class Asked(Record):
    """What the command line asks for. A code is shown if it is selected (all are, without `select`) and not ignored."""

    paths: tuple[str, ...]
    form: str
    strict: bool
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    statistics: bool
    settings: Mapping[str, str]
    actions: Actions
    to_error: bool = False
    """Whether reports go to standard error, because standard output gets the fixed text."""
    kept: bool = False
    """Whether what an earlier check found may be taken, and this one be kept."""

    def shows(self, code: str) -> bool:
        selected = not self.select or code.startswith(self.select)
        return selected and not (self.ignore and code.startswith(self.ignore))

    @property
    def off_by_default(self) -> tuple[str, ...]:
        """The codes to look for that are looked for only when they are selected."""
        return tuple(code for code in ("W408",) if self.select and self.shows(code))


def check_asked(asked: Asked) -> Checked:
    """Reads and compiles what the command line names, or takes what was found when nothing of it was different."""
    library = read_library(asked.paths)
    if not asked.kept or sum(len(source.text) for source in library.sources) < _WORTH_KEEPING:
        return _compiled(asked, library)

    from ..dsl.library import FileLoader
    from .kept_checks import RememberingLoader, kept_check  # only what takes long to check pays for it

    place = kept_check(library, asked.settings, asked.actions, asked.off_by_default)
    if place is None:
        return _compiled(asked, library)
    found = place.find(library)
    if found is not None:
        return found
    loader = RememberingLoader(FileLoader())
    began = perf_counter()
    checked = _compiled(asked, library, loader)
    if perf_counter() - began >= LONG:
        place.keep(checked, loader)
    return checked


def _compiled(asked: Asked, library: Library, loader: Loader | None = None) -> Checked:
    compilation = compile_library(
        library, asked.settings, actions=asked.actions, asked=asked.off_by_default, loader=loader
    )
    return checked_by(library, compilation)


def checked_by(library: Library, compilation: Compilation) -> Checked:
    """What is told of a compilation."""
    rules = None if compilation.plan is None else len(compilation.plan.rules)
    return Checked(compilation.diagnostics, all_sources(library, compilation), rules)


def report(asked: Asked, checked: Checked) -> int:
    """Prints what was found, and gives the exit code."""
    shown = [one for one in checked.diagnostics if asked.shows(one.code)]
    sources = {source.path: source for source in checked.sources}
    if shown or asked.form not in FOR_PEOPLE:
        click.echo(_text(asked, shown, sources), nl=False, color=True, err=asked.to_error)
    if asked.statistics:
        click.echo(_statistics(shown), nl=False, err=asked.form not in FOR_PEOPLE or asked.to_error)
    if asked.form in FOR_PEOPLE:
        click.echo(_summary(checked, shown), err=True)
    return _exit_code(asked, checked, shown)


def as_text(asked: Asked, checked: Checked) -> tuple[str, int]:
    """What was found as text in the format asked for, and the exit code."""
    shown = [one for one in checked.diagnostics if asked.shows(one.code)]
    return _text(asked, shown, {source.path: source for source in checked.sources}), _exit_code(asked, checked, shown)


def _exit_code(asked: Asked, checked: Checked, shown: Sequence[Diagnostic]) -> int:
    errors, _ = _counts(checked.diagnostics)
    warnings = any(one.severity is Severity.WARNING for one in shown)
    return NOT_FINE if errors or (asked.strict and warnings) else FINE


def _text(asked: Asked, shown: Sequence[Diagnostic], sources: Mapping[str, SourceFile]) -> str:
    from ..dsl import render  # only who has something to draw pays for the drawing

    if asked.form == "full":
        from .reports import style_for

        return render.full(shown, sources, style_for(sys.stderr if asked.to_error else sys.stdout))
    if asked.form == "concise":
        return render.concise(shown, sources)
    if asked.form == "json":
        return render.as_json(shown, sources)

    from ..dsl import render_ci

    if asked.form == "github":
        return render_ci.as_github(shown, sources)
    if asked.form == "junit":
        return render_ci.as_junit(shown, sources, strict=asked.strict)
    from importlib.metadata import version

    return render_ci.as_sarif(shown, sources, version("rulec"))


def _statistics(shown: Sequence[Diagnostic]) -> str:
    """How often each code was found, the most frequent first."""
    from ..dsl.codes import CODES

    counts = Counter(one.code for one in shown)
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    return "".join(f"{count:>6,}  {code}  {CODES[code].title}\n" for code, count in rows)


def _summary(checked: Checked, shown: Sequence[Diagnostic]) -> str:
    """`2 files: 1 error, 3 warnings`; without an error also how many rules there are."""
    errors, _ = _counts(checked.diagnostics)
    shown_errors, warnings = _counts(shown)
    what = [some(len(checked.sources), "file")]
    if checked.rules is not None:
        what.append(some(checked.rules, "rule"))
    found = [some(errors, "error")] if errors else ["no errors"]
    if shown_errors < errors:
        found[0] += f" ({errors - shown_errors:,} not shown)"
    if warnings:
        found.append(some(warnings, "warning"))
    return f"{', '.join(what)}: {', '.join(found)}"


def _counts(diagnostics: Sequence[Diagnostic]) -> tuple[int, int]:
    """How many errors and how many warnings."""
    errors = sum(diagnostic.severity is Severity.ERROR for diagnostic in diagnostics)
    return errors, len(diagnostics) - errors


def some(number: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
