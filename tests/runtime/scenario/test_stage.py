"""What a test is played on: the same engine as everywhere, bars on the exchange's grid, comparisons in words."""

from __future__ import annotations

import random
from datetime import date

import pytest

from rulec.dsl import scenario
from rulec.dsl.compile import compile_text
from rulec.dsl.plan import Plan
from rulec.runtime.broker.exchange import FillMode
from rulec.runtime.broker.simulated import SimulationSettings
from rulec.runtime.core.output import record_line
from rulec.runtime.core.settings import Settings
from rulec.runtime.market.hours import AlwaysOpen, NyseHours
from rulec.runtime.rule.index import RuleIndex
from rulec.runtime.scenario.bar_times import BarTimes, Span, usual_timeframe
from rulec.runtime.scenario.stage import DEFAULT_DAY, DEFAULT_TIME, Stage, Theatre
from rulec.runtime.scenario.written import comparisons_of
from rulec.runtime.times import DAY, HOUR, MINUTE, SECOND
from rulec.tests.support.scenario_cases import RULES

HOURS = NyseHours()
STANDING = SimulationSettings(fill=FillMode.STANDING)


def plan_of(text: str) -> Plan:
    plan = compile_text(text, "cases.rules").plan
    assert plan is not None
    return plan


def moment(seconds: int, day: date = DEFAULT_DAY) -> int:
    return HOURS.moment(day, seconds)


# ---- the engine is the same ----------------------------------------------------------------------------------------


def some_steps(seed: int) -> list[scenario.Happening]:
    chance = random.Random(seed)
    steps: list[scenario.Happening] = []
    for _ in range(chance.randint(10, 60)):
        symbol = chance.choice(["AAPL", "MSFT", "SPY", "TSLA"])
        price = round(chance.uniform(90, 110), 2)
        kind = chance.choice(["BUY", "HALVES", "SELL", "SOME", "ADD", "TRAIL", "SHORT", "OFTEN", "TWICE"])
        fields = (("premium", chance.choice([2.0, 5.0])), ("urgent", chance.random() < 0.3))
        possible: list[scenario.Happening] = [
            scenario.Price(symbol, price, chance.choice([None, 100.0, 600.0])),
            scenario.Quote(symbol, price, round(price + 0.02, 2)),
            scenario.Bars("SPY", price, price + 2, price - 2, price, 1000.0, None, chance.randint(1, 12)),
            scenario.Signal(kind, symbol, chance.choice([None, 0.7, 0.9]), None, "", fields),
            scenario.Signal(kind, "AAPL", 0.9, None, "", fields),
            scenario.Wait(chance.choice([1.0, 200.0, 4000.0])),
            scenario.RejectNext("no"),
            scenario.PartialNext(chance.randint(1, 90)),
        ]
        steps.append(chance.choice(possible))
    return steps


def records_of(steps: list[scenario.Happening]) -> list[str]:
    stage = Stage(Theatre(plan_of(RULES), HOURS, Settings(), STANDING), scenario.Test("", tuple(steps)))
    lines: list[str] = []
    for step in steps:
        stage.turn_page()
        stage.perform(step)
        lines += [record_line(record) for record in stage.records]
    return lines


