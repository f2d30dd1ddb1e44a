"""Stops that the broker holds otherwise than asked for, and commissions that come late."""

from __future__ import annotations

import attrs

from rulec.runtime.broker.port import (
    AskOrder,
    Execution,
    Modify,
    OrderSide,
    Place,
    TimeInForce,
    WireStatus,
)
from rulec.runtime.core.records import FillRecord
from rulec.runtime.numbers import to_micros
from rulec.tests.support.scripted import SECOND, TEN, Scripted, bought

HOUR = 3600.0


def keep_for_today(broker: Scripted, role: str) -> None:
    """The broker makes a DAY order of one that was sent to stand (10349)."""
    order = broker.working(role)[0]
    order.spec = attrs.evolve(order.spec, time_in_force=TimeInForce.DAY)
    broker.tell(order.echo())


def test_a_stop_that_the_broker_holds_for_today_only_is_made_to_stand_in_its_place() -> None:
    broker = bought()
    keep_for_today(broker, "stop")
    assert [order.spec.time_in_force for order in broker.working("stop")] == [TimeInForce.GTC]
    assert len(broker.sent(Place)) == 1, "no moment without a stop, and none with two"
    assert len(broker.sent(Modify)) == 1


def test_a_target_that_the_broker_holds_for_today_only_is_made_to_stand() -> None:
    broker = bought()
    keep_for_today(broker, "target")
    assert [order.spec.time_in_force for order in broker.working("target")] == [TimeInForce.GTC]


def test_a_broker_that_insists_on_today_is_not_flooded_and_the_shares_are_not_left_to_chance() -> None:
    broker = bought("on signal OUT -> exit")
    broker.keeps_for_the_day = True
    stop = broker.working("stop")[0]
    stop.spec = attrs.evolve(stop.spec, time_in_force=TimeInForce.DAY)
    broker.tell(stop.echo())
    broker.wait(9)
    assert broker.said("for today only")
    assert len(broker.sent(Modify)) < 10
    assert broker.sizes("stop") == [100]
    broker.wait(2)
    assert broker.sizes("exit") == [100], "a stop that ends today counts as missing"


def test_every_stop_and_target_is_asked_about_before_each_open() -> None:
    broker = bought()
    broker.commands.clear()
    broker.wait(23.45 * HOUR)
    protecting = {order.spec.order_id for order in (*broker.working("stop"), *broker.working("target"))}
    assert {command.order_id for command in broker.sent(AskOrder)} == protecting
    broker.commands.clear()
    broker.wait(24 * HOUR)
    assert {command.order_id for command in broker.sent(AskOrder)} == protecting


def test_a_stop_that_ended_in_the_night_is_back_before_the_open() -> None:
    broker = bought()
    broker.wait(12 * HOUR)
    broker.lose("stop")
    broker.wait(11.45 * HOUR)
    assert broker.now < TEN + round(23.5 * HOUR) * SECOND
    assert broker.sizes("stop") == [100]


def test_the_check_before_the_open_goes_on_after_the_broker_was_away() -> None:
    broker = bought()
    broker.disconnect()
    broker.wait(24 * HOUR)
    broker.connect()
    broker.commands.clear()
    broker.wait(24 * HOUR)
    assert broker.sent(AskOrder)


def test_a_commission_that_comes_after_its_fill_is_booked_once_and_fills_nothing() -> None:
    broker = bought("on signal OUT -> exit")
    fills = len(broker.of(FillRecord))
    opened = next(event for _, _, event, _, _ in broker.journal.rows if isinstance(event, Execution))
    for _ in range(2):
        broker.tell(attrs.evolve(opened, commission=to_micros(1.0)))
    assert len(broker.of(FillRecord)) == fills
    assert broker.engine.desk.portfolio.commission == to_micros(1.0)
    broker.tell(opened)  # told again after a reconnection, without its commission
    broker.signal("OUT")
    broker.fill("exit", 100, 151.0, commission=0.5)
    assert broker.closings() == [("AAPL", "exit", 98.5)]


def test_a_commission_that_comes_after_the_trade_is_over_is_still_booked() -> None:
    broker = bought("on signal OUT -> exit")
    broker.signal("OUT")
    broker.fill("exit", 100, 151.0)
    last = [event for _, _, event, _, _ in broker.journal.rows if isinstance(event, Execution)][-1]
    broker.tell(attrs.evolve(last, commission=to_micros(1.0)))
    assert broker.engine.desk.realised() == to_micros(99.0)
    assert broker.engine.desk.portfolio.cash == to_micros(100_099.0)


def test_a_correction_takes_the_place_of_its_execution_with_its_own_commission() -> None:
    broker = bought()
    opened = next(event for _, _, event, _, _ in broker.journal.rows if isinstance(event, Execution))
    broker.tell(attrs.evolve(opened, commission=to_micros(1.0)))
    base = opened.execution_id.rpartition(".")[0]
    corrected = attrs.evolve(opened, execution_id=f"{base}.02", price=to_micros(149.5))
    broker.tell(corrected)
    broker.tell(attrs.evolve(corrected, commission=to_micros(1.0)))
    trade = broker.trade()
    assert trade is not None
    assert (trade.average, trade.commission, trade.held) == (149.5, to_micros(1.0), 100)


def test_an_inactive_order_is_asked_about_and_counts_as_alive_until_then() -> None:
    broker = bought()
    stop = broker.working("stop")[0]
    broker.silent = True
    broker.tell(stop.echo(status=WireStatus.INACTIVE))
    assert broker.engine.desk.orders[stop.spec.order_id].is_in_doubt
    assert broker.sent(AskOrder)[-1].order_id == stop.spec.order_id
    assert len(broker.sent(Place)) == 1
    broker.silent = False
    broker.tell(stop.echo())
    assert broker.sizes("stop") == [100]


def test_an_order_of_ours_on_the_other_side_of_a_short_covers_it() -> None:
    broker = Scripted("on signal SELL -> enter short 100 stop $5 away target $10 away")
    broker.connect()
    broker.quote(149.99, 150.0)
    broker.signal("SELL")
    broker.fill("main", 100, 149.99)
    assert [order.spec.side for order in broker.working("stop")] == [OrderSide.BUY]
    broker.by_hand(OrderSide.BUY, 30, 149.0)
    assert (broker.sizes("stop"), broker.sizes("target")) == ([70], [70])
    broker.fill("target", 70, 140.0)
    assert broker.net["AAPL"] == 0
    assert broker.working() == []
