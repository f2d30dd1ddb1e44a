"""What rules ask of the market's past is found wherever it stands, and kept before the first bar comes."""

from __future__ import annotations

import pytest

from rulec.dsl import plan
from rulec.dsl.compile import compile_text
from rulec.dsl.plan import (
    Action,
    BarField,
    BarTrigger,
    Compare,
    Distance,
    DistanceUnit,
    Enter,
    Exit,
    Expression,
    FieldName,
    Indicator,
    Kind,
    Log,
    Number,
    PriceTrigger,
    Product,
    Protection,
    Rule,
    Side,
    SignalTrigger,
    Size,
    SizeUnit,
    StartTrigger,
    Symbol,
    Target,
    Text,
    Trail,
    Trigger,
)
from rulec.runtime.core.signal_log import SignalLog
from rulec.runtime.core.wants import bars_by_symbol, past_in, symbols_in, timeframes_for, want_past
from rulec.runtime.market.board import Board
from rulec.runtime.market.indicators import Indicators
from rulec.tests.support.market_bars import NYSE, session_bars

ATR = Indicator("atr", (14.0,))
FAR = Distance(DistanceUnit.AMOUNT, Product((("*", Number(6.0)), ("*", ATR))))
NEAR = Distance(DistanceUnit.PRICE, BarField("low", 1))
BUY = SignalTrigger(("BUY",))
SHARES = Size(SizeUnit.SHARES, Number(100.0))


def rule(*actions: Action, trigger: Trigger = BUY, where: Expression | None = None) -> Rule:
    return Rule(trigger, where, actions or (Log(Text(("x",))),))


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (rule(), []),
        (rule(where=Compare((ATR, Number(2.0)), (">",))), [ATR]),
        (rule(Enter(Side.LONG, SHARES, protection=Protection(stop=FAR))), [ATR]),
        (rule(Enter(Side.LONG, SHARES, protection=Protection(targets=(Target(NEAR),)))), [NEAR.value]),
        (rule(Enter(Side.LONG, SHARES, protection=Protection(trail=Trail(FAR, after=NEAR)))), [ATR, NEAR.value]),
        (rule(Enter(Side.LONG, Size(SizeUnit.ALLOCATION, ATR))), [ATR]),
        (rule(plan.PlaceOrder(Side.LONG, SHARES, plan.Pricing(plan.PricingKind.LIMIT, ATR), "hedge")), [ATR]),
        (rule(plan.MoveStopToBreakeven(FAR)), [ATR]),
        (rule(plan.MoveTarget(NEAR.value)), [NEAR.value]),
        (rule(plan.CallAction("f", (ATR,), (("low", NEAR.value),))), [ATR, NEAR.value]),
        (rule(Log(Text(("atr ", ATR)))), [ATR]),
    ],
)
def test_indicators_and_past_bars_are_found_wherever_they_stand(written: Rule, found: list[Expression]) -> None:
    assert sorted(past_in(written), key=repr) == sorted(found, key=repr)


@pytest.mark.parametrize(
    ("written", "symbols"),
    [
        (rule(), (None,)),
        (rule(trigger=StartTrigger()), (None,)),
        (rule(trigger=PriceTrigger(("SPY",))), ("SPY",)),
        (rule(trigger=PriceTrigger(("SPY", "IBM"))), ("SPY", "IBM")),
        (rule(Exit(symbol=Symbol("QQQ")), trigger=PriceTrigger(("SPY",))), ("SPY", "QQQ")),
        (rule(Exit(symbol=FieldName("hedge", Kind.SYMBOL)), trigger=PriceTrigger(("SPY",))), (None,)),
    ],
)
def test_a_rule_is_about_the_symbols_it_is_narrowed_to_and_those_it_names(
    written: Rule, symbols: tuple[str | None, ...]
) -> None:
    assert symbols_in(written) == symbols


def test_what_rules_ask_about_is_known_as_soon_as_the_bars_allow() -> None:
    board = Board(Indicators(NYSE))
    highest = Indicator("highest", (2.0,), 300.0, ago=1)
    elsewhere = Indicator("lowest", (2.0,), symbol="IBM")
    condition = Compare((highest, elsewhere, BarField("close", 3)), ("<", "<"))
    want_past(board, SignalLog(), [rule(where=condition, trigger=PriceTrigger(("SPY",)))])
    spy, ibm = session_bars("2026-01-05")[:15], session_bars("2026-01-05", symbol="IBM", seed=2)[:15]
    for one, other in zip(spy, ibm, strict=True):
        board.on_bar(one)
        board.on_bar(other)
    assert board.indicator("SPY", "highest", (2.0,), 300.0, 1) == max(bar.high for bar in spy[:10])
    assert board.indicator("IBM", "lowest", (2.0,)) == min(bar.low for bar in ibm[-2:])
    assert board.bar("SPY", "close", None, 3) == spy[-4].close
    assert board.bar("IBM", "close", None, 3) is None  # nobody asked for it before


@pytest.mark.parametrize(
    ("trigger", "told"),
    [
        (BarTrigger(), {("SPY", 60), ("IBM", 60)}),
        (BarTrigger(300.0), {("SPY", 60), ("SPY", 300), ("IBM", 60), ("IBM", 300)}),
        (BarTrigger(300.0, ("SPY",)), {("SPY", 60), ("SPY", 300), ("IBM", 60)}),
        (BarTrigger(300.0, ()), {("SPY", 60), ("IBM", 60)}),
    ],
)
def test_the_bars_that_a_rule_waits_for_are_made(trigger: BarTrigger, told: set[tuple[str, int]]) -> None:
    board = Board(Indicators(NYSE))
    want_past(board, SignalLog(), [rule(trigger=trigger)])
    bars = [bar for symbol in ("SPY", "IBM") for bar in session_bars("2026-01-05", symbol=symbol)[:10]]
    made = [made for bar in bars for made in board.on_bar(bar)]
    assert {(bar.symbol, bar.timeframe // 1_000_000) for bar in made} == told


BARS = {
    'on bar 5m -> log "any"': ((300.0,), (300.0,)),
    'on bar 5m of AAPL -> log "one"': ((300.0,), ()),
    'on bar -> log "unnamed"': ((60.0,), (60.0,)),
    'on bar 1h of AAPL -> log "a"\non bar of AAPL -> log "b"': ((3600.0,), ()),
    'on signal BUY where atr(14, 15m) > $1 -> log "wide"': ((900.0,), (900.0,)),
    'on signal BUY of MSFT where atr(14, 15m) > $1 -> log "wide"': ((), (900.0,)),
    'on signal BUY where signals(BUY, 20s) > 1 -> log "often"': ((), ()),
}


@pytest.mark.parametrize("rules", BARS)
def test_the_bars_that_rules_want_of_a_symbol(rules: str) -> None:
    compiled = compile_text(rules + "\n", "card.rules").plan
    assert compiled is not None
    wanted = bars_by_symbol(compiled.rules)
    assert (timeframes_for("AAPL", wanted, None), timeframes_for("MSFT", wanted, None)) == BARS[rules]
