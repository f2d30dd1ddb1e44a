"""What a rule's actions wait for: the entry of their rule to be sent, or to be complete; the next open.

Whatever waited is done with a decision of its own. If it comes to nothing, the rule's actions after it are not done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import attrs

from ...dsl.plan import (
    Action,
    CancelOrders,
    DoubleDown,
    Exit,
    MoveStop,
    MoveStopToBreakeven,
    MoveTarget,
    PlaceOrder,
    Reverse,
    ScaleIn,
    TrailStop,
)
from ..rule.counters import Counted, Counters
from ..trade.desk import Desk
from ..trade.opening import enter, reverse
from ..trade.outcome import decide, symbol_of, symbol_of_event
from ..trade.state import OpenEntry, Origin, Trade, WaitingAction
from .records import Outcome
from .rules import STOPPING, Perform, Progress, outcome_of

# After `enter`, these need the position: they wait for its fill.
_NEED_THE_POSITION = (Exit, Reverse, MoveStop, MoveStopToBreakeven, MoveTarget, TrailStop, PlaceOrder)
# After `enter` or `reverse`, these are about the trade that it enters.
_ABOUT_THE_TRADE = (*_NEED_THE_POSITION, ScaleIn, DoubleDown, CancelOrders)


def holds_back(desk: Desk, action: Action, origin: Origin, number: int, progress: Progress) -> bool:
    """Keeps an action for later that is about the trade which an earlier one of its rule enters."""
    symbol = progress.symbol
    if symbol is None or not progress.has_entered or not isinstance(action, _ABOUT_THE_TRADE):
        return False
    if not isinstance(action, ScaleIn | DoubleDown) and symbol_of(desk, action.symbol, origin.event) != symbol:
        return False
    entry = desk.open_entries.get(symbol)
    trade = desk.trades.get(symbol)
    if entry is not None and entry.origin is origin:
        entry.followers.append((number, action))
        return True
    if trade is None:
        return False
    if trade.second_half is not None and trade.second_half.origin is origin:
        trade.second_half.followers.append((number, action))
        return True
    if isinstance(action, _NEED_THE_POSITION) and not trade.complete:
        trade.waiting.append(WaitingAction(action, origin, number))
        return True
    return False


@attrs.define(eq=False)
class Waiting:
    """Does what has waited.

    Attributes:
        perform: does an action, as for a rule that is running.
        rule_of: the rule with an identity, as far as it is counted; None where it is gone.
    """

    desk: Desk
    counters: Counters
    perform: Perform
    rule_of: Callable[[str], Counted | None]

    def carry_out(self) -> None:
        """Does what waits no longer: actions whose entry is complete, entries whose session has begun."""
        ready = self.desk.ready
        while ready:
            found = ready.pop(0)
            if isinstance(found, OpenEntry):
                self._enter(found)
            elif self.desk.trades.get(found.symbol) is found:
                self._act_on(found)

    def _act_on(self, trade: Trade) -> None:
        waiting, trade.waiting = trade.waiting, []
        given_up: set[str] = set()  # rules of which an earlier action came to nothing
        for each in waiting:
            if each.origin.identity in given_up:
                continue
            progress = Progress(symbol=trade.symbol)
            if self._do(trade.symbol, each.action, each.origin, each.number, progress) in STOPPING:
                given_up.add(each.origin.identity)

    def _do(self, symbol: str, action: Action, origin: Origin, number: int, progress: Progress) -> Outcome:
        """Does an action that has waited; one that is armed once more decides later."""
        place = len(self.desk.records)
        done = self.perform(action, origin, number, progress)
        if done.outcome is not Outcome.ARMED:
            decide(self.desk, symbol, origin, done, place)
        return done.outcome

    def _enter(self, entry: OpenEntry) -> None:
        place = len(self.desk.records)
        if isinstance(entry.action, Reverse):
            done = reverse(self.desk, entry.action, entry.origin, entry.held)
        else:
            done = enter(self.desk, entry.action, entry.origin)
        decide(self.desk, entry.symbol, entry.origin, outcome_of(entry.action, done), place)
        if not done.acted:
            return
        rule = self.rule_of(entry.origin.identity)
        if rule is not None:
            self.counters.count(rule, symbol_of_event(entry.origin.event), self.desk.now)
        self.follow(entry.symbol, entry.origin, entry.followers)

    def follow(self, symbol: str, origin: Origin, followers: Iterable[tuple[int, Action]]) -> None:
        """Does the actions of a rule that waited for its entry to be sent."""
        progress = Progress(symbol=symbol, has_entered=True)
        for number, action in followers:
            if self._do(symbol, action, origin, number, progress) in STOPPING:
                return
