"""`rulec check`: compiles rule files and says what is wrong with them; changes nothing, connects to nothing.

Diagnostics go to standard output, in the format asked for; the summary of the formats for people goes to standard
error, so that nothing but diagnostics is ever read by a program.
"""

from __future__ import annotations

import sys

import click

from ..dsl.compile import Compilation
from ..dsl.diagnostics import Severity
from ..dsl.library import Library
from .actions import DEFAULT_FILE, signatures_of_actions
from .rules import all_sources, compile_paths, read_settings, settings_option

FINE = 0
NOT_FINE = 1


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--format",
    "form",
    type=click.Choice(["full", "concise", "json"]),
    default="full",
    show_default=True,
    help="How to print what is found.",
)
@click.option("--strict", is_flag=True, help="Warnings fail too.")
@settings_option
@click.option(
    "--config",
    metavar="FILE",
    help=f"Read which Python actions there are from here [{DEFAULT_FILE}, where there is one].",
)
def check(paths: tuple[str, ...], form: str, strict: bool, settings: tuple[str, ...], config: str | None) -> int:
    """Compile rule files and say what is wrong with them.

    PATH is a file, a folder (all .rules files below it), or - for standard input. Exit code 0: no errors (and, with
    --strict, no warnings); 1: there are; 2: something could not be read.
    """
    library, compilation = compile_paths(paths, read_settings(settings), actions=signatures_of_actions(config))
    _print(library, compilation, form)
    if form != "json":
        click.echo(_summary(library, compilation), err=True)
    errors, warnings = _counts(compilation)
    return NOT_FINE if errors or (strict and warnings) else FINE


def _print(library: Library, compilation: Compilation, form: str) -> None:
    diagnostics = compilation.diagnostics
    if not diagnostics and form != "json":
        return
    from ..dsl import render  # only who has something to draw pays for the drawing
    from .reports import style_for

    sources = {source.path: source for source in all_sources(library, compilation)}
    if form == "json":
        text = render.as_json(diagnostics, sources)
    elif form == "concise":
        text = render.concise(diagnostics, sources)
    else:
        text = render.full(diagnostics, sources, style_for(sys.stdout))
    click.echo(text, nl=False, color=True)


def _summary(library: Library, compilation: Compilation) -> str:
    """`2 files: 1 error, 3 warnings`; without an error also how many rules there are."""
    errors, warnings = _counts(compilation)
    what = [_some(len(all_sources(library, compilation)), "file")]
    if compilation.plan is not None:
        what.append(_some(len(compilation.plan.rules), "rule"))
    found = [_some(errors, "error")] if errors else ["no errors"]
    if warnings:
        found.append(_some(warnings, "warning"))
    return f"{', '.join(what)}: {', '.join(found)}"


def _counts(compilation: Compilation) -> tuple[int, int]:
    """How many errors and how many warnings."""
    errors = sum(diagnostic.severity is Severity.ERROR for diagnostic in compilation.diagnostics)
    return errors, len(compilation.diagnostics) - errors


def _some(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
