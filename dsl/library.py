"""Finds and reads rule files: those that a command names (files, folders with `.rules` files below them, and `-`),
and those that a `use` names.

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
from .imports import Found, NotFound
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


def is_rule_file(name: str) -> bool:
    """Whether a file of this name in a folder is one of rules; what editors and systems hide beside these is none."""
    return name.endswith(SUFFIX) and not name.startswith(".")


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


_STANDARD = Path(__file__).parent.parent / "stdlib_rules"
_STANDARD_PREFIX = "<std>/"
"""What the paths of the rules that ship with rulec start with, as people see them; no folder is called so."""


def file_of(path: str) -> str:
    """Where a path that people see stands on the disk: `<std>/exits.rules` is among the rules that ship with rulec."""
    return str(_STANDARD / path.removeprefix(_STANDARD_PREFIX)) if path.startswith(_STANDARD_PREFIX) else path


class FileLoader:
    """Finds used files on the disk: a path is looked for beside the file that uses it, `std` names what is shipped."""

    def identity(self, path: str) -> str:
        return path if path == STANDARD_INPUT else os.path.realpath(file_of(path))

    def locate(self, target: str | tuple[str, ...], importer: str) -> str | NotFound:
        if isinstance(target, tuple):
            return _module(target)
        if not target:
            return NotFound("no file is named here", 'write `use "shared/limits.rules"`')
        if os.path.isabs(target):
            message = "a used file is named by its way from the file that uses it, not from the root"
            return NotFound(message, 'write `use "shared/limits.rules"`')
        if importer.startswith(_STANDARD_PREFIX):
            return os.path.normpath(os.path.join(os.path.dirname(importer), target))
        folder = "" if importer == STANDARD_INPUT else os.path.dirname(importer)
        return os.path.normpath(os.path.join(folder, target))

    def read(self, path: str) -> Found | NotFound:
        where = file_of(path)
        try:
            if os.path.isdir(where):
                return NotFound(
                    f"`{path}` is a folder", f"name a file in it, such as `{os.path.normpath(path + '/limits.rules')}`"
                )
            if os.path.exists(where) and not os.path.isfile(where):
                return NotFound(f"`{path}` is no file of text", "name a file of rules")
            with open(where, "rb") as file:
                data = file.read(LARGEST_FILE + 1)
        except FileNotFoundError:
            help_text = _neighbour(where) or "a path is looked for beside the file that uses it"
            return NotFound(f"there is no file `{path}`", help_text)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            return NotFound(f"`{path}` could not be read: {reason}")
        source, wrong = SourceFile.from_bytes(path, data)
        return Found(source, tuple(wrong))


def standard_modules() -> list[str]:
    """The modules that ship with rulec, `std.exits` and the like."""
    return sorted(f"std.{path.stem}" for path in _STANDARD.glob(f"*{SUFFIX}"))


def _module(names: tuple[str, ...]) -> str | NotFound:
    written, known = ".".join(names), standard_modules()
    if written in known:
        return f"{_STANDARD_PREFIX}{names[-1]}{SUFFIX}"
    listed = ", ".join(f"`{module}`" for module in known)
    own = "/".join(names[:-1] if names[-1] == "rules" and len(names) > 1 else names)
    help_text = did_you_mean(nearest(written, known)) or f'there are {listed}; a file of yours is `use "{own}.rules"`'
    return NotFound(f"there is no module `{written}`", help_text)


def _below(folder: str) -> Iterator[str]:
    """The rule files in a folder and its folders, sorted by path; hidden ones are left alone, and hidden folders."""
    found: list[str] = []
    for where, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [os.path.join(where, name) for name in files if is_rule_file(name)]
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
