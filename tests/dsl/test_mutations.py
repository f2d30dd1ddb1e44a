"""No text makes the compiler fail: valid files with something deleted, doubled, swapped or put in, by the hundred."""

from __future__ import annotations

import random
import re

import pytest

from rulec.dsl import render
from rulec.dsl.compile import Compilation, compile_files
from rulec.dsl.diagnostics import Severity
from rulec.dsl.registered import read_signatures
from rulec.dsl.source import SourceFile

VALID = """\
language 1
param min_confidence = 0.8 in 0.5..0.95 step 0.05 "Least confidence to act on"
field premium: money "Option premium behind the signal"
let watch = [CVNA, UVXY, SOXL]
let strong = confidence > min_confidence and premium > $1_000_000
let alloc = { CVNA: $30_000, UVXY: $20_000, else: $10_000 }
limits {
  max position 20% of equity  max sector 30% of equity  max exposure 150% of equity
  max positions 10  max order $50_000  max orders 30 per minute
  max daily loss 2% of equity  only symbols watch  no shorting
}
rule flow_long "Follow strong bullish flow"  # rulec: ignore[W401]
  priority 100 cooldown 3m shared flow at most 5 per day during 09:35..15:45
  on signal BUY or "strong buy" of watch where strong and symbol in watch and not (0.2 < confidence <= 90%)
  -> enter long alloc[symbol] stop 6 atr target 4 atr(20) for 50% target 2R for 50% breakeven after 1R exit after 2h
  -> scale in 50 at profit 2% at most 3
  -> double down 100% at 50% to stop
on price of [AAPL, "TRUE"] where last > SPY.atr(14, 5m) * 2 - $1.50 or max(bid, ask, -price) in $1..$200
  -> enter short risk 1% of equity of symbol at stop $150 limit $149 for 5m stop at $151 trail 2% after $1 away
  -> exit 50% of AAPL at limit $160 because "enough of {symbol}"
on signal any where round(price, 2) == $5 -> notify "{price}" -> log "x" -> halt "stop" -> exit everything
on signal SELL where premium / price >= 3 and source == "webhook" and signal != SELL -> exit
"""
WIDER = """\
use std.entries with (min_confidence = least, entry_size = $5_000)
use std.risk
param least = 0.7
param since = 2026-01-05 in [2026-01-05, 2026-03-02]
let golden = sma(50, 1h) crosses above sma(200, 1h)
let cheap = { AAPL: $150, else: $20 }
rule breakout cooldown 1h at most 2 per day each
  on bar 5m of [AAPL, MSFT] where close > highest(20)[1] and close[1] < cheap[symbol] and flat and today >= since
  -> enter long risk 1% of equity at stop close + 0.1 atr limit close * 101% for 10m stop 2 atr trail 3% after 1R
  -> place sell 50% at limit close + 4 atr as hedge
rule golden_cross on bar 1h where golden and SPY.close[1] > SPY.sma(200, 1d)[2] and rsi(14) crosses below 30
  -> reverse stop 3% target 2R for 50% breakeven after 1R
on price where price crosses below vwap() and position.profit > 2% and position.profit <= $500 or position.age > 2h
  -> move stop to breakeven + 0.5% -> move stop to position.entry_price * 101% -> move target to last * 2 -> trail 1 atr
on volume of AAPL where size > 10_000 and signals(BUY, 5m) >= 2 and spread < 0.1 atr(5) -> exit 50% at limit bid
on position closed of [AAPL, "TRUE"] where reason is stop and pnl < -$100 and position.side is not long
  -> reset cooldown of breakout -> reset cooldown -> emit signal STOPPED for AAPL confidence 0.9
on position opened where position.peak_profit >= 1R -> log "{symbol} {position.side} {account.equity}"
on order rejected where role is stop and quantity > 10 and fill_price > $3 -> cancel scales -> halt "{reason}"
on order filled where reason is not "margin" -> cancel targets -> cancel entries -> cancel orders
on time 15:30 of AAPL where now in 09:35..10:00 or now > 2026-01-05 10:00 and weekday is not friday -> exit
on every 30m where account.day_pnl < -$500 or trades_today > 10 and minutes_to_close < 30 -> exit everything
on market open + 5m of watched where bollinger_lower(20, 2.5, 5m) > last and macd(12, 26) < $0 -> enter short 1 stop 3%
on market close - 10m -> exit of AAPL because "late" -> call rebalance(AAPL, weight = 20%)
on start -> notify "started"
on broker disconnected -> log "gone" -> emit signal GONE for SPY
let watched = [AAPL, MSFT]
"""
ACTIONS = read_signatures("@rule_action\ndef rebalance(context, symbol: str, weight: float = 0.2): ...", "actions.py")


