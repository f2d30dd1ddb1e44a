"""Bytes become lines with their numbers, however they are cut."""

from __future__ import annotations

import pytest

from rulec.runtime.live.splitting import LONGEST_LINE, LineSplitter

TEXT = b'{"a":1}\r\n\n  \n{"b":2}\n{"c"'


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_the_cuts_do_not_matter(size: int) -> None:
    splitter = LineSplitter()
    lines = []
    for start in range(0, len(TEXT), size):
        lines += splitter.feed(TEXT[start : start + size])
    assert lines == [(1, b'{"a":1}'), (4, b'{"b":2}')]
    assert splitter.begun == b'{"c"'


def test_the_last_line_needs_no_end() -> None:
    splitter = LineSplitter()
    splitter.feed(TEXT)
    assert splitter.finish() == [(5, b'{"c"')]
    assert splitter.finish() == []


def test_a_line_without_end_does_not_fill_the_memory() -> None:
    splitter = LineSplitter()
    for _ in range(5):
        assert splitter.feed(b"x" * LONGEST_LINE) == []
    assert len(splitter.begun) == LONGEST_LINE
    lines = splitter.feed(b"\nnext\n")
    assert [number for number, _ in lines] == [1, 2]
    assert lines[1] == (2, b"next")
