"""What is known of files that were compiled before: their statements, what these became, what they depend on.

A statement means what its text says, with the names that it says. So after a change of a definition only those mean
something else that say its name, or that of a definition that says it; and a statement that names a rule depends on
that rule's being there. All this is asked by the words of texts, which is more than the language demands (a word in
a comment counts, too) and never less.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import attrs

from . import nodes, plan
from .imports import Unit

_WORD = re.compile(r"[a-z_]\w*")

Words = set[str]


class Piece(NamedTuple):
    """A statement and where it stands, from `start` up to, not including, `end`.

    Attributes:
        rule: what a rule was lowered to; None for other statements.
        stays: whether it is compiled each time: definitions, which are few, and rules that emit signals, because a
            circle of them is one of all.
        asks: the names of rules and shared cooldowns that it says.
        offers: the names that others may say to mean this rule or its shared cooldown.
        title: what a test is called.
    """

    start: int
    end: int
    rule: plan.Rule | None
    stays: bool
    asks: frozenset[str] = frozenset()
    offers: frozenset[str] = frozenset()
    title: str | None = None


class Definition(NamedTuple):
    """A `let`, a `param` or a `field`, and where it stands."""

    start: int
    end: int
    name: str
    text: str
    is_field: bool


@attrs.frozen
class KnownFile:
    """A file as it was compiled last.

    `frame` is what the meaning of all its statements hangs on, whatever names they say: the language's version, the
    files that it uses (`linked`), and how. `given` are the names that these statements give a value to, with its text.
    """

    text: str
    pieces: tuple[Piece, ...]
    definitions: tuple[Definition, ...]
    given: tuple[tuple[str, str], ...]
    linked: tuple[str, ...]
    frame: tuple[object, ...]

    @property
    def offered(self) -> frozenset[str]:
        """The names that statements can ask for."""
        return frozenset().union(*(piece.offers for piece in self.pieces))

    @property
    def titles(self) -> list[str]:
        return [piece.title for piece in self.pieces if piece.title is not None]

    @property
    def rule_names(self) -> list[str]:
        """The full names of its rules."""
        return [piece.rule.name for piece in self.pieces if piece.rule is not None and piece.rule.name is not None]


def known_file(unit: Unit, text: str, pieces: tuple[Piece, ...]) -> KnownFile:
    """A file that has been compiled: `text` is all of it, `pieces` are all its statements, in order."""
    file = unit.file
    definitions = tuple(
        Definition(*one.span, one.name.name, text[one.span.start : one.span.end], isinstance(one, nodes.Field))
        for one in file.statements
        if isinstance(one, nodes.Let | nodes.Param | nodes.Field)
    )
    uses = [one for one in file.statements if isinstance(one, nodes.Use)]
    given = tuple((one.name.name, text[one.span.start : one.span.end]) for use in uses for one in use.bindings)
    linked = tuple(used.source.path for _, used in unit.uses if used is not None)
    language = None if file.language is None else file.language.text
    frame = (language, linked, *(text[use.span.start : use.span.end] for use in uses))
    return KnownFile(text, pieces, definitions, given, linked, frame)


def pieces_of(unit: Unit, rules: Sequence[plan.Rule]) -> tuple[Piece, ...]:
    """The statements of a file that has been compiled, in order; `rules` are what its rules came to."""
    lowered = iter(rules)
    return tuple(_piece(statement, lowered) for statement in unit.file.statements)


def _piece(statement: nodes.Statement, lowered: Iterator[plan.Rule]) -> Piece:
    start, end = statement.span
    if isinstance(statement, nodes.Rule):
        emits = any(isinstance(action, nodes.Emit) for action in statement.actions)
        return Piece(start, end, next(lowered), emits, _asked_by_rule(statement), _offered(statement))
    if isinstance(statement, nodes.Test):
        expected = (step.rule for step in statement.steps if isinstance(step, nodes.Expect))
        asks = frozenset(".".join(part.name for part in names) for names in expected if names)
        return Piece(start, end, None, False, asks, title=statement.name.value)
    return Piece(start, end, None, True)


def _asked_by_rule(rule: nodes.Rule) -> frozenset[str]:
    resets = [action for action in rule.actions if isinstance(action, nodes.ResetCooldown)]
    return frozenset(action.name.name for action in resets if action.name is not None)


def _offered(rule: nodes.Rule) -> frozenset[str]:
    cooldowns = [option for option in rule.options if isinstance(option, nodes.Cooldown)]
    shared = {option.shared.name for option in cooldowns if option.shared is not None}
    return frozenset(shared if rule.name is None else {rule.name.name, *shared})


def last_part(name: str) -> str:
    """What a rule is called in its file, of its name with or without the file's."""
    return name.rpartition(".")[2]


