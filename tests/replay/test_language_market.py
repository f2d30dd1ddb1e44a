"""What conditions ask of the market: indicators, bars some time ago, quotes, other symbols, crossings.

The bars rise by a dollar a minute, so that what an indicator must be can be worked out on paper: a simple average of n
closes lies (n - 1) / 2 below the last, an exponential one too once it has settled, and each true range is a dollar.
"""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest

from rulec.tests.support.telling import Asked, Case, bar, bars, merged, quote, says, tick

RISING = bars("09:30", range(101, 121))
"""Twenty minutes of AAPL, the last of which closes at 120 at 09:50."""


def ask(clock: str = "09:50") -> dict[str, Any]:
    return says(clock, "ASK")


DAYS = [
    *bars("2025-11-25 09:30", range(301, 308), timeframe="1h", symbol="SPY"),
    *bars("2025-11-26 09:30", range(401, 408), timeframe="1h", symbol="SPY"),
    *bars("2025-11-28 09:30", range(501, 505), timeframe="1h", symbol="SPY"),
]
"""Two days and a half of SPY, which close at 307, 407 and 504."""

INDICATORS: tuple[Asked | Case, ...] = (
    Asked(
        "each indicator over the bars that are complete",
        {
            "sma(3) == $119": True,
            "abs(ema(3) - $119) < $0.000001": True,
            "rsi(3) == 100": True,
            "abs(atr(3) - $1) < $0.000001": True,
            "abs(1 atr - $1) < $0.000001": True,
            "abs(6 atr(3) - $6) < $0.000001": True,
            "highest(3) == $120": True,
            "lowest(3) == $117": True,
            "1.694% < change(2) < 1.695%": True,
            "abs(stdev(3) - $0.816497) < $0.000001": True,
            "abs(bollinger_upper(3) - $120.632993) < $0.000001": True,
            "abs(bollinger_lower(3, 1) - $118.183503) < $0.000001": True,
            "abs(macd(2, 3) - $0.5) < $0.000001": True,
            "abs(macd_signal(2, 3, 2) - $0.5) < $0.000001": True,
            "abs(vwap() - $110.183333) < $0.000001": True,
        },
        [*RISING, ask()],
    ),
    Asked(
        "before its bars are complete an indicator is unknown",
        {
            "sma(21) > $1": "sma(21) unknown",
            "macd() > $0": "macd() unknown",
            "SPY.sma(2) > $1": "SPY.sma(2) unknown",
            "sma(20) > $1": True,
            "sma(2, 15m) > $1": "sma(2, 15m) unknown",
        },
        [*RISING, ask()],
    ),
    Asked(
        "a coarser timeframe is built from the feed's bars, a finer one is unknown",
        {
            "sma(2, 5m) == $117.50": True,
            "highest(1, 10m) == $120": True,
            "lowest(1, 10m) == $110": True,
            "close[0] == $120": True,
            "atr(1, 5m) == $5": True,
            "vwap(5m) > $100": True,
            "sma(2, 30s) > $1": "sma(2, 30s) unknown",
        },
        [*RISING, ask()],
    ),
    Asked(
        "without a timeframe it is that of the symbol's only series",
        {"sma(2) == $105.50": True, "sma(2, 1m) > $1": "sma(2, 1m) unknown", "close[1] == $105": True},
        [*bars("09:30", [105, 106], timeframe="5m"), ask()],
    ),
    Case(
        "without a timeframe it is that of the rule's own bars",
        """
        on bar 5m where sma(2) == $112.50 and sma(2, 1m) == $114.50 and close[1] == $110 -> log "{close}"
        """,
        RISING,
        """
        09:45:00 #1 AAPL: log acted "115"
        """,
    ),
    Asked(
        "without a timeframe it is that of the configuration",
        {"sma(2) == $117.50": True, "sma(2, 1m) == $119.50": True, "close[1] == $115": True},
        [*RISING, ask()],
        options=("--config", "{folder}/rulec.toml"),
        files={"rulec.toml": '[market]\ntimeframe = "5m"\n'},
    ),
    Asked(
        "prices and indicators as they were some bars ago",
        {
            "close[0] == $120": True,
            "close[1] == $119": True,
            "open[1] == $118": True,
            "high[2] == $118": True,
            "low[2] == $117": True,
            "volume[3] == 1000": True,
            "sma(3)[1] == $118": True,
            "close[19] == $101": True,
            "close[20] == $100": "close[20] unknown",
            "SPY.close[1] == $399": True,
        },
        [*merged(RISING, bars("09:48", [399, 400], symbol="SPY")), ask()],
    ),
    Asked(
        "another symbol's indicators and quotes are asked by its name",
        {
            "SPY.sma(2) == $399.50": True,
            "SPY.last == $401": True,
            '"BRK.B".last == $500': True,
            '"BRK.B".sma(2) > $1': "BRK.B.sma(2) unknown",
            "SPY.last > last": True,
            "SPY.bid > $1": "SPY.bid unknown",
            "MSFT.last > $1": "MSFT.last unknown",
        },
        [
            *bars("09:30", [399, 400], symbol="SPY"),
            tick("09:49", 401, "SPY"),
            tick("09:49", 500, "BRK.B"),
            tick("09:49", 150),
            ask(),
        ],
    ),
    Asked(
        "a daily average knows the days that are complete, a half day once it is over",
        {"SPY.sma(2, 1d) == $455.50": True, "SPY.highest(3, 1d) == $504": True, "SPY.close[1] == $503": True},
        [*DAYS, ask("2025-11-28 13:00")],
    ),
    Asked(
        "a day that is not over belongs to no daily average",
        {"SPY.sma(2, 1d) == $357": True, "SPY.sma(3, 1d) > $1": "SPY.sma(3, 1d) unknown"},
        [*DAYS[:-1], ask("2025-11-28 12:30")],
    ),
    Asked(
        "the newest quote is its bid, its ask and what lies between",
        {"bid == $149.90": True, "ask == $150.10": True, "$0.19 < spread < $0.21": True, "last == $151": True},
        [tick("09:49", 151), quote("09:49:01", 149.9, 150.1), ask()],
    ),
    Asked(
        "a price that has not been seen is unknown",
        {"last > $1": "last unknown", "ask > $1": "ask unknown", "spread < $1": "spread unknown"},
        [ask()],
    ),
    Case(
        "a let reads the timeframe of the rule in which it is read",
        """
        let average = sma(2)
        on bar 5m where average == $117.50 -> log "five minutes"
        on signal ASK where average == $119.50 -> log "a minute"
        """,
        [*RISING, ask()],
        """
        09:35:00 #1 AAPL: skipped (sma(2, 5m) unknown)
        09:50:00 #1 AAPL: log acted "five minutes"
        09:50:00 #2 AAPL: log acted "a minute"
        """,
    ),
)

