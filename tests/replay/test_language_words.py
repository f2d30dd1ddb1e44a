"""What rules say and send: texts, halts, signals, cooldowns forgotten, actions of the user."""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path

import pytest

from rulec.tests.support.telling import Case, entered, says, tick

BOTH = """
on signal BUY -> enter long 100 stop 4% target 8%
on signal SHORT -> enter short 100 stop 4% target 8%
"""

WORDS = (
    Case(
        "what a rule says has the values of the event and of the position in it",
        BOTH
        + r"""
        on signal ASK -> notify "{symbol} {position.side} {position.quantity}" -> log "a \"quote\" and \{braces\}"
        on signal ASK -> log "stop {position.stop_price}, profit {position.profit}"
        """,
        [says("09:59", "ASK"), *entered(), tick("10:01", 153), says("10:01:01", "ASK")],
        """
        09:59:00 #3 AAPL: notify acted "AAPL flat 0", log acted "a "quote" and {braces}"
        09:59:00 #4 AAPL: log acted "stop unknown, profit unknown"
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        10:01:01 #3 AAPL: notify acted "AAPL long 100", log acted "a "quote" and {braces}"
        10:01:01 #4 AAPL: log acted "stop 144, profit 0.02"
        stands: stop AAPL sell 100 at 144
        stands: target AAPL sell 100 at 162
        holds: AAPL long 100 at 150
        """,
    ),
    Case(
        "a halt cancels what has not opened, refuses entries, and lets exits and protection go on",
        """
        on signal BUY -> enter long 100 stop 4%
        on signal WAIT -> enter long 100 of MSFT at limit $149 stop 4%
        on signal STOP -> halt "stopped by {symbol}"
        on signal AGAIN -> halt
        on signal OUT -> exit
        """,
        [
            tick("09:59", 150, "MSFT"),
            *entered(),
            says("10:01", "WAIT"),
            says("10:02", "STOP"),
            says("10:03", "BUY", "F", price=10.0),
            says("10:04", "AGAIN"),
            says("10:05", "OUT"),
            tick("10:05:01", 151),
        ],
        """
        10:00:01 #1 AAPL: enter acted
        10:00:02 bought 100 AAPL at 150 as main
        10:01:00 #2 AAPL: enter acted
        10:02:00 #3 AAPL: halt acted "stopped by AAPL"
        10:02:00 main MSFT buy 100 cancelled
        10:03:00 #1 F: enter refused (halted)
        10:04:00 #4 AAPL: halt acted
        10:05:00 #5 AAPL: exit acted
        10:05:01 sold 100 AAPL at 151 as exit
        10:05:01 AAPL closed by exit: +100
        """,
    ),
    Case(
        "a rule emits a signal, for its own symbol or another, which is the next input",
        """
        field peer: symbol
        on signal RAW -> emit signal CLEAN confidence confidence / 2
        on signal RAW -> emit signal "ECHO" for MSFT
        on signal RAW -> emit signal PEER for "BRK.B" confidence 80%
        on signal RAW -> emit signal OTHER for peer
        on signal CLEAN or ECHO or PEER or OTHER -> log "{signal} {symbol} {confidence}"
        """,
        [says("10:00", "RAW", fields={"peer": "IBM"})],
        """
        10:00:00 #1 AAPL: emit acted
        10:00:00 #2 AAPL: emit acted
        10:00:00 #3 AAPL: emit acted
        10:00:00 #4 AAPL: emit acted
        10:00:00 #5 AAPL: log acted "CLEAN AAPL 0.45"
        10:00:00 #5 MSFT: log acted "ECHO MSFT unknown"
        10:00:00 #5 BRK.B: log acted "PEER BRK.B 0.8"
        10:00:00 #5 IBM: log acted "OTHER IBM unknown"
        """,
    ),
    Case(
        "cooldowns of one rule, of those that share one, or all are forgotten",
        """
        rule one cooldown 1h on signal PING -> log "one"
        rule two cooldown 1h shared calm on signal PING -> log "two"
        on signal ONE -> reset cooldown of one
        on signal CALM -> reset cooldown of calm
        on signal ALL -> reset cooldown
        """,
        [
            says("10:00", "PING"),
            says("10:01", "ONE"),
            says("10:02", "PING"),
            says("10:03", "CALM"),
            says("10:04", "PING"),
            says("10:05", "ALL"),
            says("10:06", "PING"),
            says("10:07", "PING", "MSFT"),
        ],
        """
        10:00:00 one AAPL: log acted "one"
        10:00:00 two AAPL: log acted "two"
        10:01:00 #3 AAPL: reset_cooldown acted
        10:02:00 one AAPL: log acted "one"
        10:02:00 two AAPL: throttled (cooldown)
        10:03:00 #4 AAPL: reset_cooldown acted
        10:04:00 one AAPL: throttled (cooldown)
        10:04:00 two AAPL: log acted "two"
        10:05:00 #5 AAPL: reset_cooldown acted
        10:06:00 one AAPL: log acted "one"
        10:06:00 two AAPL: log acted "two"
        10:07:00 one MSFT: log acted "one"
        10:07:00 two MSFT: log acted "two"
        """,
    ),
)

_ACTIONS_MODULE = """
from rulec.runtime.rule.registered import rule_action


@rule_action
def mark(context, symbol: str, weight: float = 1.0, loud: bool = False):
    context["marks"] = (symbol, weight, loud)


@rule_action
def rest(context):
    return None


@rule_action
def burst(context, shares: int):
    raise ValueError(f"no {shares} today")
"""

CALLS = (
    Case(
        "an action that the user registered is called, and one that raises has failed",
        """
        on signal MARK -> call mark(symbol, weight = confidence / 2, loud = price > $100) -> log "marked"
        on signal BURST -> call burst(10 * 2) -> log "never"
        on signal BARE -> call mark("AAPL",) -> call rest() -> log "marked"
        """,
        [says("10:00", "MARK", price=150.0), says("10:01", "BURST"), says("10:02", "BARE")],
        """
        10:00:00 #1 AAPL: call acted, log acted "marked"
        10:01:00 #2 AAPL: call failed (ValueError: no 20 today)
        10:02:00 #3 AAPL: call acted, call acted, log acted "marked"
        """,
        options=("--config", "{folder}/rulec.toml"),
        files={"rulec.toml": '[actions]\nmodule = "my_actions.py"\n', "my_actions.py": _ACTIONS_MODULE},
    ),
)

CASES = (*WORDS, *CALLS)


@pytest.mark.parametrize("case", CASES, ids=attrgetter("sentence"))
def test_words(case: Case, tmp_path: Path) -> None:
    case.check(tmp_path)
