"""Which indicators a rule set asks for: they must be running before the first bar comes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import attrs

from ...dsl.plan import Indicator, Rule
from ..market.board import Board


def want_indicators(board: Board, rules: Sequence[Rule]) -> None:
    for indicator in dict.fromkeys(found for rule in rules for found in indicators_in(rule)):
        board.want(indicator.symbol, indicator.name, indicator.arguments, indicator.timeframe)


def indicators_in(node: object) -> Iterator[Indicator]:
    """Every indicator below a plan record, actions and their distances included."""
    waiting = [node]
    while waiting:
        here = waiting.pop()
        if isinstance(here, Indicator):
            yield here
        elif isinstance(here, tuple):
            waiting.extend(here)
        else:
            kind: Any = type(here)
            if attrs.has(kind):
                waiting.extend(getattr(here, field.name) for field in attrs.fields(kind))
