"""A recording of a terminal as an asciicast file (version 2), which `asciinema play` and web players show.

The first line tells the size, each other one when (in seconds since the beginning) the terminal was sent what. Only the
lines that have changed are sent again, so that the file stays small.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

_LONGEST_PAUSE = 2.0  # seconds; a player passes over what is longer


class Cast:
    """Takes pictures, each a text for each line of the terminal; `text` is the file."""

    def __init__(self, title: str, width: int, height: int) -> None:
        header = {
            "version": 2,
            "width": width,
            "height": height,
            "title": title,
            "idle_time_limit": _LONGEST_PAUSE,
            "env": {"TERM": "xterm-256color"},
        }
        self._lines = [_line(header)]
        self._shown: Sequence[str] = ()

    def add(self, time: float, picture: Sequence[str]) -> None:
        """What stands on the terminal from now on; `time` in seconds since the beginning."""
        changed = "".join(
            f"\x1b[{row};1H\x1b[2K{line}"
            for row, line in enumerate(picture, 1)
            if row > len(self._shown) or self._shown[row - 1] != line
        )
        if changed:
            clear = "" if self._shown else "\x1b[?25l\x1b[2J"
            self._lines.append(_line([round(time, 2), "o", clear + changed]))
        self._shown = picture

    def mark(self, time: float, name: str) -> None:
        """A place that a player can be sent to."""
        self._lines.append(_line([round(time, 2), "m", name]))

    def text(self) -> str:
        return "".join(self._lines)


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) + "\n"
