"""Bars of the past make indicators known, and are no news: no price, no fill, nothing that a rule fires on."""

from __future__ import annotations

import attrs

from rulec.dsl.compile import compile_text
from rulec.runtime.broker.simulated import SimulationSettings
from rulec.runtime.core.records import Decision
from rulec.runtime.event.inputs import Bar, Price
from rulec.runtime.times import MINUTE, parse_time
from rulec.tests.support.driver import Rig

OPEN = parse_time("2026-01-05T15:00:00Z")
RULES = """
on bar of AAPL -> log "a bar"
on every 1m of AAPL -> log "a minute"
on price of AAPL where price > sma(5) and close[1] < $100 -> enter long 10 stop 2 atr
"""


def past(minutes: int) -> Bar:
    start = OPEN - minutes * MINUTE
    return Bar(start, "AAPL", 99.0, 100.0, 98.0, 99.0, 500.0, MINUTE, start, start + MINUTE, past=True)


def test_bars_of_the_past_warm_indicators_up_and_are_no_news() -> None:
    plan = compile_text(RULES).plan
    assert plan is not None
    rig = Rig(plan.rules, SimulationSettings())
    for minutes in range(20, 0, -1):
        rig.session.handle(past(minutes), OPEN)
    assert rig.records == []
    assert rig.engine.desk.board.last("AAPL") is None
    rig.handle(Price(OPEN + 1, "AAPL", 101.0), Price(OPEN + 2, "AAPL", 101.0))
    minute, entry, *_ = [record for record in rig.records if isinstance(record, Decision)]
    assert (minute.rule, minute.time) == ("text#2", OPEN)  # the clock began with the present, not with the past
    assert (entry.outcome.value, dict(entry.values)["sma(5)"]) == ("acted", 99.0)


def test_a_bar_of_today_is_news() -> None:
    plan = compile_text('on bar of AAPL -> log "a bar"').plan
    assert plan is not None
    rig = Rig(plan.rules, SimulationSettings())
    rig.handle(attrs.evolve(past(1), past=False))
    assert [record.rule for record in rig.records if isinstance(record, Decision)] == ["text#1"]
