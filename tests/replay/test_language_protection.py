"""What protects a trade: stops, targets, trails, breakeven, an end by the clock."""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path

import pytest

from rulec.tests.support.telling import Case, bar, entered, says, tick

CASES = (
    Case(
        "a distance is a percentage, an amount, a price, or a multiple of the risk",
        """
        on signal ONE -> enter long 100 stop 2% target 3R
        on signal TWO -> enter long 100 target $6 away stop $2.50 away
        on signal THREE -> enter long 100 stop at last - $4 target at $160
        on signal FOUR -> enter short 100 stop last * 1% away target 2R
        """,
        [
            *(tick("10:00", 150, symbol) for symbol in ("A", "B", "C", "D")),
            *(
                says("10:00:01", kind, symbol)
                for kind, symbol in zip(("ONE", "TWO", "THREE", "FOUR"), "ABCD", strict=True)
            ),
            *(tick("10:00:02", 150, symbol) for symbol in ("A", "B", "C", "D")),
        ],
        """
        10:00:01 #1 A: enter acted
        10:00:01 #2 B: enter acted
        10:00:01 #3 C: enter acted
        10:00:01 #4 D: enter acted
        10:00:02 bought 100 A at 150 as main
        10:00:02 bought 100 B at 150 as main
        10:00:02 bought 100 C at 150 as main
        10:00:02 sold 100 D at 150 as main
        stands: stop A sell 100 at 147
        stands: stop B sell 100 at 147.5
        stands: stop C sell 100 at 146
        stands: stop D buy 100 at 151.5
        stands: target A sell 100 at 159
        stands: target B sell 100 at 156
        stands: target C sell 100 at 160
        stands: target D buy 100 at 147
        holds: A long 100 at 150
        holds: B long 100 at 150
        holds: C long 100 at 150
        holds: D short 100 at 150
        """,
    ),
    Case(
        "several targets take their parts, and the rest rides on the stop",
        "on signal BUY -> enter long 101 stop 2% target 2% for 50% target 4% for 25%",
        [*entered(), tick("10:01", 153), tick("10:02", 156)],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 50 AAPL at 150 as main
        10:00:02 bought 25 AAPL at 150 as main
        10:00:02 bought 26 AAPL at 150 as main
        10:01:00 sold 50 AAPL at 153 as target
        10:02:00 sold 25 AAPL at 156 as target
        stands: stop AAPL sell 26 at 147
        holds: AAPL long 26 at 150
        """,
    ),
    Case(
        "a trail alone follows the best price",
        "on signal BUY -> enter long 100 trail 2%",
        [*entered(), tick("10:01", 160), tick("10:02", 157), tick("10:03", 156.8)],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        10:03:00 sold 100 AAPL at 156.8 as trail
        10:03:00 AAPL closed by trail: +680
        """,
    ),
    Case(
        "a trail after a gain begins there, and breakeven comes before it",
        "on signal BUY -> enter long 100 stop $3 away breakeven after $2 away trail $1 away after $5 away",
        [*entered(), tick("10:01", 152), tick("10:02", 155), tick("10:03", 156), tick("10:04", 155)],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        10:04:00 sold 100 AAPL at 155 as stop
        10:04:00 AAPL closed by trail: +500
        """,
    ),
    Case(
        "after breakeven the stop lies at the average entry, and is still a stop",
        "on signal SHORT -> enter short 100 stop 2% breakeven after 1R",
        [*entered("SHORT"), tick("10:01", 147), tick("10:02", 150.25)],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 sold 100 AAPL at 150 as main
        10:02:00 bought 100 AAPL at 150.25 as stop
        10:02:00 AAPL closed by stop: -25
        """,
    ),
    Case(
        "an exit after a time is counted from the fill",
        "on signal BUY -> enter long 100 stop 2% exit after 4m + 30s",
        [*entered(), tick("10:04:32", 151), tick("10:04:33", 151.5)],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        10:04:33 sold 100 AAPL at 151.5 as exit
        10:04:33 AAPL closed by time: +150
        """,
    ),
    Case(
        "in a bar the way against the trade comes first",
        "on signal BUY -> enter long 100 stop $4 away target $4 away",
        [bar("09:30", 100, 100), says("09:31", "BUY"), bar("09:31", 100, 101), bar("09:32", 100, 105, 95, 99)],
        """
        09:31:00 #1 AAPL: enter acted
        09:32:00 bought 100 AAPL at 100 as main
        09:33:00 sold 100 AAPL at 96 as stop
        09:33:00 AAPL closed by stop: -400
        """,
    ),
    Case(
        "a gap through the stop fills at the open",
        "on signal BUY -> enter long 100 stop $4 away target $4 away",
        [bar("09:30", 100, 100), says("09:31", "BUY"), bar("09:31", 100, 101), bar("09:32", 93, 94)],
        """
        09:31:00 #1 AAPL: enter acted
        09:32:00 bought 100 AAPL at 100 as main
        09:33:00 sold 100 AAPL at 93 as stop
        09:33:00 AAPL closed by stop: -700
        """,
    ),
    Case(
        "a trail may be a part of the risk, and begins with a gain of it",
        "on signal BUY -> enter long 100 stop $5 away trail 0.5R after 1R",
        [*entered(), tick("10:01", 154.9), tick("10:02", 158), tick("10:03", 155.5)],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        10:03:00 sold 100 AAPL at 155.5 as stop
        10:03:00 AAPL closed by trail: +550
        """,
    ),
    Case(
        "a price that is stated stays where it is, a distance goes with the fill, and R is that of the decision",
        """
        on signal STATED -> enter long 100 stop at $140 target at $160
        on signal MEASURED -> enter long 100 stop 4% target 2R
        """,
        [
            tick("10:00", 150),
            tick("10:00", 150, "MSFT"),
            says("10:00:01", "STATED"),
            says("10:00:01", "MEASURED", "MSFT"),
            tick("10:00:02", 155),
            tick("10:00:02", 155, "MSFT"),
        ],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:01 #2 MSFT: enter acted
        10:00:02 bought 100 AAPL at 155 as main
        10:00:02 bought 100 MSFT at 155 as main
        stands: stop AAPL sell 100 at 140
        stands: stop MSFT sell 100 at 148.8
        stands: target AAPL sell 100 at 160
        stands: target MSFT sell 100 at 167
        holds: AAPL long 100 at 155
        holds: MSFT long 100 at 155
        """,
    ),
    Case(
        "of a few shares the last target takes what is left over, and one that covers none is left out",
        "on signal BUY -> enter long 2 stop 4% target 2% for 50% target 4% for 25% target 5% for 25%",
        entered(),
        """
        10:00:01 #1 AAPL: enter acted
        10:00:01 warning: target 2 of AAPL is left out: it covers no share
        10:00:02 bought 1 AAPL at 150 as main
        10:00:02 bought 1 AAPL at 150 as main
        stands: stop AAPL sell 2 at 144
        stands: target AAPL sell 1 at 153
        stands: target AAPL sell 1 at 157.5
        holds: AAPL long 2 at 150
        """,
    ),
)


@pytest.mark.parametrize("case", CASES, ids=attrgetter("sentence"))
def test_protection(case: Case, tmp_path: Path) -> None:
    case.check(tmp_path)
