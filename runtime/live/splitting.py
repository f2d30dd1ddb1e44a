"""Bytes as they come -> whole lines with their numbers."""

from __future__ import annotations

import attrs

LONGEST_LINE = 1 << 20


@attrs.define
class LineSplitter:
    """Keeps the beginning of a line until its end has come.

    `number` is that of the line that is begun, from 1. A line longer than a megabyte is cut off there: it is no
    signal, and must not fill the memory.
    """

    number: int = 1
    _begun: bytes = b""
    _overlong: bool = False

    @property
    def begun(self) -> bytes:
        """The line that has no end yet."""
        return self._begun

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """The lines that these bytes complete, without their ends, blank ones left out."""
        *whole, rest = data.split(b"\n")
        lines: list[tuple[int, bytes]] = []
        for part in whole:
            self._add(part)
            if not self._begun.isspace() and self._begun:
                lines.append((self.number, self._begun.rstrip(b"\r")))
            self.number += 1
            self._begun = b""
            self._overlong = False
        self._add(rest)
        return lines

    def finish(self) -> list[tuple[int, bytes]]:
        """The last line, where it has no end of its own."""
        return self.feed(b"\n") if self._begun else []

    def _add(self, part: bytes) -> None:
        if not self._overlong:
            self._begun += part
            if len(self._begun) > LONGEST_LINE:
                self._begun = self._begun[:LONGEST_LINE]
                self._overlong = True
