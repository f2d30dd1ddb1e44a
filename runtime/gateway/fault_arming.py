"""What the kinds of faults share: how often one happens, and what they need of the gateway that suffers them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import attrs

from ..broker.exchange import Exchange, ExchangeEvent, Order
from .fault_specs import Fault
from .replies import Reply


class Governed(Protocol):
    """What faults need of a gateway; `Gateway` is one."""

    @property
    def exchange(self) -> Exchange: ...
    def settle(self, now: int) -> None: ...
    def tell_all(self, replies: Sequence[Reply], now: int) -> None: ...
    def tell_client(self, client_id: int, replies: Sequence[Reply], now: int) -> None: ...
    def tell_events(self, events: Sequence[ExchangeEvent], now: int) -> None: ...
    def place_by_hand(self, order: Order, now: int) -> object: ...
    def lose_market_data(self, now: int) -> None: ...
    def close(self, session: int) -> None: ...


@attrs.define
class Armed:
    """A fault in force, and how many occasions it still lets pass or spoils."""

    fault: Fault
    skip: int
    times: int

    @classmethod
    def of(cls, fault: Fault) -> Armed:
        return cls(fault, fault.skip, fault.times)

    @property
    def is_used_up(self) -> bool:
        return self.times <= 0

    def takes(self) -> bool:
        """One more occasion: whether the fault happens on it."""
        if self.skip > 0:
            self.skip -= 1
            return False
        self.times -= 1
        return True


def repeat(fault: Fault, arm: Callable[[Callable[[Order], bool]], None]) -> None:
    """Arms a fault of orders; once it has happened it arms itself again, as often as was asked for."""
    armed = Armed.of(fault)

    def fits(order: Order) -> bool:
        if not fault.order.fits(order) or not armed.takes():
            return False
        if not armed.is_used_up:
            arm(fits)
        return True

    arm(fits)
