"""Which rules of a new set are the old ones: names and fingerprints."""

from __future__ import annotations

import random

import attrs
import pytest

from rulec.dsl.compile import compile_text
from rulec.dsl.plan import Rule
from rulec.runtime.rule.changes import Changes, compare


def rules(text: str) -> tuple[Rule, ...]:
    compilation = compile_text(text, "flow.rules")
    assert compilation.plan is not None, compilation.diagnostics
    return compilation.plan.rules


def named(name: str, confidence: float = 0.8, options: str = "") -> str:
    return f"rule {name} {options}\n  on signal BUY where confidence > {confidence} -> enter long 10 stop 1%\n"


def plain(confidence: float = 0.8, more: str = "") -> str:
    return f"on signal BUY where confidence > {confidence} -> enter long 10 stop 1%{more}\n"


CASES = [
    pytest.param("", "", Changes((), (), (), ()), id="nothing at all"),
    pytest.param(named("a"), named("a"), Changes(((0, 0),), (), (), ()), id="a named rule stays"),
    pytest.param(named("a"), named("a", 0.7), Changes((), ((0, 0),), (), ()), id="a named rule is edited"),
    pytest.param(named("a"), named("b"), Changes((), (), (0,), (0,)), id="a renamed rule is another"),
    pytest.param(plain(), plain(), Changes(((0, 0),), (), (), ()), id="a rule without a name stays"),
    pytest.param(plain(), plain(0.7), Changes((), (), (0,), (0,)), id="edited without a name it is another"),
    pytest.param(plain(), "# moved\n\n" + plain(), Changes(((0, 0),), (), (), ()), id="moved it is the same"),
    pytest.param(
        plain() + plain(0.7), plain(0.7) + plain(), Changes(((0, 1), (1, 0)), (), (), ()), id="two change places"
    ),
    pytest.param(plain() * 2, plain(), Changes(((0, 0),), (), (), (1,)), id="one of two like ones goes"),
    pytest.param(plain(), plain() * 2, Changes(((0, 0),), (), (1,), ()), id="one is written twice"),
    pytest.param(plain(), named("a"), Changes((), (), (0,), (0,)), id="a rule gets a name"),
    pytest.param(
        named("a"), named("a", options="cooldown 3m"), Changes((), ((0, 0),), (), ()), id="an option is a change"
    ),
    pytest.param(named("a"), named("a", options="disabled"), Changes((), ((0, 0),), (), ()), id="switched off"),
    pytest.param(named("a"), named("a", options='"text"'), Changes(((0, 0),), (), (), ()), id="a text is no change"),
    pytest.param(
        "let c = 0.8\n" + plain().replace("0.8", "c"), plain(), Changes(((0, 0),), (), (), ()), id="a let written out"
    ),
    pytest.param(
        named("a") + plain(),
        plain() + named("b") + named("a", 0.6),
        Changes(((1, 0),), ((0, 2),), (1,), ()),
        id="all at once",
    ),
]


@pytest.mark.parametrize(("before", "after", "expected"), CASES)
def test_rules_are_matched_by_name_else_by_fingerprint(before: str, after: str, expected: Changes) -> None:
    assert compare(rules(before), rules(after)) == expected


@pytest.mark.parametrize("seed", range(30))
def test_records_that_were_handed_on_are_matched_as_their_fingerprints_would(seed: int) -> None:
    draw = random.Random(seed)
    old = rules("".join(draw.choice((plain(0.1 * draw.randrange(4)), named(f"r{n}", 0.1))) for n in range(8)))
    other = rules("".join(draw.choice((plain(0.1 * draw.randrange(4)), named(f"r{n}", 0.2))) for n in range(8)))
    kept = [draw.choice(pair) for pair in zip(old, other, strict=True) if draw.random() < 0.8]
    fresh = [attrs.evolve(rule, actions=(*rule.actions,)) for rule in kept]
    one, whole = compare(old, kept), compare(old, fresh)

    def meanings(changes: Changes) -> object:
        return (
            sorted((old[a].identity, kept[b].identity) for a, b in (*changes.stays, *changes.changed)),
            sorted(kept[b].identity for b in changes.added),
            sorted(old[a].identity for a in changes.removed),
        )

    assert meanings(one) == meanings(whole)
    for changes in (one, whole):
        assert sorted((*changes.added, *(b for _, b in (*changes.stays, *changes.changed)))) == list(range(len(kept)))
        assert sorted((*changes.removed, *(a for a, _ in (*changes.stays, *changes.changed)))) == list(range(len(old)))
