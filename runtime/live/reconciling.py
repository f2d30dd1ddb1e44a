"""The start of a run at a broker: what the broker holds is matched with our books before the first rule runs.

    messages of the first snapshot -> engine -> questions, repairs -> answers -> … -> nothing is unanswered

Market data and signals that come meanwhile wait. Where the broker leaves a question open for too long the run begins
all the same: what is unknown stays unknown, and its symbol takes no entries.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import attrs

from ..broker.port import (
    ForeignExecution,
    OrderMissing,
    OrderUpdate,
    PositionReport,
    StrayOrder,
    WireStatus,
)
from ..core.engine import Engine, Input
from ..core.records import FillRecord, OrderRecord, OrderState, Record
from ..event.inputs import Bar, Price, Quote
from ..numbers import MICROS, to_float
from ..order.working import WorkingOrder
from ..trade.state import Trade
from .inbox import Arrival, EventInbox, FromBroker
from .session import Session

LONGEST = 15 * MICROS
"""Microseconds for which the broker's answers are waited for."""

_LONGEST_CLOSE = 10 * MICROS
_LOOK_AGAIN = 0.01  # seconds

_WORKING = (WireStatus.PRE_SUBMITTED, WireStatus.SUBMITTED, WireStatus.PENDING_SUBMIT, WireStatus.PENDING_CANCEL)


@attrs.define
class Found:
    """What the broker told at the start, and what came of it."""

    working: set[str] = attrs.Factory(set)
    missing: set[str] = attrs.Factory(set)
    strays: list[StrayOrder] = attrs.Factory(list)
    foreign_executions: int = 0
    held: dict[str, int] = attrs.Factory(dict)
    records: list[Record] = attrs.Factory(list)
    is_complete: bool = False

    def hear(self, event: Input) -> None:
        match event:
            case OrderUpdate():
                (self.working.add if event.status in _WORKING else self.working.discard)(event.order_id)
            case OrderMissing():
                self.missing.add(event.order_id)
            case StrayOrder():
                self.strays.append(event)
            case ForeignExecution():
                self.foreign_executions += 1
            case PositionReport():
                self.held[event.symbol] = event.quantity
            case _:
                pass


async def reconcile(session: Session, inbox: EventInbox, now: Callable[[], int]) -> Found:
    """Handles what the broker says until nothing is unanswered; the rest is put back, in its order."""
    found = Found()
    engine = session.sequencer.engine
    waiting: list[Arrival] = []

    def note(event: Input, records: Sequence[Record]) -> None:
        found.hear(event)
        found.records += records

    session.sequencer.sinks.append(note)
    end = now() + LONGEST
    try:
        while inbox.stop_reason is None:
            for arrival in inbox.take():
                if isinstance(arrival, FromBroker) and not isinstance(arrival.event, Quote | Price | Bar):
                    session.take(arrival.event, now())
                else:
                    waiting.append(arrival)
            session.run_timers(now())
            found.is_complete = is_reconciled(engine)
            if found.is_complete or now() >= end:
                break
            due = session.next_due()
            until = end if due is None else min(end, due)
            await inbox.wait(max(0.0, (until - now()) / MICROS))
    finally:
        session.sequencer.sinks.remove(note)
        inbox.put_back(waiting)
    return found


async def see_through(session: Session, inbox: EventInbox, now: Callable[[], int]) -> None:
    """Before a run is left: goes on with closes that are under way, for a while.

    They have taken stops away, and whoever ended the run then would leave shares bare. Nothing new is decided: signals
    and prices are passed over.
    """
    desk = session.sequencer.engine.desk
    end = now() + _LONGEST_CLOSE
    while desk.connected and now() < end and any(_takes_stops_away(trade) for trade in desk.trades.values()):
        for arrival in inbox.take():
            if isinstance(arrival, FromBroker) and not isinstance(arrival.event, Quote | Price | Bar):
                session.take(arrival.event, now())
        session.run_timers(now())
        await asyncio.sleep(_LOOK_AGAIN)


def _takes_stops_away(trade: Trade) -> bool:
    """Whether shares are on their way out, whole or in part, and their stops with them."""
    return trade.held > 0 and (trade.closing is not None or bool(trade.exits))


def is_reconciled(engine: Engine) -> bool:
    """Whether the broker is there and every question about our orders and trades is answered."""
    desk = engine.desk
    if not desk.connected:
        return False
    return all(trade.synced for trade in desk.trades.values()) and all(
        order.is_settled for order in desk.orders.values()
    )


def told(found: Found, engine: Engine) -> list[str]:
    """What was found and what was repaired, a line each, for the person who started the run."""
    lines = []
    desk = engine.desk
    fills = [record for record in found.records if isinstance(record, FillRecord)]
    seen = []
    if found.working:
        seen.append(_count(len(found.working), "order of ours works", "orders of ours work"))
    if fills:
        seen.append(_count(len(fills), "execution was not known here", "executions were not known here"))
    if found.foreign_executions:
        seen.append(
            _count(found.foreign_executions, "execution was somebody else's", "executions were somebody else's")
        )
    if found.missing:
        seen.append(_count(len(found.missing), "order is not there any more", "orders are not there any more"))
    if found.strays:
        seen.append(_count(len(found.strays), "order has no trade", "orders have no trade"))
    lines.append(f"at the broker: {', '.join(seen) if seen else 'no order of ours'}")
    lines += [_trade(trade) for trade in desk.trades.values()]
    for symbol, quantity in sorted(found.held.items()):
        foreign = quantity - desk.portfolio.quantity(symbol)
        if foreign:
            lines.append(
                f"{symbol}: {foreign:+d} shares are not rulec's: they are left alone, and it enters nothing there"
            )
    repaired = [
        record for record in found.records if isinstance(record, OrderRecord) and record.status is OrderState.SUBMITTED
    ]
    lines += [f"repaired: {_order(record)} placed" for record in repaired]
    if not found.is_complete:
        lines.append("the broker has not answered everything: what is unknown stays so, and takes no entries")
    return lines


def _trade(trade: Trade) -> str:
    stops = [_stop(order) for order in trade.alive_orders() if not order.opens and order.spec.stop_price is not None]
    protection = f"stop {', '.join(dict.fromkeys(stops))}" if stops else "no stop"
    return f"{trade.symbol}: {'long' if trade.sign > 0 else 'short'} {trade.held}, {protection}"


def _stop(order: WorkingOrder) -> str:
    price = order.spec.stop_price
    return "" if price is None else f"{to_float(price):g}"


def _order(record: OrderRecord) -> str:
    price = record.stop_price if record.stop_price is not None else record.limit_price
    at = "" if price is None else f" at {to_float(price):g}"
    return f"{record.role} {record.side.value} {record.quantity} {record.symbol}{at}"


def _count(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"
