"""No text makes the compiler fail: valid files with something deleted, doubled, swapped or put in, by the hundred."""

from __future__ import annotations

import random
import re

import pytest

from rulec.dsl import render
from rulec.dsl.compile import compile_text
from rulec.dsl.diagnostics import Severity

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
TOKENS = re.findall(r'"[^"\n]*"|#[^\n]*|->|\.\.|[<>=!]=|[\w$%:]+|\s+|.', VALID)
ODD = (
    *TOKENS,
    *("0", "-", "(", ")", "[", "]", "{", "}", "1e9", "$", "%", '"', "\\", "\0", "\ufeff", "é", "Aapl", "5min", "1h30m"),
    *("-1", "0%", "$0", "100%", "99999999999999999999", "25:00", "0s", "in", "not", "and", "else", "of", "at", "\r"),
)


def mutated(draw: random.Random) -> str:
    """The valid text with one to four changes to its tokens or characters."""
    tokens = list(TOKENS)
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
    found = compile_text(text, "mutated.rules")
    for one in found.diagnostics:
        assert 0 <= one.span.start <= one.span.end <= len(text), (seed, one)
        assert one.message
    render.full(found.diagnostics, {source.path: source for source in found.sources})
    errors = [one for one in found.diagnostics if one.severity is Severity.ERROR]
    assert (found.plan is None) == bool(errors), seed
    assert not errors or len(errors) == len(found.diagnostics), seed
    if found.plan is not None:
        assert found.plan == compile_text(text, "mutated.rules").plan
        assert found.plan.fingerprint
    return found.plan is not None


def test_the_text_that_is_mutated_is_valid() -> None:
    assert compile_text(VALID).plan is not None
    assert "".join(TOKENS) == VALID


def test_no_mutation_of_a_valid_file_makes_the_compiler_fail() -> None:
    outcomes = {survives(seed) for seed in range(300)}
    assert outcomes == {True, False}


@pytest.mark.long
def test_none_of_very_many_mutations_makes_the_compiler_fail() -> None:
    outcomes = {survives(seed) for seed in range(1_000, 21_000)}
    assert outcomes == {True, False}
