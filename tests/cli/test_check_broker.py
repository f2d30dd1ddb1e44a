"""`rulec check --broker`: the rules' symbols and order types, asked of a gateway on a socket."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from rulec.cli.main import main
from rulec.tests.support.processes import Gateway, gateway

RULES = "rule a on signal BUY of [AAPL, BRK.B] -> enter long 1 stop 3%\n"


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with gateway(tmp_path_factory.mktemp("gateway"), "--market", "random:7") as listening:
        yield listening


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("a.rules").write_text(RULES, encoding="utf-8")
    return tmp_path


def test_every_symbol_is_told_with_its_contract_and_its_data(
    broker: Gateway, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "a.rules", "--ignore", "W409", "--broker", broker.address(9)]) == 0
    told = capsys.readouterr()
    assert [line.partition(", contract")[0] for line in told.out.splitlines()] == [
        "info: AAPL: AAPL STAND-IN CORP on NASDAQ",
        "info: AAPL: live market data",
        "info: BRK.B: BRK B STAND-IN CORP on NYSE",
        "info: BRK.B: live market data",
    ]
    assert told.err == "1 file, 1 rule: no errors\n"


def test_a_symbol_that_the_broker_does_not_know_fails(broker: Gateway, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.rules").write_text("rule a on signal BUY of [AAPL, NOSUCH] -> enter long 1 stop 3%\n", encoding="utf-8")
    assert main(["check", "a.rules", "--broker", broker.address(9)]) == 1
    assert "error: NOSUCH: " in capsys.readouterr().out


def test_programs_get_findings_behind_the_diagnostics(broker: Gateway, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "a.rules", "--format", "json", "--broker", broker.address(9)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(one["code"], one["severity"]) for one in told] == [("W409", "warning"), *[("broker", "info")] * 4]
    assert {one["path"] for one in told if one["code"] == "broker"} == {f"ib://127.0.0.1:{broker.port}"}


def test_rules_with_errors_are_told_without_asking_anybody(capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.rules").write_text("on signal BUY -> enter long 1 stop 3\n", encoding="utf-8")
    assert main(["check", "a.rules", "--broker", "ib://127.0.0.1:1"]) == 1
    assert "E202" in capsys.readouterr().out


def test_rules_that_name_no_symbol_leave_nothing_to_ask(broker: Gateway, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.rules").write_text("on signal BUY -> enter long 1 stop 3%\n", encoding="utf-8")
    assert main(["check", "a.rules", "--ignore", "W409", "--broker", broker.address(9)]) == 0
    assert "name no symbol to ask about" in capsys.readouterr().out


def test_a_broker_that_is_not_there_cannot_be_asked(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert main(["check", "a.rules", "--broker", f"ib://127.0.0.1:{taken.getsockname()[1]}"]) == 2
    assert "nothing listens" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--broker", "tws"], "is no address"),
        (["--broker", "ib://127.0.0.1", "--format", "sarif"], "not with --format sarif"),
        (["--broker", "ib://127.0.0.1", "--watch"], "not with --watch"),
    ],
    ids=["no address", "another format", "watching"],
)
def test_what_makes_no_sense_is_refused(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "a.rules", *arguments]) == 2
    assert message in capsys.readouterr().err
