"""How much work a run does: enough to be measured, or just enough to see that everything runs."""

from __future__ import annotations

import attrs


@attrs.frozen
class Sizes:
    """`rounds` of work in this process and `process_rounds` of whole processes; the first of either is not counted.

    `bars` are how many of the recorded bars are replayed, None for all. `tries` is how many comparisons of one rule
    with one event a peer that tries every rule may spend in a round.
    """

    rounds: int
    process_rounds: int
    start_rounds: int
    rules_checked: int
    rule_counts: tuple[int, ...]
    events: int
    tries: int
    bars: int | None


FULL = Sizes(
    rounds=5,
    process_rounds=5,
    start_rounds=15,
    rules_checked=10_000,
    rule_counts=(1, 100, 1_000, 10_000),
    events=3_000,
    tries=5_000_000,
    bars=None,
)
TINY = Sizes(
    rounds=1,
    process_rounds=1,
    start_rounds=1,
    rules_checked=30,
    rule_counts=(1, 30),
    events=40,
    tries=10_000,
    bars=700,
)
