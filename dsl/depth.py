"""Room for passes that follow a tree down: the deepest one the parser lets through takes over 1,000 frames."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

DEEPEST_PASS = 20_000
"""Frames of Python's; the parser's limits keep a pass to a few thousand."""


@contextmanager
def deep_trees() -> Iterator[None]:
    """Let Python's calls go as deep as any tree needs; the limit is put back as it was found."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, DEEPEST_PASS))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
