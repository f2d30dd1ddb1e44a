"""Values that a user sets for params without editing the rules."""

from __future__ import annotations

import pytest

from rulec.dsl import plan as p
from rulec.dsl.compile import Compilation, compile_files, compile_text
from rulec.dsl.source import SourceFile

PARAMS = """
param number = 0.8 in 0.5..0.95 step 0.05
param part = 3%
param money = $500
param time_left = 5m
param at_time = 09:35
param who = AAPL in [AAPL, MSFT]
param on_off = true
param words = "any"
param multiple = 2R
param double = number * 2
"""
USES: dict[str, str] = {
    "number": "confidence > number",
    "part": "price > last * part",
    "money": "price > money",
    "who": "symbol == who",
    "on_off": "on_off",
    "words": "source == words",
    "double": "confidence > double",
}


def compiled(condition: str, **settings: str | float) -> Compilation:
    rule = "on signal any where true -> exit" if not condition else f"on signal any where {condition} -> exit"
    return compile_text(PARAMS + rule, "flow.rules", parameters=settings)


FINE: list[tuple[str, str | float, p.Expression]] = [
    ("number", "0.7", p.Number(0.7)),
    ("number", 0.7, p.Number(0.7)),
    ("part", "4%", p.Percent(0.04)),
    ("part", "-4%", p.Percent(-0.04)),
    ("part", 0.04, p.Percent(0.04)),
    ("money", "$1_000.50", p.Money(1000.5)),
    ("money", "-$5", p.Money(-5.0)),
    ("who", "MSFT", p.Symbol("MSFT")),
    ("on_off", "false", p.Truth(False)),
    ("words", "other words", p.Word("other words")),
]


@pytest.mark.parametrize(("name", "setting", "expected"), FINE, ids=[f"{case[0]}={case[1]}" for case in FINE])
def test_a_setting_takes_the_place_of_the_default(name: str, setting: str | float, expected: p.Expression) -> None:
    found = compiled(USES[name], **{name: setting})
    assert found.problems == ()
    assert found.plan is not None
    assert repr(expected) in repr(found.plan.rules[0].condition)


def test_a_param_defined_through_another_follows_it() -> None:
    found = compiled("confidence > double", number="0.6")
    assert found.plan is not None
    assert repr(p.Number(1.2)) in repr(found.plan.rules[0].condition)


def test_other_kinds_are_read_as_in_a_file() -> None:
    text = "rule a cooldown time_left during at_time..16:00 on signal any -> enter long 5 stop 3% target multiple"
    found = compile_text(
        PARAMS + text, "flow.rules", parameters={"time_left": "90s", "at_time": "10:00", "multiple": "3R"}
    )
    assert found.plan is not None
    rule = found.plan.rules[0]
    assert rule.cooldown == p.Cooldown(90.0)
    assert rule.during == p.During(36_000, 57_600)
    assert isinstance(rule.actions[0], p.Enter)
    assert rule.actions[0].protection.targets[0].distance.value == p.RMultiple(3.0)


WRONG: list[tuple[str, str | float, str]] = [
    ("numbr", "0.7", "unknown param `numbr`: did you mean `number`?"),
    ("zzz", "0.7", "unknown param `zzz`: the rules have no such param"),
    ("number", "70%", "`number` is a number, written like `0.8`, and can't be set to `70%`"),
    ("number", "", "`number` is a number, written like `0.8`, and can't be set to ``"),
    ("number", "nan", "`number` is a number, written like `0.8`, and can't be set to `nan`"),
    ("number", float("nan"), "`number` is a number, written like `0.8`, and can't be set to `nan`"),
    ("number", "0.96", "`number` can't be set to `0.96`: it is outside 0.5..0.95"),
    ("number", 0.4, "`number` can't be set to `0.4`: it is outside 0.5..0.95"),
    ("part", "3", "`part` is a percentage, written like `3%`, and can't be set to `3`"),
    ("at_time", "24:00", "`at_time` is a time of day, written like `09:35`, and can't be set to `24:00`"),
    ("who", "SPY", "`who` can't be set to `SPY`: it is not one of `[AAPL, MSFT]`"),
    ("who", "aapl", "`who` is a symbol, written like `AAPL`, and can't be set to `aapl`"),
    ("on_off", "yes", "`on_off` is true or false, written like `true`, and can't be set to `yes`"),
]


@pytest.mark.parametrize(("name", "setting", "problem"), WRONG, ids=[f"{case[0]}={case[1]}" for case in WRONG])
def test_a_setting_that_does_not_fit_is_refused_by_name(name: str, setting: str | float, problem: str) -> None:
    found = compiled("", **{name: setting})
    assert found.problems == (problem,)
    assert found.plan is None


def test_a_name_that_several_files_have_is_set_by_its_full_name() -> None:
    text = "param least = 0.8\non signal any where confidence > least -> exit"
    sources = [SourceFile("a.rules", text), SourceFile("b.rules", text)]
    assert compile_files(sources, parameters={"least": "0.5"}).problems == (
        "`least` is a param of several files: write `a.least` or `b.least`",
    )
    found = compile_files(sources, parameters={"b.least": "0.5"}).plan
    assert found is not None
    assert [repr(p.Number(0.5)) in repr(rule) for rule in found.rules] == [False, True]


def test_a_setting_that_makes_a_rule_impossible_is_an_error_where_it_is_used() -> None:
    text = "param shares = 100\non signal any -> enter long shares stop 3%"
    found = compile_text(text, "flow.rules", parameters={"shares": "-5"})
    assert [(one.code, text[one.span.start : one.span.end]) for one in found.diagnostics] == [("E304", "shares")]


def test_a_param_with_a_broken_range_takes_no_blame_for_its_setting() -> None:
    text = "param a = 3 in 1..nobody\non signal any where confidence > a -> exit"
    found = compile_text(text, "flow.rules", parameters={"a": "4"})
    assert [one.code for one in found.diagnostics] == ["E101"]
    assert found.problems == ()
