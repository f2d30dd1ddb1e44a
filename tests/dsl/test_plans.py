"""What a text becomes: the plan, compared part by part with one written by hand."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from rulec.dsl import plan as p
from rulec.dsl.compile import compile_files, compile_text
from rulec.dsl.diagnostics import Severity
from rulec.dsl.source import SourceFile

CARD = "on signal BUY where confidence>0.8 -> enter long 100 stop 3% target 8%"
CONFIDENCE = p.EventName("confidence", p.Kind.PERCENT)
PRICE = p.EventName("price", p.Kind.MONEY)
SYMBOL = p.EventName("symbol", p.Kind.SYMBOL)
ATR = p.Indicator("atr", (14.0,))


def plan_of(text: str, **settings: str | float) -> p.Plan:
    found = compile_text(text, "flow.rules", parameters=settings)
    assert found.plan is not None, (found.diagnostics, found.problems)
    return found.plan


def rule_of(text: str) -> p.Rule:
    return plan_of(text).rules[-1]


def action_of(text: str) -> p.Action:
    return rule_of(f"on signal BUY -> {text}").actions[-1]


def condition_of(text: str) -> p.Expression | None:
    return rule_of(f"on signal BUY where {text} -> exit").condition


def distance(unit: p.DistanceUnit, value: p.Expression) -> p.Distance:
    return p.Distance(unit, value)


def percent(value: float) -> p.Distance:
    return p.Distance(p.DistanceUnit.PERCENT, p.Percent(value))


def test_the_card_becomes_one_rule() -> None:
    assert plan_of(CARD) == p.Plan(
        rules=(
            p.Rule(
                trigger=p.SignalTrigger(("BUY",)),
                condition=p.Compare((CONFIDENCE, p.Number(0.8)), (">",)),
                actions=(
                    p.Enter(
                        p.Side.LONG,
                        p.Size(p.SizeUnit.SHARES, p.Number(100.0)),
                        protection=p.Protection(stop=percent(0.03), targets=(p.Target(percent(0.08)),)),
                    ),
                ),
            ),
        )
    )


def test_a_full_rule_keeps_all_its_options() -> None:
    rule = rule_of("""
let alloc = { CVNA: $30_000, else: $10_000 }
let watch = [CVNA, UVXY]
param min_confidence = 0.8
rule flow_long "Follow strong bullish flow"
  priority 100 cooldown 3m shared flow at most 5 per day at most 1 per hour each during 09:35..15:45 disabled
  on signal BUY or "strong buy" of watch where confidence >= min_confidence and symbol in watch
  -> enter long alloc[symbol] stop 6 atr target 4 atr
  -> scale in 50 at profit 2%
  -> double down 100% at 50% to stop
