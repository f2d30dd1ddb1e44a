"""The fenced blocks of the documents, and what they say when they are run.

What a reader is shown must be what a reader gets. So every example in the documents is one of these:

    ```rules            a rule file, which must have no error
    ```rules my.rules   the same, and the commands below find it under this name (also jsonl, csv, toml, python)
    ```rules wrong.rules  a rule file that must have an error: its name begins with `wrong`
    ```console          commands after `$ ` with what they print: `rulec …`, `python my.py`, `echo $?`
    ```sh               commands that are not run here (they take long, or their output differs every time)

The blocks of one document share a folder that holds `examples/` and `stdlib_rules/` beside the files it names. In the
output of a command, a line that is only `…` stands for any lines.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import attrs

from ..cli.main import main

ROOT = Path(__file__).resolve().parents[1]
SHARED = ("examples", "stdlib_rules")
FILE_LANGUAGES = ("rules", "jsonl", "csv", "toml", "python")
ANY_LINES = "…"

_FENCE = re.compile(r"^```([a-z]+)(?: +(\S+))?\n(.*?)^```$", re.M | re.S)


@attrs.frozen
class Block:
    """One fenced block: `name` is the word after its language, `start` and `end` are where its text stands."""

    language: str
    name: str | None
    text: str
    line: int
    start: int
    end: int

    @property
    def is_file(self) -> bool:
        return self.language in FILE_LANGUAGES and self.name is not None

    @property
    def is_wrong(self) -> bool:
        return self.name is not None and self.name.startswith("wrong")


@attrs.frozen
class Command:
    """A command of a console block and the lines that it is shown to print."""

    text: str
    shown: tuple[str, ...]


def documents() -> list[Path]:
    """README.md and every page in `docs/`."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(text: str) -> Iterator[Block]:
    """The fenced blocks of a document, in order."""
    for match in _FENCE.finditer(text):
        line = text.count("\n", 0, match.start()) + 2
        yield Block(match[1], match[2], match[3], line, match.start(3), match.end(3))


def commands(block: Block) -> list[Command]:
    """The commands of a console block.

    Raises:
        ValueError: it does not begin with one.
    """
    found: list[tuple[str, list[str]]] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif not found:
            raise ValueError(f"line {block.line}: a console block begins with `$ `")
        else:
            found[-1][1].append(line)
    return [Command(text, tuple(shown)) for text, shown in found]


def is_as_shown(printed: Sequence[str], shown: Sequence[str]) -> bool:
    """Whether lines are those that a document shows, where `…` stands for any number of them."""
    if ANY_LINES not in shown:
        return list(printed) == list(shown)
    at = shown.index(ANY_LINES)
    if list(printed[:at]) != list(shown[:at]):
        return False
    rest = shown[at + 1 :]
    return any(is_as_shown(printed[start:], rest) for start in range(at, len(printed) + 1))


class Shell:
    """Runs the commands of a document in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._code = 0
        for name in SHARED:
            (folder / name).symlink_to(ROOT / name)

    def write(self, block: Block) -> None:
        """Puts a named block's text into the folder."""
        assert block.name is not None
        (self.folder / block.name).write_text(block.text, encoding="utf-8")

    def run(self, command: str) -> list[str]:
        """The lines that a command prints, on both of its outputs, without blanks at their ends.

        Raises:
            ValueError: a command that documents do not use.
        """
        words = shlex.split(command)
        if command == "echo $?":
            return [str(self._code)]
        if words[0] == "rulec":
            text = self._rulec(words[1:])
        elif words[0] == "python":
            text = self._python(words[1:])
        else:
            raise ValueError(f"a console block runs `rulec`, `python` and `echo $?`, not {command!r}")
        lines = [line.rstrip() for line in text.splitlines()]
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def _rulec(self, arguments: Sequence[str]) -> str:
        """In this process: one of its own takes longer to start than to run."""
        printed = io.StringIO()
        before = Path.cwd()
        os.chdir(self.folder)
        try:
            with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
                self._code = main(arguments)
        finally:
            os.chdir(before)
        return printed.getvalue()

    def _python(self, arguments: Sequence[str]) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            check=False,
        )
        self._code = done.returncode
        return done.stdout
