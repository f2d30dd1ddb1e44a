"""Planted mistakes: each is told once, at its line, and nothing else is blamed."""

from __future__ import annotations

import random

import pytest

from rulec.dsl.diagnostics import Diagnostic
from rulec.dsl.parser import parse
from rulec.dsl.source import SourceFile

WELL_FORMED = (
    "let watch = [AAPL, MSFT]",
    "let alloc = { CVNA: $30_000, else: $10_000 }",
    'param least = 0.8 in 0.5..0.95 step 0.05 "Least"',
    'field premium: money "Premium"',
    "limits {\n  max position 20% of equity\n  max orders 30 per minute\n  no shorting\n}",
    "on signal BUY where confidence>0.8 -> enter long 100 stop 3% target 8%",
    'rule out\n  cooldown 3m at most 5 per day\n  on price where symbol in watch\n  -> exit 50% because "x"',
    'on signal any\n  -> scale in 50 at profit 2%\n  -> notify "{symbol}"',
)

PLANTED = (
    ("on signal BUY wher confidence > 0.8 -> exit", "E003"),
    ("on sginal BUY -> exit", "E003"),
    ("no signal BUY -> exit", "E003"),
    ("On signal BUY -> exit", "E003"),
    ("on signal BUY -> enter lnog 100 stop 3%", "E003"),
    ("on signal BUY -> enter long 100 stpo 3%", "E003"),
    ("on signal BUY -> enter long 100 stop 3% targt 8%", "E003"),
    ("on signal BUY -> ENTER long 100 stop 3%", "E003"),
    ("on signal BUY where a > 1 adn b > 2 -> exit", "E003"),
    ("rule a coldown 3m on price -> exit", "E003"),
    ("rule a at most 5 per dya on price -> exit", "E003"),
    ("lte x = 5", "E003"),
    ("parm x = 5", "E003"),
    ("on signal BUY -> double down 100% at los 2%", "E003"),
    ("limits { max postion 20% of equity }", "E003"),
    ("on signal BUY -> enter long rsk 1% of equity stop 3%", "E003"),
    ("on signal BUY where confidence = 0.8 -> exit", "E001"),
    ("on signal BUY where confidence > 0.8 exit", "E001"),
    ("on signal BUY where confidence > 0.8\n  enter long 100 stop 3%", "E001"),
    ("on signal BUY => exit", "E001"),
    ("on signal BUY then exit", "E001"),
    ("on signal BUY if confidence > 0.8 -> exit", "E001"),
    ("on signal BUY where (confidence > 0.8 -> exit", "E001"),
    ("on signal BUY where confidence > 0.8) -> exit", "E001"),
    ("on signal BUY where symbol in [AAPL, MSFT -> exit", "E001"),
    ("on signal BUY where symbol in [AAPL, MSFT) -> exit", "E001"),
    ("on price where price > max($1, $2 -> exit", "E001"),
    ("on price where price > max($1, ($2 + $3 -> exit", "E001"),
    ("let watch = [AAPL, MSFT", "E001"),
    ("limits { max positions 10", "E001"),
    ("let a = { AAPL: $3", "E001"),
    ("on signal BUY where confidence > -> exit", "E001"),
    ("on signal BUY where > 0.8 -> exit", "E001"),
    ("on signal BUY where -> exit", "E001"),
    ("on signal BUY where confidence > 0.8 and -> exit", "E001"),
    ("on signal BUY where confidence > 0.8 or\n", "E001"),
    ("on signal BUY -> enter long 100 stop target 8%", "E001"),
    ("on signal BUY -> enter long 100 stop", "E001"),
    ("on signal BUY -> enter long stop 3%", "E001"),
    ("on signal BUY -> enter 100 stop 3%", "E001"),
    ("on signal BUY -> enter long 100 shares stop 3%", "E001"),
    ("on signal BUY -> enter long 100, stop 3%", "E001"),
    ("on signal BUY -> enter long 100 stop 3% and target 8%", "E001"),
    ("on signal BUY -> enter long 100 at $150 stop 3%", "E001"),
    ("on signal BUY -> enter long 100stop 3%", "E001"),
    ("on signal BUY -> enter long $30k stop 3%", "E001"),
    ("rule a cooldown 1h30m on price -> exit", "E001"),
    ("rule a cooldown 5min on price -> exit", "E001"),
    ("rule a during 9:35..15:45 on price -> exit", "E001"),
    ("let watch = [Aapl, MSFT]", "E001"),
    ("let Watch = [AAPL]", "E001"),
    ("let WATCH = [AAPL]", "E001"),
    ("let at = 5", "E103"),
    ("on signal buy -> exit", "E001"),
    ("on signal BUY -> notify bought", "E001"),
    ('on signal BUY -> notify "bought', "E002"),
    ("on signal BUY -> notify 'bought'", "E001"),
    ("on signal BUY -> notify “bought”", "E001"),
    ("on signal BUY where confidence ≥ 0.8 -> exit", "E001"),
    ("on signal BUY where a > 1 && b > 2 -> exit", "E001"),
    ("on signal BUY where confidence > .8 -> exit", "E001"),
    ("on signal BUY where confidence > 80 % -> exit", "E001"),
    ("on signal BUY -> exit; ", "E001"),
    ("on signal BUY // a comment\n  -> exit", "E001"),
    ("let x", "E001"),
    ("let = 5", "E001"),
    ("on -> exit", "E001"),
    ("on signal -> exit", "E001"),
    ("on signal BUY", "E001"),
    ("rule on price -> exit", "E001"),
    ("rule a cooldown", "E001"),
    ("field premium money", "E001"),
    ("param x = 5 in 1", "E001"),
    ("limits { max 5 }", "E001"),
    ("on signal BUY -> scale in 50 at 2%", "E001"),
    ("on signal BUY -> double down 100%", "E001"),
    ("on signal BUY where symbol not [AAPL] -> exit", "E001"),
    ("let x = 25:00", "E001"),
    ('on price -> log "a \\q"', "E001"),
    ('on price -> log "{a b}"', "E001"),
    ("let x = ", "E001"),
    ("on signal BUY ->", "E001"),
    ("on signal BUY -> exit ->", "E001"),
    ("exit", "E001"),
    ("}", "E001"),
)