def compiled(text: str) -> Compilation:
    source, found = SourceFile.from_text("mutated.rules", text)
    return compile_files([] if found else [source], found=found, actions=ACTIONS)


_TOKEN = r'"[^"\n]*"|#[^\n]*|->|\.\.|[<>=!]=|[\w$%:]+|\s+|.'
SEEDS = [re.findall(_TOKEN, text) for text in (VALID, WIDER)]
ODD = (
    *SEEDS[0],
    *SEEDS[1],
    *("0", "-", "(", ")", "[", "]", "{", "}", "1e9", "$", "%", '"', "\\", "\0", "\ufeff", "é", "Aapl", "5min", "1h30m"),
    *("-1", "0%", "$0", "100%", "99999999999999999999", "25:00", "0s", "in", "not", "and", "else", "of", "at", "\r"),
)


def mutated(draw: random.Random) -> str:
    """One of the valid texts with one to four changes to its tokens or characters."""
    tokens = list(draw.choice(SEEDS))
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(tokens))
        change = draw.randrange(6)
        if change == 0:
            del tokens[at]
        elif change == 1:
            tokens.insert(at, draw.choice(ODD))
        elif change == 2:
            tokens[at] = draw.choice(ODD)
        elif change == 3:
            other = draw.randrange(len(tokens))
            tokens[at], tokens[other] = tokens[other], tokens[at]
        elif change == 4:
            end = draw.randrange(at, min(len(tokens), at + 20))
            del tokens[at : end + 1]
        else:
            word = tokens[at]
            cut = draw.randrange(len(word) + 1)
            tokens[at] = word[:cut] + draw.choice(("", "x", " ", "'", "_", "9")) + word[cut + 1 :]
        tokens = tokens or ["on"]
    return "".join(tokens)


def survives(seed: int) -> bool:
    """Compile one mutated text; whether it is still valid."""
    text = mutated(random.Random(seed))
    found = compiled(text)
    for one in found.diagnostics:
        assert one.path == "mutated.rules", (seed, one)
        assert 0 <= one.span.start <= one.span.end <= len(text), (seed, one)
        assert one.message
    render.full(found.diagnostics, {source.path: source for source in found.sources})
    errors = [one for one in found.diagnostics if one.severity is Severity.ERROR]
    assert (found.plan is None) == bool(errors), seed
    assert not errors or len(errors) == len(found.diagnostics), seed
    if found.plan is not None:
        assert found.plan == compiled(text).plan
        assert found.plan.fingerprint
    return found.plan is not None


def test_the_texts_that_are_mutated_are_valid() -> None:
    for text, tokens in zip((VALID, WIDER), SEEDS, strict=True):
        assert compiled(text).plan is not None, compiled(text).diagnostics
        assert "".join(tokens) == text


def test_no_mutation_of_a_valid_file_makes_the_compiler_fail() -> None:
    outcomes = {survives(seed) for seed in range(300)}
    assert outcomes == {True, False}


@pytest.mark.long
def test_none_of_very_many_mutations_makes_the_compiler_fail() -> None:
    outcomes = {survives(seed) for seed in range(1_000, 21_000)}
    assert outcomes == {True, False}
