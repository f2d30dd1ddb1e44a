"""`rulec gateway` and `rulec run` as processes of their own, met through their sockets and their lines."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30.0
"""Seconds after which a test gives up waiting."""


class Process:
    """A `rulec` command that prints JSON lines, read as they come."""

    def __init__(self, folder: Path, *arguments: str, python: Path | None = None) -> None:
        """`python` is an interpreter that rulec is not installed for; it is run from its sources then."""
        environment = dict(os.environ)
        if python is not None:
            beside = folder / "sources"
            beside.mkdir(exist_ok=True)
            if not (beside / "rulec").exists():
                (beside / "rulec").symlink_to(ROOT, target_is_directory=True)
            environment["PYTHONPATH"] = str(beside)
        self.process = subprocess.Popen(
            [python or sys.executable, "-m", "rulec", *arguments],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines: list[dict[str, Any]] = []
        self.errors: list[str] = []
        self._news = threading.Condition()
        self._over = False
        self._readers = [threading.Thread(target=read, daemon=True) for read in (self._read, self._read_errors)]
        for reader in self._readers:
            reader.start()

    def until(self, kind: str, **values: Any) -> dict[str, Any]:
        """The first line of this type with these values; waits for it."""
        found = self.find(kind, **values)
        end = time.monotonic() + PATIENCE
        with self._news:
            while found is None:
                left = end - time.monotonic()
                if left <= 0 or (self._over and self.find(kind, **values) is None):
                    raise AssertionError(f"no {kind} with {values}:\n{self.text}")
                self._news.wait(min(left, 0.5))
                found = self.find(kind, **values)
        return found

    def find(self, kind: str, **values: Any) -> dict[str, Any] | None:
        for line in list(self.lines):
            if line["type"] == kind and all(line.get(name) == value for name, value in values.items()):
                return line
        return None

    def of(self, kind: str, **values: Any) -> list[dict[str, Any]]:
        return [
            line
            for line in list(self.lines)
            if line["type"] == kind and all(line.get(name) == value for name, value in values.items())
        ]

    @property
    def text(self) -> str:
        return "\n".join([*map(json.dumps, self.lines[-60:]), *self.errors])

    def write(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def wait(self, seconds: float = PATIENCE) -> int:
        """Waits for its end; answers its exit code."""
        code = self.process.wait(seconds)
        for reader in self._readers:
            reader.join(PATIENCE)
        return code

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.wait()

    def kill(self) -> None:
        self.process.kill()
        self.wait()

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with contextlib.suppress(ValueError):  # closed while it reads: nobody waits any more
            for line in self.process.stdout:
                with self._news:
                    self.lines.append(json.loads(line))
                    self._news.notify_all()
        with self._news:
            self._over = True
            self._news.notify_all()

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        with contextlib.suppress(ValueError):
            for line in self.process.stderr:
                self.errors.append(line.rstrip())


@contextlib.contextmanager
def running(folder: Path, *arguments: str, python: Path | None = None) -> Iterator[Process]:
    """A command that is killed at the end, if it has not ended by itself."""
    process = Process(folder, *arguments, python=python)
    try:
        yield process
    finally:
        process.close()


@attrs.frozen
class Gateway:
    """A gateway stand-in that listens."""

    process: Process
    port: int
    control: int

    def address(self, client_id: int = 1, **more: str) -> str:
        query = "".join(f"&{name}={value}" for name, value in more.items())
        return f"ib://127.0.0.1:{self.port}?client_id={client_id}{query}"

    def ask(self, line: dict[str, Any]) -> dict[str, Any]:
        """Says a line to the control port; answers what it answers."""
        with socket.create_connection(("127.0.0.1", self.control), PATIENCE) as there:
            there.sendall(json.dumps(line).encode() + b"\n")
            answer: dict[str, Any] = json.loads(there.makefile().readline())
        return answer


@contextlib.contextmanager
def gateway(folder: Path, *arguments: str) -> Iterator[Gateway]:
    """A gateway with a control port, on free ports."""
    with running(folder, "gateway", "--port", "0", "--control", "0", "--json", *arguments) as process:
        ready = process.until("ready")
        yield Gateway(process, ready["port"], ready["control"])
