"""Rules and events drawn from a seed, and how the rules read as text and as a plan."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

import attrs

from rulec.dsl.compile import compile_text
from rulec.dsl.plan import Plan

from .harness import WrongAnswerError

KINDS = ("BUY", "SELL", "SHORT")
SYMBOLS = tuple(f"SYM{number}" for number in range(200))
MOST_MATCHES = 3


@attrs.frozen
class DrawnRule:
    """`on signal KIND where symbol == SYMBOL and confidence > THRESHOLD`, and what its entry says."""

    kind: str
    symbol: str
    threshold: float
    side: str
    quantity: int
    stop: int
    target: int

    def line(self, action: str) -> str:
        """The rule as a line of a file."""
        return (
            f"on signal {self.kind} where symbol == {self.symbol} and confidence > {self.threshold:.4f} -> {action}\n"
        )

    @property
    def entry(self) -> str:
        return f"enter {self.side} {self.quantity} stop {self.stop}% target {self.target}%"


@attrs.frozen
class DrawnEvent:
    """What a signal says, and the places of the rules that match it, found by trying them all."""

    kind: str
    symbol: str
    confidence: float


def draw_rules(count: int, seed: int = 7) -> list[DrawnRule]:
    draw = random.Random(seed)
    return [
        DrawnRule(
            kind=draw.choice(KINDS),
            symbol=draw.choice(SYMBOLS),
            threshold=draw.randrange(5_000, 9_900) / 10_000,
            side=draw.choice(("long", "short")),
            quantity=draw.randrange(1, 500),
            stop=draw.randrange(1, 9),
            target=draw.randrange(2, 20),
        )
        for _ in range(count)
    ]


def draw_hits(rules: Sequence[DrawnRule], count: int, seed: int = 11) -> list[DrawnEvent]:
    """Events that one to three rules match."""
    draw = random.Random(seed)
    thresholds = _thresholds(rules)
    pairs = list(thresholds)
    events: list[DrawnEvent] = []
    while len(events) < count:
        kind, symbol = draw.choice(pairs)
        bounds = [*thresholds[kind, symbol], 1.0]
        matches = draw.randint(1, min(MOST_MATCHES, len(bounds) - 1))
        lower, upper = bounds[matches - 1], bounds[matches]
        if lower < upper:  # two rules of one threshold match together or not at all
            events.append(DrawnEvent(kind, symbol, (lower + upper) / 2))
    return events


def draw_misses(rules: Sequence[DrawnRule], count: int, seed: int = 13) -> list[DrawnEvent]:
    """Events of any kind and symbol that no rule matches: no rule of theirs, or all want more confidence."""
    draw = random.Random(seed)
    thresholds = _thresholds(rules)
    events: list[DrawnEvent] = []
    for _ in range(count):
        kind, symbol = draw.choice(KINDS), draw.choice(SYMBOLS)
        least = thresholds.get((kind, symbol), [1.0])[0]
        events.append(DrawnEvent(kind, symbol, draw.random() * least))
    return events


def matches(rules: Sequence[DrawnRule], event: DrawnEvent) -> list[int]:
    """The places of the rules that match, by trying every rule."""
    return [
        place
        for place, rule in enumerate(rules)
        if rule.kind == event.kind and rule.symbol == event.symbol and event.confidence > rule.threshold
    ]


def compiled(text: str, path: str = "bench.rules") -> Plan:
    """The plan of a text that has no mistake.

    Raises:
        WrongAnswerError: the compiler found one.
    """
    compilation = compile_text(text, path)
    if compilation.plan is None:
        raise WrongAnswerError(f"{path} is refused: {compilation.diagnostics[0].message}")
    return compilation.plan


def _thresholds(rules: Iterable[DrawnRule]) -> dict[tuple[str, str], list[float]]:
    found: dict[tuple[str, str], list[float]] = {}
    for rule in rules:
        found.setdefault((rule.kind, rule.symbol), []).append(rule.threshold)
    return {pair: sorted(thresholds) for pair, thresholds in found.items()}
