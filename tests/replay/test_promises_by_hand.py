"""What is promised of orders that a Python program places on a trade: they are part of it and go through the gate."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from rulec.dsl.compile import compile_text
from rulec.runtime.app import Runtime
from rulec.runtime.context import running
from rulec.runtime.core.records import ActionOutcome, FillRecord, OrderRecord, Outcome
from rulec.runtime.event.inputs import Price, Signal
from rulec.runtime.order.base import OrderType
from rulec.runtime.rule.action import complete_now
from rulec.runtime.rule.linked_order_actions import LinkedCreateOrderAction

TEN = 1_767_625_200_000_000  # 10:00 in New York on Monday, 2026-01-05
SECOND = 1_000_000
ENTER = "on signal BUY -> enter long 100 stop 3% target 4% for 50% target 8% for 50%"


@attrs.define
class Desk:
    """A runtime with what came of it."""

    runtime: Runtime
    records: list[Any]

    def tick(self, second: float, price: float) -> None:
        self.runtime.handle(Price(TEN + round(second * SECOND), "AAPL", price))

    def signal(self, second: float) -> None:
        self.runtime.handle(Signal(TEN + round(second * SECOND), "AAPL", "BUY", 0.9))

    def place(self, **order: Any) -> ActionOutcome:
        """Places an order by hand."""
        given = {"symbol": "AAPL", "quantity": 30, "side": "SELL", **order}
        with running(self.runtime):
            return complete_now(LinkedCreateOrderAction(**given).execute({}))

    def working(self, role: str) -> list[tuple[int, float | None]]:
        """Quantity and price of the working orders of a role."""
        latest = {one.id: one for one in self.records if isinstance(one, OrderRecord)}
        alive = [one for one in latest.values() if one.role == role and one.status.value in ("submitted", "modified")]
        prices = [one.limit_price if one.stop_price is None else one.stop_price for one in alive]
        return sorted(
            (one.quantity, None if price is None else price / 1_000_000)
            for one, price in zip(alive, prices, strict=True)
        )

    @property
    def net(self) -> int:
        return sum(one.quantity * one.side.sign for one in self.records if isinstance(one, FillRecord))


@pytest.fixture
def desk() -> Desk:
    """A runtime whose one rule enters on BUY."""
    plan = compile_text(ENTER, "by_hand.rules").plan
    assert plan is not None
    records: list[Any] = []
    made = Desk(Runtime(plan.rules, sinks=[lambda event, found: records.extend(found)]), records)
    made.tick(0, 150.0)
    return made


@pytest.fixture
def held(desk: Desk) -> Desk:
    """The same, with 100 shares held at 150."""
    desk.signal(1)
    desk.tick(2, 150.0)
    return desk


def test_an_order_on_the_closing_side_takes_the_place_of_a_target_and_sells_no_more_than_is_held(held: Desk) -> None:
    done = held.place(link_type="hedge", quantity=50, order_type=OrderType.LIMIT, limit_price=154.0)
    assert done.outcome is Outcome.ACTED
    assert (held.working("hedge"), held.working("target")) == ([(50, 154.0)], [(50, 156.0)])
    assert held.place(link_type="hedge", quantity=900).outcome is Outcome.ACTED
    held.tick(3, 150.0)
    assert held.net == 0 and held.runtime.context_view() == {}


def test_an_order_on_the_opening_side_adds_to_the_trade_as_a_bracket(held: Desk) -> None:
    held.place(side="BUY", link_type="extra")
    assert held.working("stop") == [(30, 145.5), (50, 145.5), (50, 145.5)]
    held.tick(3, 150.0)
    assert held.net == 130
    assert len(held.runtime.context_view()["AAPL"]["extra_orders"]) == 1


def test_without_a_trade_there_is_nothing_to_place_an_order_for(desk: Desk) -> None:
    for side in ("BUY", "SELL"):
        assert desk.place(side=side, link_type="hedge").outcome is not Outcome.ACTED
    desk.tick(1, 150.0)
    assert desk.net == 0
    assert not any(isinstance(record, OrderRecord) for record in desk.records)


@pytest.mark.parametrize(
    ("price", "outcome", "stop"),
    [(147.0, Outcome.ACTED, 147.0), (144.0, Outcome.IGNORED, 145.5), (150.0, Outcome.IGNORED, 145.5)],
)
def test_a_stop_is_never_moved_back_nor_to_the_market(held: Desk, price: float, outcome: Outcome, stop: float) -> None:
    done = held.place(link_type="stop", order_type=OrderType.STOP, stop_price=price)
    assert done.outcome is outcome
    held.tick(3, 150.0)
    assert held.working("stop") == [(50, stop), (50, stop)]
