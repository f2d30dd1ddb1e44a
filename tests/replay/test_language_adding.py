"""What is added to a trade: scale-ins as it gains, double-downs as it loses."""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path

import pytest

from rulec.tests.support.telling import Case, bar, entered, says, tick

CASES = (
    Case(
        "a scale-in at a profit is armed, and comes once",
        "on signal BUY -> enter long 100 stop 4% -> scale in 50 at profit 2%",
        [*entered(), tick("10:01", 153), tick("10:01:01", 153), tick("10:02", 160), tick("10:02:01", 160)],
        """
        10:00:01 #1 AAPL: enter acted, scale_in armed
        10:00:02 bought 100 AAPL at 150 as main
        10:01:00 #1 AAPL: scale_in acted
        10:01:01 bought 50 AAPL at 153 as scale
        stands: stop AAPL sell 150 at 144.96
        holds: AAPL long 150 at 151
        """,
    ),
    Case(
        "a scale-in that may come twice comes again as soon as the new average is at its profit",
        "on signal BUY -> enter long 100 stop 10% -> scale in 50% at profit 1% at most 2",
        [
            *entered(),
            tick("10:01", 151.5),
            tick("10:01:01", 151.5),
            tick("10:02", 152.004),
            tick("10:03", 152.01),
            tick("10:03:01", 152.5),
            tick("10:04", 160),
        ],
        """
        10:00:01 #1 AAPL: enter acted, scale_in armed
        10:00:02 bought 100 AAPL at 150 as main
        10:01:00 #1 AAPL: scale_in acted
        10:01:01 bought 50 AAPL at 151.5 as scale
        10:03:00 #1 AAPL: scale_in acted
        10:03:01 bought 75 AAPL at 152.5 as scale
        stands: stop AAPL sell 225 at 136.05
        holds: AAPL long 225 at 151.167
        """,
    ),
    Case(
        "a scale-in without a profit is done now, in a rule of its own it needs a trade",
        """
        on signal BUY -> enter long 100 stop $10 away
        on signal MORE -> scale in 50%
        """,
        [says("09:59", "MORE"), *entered(), says("10:01", "MORE"), tick("10:01:01", 152), says("10:02", "MORE")],
        """
        09:59:00 #2 AAPL: scale_in ignored (no trade)
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        10:01:00 #2 AAPL: scale_in acted
        10:01:01 bought 50 AAPL at 152 as scale
        10:02:00 #2 AAPL: scale_in ignored (already armed)
        stands: stop AAPL sell 150 at 140.67
        holds: AAPL long 150 at 150.667
        """,
    ),
    Case(
        "scale-ins in money, of equity and at risk",
        """
        on signal BUY -> enter long 100 stop $10 away
        on signal MONEY -> scale in $3_000
        on signal PART -> scale in 1.5% of equity
        on signal RISK -> scale in risk $100 at profit $0 away at most 1
        on signal RISKY -> scale in risk 0.1% of equity
        """,
        [
            *entered(),
            says("10:01", "MONEY"),
            tick("10:01:01", 150),
            says("10:02", "PART"),
            tick("10:02:01", 150),
            says("10:03", "RISK"),
            tick("10:03:01", 150),
            says("10:04", "RISKY"),
            tick("10:04:01", 150),
        ],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        10:01:00 #2 AAPL: scale_in acted
        10:01:01 bought 20 AAPL at 150 as scale
        10:02:00 #3 AAPL: scale_in acted
        10:02:01 bought 10 AAPL at 150 as scale
        10:03:00 #4 AAPL: scale_in acted
        10:03:01 bought 10 AAPL at 150 as scale
        10:04:00 #5 AAPL: scale_in acted
        10:04:01 bought 10 AAPL at 150 as scale
        stands: stop AAPL sell 150 at 140
        holds: AAPL long 150 at 150
        """,
    ),
    Case(
        "a double-down rests at a loss, or part of the way to the stop",
        """
        on signal BUY -> enter long 100 stop $10 away -> double down 100% at loss 2%
        on signal SHORT -> enter short 100 stop $10 away -> double down 50 at 50% to stop
        """,
        [
            *entered(),
            tick("10:01", 147.5),
            tick("10:02", 147),
            tick("10:03", 150, "MSFT"),
            says("10:03:01", "SHORT", "MSFT"),
            tick("10:03:02", 150, "MSFT"),
            tick("10:04", 155, "MSFT"),
        ],
        """
        10:00:01 #1 AAPL: enter acted, double_down armed
        10:00:02 bought 100 AAPL at 150 as main
        10:00:02 #1 AAPL: double_down acted
        10:02:00 bought 100 AAPL at 147 as doubledown
        10:03:01 #2 MSFT: enter acted, double_down armed
        10:03:02 sold 100 MSFT at 150 as main
        10:03:02 #2 MSFT: double_down acted
        10:04:00 sold 50 MSFT at 155 as doubledown
        stands: stop AAPL sell 200 at 140
        stands: stop MSFT buy 150 at 160
        holds: AAPL long 200 at 148.5
        holds: MSFT short 150 at 151.667
        """,
    ),
    Case(
        "a double-down in a rule of its own joins the trade that is there",
        """
        on signal BUY -> enter long 100 stop $10 away
        on signal DOWN -> double down $3_000 at loss $2 away
        """,
        [says("09:59", "DOWN"), *entered(), says("10:01", "DOWN"), tick("10:02", 148)],
        """
        09:59:00 #2 AAPL: double_down ignored (no trade)
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        10:01:00 #2 AAPL: double_down armed
        10:01:00 #2 AAPL: double_down acted
        10:02:00 bought 20 AAPL at 148 as doubledown
        stands: stop AAPL sell 120 at 140
        holds: AAPL long 120 at 149.667
        """,
    ),
    Case(
        "on bars a scale-in looks at the close, and fills at the next open",
        "on signal BUY -> enter long 100 stop $5 away -> scale in 50 at profit $2 away",
        [
            bar("09:30", 100, 100),
            says("09:31", "BUY"),
            bar("09:31", 100, 103, 101),
            bar("09:32", 101, 102),
            bar("09:33", 102.5, 103),
        ],
        """
        09:31:00 #1 AAPL: enter acted, scale_in armed
        09:32:00 bought 100 AAPL at 100 as main
        09:33:00 #1 AAPL: scale_in acted
        09:34:00 bought 50 AAPL at 102.5 as scale
        stands: stop AAPL sell 150 at 95.84
        holds: AAPL long 150 at 100.833
        """,
    ),
    Case(
        "inside a bar a double-down fills before the stop beyond it, which then covers both",
        "on signal BUY -> enter long 100 stop $4 away -> double down 100 at loss $2 away",
        [bar("09:30", 100, 100), says("09:31", "BUY"), bar("09:31", 100, 100), bar("09:32", 100, 95, 99)],
        """
        09:31:00 #1 AAPL: enter acted, double_down armed
        09:32:00 bought 100 AAPL at 100 as main
        09:32:00 #1 AAPL: double_down acted
        09:33:00 bought 100 AAPL at 98 as doubledown
        09:33:00 sold 100 AAPL at 96 as stop
        09:33:00 sold 100 AAPL at 96 as stop
        09:33:00 AAPL closed by stop: -600
        """,
    ),
    Case(
        "a short adds as it falls and doubles down as it rises, and its stop is never loosened",
        """
        on signal SHORT -> enter short 100 stop 4% target 8%
          -> scale in 50% at profit 1%
          -> double down 50% at loss 1%
        """,
        [*entered("SHORT"), tick("10:01", 148.5), tick("10:01:01", 148.5), tick("10:02", 151.5)],
        """
        10:00:01 #1 AAPL: enter acted, scale_in armed, double_down armed
        10:00:02 sold 100 AAPL at 150 as main
        10:00:02 #1 AAPL: double_down acted
        10:01:00 #1 AAPL: scale_in acted
        10:01:01 sold 50 AAPL at 148.5 as scale
        10:02:00 sold 50 AAPL at 151.5 as doubledown
        stands: stop AAPL buy 200 at 155.48
        stands: target AAPL buy 200 at 138
        holds: AAPL short 200 at 150
        """,
    ),
    Case(
        "a double-down that the stop has come to is taken back",
        """
        on signal BUY -> enter long 100 stop $10 away -> double down 50 at loss $3 away
        on signal DEEP -> double down 50 at loss $10 away
        on signal MOVE -> move stop to $147
        """,
        [*entered(), says("10:01", "DEEP"), says("10:02", "MOVE"), tick("10:03", 147.5)],
        """
        10:00:01 #1 AAPL: enter acted, double_down armed
        10:00:02 bought 100 AAPL at 150 as main
        10:00:02 #1 AAPL: double_down acted
        10:01:00 #2 AAPL: double_down armed
        10:01:00 #2 AAPL: double_down refused (at or beyond the stop)
        10:02:00 #3 AAPL: move_stop acted
        10:02:00 doubledown AAPL buy 50 cancelled
        stands: stop AAPL sell 100 at 147
        holds: AAPL long 100 at 150
        """,
    ),
    Case(
        "what is armed twice comes once, and goes with its trade",
        """
        on signal BUY -> enter long 100 stop 4%
        on signal MORE -> scale in 10 at profit 2%
        on signal OUT -> exit
        """,
        [
            *entered(),
            says("10:01", "MORE"),
            says("10:01:01", "MORE"),
            tick("10:02", 154),
            tick("10:02:01", 154),
            says("10:03", "MORE"),
            says("10:04", "OUT"),
            tick("10:04:01", 150),
            says("10:05", "BUY"),
            tick("10:05:01", 150),
            says("10:06", "MORE"),
            says("10:07", "OUT"),
            tick("10:07:01", 150),
            tick("10:08", 160),
        ],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        10:01:00 #2 AAPL: scale_in armed
        10:01:01 #2 AAPL: scale_in ignored (already armed)
        10:02:00 #2 AAPL: scale_in acted
        10:02:01 bought 10 AAPL at 154 as scale
        10:03:00 #2 AAPL: scale_in ignored (already armed)
        10:04:00 #3 AAPL: exit acted
        10:04:01 sold 110 AAPL at 150 as exit
        10:04:01 AAPL closed by exit: -40
        10:05:00 #1 AAPL: enter acted
        10:05:01 bought 100 AAPL at 150 as main
        10:06:00 #2 AAPL: scale_in armed
        10:07:00 #3 AAPL: exit acted
        10:07:01 sold 100 AAPL at 150 as exit
        10:07:01 AAPL closed by exit: +0
        """,
    ),
)


@pytest.mark.parametrize("case", CASES, ids=attrgetter("sentence"))
def test_adding(case: Case, tmp_path: Path) -> None:
    case.check(tmp_path)
