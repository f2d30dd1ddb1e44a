"""A terminal that is driven and watched: a tmux session of its own with two panes, one above the other.

Every pane has a shell with a bare prompt. What stands in it is read from tmux, with its colours; between two panes lies
the line that a terminal draws there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import attrs

WIDTH, HEIGHT = 100, 30
_BELOW = 6
_HEIGHTS = (HEIGHT - 1 - _BELOW, _BELOW)
_BORDER = "\x1b[90m" + "─" * WIDTH + "\x1b[0m"
_SHELL = "exec env PS1='$ ' bash --norc --noprofile"
# What a terminal or a person has set, and what would show in the recording.
_UNWANTED = ("TMUX", "TMUX_PANE", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "PROMPT_COMMAND", "HISTFILE")

ABOVE, BELOW = "terminal:0.0", "terminal:0.1"


class TerminalError(Exception):
    """The terminal cannot be driven; the message says why, and what helps."""


@attrs.frozen
class Picture:
    """What stands on the terminal, a text for each line: as it is read, and with the codes of its colours."""

    plain: tuple[str, ...]
    coloured: tuple[str, ...]

    def __contains__(self, text: str) -> bool:
        return any(text in line for line in self.plain)


class Terminal:
    """A session of `WIDTH` by `HEIGHT` characters in a folder. It ends with the `with` that it is used in."""

    def __init__(self, folder: Path, path: str) -> None:
        """`path` is where the shells look for commands.

        Raises:
            TerminalError: there is no tmux, or it does not start.
        """
        program = shutil.which("tmux")
        if program is None:
            raise TerminalError("a recording needs tmux, and there is none: run  apt install tmux  and try again")
        self._folder = folder
        self._tmux = (program, "-u", "-f", os.devnull, "-S", str(folder / ".tmux"))
        size = ("-x", str(WIDTH), "-y", str(HEIGHT))
        self._call("new-session", "-d", "-s", "terminal", *size, _SHELL, environment=_environment(path))

    def __enter__(self) -> Terminal:
        try:
            self._call("set-option", "-g", "status", "off")
            self._call("split-window", "-t", ABOVE, "-v", "-l", str(_BELOW), _SHELL)
        except TerminalError:
            self._call("kill-server")
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._call("kill-server")

    def write(self, pane: str, text: str) -> None:
        """Types a text, without Enter."""
        self._call("send-keys", "-t", pane, "-l", "--", text)

    def press(self, pane: str, key: str) -> None:
        """Presses a key by its name: `Enter`, `C-c`."""
        self._call("send-keys", "-t", pane, key)

    def look(self) -> Picture:
        plain: list[str] = []
        coloured: list[str] = []
        for pane, height in zip((ABOVE, BELOW), _HEIGHTS, strict=True):
            if plain:
                plain.append("─" * WIDTH)
                coloured.append(_BORDER)
            shown = self._call("capture-pane", "-t", pane, "-p", "-e").splitlines()
            shown = with_own_colours(shown[:height] + [""] * (height - len(shown)))
            coloured += shown
            plain += [without_colours(line).rstrip() for line in shown]
        return Picture(tuple(plain), tuple(coloured))

    def _call(self, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
        done = subprocess.run(
            [*self._tmux, *arguments],
            cwd=self._folder,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        if done.returncode != 0:
            raise TerminalError(f"tmux {arguments[0]}: {done.stderr.strip()}")
        return done.stdout


def _environment(path: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _UNWANTED}
    return {**kept, "PATH": path, "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}


# ---- colours ---------------------------------------------------------------------------------------------------------

_BEGIN, _END, _RESET = "\x1b[", "m", "\x1b[0m"


def with_own_colours(lines: list[str]) -> list[str]:
    """Lines that can each be drawn alone: tmux tells a colour once, where it begins, however many lines it lasts."""
    lasting = ""
    found: list[str] = []
    for line in lines:
        found.append(lasting + line)
        for code in _codes(line):
            lasting = "" if code in (_RESET, "\x1b[m") else lasting + code
    return [line + _RESET if _BEGIN in line else line for line in found]


def without_colours(line: str) -> str:
    for code in _codes(line):
        line = line.replace(code, "", 1)
    return line


def _codes(line: str) -> list[str]:
    parts = line.split(_BEGIN)[1:]
    return [_BEGIN + part[: part.index(_END) + 1] for part in parts]
