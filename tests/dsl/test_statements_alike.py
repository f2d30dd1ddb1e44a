"""Statements that read alike are read by what was worked out for the first of them: never in another way."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from rulec.dsl import driver, table_cache
from rulec.dsl.lexer import tokenise
from rulec.dsl.parser import parse
from rulec.dsl.repeats import Readings
from rulec.dsl.source import SourceFile

ROOT = Path(__file__).resolve().parents[2]
TEXTS = sorted(
    path for folder in ("examples", "stdlib_rules", "tests/data") for path in (ROOT / folder).rglob("*.rules")
)


def text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8", errors="replace")


def read_both_ways(text: str, monkeypatch: pytest.MonkeyPatch) -> tuple[object, object]:
    """The tree and what is wrong, with every place, as the driver reads it in large files and one by one."""
    monkeypatch.setattr(driver, "_MANY", 0)
    alike = repr(parse(SourceFile("rules", text)))
    monkeypatch.setattr(driver, "_MANY", 10**9)
    return alike, repr(parse(SourceFile("rules", text)))


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_a_file_three_times_over_reads_as_one_by_one(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alike, one_by_one = read_both_ways("\n".join([text_of(path)] * 3), monkeypatch)
    assert alike == one_by_one


@pytest.mark.parametrize("seed", range(12))
def test_lines_in_any_order_read_as_one_by_one(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(seed)
    lines = [line for path in TEXTS for line in text_of(path).splitlines()]
    some = draw.sample(lines, 40)
    alike, one_by_one = read_both_ways("\n".join(draw.choices(some, k=160)), monkeypatch)
    assert alike == one_by_one


@pytest.mark.parametrize(
    "line",
    [
        "on signal BUY where confidence > 0.8 -> enter long 100 stop 3% target 8%",
        'rule a "b" cooldown 3m on price of [AAPL, MSFT] where not (price > $3) or volume in [1, 2] -> exit -> halt',
        "rule b during 09:45..15:30 on bar 5m of SPY where close > sma(20) -> enter long 2% of equity stop 3 atr",
        "let size = { AAPL: $10_000, else: $5_000 }",
        "limits { max order $50_000 no shorting }",
    ],
    ids=["signal", "named", "bar", "table", "limits"],
)
def test_what_can_be_worked_out_once_is(line: str) -> None:
    table = table_cache.load()
    kinds = tokenise(table, f"{line}\n{line}").kinds
    statement = kinds[: (len(kinds) - 1) // 2 + 1]
    between = next(state for state in table.gotos[table.start].values() if state in table.between)
    readings = Readings(table, frozenset(table.keywords.values()) - table.statement_words)
    assert readings.find([table.start, between], statement) is None, "met for the first time"
    assert readings.find([table.start, between], statement) is not None
