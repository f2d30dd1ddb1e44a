"""`rulec run --broker ib://…` against a gateway on a socket: real processes, each for a few seconds."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from rulec.cli.main import main
from rulec.tests.support.processes import Gateway, Process, gateway, running

RULES = """\
limits { max position 50% of equity }
rule buy on signal BUY -> enter long 100 stop 3% target 8%
rule out on signal OUT -> exit
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "card.rules").write_text(RULES, encoding="utf-8")
    return tmp_path


@pytest.fixture
def broker(folder: Path) -> Iterator[Gateway]:
    with gateway(folder, "--market", "random:7") as listening:
        yield listening


def tell(run: Process, kind: str, symbol: str = "AAPL") -> None:
    run.write(json.dumps({"symbol": symbol, "signal": kind, "confidence": 0.9}) + "\n")


def arguments(broker: Gateway, *more: str, client: int = 1) -> tuple[str, ...]:
    return ("run", "card.rules", "--broker", broker.address(client), "--signals", "-", "--json", *more)


def working(broker: Gateway) -> list[str]:
    """The types of the orders that work at the exchange."""
    orders = broker.ask({"ask": "orders"})["orders"]
    return sorted(order["type"] for order in orders if order["status"] in ("Submitted", "PreSubmitted"))


def test_a_signal_becomes_a_protected_position_and_stopping_leaves_it_so(folder: Path, broker: Gateway) -> None:
    with running(folder, *arguments(broker)) as run:
        run.until("ready")
        tell(run, "BUY")
        run.until("position", event="opened")
        assert run.stop(signal.SIGTERM) == 0
        assert run.lines[-1]["type"] == "summary"
    assert working(broker) == ["LMT", "STP"]


def test_a_killed_run_goes_on_from_its_journal_and_replays_as_one(folder: Path, broker: Gateway) -> None:
    with running(folder, *arguments(broker, "--journal", "run.db")) as first:
        first.until("ready")
        tell(first, "BUY")
        first.until("position", event="opened")
        first.kill()
    with running(folder, *arguments(broker, "--journal", "run.db")) as second:
        second.until("ready")
        assert [line["text"] for line in second.lines if line["type"] == "notice"][:1] == [
            "at the broker: 2 orders of ours work"
        ]
        tell(second, "OUT")
        closed = second.until("position", event="closed")
        assert second.stop() == 0
    assert closed["reason"] == "exit"
    assert working(broker) == []
    with running(folder, "replay", "--journal", "run.db", "--json") as again:
        assert again.wait() == 0, again.text
    kinds = ("decision", "order", "fill", "position")
    assert [line for line in again.lines if line["type"] in kinds] == [
        line for line in (*first.lines, *second.lines) if line["type"] in kinds
    ]


def test_rules_and_params_that_changed_meanwhile_are_shown_and_hold(folder: Path, broker: Gateway) -> None:
    (folder / "card.rules").write_text("param lots = 100\n" + RULES.replace("100 stop", "lots stop"), encoding="utf-8")
    with running(folder, *arguments(broker, "--journal", "run.db")) as first:
        first.until("ready")
        assert first.stop() == 0
    saved = (folder / "card.rules").read_text(encoding="utf-8") + "rule more on signal MORE -> exit\n"
    (folder / "card.rules").write_text(saved, encoding="utf-8")
    with running(folder, *arguments(broker, "--journal", "run.db", "--set", "lots=30")) as second:
        second.until("ready")
        reload = second.until("reload")
        tell(second, "BUY")
        assert second.until("position", event="opened")["quantity"] == 30
        second.kill()
    assert ([one["rule"] for one in reload["added"]], [one["rule"] for one in reload["changed"]]) == (["more"], ["buy"])
    with running(folder, *arguments(broker, "--journal", "run.db", "--set", "lots=30")) as third:
        third.until("ready")
        assert third.find("reload") is None
        tell(third, "OUT")
        assert third.until("position", event="closed")["reason"] == "exit"
        assert third.stop() == 0