@pytest.mark.parametrize("seed", range(25))
def test_watching_changes_nothing_that_is_decided(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same steps with the engine's own index come to the same records."""
    steps = some_steps(seed)
    watched = records_of(steps)
    monkeypatch.setattr("rulec.runtime.scenario.stage.WatchingIndex", lambda rules, now, note: RuleIndex(rules))
    assert records_of(steps) == watched
    assert watched


# ---- time ----------------------------------------------------------------------------------------------------------


def test_a_test_begins_half_an_hour_after_the_open_of_a_trading_day() -> None:
    stage = Stage(Theatre(plan_of(RULES), HOURS, Settings(), STANDING), scenario.Test("", ()))
    assert stage.now == moment(DEFAULT_TIME)
    assert HOURS.is_open(stage.now)


@pytest.mark.parametrize(
    ("seconds", "timeframe", "start", "end"),
    [
        (10 * 3600, MINUTE, 10 * 3600, 10 * 3600 + 60),
        (10 * 3600 + 1, 5 * MINUTE, 10 * 3600 + 300, 10 * 3600 + 600),
        (10 * 3600, HOUR, 10 * 3600 + 1800, 11 * 3600 + 1800),
        (9 * 3600, HOUR, 9 * 3600 + 1800, 10 * 3600 + 1800),
        (15 * 3600 + 1800, HOUR, 15 * 3600 + 1800, 16 * 3600),
        (9 * 3600, DAY, 9 * 3600 + 1800, 16 * 3600),
    ],
    ids=[
        "at once",
        "the next place of the grid",
        "counted from the open",
        "before the open",
        "cut to the close",
        "day",
    ],
)
def test_a_bar_stands_on_the_grid_of_its_session(seconds: int, timeframe: int, start: int, end: int) -> None:
    span = BarTimes(HOURS).next("SPY", timeframe, moment(seconds))
    assert (span.start, span.end) == (moment(start), moment(end))


@pytest.mark.parametrize("timeframe", [MINUTE, HOUR, DAY])
def test_after_the_close_a_bar_is_the_first_of_the_next_session(timeframe: int) -> None:
    friday = date(2026, 1, 2)
    span = BarTimes(HOURS).next("SPY", timeframe, moment(16 * 3600, friday))
    assert span.start == moment(9 * 3600 + 1800)


def test_bars_of_other_symbols_share_the_span_and_a_second_bar_is_the_next() -> None:
    bars = BarTimes(HOURS)
    spans: list[Span] = []
    now = moment(10 * 3600)
    for symbol in ("SPY", "QQQ", "SPY", "QQQ", "QQQ"):
        spans.append(bars.next(symbol, MINUTE, now))
        now = spans[-1].end
    assert [(span.start - spans[0].start) // MINUTE for span in spans] == [0, 0, 1, 1, 2]


def test_time_that_went_on_ends_what_bars_share() -> None:
    bars = BarTimes(HOURS)
    first = bars.next("SPY", MINUTE, moment(10 * 3600))
    second = bars.next("QQQ", MINUTE, first.end + 30 * SECOND)
    assert second.start == first.end + MINUTE


def test_round_the_clock_there_is_always_a_next_bar() -> None:
    hours = AlwaysOpen()
    bars, now = BarTimes(hours), hours.moment(DEFAULT_DAY, 22 * 3600)
    for _ in range(8):
        span = bars.next("SPY", HOUR, now)
        assert span.start == now and span.end == now + HOUR
        now = span.end


@pytest.mark.parametrize(
    ("rules", "symbol", "configured", "expected"),
    [
        ("on signal BUY -> exit", "SPY", None, MINUTE),
        ("on signal BUY -> exit", "SPY", 300.0, 5 * MINUTE),
        ("on bar -> exit", "SPY", None, MINUTE),
        ("on bar 5m -> exit\non bar 15m -> exit", "SPY", None, 5 * MINUTE),
        ("on bar 1d of QQQ where close > sma(3) -> exit\non bar 5m of SPY -> exit", "QQQ", None, DAY),
        ("on signal BUY where last > sma(20, 1h) -> exit", "SPY", None, HOUR),
        ("on bar 1d of QQQ where SPY.last > SPY.sma(200, 1h) -> exit", "SPY", None, HOUR),
        ("on bar 5m where close > sma(20, 1d) -> exit", "SPY", None, 5 * MINUTE),
    ],
)
def test_a_bar_lasts_as_long_as_those_that_the_rules_wait_for(
    rules: str, symbol: str, configured: float | None, expected: int
) -> None:
    assert usual_timeframe(plan_of(rules), symbol, configured) == expected


# ---- words ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "texts"),
    [
        ("confidence > 80%", ["confidence > 80%"]),
        ("0.2 < confidence <= 0.7", ["0.2 < confidence", "confidence <= 0.7"]),
        ("not (price > $5 or symbol in [AAPL, MSFT])", ["price > $5", "symbol in [AAPL, MSFT]"]),
        ("weekday is not friday and now < 12:00", ["weekday is not friday", "now < 12:00"]),
        ("position.profit > 2R", ["position.profit > 2R"]),
        ("flat or holding and position.side is long", ["flat", "holding", "position.side is long"]),
        ("position.age > 90s", ["position.age > 90s"]),
        ("last - vwap() > 2 * atr(14)", ["last - vwap() > 2 * atr(14)"]),
        ("-last < $3", ["-last < $3"]),
        ("max(last, $3) > SPY.last", ["max(last, $3) > SPY.last"]),
        ("price in $1..$2", ["price in $1..$2"]),
        ("signals(BUY, 5m) >= 2", ["signals(BUY, 5m) >= 2"]),
        ("1 > 2 and confidence > 0.5", ["confidence > 0.5"]),
        ("confidence > 0.5 and confidence > 0.5", ["confidence > 0.5"]),
    ],
)
def test_comparisons_are_written_as_in_the_rules(condition: str, texts: list[str]) -> None:
    (rule,) = plan_of(f"on signal BUY where {condition} -> exit").rules
    assert [comparison.text for comparison in comparisons_of(rule.condition)] == texts


def test_the_account_begins_with_what_the_test_says() -> None:
    steps = (scenario.Equity(5_000.0),)
    stage = Stage(Theatre(plan_of(RULES), HOURS, Settings(), STANDING), scenario.Test("", steps))
    assert stage.engine.desk.portfolio.cash == 5_000_000_000