""")
    assert rule == p.Rule(
        trigger=p.SignalTrigger(("BUY", "strong buy"), ("CVNA", "UVXY")),
        condition=p.And(
            (
                p.Compare((CONFIDENCE, p.Number(0.8)), (">=",)),
                p.Member(SYMBOL, (p.Symbol("CVNA"), p.Symbol("UVXY"))),
            )
        ),
        actions=(
            p.Enter(
                p.Side.LONG,
                p.Size(
                    p.SizeUnit.ALLOCATION,
                    p.TableLookup((("CVNA", p.Money(30_000.0)),), p.Money(10_000.0), SYMBOL),
                ),
                protection=p.Protection(
                    stop=distance(p.DistanceUnit.AMOUNT, p.Product((("*", p.Number(6.0)), ("*", ATR)))),
                    targets=(p.Target(distance(p.DistanceUnit.AMOUNT, p.Product((("*", p.Number(4.0)), ("*", ATR))))),),
                ),
            ),
            p.ScaleIn(p.Size(p.SizeUnit.SHARES, p.Number(50.0)), percent(0.02)),
            p.DoubleDown(p.Size(p.SizeUnit.POSITION, p.Percent(1.0)), to_stop=p.Percent(0.5)),
        ),
        name="flow.flow_long",
        description="Follow strong bullish flow",
        priority=100,
        cooldown=p.Cooldown(180.0, "flow"),
        at_most=(p.AtMost(5, p.Period.DAY), p.AtMost(1, p.Period.HOUR, each_symbol=True)),
        during=p.During(9 * 3600 + 35 * 60, 15 * 3600 + 45 * 60),
        enabled=False,
    )
    assert rule.label == "flow_long"
    assert str(rule.place) == "flow.rules:5"


SIZES = [
    ("enter long 100 stop 3%", p.SizeUnit.SHARES, p.Number(100.0)),
    ("enter long $30_000 stop 3%", p.SizeUnit.ALLOCATION, p.Money(30_000.0)),
    ("enter long 2% of equity stop 3%", p.SizeUnit.EQUITY, p.Percent(0.02)),
    ("enter long risk 1% of equity stop 3%", p.SizeUnit.RISK_EQUITY, p.Percent(0.01)),
    ("enter long risk $500 stop 3%", p.SizeUnit.RISK_MONEY, p.Money(500.0)),
    ("scale in 50%", p.SizeUnit.POSITION, p.Percent(0.5)),
    ("exit 50%", p.SizeUnit.POSITION, p.Percent(0.5)),
    ("exit 50", p.SizeUnit.SHARES, p.Number(50.0)),
]


@pytest.mark.parametrize(("text", "unit", "value"), SIZES, ids=[case[0] for case in SIZES])
def test_a_size_says_its_unit(text: str, unit: p.SizeUnit, value: p.Expression) -> None:
    action = action_of(text)
    assert isinstance(action, p.Enter | p.ScaleIn | p.Exit)
    assert action.size == p.Size(unit, value)


DISTANCES = [
    ("3%", p.DistanceUnit.PERCENT, p.Percent(0.03)),
    ("0.7%", p.DistanceUnit.PERCENT, p.Percent(0.007)),
    ("$2.50 away", p.DistanceUnit.AMOUNT, p.Money(2.5)),
    ("atr(20)", p.DistanceUnit.AMOUNT, p.Indicator("atr", (20.0,))),
    ("atr(20, 5m)", p.DistanceUnit.AMOUNT, p.Indicator("atr", (20.0,), 300.0)),
    (
        "6 atr(20)",
        p.DistanceUnit.AMOUNT,
        p.Product((("*", p.Number(6.0)), ("*", p.Indicator("atr", (20.0,))))),
    ),
    ("at $145", p.DistanceUnit.PRICE, p.Money(145.0)),
    ("at $150 * 97%", p.DistanceUnit.PRICE, p.Money(145.5)),
]


@pytest.mark.parametrize(("text", "unit", "value"), DISTANCES, ids=[case[0] for case in DISTANCES])
def test_a_distance_says_its_unit(text: str, unit: p.DistanceUnit, value: p.Expression) -> None:
    action = action_of(f"enter long 100 stop {text}")
    assert isinstance(action, p.Enter)
    assert action.protection.stop == p.Distance(unit, value)


def test_six_atr_is_six_times_the_atr_of_fourteen() -> None:
    assert condition_of("price > 6 atr") == condition_of("price > 6 * atr(14)")


def test_a_multiple_of_r_is_in_r() -> None:
    action = action_of("enter long 100 stop 3% target 2R")
    assert isinstance(action, p.Enter)
    assert action.protection.targets[0].distance == p.Distance(p.DistanceUnit.R, p.RMultiple(2.0))


CONDITIONS: list[tuple[str, p.Expression]] = [
    ("price > $150 * 2 - $1", p.Compare((PRICE, p.Money(299.0)), (">",))),
    ("price > last * 2", p.Compare((PRICE, p.Product((("*", p.QuoteField("last")), ("*", p.Number(2.0))))), (">",))),
    ("price > SPY.last", p.Compare((PRICE, p.QuoteField("last", "SPY")), (">",))),
    ("0.2 < confidence <= 0.7", p.Compare((p.Number(0.2), CONFIDENCE, p.Number(0.7)), ("<", "<="))),
    ("confidence in 0.2..0.7", p.Within(CONFIDENCE, p.Number(0.2), p.Number(0.7))),
    ("confidence not in [0.2]", p.Member(CONFIDENCE, (p.Number(0.2),), negated=True)),
    (
        "(price > $1 and price > $2) and price > $3",
        p.And(tuple(p.Compare((PRICE, p.Money(float(n))), (">",)) for n in (1, 2, 3))),
    ),
    (
        "not price - last > $1",
        p.Not(p.Compare((p.Sum(((1, PRICE), (-1, p.QuoteField("last")))), p.Money(1.0)), (">",))),
    ),
    ("max($1, $2) > -price", p.Compare((p.Money(2.0), p.Negate(PRICE)), (">",))),
]


@pytest.mark.parametrize(("text", "expected"), CONDITIONS, ids=[case[0] for case in CONDITIONS])
def test_a_condition_becomes_a_plan_expression(text: str, expected: p.Expression) -> None:
    assert condition_of(text) == expected


def test_times_exclude_the_end_of_their_range() -> None:
    rule = rule_of("field at_time: time\non signal BUY where at_time in 09:35..10:00 -> exit")
    assert rule.condition == p.Within(
        p.FieldName("at_time", p.Kind.TIME), p.TimeOfDay(34_500), p.TimeOfDay(36_000), open_end=True
    )


def test_limits_say_of_what_they_are() -> None:
    text = """
