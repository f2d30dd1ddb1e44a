"""What an entry needs at a broker: a fresh quote, an account that is known, and leave to send it."""

from __future__ import annotations

import pytest

from rulec.runtime.broker.port import DataState, OrderUpdate, Place, PriceSteps, Subscribe, SymbolData
from rulec.runtime.core.policy import TradePolicy
from rulec.runtime.core.records import Decision, Outcome
from rulec.runtime.numbers import TickBand
from rulec.runtime.risk.reasons import Reason
from rulec.tests.support.scripted import LONG, SECOND, Scripted, bought, connected, quoted

SHORT = "on signal SELL -> enter short 100 stop $5 away target $10 away"
LIMIT = "on signal BUY -> enter long 100 at limit $149 stop $5 away"


# ---- the quote -----------------------------------------------------------------------------------------------------


def test_a_buy_is_priced_at_the_ask_and_a_sell_at_the_bid() -> None:
    broker = quoted(LONG)
    broker.signal("BUY")
    assert [order.spec.stop_price for order in broker.working("stop")] == [145_000_000]
    other = quoted(SHORT)
    other.signal("SELL")
    assert [order.spec.stop_price for order in other.working("stop")] == [154_990_000]


@pytest.mark.parametrize("rule", [LONG, LIMIT], ids=["at market", "at a limit"])
def test_an_entry_is_not_priced_from_an_old_quote(rule: str) -> None:
    broker = quoted(rule)
    broker.wait(10)
    assert broker.signal("BUY").outcome is Outcome.ACTED
    other = quoted(rule)
    other.wait(10.5)
    assert other.signal("BUY").reason == Reason.STALE_QUOTE.text


def test_the_second_half_of_a_reversal_is_priced_from_the_fill_that_made_it_flat() -> None:
    """The fill is told before the quote that it came of; the old quote would put the stop beyond the market."""
    broker = bought("on signal SELL -> enter short 100 stop $5 away")
    broker.signal("SELL")
    broker.fill("exit", 100, 158.0)
    assert [order.spec.stop_price for order in broker.working("stop")] == [163_000_000]


def test_a_trade_is_no_quote() -> None:
    broker = connected()
    broker.price(150.0)
    assert broker.signal("BUY").outcome is Outcome.ARMED
    broker.wait(6)
    assert broker.last_decision().reason == Reason.NO_QUOTE.text


def test_a_symbol_first_met_in_a_signal_is_subscribed_and_waits_for_its_first_quote() -> None:
    broker = connected()
    assert broker.signal("BUY").outcome is Outcome.ARMED
    assert broker.sent(Subscribe) == [Subscribe("AAPL")]
    broker.wait(3)
    assert broker.sent(Place) == []
    broker.quote(149.99, 150.0)
    assert (broker.last_decision().outcome, broker.last_decision().reason) == (Outcome.ACTED, None)
    assert broker.sizes("main") == [100]


def test_a_first_quote_that_comes_too_late_enters_nothing() -> None:
    broker = connected()
    broker.signal("BUY")
    broker.wait(5)
    assert (broker.last_decision().outcome, broker.last_decision().reason) == (Outcome.REFUSED, Reason.NO_QUOTE.text)
    broker.quote(149.99, 150.0)
    assert broker.sent(Place) == []


def test_a_later_signal_of_a_symbol_without_quotes_does_not_wait() -> None:
    broker = connected()
    broker.signal("BUY")
    broker.wait(30)
    assert broker.signal("BUY").reason == Reason.NO_QUOTE.text


def test_the_wait_for_the_first_quote_can_be_set() -> None:
    broker = connected(policy=TradePolicy(first_quote_within=20 * SECOND))
    broker.signal("BUY")
    broker.wait(19)
    broker.quote(149.99, 150.0)
    assert broker.sizes("main") == [100]


