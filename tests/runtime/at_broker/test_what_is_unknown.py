"""Orders that nobody remembers, orders that nobody sent, and what is known before the broker has told."""

from __future__ import annotations

import pytest

from rulec.runtime.broker.port import (
    AskOrder,
    AskPosition,
    Cancel,
    CancelRejected,
    CancelStray,
    Modify,
    ModifyRejected,
    OrderMissing,
    OrderRejected,
    OrderSide,
    Place,
    PositionReport,
    StrayOrder,
    Subscribe,
    WireStatus,
)
from rulec.runtime.core.records import Decision, Outcome
from rulec.runtime.event.happenings import Started
from rulec.runtime.event.inputs import Release
from rulec.runtime.numbers import to_micros
from rulec.runtime.risk.reasons import Reason
from rulec.tests.support.scripted import LONG, Scripted, bought

OUT = "on signal OUT -> exit"


def stray(role: str, side: OrderSide, number: int = 77) -> StrayOrder:
    return StrayOrder(number, f"rulec/1/r9-1/{role}/5", "AAPL", side, 100)


# ---- before the broker has told ------------------------------------------------------------------------------------


def test_before_the_first_connection_nothing_is_entered() -> None:
    broker = Scripted(LONG)
    broker.quote(149.99, 150.0)
    assert broker.signal("BUY").reason == Reason.DISCONNECTED.text
    broker.connect()
    assert broker.signal("BUY").outcome is Outcome.ACTED


def test_before_the_first_connection_a_position_is_unknown_not_flat() -> None:
    broker = Scripted('on signal LOOK where position.quantity == 0 -> log "flat"')
    broker.tell(Started(broker.now))
    assert broker.signal("LOOK").outcome is Outcome.SKIPPED
    broker.connect()
    assert broker.signal("LOOK").outcome is Outcome.ACTED


def test_rules_that_ask_for_nothing_of_the_account_run_before_the_first_connection() -> None:
    broker = Scripted('on signal LOOK where confidence > 0.5 -> log "seen"')
    assert broker.signal("LOOK").outcome is Outcome.ACTED


def test_while_the_broker_is_away_a_position_is_unknown_and_its_exit_waits() -> None:
    broker = bought(OUT, 'on signal LOOK where position.quantity == 100 -> log "long"')
    broker.disconnect()
    assert broker.signal("LOOK").outcome is Outcome.SKIPPED
    assert broker.signal("OUT").outcome is Outcome.ACTED
    assert broker.sizes("exit") == []
    broker.connect()
    broker.wait(1)
    assert broker.sizes("exit") == [100]


def test_each_connection_asks_for_the_orders_the_position_and_the_prices_of_a_trade() -> None:
    broker = bought()
    broker.disconnect()
    broker.commands.clear()
    broker.connect()
    asked = {command.order_id for command in broker.sent(AskOrder)}
    assert asked == {order.spec.order_id for order in broker.working()}
    assert broker.sent(AskPosition) == [AskPosition("AAPL")]
    assert broker.sent(Subscribe) == [Subscribe("AAPL")]


def test_the_bars_that_rules_want_are_asked_for_with_the_prices() -> None:
    broker = Scripted(
        LONG,
        'on bar 5m of AAPL -> log "bar"',
        'on signal LOOK of AAPL where atr(14, 1h) > $1 -> log "wide"',
    )
    broker.connect()
    broker.signal("LOOK")
    assert broker.sent(Subscribe) == [Subscribe("AAPL", (300.0, 3600.0))]


def test_bars_that_only_new_rules_want_are_asked_for_with_the_reload() -> None:
    broker = Scripted(LONG)
    broker.connect()
    broker.signal("BUY")
    broker.commands.clear()
    broker.reload(LONG, 'on bar 5m -> log "bar"')
    assert broker.sent(Subscribe) == [Subscribe("AAPL", (300.0,))]
    broker.reload(LONG, 'on bar 5m -> log "another"')
    assert len(broker.sent(Subscribe)) == 1


# ---- orders that the broker does not know --------------------------------------------------------------------------


