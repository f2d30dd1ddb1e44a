"""A runtime for Python programs: compiled rules and rules built by hand, in one engine.

    runtime = Runtime(compile_text(text).plan.rules, SimulatedBroker(NyseHours(), SimulationSettings()))
    engine = RuleEngine(runtime.event_bus)
    engine.register_rule(Rule("buy", "Buy on a signal", condition, action))
    runtime.handle(Price(time, "AAPL", 150.0))

What a hand-built rule asks for goes the same way as a rule file's actions: the same gate, trade machine and outbox.
Its callables are opaque to the index and are tried on every event of their type. An event that is emitted inside a step
waits until the step is done; outside one it is handled at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any

from ..dsl import plan
from .broker.connection import TWSConnection
from .broker.simulated import SimulatedBroker, SimulationSettings
from .context import Request, running
from .core.engine import Engine, Input, Settings
from .core.hand import HandCancel, HandEvent, HandRequest
from .core.records import ActionOutcome, Record
from .core.sequencer import ForgetfulJournal, Journal, Sequencer, Sink
from .core.session import SimulatedSession
from .event.base import BaseEvent
from .event.bus import EventBus
from .event.inputs import OutsideInput
from .hand_built import HandBuilt
from .market.hours import Hours, NyseHours
from .position.trades import TradeTracker
from .rule.bridge import events_of_input, events_of_record, input_of
from .rule.engine import Rule
from .rule.facts import Facts
from .rule.prepared import prepare
from .trade.state import context_of


class Runtime:
    """Runs rules on a simulated broker, input by input. Two runtimes never see each other.

    Args:
        rules: plan rules of a compiled file, and rules built by hand, tried in this order among equal priorities.
        broker: a simulated broker, or a connection to one; None for one with the defaults.
        hours: the trading hours; the NYSE's unless given.
        settings: what the engine is made with.
        journal: where each step is written before its commands are sent.
        sinks: called with every input and the records that came of it.

    Raises:
        TypeError: the broker is none that this runtime can drive, or a rule is no rule.
    """

    def __init__(
        self,
        rules: Iterable[plan.Rule | Rule] = (),
        broker: SimulatedBroker | TWSConnection | None = None,
        *,
        hours: Hours | None = None,
        settings: Settings | None = None,
        journal: Journal | None = None,
        sinks: Sequence[Sink] = (),
    ) -> None:
        own_hours = hours if hours is not None else NyseHours()
        behind = broker.broker if isinstance(broker, TWSConnection) else broker
        if behind is None:
            behind = SimulatedBroker(own_hours, SimulationSettings())
        if not isinstance(behind, SimulatedBroker):
            raise TypeError(f"a runtime drives a simulated broker, not {behind!r}")
        self.event_bus = EventBus()
        self.event_bus.driver = self
        self.trade_tracker = TradeTracker.fresh()
        self.broker = behind
        self.engine = Engine((), own_hours, settings if settings is not None else Settings())
        self._plan_rules: list[plan.Rule] = []
        self._hand_built: dict[str, HandBuilt] = {}
        self._waiting: deque[BaseEvent] = deque()
        self._in_step = False
        sequencer = Sequencer(
            self.engine, behind, journal if journal is not None else ForgetfulJournal(), [self._after_step, *sinks]
        )
        self._session = SimulatedSession(sequencer, behind)
        for rule in rules:
            if isinstance(rule, Rule):
                self._hand_built[rule.rule_id] = HandBuilt(rule, self)
            elif isinstance(rule, plan.Rule):
                self._plan_rules.append(rule)
            else:
                raise TypeError(f"not a rule: {rule!r}")
        self._set_rules()

    # ---- what a program does with it -------------------------------------------------------------------------------

    def handle(self, event: OutsideInput) -> None:
        """Handles one input to its end, and whatever was emitted meanwhile."""
        with running(self):
            self._in_step = True
            try:
                self._session.handle(event)
            finally:
                self._in_step = False
            self._handle_emitted()

    def run(self, events: Iterable[OutsideInput]) -> None:
        """Handles recorded events to the end of their last session."""
        for event in events:
            self.handle(event)
        if self._session.sequencer.now:
            with running(self):
                self._session.finish(self._session.sequencer.now)
                self._handle_emitted()

    def emit(self, event: BaseEvent) -> None:
        """Takes an event as an input: after the running step, or at once where none is running."""
        self._waiting.append(event)
        if not self._in_step:
            with running(self):
                self._handle_emitted()

    def _handle_emitted(self) -> None:
        while self._waiting:
            event = self._waiting.popleft()
            item = input_of(event, self.now())
            self._in_step = True
            try:
                if item is None:
                    self._feed(HandEvent(self.now(), event))
                else:
                    self._session.handle(item)
            finally:
                self._in_step = False

    def _feed(self, event: Input) -> None:
        now = self._session.sequencer.now
        self._session.sequencer.feed(event, now)
        self._session.drain(now)

    # ---- the rules -------------------------------------------------------------------------------------------------

    def register_rule(self, rule: object) -> None:
        """Takes a hand-built rule in, between two inputs.

        Raises:
            TypeError: not a rule.
            ValueError: there is a rule of that id already.
        """
        if not isinstance(rule, Rule):
            raise TypeError(f"not a rule: {rule!r}")
        if rule.rule_id in self._hand_built:
            raise ValueError(f"there is a rule {rule.rule_id!r} already")
        self._hand_built[rule.rule_id] = HandBuilt(rule, self)
        self._set_rules()

    def unregister_rule(self, rule_id: str) -> None:
        """Lets a hand-built rule go; nothing happens where there is none of this id."""
        if self._hand_built.pop(rule_id, None) is not None:
            self._set_rules()

    def _set_rules(self) -> None:
        prepared = prepare(self._plan_rules)
        for hand in self._hand_built.values():
            prepared += hand.prepared(len(prepared))
        self.engine.hand_built = {rule_id: hand.act for rule_id, hand in self._hand_built.items()}
        self.engine.set_rules(prepared)

    # ---- what hand-built objects ask of it -------------------------------------------------------------------------

    def now(self) -> int:
        return self._session.sequencer.now

    def new_id(self) -> str:
        return self.engine.ids()

    def facts(self) -> Facts:
        return self.engine.facts

    def context_view(self) -> dict[str, Any]:
        return {symbol: context_of(trade) for symbol, trade in self.engine.desk.trades.items()}

    def perform(self, request: Request) -> ActionOutcome:
        """Does an action: inside the rule that is running, else as an input of its own."""
        for hand in self._hand_built.values():
            if hand.origin is not None:
                return hand.request(request)
        return self._answered(HandRequest(self.now(), request))

    def cancel_order(self, order_id: str, reason: str) -> ActionOutcome:
        if self._in_step:
            return self.engine.actions.cancel(order_id)
        return self._answered(HandCancel(self.now(), order_id, reason))

    def _answered(self, event: HandRequest | HandCancel) -> ActionOutcome:
        with running(self):
            self._feed(event)
        answer = self.engine.answer
        assert answer is not None, "the engine answers every request"
        return answer

    # ---- after each step -------------------------------------------------------------------------------------------

    def _after_step(self, event: Input, records: Sequence[Record]) -> None:
        """Tells the bus and the tracker what happened; what concerns hand-built rules becomes an input of its own."""
        if records:
            self._follow_trades()
        told: list[BaseEvent] = [] if isinstance(event, HandEvent) else list(_events_of(event))
        for record in records:
            derived = events_of_record(record)
            told += derived
            self._waiting += (
                one for one in derived if any(hand.rule.concerns(one) for hand in self._hand_built.values())
            )
        for one in told:
            self.event_bus.publish(one)
        if isinstance(event, HandEvent):
            self.event_bus.publish(event.event)

    def _concerns_a_rule(self, event: BaseEvent) -> bool:
        return any(hand.rule.concerns(event) for hand in self._hand_built.values())

    def _follow_trades(self) -> None:
        trades = self.engine.desk.trades
        for info in self.trade_tracker.active_trades():
            trade = trades.get(info.symbol)
            if trade is None or trade.side.value != info.side:
                self.trade_tracker.close_trade(info.symbol)
        for symbol, trade in trades.items():
            if not self.trade_tracker.has_active_trade(symbol):
                self.trade_tracker.start_trade(symbol, trade.side.value)


def _events_of(event: Input) -> tuple[BaseEvent, ...]:
    return events_of_input(event) if isinstance(event, OutsideInput) else ()
