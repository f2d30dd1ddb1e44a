"""`rulec explain FILE [RULE]`: what rules do, in plain English with numbers.

RULEC_REGENERATE=1 writes the golden texts anew; read what changed before it is committed.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import get_args

import pytest

from rulec.cli.main import main
from rulec.dsl import plan
from rulec.dsl.compile import compile_text
from rulec.dsl.plain_actions import _ACTIONS
from rulec.dsl.plain_rules import explain_rules
from rulec.dsl.plain_terms import _TERMS
from rulec.tests.support.language_cases import all_cases

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "data" / "explained"
EXAMPLES = [path for path in sorted((ROOT / "examples").glob("*.rules")) if not path.stem.endswith(".test")]


def explained(text: str) -> str:
    compiled = compile_text(text, "flow.rules").plan
    assert compiled is not None
    return explain_rules(compiled.rules, compiled.limits)


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])
def test_the_rules_of_an_example_are_told(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT / "examples")
    assert main(["explain", path.name]) == 0
    told = capsys.readouterr().out
    golden = GOLDEN / f"{path.stem}.txt"
    if os.environ.get("RULEC_REGENERATE"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(told, encoding="utf-8")
    assert told == golden.read_text(encoding="utf-8")


def test_every_construct_of_the_plan_has_words() -> None:
    assert set(get_args(plan.Expression)) == set(_TERMS)
    assert set(get_args(plan.Action)) == set(_ACTIONS)


def test_every_rule_of_the_replayed_cases_can_be_told() -> None:
    told = 0
    for text in (text for case in all_cases() for text in case.texts()):
        compiled = compile_text(text).plan
        if compiled is not None:
            words = explain_rules(compiled.rules, compiled.limits)
            assert "None" not in words
            assert "plan." not in words
            told += len(compiled.rules)
    assert told > 100


WORST = [
    ("enter long 100 stop 3% target 8%", "Worst: $300 (100 shares, $3 each), if the stop fills at its price"),
    ("enter short $30_000 stop 6 atr", "Worst: $3,600 (300 shares, $12 each), if the stop fills at its price"),
    (
        "enter long risk 1% of equity stop $2 away",
        "Worst: $1,000 (500 shares, $2 each), if the stop fills at its price",
    ),
    ("enter long 2% of equity trail 5%", "Worst: $100 (20 shares, $5 each), if the stop fills at its price"),
    ("enter long 100 stop at $90", "Worst: $1,000 (100 shares, $10 each), if the stop fills at its price"),
    ("enter long 100", "Worst: not limited by a stop"),
    (
        "enter long 100 stop 6% -> double down 100% at 50% to stop",
        "Worst: $900, with all that is added, if the stop fills at its price",
    ),
    (
        "enter long 100 stop 6% -> scale in 50% at profit 2%",
        "Worst: $1,000, with all that is added, if the stop fills at its price",
    ),
]


@pytest.mark.parametrize(("action", "line"), WORST, ids=[case[0] for case in WORST])
def test_the_worst_loss_is_told_in_money(action: str, line: str) -> None:
    assert line in explained(f"on signal BUY -> {action}\n")


def test_a_short_trade_has_its_stop_above_and_its_target_below() -> None:
    told = explained("on signal BUY -> enter short 100 stop 3% target 8%\n")
    assert "stop: 3% away ($103)" in told
    assert "target: 8% away ($92)" in told


def test_one_rule_is_told_by_its_name_with_what_its_params_are_set_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    rules = 'rule in_ on signal BUY where confidence > least -> log "a"\nrule out on signal SELL -> exit\n'
    text = "param least = 0.8\n" + rules
    Path("flow.rules").write_text(text)
    assert main(["explain", "flow.rules", "in_", "--set", "least=0.7"]) == 0
    told = capsys.readouterr().out
    assert "the confidence is above 0.7" in told
    assert "SELL" not in told


def test_what_can_not_be_told_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("flow.rules").write_text("rule out on signal SELL -> exit\n")
    Path("wrong.rules").write_text("on signal BUY -> enter long 100 stop 3\n")
    assert main(["explain", "flow.rules", "aut"]) == 2
    assert capsys.readouterr().err == "error: flow.rules: there is no rule `aut`\n  help: did you mean out?\n"
    assert main(["explain", "wrong.rules"]) == 1
    assert "E202" in capsys.readouterr().err
    assert main(["explain", "missing.rules"]) == 2
    assert "there is no such file" in capsys.readouterr().err
    assert main(["explain", "E202", "out"]) == 2
