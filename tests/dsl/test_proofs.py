"""W402 to W405 are proofs: held against everything that can happen in a small world, and against a replay."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from rulec.dsl import plan
from rulec.dsl.compile import compile_text
from rulec.dsl.conflicts import conflicts, shadows
from rulec.dsl.proofs import is_always_true, is_never_true
from rulec.dsl.sample_events import SampleEvent
from rulec.tests.conftest import LONG
from rulec.tests.support.replaying import at, replay
from rulec.tests.support.small_worlds import HEADER, Occasion, occasions, program

BATCH = 25
BATCHES = 400 if LONG else 12  # 10,000 rules in the long profile


def compiled(text: str) -> plan.Plan:
    compilation = compile_text(text)
    assert compilation.plan is not None, compilation.diagnostics
    return compilation.plan


@pytest.mark.parametrize("seed", range(BATCHES))
def test_no_condition_is_called_never_or_always_true_that_is_not(seed: int) -> None:
    chance = random.Random(seed)
    for rule in compiled(program(chance, BATCH)).rules:
        never, always = is_never_true(rule), is_always_true(rule)
        if never:
            fires = next((one for one in occasions(rule) if one.fires(rule) is True), None)
            assert fires is None, (rule.condition, fires)
        if always:
            for one in occasions(rule):
                trigger_fits = one.fires(plan.Rule(rule.trigger, None, (), during=rule.during))
                if one.is_known and trigger_fits:
                    assert one.fires(rule) is True, (rule.condition, one)


def test_what_never_happens_in_the_small_world_is_nearly_always_proven() -> None:
    chance = random.Random(7)
    rules = compiled(program(chance, 120)).rules
    never = [rule for rule in rules if not any(one.fires(rule) for one in occasions(rule))]
    proven = [rule for rule in never if is_never_true(rule)]
    assert len(never) >= 5
    assert len(proven) >= 0.9 * len(never)


@pytest.mark.parametrize("seed", range(BATCHES))
def test_a_rule_in_the_shadow_never_fires_without_the_one_before_it(seed: int) -> None:
    chance = random.Random(1_000 + seed)
    rules = compiled(program(chance, BATCH)).rules
    for shadow in shadows(rules):
        first, second = rules[shadow.first], rules[shadow.second]
        for one in occasions(first, second, chance=chance):
            if one.fires(second):
                assert one.fires(first), (first, second, one)
        if shadow.sample is not None:
            occasion = of_sample(shadow.sample)
            assert occasion.fires(first) and occasion.fires(second), (first, second, shadow.sample)


@pytest.mark.parametrize("seed", range(BATCHES))
def test_an_event_that_is_said_to_fire_two_rules_does(seed: int) -> None:
    chance = random.Random(2_000 + seed)
    rules = compiled(program(chance, BATCH)).rules
    for conflict in conflicts(rules):
        occasion = of_sample(conflict.sample)
        for rule in (rules[conflict.first], rules[conflict.second]):
            assert occasion.fires(rule) is True, (rule, conflict.sample)


def of_sample(sample: SampleEvent) -> Occasion:
    found = next(occasions())
    values = {name: sample.value(name) for name in ("confidence", "price", "signal", "symbol")}
    for name, value in values.items():
        setattr(found.event, name, value)
    found.event.fields.update(premium=sample.value("premium"), urgent=sample.value("urgent"))
    return Occasion(found.event, type(found.facts)("flat", float(sample.time)))


# ---- replays of the examples ---------------------------------------------------------------------------------------

PAIRS = [
    (
        "on signal BUY where confidence > 0.8 -> enter long 100 stop 3%",
        "on signal BUY where confidence in 0.7..0.9 -> enter short 100 stop 3%",
    ),
    ("on signal any -> enter long 100 stop 3%", "on signal SELL where premium > 3 -> enter short 100 stop 3%"),
    ("on signal any of [AAPL, MSFT] -> enter long 5 stop 3%", "on signal BUY of MSFT -> enter short 100 stop 3%"),
    (
        "rule a during 10:30..12:00 on signal BUY -> enter long 100 stop 3%",
        "on signal BUY where now >= 11:00 and flat -> enter short 100 stop 3%",
    ),
    ("on price where price > $50 -> enter long 10 stop 3%", "on price where price < $60 -> enter short 10 stop 3%"),
    ("on bar where close > open -> enter long 10 stop 3%", "on bar where high > $20 -> enter short 10 stop 3%"),
]
SHADOWS = [
    (
        "on signal BUY where confidence > 0.8 -> enter long 100 stop 3%",
        "on signal BUY where confidence > 0.9 -> enter long 100 stop 3%",
    ),
    ("on signal any -> enter long 100 stop 3%", "on signal BUY of AAPL -> enter long 200 stop 3%"),
    ("on signal BUY or SELL where urgent -> exit", "on signal SELL where urgent and premium > 0 -> exit"),
]


@pytest.mark.parametrize("pair", PAIRS, ids=[pair[1] for pair in PAIRS])
def test_a_replay_of_the_event_fires_both_rules_of_a_conflict(pair: tuple[str, str], tmp_path: Path) -> None:
    text = HEADER + "\n".join(pair) + "\n"
    (conflict,) = conflicts(compiled(text).rules)
    decided = decisions(text, conflict.sample, tmp_path)
    assert [line["rule"] for line in decided] == [rule.label for rule in replayed_rules(text)]
    assert decided[0]["outcome"] == "acted"
    assert decided[1]["outcome"] == "suppressed"


@pytest.mark.parametrize("pair", SHADOWS, ids=[pair[1] for pair in SHADOWS])
def test_a_replay_of_the_event_shows_that_the_second_rule_does_not_act(pair: tuple[str, str], tmp_path: Path) -> None:
    text = HEADER + "\n".join(pair) + "\n"
    (shadow,) = shadows(compiled(text).rules)
    assert shadow.sample is not None
    decided = decisions(text, shadow.sample, tmp_path)
    assert len(decided) == 2
    assert decided[1]["outcome"] in ("suppressed", "ignored")


def replayed_rules(text: str) -> tuple[plan.Rule, ...]:
    compilation = compile_text(text, "card.rules")
    assert compilation.plan is not None
    return compilation.plan.rules


def decisions(text: str, sample: SampleEvent, folder: Path) -> list[dict[str, object]]:
    """What the rules decide on the event."""
    seconds = sample.time - 36_000
    events: list[dict[str, object]] = []
    carried = {name: value for name in ("confidence", "price") if (value := sample.value(name)) is not None}
    if isinstance(sample.trigger, plan.SignalTrigger):
        events.append({"type": "price", "time": at(seconds - 60), "symbol": sample.symbol, "price": 100.0})
        fields = {name: value for name in ("premium", "urgent") if (value := sample.value(name)) is not None}
        kind = {"symbol": sample.symbol, "signal": sample.kind}
        events.append({"type": "signal", "time": at(seconds), **kind, **carried, "fields": fields})
    elif isinstance(sample.trigger, plan.BarTrigger):
        prices = {name: sample.value(name) for name in ("open", "high", "low", "close")}
        volume = sample.value("volume") or 100
        bar = {"type": "bar", "symbol": sample.symbol, "timeframe": "1m", "volume": volume, **prices}
        events.append({**bar, "time": at(seconds - 60)})
    else:
        events.append({"type": "price", "time": at(seconds), "symbol": sample.symbol, **carried})
    return replay(folder, text, events).of("decision")
