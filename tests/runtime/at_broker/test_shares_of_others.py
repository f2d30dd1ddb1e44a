"""What the account holds beside our trades, and what somebody else does with ours."""

from __future__ import annotations

import pytest

from rulec.runtime.broker.port import AskPosition, Execution, ForeignExecution, OrderSide, PositionReport
from rulec.runtime.core.records import Outcome
from rulec.runtime.event.inputs import Release
from rulec.runtime.numbers import to_micros
from rulec.runtime.risk.reasons import Reason
from rulec.tests.support.scripted import LONG, Scripted, bought

SHORT = "on signal SELL -> enter short 100 stop $5 away target $10 away"
OUT = "on signal OUT -> exit"


def met(*rules: str, net: dict[str, int] | None = None) -> Scripted:
    """A broker that has told its account and a quote of AAPL."""
    broker = Scripted(*(rules or (LONG,)))
    broker.connect(net=net)
    broker.quote(149.99, 150.0)
    return broker


@pytest.mark.parametrize("held", [50, -50])
def test_a_symbol_with_foreign_shares_takes_no_entry(held: int) -> None:
    broker = met(net={"AAPL": held})
    decision = broker.signal("BUY")
    assert (decision.outcome, decision.reason) == (Outcome.REFUSED, Reason.FOREIGN_SHARES.text)
    assert broker.working() == []


def test_once_the_foreign_shares_are_sold_it_takes_entries_again() -> None:
    broker = met(net={"AAPL": 50})
    broker.by_hand(OrderSide.SELL, 50, 150.0)
    assert broker.signal("BUY").outcome is Outcome.ACTED


def test_foreign_shares_of_another_symbol_hinder_nobody() -> None:
    broker = met(net={"MSFT": 50})
    broker.quote(400.0, 400.1, "MSFT")
    assert broker.signal("BUY").outcome is Outcome.ACTED


def test_foreign_shares_count_in_the_exposure() -> None:
    broker = met("limits { max exposure $30_000 }", LONG, net={"MSFT": 50})
    broker.quote(400.0, 400.1, "MSFT")
    assert broker.signal("BUY").reason == Reason.MAX_EXPOSURE.text


def test_foreign_shares_do_not_count_among_our_positions() -> None:
    broker = met("limits { max positions 1 }", LONG, net={"MSFT": 50})
    broker.quote(400.0, 400.1, "MSFT")
    assert broker.signal("BUY").outcome is Outcome.ACTED


def test_foreign_shares_without_a_price_leave_no_room_for_a_guess() -> None:
    broker = met(net={"MSFT": 50})
    assert broker.signal("BUY").reason == Reason.EXPOSURE_UNKNOWN.text
    assert "MSFT" in {command.symbol for command in broker.commands if hasattr(command, "symbol")}


def test_foreign_shares_bought_beside_a_trade_are_left_alone() -> None:
    broker = bought(OUT)
    broker.by_hand(OrderSide.BUY, 30, 151.0)
    assert (broker.sizes("stop"), broker.sizes("target")) == ([100], [100])
    broker.signal("OUT")
    assert broker.sizes("exit") == [100]
    broker.fill("exit", 100, 151.0)
    assert broker.net["AAPL"] == 30
    assert broker.closings() == [("AAPL", "exit", 100.0)]
    assert broker.signal("BUY").reason == Reason.FOREIGN_SHARES.text


def test_a_position_that_was_closed_by_hand_concludes_the_trade_as_manual() -> None:
    broker = bought()
    broker.by_hand(OrderSide.SELL, 100, 152.0)
    assert broker.closings() == [("AAPL", "manual", 200.0)]
    assert broker.working() == []
    assert broker.trade() is None
    assert not broker.is_halted()
    assert broker.signal("BUY").outcome is Outcome.ACTED


def test_a_short_that_was_covered_by_hand_concludes_as_manual() -> None:
    broker = met(SHORT)
    broker.signal("SELL")
    broker.fill("main", 100, 149.99)
    broker.by_hand(OrderSide.BUY, 100, 148.99)
    assert broker.closings() == [("AAPL", "manual", 100.0)]
    assert broker.working() == []