def words_in(text: str) -> Words:
    """All words of a text that may be names."""
    return set(_WORD.findall(text))


def places_of(words: Collection[str], text: str) -> Iterator[int]:
    """Where a text says one of these names."""
    if words:
        listed = "|".join(map(re.escape, sorted(words)))
        for match in re.finditer(rf"\b(?:{listed})\b", text):
            yield match.start()


# ---- changed definitions -------------------------------------------------------------------------------------------


def files_with_other_frame(before: Mapping[str, KnownFile], now: Mapping[str, KnownFile]) -> set[str]:
    """The files all of whose statements may mean something else now, and all files that are linked to them."""
    found = {path for path, file in now.items() if path not in before or file.frame != before[path].frame}
    found |= before.keys() - now.keys()
    links = _links((*before.items(), *now.items()))
    waiting = list(found)
    while waiting:
        for other in links.get(waiting.pop(), ()):
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found


def changed_names(before: KnownFile, now: KnownFile) -> Words:
    """The names that a file defines otherwise than before, or only then, or only now."""
    if before.definitions == now.definitions:
        return set()
    old, new = ({(one.name, one.text) for one in file.definitions} for file in (before, now))
    return {name for name, _ in old ^ new}


def changed_fields(before: KnownFile, now: KnownFile) -> Words:
    """The fields among these. What a signal may carry is the same for all tests of a command."""
    fields = {one.name for file in (before, now) for one in file.definitions if one.is_field}
    return fields and fields & changed_names(before, now)


def with_what_says_them(changed: Mapping[str, Words], files: Iterable[tuple[str, KnownFile]]) -> dict[str, Words]:
    """By file the names that mean something else, once some do: of definitions that say one, and in linked files."""
    known: dict[str, list[KnownFile]] = {}
    for path, file in files:
        known.setdefault(path, []).append(file)
    affected = {path: set(words) for path, words in changed.items() if words}
    links = _links((path, file) for path, both in known.items() for file in both) if affected else {}
    waiting = list(affected)
    while waiting:
        path = waiting.pop()
        words = affected[path]
        for file in known.get(path, ()):
            _add_what_says_them(words, file)
        for other in links.get(path, ()):
            there = affected.setdefault(other, set())
            if not words <= there:
                there |= words
                waiting.append(other)
    return affected


def _add_what_says_them(words: Words, file: KnownFile) -> None:
    said_by: dict[str, list[str]] = {}
    for name, text in (*((one.name, one.text) for one in file.definitions), *file.given):
        for word in words_in(text):
            said_by.setdefault(word, []).append(name)
    waiting = list(words)
    while waiting:
        for name in said_by.get(waiting.pop(), ()):
            if name not in words:
                words.add(name)
                waiting.append(name)


def _links(files: Iterable[tuple[str, KnownFile]]) -> dict[str, set[str]]:
    """By file those that it uses, and those that use it."""
    links: dict[str, set[str]] = {}
    for path, file in files:
        for other in file.linked:
            links.setdefault(path, set()).add(other)
            links.setdefault(other, set()).add(path)
    return links
