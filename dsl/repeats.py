"""Statements that read alike: where two have the same kinds of tokens in the same order, the table says the same of
both, and what it says is worked out once.

    on signal BUY where confidence > 0.8 -> exit
    on signal SELL where confidence > 0.5 -> exit          the same steps, with other words

A `Reading` is what reading such a statement comes to: which builders are called, in which order, on which words and
on which of the values built before. The driver follows it with other words much faster than it asks the table again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from .table import ReductionKind as Kind
from .table import Table

LONGEST = 200
"""Tokens of a statement that is worth keeping."""
MOST = 1_000
"""Readings that are kept."""

Take = Callable[[Sequence[Any]], Sequence[Any]]


class Step(NamedTuple):
    """One call of a builder: that of a production, from the token `first` up to the token `last`.

    Where nothing stands in the text for its first part, `~first` is the token after which it would stand. `take` gives
    it its values from what there is by then: the words, None, and what the steps before have built.
    """

    production: int
    first: int
    last: int
    take: Take


class Reading(NamedTuple):
    """The steps of a statement, and which of the values are the statements that they come to."""

    steps: tuple[Step, ...]
    statements: Take


class Readings:
    """Those of a table, by the kinds of their tokens; a statement that is read for the first time has none yet.

    `soft` are the kinds of keywords that are names where no keyword can stand.
    """

    def __init__(self, table: Table, soft: frozenset[str]) -> None:
        self._table = table
        self._soft = soft
        self._found: dict[tuple[Any, ...], Reading | None] = {}

    def find(self, states: list[int], kinds: Sequence[str]) -> Reading | None:
        """The reading of a statement, where it is known; the last of `kinds` is what comes next.

        The statements before it are put together: their list is the last value that the driver has.
        """
        if len(kinds) > LONGEST:
            return None
        before = states[-2:]
        key = (*before, *kinds)
        if key not in self._found:
            if len(self._found) < MOST:
                self._found[key] = None
            return None
        found = self._found[key]
        if found is None:
            found = self._found[key] = _Work(self._table, self._soft, before, kinds).reading()
        return found


_STATEMENTS = -1
"""Stands for the list of the statements before."""

_Part = int | list[int]
"""A value by its number, or those of a repetition."""


class _NotAlike(Exception):
    """The statement can't be read by itself."""


class _Work:
    """Goes the driver's way with the numbers of values in place of the values."""

    def __init__(self, table: Table, soft: frozenset[str], states: list[int], kinds: Sequence[str]) -> None:
        self.table, self.soft, self.kinds = table, soft, kinds
        self.before = states
        self.states = list(states)
        self.parts: list[_Part] = [_STATEMENTS]
        self.starts = [0]
        self.missing = len(kinds) - 1
        """The number of None: the words have those before it, and what is built those after it."""
        self.steps: list[Step] = []
        self.statements: list[int] = []

    def reading(self) -> Reading | None:
        """The reading; None where there is none."""
        try:
            for at in range(len(self.kinds)):
                self._read(at)
        except _NotAlike:
            return None
        return Reading(tuple(self.steps), _taking(self.statements)) if self.states == self.before else None

    def _read(self, at: int) -> None:
        kind = self.kinds[at]
        while True:
            row = self.table.actions[self.states[-1]]
            action = row.get(kind)
            if action is None and kind in self.soft:
                action = row.get("NAME")
            if action is None:
                raise _NotAlike
            if action < 0:
                self._reduce(~action, at)
                continue
            if at < self.missing:
                self.states.append(action)
                self.parts.append(at)
                self.starts.append(at)
            return

    def _reduce(self, number: int, at: int) -> None:
        kind, size, origin, _, picks = self.table.productions[number]
        if origin == "start" or (not size and not at):
            raise _NotAlike
        split = len(self.parts) - size
        if split < 0:
            raise _NotAlike
        parts, first = self.parts[split:], self.starts[split] if size else ~(at - 1)
        del self.states[split + 1 :], self.parts[split:], self.starts[split:]
        picked = [parts[pick] if pick >= 0 else self.missing for pick in picks]
        value: _Part
        if kind == Kind.PASS:
            value = picked[0]
        elif kind == Kind.COLLECT:
            value = self._collect(parts[0], picked)
        else:
            numbers = _spread(picked)
            self.steps.append(Step(number, first, at - 1, _taking(numbers)))
            value = self.missing + len(self.steps)
        self.states.append(self.table.gotos[self.states[-1]][origin])
        self.parts.append(value)
        self.starts.append(first)

    def _collect(self, first: _Part, picked: list[_Part]) -> _Part:
        if first == _STATEMENTS:
            self.statements += _spread(picked[1:])
            return _STATEMENTS
        return [*first, *_spread(picked[1:])] if isinstance(first, list) else _spread(picked)


def _spread(parts: list[_Part]) -> list[int]:
    numbers: list[int] = []
    for part in parts:
        numbers += part if isinstance(part, list) else [part]
    if _STATEMENTS in numbers:
        raise _NotAlike
    return numbers


def _taking(numbers: Sequence[int]) -> Take:
    """Takes the values with these numbers."""
    if len(numbers) > 1:
        return itemgetter(*numbers)
    return itemgetter(slice(numbers[0], numbers[0] + 1) if numbers else slice(0, 0))
