"""`rulec fmt`: lays rule files out in the one canonical way; comments are kept, the meaning never changes.

The names of files that change go to standard output, or the differences; the count goes to standard error. A file with
a syntax error is left as it is and its errors are told; the other files are laid out all the same.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterator
from pathlib import Path

import attrs
import click

from ..dsl.formatter import format_source
from ..dsl.library import STANDARD_INPUT, Library, read_rules
from ..dsl.record import Record
from ..dsl.source import SourceFile
from .errors import CommandError
from .writing import replace_file

FINE = 0
NOT_FINE = 1

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@attrs.frozen(eq=False, repr=False)
class _LaidOut(Record):
    """A file before and after; `had_mark` is a byte order mark at its start, which is dropped."""

    source: SourceFile
    text: str
    had_mark: bool

    @property
    def is_new(self) -> bool:
        return self.had_mark or self.text != self.source.text


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--check", is_flag=True, help="Write nothing; name the files that would change, and fail if there are.")
@click.option("--diff", is_flag=True, help="Write nothing; print what would change, and fail if anything would.")
def fmt(paths: tuple[str, ...], check: bool, diff: bool) -> int:
    """Lay rule files out in the one canonical way.

    PATH is a file, a folder (all .rules files below it), or - for standard input, whose layout is printed. Exit code 0:
    every file is laid out; 1: a file has syntax errors and was left as it is, or, with --check or --diff, would change;
    2: something could not be read or written.
    """
    library = _read(paths)
    laid_out, is_fine = _lay_out(library)
    new = [one for one in laid_out if one.is_new]
    for one in laid_out:
        if diff:
            click.echo("".join(_difference(one)), nl=False)
        if one.source.path == STANDARD_INPUT:
            if not check and not diff:
                click.echo(one.text, nl=False)
        elif one.is_new and not diff:
            if not check:
                _write(one)
            click.echo(f"{'would format' if check else 'formatted'} {one.source.path}")
    if list(paths) != [STANDARD_INPUT]:
        click.echo(_summary(len(new), len(laid_out), writes=not (check or diff)), err=True)
    return FINE if is_fine and not ((check or diff) and new) else NOT_FINE


def _read(paths: tuple[str, ...]) -> Library:
    library = read_rules(paths, sys.stdin.buffer)
    errors = [CommandError(f"{problem.path}: {problem.message}", problem.help) for problem in library.problems]
    if errors:
        for error in errors[:-1]:
            error.show()
        raise errors[-1]
    return library


def _lay_out(library: Library) -> tuple[list[_LaidOut], bool]:
    """The files that could be laid out, and whether all could; the errors of the others are shown."""
    laid_out: list[_LaidOut] = []
    wrong = list(library.diagnostics)
    for source in library.sources:
        formatted = format_source(source)
        wrong += formatted.diagnostics
        if formatted.text is not None:
            laid_out.append(_LaidOut(source, formatted.text, _had_mark(source)))
    if wrong:
        from .reports import show_full

        show_full(wrong, (*library.damaged, *library.sources))
    return laid_out, not wrong


def _had_mark(source: SourceFile) -> bool:
    """Whether a file starts with a byte order mark, which no source shows.

    Raises CommandError where the file has changed since it was read: what was saved meanwhile must not be lost.
    """
    if source.path == STANDARD_INPUT:
        return False
    data = Path(source.path).read_bytes()
    if SourceFile.from_bytes(source.path, data)[0].text != source.text:
        raise CommandError(f"{source.path}: the file was changed while it was read", "run the command again")
    return data.startswith(_BYTE_ORDER_MARK)


def _write(one: _LaidOut) -> None:
    _had_mark(one.source)  # refuses a file that has changed meanwhile
    replace_file(one.source.path, one.text.encode("utf-8"))


def _difference(one: _LaidOut) -> Iterator[str]:
    """The difference as other tools read it; a last line without an end is told."""
    before, after = (text.splitlines(keepends=True) for text in (one.source.text, one.text))
    for line in difflib.unified_diff(before, after, one.source.path, one.source.path):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _summary(new: int, known: int, *, writes: bool) -> str:
    done = "formatted" if writes else "would be formatted"
    return f"{new:,} {'file' if new == 1 else 'files'} {done}, {known - new:,} left unchanged"
