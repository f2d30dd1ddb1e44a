"""A saved file's text with the statements blanked out that need not be compiled again.

Statements outside an edit mean what they meant, unless they say a name that means something else now. They are blanked
out character for character, so that places stay what they are. The statements next to an edit are left in: where the
following one still begins as a statement of its own, so does all behind it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import zip_longest
from operator import attrgetter
from typing import NamedTuple

import attrs

from . import plan
from .edits import Edit
from .known_files import KnownFile, Piece, Words, places_of, words_in
from .source import SourceFile
from .span import Span

_FIELDS = [field.name for field in attrs.fields(plan.Rule)]
assert _FIELDS[-2:] == ["label", "place"], "what a rule is shown by stands last"
_MAKE: Callable[..., plan.Rule] = plan.Rule
_MEANING = attrgetter(*_FIELDS[:-2])
"""All of a rule but its label and place; rules behind an inserted line are many, and this is the quick way."""

_start = attrgetter("start")
_end = attrgetter("end")

_BLANKS = {code: "\n" if code == 10 else " " for code in range(128)}


@attrs.frozen
class Reduced:
    """A file whose text has lost what is not to be compiled again.

    `kept` are these statements, where they stand now; `guards` are where the first statements behind edits must stand.
    """

    source: SourceFile
    text: SourceFile
    kept: tuple[Piece, ...] = ()
    guards: tuple[Span, ...] = ()


def edited_definitions(known: KnownFile, edits: Sequence[Edit]) -> Words:
    """The names whose definitions are edited: they are likely to mean something else now."""
    found: Words = set()
    for edit in edits:
        found.update(one.name for one in known.definitions if one.start <= edit.end and one.end >= edit.start)
    return found


class _Stretch(NamedTuple):
    """Statements that no edit touches, and the edit before them, None at the start; `lines` have come by then."""

    pieces: Sequence[Piece]
    edit: Edit | None = None
    lines: int = 0

    @property
    def moved(self) -> int:
        """By how many characters they have moved."""
        return 0 if self.edit is None else self.edit.moved


def reduce(
    source: SourceFile, known: KnownFile, edits: Sequence[Edit], affected: Collection[str], named: Collection[str]
) -> Reduced:
    """The file without what needs no compiling, after some edits.

    `affected` are names that mean something else than they did, `named` those by which other files ask for rules.
    """
    stretches, guards, asking = _around(edits, known, source.text)
    untouched = [piece for stretch in stretches for piece in stretch.pieces]
    again = _read_again(untouched, known.text, affected, asking.union(named))
    blanks = [
        (start + stretch.moved, end + stretch.moved)
        for stretch in stretches
        for start, end in _runs(stretch.pieces, again)
    ]
    kept = tuple(piece for stretch in stretches for piece in _moved(stretch, again, source))
    return Reduced(source, SourceFile(source.path, _blanked(source.text, blanks)), kept, tuple(guards))


def _around(edits: Sequence[Edit], known: KnownFile, new: str) -> tuple[list[_Stretch], list[Span], Words]:
    """What lies between edits, where the first statements behind them must stand, and what is said in and beside them.

    The statement before an edit and the one behind it are read again with it.
    """
    old, pieces = known.text, known.pieces
    stretches: list[_Stretch] = []
    guards: list[Span] = []
    said: Words = set()
    done, before, lines = 0, _Stretch(()), 0
    for edit, following in zip_longest(edits, edits[1:]):
        first = bisect_right(pieces, edit.start, key=_end)  # the first that is not wholly before the edit
        last = bisect_left(pieces, edit.end, key=_start)  # the first that is wholly behind it
        before = before._replace(pieces=pieces[done : max(done, first - 1)])
        stretches.append(before)
        start = pieces[first - 1].start + before.moved if first > done else edit.new_start
        end = edit.new_end
        if last < len(pieces):
            guard = Span(pieces[last].start + edit.moved, pieces[last].end + edit.moved)
            end = guard.end
            if following is None or following.start >= pieces[last].end:
                guards.append(guard)
        said |= words_in(new[start:end])
        lines += new.count("\n", edit.new_start, edit.new_end) - old.count("\n", edit.start, edit.end)
        done, before = max(done, last + 1), _Stretch((), edit, lines)
    stretches.append(before._replace(pieces=pieces[done:]))
    return stretches, guards, said


def _read_again(pieces: Sequence[Piece], text: str, affected: Collection[str], asking: Words) -> set[int]:
    """Where the statements start that must be compiled though they are not edited; what they ask for is among them."""
    again = {piece.start for piece in pieces if piece.stays}
    number = 0
    for at in places_of(affected, text):
        while number < len(pieces) and pieces[number].end <= at:
            number += 1
        if number < len(pieces) and pieces[number].start <= at:
            again.add(pieces[number].start)
    asking = asking.union(*(piece.asks for piece in pieces if piece.asks and piece.start in again))
    while asking:
        found = [piece for piece in pieces if piece.start not in again and not asking.isdisjoint(piece.offers)]
        again.update(piece.start for piece in found)
        asking = set().union(*(piece.asks for piece in found))
    return again


def _runs(pieces: Sequence[Piece], again: Collection[int]) -> Iterator[tuple[int, int]]:
    """Where statements stand next to each other that are not read again."""
    start = end = -1
    for piece in pieces:
        if piece.start in again:
            if start >= 0:
                yield start, end
            start = -1
        else:
            start, end = piece.start if start < 0 else start, piece.end
    if start >= 0:
        yield start, end


def _moved(stretch: _Stretch, again: Collection[int], source: SourceFile) -> Sequence[Piece]:
    """The statements of a stretch that are spared, where they stand now."""
    pieces = [piece for piece in stretch.pieces if piece.start not in again]
    if stretch.edit is None or not pieces:
        return pieces
    moved, lines = stretch.moved, stretch.lines
    # what begins on the edit's last line has another column as well
    line_end = source.text.find("\n", stretch.edit.new_end)
    if not moved and not lines and 0 <= line_end <= pieces[0].start:
        return pieces
    there = []
    for start, end, rule, stays, asks, offers, title in pieces:
        start += moved
        if rule is not None and (lines or start < line_end or line_end < 0):
            place = rule.place
            if line_end < 0 or start < line_end:
                here = source.position(start)
                place = plan.Place(place.path, here.line, here.column)
            else:
                place = plan.Place(place.path, place.line + lines, place.column)
            rule = _MAKE(*_MEANING(rule), rule.label, place)
        there.append(Piece(start, end + moved, rule, stays, asks, offers, title))
    return there


def _blanked(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text with white space at these places; lines and places stay what they are."""
    parts: list[str] = []
    done = 0
    for start, end in spans:
        parts += (text[done:start], _white(text[start:end]))
        done = end
    parts.append(text[done:])
    return "".join(parts)


def _white(text: str) -> str:
    return text.translate(_BLANKS) if text.isascii() else re.sub(r"[^\n]", " ", text)


def labelled(pieces: Sequence[Piece], stem: str) -> tuple[Piece, ...]:
    """The statements of a file, with its rules without a name shown by their number in it."""
    found: list[Piece] = []
    number = 0
    for piece in pieces:
        rule = piece.rule
        if rule is not None:
            number += 1
            if rule.name is None and rule.label != (label := f"{stem}#{number}"):
                piece = piece._replace(rule=_MAKE(*_MEANING(rule), label, rule.place))
        found.append(piece)
    return tuple(found)
