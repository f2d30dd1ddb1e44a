"""`call NAME(args)`: runs a registered Python action within the step, on behalf of the rule that calls it.

The function gets a copy of the context that hand-built rules have, and the rule's arguments for this event. Inside it
the objects of Python users work (`LinkedCloseAllAction("AAPL").execute(context)`, `Order(…).submit()`,
`TradeTracker()`); what it asks for takes the way of the rule's own actions: limits, ownership, journal.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Mapping
from typing import Any

import attrs

from ..dsl.plan import CallAction, Expression, VolumeTrigger
from .context import Request, running
from .core.records import ActionOutcome, Outcome
from .event.inputs import Price
from .port import Asking, Port
from .rule.action import GOES_ON, complete_now
from .rule.engine import context_for
from .rule.parts import why_unknown
from .rule.registered import RegisteredAction, fitted
from .trade.state import Origin
from .turns import event_of

logger = logging.getLogger(__name__)

NAME = "call"

# Requests of a call are told apart from each other, and from the actions of its rule, by their number.
_MOST_REQUESTS = 10_000


@attrs.frozen
class Calls:
    """Does the `call`s of one runtime's rules: `core.actions.Actions.call`."""

    actions: Mapping[str, RegisteredAction]
    port: Port

    def __call__(self, action: CallAction, origin: Origin) -> ActionOutcome:
        """What became of it: `acted` with the text that the function answered, or `failed` with what it raised.

        With an argument unknown it is not called, and `skipped`.
        """
        function = self.actions.get(action.name)
        if function is None:
            return ActionOutcome(NAME, Outcome.FAILED, f"no action {action.name} is registered")
        arguments: list[Any] = []
        named: dict[str, Any] = {}
        for name, expression in (*((None, one) for one in action.arguments), *action.named):
            value = self.port.engine.desk.evaluate(expression, origin.event)
            if value is None:
                return ActionOutcome(NAME, Outcome.SKIPPED, self._why_unknown(expression, origin))
            if name is None:
                arguments.append(value)
            else:
                named[name] = value
        return self._run(action.name, function, arguments, named, origin)

    def _why_unknown(self, expression: Expression, origin: Origin) -> str:
        return why_unknown(expression, origin.event, self.port.engine.facts)

    def _run(
        self, name: str, function: RegisteredAction, arguments: list[Any], named: dict[str, Any], origin: Origin
    ) -> ActionOutcome:
        asking = Asking(origin, _Numbers(self._place()))
        with running(self.port), self.port.within(asking):
            try:
                bound = fitted(function, arguments, named)
                answer = _answer_of(function(*(self._context(origin), *bound.args[1:]), **bound.kwargs))
            except (Exception, SystemExit) as error:
                # a user's function may raise anything: the decision tells it, the log where it came from
                logger.debug("the action %s, called by rule %s, failed", name, origin.rule, exc_info=error)
                return _outcome(Outcome.FAILED, f"{type(error).__name__}: {error}", asking)
        reason = next((_told(done) for done in asking.outcomes if done.outcome not in GOES_ON), None)
        return _outcome(Outcome.ACTED, reason, asking, answer if isinstance(answer, str) else None)

    def _place(self) -> int:
        """The place of the call in its rule: how many actions of the rule were done before."""
        progress = self.port.engine.runner.progress
        return 0 if progress is None else len(progress.outcomes)

    def _context(self, origin: Origin) -> dict[str, Any]:
        event = event_of(origin.event, self.port.engine.desk, volume=self._is_on_volume(origin))
        return {**context_for(event, self.port.base_context), "rule": origin.rule}

    def _is_on_volume(self, origin: Origin) -> bool:
        """Whether the rule is about prints of volume: a price with a size is both."""
        if not isinstance(origin.event, Price):
            return False
        rule = next((known.rule for known in self.port.engine.rules if known.identity == origin.identity), None)
        return rule is not None and isinstance(rule.trigger, VolumeTrigger)


@attrs.define
class _Numbers:
    """Numbers the requests of one call, the same ones at each call of it."""

    place: int
    asked: int = 0

    def __call__(self, request: Request) -> int:
        self.asked += 1
        return (self.place + 1) * _MOST_REQUESTS + self.asked


def _answer_of(answer: Any) -> Any:
    """What the function answers, or its coroutine, which must not wait for anything."""
    if not inspect.isawaitable(answer):
        return answer
    return complete_now(answer if inspect.iscoroutine(answer) else _awaited(answer))


async def _awaited(answer: Awaitable[Any]) -> Any:
    return await answer


def _outcome(outcome: Outcome, reason: str | None, asking: Asking, text: str | None = None) -> ActionOutcome:
    orders = tuple(dict.fromkeys(order for done in asking.outcomes for order in done.orders))
    return ActionOutcome(NAME, outcome, reason, orders, text)


def _told(done: ActionOutcome) -> str:
    """What came of a request that was not done: `enter refused: max position`."""
    name = f"{done.action.replace('_', ' ')} {done.outcome.value}"
    return name if done.reason is None else f"{name}: {done.reason}"
