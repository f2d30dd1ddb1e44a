"""Actions of rules: what is done once a condition is true.

An action that trades says what it wants as a plan record and asks the current runtime for it; that is the path of a
rule file's actions too. A user's own action derives from `Action` and does as it likes; what it raises fails that
action, and the rule's remaining actions are not done.
"""

from __future__ import annotations

import inspect
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any, TypeAlias, TypeVar

import attrs

from ...dsl.plan import Action as AnyAction
from ..context import NoRuntimeError, Request, current_runtime, find_runtime
from ..core.records import ActionOutcome, Outcome

logger = logging.getLogger(__name__)

T = TypeVar("T")
Context = Mapping[str, Any]
Choice: TypeAlias = T | Callable[[dict[str, Any]], T]
ActionResult: TypeAlias = ActionOutcome | tuple[ActionOutcome, ...] | None

GOES_ON = frozenset({Outcome.ACTED, Outcome.REVERSED, Outcome.ARMED})


class Action(ABC):
    """Something that a rule does."""

    @abstractmethod
    async def execute(self, context: Context) -> ActionResult:
        """Does it. None as an answer means that it was done."""


class RequestAction(Action):
    """An action that the runtime does: it turns itself into a `Request`."""

    @abstractmethod
    def request(self, context: Context) -> Request:
        """What is wanted, with every function of the context called.

        Raises:
            ValueError: what the functions answered makes no order.
        """

    async def execute(self, context: Context) -> ActionOutcome:
        """Has the current runtime do it.

        Raises:
            NoRuntimeError: no runtime is running this.
        """
        port = current_runtime()
        return port.perform(self.request(context))


@attrs.frozen
class PlanAction(RequestAction):
    """An action of a plan that needs nothing resolved: `notify`, `log`, `halt`, `exit everything`, a partial exit."""

    node: AnyAction

    def request(self, context: Context) -> Request:
        event = context.get("event")
        return Request(self.node, getattr(event, "symbol", None), event, context.get("rule"), place_in_rule(context))


class ActionList(Action):
    """Several actions in order; after one that was ignored, refused, skipped or failed, the rest is not done."""

    def __init__(self, actions: Iterable[Action]) -> None:
        self.actions = tuple(actions)
        if not self.actions:
            raise ValueError("a list of actions needs at least one")
        for action in self.actions:
            if not isinstance(action, Action):
                raise TypeError(f"not an action: {action!r}")

    async def execute(self, context: Context) -> tuple[ActionOutcome, ...]:
        outcomes: list[ActionOutcome] = []
        for index, action in enumerate(self.actions):
            outcomes += await outcomes_of(action, {**context, "action_index": index})
            if outcomes[-1].outcome not in GOES_ON:
                break
        return tuple(outcomes)

    def __eq__(self, other: object) -> bool:
        return self.actions == other.actions if isinstance(other, ActionList) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.actions)

    def __repr__(self) -> str:
        return f"ActionList({list(self.actions)!r})"


async def outcomes_of(action: Action, context: Context) -> tuple[ActionOutcome, ...]:
    """Executes an action; what a user's code raises becomes a `failed` outcome and is logged."""
    name = type(action).__name__
    if isinstance(action, RequestAction):
        # Only the functions of the user's may fail here; what the runtime itself raises is a defect and passes.
        try:
            request = action.request(context)
        except Exception as error:  # noqa: BLE001  # a user's function may raise anything; it is logged and told
            return (_failed(name, error, context),)
        try:
            return (current_runtime().perform(request),)
        except NoRuntimeError as error:
            return (_failed(name, error, context),)
    if isinstance(action, ActionList):
        return await action.execute(context)
    try:
        result = await finished(action.execute(context))
    except Exception as error:  # noqa: BLE001  # so may a user's action
        return (_failed(name, error, context),)
    if result is None:
        return (ActionOutcome(name, Outcome.ACTED),)
    return result if isinstance(result, tuple) else (result,)


def _failed(name: str, error: Exception, context: Context) -> ActionOutcome:
    logger.error("action %s of rule %s failed", name, context.get("rule"), exc_info=error)
    return ActionOutcome(name, Outcome.FAILED, f"{type(error).__name__}: {error}")


def place_in_rule(context: Context) -> int:
    """The how many-th action of its rule this is, from 0."""
    index = context.get("action_index", 0)
    return index if isinstance(index, int) else 0


def copy_of(context: Context) -> dict[str, Any]:
    """A context of its own for a user's function: writing to it, or to a trade in it, changes no trade."""
    return {
        key: {name: list(item) if isinstance(item, list) else item for name, item in value.items()}
        if isinstance(value, dict)
        else value
        for key, value in context.items()
    }


def resolve(choice: Choice[T], context: Context) -> T:
    """The value itself, or what its function answers for a copy of the context.

    Raises:
        TypeError: a coroutine function, which could not answer within the step.
    """
    if not callable(choice):
        return choice
    answer: T = choice(copy_of(context))
    if inspect.isawaitable(answer):
        if inspect.iscoroutine(answer):
            answer.close()
        raise TypeError(f"a function of the context must answer at once: {choice!r} is a coroutine function")
    return answer


async def finished(coroutine: Coroutine[Any, Any, T]) -> T:
    """What a user's coroutine answers: within a runtime it has to answer at once, elsewhere it may wait."""
    return await coroutine if find_runtime() is None else complete_now(coroutine)


def complete_now(coroutine: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine that never waits to its end, within the step.

    Raises:
        RuntimeError: it waits for something.
    """
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    coroutine.close()
    raise RuntimeError(
        "a condition or an action of a rule waited for something: within a step nothing may; "
        "subscribe a handler to the event bus for work that takes time"
    )
