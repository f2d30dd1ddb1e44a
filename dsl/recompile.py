"""Compiles the same files again and again, as they are saved: what an edit did not touch is not compiled again.

    recompiler = Recompiler(FileLoader())
    recompiler.compile(sources)         # everything
    recompiler.compile(sources)         # only the rules whose text is new, or that say a name whose definition is new

A rule means what its text says, with the names that it says. So what is outside an edit, and says no name that means
something else now (`known_files.py`), is blanked out of the text (`reduced.py`), and what is left goes through the
compiler as it is.

Whatever this cannot vouch for is compiled whole: a mistake (so that its report is the usual one), another `use`, two
rules of one name, a rule gone that others name. Either way the plan is that of `compile_files`, places and labels
included; there are no warnings, for nobody asks for them here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from . import plan
from .compile import Compilation, CompiledUnits, compile_units, stem_of
from .depth import room_to_work
from .diagnostics import Diagnostic
from .edits import Edit, edits_between
from .imports import Found, Loader, NotFound, Unit
from .known_files import (
    KnownFile,
    Piece,
    Words,
    changed_fields,
    changed_names,
    files_with_other_frame,
    known_file,
    last_part,
    pieces_of,
    with_what_says_them,
)
from .parameters import Setting
from .reduced import Reduced, edited_definitions, labelled, reduce
from .registered_calls import Actions
from .source import SourceFile

_NOTHING: frozenset[str] = frozenset()


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
        self._known: dict[str, KnownFile] = {}

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
                    unit.source.path: known_file(unit, unit.source.text, pieces_of(unit, rules))
                    for unit, rules in zip(compiled.units, compiled.rules, strict=True)
                }
            return compiled.compilation

    def _run(self, sources: Sequence[SourceFile], found: Sequence[Diagnostic], loader: Loader) -> CompiledUnits:
        return compile_units(sources, self._parameters, self._optional, found, loader, self._actions, lints=False)

    def _compile_changed(self, sources: Sequence[SourceFile]) -> Compilation | None:
        """The compilation by way of what changed; None where that is not certain to be the whole one's."""
        spared = set(self._known)
        edits = {
            source.path: edits_between(self._known[source.path].text, source.text)
            for source in sources
            if source.path in spared
        }
        edited = {path: edited_definitions(self._known[path], each) for path, each in edits.items()}
        affected = with_what_says_them(edited, self._known.items())
        for _ in range(2):
            loader = _ReducingLoader(self._loader, self._known, spared, edits, affected)
            compiled = self._run([loader.reduce(source) for source in sources], (), loader)
            if compiled.compilation.plan is None or not all(map(loader.is_vouched_for, compiled.units)):
                return None
            known = {
                unit.source.path: loader.known(unit, rules)
                for unit, rules in zip(compiled.units, compiled.rules, strict=True)
            }
            touched = files_with_other_frame(self._known, known)
            other = self._with_other_meaning(known)
            if not touched & spared and all(words <= affected.get(path, _NOTHING) for path, words in other.items()):
                return self._accept(compiled, known, loader)
            spared -= touched
            affected = other
        return None

    def _with_other_meaning(self, known: Mapping[str, KnownFile]) -> dict[str, Words]:
        """By file the names that mean something else now."""
        both = [(path, self._known[path], now) for path, now in known.items() if path in self._known]
        fields = set().union(*(changed_fields(before, now) for _, before, now in both))
        changed = {path: changed_names(before, now) | fields for path, before, now in both}
        return with_what_says_them(changed, (*self._known.items(), *known.items()))

    def _accept(
        self, compiled: CompiledUnits, known: dict[str, KnownFile], loader: _ReducingLoader
    ) -> Compilation | None:
        made = compiled.compilation.plan
        if made is None or not self._is_whole(known, loader):
            return None
        self._known = known
        rules = tuple(piece.rule for file in known.values() for piece in file.pieces if piece.rule is not None)
        sources = tuple(loader.sources[source.path].source for source in compiled.compilation.sources)
        limits = made.limits  # their lines have kept their ends, and so their places
        return Compilation(plan.Plan(rules, limits, made.fields), (), (), sources)

    def _is_whole(self, known: Mapping[str, KnownFile], loader: _ReducingLoader) -> bool:
        """Whether what was spared fits what was compiled: no name twice, and what it asks for is there as before."""
        named = [name for file in known.values() for name in file.rule_names]
        if len(set(named)) < len(named) or any(len(set(file.titles)) < len(file.titles) for file in known.values()):
            return False
        spared = loader.spared_pieces()
        there = frozenset().union(*(piece.offers for piece in spared))
        if not there.isdisjoint(_asked(loader.compiled)):
            return False  # it was not there to be found
        before, now = (
            {(path, name) for path, file in files.items() for name in file.offered} for files in (self._known, known)
        )
        return {name for _, name in before ^ now}.isdisjoint(_asked(spared))


def _asked(pieces: Iterable[Piece]) -> set[str]:
    """The names of rules that statements say."""
    return {last_part(name) for piece in pieces for name in piece.asks}


class _ReducingLoader:
    """Gives out files with only those statements in them that have to be compiled.

    `spared` are the files of which some need not be, `edits` those of the files that are given, by path, and `affected`
    by path the names that mean something else.
    """

    def __init__(
        self,
        loader: Loader,
        known: Mapping[str, KnownFile],
        spared: Collection[str],
        edits: Mapping[str, Sequence[Edit]],
        affected: Mapping[str, Collection[str]],
    ) -> None:
        self._loader = loader
        self._known = known
        self._spared = spared
        self._edits = edits
        self._affected = affected
        asked = (piece.asks for file in known.values() for piece in file.pieces if piece.stays)
        self._named = _NOTHING.union(*asked)
        self.sources: dict[str, Reduced] = {}
        self.compiled: list[Piece] = []

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
        reduced = Reduced(source, source)
        if known is not None:
            edits = self._edits.get(source.path)
            if edits is None:
                edits = edits_between(known.text, source.text)
            reduced = reduce(source, known, edits, self._affected.get(source.path, ()), self._named)
        self.sources[source.path] = reduced
        return reduced.text

    def is_vouched_for(self, unit: Unit) -> bool:
        """Whether the first statement behind each edit is read as the one that it was."""
        guards = self.sources[unit.source.path].guards
        return not guards or {statement.span for statement in unit.file.statements}.issuperset(guards)

    def spared_pieces(self) -> list[Piece]:
        """All that was not compiled."""
        return [piece for reduced in self.sources.values() for piece in reduced.kept]

    def known(self, unit: Unit, rules: Sequence[plan.Rule]) -> KnownFile:
        """A file with all its statements in their order: those just compiled, and those that were spared."""
        reduced = self.sources[unit.source.path]
        pieces = pieces_of(unit, rules)
        self.compiled += pieces
        if reduced.kept:
            pieces = tuple(sorted((*reduced.kept, *pieces), key=lambda piece: piece.start))
        return known_file(unit, reduced.source.text, labelled(pieces, stem_of(unit.source.path)))
