"""What became of one action, and the evaluation of the numbers that actions need."""

from __future__ import annotations

import attrs

from ...dsl.plan import Expression
from ..core.records import Outcome
from ..event.inputs import OutsideInput
from ..risk.reasons import Reason
from .desk import Desk
from .terms import Evaluated, Missing


@attrs.frozen
class Done:
    """What became of one action, and the ids of the orders it sent."""

    outcome: Outcome
    reason: str | None = None
    orders: tuple[str, ...] = ()

    @property
    def acted(self) -> bool:
        return self.outcome in (Outcome.ACTED, Outcome.REVERSED, Outcome.ARMED)


def refused(reason: Reason) -> Done:
    return Done(Outcome.REFUSED, reason.text)


def ignored(reason: Reason) -> Done:
    return Done(Outcome.IGNORED, reason.text)


def skipped(missing: Missing) -> Done:
    return Done(Outcome.SKIPPED, f"{missing.what} unknown")


def number_of(desk: Desk, event: OutsideInput | None) -> Evaluated:
    """An evaluator of numbers for one event, which raises `Missing` for what is unknown."""

    def number(expression: Expression) -> float:
        value = desk.evaluate(expression, event)
        if value is None or isinstance(value, (str, bool)):
            raise Missing(desk.wording(expression))
        return value

    return number


def symbol_of(desk: Desk, written: Expression | None, event: OutsideInput | None) -> str | None:
    """The symbol that an action names, else the event's."""
    if written is not None:
        value = desk.evaluate(written, event)
        return value if isinstance(value, str) else None
    return getattr(event, "symbol", None)
