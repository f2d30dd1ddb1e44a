"""The market and the time in lockstep: one step after the other, each where what clients answer must take effect."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .driving import Driver
from .gateway import Gateway
from .lockstep import Step, StepKind

NextTimer = Callable[[], "int | None"]


def steps(gateway: Gateway, driver: Driver, next_timer: NextTimer) -> Iterator[Step]:
    """Releases events to the end of the last session; a pause lies wherever the exchange waits for answers.

    `next_timer` answers when the next timer of a client is due (microseconds since 1970 UTC). At one instant the
    market comes first, then what is due at the gateway, then the timers of clients: the order of the simulator.
    """
    told: int | None = None
    while True:
        market_due = driver.market.next_due()
        limit = driver.end() if market_due is None else market_due - 1
        own, theirs = gateway.next_due(), next_timer()
        if theirs is not None and theirs == told:
            theirs = None  # of this moment they were told, and have nothing new for it
        if own is not None and own <= limit and (theirs is None or own <= theirs):
            before = _messages(gateway)
            gateway.on_time(driver.move_to(own))
            if _messages(gateway) != before:
                told = None
                yield Step(StepKind.PAUSE, driver.now())
        elif theirs is not None and theirs <= limit:
            told = theirs
            driver.move_to(theirs)
            yield Step(StepKind.TIME, driver.now())
        elif market_due is None:
            return
        else:
            told = None
            for time, event in driver.take():
                for _ in gateway.market(event, time):
                    yield Step(StepKind.PAUSE, time)
                yield Step(StepKind.MARKET, time)


def _messages(gateway: Gateway) -> int:
    return sum(each.sent for each in gateway.sessions())
