"""Where lines end: documents made of words, places where a line may break, and groups of these.

    broken_lines(Group(("where ", Group(("a", Break(), "and b"), indent=2))), 100)

A group stays on one line where it fits, else every break that stands directly in it begins a line; a filled group
breaks only before what no longer fits. A break takes comments: it then begins a line whatever the width, and so do
those of the groups around it. Documents are data; a printer makes them, `comments.py` puts comments into their breaks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs

from .record import Record


@attrs.frozen(eq=False, repr=False)
class Note(Record):
    """A comment on a line of its own, or an empty line where `text` is empty."""

    text: str


@attrs.frozen(eq=False, repr=False)
class Break(Record):
    """Where a line may end; on one line it is printed as `flat`.

    `closes` puts what follows at the indentation around the group: a closing bracket. `keeps_blank` tells that an
    empty line of the source is kept here. `beside` is a comment at the end of the line before, `above` are lines
    before the next.
    """

    flat: str = " "
    closes: bool = False
    keeps_blank: bool = False
    beside: str | None = None
    above: tuple[Note, ...] = ()

    @property
    def must_end_the_line(self) -> bool:
        return self.beside is not None or bool(self.above)


@attrs.frozen(eq=False, repr=False)
class Padding(Record):
    """Spaces that stand only where the group around them is broken: they put what follows below one another."""

    width: int


@attrs.frozen(eq=False, repr=False)
class Group(Record):
    """Parts that share a line, or have `indent` columns before each line but the first."""

    parts: tuple[Doc, ...]
    indent: int = 0
    broken: bool = False
    filled: bool = False


Doc = str | Break | Padding | Group | tuple["Doc", ...]


def flat(doc: Doc) -> str:
    """All on one line."""
    return "".join(_flat(doc))


def _flat(doc: Doc) -> Iterator[str]:
    waiting: list[Doc] = [doc]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            yield part
        elif isinstance(part, Break):
            yield part.flat
        elif isinstance(part, Group):
            waiting.extend(reversed(part.parts))
        elif isinstance(part, tuple):
            waiting.extend(reversed(part))


def leaves(doc: Doc) -> list[str | Break]:
    """The words and the breaks of a document, in order."""
    found: list[str | Break] = []
    waiting: list[Doc] = [doc]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            found.append(part)
        elif isinstance(part, tuple):
            waiting += part[::-1]
        elif isinstance(part, Break):
            found.append(part)
        elif isinstance(part, Group):
            waiting += part.parts[::-1]
    return found


def replaced(doc: Doc, breaks: Iterator[Break]) -> Doc:
    """The document with other breaks, one for each in order; groups around one that must end its line are broken."""
    return _replaced((doc,), breaks)[0][0]


def _replaced(parts: tuple[Doc, ...], breaks: Iterator[Break]) -> tuple[tuple[Doc, ...], bool]:
    """Also whether a line must end in them. What stays as it was is not made anew: most breaks take no comment."""
    must = is_new = False
    others: list[Doc] = []
    for part in parts:
        other: Doc = part
        if isinstance(part, Break):
            other = next(breaks)
            must = must or other.must_end_the_line
        elif isinstance(part, Group):
            inside, ends = _replaced(part.parts, breaks)
            if inside is not part.parts or ends:
                other = Group(inside, part.indent, part.broken or ends, part.filled)
                must = must or ends
        elif isinstance(part, tuple):
            other, ends = _replaced(part, breaks)
            must = must or ends
        others.append(other)
        is_new = is_new or other is not part
    return tuple(others) if is_new else parts, must


# ---- printing ------------------------------------------------------------------------------------------------------


@attrs.frozen
class _Way:
    """How a group is being printed: `outer` and `inner` are the columns that lines begin at around and in it."""

    outer: int
    inner: int
    broken: bool
    filled: bool = False


_Waiting = list[tuple[_Way, Doc]]


def broken_lines(doc: Doc, width: int) -> list[str]:
    """The lines of a document, none longer than `width` columns where its breaks allow that."""
    return _Printer(width).lines_of(doc)


class _Printer:
    def __init__(self, width: int) -> None:
        self._width = width
        self._lines: list[str] = []
        self._line: list[str] = []
        self._column = 0

    def lines_of(self, doc: Doc) -> list[str]:
        waiting: _Waiting = [(_Way(0, 0, broken=False), doc)]
        while waiting:
            way, part = waiting.pop()
            if isinstance(part, str):
                self._write(part)
            elif isinstance(part, Break):
                if self._ends_the_line(way, part, waiting):
                    self._end_line(way, part)
                else:
                    self._write(part.flat)
            elif isinstance(part, Padding):
                self._write(" " * part.width if way.broken else "")
            elif isinstance(part, Group):
                room = self._width - self._column
                words = None if part.broken else _on_one_line(part, room)
                if words is not None and self._has_room(words, room, waiting):
                    self._write(words)
                else:
                    broken = part.broken or words is not None or not self._fits(part, waiting)
                    inside = _Way(way.inner, way.inner + part.indent, broken, part.filled)
                    waiting.extend([(inside, one) for one in reversed(part.parts)])
            else:
                waiting.extend([(way, one) for one in reversed(part)])
        self._lines.append("".join(self._line).rstrip())
        return self._lines

    def _write(self, text: str) -> None:
        self._line.append(text)
        self._column += len(text)

    def _ends_the_line(self, way: _Way, part: Break, waiting: _Waiting) -> bool:
        if part.must_end_the_line or (way.broken and not way.filled):
            return True
        return way.broken and not self._next_fits(part, waiting)

    def _end_line(self, way: _Way, part: Break) -> None:
        line = "".join(self._line).rstrip()
        self._lines.append(line if part.beside is None else f"{line}  {part.beside}")
        self._lines += [" " * way.inner + note.text if note.text else "" for note in part.above]
        column = way.outer if part.closes else way.inner
        self._line = [" " * column]
        self._column = column

    def _has_room(self, words: str, room: int, rest: Sequence[tuple[_Way, Doc]]) -> bool:
        """Whether words leave room for what follows up to where the line may end."""
        return len(words) <= room and self._room_for([], rest, room - len(words))

    def _fits(self, group: Group, rest: Sequence[tuple[_Way, Doc]]) -> bool:
        """Whether a group, all on one line, leaves room for what follows up to where the line may end."""
        return self._room_for([(_Way(0, 0, broken=False), group)], rest, self._width - self._column)

    def _next_fits(self, part: Break, rest: Sequence[tuple[_Way, Doc]]) -> bool:
        """Whether what follows a break of a filled group, up to the next, has room on this line."""
        return self._room_for([], rest, self._width - self._column - len(part.flat))

    @staticmethod
    def _room_for(first: _Waiting, rest: Sequence[tuple[_Way, Doc]], room: int) -> bool:
        waiting = first
        upcoming = len(rest)
        while room >= 0:
            if not waiting:
                if upcoming == 0:
                    return True
                upcoming -= 1
                waiting.append(rest[upcoming])
            way, part = waiting.pop()
            if isinstance(part, str):
                room -= len(part)
            elif isinstance(part, Break):
                if way.broken:
                    return True
                room -= len(part.flat)
            elif isinstance(part, Group):
                # what is known to break ends the line at its first break; all else is taken to be on one line
                inside = _Way(0, 0, part.broken)
                waiting.extend([(inside, one) for one in reversed(part.parts)])
            elif isinstance(part, tuple):
                waiting.extend([(way, one) for one in reversed(part)])
        return False


def _on_one_line(group: Group, room: int) -> str | None:
    """A group as it is on one line, or as much of it as is longer than `room`; None where a line must end in it.

    Most groups fit, and then so does all in them: this asks once for what would be asked of each again.
    """
    words: list[str] = []
    waiting: list[Doc] = [group]
    while waiting and room >= 0:
        part = waiting.pop()
        if isinstance(part, str):
            words.append(part)
            room -= len(part)
        elif isinstance(part, tuple):
            waiting += part[::-1]
        elif isinstance(part, Break):
            if part.must_end_the_line:
                return None
            words.append(part.flat)
            room -= len(part.flat)
        elif isinstance(part, Group):
            if part.broken:
                return None
            waiting += part.parts[::-1]
    return "".join(words)