def test_a_stop_that_is_missing_for_certain_comes_back_at_once() -> None:
    broker = bought()
    broker.lose("stop")
    broker.disconnect()
    broker.connect()
    assert broker.sizes("stop") == [100]
    assert broker.trade() is not None


def test_a_stop_that_the_broker_only_forgot_comes_back_once_the_position_agrees() -> None:
    broker = bought()
    broker.lose("stop")
    broker.forgets = True
    broker.disconnect()
    broker.connect()
    assert broker.sizes("stop") == [100]
    assert broker.said("it may have worked")
    assert not broker.is_halted()


def test_a_forgotten_stop_with_the_shares_gone_is_no_stop_to_place_again() -> None:
    broker = bought()
    broker.lose("stop")
    broker.lose("target")
    broker.forgets = True
    broker.net["AAPL"] = 0
    broker.disconnect()
    broker.connect()
    assert broker.working() == []
    assert [reason for _, reason, _ in broker.closings()] == ["manual"]
    assert broker.is_halted()


def test_a_forgotten_entry_that_left_no_shares_never_worked() -> None:
    broker = Scripted(LONG)
    broker.connect()
    broker.quote(149.99, 150.0)
    broker.signal("BUY")
    for role in ("main", "stop", "target"):
        broker.lose(role)
    broker.forgets = True
    broker.disconnect()
    broker.connect()
    assert broker.trade() is None
    assert broker.signal("BUY").outcome is Outcome.ACTED


def test_a_forgotten_entry_whose_shares_are_there_stays_unknown_until_somebody_looks() -> None:
    broker = Scripted(LONG)
    broker.connect()
    broker.quote(149.99, 150.0)
    broker.signal("BUY")
    for role in ("main", "stop", "target"):
        broker.lose(role)
    broker.forgets = True
    broker.disconnect()
    broker.connect(net={"AAPL": 100})
    assert broker.trade() is not None
    assert broker.is_halted()
    broker.wait(60)
    assert broker.trade() is not None
    assert broker.signal("BUY").outcome is not Outcome.ACTED
    broker.tell(Release(broker.now, "AAPL"))
    assert broker.trade() is None
    assert broker.net["AAPL"] == 100
    broker.quote(149.99, 150.0)
    assert broker.signal("BUY").reason == Reason.FOREIGN_SHARES.text


def test_while_an_order_is_unknown_its_symbol_takes_no_entry() -> None:
    broker = bought("on signal MORE -> scale in 50", "on signal AGAIN -> scale in 50")
    broker.silent = True
    broker.tell(OrderMissing(broker.lose("stop").spec.order_id, conclusive=False))
    assert broker.signal("MORE").reason == Reason.ORDER_UNKNOWN.text
    broker.silent = False
    broker.tell(PositionReport("AAPL", 100))
    assert broker.signal("AGAIN").outcome is Outcome.ACTED


def test_an_order_that_turns_up_after_all_is_no_longer_missing() -> None:
    broker = bought()
    broker.silent = True
    stop = broker.working("stop")[0]
    broker.tell(OrderMissing(stop.spec.order_id, conclusive=False))
    broker.tell(stop.echo())
    broker.silent = False
    broker.tell(PositionReport("AAPL", 100))
    assert broker.sizes("stop") == [100]
    assert len(broker.sent(Place)) == 1


def test_an_order_that_nobody_answers_for_is_asked_about_again_and_again() -> None:
    broker = bought()
    broker.silent = True
    broker.tell(OrderMissing(broker.working("stop")[0].spec.order_id, conclusive=False))
    broker.commands.clear()
    broker.wait(35)
    assert len(broker.sent(AskOrder)) >= 3
    assert broker.trade() is not None


def test_a_modification_that_comes_too_late_leaves_the_order_unknown_until_asked() -> None:
    broker = bought("on signal UP -> move stop to breakeven")
    broker.quote(155.0, 155.01)
    broker.silent = True
    broker.signal("UP")
    stop = broker.working("stop")[0].spec.order_id
    text = "Order has been cancelled already, too late to replace"
    broker.commands.clear()
    broker.tell(ModifyRejected(stop, 201, text))
    assert broker.sent(AskOrder) == [AskOrder(stop)]
    assert broker.engine.desk.orders[stop].is_in_doubt


