"""Compiles the same files again and again, as they are saved: what an edit did not touch is not compiled again.

    recompiler = Recompiler(FileLoader())
    recompiler.compile(sources)         # everything
    recompiler.compile(sources)         # only the rules whose text is new

A rule means what its text says, with the names that its file defines or uses. So the rules outside an edit mean what
they meant, as long as no definition changed; they are blanked out of the text, character for character, and what is
left goes through the compiler as it is. The rules next to an edit are left in it: where the following one still begins
as a rule of its own, so does all behind it.

Whatever this cannot vouch for is compiled whole: a mistake (so that its report is the usual one), a changed definition,
two rules of one name. Either way the plan is that of `compile_files`, places and labels included; there are no
warnings, for nobody asks for them here.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

import attrs

from . import nodes, plan
from .compile import Compilation, CompiledUnits, compile_units, room_to_work, stem_of
from .diagnostics import Diagnostic
from .imports import Found, Loader, NotFound, Unit
from .parameters import Setting
from .registered_calls import Actions
from .source import SourceFile

_DEFINING = (nodes.Use, nodes.Let, nodes.Param, nodes.Field, nodes.Limits)
_FIELDS = [field.name for field in attrs.fields(plan.Rule)]
assert _FIELDS[-2:] == ["label", "place"], "what a rule is shown by stands last"
_MAKE: Callable[..., plan.Rule] = plan.Rule
_MEANING = attrgetter(*_FIELDS[:-2])
"""All of a rule but its label and place; rules behind an inserted line are many, and this is the quick way."""

_WORD = re.compile(r"[a-z_]\w*")
_BLANKS = {code: "\n" if code == 10 else " " for code in range(128)}


class _Piece(NamedTuple):
    """A statement and where it stands: with what a rule was lowered to, None for other statements.

    `stays` tells that a rule is compiled each time, because what it means depends on which other rules there are.
    """

    start: int
    end: int
    rule: plan.Rule | None
    stays: bool
    shared: str | None = None


@attrs.frozen
class _KnownFile:
    """A file as it was compiled last. `meaning` is all in it and about it that its rules' meaning depends on."""

    text: str
    pieces: tuple[_Piece, ...]
    meaning: tuple[object, ...]
    linked: tuple[str, ...]
    asked_for: frozenset[str]


@attrs.frozen
class _Reduced:
    """A file's text with the rules blanked out that are not to be compiled again.

    `kept` are those rules where they stand now; `guard` is where the first rule behind the edit must begin.
    """

    source: SourceFile
    text: SourceFile
    kept: tuple[_Piece, ...] = ()
    guard: tuple[int, int] | None = None


class Recompiler:
    """Compiles one set of files, each time as it is then. Settings and actions as for `compile_files`."""

    def __init__(
        self,
        loader: Loader,
        parameters: Mapping[str, Setting] | None = None,
        optional: Collection[str] = (),
        actions: Actions = None,
    ) -> None:
        self._loader = loader
        self._parameters = parameters or {}
        self._optional = optional
        self._actions = actions
        self._known: dict[str, _KnownFile] = {}

    def compile(self, sources: Sequence[SourceFile], found: Sequence[Diagnostic] = ()) -> Compilation:
        """Compiles the files; see `compile_files`. One that fails leaves what is known as it was."""
        with room_to_work():
            if self._known and not found:
                compilation = self._compile_changed(sources)
                if compilation is not None:
                    return compilation
            compiled = self._run(sources, found, self._loader)
            if compiled.compilation.plan is not None:
                self._known = {
                    unit.source.path: _known(unit, unit.source.text, _pieces(unit, rules))
                    for unit, rules in zip(compiled.units, compiled.rules, strict=True)
                }
            return compiled.compilation

    def _run(self, sources: Sequence[SourceFile], found: Sequence[Diagnostic], loader: Loader) -> CompiledUnits:
        return compile_units(sources, self._parameters, self._optional, found, loader, self._actions, lints=False)

    def _compile_changed(self, sources: Sequence[SourceFile]) -> Compilation | None:
        """The compilation by way of what changed; None where that is not certain to be the whole one's."""
        spared = set(self._known)
        for _ in range(2):
            loader = _ReducingLoader(self._loader, self._known, spared)
            compiled = self._run([loader.reduce(source) for source in sources], (), loader)
            if compiled.compilation.plan is None or not all(map(loader.is_vouched_for, compiled.units)):
                return None
            known = {
                unit.source.path: _known(unit, loader.sources[unit.source.path].source.text, loader.merged(unit, rules))
                for unit, rules in zip(compiled.units, compiled.rules, strict=True)
            }
            touched = self._with_other_meaning(known)
            if not touched & spared:
                return self._accept(compiled, known, loader)
            spared -= touched
        return None

    def _with_other_meaning(self, known: Mapping[str, _KnownFile]) -> set[str]:
        """The files whose rules may mean something else now: those with changed definitions, and all linked to them."""
        touched = {path for path, now in known.items() if now.meaning != self._meaning(path)}
        touched |= self._known.keys() - known.keys()
        links: dict[str, set[str]] = {}
        for path, file in (*self._known.items(), *known.items()):
            for other in file.linked:
                links.setdefault(path, set()).add(other)
                links.setdefault(other, set()).add(path)
        waiting = list(touched)
        while waiting:
            for other in links.get(waiting.pop(), ()):
                if other not in touched:
                    touched.add(other)
                    waiting.append(other)
        return touched

    def _meaning(self, path: str) -> tuple[object, ...] | None:
        known = self._known.get(path)
        return None if known is None else known.meaning

    def _accept(
        self, compiled: CompiledUnits, known: dict[str, _KnownFile], loader: _ReducingLoader
    ) -> Compilation | None:
        rules = [piece.rule for file in known.values() for piece in file.pieces if piece.rule is not None]
        names = [rule.name for rule in rules if rule.name is not None]
        made = compiled.compilation.plan
        if made is None or len(set(names)) < len(names):
            return None
        self._known = known
        sources = tuple(loader.sources[source.path].source for source in compiled.compilation.sources)
        limits = made.limits  # their lines have kept their ends, and so their places
        return Compilation(plan.Plan(tuple(rules), limits, made.fields), (), (), sources)


