"""A set made ready beside the one that runs finds for every event what a set made from nothing finds."""

from __future__ import annotations

import random

import pytest

from rulec.dsl.compile import compile_text
from rulec.dsl.library import FileLoader
from rulec.dsl.plan import Plan
from rulec.dsl.recompile import Recompiler
from rulec.dsl.source import SourceFile
from rulec.runtime.event.inputs import Bar, Price, Quote, Signal
from rulec.runtime.rule.facts import Facts
from rulec.runtime.rule.index import RuleIndex
from rulec.runtime.rule.prepared import prepare
from rulec.runtime.rule.rule_set import make_ready
from rulec.tests.support.driver import Rig

MINUTE = 60_000_000
TRIGGERS = ("signal BUY", "signal SELL of A", "signal any", "price of [A, B]", "price", "bar 1m", "bar of B", "volume")
CONDITIONS = ("", "where confidence > 0.{}", "where price > ${}0", "where symbol == A and price < ${}0")


def draw_rule(draw: random.Random) -> str:
    trigger = draw.choice(TRIGGERS)
    conditions = [each for each in CONDITIONS if "confidence" not in each or trigger.startswith("signal")]
    condition = draw.choice(conditions).format(draw.randrange(1, 9))
    if trigger.startswith("bar"):
        condition = condition.replace("price", "close")
    header = draw.choice(("", "", f"rule r{draw.randrange(10**9)} priority {draw.randrange(3)}\n"))
    return f'{header}on {trigger} {condition} -> log "{draw.randrange(5)}"\n'


def draw_event(draw: random.Random) -> Signal | Price | Quote | Bar:
    symbol, price = draw.choice("ABC"), draw.randrange(1, 99) * 1.0
    match draw.randrange(4):
        case 0:
            return Signal(0, symbol, draw.choice(("BUY", "SELL", "X")), draw.choice((None, 0.05, 0.55, 0.95)), price)
        case 1:
            return Price(0, symbol, price, draw.choice((None, 5.0)))
        case 2:
            return Quote(0, symbol, price, price + 1)
        case _:
            return Bar(0, symbol, price, price, price, price, 1.0, MINUTE, 0, MINUTE)


def found(index: RuleIndex, event: object, facts: Facts) -> list[tuple[str, bool | None]]:
    return [
        (one.prepared.label, done)
        for one in index.candidates(event)
        if (done := one.outcome(event, facts)) is not False
    ]


@pytest.mark.parametrize("seed", range(25))
def test_an_index_that_was_changed_again_and_again_is_as_one_made_anew(seed: int) -> None:
    draw = random.Random(seed)
    facts = Rig([]).engine.facts
    recompiler = Recompiler(FileLoader())
    lines = [draw_rule(draw) for _ in range(30)]

    def plan() -> Plan:
        done = recompiler.compile([SourceFile("f.rules", "".join(lines))])
        assert done.plan is not None, done.diagnostics
        return done.plan

    running = prepare(plan().rules)
    index = RuleIndex(running)
    for _ in range(12):
        for _ in range(draw.randrange(4)):
            at = draw.randrange(len(lines) + 1)
            if draw.random() < 0.6:
                lines.insert(at, draw_rule(draw))
            elif lines:
                lines.pop(at % len(lines))
        if draw.random() < 0.2:
            lines.reverse()
        whole = plan()
        ready = make_ready(whole, "", running, index)
        for prepared, rule, position in ready.moved:
            prepared.stand_at(rule, position)
        running, index = list(ready.rules), ready.index
        assert [one.rule for one in running] == list(whole.rules)
        assert [(one.label, one.at, one.position) for one in running] == [
            (rule.label, str(rule.place), at) for at, rule in enumerate(whole.rules)
        ]
        anew = RuleIndex(prepare(compile_text("".join(lines), "f.rules").plan.rules))  # type: ignore[union-attr]
        for _ in range(40):
            event = draw_event(draw)
            assert found(index, event, facts) == found(anew, event, facts), event


def test_what_stays_keeps_its_compiled_condition() -> None:
    recompiler = Recompiler(FileLoader())
    text = "".join(f'on signal K{n} where confidence > 0.{n} -> log "{n}"\n' for n in range(1, 9))
    first = recompiler.compile([SourceFile("f.rules", text)]).plan
    second = recompiler.compile([SourceFile("f.rules", "\n" + text.replace("0.8", "0.9"))]).plan
    assert first is not None
    assert second is not None
    running = prepare(first.rules)
    ready = make_ready(second, "", running, RuleIndex(running))
    assert [one is other for one, other in zip(ready.rules, running, strict=True)] == [True] * 7 + [False]
    assert [rule.label for rule in ready.new] == ["f#8"]


def test_fifty_insertions_at_one_place_and_more_keep_the_order() -> None:
    facts = Rig([]).engine.facts
    lines = ['on price -> log "first"\n', 'on price -> log "last"\n']
    running = prepare(compile_text("".join(lines), "f.rules").plan.rules)  # type: ignore[union-attr]
    index = RuleIndex(running)
    for number in range(120):
        lines.insert(1, f'on price -> log "{number}"\n')
        plan = compile_text("".join(lines), "f.rules").plan
        assert plan is not None
        ready = make_ready(plan, "", running, index)
        for moved, rule, position in ready.moved:
            moved.stand_at(rule, position)
        running, index = list(ready.rules), ready.index
        labels = [label for label, _ in found(index, Price(0, "A", 1.0), facts)]
        assert labels == [f"f#{at}" for at in range(1, len(lines) + 1)]
