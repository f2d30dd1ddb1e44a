"""Runs the rules on one event: tries the candidates in order, does their actions, writes the decisions.

Per symbol the first rule that acts on the position owns the event: later enters and adds are suppressed; exits,
`halt`, `notify` and `log` never are. If an action is ignored, refused, skipped or fails, the rest of its rule is not
done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import attrs

from ...dsl.plan import Action, DoubleDown, Enter, Exit, ExitEverything, PlaceOrder, Reverse, ScaleIn
from ..event.happenings import ClockTick, Happening, Started
from ..event.inputs import Bar, BrokerLink, Price, Quote, Signal
from ..risk.reasons import Reason
from ..rule.buckets import Candidate, Candidates
from ..rule.counters import Counters, is_during
from ..rule.facts import Facts
from ..rule.index import RuleIndex
from ..rule.prepared import Prepared
from ..rule.schedules import reduces_risk
from ..trade.desk import Desk
from ..trade.opening import order_side
from ..trade.outcome import Done, symbol_of, symbol_of_event
from ..trade.state import Origin
from .hand import HandEvent
from .records import ActionOutcome, Decision, Outcome, ValueText

RuleEvent = Signal | Price | Quote | Bar | BrokerLink | Started | Happening | HandEvent
Perform = Callable[[Action, Origin, int, "Progress"], ActionOutcome]
ByHand = Callable[[Prepared, RuleEvent, Origin], Sequence[ActionOutcome]]

_OPENING = (Enter, Reverse, ScaleIn, DoubleDown)
_ON_POSITION = (*_OPENING, Exit, ExitEverything, PlaceOrder)

# The outcomes after which the rest of a rule's actions is not done.
STOPPING = frozenset(
    {Outcome.IGNORED, Outcome.REFUSED, Outcome.SKIPPED, Outcome.FAILED, Outcome.SUPPRESSED, Outcome.THROTTLED}
)


@attrs.define
class Progress:
    """How far a rule has come on one event: what its earlier actions did."""

    outcomes: list[ActionOutcome] = attrs.Factory(list)
    symbol: str | None = None  # what an `enter` of this rule entered, or what code by hand is about
    has_entered: bool = False  # an `enter` or `reverse` of this rule has acted on that symbol, or waits to
    mine: set[str] = attrs.Factory(set)  # symbols that this rule was the first to act on

    def entered(self, symbol: str | None) -> None:
        self.symbol, self.has_entered = symbol, True


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
        """Tries the rules on an event."""
        self._try_each(event, self.index.candidates(event))

    def run_bar(self, bar: Bar, *, usual: bool) -> None:
        """Tries the rules on a bar; `usual` tells that it is of the timeframe that a rule without one means."""
        self._try_each(bar, self.index.candidates_of_bar(bar, usual=usual))

    def run_together(self, ticks: Sequence[ClockTick]) -> None:
        """Tries the rules on all that the clock has due at one time, in their order over all of it."""
        found = [(candidate, tick) for tick in ticks for candidate in self.index.candidates(tick)]
        owned: set[str] = set()
        for candidate, tick in sorted(found, key=lambda each: each[0].rank):
            rule = candidate.prepared.rule
            # a missed time is made up for only where that cannot raise the risk
            if not tick.late or (rule is not None and reduces_risk(rule.actions)):
                self._try(candidate, tick, owned)

    def _try_each(self, event: RuleEvent, candidates: Candidates) -> None:
        if candidates:
            owned: set[str] = set()
            for candidate in candidates:
                self._try(candidate, event, owned)

    def _try(self, candidate: Candidate, event: RuleEvent, owned: set[str]) -> None:
        prepared = candidate.prepared
        if prepared.during is not None and not is_during(prepared.during, self.desk.now, self.desk.hours):
            return
        holds = candidate.outcome(event, self.facts)
        if holds is None:
            self._skip(prepared, event)
        elif holds:
            self._fire(prepared, event, owned)

    def _skip(self, prepared: Prepared, event: RuleEvent) -> None:
        if prepared.opaque:
            missing = [name for name, value in prepared.values(event, self.facts).items() if value is None]
            reason = f"{', '.join(missing) or 'condition'} unknown"
        else:
            reason = prepared.parts.why_unknown(event, self.facts)
        if self._first_skip(prepared, event, reason):
            self._decide(prepared, event, Outcome.SKIPPED, reason, ())

    def _first_skip(self, prepared: Prepared, event: RuleEvent, reason: str | None) -> bool:
        """Counts a skip; the same cause is recorded once."""
        key = (prepared.identity, symbol_of_event(event) or "", reason or "")
        self.skips[key] = self.skips.get(key, 0) + 1
        return self.skips[key] == 1

    def _fire(self, prepared: Prepared, event: RuleEvent, owned: set[str]) -> None:
        symbol = symbol_of_event(event)
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

    def request(self, action: Action, origin: Origin, number: int) -> ActionOutcome:
        """One action of the hand-built rule that is running."""
        progress, owned = self.progress, self.owned
        assert progress is not None and owned is not None, "only a rule that is running asks"
        symbol = self._symbol(action, origin, progress)
        if symbol in owned and symbol not in progress.mine and self._opens(action, symbol):
            return ActionOutcome(action_name(action), Outcome.SUPPRESSED, Reason.OWNED.text)
        done = self.perform(action, origin, number, progress)
        progress.outcomes.append(done)
        acted = done.outcome not in STOPPING and isinstance(action, _ON_POSITION)
        if acted and symbol is not None and symbol not in owned:
            owned.add(symbol)
            progress.mine.add(symbol)
        return done

    def _actions(self, actions: Sequence[Action], origin: Origin, owned: set[str]) -> tuple[ActionOutcome, ...]:
        self.progress, self.owned = Progress(), owned
        outcomes: list[ActionOutcome] = []
        for number, action in enumerate(actions):
            outcomes.append(self.request(action, origin, number))
            if outcomes[-1].outcome in STOPPING:
                break
        return tuple(outcomes)

    def _opens(self, action: Action, symbol: str | None) -> bool:
        """Whether an action can raise the position: an order that is placed does on the side of the trade."""
        if not isinstance(action, PlaceOrder):
            return isinstance(action, _OPENING)
        trade = None if symbol is None else self.desk.trades.get(symbol)
        return trade is not None and order_side(action.side) is trade.side

    def _symbol(self, action: Action, origin: Origin, progress: Progress) -> str | None:
        if progress.symbol is not None and not isinstance(action, Enter) and getattr(action, "symbol", None) is None:
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
            symbol=symbol_of_event(event),
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
    "MoveStopToBreakeven": "move_stop",
    "MoveTarget": "move_target",
    "CancelOrders": "cancel",
    "EmitSignal": "emit",
    "ResetCooldown": "reset_cooldown",
    "CallAction": "call",
    "TrailStop": "trail",
    "PlaceOrder": "place",
}


def action_name(action: Action) -> str:
    """An action as decision records call it: `enter`, `scale_in`, `exit`, …"""
    name = type(action).__name__
    return _NAMES.get(name, name.lower())


def outcome_of(action: Action, done: Done, text: str | None = None) -> ActionOutcome:
    return ActionOutcome(action_name(action), done.outcome, done.reason, done.orders, text)
