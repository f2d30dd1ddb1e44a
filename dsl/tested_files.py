"""The files of one command that hold tests, with what their tests may name: for the passes that check and lower them.

What checks and lowers tests is imported only where there is one: most files that are run have none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from . import nodes
from .diagnostics import Diagnostic
from .imports import Unit
from .record import Record

if TYPE_CHECKING:
    from .scenario import Test


@attrs.frozen(eq=False, repr=False)
class TestedFiles(Record):
    """`tested` are the files with tests, each with the full names of rules by what it may say; `units` are all files.

    A rule of the file, or of one that it uses, is named by its name; any rule of the command by `stem.name`.
    """

    __test__ = False  # pytest collects classes by this name

    tested: tuple[tuple[Unit, Mapping[str, str]], ...]
    units: tuple[Unit, ...]

    @classmethod
    def among(cls, units: Sequence[Unit], names: Sequence[Mapping[str, str]]) -> TestedFiles:
        """The tested ones of some files; `names` are those that each can say, in the same order."""
        if not any(_has_tests(unit) for unit in units):
            return cls((), ())
        full = {name: name for known in names for name in known.values()}
        tested = tuple((unit, {**full, **known}) for unit, known in zip(units, names, strict=True) if _has_tests(unit))
        return cls(tested, tuple(units))

    def check(self) -> list[Diagnostic]:
        """What is wrong with the tests."""
        if not self.tested:
            return []
        from .scenario_checks import check_tests, declared_fields

        fields = declared_fields(unit.file for unit in self.units)
        lost = {part.name.name for unit in self.units for part in unit.file.broken if part.name is not None}
        return [
            diagnostic
            for unit, names in self.tested
            for diagnostic in check_tests(unit.file, unit.source, names, fields, lost)
        ]

    def lower(self) -> tuple[Test, ...]:
        """The tests of the files that were given; those of files that are only used are not theirs to run."""
        if not self.tested:
            return ()
        from .lower_scenarios import lower_tests

        return tuple(
            test for unit, names in self.tested if unit.given for test in lower_tests(unit.file, unit.source, names)
        )


def _has_tests(unit: Unit) -> bool:
    return any(isinstance(statement, nodes.Test) for statement in unit.file.statements)
