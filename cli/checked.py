"""What a check found: all that it takes to tell it, in any format, without the plan."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from ..dsl.diagnostics import Diagnostic
from ..dsl.record import Record
from ..dsl.source import SourceFile


@attrs.frozen(eq=False, repr=False)
class Checked(Record):
    """`sources` are all files that diagnostics may speak of; `rules` is how many there are, None with an error."""

    diagnostics: Sequence[Diagnostic]
    sources: Sequence[SourceFile]
    rules: int | None
