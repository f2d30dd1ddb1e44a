"""One environment for each client library, built once and kept: no two of the libraries get on in one environment.

`$RULEC_CLIENT_ENVIRONMENTS`, else `~/.cache/rulec-tests/clients`, holds a folder for each library, version and Python.
A file written last says from which pins it was built: without it, or with other pins, it is built afresh.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

LIBRARIES = ("ib_insync", "ib_async", "ibapi")
RULEC = "rulec_"
"""Before a library's name: the environment has what rulec itself needs, too, with this library for its broker."""
PINS = Path(__file__).resolve().parents[2] / "requirements" / "clients"
BUILD_PINS = PINS / "build.txt"
_COMPLETE = "complete"
_LINES_SHOWN = 15


class EnvironmentFailed(Exception):
    """A library could not be installed; the text says why, and what to do."""


def interpreter_of(library: str) -> Path:
    """The Python that has this library, and none of the others. Builds its environment where that is not there yet.

    Raises:
        EnvironmentFailed: it cannot be built, mostly for want of a network.
    """
    folder = cache_folder() / folder_name(library)
    interpreter = folder / "bin" / "python"
    wanted = _fingerprint(library)
    with locked(folder.with_name(folder.name + ".lock")):
        if not _is_complete(folder, wanted):
            shutil.rmtree(folder, ignore_errors=True)
            _build(library, folder, interpreter)
            (folder / _COMPLETE).write_text(wanted, encoding="utf-8")
    return interpreter


def cache_folder() -> Path:
    """Where the environments are kept."""
    named = os.environ.get("RULEC_CLIENT_ENVIRONMENTS")
    return Path(named) if named else Path.home() / ".cache" / "rulec-tests" / "clients"


def folder_name(library: str) -> str:
    """The name of a library's environment, its version and Python's in it."""
    return f"{library}-{version_of(library)}-py{sys.version_info.major}.{sys.version_info.minor}"


def version_of(library: str) -> str:
    """The version that is pinned."""
    name = library.removeprefix(RULEC).replace("_", "-")
    pin = re.search(rf"^{name}==(\S+)", _pins(library).read_text(encoding="utf-8"), re.MULTILINE)
    if pin is None:
        raise EnvironmentFailed(f"{_pins(library)} does not pin {library}")
    return pin[1]


def _pins(library: str) -> Path:
    return PINS / f"{library}.txt"


def _fingerprint(library: str) -> str:
    """Changes with the pins and with the Python that the environment stands on."""
    pins = BUILD_PINS.read_bytes() + _pins(library).read_bytes()
    return f"{hashlib.sha256(pins).hexdigest()} {sys.version} {sys.base_prefix}"


def _is_complete(folder: Path, wanted: str) -> bool:
    complete = folder / _COMPLETE
    return complete.is_file() and complete.read_text(encoding="utf-8") == wanted


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Others who want to make the same wait, and find it done."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _build(library: str, folder: Path, interpreter: Path) -> None:
    _run(library, [sys.executable, "-m", "venv", "--without-pip", str(folder)])
    install = [sys.executable, "-m", "pip", "--python", str(interpreter), "install", "--quiet", "--require-hashes"]
    install += ["--disable-pip-version-check", "--no-input", "--retries", "2"]
    # What builds comes first: ibapi has no wheel, and would otherwise fetch what it is built with unpinned.
    _run(library, [*install, "--requirement", str(BUILD_PINS)])
    _run(library, [*install, "--no-build-isolation", "--requirement", str(_pins(library))])


def _run(library: str, command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        end = "\n".join((done.stdout + done.stderr).strip().splitlines()[-_LINES_SHOWN:])
        raise EnvironmentFailed(
            f"the environment with {library} could not be built, and is not in {cache_folder()}.\n"
            f"It needs a network once; RULEC_CLIENT_ENVIRONMENTS names a folder that has it.\n"
            f"{' '.join(command)}\n{end}"
        )