def test_what_follows_an_entry_that_waits_follows_it() -> None:
    broker = connected("on signal BUY -> enter long 100 stop $5 away -> double down 50 at loss $2 away")
    broker.signal("BUY")
    broker.quote(149.99, 150.0)
    broker.fill("main", 100, 150.0)
    assert broker.sizes("doubledown") == [50]


@pytest.mark.parametrize("word", ["on signal STOP -> exit", 'on signal STOP -> halt "enough"'])
def test_an_exit_or_a_halt_drops_an_entry_that_waits_for_a_quote(word: str) -> None:
    broker = connected(LONG, word)
    broker.signal("BUY")
    broker.signal("STOP")
    broker.quote(149.99, 150.0)
    assert broker.sent(Place) == []


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (DataState.DELAYED, Reason.DELAYED_DATA),
        (DataState.NONE, Reason.NO_DATA),
        (DataState.UNKNOWN_SYMBOL, Reason.UNKNOWN_SYMBOL),
    ],
)
def test_a_symbol_without_live_data_takes_no_entry_and_none_waits_for_it(state: DataState, reason: Reason) -> None:
    broker = connected()
    broker.signal("BUY")
    broker.tell(SymbolData("AAPL", state, "no subscription"))
    assert (broker.last_decision().outcome, broker.last_decision().reason) == (Outcome.REFUSED, reason.text)
    assert broker.signal("BUY").reason == reason.text
    assert broker.said("no subscription")
    broker.tell(SymbolData("AAPL", DataState.LIVE))
    broker.quote(149.99, 150.0)
    assert broker.signal("BUY").outcome is Outcome.ACTED


def test_the_price_of_a_signal_is_never_the_reference() -> None:
    broker = connected(policy=TradePolicy(signal_prices=True))
    assert broker.signal("BUY", 150.0).outcome is Outcome.ARMED
    broker.wait(6)
    assert broker.last_decision().reason == Reason.NO_QUOTE.text


@pytest.mark.parametrize(("price", "enters"), [(150.0, True), (157.4, True), (157.6, False), (142.4, False)])
def test_a_signal_whose_price_lies_far_from_the_quote_enters_nothing(price: float, enters: bool) -> None:
    decision = quoted().signal("BUY", price)
    assert decision.reason == (None if enters else Reason.SIGNAL_DISTANCE.text)


def test_how_far_a_signal_may_lie_can_be_set() -> None:
    broker = quoted(policy=TradePolicy(signal_distance=0.01))
    assert broker.signal("BUY", 152.0).reason == Reason.SIGNAL_DISTANCE.text


def test_a_double_down_waits_for_a_quote_to_be_held_against() -> None:
    broker = quoted("on signal BUY -> enter long 100 stop $5 away -> double down 50 at loss $2 away")
    broker.signal("BUY")
    broker.wait(12)
    broker.fill("main", 100, 150.0)
    assert broker.sizes("doubledown") == []
    broker.quote(149.99, 150.0)
    broker.wait(6)
    assert broker.sizes("doubledown") == [50]


# ---- the account ---------------------------------------------------------------------------------------------------


def test_without_a_word_on_the_account_nothing_is_entered() -> None:
    broker = quoted(equity=None)
    assert broker.signal("BUY").reason == Reason.EQUITY_UNKNOWN.text
    broker.account(1_000_000.0)
    assert broker.signal("BUY").outcome is Outcome.ACTED


def test_what_the_account_is_worth_is_what_it_reports_not_what_we_began_with() -> None:
    broker = quoted("on signal BUY -> enter long 10% of equity stop $5 away")
    broker.account(30_000.0)
    broker.signal("BUY")
    assert broker.sizes("main") == [20]


def test_between_two_reports_the_profit_moves_what_the_account_is_worth() -> None:
    broker = quoted("on signal BUY -> enter long 10% of equity stop $5 away")
    broker.account(30_000.0, 500.0)
    broker.account(30_000.0, 500.0)
    broker.tell_profit(3_500.0)
    broker.signal("BUY")
    assert broker.sizes("main") == [22]


