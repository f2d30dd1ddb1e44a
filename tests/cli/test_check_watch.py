"""`rulec check --watch`: a process that checks again at each save, until Ctrl-C."""

from __future__ import annotations

import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from rulec.cli.main import main

PATIENCE = 30.0  # seconds until a line must have come


class Watching:
    """A running `rulec check --watch`, and the lines that it writes to standard error."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "rulec", "check", "--watch", "--format", "concise", "."],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._lines.put(line.strip())

    def wait_for(self, wanted: str) -> None:
        while self._lines.get(timeout=PATIENCE) != wanted:
            pass


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[Watching]:
    (tmp_path / "a.rules").write_text("on signal SELL -> exit\n")
    running = Watching(tmp_path)
    yield running
    running.process.kill()
    running.process.wait()
    assert running.process.stderr is not None
    running.process.stderr.close()


def test_each_save_is_checked_and_ctrl_c_ends_it_well(watching: Watching, tmp_path: Path) -> None:
    watching.wait_for("1 file, 1 rule: no errors")
    (tmp_path / "a.rules").write_text("on signal SELL -> exot\n")
    watching.wait_for("1 file: 1 error")
    (tmp_path / "b.rules").write_text("on signal BUY -> exit\n")
    (tmp_path / "a.rules").write_text("on signal SELL -> exit\n")
    watching.wait_for("2 files, 2 rules: no errors")
    watching.process.send_signal(signal.SIGINT)
    assert watching.process.wait(timeout=PATIENCE) == 0


def test_watching_goes_with_neither_fixes_nor_standard_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--watch", "-"]) == 2
    assert main(["check", "--watch", "--fix", "."]) == 2
    assert "not with --fix" in capsys.readouterr().err
