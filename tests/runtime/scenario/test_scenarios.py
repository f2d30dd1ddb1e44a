"""A table of tests in the rule language through `rulec test`: those that hold pass, the others say what there was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rulec.tests.support.replaying import run
from rulec.tests.support.scenario_cases import RULES, SCENARIOS, Scenario, rules_text


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What became of each test, by its name; twice the same."""
    path = tmp_path_factory.mktemp("scenarios") / "cases.rules"
    path.write_text(rules_text(), encoding="utf-8")
    code, printed, errors = run(["test", str(path), "--format", "json"])
    assert (code, errors) == (1, "")
    assert run(["test", str(path), "--format", "json"])[1] == printed
    return {result["name"]: result for result in json.loads(printed)["tests"]}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_test_that_holds_passes_and_another_says_what_there_was(
    scenario: Scenario, results: dict[str, dict[str, Any]]
) -> None:
    result = results[scenario.name]
    assert result.get("failure", {}).get("instead") == scenario.instead, result
    assert result["outcome"] == ("passed" if scenario.instead is None else "failed")


def test_no_two_have_the_same_name() -> None:
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS)


def test_a_test_alone_comes_out_as_among_all_the_others(tmp_path: Path, results: dict[str, dict[str, Any]]) -> None:
    path = tmp_path / "cases.rules"
    for scenario in SCENARIOS[::5]:
        path.write_text(RULES + scenario.text, encoding="utf-8")
        alone = json.loads(run(["test", str(path), "--format", "json"])[1])["tests"]
        assert [result["outcome"] for result in alone] == [results[scenario.name]["outcome"]]


def test_a_false_comparison_is_told_with_what_it_saw(results: dict[str, dict[str, Any]]) -> None:
    told = results["a false comparison is told with what it saw"]["failure"]["decisions"]
    assert any("buy not fired: confidence 0.79 > 0.8 is false" in line for line in told)


def test_a_rule_outside_its_window_is_told(results: dict[str, dict[str, Any]]) -> None:
    told = results["the window is closed"]["failure"]["decisions"]
    assert any("out not fired: outside its `during` window" in line for line in told)
