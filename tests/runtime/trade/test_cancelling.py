"""`cancel targets`, `cancel scales`, `cancel entries`, `cancel orders`: never a stop."""

from __future__ import annotations

import pytest

from rulec.dsl import plan as p
from rulec.runtime.core.records import Outcome
from rulec.runtime.risk.reasons import Reason
from rulec.tests.runtime.trade.table import SIDES, Table, away, protection, shares, target

both_sides = pytest.mark.parametrize("sign", SIDES)
TARGETS, SCALES, ENTRIES, ORDERS = p.Cancelled
GUARD = protection(5.0, target(10.0, 0.5), target(20.0, 0.5))


def grown(sign: int) -> Table:
    """100 shares at 150 with two targets, a scale-in armed at 4, a double-down resting at 148, a buy placed at 147."""
    table = Table(sign)
    table.rule(
        "IN",
        table.enter(100, GUARD),
        p.ScaleIn(shares(50), away(4.0)),
        p.DoubleDown(shares(40), at_loss=away(2.0)),
    )
    table.rule("MORE", p.PlaceOrder(table.side, shares(30), table.limit(147.0), "extra"))
    table.rule("HEDGE", p.PlaceOrder(table.other, shares(25), table.limit(155.0), "hedge"))
    for what in p.Cancelled:
        table.rule(what.name, p.CancelOrders(what))
    table.rule("OUT", p.Exit())
    table.tick(150)
    table.say("IN")
    table.say("MORE")
    return table


@both_sides
def test_targets_are_given_up_and_the_stops_cover_the_shares(sign: int) -> None:
    table = grown(sign)
    done = table.say("TARGETS")
    assert done.outcome is Outcome.ACTED
    roles = {order.id: order.role for order in table.orders()}
    assert {roles[order_id] for order_id in done.actions[0].orders} == {"target"}
    assert table.targets() == []
    assert [size for size, _ in table.stops()] == [30, 40, 50, 50]
    table.tick(154)  # what is added later goes without a target, too
    assert table.held == 150
    assert table.targets() == []
    table.tick(175)
    assert (table.held, table.closings()) == (150, [])
    assert table.say("TARGETS").reason == Reason.NOTHING_TO_CANCEL.text


@both_sides
def test_scales_are_disarmed_and_what_rests_of_them_is_cancelled(sign: int) -> None:
    table = grown(sign)
    assert table.working("doubledown") == [(40, 148.0)]
    done = table.say("SCALES")
    assert done.outcome is Outcome.ACTED
    assert table.working("doubledown") == []
    assert table.working("extra") == [(30, 147.0)]
    table.tick(148, 154)
    assert table.held == 100
    done = table.say("SCALES")
    assert (done.outcome, done.reason) == (Outcome.IGNORED, Reason.NOTHING_TO_CANCEL.text)


@both_sides
def test_the_unfilled_rest_of_an_entry_is_cancelled_and_its_shares_are_the_trade(sign: int) -> None:
    table = Table(sign)
    table.rule("IN", table.enter(100, pricing=table.limit(150.0))).rule("REST", p.CancelOrders(ENTRIES))
    table.tick(151)
    table.fault("partial_next", "main", 40)
    table.say("IN")
    table.tick(150)
    assert table.say("REST").outcome is Outcome.ACTED
    assert (table.held, table.stops(), table.working("main")) == (40, [(40, 145.0)], [])
    assert table.say("REST").reason == Reason.NOTHING_TO_CANCEL.text
    table.tick(144)
    assert table.closings() == [("stop", None)]


@both_sides
def test_an_entry_of_which_nothing_has_filled_leaves_nothing_behind(sign: int) -> None:
    table = Table(sign)
    table.rule("IN", table.enter(100, GUARD, table.limit(148.0))).rule("REST", p.CancelOrders(ENTRIES))
    table.tick(150)
    table.say("IN")
    assert table.say("REST").outcome is Outcome.ACTED
    assert (table.trade, table.stops(), table.targets()) == (None, [], [])
    assert table.say("REST").reason == Reason.NO_TRADE.text


@both_sides
def test_orders_are_all_but_the_stops(sign: int) -> None:
    table = grown(sign)
    table.say("HEDGE")
    assert table.working("hedge") == [(25, 155.0)]
    assert table.say("TARGETS").outcome is Outcome.ACTED
    assert (table.targets(), table.working("hedge")) == ([], [(25, 155.0)])  # a name of the user's is no target
    assert table.say("ORDERS").outcome is Outcome.ACTED
    for role in ("target", "hedge", "doubledown", "extra"):
        assert table.working(role) == []
    assert sum(size for size, _ in table.stops()) == 100
    assert table.say("ORDERS").reason == Reason.NOTHING_TO_CANCEL.text
    table.tick(144)
    assert table.closings() == [("stop", None)]


@both_sides
def test_the_targets_of_an_entry_that_works_are_cancelled_at_once(sign: int) -> None:
    table = Table(sign)
    table.rule("IN", table.enter(100, GUARD, table.limit(149.0)), p.CancelOrders(TARGETS))
    table.tick(150)
    assert [done.outcome for done in table.say("IN").actions] == [Outcome.ACTED, Outcome.ACTED]
    assert table.targets() == []
    table.tick(149, 175)
    assert (table.held, table.stops()) == (100, [(50, 144.0), (50, 144.0)])


@both_sides
def test_an_exit_at_a_limit_is_cancelled_with_the_targets(sign: int) -> None:
    table = Table(sign)
    table.rule("IN", table.enter(100)).rule("OUT", p.Exit(shares(40), pricing=table.limit(155.0)))
    table.rule("STAY", p.CancelOrders(TARGETS))
    table.tick(150)
    table.say("IN")
    table.say("OUT")
    assert table.targets() == [(40, 155.0)]
    assert table.say("STAY").outcome is Outcome.ACTED
    table.tick(156)
    assert (table.held, table.targets()) == (100, [])
    assert sum(size for size, _ in table.stops()) == 100


@both_sides
def test_a_target_that_fills_as_it_is_cancelled_counts(sign: int) -> None:
    table = grown(sign)
    table.fault("late_fill", "target", 50)
    table.say("TARGETS")
    table.tick(150, 150)
    assert table.held == sum(size for size, _ in table.stops() if size in (50,)) or table.held < 100
    table.say("OUT")
    table.tick(150, 150, 150)
    assert (table.held, table.trade) == (0, None)
