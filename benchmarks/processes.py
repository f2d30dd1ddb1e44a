"""Measures whole processes in turn, from their start to their end: time, and the most memory they held.

They run as a user's would, with compiled bytecode and a grammar cache: the first, uncounted round writes what is not
there yet, the grammar cache in a folder of this run's own. A small launcher starts them, because the memory that the
kernel reports for a process is never less than what its parent held when it was started.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from .harness import Timing, WrongAnswerError

ROOT = Path(__file__).resolve().parents[1]
LAUNCHER = Path(__file__).with_name("launcher.py")

_SPOILERS = ("PYTHONDONTWRITEBYTECODE", "PYTHONPROFILEIMPORTTIME", "PYTHONDEVMODE", "PYTHONTRACEMALLOC")


@attrs.frozen
class ProcessTiming:
    """Processor time of a process, its wall time in seconds (the median) and its peak memory in MB."""

    processor: Timing
    wall: float
    megabytes: float


def python(*arguments: str) -> list[str]:
    """A command for this very Python."""
    return [sys.executable, *arguments]


def measure_processes(commands: Mapping[str, Sequence[str]], rounds: int, folder: Path) -> dict[str, ProcessTiming]:
    """Runs every command once a round, after a first round that fills the caches in the folder.

    Raises:
        WrongAnswerError: a command did not end with exit code 0.
    """
    environment = {name: value for name, value in os.environ.items() if name not in _SPOILERS}
    environment["XDG_CACHE_HOME"] = str(folder / "cache")
    taken: dict[str, list[_Run]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            run = _launch(name, command, environment)
            if number:
                taken[name].append(run)
    return {
        name: ProcessTiming(
            Timing(tuple(run.processor for run in runs)),
            statistics.median(run.wall for run in runs),
            max(run.megabytes for run in runs),
        )
        for name, runs in taken.items()
    }


@attrs.frozen
class _Run:
    code: int
    processor: float
    wall: float
    megabytes: float


def _launch(name: str, command: Sequence[str], environment: Mapping[str, str]) -> _Run:
    launched = subprocess.run(
        [sys.executable, "-I", "-S", str(LAUNCHER), *command],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if launched.returncode:
        raise WrongAnswerError(f"{name} could not be started: {launched.stderr.strip()}")
    run = _Run(**json.loads(launched.stdout))
    if run.code:
        raise WrongAnswerError(f"{name} ended with exit code {run.code}: {launched.stderr.strip()[-500:]}")
    return run
