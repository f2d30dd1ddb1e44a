"""`rulec test` as a command: what it runs, what it prints, and its exit codes."""

from __future__ import annotations

import io
import json
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from rulec.tests.support.replaying import run

RULES = """\
param least = 0.8 in 0.5..0.95
rule flow on signal BUY where confidence > least -> enter long 100 stop 3%
"""
PASSES = """\
test "a strong signal enters" {
  price AAPL $150
  signal BUY AAPL with (confidence = 0.9)
  expect fired flow
}
"""
FAILS = """\
test "a weak one enters, too" {
  price AAPL $150
  signal BUY AAPL with (confidence = 0.79)
  expect enter long 100 of AAPL
}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, name: str, *texts: str) -> str:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(texts), encoding="utf-8")
    return name


def test_tests_that_pass_are_told_and_the_exit_code_is_zero(folder: Path) -> None:
    code, printed, errors = run(["test", write(folder, "flow.rules", RULES, PASSES)])
    assert (code, errors) == (0, "")
    assert printed == "passed  flow.rules:4  a strong signal enters\n1 test: 1 passed\n"


def test_a_failure_shows_the_expectation_the_orders_and_the_decisions(folder: Path) -> None:
    code, printed, _ = run(["test", write(folder, "flow.rules", RULES, PASSES, FAILS)])
    assert code == 1
    assert printed == (
        "passed  flow.rules:4  a strong signal enters\n"
        "FAILED  flow.rules:10  a weak one enters, too\n"
        "  flow.rules:13: expected `enter long 100 of AAPL`, but nothing was entered of AAPL\n"
        "  orders: none\n"
        "  decisions:\n"
        "    10:00:00  AAPL   decision  flow not fired: confidence 0.79 > 0.8 is false  flow.rules:2\n"
        "\n"
        "2 tests: 1 passed, 1 failed\n"
    )


def test_a_failure_shows_the_orders_that_there_are(folder: Path) -> None:
    wrong = PASSES.replace("fired flow", "stop AAPL at $146")
    _, printed, _ = run(["test", write(folder, "flow.rules", RULES, wrong)])
    assert "  orders:\n    10:00:00  AAPL   order     main BUY 100 MARKET filled  r0-2\n" in printed
    assert "stop SELL 100 STOP stop 145.5 submitted  r0-3\n" in printed
    assert "flow acted: enter  (confidence 0.9)  flow.rules:2\n" in printed


def test_only_the_last_decisions_of_many_are_shown(folder: Path) -> None:
    many = FAILS.replace("  expect", "  signal BUY AAPL with (confidence = 0.1)\n" * 30 + "  expect")
    _, printed, _ = run(["test", write(folder, "flow.rules", RULES, many)])
    assert "    (19 before these)\n" in printed
    assert printed.count("not fired") == 12


def test_json_tells_the_same_to_programs(folder: Path) -> None:
    code, printed, _ = run(["test", write(folder, "flow.rules", RULES, PASSES, FAILS), "--format", "json"])
    told = json.loads(printed)
    assert (code, told["passed"], told["failed"]) == (1, 1, 1)
    assert told["tests"][0] == {
        "path": "flow.rules",
        "line": 4,
        "name": "a strong signal enters",
        "outcome": "passed",
    }
    assert told["tests"][1]["failure"] == {
        "path": "flow.rules",
        "line": 13,
        "expected": "enter long 100 of AAPL",
        "instead": "nothing was entered of AAPL",
        "orders": [],
        "decisions": ["10:00:00  AAPL   decision  flow not fired: confidence 0.79 > 0.8 is false  flow.rules:2"],
    }
    assert "coverage" not in told


def test_junit_has_a_suite_a_file_and_a_case_a_test(folder: Path) -> None:
    odd = PASSES.replace("a strong signal enters", '<&> \\" ')
    paths = [write(folder, "a.rules", RULES, odd, FAILS), write(folder, "b.rules", RULES, PASSES)]
    code, printed, _ = run(["test", *paths, "--format", "junit"])
    root = ElementTree.fromstring(printed)
    assert (code, root.tag, root.attrib) == (1, "testsuites", {"tests": "3", "failures": "1"})
    assert [(suite.get("name"), suite.get("tests"), suite.get("failures")) for suite in root] == [
        ("a.rules", "2", "1"),
        ("b.rules", "1", "0"),
    ]
    first, second = root[0]
    assert (first.get("name"), list(first)) == ('<&> " ', [])
    (failure,) = second
    assert failure.get("message") == "expected `enter long 100 of AAPL`, but nothing was entered of AAPL"
    assert "confidence 0.79 > 0.8 is false" in (failure.text or "")


def test_k_chooses_by_name_whatever_the_case(folder: Path) -> None:
    path = write(folder, "flow.rules", RULES, PASSES, FAILS)
    code, printed, _ = run(["test", path, "-k", "STRONG"])
    assert (code, printed.splitlines()[-1]) == (0, "1 test: 1 passed")
    code, _, errors = run(["test", path, "-k", "nobody"])
    assert (code, "no test has this in its name" in errors) == (2, True)


def test_a_folder_is_run_whole_and_each_file_with_its_own_rules(folder: Path) -> None:
    other = 'rule flow on signal BUY -> log "other"\n'
    alone = 'test "alone" {\n  price AAPL $150\n  signal BUY AAPL with (confidence = 0.9)\n  expect flat AAPL\n}\n'
    write(folder, "rules/a.rules", RULES, PASSES)
    write(folder, "rules/b.rules", other, alone)
    code, printed, errors = run(["test", "rules"])
    assert code == 0, printed + errors
    assert printed.splitlines()[-1] == "2 tests: 2 passed"


def test_tests_of_a_file_that_is_only_used_are_not_run(folder: Path) -> None:
    write(folder, "flow.rules", RULES, FAILS)
    path = write(folder, "flow.test.rules", 'use "flow.rules"\n', PASSES)
    code, printed, _ = run(["test", path])
    assert (code, printed.splitlines()[-1]) == (0, "1 test: 1 passed")


def test_without_a_test_there_is_nothing_to_say(folder: Path) -> None:
    code, printed, errors = run(["test", write(folder, "flow.rules", RULES)])
    assert (code, printed) == (2, "")
    assert "there is no test in these files" in errors


def test_rules_with_errors_are_told_and_not_run(folder: Path) -> None:
    code, printed, errors = run(["test", write(folder, "flow.rules", RULES, PASSES.replace("flow", "flwo"))])
    assert (code, printed) == (1, "")
    assert "error[E101]: there is no rule `flwo`" in errors
    assert "did you mean `flow`?" in errors
    assert "nothing was tested" in errors


@pytest.mark.parametrize("arguments", [["nowhere.rules"], ["flow.rules", "--format", "yaml"], []])
def test_what_cannot_be_carried_out_is_two(folder: Path, arguments: list[str]) -> None:
    write(folder, "flow.rules", RULES, PASSES)
    code, printed, errors = run(["test", *arguments])
    assert (code, printed) == (2, "")
    assert errors


def test_standard_input_is_a_file_like_others(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO((RULES + PASSES).encode())))
    code, printed, _ = run(["test", "-"])
    assert (code, printed.splitlines()[-1]) == (0, "1 test: 1 passed")


def test_a_param_is_set_from_the_command_or_the_configuration(folder: Path) -> None:
    path = write(folder, "flow.rules", RULES, FAILS)
    assert run(["test", path, "--set", "least=0.75"])[0] == 0
    config = write(folder, "mine.toml", '[params]\nleast = "0.75"\n')
    assert run(["test", path, "--config", config])[0] == 0
    assert run(["test", path, "--config", config, "--set", "least=0.8"])[0] == 1


def test_a_param_need_be_in_one_of_the_files_only(folder: Path) -> None:
    write(folder, "rules/a.rules", RULES, FAILS)
    write(folder, "rules/b.rules", 'rule b on signal BUY -> log "b"\n', 'test "b" {\n  expect not fired b\n}\n')
    assert run(["test", "rules", "--set", "least=0.75"])[0] == 0
    code, _, errors = run(["test", "rules", "--set", "leest=0.75"])
    assert (code, "unknown param `leest`" in errors) == (2, True)
    code, _, errors = run(["test", "rules", "--set", "least=0.1"])
    assert (code, "outside 0.5..0.95" in errors) == (2, True)


# ---- coverage


def coverage(folder: Path, rules: str, *steps: str) -> dict[str, object]:
    path = write(folder, "covered.rules", rules, *(f'test "{n}" {{\n  {step}\n}}\n' for n, step in enumerate(steps)))
    code, printed, errors = run(["test", path, "--coverage", "--format", "json"])
    assert code == 0, printed + errors
    found: dict[str, object] = json.loads(printed)["coverage"]
    return found


ONE = 'rule one on signal BUY where confidence > 0.8 and (symbol == AAPL or price < $5) -> log "one"\n'
TWO = 'rule two on signal SELL -> log "two"\nrule asleep disabled on signal SELL -> log "asleep"\n'


def test_nothing_seen_is_nothing_covered_and_disabled_rules_do_not_count(folder: Path) -> None:
    assert coverage(folder, ONE + TWO, "wait 1m") == {
        "percent": 0.0,
        "rules": {"seen": 0, "of": 2},
        "triggers": {"seen": 0, "of": 2},
        "outcomes": {"seen": 0, "of": 8},  # of the symbol there are two: it is never unknown
        "missing": [
            {"path": "covered.rules", "line": 1, "rule": "one", "what": ["its trigger was never met"]},
            {"path": "covered.rules", "line": 2, "rule": "two", "what": ["its trigger was never met"]},
        ],
    }


def test_each_outcome_of_each_comparison_counts_also_where_another_decided(folder: Path) -> None:
    found = coverage(folder, ONE, "signal BUY AAPL with (confidence = 0.8)", "signal BUY MSFT with (price = $9)")
    assert (found["rules"], found["triggers"]) == ({"seen": 0, "of": 1}, {"seen": 1, "of": 1})
    assert found["outcomes"] == {"seen": 6, "of": 8}
    assert found["percent"] == 70.0
    assert found["missing"] == [
        {
            "path": "covered.rules",
            "line": 1,
            "rule": "one",
            "what": ["it never matched", "`confidence > 0.8` was never true", "`price < $5` was never true"],
        }
    ]


def test_all_is_covered_over_all_tests_and_files_together(folder: Path) -> None:
    write(folder, "one.rules", ONE)
    write(
        folder, "a.test.rules", 'use "one.rules"\ntest "a" {\n  signal BUY AAPL with (confidence = 0.9, price = $4)\n}'
    )
    write(
        folder,
        "b.test.rules",
        'use "one.rules"\ntest "b" {\n  signal BUY MSFT with (confidence = 0.8, price = $9)\n  signal BUY MSFT\n}',
    )
    code, printed, _ = run(["test", "a.test.rules", "b.test.rules", "--fail-under", "100"])
    assert code == 0, printed
    assert "coverage              100.0%\n" in printed


def test_a_file_counts_once_however_its_path_is_written(folder: Path) -> None:
    write(folder, "one.rules", ONE, 'test "a" {\n  wait 1m\n}\n')
    write(folder, "a.test.rules", 'use "one.rules"\ntest "a" {\n  wait 1m\n}\n')
    paths = ["./one.rules", str(folder / "a.test.rules")]
    _, printed, _ = run(["test", *paths, "--coverage", "--format", "json"])
    assert json.loads(printed)["coverage"]["rules"] == {"seen": 0, "of": 1}


@pytest.mark.parametrize(("least", "expected"), [("70", 0), ("70.1", 1), ("0", 0)])
def test_a_coverage_that_is_too_low_fails(folder: Path, least: str, expected: int) -> None:
    steps = 'test "a" {\n  signal BUY AAPL with (confidence = 0.8)\n  signal BUY MSFT with (price = $9)\n}\n'
    code, printed, errors = run(["test", write(folder, "one.rules", ONE, steps), "--fail-under", least])
    assert code == expected, printed
    assert ("the coverage is 70.0%, below 70.1%" in errors) == bool(expected)


def test_what_was_never_seen_is_listed_for_people(folder: Path) -> None:
    _, printed, _ = run(["test", write(folder, "one.rules", ONE, 'test "a" {\n  signal BUY AAPL\n}\n'), "--coverage"])
    assert printed == (
        "passed  one.rules:3  a\n"
        "\n"
        "rules that matched    0 of 1\n"
        "triggers met          1 of 1\n"
        "comparisons' outcomes 3 of 8\n"
        "coverage              40.0%\n"
        "  one.rules:1: one: it never matched\n"
        "  one.rules:1: one: `confidence > 0.8` was never true or false\n"
        "  one.rules:1: one: `symbol == AAPL` was never false\n"
        "  one.rules:1: one: `price < $5` was never true or false\n"
        "\n"
        "1 test: 1 passed\n"
    )


@pytest.mark.parametrize(
    ("own", "counted"), [("", 2), ('on signal BUY -> log "b"\n', 1)], ids=["alone", "beside others"]
)
def test_rules_that_ship_with_rulec_count_where_there_are_no_others(folder: Path, own: str, counted: int) -> None:
    text = f'use std.entries\n{own}test "a" {{\n  wait 1m\n}}\n'
    _, printed, _ = run(["test", write(folder, "mine.rules", text), "--coverage", "--format", "json"])
    found = json.loads(printed)["coverage"]["rules"]
    assert found["seen"] == 0
    assert found["of"] >= counted if not own else found["of"] == counted


# ---- beside other commands


def test_tests_are_checked_but_change_nothing_that_is_traded(folder: Path) -> None:
    path = write(folder, "flow.rules", RULES, PASSES, FAILS)
    assert run(["check", path])[0] == 0
    events = (
        '{"type":"signal","time":"2026-01-05T15:00:00Z","symbol":"AAPL","signal":"BUY","confidence":0.9,"price":150}\n'
    )
    with_tests = run(["replay", path, "--events", write(folder, "events.jsonl", events), "--json"])
    without = run(["replay", write(folder, "flow.rules", RULES), "--events", "events.jsonl", "--json"])
    assert with_tests == without
    assert with_tests[0] == 0


def test_python_actions_are_called_as_when_trading(folder: Path) -> None:
    write(folder, "rulec.toml", '[actions]\nmodule = "mine.py"\n')
    action = (
        "from rulec.runtime.rule import rule_action\n\n\n@rule_action\ndef fail(context):\n    raise ValueError('no')\n"
    )
    write(folder, "mine.py", action)
    rules = "rule calls on signal BUY -> call fail()\n"
    steps = 'test "a" {\n  signal BUY AAPL\n  expect fired calls\n}\n'
    code, printed, errors = run(["test", write(folder, "calls.rules", rules, steps)])
    assert code == 1, errors
    assert "expected `fired calls`, but it failed: " in printed


def test_limits_of_the_configuration_hold(folder: Path) -> None:
    write(folder, "rulec.toml", '[limits]\nmax_order = "$10_000"\n')
    code, printed, _ = run(["test", write(folder, "flow.rules", RULES, PASSES)])
    assert (code, "but it was refused: max order" in printed) == (1, True)
