"""An entry that a bar delivered at the close decides waits for the next open; any other then is refused."""

from __future__ import annotations

import pytest

from rulec.dsl import plan as p
from rulec.runtime.broker.simulated import SimulationSettings
from rulec.runtime.core.records import Decision, FillRecord, Notice, Outcome
from rulec.runtime.event.inputs import Bar, BrokerLink, LinkEvent, Price, Signal
from rulec.runtime.risk.reasons import Reason
from rulec.tests.runtime.trade.table import SECOND, SIDES, Table, away, protection, shares, target

both_sides = pytest.mark.parametrize("sign", SIDES)
MINUTE = 60 * SECOND
CLOSE = 1_767_646_800 * SECOND  # 16:00 in New York on Monday, 2026-01-05
NEXT_OPEN = 1_767_709_800 * SECOND  # 09:30 on Tuesday
GUARD = protection(5.0, target(10.0))


class Evening(Table):
    """A table on one-minute bars: each rule fires on the bars that close at a price of its own."""

    def __init__(self, sign: int) -> None:
        super().__init__(sign, SimulationSettings(equity=1_000_000.0))

    def when(self, long: float, name: str, *actions: p.Action) -> Evening:
        closing = self.price(long)
        self.on(Bar, name, lambda bar: abs(bar.close - closing) < 1e-9, *actions)
        return self

    def bar(self, end: int, *long: float, regular: bool = True) -> None:
        """A bar that runs through prices, written for a long, to an end."""
        prices = [self.price(price) for price in long]
        start = end - MINUTE
        self.now = end
        low, high = min(prices), max(prices)
        self.rig.handle(Bar(start, "AAPL", prices[0], high, low, prices[-1], 1_000.0, MINUTE, start, end, regular))

    def outcomes(self, rule: str) -> list[tuple[Outcome, str | None]]:
        return [(each.outcome, each.reason) for each in self.decisions(rule)]


def evening(sign: int, *after: p.Action) -> Evening:
    """IN enters 100 on a bar that closes at 151, at the close of Monday or whenever."""
    table = Evening(sign)
    table.when(151.0, "IN", table.enter(100, GUARD), *after)
    table.when(152.0, "OUT", p.Exit())
    table.when(152.5, "OUT OF ALL", p.ExitEverything())
    table.when(153.0, "HALT", p.Halt())
    table.when(154.0, "OTHER WAY", p.Enter(table.other, shares(40), protection=GUARD))
    table.when(155.0, "TURN", p.Reverse(GUARD))
    table.when(156.0, "AGAIN", table.enter(70, GUARD))
    table.bar(CLOSE - 10 * MINUTE, 150.0, 150.0)
    return table


@both_sides
def test_it_is_sized_priced_and_judged_at_the_next_open_and_fills_there(sign: int) -> None:
    table = evening(sign)
    table.bar(CLOSE, 150.0, 151.0)
    assert table.outcomes("IN") == [(Outcome.ARMED, None)]
    assert table.orders() == []
    table.bar(NEXT_OPEN + MINUTE, 149.0, 149.5)
    assert table.outcomes("IN") == [(Outcome.ARMED, None), (Outcome.ACTED, None)]
    later = table.decisions("IN")[1]
    assert (later.time, later.actions[0].action, len(later.actions[0].orders)) == (NEXT_OPEN, "enter", 3)
    [fill] = [record for record in table.rig.records if isinstance(record, FillRecord)]
    assert fill.price == round(table.price(149.0) * 1_000_000)  # the open
    assert (table.held, table.stops(), table.targets()) == (100, [(100, 144.0)], [(100, 159.0)])
    assert [act[0] for act in table.rig.engine.counters.state()["acts"]["IN"]] == [NEXT_OPEN]


@both_sides
def test_the_actions_after_it_go_with_it(sign: int) -> None:
    at = Table(sign)
    table = evening(sign, p.ScaleIn(shares(20), away(3.0)), p.MoveStop(at.at(147.0)))
    table.bar(CLOSE, 150.0, 151.0)
    assert [each.outcome for each in table.decisions("IN")[0].actions] == [Outcome.ARMED] * 3
    table.bar(NEXT_OPEN + MINUTE, 149.0, 149.5)
    assert table.stops() == [(100, 147.0)]
    table.bar(NEXT_OPEN + 2 * MINUTE, 150.0, 152.2)
    table.bar(NEXT_OPEN + 3 * MINUTE, 152.2, 152.2)
    assert table.held == 120


@both_sides
def test_a_later_one_of_the_symbol_takes_its_place(sign: int) -> None:
    table = evening(sign)
    table.bar(CLOSE, 150.0, 151.0)
    table.bar(CLOSE, 150.0, 156.0)  # a bar of another length ends with the session, too
    table.bar(NEXT_OPEN + MINUTE, 150.0, 150.0)
    assert table.held == 70
    assert [outcome for outcome, _ in table.outcomes("IN")] == [Outcome.ARMED]
    assert [outcome for outcome, _ in table.outcomes("AGAIN")] == [Outcome.ARMED, Outcome.ACTED]


@both_sides
@pytest.mark.parametrize(("price", "rule"), [(152.0, "OUT"), (152.5, "OUT OF ALL")])
def test_an_exit_before_the_open_drops_it(sign: int, price: float, rule: str) -> None:
    table = evening(sign)
    table.bar(CLOSE, 150.0, 151.0)
    table.bar(CLOSE, 150.0, price)
    assert table.outcomes(rule) == [(Outcome.ACTED, None)]
    assert table.outcomes("IN") == [(Outcome.ARMED, None), (Outcome.REFUSED, Reason.EXITED.text)]
    table.bar(NEXT_OPEN + MINUTE, 150.0, 150.0)
    assert table.orders() == []


