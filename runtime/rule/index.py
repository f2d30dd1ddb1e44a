"""Which rules an event may match: the rest is false, and isn't looked at.

Rules stand in buckets by what their trigger and condition demand of an event: its type, its kind (a signal's word, a
bar's timeframe, the turn that a position or an order takes, what the clock shows), its symbol (from `of`, and from
`symbol == S` or `symbol in [..]` in the condition). An event has one slot, by kind and symbol, that names the few
buckets which concern it: those of its kind and symbol, its kind and any symbol, any kind and its symbol, any kind and
any symbol. Inside a bucket a sorted array holds the commonest threshold (`buckets`).

What the way to a candidate has proven isn't asked again. The outcome is that of trying every rule in order. An event
with one candidate costs two look-ups and a bisection, whatever the number of rules.

Opaque rules, built by hand, are candidates for every event of their type.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from operator import attrgetter
from typing import Any

import attrs

from ...dsl.plan import EventName, Expression, Kind, Member, Rule, SignalTrigger, Symbol
from ..event.inputs import Bar, Price, Quote, Signal
from .buckets import NO_CANDIDATES, Bucket, Candidates, Entry, build_buckets, rank_of
from .conjuncts import conjuncts, texts_demanded
from .families import FAMILIES, NO_SYMBOL, Family, family_of, kinds_of, symbols_for
from .prepared import Prepared

# A rule of many kinds and symbols stands once for each pair. When all pairs together are more than this, the rules
# with the longest lists are tried for every symbol instead, and their condition decides.
MOST_PAIRS = 100_000

# Events may name kinds and symbols without end.
_MOST_WAYS = 50_000

# The names that every event of a type has as an attribute of its own.
_ATTRIBUTES: Mapping[type, frozenset[str]] = {
    Signal: frozenset(("confidence", "price")),
    Price: frozenset(("price", "size")),
    Quote: frozenset(("price", "size")),
    Bar: frozenset(("open", "high", "low", "close", "volume")),
}

# Where opaque rules stand: they are tried whatever the kind and the symbol.
_OPAQUE = ("\x00opaque", None)

# Events that may have no symbol: a condition on it is unknown then, which is not false.
_WITHOUT_SYMBOL = frozenset((Family.CLOCK, Family.START, Family.BROKER))

_rank: Callable[[Any], float] = attrgetter("rank")

# None stands for any kind, or any symbol.
_Pair = tuple[str | None, str | None]


@attrs.frozen
class _Scope:
    """What a rule demands of an event: a kind and a symbol out of these, None for any."""

    prepared: Prepared
    rank: float
    kinds: tuple[str, ...] | None
    symbols: tuple[str, ...] | None
    left: tuple[Expression, ...]
    narrows: bool = True
    """Whether its events always have a symbol, so that a condition can ask for it instead."""

    def pairs(self) -> list[_Pair]:
        return [(kind, symbol) for kind in self.kinds or (None,) for symbol in self.symbols or (None,)]

    def count(self) -> int:
        return len(self.kinds or (None,)) * len(self.symbols or (None,))

    def entry(self) -> Entry:
        return Entry(self.prepared, self.rank, self.left)


class _Slot:
    """The buckets that concern events of one kind and symbol, and how many such events there were."""

    __slots__ = ("_buckets", "find", "seen")

    def __init__(self, buckets: Sequence[Bucket]) -> None:
        self.seen = 0
        self._buckets = buckets
        self.find: Callable[[Any], Candidates] = buckets[0].find if len(buckets) == 1 else self._merge

    def _merge(self, event: Any) -> Candidates:
        found = NO_CANDIDATES
        mixed = False
        for bucket in self._buckets:
            more = bucket.find(event)
            if more:
                mixed = bool(found)
                found = (*found, *more) if mixed else more
        return sorted(found, key=rank_of) if mixed else found


class _Events:
    """The slots for events of one type. A slot is made when its first event comes."""

    def __init__(
        self,
        groups: Mapping[_Pair, Sequence[Entry]],
        attributes: frozenset[str],
        made: Mapping[_Pair, list[Bucket]] | None = None,
    ) -> None:
        """`made` are buckets that another set of rules has for these very groups."""
        self.groups = groups
        self.attributes = attributes
        known = made or {}
        self._buckets = {
            pair: known[pair] if pair in known else build_buckets(entries, attributes)
            for pair, entries in groups.items()
        }
        self._kinds = frozenset(kind for kind, _ in groups)
        self._symbols = frozenset(symbol for _, symbol in groups)
        self._slots: dict[_Pair, _Slot] = {}
        # The way from an event's own kind and symbol, named by a rule or not, to its slot.
        self._ways: dict[str | None, dict[str | None, _Slot]] = {}
        self._narrow: dict[_Pair, _Slot] = {}
        self._ways_known = 0

    def signal(self, event: Any) -> Candidates:
        """The candidates for an event that has a kind and a symbol."""
        ways = self._ways.get(event.signal)
        slot = None if ways is None else ways.get(event.symbol)
        if slot is None:
            slot = self._slot(event.signal, event.symbol)
        slot.seen += 1
        return slot.find(event)

    def of_kind(self, event: Any, kind: str | None, symbol: str | None) -> Candidates:
        """The candidates for an event of a kind and a symbol, each None where it has none."""
        ways = self._ways.get(kind)
        slot = None if ways is None else ways.get(symbol)
        if slot is None:
            slot = self._slot(kind, symbol)
        slot.seen += 1
        return slot.find(event)

    def of_kind_alone(self, event: Any, kind: str, symbol: str) -> Candidates:
        """The candidates for an event that rules for any kind do not mean."""
        slot = self._narrow.get((kind, symbol))
        if slot is None:
            pairs = ((kind, symbol), (kind, None), _OPAQUE)
            slot = _Slot([bucket for pair in pairs for bucket in self._buckets.get(pair, ())])
            self._narrow[kind, symbol] = slot
        slot.seen += 1
        return slot.find(event)

    def changed(self, gone: Collection[int], added: Mapping[_Pair, Sequence[Entry]]) -> _Events:
        """The same for other rules: without those whose ids are `gone`, with entries `added`."""
        groups = dict(self.groups)
        buckets = dict(self._buckets)
        for pair, entries in self.groups.items():
            if any(id(entry.prepared) in gone for entry in entries):
                groups[pair] = [entry for entry in entries if id(entry.prepared) not in gone]
                buckets.pop(pair, None)
        for pair, entries in added.items():
            groups[pair] = sorted((*groups.get(pair, ()), *entries), key=_rank)
            buckets.pop(pair, None)
        return _Events(groups, self.attributes, buckets)

    def seen(self, kinds: Iterable[str], symbols: Iterable[str] | None, *, narrow: bool) -> int:
        """How many events were of these kinds (none given: any) and of these symbols.

        `narrow` counts those, too, that rules for any kind do not mean.
        """
        wanted, of = frozenset(kinds), None if symbols is None else frozenset(symbols)
        slots = list(self._slots.items())
        if narrow:
            slots += self._narrow.items()
        return sum(
            slot.seen
            for (kind, symbol), slot in slots
            if (not wanted or kind in wanted) and (of is None or symbol in of)
        )

    def _slot(self, kind: str | None, symbol: str | None) -> _Slot:
        if self._ways_known >= _MOST_WAYS:
            self._ways.clear()
            self._ways_known = 0
        named = (kind if kind in self._kinds else None, symbol if symbol in self._symbols else None)
        slot = self._slots.get(named)
        if slot is None:
            pairs = dict.fromkeys((named, (named[0], None), (None, named[1]), (None, None), _OPAQUE))
            slot = self._slots[named] = _Slot([bucket for pair in pairs for bucket in self._buckets.get(pair, ())])
        self._ways.setdefault(kind, {})[symbol] = slot
        self._ways_known += 1
        return slot


class RuleIndex:
    """The candidates of each event among a fixed set of rules. A changed set of rules is a new index."""

    def __init__(self, rules: Iterable[Prepared], *, most_pairs: int = MOST_PAIRS) -> None:
        """Disabled rules are left out. Rules are tried by priority, higher first, then by position."""
        self._most_pairs = most_pairs
        self._fill(sorted(_enabled(rules), key=lambda rule: (-rule.priority, rule.position)))

    def _fill(self, tried: Sequence[Prepared]) -> None:
        self._ranks: dict[int, float] = {id(rule): rank for rank, rule in enumerate(tried)}
        self._tried = tried
        self._opaque = [Entry(rule, rank, ()) for rank, rule in enumerate(tried) if rule.opaque]
        found = [_scope(rule, rank) for rank, rule in enumerate(tried) if not rule.opaque]
        scopes = [scope for scope in found if scope is not None]
        self._pairs = sum(scope.count() for scope in scopes)
        self._scopes = _within_bounds(scopes, self._most_pairs)
        self._rules = {rule.rule.trigger: rule.rule for rule in tried if rule.rule is not None}
        self._events: dict[type, _Events] = {}
        self._finders: dict[type, Callable[[Any], Candidates]] = {}
        for event_type in (Signal, Price, Quote):
            self._learn(event_type)

    def changed(self, rules: Iterable[Prepared]) -> RuleIndex:
        """The index of another set of rules, given in the order written; what both have in common is shared.

        This index stays as it is, and may be asked meanwhile: both share buckets and the conditions in them.
        """
        tried = sorted(_enabled(rules), key=lambda rule: -rule.priority)  # where one stood before says nothing now
        index = RuleIndex((), most_pairs=self._most_pairs)
        ranks = _ranks_between(tried, self._ranks)
        kept = frozenset(map(id, tried))
        gone = frozenset(id(rule) for rule in self._tried if id(rule) not in kept)
        added = [rule for rule in tried if id(rule) not in self._ranks]
        if ranks is None or self._pairs > self._most_pairs or any(rule.opaque for rule in added):
            index._fill(tried)
            return index
        found = [_scope(rule, ranks[id(rule)]) for rule in added]
        scopes = [scope for scope in found if scope is not None]
        lost = sum(scope.count() for scope in self._scopes if id(scope.prepared) in gone)
        pairs = self._pairs - lost + sum(scope.count() for scope in scopes)
        if pairs > self._most_pairs:
            index._fill(tried)
            return index
        index._pairs = pairs
        index._tried, index._ranks = tried, ranks
        index._opaque = [entry for entry in self._opaque if id(entry.prepared) not in gone]
        index._scopes = sorted((*(one for one in self._scopes if id(one.prepared) not in gone), *scopes), key=_rank)
        index._rules = {**self._rules, **{rule.rule.trigger: rule.rule for rule in added if rule.rule is not None}}
        for event_type, events in tuple(self._events.items()):
            _, family = _known(event_type)
            groups = _groups(scopes, added, family)
            index._keep(event_type, events.changed(gone, groups), family)
        return index

    def candidates(self, event: object) -> Candidates:
        """The rules that this event may match, in trying order; ask each for its `outcome`."""
        finder = self._finders.get(type(event))
        return (finder or self._learn(type(event)))(event)

    def candidates_of_bar(self, bar: Bar, *, usual: bool) -> Candidates:
        """The same for a bar; one that is not of its symbol's `usual` timeframe is none for rules that state none."""
        if usual:
            return self.candidates(bar)
        if Bar not in self._finders:
            self._learn(Bar)
        return self._events[Bar].of_kind_alone(bar, str(bar.timeframe), bar.symbol)

    def false_count(self, prepared: Prepared) -> int:
        """For how many events of its trigger the rule's condition was false.

        Events outside its `during` window count: for them the rule did not match either.
        """
        fired = 0
        for event_type, events in self._events.items():
            if prepared.rule is not None:
                if family_of(prepared.rule.trigger) is FAMILIES.get(event_type):
                    trigger = prepared.rule.trigger
                    kinds = kinds_of(prepared.rule)
                    fired += events.seen(kinds or (), symbols_for(trigger), narrow=kinds is not None)
            elif prepared.event_type is not None and issubclass(event_type, prepared.event_type):
                fired += events.seen((), None, narrow=True)
        return fired - prepared.true_or_unknown

    def _learn(self, event_type: type) -> Callable[[Any], Candidates]:
        """Sorts the rules for events of a type, at the index's making or at the first such event."""
        known, family = _known(event_type)
        # What triggers name has slots of its own, also where a condition rules it out: `false_count` sums them.
        groups = _groups(self._scopes, (), family)
        for rule in self._rules.values():
            _name_groups(groups, rule, family)
        for entry in self._opaque:
            wanted = entry.prepared.event_type
            if wanted is not None and issubclass(event_type, wanted):
                groups.setdefault(_OPAQUE, []).append(entry)
        attributes = _ATTRIBUTES.get(known, frozenset()) if known is not None else frozenset()
        return self._keep(event_type, _Events(groups, attributes), family)

    def _keep(self, event_type: type, events: _Events, family: Family | None) -> Callable[[Any], Candidates]:
        finder = _finder(events, family)
        self._events[event_type] = events
        self._finders[event_type] = finder
        return finder


