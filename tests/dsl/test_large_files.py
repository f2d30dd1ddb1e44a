"""Large files and start-up: what a check may cost. Measured in processes of their own, so only in the long profile."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rulec.dsl.compile import compile_text

CARD = "on signal BUY where confidence>0.8 -> enter long 100 stop 3% target 8%\n"
LAUNCHER = Path(__file__).parents[2] / "benchmarks" / "launcher.py"
LIMITS = "limits { max order $50_000 }\n"


def processor_seconds(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Seconds of processor time a command takes, and the most memory it held, in MB.

    A small process starts it: what this one holds by now would count as the command's, from the moment between its
    fork and its exec.
    """
    told = subprocess.run(
        [sys.executable, str(LAUNCHER), *command], env=environment, capture_output=True, text=True, check=True
    )
    used = json.loads(told.stdout)
    assert used["code"] == 0
    return used["processor"], used["megabytes"]


@pytest.mark.long
def test_ten_thousand_rules_are_checked_in_three_seconds_and_300_megabytes(tmp_path: Path) -> None:
    rules = tmp_path / "many.rules"
    rules.write_text(LIMITS + CARD * 10_000)
    seconds, megabytes = processor_seconds(
        [sys.executable, "-m", "rulec", "check", "--no-cache", str(rules)], dict(os.environ)
    )
    assert seconds <= 3
    assert megabytes <= 300


@pytest.mark.long
def test_checking_one_rule_takes_no_longer_than_importing_lark_twice(tmp_path: Path) -> None:
    rules = tmp_path / "one.rules"
    rules.write_text(LIMITS + CARD)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"PYTHONPYCACHEPREFIX": str(tmp_path / "bytecode"), "XDG_CACHE_HOME": str(tmp_path / "cache")}

    def least(command: list[str]) -> float:
        return min(processor_seconds(command, environment)[0] for _ in range(12))

    lark = least([sys.executable, "-c", "import lark"])
    assert least([sys.executable, "-m", "rulec", "check", str(rules)]) <= 2 * lark


def test_compiling_leaves_the_process_as_it_found_it() -> None:
    before = sys.getrecursionlimit(), gc.get_threshold(), gc.isenabled()
    compile_text(LIMITS + CARD)
    assert (sys.getrecursionlimit(), gc.get_threshold(), gc.isenabled()) == before


LARGE = [
    (
        "a list of 50,000 symbols",
        "on price where symbol in [" + ", ".join(f"A{n}" for n in range(50_000)) + "] -> exit",
    ),
    ("a sum of 20,000 terms", "on price where price > $1" + " + $1" * 20_000 + " -> exit"),
    ("20,000 conditions", "on price where price > $1" + " and price > $1" * 20_000 + " -> exit"),
    ("20,000 words", "on bar where weekday is friday" + " or weekday is not monday" * 20_000 + " -> exit"),
    ("20,000 crossings", "on bar where close crosses above $1" + " or close crosses below $1" * 20_000 + " -> exit"),
    ("20,000 bars ago", "on bar where close > $1" + " + close[1]" * 20_000 + " -> exit"),
    ("20,000 actions", "on bar" + " -> move stop to breakeven + 1% -> trail 2 atr" * 10_000),
    ("20,000 rules that emit", "on signal A -> emit signal B for SPY\n" * 20_000),
    ("2,000 names for one list", "let a0 = [AAPL]\n" + "".join(f"on price of a{n} -> exit\n" for n in [0] * 2_000)),
]


@pytest.mark.parametrize(("what", "text"), LARGE, ids=[case[0] for case in LARGE])
def test_what_is_long_but_flat_is_compiled(what: str, text: str) -> None:
    plan = compile_text(text).plan
    assert plan is not None
    assert plan.fingerprint


def test_a_crossing_in_lets_that_double_each_other_is_looked_into_once() -> None:
    lets = "".join(f"let a{n} = a{n + 1} or a{n + 1}\n" for n in range(14))
    rules = "on bar where a0 -> exit\n" * 2_000
    began = time.process_time()
    assert compile_text(f"{lets}let a14 = close crosses above sma(20)\n{rules}").plan is not None
    found = compile_text(f"{lets}let a14 = $3 crosses above $4\n{rules}").diagnostics
    assert [one.code for one in found] == ["E203"] * 2_000
    assert time.process_time() - began < 10


DEEP = [
    ("not", "not " * 198 + "confidence > 0.5"),
    ("minus", "price > " + "-" * 198 + "price"),
    ("brackets", "(" * 198 + "price" + ")" * 198 + " > $1"),
    ("sums", "price > " + "($1 + " * 198 + "price" + ")" * 198),
    ("calls", "price > " + "abs(" * 198 + "price" + ")" * 198),
    ("a crossing", "close[0] crosses above " + "(" * 198 + "sma(20)" + ")" * 198),
    ("bars ago", "price > close[" + "(" * 197 + "1" + ")" * 197 + "]"),
    ("lengths", "price > SPY.sma(" + "(" * 197 + "20" + ")" * 197 + ", 5m)[1]"),
    ("words", "not (" * 99 + "weekday is friday" + ")" * 99),
]


@pytest.mark.parametrize(("what", "condition"), DEEP, ids=[case[0] for case in DEEP])
def test_what_the_parser_lets_through_prints_compares_and_hashes(what: str, condition: str) -> None:
    plan = compile_text(f"on signal BUY where {condition} -> exit").plan
    assert plan is not None
    assert plan == compile_text(f"on signal BUY where {condition} -> exit").plan
    assert hash(plan)
    assert repr(plan)


def test_ten_thousand_unknown_names_are_reported_without_waiting() -> None:
    text = "".join(f"on price where nme{n} > $3 -> exit\n" for n in range(2_000))
    text += "".join(f"let name{n} = 3\n" for n in range(2_000))
    assert len(compile_text(text).diagnostics) == 2_000