def test_an_account_that_has_not_reported_for_long_refuses() -> None:
    broker = quoted()
    broker.wait(241)
    broker.quote(149.99, 150.0)
    assert broker.signal("BUY").reason == Reason.EQUITY_UNKNOWN.text


def test_an_account_without_shares_needs_no_profit_stream() -> None:
    broker = quoted()
    broker.wait(200)
    broker.quote(149.99, 150.0)
    assert broker.signal("BUY").outcome is Outcome.ACTED


def test_with_shares_in_the_account_an_old_profit_refuses() -> None:
    broker = bought("on signal MORE -> scale in 10")
    broker.wait(61)
    broker.quote(149.99, 150.0)
    assert broker.signal("MORE").reason == Reason.EQUITY_UNKNOWN.text


def test_a_limit_over_several_symbols_refuses_with_an_old_price_of_another() -> None:
    broker = bought("limits { max exposure $100_000 }", "on signal GO -> enter long 10 stop $5 away")
    broker.wait(11)
    broker.tell_profit(0.0)
    broker.quote(99.0, 99.1, "MSFT")
    assert broker.signal("GO", symbol="MSFT").reason == Reason.STALE_PRICE.text
    broker.quote(149.99, 150.0)
    assert broker.signal("GO", symbol="MSFT").outcome is Outcome.ACTED


def test_the_worse_of_the_brokers_loss_and_our_own_halts_the_day() -> None:
    broker = bought("limits { max daily loss $1_000 }", "on signal GO -> enter long 10 stop $5 away")
    broker.quote(99.0, 99.1, "MSFT")
    broker.tell_profit(-1_000.0)
    assert broker.signal("GO", symbol="MSFT").reason == Reason.DAILY_LOSS.text


def test_our_own_marks_halt_the_day_where_the_broker_sees_no_loss() -> None:
    broker = bought("limits { max daily loss $300 }", "on signal GO -> enter long 10 stop $5 away")
    broker.quote(146.9, 147.0)
    broker.quote(99.0, 99.1, "MSFT")
    assert broker.signal("GO", symbol="MSFT").reason == Reason.DAILY_LOSS.text


def test_a_loss_that_is_not_known_refuses_under_a_limit_of_it() -> None:
    broker = bought("limits { max daily loss $300 }", "on signal GO -> enter long 10 stop $5 away")
    broker.wait(61)
    broker.tell_account(1_000_000.0)
    broker.quote(149.99, 150.0)
    broker.quote(99.0, 99.1, "MSFT")
    assert broker.signal("GO", symbol="MSFT").reason == Reason.PROFIT_UNKNOWN.text


def test_money_that_was_paid_out_is_no_loss() -> None:
    broker = quoted("limits { max daily loss 1% of equity }", LONG)
    broker.account(500_000.0)
    assert broker.signal("BUY").outcome is Outcome.ACTED


def test_conditions_see_the_account_of_the_broker() -> None:
    broker = connected('on signal LOOK where account.equity == $69_750 and account.day_pnl == -$250 -> log "yes"')
    broker.account(70_000.0, 0.0)
    broker.tell_profit(-250.0)
    assert broker.signal("LOOK").outcome is Outcome.ACTED


# ---- what may be sent ----------------------------------------------------------------------------------------------


def test_where_short_selling_is_off_nothing_is_sold_short() -> None:
    broker = quoted(LONG, SHORT, short_selling=False)
    assert broker.signal("SELL").reason == Reason.SHORT_SELLING.text
    assert broker.signal("BUY").outcome is Outcome.ACTED


def test_where_short_selling_is_off_a_long_is_still_closed() -> None:
    broker = bought("on signal OUT -> exit", short_selling=False)
    broker.signal("OUT")
    assert broker.sizes("exit") == [100]


