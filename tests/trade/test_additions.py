"""What is added to a trade goes with the first target that is unfilled, also where that changes while it waits."""

from __future__ import annotations

from rulec.runtime.broker.exchange import FillMode
from rulec.runtime.broker.simulated import SimulationSettings
from rulec.runtime.core.records import OrderRecord, OrderState
from rulec.tests.trade.play import MONDAY_OPEN, Play


def targets_of(play: Play) -> dict[str, int | None]:
    """The working targets of AAPL by id, in micros."""
    last = {
        record.id: record
        for record in play.rig.records
        if isinstance(record, OrderRecord) and record.role == "target" and record.symbol == "AAPL"
    }
    over = (OrderState.FILLED, OrderState.CANCELLED)
    return {order_id: record.limit_price for order_id, record in last.items() if record.status not in over}


def test_once_the_first_target_has_filled_what_waits_and_what_is_added_goes_with_the_second() -> None:
    play = Play(SimulationSettings(equity=1_000_000.0, fill=FillMode.STANDING), MONDAY_OPEN)
    play.signal("AAPL", "BOTH_LONG")  # two targets, a double-down that rests, a scale-in at a profit of 0.8%
    play.tick("AAPL", 0.031)  # the first target fills, and the profit for the scale-in is there
    [first, *rest] = set(targets_of(play).values())
    assert rest == []
    assert first is not None
    assert first > 158_000_000