def _known(event_type: type) -> tuple[type | None, Family | None]:
    """The type among those that rules can wait for, and its family."""
    known = next((base for base in event_type.__mro__ if base in FAMILIES), None)
    return known, None if known is None else FAMILIES[known]


def _groups(scopes: Iterable[_Scope], rules: Iterable[Prepared], family: Family | None) -> dict[_Pair, list[Entry]]:
    """What stands where for events of a family; what the triggers of `rules` name has a place, too."""
    groups: dict[_Pair, list[Entry]] = {}
    for scope in scopes:
        rule = scope.prepared.rule
        if rule is None or family is None or family_of(rule.trigger) is not family:
            continue
        entry = scope.entry()
        for pair in scope.pairs():
            groups.setdefault(pair, []).append(entry)
    for prepared in rules:
        if prepared.rule is not None:
            _name_groups(groups, prepared.rule, family)
    return groups


def _name_groups(groups: dict[_Pair, list[Entry]], rule: Rule, family: Family | None) -> None:
    if family is None or family_of(rule.trigger) is not family:
        return
    of = symbols_for(rule.trigger)
    for pair in (*((kind, None) for kind in kinds_of(rule) or ()), *((None, symbol) for symbol in of or ())):
        groups.setdefault(pair, [])


def _enabled(rules: Iterable[Prepared]) -> Iterator[Prepared]:
    return (rule for rule in rules if rule.enabled)


