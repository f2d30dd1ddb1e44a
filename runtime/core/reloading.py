"""What a reload does to the trades that are open: nothing of what they hold, but whose rules they meet from now on.

Pinned to a trade is what its context holds: its protection, what is armed on it, what waits for it. Conditions are
always those of the new rules. So a rule touches a trade that it entered, one that it has something armed on, and one
that it could act on when its trigger fires.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from ...dsl.plan import (
    CancelOrders,
    DoubleDown,
    Exit,
    ExitEverything,
    MoveStop,
    MoveStopToBreakeven,
    MoveTarget,
    PlaceOrder,
    Reverse,
    Rule,
    ScaleIn,
    Symbol,
    TrailStop,
    symbols_of,
)
from ..rule.conjuncts import conjuncts, texts_demanded
from ..rule.rule_set import RuleSet
from ..trade.state import Trade
from .records import ChangedRule, ReloadRecord, RuleChange, Touch, TouchedTrade

_ON_A_TRADE = (CancelOrders, Exit, MoveStop, MoveStopToBreakeven, MoveTarget, PlaceOrder, Reverse, TrailStop)
_ADDING_TO_IT = (DoubleDown, ScaleIn)


def reload_record(
    time: int, before: Sequence[Rule], after: RuleSet, trades: Mapping[str, Trade], *, limits_changed: bool
) -> ReloadRecord:
    """The plan of a reload against the open trades; times in microseconds since 1970 UTC."""
    changes = after.changes
    now = [prepared.rule for prepared in after.rules if prepared.rule is not None]
    found = [(at, _changed(RuleChange.ADDED, now[at], trades)) for at in changes.added]
    for old, at in changes.changed:
        found.append((at, _changed(RuleChange.CHANGED, now[at], trades, before[old])))
    told = [one for _, one in sorted(found, key=lambda each: each[0])]
    told += [_changed(RuleChange.REMOVED, before[old], trades) for old in changes.removed]
    return ReloadRecord(time, len(now), tuple(told), limits_changed)


def _changed(change: RuleChange, rule: Rule, trades: Mapping[str, Trade], before: Rule | None = None) -> ChangedRule:
    if not trades:
        return ChangedRule(change, rule.label, str(rule.place))
    identity = rule.identity
    touched = []
    for trade in trades.values():
        touch = _touch(rule, identity, trade)
        if touch is None and before is not None and _may_act(before, trade.symbol):
            touch = Touch.MAY_ACT  # it did before
        if touch is not None:
            touched.append(TouchedTrade(trade.id, trade.symbol, touch))
    return ChangedRule(change, rule.label, str(rule.place), tuple(touched))


def _touch(rule: Rule, identity: str, trade: Trade) -> Touch | None:
    if trade.origin.identity == identity:
        return Touch.ENTERED
    if identity in _armed(trade):
        return Touch.ARMED
    return Touch.MAY_ACT if _may_act(rule, trade.symbol) else None


def _armed(trade: Trade) -> Iterator[str]:
    """The rules that have something on a trade which is still to come."""
    origins = [each.origin for each in trade.armed]
    origins += [each.origin for each in trade.double_downs]
    origins += [each.origin for each in trade.waiting]
    origins += [each.origin for each in trade.exits]
    origins += [one.origin for one in (trade.closing, trade.waiting_exit) if one is not None]
    if trade.second_half is not None:
        origins.append(trade.second_half.origin)
    return (origin.identity for origin in origins)


def _may_act(rule: Rule, symbol: str) -> bool:
    """Whether one of the rule's actions could change a trade of a symbol, going by what is written down."""
    if not rule.enabled:
        return False
    of_the_event = symbol in _symbols(rule, symbol)
    for action in rule.actions:
        if isinstance(action, ExitEverything):
            return True
        if isinstance(action, _ADDING_TO_IT) and of_the_event:
            return True
        if isinstance(action, _ON_A_TRADE):
            named = action.symbol
            if named.name == symbol if isinstance(named, Symbol) else of_the_event:
                return True
    return False


def _symbols(rule: Rule, asked: str) -> Collection[str]:
    """The symbols that a rule's events can have, by its trigger and its condition; the one asked for where any."""
    demanded = [texts_demanded(conjunct, "symbol") for conjunct in conjuncts(rule.condition)]
    found = [texts for texts in (symbols_of(rule.trigger), *demanded) if texts is not None]
    return [symbol for symbol in (found[0] if found else (asked,)) if all(symbol in texts for texts in found)]