def test_a_stop_that_was_cancelled_behind_our_back_comes_back_at_once() -> None:
    broker = bought()
    stop = broker.working("stop")[0]
    stop.status = WireStatus.CANCELLED
    broker.tell(stop.echo())
    assert broker.sizes("stop") == [100]
    assert broker.sizes("target") == [100]


def test_a_stop_that_is_gone_while_its_entry_fills_ends_the_entry_and_comes_back() -> None:
    broker = Scripted(LONG)
    broker.connect()
    broker.quote(149.99, 150.0)
    broker.signal("BUY")
    broker.fill("main", 40, 150.0)
    stop = broker.working("stop")[0]
    stop.status = WireStatus.CANCELLED
    broker.tell(stop.echo())
    assert broker.sizes("main") == []
    assert broker.sizes("stop") == [40]


def test_a_placement_that_found_no_connection_gives_the_stop_another_try() -> None:
    broker = bought()
    stop = broker.working("stop")[0]
    stop.status = WireStatus.CANCELLED
    broker.silent = True
    broker.tell(stop.echo())
    again = broker.sent(Place)[-1].orders[0]
    broker.orders[again.order_id].status = WireStatus.INACTIVE
    broker.silent = False
    broker.take()
    broker.tell(OrderRejected(again.order_id, 504, "not connected"))
    broker.wait(1.5)
    assert broker.sizes("stop") == [100]


# ---- orders that no book of ours knows -----------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["main", "scale", "doubledown", "hedge"])
def test_a_stray_order_that_would_open_shares_is_cancelled(role: str) -> None:
    broker = Scripted(LONG)
    broker.connect(stray(role, OrderSide.BUY))
    assert broker.sent(CancelStray) == [CancelStray(77, f"rulec/1/r9-1/{role}/5")]
    assert not broker.is_halted()


@pytest.mark.parametrize("role", ["stop", "trail", "target", "exit"])
def test_a_stray_order_that_protects_shares_is_kept_and_its_symbol_halted(role: str) -> None:
    broker = Scripted(LONG)
    broker.connect(stray(role, OrderSide.SELL), net={"AAPL": 100})
    assert broker.sent(CancelStray) == []
    assert broker.is_halted()
    assert broker.said(f"rulec/1/r9-1/{role}/5")
    broker.quote(149.99, 150.0)
    assert broker.signal("BUY").reason == Reason.SYMBOL_HALTED.text


@pytest.mark.parametrize("net", [0, -100])
def test_a_stray_stop_with_nothing_to_close_would_open_shares_and_goes(net: int) -> None:
    broker = Scripted(LONG)
    broker.connect(stray("stop", OrderSide.SELL), net={"AAPL": net})
    assert [command.number for command in broker.sent(CancelStray)] == [77]


def test_a_stray_stop_goes_when_the_shares_it_protected_have_gone() -> None:
    broker = Scripted(LONG)
    broker.connect(stray("stop", OrderSide.SELL), net={"AAPL": 100})
    broker.by_hand(OrderSide.SELL, 100, 150.0)
    assert [command.number for command in broker.sent(CancelStray)] == [77]


def test_a_stray_that_a_person_has_released_does_not_halt_again_with_each_connection() -> None:
    broker = Scripted(LONG)
    kept = stray("stop", OrderSide.SELL)
    broker.connect(kept, net={"AAPL": 100})
    broker.tell(Release(broker.now, "AAPL"))
    broker.disconnect()
    broker.connect(kept)
    assert not broker.is_halted()
    assert broker.sent(CancelStray) == []


def test_a_stray_entry_that_was_cancelled_and_still_works_is_cancelled_again() -> None:
    broker = Scripted(LONG)
    broker.connect(stray("main", OrderSide.BUY))
    broker.disconnect()
    broker.connect(stray("main", OrderSide.BUY))
    assert len(broker.sent(CancelStray)) == 2