class _ReducingLoader:
    """Gives out files with only those rules in them that have to be compiled."""

    def __init__(self, loader: Loader, known: Mapping[str, _KnownFile], spared: Collection[str]) -> None:
        self._loader = loader
        self._known = known
        self._spared = spared
        self._named = frozenset[str]().union(*(file.asked_for for file in known.values()))
        self.sources: dict[str, _Reduced] = {}

    def identity(self, path: str) -> str:
        return self._loader.identity(path)

    def locate(self, target: str | tuple[str, ...], importer: str) -> str | NotFound:
        return self._loader.locate(target, importer)

    def read(self, path: str) -> Found | NotFound:
        found = self._loader.read(path)
        if isinstance(found, NotFound) or found.wrong:
            return found
        return Found(self.reduce(found.source))

    def reduce(self, source: SourceFile) -> SourceFile:
        """The file with what needs no compiling blanked out."""
        known = self._known.get(source.path) if source.path in self._spared else None
        reduced = _Reduced(source, source) if known is None else _reduce(source, known, self._named)
        self.sources[source.path] = reduced
        return reduced.text

    def is_vouched_for(self, unit: Unit) -> bool:
        """Whether the first rule behind the edit is read as the rule that it was."""
        guard = self.sources[unit.source.path].guard
        if guard is None:
            return True
        statements = unit.file.statements
        at = bisect_left(statements, guard[0], key=lambda statement: statement.span.start)
        return at < len(statements) and statements[at].span == guard

    def merged(self, unit: Unit, rules: Sequence[plan.Rule]) -> tuple[_Piece, ...]:
        """All statements of a file in their order: those just compiled, and those that were spared."""
        pieces = _pieces(unit, rules)
        kept = self.sources[unit.source.path].kept
        if kept:
            pieces = tuple(sorted((*kept, *pieces)))
        return _labelled(pieces, stem_of(unit.source.path))


def _pieces(unit: Unit, rules: Sequence[plan.Rule]) -> tuple[_Piece, ...]:
    lowered = iter(rules)
    return tuple(
        _Piece(
            *statement.span,
            next(lowered),
            any(
                isinstance(action, nodes.Emit) or (isinstance(action, nodes.ResetCooldown) and action.name is not None)
                for action in statement.actions
            ),
            _shared(statement),
        )
        if isinstance(statement, nodes.Rule)
        else _Piece(*statement.span, None, True)
        for statement in unit.file.statements
    )


def _shared(rule: nodes.Rule) -> str | None:
    """The shared cooldown that a rule has, where another could reset it."""
    return next(
        (
            option.shared.name
            for option in rule.options
            if isinstance(option, nodes.Cooldown) and option.shared is not None
        ),
        None,
    )


def _known(unit: Unit, text: str, pieces: tuple[_Piece, ...]) -> _KnownFile:
    file = unit.file
    defining = [
        text[statement.span.start : statement.span.end]
        for statement in file.statements
        if isinstance(statement, _DEFINING)
    ]
    linked = tuple(used.source.path for _, used in unit.uses if used is not None)
    # of a reduced text this is the whole one's: what asks for a name is never blanked out
    asked_for = _names_asked_for(file, text)
    language = None if file.language is None else file.language.text
    return _KnownFile(text, pieces, (language, *linked, *defining), linked, asked_for)


