"""Real bars, a dozen rules, and seeded signals for them."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Sequence
from pathlib import Path

import attrs

from rulec.runtime.event.inputs import Bar
from rulec.runtime.feed import read_events
from rulec.runtime.market.hours import NyseHours
from rulec.runtime.times import time_text

from .processes import ROOT

RECORDED = ROOT / "tests" / "data" / "bars" / "SPY_1h.csv.gz"
SHARES = 100


@attrs.frozen
class Bracket:
    """`on signal KIND where confidence > THRESHOLD -> enter long 100 stop S% target T%`."""

    kind: str
    threshold: float
    stop: float
    target: float

    @property
    def line(self) -> str:
        return (
            f"on signal {self.kind} where confidence > {self.threshold} "
            f"-> enter long {SHARES} stop {self.stop}% target {self.target}%\n"
        )


BRACKETS = tuple(
    Bracket(f"K{number}", round(0.3 + 0.05 * number, 2), round(0.5 + 0.25 * number, 2), round(0.75 + 0.5 * number, 2))
    for number in range(12)
)
BRACKET_RULES = "".join(bracket.line for bracket in BRACKETS)

EVERYTHING_RULES = """\
limits { max position 150% of equity  max exposure 200% of equity }
on signal K0 where confidence > 0.2 -> enter long $20_000 stop 1.2% target 0.8% for 50% target 2% for 50%
on signal K1 where confidence > 0.2 -> enter short $20_000 stop 1.2% target 1% for 40% target 2.5% for 60%
on signal K2 where confidence > 0.2 -> enter long risk 1% of equity stop 3 atr target 4 atr
on signal K3 where confidence > 0.2 -> enter short 50 stop $3 away target 2R exit after 3h
on signal K4 where confidence > 0.2 -> enter long $20_000 trail 1.5% -> scale in 50% at profit 0.5%
on signal K5 where confidence > 0.2 -> enter short 100 stop 1% breakeven after 1% target 3%
on signal K6 where confidence > 0.2 -> enter long 100 stop 1% target 2% -> double down 100% at 50% to stop
on signal K7 where confidence > 0.2 -> enter long risk $500 stop 2% trail 2 atr after 2 atr
on signal K8 where confidence > 0.8 -> exit because "the signal says so"
on signal K9 where confidence > 0.8 -> exit 50%
on signal K10 -> log "{symbol} at {confidence}"
on signal K11 -> notify "{symbol}"
"""


@attrs.frozen
class Row:
    """A line of the file as the hand-written loop needs it: the signal, if any, comes when the bar is complete."""

    kind: str | None
    confidence: float


@attrs.frozen
class Recording:
    """Files of bars and signals in a folder, and the same signals by row for the loop written by hand."""

    bars: Path
    signals: Path
    rows: tuple[Row, ...]

    def __len__(self) -> int:
        return len(self.rows)


def record(folder: Path, count: int | None, every: int, seed: int = 17) -> Recording:
    """Unpacks the bars (the first so many of them) and draws a signal for about one in so many of them.

    A signal comes as a bar ends, and only where the next bar begins at that very moment, so that an order sent for it
    fills at that bar's open.
    """
    lines = gzip.decompress(RECORDED.read_bytes()).decode().splitlines(keepends=True)
    path = folder / "SPY_1h.csv"
    path.write_text("".join(lines if count is None else lines[: count + 1]), encoding="utf-8")
    bars = [event for event in read_events([path], NyseHours()) if isinstance(event, Bar)]
    rows = _draw(bars, every, random.Random(seed))
    signals = folder / f"signals_{every}.jsonl"
    signals.write_text(
        "".join(
            _signal_line(number, bar, row)
            for number, (bar, row) in enumerate(zip(bars, rows, strict=True))
            if row.kind is not None
        ),
        encoding="utf-8",
    )
    return Recording(path, signals, rows)


def _draw(bars: Sequence[Bar], every: int, draw: random.Random) -> tuple[Row, ...]:
    rows: list[Row] = []
    for bar, following in zip(bars, [*bars[1:], None], strict=True):
        wanted = draw.randrange(every) == 0
        kind, confidence = draw.choice(BRACKETS).kind, round(draw.random(), 2)
        continues = following is not None and following.start == bar.end and bar.regular and following.regular
        rows.append(Row(kind if wanted and continues else None, confidence))
    return tuple(rows)


def _signal_line(number: int, bar: Bar, row: Row) -> str:
    signal = {
        "type": "signal",
        "time": time_text(bar.end),
        "id": f"s{number}",
        "symbol": bar.symbol,
        "signal": row.kind,
        "confidence": row.confidence,
    }
    return json.dumps(signal) + "\n"
