"""Follows `use` from file to file: reads what is named, once, and puts the files into the order they need.

    use std.exits with (minutes_before_close = 10)     stdlib_rules/exits.rules
    use "shared/limits.rules"                          a file beside this one

Two orders come of it. Names are resolved in the order in which files need each other, what is used first. Rules are
tried in the order in which files were given; a file that was not given itself comes before the first that uses it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import attrs

from . import nodes
from .diagnostics import Diagnostic
from .parser import parse
from .record import Record
from .source import SourceFile
from .span import Span

MOST_SHOWN = 8
"""Files of a circle that are named."""


@attrs.frozen(eq=False, repr=False)
class NotFound(Record):
    """Why a used file could not be had, and what to do about it."""

    message: str
    help: str | None = None


@attrs.frozen(eq=False, repr=False)
class Found(Record):
    """A used file: its text, and what is wrong with its bytes (then it is not to be parsed)."""

    source: SourceFile
    wrong: tuple[Diagnostic, ...] = ()


class Loader(Protocol):
    """Where used files come from."""

    def identity(self, path: str) -> str:
        """What makes two paths the same file."""

    def locate(self, target: str | tuple[str, ...], importer: str) -> str | NotFound:
        """The path of what a `use` in the file `importer` names: a path as written, or the names of a module."""

    def read(self, path: str) -> Found | NotFound:
        """The file at a path that `locate` gave."""


@attrs.define(eq=False)
class Unit:
    """One file on its way through the compiler. `given` by the user, or only used by a file that was."""

    source: SourceFile
    file: nodes.File
    damaged: frozenset[Span]
    given: bool
    uses: list[tuple[nodes.Use, Unit | None]] = attrs.Factory(list)


@attrs.frozen
class Gathered:
    """All files of a command. `by_need`: each after those it uses; `by_rule`: as their rules are tried."""

    by_need: tuple[Unit, ...]
    by_rule: tuple[Unit, ...]
    diagnostics: tuple[Diagnostic, ...]
    unread: tuple[SourceFile, ...]
    """Used files that are no text, there to draw the place of what is wrong with them."""


def gather(sources: Sequence[SourceFile], loader: Loader, damaged: Iterable[str] = ()) -> Gathered:
    """Parse the given files and all that they use. Reports E105, E106 and what the parser and the bytes have to say.

    `damaged` are paths of given files that are no text, which is reported already.
    """
    gathering = _Gathering(loader)
    gathering.units.update({loader.identity(path): None for path in damaged})
    given = [gathering.take(source, given=True) for source in sources]
    for unit in given:
        gathering.follow(unit)
    by_rule: list[Unit] = []
    for unit in given:
        gathering.place(unit, by_rule)
    return Gathered(tuple(gathering.by_need), tuple(by_rule), tuple(gathering.diagnostics), tuple(gathering.unread))


class _Gathering:
    def __init__(self, loader: Loader) -> None:
        self.loader = loader
        self.units: dict[str, Unit | NotFound | None] = {}
        """Files by identity; None where one is damaged."""
        self.by_need: list[Unit] = []
        self.diagnostics: list[Diagnostic] = []
        self.unread: list[SourceFile] = []
        self._followed: set[int] = set()
        self._placed: set[int] = set()

    def take(self, source: SourceFile, *, given: bool) -> Unit:
        file, wrong = parse(source)
        self.diagnostics += wrong
        unit = Unit(source, file, frozenset(diagnostic.span for diagnostic in wrong), given)
        self.units.setdefault(self.loader.identity(source.path), unit)
        return unit

    def follow(self, start: Unit) -> None:
        """Load what a file uses, and what that uses, before the file itself; with a list of work, for long chains."""
        if id(start) in self._followed:
            return
        self._followed.add(id(start))
        above = {id(start): start}
        waiting = [(start, iter(tuple(uses_in(start.file))))]
        while waiting:
            unit, rest = waiting[-1]
            for use in rest:
                used = self._used(use, unit, above)
                unit.uses.append((use, used))
                if used is not None and id(used) not in self._followed:
                    self._followed.add(id(used))
                    above[id(used)] = used
                    waiting.append((used, iter(tuple(uses_in(used.file)))))
                    break
            else:
                waiting.pop()
                del above[id(unit)]
                self.by_need.append(unit)

    def _used(self, use: nodes.Use, unit: Unit, above: Mapping[int, Unit]) -> Unit | None:
        """The file that a `use` names; None where it can't be had, or is on the way to this one: both are reported."""
        target = self._load(use, unit)
        if isinstance(target, NotFound):
            self._report("E105", target.message, use, unit, "not found", target.help)
            return None
        if target is unit:
            help_text = "its names are known here without that; remove the `use`"
            self._report("E106", "a file can't use itself", use, unit, "this file", help_text)
            return None
        if target is not None and id(target) in above:
            units = list(above.values())
            names = [f"`{one.source.path}`" for one in (*units[units.index(target) :], target)]
            way = " -> ".join(names if len(names) <= MOST_SHOWN else [*names[: MOST_SHOWN - 2], "…", names[-1]])
            help_text = "put what they share into a file of its own, which both use"
            self._report("E106", f"files use each other in a circle: {way}", use, unit, "closes the circle", help_text)
            return None
        return target

    def _load(self, use: nodes.Use, unit: Unit) -> Unit | NotFound | None:
        """The file that a `use` names; None where it is damaged, which is reported."""
        target = use.target.value if isinstance(use.target, nodes.String) else tuple(one.name for one in use.target)
        path = self.loader.locate(target, unit.source.path)
        if isinstance(path, NotFound):
            return path
        identity = self.loader.identity(path)
        if identity not in self.units:
            found = self.loader.read(path)
            if isinstance(found, NotFound):
                self.units[identity] = found
            elif found.wrong:
                self.units[identity] = None
                self.diagnostics += found.wrong
                self.unread.append(found.source)
            else:
                self.take(found.source, given=False)
        return self.units[identity]

    def place(self, start: Unit, placed: list[Unit]) -> None:
        """Put a file into the order of rules, behind the files that only it brings in."""
        waiting = [start]
        while waiting:
            unit = waiting[-1]
            before = [used for _, used in unit.uses if used is not None and not used.given]
            unplaced = next((used for used in before if id(used) not in self._placed), None)
            if unplaced is not None and id(unit) not in self._placed:
                waiting.append(unplaced)
                continue
            waiting.pop()
            if id(unit) not in self._placed:
                self._placed.add(id(unit))
                placed.append(unit)

    def _report(self, code: str, message: str, use: nodes.Use, unit: Unit, label: str, help_text: str | None) -> None:
        span = use.target.span if isinstance(use.target, nodes.String) else _span_of(use.target)
        self.diagnostics.append(Diagnostic(code, message, unit.source.path, span, label, help_text))


def uses_in(file: nodes.File) -> Iterable[nodes.Use]:
    return (statement for statement in file.statements if isinstance(statement, nodes.Use))


def _span_of(names: tuple[nodes.Name, ...]) -> Span:
    return Span(names[0].span.start, names[-1].span.end)
