"""Limits, each kind and several together: what they refuse, and what they let through."""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path

import pytest

from rulec.tests.support.telling import Case, entered, says, tick


def limited(sentence: str, limits: str, entry: str, outcome: str, *before: str) -> Case:
    """One entry at 150 against limits, after other entries of MSFT at 150 have filled."""
    rules = "".join(f"on signal BEFORE -> {action}\n" for action in before) + f"on signal BUY -> {entry}\n{limits}\n"
    number = len(before) + 1
    told = [f"10:00:01 #{place} MSFT: enter acted" for place in range(1, number)]
    told += ["10:00:02 bought 100 MSFT at 150 as main" for _ in before]
    told.append(f"10:01:00 #{number} AAPL: enter {outcome}")
    told += ["16:00:00 main AAPL buy 100 expired"] if outcome == "acted" else []
    told += ["stands: stop MSFT sell 100 at 145.5", "holds: MSFT long 100 at 150"] if before else []
    events = [tick("10:00", 150, "MSFT"), tick("10:00", 150)]
    events += [says("10:00:01", "BEFORE", "MSFT"), tick("10:00:02", 150, "MSFT")] if before else []
    return Case(sentence, rules, [*events, says("10:01", "BUY")], "\n".join(told))


HUNDRED = "enter long 100 stop 3%"

LIMITS = (
    limited("a position in money", "limits { max position $14_999 }", HUNDRED, "refused (max position)"),
    limited("a position of the equity", "limits { max position 14% of equity }", HUNDRED, "refused (max position)"),
    limited("a position that fits", "limits { max position 15% of equity }", HUNDRED, "acted"),
    limited("an order in money", "limits { max order $10_000 }", HUNDRED, "refused (max order)"),
    limited("an order of the equity", "limits { max order 10% of equity }", HUNDRED, "refused (max order)"),
    limited("the exposure in money", "limits { max exposure $29_999 }", HUNDRED, "refused (max exposure)", HUNDRED),
    limited("the exposure of the equity", "limits { max exposure 30% of equity }", HUNDRED, "acted", HUNDRED),
    limited("the number of positions", "limits { max positions 1 }", HUNDRED, "refused (max positions)", HUNDRED),
    limited("the orders of a minute", "limits { max orders 1 per minute }", HUNDRED, "refused (max orders)", HUNDRED),
    limited("the orders of an hour", "limits { max orders 1 per hour }", HUNDRED, "refused (max orders)", HUNDRED),
    limited("the orders of a day", "limits { max orders 2 per day }", HUNDRED, "acted", HUNDRED),
    limited("only some symbols", "let mine = [MSFT]\nlimits { only symbols mine }", HUNDRED, "refused (only symbols)"),
    limited("only listed symbols", "limits { only symbols [MSFT, AAPL] }", HUNDRED, "acted"),
    limited("no shorting", "limits { no shorting }", "enter short 100 stop 3%", "refused (no shorting)"),
    limited("a sector in money", "limits { max sector $1_000 }", HUNDRED, "refused (sector unknown)"),
    limited("several", "limits { max positions 1 }\nlimits { max positions 9 }", HUNDRED, "acted"),
    limited(
        "the tightest of several",
        "limits { max order $99_000 max order $10_000 }\nlimits { max order 50% of equity }",
        HUNDRED,
        "refused (max order)",
    ),
    Case(
        "a sector's part of the equity, by the sectors of the configuration",
        "limits { max sector 20% of equity }\non signal BUY -> enter long 100 stop 3%",
        [
            tick("10:00", 150, "MSFT"),
            tick("10:00", 150),
            says("10:00:01", "BUY", "MSFT"),
            tick("10:00:02", 150, "MSFT"),
            says("10:01", "BUY"),
        ],
        """
        10:00:01 #1 MSFT: enter acted
        10:00:02 bought 100 MSFT at 150 as main
        10:01:00 #1 AAPL: enter refused (max sector)
        stands: stop MSFT sell 100 at 145.5
        holds: MSFT long 100 at 150
        """,
        options=("--config", "{folder}/rulec.toml"),
        files={"rulec.toml": '[sectors]\nAAPL = "technology"\nMSFT = "technology"\n'},
    ),
    Case(
        "a day's loss halts until the next session",
        """
        limits { max daily loss $400 }
        on signal BUY -> enter long 100 stop 3%
        """,
        [
            *entered(),
            tick("10:01", 145.5),
            says("10:02", "BUY"),
            tick("2026-01-06 10:00", 150),
            says("2026-01-06 10:00:01", "BUY"),
            tick("2026-01-06 10:00:02", 150),
        ],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        10:01:00 sold 100 AAPL at 145.5 as stop
        10:01:00 AAPL closed by stop: -450
        10:01:00 error: the daily loss limit is reached: no new entries until the next session
        10:02:00 #1 AAPL: enter refused (max daily loss)
        2026-01-06 10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        stands: stop AAPL sell 100 at 145.5
        holds: AAPL long 100 at 150
        """,
    ),
    Case(
        "a day's loss of the equity, which an open position can reach, cancels what has not opened",
        """
        limits {
          max daily loss 0.4% of equity
        }
        on signal BUY -> enter long 100 stop 10%
        on signal WAIT -> enter long 10 of MSFT at limit $149 stop 10%
        """,
        [tick("09:59", 150, "MSFT"), *entered(), says("10:01", "WAIT"), tick("10:02", 145.9), says("10:03", "WAIT")],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        10:01:00 #2 AAPL: enter acted
        10:02:00 error: the daily loss limit is reached: no new entries until the next session
        10:02:00 main MSFT buy 10 cancelled
        10:03:00 #2 AAPL: enter refused (max daily loss)
        stands: stop AAPL sell 100 at 135
        holds: AAPL long 100 at 150
        """,
    ),
    Case(
        "what is added is judged like what is entered",
        """
        limits { max position $20_000 }
        on signal BUY -> enter long 100 stop 4% -> scale in 100 at profit 1%
        """,
        [*entered(), tick("10:01", 152), tick("10:02", 152)],
        """
        10:00:01 #1 AAPL: enter acted, scale_in armed
        10:00:02 bought 100 AAPL at 150 as main
        10:01:00 #1 AAPL: scale_in refused (max position)
        stands: stop AAPL sell 100 at 144
        holds: AAPL long 100 at 150
        """,
    ),
    Case(
        "the limits of the configuration hold beside those of the rules, and the tightest wins",
        "limits { max order $50_000 }\non signal BUY -> enter long 100 stop 3%",
        entered(),
        "10:00:01 #1 AAPL: enter refused (max order)",
        options=("--config", "{folder}/rulec.toml"),
        files={"rulec.toml": '[limits]\nmax_order = "$10_000"\n'},
    ),
)

CASES = LIMITS


@pytest.mark.parametrize("case", CASES, ids=attrgetter("sentence"))
def test_limits(case: Case, tmp_path: Path) -> None:
    case.check(tmp_path)