CROSSINGS = (
    Case(
        "in a rule on prices a crossing looks at the last two prices",
        """
        on price of AAPL where price crosses above $150 -> log "up"
        on price of AAPL where price crosses below $150 -> log "down"
        on price of AAPL where last crosses above SPY.last -> log "past SPY"
        """,
        [
            tick("10:00", 149),
            tick("10:00:01", 150),
            tick("10:00:02", 151),
            tick("10:00:03", 152),
            tick("10:00:04", 150),
            tick("10:00:05", 149),
            tick("10:00:06", 155),
            tick("10:00:07", 156, "SPY"),
            tick("10:00:08", 156),
            tick("10:00:09", 157),
        ],
        """
        10:00:00 #2 AAPL: skipped (price before unknown)
        10:00:00 #3 AAPL: skipped (SPY.last, price before unknown)
        10:00:01 #3 AAPL: skipped (SPY.last unknown)
        10:00:02 #1 AAPL: log acted "up"
        10:00:05 #2 AAPL: log acted "down"
        10:00:06 #1 AAPL: log acted "up"
        10:00:09 #3 AAPL: log acted "past SPY"
        """,
    ),
    Case(
        "in a rule on bars it looks at the last two completed bars",
        """
        on bar where close crosses above sma(3) -> log "above {close}"
        on bar where sma(2) crosses below sma(3) -> log "averages"
        on bar 5m where close crosses above $104 -> log "five minutes"
        """,
        bars("09:30", [103, 102, 101, 100, 104, 105, 104, 101, 100, 105]),
        """
        09:31:00 #1 AAPL: skipped (sma(3), close[1], sma(3)[1] unknown)
        09:31:00 #2 AAPL: skipped (sma(2), sma(3), sma(2)[1], sma(3)[1] unknown)
        09:32:00 #1 AAPL: skipped (sma(3), sma(3)[1] unknown)
        09:32:00 #2 AAPL: skipped (sma(3), sma(2)[1], sma(3)[1] unknown)
        09:33:00 #2 AAPL: skipped (sma(3)[1] unknown)
        09:35:00 #1 AAPL: log acted "above 104"
        09:38:00 #2 AAPL: log acted "averages"
        09:40:00 #1 AAPL: log acted "above 105"
        09:40:00 #3 AAPL: log acted "five minutes"
        """,
    ),
    Case(
        "in a rule on signals it looks at the last two completed bars, too",
        """
        on signal ASK where close[0] crosses above $119.50 -> log "minute"
        on signal ASK where sma(1, 5m) crosses above $115 -> log "five minutes"
        on signal ASK where close[0] crosses above $119 -> log "at the level before"
        on signal ASK where close[0] crosses above $120 -> log "only at the level"
        """,
        [*RISING, ask("09:50:30")],
        """
        09:50:30 #1 AAPL: log acted "minute"
        09:50:30 #2 AAPL: log acted "five minutes"
        09:50:30 #3 AAPL: log acted "at the level before"
        """,
    ),
    Case(
        "a crossing may be of what was some bars ago, and in one timeframe or another",
        """
        on bar of AAPL where close crosses below sma(2)[1] -> log "below"
        on bar 5m of AAPL where SPY.high[1] == $204 and SPY.sma(2, 1m)[1] == $207.50 and sma(1)[1] == $105
          -> log "others"
        """,
        merged(bars("09:30", range(200, 212), symbol="SPY"), bars("09:30", [*range(101, 112), 105])),
        """
        09:31:00 #1 AAPL: skipped (sma(2)[1], close[1], sma(2)[2] unknown)
        09:32:00 #1 AAPL: skipped (sma(2)[1], sma(2)[2] unknown)
        09:40:00 #2 AAPL: log acted "others"
        09:42:00 #1 AAPL: log acted "below"
        """,
    ),
)

RULES = (
    Case(
        "a breakout is bought on the bar that makes it",
        """
        rule breakout
          cooldown 1h
          on bar 1m of AAPL where close > highest(3)[1] and volume > 2 * volume[1] and SPY.sma(2, 5m) > $399
          -> enter long 100 stop 2 atr(3) target 3R
        """,
        merged(
            bars("09:30", [400] * 12, symbol="SPY"),
            [*bars("09:30", [100, 101] * 5), bar("09:40", 101, 103, volume=3000), bar("09:41", 103, 104)],
        ),
        """
        09:31:00 breakout AAPL: skipped (highest(3, 1m)[1], volume[1], SPY.sma(2, 5m) unknown)
        09:41:00 breakout AAPL: enter acted
        09:42:00 bought 100 AAPL at 103 as main
        stands: stop AAPL sell 100 at 100.34
        stands: target AAPL sell 100 at 111
        holds: AAPL long 100 at 103
        """,
    ),
)

CASES = (*INDICATORS, *CROSSINGS, *RULES)


@pytest.mark.parametrize("case", CASES, ids=attrgetter("sentence"))
def test_conditions_of_the_market(case: Asked | Case, tmp_path: Path) -> None:
    case.check(tmp_path)
