"""A rule built by hand, among the rules of the engine: tried per event type, its actions done by the engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from .context import Request
from .core.actions import on_symbol
from .core.engine import Engine
from .core.hand import HandEvent
from .core.records import ActionOutcome, Outcome
from .core.rules import RuleEvent
from .event.api import PredictionSignalEvent
from .event.base import BaseEvent
from .event.inputs import Bar, Price, Quote, Signal
from .event.market import BarEvent, PriceEvent, QuoteEvent, VolumeEvent
from .rule.bridge import events_of_input
from .rule.engine import Rule, RuleRun, context_for
from .rule.facts import Facts
from .rule.prepared import Prepared, prepare_opaque
from .rule.truth import UNKNOWN
from .rule.values import Value
from .trade.state import Origin

# Which inputs become events of a type: a rule for the event has to be tried on these inputs.
_INPUTS: tuple[tuple[type[BaseEvent], type], ...] = (
    (PredictionSignalEvent, Signal),
    (PriceEvent, Price),
    (VolumeEvent, Price),
    (QuoteEvent, Quote),
    (BarEvent, Bar),
)


class Home(Protocol):
    """The runtime that a hand-built rule runs in."""

    @property
    def engine(self) -> Engine: ...

    @property
    def base_context(self) -> Mapping[str, Any]:
        """What the program itself put into the rules' context."""


class HandBuilt:
    """One hand-built rule. `origin` is set while its actions are being done."""

    def __init__(self, rule: Rule, home: Home) -> None:
        self.rule = rule
        self.origin: Origin | None = None
        self._home = home
        self._run: RuleRun | None = None  # what the last test came to

    def prepared(self, position: int) -> list[Prepared]:
        """The rule as the index takes it: once for each type of input that it must be tried on."""
        wanted = self.rule.event_types
        types = [
            made for known, made in _INPUTS if any(issubclass(known, one) or issubclass(one, known) for one in wanted)
        ]
        types += [HandEvent]
        return [
            prepare_opaque(
                self.rule.rule_id,
                made,
                self._test,
                position=position,
                priority=self.rule.priority,
                enabled=self.rule.enabled,
                values=self._values,
            )
            for made in dict.fromkeys(types)
        ]

    def _event(self, item: RuleEvent) -> BaseEvent | None:
        """The event of this input that the rule is about."""
        if isinstance(item, HandEvent):
            events: tuple[BaseEvent, ...] = (item.event,)
        else:
            events = events_of_input(item)
        return next((event for event in events if self.rule.concerns(event)), None)

    def _test(self, item: RuleEvent, facts: Facts) -> bool | None:
        event = self._event(item)
        if event is None:
            return False
        run = self._run = self.rule.evaluate_now(context_for(event, self._home.base_context))
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
        self.origin = origin
        try:
            return self.rule.execute_now(context_for(event, self._home.base_context))
        finally:
            self.origin = None

    def request(self, request: Request) -> ActionOutcome:
        """One action that the rule asks for while it runs."""
        assert self.origin is not None
        runner = self._home.engine.runner
        if runner.progress is not None and runner.progress.symbol is None:
            runner.progress.symbol = request.symbol
        return runner.request(on_symbol(request), self.origin, request.index)
