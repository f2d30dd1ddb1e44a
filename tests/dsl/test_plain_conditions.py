"""What is answered of a plain condition without a search is what a search would answer."""

from __future__ import annotations

import random

import pytest

from rulec.dsl import plan
from rulec.dsl.compile import compile_text
from rulec.dsl.conflicts import conflicts, shadows
from rulec.dsl.plain_conditions import PlainCondition, PlainConditions, plain_condition
from rulec.dsl.proofs import is_always_true, is_never_true
from rulec.tests.conftest import LONG
from rulec.tests.support.small_worlds import program

SEEDS = range(200 if LONG else 12)
RULES = 60

HEADER = "field premium: money\nfield urgent: flag\nfield note: text\nlimits { max order $50_000 }\n"
CLAUSES = {
    "signal BUY": ("confidence", "symbol", "premium", "urgent", "note", "position", "last", "kind"),
    "signal any of [AAPL, MSFT]": ("confidence", "symbol", "premium", "position", "kind"),
    "price of AAPL": ("price", "symbol", "position", "last", "rsi"),
    "bar of AAPL": ("close", "open", "volume", "rsi", "past"),
    "position closed": ("reason",),
}


def _clause(part: str, draw: random.Random) -> str:
    operator = draw.choice(("<", "<=", ">", ">=", "==", "!="))
    equality = draw.choice(("==", "!="))
    return {
        "confidence": lambda: f"confidence {operator} {draw.choice((-1, 0, 0.5, 0.8, 1, 80))}",
        "symbol": lambda: f"symbol {equality} {draw.choice(('AAPL', 'MSFT', 'TSLA'))}",
        "kind": lambda: f"signal {equality} {draw.choice(('BUY', 'SELL'))}",
        "premium": lambda: f"${draw.randrange(3)} {operator} premium",
        "urgent": lambda: f"urgent {equality} {draw.choice(('true', 'false'))}",
        "note": lambda: f'note {equality} "{draw.choice("ab")}"',
        "position": lambda: f"position.profit {operator} {draw.choice((-1, 0, 2))}%",
        "last": lambda: f"last {operator} ${draw.randrange(3)}",
        "price": lambda: f"price {operator} ${draw.randrange(3)}",
        "close": lambda: f"close {operator} ${draw.randrange(3)}",
        "open": lambda: f"${draw.randrange(3)} {operator} open",
        "volume": lambda: f"volume {operator} {draw.choice((-1, 0, 5))}",
        "rsi": lambda: f"rsi(14) {operator} {draw.choice((-1, 0, 50, 100, 101))}",
        "past": lambda: f"close[1] {operator} $0",
        "reason": lambda: f"reason is {draw.choice(('stop', 'target'))}",
    }[part]()


def plain_program(seed: int) -> tuple[plan.Rule, ...]:
    """Rules with one to three clauses each, of which few parts and few literals make many meet."""
    draw = random.Random(seed)
    lines = [HEADER]
    for number in range(RULES):
        trigger = draw.choice(list(CLAUSES))
        parts = draw.sample(CLAUSES[trigger], min(draw.randrange(1, 4), len(CLAUSES[trigger])))
        condition = " and ".join(_clause(part, draw) for part in parts)
        window = draw.choice(("", "", "during 09:45..12:00 ", "during 11:00..15:00 "))
        action = "exit" if trigger.startswith("position") else f"enter {draw.choice(('long', 'short'))} 100 stop 3%"
        lines.append(f"rule r{number} {window}on {trigger} where {condition} -> {action}\n")
    return compiled("".join(lines))


def compiled(text: str) -> tuple[plan.Rule, ...]:
    compilation = compile_text(text)
    assert compilation.plan is not None, compilation.diagnostics
    return compilation.plan.rules


class NothingPlain(PlainConditions):
    """No condition is plain, so that all is searched."""

    def __getitem__(self, at: int) -> PlainCondition | None:
        return None


def compare(rules: tuple[plan.Rule, ...]) -> int:
    """Holds what is said of plain conditions against searches; how many were plain."""
    for rule in rules:
        plain = plain_condition(rule)
        assert is_never_true(rule, plain) == is_never_true(rule), rule.condition
        assert is_always_true(rule, plain) == is_always_true(rule), rule.condition
    never = frozenset(at for at, rule in enumerate(rules) if is_never_true(rule))
    for known in (frozenset(), never):
        assert shadows(rules, known) == shadows(rules, known, NothingPlain(rules))
        assert conflicts(rules, known) == conflicts(rules, known, NothingPlain(rules))
    return sum(plain_condition(rule) is not None for rule in rules)


@pytest.mark.parametrize("seed", SEEDS)
def test_of_plain_rules_all_is_said_that_a_search_says(seed: int) -> None:
    assert compare(plain_program(seed)) > RULES // 2


@pytest.mark.parametrize("seed", SEEDS)
def test_of_any_rules_all_is_said_that_a_search_says(seed: int) -> None:
    compare(compiled(program(random.Random(5_000 + seed), RULES)))


@pytest.mark.parametrize(
    "text",
    [
        "on signal BUY where confidence > 0.5 and confidence < 0.8 -> exit",
        "on signal BUY where confidence > 0.5 or symbol == AAPL -> exit",
        "on signal BUY where confidence * 2 > 1 -> exit",
        "on signal BUY where 0.2 < confidence < 0.8 -> exit",
        "on signal BUY where symbol in [AAPL, MSFT] -> exit",
        "on bar where close > $5 -> exit",
        "on price where last > price -> exit",
        "on signal BUY -> exit",
    ],
)
def test_what_takes_a_search_is_not_called_plain(text: str) -> None:
    (rule,) = compiled(text)
    assert plain_condition(rule) is None
