"""A run that is ended while it closes a trade sees the close through: the stops are gone already."""

from __future__ import annotations

import asyncio
from itertools import count

from rulec.runtime.live.inbox import EventInbox
from rulec.runtime.live.reconciling import see_through
from rulec.runtime.live.session import BrokerSession
from rulec.tests.support.scripted import SECOND, Scripted, bought

OUT = "on signal OUT -> exit"


def leave(broker: Scripted, *, fills: bool) -> int:
    """Ends the run; answers how many seconds of its clock passed."""
    start = broker.sequencer.now
    ticks = count()

    async def left() -> None:
        leaving = asyncio.ensure_future(
            see_through(BrokerSession(broker.sequencer), EventInbox(), lambda: start + next(ticks) * SECOND // 10)
        )
        await asyncio.sleep(0.03)
        if fills:
            broker.fill("exit", 100, 150.0)
        await leaving

    asyncio.run(left())
    return next(ticks) // 10


def test_a_run_with_a_protected_trade_is_left_at_once() -> None:
    broker = bought(OUT)
    assert leave(broker, fills=False) == 0
    assert broker.sizes("stop") == [100]


def test_a_close_under_way_is_waited_for() -> None:
    broker = bought(OUT)
    broker.signal("OUT")
    assert broker.sizes("stop") == []
    assert leave(broker, fills=True) < 10
    assert broker.trade() is None


def test_a_close_that_does_not_fill_is_waited_for_ten_seconds() -> None:
    broker = bought(OUT)
    broker.signal("OUT")
    assert leave(broker, fills=False) >= 10
    assert broker.sizes("exit") == [100]
