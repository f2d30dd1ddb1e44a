"""Runs the rules on one event: tries the candidates in order, does their actions, writes the decisions.

Per symbol the first rule that acts on the position owns the event: later enters and adds are suppressed; exits,
`halt`, `notify` and `log` never are. If an action is ignored, refused, skipped or fails, the rest of its rule is not
done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import attrs

from ...dsl.plan import AnyAction, DoubleDown, Enter, Exit, ExitEverything, ScaleIn
from ..event.inputs import Bar, Price, Quote, Signal
from ..risk.reasons import Reason
from ..rule.counters import Counters, is_during
from ..rule.facts import Facts
from ..rule.index import RuleIndex
from ..rule.parts import why_unknown
from ..rule.prepared import Prepared
from ..trade.desk import Desk
from ..trade.outcome import Done, symbol_of
from ..trade.state import Origin
from .hand import HandEvent
from .records import ActionOutcome, Decision, Outcome, ValueText

RuleEvent = Signal | Price | Quote | Bar | HandEvent
Perform = Callable[[AnyAction, Origin, int, "Progress"], ActionOutcome]
ByHand = Callable[[Prepared, RuleEvent, Origin], Sequence[ActionOutcome]]

_OPENING = (Enter, ScaleIn, DoubleDown)
_ON_POSITION = (*_OPENING, Exit, ExitEverything)

# The outcomes after which the rest of a rule's actions is not done.
_STOPPING = frozenset(
    {Outcome.IGNORED, Outcome.REFUSED, Outcome.SKIPPED, Outcome.FAILED, Outcome.SUPPRESSED, Outcome.THROTTLED}
)


@attrs.define
class Progress:
    """How far a rule has come on one event: what its earlier actions did."""

    outcomes: list[ActionOutcome] = attrs.Factory(list)
    symbol: str | None = None  # what an `enter` of this rule entered
    mine: set[str] = attrs.Factory(set)  # symbols that this rule was the first to act on

    @property
    def reversed(self) -> bool:
        return any(done.outcome is Outcome.REVERSED for done in self.outcomes)


@attrs.define(eq=False)
class RuleRunner:
    """The rules of one runtime. `skips` counts each cause of a skip, which is recorded once."""

    desk: Desk
    facts: Facts
    index: RuleIndex
    counters: Counters
    perform: Perform
    by_hand: ByHand
    skips: dict[tuple[str, str, str], int] = attrs.Factory(dict)
    progress: Progress | None = None  # of the rule that is running
    owned: set[str] | None = None  # symbols that a rule has acted on, on this event

    def run(self, event: RuleEvent) -> None:
        candidates = self.index.candidates(event)
        if not candidates:
            return
        owned: set[str] = set()
        for candidate in candidates:
            prepared = candidate.prepared
            if prepared.during is not None and not is_during(prepared.during, self.desk.now, self.desk.hours):
                continue
            holds = candidate.outcome(event, self.facts)
            if holds is False:
                continue
            if holds is None:
                self._skip(prepared, event)
                continue
            self._fire(prepared, event, owned)

    def _skip(self, prepared: Prepared, event: RuleEvent) -> None:
        if prepared.opaque:
            missing = [name for name, value in prepared.values(event, self.facts).items() if value is None]
            reason = f"{', '.join(missing) or 'condition'} unknown"
        else:
            reason = why_unknown(prepared.condition, event, self.facts)
        if self._first_skip(prepared, event, reason):
            self._decide(prepared, event, Outcome.SKIPPED, reason, ())

    def _first_skip(self, prepared: Prepared, event: RuleEvent, reason: str | None) -> bool:
        """Counts a skip; the same cause is recorded once."""
        key = (prepared.identity, event.symbol or "", reason or "")
        self.skips[key] = self.skips.get(key, 0) + 1
        return self.skips[key] == 1

    def _fire(self, prepared: Prepared, event: RuleEvent, owned: set[str]) -> None:
        symbol = event.symbol
        throttled = self.counters.check(prepared, symbol, self.desk.now)
        if throttled is not None:
            self._decide(prepared, event, Outcome.THROTTLED, throttled, ())
            return
        origin = Origin(
            prepared.label,
            prepared.identity,
            prepared.at,
            None if isinstance(event, HandEvent) else event,
            self.desk.seq,
        )
        values = prepared.values(event, self.facts)
        place = len(self.desk.records)  # a decision stands before the orders that came of it
        if prepared.rule is None:
            outcomes = self._hand_built(prepared, event, origin, owned)
        else:
            outcomes = self._actions(prepared.rule.actions, origin, owned)
        first = outcomes[0] if outcomes else None
        outcome = Outcome.ACTED if first is None else first.outcome
        reason = None if first is None else first.reason
        if outcome is Outcome.SKIPPED and not self._first_skip(prepared, event, reason):
            return
        self._decide(prepared, event, outcome, reason, outcomes, values, place)
        if outcome in (Outcome.ACTED, Outcome.REVERSED):
            self.counters.count(prepared, symbol, self.desk.now)

    def _hand_built(
        self, prepared: Prepared, event: RuleEvent, origin: Origin, owned: set[str]
    ) -> tuple[ActionOutcome, ...]:
        """A rule built by hand does its actions itself, through `request`; the event's owner is the same for all."""
        self.progress, self.owned = Progress(), owned
        try:
            return tuple(self.by_hand(prepared, event, origin))
        finally:
            self.progress, self.owned = None, None

    def request(self, action: AnyAction, origin: Origin, number: int) -> ActionOutcome:
        """One action of the hand-built rule that is running."""
        progress, owned = self.progress, self.owned
        assert progress is not None and owned is not None, "only a rule that is running asks"
        symbol = self._symbol(action, origin, progress)
        if isinstance(action, _OPENING) and symbol in owned and symbol not in progress.mine:
            return ActionOutcome(action_name(action), Outcome.SUPPRESSED, Reason.OWNED.text)
        done = self.perform(action, origin, number, progress)
        progress.outcomes.append(done)
        acted = done.outcome not in _STOPPING and isinstance(action, _ON_POSITION)
        if acted and symbol is not None and symbol not in owned:
            owned.add(symbol)
            progress.mine.add(symbol)
        return done

    def _actions(self, actions: Sequence[AnyAction], origin: Origin, owned: set[str]) -> tuple[ActionOutcome, ...]:
        self.progress, self.owned = Progress(), owned
        outcomes: list[ActionOutcome] = []
        for number, action in enumerate(actions):
            outcomes.append(self.request(action, origin, number))
            if outcomes[-1].outcome in _STOPPING:
                break
        return tuple(outcomes)

    def _symbol(self, action: AnyAction, origin: Origin, progress: Progress) -> str | None:
        if progress.symbol is not None and isinstance(action, (ScaleIn, DoubleDown)):
            return progress.symbol
        return symbol_of(self.desk, getattr(action, "symbol", None), origin.event)

    def _decide(
        self,
        prepared: Prepared,
        event: RuleEvent,
        outcome: Outcome,
        reason: str | None,
        outcomes: tuple[ActionOutcome, ...],
        values: Mapping[str, ValueText] | None = None,
        place: int | None = None,
    ) -> None:
        decision = Decision(
            time=self.desk.now,
            seq=self.desk.seq,
            rule=prepared.label,
            at=prepared.at,
            symbol=event.symbol,
            outcome=outcome,
            reason=reason,
            values=prepared.values(event, self.facts) if values is None else values,
            actions=outcomes,
        )
        self.desk.records.insert(len(self.desk.records) if place is None else place, decision)


_NAMES = {
    "ScaleIn": "scale_in",
    "DoubleDown": "double_down",
    "ExitEverything": "exit_everything",
    "MoveStop": "move_stop",
    "TrailStop": "trail",
    "PlaceOrder": "place",
}


def action_name(action: AnyAction) -> str:
    """An action as decision records call it: `enter`, `scale_in`, `exit`, …"""
    name = type(action).__name__
    return _NAMES.get(name, name.lower())


def outcome_of(action: AnyAction, done: Done, text: str | None = None) -> ActionOutcome:
    return ActionOutcome(action_name(action), done.outcome, done.reason, done.orders, text)
