"""A file's text to its syntax tree, with all syntax errors of the file.

    file, diagnostics = parse(source)

The grammar's table and the driver read the text; `recovery.py` goes on where it can't be read. Every statement that
could be read, or repaired with certainty, is in the tree; those that could not are in `file.broken`.
"""

from __future__ import annotations

import attrs

from . import nodes
from .build import builders
from .build_expressions import Problem
from .diagnostics import Diagnostic
from .driver import Driver
from .lexer import tokenise
from .recovery import Recovery
from .source import SourceFile
from .table_cache import load as load_table


def parse(source: SourceFile) -> tuple[nodes.File, list[Diagnostic]]:
    """Read a file. Whatever the text is, there is a tree, and no error is raised."""
    grammar = load_table()
    tokens = tokenise(grammar, source.text)
    problems: list[Problem] = []
    driver = Driver(grammar, tokens, builders(problems))
    recovery = Recovery(driver, source.path, problems)
    index = driver.run(0, len(tokens.kinds))
    while not driver.accepted:
        index = driver.run(recovery.go_on(index), len(tokens.kinds))
    file: nodes.File = driver.stack.values[0]
    diagnostics = recovery.diagnostics + [
        Diagnostic("E001", message, source.path, span, help=help_text) for span, message, help_text in problems
    ]
    diagnostics.sort(key=lambda diagnostic: diagnostic.span)
    broken = recovery.broken()
    return attrs.evolve(
        file, statements=_whole(file, broken), comments=tuple(tokens.comments), broken=tuple(broken)
    ), diagnostics


def _whole(file: nodes.File, broken: list[nodes.Broken]) -> tuple[nodes.Statement, ...]:
    """The statements that no error has touched."""
    if not broken:
        return file.statements
    spans = [part.span for part in broken]
    return tuple(s for s in file.statements if not any(start <= s.span.start < end for start, end in spans))
