"""Rules that fire on the life of positions and of orders."""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path

import pytest

from rulec.tests.support.telling import Case, entered, fault, says, tick

CASES = (
    Case(
        "a position's life is told by its three moments, and on its close it is what it was just before",
        """
        let watch = [AAPL]
        on signal BUY -> enter long 100 stop 3%
        on signal LESS -> exit 40
        on signal OUT -> exit
        on position opened of AAPL -> log "{position.side} {position.quantity} at {position.entry_price}"
        on position updated of [AAPL] -> log "{position.quantity} left, {pnl}"
        on position closed of watch where reason is exit -> log "{symbol} {reason} {pnl} of {position.quantity}"
        """,
        [*entered(), says("10:01", "LESS"), tick("10:01:01", 152), says("10:02", "OUT"), tick("10:02:01", 153)],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        10:00:02 #4 AAPL: log acted "long 100 at 150"
        10:01:00 #2 AAPL: exit acted
        10:01:01 sold 40 AAPL at 152 as exit
        10:01:01 #5 AAPL: log acted "60 left, 80"
        10:02:00 #3 AAPL: exit acted
        10:02:01 sold 60 AAPL at 153 as exit
        10:02:01 AAPL closed by exit: +260
        10:02:01 #6 AAPL: log acted "AAPL exit 260 of 60"
        """,
    ),
    Case(
        "each moment of an order's life has its rule",
        """
        on signal BUY -> enter long 100 stop 3% target 8%
        on order created of AAPL where role is main -> log "created {role} {quantity}"
        on order submitted where role is not target -> log "submitted {role} {quantity}"
        on order filled of [AAPL, MSFT] where quantity >= 100 and fill_price > $100
          -> log "filled {role} {quantity} at {fill_price}"
        on order cancelled -> log "cancelled {role} {quantity}"
        on order rejected -> log "rejected {role} {quantity}: {reason}"
        """,
        [
            fault("10:00", "reject_next", reason="margin"),
            *entered(),
            says("10:01", "BUY"),
            tick("10:01:01", 150),
            tick("10:02", 162),
        ],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:01 #2 AAPL: log acted "created main 100"
        10:00:01 #3 AAPL: log acted "submitted main 100"
        10:00:01 #3 AAPL: log acted "submitted stop 100"
        10:00:01 main AAPL buy 100 rejected
        10:00:01 #1 AAPL: enter failed (rejected: Order rejected - reason:margin)
        10:00:01 #6 AAPL: log acted "rejected main 100: Order rejected - reason:margin"
        10:00:01 #5 AAPL: log acted "cancelled stop 100"
        10:00:01 #5 AAPL: log acted "cancelled target 100"
        10:01:00 #1 AAPL: enter acted
        10:01:00 #2 AAPL: log acted "created main 100"
        10:01:00 #3 AAPL: log acted "submitted main 100"
        10:01:00 #3 AAPL: log acted "submitted stop 100"
        10:01:01 bought 100 AAPL at 150 as main
        10:01:01 #4 AAPL: log acted "filled main 100 at 150"
        10:02:00 sold 100 AAPL at 162 as target
        10:02:00 #4 AAPL: log acted "filled target 100 at 162"
        10:02:00 AAPL closed by target: +1200
        10:02:00 #5 AAPL: log acted "cancelled stop 100"
        """,
    ),
    Case(
        "the close of one trade may be the cause of the next",
        """
        on signal BUY -> enter long 100 stop 2%
        on position closed where reason is stop and pnl < $0 -> enter short 50 stop 2%
        """,
        [*entered(), tick("10:01", 147), tick("10:01:01", 147)],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        10:01:00 sold 100 AAPL at 147 as stop
        10:01:00 AAPL closed by stop: -300
        10:01:00 #2 AAPL: enter acted
        10:01:01 sold 50 AAPL at 147 as main
        stands: stop AAPL buy 50 at 149.94
        holds: AAPL short 50 at 147
        """,
    ),
    Case(
        "a position is opened by the first share and updated by those that follow",
        """
        on signal BUY -> enter long 100 stop 3%
        on position opened -> log "opened {position.quantity}"
        on position updated -> log "updated {position.quantity}"
        on order filled where role is main -> log "filled {quantity}"
        """,
        [*entered(), *(tick(f"10:00:0{second}", 150) for second in range(3, 7))],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 70 AAPL at 150 as main
        10:00:02 #2 AAPL: log acted "opened 70"
        10:00:03 bought 20 AAPL at 150 as main
        10:00:03 #3 AAPL: log acted "updated 90"
        10:00:04 bought 2 AAPL at 150 as main
        10:00:04 #3 AAPL: log acted "updated 92"
        10:00:05 bought 8 AAPL at 150 as main
        10:00:05 #4 AAPL: log acted "filled 100"
        10:00:05 #3 AAPL: log acted "updated 100"
        stands: stop AAPL sell 100 at 145.5
        holds: AAPL long 100 at 150
        """,
        options=("--partial-fills", "3"),
    ),
    Case(
        "a rule on a close knows why the trade ended",
        """
        on signal BUY -> enter long 100 stop 2% target 2% exit after 1m
        on signal TURN -> reverse stop 1%
        on signal OUT -> exit
        on position closed where reason is stop -> log "stop"
        on position closed where reason is target -> log "target"
        on position closed where reason is time -> log "time"
        on position closed where reason is reverse -> log "reverse"
        on position closed where reason is exit -> log "exit"
        """,
        [
            *entered(),
            tick("10:01", 153),
            says("10:02", "BUY"),
            tick("10:02:01", 150),
            tick("10:04", 150),
            says("10:05", "BUY"),
            tick("10:05:01", 150),
            says("10:05:02", "TURN"),
            tick("10:05:03", 150),
            tick("10:05:04", 150),
            says("10:05:05", "OUT"),
            tick("10:05:06", 150),
            says("10:06", "BUY"),
            tick("10:06:01", 150),
            tick("10:06:02", 147),
        ],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        10:01:00 sold 100 AAPL at 153 as target
        10:01:00 AAPL closed by target: +300
        10:01:00 #5 AAPL: log acted "target"
        10:02:00 #1 AAPL: enter acted
        10:02:01 bought 100 AAPL at 150 as main
        10:04:00 sold 100 AAPL at 150 as exit
        10:04:00 AAPL closed by time: +0
        10:04:00 #6 AAPL: log acted "time"
        10:05:00 #1 AAPL: enter acted
        10:05:01 bought 100 AAPL at 150 as main
        10:05:02 #2 AAPL: reverse reversed
        10:05:03 sold 100 AAPL at 150 as exit
        10:05:03 AAPL closed by reverse: +0
        10:05:03 #7 AAPL: log acted "reverse"
        10:05:04 sold 100 AAPL at 150 as main
        10:05:05 #3 AAPL: exit acted
        10:05:06 bought 100 AAPL at 150 as exit
        10:05:06 AAPL closed by exit: +0
        10:05:06 #8 AAPL: log acted "exit"
        10:06:00 #1 AAPL: enter acted
        10:06:01 bought 100 AAPL at 150 as main
        10:06:02 sold 100 AAPL at 147 as stop
        10:06:02 AAPL closed by stop: -300
        10:06:02 #4 AAPL: log acted "stop"
        """,
    ),
    Case(
        "the price of a fill may place the stop of its trade",
        """
        on signal BUY -> enter long 100 stop 4%
        on order filled where role is main -> move stop to fill_price - $1
        """,
        entered(),
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        10:00:02 #2 AAPL: move_stop acted
        stands: stop AAPL sell 100 at 149
        holds: AAPL long 100 at 150
        """,
    ),
)


@pytest.mark.parametrize("case", CASES, ids=attrgetter("sentence"))
def test_rules_fire_on_positions_and_orders(case: Case, tmp_path: Path) -> None:
    case.check(tmp_path)
