"""`rulec run` as a user meets it: real processes, each for a second or two."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pty
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest

from rulec.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
CARD = "on signal BUY where confidence>0.8 -> enter long 100 stop 3% target 8%\n"
SIGNAL = '{"symbol":"AAPL","signal":"BUY","confidence":0.91,"price":150.0}\n'
PATIENCE = 20.0
RECORDED = ("--market", "bars.csv", "--signals", "file:signals.jsonl")

# One day of two-minute bars: AAPL stands at 150, then rises to the target.
BARS = "time,symbol,open,high,low,close,volume\n" + "".join(
    f"2026-01-05T15:{minute:02d}:00Z,AAPL,{price},{price + 0.5},{price - 0.5},{price},1000\n"
    for minute, price in zip(range(0, 20, 2), [150, 150, 150, 151, 152, 155, 158, 161, 163, 163], strict=True)
)
TIMED = (
    '{"type":"signal","time":"2026-01-05T15:03:00Z","id":"a","symbol":"AAPL","signal":"BUY","confidence":0.9}\n'
    '{"type":"signal","time":"2026-01-05T15:07:00Z","id":"b","symbol":"AAPL","signal":"BUY","confidence":0.9}\n'
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a rule, bars and signals."""
    (tmp_path / "card.rules").write_text(CARD, encoding="utf-8")
    (tmp_path / "bars.csv").write_text(BARS, encoding="utf-8")
    (tmp_path / "signals.jsonl").write_text(TIMED, encoding="utf-8")
    return tmp_path


@attrs.frozen
class Done:
    """What a command that has ended printed, and its exit code."""

    returncode: int
    stdout: str
    stderr: str


class Rulec:
    """Calls `rulec` in this process, in a folder: a process of its own takes longer to start than to run."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self._capture = capture
        self._patch = patch
        patch.chdir(folder)

    def __call__(self, *arguments: str, given: str = "") -> Done:
        self._patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
        code = main(arguments)
        return Done(code, *self._capture.readouterr())


@pytest.fixture
def rulec(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Rulec:
    return Rulec(folder, capsys, monkeypatch)


def process(folder: Path, *arguments: str) -> Done:
    """Calls `rulec` in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "rulec", *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def json_lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


