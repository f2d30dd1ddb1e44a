"""Finds and reads the rule files that a command names: files, folders with `.rules` files below them, and `-`.

Files come in the order given, those of a folder sorted by path, each once however often it is named. A path that
can't be read is a problem to be told, with its remedy; a file that is no text is a diagnostic with its place.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import attrs

from .diagnostics import Diagnostic
from .record import Record
from .source import LARGEST_FILE, SourceFile
from .spelling import nearest
from .suggest import did_you_mean

SUFFIX = ".rules"
STANDARD_INPUT = "-"


@attrs.frozen(eq=False, repr=False)
class Problem(Record):
    """A path that could not be used: why, and what to do about it."""

    path: str
    message: str
    help: str | None = None


@attrs.frozen(eq=False, repr=False)
class Library(Record):
    """What was read.

    `sources` are to be compiled. `damaged` are files that are no text, there to draw the place of the `diagnostics`
    (E004, E006). With `problems` the command can't be carried out.
    """

    sources: tuple[SourceFile, ...]
    damaged: tuple[SourceFile, ...]
    diagnostics: tuple[Diagnostic, ...]
    problems: tuple[Problem, ...]


def read_rules(paths: Sequence[str], standard_input: BinaryIO) -> Library:
    """Read the rule files named by `paths`, in order; `standard_input` is read for `-`."""
    sources: list[SourceFile] = []
    damaged: list[SourceFile] = []
    diagnostics: list[Diagnostic] = []
    problems: list[Problem] = []
    seen: set[str] = set()
    for path in paths:
        found = [path] if path == STANDARD_INPUT or not os.path.isdir(path) else list(_below(path))
        if not found:
            help_text = f"name a file, or a folder with files that end in `{SUFFIX}`"
            problems.append(Problem(path, f"no `{SUFFIX}` file in this folder", help_text))
        for name in found:
            identity = name if name == STANDARD_INPUT else os.path.realpath(name)
            if identity in seen:
                continue
            seen.add(identity)
            data = _read(name, standard_input)
            if isinstance(data, Problem):
                problems.append(data)
                continue
            source, wrong = SourceFile.from_bytes(name, data)
            diagnostics += wrong
            (damaged if wrong else sources).append(source)
    return Library(tuple(sources), tuple(damaged), tuple(diagnostics), tuple(problems))


def _below(folder: str) -> Iterator[str]:
    """The rule files in a folder and its folders, sorted by path; hidden folders are left alone."""
    found: list[str] = []
    for where, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [os.path.join(where, name) for name in files if name.endswith(SUFFIX)]
    return iter(sorted(found))


def _read(path: str, standard_input: BinaryIO) -> bytes | Problem:
    """The bytes of a file, no more than are needed to see that it is too large."""
    try:
        if path == STANDARD_INPUT:
            return standard_input.read(LARGEST_FILE + 1)
        with open(path, "rb") as file:
            return file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        return Problem(path, "there is no such file or folder", _neighbour(path))
    except PermissionError:
        return Problem(path, "the file may not be read", "give yourself the right to read it")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return Problem(path, f"the file could not be read: {reason}")


def _neighbour(path: str) -> str | None:
    """A rule file or folder in the same place with a name like the missing one."""
    missing = Path(path)
    try:
        names = [entry.name for entry in missing.parent.iterdir() if entry.is_dir() or entry.suffix == SUFFIX]
    except (OSError, ValueError):
        return None  # the folder is missing too, or may not be listed: there is nothing to suggest
    near = nearest(missing.name, names)
    return None if near is None else did_you_mean(str(missing.parent / near))