def test_of_shares_that_were_partly_sold_by_hand_the_protection_covers_the_rest_at_once() -> None:
    broker = bought()
    broker.by_hand(OrderSide.SELL, 40, 151.0)
    assert (broker.sizes("stop"), broker.sizes("target")) == ([60], [60])
    broker.fill("stop", 60, 145.0)
    assert broker.closings() == [("AAPL", "stop", -260.0)]
    assert broker.working() == []


def test_with_two_targets_the_farther_slice_gives_the_shares_that_were_sold_by_hand() -> None:
    broker = met("on signal BUY -> enter long 100 stop $5 away target $4 away for 50% target $9 away for 50%")
    broker.signal("BUY")
    broker.fill("main", 50, 150.0)
    broker.fill("main", 50, 150.0)
    broker.by_hand(OrderSide.SELL, 70, 151.0)
    assert (broker.sizes("stop"), broker.sizes("target")) == ([30], [30])


def test_shares_sold_by_hand_while_the_entry_fills_end_the_entry() -> None:
    broker = met()
    broker.signal("BUY")
    broker.fill("main", 40, 150.0)
    broker.by_hand(OrderSide.SELL, 40, 151.0)
    assert broker.working() == []
    assert broker.closings() == [("AAPL", "manual", 40.0)]


def test_more_sold_by_hand_than_we_had_is_foreign() -> None:
    broker = bought()
    broker.by_hand(OrderSide.SELL, 130, 151.0)
    assert broker.closings() == [("AAPL", "manual", 100.0)]
    assert broker.engine.desk.foreign.of("AAPL") == -30
    assert broker.signal("BUY").reason == Reason.FOREIGN_SHARES.text


def test_foreign_shares_are_sold_by_hand_before_ours() -> None:
    broker = bought()
    broker.by_hand(OrderSide.BUY, 50, 151.0)
    broker.by_hand(OrderSide.SELL, 80, 151.0)
    assert broker.sizes("stop") == [70]
    assert broker.engine.desk.foreign.of("AAPL") == 0


def test_a_sale_by_hand_that_is_told_twice_counts_once() -> None:
    broker = bought()
    done = broker.by_hand(OrderSide.SELL, 40, 151.0)
    broker.tell(done, PositionReport("AAPL", 60))
    assert broker.sizes("stop") == [60]


def test_a_corrected_sale_by_hand_takes_the_place_of_the_first() -> None:
    broker = bought()
    broker.net["AAPL"] = 60
    broker.tell(ForeignExecution("0002.9.01", "AAPL", OrderSide.BUY, 40, to_micros(151.0)))
    broker.tell(ForeignExecution("0002.9.02", "AAPL", OrderSide.SELL, 40, to_micros(151.0)))
    broker.tell(PositionReport("AAPL", 60))
    assert broker.sizes("stop") == [60]
    assert not broker.is_halted()


def test_a_position_told_before_its_execution_is_asked_for_again_and_harms_nobody() -> None:
    broker = bought()
    broker.silent = True
    broker.tell(PositionReport("AAPL", 60))
    assert broker.sent(AskPosition)[-1].symbol == "AAPL"
    assert broker.engine.desk.orders[broker.working("stop")[0].spec.order_id].remaining == 100
    broker.silent = False
    broker.by_hand(OrderSide.SELL, 40, 151.0)
    assert broker.sizes("stop") == [60]
    assert not broker.is_halted()


def test_a_position_that_ran_ahead_of_our_own_execution_harms_nobody() -> None:
    broker = bought()
    broker.silent = True
    broker.tell(PositionReport("AAPL", 0))
    broker.silent = False
    broker.fill("stop", 100, 145.0)
    broker.tell(PositionReport("AAPL", 0))
    assert not broker.is_halted()
    assert broker.closings() == [("AAPL", "stop", -500.0)]


def test_an_execution_that_comes_after_its_shares_were_written_off_sends_nothing() -> None:
    broker = bought()
    stop = broker.working("stop")[0].spec
    broker.net["AAPL"] = 0
    broker.transfer(0)
    assert broker.closings() == [("AAPL", "manual", 0.0)]
    broker.tell(Execution("0001.99.01", stop.order_id, "AAPL", OrderSide.SELL, 100, to_micros(145.0)))
    assert broker.working() == []
    assert broker.trade() is None
    assert broker.engine.desk.portfolio.quantity("AAPL") == 0


