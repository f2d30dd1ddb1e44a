"""Market data that is not there: nothing is entered without it, and what is held stays protected."""

from __future__ import annotations

from pathlib import Path

import pytest

from rulec.tests.support.fault_scene import RULES, scene

pytestmark = pytest.mark.clients  # real processes, for seconds each


@pytest.mark.parametrize(
    ("code", "state", "reason"),
    [
        (10167, "delayed", "delayed data"),
        (354, "none", "no market data"),
        pytest.param(10089, "none", "no market data", marks=pytest.mark.long),
    ],
)
def test_a_symbol_without_live_data_is_not_entered(tmp_path: Path, code: int, state: str, reason: str) -> None:
    with scene(tmp_path) as at:
        at.start()
        at.fault("refuse", message="reqMktData", code=code, client=1)
        assert at.decides("BUY")["reason"] == reason
        at.hears(f"market data of AAPL: {state}")
        at.quote(150.0)
        assert at.decides("BUY")["reason"] == reason
        at.rests()
        at.buys("MSFT")
        at.rests(MSFT=100)


def test_a_symbol_that_the_broker_does_not_know_is_not_entered(tmp_path: Path) -> None:
    with scene(tmp_path) as at:
        at.start()
        at.fault("refuse", message="reqContractDetails", code=200, client=1, text="No security definition")
        assert at.decides("BUY")["reason"] == "unknown symbol"
        at.hears("market data of AAPL: unknown symbol")
        at.rests()


@pytest.mark.long
def test_a_rule_that_names_an_unknown_symbol_does_not_stop_the_others(tmp_path: Path) -> None:
    rules = RULES + "rule odd on signal ODD of [QQ.ZZ.A, MSFT] -> enter long 1 stop $1 away\n"
    with scene(tmp_path, rules=rules) as at:
        at.start()
        at.buys()
        at.rests(AAPL=100)
