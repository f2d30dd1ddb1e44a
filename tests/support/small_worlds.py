"""Random rules over a world so small that everything that can happen in it can be tried.

The world has signals of three kinds and two symbols, a confidence, a price, two fields, a position's side and the time
of day. Thresholds come from a few numbers, and the values that are tried lie on and between them, and are unknown.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import attrs

from rulec.dsl import plan
from rulec.dsl.plan import Kind
from rulec.runtime.rule.reference import holds

HEADER = "limits { max order $50_000 }\nfield premium: number\nfield urgent: flag\n"
_CONFIDENCES = ("-1", "0", "0.2", "0.5", "50%", "0.8", "1", "80")
_PRICES = ("-$5", "$0", "$10", "$20", "$30")
_NUMBERS = ("-2", "0", "3")
_TIMES = ("09:30", "10:00", "12:00", "16:00")
_OPERATORS = ("<", "<=", ">", ">=", "==", "!=")
_SIDES = ("long", "short", "flat")

_TRIED: dict[str, tuple[Any, ...]] = {
    "confidence": (None, 0.0, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 1.0),
    "price": (None, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 40.0),
    "premium": (None, -3.0, -2.0, -1.0, 0.0, 1.0, 3.0, 4.0),
    "urgent": (None, True, False),
    "side": (None, *_SIDES),
    "time": (34_199.0, 34_200.0, 35_000.0, 36_000.0, 40_000.0, 43_200.0, 50_000.0, 57_600.0, 60_000.0),
    "signal": ("BUY", "SELL", "SHORT"),
    "symbol": ("AAPL", "MSFT", "IBM"),
}


def condition(chance: random.Random, depth: int = 3) -> str:
    """A random condition, as text."""
    if depth and chance.randrange(3):
        kind = chance.choice(("and", "or", "not", "and", "or"))
        if kind == "not":
            return f"not ({condition(chance, depth - 1)})"
        return f" {kind} ".join(f"({condition(chance, depth - 1)})" for _ in range(chance.randint(2, 3)))
    return chance.choice(_CLAUSES)(chance)


def _compared(name: str, values: tuple[str, ...]) -> Any:
    def clause(chance: random.Random) -> str:
        shape = chance.randrange(5)
        low, high = sorted(chance.sample(values, 2), key=_amount)
        if shape == 0:
            return f"{low} {chance.choice(('<', '<='))} {name} {chance.choice(('<', '<='))} {high}"
        if shape == 1:
            return f"{name} {chance.choice(('in', 'not in'))} {low}..{high}"
        if shape == 2 and name != "now":
            return f"{name} {chance.choice(('in', 'not in'))} [{low}, {high}]"
        if shape == 3:
            return f"{low} {chance.choice(_ORDERED)} {name}"
        operators = _ORDERED if name == "now" else _OPERATORS
        return f"{name} {chance.choice(operators)} {chance.choice(values)}"

    return clause


_ORDERED = ("<", "<=", ">", ">=")


def _amount(text: str) -> float:
    if ":" in text:
        hours, minutes = text.split(":")
        return int(hours) * 60 + int(minutes)
    return float(text.strip("%").replace("$", "")) / (100 if text.endswith("%") else 1)


_CLAUSES = (
    _compared("confidence", _CONFIDENCES),
    _compared("confidence", _CONFIDENCES),
    _compared("price", _PRICES),
    _compared("premium", _NUMBERS),
    _compared("now", _TIMES),
    lambda chance: f"premium * 2 {chance.choice(_ORDERED)} {chance.choice(('-4', '0', '6'))}",
    lambda chance: f"premium - confidence {chance.choice(_ORDERED)} {chance.choice(('-3', '0', '3'))}",
    lambda chance: f"premium {chance.choice(_OPERATORS)} confidence",
    lambda chance: chance.choice(("urgent", "not urgent", "urgent == true", "urgent != true")),
    lambda chance: f"position.side {chance.choice(('is', 'is not'))} {chance.choice(_SIDES)}",
    lambda chance: chance.choice(("flat", "holding")),
    lambda chance: f"symbol {chance.choice(('==', '!='))} {chance.choice(('AAPL', 'MSFT'))}",
    lambda chance: f"symbol {chance.choice(('in', 'not in'))} [AAPL, MSFT]",
    lambda chance: f"signal {chance.choice(('is', 'is not'))} {chance.choice(('BUY', 'SELL'))}",
)


def program(chance: random.Random, rules: int, action: str | None = None) -> str:
    """A file of random rules on signals."""
    lines = [HEADER]
    for number in range(rules):
        trigger = chance.choice(("signal any", "signal BUY", "signal SELL", "signal BUY or SELL"))
        of = chance.choice(("", "", "", " of AAPL", " of [AAPL, MSFT]"))
        window = chance.choice(("", "", "", " during 09:30..12:00", " during 10:00..16:00", " during 16:00..10:00"))
        does = action or chance.choice(("enter long 100 stop 3%", "enter short 100 stop 3%", "enter long 50 stop 3%"))
        where = condition(chance, chance.randrange(3)) if chance.randrange(8) else ""
        lines.append(
            f"rule r{number}{window} on {trigger}{of}{' where ' + where if where else ''} -> {does}".replace("  ", " ")
        )
    return "\n".join(lines) + "\n"


@attrs.frozen
class _Facts:
    """Answers what the conditions of the small world ask beside the event."""

    side: str | None
    time: float

    def position(self, symbol: str, name: str, unit: Kind) -> str | None:
        return self.side

    def clock(self, name: str) -> float:
        return self.time


@attrs.frozen
class Occasion:
    """One thing that can happen in the small world."""

    event: Any
    facts: Any

    @property
    def is_known(self) -> bool:
        """Whether the event has all its names, and the position is known."""
        known = (self.event.confidence, self.event.price, self.facts.side, *self.event.fields.values())
        return None not in known

    def fires(self, rule: plan.Rule) -> bool | None:
        """What the rule says to it, in three values; outside its window and for other triggers it is false."""
        trigger = rule.trigger
        assert isinstance(trigger, plan.SignalTrigger)
        if trigger.kinds and self.event.signal not in trigger.kinds:
            return False
        if trigger.of is not None and self.event.symbol not in trigger.of:
            return False
        during = rule.during
        if during is not None:
            start, end, now = during.start, during.end, self.facts.time
            if not (start <= now < end if start <= end else now >= start or now < end):
                return False
        return holds(rule.condition, self.event, self.facts)


def occasions(*rules: plan.Rule, chance: random.Random | None = None, at_most: int = 2_000) -> Iterator[Occasion]:
    """All that can happen, as far as the rules can tell it apart; with `chance` a draw, where that is a lot."""
    asked = repr([(rule.condition, rule.during, rule.trigger) for rule in rules])
    mentioned = {name: (f"'{name}'",) for name in _TRIED} | {"side": ("PositionField",), "time": ("Clock", "During(")}
    kinds_matter = any(isinstance(rule.trigger, plan.SignalTrigger) and rule.trigger.kinds for rule in rules)
    symbols_matter = any(plan.symbols_of(rule.trigger) is not None for rule in rules)
    tried: list[tuple[Any, ...]] = []
    for name, values in _TRIED.items():
        matters = any(word in asked for word in mentioned[name])
        matters |= (name == "signal" and kinds_matter) or (name == "symbol" and symbols_matter)
        tried.append(values if matters else values[-1:])
    combined: Iterator[tuple[Any, ...]] = itertools.product(*tried)
    if chance is not None and math.prod(map(len, tried)) > at_most:
        combined = (tuple(map(chance.choice, tried)) for _ in range(at_most))
    for confidence, price, premium, urgent, side, time, signal, symbol in combined:
        fields = {"premium": premium, "urgent": urgent}
        event = SimpleNamespace(
            confidence=confidence, price=price, fields=fields, signal=signal, symbol=symbol, source="x"
        )
        yield Occasion(event, _Facts(side, time))
