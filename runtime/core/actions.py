"""Does one action: the single way from a plan record, written or built by hand, into the trade machine."""

from __future__ import annotations

import attrs

from ...dsl.plan import (
    AnyAction,
    DoubleDown,
    Enter,
    Exit,
    ExitEverything,
    Halt,
    Log,
    MoveStop,
    Notify,
    PlaceOrder,
    ScaleIn,
    Symbol,
    Text,
    TrailStop,
)
from ..context import Request
from ..event.inputs import Price, Quote, Signal
from ..order.working import Role
from ..risk.reasons import Reason
from ..rule.facts import Facts
from ..rule.texts import render
from ..trade import adding, moving, placing
from ..trade.desk import Desk
from ..trade.exits import exit_everything, exit_position
from ..trade.opening import enter
from ..trade.outcome import Done, ignored, refused, symbol_of
from ..trade.settle import settle
from ..trade.state import Origin
from .halts import Halts
from .records import ActionOutcome, Outcome
from .rules import Progress, outcome_of


@attrs.define(eq=False)
class Actions:
    """The actions of one runtime."""

    desk: Desk
    facts: Facts
    halts: Halts

    def perform(self, action: AnyAction, origin: Origin, number: int, progress: Progress) -> ActionOutcome:
        """Does an action of a rule. `number` is its place in the rule, `progress` what the earlier ones did."""
        match action:
            case Enter():
                return outcome_of(action, self._enter(action, origin, progress))
            case ScaleIn() | DoubleDown():
                return outcome_of(action, self._add(action, origin, number, progress))
            case Exit():
                return outcome_of(action, exit_position(self.desk, action, origin, self._text(action.because, origin)))
            case ExitEverything():
                detail = self._text(action.because, origin)
                return outcome_of(action, exit_everything(self.desk, action, origin, detail))
            case Notify() | Log():
                return outcome_of(action, Done(Outcome.ACTED), self._text(action.text, origin))
            case Halt():
                return self._halt(action, origin)
            case MoveStop():
                return outcome_of(action, moving.move_stop(self.desk, action, origin))
            case TrailStop():
                return outcome_of(action, moving.trail_stop(self.desk, action, origin))
            case _:
                return outcome_of(action, placing.place(self.desk, action, origin))

    def _text(self, text: Text | None, origin: Origin) -> str | None:
        return None if text is None else render(text, origin.event, self.facts)

    def _enter(self, action: Enter, origin: Origin, progress: Progress) -> Done:
        event = origin.event
        if isinstance(event, Signal) and not self._is_fresh(event):
            return refused(Reason.STALE_SIGNAL)
        done = enter(self.desk, action, origin)
        if done.acted:
            progress.symbol = symbol_of(self.desk, action.symbol, event)
        return done

    def _is_fresh(self, signal: Signal) -> bool:
        policy = self.desk.policy
        oldest = policy.stale_by_source.get(signal.source, policy.stale_signal)
        return -policy.future_signal <= self.desk.now - signal.time <= oldest

    def _add(self, action: ScaleIn | DoubleDown, origin: Origin, number: int, progress: Progress) -> Done:
        symbol = progress.symbol
        if symbol is None:
            symbol = origin.event.symbol if isinstance(origin.event, (Signal, Price, Quote)) else None
        trade = None if symbol is None else self.desk.trades.get(symbol)
        if trade is None:
            return ignored(Reason.NO_TRADE)
        if progress.reversed and trade.second_half is not None:
            trade.second_half.followers.append((number, action))
            return Done(Outcome.ARMED)
        if isinstance(action, ScaleIn):
            done = adding.arm_scale_in(self.desk, trade, action, origin, number)
        else:
            done = adding.rest_double_down(self.desk, trade, action, origin, number)
        settle(self.desk, trade)
        return done

    def _halt(self, action: Halt, origin: Origin) -> ActionOutcome:
        text = self._text(action.text, origin)
        self.halt(text)
        return outcome_of(action, Done(Outcome.ACTED), text)

    def halt(self, why: str | None) -> None:
        """Latches the halt: unfilled opening orders are cancelled, further ones refused; protection goes on."""
        self.halts.halted = True
        self.halts.reason = why
        self.cancel_openings()

    def cancel(self, order_id: str) -> ActionOutcome:
        """Cancels one opening order or target; what protects a position is never cancelled."""
        order = self.desk.orders.get(order_id)
        if order is None or order.is_done:
            return ActionOutcome("cancel", Outcome.IGNORED, Reason.NO_ORDER.text)
        if order.role in (Role.STOP, Role.TRAIL, Role.EXIT):
            return ActionOutcome("cancel", Outcome.REFUSED, Reason.PROTECTION.text)
        trade = self.desk.trade_of[order_id]
        part = trade.slice_of(order)
        if part is not None and order is part.limit:
            part.target_given_up = True
        self.desk.cancel(order)
        return ActionOutcome("cancel", Outcome.ACTED, orders=(order_id,))

    def cancel_openings(self) -> None:
        for trade in list(self.desk.trades.values()):
            for order in trade.opening_orders():
                self.desk.cancel(order)
            for resting in trade.double_downs:
                resting.spent = True
            trade.armed.clear()


def on_symbol(request: Request) -> AnyAction:
    """The action of a request, with the symbol that the request names where the action itself names none."""
    action = request.action
    if request.symbol is None or not isinstance(action, (Enter, Exit, MoveStop, TrailStop, PlaceOrder)):
        return action
    return action if action.symbol is not None else attrs.evolve(action, symbol=Symbol(request.symbol))
