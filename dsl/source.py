"""A rule file's text, and the way from an offset in it to a line and a column that a person can find.

Columns count characters from 1 and a tab counts one. A byte order mark at the start is dropped and is no column.
Lines end at `\\n`; a `\\r` before it belongs to no line.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

import attrs

from .diagnostics import Diagnostic
from .span import NOWHERE, Span

__all__ = ["LARGEST_FILE", "NOWHERE", "Position", "SourceFile", "Span"]

LARGEST_FILE = 4_000_000
"""Bytes. A file over this is not rules, it is an accident (E006)."""

_BYTE_ORDER_MARK = "\ufeff"


class Position(NamedTuple):
    """Line and column, both from 1."""

    line: int
    column: int


@attrs.frozen
class SourceFile:
    """One file: its path as the user gave it, and its text without a byte order mark."""

    path: str
    text: str = attrs.field(repr=False)
    _line_starts: list[int] = attrs.field(factory=list, init=False, repr=False, eq=False)

    @classmethod
    def from_bytes(cls, path: str, data: bytes) -> tuple[SourceFile, list[Diagnostic]]:
        """Decode a file.

        Returns the source and what is wrong with the bytes (E004, E006). With anything wrong the source serves only
        to draw the place and is not to be parsed.
        """
        if len(data) > LARGEST_FILE:
            help_text = "split the rules over several files; `rulec check` takes a folder"
            message = f"the file has {len(data):,} bytes; the most is {LARGEST_FILE:,}"
            return cls(path, ""), [Diagnostic("E006", message, path, Span(0, 0), help=help_text)]
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            before = data[: error.start].decode("utf-8").removeprefix(_BYTE_ORDER_MARK)
            source = cls(path, data.decode("utf-8", errors="replace").removeprefix(_BYTE_ORDER_MARK))
            place = Span(len(before), len(before) + 1)
            label = f"the byte 0x{data[error.start]:02x}"
            help_text = "save the file as UTF-8"
            return source, [Diagnostic("E004", "the file is not UTF-8", path, place, label=label, help=help_text)]
        return cls.from_text(path, text)

    @classmethod
    def from_text(cls, path: str, text: str) -> tuple[SourceFile, list[Diagnostic]]:
        """Take text that is already decoded; E004 where it holds a NUL."""
        source = cls(path, text.removeprefix(_BYTE_ORDER_MARK))
        nul = source.text.find("\0")
        if nul < 0:
            return source, []
        help_text = "remove it; a text editor does not write NUL, so the file may be damaged or not be a rule file"
        return source, [Diagnostic("E004", "the file holds a NUL", path, Span(nul, nul + 1), help=help_text)]

    def position(self, offset: int) -> Position:
        """Line and column of an offset; the end of the text is a place too."""
        starts = self._starts()
        line = bisect_right(starts, offset)
        return Position(line, offset - starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """The text of a line, from 1, without its end."""
        starts = self._starts()
        end = starts[number] - 1 if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].removesuffix("\r")

    def _starts(self) -> list[int]:
        """Offsets at which lines start: found once, when first asked for."""
        if not self._line_starts:
            self._line_starts.append(0)
            at = self.text.find("\n")
            while at >= 0:
                self._line_starts.append(at + 1)
                at = self.text.find("\n", at + 1)
        return self._line_starts
