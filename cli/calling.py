"""The Python actions that rules `call`, as the commands that trade load them: only where a rule calls one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..dsl.plan import CallAction, Plan
from ..runtime.rule.registered import ActionsError, RegisteredAction, load_actions
from .errors import CommandError


def called_actions(plan: Plan, module: str | None) -> Mapping[str, RegisteredAction]:
    """The registered actions of a module, given its path; none where no rule calls one: then it is not imported.

    Raises:
        CommandError: importing it failed, or it has no such action once it is imported.
    """
    called = dict.fromkeys(_called(plan))
    if not called or module is None:
        return {}
    try:
        actions = load_actions(module)
    except ActionsError as error:
        raise CommandError(str(error), error.help) from error
    missing = [name for name in called if name not in actions]
    if missing:
        raise CommandError(
            f"{module}: imported, it has no action `{missing[0]}`",
            "an action is a function below the decorator `rule_action` of rulec.runtime.rule",
        )
    return actions


def _called(plan: Plan) -> Iterator[str]:
    return (action.name for rule in plan.rules for action in rule.actions if isinstance(action, CallAction))
