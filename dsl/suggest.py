"""The known word that a misspelt one was probably meant to be, as help and as a fix."""

from __future__ import annotations

from collections.abc import Collection

from .diagnostics import Edit, Fix
from .span import Span
from .spelling import nearest

_PATIENCE = 20_000
"""Words to compare in one file; with thousands of unknown names, the first get their suggestion."""


def did_you_mean(suggestion: str | None) -> str | None:
    """The help that goes with a suggestion."""
    return None if suggestion is None else f"did you mean `{suggestion}`?"


def replacement(suggestion: str | None, span: Span) -> tuple[Fix, ...]:
    """The fix that puts a suggestion in the place of what stands at the span."""
    return () if suggestion is None else (Fix(f"write `{suggestion}`", (Edit(span, suggestion),)),)


class Suggestions:
    """Suggestions for one file: each unknown word is looked up once, and not without end."""

    def __init__(self) -> None:
        self._known: dict[str, str | None] = {}
        self._compared = 0

    def nearest(self, word: str, known: Collection[str]) -> str | None:
        """The known word that is most like the given one, if one is like it."""
        if word not in self._known:
            self._compared += len(known)
            self._known[word] = nearest(word, known) if self._compared <= _PATIENCE else None
        return self._known[word]
