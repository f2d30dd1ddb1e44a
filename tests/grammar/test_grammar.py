"""The `.lark` files: free of conflicts, and read by the driver exactly as Lark reads them."""

from __future__ import annotations

import lark
import pytest

from rulec.dsl import table_cache
from rulec.dsl.build import BUILDERS
from rulec.dsl.lexer import RESERVED, WORD
from rulec.dsl.parser import parse
from rulec.dsl.source import SourceFile
from rulec.dsl.table import ReductionKind, open_grammar

CARD = "on signal BUY where confidence>0.8 -> enter long 100 stop 3% target 8%"

WELL_FORMED = (
    CARD,
    "language 1\nlet watch = [AAPL, BRK.B, BF-B,]",
    'let alloc = { CVNA: $30_000, "true": $1, else: $10_000 }',
    'param least = 0.8 in 0.5..0.95 step 0.05 "Least"',
    "param count = 3 in [1, 2, 3]",
    'field premium: money "Premium"',
    "limits { max position 20% of equity max orders 30 per minute only symbols watch no shorting }",
    "limits { }",
    'rule a "b" priority 1 cooldown 3m shared c at most 5 per day each during 09:35..15:45 disabled on price -> exit',
    'on signal any of [AAPL] -> exit 50% of AAPL at limit $3 because "x"',
    'on signal BUY or "very strong" of watch -> exit everything',
    'on price of AAPL where not a and b or c -> halt -> log "x" -> notify "{symbol}"',
    "on price -> enter short risk 1% of equity of AAPL at stop $3 limit $2 for 5m stop 6 atr(20) exit after 2h",
    "on price -> enter long $5_000 trail 2% after 1R breakeven after $2 away target at $5 for 50%",
    "on price -> scale in 50 at profit 2% at most 3 -> double down 50% at 50% to stop -> double down 1 at loss 3%",
    "on price where 1 < x <= 2 != 3 and x not in 1..2 and SPY.last > SPY.atr(14, 5m) + -2 * t[symbol] / 3 -> exit",
    "on signal BUY -> enter long stop stop target target target",
    "on price where position > order and of_equity == max(limit, price) -> exit",
    "on price where x crosses above 3 and sma(20) crosses below SPY.ema(9, 1d)[2] -> exit",
    "on price where close[1] > $3 and position.profit > 2% -> exit -> reverse",
    'on price where role is stop and reason is not "margin" and kind is BUY -> exit',
    "on price where now in 09:35..10:00 and today == 2026-01-05 and now > 2026-01-05 10:00 -> exit",
    "on bar 5m of watch -> exit",
    "on bar -> exit",
    "on volume of [AAPL] -> exit",
    "on position opened -> exit on position updated -> exit on position closed of AAPL -> exit",
    "on order created -> exit on order submitted -> exit on order filled of AAPL -> exit",
    "on order cancelled -> exit on order rejected -> exit",
    "on time 10:00 -> exit everything on every 5m of watch -> exit",
    "on market open -> exit on market open + 5m of AAPL -> exit on market close - 10m -> exit on market close -> exit",
    "on start -> exit on broker connected -> exit on broker disconnected -> exit",
    'use "x.rules" use std.risk use std.exits with (a = 3, b = $5,) use my.module.risk.x with (c = [A]) use a with ()',
    "on price -> reverse stop 3% target 8% for 50% -> move stop to breakeven -> move stop to breakeven + 0.5%",
    "on price -> move stop to breakeven - $1 away -> move stop to $145 -> move target to price * 2 -> trail 2 atr",
    "on price -> cancel targets -> cancel scales -> cancel entries -> cancel orders",
    "on price -> place buy 100 at market -> place sell 50% at limit $3 as hedge -> place buy $5 at stop $3",
    'on price -> emit signal BUY for AAPL confidence 0.9 -> emit signal "very strong" for symbol -> emit signal X',
    'test "x" { }',
    'test "x" { at 2026-01-05 10:00 at 10:00 wait 3m equity $5 price AAPL $150 size 3 quote "TRUE" 1 2 } test "y" { }',
    'test "x" { bar AAPL 1 2 3 4 5 bar 1d AAPL $1 $2 $3 $4 5 for 20 bars disconnect reconnect }',
    'test "x" { signal BUY AAPL signal "very strong" "TRUE" with (confidence = 0.9, side = -3, a = true, b = A,) }',
    'test "x" { reject next order "no" partial fill 3 of next order expect halted expect no orders expect flat A }',
    'test "x" { expect enter long 3 of A expect enter short of A expect exit 3 of A expect exit of A }',
    'test "x" { expect stop A at $3 expect target A at 3 expect order A at $3 expect position A short 3 }',
    'test "x" { expect no orders A expect fired a expect not fired a.b expect refused position }',
    "on price -> reset cooldown -> reset cooldown of entries -> call f() -> call f(1, symbol, weight = 20%, x > 3,)",
)

