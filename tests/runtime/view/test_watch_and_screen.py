"""The live view: what it gathers from a run, and how it looks on terminals of several sizes."""

from __future__ import annotations

import asyncio
import io
import itertools

import pytest
from rich.console import Console

from rulec.dsl.compile import compile_text
from rulec.runtime.broker.simulated import SimulationSettings
from rulec.runtime.core.records import Notice
from rulec.runtime.core.settings import Settings
from rulec.runtime.event.inputs import OutsideInput, Price, Signal
from rulec.runtime.market.hours import NyseHours
from rulec.runtime.simulation import simulate
from rulec.runtime.times import parse_time
from rulec.runtime.view.ending import working_orders
from rulec.runtime.view.screen import Screen, draw, without_gaps
from rulec.runtime.view.watch import Snapshot, Watch

SECOND = 1_000_000
START = parse_time("2026-01-05T15:00:00Z")
RULES = """
rule flow_long on signal BUY where confidence > 0.8 -> enter long 100 stop 3% target 4% for 50% target 8% for 50%
rule flow_short on signal SHORT where confidence > 0.8 -> enter short 100 stop 3% target 8%
"""


def signal(second: int, symbol: str, kind: str, confidence: float) -> Signal:
    return Signal(START + second * SECOND, symbol, kind, confidence)


def price(second: int, symbol: str, at: float) -> Price:
    return Price(START + second * SECOND, symbol, at)


STORY: list[OutsideInput] = [
    price(0, "AAPL", 150.0),
    price(0, "KO", 70.0),
    signal(1, "AAPL", "BUY", 0.9),
    price(2, "AAPL", 150.0),
    signal(3, "AAPL", "BUY", 0.95),
    signal(4, "MSFT", "BUY", 0.3),
    signal(5, "KO", "SHORT", 0.85),
    price(6, "KO", 70.0),
    price(7, "AAPL", 151.0),
    price(8, "KO", 70.5),
]


@pytest.fixture
def watch() -> Watch:
    return watched(STORY)


def watched(events: list[OutsideInput], rules: str = RULES) -> Watch:
    compilation = compile_text(rules)
    assert compilation.plan is not None, compilation.diagnostics
    run = simulate(compilation.plan, NyseHours(), Settings(), SimulationSettings())
    watch = Watch(run.engine, [rule.label for rule in compilation.plan.rules])
    run.session.sequencer.sinks.append(watch.sink)
    for event in events:
        run.session.handle(event)
    return watch


def test_rules_have_their_counts(watch: Watch) -> None:
    rows = watch.snapshot(START).rules
    assert [(row.label, row.fired, row.other) for row in rows] == [("flow_long", 1, 1), ("flow_short", 1, 0)]


def test_each_signal_says_what_became_of_it(watch: Watch) -> None:
    rows = watch.snapshot(START).decisions
    assert [(row.symbol, row.signal, row.decision.outcome.value if row.decision else None) for row in rows] == [
        ("AAPL", "BUY", "acted"),
        ("AAPL", "BUY", "ignored"),
        ("MSFT", "BUY", None),
        ("KO", "SHORT", "acted"),
    ]


def test_open_trades_show_their_protection_and_what_they_are_worth(watch: Watch) -> None:
    snapshot = watch.snapshot(START)
    long, short = snapshot.trades
    assert (long.symbol, long.quantity, long.entry, long.last) == ("AAPL", 100, 150.0, 151.0)
    assert (long.stop, long.target) == (145.5, 156.0)
    assert long.pnl == pytest.approx(100.0)
    assert short.pnl == pytest.approx(-50.0)
    assert snapshot.unrealised == pytest.approx(50.0)
    assert snapshot.equity == pytest.approx(100_050.0)
    assert snapshot.signals == 4


def test_an_entry_that_has_not_filled_has_no_result_yet() -> None:
    (row,) = watched(STORY[:3]).snapshot(START).trades
    assert (row.status, row.quantity, row.entry, row.pnl) == ("opening", 0, None, None)


def snapshot_of(watch: Watch) -> Snapshot:
    return watch.snapshot(START + 8 * SECOND)