# ---- a close that meets all this -----------------------------------------------------------------------------------


def test_a_position_report_while_a_close_is_under_way_is_not_misread() -> None:
    broker = bought(OUT)
    broker.signal("OUT")
    broker.tell(PositionReport("AAPL", 100))
    assert broker.sizes("exit") == [100]
    broker.fill("exit", 60, 150.0)
    broker.tell(PositionReport("AAPL", 40))
    assert broker.sizes("exit") == [40]
    broker.fill("exit", 40, 150.0)
    assert broker.closings() == [("AAPL", "exit", 0.0)]
    assert not broker.is_halted()


def test_what_was_sold_twice_in_a_race_is_bought_back_when_the_position_confirms_it() -> None:
    broker = bought(OUT)
    stop = broker.working("stop")[0]
    broker.signal("OUT")
    broker.fill("exit", 100, 150.0)
    assert broker.trade() is None
    stop.status, stop.filled = WireStatus.SUBMITTED, 0
    broker.fill("stop", 100, 149.0)
    assert broker.net["AAPL"] == -100
    assert [order.spec.side for order in broker.working("exit")] == [OrderSide.BUY]
    broker.fill("exit", 100, 149.5)
    assert broker.net["AAPL"] == 0
    assert not broker.is_halted()
    assert broker.sent(Cancel)


def test_decisions_and_state_are_the_same_when_the_inputs_are_played_again() -> None:
    broker = bought(OUT)
    broker.transfer(-30)
    broker.tell(Release(broker.now, "AAPL"), stray("main", OrderSide.BUY))
    broker.by_hand(OrderSide.SELL, 20, to_micros(0.00015))
    broker.signal("OUT")
    played = Scripted(LONG, OUT)
    for seq, now, event, _, _ in broker.journal.rows:
        records, _ = played.engine.step(seq, now, event)
        played.records.extend(records)
    assert played.of(Decision) == broker.of(Decision)
    assert played.records == broker.records


# ---- commands that are lost on the way -----------------------------------------------------------------------------


def test_a_cancel_that_is_lost_is_asked_about_whatever_else_is_told_of_its_order() -> None:
    broker = bought(OUT)
    broker.loses = (Cancel,)
    broker.signal("OUT")
    broker.tell(broker.working("target")[0].echo())
    broker.commands.clear()
    broker.wait(25)
    target = broker.working("target")[0].spec.order_id
    assert broker.sent(AskOrder) == [AskOrder(target)] * 2
    broker.loses = ()
    broker.tell(CancelRejected(target, 0, "the order works on"))
    broker.wait(5)
    assert broker.sizes("exit") == [100]


def test_a_modification_that_is_lost_is_asked_about_whatever_else_is_told_of_its_order() -> None:
    broker = bought("on signal UP -> move stop to breakeven")
    broker.quote(155.0, 155.01)
    broker.loses = (Modify,)
    broker.signal("UP")
    broker.tell(broker.working("stop")[0].echo())
    broker.commands.clear()
    broker.wait(25)
    stop = broker.working("stop")[0].spec.order_id
    assert broker.sent(AskOrder) == [AskOrder(stop)] * 2
    broker.loses = ()
    broker.tell(ModifyRejected(stop, 0, "the broker holds the order as it was"))
    broker.wait(5)
    assert [order.spec.stop_price for order in broker.working("stop")] == [to_micros(150.0)]


def test_a_change_that_the_broker_keeps_refusing_is_told() -> None:
    broker = bought("on signal UP -> move stop to breakeven")
    broker.quote(155.0, 155.01)
    broker.loses = (Modify,)
    broker.signal("UP")
    stop = broker.working("stop")[0].spec.order_id
    broker.tell(ModifyRejected(stop, 110, "no such price"))
    assert not broker.said("no such price")
    broker.tell(ModifyRejected(stop, 110, "no such price"))
    assert broker.said("the broker keeps refusing to change the stop of AAPL: no such price")
