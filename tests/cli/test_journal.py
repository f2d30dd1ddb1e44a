"""`run --journal` and `replay --journal` through the command's own door."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from rulec.runtime.journal import read_runs
from rulec.tests.runtime.journal.scenarios import SCENARIOS, Scenario
from rulec.tests.support.replaying import run

CARD = "a stop concludes the card's long"
SIZED = "param shares = 100 in 1..1000\non signal BUY -> enter long shares stop 3% target 8%\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Each test stands in a folder of its own: what lies in the user's must not matter."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(scenario: Scenario, rules: str | None = None) -> None:
    Path("card.rules").write_text(scenario.rules if rules is None else rules)
    Path("events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in scenario.events))


def lines(arguments: Sequence[str]) -> list[str]:
    """What a command printed, but for what only a run says: that it is ready, and the engine's own news."""
    code, out, errors = run([*arguments, "--json"])
    assert code == 0, errors
    return [line for line in out.splitlines() if json.loads(line)["type"] != "ready"]


def trade(*options: str) -> list[str]:
    return lines(["run", "card.rules", "--market", "events.jsonl", "--speed", "0", "--journal", "run.db", *options])


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_replayed_journal_prints_what_the_run_printed(name: str) -> None:
    write(SCENARIOS[name])
    recorded = trade("--latency", "50ms", "--slippage", "2bp", "--equity", "70000")
    assert any('"type":"fill"' in line for line in recorded)
    assert lines(["replay", "card.rules", "--journal", "run.db"]) == recorded


def test_the_recorded_session_that_ships_with_rulec_can_be_journalled_and_replayed(folder: Path) -> None:
    recorded = lines(["run", "--journal", "run.db", "--speed", "0"])
    shipped = Path(__file__).resolve().parents[2] / "examples" / "recorded" / "session.rules"
    replayed = lines(["replay", str(shipped), "--journal", "run.db"])
    assert [line for line in replayed if '"type":"summary"' not in line] == [
        line for line in recorded if '"type":"summary"' not in line
    ]


def test_a_journal_brings_the_params_and_options_of_its_run() -> None:
    write(SCENARIOS[CARD], SIZED)
    recorded = trade("--set", "shares=40", "--commission", "$0.01")
    replayed = lines(["replay", "card.rules", "--journal", "run.db"])
    assert replayed == recorded
    assert '"quantity":40' in replayed[1]


def test_options_come_before_what_the_journal_says() -> None:
    write(SCENARIOS[CARD], SIZED)
    trade("--set", "shares=40", "--equity", "70000")
    replayed = lines(["replay", "card.rules", "--journal", "run.db", "--set", "shares=30", "--equity", "80000"])
    assert '"quantity":30' in replayed[1]
    assert json.loads(replayed[-1])["equity"] == 80_000 - 30 * 5  # bought at 150, stopped at 145


def test_other_rules_meet_the_same_inputs() -> None:
    write(SCENARIOS[CARD], SIZED)
    trade("--set", "shares=40")
    write(SCENARIOS[CARD], "on signal BUY -> enter short 7 stop 3%\n")
    replayed = lines(["replay", "card.rules", "--journal", "run.db"])
    assert '"side":"SELL","quantity":7' in replayed[1]


def test_a_later_run_is_appended_and_the_last_one_is_replayed() -> None:
    write(SCENARIOS[CARD])
    first = trade()
    second = trade("--fill", "next")
    assert [header.run for header in read_runs("run.db")] == ["r0", "r1"]
    assert first != second
    assert lines(["replay", "card.rules", "--journal", "run.db"]) == second
    assert lines(["replay", "card.rules", "--journal", "run.db", "--run", "r0"]) == first


def test_the_configuration_of_the_run_is_in_the_journal_and_the_folders_is_not_read_again() -> None:
    write(SCENARIOS[CARD])
    Path("rulec.toml").write_text('[limits]\nonly_symbols = ["MSFT"]\n')
    assert '"outcome":"refused"' in trade()[0]
    Path("rulec.toml").write_text('[simulation]\nequity = "$1"\n')
    replayed = lines(["replay", "card.rules", "--journal", "run.db"])
    assert '"outcome":"refused"' in replayed[0]
    assert json.loads(replayed[-1])["equity"] == 100_000