def test_actions_that_only_the_recorded_rules_call_are_loaded_for_them(folder: Path, broker: Gateway) -> None:
    (folder / "rulec.toml").write_text('[actions]\nmodule = "mine.py"\n', encoding="utf-8")
    (folder / "mine.py").write_text(
        "from rulec.runtime.rule import rule_action\n\n@rule_action\ndef note(context):\n    return 'noted'\n",
        encoding="utf-8",
    )
    (folder / "card.rules").write_text(RULES + "rule ask on signal ASK -> call note()\n", encoding="utf-8")
    with running(folder, *arguments(broker, "--journal", "run.db", "--no-watch")) as first:
        first.until("ready")
        tell(first, "ASK")
        first.until("decision", rule="ask", outcome="acted")
        assert first.stop() == 0
    (folder / "card.rules").write_text(RULES, encoding="utf-8")
    with running(folder, *arguments(broker, "--journal", "run.db", "--no-watch")) as second:
        second.until("ready")
        assert [one["rule"] for one in second.until("reload")["removed"]] == ["ask"]
        assert second.stop() == 0
    with running(folder, "replay", "--journal", "run.db", "--json") as again:
        assert again.wait() == 0, again.text
    assert again.find("decision", rule="ask", outcome="acted") is not None


def test_orders_of_this_instance_that_no_journal_explains_stop_the_start(folder: Path, broker: Gateway) -> None:
    with running(folder, *arguments(broker, "--journal", "run.db")) as first:
        first.until("ready")
        tell(first, "BUY")
        first.until("position", event="opened")
        first.kill()
    with running(folder, *arguments(broker, "--journal", "other.db")) as second:
        assert second.wait() == 1
    assert "other.db does not know them" in "".join(second.errors)
    assert "nothing was sent to the broker" in "".join(second.errors)
    assert working(broker) == ["LMT", "STP"]


def test_a_journal_with_open_trades_is_not_lent_to_another_client(folder: Path, broker: Gateway) -> None:
    with running(folder, *arguments(broker, "--journal", "run.db")) as first:
        first.until("ready")
        tell(first, "BUY")
        first.until("position", event="opened")
        first.kill()
    with running(folder, *arguments(broker, "--journal", "run.db", client=2)) as second:
        assert second.wait() == 1
    assert "as client 1, instance 1, and has trades or orders open" in "".join(second.errors)


def test_a_dry_run_decides_and_sends_nothing_that_opens(folder: Path, broker: Gateway) -> None:
    with running(folder, *arguments(broker, "--dry-run")) as run:
        run.until("ready")
        tell(run, "BUY")
        decision = run.until("decision", outcome="refused")
        assert run.stop() == 0
    assert decision["reason"] == "dry run"
    assert broker.ask({"ask": "orders"})["orders"] == []


def test_a_symbol_with_shares_of_others_enters_nothing_also_when_it_is_released(folder: Path, broker: Gateway) -> None:
    assert "error" not in broker.ask({"quote": "AAPL", "bid": 343.0, "ask": 343.1})
    assert "error" not in broker.ask({"fault": "manual", "symbol": "AAPL", "action": "BUY", "quantity": 30})
    with running(folder, *arguments(broker, "--journal", "run.db")) as first:
        first.until("ready")
        tell(first, "BUY")
        assert first.until("decision", outcome="refused")["reason"] == "foreign shares"
        assert first.stop() == 0
    texts = [line["text"] for line in first.lines if line["type"] == "notice"]
    assert any(text.startswith("AAPL: +30 shares are not rulec's") for text in texts), texts
    with running(folder, *arguments(broker, "--journal", "run.db", "--release", "AAPL")) as second:
        second.until("ready")
        tell(second, "BUY")
        assert second.until("decision", rule="buy", outcome="refused")["reason"] == "foreign shares"
        assert second.stop() == 0


def test_saved_rules_are_taken_up_at_a_broker_too(folder: Path, broker: Gateway) -> None:
    with running(folder, *arguments(broker)) as run:
        run.until("ready")
        saved = folder / "saved"
        saved.write_text(RULES.replace("100 stop", "50 stop"), encoding="utf-8")
        saved.replace(folder / "card.rules")
        run.until("reload")
        tell(run, "BUY")
        assert run.until("position", event="opened")["quantity"] == 50
        assert run.stop() == 0


def test_an_account_with_real_money_has_to_be_spelt_out(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with gateway(folder, "--market", "random:7", "--account", "U1234567") as broker:
        assert main(["run", str(folder / "card.rules"), "--broker", broker.address()]) == 1
        assert "--live U1234567" in capsys.readouterr().err
        with running(folder, *arguments(broker, "--live", "U1234567")) as run:
            run.until("ready")
            assert run.stop() == 0
