"""The dozen bracket rules as a loop by hand: what a programmer writes who needs these rules and nothing else.

It reads the same file and trades the same way: entry at the next bar's open, stop and target in whole cents measured
from the fill (rounded up, in a long's favour), a gap filled at the open, the stop met before the target. It knows one
symbol, one position and no order, so its speed is a limit, not an aim.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import attrs

from .bars import BRACKETS, SHARES, Row

_CENT = 10_000  # micros
_SLACK = 1e-6  # of a cent: 0.97 times a price may miss a whole cent by a hair


@attrs.frozen
class Result:
    """How many trades were closed, and their profit in micros."""

    trades: int
    pnl: int


def trade_by_hand(path: Path, rows: Sequence[Row]) -> Result:
    """Reads the bars and trades the signals."""
    rules = {bracket.kind: bracket for bracket in BRACKETS}
    pending = None
    holding = False
    entry = stop = target = trades = pnl = 0
    with path.open(encoding="utf-8") as file:
        next(file)
        for line, row in zip(file, rows, strict=True):
            _, _, first, second, third, _, _ = line.split(",")
            opening, high, low = float(first), float(second), float(third)
            leaving = None
            if pending is not None:
                holding = True
                entry = round(opening * 1_000_000)
                stop = math.ceil(entry * (1 - pending.stop / 100) / _CENT - _SLACK) * _CENT
                target = math.ceil(entry * (1 + pending.target / 100) / _CENT - _SLACK) * _CENT
                pending = None
            elif holding:
                gap = round(opening * 1_000_000)
                if gap <= stop or gap >= target:
                    leaving = gap
            if holding and leaving is None:
                if round(low * 1_000_000) <= stop:
                    leaving = stop
                elif round(high * 1_000_000) >= target:
                    leaving = target
            if leaving is not None:
                trades += 1
                pnl += (leaving - entry) * SHARES
                holding = False
            if row.kind is not None and not holding:
                rule = rules[row.kind]
                if row.confidence > rule.threshold:
                    pending = rule
    return Result(trades, pnl)
