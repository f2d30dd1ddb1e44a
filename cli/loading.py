"""What the commands that trade share: rule files compiled to a plan, or the reason why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click

from ..dsl.diagnostics import Severity
from ..dsl.plan import Plan
from .actions import read_actions
from .rules import all_sources, compile_paths, read_settings


class RulesRefused(Exception):
    """The rule files have errors, which have been shown: exit code 1."""


def load_plan(
    paths: Sequence[str],
    settings: Sequence[str],
    recorded: Mapping[str, str] | None = None,
    *,
    module: str | None = None,
) -> Plan:
    """Reads and compiles rule files; shows their errors on standard error.

    `recorded` are the params of a run that is done again: the settings come before them, and those that the rules no
    longer have are passed over. `module` is the path of the Python file whose actions they may call.

    Raises:
        CommandError: a file cannot be read, or a `--set` does not fit (exit code 2).
        RulesRefused: the files have errors (exit code 1).
    """
    given = read_settings(settings)
    parameters = {**(recorded or {}), **given}
    actions = None if module is None else read_actions(module)
    library, compilation = compile_paths(paths, parameters, parameters.keys() - given.keys(), actions)
    errors = [found for found in compilation.diagnostics if found.severity is Severity.ERROR]
    if errors:
        from .reports import show_full

        show_full(errors, all_sources(library, compilation))
        raise RulesRefused
    assert compilation.plan is not None, "no errors and no problems: there is a plan"
    return compilation.plan


def stopped() -> int:
    """The exit code after `RulesRefused`."""
    click.echo("nothing was run: the rules have errors", err=True)
    return 1
