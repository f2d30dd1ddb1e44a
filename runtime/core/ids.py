"""Ids in a row, `<run>-<n>`: injected, never random, so that the same inputs give the same output."""

from __future__ import annotations

import attrs


@attrs.define
class IdSource:
    """The next id of a run. `last` is how many were taken; a recovery sets it forward."""

    run: str
    last: int = 0

    def __call__(self) -> str:
        self.last += 1
        return f"{self.run}-{self.last}"