def _ranks_between(tried: Sequence[Prepared], known: Mapping[int, float]) -> dict[int, float] | None:
    """Ranks for rules of which some have one: the new ones lie between. None where the known are out of order.

    Floats between two others run out after some fifty halvings: then, too, all ranks are to be given anew.
    """
    ranks: dict[int, float] = {}
    waiting: list[Prepared] = []
    last = -1.0
    for rule in tried:
        rank = known.get(id(rule))
        if rank is None:
            waiting.append(rule)
            continue
        if rank <= last:
            return None
        for number, new in enumerate(waiting, 1):
            ranks[id(new)] = last + (rank - last) * number / (len(waiting) + 1)
        waiting.clear()
        ranks[id(rule)] = last = rank
    for number, new in enumerate(waiting, 1):
        ranks[id(new)] = last + number
    values = [ranks[id(rule)] for rule in tried]
    return ranks if all(one < other for one, other in pairwise(values)) else None


def _finder(events: _Events, family: Family | None) -> Callable[[Any], Candidates]:
    """How the candidates of an event are found, by what makes out its kind and its symbol."""
    match family:
        case Family.SIGNAL:
            return events.signal
        case Family.PRICE:
            return lambda event: events.of_kind(event, None if event.size is None else "volume", event.symbol)
        case Family.BAR:
            return lambda event: events.of_kind(event, str(event.timeframe), event.symbol)
        case Family.POSITION | Family.ORDER:
            return lambda event: events.of_kind(event, event.moment.value, event.symbol)
        case Family.CLOCK:
            return lambda event: events.of_kind(event, event.schedule, event.symbol or NO_SYMBOL)
        case Family.BROKER:
            return lambda event: events.of_kind(event, event.event.value, None)
        case _:
            return lambda event: events.of_kind(event, None, None)


