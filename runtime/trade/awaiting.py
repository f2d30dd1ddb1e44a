"""What waits: an action of the entering rule for the entry's fill, an entry decided at the close for the next open, at
a broker one of a symbol just met for its first quote.

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
from .reference import may_get_a_quote
from .state import OpenEntry, Origin


def waits_for_open(desk: Desk, event: object) -> bool:
    """Whether an entry on this event is to wait: a bar that ended with its session, and the next has not begun."""
    if not isinstance(event, Bar) or not event.regular or desk.hours.is_open(desk.now):
        return False
    session = desk.hours.session(event.end - 1)
    return session is not None and session.close == event.end and desk.now < desk.hours.next_open(event.end - 1)


def waits_for_quote(desk: Desk, action: Enter | Reverse, event: object) -> bool:
    """Whether an entry is to wait: at a broker, for the first quote of a symbol whose data was just asked for."""
    symbol = symbol_of(desk, action.symbol, event)
    if symbol is None or not may_get_a_quote(desk, symbol):
        return False
    desk.subscribe(symbol)
    return desk.now < quote_due(desk, symbol) and desk.can_trade(symbol)


def quote_due(desk: Desk, symbol: str) -> int:
    """When the first quote of a symbol must have come, microseconds since 1970 UTC."""
    return desk.subscribed[symbol] + desk.policy.first_quote_within


def on_quote(desk: Desk, symbol: str) -> None:
    """The first quote of a symbol is there, or it is known that there will be none: what waited for it goes on."""
    entry = desk.open_entries.get(symbol)
    if entry is not None and entry.awaits_quote:
        del desk.open_entries[symbol]
        desk.timers.cancel(("open entry", symbol))
        desk.ready.append(entry)


def await_open(desk: Desk, action: Enter | Reverse, origin: Origin) -> Done:
    """Keeps an entry for the next open. A later one of the same symbol takes its place."""
    return _keep(desk, action, origin, awaits_quote=False)


def await_quote(desk: Desk, action: Enter | Reverse, origin: Origin) -> Done:
    """Keeps an entry for the first quote of its symbol. A later one of the same symbol takes its place."""
    return _keep(desk, action, origin, awaits_quote=True)


def _keep(desk: Desk, action: Enter | Reverse, origin: Origin, *, awaits_quote: bool) -> Done:
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
    desk.open_entries[symbol] = OpenEntry(symbol, action, origin, held, awaits_quote)
    due = quote_due(desk, symbol) if awaits_quote else desk.hours.next_open(desk.now)
    desk.timers.start(("open entry", symbol), due)
    return Done(Outcome.ARMED)
