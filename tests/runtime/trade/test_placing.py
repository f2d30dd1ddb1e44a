"""`place`: any other order of a trade under the user's name for it, on the closing side and on the opening one."""

from __future__ import annotations

import pytest

from rulec.dsl import plan as p
from rulec.runtime.core.records import FillRecord, Outcome
from rulec.runtime.event.inputs import LinkEvent, Signal
from rulec.runtime.risk.reasons import Reason
from rulec.runtime.trade.state import context_of
from rulec.tests.runtime.trade.table import SECOND, SIDES, Table, away, percent, protection, shares, target

both_sides = pytest.mark.parametrize("sign", SIDES)
AT_MARKET = p.Pricing(p.PricingKind.MARKET)


def hedged(
    sign: int,
    pricing: str,
    price: float,
    size: float = 50,
    guard: p.Protection | None = None,
    role: str = "hedge",
    entered: bool = True,
) -> Table:
    """100 shares at 150, stop 145, target 160; HEDGE places an order on the closing side."""
    table = Table(sign)
    table.rule("IN", table.enter(100, protection(5.0, target(10.0)) if guard is None else guard))
    at = table.limit(price) if pricing == "limit" else table.stop(price) if pricing == "stop" else AT_MARKET
    table.rule("HEDGE", p.PlaceOrder(table.other, shares(size), at, role)).rule("OUT", p.Exit())
    table.rule("TIGHTEN", p.MoveStop(table.at(149.0))).rule("EVEN", p.MoveStopToBreakeven())
    table.tick(150)
    if entered:
        table.say("IN")
    return table


@both_sides
def test_a_stop_takes_the_place_of_the_stop_of_so_many_shares(sign: int) -> None:
    table = hedged(sign, "stop", 148.0)
    assert table.say("HEDGE").outcome is Outcome.ACTED
    assert (table.stops(), table.working("hedge")) == ([(50, 145.0)], [(50, 148.0)])
    assert table.targets() == [(50, 160.0), (50, 160.0)]  # the target of those shares stays
    table.tick(147.5)
    assert table.held == 50
    assert (table.stops(), table.working("hedge")) == ([(50, 145.0)], [])
    table.tick(144)
    assert table.closings() == [("stop", None)]


@both_sides
def test_a_stop_for_all_shares_moves_the_stops_that_there_are(sign: int) -> None:
    table = hedged(sign, "stop", 148.0, size=900)
    assert table.say("HEDGE").outcome is Outcome.ACTED
    assert (table.stops(), table.working("hedge")) == ([], [(100, 148.0)])
    table.tick(147)
    assert table.closings() == [("stop", None)]


@both_sides
def test_a_stop_of_its_own_is_never_looser_than_the_trades(sign: int) -> None:
    table = hedged(sign, "stop", 148.0)
    table.say("HEDGE")
    table.say("EVEN")
    table.tick(151)
    table.say("TIGHTEN")
    assert (table.stops(), table.working("hedge")) == ([(50, 149.0)], [(50, 149.0)])


@both_sides
@pytest.mark.parametrize(
    ("price", "reason"),
    [
        (144.0, Reason.WOULD_LOOSEN),
        (145.0, Reason.WOULD_LOOSEN),
        (150.0, Reason.THROUGH_MARKET),
        (151.0, Reason.THROUGH_MARKET),
    ],
)
def test_a_stop_that_would_loosen_or_lie_through_the_market_is_ignored(sign: int, price: float, reason: Reason) -> None:
    table = hedged(sign, "stop", price)
    done = table.say("HEDGE")
    assert (done.outcome, done.reason) == (Outcome.IGNORED, reason.text)
    assert table.stops() == [(100, 145.0)]


@both_sides
def test_the_same_stop_again_takes_other_shares_until_none_is_looser(sign: int) -> None:
    table = hedged(sign, "stop", 148.0, size=60)
    assert [table.say("HEDGE").outcome for _ in range(3)] == [Outcome.ACTED, Outcome.ACTED, Outcome.IGNORED]
    assert table.working("hedge") == [(40, 148.0), (60, 148.0)]
    assert table.stops() == []


@both_sides
def test_a_trade_without_a_stop_gets_one_for_those_shares_alone(sign: int) -> None:
    table = hedged(sign, "stop", 148.0, guard=protection(None))
    assert table.say("HEDGE").outcome is Outcome.ACTED
    assert (table.stops(), table.working("hedge")) == ([], [(50, 148.0)])
    table.tick(147.5)
    assert table.held == 50
    table.say("OUT")
    assert table.closings() == [("exit", None)]


