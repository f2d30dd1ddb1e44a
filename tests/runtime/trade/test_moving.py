"""`move stop`, `move stop to breakeven`, `move target` and `trail`, on both sides."""

from __future__ import annotations

import pytest

from rulec.dsl import plan as p
from rulec.runtime.core.records import Outcome
from rulec.runtime.risk.reasons import Reason
from rulec.tests.runtime.trade.table import SIDES, Table, away, in_r, percent, protection, target

both_sides = pytest.mark.parametrize("sign", SIDES)
TWO_TARGETS = protection(5.0, target(10.0, 0.5), target(20.0, 0.5))


def held(sign: int, action: p.Action, guard: p.Protection = TWO_TARGETS) -> Table:
    """100 shares at 150 with a stop at 145; the signal DO does the action."""
    table = Table(sign)
    table.rule("IN", table.enter(100, guard)).rule("DO", action)
    table.tick(150)
    table.say("IN")
    assert table.held == 100
    return table


# ---- to breakeven ----------------------------------------------------------------------------------------------------


@both_sides
@pytest.mark.parametrize(
    ("action", "stop"),
    [
        (p.MoveStopToBreakeven(), 150.0),
        (p.MoveStopToBreakeven(away(1.0)), 151.0),
        (p.MoveStopToBreakeven(percent(0.01)), 151.5),
        (p.MoveStopToBreakeven(in_r(0.5)), 152.5),
        (p.MoveStopToBreakeven(away(1.0), gain=False), 149.0),
        (p.MoveStopToBreakeven(in_r(0.5), gain=False), 147.5),
    ],
)
def test_the_stop_goes_to_the_average_entry_or_so_far_from_it(
    sign: int, action: p.MoveStopToBreakeven, stop: float
) -> None:
    table = held(sign, action)
    table.tick(155)
    assert table.say("DO").outcome is Outcome.ACTED
    assert table.stops() == [(50, stop), (50, stop)]
    table.tick(stop - 0.5)
    assert table.closings() == [("stop", None)]


@both_sides
def test_breakeven_is_ignored_where_it_would_loosen_or_lie_at_or_through_the_market(sign: int) -> None:
    table = held(sign, p.MoveStopToBreakeven())
    for price in (150, 149):
        table.tick(price)
        assert table.say("DO").reason == Reason.THROUGH_MARKET.text
    assert table.stops() == [(50, 145.0), (50, 145.0)]
    table.tick(155)
    assert table.say("DO").outcome is Outcome.ACTED
    done = table.say("DO")
    assert (done.outcome, done.reason) == (Outcome.IGNORED, Reason.WOULD_LOOSEN.text)


@both_sides
def test_a_distance_in_r_is_unknown_without_a_stop_at_the_entry(sign: int) -> None:
    table = held(sign, p.MoveStopToBreakeven(in_r(1.0)), protection(None))
    table.tick(160)
    done = table.say("DO")
    assert (done.outcome, done.reason) == (Outcome.SKIPPED, "R unknown")
    assert table.stops() == []


@both_sides
def test_breakeven_gives_a_stop_to_a_trade_that_had_none(sign: int) -> None:
    table = held(sign, p.MoveStopToBreakeven(), protection(None, target(10.0, 0.5)))
    table.tick(155)
    assert table.say("DO").outcome is Outcome.ACTED
    assert table.stops() == [(50, 150.0), (50, 150.0)]


@both_sides
def test_a_trail_of_the_brokers_goes_on_from_where_its_stop_was_moved(sign: int) -> None:
    table = held(sign, p.MoveStopToBreakeven(), p.Protection(trail=p.Trail(away(5.0))))
    table.tick(152)
    assert table.working("trail") == [(100, 147.0)]
    assert table.say("DO").outcome is Outcome.ACTED
    assert table.working("trail") == [(100, 150.0)]
    table.tick(154)
    assert table.working("trail") == [(100, 150.0)]
    table.tick(156)
    assert table.working("trail") == [(100, 151.0)]
    table.tick(150.5)
    assert table.closings() == [("trail", None)]


@pytest.mark.parametrize(
    "action",
    [
        p.MoveStopToBreakeven(),
        p.MoveTarget(p.Money(160.0)),
        p.TrailStop(percent(0.01)),
        p.Reverse(),
        p.MoveStop(p.Distance(p.DistanceUnit.PRICE, p.Money(149.0))),
    ],
)
def test_what_needs_a_position_is_ignored_without_one(action: p.Action) -> None:
    table = Table(1).rule("DO", action)
    table.tick(150)
    done = table.say("DO")
    assert (done.outcome, done.reason) == (Outcome.IGNORED, Reason.NO_TRADE.text)


# ---- the target ------------------------------------------------------------------------------------------------------


