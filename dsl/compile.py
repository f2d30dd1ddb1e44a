"""The whole way from texts to a plan. This alone knows the order of the passes.

    compile_text("on signal BUY where confidence>0.8 -> enter long 100 stop 3% target 8%").plan.rules

Each pass gives its product and its diagnostics and raises for no mistake of a user's. A file with an error is taken as
far as it goes, so that all its errors are told at once; the plan exists only where no file has one.
"""

from __future__ import annotations

import gc
from collections.abc import Container, Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

import attrs

from . import nodes, plan
from .across_files import ReadFile, conflicting_fields, duplicate_rules, unknown_cooldowns
from .bindings import Target, bind
from .depth import room_to_work
from .diagnostics import Diagnostic, Severity
from .emissions import LoweredRule, emission_cycles
from .expression_types import ExpressionTypes
from .imports import Loader, Unit, gather
from .library import FileLoader
from .lints import LintedFile, lint
from .lower import PlanParts, lower
from .parameters import ParamFile, Setting, apply_settings, check_params
from .proofs import ProvableRule, never_true, proven_conditions
from .record import Record
from .registered_calls import Actions
from .resolve import Import, Scope, resolve
from .source import SourceFile
from .tested_files import TestedFiles
from .typecheck import check_types
from .values import check_values

if TYPE_CHECKING:
    from .scenario import Test


@attrs.frozen(eq=False, repr=False)
class Compilation(Record):
    """What came of some files.

    `plan` is None where a file has an error or a setting is refused. `diagnostics` are in the order of the files and
    of their text. `problems` say, a sentence each, what is wrong with the settings; no file is at fault for those.
    `sources` are all files that were read, those that a `use` named among them. `tests` are those of the files that
    were given; without a plan there are none.
    """

    plan: plan.Plan | None
    diagnostics: tuple[Diagnostic, ...]
    problems: tuple[str, ...]
    sources: tuple[SourceFile, ...]
    tests: tuple[Test, ...] = ()


def compile_files(
    sources: Sequence[SourceFile],
    *,
    parameters: Mapping[str, Setting] | None = None,
    optional: Container[str] = (),
    found: Sequence[Diagnostic] = (),
    loader: Loader | None = None,
    actions: Actions = None,
    asked: Container[str] = (),
) -> Compilation:
    """Compile the files of one command, in the order in which their rules are to be tried.

    `parameters` are values for the files' params by name (or `stem.name`): text as it would stand in a file, or a
    float in the param's own unit (percent as a fraction, money in currency, durations in seconds); those named in
    `optional` are passed over where no file has such a param. `found` are diagnostics of files that could not be
    decoded and so are not among the sources. `loader` finds what a `use` names (default: on the disk); `actions` are
    the registered Python actions that a `call` may name; `asked` are codes of warnings that are off by default.
    """
    with room_to_work():
        loaded = loader or FileLoader()
        done = compile_units(sources, parameters or {}, optional, found, loaded, actions, asked=asked).compilation
        _count_as_old()
        return done


def compile_text(text: str, path: str = "<text>", *, parameters: Mapping[str, Setting] | None = None) -> Compilation:
    """Compile one file's text."""
    source, found = SourceFile.from_text(path, text)
    return compile_files([] if found else [source], parameters=parameters, found=found)


def stem_of(path: str) -> str:
    """What starts the full names of a file's rules: its name without folder and suffix; `stdin` for `-`."""
    return "stdin" if path == "-" else PurePath(path).stem.strip("<>") or "rules"


@attrs.frozen(eq=False, repr=False)
class CompiledUnits(Record):
    """A compilation with what it was made of: each file in the order of its rules, and the rules it gave."""

    compilation: Compilation
    units: tuple[Unit, ...]
    rules: tuple[tuple[plan.Rule, ...], ...]
    """By file, in the order of their statements; nothing where there is no plan."""


def compile_units(
    sources: Sequence[SourceFile],
    settings: Mapping[str, Setting],
    optional: Container[str],
    found: Sequence[Diagnostic],
    loader: Loader,
    actions: Actions,
    *,
    lints: bool = True,
    asked: Container[str] = (),
) -> CompiledUnits:
    """The passes in their order; see `compile_files`. Without `lints` there are no warnings."""
    gathered = gather(sources, loader, {one.path for one in found})
    units = gathered.by_rule
    diagnostics = [*found, *gathered.diagnostics]

    scopes: dict[int, Scope] = {}
    for unit in gathered.by_need:
        imports = [Import(use, None if used is None else scopes[id(used)]) for use, used in unit.uses]
        scope, unresolved = resolve(unit.file, unit.source, imports, unit.damaged)
        scopes[id(unit)] = scope
        diagnostics += unresolved

    params = {id(unit): ParamFile(stem_of(unit.source.path), scopes[id(unit)]) for unit in units}
    problems = apply_settings(settings, [params[id(unit)] for unit in units], optional)
    typed = _types(gathered.by_need, params)
    own = {id(unit): ParamFile(param.stem, param.scope) for unit, param in zip(units, params.values(), strict=True)}
    _bind(gathered.by_need, params, typed, _types(gathered.by_need, own))

    read = [ReadFile(unit.file, unit.source, params[id(unit)].stem) for unit in units]
    names = [rule_names(unit) for unit in units]
    for unit in units:
        types = typed[id(unit)]
        check_types(unit.file, types, actions)
        check_params(unit.file, types)
        check_values(unit.file, types)
    diagnostics += [diagnostic for unit in units for diagnostic in typed[id(unit)].diagnostics]
    diagnostics += duplicate_rules(read) + conflicting_fields(read) + unknown_cooldowns(read, names)
    tested = TestedFiles.among(units, names)
    diagnostics += tested.check()

    proven: list[Diagnostic] = []
    wrong_paths = _wrong_paths(diagnostics)
    lowered = _not_hampered(units, wrong_paths) if lints else range(0 if wrong_paths else len(units))
    parts = [lower(read[at].file, typed[id(units[at])], read[at].stem, names[at]) for at in lowered]
    both = _both_forms([read[at] for at in lowered], parts)
    diagnostics += emission_cycles(both)
    wrong_paths = _wrong_paths(diagnostics)
    if lints:
        proven += _proven(_provable([one for one in both if one.path not in wrong_paths], units, typed))

    if lints:
        fine = [LintedFile(unit.file, scopes[id(unit)], unit.given, unit.uses) for unit in units]
        kept = [linted for linted in fine if linted.path not in wrong_paths]
        diagnostics += lint(kept, proven, whole=not wrong_paths, asked=asked)
    ordered = (*(unit.source for unit in units), *gathered.unread)
    done = None
    if not wrong_paths and not problems:
        done = plan.Plan(
            tuple(rule for part in parts for rule in part.rules),
            tuple(limit for part in parts for limit in part.limits),
            tuple({field.name: field for part in parts for field in part.fields}.values()),
        )
    tests = () if done is None else tested.lower()
    compilation = Compilation(done, tuple(_in_order(diagnostics, ordered)), tuple(problems), ordered, tests)
    return CompiledUnits(compilation, tuple(units), () if done is None else tuple(part.rules for part in parts))


