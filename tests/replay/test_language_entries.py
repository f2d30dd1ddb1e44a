"""Entering as rules say it: sides, sizes and prices."""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path

import pytest

from rulec.tests.support.telling import Case, entered, quote, says, tick

# What a share of each costs.
_PRICES = {"AAPL": 150.0, "MSFT": 399.0, "BRK.B": 500.0, "F": 12.0, "GE": 100.0, "IBM": 250.0, "T": 25.0}

SIDES_AND_SIZES = (
    Case(
        "a long and a short, each with its stop and target on the side that makes sense",
        """
        on signal BUY -> enter long 100 stop 2% target 4%
        on signal SHORT -> enter short 100 stop 2% target 4%
        """,
        [
            tick("10:00", 150),
            tick("10:00", 400, "MSFT"),
            says("10:00:01", "BUY"),
            says("10:00:02", "SHORT", "MSFT"),
            tick("10:00:03", 150),
            tick("10:00:04", 400, "MSFT"),
        ],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 #2 MSFT: enter acted
        10:00:03 bought 100 AAPL at 150 as main
        10:00:04 sold 100 MSFT at 400 as main
        stands: stop AAPL sell 100 at 147
        stands: stop MSFT buy 100 at 408
        stands: target AAPL sell 100 at 156
        stands: target MSFT buy 100 at 384
        holds: AAPL long 100 at 150
        holds: MSFT short 100 at 400
        """,
    ),
    Case(
        "sizes in shares, money, a part of the equity and what may be lost, of a symbol that is named",
        """
        on signal ALL -> enter long 10 * 2 of AAPL stop 3%
        on signal ALL -> enter long $10_000 of MSFT stop 3%
        on signal ALL -> enter long 2% of equity of "BRK.B" stop 3%
        on signal ALL -> enter long risk 1% of equity of F stop $1 away
        on signal ALL -> enter long risk $500 of GE stop 2.5%
        on signal ALL of IBM -> enter long risk $30 stop $1 away
        on signal ALL of IBM -> enter short 5% of equity of T stop 3%
        """,
        [
            *(tick("10:00", value, symbol) for symbol, value in _PRICES.items()),
            says("10:00:01", "ALL", "IBM"),
            *(tick("10:00:02", value, symbol) for symbol, value in _PRICES.items()),
        ],
        """
        10:00:01 #1 IBM: enter acted
        10:00:01 #2 IBM: enter acted
        10:00:01 #3 IBM: enter acted
        10:00:01 #4 IBM: enter acted
        10:00:01 #5 IBM: enter acted
        10:00:01 #6 IBM: enter acted
        10:00:01 #7 IBM: enter acted
        10:00:02 bought 20 AAPL at 150 as main
        10:00:02 bought 25 MSFT at 399 as main
        10:00:02 bought 4 BRK.B at 500 as main
        10:00:02 bought 1000 F at 12 as main
        10:00:02 bought 200 GE at 100 as main
        10:00:02 bought 30 IBM at 250 as main
        10:00:02 sold 200 T at 25 as main
        stands: stop AAPL sell 20 at 145.5
        stands: stop BRK.B sell 4 at 485
        stands: stop F sell 1000 at 11
        stands: stop GE sell 200 at 97.5
        stands: stop IBM sell 30 at 249
        stands: stop MSFT sell 25 at 387.03
        stands: stop T buy 200 at 25.75
        holds: AAPL long 20 at 150
        holds: MSFT long 25 at 399
        holds: BRK.B long 4 at 500
        holds: F long 1000 at 12
        holds: GE long 200 at 100
        holds: IBM long 30 at 250
        holds: T short 200 at 25
        """,
    ),
    Case(
        "a buy is sized at the ask, a short at the bid",
        """
        on signal BUY -> enter long $10_000 stop $5 away
        on signal SHORT -> enter short $10_000 stop $5 away
        """,
        [
            quote("10:00", 99, 101),
            says("10:00:01", "BUY"),
            quote("10:00:02", 99, 101),
            quote("10:01", 49, 51, "MSFT"),
            says("10:01:01", "SHORT", "MSFT"),
            quote("10:01:02", 49, 51, "MSFT"),
        ],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 99 AAPL at 101 as main
        10:01:01 #2 MSFT: enter acted
        10:01:02 sold 204 MSFT at 49 as main
        stands: stop AAPL sell 99 at 96
        stands: stop MSFT buy 204 at 54
        holds: AAPL long 99 at 101
        holds: MSFT short 204 at 49
        """,
    ),
    Case(
        "each symbol belongs to the first rule that acts on it, whatever the event's own symbol",
        """
        on signal GO -> enter long 10 of AAPL stop 1%
        on signal GO -> enter long 10 of MSFT stop 1%
        on signal GO -> enter short 10 of AAPL stop 1%
        """,
        [
            tick("10:00", 150),
            tick("10:00", 400, "MSFT"),
            says("10:01", "GO", "SPY"),
            tick("10:02", 150),
            tick("10:02", 400, "MSFT"),
        ],
        """
        10:01:00 #1 SPY: enter acted
        10:01:00 #2 SPY: enter acted
        10:01:00 #3 SPY: enter suppressed (another rule acted first)
        10:02:00 bought 10 AAPL at 150 as main
        10:02:00 bought 10 MSFT at 400 as main
        stands: stop AAPL sell 10 at 148.5
        stands: stop MSFT sell 10 at 396
        holds: AAPL long 10 at 150
        holds: MSFT long 10 at 400
        """,
    ),
)

