"""What waits: an action of the entering rule for the entry's fill, an entry decided at the close for the next open.

An action that needs the position is done once every order of the entry has ended with shares held; it dies with the
trade. An entry that a bar delivered at the close decided is sized, priced and judged afresh at the next open; any other
entry outside the hours is refused by the gate.
"""

from __future__ import annotations

from ...dsl.plan import Enter, Reverse
from ..core.records import Outcome
from ..event.inputs import Bar
from .desk import Desk
from .opening import nothing_to_enter
from .outcome import Done, open_trade, symbol_of
from .state import OpenEntry, Origin


def waits_for_open(desk: Desk, event: object) -> bool:
    """Whether an entry on this event is to wait: a bar that ended with its session, and the next has not begun."""
    if not isinstance(event, Bar) or not event.regular or desk.hours.is_open(desk.now):
        return False
    session = desk.hours.session(event.end - 1)
    return session is not None and session.close == event.end and desk.now < desk.hours.next_open(event.end - 1)


def await_open(desk: Desk, action: Enter | Reverse, origin: Origin) -> Done:
    """Keeps an entry for the next open. A later one of the same symbol takes its place."""
    symbol = symbol_of(desk, action.symbol, origin.event)
    if symbol is None:
        return Done(Outcome.SKIPPED, "symbol unknown")
    held = 0
    if isinstance(action, Reverse):
        trade = open_trade(desk, symbol)
        if isinstance(trade, Done):
            return trade
        held = trade.held
    else:
        nothing = nothing_to_enter(desk, action, symbol)
        if nothing is not None:
            return nothing
    desk.open_entries[symbol] = OpenEntry(symbol, action, origin, held)
    desk.timers.start(("open entry", symbol), desk.hours.next_open(desk.now))
    return Done(Outcome.ARMED)
