"""The loop around a session, driven by a clock that is moved by hand: no real time passes here."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

import pytest

from rulec.dsl.compile import compile_text
from rulec.runtime.broker.exchange import FillMode
from rulec.runtime.broker.simulated import SimulationSettings
from rulec.runtime.clock import ManualClock
from rulec.runtime.core.engine import Input
from rulec.runtime.core.output import record_line
from rulec.runtime.core.records import Notice, Record
from rulec.runtime.core.settings import Settings
from rulec.runtime.event.inputs import OutsideInput, Price, Signal
from rulec.runtime.live.inbox import Arrival, ArrivedLine
from rulec.runtime.live.markets import Market, RecordedMarket
from rulec.runtime.live.pacing import Pace, RecordedPace, SystemPace, Unpaced
from rulec.runtime.live.random_market import RandomMarket
from rulec.runtime.live.shell import Ending, LiveShell
from rulec.runtime.market.hours import AlwaysOpen
from rulec.runtime.simulation import Simulation, simulate
from rulec.runtime.times import parse_time

SECOND = 1_000_000
START = parse_time("2026-01-05T15:00:00Z")
CARD = "on signal BUY where confidence>0.8 -> enter long 100 stop 3% target 8%"


class ScriptedInbox:
    """An inbox whose waiting moves the clock, and whose arrivals come at their times of a script (microseconds)."""

    def __init__(self, clock: ManualClock, script: Sequence[tuple[int, str | None]], speed: float = 1.0) -> None:
        self._clock = clock
        self._script = list(script)
        self._speed = speed
        self._number = 0
        self.waits: list[float | None] = []

    @property
    def stop_reason(self) -> str | None:
        return "the script" if self._script and self._script[0][1] is None and self._is_due(0) else None

    def _is_due(self, index: int) -> bool:
        return self._script[index][0] <= self._clock.now()

    def take(self) -> list[Arrival]:
        arrivals: list[Arrival] = []
        while self._script and self._is_due(0) and (text := self._script[0][1]) is not None:
            self._number += 1
            arrivals.append(ArrivedLine("signals.jsonl", self._number, text.encode()))
            self._script.pop(0)
        return arrivals

    async def wait(self, seconds: float | None) -> None:
        self.waits.append(seconds)
        next_arrival = self._script[0][0] if self._script else None
        until = None if seconds is None else self._clock.now() + max(1, round(seconds * SECOND))
        if until is None or (next_arrival is not None and next_arrival < until):
            assert next_arrival is not None, "nothing would ever happen"
            until = max(next_arrival, self._clock.now())
        self._clock.move_to(until)


def simulation(text: str, lines: list[str]) -> Simulation:
    compilation = compile_text(text)
    assert compilation.plan is not None, compilation.diagnostics

    def write(event: Input, records: Sequence[Record]) -> None:
        lines.extend(map(record_line, records))

    return simulate(
        compilation.plan,
        AlwaysOpen(),
        Settings(),
        SimulationSettings(fill=FillMode.STANDING),
        sinks=[write],
    )


def run(
    text: str, market: Market, pace: Pace, inbox: ScriptedInbox, *, merges: bool
) -> tuple[Ending, list[str], list[Notice]]:
    """Runs to the end; the records as lines, and what was said beside them."""
    lines: list[str] = []
    said: list[Notice] = []
    built = simulation(text, lines)
    shell = LiveShell(built.session, market, pace, inbox, said.append, merges=merges)
    return asyncio.run(shell.run()), lines, said


def paced(speed: float, clock: ManualClock) -> Pace:
    """A recording's pace, whose real seconds the clock counts."""
    return RecordedPace(speed, START, lambda: clock.now() / SECOND)


def live(text: str, script: Sequence[tuple[int, str | None]], seed: int = 7) -> tuple[list[str], list[Notice]]:
    """A run on a market made up, from START."""
    clock = ManualClock(START)
    ending, lines, said = run(
        text, RandomMarket(seed, AlwaysOpen()), SystemPace(clock), ScriptedInbox(clock, script), merges=False
    )
    assert ending is Ending.STOPPED
    return lines, said


def recorded() -> list[OutsideInput]:
    prices = [150.0, 150.5, 151.0, 148.0, 145.0, 144.0]
    events: list[OutsideInput] = [
        Price(START + index * 60 * SECOND, "AAPL", price) for index, price in enumerate(prices)
    ]
    events.insert(1, Signal(START + 5 * SECOND, "AAPL", "BUY", 0.9, id="s1"))
    return events


TIMED = "rule r on signal BUY -> enter long 100 stop 10% exit after 90s"


@pytest.mark.parametrize("rules", [CARD, TIMED], ids=["stopped out", "out after a time, between two prices"])
def test_the_speed_changes_no_decision(rules: str) -> None:
    lines: list[str] = []
    simulation(rules, lines).session.run(recorded())
    assert any('"closed"' in line for line in lines)
    for speed in (0.0, 1.0, 180.0):
        clock = ManualClock(0)
        pace = paced(speed, clock) if speed else Unpaced()
        inbox = ScriptedInbox(clock, [])
        ending, again, said = run(rules, RecordedMarket(recorded()), pace, inbox, merges=True)
        assert ending is Ending.MARKET_OVER
        assert again == lines, f"at speed {speed}"
        assert said == []
        if speed:
            assert clock.now() / SECOND == pytest.approx(300 / speed, rel=0.01)
        else:
            assert inbox.waits == []


