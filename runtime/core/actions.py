"""Does one action: the single way from a plan record, written or built by hand, into the trade machine."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from ...dsl.plan import (
    Action,
    CallAction,
    CancelOrders,
    DoubleDown,
    EmitSignal,
    Enter,
    Exit,
    ExitEverything,
    Halt,
    Log,
    MoveStop,
    MoveStopToBreakeven,
    MoveTarget,
    Notify,
    PlaceOrder,
    ResetCooldown,
    Reverse,
    ScaleIn,
    Symbol,
    Text,
    TrailStop,
)
from ..context import Request
from ..event.happenings import ClockTick
from ..event.inputs import Signal
from ..order.working import Role
from ..risk.reasons import Reason
from ..rule.counters import Counters
from ..rule.facts import Facts
from ..rule.texts import render
from ..trade import adding, moving, placing
from ..trade.awaiting import await_open, await_quote, waits_for_open, waits_for_quote
from ..trade.cancelling import cancel_orders, drop_open_entry
from ..trade.desk import Desk
from ..trade.exits import exit_everything, exit_position
from ..trade.opening import enter, reverse
from ..trade.outcome import Done, decide, ignored, refused, symbol_of, symbol_of_event
from ..trade.settle import settle
from ..trade.state import Origin
from .emitting import emit_signal
from .halts import Halts
from .policy import SECOND
from .records import ActionOutcome, Outcome
from .rules import Progress, outcome_of
from .waiting import holds_back

# A clock rule that exits this near to the close means to be flat for the rest of the session.
_LAST_OF_SESSION = 30 * 60 * SECOND


@attrs.define(eq=False)
class Actions:
    """The actions of one runtime.

    Attributes:
        run: the run's id, of which the ids of emitted signals are made.
        call: does a registered Python action; None where none is registered.
    """

    desk: Desk
    facts: Facts
    halts: Halts
    counters: Counters
    run: str = "r0"
    call: Callable[[CallAction, Origin], ActionOutcome] | None = None

    def perform(self, action: Action, origin: Origin, number: int, progress: Progress) -> ActionOutcome:
        """Does an action of a rule. `number` is its place in the rule, `progress` what the earlier ones did."""
        if progress.symbol is not None:
            action = _aimed(action, progress.symbol)
            if holds_back(self.desk, action, origin, number, progress):
                return outcome_of(action, Done(Outcome.ARMED))
        match action:
            case Enter():
                return outcome_of(action, self._enter(action, origin, progress))
            case Reverse():
                return outcome_of(action, self._reverse(action, origin, progress))
            case ScaleIn() | DoubleDown():
                return outcome_of(action, self._add(action, origin, number, progress))
            case Exit():
                return outcome_of(action, self._exit(action, origin))
            case ExitEverything():
                return outcome_of(action, self._exit_everything(action, origin))
            case MoveStop():
                return outcome_of(action, moving.move_stop(self.desk, action, origin))
            case MoveStopToBreakeven():
                return outcome_of(action, moving.move_stop_to_breakeven(self.desk, action, origin))
            case MoveTarget():
                return outcome_of(action, moving.move_target(self.desk, action, origin))
            case TrailStop():
                return outcome_of(action, moving.trail_stop(self.desk, action, origin))
            case CancelOrders():
                return outcome_of(action, cancel_orders(self.desk, action, origin))
            case PlaceOrder():
                return outcome_of(action, placing.place(self.desk, action, origin))
            case EmitSignal():
                return outcome_of(action, emit_signal(self.desk, action, origin, self.run))
            case Notify() | Log():
                return outcome_of(action, Done(Outcome.ACTED), self._text(action.text, origin))
            case Halt():
                return self._halt(action, origin)
            case ResetCooldown():
                return outcome_of(action, self._reset_cooldown(action, origin))
            case CallAction():
                if self.call is None:
                    return ActionOutcome("call", Outcome.FAILED, f"no action {action.name} is registered")
                return self.call(action, origin)

    def _text(self, text: Text | None, origin: Origin) -> str | None:
        return None if text is None else render(text, origin.event, self.facts)

    # ---- entering --------------------------------------------------------------------------------------------------

    def _enter(self, action: Enter, origin: Origin, progress: Progress) -> Done:
        against = self._too_late(origin)
        if against is not None:
            return against
        if waits_for_open(self.desk, origin.event):
            done = self._await_open(action, origin)
        elif waits_for_quote(self.desk, action, origin.event):
            done = self._await_quote(action, origin)
        else:
            done = enter(self.desk, action, origin)
        if done.acted:
            progress.entered(symbol_of(self.desk, action.symbol, origin.event))
        return done

    def _reverse(self, action: Reverse, origin: Origin, progress: Progress) -> Done:
        against = self._too_late(origin)
        if against is not None:
            return against
        if waits_for_open(self.desk, origin.event):
            done = self._await_open(action, origin)
        elif waits_for_quote(self.desk, action, origin.event):
            done = self._await_quote(action, origin)
        else:
            done = reverse(self.desk, action, origin)
        if done.acted:
            progress.entered(symbol_of(self.desk, action.symbol, origin.event))
        return done

    def _too_late(self, origin: Origin) -> Done | None:
        event = origin.event
        stale = isinstance(event, Signal) and not self._is_fresh(event)
        return refused(Reason.STALE_SIGNAL) if stale else None

    def _is_fresh(self, signal: Signal) -> bool:
        policy = self.desk.policy
        oldest = policy.stale_by_source.get(signal.source, policy.stale_signal)
        return -policy.future_signal <= self.desk.now - signal.time <= oldest

    def _await_open(self, action: Enter | Reverse, origin: Origin) -> Done:
        return refused(Reason.HALTED) if self.halts.halted else await_open(self.desk, action, origin)

    def _await_quote(self, action: Enter | Reverse, origin: Origin) -> Done:
        return refused(Reason.HALTED) if self.halts.halted else await_quote(self.desk, action, origin)

    # ---- adding and leaving ----------------------------------------------------------------------------------------

    def _add(self, action: ScaleIn | DoubleDown, origin: Origin, number: int, progress: Progress) -> Done:
        symbol = symbol_of_event(origin.event) if progress.symbol is None else progress.symbol
        trade = None if symbol is None else self.desk.trades.get(symbol)
        if trade is None:
            return ignored(Reason.NO_TRADE)
        if isinstance(action, ScaleIn):
            done = adding.arm_scale_in(self.desk, trade, action, origin, number)
        else:
            done = adding.rest_double_down(self.desk, trade, action, origin, number)
        settle(self.desk, trade)
        return done

    def _exit(self, action: Exit, origin: Origin) -> Done:
        symbol = symbol_of(self.desk, action.symbol, origin.event)
        if symbol is None:
            return ignored(Reason.NO_TRADE)
        if action.size is None:
            self._stay_flat(symbol, origin)
        dropped = self._drop_open_entry(symbol, Reason.EXITED)
        if dropped and symbol not in self.desk.trades:
            return Done(Outcome.ACTED)
        return exit_position(self.desk, action, origin, self._text(action.because, origin))

    def _exit_everything(self, action: ExitEverything, origin: Origin) -> Done:
        self._stay_flat(None, origin)
        dropped = [symbol for symbol in list(self.desk.open_entries) if self._drop_open_entry(symbol, Reason.EXITED)]
        done = exit_everything(self.desk, action, origin, self._text(action.because, origin))
        return Done(Outcome.ACTED) if dropped and not done.acted else done

    def _stay_flat(self, symbol: str | None, origin: Origin) -> None:
        """After an exit by the clock near the close nothing is entered until the next session; None is every symbol."""
        if not isinstance(origin.event, ClockTick):
            return
        session = self.desk.hours.session(self.desk.now)
        if session is not None and session.close - self.desk.now <= _LAST_OF_SESSION:
            self.desk.closed_until[symbol] = session.close

    def _drop_open_entry(self, symbol: str, why: Reason) -> bool:
        entry = self.desk.open_entries.get(symbol)
        if entry is not None:
            decide(self.desk, symbol, entry.origin, outcome_of(entry.action, refused(why)))
        return drop_open_entry(self.desk, symbol)

    # ---- the rest --------------------------------------------------------------------------------------------------

    def _reset_cooldown(self, action: ResetCooldown, origin: Origin) -> Done:
        symbol = symbol_of_event(origin.event)
        if symbol is None:
            self.counters.reset_everywhere(action.name)
        else:
            self.counters.reset(symbol, action.name)
        return Done(Outcome.ACTED)

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
        """Cancels every unfilled opening order, and forgets what was to become one."""
        for trade in list(self.desk.trades.values()):
            for order in trade.opening_orders():
                self.desk.cancel(order)
            for resting in trade.double_downs:
                resting.spent = True
            trade.armed.clear()
        for symbol in list(self.desk.open_entries):
            self._drop_open_entry(symbol, Reason.HALTED if self.halts.halted else Reason.DAILY_LOSS)


_AIMED = (Exit, Reverse, MoveStop, MoveStopToBreakeven, MoveTarget, TrailStop, CancelOrders, PlaceOrder)


def _aimed(action: Action, symbol: str) -> Action:
    """An action that names no symbol, after an entry of its rule: it is about the symbol that was entered."""
    if isinstance(action, _AIMED) and action.symbol is None:
        return attrs.evolve(action, symbol=Symbol(symbol))
    return action


def on_symbol(request: Request) -> Action:
    """The action of a request, with the symbol that the request names where the action itself names none."""
    action = request.action
    if request.symbol is None or not isinstance(action, (Enter, EmitSignal, *_AIMED)):
        return action
    return action if action.symbol is not None else attrs.evolve(action, symbol=Symbol(request.symbol))