@pytest.mark.parametrize("shares", [30, -30, 100])
def test_a_change_that_nothing_explains_halts_the_symbol_and_keeps_its_protection(shares: int) -> None:
    broker = bought()
    broker.transfer(shares)
    assert broker.is_halted()
    assert broker.said("--release AAPL")
    assert broker.sizes("stop") == [min(100, 100 + shares)]
    assert broker.signal("BUY").outcome is not Outcome.ACTED


def test_shares_that_vanish_without_an_execution_conclude_the_trade_and_halt() -> None:
    broker = bought()
    broker.transfer(-100)
    assert [(symbol, reason) for symbol, reason, _ in broker.closings()] == [("AAPL", "manual")]
    assert broker.is_halted()
    assert broker.working() == []


def test_a_released_symbol_takes_what_the_account_holds_as_it_is() -> None:
    broker = bought(OUT)
    broker.transfer(-30)
    broker.tell(Release(broker.now, "AAPL"))
    assert not broker.is_halted()
    assert broker.sizes("stop") == [70]
    broker.signal("OUT")
    broker.fill("exit", 70, 150.0)
    assert broker.signal("BUY").outcome is Outcome.ACTED


def test_foreign_shares_that_stay_after_a_release_still_refuse_entries() -> None:
    broker = met()
    broker.transfer(20)
    assert broker.signal("BUY").reason == Reason.SYMBOL_HALTED.text
    broker.tell(Release(broker.now, "AAPL"))
    assert broker.signal("BUY").reason == Reason.FOREIGN_SHARES.text
    broker.by_hand(OrderSide.SELL, 20, 150.0)
    assert broker.signal("BUY").outcome is Outcome.ACTED


def test_what_others_did_while_we_were_away_is_explained_by_their_executions() -> None:
    broker = bought()
    broker.disconnect()
    broker.net["AAPL"] = 60
    done = ForeignExecution("0002.5.01", "AAPL", OrderSide.SELL, 40, to_micros(151.0))
    broker.connect(done)
    assert broker.sizes("stop") == [60]
    assert not broker.is_halted()


def test_foreign_shares_that_came_while_we_were_away_halt_nothing_where_nothing_of_ours_is_at_stake() -> None:
    broker = met()
    broker.disconnect()
    broker.connect(net={"AAPL": 20})
    assert not broker.is_halted()
    assert broker.signal("BUY").reason == Reason.FOREIGN_SHARES.text


def test_executions_from_before_the_first_position_are_in_it_already() -> None:
    broker = Scripted(LONG)
    earlier = ForeignExecution("0002.1.01", "AAPL", OrderSide.BUY, 20, to_micros(149.0))
    broker.connect(earlier, net={"AAPL": 20})
    assert broker.engine.desk.foreign.of("AAPL") == 20
    broker.tell(earlier, PositionReport("AAPL", 20))
    assert broker.engine.desk.foreign.of("AAPL") == 20
    assert not broker.is_halted()


def test_an_exit_under_way_is_cut_to_what_a_sale_by_hand_has_left() -> None:
    broker = bought(OUT)
    broker.signal("OUT")
    broker.by_hand(OrderSide.SELL, 40, 151.0)
    assert broker.sizes("exit") == [60]
    broker.fill("exit", 60, 151.0)
    assert broker.net["AAPL"] == 0
    assert broker.trade() is None


def test_a_reversal_whose_first_half_somebody_closed_by_hand_goes_on_from_flat() -> None:
    broker = bought("on signal SELL -> enter short 50 stop $5 away")
    assert broker.signal("SELL").outcome is Outcome.REVERSED
    broker.by_hand(OrderSide.SELL, 100, 151.0)
    assert broker.sizes("exit") == []
    assert broker.sizes("main") == [50]
    broker.fill("main", 50, 150.0)
    assert broker.net["AAPL"] == -50
    assert broker.sizes("stop") == [50]
