"""What became of one action, and the evaluation of the numbers that actions need."""

from __future__ import annotations

import math

import attrs

from ...dsl.plan import Expression, Number, Percent
from ..core.records import ActionOutcome, Decision, Outcome
from ..risk.reasons import Reason
from .desk import Desk
from .state import Origin, Trade
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


def number_of(desk: Desk, event: object) -> Evaluated:
    """An evaluator of numbers for one event, which raises `Missing` for what is unknown."""

    def number(expression: Expression) -> float:
        if isinstance(expression, Number | Percent) and math.isfinite(expression.value):
            return expression.value  # what nearly all of them are
        value = desk.evaluate(expression, event)
        if value is None or isinstance(value, (str, bool)):
            raise Missing(desk.wording(expression))
        return value

    return number


def symbol_of_event(event: object) -> str | None:
    """The symbol that an event is about; None for one without, and where there is no event."""
    symbol = getattr(event, "symbol", None)
    return symbol if isinstance(symbol, str) else None


def symbol_of(desk: Desk, written: Expression | None, event: object) -> str | None:
    """The symbol that an action names, else the event's."""
    if written is not None:
        value = desk.evaluate(written, event)
        return value if isinstance(value, str) else None
    return symbol_of_event(event)


def open_trade(desk: Desk, symbol: str | None) -> Trade | Done:
    """The symbol's trade with shares that can be acted on, or why there is none."""
    trade = None if symbol is None else desk.trades.get(symbol)
    if trade is None:
        return ignored(Reason.NO_TRADE)
    if trade.in_flight:
        return ignored(Reason.IN_FLIGHT)
    if trade.held <= 0:
        return ignored(Reason.NOTHING_HELD)
    return trade


def decide(desk: Desk, symbol: str | None, origin: Origin, done: ActionOutcome, place: int | None = None) -> None:
    """Leaves the decision of something that a rule armed earlier, or of what became of it.

    `place` is where among the step's records it stands: before the orders that came of it.
    """
    desk.records.insert(
        len(desk.records) if place is None else place,
        Decision(
            time=desk.now,
            seq=desk.seq,
            rule=origin.rule,
            at=origin.at,
            symbol=symbol,
            outcome=done.outcome,
            reason=done.reason,
            values={},
            actions=(done,),
        ),
    )
