"""What conditions ask of the books: the position in the event's symbol, the account, the trades of the day."""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest

from rulec.tests.support.telling import Asked, Case, entered, says, tick

ENTER = "on signal BUY -> enter long 100 stop $3 away target $12 away -> scale in 50 at profit $4 away"
SHORT = "on signal SHORT -> enter short 100 stop $3 away target $12 away -> scale in 50 at profit $4 away"

# A long bought at 150 that has seen 153; a short sold at 150 that has seen 147.
LONG_HELD = [*entered(), tick("10:05", 153), tick("10:10", 151.5)]
SHORT_HELD = [*entered("SHORT"), tick("10:05", 147), tick("10:10", 148.5)]


def ask(clock: str = "10:10:02", symbol: str = "AAPL") -> dict[str, Any]:
    return says(clock, "ASK", symbol)


CASES: tuple[Asked | Case, ...] = (
    Asked(
        "without a trade the position is flat and empty, and the rest of it unknown",
        {
            "flat": True,
            "holding": False,
            "not flat": False,
            "position.side is flat": True,
            "position.side is not long": True,
            "position.quantity == 0": True,
            "position.scale_ins == 0": True,
            "position.entry_price > $1": "position.entry_price unknown",
            "position.profit > 1%": "position.profit unknown",
            "position.pnl > $1": "position.pnl unknown",
            "position.age > 1s": "position.age unknown",
            "position.peak_profit > 1%": "position.peak_profit unknown",
            "position.stop_price > $1": "position.stop_price unknown",
            "position.target_price > $1": "position.target_price unknown",
        },
        [tick("10:00", 150), ask("10:00:01")],
    ),
    Asked(
        "each field of a long that is held",
        {
            "flat": False,
            "holding": True,
            "position.side is long": True,
            "position.quantity == 100": True,
            "position.entry_price == $150": True,
            "position.profit == 1%": True,
            "position.profit == $150": True,
            "position.profit >= 0.5R": True,
            "position.profit > 0.5R": False,
            "0.5% < position.profit < 2%": True,
            "position.pnl == $150": True,
            "position.age == 10m": True,
            "position.peak_profit == 2%": True,
            "position.peak_profit == $300": True,
            "position.peak_profit == 1R": True,
            "position.scale_ins == 0": True,
            "position.stop_price == $147": True,
            "position.target_price == $162": True,
        },
        [*LONG_HELD, ask()],
        ENTER,
    ),
    Asked(
        "each field of a short that is held: what falls is its gain",
        {
            "flat": False,
            "holding": True,
            "position.side is short": True,
            "position.quantity == 100": True,
            "position.entry_price == $150": True,
            "position.profit == 1%": True,
            "position.profit == $150": True,
            "position.profit == 0.5R": True,
            "position.pnl == $150": True,
            "position.age == 10m": True,
            "position.peak_profit == 2%": True,
            "position.scale_ins == 0": True,
            "position.stop_price == $153": True,
            "position.target_price == $138": True,
        },
        [*SHORT_HELD, ask()],
        SHORT,
    ),
    Asked(
        "after a scale-in the average, the shares and the count are the new ones",
        {
            "position.quantity == 150": True,
            "position.scale_ins == 1": True,
            "position.entry_price > $151": True,
            "position.entry_price == $152": True,
        },
        [*entered(), tick("10:05", 154), tick("10:05:01", 156), ask("10:06")],
        ENTER,
    ),
    Asked(
        "another symbol's position is none of the event's",
        {"flat": True, "position.quantity == 0": True, "account.open_positions == 1": True},
        [*LONG_HELD, ask(symbol="MSFT")],
        ENTER,
    ),
    Asked(
        "the account before any trade",
        {
            "account.equity == $100_000": True,
            "account.cash == $100_000": True,
            "account.buying_power == $200_000": True,
            "account.day_pnl == $0": True,
            "account.exposure == $0": True,
            "account.open_positions == 0": True,
            "trades_today == 0": True,
        },
        [tick("10:00", 150), ask("10:00:01")],
    ),
    Asked(
        "the account with a position, at its market price",
        {
            "account.equity == $50_150": True,
            "account.cash == $35_000": True,
            "account.exposure == $15_150": True,
            "account.buying_power == $85_150": True,
            "account.day_pnl == $150": True,
            "account.open_positions == 1": True,
            "trades_today == 1": True,
            "account.exposure < 50% * account.equity": True,
        },
        [*LONG_HELD, ask()],
        ENTER,
        options=("--equity", "50000"),
    ),
    Asked(
        "a short brings cash, and counts to the exposure like a long",
        {
            "account.equity == $100_150": True,
            "account.cash == $115_000": True,
            "account.exposure == $14_850": True,
        },
        [*SHORT_HELD, ask()],
        SHORT,
    ),
    Asked(
        "trades are counted by the exchange's day",
        {"trades_today == 1": True, "account.day_pnl == $300": True, "account.equity == $100_000": True},
        [
            *entered(),
            tick("10:05", 147),
            tick("2026-01-06 10:00", 150),
            says("2026-01-06 10:00:01", "BUY"),
            tick("2026-01-06 10:00:02", 150),
            tick("2026-01-06 10:05", 153),
            ask("2026-01-06 10:05:01"),
        ],
        ENTER,
    ),
    Case(
        "when a position closes its fields are what they were just before",
        """
        on signal BUY -> enter long 100 stop $3 away target $12 away
        on position closed where position.side is long and position.quantity == 100 and holding and pnl < $0
          -> log "{reason} {pnl} of {position.entry_price}, stop {position.stop_price}"
        on position closed where position.profit < 0% and position.peak_profit >= 1% and position.age >= 5m
          -> log "was up"
        on position closed where position.profit == -1R -> log "one R"
        """,
        [*entered(), tick("10:04", 152), tick("10:05:02", 147)],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        10:05:02 sold 100 AAPL at 147 as stop
        10:05:02 AAPL closed by stop: -300
        10:05:02 #2 AAPL: log acted "stop -300 of 150, stop 147"
        10:05:02 #3 AAPL: log acted "was up"
        10:05:02 #4 AAPL: log acted "one R"
        """,
    ),
    Case(
        "a rule exits what has given back half of its gain, and a rule on an empty account enters no more",
        """
        on signal BUY where flat and trades_today < 1 -> enter long 100 stop 10%
        on price where holding and position.peak_profit > 2% and position.profit < position.peak_profit / 2 -> exit
        """,
        [
            *entered(),
            tick("10:01", 156),
            tick("10:02", 153.5),
            tick("10:03", 152.9),
            tick("10:03:01", 152.8),
            says("10:04", "BUY", id="again"),
        ],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        10:03:00 #2 AAPL: exit acted
        10:03:01 sold 100 AAPL at 152.8 as exit
        10:03:01 AAPL closed by exit: +280
        """,
    ),
)


@pytest.mark.parametrize("case", CASES, ids=attrgetter("sentence"))
def test_conditions_of_the_books(case: Asked | Case, tmp_path: Path) -> None:
    case.check(tmp_path)
