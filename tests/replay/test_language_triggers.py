"""What rules fire on: signals, prices, volume, bars, and the system's life."""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path

import pytest

from rulec.tests.support.telling import Case, bar, bars, broker, entered, merged, quote, says, tick

SIGNALS = (
    Case(
        "a signal rule names its kinds, in words or in quotes",
        'on signal BUY or "SQUEEZE" -> log "{signal}"',
        [says("10:00", "BUY"), says("10:01", "SQUEEZE"), says("10:02", "SELL")],
        """
        10:00:00 #1 AAPL: log acted "BUY"
        10:01:00 #1 AAPL: log acted "SQUEEZE"
        """,
    ),
    Case(
        "a signal brings its symbol, confidence, price, source and fields",
        """
        field premium: money
        field strikes: number
        on signal any -> log "{symbol} {signal} {confidence} {price} {source} {premium} {strikes}"
        """,
        [says("10:00", "BUY", price=150.5, source="desk", fields={"premium": 1500000, "strikes": 3})],
        """
        10:00:00 #1 AAPL: log acted "AAPL BUY 0.9 150.5 desk 1500000 3"
        """,
    ),
    Case(
        "a signal rule is narrowed to one symbol, a list or a let",
        """
        let watch = [MSFT, "BRK.B"]
        on signal BUY of AAPL -> log "one"
        on signal BUY of [AAPL, MSFT] -> log "list"
        on signal any of watch -> log "let"
        on signal BUY of "BRK.B" -> log "quoted"
        """,
        [says("10:00", "BUY"), says("10:01", "BUY", "MSFT"), says("10:02", "BUY", "BRK.B"), says("10:03", "BUY", "F")],
        """
        10:00:00 #1 AAPL: log acted "one"
        10:00:00 #2 AAPL: log acted "list"
        10:01:00 #2 MSFT: log acted "list"
        10:01:00 #3 MSFT: log acted "let"
        10:02:00 #3 BRK.B: log acted "let"
        10:02:00 #4 BRK.B: log acted "quoted"
        """,
    ),
)

PRICES = (
    Case(
        "a price rule fires on trades and on the middle of quotes, a volume rule on trades that have a size",
        """
        on price of AAPL where price > $150 -> log "price {price}"
        on volume of [AAPL] where size >= 100 -> log "volume {size} at {price}"
        on volume -> log "all of {symbol}"
        """,
        [
            tick("10:00", 150),
            tick("10:00:01", 151),
            tick("10:00:02", 152, size=100),
            tick("10:00:03", 153, size=99),
            quote("10:00:04", 153, 155),
            tick("10:00:05", 400, "MSFT", size=100),
        ],
        """
        10:00:01 #1 AAPL: log acted "price 151"
        10:00:02 #1 AAPL: log acted "price 152"
        10:00:02 #2 AAPL: log acted "volume 100 at 152"
        10:00:02 #3 AAPL: log acted "all of AAPL"
        10:00:03 #1 AAPL: log acted "price 153"
        10:00:03 #3 AAPL: log acted "all of AAPL"
        10:00:04 #1 AAPL: log acted "price 154"
        10:00:05 #3 MSFT: log acted "all of MSFT"
        """,
    ),
    Case(
        "a bar rule without a timeframe fires on the feed's own bars, at their ends, for the symbols it is narrowed to",
        """
        let watch = [AAPL]
        on bar of watch -> log "{symbol} {open} {high} {low} {close} {volume}"
        """,
        [
            bar("09:30", 150, 152, 149, 151, volume=1200),
            bar("09:30", 400, 401, symbol="MSFT"),
            bar("09:31", 151, 151.5, volume=800),
        ],
        """
        09:31:00 #1 AAPL: log acted "AAPL 150 152 149 151 1200"
        09:32:00 #1 AAPL: log acted "AAPL 151 151.5 151 151.5 800"
        """,
    ),
    Case(
        "coarser bars are built from finer ones and begin with the session",
        """
        on bar 5m -> log "5m {open} {high} {low} {close} {volume}"
        on bar 1h of AAPL where close > open -> log "1h {open} {close}"
        """,
        bars("09:28", range(100, 100 + 63)),
        """
        09:35:00 #1 AAPL: log acted "5m 101 106 101 106 5000"
        09:40:00 #1 AAPL: log acted "5m 106 111 106 111 5000"
        09:45:00 #1 AAPL: log acted "5m 111 116 111 116 5000"
        09:50:00 #1 AAPL: log acted "5m 116 121 116 121 5000"
        09:55:00 #1 AAPL: log acted "5m 121 126 121 126 5000"
        10:00:00 #1 AAPL: log acted "5m 126 131 126 131 5000"
        10:05:00 #1 AAPL: log acted "5m 131 136 131 136 5000"
        10:10:00 #1 AAPL: log acted "5m 136 141 136 141 5000"
        10:15:00 #1 AAPL: log acted "5m 141 146 141 146 5000"
        10:20:00 #1 AAPL: log acted "5m 146 151 146 151 5000"
        10:25:00 #1 AAPL: log acted "5m 151 156 151 156 5000"
        10:30:00 #1 AAPL: log acted "5m 156 161 156 161 5000"
        10:30:00 #2 AAPL: log acted "1h 101 161"
        """,
    ),
    Case(
        "an hourly bar stamped with the hour is cut to the session at both ends",
        'on bar 1h -> log "{close}"',
        [
            bar("09:00", 150, 151, timeframe="1h"),
            bar("10:00", 151, 152, timeframe="1h"),
            bar("2026-01-06 15:30", 152, 153, timeframe="1h"),
        ],
        """
        10:00:00 #1 AAPL: log acted "151"
        11:00:00 #1 AAPL: log acted "152"
        2026-01-06 16:00:00 #1 AAPL: log acted "153"
        """,
    ),
    Case(
        "a daily bar comes at the close, on a half day at one o'clock",
        'on bar 1d -> log "{close}"',
        [bar("2025-11-26 00:00", 150, 151, timeframe="1d"), bar("2025-11-28 00:00", 151, 152, timeframe="1d")],
        """
        16:00:00 #1 AAPL: log acted "151"
        2025-11-28 13:00:00 #1 AAPL: log acted "152"
        """,
    ),
    Case(
        "bars before the open are told, but belong to no indicator and no coarser bar",
        """
        on bar -> log "{close}"
        on bar where sma(2) == $101.50 and highest(2) < $200 -> log "regular hours"
        on bar 5m -> log "never complete"
        """,
        bars("09:28", [500, 500, 101, 102]),
        """
        09:29:00 #1 AAPL: log acted "500"
        09:29:00 #2 AAPL: skipped (sma(2), highest(2) unknown)
        09:30:00 #1 AAPL: log acted "500"
        09:31:00 #1 AAPL: log acted "101"
        09:32:00 #1 AAPL: log acted "102"
        """,
    ),
    Case(
        "bars that the feed has itself are not built a second time",
        'on bar 5m -> log "{close}"',
        merged(bars("09:30", range(101, 106)), [bar("09:30", 100, 104.5, timeframe="5m")]),
        """
        09:35:00 #1 AAPL: log acted "104.5"
        """,
    ),
    Case(
        "daily bars are built from hourly ones, of a half day too",
        'on bar 1d -> log "{open} {high} {low} {close}"',
        [
            *bars("2025-11-26 09:30", range(100, 107), timeframe="1h"),
            *bars("2025-11-28 09:30", range(110, 114), timeframe="1h"),
        ],
        """
        16:00:00 #1 AAPL: log acted "100 106 100 106"
        2025-11-28 13:00:00 #1 AAPL: log acted "110 113 110 113"
        """,
    ),
    Case(
        "a large print may be followed with shares of its size",
        "on volume of AAPL where size >= 100 and price > $149 -> enter long size stop 1%",
        [tick("10:00", 150), tick("10:00:01", 150, size=99), tick("10:00:02", 150, size=120), tick("10:00:03", 150)],
        """
        10:00:02 #1 AAPL: enter acted
        10:00:03 bought 120 AAPL at 150 as main
        stands: stop AAPL sell 120 at 148.5
        holds: AAPL long 120 at 150
        """,
    ),
    Case(
        "a rule on prices rests for its cooldown, and acts at its end",
        "rule again cooldown 5s on price of AAPL where flat -> enter long 10 stop 1% exit after 1s",
        [tick(f"10:00:{second:02d}", 150) for second in range(9)],
        """
        10:00:00 again AAPL: enter acted
        10:00:01 bought 10 AAPL at 150 as main
        10:00:03 sold 10 AAPL at 150 as exit
        10:00:03 AAPL closed by time: +0
        10:00:03 again AAPL: throttled (cooldown)
        10:00:04 again AAPL: throttled (cooldown)
        10:00:05 again AAPL: enter acted
        10:00:06 bought 10 AAPL at 150 as main
        10:00:08 sold 10 AAPL at 150 as exit
        10:00:08 AAPL closed by time: +0
        10:00:08 again AAPL: throttled (cooldown)
        """,
    ),
)

