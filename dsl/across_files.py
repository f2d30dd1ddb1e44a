"""What the files of one command share, and so can take from each other: full names of rules, fields of signals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from . import nodes
from .diagnostics import Diagnostic
from .record import Record
from .source import SourceFile
from .span import Span
from .spelling import nearest
from .suggest import did_you_mean, replacement


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


def unknown_cooldowns(files: Sequence[ReadFile], rule_names: Sequence[Mapping[str, str]]) -> list[Diagnostic]:
    """E101 for each `reset cooldown of` that names neither a rule that its file can see nor a shared cooldown."""
    shared = {
        option.shared.name
        for read in files
        for statement in read.file.statements
        if isinstance(statement, nodes.Rule)
        for option in statement.options
        if isinstance(option, nodes.Cooldown) and option.shared is not None
    }
    diagnostics: list[Diagnostic] = []
    for read, rules in zip(files, rule_names, strict=True):
        for statement in read.file.statements:
            for action in statement.actions if isinstance(statement, nodes.Rule) else ():
                if not isinstance(action, nodes.ResetCooldown) or action.name is None:
                    continue
                name = action.name
                if name.name not in rules and name.name not in shared:
                    near = nearest(name.name, (*rules, *shared))
                    help_text = did_you_mean(near) or "name a rule of this file, or a `cooldown ... shared` name"
                    message = f"there is no rule and no shared cooldown `{name.name}`"
                    fixes = replacement(near, name.span)
                    path = read.source.path
                    diagnostics.append(
                        Diagnostic("E101", message, path, name.span, "not known", help_text, fixes=fixes)
                    )
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
