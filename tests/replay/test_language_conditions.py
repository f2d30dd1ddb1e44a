"""What conditions ask of their event and of the clock: operators, words, lists, tables, dates, arithmetic, unknowns."""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest

from rulec.tests.support.telling import Asked, Case, says, tick

FIELDS = """
field count: number
field none: number
field share: percent
field premium: money "Option premium"
field note: text
field swept: flag
field peer: symbol
field ahead: duration
field since: time
"""


def ask(clock: str = "10:00", **more: Any) -> dict[str, Any]:
    """The signal on which conditions are asked: half an hour after the open, unless another time is given."""
    return says(clock, "ASK", **more)


RICH = ask(
    price=150.0,
    source="desk",
    fields={
        "count": 5,
        "none": 0,
        "share": 0.03,
        "premium": 2_000_000,
        "note": "big",
        "swept": True,
        "peer": "MSFT",
        "ahead": 90,
        "since": 36_000,
    },
)

CASES: tuple[Asked | Case, ...] = (
    Asked(
        "numbers compare, alone and in chains",
        {
            "count == 5": True,
            "count != 5": False,
            "count < 6": True,
            "count < 5": False,
            "count <= 5": True,
            "count > 4": True,
            "count > 5": False,
            "count >= 5": True,
            "4 < count <= 5": True,
            "5 < count <= 6": False,
            "0.5 <= confidence < 90%": False,
            "0.5 <= confidence <= 90%": True,
            "confidence == 90%": True,
            "price >= $150": True,
            "premium > $1_000_000": True,
            "share == 3%": True,
            "ahead == 90s": True,
            "ahead > 1m": True,
            "ahead < 2m": True,
            "ahead >= 1h": False,
            "since == 10:00": True,
        },
        [RICH],
        FIELDS,
    ),
    Asked(
        "and, or and not join conditions, from the tightest bond to the loosest",
        {
            "count > 4 and premium > $1 and swept": True,
            "count > 5 and premium > $1": False,
            "count > 5 or premium > $1": True,
            "count > 5 or premium < $1 or not swept": False,
            "not count > 5": True,
            "not (count > 4 or swept)": False,
            "count > 5 and swept or count > 4": True,
            "count > 5 and (swept or count > 4)": False,
            "true": True,
            "false or swept": True,
            "swept == true": True,
            "swept != true": False,
        },
        [RICH],
        FIELDS,
    ),
    Asked(
        "what is not known makes a comparison unknown, and only where it decides",
        {
            "confidence > 0.8": "confidence unknown",
            "not confidence > 0.8": "confidence unknown",
            "confidence > 0.8 and symbol == MSFT": False,
            "confidence > 0.8 or symbol == AAPL": True,
            "confidence > 0.8 or symbol == MSFT": "confidence unknown",
            "confidence + 0.1 > 0.2": "confidence unknown",
            "confidence in 0.2..0.5": "confidence unknown",
            "premium > $1": "premium unknown",
            "note is big": "note unknown",
        },
        [ask(confidence=None)],
        FIELDS,
    ),
    Asked(
        "membership is of a list, a let or a range with both its ends",
        {
            "symbol in [AAPL, MSFT]": True,
            'symbol in ["BRK.B", MSFT]': False,
            "symbol not in [MSFT]": True,
            "symbol not in watch": False,
            "symbol in []": False,
            "symbol in watch": True,
            "count in [1, 2, 5,]": True,
            "count in 5..6": True,
            "count in 4..5": True,
            "count in 1..4": False,
            "count not in 1..4": True,
            "price in $149..$150": True,
            "peer in [MSFT]": True,
            "since in 09:30..10:00": False,
            "since in 10:00..10:01": True,
        },
        [RICH],
        FIELDS + "let watch = [AAPL, F]\n",
    ),
    Asked(
        "words and texts are compared as what they say",
        {
            "signal is ASK": True,
            "signal is not ASK": False,
            "signal is BUY": False,
            'signal is "ASK"': True,
            "symbol is AAPL": True,
            "symbol == AAPL": True,
            "symbol != MSFT": True,
            'symbol == "AAPL"': True,
            'note == "big"': True,
            "note is big": True,
            'source == "desk"': True,
        },
        [RICH],
        FIELDS,
    ),
    Asked(
        "the four operations bind as on paper, and functions take their results",
        {
            "count + 2 * 3 == 11": True,
            "(count + 2) * 3 == 21": True,
            "count - 2 - 1 == 2": True,
            "count / 2 == 2.5": True,
            "-count == 0 - 5": True,
            "- count + 6 == 1": True,
            "price * 2 == $300": True,
            "price - $1 == $149": True,
            "price * 103% == $154.50": True,
            "premium / price > 13_000": True,
            "count / none > 1": "no result: a division by zero or a number too large",
            "abs(count - 8) == 3": True,
            "min(count, 3, 4) == 3": True,
            "max(count, 3,) == 5": True,
            "round(count / 3) == 2": True,
            "round(count / 3, 2) == 1.67": True,
            "min(price, $149) == $149": True,
        },
        [RICH],
        FIELDS,
    ),
    Asked(
        "a table gives each symbol its own value, and the rest the default",
        {
            "alloc[symbol] == $30_000": True,
            "alloc[peer] == $10_000": True,
            "alloc[AAPL] > alloc[MSFT]": True,
            "quoted[symbol] == 1": True,
            "partial[peer] == 1": "no table entry for MSFT",
            "premium > alloc[symbol] * 10": True,
        },
        [RICH],
        FIELDS
        + 'let alloc = { AAPL: $30_000, F: $5_000, else: $10_000 }\nlet quoted = { "AAPL": 1, else: 2, }\n'
        + "let partial = { AAPL: 1 }\n",
    ),
    Asked(
        "the clock is the exchange's: times of day, dates, weekdays and minutes of the session",
        {
            "now >= 2026-01-05 10:00": True,
            "now > 2026-01-05 10:00": False,
            "now < 2026-01-05 10:00:01": True,
            "now > 2026-01-04 23:59:59": True,
            "today == 2026-01-05": True,
            "today in 2026-01-01..2026-01-05": True,
            "today > 2026-01-05": False,
            "now in 09:30..10:00": False,
            "now in 10:00..10:30": True,
            "now not in 10:00..10:30": False,
            "weekday is monday": True,
            "weekday is not monday": False,
            "weekday is saturday": False,
            "minutes_since_open == 30": True,
            "minutes_to_close == 360": True,
        },
        [ask()],
    ),
    Asked(
        "on a half day the close is near, and outside the session its minutes are unknown",
        {"minutes_to_close <= 30": True, "minutes_since_open == 180": True},
        [ask("2025-11-28 12:30")],
    ),
    Asked(
        "outside the session its minutes are unknown",
        {
            "minutes_to_close < 30": "minutes_to_close unknown",
            "minutes_since_open > 1": "minutes_since_open unknown",
            "weekday is friday": True,
        },
        [ask("2025-11-28 13:30")],
    ),
    Asked(
        "signals are counted for their symbol and kind within the time, the one at hand included",
        {
            "signals(ASK, 1m) == 1": True,
            "signals(BUY, 1m) == 2": True,
            "signals(BUY, 2m) == 3": True,
            "signals(SELL, 2m) == 0": True,
            'signals("BUY", 2m) == 3': True,
        },
        [
            says("09:57", "BUY"),
            says("09:58:30", "BUY"),
            says("09:59:10", "BUY"),
            says("09:59:15", "BUY", "MSFT"),
            says("09:59:20", "BUY"),
            ask(),
        ],
    ),
    Asked(
        "a count over more time than has been seen is unknown",
        {
            "signals(BUY, 3m) >= 1": "signals(BUY, 3m) unknown",
            "signals(BUY, 2m) == 1": True,
        },
        [tick("09:57:30", 150), says("09:59", "BUY"), ask()],
    ),
    Asked(
        "a let stands for what it names, wherever it is read",
        {"strong": True, "strong and not weak": True, "level * 2 == 10": True, "twice == 10": True},
        [RICH],
        FIELDS
        + "let strong = confidence > 0.8 and premium > $1_000_000\nlet weak = not strong\n"
        + "let twice = level * 2\nlet level = count\n",
    ),
    Case(
        "a decision shows what its condition read",
        'field premium: money\non signal ASK where premium > price * 2 and symbol in [AAPL] -> log "{premium}"',
        [ask(price=150.0, fields={"premium": 301.25})],
        """
        10:00:00 #1 AAPL: log acted "301.25"
        """,
    ),
    Case(
        "a rule on one symbol's price is not tried for another",
        """
        on price where symbol == AAPL and price > $100 -> log "one"
        on price of [MSFT] where price > $100 or symbol is AAPL -> log "other"
        """,
        [tick("10:00", 150), tick("10:00:01", 400, "MSFT"), tick("10:00:02", 5, "F")],
        """
        10:00:00 #1 AAPL: log acted "one"
        10:00:01 #2 MSFT: log acted "other"
        """,
    ),
    Asked(
        "a field that holds another kind of value than it was declared with is unknown",
        {
            "count > 1": "count unknown",
            "swept": "swept unknown",
            'note == "x"': "note unknown",
            "peer == AAPL": "peer unknown",
            "share > 1%": "share unknown",
        },
        [ask(fields={"count": "many", "swept": 1, "note": 5, "peer": 3, "share": True})],
        FIELDS,
    ),
)


@pytest.mark.parametrize("case", CASES, ids=attrgetter("sentence"))
def test_conditions_of_an_event(case: Asked | Case, tmp_path: Path) -> None:
    case.check(tmp_path)
