"""What the commands that trade share: rule files compiled to a plan, or the reason why not."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence

import click

from ..dsl.compile import Compilation
from ..dsl.diagnostics import Severity
from ..dsl.plan import Plan
from ..dsl.source import SourceFile
from ..runtime.event.reload import RuleTexts
from ..runtime.live.rule_files import Loaded, RuleFiles
from ..runtime.recorded_rules import compile_texts
from ..runtime.restart import Compile
from ..runtime.rule.registered import RegisteredAction
from .actions import read_actions
from .calling import called_actions
from .errors import CommandError
from .rules import all_sources, compile_paths, read_settings, refuse


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
    return plan_of(compilation, all_sources(library, compilation))


def load_files(files: RuleFiles) -> tuple[Loaded, Plan]:
    """Reads and compiles the rule files of a run; shows their errors on standard error.

    Raises:
        CommandError: a file cannot be read, or a `--set` does not fit (exit code 2).
        RulesRefused: the files have errors (exit code 1).
    """
    loaded = files.load()
    refuse([CommandError(f"{problem.path}: {problem.message}", problem.help) for problem in loaded.library.problems])
    refuse([CommandError(f"--set: {problem}") for problem in loaded.compilation.problems])
    return loaded, plan_of(loaded.compilation, all_sources(loaded.library, loaded.compilation))


def plan_of(compilation: Compilation, sources: Sequence[SourceFile]) -> Plan:
    """The plan of a compilation; without one its errors are shown, and RulesRefused is raised."""
    if compilation.plan is None:
        from .reports import show_full

        show_full([one for one in compilation.diagnostics if one.severity is Severity.ERROR], sources)
        raise RulesRefused
    return compilation.plan


def recorded_rules(module: str | None, actions: MutableMapping[str, RegisteredAction]) -> Compile:
    """Compiles the recorded texts of a run, and loads what they call.

    `module` is the path of the Python file whose actions rules may call; those that the texts call are added to
    `actions`, also where the rules of now call others.
    """
    signatures = None if module is None else read_actions(module)

    def compiled(texts: RuleTexts, parameters: Mapping[str, str]) -> Plan:
        compilation = compile_texts(texts, dict(parameters), signatures)
        plan = plan_of(compilation, compilation.sources)
        actions.update(called_actions(plan, module))
        return plan

    return compiled


def stopped() -> int:
    """The exit code after `RulesRefused`."""
    click.echo("nothing was run: the rules have errors", err=True)
    return 1
