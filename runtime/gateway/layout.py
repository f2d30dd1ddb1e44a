"""What a message is made of: rows in their order, groups that repeat, and rows that only follow others.

A layout is data. It is written from anything whose values have the names of its rows (`terms.limit_price` is an
attribute of an attribute), and read into a dictionary of those names. A row may begin or end with a server version, so
that one table describes all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import attrs

from .fields import Kind

NEWEST = 1_000_000


class Reader:
    """Takes fields one by one."""

    def __init__(self, fields: Sequence[str]) -> None:
        self._fields = fields
        self._next = 0

    def take(self) -> str:
        """Raises ValueError where the message has ended."""
        if self._next >= len(self._fields):
            raise ValueError("the message has too few fields")
        self._next += 1
        return self._fields[self._next - 1]


class Part(Protocol):
    """A piece of a layout."""

    def write(self, record: Any, out: list[str], version: int) -> None: ...

    def read(self, reader: Reader, values: dict[str, Any], version: int) -> None: ...


@attrs.frozen
class Row:
    """One field. `default` takes the place of None; `since` and `until` (not included) are server versions."""

    name: str
    kind: Kind
    default: Any = None
    since: int = 0
    until: int = NEWEST
    steps: tuple[str, ...] = attrs.field(init=False, eq=False, repr=False)

    @steps.default
    def _steps_of_name(self) -> tuple[str, ...]:
        return tuple(self.name.split("."))

    def write(self, record: Any, out: list[str], version: int) -> None:
        if self.since <= version < self.until:
            if len(self.steps) == 1 and not isinstance(record, dict):
                value = getattr(record, self.name)
            else:
                value = value_at(record, self.steps)
            out.append(self.kind.write(self.default if value is None else value))

    def read(self, reader: Reader, values: dict[str, Any], version: int) -> None:
        if self.since <= version < self.until:
            try:
                values[self.name] = self.kind.read(reader.take())
            except ValueError as error:
                raise ValueError(f"{self.name}: {error}") from None


@attrs.frozen
class Constant:
    """A field that always has the same text; what stands there is passed over in reading."""

    text: str
    since: int = 0
    until: int = NEWEST

    def write(self, record: Any, out: list[str], version: int) -> None:
        if self.since <= version < self.until:
            out.append(self.text)

    def read(self, reader: Reader, values: dict[str, Any], version: int) -> None:
        if self.since <= version < self.until:
            reader.take()


@attrs.frozen
class Repeat:
    """A count, and so many groups of parts; the value is a tuple of records (of dictionaries, in reading)."""

    name: str
    parts: tuple[Part, ...]
    most: int = 10_000

    def write(self, record: Any, out: list[str], version: int) -> None:
        groups = value_of(record, self.name) or ()
        out.append(str(len(groups)))
        for group in groups:
            for part in self.parts:
                part.write(group, out, version)

    def read(self, reader: Reader, values: dict[str, Any], version: int) -> None:
        values[self.name] = tuple(self._groups(reader, version))

    def _groups(self, reader: Reader, version: int) -> Iterator[Mapping[str, Any]]:
        text = reader.take() or "0"
        if not (text.isascii() and text.isdigit() and int(text[:9]) <= self.most):
            raise ValueError(f"{self.name}: {text[:40]!r} is no count")
        for _ in range(int(text)):
            group: dict[str, Any] = {}
            for part in self.parts:
                part.read(reader, group, version)
            yield group


@attrs.frozen
class When:
    """Parts that are there only where an earlier row has such a value."""

    name: str
    holds: Callable[[Any], bool]
    parts: tuple[Part, ...]

    def write(self, record: Any, out: list[str], version: int) -> None:
        if self.holds(value_of(record, self.name)):
            for part in self.parts:
                part.write(record, out, version)

    def read(self, reader: Reader, values: dict[str, Any], version: int) -> None:
        if self.holds(values.get(self.name)):
            for part in self.parts:
                part.read(reader, values, version)


@attrs.frozen
class Layout:
    """A message: its number, and the parts that follow it."""

    message_id: int
    parts: tuple[Part, ...]

    def write(self, record: Any, version: int) -> list[str]:
        out = [str(self.message_id)]
        for part in self.parts:
            part.write(record, out, version)
        return out

    def read(self, fields: Sequence[str], version: int) -> dict[str, Any]:
        """The values by the names of their rows; `fields` begins with the message's number.

        Raises:
            ValueError: a field is missing or makes no sense.
        """
        reader = Reader(fields)
        reader.take()
        values: dict[str, Any] = {}
        for part in self.parts:
            part.read(reader, values, version)
        return values


def value_of(record: Any, name: str) -> Any:
    """What a record has under a name with dots; None where something on the way is None."""
    return value_at(record, name.split("."))


def value_at(record: Any, steps: Sequence[str]) -> Any:
    for step in steps:
        if record is None:
            return None
        record = record.get(step) if isinstance(record, dict) else getattr(record, step)
    return record