MALFORMED = (
    "on",
    "on signal BUY",
    "on signal BUY -> enter",
    "on signal BUY -> enter longest 5",
    "on price wherefore -> exit",
    "on price -> exit at stop $3",
    "on price -> enter long 100stop 3%",
    "let at = 5",
    "let x = Aapl",
    "let x = { AAPL: 3, 5 }",
    "test x { }",
    'test "x" { price AAPL }',
    'test "x" { price AAPL $1 + $2 }',
    'test "x" { expect not flat AAPL }',
    'test "x" { expect enter long 100 }',
    "use",
    "use std.",
    "on bars 5m -> exit",
    "on position open -> exit",
    "on market open - 5m -> exit",
    "on market close + 5m -> exit",
    "on start of AAPL -> exit",
    "on price where x crosses 3 -> exit",
    "on price where role is 3 -> exit",
    "on price where position.profit.x > 2% -> exit",
    "on price where (a)[1] > $3 -> exit",
    "on price -> move stop 3%",
    "on price -> cancel stop",
    "on price -> place buy 100",
    "on price -> emit BUY",
    "on price -> call f",
    "on price -> call f(a = b = c)",
    "on price -> trail 2% after 1R",
    "let x = 25:00",
    "let x = 1_",
    "let x = 1.2.3",
)


@pytest.fixture(scope="module")
def larks_own() -> lark.Lark:
    return open_grammar()


def test_the_grammar_has_no_conflict() -> None:
    assert open_grammar(strict=True).parse(CARD) is not None


@pytest.mark.parametrize("text", WELL_FORMED)
def test_what_lark_reads_is_read_without_a_word(larks_own: lark.Lark, text: str) -> None:
    assert larks_own.parse(text) is not None
    assert parse(SourceFile("rules", text))[1] == []


@pytest.mark.parametrize("text", MALFORMED)
def test_what_lark_refuses_is_refused(larks_own: lark.Lark, text: str) -> None:
    with pytest.raises(lark.exceptions.UnexpectedInput):
        larks_own.parse(text)
    assert parse(SourceFile("rules", text))[1] != []


def test_each_production_has_its_builder_and_no_builder_is_left_over() -> None:
    built = (ReductionKind.BUILD, ReductionKind.SPREAD)
    called = {production.builder for production in table_cache.load().productions if production.kind in built}
    assert called == BUILDERS.plain.keys() | BUILDERS.watchful.keys()


def test_the_lexers_words_are_the_grammars_names_and_keywords() -> None:
    name = dict(table_cache.load().tokens)["NAME"]
    refused, _, pattern = name.partition(")(?!\\w))")
    assert pattern == WORD[1]
    assert set(refused.removeprefix("(?!(").split("|")) == RESERVED


def test_statement_words_are_reserved() -> None:
    table = table_cache.load()
    assert {table.spelling[kind] for kind in table.statement_words} <= RESERVED


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_a_reserved_word_is_no_name(larks_own: lark.Lark, word: str) -> None:
    with pytest.raises(lark.exceptions.UnexpectedInput):
        larks_own.parse(f"let {word} = 5")
    diagnostics = parse(SourceFile("rules", f"let {word} = 5"))[1]
    assert [diagnostic.code for diagnostic in diagnostics] == ["E103"]


@pytest.mark.parametrize("word", sorted(set(table_cache.load().keywords) - RESERVED))
def test_any_other_keyword_is_a_name_where_no_keyword_can_stand(word: str) -> None:
    text = f"let {word} = 5 let y = {word} on price where {word} > 3 and not {word} == 5 -> exit"
    assert parse(SourceFile("rules", text))[1] == []
