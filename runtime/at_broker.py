"""Puts an engine, a real broker and a journal together: what `run --broker ib://…` drives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import attrs

from .broker.port import Broker
from .calling import Calls
from .core.engine import Engine, Input
from .core.records import Record
from .core.sequencer import ForgetfulJournal, Journal, Sequencer, Sink
from .core.situation import equity
from .core.summary import Summary, Tally
from .event.inputs import Signal
from .live.session import BrokerSession
from .market.hours import HOURS, Hours
from .numbers import to_micros
from .port import Port
from .rule.registered import RegisteredAction
from .times import DAY, MINUTE

_COMPARED = 7 * DAY
"""How far ahead hours are compared: a contract's details tell about a week."""


@attrs.frozen(eq=False)
class BrokerRun:
    """A session at a broker, ready to be driven, and its tally."""

    session: BrokerSession
    engine: Engine
    tally: Tally

    def summary(self) -> Summary:
        """Counts and realised P&L of the run, and the account's equity as it is known."""
        return summary_of(self.engine, self.tally)


def summary_of(engine: Engine, tally: Tally) -> Summary:
    """What a run came to."""
    worth = equity(engine.desk)
    return tally.summary(engine.desk.realised(), engine.desk.portfolio.cash if worth is None else to_micros(worth))


def follow_calls(engine: Engine, actions: Mapping[str, RegisteredAction] | None) -> list[Sink]:
    """Lets rules `call` these actions; answers whoever must follow the engine's steps for that."""
    if actions is None:
        return []
    port = Port(engine)
    engine.actions.call = Calls(actions, port)
    return [port.after_step]


def assemble(
    engine: Engine, broker: Broker, journal: Journal | None, followers: Sequence[Sink], tally: Tally | None = None
) -> BrokerRun:
    """An engine at a broker. `tally` counts on where the run goes on after a stop."""
    counted = Tally() if tally is None else tally

    def count(event: Input, records: Sequence[Record]) -> None:
        if isinstance(event, Signal):
            counted.count_signal()
        for record in records:
            counted.count(record)

    sequencer = Sequencer(engine, broker, journal or ForgetfulJournal(), [count, *followers])
    return BrokerRun(BrokerSession(sequencer), engine, counted)


@attrs.frozen
class KnownHours:
    """Hours by the name that a journal keeps, and a word on contracts whose own differ from them."""

    name: str
    hours: Hours
    differing: tuple[str, ...] = ()


def known_hours(of: Callable[[str], Hours | None], symbols: Sequence[str], now: int) -> KnownHours:
    """The hours that the contracts of these symbols trade in.

    Contracts tell theirs a few days ahead; the calendar that agrees with them goes on from there. Round the clock
    counts only where all of them are open round the clock.
    """
    told = {symbol: hours for symbol in symbols if (hours := of(symbol)) is not None}
    moments = range(now - now % MINUTE, now + _COMPARED, 15 * MINUTE)
    always = bool(told) and all(all(map(hours.is_open, moments)) for hours in told.values())
    name = "always" if always else "nyse"
    calendar = HOURS[name]()
    differing = tuple(
        symbol
        for symbol, hours in told.items()
        if not always and any(hours.is_open(moment) != calendar.is_open(moment) for moment in moments)
    )
    return KnownHours(name, calendar, differing)
