"""Where a piece of text stands in its file.

A span is two offsets, counted in characters from the start of the text; line and column are worked out only when a
person is to be told (`SourceFile.position`). It is a tuple because a large file has hundreds of thousands of them.
"""

from __future__ import annotations

from typing import NamedTuple


class Span(NamedTuple):
    """Characters `start` up to, not including, `end`."""

    start: int
    end: int


NOWHERE = Span(0, 0)