let watch = [AAPL, MSFT, AAPL]
limits { max position 20% of equity max order $50_000 max orders 30 per minute only symbols watch no shorting }
"""
    assert plan_of(text).limits == (
        p.Limit(p.LimitKind.POSITION, 0.2, of_equity=True),
        p.Limit(p.LimitKind.ORDER, 50_000.0),
        p.Limit(p.LimitKind.ORDERS, 30.0, period=p.Period.MINUTE),
        p.Limit(p.LimitKind.ONLY_SYMBOLS, symbols=("AAPL", "MSFT")),
        p.Limit(p.LimitKind.NO_SHORTING),
    )


def test_a_text_holds_the_values_to_print() -> None:
    assert action_of('notify "{symbol} at {price}"') == p.Notify(p.Text((SYMBOL, " at ", PRICE)))


def test_unnamed_rules_are_shown_by_stem_and_ordinal_and_known_by_fingerprint() -> None:
    plan = plan_of("on signal BUY -> exit\nrule a on price -> exit\non signal SELL -> exit")
    assert [rule.label for rule in plan.rules] == ["flow#1", "a", "flow#3"]
    assert [rule.name for rule in plan.rules] == [None, "flow.a", None]
    assert plan.rules[0].identity == plan.rules[0].fingerprint != plan.rules[2].fingerprint


def test_a_moved_rule_with_its_lets_written_out_is_the_same_rule() -> None:
    written = plan_of("# first\n\n" + CARD)
    named = plan_of(
        "let least = 0.8\nlet strong = confidence > least\n"
        "on signal BUY where strong -> enter long 100 stop 3% target 8%"
    )
    assert written == named == plan_of(CARD)
    assert written.fingerprint == named.fingerprint
    assert hash(written) == hash(named)


def test_fingerprints_are_the_same_in_another_process() -> None:
    script = f"from rulec.dsl.compile import compile_text; print(compile_text({CARD!r}).plan.fingerprint)"
    seen = {
        subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | {"PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert seen == {plan_of(CARD).fingerprint}


def test_files_share_rules_and_limits_but_not_names() -> None:
    rule = "rule x on signal BUY where confidence > least -> exit"
    sources = [
        SourceFile("a.rules", f"let least = 0.8\n{rule}"),
        SourceFile("b.rules", f"let least = 0.5\nlimits {{ no shorting }}\n{rule}"),
    ]
    plan = compile_files(sources).plan
    assert plan is not None
    assert [rule.name for rule in plan.rules] == ["a.x", "b.x"]
    assert [rule.condition for rule in plan.rules] == [
        p.Compare((CONFIDENCE, p.Number(0.8)), (">",)),
        p.Compare((CONFIDENCE, p.Number(0.5)), (">",)),
    ]
    assert len(plan.limits) == 1


def test_files_of_one_name_in_two_folders_can_not_share_a_full_name() -> None:
    rule = "rule x on signal BUY -> exit"
    found = compile_files([SourceFile("a/flow.rules", rule), SourceFile("b/flow.rules", rule)]).diagnostics
    assert [(one.code, one.path) for one in found] == [("E102", "b/flow.rules")]
    assert "a/flow.rules:1" in found[0].message


def test_a_field_has_one_type_in_all_files() -> None:
    use = "on signal BUY where premium == premium -> exit"
    found = compile_files(
        [
            SourceFile("a.rules", f"field premium: money\n{use}"),
            SourceFile("b.rules", f"field premium: number\n{use}"),
        ]
    ).diagnostics
    errors = [one for one in found if one.severity is Severity.ERROR]
    assert [(one.code, one.path) for one in errors] == [("E103", "b.rules")]


def test_a_name_of_another_file_is_unknown() -> None:
    found = compile_files(
        [
            SourceFile("a.rules", "let strong = confidence > 0.8\non signal BUY where strong -> exit"),
            SourceFile("b.rules", "on signal BUY where strong -> exit"),
        ]
    ).diagnostics
    assert [(one.code, one.path) for one in found] == [("E101", "b.rules")]
