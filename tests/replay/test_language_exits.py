"""How rules end a trade: exits of a part or of all, exits at a price, reversals."""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path

import pytest

from rulec.tests.support.telling import Case, entered, says, tick

BOTH = """
on signal BUY -> enter long 100 stop 4% target 8%
on signal SHORT -> enter short 100 stop 4% target 8%
"""

EXITS = (
    Case(
        "an exit closes the position of its symbol, or so many shares, or a part",
        BOTH
        + """
        on signal SOME -> exit 30 at market
        on signal PART -> exit 50%
        on signal OUT -> exit because "enough of {symbol}"
        """,
        [
            *entered(),
            says("10:01", "SOME"),
            tick("10:01:01", 151),
            says("10:02", "PART"),
            tick("10:02:01", 152),
            says("10:03", "OUT"),
            tick("10:03:01", 153),
            says("10:04", "OUT"),
        ],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        10:01:00 #3 AAPL: exit acted
        10:01:01 sold 30 AAPL at 151 as exit
        10:02:00 #4 AAPL: exit acted
        10:02:01 sold 35 AAPL at 152 as exit
        10:03:00 #5 AAPL: exit acted
        10:03:01 sold 35 AAPL at 153 as exit
        10:03:01 AAPL closed by exit "enough of AAPL": +205
        10:04:00 #5 AAPL: exit ignored (no trade)
        """,
    ),
    Case(
        "an exit may be of another symbol than the event's, and has its own limit",
        BOTH
        + """
        on signal OUT of MSFT -> exit of AAPL
        on signal LIMIT -> exit at limit position.entry_price + $5
        on signal HALF -> exit 50% of MSFT at limit $142
        """,
        [
            *entered(),
            tick("10:01", 150, "MSFT"),
            says("10:01:01", "SHORT", "MSFT"),
            tick("10:01:02", 150, "MSFT"),
            says("10:02", "HALF", "F"),
            says("10:03", "LIMIT"),
            tick("10:04", 154.9),
            says("10:05", "OUT", "MSFT"),
            tick("10:05:01", 151),
            tick("10:06", 142, "MSFT"),
        ],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        10:01:01 #2 MSFT: enter acted
        10:01:02 sold 100 MSFT at 150 as main
        10:02:00 #5 F: exit acted
        10:03:00 #4 AAPL: exit acted
        10:05:00 #3 MSFT: exit acted
        10:05:01 sold 100 AAPL at 151 as exit
        10:05:01 AAPL closed by exit: +100
        10:06:00 bought 50 MSFT at 142 as target
        stands: stop MSFT buy 50 at 156
        stands: target MSFT buy 50 at 138
        holds: MSFT short 50 at 150
        """,
    ),
    Case(
        "everything means every open trade of this run",
        BOTH
        + """
        on signal PANIC -> exit everything because "{signal} on {symbol}"
        """,
        [
            *entered(),
            tick("10:01", 150, "MSFT"),
            says("10:01:01", "SHORT", "MSFT"),
            tick("10:01:02", 150, "MSFT"),
            says("10:02", "PANIC", "F"),
            tick("10:02:01", 151),
            tick("10:02:01", 151, "MSFT"),
            says("10:03", "PANIC", "F"),
        ],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        10:01:01 #2 MSFT: enter acted
        10:01:02 sold 100 MSFT at 150 as main
        10:02:00 #3 F: exit_everything acted
        10:02:01 sold 100 AAPL at 151 as exit
        10:02:01 AAPL closed by exit "PANIC on F": +100
        10:02:01 bought 100 MSFT at 151 as exit
        10:02:01 MSFT closed by exit "PANIC on F": -100
        10:03:00 #3 F: exit_everything ignored (no trade)
        """,
    ),
    Case(
        "an entry on the other side, and a reversal, close first and then enter the other way",
        """
        on signal BUY -> enter long 100 stop 4%
        on signal SHORT -> enter short 40 stop 4%
        on signal TURN -> reverse stop 2% target $6 away exit after 1d
        """,
        [
            says("09:59", "TURN"),
            *entered(),
            says("10:01", "SHORT"),
            tick("10:01:01", 152),
            tick("10:01:02", 152),
            says("10:02", "TURN"),
            tick("10:02:01", 150),
            tick("10:02:02", 150),
        ],
        """
        09:59:00 #3 AAPL: reverse ignored (no trade)
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        10:01:00 #2 AAPL: enter reversed
        10:01:01 sold 100 AAPL at 152 as exit
        10:01:01 AAPL closed by reverse: +200
        10:01:02 sold 40 AAPL at 152 as main
        10:02:00 #3 AAPL: reverse reversed
        10:02:01 bought 40 AAPL at 150 as exit
        10:02:01 AAPL closed by reverse: +80
        10:02:02 bought 40 AAPL at 150 as main
        stands: stop AAPL sell 40 at 147
        stands: target AAPL sell 40 at 156
        holds: AAPL long 40 at 150
        """,
    ),
    Case(
        "an exit of more than there is closes all of it, half of one share is that share",
        """
        on signal BUY -> enter long 3 stop 4%
        on signal HALF -> exit 50%
        on signal MUCH -> exit 500
        """,
        [
            *entered(),
            says("10:01", "HALF"),
            tick("10:01:01", 150),
            says("10:02", "HALF"),
            tick("10:02:01", 150),
            says("10:03", "HALF"),
            tick("10:03:01", 150),
            *(tick("10:04", 150), says("10:04:01", "BUY"), tick("10:04:02", 150)),
            says("10:05", "MUCH"),
            tick("10:05:01", 150),
        ],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 3 AAPL at 150 as main
        10:01:00 #2 AAPL: exit acted
        10:01:01 sold 1 AAPL at 150 as exit
        10:02:00 #2 AAPL: exit acted
        10:02:01 sold 1 AAPL at 150 as exit
        10:03:00 #2 AAPL: exit acted
        10:03:01 sold 1 AAPL at 150 as exit
        10:03:01 AAPL closed by exit: +0
        10:04:01 #1 AAPL: enter acted
        10:04:02 bought 3 AAPL at 150 as main
        10:05:00 #3 AAPL: exit acted
        10:05:01 sold 3 AAPL at 150 as exit
        10:05:01 AAPL closed by exit: +0
        """,
    ),
    Case(
        "a part is taken from what no target covers, then from the farthest target",
        """
        on signal BUY -> enter long 90 stop 4% target 2% for 40% target 4% for 40%
        on signal LESS -> exit 30
        """,
        [*entered(), says("10:01", "LESS"), tick("10:02", 150)],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 36 AAPL at 150 as main
        10:00:02 bought 36 AAPL at 150 as main
        10:00:02 bought 18 AAPL at 150 as main
        10:01:00 #2 AAPL: exit acted
        10:02:00 sold 30 AAPL at 150 as exit
        stands: stop AAPL sell 60 at 144
        stands: target AAPL sell 36 at 153
        stands: target AAPL sell 24 at 156
        holds: AAPL long 60 at 150
        """,
    ),
    Case(
        "an exit of an entry that has not filled takes the entry back",
        """
        on signal BUY -> enter long 100 at limit $149 stop 4%
        on signal ASK where flat and position.side is flat and account.open_positions == 0 and trades_today == 0
          -> log "nothing held"
        on signal OUT -> exit
        """,
        [tick("10:00", 150), says("10:00:01", "BUY"), says("10:01", "ASK"), says("10:02", "OUT"), tick("10:03", 148)],
        """
        10:00:01 #1 AAPL: enter acted
        10:01:00 #2 AAPL: log acted "nothing held"
        10:02:00 #3 AAPL: exit acted
        10:02:00 main AAPL buy 100 cancelled
        """,
    ),
    Case(
        "a reversal that a limit forbids leaves the trade as it is",
        BOTH
        + """
        limits { no shorting }
        on signal TURN -> reverse stop 1%
        """,
        [*entered(), says("10:01", "TURN"), tick("10:02", 152)],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        10:01:00 #3 AAPL: reverse refused (no shorting)
        stands: stop AAPL sell 100 at 144
        stands: target AAPL sell 100 at 162
        holds: AAPL long 100 at 150
        """,
    ),
    Case(
        "of shares that leave at a limit already, a part may leave at another",
        BOTH
        + """
        on signal ALL -> exit at limit $155
        on signal HALF -> exit 50% at limit $153
        """,
        [*entered(), says("10:01", "ALL"), says("10:02", "HALF"), tick("10:03", 153), tick("10:04", 155)],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        10:01:00 #3 AAPL: exit acted
        10:02:00 #4 AAPL: exit acted
        10:03:00 sold 50 AAPL at 153 as target
        10:04:00 sold 50 AAPL at 155 as target
        10:04:00 AAPL closed by exit: +400
        """,
    ),
    Case(
        "a second exit while the first is under way does nothing",
        BOTH + "on signal OUT -> exit",
        [*entered(), says("10:01", "OUT"), says("10:01:01", "OUT"), tick("10:02", 151)],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        10:01:00 #3 AAPL: exit acted
        10:01:01 #3 AAPL: exit ignored (in flight)
        10:02:00 sold 100 AAPL at 151 as exit
        10:02:00 AAPL closed by exit: +100
        """,
    ),
    Case(
        "a reversal takes the shares that are left, and none of an entry that has not filled",
        """
        on signal BUY -> enter long 100 stop 4%
        on signal WAIT -> enter long 100 at limit $140 stop 4%
        on signal HALF -> exit 50%
        on signal TURN -> reverse stop 1%
        """,
        [
            tick("10:00", 150),
            says("10:00:01", "WAIT", "MSFT", price=150.0),
            says("10:00:02", "TURN", "MSFT"),
            says("10:00:03", "BUY"),
            tick("10:00:04", 150),
            says("10:01", "HALF"),
            tick("10:01:01", 150),
            says("10:02", "TURN"),
            tick("10:02:01", 150),
            tick("10:02:02", 150),
        ],
        """
        10:00:01 #2 MSFT: enter acted
        10:00:02 #4 MSFT: reverse ignored (nothing held)
        10:00:03 #1 AAPL: enter acted
        10:00:04 bought 100 AAPL at 150 as main
        10:01:00 #3 AAPL: exit acted
        10:01:01 sold 50 AAPL at 150 as exit
        10:02:00 #4 AAPL: reverse reversed
        10:02:01 sold 50 AAPL at 150 as exit
        10:02:01 AAPL closed by reverse: +0
        10:02:02 sold 50 AAPL at 150 as main
        16:00:00 main MSFT buy 100 expired
        stands: stop AAPL buy 50 at 151.5
        holds: AAPL short 50 at 150
        """,
    ),
)