class Running:
    """A run whose lines are read one by one while it goes on."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        command = [sys.executable, "-m", "rulec", "run", *arguments]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=folder, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        self.lines: list[dict[str, Any]] = []

    def until(self, kind: str, **values: Any) -> dict[str, Any]:
        """Reads until a line of this type with these values comes."""
        assert self.process.stdout is not None
        while line := self.process.stdout.readline():
            self.lines.append(json.loads(line))
            last = self.lines[-1]
            if last["type"] == kind and all(last.get(name) == value for name, value in values.items()):
                return last
        raise AssertionError(f"no {kind} with {values} in {self.lines}; {self.process.communicate()[1]}")

    def write(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def stop(self, number: signal.Signals) -> int:
        """Stops it; the rest of its lines is read."""
        self.process.send_signal(number)
        rest, errors = self.process.communicate(timeout=PATIENCE)
        assert errors == ""
        self.lines += json_lines(rest)
        return self.process.returncode


@contextlib.contextmanager
def running(folder: Path, *arguments: str) -> Iterator[Running]:
    run = Running(folder, *arguments)
    try:
        yield run
    finally:
        run.process.kill()
        run.process.communicate()


# ---- without options -------------------------------------------------------------------------------------------------


def test_without_options_and_without_a_terminal_it_plays_the_recorded_session_as_plain_lines(tmp_path: Path) -> None:
    began = time.monotonic()
    done = process(tmp_path, "run")
    assert time.monotonic() - began < 10
    assert done.returncode == 0, done.stderr
    for part in (
        "flow_long acted: enter, scale in armed",
        "ignored, already that side",
        "flow_short acted: enter",
        "flow_short reversed",
        "flow_long acted: scale in",
        "closed long by target",
        "closed short by stop",
        "closed long by reverse",
        "5 trades closed",
    ):
        assert part in done.stdout, part
    assert done.stderr == ""
    assert "\x1b" not in done.stdout


def test_the_recorded_session_is_not_disturbed_by_a_configuration_in_the_folder(tmp_path: Path) -> None:
    (tmp_path / "rulec.toml").write_text("[params]\nno_such_param = 3\n", encoding="utf-8")
    assert process(tmp_path, "run").returncode == 0


def test_rules_alone_are_played_on_the_recorded_market_and_its_signals(tmp_path: Path) -> None:
    (tmp_path / "mine.rules").write_text("on signal BUY of IBM -> enter long 10 stop 1%\n", encoding="utf-8")
    done = process(tmp_path, "run", "mine.rules", "--json")
    first = json_lines(done.stdout)[1]
    assert (first["rule"], first["symbol"], first["outcome"]) == ("mine#1", "IBM", "acted")


def test_on_a_terminal_the_live_view_shows_the_session_and_leaves_the_summary(tmp_path: Path) -> None:
    output, code = on_a_terminal(tmp_path, "run", "--speed", "4000")
    assert code == 0
    for part in ("TRADES", "SIGNALS AND DECISIONS", "ORDERS AND FILLS", "flow_short", "times real time"):
        assert part in output, part
    assert output.index("\x1b[?1049h") < output.index("\x1b[?1049l") < output.index("5 trades closed")


def on_a_terminal(folder: Path, *arguments: str) -> tuple[str, int]:
    """What a command writes on a terminal of 100 by 30, and its exit code."""
    main, side = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", "LINES": "30"}
    process = subprocess.Popen(
        [sys.executable, "-m", "rulec", *arguments], cwd=folder, stdin=side, stdout=side, stderr=side, env=environment
    )
    os.close(side)
    chunks = []
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if select.select([main], [], [], 0.5)[0]:
            try:
                data = os.read(main, 65536)
            except OSError:  # a terminal whose other side is gone
                break
            if not data:
                break
            chunks.append(data)
    code = process.wait(timeout=PATIENCE)
    os.close(main)
    return b"".join(chunks).decode(), code


# ---- a recorded market -----------------------------------------------------------------------------------------------


def test_a_finite_market_ends_with_a_summary_and_merges_timed_signals(rulec: Rulec) -> None:
    done = rulec("run", "card.rules", *RECORDED, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    lines = json_lines(done.stdout)
    assert lines[0] == {"type": "ready"}
    decisions = [(line["time"], line["outcome"]) for line in lines if line["type"] == "decision"]
    assert decisions == [("2026-01-05T15:03:00Z", "acted"), ("2026-01-05T15:07:00Z", "ignored")]
    assert lines[-1]["type"] == "summary"
    assert lines[-1]["trades_closed"] == 1


@pytest.mark.parametrize("speed", ["0", "5000"])
def test_its_lines_are_those_of_replay_at_every_speed(rulec: Rulec, speed: str) -> None:
    options = ("--fill", "standing", "--json")
    replayed = rulec("replay", "card.rules", "--events", "bars.csv", "--events", "signals.jsonl", *options)
    ran = rulec(
        "run",
        "card.rules",
        *RECORDED,
        "--speed",
        speed,
        "--json",
    )
    assert ran.stdout == '{"type":"ready"}\n' + replayed.stdout
    assert '"closed"' in ran.stdout


def test_json_lines_are_a_market_too(folder: Path, rulec: Rulec) -> None:
    events = '{"type":"price","time":"2026-01-05T15:00:00Z","symbol":"AAPL","price":150}\n' + TIMED.splitlines()[0]
    (folder / "events.jsonl").write_text(events, encoding="utf-8")
    done = rulec("run", "card.rules", "--market", "events.jsonl")
    assert "fill      BUY 100 at 150.0" in done.stdout, "a standing price fills at once"
    assert "still open: AAPL long 100 at 150.00" in done.stdout
    assert "still working: AAPL stop SELL 100 stop 145.5" in done.stdout


def test_at_full_speed_standard_input_is_read_to_its_end_and_merged(rulec: Rulec) -> None:
    done = rulec("run", "card.rules", "--market", "bars.csv", "--signals", "-", "--json", given=TIMED)
    decisions = [line["time"] for line in json_lines(done.stdout) if line["type"] == "decision"]
    assert decisions == ["2026-01-05T15:03:00Z", "2026-01-05T15:07:00Z"]


def test_a_recorded_signal_without_a_time_is_received_when_the_market_begins(folder: Path, rulec: Rulec) -> None:
    (folder / "signals.jsonl").write_text(SIGNAL, encoding="utf-8")
    done = rulec("run", "card.rules", *RECORDED, "--json")
    (decision,) = [line for line in json_lines(done.stdout) if line["type"] == "decision"]
    assert (decision["time"], decision["outcome"]) == ("2026-01-05T15:00:00Z", "acted")


def test_the_simulation_is_set_by_options(rulec: Rulec) -> None:
    done = rulec(
        "run",
        "card.rules",
        *RECORDED,
        "--json",
        "--equity",
        "50000",
        "--commission",
        "$0.01",
        "--slippage",
        "$0.05",
    )
    lines = json_lines(done.stdout)
    fill = next(line for line in lines if line["type"] == "fill")
    assert (fill["price"], fill["commission"]) == (150.05, 1.0)
    assert 50_000 < lines[-1]["equity"] < 52_000


def test_a_journal_of_a_run_replays_the_same(rulec: Rulec) -> None:
    ran = rulec(
        "run",
        "card.rules",
        *RECORDED,
        "--json",
        "--journal",
        "run.db",
    )
    again = rulec("replay", "card.rules", "--journal", "run.db", "--json")
    assert ran.stdout == '{"type":"ready"}\n' + again.stdout


def test_the_configuration_is_used(folder: Path, rulec: Rulec) -> None:
    (folder / "rulec.toml").write_text("[simulation]\nequity = 20_000\n", encoding="utf-8")
    done = rulec("run", "card.rules", "--market", "bars.csv", "--json")
    assert json_lines(done.stdout)[-1]["equity"] == 20_000


# ---- what is refused before anything starts --------------------------------------------------------------------------

USAGE = [
    (["--broker", "webull"], "--broker webull: there is no such broker"),
    (["--broker", "ib://localhost:tws"], "the port is a number"),
    (["--broker", "ib://localhost?client=1"], "there is account and client_id"),
    (["--broker", "ib://localhost", "--market", "random:1"], "--market: market and fills are the broker's"),
    (["--broker", "ib://localhost", "--equity", "5000"], "--equity: market and fills are the broker's"),
    (["--live", "U1234567"], "--live: there is no such thing on the simulated exchange"),
    (["--release", "AAPL"], "--release: there is no such thing on the simulated exchange"),
    (["--market", "random:dice"], "the seed is a whole number"),
    (["--market", "random:1", "--market", "bars.csv"], "goes with no other"),
    (["--market", "random:1", "--speed", "2"], "runs on the system's clock"),
    (["--market", "bars.csv", "--speed", "-1"], "0 is as fast as it goes"),
    (["--market", "bars.csv", "--speed", "nan"], "0 is as fast as it goes"),
    (["--market", "nowhere.csv"], "nowhere.csv: cannot be read"),
    (["--market", "bars.csv", "--signals", "file:nowhere.jsonl"], "nowhere.jsonl: cannot be read"),
    (["--signals", "file:nowhere.jsonl"], "nowhere.jsonl: cannot be read"),
    (["--signals", "signals.jsonl"], "write `--signals file:signals.jsonl`"),
    (["--signals", "file:signals.jsonl?from=end"], "?from=start"),
    (["--signals", "file:"], "the file is missing"),
    (["--signals", "webhook://127.0.0.1:8000/x"], "this version reads signals from"),
    (["--signals", "-", "--signals", "-"], "twice"),
    (["--set", "x"], "NAME=VALUE"),
    (["--config", "nowhere.toml"], "nowhere.toml"),
]


@pytest.mark.parametrize(("arguments", "message"), USAGE, ids=[" ".join(words) for words, _ in USAGE])
def test_what_cannot_be_carried_out_is_told_in_a_line(rulec: Rulec, arguments: Sequence[str], message: str) -> None:
    done = rulec("run", "card.rules", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_a_broker_that_is_not_there_is_told_with_a_remedy(rulec: Rulec) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens there, and nobody else can
        done = rulec("run", "card.rules", "--broker", f"ib://127.0.0.1:{taken.getsockname()[1]}")
    assert done.returncode == 1
    assert "nothing listens at 127.0.0.1" in done.stderr
    assert "nothing was sent to the broker" in done.stderr
    assert done.stdout == ""


def test_a_malformed_line_of_a_recorded_file_stops_the_command_before_anything_starts(
    folder: Path, rulec: Rulec
) -> None:
    (folder / "signals.jsonl").write_text(TIMED + '{"symbol":"AAPL"}\n', encoding="utf-8")
    done = rulec("run", "card.rules", *RECORDED)
    assert (done.returncode, done.stdout) == (2, "")
    assert "signals.jsonl:3: " in done.stderr


def test_rules_with_errors_do_not_run(folder: Path, rulec: Rulec) -> None:
    (folder / "card.rules").write_text("on signal BUY -> enter long 100 stop 3\n", encoding="utf-8")
    done = rulec("run", "card.rules", "--market", "bars.csv")
    assert (done.returncode, done.stdout) == (1, "")
    assert "E202" in done.stderr


def test_standard_input_cannot_bring_both_rules_and_signals(rulec: Rulec) -> None:
    done = rulec("run", "-", "--market", "bars.csv", "--signals", "-", given=CARD)
    assert done.returncode == 2
    assert "not both" in done.stderr


# ---- live ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_signals_on_standard_input_are_traded_and_stopping_cancels_nothing(
    folder: Path, number: signal.Signals
) -> None:
    with running(folder, "card.rules", "--market", "random:7", "--signals", "-", "--json") as run:
        run.until("ready")
        run.write(SIGNAL + "nonsense\n")
        run.until("position", event="opened")
        notice = run.until("notice")
        assert notice["text"].startswith("<stdin>:2: malformed JSON")
        run.write('{"symbol":"KO","signal":"BUY","confidence":0.91,"time":"2026-01-05T15:00:00Z"}\n')
        assert run.until("decision", symbol="KO")["reason"] == "stale"
        assert run.stop(number) == 0
    assert f"stopped by {number.name}; nothing was cancelled; still working: AAPL stop" in run.lines[-2]["text"]
    assert run.lines[-1]["type"] == "summary"
    assert [position["symbol"] for position in run.lines[-1]["open_positions"]] == ["AAPL"]
    assert not any(line.get("status") == "cancelled" for line in run.lines)


def test_a_growing_file_is_followed_from_its_end(folder: Path) -> None:
    path = folder / "signals.jsonl"
    with running(folder, "card.rules", "--signals", "file:signals.jsonl", "--json") as run:
        run.until("ready")
        with path.open("a", encoding="utf-8") as file:
            file.write("{broken\n" + SIGNAL)
        assert run.until("notice")["text"].startswith("signals.jsonl:3: malformed JSON")
        assert run.until("decision")["outcome"] == "acted"
        assert run.stop(signal.SIGINT) == 0
    assert sum(line["type"] == "decision" for line in run.lines) == 1


def test_from_start_reads_what_the_file_holds(folder: Path) -> None:
    with running(folder, "card.rules", "--signals", "file:signals.jsonl?from=start", "--json") as run:
        assert run.until("decision")["reason"] == "stale"
        assert run.stop(signal.SIGTERM) == 0


def test_beside_a_paced_market_a_growing_file_gets_the_markets_time(folder: Path) -> None:
    arguments = (*RECORDED, "--speed", "60", "--json")
    (folder / "signals.jsonl").write_text("", encoding="utf-8")
    with running(folder, "card.rules", *arguments) as run:
        run.until("ready")
        with (folder / "signals.jsonl").open("a", encoding="utf-8") as file:
            file.write(SIGNAL)
        decision = run.until("decision")
        assert decision["time"].startswith("2026-01-05T15:"), "the recording's day, not today"
        assert decision["outcome"] == "acted"
        assert run.stop(signal.SIGINT) == 0


def test_a_market_made_up_is_believed_rather_than_a_signals_price(folder: Path) -> None:
    rules = "on signal BUY of AAPL -> enter long 100 stop 3% target 8%\n"
    (folder / "card.rules").write_text(rules, encoding="utf-8")
    with running(folder, "card.rules", "--market", "random:7", "--signals", "-", "--json") as run:
        run.until("ready")
        run.write('{"symbol":"AAPL","signal":"BUY","price":1.0}\n')
        fill = run.until("fill")
        run.until("position", event="opened")
        assert run.stop(signal.SIGINT) == 0
    stops = [line["stop_price"] for line in run.lines if line.get("role") == "stop"]
    assert stops == [pytest.approx(fill["price"] * 0.97, abs=0.011)]


def test_symbols_that_the_rules_name_are_quoted_without_a_signal(folder: Path) -> None:
    (folder / "price.rules").write_text("on price of KO where price > $1 -> enter long 10 stop 5%\n", encoding="utf-8")
    with running(folder, "price.rules", "--market", "random:3", "--json") as run:
        assert run.until("decision")["symbol"] == "KO"
        order = run.until("order", role="main")
        assert order["id"].partition("-")[0].isdigit(), "a live run's ids start with its start time in seconds"
        assert run.stop(signal.SIGINT) == 0


def test_a_reader_that_goes_away_ends_the_run_without_a_traceback(tmp_path: Path) -> None:
    command = f"{sys.executable} -m rulec run --json | head -1"
    done = subprocess.run(
        command, shell=True, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.stdout == '{"type":"ready"}\n'
    assert done.stderr == ""