def test_a_signal_without_a_time_gets_that_of_its_receipt() -> None:
    arrives = START + 3 * SECOND
    lines, _ = live(CARD, [(arrives, '{"symbol":"AAPL","signal":"BUY","confidence":0.9}'), (START + 9 * SECOND, None)])
    decision = json.loads(lines[0])
    assert (decision["outcome"], decision["time"]) == ("acted", "2026-01-05T15:00:03Z")


def test_a_symbol_met_in_a_signal_is_quoted_before_the_signal_is_judged() -> None:
    lines, _ = live(
        CARD,
        [(START, '{"symbol":"AAPL","signal":"BUY","confidence":0.9,"price":150}'), (START + 20 * SECOND, None)],
    )
    fill = next(json.loads(line) for line in lines if '"fill"' in line)
    assert fill["price"] == pytest.approx(150, rel=0.001)


def test_a_stale_signal_and_one_from_the_future_enter_nothing() -> None:
    script: list[tuple[int, str | None]] = [
        (START, '{"symbol":"AAPL","signal":"BUY","confidence":0.9,"time":"2026-01-05T14:58:00Z"}'),
        (START, '{"symbol":"MSFT","signal":"BUY","confidence":0.9,"time":"2026-01-05T15:00:30Z"}'),
        (START + SECOND, None),
    ]
    lines, _ = live(CARD, script)
    decisions = [json.loads(line) for line in lines]
    assert [(one["symbol"], one["outcome"], one["reason"]) for one in decisions] == [
        ("AAPL", "refused", "stale"),
        ("MSFT", "refused", "stale"),
    ]


def test_a_malformed_line_is_told_with_its_place_and_ends_nothing() -> None:
    script: list[tuple[int, str | None]] = [
        (START, '{"symbol":"AAPL","signal":"BUY",'),
        (START, '{"type":"price","time":"2026-01-05T15:00:00Z","symbol":"AAPL","price":1}'),
        (START, '{"symbol":"AAPL","signal":"BUY","confidence":0.9}'),
        (START + SECOND, None),
    ]
    lines, said = live(CARD, script)
    assert [notice.level for notice in said] == ["warning", "warning"]
    assert said[0].text.startswith("signals.jsonl:1: malformed JSON")
    assert said[1].text.startswith("signals.jsonl:2: a source of signals brings signals")
    assert '"acted"' in lines[0]


def test_a_signal_that_comes_twice_counts_once() -> None:
    line = '{"symbol":"AAPL","signal":"BUY","confidence":0.9,"id":"x"}'
    lines, _ = live(CARD, [(START, line), (START + SECOND, line), (START + 2 * SECOND, None)])
    assert sum('"decision"' in text for text in lines) == 1


def test_timers_fire_when_they_are_due_though_nothing_arrives() -> None:
    script: list[tuple[int, str | None]] = [
        (START, '{"symbol":"AAPL","signal":"BUY","confidence":0.9,"price":150}'),
        (START + 120 * SECOND, None),
    ]
    lines, _ = live(TIMED, script)
    closed = [json.loads(line) for line in lines if '"closed"' in line]
    assert [(one["time"], one["reason"]) for one in closed] == [("2026-01-05T15:01:30Z", "time")]


def test_two_runs_of_one_seed_are_the_same() -> None:
    script: list[tuple[int, str | None]] = [
        (START, '{"symbol":"AAPL","signal":"BUY","confidence":0.9}'),
        (START + 5 * SECOND, '{"symbol":"KO","signal":"BUY","confidence":0.9}'),
        (START + 600 * SECOND, None),
    ]
    tight = "on signal BUY -> enter long 100 stop 0.1% target 0.1%"
    assert live(tight, script) == live(tight, script)
    assert any('"closed"' in line for line in live(tight, script)[0])


def test_a_timed_signal_beside_a_recording_waits_for_its_time() -> None:
    clock = ManualClock(0)
    script: list[tuple[int, str | None]] = [
        (0, '{"symbol":"AAPL","signal":"BUY","confidence":0.9,"time":"2026-01-05T15:02:30Z"}')
    ]
    pace = paced(60, clock)
    market = RecordedMarket(event for event in recorded() if isinstance(event, Price))
    ending, lines, _ = run(CARD, market, pace, ScriptedInbox(clock, script), merges=True)
    assert ending is Ending.MARKET_OVER
    decision = json.loads(lines[0])
    assert (decision["outcome"], decision["time"]) == ("acted", "2026-01-05T15:02:30Z")


def test_stopping_cancels_nothing_and_runs_no_timer() -> None:
    lines, _ = live(
        TIMED,
        [(START, '{"symbol":"AAPL","signal":"BUY","confidence":0.9,"price":150}'), (START + 10 * SECOND, None)],
    )
    assert not any('"cancelled"' in line or '"closed"' in line for line in lines)
