"""Room for passes that follow a tree down: the deepest one the parser lets through takes over 1,000 frames.

And for those over large files, which make many small records and no circles of them: looking for circles would take
up to half of the time.
"""

from __future__ import annotations

import gc
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


@contextmanager
def room_to_work() -> Iterator[None]:
    """What passes over large and deep trees need from Python; all is put back as it was found."""
    looks_for_circles = gc.isenabled()
    gc.disable()
    try:
        with deep_trees():
            yield
    finally:
        if looks_for_circles:
            gc.enable()
