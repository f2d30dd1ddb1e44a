"""A rule built by hand, among the rules of the engine: tried per event type, its actions done by the engine."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from ..dsl.plan import AtMost, BarTrigger, Cooldown, During
from ..dsl.plan import Rule as PlanRule
from .context import Request
from .core.hand import HandEvent
from .core.records import ActionOutcome, Outcome
from .core.rules import RuleEvent
from .event.api import PredictionSignalEvent
from .event.base import BaseEvent
from .event.happenings import ClockTick, Started
from .event.inputs import Bar, BrokerLink, Price, Quote, Signal
from .event.market import BarEvent, PriceEvent, QuoteEvent, VolumeEvent
from .event.system import ClockEvent, ConnectionEvent, StartEvent
from .port import Asking, Port
from .rule.bridge import events_of_input
from .rule.engine import Rule, RuleRun, context_for
from .rule.facts import Facts
from .rule.prepared import Prepared
from .rule.truth import UNKNOWN
from .rule.values import Value
from .trade.outcome import symbol_of_event
from .trade.state import Origin

# Which inputs become events of a type: a rule for the event has to be tried on these inputs.
_INPUTS: tuple[tuple[type[BaseEvent], type], ...] = (
    (PredictionSignalEvent, Signal),
    (PriceEvent, Price),
    (VolumeEvent, Price),
    (QuoteEvent, Quote),
    (BarEvent, Bar),
    (ClockEvent, ClockTick),
    (StartEvent, Started),
    (ConnectionEvent, BrokerLink),
)


@attrs.define(eq=False)
class PreparedByHand(Prepared):
    """A hand-built rule, ready to run. One that was built from a plan's rule and changed keeps that one's options."""

    source: PlanRule | None = None

    @property
    def cooldown(self) -> Cooldown | None:
        return None if self.source is None else self.source.cooldown

    @property
    def at_most(self) -> tuple[AtMost, ...]:
        return () if self.source is None else self.source.at_most

    @property
    def during(self) -> During | None:
        return None if self.source is None else self.source.during


class HandBuilt:
    """One hand-built rule."""

    def __init__(self, rule: Rule, port: Port) -> None:
        self.rule = rule
        self._port = port
        self._run: RuleRun | None = None  # what the last test came to

    @property
    def source(self) -> PlanRule | None:
        """The plan's rule that this one was built from before it was changed, as long as it is enabled."""
        return self.rule.source if self.rule.enabled else None

    @property
    def waits_for_start(self) -> bool:
        return self.rule.enabled and any(issubclass(wanted, StartEvent) for wanted in self.rule.event_types)

    def prepared(self, position: int) -> list[Prepared]:
        """The rule as the index takes it: once for each type of input that it must be tried on."""
        wanted = self.rule.event_types
        types = [
            made for known, made in _INPUTS if any(issubclass(known, one) or issubclass(one, known) for one in wanted)
        ]
        types += [HandEvent]
        return [
            PreparedByHand(
                position=position,
                label=self.rule.rule_id,
                priority=self.rule.priority,
                enabled=self.rule.enabled,
                event_type=made,
                test=self._test,
                values=self._values,
                source=self.rule.source,
            )
            for made in dict.fromkeys(types)
        ]

    def _event(self, item: RuleEvent) -> BaseEvent | None:
        """The event of this input that the rule is about."""
        if isinstance(item, HandEvent):
            events: tuple[BaseEvent, ...] = (item.event,)
        elif isinstance(item, Signal | Price | Quote | Bar | BrokerLink | ClockTick | Started):
            events = events_of_input(item)
        else:
            events = ()  # turns of orders and positions come as events, once the step that told them is over
        return next((event for event in events if self.rule.concerns(event)), None)

    def _means(self, item: RuleEvent) -> bool:
        """A rule that was built from `on bar` means the bars that such a rule means, not those built for others."""
        source = self.rule.source
        if not isinstance(item, Bar) or source is None or not isinstance(source.trigger, BarTrigger):
            return True
        return source.trigger.timeframe is not None or self._port.engine.desk.board.is_default(item)

    def _test(self, item: RuleEvent, facts: Facts) -> bool | None:
        event = self._event(item) if self._means(item) else None
        if event is None:
            return False
        run = self._run = self.rule.evaluate_now(context_for(event, self._port.base_context))
        if run.failed:
            return True  # it goes on to `act`, which tells that it failed
        return None if run.answer is UNKNOWN else run.answer is True

    def _values(self, item: object, facts: Facts) -> dict[str, Value]:
        return {} if self._run is None else dict(self._run.values)

    def act(self, prepared: Prepared, item: object, origin: Origin) -> Sequence[ActionOutcome]:
        """Does the rule's actions, once its condition was found true."""
        if self._run is not None and self._run.failed:
            return (ActionOutcome("condition", Outcome.FAILED, self._run.reason),)
        event = self._event(item)  # type: ignore[arg-type]  # what it was tested on
        if origin.event is None:
            # what the actions of a plan ask of their event, an event of Python has under the same names
            origin = attrs.evolve(origin, event=event)
        with self._port.within(Asking(origin, _place, symbol_of_event(event))):
            return self.rule.execute_now(context_for(event, self._port.base_context))


def _place(request: Request) -> int:
    return request.index
