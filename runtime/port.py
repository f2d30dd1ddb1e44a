"""What hand-built objects and registered actions ask of a runtime: the one port to an engine.

    with port.within(origin) as asking, running(port):
        ...                                  # a user's code, within a step, on behalf of a rule
    asking.outcomes                          # what became of all that it asked for

Within a step the engine answers at once, as it answers the actions of rule files. Between two inputs there is a `door`
only where a Python program drives the runtime; a command has none, because whatever a journal is to do again must come
from the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import attrs

from .context import NoRuntimeError, Request
from .core.actions import on_symbol
from .core.emitting import SOURCE
from .core.engine import Engine, Input
from .core.hand import HandCancel, HandEvent, HandRequest
from .core.records import ActionOutcome, Record
from .core.rules import Progress
from .event.api import PredictionSignalEvent
from .event.base import BaseEvent
from .event.bus import EventBus
from .event.inputs import Signal
from .event.order import OrderFilledEvent
from .numbers import MICROS
from .position.trades import TradeTracker
from .rule.bridge import events_of_input, events_of_record, input_of
from .rule.facts import Facts
from .trade.state import Origin, context_of

# Signals that code by hand emits at one moment; more is rules that answer each other without end.
MOST_EMITTED = 1_000


class Door(Protocol):
    """What a Python program may ask of its runtime between two inputs; each becomes an input of its own."""

    def ask(self, event: HandRequest | HandCancel) -> ActionOutcome: ...

    def emit(self, event: BaseEvent) -> None: ...

    def register_rule(self, rule: object) -> None: ...

    def unregister_rule(self, rule_id: str) -> None: ...


@attrs.define(eq=False)
class Asking:
    """A user's code that is running on behalf of a rule, and what became of what it asked for.

    `number` tells the place of a request in its rule. `about` is the symbol of the rule's event, where requests on it
    follow what the rule has entered; None where each request says by itself what it is about.
    """

    origin: Origin
    number: Callable[[Request], int]
    about: str | None = None
    outcomes: list[ActionOutcome] = attrs.Factory(list)
    defect: Exception | None = None  # what the runtime itself raised: no fault of the user's code
    _progress: dict[str | None, Progress] = attrs.Factory(dict)  # by symbol; None for what it is about first

    def progress_on(self, request: Request, mine: set[str]) -> Progress:
        """How far it has come with what a request is about; `mine` are the symbols that the rule was first to act on.

        An entry may be of another symbol than the event: what follows it without a symbol is about that one.
        """
        main = self._progress.setdefault(None, Progress(mine=mine))
        if main.symbol is None:
            main.symbol = request.symbol
        if request.symbol in (None, main.symbol, self.about):
            return main
        return self._progress.setdefault(request.symbol, Progress(symbol=request.symbol, mine=mine))


class Port:
    """The port to one engine; implements `context.RuntimePort`.

    `door` leads to the program that drives the runtime; None where a command does. `base_context` is what the program
    itself put into the context of its rules.
    """

    def __init__(self, engine: Engine, door: Door | None = None, base_context: Mapping[str, Any] | None = None) -> None:
        self.engine = engine
        self.base_context: Mapping[str, Any] = {} if base_context is None else base_context
        self.event_bus = EventBus()
        self.event_bus.driver = self
        self.trade_tracker = TradeTracker.fresh()
        self._door = door
        self._asking: Asking | None = None
        self._emitted_at = 0
        self._emitted = 0

    # ---- what is so

    def now(self) -> int:
        return self.engine.desk.now

    def new_id(self) -> str:
        return self.engine.ids()

    def facts(self) -> Facts:
        return self.engine.facts

    def context_view(self) -> dict[str, Any]:
        return {symbol: context_of(trade) for symbol, trade in self.engine.desk.trades.items()}

    # ---- what is asked for

    @contextmanager
    def within(self, asking: Asking) -> Iterator[Asking]:
        """Inside this, what is asked for is done on behalf of a rule, in the step that is running.

        Raises:
            Exception: the runtime itself failed at something that was asked for.
        """
        before, self._asking = self._asking, asking
        try:
            yield asking
        finally:
            self._asking = before
        if asking.defect is not None:
            raise asking.defect

    def perform(self, request: Request) -> ActionOutcome:
        """Does an action: on behalf of the rule that is running, else as an input of its own.

        Raises:
            NoRuntimeError: no rule is running, and a command drives this runtime.
        """
        asking = self._asking
        if asking is None:
            return self._outside().ask(HandRequest(self.now(), request))
        try:
            done = self._done(request, asking)
        except Exception as error:
            asking.defect = error
            raise
        asking.outcomes.append(done)
        return done

    def _done(self, request: Request, asking: Asking) -> ActionOutcome:
        action, number, runner = on_symbol(request), asking.number(request), self.engine.runner
        rules_own = runner.progress
        progress = asking.progress_on(request, set() if rules_own is None else rules_own.mine)
        if rules_own is None:
            return self.engine.actions.perform(action, asking.origin, number, progress)
        runner.progress = progress
        try:
            return runner.request(action, asking.origin, number)
        finally:
            runner.progress = rules_own

    def cancel_order(self, order_id: str, reason: str) -> ActionOutcome:
        """Cancels an order of this runtime's; refused for what protects a position.

        Raises:
            NoRuntimeError: no rule is running, and a command drives this runtime.
        """
        if self._asking is not None:
            return self.engine.actions.cancel(order_id)
        return self._outside().ask(HandCancel(self.now(), order_id, reason))

    def emit(self, event: BaseEvent) -> None:
        """Takes an event as a new input, after the running step.

        Raises:
            NoRuntimeError: no rule is running, and a command drives this runtime.
            ValueError: a command does, and the event is no signal; or there were too many at one moment.
        """
        if self._door is not None:
            self._door.emit(event)
            return
        if self._asking is None:
            raise NoRuntimeError(_ONLY_IN_A_RULE)
        item = input_of(event, self.now()) if isinstance(event, PredictionSignalEvent) else None
        if not isinstance(item, Signal):
            raise ValueError(f"an action that a rule calls can emit signals, not a {type(event).__name__}")
        self._emit(item)

    def _emit(self, signal: Signal) -> None:
        desk = self.engine.desk
        if self._emitted_at != desk.now:
            self._emitted_at, self._emitted = desk.now, 0
        self._emitted += 1
        if self._emitted > MOST_EMITTED:
            if not self.engine.halts.halted:
                why = "actions keep answering each other's signals"
                self.engine.actions.halt(why)
                desk.say("error", None, f"new entries are halted: {why}")
            raise ValueError(f"more than {MOST_EMITTED} signals were emitted at one moment")
        name = signal.id or f"{self.engine.settings.run}/{desk.seq}/{len(desk.emitted) + 1}"
        desk.emitted.append(attrs.evolve(signal, time=desk.now, id=name, source=signal.source or SOURCE, emitted=True))

    def register_rule(self, rule: object) -> None:
        self._outside().register_rule(rule)

    def unregister_rule(self, rule_id: str) -> None:
        self._outside().unregister_rule(rule_id)

    def _outside(self) -> Door:
        if self._door is None:
            raise NoRuntimeError(_ONLY_IN_A_RULE)
        return self._door

    # ---- after each step

    def after_step(self, event: Input, records: Sequence[Record]) -> None:
        """A sink: follows the trades, and tells the handlers on the bus what happened."""
        if records:
            self._follow_trades()
        if not self.event_bus.has_handlers:
            return
        for known in events_of_input(event):
            self.event_bus.publish(known)
        for told in self.told(records):
            self.event_bus.publish(told)
        if isinstance(event, HandEvent):
            self.event_bus.publish(event.event)

    def told(self, records: Sequence[Record]) -> Iterator[BaseEvent]:
        """The events that a step's records tell, with what our books know beyond them."""
        for record in records:
            for event in events_of_record(record):
                yield self._completed(event)

    def _completed(self, event: BaseEvent) -> BaseEvent:
        if not isinstance(event, OrderFilledEvent):
            return event
        order = self.engine.desk.orders.get(event.order_id)
        filled_at = None if order is None else order.average_fill
        return event if filled_at is None else attrs.evolve(event, fill_price=filled_at / MICROS)

    def _follow_trades(self) -> None:
        trades = self.engine.desk.trades
        for info in self.trade_tracker.active_trades():
            trade = trades.get(info.symbol)
            if trade is None or trade.side.value != info.side:
                self.trade_tracker.close_trade(info.symbol)
        for symbol, trade in trades.items():
            if not self.trade_tracker.has_active_trade(symbol):
                self.trade_tracker.start_trade(symbol, trade.side.value)


_ONLY_IN_A_RULE = "this can be done by an action that a rule calls, while it is called, and not beside the rules"