PRICING = (
    Case(
        "an entry at the market fills at the next price",
        "on signal BUY -> enter long 100 at market stop 2%",
        [*entered(), tick("10:01", 151)],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        stands: stop AAPL sell 100 at 147
        holds: AAPL long 100 at 150
        """,
    ),
    Case(
        "an entry at a limit waits for its price, which is its reference, and lasts for its time",
        """
        on signal BUY -> enter long $10_000 at limit last - $2 stop 2%
        on signal SHORT -> enter short 100 at limit $152 for 5m stop 2%
        """,
        [
            tick("10:00", 150),
            says("10:00:01", "BUY"),
            tick("10:00:02", 149),
            tick("10:00:03", 148),
            tick("10:01", 150, "MSFT"),
            says("10:01:01", "SHORT", "MSFT"),
            tick("10:06", 150, "MSFT"),
            tick("10:07", 153, "MSFT"),
        ],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:03 bought 67 AAPL at 148 as main
        10:01:01 #2 MSFT: enter acted
        10:06:01 main MSFT sell 100 cancelled
        stands: stop AAPL sell 67 at 145.04
        holds: AAPL long 67 at 148
        """,
    ),
    Case(
        "an entry at a stop is triggered by its price; with a limit it pays no more than that",
        """
        on signal BUY -> enter long 100 at stop $152 stop 2%
        on signal SHORT -> enter short 100 at stop $148 limit $147 for 1h stop 2%
        on signal UP -> enter long 100 at stop $152 limit $152.50 stop $2 away
        on signal LATE -> enter long 100 at stop $152 for 30s stop 2%
        """,
        [
            tick("10:00", 150),
            tick("10:00", 150, "MSFT"),
            tick("10:00", 150, "F"),
            tick("10:00", 150, "GE"),
            says("10:00:01", "BUY"),
            says("10:00:01", "SHORT", "MSFT"),
            says("10:00:01", "UP", "F"),
            says("10:00:01", "LATE", "GE"),
            tick("10:00:02", 151),
            tick("10:00:03", 152.25),
            tick("10:00:04", 147.5, "MSFT"),
            tick("10:00:05", 153, "F"),
            tick("10:00:06", 152.5, "F"),
            tick("10:01", 153, "GE"),
        ],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:01 #2 MSFT: enter acted
        10:00:01 #3 F: enter acted
        10:00:01 #4 GE: enter acted
        10:00:03 bought 100 AAPL at 152.25 as main
        10:00:04 sold 100 MSFT at 147.5 as main
        10:00:06 bought 100 F at 152.5 as main
        10:00:31 main GE buy 100 cancelled
        stands: stop AAPL sell 100 at 149.21
        stands: stop F sell 100 at 150.5
        stands: stop MSFT buy 100 at 150.45
        holds: AAPL long 100 at 152.25
        holds: MSFT short 100 at 147.5
        holds: F long 100 at 152.5
        """,
    ),
    Case(
        "an entry that does not fill on its day expires with the close",
        "on signal BUY -> enter long 100 at limit $140 stop 2%",
        [tick("2025-11-28 10:00", 150), says("2025-11-28 10:00:01", "BUY"), tick("2025-12-01 10:00", 139)],
        """
        10:00:01 #1 AAPL: enter acted
        13:00:00 main AAPL buy 100 expired
        """,
    ),
    Case(
        "an entry is priced and sized by its own limit, which may not lie far from the market",
        """
        on signal BUY -> enter long risk $400 at limit price stop 2% target $4 away
        """,
        [
            tick("10:00", 150),
            says("10:00:01", "BUY", price=119.9),
            says("10:00:02", "BUY", price=145.0),
            tick("10:00:03", 144),
        ],
        """
        10:00:01 #1 AAPL: enter refused (price sanity)
        10:00:02 #1 AAPL: enter acted
        10:00:03 bought 137 AAPL at 144 as main
        stands: stop AAPL sell 137 at 141.12
        stands: target AAPL sell 137 at 148
        holds: AAPL long 137 at 144
        """,
    ),
)

CASES = (*SIDES_AND_SIZES, *PRICING)


@pytest.mark.parametrize("case", CASES, ids=attrgetter("sentence"))
def test_entries(case: Case, tmp_path: Path) -> None:
    case.check(tmp_path)
