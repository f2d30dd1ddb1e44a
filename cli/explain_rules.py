"""What the rules of a file do, in plain English: the second half of `rulec explain`."""

from __future__ import annotations

from collections.abc import Mapping

import click

from ..dsl.diagnostics import Severity
from ..dsl.plain_rules import explain_rules
from ..dsl.registered_calls import Actions
from ..dsl.spelling import nearest
from .errors import CommandError
from .reports import show_full
from .rules import all_sources, compile_paths


def explain_path(path: str, name: str | None, settings: Mapping[str, str], actions: Actions) -> int:
    """Prints what the rules of a file or folder do, those of files that it uses among them; or one by its name."""
    library, compilation = compile_paths([path], settings, actions=actions)
    if compilation.plan is None:
        errors = [one for one in compilation.diagnostics if one.severity is Severity.ERROR]
        show_full(errors, all_sources(library, compilation))
        return 1
    rules = compilation.plan.rules
    if name is not None:
        rules = tuple(rule for rule in rules if name in (rule.label, rule.name))
        if not rules:
            names = [rule.label for rule in compilation.plan.rules]
            near = nearest(name, names)
            remedy = f"did you mean {near}?" if near else f"there are {', '.join(names) or 'none'}"
            raise CommandError(f"{path}: there is no rule `{name}`", remedy)
    limits = compilation.plan.limits if name is None else ()
    click.echo(explain_rules(rules, limits), nl=False)
    return 0