SYSTEM = (
    Case(
        "the start comes once, before the first event, and the broker goes and comes",
        """
        on start -> log "started"
        on broker disconnected -> log "gone"
        on broker connected -> log "back"
        on signal BUY -> enter long 100 stop 3%
        """,
        [
            tick("10:00", 150),
            broker("10:00:01", "disconnected"),
            says("10:00:02", "BUY"),
            broker("10:00:03", "connected"),
            says("10:00:04", "BUY", id="again"),
            tick("10:00:05", 150),
        ],
        """
        10:00:00 #1: log acted "started"
        10:00:01 #2: log acted "gone"
        10:00:02 #4 AAPL: enter refused (broker disconnected)
        10:00:03 #3: log acted "back"
        10:00:04 #4 AAPL: enter acted
        10:00:05 bought 100 AAPL at 150 as main
        stands: stop AAPL sell 100 at 145.5
        holds: AAPL long 100 at 150
        """,
    ),
    Case(
        "an exit while the broker is away waits for it, and protection stays",
        """
        on signal BUY -> enter long 100 stop 3%
        on broker disconnected -> exit everything because "flying blind"
        """,
        [
            *entered(),
            broker("10:01", "disconnected"),
            tick("10:02", 151),
            broker("10:03", "connected"),
            tick("10:04", 152),
        ],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        10:01:00 #2: exit_everything acted
        10:04:00 sold 100 AAPL at 152 as exit
        10:04:00 AAPL closed by exit "flying blind": +200
        """,
    ),
    Case(
        "at the start no price is known yet, so an entry has nothing to go by",
        "on start -> enter long 100 of AAPL stop 3%",
        [tick("10:00", 150), tick("10:00:01", 150)],
        """
        10:00:00 #1: enter refused (no reference)
        """,
    ),
)

CASES = (*SIGNALS, *PRICES, *SYSTEM)


@pytest.mark.parametrize("case", CASES, ids=attrgetter("sentence"))
def test_rules_fire_on(case: Case, tmp_path: Path) -> None:
    case.check(tmp_path)