UNPROTECTED = (
    Case(
        "without protection a trade has none, entered or reversed, in the symbol that a signal names",
        """
        field peer: symbol
        on signal BUY -> enter long 100 of peer
        on signal TURN -> reverse
        on signal OUT -> exit 25% of peer
        """,
        [
            tick("10:00", 150),
            says("10:00:01", "BUY", "MSFT", fields={"peer": "AAPL"}),
            tick("10:00:02", 150),
            says("10:01", "TURN"),
            tick("10:01:01", 151),
            tick("10:01:02", 151),
            says("10:02", "OUT", "F", fields={"peer": "AAPL"}),
            tick("10:02:01", 150),
        ],
        """
        10:00:01 #1 MSFT: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        10:01:00 #2 AAPL: reverse reversed
        10:01:01 sold 100 AAPL at 151 as exit
        10:01:01 AAPL closed by reverse: +100
        10:01:02 sold 100 AAPL at 151 as main
        10:02:00 #3 F: exit acted
        10:02:01 bought 25 AAPL at 150 as exit
        holds: AAPL short 75 at 151
        """,
    ),
)

CASES = (*EXITS, *UNPROTECTED)


@pytest.mark.parametrize("case", CASES, ids=attrgetter("sentence"))
def test_exits(case: Case, tmp_path: Path) -> None:
    case.check(tmp_path)