@pytest.mark.parametrize(("width", "height"), [(80, 24), (100, 30), (200, 60), (120, 24), (60, 16), (20, 5)])
def test_a_screen_fits_its_terminal_and_is_no_larger_than_a_hundred_by_thirty(
    watch: Watch, width: int, height: int
) -> None:
    lines = draw(snapshot_of(watch), "a test", width, height).plain.split("\n")
    assert len(lines) == min(height, 30)
    assert max(len(line) for line in lines) <= min(width, 100)


def test_eighty_by_twenty_four_holds_all_that_matters(watch: Watch) -> None:
    text = draw(snapshot_of(watch), "a test", 80, 24).plain
    for part in (
        "10:00:08",
        "equity $100,050.00",
        "open +$50.00",
        "4 signals",
        "flow_long",
        "flow_short",
        "AAPL   long      100    150.00    151.00    145.50    156.00    +$100.00",
        "KO     short     100     70.00     70.50     72.10     64.40     -$50.00",
        "BUY 0.95  flow_long: enter ignored (already that side)",
        "BUY 0.30  no rule fired",
        "SELL 100 at 70.0",
        "Ctrl-C",
    ):
        assert part in text, f"{part!r} is missing in\n{text}"


def test_with_many_rules_those_that_decided_last_are_seen() -> None:
    many = "\n".join(f"rule number_{index} on signal KIND{index} -> enter long 10 stop 3%" for index in range(40))
    text = draw(watched([price(0, "AAPL", 150.0), signal(1, "AAPL", "KIND33", 0.9)], many).snapshot(START), "", 80, 24)
    assert "number_33" in text.plain
    assert "and 38 more" in text.plain


def test_many_trades_are_counted() -> None:
    events: list[OutsideInput] = []
    for index in range(9):
        events += [price(index, f"SYM{index}", 50.0), signal(index, f"SYM{index}", "BUY", 0.9)]
    text = draw(watched(events).snapshot(START), "", 80, 24).plain
    assert "and 7 more" in text


def test_a_notice_takes_the_last_line(watch: Watch) -> None:
    watch.say(Notice(START, "warning", None, "signals.jsonl:3: malformed JSON"))
    last = draw(snapshot_of(watch), "", 80, 24).plain.split("\n")[-1]
    assert last == "10:00:00  warning: signals.jsonl:3: malformed JSON"


def test_what_stays_on_the_terminal_has_no_gaps_and_no_footer(watch: Watch) -> None:
    lines = without_gaps(draw(snapshot_of(watch), "", 80, 24)).plain.split("\n")
    assert not any(not one and not other for one, other in itertools.pairwise(lines))
    assert not any("Ctrl-C" in line for line in lines)
    assert lines[0].startswith("rulec")


def test_the_screen_is_drawn_only_when_something_changed_and_stays_at_the_end(watch: Watch) -> None:
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, width=80, height=24, color_system=None)

    async def show() -> str:
        task = asyncio.ensure_future(Screen(watch, "a test", console, lambda: START).show())
        await asyncio.sleep(0.5)
        drawn = file.getvalue()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return drawn

    drawn = asyncio.run(show())
    assert 1 <= drawn.count("SIGNALS AND DECISIONS") <= 3
    ended = file.getvalue()
    assert ended.rstrip().endswith(without_gaps(draw(watch.snapshot(START), "a test", 80, 24)).plain.split("\n")[-1])


def test_the_orders_that_may_still_fill_are_listed() -> None:
    compilation = compile_text(RULES)
    assert compilation.plan is not None
    run = simulate(compilation.plan, NyseHours(), Settings(), SimulationSettings())
    for event in STORY[:4]:
        run.session.handle(event)
    assert working_orders(run.engine) == [
        "AAPL stop SELL 50 stop 145.5  r0-3",
        "AAPL target SELL 50 limit 156.0  r0-4",
        "AAPL stop SELL 50 stop 145.5  r0-6",
        "AAPL target SELL 50 limit 162.0  r0-7",
    ]
