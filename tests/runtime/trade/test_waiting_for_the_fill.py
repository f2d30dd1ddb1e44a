"""After `enter`, an action of the same rule that needs the position waits until the entry is complete."""

from __future__ import annotations

import pytest

from rulec.dsl import plan as p
from rulec.runtime.broker.simulated import SimulationSettings
from rulec.runtime.core.records import Outcome
from rulec.runtime.risk.reasons import Reason
from rulec.tests.runtime.trade.table import SIDES, Table, away, protection, shares, target

both_sides = pytest.mark.parametrize("sign", SIDES)
AT_NEXT_PRICE = SimulationSettings(equity=1_000_000.0)
GUARD = protection(5.0, target(10.0))


def entering(sign: int, *after: p.Action, pricing: p.Pricing | None = None) -> Table:
    table = Table(sign, AT_NEXT_PRICE)
    table.rule("IN", table.enter(100, GUARD, pricing), *after).rule("REST", p.CancelOrders(p.Cancelled.ENTRIES))
    table.rule("HALT", p.Halt()).rule("OUT", p.Exit())
    table.tick(150)
    return table


def later(table: Table) -> list[tuple[str, Outcome]]:
    """What the rule decided after its entry."""
    return [(each.actions[0].action, each.outcome) for each in table.decisions("IN")[1:]]


@both_sides
def test_what_needs_the_position_is_done_once_it_is_there(sign: int) -> None:
    at = Table(sign)
    table = entering(
        sign,
        p.MoveStop(at.at(147.0)),
        p.MoveTarget(at.money(158.0)),
        p.PlaceOrder(at.other, shares(40), at.stop(148.0), "hedge"),
        p.Exit(shares(10), because=p.Text(("a tenth",))),
    )
    done = table.say("IN")
    assert [each.outcome for each in done.actions] == [Outcome.ACTED, *[Outcome.ARMED] * 4]
    assert (table.held, table.stops()) == (0, [(100, 145.0)])
    table.tick(150)
    assert later(table) == [
        ("move_stop", Outcome.ACTED),
        ("move_target", Outcome.ACTED),
        ("place", Outcome.ACTED),
        ("exit", Outcome.ACTED),
    ]
    table.tick(150)
    assert table.held == 90
    assert sum(size for size, _ in table.stops() + table.working("hedge")) == 90
    assert {price for _, price in table.targets()} == {158.0}


@both_sides
def test_it_waits_for_the_last_share_of_the_entry(sign: int) -> None:
    at = Table(sign)
    table = entering(sign, p.MoveStop(at.at(147.0)), pricing=at.limit(149.0))
    table.fault("partial_next", "main", 40)
    table.say("IN")
    table.tick(149)
    assert (table.held, table.stops()) == (40, [(100, 144.0)])
    assert later(table) == []
    table.tick(149)
    assert (table.held, table.stops()) == (100, [(100, 147.0)])


@both_sides
def test_an_entry_whose_rest_is_cancelled_is_complete_with_what_has_filled(sign: int) -> None:
    at = Table(sign)
    table = entering(sign, p.TrailStop(away(2.0)), pricing=at.limit(149.0))
    table.fault("partial_next", "main", 40)
    table.say("IN")
    table.tick(149)
    table.say("REST")
    assert (table.held, table.stops()) == (40, [(40, 147.0)])
    assert later(table) == [("trail", Outcome.ACTED)]


@both_sides
def test_it_dies_with_an_entry_of_which_nothing_fills(sign: int) -> None:
    at = Table(sign)
    table = entering(sign, p.MoveStop(at.at(147.0)), pricing=at.limit(140.0))
    table.say("IN")
    table.say("REST")
    assert table.trade is None
    table.say("IN")
    table.tick(139)
    assert table.held == 100  # of the second entry, for which the action waits afresh


@both_sides
def test_after_one_that_comes_to_nothing_the_rest_is_not_done(sign: int) -> None:
    at = Table(sign)
    table = entering(sign, p.MoveStop(at.at(152.0)), p.Exit())
    table.say("IN")
    table.tick(150)
    assert later(table) == [("move_stop", Outcome.IGNORED)]
    assert table.decisions("IN")[1].reason == Reason.THROUGH_MARKET.text
    assert table.held == 100


@both_sides
def test_an_exit_of_the_same_rule_closes_what_it_entered(sign: int) -> None:
    table = entering(sign, p.Exit(because=p.Text(("only a look",))))
    table.say("IN")
    table.tick(150)
    table.tick(150)
    assert (table.held, table.closings()) == (0, [("exit", "only a look")])


@both_sides
def test_a_reversal_of_the_same_rule_turns_what_it_entered(sign: int) -> None:
    table = entering(sign, p.Reverse(protection(5.0)))
    table.say("IN")
    table.tick(150, 150, 150)
    assert table.held == -100
    assert later(table) == [("reverse", Outcome.REVERSED)]


@both_sides
def test_the_entry_of_another_symbol_is_what_is_meant_after_it(sign: int) -> None:
    table = Table(sign, AT_NEXT_PRICE)
    enter = p.Enter(table.side, shares(100), p.Symbol("AAPL"), protection=GUARD)
    table.add(p.Rule(p.SignalTrigger(("GO",)), None, (enter, p.MoveStop(table.at(147.0))), name="GO", label="GO"))
    table.tick(150)
    table.say("GO", symbol="MSFT")
    table.tick(150)
    assert (table.held, table.stops()) == (100, [(100, 147.0)])


@both_sides
def test_a_halt_meanwhile_leaves_what_protects_and_refuses_what_opens(sign: int) -> None:
    at = Table(sign)
    more = p.PlaceOrder(at.side, shares(20), at.limit(148.0), "extra")
    table = entering(sign, p.MoveStop(at.at(147.0)), more, pricing=at.limit(149.0))
    table.fault("partial_next", "main", 40)
    table.say("IN")
    table.tick(149)
    table.say("HALT")
    assert (table.held, table.stops()) == (40, [(40, 147.0)])
    assert later(table) == [("move_stop", Outcome.ACTED), ("place", Outcome.REFUSED)]


@both_sides
def test_an_exit_meanwhile_leaves_nothing_to_do(sign: int) -> None:
    at = Table(sign)
    table = entering(sign, p.MoveTarget(at.money(158.0)), pricing=at.limit(149.0))
    table.fault("partial_next", "main", 40)
    table.say("IN")
    table.tick(149)
    table.say("OUT")
    table.tick(150)
    assert (table.held, table.trade) == (0, None)
    assert later(table) == [("move_target", Outcome.IGNORED)]
    assert table.decisions("IN")[1].reason == Reason.IN_FLIGHT.text
