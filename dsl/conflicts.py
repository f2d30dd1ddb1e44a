"""W404 and W405: what rules do to each other on one event.

W404: a rule can never act, because one that is tried before it fires whenever it does, and does the same. W405: two
rules that enter opposite sides fire on one event, which is shown. Rules are tried by priority, then as they stand.

W404 is claimed only where it holds whatever the limits, the books and the broker say: where the first rule is refused,
ignored or skipped, the second, which asks for the same, is too. Rules with a cooldown or a count leave their events to
others, and so never stand in the way.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple

import attrs

from . import plan
from .diagnostics import Diagnostic
from .plain_conditions import PlainCondition, PlainConditions
from .possible_values import SYMBOL, TIME, Situation, value_of, window
from .proofs import ProvableRule, never_true, proven_conditions
from .ranges import Numbers, Possible, numbers
from .record import Record
from .rule_index import RuleIndex
from .sample_events import SampleEvent, sample_event
from .search import Comparison, GivenUp, Goal, Wanted, boxes, impossible

_SAMPLES = 8
"""Ways in which an event for two rules is looked for."""
_PATIENCE = 4_000
"""Pairs of rules that are looked at in one command; beyond that nothing more is claimed."""


@attrs.frozen(eq=False, repr=False)
class Shadow(Record):
    """`second` never acts, because `first` always does; with an event that shows it, where one was found."""

    first: int
    second: int
    sample: SampleEvent | None


@attrs.frozen(eq=False, repr=False)
class Conflict(Record):
    """Two rules, by their places in the plan, that enter opposite sides on one event."""

    first: int
    second: int
    sample: SampleEvent


class _Patience:
    """How many pairs may still be looked at."""

    def __init__(self, pairs: int) -> None:
        self.left = pairs

    def take(self) -> bool:
        self.left -= 1
        return self.left >= 0


def proven_warnings(rules: Sequence[ProvableRule]) -> Iterator[Diagnostic]:
    """W402 to W405, of rules in the order of the plan."""
    plain_rules = [one.rule for one in rules]
    conditions = PlainConditions(plain_rules)
    never = never_true(rules, conditions)
    yield from proven_conditions(rules, never, conditions)
    shadowed = set(never)
    for shadow in shadows(plain_rules, never, conditions):
        shadowed.add(shadow.second)
        if rules[shadow.second].given:
            yield _told_shadow(rules[shadow.first], rules[shadow.second], shadow.sample)
    for conflict in conflicts(plain_rules, frozenset(shadowed), conditions):
        pair = [rules[conflict.second], rules[conflict.first]]
        told = next((one for one in pair if one.given), None)
        if told is not None:
            yield _told_conflict(told, pair[1] if told is pair[0] else pair[0], conflict.sample)


# ---- W404 ----------------------------------------------------------------------------------------------------------


def shadows(
    rules: Sequence[plan.Rule], never: frozenset[int] = frozenset(), conditions: PlainConditions | None = None
) -> list[Shadow]:
    """The rules that can never act, each with the first one that is proven to stand in its way.

    `never` are the rules, by place, that never fire; `conditions` those of the rules, where they are known already.
    """
    known = conditions or PlainConditions(rules)
    patience = _Patience(_PATIENCE)
    found: list[Shadow] = []
    index = RuleIndex()
    effects: dict[Hashable, int] = {}
    for at in _in_order(rules):
        rule = rules[at]
        effect = _effect(rule)
        if effect is None or at in never:
            continue
        key = effects.setdefault(effect, len(effects))  # a number, because an action takes long to look up
        for before in index.overlapping(rule, key):
            if not patience.take():
                return found
            if not _may_be_missed(known[before], known[at]) and _stands_before(rules[before], rule):
                sample = _event_for(rules[before], rule, ())
                found.append(Shadow(before, at, sample))
                break
        if rule.cooldown is None and not rule.at_most:
            index.add(at, rule, key)
    return found


def _may_be_missed(first: PlainCondition | None, second: PlainCondition | None) -> bool:
    """Whether it is plain that an event can fire the second rule and not the first."""
    if first is None or second is None:
        return False
    return not second.is_never_true and first.can_be_missed_by(second)


def _never_together(first: PlainCondition | None, second: PlainCondition | None) -> bool:
    """Whether it is plain that no event fires both rules."""
    return first is not None and second is not None and first.never_with(second)


def _in_order(rules: Sequence[plan.Rule]) -> list[int]:
    """The places of the rules that are on, in the order in which they are tried."""
    return sorted((at for at, rule in enumerate(rules) if rule.enabled), key=lambda at: (-rules[at].priority, at))


def _effect(rule: plan.Rule) -> Hashable:
    """What two rules do alike; None where a second one can do something after the first has."""
    action = rule.actions[0]
    match action:
        case plan.Enter():
            return (attrs.evolve(action, size=_some_shares(action)), _clock_actions(rule))
        case plan.Reverse():
            return (action, _clock_actions(rule))
        case plan.Exit(size=None) if action.pricing.kind is plan.PricingKind.MARKET:
            return (plan.Exit, action.symbol, _clock_actions(rule))
    return None


def _some_shares(action: plan.Enter) -> plan.Size:
    fixed = action.size.unit is plan.SizeUnit.SHARES and isinstance(action.size.value, plan.Number)
    return plan.Size(plan.SizeUnit.SHARES, plan.Number(0.0)) if fixed else action.size


def _clock_actions(rule: plan.Rule) -> Hashable:
    """All that a rule on the clock does: what may be made up for, where its time was missed, depends on it."""
    return rule.actions if isinstance(rule.trigger, plan.ClockTrigger) else None


def _stands_before(first: plan.Rule, second: plan.Rule) -> bool:
    """Whether it is proven that `first` fires whenever `second` does, and that then `second` never acts."""
    if not (_covers(first.trigger, second.trigger) and _asks_no_more(first, second)):
        return False
    if _runs_past_midnight(first.during) or (first.during is not None and _runs_past_midnight(second.during)):
        return first.during == second.during and _fires_before(first, second)
    return _fires_before(first, second)


def _fires_before(first: plan.Rule, second: plan.Rule) -> bool:
    situation = Situation(second.trigger, second.during)
    goals: list[Goal] = [] if second.condition is None else [(second.condition, Wanted.TRUE)]
    ways: list[Goal] = [] if first.condition is None else [(first.condition, Wanted.NOT_TRUE)]
    if first.during is not None and first.during != second.during:
        inside = plan.Within(
            plan.ClockField("time"), plan.TimeOfDay(first.during.start), plan.TimeOfDay(first.during.end), open_end=True
        )
        ways.append((inside, Wanted.FALSE))
    return all(impossible([*goals, way], situation, situation.said()) for way in ways)


def _runs_past_midnight(during: plan.During | None) -> bool:
    return during is not None and during.end < during.start


def _asks_no_more(first: plan.Rule, second: plan.Rule) -> bool:
    """Whether what refuses the first refuses the second: it asks for as many shares, or for more."""
    one, two = first.actions[0], second.actions[0]
    if not isinstance(one, plan.Enter) or not isinstance(two, plan.Enter):
        return True
    if one.size == two.size:
        return True
    sizes = [value_of(action.size.value) for action in (one, two)]
    less, more = (size if isinstance(size, float) else 0.0 for size in sizes)
    return 0 < less <= more


def _covers(first: plan.Trigger, second: plan.Trigger) -> bool:
    """Whether whatever fires the second trigger fires the first."""
    of, narrower = plan.symbols_of(first), plan.symbols_of(second)
    if type(first) is not type(second):
        return False
    if isinstance(first, plan.StartTrigger | plan.BrokerTrigger) or isinstance(second, plan.StartTrigger):
        return first == second
    if isinstance(first, plan.ClockTrigger):
        return first == second
    if of is not None and (narrower is None or not set(narrower) <= set(of)):
        return False
    if isinstance(first, plan.SignalTrigger) and isinstance(second, plan.SignalTrigger):
        return not first.kinds or (bool(second.kinds) and set(second.kinds) <= set(first.kinds))
    assert not isinstance(second, plan.BrokerTrigger), "of the same class as the first"
    return attrs.evolve(first, of=None) == attrs.evolve(second, of=None)


# ---- W405 ----------------------------------------------------------------------------------------------------------

_SHOWN = (plan.SignalTrigger, plan.PriceTrigger, plan.VolumeTrigger, plan.BarTrigger)
"""Triggers whose events can be shown."""


class _Entry(NamedTuple):
    side: plan.Side
    symbol: plan.Expression | None


def conflicts(
    rules: Sequence[plan.Rule], never: frozenset[int] = frozenset(), conditions: PlainConditions | None = None
) -> list[Conflict]:
    """Rules that enter the side opposite to that of one tried before them, each with the first such.

    `never` are the rules, by place, that never fire; `conditions` those of the rules, where they are known already.
    """
    known = conditions or PlainConditions(rules)
    patience = _Patience(_PATIENCE)
    found: list[Conflict] = []
    index = RuleIndex()
    for at in _in_order(rules):
        rule = rules[at]
        entry = _entry_of(rule)
        if entry is None or at in never or not isinstance(rule.trigger, _SHOWN):
            continue
        other = plan.Side.SHORT if entry.side is plan.Side.LONG else plan.Side.LONG
        for before in index.overlapping(rule, other):
            if not patience.take():
                return found
            sample = None if _never_together(known[before], known[at]) else _opposite(rules[before], rule)
            if sample is not None:
                found.append(Conflict(before, at, sample))
                break
        index.add(at, rule, entry.side)
    return found


def _entry_of(rule: plan.Rule) -> _Entry | None:
    enter = next((action for action in rule.actions if isinstance(action, plan.Enter)), None)
    return None if enter is None else _Entry(enter.side, None if enter.symbol == SYMBOL else enter.symbol)


def _opposite(first: plan.Rule, second: plan.Rule) -> SampleEvent | None:
    """An event on which both enter the same symbol."""
    one, two = _entry_of(first), _entry_of(second)
    assert one is not None and two is not None, "only entries are compared"
    more: tuple[Goal, ...] = ()
    if one.symbol != two.symbol:
        named = [entry.symbol for entry in (one, two) if entry.symbol is not None]
        if len(named) == 2 or not isinstance(named[0], plan.Symbol):
            return None
        more = ((Comparison("==", SYMBOL, named[0]), Wanted.TRUE),)
    return _event_for(first, second, more)


def _event_for(first: plan.Rule, second: plan.Rule, more: tuple[Goal, ...]) -> SampleEvent | None:
    """An event that fires both rules."""
    if not isinstance(first.trigger, _SHOWN) or type(first.trigger) is not type(second.trigger):
        return None
    if isinstance(first.trigger, plan.BarTrigger) and not _covers(
        attrs.evolve(first.trigger, of=None), attrs.evolve(second.trigger, of=None)
    ):
        return None
    said = Situation(first.trigger).said()
    for part, possible in Situation(second.trigger).said().items():
        said[part] = said[part].meet(possible) if part in said else possible
    for during in (first.during, second.during):
        if during is not None:
            possible = Possible(_same_day(during), known=True)
            said[TIME] = said[TIME].meet(possible) if TIME in said else possible
    if any(possible.is_empty for possible in said.values()):
        return None
    conditions = (first.condition, second.condition)
    goals = [(condition, Wanted.TRUE) for condition in conditions if condition is not None]
    try:
        for count, box in enumerate(boxes([*goals, *more], Situation(second.trigger), said)):
            sample = sample_event(box, second.trigger, conditions)
            if sample is not None or count >= _SAMPLES:
                return sample
    except GivenUp:
        return None
    return None


def _same_day(during: plan.During) -> Numbers:
    """The part of a window that belongs to the day it is on: what runs past midnight needs the day before."""
    if _runs_past_midnight(during):
        return numbers(during.start, 86_400, high_open=True)
    return window(during)


# ---- told ----------------------------------------------------------------------------------------------------------


def _told_shadow(first: ProvableRule, second: ProvableRule, sample: SampleEvent | None) -> Diagnostic:
    name = _named(first, second)
    message = f"this rule can never act: {name} always acts before it, with the same effect"
    notes = () if sample is None else (f"{sample} fires both, and only {name} acts",)
    help_text = "remove one of the two, or let this one be tried first with a higher `priority`"
    return second.warn("W404", message, second.node.trigger, "never acts", help_text, notes)


def _told_conflict(told: ProvableRule, other: ProvableRule, sample: SampleEvent) -> Diagnostic:
    side = {plan.Side.LONG: "long", plan.Side.SHORT: "short"}
    mine, theirs = _entry_of(told.rule), _entry_of(other.rule)
    assert mine is not None and theirs is not None, "only entries are compared"
    name = _named(other, told)
    message = f"this rule enters {side[mine.side]} on an event on which {name} enters {side[theirs.side]}"
    help_text = "narrow one of the two, so that no event fires both; the one tried first wins"
    return told.warn("W405", message, told.node.trigger, f"{sample} fires both", help_text)


def _named(one: ProvableRule, seen_from: ProvableRule) -> str:
    """A rule as the other's report calls it: by its name and line, and its file where that is another."""
    line = one.rule.place.line
    where = f"line {line}" if one.path == seen_from.path else f"{one.path}:{line}"
    return f"`{one.rule.label}` ({where})" if one.rule.name is not None else f"the rule on {where}"