def test_a_dry_run_says_what_it_would_have_entered_and_sends_nothing() -> None:
    broker = quoted(dry_run=True)
    assert (broker.signal("BUY").outcome, broker.last_decision().reason) == (Outcome.REFUSED, Reason.DRY_RUN.text)
    assert broker.sent(Place) == []


def test_a_dry_run_names_another_reason_first() -> None:
    broker = quoted("limits { max order $100 }", LONG, dry_run=True)
    assert broker.signal("BUY").reason == Reason.MAX_ORDER.text


def test_a_dry_run_goes_on_to_protect_what_is_there() -> None:
    broker = bought("on signal UP -> move stop to breakeven", "on signal OUT -> exit")
    broker.engine.situation.dry_run = True
    broker.lose("stop")
    broker.disconnect()
    broker.connect()
    assert broker.sizes("stop") == [100]
    broker.quote(155.0, 155.01)
    broker.signal("UP")
    assert [order.spec.stop_price for order in broker.working("stop")] == [150_000_000]
    broker.signal("OUT")
    assert broker.sizes("exit") == [100]


def short_held() -> Scripted:
    """A short that waits for shares to borrow."""
    broker = quoted(SHORT)
    broker.signal("SELL")
    held: OrderUpdate = broker.working("main")[0].echo(why_held="locate")
    broker.tell(held)
    return broker


def test_a_short_that_finds_no_shares_to_borrow_is_given_up_after_a_while() -> None:
    broker = short_held()
    broker.wait(9.5)
    assert broker.sizes("main") == [100]
    broker.wait(1)
    assert broker.working() == []
    last = broker.of(Decision)[-1]
    assert (last.outcome, last.reason) == (Outcome.REFUSED, Reason.NO_LOCATE.text)
    assert broker.trade() is None


def test_a_short_that_finds_its_shares_in_time_goes_on() -> None:
    broker = short_held()
    broker.wait(5)
    broker.tell(broker.working("main")[0].echo(why_held=""))
    broker.wait(20)
    assert broker.sizes("main") == [100]


def test_of_a_short_that_was_partly_filled_only_the_rest_is_given_up() -> None:
    broker = short_held()
    broker.fill("main", 30, 149.99)
    broker.tell(broker.working("main")[0].echo(why_held="locate"))
    broker.wait(11)
    assert broker.sizes("main") == []
    assert broker.sizes("stop") == [30]


def test_an_entry_while_the_broker_is_away_is_refused() -> None:
    broker = quoted()
    broker.disconnect()
    assert broker.signal("BUY").reason == Reason.DISCONNECTED.text


# ---- the steps of prices -------------------------------------------------------------------------------------------


def test_prices_are_written_in_the_steps_of_the_contract() -> None:
    rule = "on signal BUY -> enter long 100 stop 1% target 2%"
    usual = quoted(rule)
    usual.signal("BUY")
    assert [order.spec.stop_price for order in usual.working("stop")] == [148_500_000]
    coarse = quoted(rule)
    coarse.tell(PriceSteps("AAPL", (TickBand(0, 400_000),)))
    coarse.signal("BUY")
    assert [order.spec.stop_price for order in coarse.working("stop")] == [148_800_000]  # toward the entry
    assert [order.spec.limit_price for order in coarse.working("target")] == [153_200_000]  # in our favour


def test_the_stream_of_profits_is_counted_from_what_it_tells_after_a_report() -> None:
    """A report at the close of a trade holds what the stream tells a moment later: it must not count twice."""
    broker = connected('on signal LOOK where account.equity == $99_967 -> log "yes"')
    broker.tell_account(100_000)
    broker.tell_profit(-6.0)
    broker.tell_account(99_967)
    assert broker.signal("LOOK").outcome is Outcome.ACTED
    broker.tell_profit(-33.0)
    assert broker.signal("LOOK").outcome is Outcome.ACTED
