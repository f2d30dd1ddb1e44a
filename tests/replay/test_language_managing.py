"""What rules do with a trade that is there: its stop and targets moved, its orders cancelled."""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path

import pytest

from rulec.tests.support.telling import Case, entered, says, tick

BOTH = """
on signal BUY -> enter long 100 stop 4% target 8%
on signal SHORT -> enter short 100 stop 4% target 8%
"""

MOVES = (
    Case(
        "the stop goes to a price and to breakeven, and is never loosened nor put through the market",
        BOTH
        + """
        on signal PRICE -> move stop to last - $2
        on signal EVEN -> move stop to breakeven
        on signal ABOVE -> move stop to breakeven + 1%
        on signal BELOW -> move stop to breakeven - $1 away
        on signal WRONG -> move stop to $170
        """,
        [
            says("09:59", "EVEN"),
            *entered(),
            says("10:01", "EVEN"),
            says("10:02", "BELOW"),
            tick("10:03", 153.5),
            says("10:03:01", "EVEN"),
            says("10:04", "ABOVE"),
            says("10:05", "PRICE"),
            tick("10:06", 157),
            says("10:06:01", "PRICE"),
            says("10:07", "WRONG"),
        ],
        """
        09:59:00 #4 AAPL: move_stop ignored (no trade)
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        10:01:00 #4 AAPL: move_stop ignored (at or through the market)
        10:02:00 #6 AAPL: move_stop acted
        10:03:01 #4 AAPL: move_stop acted
        10:04:00 #5 AAPL: move_stop acted
        10:05:00 #3 AAPL: move_stop ignored (would loosen)
        10:06:01 #3 AAPL: move_stop acted
        10:07:00 #7 AAPL: move_stop ignored (at or through the market)
        stands: stop AAPL sell 100 at 155
        stands: target AAPL sell 100 at 162
        holds: AAPL long 100 at 150
        """,
    ),
    Case(
        "a short's stop moves down, into its gain",
        BOTH
        + """
        on signal ABOVE -> move stop to breakeven + 1%
        """,
        [*entered("SHORT"), tick("10:01", 147), says("10:01:01", "ABOVE")],
        """
        10:00:01 #2 AAPL: enter acted
        10:00:02 sold 100 AAPL at 150 as main
        10:01:01 #3 AAPL: move_stop acted
        stands: stop AAPL buy 100 at 148.5
        stands: target AAPL buy 100 at 138
        holds: AAPL short 100 at 150
        """,
    ),
    Case(
        "the nearest unfilled target moves to a price",
        """
        on signal BUY -> enter long 100 stop 4% target 2% for 50% target 8% for 50%
        on signal MOVE -> move target to position.target_price + $1
        """,
        [*entered(), says("10:01", "MOVE"), tick("10:02", 154), says("10:03", "MOVE")],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 50 AAPL at 150 as main
        10:00:02 bought 50 AAPL at 150 as main
        10:01:00 #2 AAPL: move_target acted
        10:02:00 sold 50 AAPL at 154 as target
        10:03:00 #2 AAPL: move_target acted
        stands: stop AAPL sell 50 at 144
        stands: target AAPL sell 50 at 163
        holds: AAPL long 50 at 150
        """,
    ),
    Case(
        "a trail that begins later ratchets the one stop",
        BOTH
        + """
        on signal FOLLOW -> trail 1%
        """,
        [
            *entered(),
            tick("10:01", 155),
            says("10:01:01", "FOLLOW"),
            tick("10:02", 158),
            tick("10:03", 157),
            tick("10:04", 156.4),
        ],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        10:01:01 #3 AAPL: trail acted
        10:04:00 sold 100 AAPL at 156.4 as stop
        10:04:00 AAPL closed by trail: +640
        """,
    ),
    Case(
        "what manages a trade waits for the fill of the entry before it, and is then done in order",
        """
        on signal BUY -> enter long 100 stop 4% target 8%
          -> move stop to breakeven - 1%
          -> move target to $155
          -> trail 2%
          -> log "said at once"
        """,
        [*entered(), tick("10:01", 153)],
        """
        10:00:01 #1 AAPL: enter acted, move_stop armed, move_target armed, trail armed, log acted "said at once"
        10:00:02 bought 100 AAPL at 150 as main
        10:00:02 #1 AAPL: move_stop acted
        10:00:02 #1 AAPL: move_target acted
        10:00:02 #1 AAPL: trail acted
        stands: stop AAPL sell 100 at 149.94
        stands: target AAPL sell 100 at 155
        holds: AAPL long 100 at 150
        """,
    ),
    Case(
        "the broker's own trail is tightened where it stands",
        """
        on signal BUY -> enter long 100 trail 3%
        on signal STOP -> move stop to $149
        on signal CLOSER -> trail 1%
        """,
        [*entered(), says("10:01", "STOP"), tick("10:02", 151), says("10:03", "CLOSER"), tick("10:04", 156)],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        10:01:00 #2 AAPL: move_stop acted
        10:03:00 #3 AAPL: trail acted
        stands: trail AAPL sell 100 at 154.44
        holds: AAPL long 100 at 150
        """,
    ),
    Case(
        "a trade without a stop gets one when a rule says where",
        """
        on signal BUY -> enter long 100
        on signal STOP -> move stop to $149
        on signal TARGET -> move target to $160
        """,
        [*entered(), says("10:01", "TARGET"), says("10:02", "STOP"), tick("10:03", 148.5)],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        10:01:00 #3 AAPL: move_target ignored (no target)
        10:02:00 #2 AAPL: move_stop acted
        10:02:00 warning: 100 shares of AAPL are without a confirmed stop
        10:03:00 sold 100 AAPL at 148.5 as stop
        10:03:00 AAPL closed by stop: -150
        """,
    ),
)