@both_sides
def test_the_nearest_unfilled_target_moves_and_stays_there(sign: int) -> None:
    table = Table(sign)
    table.rule("IN", table.enter(100, TWO_TARGETS), p.ScaleIn(p.Size(p.SizeUnit.SHARES, p.Number(50)), away(2.0)))
    table.rule("DO", p.MoveTarget(table.money(158.0)))
    table.tick(150)
    table.say("IN")
    assert table.say("DO").outcome is Outcome.ACTED
    assert table.targets() == [(50, 158.0), (50, 170.0)]
    table.tick(152)  # adds 50 shares, which go with the nearest target; the average entry changes
    assert table.targets() == [(50, 158.0), (50, 158.0), (50, pytest.approx(170.67, abs=0.01))]
    table.tick(158)
    assert table.held == 50
    assert len(table.targets()) == 1
    done = table.say("DO")
    assert done.outcome is Outcome.ACTED  # now the second is the nearest, and it fills at once
    assert table.held == 0
    assert table.closings() == [("target", None)]


@both_sides
def test_a_target_goes_to_the_losing_side_too(sign: int) -> None:
    table = held(sign, p.MoveTarget(Table(sign).money(149.0)), protection(5.0, target(10.0)))
    table.tick(147)
    assert table.say("DO").outcome is Outcome.ACTED
    assert table.targets() == [(100, 149.0)]
    assert table.stops() == [(100, 145.0)]
    table.tick(149)
    assert table.closings() == [("target", None)]


@both_sides
def test_without_a_target_there_is_nothing_to_move(sign: int) -> None:
    table = held(sign, p.MoveTarget(Table(sign).money(158.0)), protection(5.0))
    done = table.say("DO")
    assert (done.outcome, done.reason) == (Outcome.IGNORED, Reason.NO_TARGET.text)


@both_sides
def test_a_target_that_stands_there_already_is_left_alone(sign: int) -> None:
    table = held(sign, p.MoveTarget(Table(sign).money(160.0)))
    assert table.say("DO").reason == Reason.ALREADY_THERE.text


@both_sides
def test_an_exit_at_a_limit_is_a_target_that_can_be_moved(sign: int) -> None:
    table = Table(sign)
    table.rule("IN", table.enter(100, protection(5.0)))
    table.rule("OUT", p.Exit(pricing=table.limit(156.0))).rule("DO", p.MoveTarget(table.money(154.0)))
    table.tick(150)
    table.say("IN")
    table.say("OUT")
    assert table.say("DO").outcome is Outcome.ACTED
    assert table.targets() == [(100, 154.0)]
    table.tick(154)
    assert table.closings() == [("exit", None)]


def test_a_target_at_no_price_is_refused() -> None:
    table = held(1, p.MoveTarget(p.Money(0.0)))
    assert table.say("DO").reason == Reason.NO_PRICE.text


# ---- the trail -------------------------------------------------------------------------------------------------------


@both_sides
def test_a_trail_never_loosens_the_stop_and_follows_from_then_on(sign: int) -> None:
    table = held(sign, p.TrailStop(away(8.0)))
    table.tick(151)
    assert table.say("DO").outcome is Outcome.ACTED
    assert table.stops() == [(50, 145.0), (50, 145.0)]  # 143 would be looser
    table.tick(155)
    assert table.stops() == [(50, 147.0), (50, 147.0)]
    table.tick(150, 146.5)
    assert table.closings() == [("trail", None)]


@both_sides
def test_a_trail_that_follows_is_replaced_by_a_closer_one_only(sign: int) -> None:
    table = Table(sign)
    table.rule("IN", table.enter(100, p.Protection(stop=away(5.0), trail=p.Trail(away(4.0)))))
    table.rule("WIDE", p.TrailStop(away(4.5))).rule("CLOSE", p.TrailStop(in_r(0.5)))
    table.tick(150)
    table.say("IN")
    assert table.stops() == [(100, 146.0)]
    assert table.say("WIDE").reason == Reason.WOULD_LOOSEN.text
    table.tick(152)
    assert table.stops() == [(100, 148.0)]
    table.say("CLOSE")
    table.tick(154)
    assert table.stops() == [(100, 152.0)]


@both_sides
def test_a_trail_of_the_brokers_gets_closer_at_the_broker(sign: int) -> None:
    table = held(sign, p.TrailStop(away(2.0)), p.Protection(trail=p.Trail(percent(0.04))))
    assert table.working("trail") == [(100, 144.0)]
    assert table.say("DO").outcome is Outcome.ACTED
    assert table.working("trail") == [(100, 148.0)]
    assert table.say("DO").reason == Reason.WOULD_LOOSEN.text
    table.tick(155)
    assert table.working("trail") == [(100, 153.0)]
    table.tick(152.5)
    assert table.closings() == [("trail", None)]


@both_sides
def test_a_trade_without_a_stop_gets_one_by_a_trail(sign: int) -> None:
    table = held(sign, p.TrailStop(percent(0.02)), protection(None))
    assert table.say("DO").outcome is Outcome.ACTED
    assert table.stops() == [(100, 147.0)]
