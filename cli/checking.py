"""One check of rule files: what was asked for, compiling it, and telling what was found, in every format."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence

import attrs
import click

from ..dsl.compile import Compilation
from ..dsl.diagnostics import Diagnostic, Severity
from ..dsl.library import Library
from ..dsl.record import Record
from ..dsl.registered_calls import Actions
from ..dsl.source import SourceFile
from .rules import all_sources, compile_paths

FINE = 0
NOT_FINE = 1
FORMATS = ("full", "concise", "json", "sarif", "github", "junit")
FOR_PEOPLE = ("full", "concise")


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

    def shows(self, code: str) -> bool:
        selected = not self.select or code.startswith(self.select)
        return selected and not (self.ignore and code.startswith(self.ignore))

    @property
    def off_by_default(self) -> tuple[str, ...]:
        """The codes to look for that are looked for only when they are selected."""
        return tuple(code for code in ("W408",) if self.select and self.shows(code))


def compile_asked(asked: Asked) -> tuple[Library, Compilation]:
    """Reads and compiles what the command line names."""
    return compile_paths(asked.paths, asked.settings, actions=asked.actions, asked=asked.off_by_default)


def report(asked: Asked, library: Library, compilation: Compilation) -> int:
    """Prints what was found, and gives the exit code."""
    shown = [one for one in compilation.diagnostics if asked.shows(one.code)]
    sources = {source.path: source for source in all_sources(library, compilation)}
    if shown or asked.form not in FOR_PEOPLE:
        click.echo(_text(asked, shown, sources), nl=False, color=True, err=asked.to_error)
    if asked.statistics:
        click.echo(_statistics(shown), nl=False, err=asked.form not in FOR_PEOPLE or asked.to_error)
    if asked.form in FOR_PEOPLE:
        click.echo(_summary(library, compilation, shown), err=True)
    errors, _ = _counts(compilation.diagnostics)
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


def _summary(library: Library, compilation: Compilation, shown: Sequence[Diagnostic]) -> str:
    """`2 files: 1 error, 3 warnings`; without an error also how many rules there are."""
    errors, _ = _counts(compilation.diagnostics)
    shown_errors, warnings = _counts(shown)
    what = [some(len(all_sources(library, compilation)), "file")]
    if compilation.plan is not None:
        what.append(some(len(compilation.plan.rules), "rule"))
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
