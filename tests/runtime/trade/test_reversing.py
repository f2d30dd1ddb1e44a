"""`reverse`: out, and in the other way with the shares that were held when it was decided."""

from __future__ import annotations

import pytest

from rulec.dsl import plan as p
from rulec.runtime.broker.exchange import FillMode
from rulec.runtime.broker.port import OrderSide
from rulec.runtime.broker.simulated import SimulationSettings
from rulec.runtime.core.records import Outcome
from rulec.runtime.event.inputs import LinkEvent
from rulec.runtime.risk.reasons import Reason
from rulec.tests.runtime.trade.table import SIDES, Table, away, protection, shares, target

both_sides = pytest.mark.parametrize("sign", SIDES)
AT_NEXT_PRICE = SimulationSettings(equity=1_000_000.0)


def turning(sign: int, *after: p.Action, settings: SimulationSettings | None = None, **given: object) -> Table:
    """A rule IN that enters 100 at 150, a rule TURN that reverses with a stop 4 away and a target 12 away."""
    limits = given.get("limits", ())
    assert isinstance(limits, tuple)
    table = Table(sign, settings, limits)
    table.rule("IN", table.enter(100)).rule("TURN", p.Reverse(protection(4.0, target(12.0))), *after)
    table.rule("PART", p.Exit(shares(30))).rule("OUT", p.Exit())
    table.tick(150)
    return table


@both_sides
def test_it_closes_and_enters_the_other_way_with_the_shares_held(sign: int) -> None:
    table = turning(sign)
    table.say("IN")
    table.say("PART")
    assert table.held == 70
    done = table.say("TURN")
    assert (done.outcome, done.actions[0].action) == (Outcome.REVERSED, "reverse")
    table.tick(150)
    assert table.held == -70
    assert table.opened()[-1] == (OrderSide.SELL if sign > 0 else OrderSide.BUY, 70)
    assert (table.stops(), table.targets()) == ([(70, 154.0)], [(70, 138.0)])
    assert table.closings() == [("reverse", None)]
    table.tick(154.5)
    assert table.closings() == [("reverse", None), ("stop", None)]


@both_sides
def test_it_needs_a_trade_with_shares_that_is_not_on_its_way_out(sign: int) -> None:
    table = turning(sign, settings=AT_NEXT_PRICE)
    assert table.say("TURN").reason == Reason.NO_TRADE.text
    table.say("IN")
    assert table.say("TURN").reason == Reason.NOTHING_HELD.text
    table.tick(150)
    table.say("OUT")
    done = table.say("TURN")
    assert (done.outcome, done.reason) == (Outcome.IGNORED, Reason.IN_FLIGHT.text)


@both_sides
def test_the_gate_judges_the_whole_before_anything_is_cancelled(sign: int) -> None:
    table = turning(sign, limits=(p.Limit(p.LimitKind.ONLY_SYMBOLS, symbols=("MSFT",)),))
    table.say("IN")
    assert table.held == 0
    table = turning(1, limits=(p.Limit(p.LimitKind.NO_SHORTING),))
    table.say("IN")
    done = table.say("TURN")
    assert (done.outcome, done.reason) == (Outcome.REFUSED, Reason.NO_SHORTING.text)
    assert (table.held, table.stops()) == (100, [(100, 145.0)])


@both_sides
def test_a_protection_on_the_wrong_side_refuses_it_and_the_trade_stays(sign: int) -> None:
    table = Table(sign)
    wrong = p.Protection(stop=table.at(148.0))  # for the other side the stop must lie above
    table.rule("IN", table.enter(100)).rule("TURN", p.Reverse(wrong))
    table.tick(150)
    table.say("IN")
    assert table.say("TURN").reason == Reason.STOP_WRONG_SIDE.text
    assert (table.held, table.stops()) == (100, [(100, 145.0)])


def test_on_a_stale_signal_nothing_is_reversed() -> None:
    table = turning(1)
    table.say("IN")
    assert table.say("TURN", age=120).reason == Reason.STALE_SIGNAL.text
    assert table.held == 100


@both_sides
def test_what_follows_a_reversal_is_about_the_trade_that_it_enters(sign: int) -> None:
    table = turning(
        sign,
        p.ScaleIn(shares(20), away(3.0)),
        p.MoveStopToBreakeven(away(2.0), gain=False),
        p.MoveTarget(Table(sign).money(140.0)),
        settings=AT_NEXT_PRICE,
    )
    table.say("IN")
    table.tick(150)
    done = table.say("TURN")
    assert [each.outcome for each in done.actions] == [Outcome.REVERSED, *[Outcome.ARMED] * 3]
    assert table.working("exit") == [(100, None)]
    table.tick(150)  # flat
    assert table.held == 0
    table.tick(150)  # and in the other way: the stop from 154 to 152, the target from 138 to 140
    assert (table.held, table.stops(), table.targets()) == (-100, [(100, 152.0)], [(100, 140.0)])
    later = [(each.actions[0].action, each.outcome) for each in table.decisions("TURN")[1:]]
    assert later == [("move_stop", Outcome.ACTED), ("move_target", Outcome.ACTED)]
    table.tick(147)
    table.tick(147)
    assert table.held == -120


@both_sides
def test_a_reversal_whose_close_is_refused_keeps_the_trade_and_its_stop(sign: int) -> None:
    table = turning(sign)
    table.say("IN")
    table.fault("reject_next", "exit")
    table.say("TURN")
    table.wait(5)
    table.tick(150)
    assert (table.held, table.stops()) == (100, [(100, 145.0)])


@both_sides
def test_while_the_broker_is_away_nothing_is_reversed(sign: int) -> None:
    table = turning(sign)
    table.say("IN")
    table.link(LinkEvent.DISCONNECTED)
    assert table.say("TURN").reason == Reason.DISCONNECTED.text
    table.link(LinkEvent.CONNECTED)
    assert (table.held, table.stops()) == (100, [(100, 145.0)])


@both_sides
def test_reversed_back_and_forth_it_is_always_the_same_number_of_shares(sign: int) -> None:
    table = turning(sign, settings=SimulationSettings(equity=1_000_000.0, fill=FillMode.STANDING))
    table.say("IN")
    for turn in range(4):
        table.say("TURN")
        table.tick(150)
        assert table.held == (100 if turn % 2 else -100)
        assert sum(size for size, _ in table.stops()) == 100


def test_the_first_rule_that_acts_owns_the_event_and_a_later_reversal_is_suppressed() -> None:
    table = Table(1)
    table.rule("IN", table.enter(100))
    both = p.SignalTrigger(("BOTH",))
    table.add(p.Rule(both, None, (p.ScaleIn(shares(10)),), name="first", label="first"))
    table.add(p.Rule(both, None, (p.Reverse(protection()),), name="BOTH", label="BOTH"))
    table.tick(150)
    table.say("IN")
    done = table.say("BOTH")
    assert (done.outcome, done.reason) == (Outcome.SUPPRESSED, Reason.OWNED.text)
    assert table.held == 110
