"""After an exit by a clock rule in the session's last half hour nothing is entered until the next session."""

from __future__ import annotations

import pytest

from rulec.dsl import plan as p
from rulec.runtime.broker.exchange import FillMode
from rulec.runtime.broker.simulated import SimulationSettings
from rulec.runtime.core.records import Outcome
from rulec.runtime.risk.reasons import Reason
from rulec.tests.runtime.trade.table import SECOND, SIDES, Table, away, protection, shares

both_sides = pytest.mark.parametrize("sign", SIDES)
MINUTE = 60 * SECOND
CLOSE = 1_767_646_800 * SECOND  # 16:00 in New York on Monday, 2026-01-05
NEXT_OPEN = 1_767_709_800 * SECOND
FLAT = (Outcome.REFUSED, Reason.FLAT_FOR_SESSION.text)


class Afternoon(Table):
    """IN enters, and each rule of `on_clock` acts at every tick of the clock."""

    def __init__(self, sign: int, fill: FillMode = FillMode.STANDING) -> None:
        super().__init__(sign, SimulationSettings(equity=1_000_000.0, fill=fill))
        self.rule("IN", self.enter(100), p.ScaleIn(shares(20), away(2.0))).rule("ADD", p.ScaleIn(shares(10)))
        self.rule("OTHER", p.Enter(self.other, shares(40), protection=protection(5.0)))
        self.rule("TURN", p.Reverse(protection(5.0)))

    def on_clock(self, *actions: p.Action, of: tuple[str, ...] | None = ("AAPL",), before: float = 600.0) -> Afternoon:
        """A rule on the clock, so many seconds before the close."""
        trigger = p.MarketTrigger(p.MarketMoment.CLOSE, before, of)
        self.add(p.Rule(trigger, None, actions, name="clock", label="clock"))
        self.due = CLOSE - round(before * SECOND)
        return self

    def clock(self) -> Outcome:
        """Waits until the clock has come to its rule."""
        self.now = self.due
        self.rig.wait_until(self.due)
        return self.decisions("clock")[0].outcome

    def said(self, kind: str) -> tuple[Outcome, str | None]:
        done = self.say(kind)
        return done.outcome, done.reason


@both_sides
def test_entries_are_refused_until_the_next_session(sign: int) -> None:
    table = Afternoon(sign).on_clock(p.Exit())
    table.now = CLOSE - 20 * MINUTE
    table.tick(150)
    table.say("IN")
    assert table.clock() is Outcome.ACTED
    assert (table.held, table.trade) == (0, None)
    assert table.said("IN") == FLAT
    assert table.said("OTHER") == FLAT
    table.now = NEXT_OPEN
    table.tick(150)
    assert table.said("IN") == (Outcome.ACTED, None)
    assert table.held == 100


@both_sides
def test_also_where_there_was_nothing_to_exit(sign: int) -> None:
    table = Afternoon(sign).on_clock(p.Exit())
    table.now = CLOSE - 20 * MINUTE
    table.tick(150)
    assert table.clock() is Outcome.IGNORED
    assert table.said("IN") == FLAT


@both_sides
def test_an_exit_of_everything_holds_for_every_symbol(sign: int) -> None:
    table = Afternoon(sign).on_clock(p.ExitEverything(), of=None)
    table.now = CLOSE - 20 * MINUTE
    table.tick(150)
    table.clock()
    assert table.said("IN") == FLAT


@both_sides
def test_an_exit_of_one_symbol_holds_for_that_one(sign: int) -> None:
    table = Afternoon(sign).on_clock(p.Exit(symbol=p.Symbol("MSFT")), of=None)
    table.now = CLOSE - 20 * MINUTE
    table.tick(150)
    table.clock()
    assert table.said("IN") == (Outcome.ACTED, None)


@both_sides
def test_an_exit_earlier_in_the_session_refuses_nothing(sign: int) -> None:
    table = Afternoon(sign).on_clock(p.Exit(), before=1801.0)
    table.now = CLOSE - 60 * MINUTE
    table.tick(150)
    table.clock()
    assert table.said("IN") == (Outcome.ACTED, None)


@both_sides
def test_part_of_a_position_that_leaves_refuses_nothing(sign: int) -> None:
    table = Afternoon(sign).on_clock(p.Exit(shares(30)))
    table.now = CLOSE - 20 * MINUTE
    table.tick(150)
    table.say("IN")
    table.clock()
    assert table.held == 70
    assert table.said("IN")[1] == Reason.ALREADY_THAT_SIDE.text


@both_sides
def test_what_is_added_and_what_is_turned_is_refused_too(sign: int) -> None:
    """The trade that is still there when its symbol is to be flat grows no more, and is not reversed."""
    table = Afternoon(sign).on_clock(p.Exit())
    table.now = CLOSE - 20 * MINUTE
    table.tick(150)
    table.say("IN")
    table.fault("reject_next", "exit")
    table.clock()
    table.tick(150)
    assert (table.held, table.stops()) == (100, [(100, 145.0)])  # the close was refused, its stop came back
    assert table.said("TURN") == FLAT
    assert table.said("OTHER") == FLAT
    table.tick(152)
    assert table.held == 100


@both_sides
def test_the_second_half_of_a_reversal_under_way_is_refused(sign: int) -> None:
    table = Afternoon(sign, FillMode.NEXT).on_clock(p.Exit())
    table.now = table.due - 5 * SECOND
    table.tick(150)
    table.say("IN")
    table.tick(150)
    assert table.say("TURN").outcome is Outcome.REVERSED
    assert table.clock() is Outcome.IGNORED  # in flight
    table.tick(150, 150)
    assert (table.held, table.trade) == (0, None)
    later = table.decisions("TURN")[-1]
    assert (later.outcome, later.reason) == FLAT


def test_a_clock_rule_without_a_symbol_forgets_the_cooldowns_of_all() -> None:
    table = Afternoon(1).on_clock(p.ResetCooldown(), of=None)
    rest = p.Cooldown(3600.0)
    said = p.Log(p.Text(("said",)))
    table.add(p.Rule(p.SignalTrigger(("SLOW",)), None, (said,), name="SLOW", label="SLOW", cooldown=rest))
    table.now = table.due - MINUTE
    for symbol in ("AAPL", "MSFT"):
        table.say("SLOW", symbol=symbol)
        assert table.say("SLOW", symbol=symbol).outcome is Outcome.THROTTLED
    table.clock()
    for symbol in ("AAPL", "MSFT"):
        assert table.say("SLOW", symbol=symbol).outcome is Outcome.ACTED
