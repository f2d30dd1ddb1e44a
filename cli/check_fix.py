"""`rulec check --fix`: puts the fixes that are sure into the files, and reports what is left.

A file is replaced at once and as a whole; its line ends and its byte order mark stay. With `-` the text from standard
input is printed with its fixes, and the reports go to standard error.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from ..dsl.compile import Compilation, compile_files
from ..dsl.diagnostics import Diagnostic
from ..dsl.fixing import Fixed, fix_texts
from ..dsl.library import STANDARD_INPUT, Library, read_rules
from ..dsl.source import SourceFile
from .checking import Asked, checked_by, report, some
from .errors import CommandError
from .rules import refuse
from .writing import replace_file

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def fix_files(asked: Asked) -> int:
    """Fixes what `asked` names, writes it, and reports what is left."""
    library = read_rules(asked.paths, sys.stdin.buffer)
    refuse([CommandError(f"{problem.path}: {problem.message}", problem.help) for problem in library.problems])
    before = {source.path: source.text for source in library.sources}
    first = _compile(asked, library, before)
    refuse([CommandError(f"--set: {problem}") for problem in first.problems])

    def check(texts: Mapping[str, str]) -> Sequence[Diagnostic]:
        return _compile(asked, library, texts).diagnostics

    fixed = fix_texts(before, check, lambda one: asked.shows(one.code))
    for path, text in fixed.texts.items():
        if path == STANDARD_INPUT:
            click.echo(text, nl=False)
        elif text != before[path]:
            _write(path, before[path], text)
    click.echo(_told(fixed), err=True)
    return report(asked, checked_by(library, _compile(asked, library, fixed.texts)))


def _compile(asked: Asked, library: Library, texts: Mapping[str, str]) -> Compilation:
    return compile_files(
        [SourceFile(path, text) for path, text in texts.items()],
        parameters=asked.settings,
        found=library.diagnostics,
        actions=asked.actions,
        asked=asked.off_by_default,
    )


def _write(path: str, before: str, text: str) -> None:
    """Replaces a file, unless somebody has changed it since it was read."""
    data = Path(path).read_bytes()
    mark = _BYTE_ORDER_MARK if data.startswith(_BYTE_ORDER_MARK) else b""
    if data[len(mark) :] != before.encode():
        raise CommandError(f"{path}: the file was changed while it was fixed", "run the command again")
    replace_file(path, mark + text.encode())


def _told(fixed: Fixed) -> str:
    """`fixed 3 problems in 2 files`."""
    if not fixed.done:
        return "nothing to fix"
    files = len({path for path, _ in fixed.done})
    return f"fixed {some(len(fixed.done), 'problem')} in {some(files, 'file')}"
