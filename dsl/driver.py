"""The LALR driver: takes tokens, keeps the stack, calls the builders. It knows neither the language nor its errors.

It exists beside Lark's own because it keeps spans and goes on after an error at a fraction of the time. Where it can't
take a token it stops and says so; what then happens is for `recovery.py`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING, Any

import attrs

from .lexer import RESERVED, WRONG_KINDS, Tokens
from .span import Span
from .table import ReductionKind as Kind
from .table import Table

if TYPE_CHECKING:
    from .repeats import Reading, Readings

DEEPEST = 200
"""Levels of brackets, `not` and signs inside one another (E005)."""

MOST_ENTRIES = 1_000
"""Entries of the stack at any depth: what mixing every operator at each of many levels comes to (E005 as well)."""

Builder = Callable[..., Any]

SOFT_WORDS_BECOME = "NAME"

_MANY = 60
"""Tokens of a text in which statements that read alike are looked for."""

_ALONE = -1
"""A production that passes on its only part: the commonest by far, and nothing but the state changes."""


_Production = tuple[int, int, str, Builder, tuple[int, ...]]
"""Kind of reduction, size, origin, builder, picks."""


class Builders:
    """What is called by the productions, by their names; the `watchful` are given a file's list of problems first."""

    def __init__(self, plain: Mapping[str, Builder], watchful: Mapping[str, Builder]) -> None:
        self.plain = plain
        self.watchful = watchful


class _Prepared:
    """What a table and its builders come to, the same for every file; what was found out of them is kept here."""

    def __init__(self, table: Table, builders: Builders) -> None:
        self.productions: list[_Production] = [
            (
                _ALONE if p.kind == Kind.PASS and p.size == 1 else int(p.kind),
                p.size,
                p.origin,
                builders.plain.get(p.builder, _no_builder),
                p.picks,
            )
            for p in table.productions
        ]
        built = [(at, p.builder) for at, p in enumerate(table.productions) if p.kind in (Kind.BUILD, Kind.SPREAD)]
        self.watchful = [(at, builders.watchful[name]) for at, name in built if name in builders.watchful]
        self.chains: dict[tuple[int, int, str], int] = {}
        self.soft = frozenset(kind for word, kind in table.keywords.items() if word not in RESERVED)
        self._table = table

    @cached_property
    def readings(self) -> Readings:
        from .repeats import Readings  # only a text of some statements pays for it

        return Readings(self._table, self.soft)


@lru_cache(maxsize=4)
def _prepare(table: Table, builders: Builders) -> _Prepared:
    return _Prepared(table, builders)


@attrs.define
class Stack:
    """What has been read and not yet put together: states, and for each but the first a value and where it starts.

    `end` is where the last token taken ends.
    """

    states: list[int]
    values: list[Any]
    starts: list[int]
    end: int = 0

    def copy(self) -> Stack:
        """A copy that later reading does not change; the lists of repetitions are copied too."""
        values = [list(value) if type(value) is list else value for value in self.values]
        return Stack(list(self.states), values, list(self.starts), self.end)

    def cut(self, length: int) -> None:
        """Keep the first `length` states."""
        del self.states[length:], self.values[length - 1 :], self.starts[length - 1 :]