def _types(units: Sequence[Unit], params: Mapping[int, ParamFile]) -> dict[int, ExpressionTypes]:
    """The types of every file, each made after those it uses."""
    typed: dict[int, ExpressionTypes] = {}
    by_scope: dict[int, ExpressionTypes] = {}
    for unit in units:
        param = params[id(unit)]
        homes = {name: by_scope[id(home)] for name, home in param.scope.imported.items()}
        typed[id(unit)] = by_scope[id(param.scope)] = ExpressionTypes(param.scope, param.values, homes)
    return typed


def _bind(
    units: Sequence[Unit],
    params: Mapping[int, ParamFile],
    typed: Mapping[int, ExpressionTypes],
    own: Mapping[int, ExpressionTypes],
) -> None:
    """What files give to those they use: theirs is settled first. `own` are types of params without given values."""
    targets = {id(unit): Target(own[id(unit)], params[id(unit)].values) for unit in units}
    for unit in reversed(units):
        bind([(use, targets[id(used)]) for use, used in unit.uses if used is not None], typed[id(unit)])


def rule_names(unit: Unit) -> dict[str, str]:
    """The full names of the rules that a file can name: its own, else those of files that it uses."""
    names: dict[str, str] = {}
    for home in (*(used for _, used in unit.uses if used is not None), unit):
        stem = stem_of(home.source.path)
        for statement in home.file.statements:
            if isinstance(statement, nodes.Rule) and statement.name is not None:
                names[statement.name.name] = f"{stem}.{statement.name.name}"
    return names


def _not_hampered(units: Sequence[Unit], wrong_paths: Container[str]) -> Sequence[int]:
    """The places of the files that can be lowered though others have errors: those linked to none of these."""
    homes = {id(unit): at for at, unit in enumerate(units)}
    links: list[set[int]] = [set() for _ in units]
    for at, unit in enumerate(units):
        for used in (homes[id(used)] for _, used in unit.uses if used is not None):
            links[at].add(used)
            links[used].add(at)  # what it gives to the file may be wrong
    waiting = [
        at
        for at, unit in enumerate(units)
        if unit.source.path in wrong_paths or any(used is None for _, used in unit.uses)
    ]
    hampered = set(waiting)
    while waiting:
        more = links[waiting.pop()] - hampered
        hampered |= more
        waiting += more
    return [at for at in range(len(units)) if at not in hampered]


def _both_forms(read: Sequence[ReadFile], parts: Sequence[PlanParts]) -> list[LoweredRule]:
    return [
        LoweredRule(node, rule, one.source.path)
        for one, part in zip(read, parts, strict=True)
        for node, rule in zip(
            (statement for statement in one.file.statements if isinstance(statement, nodes.Rule)),
            part.rules,
            strict=True,
        )
    ]


def _provable(
    both: Sequence[LoweredRule], units: Sequence[Unit], typed: Mapping[int, ExpressionTypes]
) -> list[ProvableRule]:
    homes = {unit.source.path: unit for unit in units}
    return [
        ProvableRule(one.node, one.rule, one.path, typed[id(homes[one.path])], homes[one.path].given) for one in both
    ]


def _proven(rules: Sequence[ProvableRule]) -> Iterator[Diagnostic]:
    """W402 to W405; what holds rules against each other is loaded only where there are several."""
    if len(rules) > 1:
        from .conflicts import proven_warnings

        return proven_warnings(rules)
    return proven_conditions(rules, never_true(rules))


def _wrong_paths(diagnostics: Sequence[Diagnostic]) -> set[str]:
    """The files with errors."""
    return {diagnostic.path for diagnostic in diagnostics if diagnostic.severity is Severity.ERROR}


def _in_order(diagnostics: list[Diagnostic], sources: Sequence[SourceFile]) -> list[Diagnostic]:
    """By file as given (those that could not be read first), then by place, then by code."""
    order = {source.path: at for at, source in enumerate(sources)}
    return sorted(diagnostics, key=lambda one: (order.get(one.path, -1), one.span.start, one.code))


def _count_as_old() -> None:
    """Counts all that was made among the old, at which Python looks seldom: compiling makes no circles to be found."""
    if not gc.get_freeze_count():
        gc.freeze()
        gc.unfreeze()