NOT_AFTER_OTHERS = 5
"""The last of these can be taken for a part of a wrong statement beside them, and rightly so."""


def wrong(text: str) -> list[Diagnostic]:
    return parse(SourceFile("a.rules", text))[1]


def lines(text: str) -> list[tuple[str, int]]:
    source = SourceFile("a.rules", text)
    return [(diagnostic.code, source.position(diagnostic.span.start).line) for diagnostic in wrong(text)]


@pytest.mark.parametrize(("planted", "code"), PLANTED, ids=[planted for planted, _ in PLANTED])
@pytest.mark.parametrize("before", [0, 3, 5])
@pytest.mark.parametrize("after", [1, 4, 6])
def test_a_planted_mistake_is_told_once_between_any_neighbours(
    planted: str, code: str, before: int, after: int
) -> None:
    text = f"{WELL_FORMED[before]}\n{planted}\n{WELL_FORMED[after]}\n"
    first = WELL_FORMED[before].count("\n") + 2
    ((found, line),) = lines(text)
    assert found == code
    assert first <= line <= first + planted.count("\n")


@pytest.mark.parametrize("seed", range(20))
def test_many_planted_mistakes_are_each_told_once(seed: int) -> None:
    rng = random.Random(seed)
    expected: list[tuple[str, int]] = []
    text = ""
    for _ in range(40):
        if rng.random() < 0.5:
            text += rng.choice(WELL_FORMED) + "\n"
        else:
            planted, code = rng.choice(PLANTED[:-NOT_AFTER_OTHERS])
            expected.append((code, text.count("\n") + 1))
            text += planted + "\n"
    found = lines(text)
    assert [code for code, _ in found] == [code for code, _ in expected]
    assert all(0 <= line - at <= 1 for (_, line), (_, at) in zip(found, expected, strict=True))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on signal BUY where confidence > -> enter long 100 stop\n  -> exit 50% at", [1, 1, 2]),
        ("rule a priorty 5 coldown 3m\n  on sginal BUY\n  wher x > 1\n  -> exti", [1, 1, 2, 3, 4]),
        ("on foo where x > -> enter 100", [1, 1, 1]),
        ("limits {\n  max postion 5%\n  max orders 30 minute\n  no shortin\n}", [2, 3, 4]),
        ("let x = [Aapl, 5min, $30k]", [1, 1, 1]),
        ('on price -> log "{a b} {c d} {"', [1, 1, 1]),
    ],
)
def test_several_mistakes_in_one_statement_are_all_told(text: str, expected: list[int]) -> None:
    assert [line for _, line in lines(text)] == expected


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("on signal BUY wher confidence = 0.8 exit", 1),
        ("on signal BUY -> enter long 100stop 3%", 1),
        ("on signal BUY -> enter long 100 stop", 0),
        ("on signal BUY where (confidence > 0.8 -> exit", 0),
        ("let x =\nlet y = 5\non price -> exit", 2),
        ("on price -> exit 5 6\non price -> exit", 1),
        ("foo\non price -> exit", 1),
    ],
)
def test_a_statement_keeps_its_meaning_only_where_the_repair_is_certain(text: str, statements: int) -> None:
    file, found = parse(SourceFile("a.rules", text))
    assert found
    assert len(file.statements) == statements


@pytest.mark.parametrize(
    ("text", "declared"),
    [
        ("let watch =\nlet b = 5", [("let", "watch")]),
        ("param x 5", [("param", "x")]),
        ("field premium money", [("field", "premium")]),
        ("rule a on price", [("rule", "a")]),
        ("let WATCH = [AAPL]", [("let", "watch")]),
        ("on price", [("on", None)]),
        ("let = 5", [("let", None)]),
        ("let a = )\nlet b = 5\nlet c = ]", [("let", "a"), ("let", "c")]),
    ],
)
def test_a_broken_statement_is_noted_by_what_it_would_declare(
    text: str, declared: list[tuple[str, str | None]]
) -> None:
    broken = parse(SourceFile("a.rules", text))[0].broken
    assert [(part.keyword, part.name and part.name.name) for part in broken] == declared


def applied(text: str) -> str:
    """The text with the first fix of each diagnostic applied, the last first."""
    for diagnostic in reversed(wrong(text)):
        for fix in diagnostic.fixes[:1]:
            for edit in reversed(fix.edits):
                text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


@pytest.mark.parametrize("planted", [planted for planted, _ in PLANTED if any(d.fixes for d in wrong(planted))])
def test_a_fix_removes_its_cause(planted: str) -> None:
    assert wrong(applied(planted)) == []


CERTAIN = [planted for planted, _ in PLANTED if parse(SourceFile("a.rules", planted))[0].statements]


@pytest.mark.parametrize("planted", CERTAIN)
def test_a_certain_repair_reads_what_the_fix_would_write(planted: str) -> None:
    repaired = parse(SourceFile("a.rules", planted))[0]
    assert repaired.statements == parse(SourceFile("a.rules", applied(planted)))[0].statements


def test_enough_repairs_are_certain_to_be_worth_testing() -> None:
    assert len(CERTAIN) > 25