def _names_asked_for(file: nodes.File, text: str) -> frozenset[str]:
    """The names by which a file's rules and tests may ask for rules: their owners stay in the text to be found."""
    names: set[str] = set()
    for statement in file.statements:
        if isinstance(statement, nodes.Rule):
            resets = [action for action in statement.actions if isinstance(action, nodes.ResetCooldown)]
            names.update(action.name.name for action in resets if action.name is not None)
        elif not isinstance(statement, _DEFINING):
            names.update(_WORD.findall(text, *statement.span))
    return frozenset(names)


# ---- one file's text -----------------------------------------------------------------------------------------------


def _reduce(source: SourceFile, known: _KnownFile, named: Collection[str]) -> _Reduced:
    old, new = known.text, source.text
    same, tail = (len(old), 0) if old == new else _ends_in_common(old, new)
    pieces = known.pieces
    first = bisect_right(pieces, same, key=attrgetter("end"))  # the first that is not wholly before the edit
    last = bisect_left(pieces, len(old) - tail, key=attrgetter("start"))  # the first that is wholly behind it
    guard = None
    before, behind = list(pieces[: max(0, first - 1)]), list(pieces[last + 1 :])
    if old == new:
        before, behind = list(pieces), []
    elif last < len(pieces):
        moved = len(new) - len(old)
        guard = (pieces[last].start + moved, pieces[last].end + moved)
        behind = _moved(behind, source, old, tail, moved)
    kept = [[piece for piece in part if _is_spared(piece, named)] for part in (before, behind)]
    text = source.text
    for spared, part in zip(kept, (before, behind), strict=True):
        text = _blanked(text, spared, part)
    return _Reduced(source, SourceFile(source.path, text), (*kept[0], *kept[1]), guard)


def _is_spared(piece: _Piece, named: Collection[str]) -> bool:
    if piece.stays or piece.rule is None:
        return False
    name = piece.rule.name
    return not named or (piece.shared not in named and (name is None or name.rpartition(".")[2] not in named))


def _ends_in_common(old: str, new: str) -> tuple[int, int]:
    """How many characters two texts have in common at their start, and how many of the rest at their end."""
    start, most = 0, min(len(old), len(new))
    high = most
    while start < high:
        middle = (start + high + 1) // 2
        if old[start:middle] == new[start:middle]:
            start = middle
        else:
            high = middle - 1
    end, high = 0, most - start
    while end < high:
        middle = (end + high + 1) // 2
        if old[len(old) - middle : len(old) - end] == new[len(new) - middle : len(new) - end]:
            end = middle
        else:
            high = middle - 1
    return start, end


def _moved(pieces: Iterable[_Piece], source: SourceFile, old: str, tail: int, moved: int) -> list[_Piece]:
    """The rules behind an edit where they stand now; `tail` are the characters from its end to the file's."""
    new = source.text
    lines = new.count("\n", 0, len(new) - tail) - old.count("\n", 0, len(old) - tail)
    line_end = new.find("\n", len(new) - tail)  # what begins on the edit's last line has another column as well
    there = []
    for start, end, rule, stays, shared in pieces:
        start += moved
        if rule is not None and (lines or start < line_end or line_end < 0):
            place = rule.place
            if line_end < 0 or start < line_end:
                here = source.position(start)
                place = plan.Place(place.path, here.line, here.column)
            else:
                place = plan.Place(place.path, place.line + lines, place.column)
            rule = _MAKE(*_MEANING(rule), rule.label, place)
        there.append(_Piece(start, end + moved, rule, stays, shared))
    return there


def _blanked(text: str, kept: Iterable[_Piece], order: Sequence[_Piece]) -> str:
    """The text with these rules as white space; lines and places stay what they are."""
    spared = {piece.start for piece in kept}
    parts: list[str] = []
    done = 0
    for is_spared, run in groupby(order, lambda piece: piece.start in spared):
        if is_spared:
            pieces = list(run)
            start, end = pieces[0].start, pieces[-1].end
            parts += (text[done:start], _white(text[start:end]))
            done = end
    parts.append(text[done:])
    return "".join(parts)


def _white(text: str) -> str:
    return text.translate(_BLANKS) if text.isascii() else re.sub(r"[^\n]", " ", text)


def _labelled(pieces: Sequence[_Piece], stem: str) -> tuple[_Piece, ...]:
    """Rules without a name are shown by their number in the file."""
    labelled: list[_Piece] = []
    number = 0
    for piece in pieces:
        rule = piece.rule
        if rule is not None:
            number += 1
            if rule.name is None and rule.label != (label := f"{stem}#{number}"):
                piece = _Piece(
                    piece.start, piece.end, _MAKE(*_MEANING(rule), label, rule.place), piece.stays, piece.shared
                )
        labelled.append(piece)
    return tuple(labelled)
