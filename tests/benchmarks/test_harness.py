"""The benchmarks run, check their own answers and say what they found; how long anything took is not asked here."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from rulec.benchmarks import bars, checking, harness, matching, matching_peers, promtool_peer, replaying, signal_engine
from rulec.benchmarks.__main__ import BENCHMARKS, document, main
from rulec.benchmarks.harness import Contestant, Timing, Work, WrongAnswerError, always, measure
from rulec.benchmarks.matching_peers import dict_and_bisect, if_statements
from rulec.benchmarks.processes import measure_processes, python
from rulec.benchmarks.replaying_peer import trade_by_hand
from rulec.benchmarks.report import Aim, Report, Table, as_markdown, as_text, figure
from rulec.benchmarks.rules import MOST_MATCHES, draw_hits, draw_misses, draw_rules, matches
from rulec.benchmarks.sizes import FULL, TINY, Sizes

RULES = draw_rules(300)


@pytest.mark.parametrize("run", BENCHMARKS.values(), ids=BENCHMARKS)
def test_a_benchmark_checks_its_answers_and_fills_its_tables(run: Callable[[Sizes], Report]) -> None:
    report = run(TINY)
    assert report.aims or promtool_peer.HOW_TO_INSTALL in as_text(report)
    for table in report.tables:
        assert table.rows
        assert {len(row) for row in table.rows} == {len(table.heads)}
    assert report.title in as_text(report)
    assert all(aim.text in as_markdown(report) for aim in report.aims)


def test_without_promtool_the_table_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promtool_peer, "promtool", lambda: None)
    report = checking.run(TINY)
    assert not report.aims
    assert as_text(report).count("apt-get install prometheus") == len(report.tables) == 2


@pytest.mark.parametrize(
    ("said", "told"),
    [("echo '  SUCCESS: 29 rules found'", "promtool, one file: 29, wanted 30"), ("exit 1", "promtool refuses")],
    ids=["counts otherwise", "refuses"],
)
def test_a_promtool_that_says_something_else_stops_the_benchmark(
    said: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "promtool"
    program.write_text(f"#!/bin/sh\n{said}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(promtool_peer, "promtool", lambda: str(program))
    with pytest.raises(WrongAnswerError, match=told):
        checking.run(TINY)


def test_contestants_take_turns_and_the_first_round_is_not_counted() -> None:
    calls: list[str] = []

    def prepare(name: str) -> Callable[[int], Work]:
        return lambda number: lambda: calls.append(f"{name}{number}")

    timings = measure([Contestant("a", prepare("a")), Contestant("b", prepare("b"))], rounds=2)
    assert calls == ["a0", "b0", "a1", "b1", "a2", "b2"]
    assert {name: len(timing.seconds) for name, timing in timings.items()} == {"a": 2, "b": 2}


def test_a_ratio_is_the_median_of_the_rounds_ratios() -> None:
    slow, fast = Timing((3.0, 40.0, 8.0)), Timing((1.0, 10.0, 2.0))
    assert slow.times(fast) == 4.0
    assert slow.of(2).seconds == (1.5, 20.0, 4.0)


def test_more_work_takes_longer() -> None:
    works = {"few": 1_000, "many": 300_000}
    contestants = [Contestant(name, always(partial(sum, range(count)))) for name, count in works.items()]
    timings = measure(contestants, rounds=3)
    assert timings["many"].times(timings["few"]) > 1


def test_a_process_that_fails_is_no_measurement(tmp_path: Path) -> None:
    with pytest.raises(WrongAnswerError, match="exit code 3"):
        measure_processes({"bad": python("-c", "raise SystemExit(3)")}, 1, tmp_path)


def test_the_memory_of_a_process_is_its_own_not_that_of_who_measures_it(tmp_path: Path) -> None:
    held = bytearray(200 * 1024 * 1024)
    held[::4096] = b"x" * len(held[::4096])
    big = python("-c", "b = bytearray(100 * 1024 * 1024); b[::4096] = b'x' * len(b[::4096])")
    found = measure_processes({"small": python("-c", "pass"), "big": big}, 1, tmp_path)
    assert found["small"].megabytes < 60
    assert 100 < found["big"].megabytes < 160


@pytest.mark.parametrize("count", [1, 7, 300])
def test_hits_match_one_to_three_rules_and_misses_none(count: int) -> None:
    rules = draw_rules(count)
    assert {len(matches(rules, event)) for event in draw_hits(rules, 300)} <= set(range(1, MOST_MATCHES + 1))
    assert {len(matches(rules, event)) for event in draw_misses(rules, 300)} == {0}


@pytest.mark.parametrize("peer", [dict_and_bisect, if_statements])
def test_the_peers_find_what_trying_every_rule_finds(peer: Callable[..., Callable[..., list[int]]]) -> None:
    find = peer(RULES)
    for event in itertools.chain(draw_hits(RULES, 200), draw_misses(RULES, 200)):
        (signal,) = signal_engine.signals([event])
        assert sorted(find(signal)) == matches(RULES, event)


def test_a_wrong_answer_stops_a_benchmark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching_peers, "dict_and_bisect", lambda rules: lambda signal: [])
    with pytest.raises(WrongAnswerError, match="by hand 1 hits"):
        matching.run(TINY)


def test_a_loop_by_hand_that_trades_otherwise_stops_the_benchmark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaying, "trade_by_hand", lambda path, rows: trade_by_hand(path, rows[:1] * len(rows)))
    with pytest.raises(WrongAnswerError, match="brackets"):
        replaying.run(TINY)


def test_the_recorded_signals_come_where_a_bar_follows_at_once(tmp_path: Path) -> None:
    recording = bars.record(tmp_path, 500, every=8)
    wanted = sum(row.kind is not None for row in recording.rows)
    assert len(recording) == 500
    assert recording.signals.read_text().count("\n") == wanted > 20


def test_wrong_answers_are_told_with_both_sides_and_cut_short() -> None:
    with pytest.raises(WrongAnswerError, match=r"^x: 1, wanted 2$"):
        harness.check("x", 1, 2)
    with pytest.raises(WrongAnswerError) as raised:
        harness.check("x", list(range(10_000)), [])
    assert len(str(raised.value)) < 700


FIGURES = [(0.01234, "0.0123"), (1.666, "1.67"), (12.34, "12.3"), (123.4, "123"), (54_321.0, "54,321"), (0.5, "0.5")]


@pytest.mark.parametrize(("value", "text"), FIGURES)
def test_figures_have_three_digits(value: float, text: str) -> None:
    assert figure(value) == text


def test_an_aim_says_whether_it_is_met() -> None:
    assert Aim("a", 2.5, 3, " s").text == "a: 2.50 s, aim at most 3.00 s: met"
    assert Aim("a", 3.5, 3).text.endswith("MISSED")
    assert Aim("a", 60_000, 50_000, at_least=True).met
    assert not Aim("a", 40_000, 50_000, at_least=True).met


def test_the_document_has_every_report() -> None:
    report = Report("A title", ("What it means.",), (Table(("a", "b"), (("x", "1"),)),), (Aim("c", 1, 2),))
    text = document("a machine", [report])
    for part in ("a machine", "## A title", "What it means.", "| a | b |\n| --- | ---: |\n| x | 1 |", "- c: 1.00"):
        assert part in text


@pytest.mark.parametrize("arguments", [["nonsense"], ["--write", "matching"]])
def test_what_cannot_be_measured_is_a_usage_error(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "error: " in capsys.readouterr().err


def test_the_command_runs_from_the_repository() -> None:
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "-h"], cwd=root, capture_output=True, text=True, check=True
    )
    assert all(name in done.stdout for name in BENCHMARKS)


def test_a_full_run_has_the_sizes_that_the_aims_speak_of() -> None:
    assert FULL.rule_counts == (1, 100, 1_000, 10_000)
    assert FULL.rules_checked == 10_000
    assert FULL.bars is None