@both_sides
def test_beside_the_brokers_trail_a_stop_is_where_the_trail_of_those_shares_goes_on(sign: int) -> None:
    table = hedged(sign, "stop", 148.0, guard=p.Protection(trail=p.Trail(away(5.0))))
    assert table.say("HEDGE").outcome is Outcome.ACTED
    assert (table.working("trail"), table.working("hedge")) == ([(50, 145.0)], [(50, 148.0)])
    table.tick(152)
    assert (table.working("trail"), table.working("hedge")) == ([(50, 147.0)], [(50, 148.0)])
    table.tick(154)
    assert (table.working("trail"), table.working("hedge")) == ([(50, 149.0)], [(50, 149.0)])
    table.tick(148.5)
    assert table.closings() == [("trail", None)]


@both_sides
def test_the_stop_of_a_slice_is_split_where_there_are_several_targets(sign: int) -> None:
    table = hedged(sign, "stop", 148.0, guard=protection(5.0, target(10.0, 0.5), target(20.0, 0.5)), size=70)
    assert table.say("HEDGE").outcome is Outcome.ACTED
    # the slice with the farthest target as a whole, and part of the other
    assert (table.stops(), table.working("hedge")) == ([(30, 145.0)], [(20, 148.0), (50, 148.0)])
    assert table.targets() == [(20, 160.0), (30, 160.0), (50, 170.0)]
    table.tick(160)
    assert table.held == 50
    table.tick(170)
    assert table.closings() == [("target", None)]


@both_sides
def test_an_exit_closes_shares_with_their_own_stop_too(sign: int) -> None:
    table = hedged(sign, "stop", 148.0)
    table.say("HEDGE")
    table.say("OUT")
    assert table.closings() == [("exit", None)]
    assert (table.stops(), table.working("hedge"), table.held) == ([], [], 0)


@both_sides
def test_a_stop_of_its_own_that_is_refused_comes_back(sign: int) -> None:
    table = hedged(sign, "stop", 148.0)
    table.fault("reject_next", "stop")
    table.say("HEDGE")
    table.wait(3)
    assert (table.stops(), table.working("hedge")) == ([(50, 145.0)], [(50, 148.0)])


@both_sides
def test_while_the_broker_is_away_the_stop_stays_and_the_order_waits(sign: int) -> None:
    table = hedged(sign, "stop", 148.0)
    table.link(LinkEvent.DISCONNECTED)
    assert table.say("HEDGE").outcome is Outcome.ACTED
    assert table.stops() == [(100, 145.0)]
    table.link(LinkEvent.CONNECTED)
    table.tick(150, 150)
    assert (table.stops(), table.working("hedge")) == ([(50, 145.0)], [(50, 148.0)])


@both_sides
def test_a_limit_takes_the_place_of_the_target_under_its_name(sign: int) -> None:
    table = hedged(sign, "limit", 155.0)
    assert table.say("HEDGE").outcome is Outcome.ACTED
    assert (table.targets(), table.working("hedge")) == ([(50, 160.0)], [(50, 155.0)])
    assert table.stops() == [(50, 145.0), (50, 145.0)]
    assert table.trade is not None
    context = context_of(table.trade)
    hedges = context["hedge_orders"]
    assert isinstance(hedges, list) and len(hedges) == 1
    table.tick(155)
    assert (table.held, table.stops()) == (50, [(50, 145.0)])
    filled = [order for order in table.orders() if order.role == "hedge"]
    assert [(order.filled, order.status.value) for order in filled] == [(50, "filled")]


@both_sides
def test_at_market_so_many_shares_are_closed_under_the_name(sign: int) -> None:
    table = hedged(sign, "market", 0)
    assert table.say("HEDGE").outcome is Outcome.ACTED
    assert (table.held, table.stops()) == (50, [(50, 145.0)])
    assert [(order.role, order.filled) for order in table.orders() if order.role == "hedge"] == [("hedge", 50)]
    table.say("OUT")
    assert table.closings() == [("exit", None)]


@both_sides
@pytest.mark.parametrize("pricing", ["limit", "stop", "market"])
def test_on_the_closing_side_an_order_needs_a_trade(sign: int, pricing: str) -> None:
    table = hedged(sign, pricing, 148.0, entered=False)
    done = table.say("HEDGE")
    assert (done.outcome, done.reason) == (Outcome.REFUSED, Reason.NO_TRADE.text)
    assert table.orders() == []


@both_sides
@pytest.mark.parametrize(("pricing", "price"), [("stop", 148.0), ("limit", 155.0)])
@pytest.mark.parametrize("role", ["stop", "target", "main", "scale"])
def test_a_name_that_stands_for_another_kind_of_order_hides_nothing(
    sign: int, pricing: str, price: float, role: str
) -> None:
    table = hedged(sign, pricing, price, role=role)
    table.say("HEDGE")
    shown = {"main": "placed", "scale": "placed"}.get(role, "stop" if pricing == "stop" else "target")
    assert (50, price) in table.working(shown)


