"""The simulated broker: the port's commands in, its messages out, in order; latency, faults, a lost connection."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs
import pytest

from rulec.runtime.broker.exchange import FillMode
from rulec.runtime.broker.port import (
    AskOrder,
    AskPosition,
    Broker,
    Cancel,
    CancelRejected,
    Execution,
    Message,
    Modify,
    ModifyRejected,
    OrderMissing,
    OrderRejected,
    OrderSide,
    OrderSpec,
    OrderType,
    OrderUpdate,
    Place,
    PositionReport,
    Subscribe,
    TimeInForce,
    WireStatus,
)
from rulec.runtime.broker.simulated import SimulatedBroker, SimulationSettings
from rulec.runtime.event.inputs import Bar, BrokerLink, Fault, LinkEvent, Price, Quote

MINUTE = 60_000_000
CLOSE = 390 * MINUTE


class Hours:
    def is_open(self, now: int) -> bool:
        return now < CLOSE

    def next_open(self, now: int) -> int:
        return 1_440 * MINUTE

    def session_close(self, now: int) -> int:
        return CLOSE


def broker(**settings: Any) -> SimulatedBroker:
    return SimulatedBroker(Hours(), SimulationSettings(**settings))


def spec(order_id: str, side: OrderSide = OrderSide.BUY, quantity: int = 100, **more: Any) -> OrderSpec:
    role = order_id.rstrip("0123456789")
    kind = more.pop("order_type", OrderType.MARKET)
    force = more.pop("time_in_force", TimeInForce.DAY)
    return OrderSpec(order_id, "AAPL", side, quantity, kind, force, reference=f"rulec/1/t1/{role}/1", **more)


def limit(order_id: str, price: float, **more: Any) -> OrderSpec:
    return spec(order_id, order_type=OrderType.LIMIT, limit_price=round(price * 1e6), **more)


def bracket(quantity: int = 100, **entry: Any) -> Place:
    protection: dict[str, Any] = {"parent_id": "main", "time_in_force": TimeInForce.GTC}
    sell = OrderSide.SELL
    return Place(
        (
            spec("main", quantity=quantity, **entry),
            spec("stop", sell, quantity, order_type=OrderType.STOP, stop_price=145_500_000, **protection),
            spec("target", sell, quantity, order_type=OrderType.LIMIT, limit_price=162_000_000, **protection),
        )
    )


def price(value: float, time: int = 1) -> Price:
    return Price(time, "AAPL", value)


def play(broker: SimulatedBroker, event: Price | Quote | Bar) -> list[Message]:
    return [message for batch in batches(broker, event) for message in batch]


def batches(broker: SimulatedBroker, event: Price | Quote | Bar) -> Iterable[list[Message]]:
    for _ in broker.market(event):
        yield broker.take()
    rest = broker.take()
    if rest:
        yield rest


def short(messages: Iterable[Message]) -> list[tuple[object, ...]]:
    """Messages in brief: (order, status, filled) or (order, shares, price in currency)."""
    brief: list[tuple[object, ...]] = []
    for message in messages:
        if isinstance(message, OrderUpdate):
            brief.append((message.order_id, message.status.value, message.filled))
        elif isinstance(message, Execution):
            brief.append((message.order_id, message.quantity, message.price / 1e6))
        else:
            brief.append((type(message).__name__, *attrs.astuple(message)[:2]))
    return brief


def test_it_is_a_broker() -> None:
    port: Broker = broker()
    port.send([])


def test_the_life_of_a_bracket_that_reaches_its_target() -> None:
    sim = broker()
    sim.send([bracket()])
    assert short(sim.take()) == [("main", "Submitted", 0), ("stop", "PreSubmitted", 0), ("target", "PreSubmitted", 0)]
    assert short(play(sim, price(150.0))) == [
        ("main", 100, 150.0),
        ("main", "Filled", 100),
        ("stop", "PreSubmitted", 0),
        ("target", "Submitted", 0),
    ]
    assert short(play(sim, price(162.5))) == [
        ("target", 100, 162.5),
        ("target", "Filled", 100),
        ("stop", "Cancelled", 0),
    ]
    assert sim.exchange.ledger.accounts["DU1"].realised == 1_250_000_000


def test_an_update_echoes_the_order() -> None:
    sim = broker()
    sim.send([bracket()])
    stop = sim.take()[1]
    assert stop == OrderUpdate(
        "stop", WireStatus.PRE_SUBMITTED, 100, 0, None, 145_500_000, TimeInForce.GTC, "1", "child,trigger", 2
    )


def test_each_pause_delivers_a_batch_and_answers_come_before_the_next_fill() -> None:
    sim = broker()
    sim.send([bracket()])
    sim.take()
    seen: list[list[tuple[object, ...]]] = []
    bar = Bar(0, "AAPL", 150, 151, 144, 150, 0, MINUTE, 0, MINUTE)
    sent = False
    for batch in batches(sim, bar):
        seen.append(short(batch))
        if not sent:
            sent = True
            stop = spec(
                "stop", OrderSide.SELL, order_type=OrderType.STOP, stop_price=144_500_000, time_in_force=TimeInForce.GTC
            )
            sim.send([Modify(stop)])
    assert seen == [
        [("main", 100, 150.0), ("main", "Filled", 100), ("stop", "PreSubmitted", 0), ("target", "Submitted", 0)],
        [("stop", "PreSubmitted", 0)],
        [("stop", 100, 144.5), ("stop", "Filled", 100), ("target", "Cancelled", 0)],
    ]


def test_messages_that_nobody_takes_do_not_hold_the_market_up() -> None:
    sim = broker()
    sim.send([bracket()])
    pauses = sum(1 for _ in sim.market(price(150.0)))
    assert 1 <= pauses <= 3
    assert len(sim.take()) == 7


def test_standing_fills_in_send() -> None:
    sim = broker(fill=FillMode.STANDING)
    play(sim, Quote(1, "AAPL", 149.9, 150.1))
    sim.send([bracket()])
    assert short(sim.take())[3:] == [
        ("main", 100, 150.1),
        ("main", "Filled", 100),
        ("stop", "PreSubmitted", 0),
        ("target", "Submitted", 0),
    ]


def test_several_brackets_in_one_command_are_each_whole_before_they_fill() -> None:
    sim = broker(fill=FillMode.STANDING)
    play(sim, price(150.0))
    sim.send(
        [
            Place(
                (
                    spec("main1"),
                    spec("main2"),
                    spec("stop1", OrderSide.SELL, order_type=OrderType.STOP, stop_price=145_000_000, parent_id="main1"),
                    spec("stop2", OrderSide.SELL, order_type=OrderType.STOP, stop_price=145_000_000, parent_id="main2"),
                )
            )
        ]
    )
    assert [brief[:2] for brief in short(sim.take())] == [
        ("main1", "Submitted"),
        ("stop1", "PreSubmitted"),
        ("main1", 100),
        ("main1", "Filled"),
        ("stop1", "PreSubmitted"),
        ("main2", "Submitted"),
        ("stop2", "PreSubmitted"),
        ("main2", 100),
        ("main2", "Filled"),
        ("stop2", "PreSubmitted"),
    ]


def test_refusals_carry_codes() -> None:
    sim = broker()
    play(sim, price(150.0))
    sim.send([Place((spec("main", quantity=10_000),))])
    assert sim.take() == [OrderRejected("main", 201, "Order rejected - reason:buying power exceeded")]
    sim.send([Place((spec("other"),))])
    play(sim, price(150.0))
    sim.send([Modify(spec("other", quantity=50)), Cancel("other"), Cancel("nobody"), Modify(spec("nobody"))])
    assert [(type(m), getattr(m, "code", None)) for m in sim.take()] == [
        (ModifyRejected, 104),
        (CancelRejected, 10148),
        (CancelRejected, 10147),
        (ModifyRejected, 135),
    ]
    sim.send([Place((limit("third", 1.0),)), Cancel("third"), Modify(limit("third", 2.0))])
    assert short(sim.take()) == [("third", "Submitted", 0), ("third", "Cancelled", 0), ("ModifyRejected", "third", 161)]


def test_questions_are_answered() -> None:
    sim = broker()
    sim.send([Subscribe("AAPL"), Place((spec("main"),)), Place((spec("wrong", quantity=0),))])
    play(sim, price(150.0))
    sim.send([AskOrder("main"), AskOrder("nobody"), AskOrder("wrong"), AskPosition("AAPL"), AskPosition("MSFT")])
    main, nobody, wrong, held, flat = sim.take()
    assert isinstance(main, OrderUpdate)
    assert main.status is WireStatus.FILLED
    assert nobody == OrderMissing("nobody")
    assert isinstance(wrong, OrderUpdate)
    assert wrong.status is WireStatus.INACTIVE
    assert (held, flat) == (PositionReport("AAPL", 100), PositionReport("MSFT", 0))


def test_a_day_order_expires_at_the_close() -> None:
    sim = broker()
    sim.send([Place((limit("main", 140.0),))])
    sim.take()
    assert sim.next_due() == CLOSE
    sim.advance(CLOSE)
    assert short(sim.take()) == [("main", "Expired", 0)]
    assert sim.next_due() is None


def test_what_fell_due_before_an_event_comes_before_it_and_at_its_time_after_it() -> None:
    for end, expected in (
        (CLOSE, [("main", 100, 140.0), ("main", "Filled", 100)]),
        (CLOSE + 1, [("main", "Expired", 0)]),
    ):
        sim = broker()
        sim.send([Place((limit("main", 140.0),))])
        sim.take()
        assert short(play(sim, Bar(0, "AAPL", 150, 151, 139, 150, 0, MINUTE, end - MINUTE, end))) == expected


def test_latency_delays_commands() -> None:
    sim = broker(latency=50_000, fill=FillMode.STANDING)
    play(sim, price(150.0))
    sim.set_now(1_000_000)
    sim.send([Place((spec("main"),))])
    assert sim.take() == []
    assert sim.next_due() == 1_050_000
    play(sim, price(151.0, 1_049_999))
    sim.advance(1_050_000)
    assert short(sim.take())[1:] == [("main", 100, 151.0), ("main", "Filled", 100)]


def test_commands_under_way_arrive_before_a_later_price() -> None:
    sim = broker(latency=50_000)
    sim.set_now(0)
    sim.send([Place((limit("main", 149.0),)), Cancel("main")])
    assert short(play(sim, price(149.0, 50_001))) == [("main", "Submitted", 0), ("main", "Cancelled", 0)]


def test_an_order_under_way_when_a_bar_begins_fills_at_its_open() -> None:
    sim = broker(latency=50_000)
    sim.set_now(MINUTE)
    sim.send([Place((spec("main"),))])
    bar = Bar(MINUTE, "AAPL", 150, 151, 149, 150, 0, MINUTE, MINUTE, 2 * MINUTE)
    assert short(play(sim, bar))[1:] == [("main", 100, 150.0), ("main", "Filled", 100)]


def test_a_lost_connection_holds_messages_and_commands_back() -> None:
    sim = broker()
    sim.send([bracket()])
    sim.take()
    sim.link(BrokerLink(0, LinkEvent.DISCONNECTED))
    assert list(sim.market(price(150.0))) == [], "no pause: nothing can be delivered"
    sim.send([Place((limit("other", 1.0),))])
    assert sim.take() == []
    sim.link(BrokerLink(2, LinkEvent.CONNECTED))
    assert short(sim.take()) == [
        ("main", 100, 150.0),
        ("main", "Filled", 100),
        ("stop", "PreSubmitted", 0),
        ("target", "Submitted", 0),
        ("other", "Submitted", 0),
    ]


# ---- faults ----------------------------------------------------------------------------------------------------------


def test_reject_next_rejects_the_next_order_and_its_children() -> None:
    sim = broker()
    sim.fault(Fault(0, "reject_next", "margin"))
    sim.send([bracket()])
    assert short(sim.take()) == [
        ("OrderRejected", "main", 201),
        ("stop", "Cancelled", 0),
        ("target", "Cancelled", 0),
    ]
    sim.send([Place((spec("again"),))])
    assert short(sim.take()) == [("again", "Submitted", 0)]


def test_reject_next_can_pick_a_role() -> None:
    sim = broker()
    sim.fault(Fault(0, "reject_next", "no stops today", order="stop"))
    sim.send([bracket()])
    assert short(sim.take()) == [
        ("main", "Submitted", 0),
        ("OrderRejected", "stop", 201),
        ("target", "PreSubmitted", 0),
    ]


def test_partial_next_fills_only_a_part_first() -> None:
    sim = broker()
    sim.fault(Fault(0, "partial_next", quantity=30))
    sim.send([bracket()])
    sim.take()
    assert short(play(sim, price(150.0)))[:2] == [("main", 30, 150.0), ("main", "Submitted", 30)]
    assert short(play(sim, price(151.0)))[:2] == [("main", 70, 151.0), ("main", "Filled", 100)]


def test_late_fill_fills_a_cancelled_order_at_the_next_price() -> None:
    sim = broker()
    sim.fault(Fault(0, "late_fill", quantity=40))
    sim.send([bracket(order_type=OrderType.LIMIT, limit_price=149_000_000), Cancel("main")])
    assert short(sim.take())[3:] == [("main", "Cancelled", 0), ("stop", "Cancelled", 0), ("target", "Cancelled", 0)]
    assert short(play(sim, price(150.0))) == [("main", 40, 150.0), ("main", "Cancelled", 40)]


@pytest.mark.parametrize(
    ("fault", "remedy"),
    [(Fault(0, "explode"), "write reject_next"), (Fault(0, "partial_next"), "quantity of at least 1")],
)
def test_a_fault_that_makes_no_sense_is_refused(fault: Fault, remedy: str) -> None:
    with pytest.raises(ValueError, match=remedy):
        broker().fault(fault)


def test_a_symbol_without_orders_is_no_walk() -> None:
    sim = broker()
    sim.send([Place((limit("main", 1.0),))])
    for event in (
        Price(1, "MSFT", 1.0),
        Quote(1, "MSFT", 1.0, 2.0),
        Bar(0, "SPY", 1, 1, 1, 1, 0, MINUTE, 0, MINUTE),
    ):
        assert sim.market(event) == ()
