"""`rulec test`: runs the scenario tests of rule files, in event time on the simulated exchange.

Each file's tests are played with that file's rules, and those of the files it uses, alone: what else the command names
does not trade beside them.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import attrs
import click

from ..dsl.compile import Compilation, compile_files
from ..dsl.diagnostics import Diagnostic, Severity
from ..dsl.library import Library, read_rules
from ..dsl.source import SourceFile
from ..runtime.broker.exchange import FillMode
from ..runtime.broker.simulated import SimulationSettings
from ..runtime.configuration import Configuration
from ..runtime.core.settings import Settings
from ..runtime.market.hours import HOURS
from ..runtime.scenario import reports
from ..runtime.scenario.coverage import Coverage
from ..runtime.scenario.running import TestResult, run_test
from ..runtime.scenario.stage import Theatre
from .actions import read_actions
from .calling import called_actions
from .configuring import config_option, load_configuration
from .errors import CommandError
from .rules import read_settings, settings_option

if TYPE_CHECKING:
    from ..dsl.scenario import Test

FINE = 0
NOT_FINE = 1


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("-k", "about", metavar="TEXT", default="", help="Only tests with this text in their name.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["full", "json", "junit"]),
    default="full",
    show_default=True,
    help="How to print the results.",
)
@click.option("--coverage", "with_coverage", is_flag=True, help="Say what of the rules the tests have seen.")
@click.option(
    "--fail-under",
    "least",
    type=click.FloatRange(0, 100),
    metavar="N",
    help="Fail where the coverage is below N percent; measures it.",
)
@settings_option
@config_option
def test(
    paths: Sequence[str],
    about: str,
    form: str,
    with_coverage: bool,
    least: float | None,
    settings: Sequence[str],
    config: str | None,
) -> int:
    """Run the tests in rule files.

    PATH is a file, a folder (all .rules files below it), or - for standard input. Exit code 0: all passed; 1: one
    failed, the rules have errors, or the coverage is too low; 2: there was no test to run.
    """
    configuration = load_configuration(config)
    library = _read(paths)
    files = _compile(library, {**read_settings(configuration.parameters()), **read_settings(settings)}, configuration)
    if files is None:
        click.echo("nothing was tested: the rules have errors", err=True)
        return NOT_FINE
    chosen = [(file, [test for test in file.tests if about.casefold() in test.name.casefold()]) for file in files]
    if not any(tests for _, tests in chosen):
        raise _nothing_to_run(files, about)
    coverage = Coverage() if with_coverage or least is not None else None
    results = [result for file, tests in chosen for result in _run(file, tests, configuration, coverage)]
    click.echo(_printed(results, coverage, form), nl=False)
    is_covered = coverage is None or least is None or coverage.total.percent >= least
    if not is_covered and coverage is not None:
        click.echo(f"the coverage is {coverage.total.percent:.1f}%, below {least:g}%", err=True)
    return FINE if is_covered and all(result.has_passed for result in results) else NOT_FINE


def _read(paths: Sequence[str]) -> Library:
    library = read_rules(paths, sys.stdin.buffer)
    errors = [CommandError(f"{problem.path}: {problem.message}", problem.help) for problem in library.problems]
    for error in errors[:-1]:
        error.show()
    if errors:
        raise errors[-1]
    return library


def _compile(library: Library, settings: Mapping[str, str], configuration: Configuration) -> list[Compilation] | None:
    """Each file by itself, with what it uses; None where one has errors, which are shown.

    Raises:
        CommandError: a setting fits no file, or does not fit the param.
    """
    actions = None if configuration.actions is None else read_actions(configuration.actions)
    files = [
        compile_files([source], parameters=settings, optional=settings, actions=actions) for source in library.sources
    ]
    wrong: list[Diagnostic] = list(library.diagnostics)
    sources: dict[str, SourceFile] = {source.path: source for source in library.damaged}
    for file in files:
        wrong += [one for one in file.diagnostics if one.severity is Severity.ERROR and one not in wrong]
        sources |= {source.path: source for source in file.sources}
    if wrong:
        from .reports import show_full

        show_full(wrong, sources.values())
        return None
    _check_settings(library, files, settings)
    return files


def _check_settings(library: Library, files: Sequence[Compilation], settings: Mapping[str, str]) -> None:
    """What is wrong with the settings: a file need not have the param, but one of them must."""
    for file in files:
        for problem in file.problems:
            raise CommandError(f"--set: {problem}")
    for name, value in settings.items():
        one = {name: value}
        problems = [compile_files([source], parameters=one).problems for source in library.sources]
        if problems and all(problems):
            raise CommandError(f"--set: {problems[0][0]}")


def _nothing_to_run(files: Sequence[Compilation], about: str) -> CommandError:
    if any(file.tests for file in files):
        return CommandError(f"-k {about}: no test has this in its name")
    return CommandError("there is no test in these files", 'a test is written `test "what it is about" { … }`')


def _run(
    file: Compilation, tests: Sequence[Test], configuration: Configuration, coverage: Coverage | None
) -> list[TestResult]:
    if not tests:
        return []
    assert file.plan is not None, "files with errors are not run"
    if coverage is not None:
        coverage.expect(file.plan)
    theatre = Theatre(
        file.plan,
        HOURS[configuration.hours("nyse")](),
        configuration.apply(Settings()),
        attrs.evolve(configuration.simulation(SimulationSettings()), fill=FillMode.STANDING),
        called_actions(file.plan, configuration.actions),
    )
    return [run_test(one, theatre, coverage) for one in tests]


def _printed(results: Sequence[TestResult], coverage: Coverage | None, form: str) -> str:
    if form == "json":
        return reports.as_json(results, coverage)
    return reports.as_junit(results) if form == "junit" else reports.full(results, coverage)