@both_sides
def test_a_halt_drops_it_and_lets_none_wait(sign: int) -> None:
    table = evening(sign)
    table.bar(CLOSE, 150.0, 151.0)
    table.bar(CLOSE, 150.0, 153.0)
    table.bar(CLOSE, 150.0, 156.0)
    assert table.outcomes("IN") == [(Outcome.ARMED, None), (Outcome.REFUSED, Reason.HALTED.text)]
    assert table.outcomes("AGAIN") == [(Outcome.REFUSED, Reason.HALTED.text)]
    table.bar(NEXT_OPEN + MINUTE, 150.0, 150.0)
    assert table.orders() == []


@both_sides
def test_while_the_broker_is_away_at_the_open_it_is_refused(sign: int) -> None:
    table = evening(sign)
    table.bar(CLOSE, 150.0, 151.0)
    table.rig.handle(BrokerLink(CLOSE + MINUTE, LinkEvent.DISCONNECTED))
    table.rig.handle(BrokerLink(NEXT_OPEN + SECOND, LinkEvent.CONNECTED))
    assert table.outcomes("IN") == [(Outcome.ARMED, None), (Outcome.REFUSED, Reason.DISCONNECTED.text)]
    assert table.orders() == []


@both_sides
def test_on_the_side_of_the_trade_it_is_ignored_and_on_the_other_it_reverses_at_the_open(sign: int) -> None:
    table = evening(sign)
    table.bar(CLOSE - 3 * MINUTE, 150.0, 151.0)
    table.bar(CLOSE - 2 * MINUTE, 150.0, 150.0)
    assert table.held == 100
    table.bar(CLOSE, 150.0, 156.0)
    assert table.outcomes("AGAIN") == [(Outcome.IGNORED, Reason.ALREADY_THAT_SIDE.text)]
    table.bar(CLOSE, 150.0, 154.0)
    assert table.held == 100
    assert sum(size for size, _ in table.stops()) == 100
    table.bar(NEXT_OPEN + MINUTE, 150.0, 150.0)
    table.bar(NEXT_OPEN + 2 * MINUTE, 150.0, 150.0)
    assert [outcome for outcome, _ in table.outcomes("OTHER WAY")] == [Outcome.ARMED, Outcome.REVERSED]
    assert table.held == -40


@both_sides
def test_a_reversal_at_the_close_keeps_the_stop_overnight_and_turns_at_the_open(sign: int) -> None:
    table = evening(sign)
    table.bar(CLOSE - 3 * MINUTE, 150.0, 151.0)
    table.bar(CLOSE - 2 * MINUTE, 150.0, 150.0)
    table.bar(CLOSE, 150.0, 155.0)
    assert table.outcomes("TURN") == [(Outcome.ARMED, None)]
    assert (table.held, table.stops()) == (100, [(100, 145.0)])
    table.bar(NEXT_OPEN + MINUTE, 150.0, 150.0)
    table.bar(NEXT_OPEN + 2 * MINUTE, 150.0, 150.0)
    assert [outcome for outcome, _ in table.outcomes("TURN")] == [Outcome.ARMED, Outcome.REVERSED]
    assert table.held == -100


@both_sides
def test_a_bar_before_the_close_enters_at_once(sign: int) -> None:
    table = evening(sign)
    table.bar(CLOSE - MINUTE, 150.0, 151.0)
    assert table.outcomes("IN") == [(Outcome.ACTED, None)]


@both_sides
def test_any_other_entry_outside_the_hours_is_refused(sign: int) -> None:
    table = evening(sign)
    table.bar(CLOSE + 30 * MINUTE, 150.0, 151.0, regular=False)
    assert table.outcomes("IN") == [(Outcome.REFUSED, Reason.OUTSIDE_HOURS.text)]
    table.bar(NEXT_OPEN + MINUTE, 150.0, 150.0)
    assert table.orders() == []


@both_sides
def test_a_signal_after_the_close_is_not_queued(sign: int) -> None:
    table = Table(sign, SimulationSettings(equity=1_000_000.0))
    table.rule("IN", table.enter(100, GUARD))
    table.now = CLOSE - SECOND
    table.tick(150)
    assert table.say("IN").reason == Reason.OUTSIDE_HOURS.text
    table.rig.handle(Price(NEXT_OPEN + SECOND, "AAPL", table.price(150.0)))
    assert table.orders() == []


@both_sides
def test_cancelled_before_the_open_it_is_forgotten(sign: int) -> None:
    table = Evening(sign)
    table.when(151.0, "IN", table.enter(100, GUARD))
    table.rule("CANCEL", p.CancelOrders(p.Cancelled.ENTRIES))
    table.bar(CLOSE, 150.0, 151.0)
    table.rig.handle(Signal(CLOSE + MINUTE, "AAPL", "CANCEL"))
    assert table.outcomes("CANCEL") == [(Outcome.ACTED, None)]
    table.bar(NEXT_OPEN + MINUTE, 150.0, 150.0)
    assert table.orders() == []
    assert not [record for record in table.rig.records if isinstance(record, Notice)]
    assert len([record for record in table.rig.records if isinstance(record, Decision)]) == 2