REFUSED = [
    (["replay", "card.rules"], "Give one of --events FILE and --journal FILE"),
    (["replay", "card.rules", "--events", "events.jsonl", "--journal", "run.db"], "Give one of"),
    (["replay", "card.rules", "--events", "events.jsonl", "--run", "r0"], "--run names a run of a journal"),
    (["replay", "card.rules", "--journal", "run.db", "--run", "r9"], "run.db: the journal has no run r9"),
    (["replay", "card.rules", "--journal", "other.db"], "other.db: there is no such file"),
    (["replay", "card.rules", "--journal", "events.jsonl"], "events.jsonl: the file is no journal of rulec"),
    (["run", "card.rules", "--market", "events.jsonl", "--journal", "events.jsonl"], "is no journal of rulec"),
    (["run", "card.rules", "--market", "events.jsonl", "--journal", "no/run.db"], "no/run.db: cannot be opened"),
    (["replay", "card.rules", "--events", "events.jsonl", "--config", "no.toml"], "no.toml: there is no such file"),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED, ids=[" ".join(given) for given, _ in REFUSED])
def test_what_cannot_be_done_is_said_with_exit_code_2(arguments: list[str], message: str) -> None:
    write(SCENARIOS[CARD])
    trade()
    before = Path("events.jsonl").read_bytes()
    code, out, errors = run(arguments)
    assert (code, out) == (2, "")
    assert message in errors
    assert Path("events.jsonl").read_bytes() == before


def test_a_journal_that_cannot_grow_any_further_ends_the_run_with_exit_code_2() -> None:
    write(SCENARIOS[CARD])
    # a file may not grow beyond this: what the system says of a quota, in a process of its own
    script = (
        "import resource, sys\nresource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))\n"
        "from rulec.cli.main import main\n"
        "sys.exit(main(['run', 'card.rules', '--market', 'events.jsonl', '--speed', '0', '--journal', 'run.db']))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert "run.db: the journal cannot be used" in done.stderr
    assert "Traceback" not in done.stderr


# ---- rulec.toml


def test_the_file_in_the_folder_is_used_and_another_where_it_is_named() -> None:
    write(SCENARIOS[CARD], SIZED)
    replayed = ["replay", "card.rules", "--events", "events.jsonl"]
    assert '"quantity":100' in lines(replayed)[1]
    Path("rulec.toml").write_text("[params]\nshares = 20\n")
    assert '"quantity":20' in lines(replayed)[1]
    Path("other.toml").write_text("[params]\nshares = 30\n")
    assert '"quantity":30' in lines([*replayed, "--config", "other.toml"])[1]
    assert '"quantity":40' in lines([*replayed, "--config", "other.toml", "--set", "shares=40"])[1]


def test_options_come_before_the_file() -> None:
    write(SCENARIOS[CARD])
    Path("rulec.toml").write_text('[simulation]\nequity = "$50_000"\ncommission = "$0.01"\n')
    replayed = ["replay", "card.rules", "--events", "events.jsonl"]
    assert json.loads(lines(replayed)[-1])["equity"] == 50_000 - 500 - 2
    assert json.loads(lines([*replayed, "--equity", "60000"])[-1])["equity"] == 60_000 - 500 - 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[params]\nsharse = 3\n", "unknown param `sharse`: did you mean `shares`?"),
        ('[params]\nshares = "3%"\n', "`shares` is"),
        ('[policy]\nnaked_fr = "5s"\n', "rulec.toml:2: [policy] has no key `naked_fr`; did you mean `naked_for`?"),
    ],
)
@pytest.mark.parametrize("command", [["replay", "--events"], ["run", "--speed", "0", "--market"]])
def test_what_is_wrong_in_the_file_stops_the_command(command: list[str], text: str, message: str) -> None:
    write(SCENARIOS[CARD], SIZED)
    Path("rulec.toml").write_text(text)
    code, out, errors = run([*command, "events.jsonl", "card.rules"])
    assert (code, out) == (2, "")
    assert message in errors
