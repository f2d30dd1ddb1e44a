"""The base of the compiler's many records: equality, hash and print in one place.

`attrs` would write these three methods for each class, and running what it wrote is most of the time that importing
a hundred small classes takes; a check of one rule would wait longer for that than for anything else. So a record is

    @attrs.frozen(eq=False, repr=False)
    class Number(Record):
        value: float

and behaves as one made by `attrs.frozen` alone: records of one class are equal when their fields are, except fields
with `eq=False`, and print all fields except those with `repr=False`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Any

import attrs


class Record:
    """Equality, hash and print of a frozen attrs class."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        kind: Any = self.__class__
        read = _compared(kind)
        return bool(read(self) == read(other))

    def __hash__(self) -> int:
        kind: Any = self.__class__
        return hash((kind, _compared(kind)(self)))

    def __repr__(self) -> str:
        kind: Any = self.__class__
        parts = []
        for name in _printed(kind):  # no comprehension: it would double the frames that a deep tree takes
            parts.append(f"{name}={getattr(self, name)!r}")
        return f"{kind.__qualname__}({', '.join(parts)})"


@cache
def _compared(kind: type) -> Callable[[Any], Any]:
    """Reads the fields that count for equality, at once."""
    names = [field.name for field in attrs.fields(kind) if field.eq]
    return attrgetter(*names) if names else lambda record: None


@cache
def _printed(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in attrs.fields(kind) if field.repr)