class Driver:
    """Reads tokens into a stack.

    `accepted` is true once `$END` was taken; the file's node is then the only value. `too_deep` tells why a token that
    would fit was not taken.
    """

    def __init__(self, table: Table, tokens: Tokens, builders: Builders, problems: list[Any]) -> None:
        self.table = table
        self.tokens = tokens
        self.stack = Stack([table.start], [], [])
        self.accepted = False
        self.too_deep = False
        self._words_at: list[int] | None = None
        self._prepared = _prepare(table, builders)
        self._chains, self._soft = self._prepared.chains, self._prepared.soft
        self._productions = list(self._prepared.productions)
        for at, builder in self._prepared.watchful:
            kind, size, origin, _, picks = self._productions[at]
            self._productions[at] = (kind, size, origin, partial(builder, problems), picks)

    def run(self, index: int, stop: int) -> int:
        """Take the tokens from `index` up to `stop`; returns the index of the first that could not be taken."""
        tokens = self.tokens
        if stop - index > _MANY:
            index = self._run_statements(index, stop)
        return self._take(tokens.kinds, tokens.starts, tokens.ends, index, stop)

    def _run_statements(self, index: int, stop: int) -> int:
        """Take statement after statement, those that read alike by what was worked out for the first of them.

        Ends before the last one, or where a token can't be taken.
        """
        kinds, starts, ends, stack = self.tokens.kinds, self.tokens.starts, self.tokens.ends, self.stack
        between, readings = self.table.between, self._prepared.readings
        for following in self._statement_starts(index + 1, stop):
            reading = None
            if stack.states[-1] in between and stack.values and type(stack.values[-1]) is list:
                reading = readings.find(stack.states, kinds[index : following + 1])
            if reading is not None:
                self._follow_reading(reading, index, following)
                index = following
            else:
                index = self._take(kinds, starts, ends, index, stop, pause=following)
                if index < following:
                    return index
        return index

    def _statement_starts(self, index: int, stop: int) -> Iterator[int]:
        """Where statements may begin; one that is named goes on where its `on` stands.

        A text full of mistakes is read from a new place after each of them: it is looked through once.
        """
        kinds = self.tokens.kinds
        if self._words_at is None:
            words = self.table.statement_words
            self._words_at = [at for at, kind in enumerate(kinds) if kind in words]
        places = self._words_at
        open_header = False
        for place in range(bisect_left(places, index), bisect_left(places, stop)):
            at = places[place]
            kind = kinds[at]
            if kind != "ON" or not open_header:
                yield at
            open_header = kind == "RULE"

    def _follow_reading(self, reading: Reading, index: int, following: int) -> None:
        tokens, productions = self.tokens, self._productions
        text, starts, ends = tokens.text, tokens.starts, tokens.ends
        there: list[Any] = [text[starts[at] : ends[at]] for at in range(index, following)]
        there.append(None)
        for number, first, last, take in reading.steps:
            span = _SPAN((starts[index + first] if first >= 0 else ends[index + ~first], ends[index + last]))
            there.append(productions[number][3](span, *take(there)))
        self.stack.values[-1].extend(reading.statements(there))
        self.stack.end = ends[following - 1]

    def insert(self, kind: str, written: str, span: Span) -> bool:
        """Take one token that stands otherwise, or not at all, in the text; `written` is what should stand there."""
        return self._take([kind], [span.start], [span.end], 0, 1, written) == 1

    def _take(
        self,
        kinds: list[str],
        token_starts: list[int],
        token_ends: list[int],
        index: int,
        stop: int,
        written: str | None = None,
        pause: int = -1,
    ) -> int:
        """Take tokens up to `stop`, or up to the token `pause`, with all that is put together when that one is seen."""
        actions, gotos, productions = self.table.actions, self.table.gotos, self._productions
        nesting, soft, text, chains = self.table.nesting, self._soft, self.tokens.text, self._chains
        stack = self.stack
        states, values, starts, end = stack.states, stack.values, stack.starts, stack.end
        alone, passed, plain, spread = _ALONE, int(Kind.PASS), int(Kind.BUILD), int(Kind.SPREAD)
        while index < stop:
            kind = kinds[index]
            action = actions[states[-1]].get(kind)
            if action is None:
                action = actions[states[-1]].get(SOFT_WORDS_BECOME) if kind in soft else None
                if action is None:
                    break
            if action >= 0:
                if index == pause:
                    break
                if len(states) > DEEPEST and action in nesting and self._is_too_deep(states):
                    self.too_deep = True
                    break
                start = token_starts[index]
                end = token_ends[index]
                states.append(action)
                values.append(text[start:end] if written is None else written)
                starts.append(start)
                index += 1
                continue
            reduction, size, origin, build, picks = productions[~action]
            if reduction == alone:
                states[-1] = chains.get((states[-2], states[-1], kind)) or self._follow(states[-2], states[-1], kind)
                continue
            if size:
                parts = values[-size:]
                start = starts[-size]
                del states[-size:], values[-size:], starts[-size:]
            else:
                parts = []
                start = end
            if reduction == plain:
                value = build(Span(start, end), *[parts[pick] if pick >= 0 else None for pick in picks])
            elif reduction == spread:
                value = build(Span(start, end), *_spread(parts, picks))
            elif reduction == passed:
                value = parts[picks[0]]
            elif type(parts[0]) is list:
                value = parts[0]
                value.extend([parts[pick] for pick in picks[1:]])
            else:
                value = [parts[pick] for pick in picks]
            states.append(gotos[states[-1]][origin])
            values.append(value)
            starts.append(start)
            if origin == "start":
                self.accepted = True
                break
        stack.end = end
        return index

    def _follow(self, below: int, state: int, kind: str) -> int:
        """Where a chain of productions that pass on their only part leads: an operand takes some ten of them."""
        actions, gotos, productions = self.table.actions, self.table.gotos, self._productions
        first = state
        action = actions[state].get(kind, 0)
        while action < 0 and productions[~action][0] == _ALONE:
            state = gotos[below][productions[~action][2]]
            action = actions[state].get(kind, 0)
        if state != first:
            self._chains[below, first, kind] = state
            return state
        reduction = actions[state][SOFT_WORDS_BECOME]  # a keyword read as a name: one step, not remembered
        return gotos[below][productions[~reduction][2]]

    def _is_too_deep(self, states: list[int]) -> bool:
        nesting = self.table.nesting
        return len(states) > MOST_ENTRIES or sum(state in nesting for state in states) >= DEEPEST

    # ---- what would happen -----------------------------------------------------------------------------------------

    def would_take(self, states: list[int], kinds: Sequence[str]) -> bool:
        """Whether these tokens could all be taken in these states. A wrong token among them ends the question: yes."""
        for kind in kinds:
            if kind in WRONG_KINDS:
                return True
            following = self.next_states(states, kind)
            if following is None:
                return False
            states = following
        return True

    def next_states(self, states: list[int], kind: str) -> list[int] | None:
        """The states after taking a token of that kind, without its value; None when it can't be taken."""
        actions, gotos, productions = self.table.actions, self.table.gotos, self.table.productions
        states = list(states)
        while True:
            action = actions[states[-1]].get(kind)
            if action is None:
                action = actions[states[-1]].get(SOFT_WORDS_BECOME) if kind in self._soft else None
                if action is None:
                    return None
            if action >= 0:
                states.append(action)
                return states
            production = productions[~action]
            del states[len(states) - production.size :]
            states.append(gotos[states[-1]][production.origin])
            if production.origin == "start":
                return states


_SPAN: Callable[[tuple[int, int]], Span] = partial(tuple.__new__, Span)
"""A span of two numbers, without the names that calling the class goes through."""


def _no_builder(span: Span, *values: Any) -> Any:
    """Stands where a production only passes on or collects; a missing builder is a mistake in build.py."""
    raise LookupError("a production of the grammar has no builder")


def _spread(parts: list[Any], picks: tuple[int, ...]) -> list[Any]:
    """The picked values, repetitions opened."""
    spread: list[Any] = []
    for pick in picks:
        value = parts[pick] if pick >= 0 else None
        if type(value) is list:
            spread.extend(value)
        else:
            spread.append(value)
    return spread
