"""What the files of one command share, and so can take from each other: full names of rules, fields of signals."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from . import nodes
from .diagnostics import Diagnostic
from .record import Record
from .source import SourceFile
from .span import Span


@attrs.frozen(eq=False, repr=False)
class ReadFile(Record):
    """A parsed file, and the stem of its path, which starts the full names of its rules and params."""

    file: nodes.File
    source: SourceFile
    stem: str


def duplicate_rules(files: Sequence[ReadFile]) -> list[Diagnostic]:
    """E102 for each rule whose full name an earlier rule has."""
    first: dict[tuple[str, str], tuple[SourceFile, Span]] = {}
    diagnostics: list[Diagnostic] = []
    for read in files:
        for statement in read.file.statements:
            if not isinstance(statement, nodes.Rule) or statement.name is None:
                continue
            name = statement.name
            key = (read.stem, name.name)
            if key not in first:
                first[key] = (read.source, name.span)
                continue
            source, span = first[key]
            line = source.position(span.start).line
            if source is read.source:
                message = f"a rule named `{name.name}` stands already on line {line}"
            else:
                message = f"the full name `{read.stem}.{name.name}` is taken by the rule at {source.path}:{line}"
            help_text = "give each rule a name of its own: its cooldown and its counts are kept under it"
            diagnostics.append(Diagnostic("E102", message, read.source.path, name.span, "second", help_text))
    return diagnostics


def conflicting_fields(files: Sequence[ReadFile]) -> list[Diagnostic]:
    """E103 for each field that an earlier file declares with another type: a signal carries a field once."""
    first: dict[str, tuple[str, str]] = {}
    diagnostics: list[Diagnostic] = []
    for read in files:
        for statement in read.file.statements:
            if not isinstance(statement, nodes.Field):
                continue
            path = read.source.path
            kind, where = first.setdefault(statement.name.name, (statement.kind.name, path))
            if where != path and kind != statement.kind.name:
                message = f"the field `{statement.name.name}` is declared as {kind} in {where}"
                help_text = "declare it with the same type in every file"
                diagnostics.append(Diagnostic("E103", message, path, statement.kind.span, "another type", help_text))
    return diagnostics
