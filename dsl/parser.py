"""A file's text to its syntax tree, with all syntax errors of the file.

    file, diagnostics = parse(source)

The grammar's table and the driver read the text; `recovery.py` goes on where it can't be read. Every statement that
could be read, or repaired with certainty, is in the tree; those that could not are in `file.broken`.
"""

from __future__ import annotations

from bisect import bisect_right

import attrs

from . import nodes
from .build import BUILDERS
from .build_expressions import Problem
from .diagnostics import Diagnostic
from .driver import Driver
from .lexer import tokenise
from .source import SourceFile
from .table_cache import load as load_table


def parse(source: SourceFile) -> tuple[nodes.File, list[Diagnostic]]:
    """Read a file. Whatever the text is, there is a tree, and no error is raised."""
    grammar = load_table()
    tokens = tokenise(grammar, source.text)
    problems: list[Problem] = []
    driver = Driver(grammar, tokens, BUILDERS, problems)
    index = driver.run(0, len(tokens.kinds))
    diagnostics: list[Diagnostic] = []
    broken: list[nodes.Broken] = []
    if not driver.accepted:
        from .recovery import read_on  # only a text with a mistake pays for what explains it

        diagnostics, broken = read_on(driver, index, source.path, problems)
    for span, message, help_text in problems:
        diagnostics.append(Diagnostic("E001", message, source.path, span, help=help_text))
    diagnostics.sort(key=lambda diagnostic: diagnostic.span)
    file: nodes.File = driver.stack.values[0]
    file = attrs.evolve(file, comments=tuple(tokens.comments), broken=tuple(broken), statements=_whole(file, broken))
    return file, diagnostics


def _whole(file: nodes.File, broken: list[nodes.Broken]) -> tuple[nodes.Statement, ...]:
    """The statements that no error has touched."""
    if not broken:
        return file.statements
    starts = [part.span.start for part in broken]

    def touched(statement: nodes.Statement) -> bool:
        place = bisect_right(starts, statement.span.start) - 1
        return place >= 0 and statement.span.start < broken[place].span.end

    return tuple(statement for statement in file.statements if not touched(statement))
