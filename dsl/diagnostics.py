"""What the compiler has to say about a file, as data.

A pass appends a `Diagnostic` and goes on; it never raises for a mistake of the user's. Nothing here draws anything:
`render.py` turns diagnostics into text or JSON, `codes.py` tells the story behind a code.

    Diagnostic("E202", "a stop needs a unit", "flow.rules", Span(36, 37), label="3 what?",
               help="write `3%`, `$3 away`, `3 atr` or `at $3`")
"""

from __future__ import annotations

import enum

import attrs

from .span import Span


class Severity(enum.Enum):
    """An error stops a file from being used; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@attrs.frozen
class Edit:
    """Replace the characters of `span` by `text`; an empty span inserts."""

    span: Span
    text: str


@attrs.frozen
class Fix:
    """A change that would remove the cause: what it does, in words, and the edits, which do not overlap."""

    title: str
    edits: tuple[Edit, ...]


@attrs.frozen
class Diagnostic:
    """One message about one place.

    `message` is the headline, `label` stands beside the carets, `help` says what to write instead, `notes` add facts.
    Back quotes in these texts mark what is to be read as rule text.
    """

    code: str
    message: str
    path: str
    span: Span
    label: str = ""
    help: str | None = None
    notes: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()

    @property
    def severity(self) -> Severity:
        """Codes that start with W are warnings, all others errors."""
        return Severity.WARNING if self.code.startswith("W") else Severity.ERROR
