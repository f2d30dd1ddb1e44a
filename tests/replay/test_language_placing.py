"""Orders of another kind that a rule places for a trade."""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path

import pytest

from rulec.tests.support.telling import Case, entered, says, tick

BOTH = """
on signal BUY -> enter long 100 stop 4% target 8%
on signal SHORT -> enter short 100 stop 4% target 8%
"""

CASES = (
    Case(
        "another order on the closing side takes the place of a slice's target, under its name",
        BOTH
        + """
        on signal HEDGE -> place sell 40 at limit $155 as hedge
        on order filled where role is hedge -> log "{role} {quantity} at {fill_price}"
        """,
        [says("09:59", "HEDGE"), *entered(), says("10:01", "HEDGE"), tick("10:02", 155)],
        """
        09:59:00 #3 AAPL: place refused (no trade)
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        10:01:00 #3 AAPL: place acted
        10:02:00 sold 40 AAPL at 155 as hedge
        10:02:00 #4 AAPL: log acted "hedge 40 at 155"
        stands: stop AAPL sell 60 at 144
        stands: target AAPL sell 60 at 162
        holds: AAPL long 60 at 150
        """,
    ),
    Case(
        "another order on the opening side adds to the trade as a bracket",
        BOTH
        + """
        on signal MORE -> place buy $3_000 at market as extra
        on signal ABOVE -> place buy 10 at stop $152
        on signal LESS -> place sell 25% at stop $148
        """,
        [
            *entered(),
            says("10:01", "MORE"),
            tick("10:01:01", 150),
            says("10:02", "ABOVE"),
            tick("10:03", 152),
            says("10:04", "LESS"),
        ],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        10:01:00 #3 AAPL: place acted
        10:01:01 bought 20 AAPL at 150 as extra
        10:02:00 #4 AAPL: place acted
        10:03:00 bought 10 AAPL at 152 as placed
        10:04:00 #5 AAPL: place acted
        stands: placed AAPL sell 32 at 148
        stands: stop AAPL sell 98 at 144.15
        stands: target AAPL sell 130 at 162.17
        holds: AAPL long 130 at 150.154
        """,
    ),
    Case(
        "what is placed on the closing side closes no more than is held, and never with a looser stop",
        """
        on signal SHORT -> enter short 100 stop 4% target 8%
        on signal GUARD -> place buy 40 at stop $160 as guard
        on signal COVER -> place buy 40 at market as cover
        on signal REST -> place buy 400 at limit $145 as cover
        """,
        [
            *entered("SHORT"),
            says("10:01", "GUARD"),
            says("10:02", "COVER"),
            tick("10:02:01", 149),
            says("10:03", "REST"),
            tick("10:04", 145),
        ],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 sold 100 AAPL at 150 as main
        10:01:00 #2 AAPL: place ignored (would loosen)
        10:02:00 #3 AAPL: place acted
        10:02:01 bought 40 AAPL at 149 as cover
        10:03:00 #4 AAPL: place acted
        10:04:00 bought 60 AAPL at 145 as cover
        10:04:00 AAPL closed by exit "cover": +340
        """,
    ),
    Case(
        "what is placed on the opening side is sized as an entry is",
        """
        on signal BUY -> enter long 100 stop 4% target 8%
        on signal RISK -> place buy risk $100 at limit $149 as more
        on signal PART -> place buy 1% of equity at limit $149 as more
        """,
        [
            *entered(),
            says("10:01", "RISK"),
            tick("10:01:01", 149),
            says("10:02", "PART"),
            tick("10:02:01", 149),
        ],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        10:01:00 #2 AAPL: place acted
        10:01:01 bought 20 AAPL at 149 as more
        10:02:00 #3 AAPL: place acted
        10:02:01 bought 6 AAPL at 149 as more
        stands: stop AAPL sell 126 at 144
        stands: target AAPL sell 126 at 161.78
        holds: AAPL long 126 at 149.794
        """,
    ),
)


@pytest.mark.parametrize("case", CASES, ids=attrgetter("sentence"))
def test_placing(case: Case, tmp_path: Path) -> None:
    case.check(tmp_path)
