"""What the commands that trade share: rule files compiled to a plan, or the reason why not."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

import click

from ..dsl.compile import compile_files
from ..dsl.diagnostics import Severity
from ..dsl.library import read_rules
from ..dsl.plan import Plan
from .errors import CommandError


class RulesRefused(Exception):
    """The rule files have errors, which have been shown: exit code 1."""


def load_plan(paths: Sequence[str], settings: Sequence[str], recorded: Mapping[str, str] | None = None) -> Plan:
    """Reads and compiles rule files; shows their errors on standard error.

    `recorded` are the params of a run that is done again: the settings come before them, and those that the rules no
    longer have are passed over.

    Raises:
        CommandError: a file cannot be read, or a `--set` does not fit (exit code 2).
        RulesRefused: the files have errors (exit code 1).
    """
    library = read_rules(paths, sys.stdin.buffer)
    for problem in library.problems:
        raise CommandError(f"{problem.path}: {problem.message}", problem.help)
    given = parse_settings(settings)
    parameters = {**(recorded or {}), **given}
    optional = parameters.keys() - given.keys()
    compilation = compile_files(library.sources, parameters=parameters, optional=optional, found=library.diagnostics)
    errors = [found for found in compilation.diagnostics if found.severity is Severity.ERROR]
    if errors:
        from .reports import show_full

        show_full(errors, (*library.sources, *library.damaged))
        raise RulesRefused
    if compilation.problems:
        raise CommandError("; ".join(compilation.problems))
    if compilation.plan is None:
        raise CommandError("the rules could not be compiled")
    return compilation.plan


def parse_settings(settings: Sequence[str]) -> dict[str, str]:
    """`NAME=VALUE` options as a mapping.

    Raises:
        CommandError: one of them has no `=`.
    """
    values: dict[str, str] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not name.strip():
            raise CommandError(f"--set {setting}: a setting is NAME=VALUE, as in `--set min_confidence=0.7`")
        values[name.strip()] = value.strip()
    return values


def stopped() -> int:
    """The exit code after `RulesRefused`."""
    click.echo("nothing was run: the rules have errors", err=True)
    return 1