def _scope(prepared: Prepared, rank: float) -> _Scope | None:
    """What the rule demands; None when no event can meet it."""
    rule = prepared.rule
    assert rule is not None
    # a signal's kind is a word that the condition may narrow; that of other events is known by the trigger alone
    names = {"symbol": symbols_for(rule.trigger)}
    if isinstance(rule.trigger, SignalTrigger):
        names["signal"] = kinds_of(rule)
    demanded = {name: None if texts is None else frozenset(texts) for name, texts in names.items()}
    left = []
    narrows = family_of(rule.trigger) not in _WITHOUT_SYMBOL
    for conjunct in conjuncts(rule.condition):
        for name, before in demanded.items() if narrows else ():
            texts = texts_demanded(conjunct, name)
            if texts is not None:
                demanded[name] = texts if before is None else before & texts
                break
        else:
            left.append(conjunct)
    if any(texts is not None and not texts for texts in demanded.values()):
        return None
    kinds = _in_order(demanded["signal"]) if "signal" in demanded else kinds_of(rule)
    return _Scope(prepared, rank, kinds, _in_order(demanded["symbol"]), tuple(left), narrows)


def _in_order(texts: frozenset[str] | None) -> tuple[str, ...] | None:
    return None if texts is None else tuple(sorted(texts))


def _within_bounds(scopes: Sequence[_Scope], most_pairs: int) -> list[_Scope]:
    """The scopes in order; the largest ask for their symbols in their condition once there are too many pairs."""
    total = 0
    bounded = []
    for scope in sorted(scopes, key=lambda scope: (scope.count(), scope.rank)):
        total += scope.count()
        if total > most_pairs and scope.symbols is not None and scope.narrows:
            members = tuple(Symbol(symbol) for symbol in scope.symbols)
            listed = Member(EventName("symbol", Kind.SYMBOL), members)
            bounded.append(attrs.evolve(scope, symbols=None, left=(listed, *scope.left)))
        else:
            bounded.append(scope)
    return sorted(bounded, key=lambda scope: scope.rank)
