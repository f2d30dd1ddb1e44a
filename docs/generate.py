"""Brings the documents up to what the code says: their tables, and the output of their commands.

    python -m rulec.docs.generate            rewrites README.md and docs/*.md where they differ, and names them
    python -m rulec.docs.generate README.md  the same for the named documents alone

A table stands between `<!-- table NAME -->` and `<!-- end -->`; `tables.py` makes it. A rule file of this repository
stands between `<!-- file PATH -->` and `<!-- end -->`, the upper pane of a recorded screen (`record.py`) between
`<!-- screen PATH NUMBER -->` and `<!-- end -->`. The output of a command is put under the command, unless it is
shown in part (with a line `…`). The tests compare what stands with what would be written, so that no document can fall
behind.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .blocks import ANY_LINES, ROOT, Shell, blocks, commands, documents
from .tables import TABLES

_TABLE = re.compile(r"(<!-- table (\w+) -->\n).*?(<!-- end -->)", re.S)
_FILE = re.compile(r"(<!-- file (\S+) -->\n).*?(<!-- end -->)", re.S)
_SCREEN = re.compile(r"(<!-- screen (\S+) (\d+) -->\n).*?(<!-- end -->)", re.S)


def with_tables(text: str) -> str:
    """A document with its tables, rule files and screens made anew.

    Raises:
        KeyError: a table that `tables.py` does not make.
        OSError: a file that is not there.
        IndexError: a screen that was not recorded.
    """
    text = _TABLE.sub(lambda match: f"{match[1]}\n{TABLES[match[2]]()}\n{match[3]}", text)
    text = _SCREEN.sub(lambda match: f"{match[1]}\n{_upper_pane(match[2], int(match[3]))}\n{match[4]}", text)
    return _FILE.sub(lambda match: f"{match[1]}\n```rules\n{_text_of(match[2])}```\n\n{match[3]}", text)


def _text_of(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def _upper_pane(path: str, number: int) -> str:
    """What a recorded screen shows of the run: the lines above the one between the panes, and above what is empty."""
    screens = [block for block in blocks(_text_of(path)) if block.language == "text"]
    return f"```text\n{screens[number - 1].text.split('─' * 10)[0].rstrip()}\n```\n"


def with_output(text: str, folder: Path) -> str:
    """A document with the output of its commands made anew, run in an empty folder."""
    shell = Shell(folder)
    parts: list[str] = []
    done = 0
    for block in blocks(text):
        if block.is_file:
            shell.write(block)
        if block.language != "console":
            continue
        lines: list[str] = []
        for command in commands(block):
            printed = shell.run(command.text)
            lines += [f"$ {command.text}", *(command.shown if ANY_LINES in command.shown else printed)]
        parts += [text[done : block.start], *(f"{line}\n" for line in lines)]
        done = block.end
    return "".join([*parts, text[done:]])


def main(names: Sequence[str] = ()) -> int:
    for path in [Path(name).resolve() for name in names] or documents():
        text = path.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder:
            fresh = with_output(with_tables(text), Path(folder))
        if fresh != text:
            path.write_text(fresh, encoding="utf-8")
            sys.stdout.write(f"{path.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