CANCELS = (
    Case(
        "targets are given up, the stop stays",
        BOTH + "on signal FREE -> cancel targets",
        [*entered(), says("10:01", "FREE"), tick("10:02", 170), says("10:03", "FREE")],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        10:01:00 #3 AAPL: cancel acted
        10:03:00 #3 AAPL: cancel ignored (nothing to cancel)
        stands: stop AAPL sell 100 at 144
        holds: AAPL long 100 at 150
        """,
    ),
    Case(
        "scales are what is armed and what rests",
        """
        on signal BUY -> enter long 100 stop 10% -> scale in 50 at profit 2% -> double down 50 at loss 2%
        on signal FREE -> cancel scales
        """,
        [*entered(), says("10:01", "FREE"), tick("10:02", 154), tick("10:03", 146)],
        """
        10:00:01 #1 AAPL: enter acted, scale_in armed, double_down armed
        10:00:02 bought 100 AAPL at 150 as main
        10:00:02 #1 AAPL: double_down acted
        10:01:00 #2 AAPL: cancel acted
        10:01:00 doubledown AAPL buy 50 cancelled
        stands: stop AAPL sell 100 at 135
        holds: AAPL long 100 at 150
        """,
    ),
    Case(
        "entries are what has not filled yet",
        """
        on signal BUY -> enter long 100 at limit $149 stop 10%
        on signal FREE -> cancel entries
        """,
        [tick("10:00", 150), says("10:00:01", "BUY"), says("10:01", "FREE"), tick("10:02", 148)],
        """
        10:00:01 #1 AAPL: enter acted
        10:01:00 #2 AAPL: cancel acted
        10:01:00 main AAPL buy 100 cancelled
        """,
    ),
    Case(
        "orders are all of these, but never a stop",
        """
        on signal BUY -> enter long 100 stop 10% target 8% -> double down 50 at loss 2%
        on signal FREE -> cancel orders
        """,
        [*entered(), says("10:01", "FREE"), tick("10:02", 170), tick("10:03", 146)],
        """
        10:00:01 #1 AAPL: enter acted, double_down armed
        10:00:02 bought 100 AAPL at 150 as main
        10:00:02 #1 AAPL: double_down acted
        10:01:00 #2 AAPL: cancel acted
        10:01:00 doubledown AAPL buy 50 cancelled
        stands: stop AAPL sell 100 at 135
        holds: AAPL long 100 at 150
        """,
    ),
)

CASES = (*MOVES, *CANCELS)


@pytest.mark.parametrize("case", CASES, ids=attrgetter("sentence"))
def test_managing(case: Case, tmp_path: Path) -> None:
    case.check(tmp_path)