@both_sides
@pytest.mark.parametrize("role", ["hedge", "stop", "target", "main", "exit"])
def test_on_the_opening_side_an_order_is_a_bracket_whatever_its_name(sign: int, role: str) -> None:
    table = Table(sign)
    table.rule("IN", table.enter(100)).rule("MORE", p.PlaceOrder(table.side, shares(30), table.limit(148.0), role))
    table.rule("OUT", p.Exit())
    table.tick(150)
    table.say("IN")
    assert table.say("MORE").outcome is Outcome.ACTED
    assert table.working("hedge" if role == "hedge" else "placed") == [(30, 148.0)]
    table.tick(148)
    assert table.held == 130
    assert sum(size for size, _ in table.stops()) == 130
    table.say("OUT")
    table.tick(148)
    assert (table.held, table.stops()) == (0, [])


@both_sides
def test_a_stop_with_a_limit_on_the_closing_side_is_refused(sign: int) -> None:
    table = Table(sign)
    both = p.Pricing(p.PricingKind.STOP_LIMIT, table.money(147.0), table.money(148.0))
    table.rule("IN", table.enter(100)).rule("HEDGE", p.PlaceOrder(table.other, shares(50), both, "hedge"))
    table.tick(150)
    table.say("IN")
    done = table.say("HEDGE")
    assert (done.outcome, done.reason) == (Outcome.REFUSED, Reason.STOP_WITH_LIMIT.text)


@both_sides
def test_shares_leave_at_a_limit_with_the_stop_that_is_their_own(sign: int) -> None:
    table = Table(sign)
    table.rule("IN", table.enter(100))
    table.rule("HEDGE", p.PlaceOrder(table.other, shares(50), table.stop(148.0), "hedge"))
    half = p.Size(p.SizeUnit.POSITION, p.Percent(0.75))
    table.rule("OUT", p.Exit(half, pricing=table.limit(155.0)))
    table.tick(150)
    table.say("IN")
    table.say("HEDGE")
    table.say("OUT")
    assert table.targets() == [(25, 155.0), (50, 155.0)]
    assert (table.stops(), table.working("hedge")) == ([(50, 145.0)], [(25, 148.0), (25, 148.0)])
    table.tick(155)
    assert table.held == 25
    fills = [record.quantity for record in table.rig.records if isinstance(record, FillRecord)]
    assert sum(fills) == 175


@both_sides
def test_while_the_entry_still_fills_the_stop_waits_for_its_end(sign: int) -> None:
    table = Table(sign)
    table.rule("IN", table.enter(100, pricing=table.limit(150.0)))
    table.rule("HEDGE", p.PlaceOrder(table.other, shares(20), table.stop(148.0), "hedge"))
    table.rule("REST", p.CancelOrders(p.Cancelled.ENTRIES))
    table.tick(151)
    table.fault("partial_next", "main", 40)
    table.say("IN")
    table.tick(150)
    assert table.held == 40
    assert table.say("HEDGE").outcome is Outcome.ACTED
    assert (table.working("hedge"), table.stops()) == ([], [(100, 145.0)])
    table.say("REST")
    assert (table.working("hedge"), table.stops()) == ([(20, 148.0)], [(20, 145.0)])


@both_sides
def test_what_is_placed_to_add_is_suppressed_after_another_rule_has_acted_what_closes_is_not(sign: int) -> None:
    table = Table(sign)
    both = p.SignalTrigger(("BOTH",))
    table.rule("IN", table.enter(100))
    places = {"first": table.side, "adds": table.side, "closes": table.other}
    for name, side in places.items():
        placed = p.PlaceOrder(side, shares(10), AT_MARKET, "extra")
        table.add(p.Rule(both, None, (placed,), name=name, label=name))
    table.tick(150)
    table.say("IN")
    table.rig.handle(Signal(table.now + SECOND, "AAPL", "BOTH"))
    outcomes = {name: table.decisions(name)[0].outcome for name in places}
    assert outcomes == {"first": Outcome.ACTED, "adds": Outcome.SUPPRESSED, "closes": Outcome.ACTED}


@both_sides
def test_a_percentage_is_of_the_position(sign: int) -> None:
    table = Table(sign)
    part = p.Size(p.SizeUnit.POSITION, p.Percent(0.255))
    table.rule("IN", table.enter(100, p.Protection(percent(0.03))))
    table.rule("HEDGE", p.PlaceOrder(table.other, part, table.limit(152.0), "hedge"))
    table.tick(150)
    table.say("IN")
    table.say("HEDGE")
    assert table.working("hedge") == [(25, 152.0)]
