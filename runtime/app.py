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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import attrs

from ..dsl import plan
from .broker.connection import TWSConnection
from .broker.simulated import SimulatedBroker, SimulationSettings
from .calling import Calls
from .context import Request, running
from .core.engine import Engine, Input
from .core.hand import HandCancel, HandEvent, HandHalt, HandRequest
from .core.records import ActionOutcome, Record
from .core.sequencer import ForgetfulJournal, Journal, Sequencer, Sink
from .core.session import SimulatedSession
from .core.settings import Settings
from .core.wants import want_past
from .event.base import BaseEvent
from .event.bus import EventBus
from .event.inputs import OutsideInput
from .feed.files import delivery_time
from .hand_built import HandBuilt
from .market.hours import Hours, NyseHours
from .port import Port
from .position.trades import TradeTracker
from .rule.bridge import input_of
from .rule.build import plan_of
from .rule.engine import Rule, RuleEngine
from .rule.facts import Facts
from .rule.prepared import Prepared, prepare_rule
from .rule.registered import RegisteredAction

Rules = plan.Plan | RuleEngine | Iterable[plan.Plan | plan.Rule | Rule]

# A rule may act on the events that its own orders cause; more answers than this to one input are a circle.
MOST_ANSWERS = 100


class Runtime:
    """Runs rules on a simulated broker, input by input. Two runtimes never see each other.

    Args:
        rules: a compiled plan with its limits, a rule engine, or any mixture of plans, plan rules and rules built by
            hand; tried by priority, higher first, then in the order given.
        broker: a simulated broker, or a connection to one; None for one with the defaults.
        hours: the trading hours; the NYSE's unless given.
        settings: what the engine is made with.
        journal: where each step is written before its commands are sent.
        sinks: called with every input and the records that came of it.
        actions: the Python actions that rules may `call`, by name, as `load_actions` gives them.

    Raises:
        TypeError: the broker is none that this runtime can drive, or a rule is no rule.
    """

    def __init__(
        self,
        rules: Rules = (),
        broker: SimulatedBroker | TWSConnection | None = None,
        *,
        hours: Hours | None = None,
        settings: Settings | None = None,
        journal: Journal | None = None,
        sinks: Sequence[Sink] = (),
        actions: Mapping[str, RegisteredAction] | None = None,
    ) -> None:
        own_hours = hours if hours is not None else NyseHours()
        behind = broker.broker if isinstance(broker, TWSConnection) else broker
        if behind is None:
            behind = SimulatedBroker(own_hours, SimulationSettings())
        if not isinstance(behind, SimulatedBroker):
            raise TypeError(f"a runtime drives a simulated broker, not {behind!r}")
        self.broker = behind
        given, limits, base_context = _as_given(rules)
        settings = settings if settings is not None else Settings()
        self.engine = Engine((), own_hours, attrs.evolve(settings, limits=(*settings.limits, *limits)))
        self.port = Port(self.engine, door=self, base_context=base_context)
        self.engine.actions.call = Calls(actions or {}, self.port)
        self._rules: list[plan.Rule | HandBuilt] = []
        self._hand_built: list[HandBuilt] = []
        self._waiting: deque[BaseEvent] = deque()
        self._in_step = False
        sequencer = Sequencer(
            self.engine,
            behind,
            journal if journal is not None else ForgetfulJournal(),
            [self.port.after_step, self._after_step, *sinks],
        )
        self._session = SimulatedSession(sequencer, behind)
        for rule in given:
            self._take(rule)
        self._set_rules()

    # ---- what a program does with it -------------------------------------------------------------------------------

    def handle(self, event: OutsideInput) -> None:
        """Handles one input to its end, and whatever was emitted meanwhile."""
        with self._stepping():
            self._session.handle(event)
        self._handle_emitted()

    def run(self, events: Iterable[OutsideInput]) -> None:
        """Handles recorded events to the end of their last session."""
        for event in events:
            self.handle(event)
        if self._session.sequencer.now:
            with self._stepping():
                self._session.finish(self._session.sequencer.now)
            self._handle_emitted()

    def emit(self, event: BaseEvent) -> None:
        """Takes an event as an input: after the running step, or at once where none is running."""
        self._waiting.append(event)
        if not self._in_step:
            self._handle_emitted()

    def ask(self, event: HandRequest | HandCancel) -> ActionOutcome:
        """Handles what code outside any rule asks for, as an input of its own.

        Raises:
            RuntimeError: a step is running: there only the actions of its rules ask for something.
        """
        if self._in_step:
            raise RuntimeError("only actions act: a condition, or a function of the context, cannot ask for anything")
        with self._stepping():
            self._feed(event)
        answer = self.engine.answer
        assert answer is not None, "the engine answers every request"
        return answer

    @contextmanager
    def _stepping(self) -> Iterator[None]:
        self._in_step = True
        try:
            with running(self.port):
                yield
        finally:
            self._in_step = False

    def _handle_emitted(self) -> None:
        answers = 0
        while self._waiting:
            event = self._waiting.popleft()
            if self._concerns_a_rule(event):
                answers += 1
            with self._stepping():
                if answers > MOST_ANSWERS:
                    # rules that answer each other's events without end would never let go of this input
                    self._waiting.clear()
                    self._feed(HandHalt(self.now(), "rules answer each other's events without end"))
                    self._waiting.clear()
                    return
                self._handle_one(event)

    def _handle_one(self, event: BaseEvent) -> None:
        item = input_of(event, self.now())
        if item is None:
            self._feed(HandEvent(self.now(), event))
        else:
            # never earlier than what has been handled already
            self._session.handle(item, max(self.now(), delivery_time(item)))

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
        self._take(rule)
        self._set_rules()

    def unregister_rule(self, rule_id: str) -> None:
        """Lets a hand-built rule go; nothing happens where there is none of this id."""
        self._rules = [rule for rule in self._rules if _id_of(rule) != rule_id]
        self._set_rules()

    def _take(self, rule: plan.Rule | Rule) -> None:
        """Keeps a rule; one that was built from a plan's and is still that goes the plan's way, options included."""
        if isinstance(rule, Rule):
            if any(_id_of(known) == rule.rule_id for known in self._rules):
                raise ValueError(f"there is a rule {rule.rule_id!r} already")
            self._rules.append(plan_of(rule) or HandBuilt(rule, self.port))
        else:
            self._rules.append(rule)

    def _set_rules(self) -> None:
        prepared: list[Prepared] = []
        for position, rule in enumerate(self._rules):
            if isinstance(rule, HandBuilt):
                prepared += rule.prepared(position)
            else:
                prepared.append(prepare_rule(rule, position))
        self._hand_built = [rule for rule in self._rules if isinstance(rule, HandBuilt)]
        self.engine.hand_built = {hand.rule.rule_id: hand.act for hand in self._hand_built}
        self.engine.set_rules(prepared)
        self._want(prepared)

    def _want(self, prepared: Sequence[Prepared]) -> None:
        """Has the engine bring the rules by hand what they wait for: bars of a timeframe, the clock, the start."""
        sources = [hand.source for hand in self._hand_built if hand.source is not None]
        if sources:
            of_plan = [one.rule for one in prepared if one.rule is not None and one.enabled]
            want_past(self.engine.desk.board, self.engine.signal_log, sources)
            self.engine.clock.set_rules([*of_plan, *sources])
        if any(hand.waits_for_start for hand in self._hand_built):
            self.engine.wants_start = True

    # ---- what hand-built objects ask of it -------------------------------------------------------------------------

    @property
    def event_bus(self) -> EventBus:
        return self.port.event_bus

    @property
    def trade_tracker(self) -> TradeTracker:
        return self.port.trade_tracker

    def now(self) -> int:
        return self.port.now()

    def new_id(self) -> str:
        return self.port.new_id()

    def facts(self) -> Facts:
        return self.port.facts()

    def context_view(self) -> dict[str, Any]:
        """`context[symbol]` of every trade, as a copy."""
        return self.port.context_view()

    def perform(self, request: Request) -> ActionOutcome:
        """Does an action: inside the rule that is running, else as an input of its own."""
        return self.port.perform(request)

    def cancel_order(self, order_id: str, reason: str) -> ActionOutcome:
        """Cancels an order; refused for what protects a position."""
        return self.port.cancel_order(order_id, reason)

    # ---- after each step -------------------------------------------------------------------------------------------

    def _after_step(self, event: Input, records: Sequence[Record]) -> None:
        """What happened, as far as it concerns hand-built rules, becomes an input of its own."""
        if self._hand_built:
            self._waiting += (told for told in self.port.told(records) if self._concerns_a_rule(told))

    def _concerns_a_rule(self, event: BaseEvent) -> bool:
        return any(hand.rule.concerns(event) for hand in self._hand_built)


def _as_given(rules: Rules) -> tuple[list[plan.Rule | Rule], list[plan.Limit], dict[str, Any]]:
    """The rules in the order given, the limits of plans, and the context of a rule engine."""
    if isinstance(rules, RuleEngine):
        return list(rules.rules), [], rules.context
    given: list[plan.Rule | Rule] = []
    limits: list[plan.Limit] = []
    for item in [rules] if isinstance(rules, plan.Plan) else rules:
        if isinstance(item, plan.Plan):
            given += item.rules
            limits += item.limits
        elif isinstance(item, (plan.Rule, Rule)):
            given.append(item)
        else:
            raise TypeError(f"not a rule: {item!r}")
    return given, limits, {}


def _id_of(rule: plan.Rule | HandBuilt) -> str:
    return rule.rule.rule_id if isinstance(rule, HandBuilt) else rule.name or rule.label
