"""The whole way from texts to a plan. This alone knows the order of the passes.

    compile_text("on signal BUY where confidence>0.8 -> enter long 100 stop 3% target 8%").plan.rules

Each pass gives its product and its diagnostics and raises for no mistake of a user's. A file with an error is taken as
far as it goes, so that all its errors are told at once; the plan exists only where no file has one.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import PurePath

import attrs

from . import plan
from .across_files import ReadFile, conflicting_fields, duplicate_rules
from .diagnostics import Diagnostic, Severity
from .expression_types import ExpressionTypes
from .lints import LintedFile, lint
from .lower import lower
from .parameters import ParamFile, Setting, apply_settings, check_params
from .parser import parse
from .record import Record
from .resolve import Scope, resolve
from .source import SourceFile
from .typecheck import check_types
from .values import check_values


@attrs.frozen(eq=False, repr=False)
class Compilation(Record):
    """What came of some files.

    `plan` is None where a file has an error or a setting is refused. `diagnostics` are in the order of the files and
    of their text. `problems` say, a sentence each, what is wrong with the settings; no file is at fault for those.
    """

    plan: plan.Plan | None
    diagnostics: tuple[Diagnostic, ...]
    problems: tuple[str, ...]
    sources: tuple[SourceFile, ...]


def compile_files(
    sources: Sequence[SourceFile],
    *,
    parameters: Mapping[str, Setting] | None = None,
    optional: Container[str] = (),
    found: Sequence[Diagnostic] = (),
) -> Compilation:
    """Compile the files of one command, in the order in which their rules are to be tried.

    `parameters` are values for the files' params by name (or `stem.name`): text as it would stand in a file, or a
    float in the param's own unit (percent as a fraction, money in currency, durations in seconds); those named in
    `optional` are passed over where no file has such a param. `found` are diagnostics of files that could not be
    decoded and so are not among the sources.
    """
    with _room_to_work():
        return _compile(sources, parameters or {}, optional, found)


def compile_text(text: str, path: str = "<text>", *, parameters: Mapping[str, Setting] | None = None) -> Compilation:
    """Compile one file's text."""
    source, found = SourceFile.from_text(path, text)
    return compile_files([] if found else [source], parameters=parameters, found=found)


def stem_of(path: str) -> str:
    """What starts the full names of a file's rules: its name without folder and suffix; `stdin` for `-`."""
    return "stdin" if path == "-" else PurePath(path).stem.strip("<>") or "rules"


def _compile(
    sources: Sequence[SourceFile],
    settings: Mapping[str, Setting],
    optional: Container[str],
    found: Sequence[Diagnostic],
) -> Compilation:
    diagnostics = list(found)
    files: list[ReadFile] = []
    scopes: list[Scope] = []
    for source in sources:
        file, wrong = parse(source)
        files.append(ReadFile(file, source, stem_of(source.path)))
        diagnostics += wrong
        scope, unresolved = resolve(file, source, frozenset(diagnostic.span for diagnostic in wrong))
        diagnostics += unresolved
        scopes.append(scope)

    params = [ParamFile(read.stem, scope) for read, scope in zip(files, scopes, strict=True)]
    problems = apply_settings(settings, params, optional)
    typed = [ExpressionTypes(param.scope, param.values) for param in params]
    for read, types in zip(files, typed, strict=True):
        check_types(read.file, types)
        check_params(read.file, types)
        check_values(read.file, types)
        diagnostics += types.diagnostics
    diagnostics += duplicate_rules(files)
    diagnostics += conflicting_fields(files)

    wrong_paths = {diagnostic.path for diagnostic in diagnostics if diagnostic.severity is Severity.ERROR}
    fine = [LintedFile(read.file, scope) for read, scope in zip(files, scopes, strict=True)]
    diagnostics += lint([linted for linted in fine if linted.path not in wrong_paths], whole=not wrong_paths)

    product = None
    if not wrong_paths and not problems:
        parts = [lower(read.file, types, read.stem) for read, types in zip(files, typed, strict=True)]
        product = plan.Plan(
            tuple(rule for part in parts for rule in part.rules),
            tuple(limit for part in parts for limit in part.limits),
            tuple({field.name: field for part in parts for field in part.fields}.values()),
        )
    return Compilation(product, tuple(_in_order(diagnostics, sources)), tuple(problems), tuple(sources))


def _in_order(diagnostics: list[Diagnostic], sources: Sequence[SourceFile]) -> list[Diagnostic]:
    """By file as given (those that could not be read first), then by place, then by code."""
    order = {source.path: at for at, source in enumerate(sources)}
    return sorted(diagnostics, key=lambda one: (order.get(one.path, -1), one.span.start, one.code))


@contextmanager
def _room_to_work() -> Iterator[None]:
    """What passes over large and deep trees need from Python; all is put back as it was found.

    Compiling makes many small records and no circles of them: looking for circles would take half of the time. And the
    deepest tree that the parser lets through takes more frames than Python's own thousand.
    """
    thresholds, frames = gc.get_threshold(), sys.getrecursionlimit()
    gc.set_threshold(max(thresholds[0], 200_000) if thresholds[0] else 0, *thresholds[1:])
    sys.setrecursionlimit(max(frames, 20_000))
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        sys.setrecursionlimit(frames)
