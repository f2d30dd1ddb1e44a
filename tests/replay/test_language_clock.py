"""Rules that fire by the clock: times of day, intervals, the open and the close, on whole days and on half days.

2025-11-28 and 2025-12-24 are half days: New York closes at 13:00. 2025-11-27 and 2025-12-25 are holidays.
"""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path

import pytest

from rulec.tests.support.telling import Case, bars, merged, says, tick

ENTER = "on signal BUY -> enter long 100 stop 10%"


def held(day: str = "2026-01-05", symbol: str = "AAPL") -> list[dict[str, object]]:
    """A hundred shares bought at 150 at 10:00:02 of a day, by ENTER."""
    return [
        tick(f"{day} 10:00", 150, symbol),
        says(f"{day} 10:00:01", "BUY", symbol),
        tick(f"{day} 10:00:02", 150, symbol),
    ]


TIMES = (
    Case(
        "a time fires once on each trading day, and with a set once for each symbol",
        """
        on time 10:30 -> log "no symbol"
        on time 10:30:15 of [AAPL, MSFT] -> log "{symbol}"
        on time 10:31 of AAPL where weekday is wednesday -> log "in the middle"
        """,
        [tick("2025-12-24 10:00", 150), tick("2025-12-26 11:00", 150)],
        """
        10:30:00 #1: log acted "no symbol"
        10:30:15 #2 AAPL: log acted "AAPL"
        10:30:15 #2 MSFT: log acted "MSFT"
        10:31:00 #3 AAPL: log acted "in the middle"
        2025-12-26 10:30:00 #1: log acted "no symbol"
        10:30:15 #2 AAPL: log acted "AAPL"
        10:30:15 #2 MSFT: log acted "MSFT"
        """,
    ),
    Case(
        "a time without a symbol acts on one that the action names",
        "on time 10:30 -> enter long 100 of AAPL stop 3%",
        [tick("10:00", 150), tick("10:31", 151)],
        """
        10:30:00 #1: enter acted
        10:31:00 bought 100 AAPL at 151 as main
        stands: stop AAPL sell 100 at 146.47
        holds: AAPL long 100 at 151
        """,
    ),
    Case(
        "an exit by the clock closes before the close of a half day, one minute before",
        f"""
        {ENTER}
        on time 15:55 of AAPL -> exit because "end of day"
        """,
        [*held("2025-11-28"), tick("2025-11-28 12:58:59", 151), tick("2025-11-28 12:59:30", 152)],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        12:59:00 #2 AAPL: exit acted
        12:59:30 sold 100 AAPL at 152 as exit
        12:59:30 AAPL closed by exit "end of day": +200
        """,
    ),
    Case(
        "on a whole day it closes at its time",
        f"""
        {ENTER}
        on time 15:55 of AAPL -> exit
        """,
        [*held(), tick("15:54:59", 151), tick("15:55:30", 152)],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        15:55:00 #2 AAPL: exit acted
        15:55:30 sold 100 AAPL at 152 as exit
        15:55:30 AAPL closed by exit: +200
        """,
    ),
    Case(
        "an exit timed at the close itself fires a minute before it, whatever else the rule does",
        f"""
        {ENTER}
        on time 16:00 -> log "closing" -> exit everything
        """,
        [*held(), tick("15:59:30", 152)],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        15:59:00 #2: log acted "closing", exit_everything acted
        15:59:30 sold 100 AAPL at 152 as exit
        15:59:30 AAPL closed by exit: +200
        """,
    ),
    Case(
        "a rule that exits nothing keeps its time, also after the close of a half day",
        'on time 14:00 -> log "afternoon"',
        [tick("2025-12-24 10:00", 150), tick("2025-12-26 10:00", 150)],
        """
        14:00:00 #1: log acted "afternoon"
        2025-12-26 14:00:00 #1: log acted "afternoon"
        """,
    ),
    Case(
        "a time that was missed fires once, late, in the same session, where it only reduces risk",
        """
        rule leave on time 09:45 -> exit everything
        rule arrive on time 09:45 -> enter long 100 of AAPL stop 3%
        """,
        [tick("10:00", 150), tick("10:01", 150), tick("2026-01-06 09:44", 150), tick("2026-01-06 09:46", 151)],
        """
        10:00:00 leave: exit_everything ignored (no trade)
        2026-01-06 09:45:00 leave: exit_everything ignored (no trade)
        09:45:00 arrive: enter acted
        09:46:00 bought 100 AAPL at 151 as main
        stands: stop AAPL sell 100 at 146.47
        holds: AAPL long 100 at 151
        """,
    ),
    Case(
        "before the open and after the close nothing is entered, and an exit comes before the close",
        f"""
        {ENTER}
        on time 09:00 -> enter long 10 of AAPL stop 3%
        on time 16:30 -> enter long 10 of AAPL stop 3%
        on time 16:30 of AAPL -> exit
        """,
        [tick("08:59", 150), *held(), tick("15:59:30", 151), tick("16:31", 152)],
        """
        09:00:00 #2: enter refused (outside regular hours)
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        15:59:00 #4 AAPL: exit acted
        15:59:30 sold 100 AAPL at 151 as exit
        15:59:30 AAPL closed by exit: +100
        16:30:00 #3: enter refused (outside regular hours)
        """,
    ),
    Case(
        "times are New York's when its clocks have changed, too",
        """
        on time 09:45 -> log "time"
        on market open -> log "open"
        """,
        [tick("2026-03-06 09:00", 150), tick("2026-03-09 12:00", 150)],
        """
        09:30:00 #2: log acted "open"
        09:45:00 #1: log acted "time"
        2026-03-09 09:30:00 #2: log acted "open"
        09:45:00 #1: log acted "time"
        """,
    ),
)

INTERVALS = (
    Case(
        "an interval is counted from the open and ends with the session",
        """
        on every 2h -> log "every two hours"
        on every 170m of [AAPL, MSFT] -> log "{symbol}"
        """,
        [tick("2025-11-26 09:30", 150), tick("2025-11-28 09:30", 150)],
        """
        11:30:00 #1: log acted "every two hours"
        12:20:00 #2 AAPL: log acted "AAPL"
        12:20:00 #2 MSFT: log acted "MSFT"
        13:30:00 #1: log acted "every two hours"
        15:10:00 #2 AAPL: log acted "AAPL"
        15:10:00 #2 MSFT: log acted "MSFT"
        15:30:00 #1: log acted "every two hours"
        2025-11-28 11:30:00 #1: log acted "every two hours"
        12:20:00 #2 AAPL: log acted "AAPL"
        12:20:00 #2 MSFT: log acted "MSFT"
        """,
    ),
    Case(
        "the open and the close are those of the day, with an offset into the session",
        """
        let watch = [AAPL]
        on market open -> log "open"
        on market open + 5m of AAPL -> log "settled"
        on market close - 10m of watch -> log "late"
        on market close - 2 * 30m -> log "last hour"
        """,
        [tick("2025-12-24 09:00", 150), tick("2025-12-26 09:31", 150)],
        """
        09:30:00 #1: log acted "open"
        09:35:00 #2 AAPL: log acted "settled"
        12:00:00 #4: log acted "last hour"
        12:50:00 #3 AAPL: log acted "late"
        2025-12-26 09:30:00 #1: log acted "open"
        09:35:00 #2 AAPL: log acted "settled"
        15:00:00 #4: log acted "last hour"
        15:50:00 #3 AAPL: log acted "late"
        """,
    ),
    Case(
        "the close itself is a moment that a rule can tell",
        'on market close -> log "closed"',
        [tick("2025-12-24 10:00", 150)],
        """
        13:00:00 #1: log acted "closed"
        """,
    ),
    Case(
        "after an exit by the clock near the close nothing is entered until the next session",
        f"""
        {ENTER}
        on market close - 15m of AAPL -> exit
        """,
        [
            *held("2025-11-28"),
            tick("2025-11-28 12:45:30", 151),
            says("2025-11-28 12:50", "BUY"),
            says("2025-11-28 12:50:01", "BUY", "MSFT", price=400.0),
            tick("2025-12-01 10:00", 151),
            says("2025-12-01 10:00:01", "BUY"),
            tick("2025-12-01 10:00:02", 151),
            tick("2025-12-01 15:46", 152),
        ],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        12:45:00 #2 AAPL: exit acted
        12:45:30 sold 100 AAPL at 151 as exit
        12:45:30 AAPL closed by exit: +100
        12:50:00 #1 AAPL: enter refused (flat for the session)
        12:50:01 #1 MSFT: enter acted
        13:00:00 main MSFT buy 100 expired
        2025-12-01 10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 151 as main
        15:45:00 #2 AAPL: exit acted
        15:46:00 sold 100 AAPL at 152 as exit
        15:46:00 AAPL closed by exit: +100
        """,
    ),
    Case(
        "an exit at the close fires a minute before it, while there is someone to sell to",
        f"""
        {ENTER}
        on market close of AAPL -> exit
        """,
        [*held("2025-12-24"), tick("2025-12-24 12:59:30", 151)],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        12:59:00 #2 AAPL: exit acted
        12:59:30 sold 100 AAPL at 151 as exit
        12:59:30 AAPL closed by exit: +100
        """,
    ),
    Case(
        "an exit by an interval in the last half hour ends the day's entries, one before it does not",
        f"""
        {ENTER}
        on every 30m of AAPL where minutes_to_close <= 60 -> exit
        """,
        [
            *held(),
            tick("15:01", 150),
            says("15:10", "BUY"),
            tick("15:11", 150),
            tick("15:31", 151),
            says("15:40", "BUY"),
        ],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        15:00:00 #2 AAPL: exit acted
        15:01:00 sold 100 AAPL at 150 as exit
        15:01:00 AAPL closed by exit: +0
        15:10:00 #1 AAPL: enter acted
        15:11:00 bought 100 AAPL at 150 as main
        15:30:00 #2 AAPL: exit acted
        15:31:00 sold 100 AAPL at 151 as exit
        15:31:00 AAPL closed by exit: +100
        15:40:00 #1 AAPL: enter refused (flat for the session)
        """,
    ),
    Case(
        "an entry by the clock on bars fills at the open of the bar that begins then",
        "on market open + 1m -> enter long 100 of AAPL stop 3%",
        bars("09:30", [100, 101, 102]),
        """
        09:31:00 #1: enter acted
        09:32:00 bought 100 AAPL at 100 as main
        stands: stop AAPL sell 100 at 97
        holds: AAPL long 100 at 100
        """,
    ),
    Case(
        "with a set the clock asks of each symbol, without one of those that the rule names",
        """
        on every 5m of [AAPL, MSFT] where close[0] > sma(3) and flat -> enter long 10 stop 1%
        on time 09:36 where MSFT.last < $100 and account.open_positions == 1 and minutes_since_open == 6
          -> exit of MSFT
        """,
        merged(bars("09:30", range(100, 107)), bars("09:30", range(100, 93, -1), symbol="MSFT")),
        """
        09:35:00 #1 AAPL: enter acted
        09:36:00 bought 10 AAPL at 104 as main
        09:36:00 #2: exit ignored (no trade)
        stands: stop AAPL sell 10 at 102.96
        holds: AAPL long 10 at 104
        """,
    ),
    Case(
        "what the clock has due at one time comes by priority, then as it is written",
        """
        on time 12:30 -> log "time"
        on every 90m -> log "ninety minutes"
        rule first priority 1 on every 3h of [AAPL] -> log "three hours"
        on market open + 3h -> log "after the open"
        """,
        [tick("11:01", 150), tick("12:31", 150), tick("2026-01-06 09:31", 150)],
        """
        12:30:00 first AAPL: log acted "three hours"
        12:30:00 #1: log acted "time"
        12:30:00 #2: log acted "ninety minutes"
        12:30:00 #4: log acted "after the open"
        14:00:00 #2: log acted "ninety minutes"
        15:30:00 first AAPL: log acted "three hours"
        15:30:00 #2: log acted "ninety minutes"
        2026-01-06 11:00:00 #2: log acted "ninety minutes"
        12:30:00 first AAPL: log acted "three hours"
        12:30:00 #1: log acted "time"
        12:30:00 #2: log acted "ninety minutes"
        12:30:00 #4: log acted "after the open"
        14:00:00 #2: log acted "ninety minutes"
        15:30:00 first AAPL: log acted "three hours"
        15:30:00 #2: log acted "ninety minutes"
        """,
    ),
)

CASES = (*TIMES, *INTERVALS)


@pytest.mark.parametrize("case", CASES, ids=attrgetter("sentence"))
def test_rules_fire_by_the_clock(case: Case, tmp_path: Path) -> None:
    case.check(tmp_path)
