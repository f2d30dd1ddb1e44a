"""A file's one canonical layout, with its comments and with at most one empty line where the author left some.

    format_source(source).text

The layout of each statement is the printer's. Statements of several lines are set apart by empty lines, with the
comments that stand right above them. A comment that is indented right below a statement (an action switched off, say)
stays with it. `# rulec: ignore[…]` stays on the line that its statement begins on: it would silence nothing elsewhere.
The meaning never changes: what is printed is read back and compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import attrs

from . import nodes
from .comments import Woven, line_ends, line_start, weave
from .depth import room_to_work
from .diagnostics import Diagnostic
from .layout import Break, Doc, broken_lines, leaves
from .parser import parse
from .printer import WIDEST, print_language, statement_doc
from .record import Record
from .source import SourceFile
from .span import Span

_STAYS_FIRST = re.compile(r"#\s*rulec:\s*ignore\b")
_TAIL = "  "
"""The indentation of comments that belong to the statement above them."""


@attrs.frozen(eq=False, repr=False)
class Formatted(Record):
    """What came of a file: its text in the canonical layout, or None and its errors where it can't be read."""

    text: str | None
    diagnostics: tuple[Diagnostic, ...] = ()


@attrs.define
class _Entry:
    """A statement or a comment on a line of its own: what is printed, and where it stood in the source."""

    lines: list[str]
    start: int
    end: int
    is_comment: bool = False

    @property
    def is_block(self) -> bool:
        return len(self.lines) > 1


def format_source(source: SourceFile) -> Formatted:
    """Lay a file out; a file with syntax errors gives these instead.

    Line ends are those of the file's first line. An empty file stays empty.
    """
    with room_to_work():
        file, diagnostics = parse(source)
        if diagnostics:
            return Formatted(None, tuple(diagnostics))
        printed = "".join(f"{line}\n" for line in _lines(_entries(file, source.text), source.text))
        if printed != source.text:
            _compare(file, printed, source.path)
    return Formatted(printed.replace("\n", "\r\n") if _has_carriage_returns(source.text) else printed)


def _has_carriage_returns(text: str) -> bool:
    first = text.find("\n")
    return first > 0 and text[first - 1] == "\r"


def _compare(file: nodes.File, printed: str, path: str) -> None:
    """Money hangs on what rules mean: a layout that would change it is a fault of ours and never leaves here."""
    again, wrong = parse(SourceFile(path, printed))
    if wrong or again != file or [one.text for one in again.comments] != [one.text for one in file.comments]:
        raise RuntimeError(f"the layout of {path} would not read back as the same rules")


# ---- statements and comments ---------------------------------------------------------------------------------------


def _entries(file: nodes.File, text: str) -> list[_Entry]:
    entries: list[_Entry] = []
    waiting = list(reversed(file.comments))
    for span, doc in _statements(file, text):
        while waiting and waiting[-1].span.start < span.start:
            _add_comment(entries, waiting.pop(), text)
        inside: list[nodes.Comment] = []
        while waiting and waiting[-1].span.start < span.end:
            inside.append(waiting.pop())
        beside = None
        if waiting and _goes_on(text, span.end, waiting[-1].span.start):
            beside = waiting.pop()
        _add_statement(entries, doc, span, inside, beside, text)
    while waiting:
        _add_comment(entries, waiting.pop(), text)
    return entries


def _statements(file: nodes.File, text: str) -> Iterator[tuple[Span, Doc]]:
    """Every statement's place and document, the language's version first."""
    if file.language is not None:
        yield (
            Span(text.rindex("language", 0, file.language.span.start), file.language.span.end),
            print_language(file.language),
        )
    for statement in file.statements:
        yield statement.span, statement_doc(statement)


def _goes_on(text: str, end: int, start: int) -> bool:
    """Whether two places stand on one line with nothing but white space between them."""
    between = text[end:start]
    return not between.strip(" \t\f\ufeff")


def _add_comment(entries: list[_Entry], comment: nodes.Comment, text: str) -> None:
    start, end = comment.span
    last = entries[-1] if entries else None
    if last is not None and not last.is_comment and _is_tail(last, start, text):
        last.lines.append(_TAIL + comment.text)
        last.end = end
    else:
        entries.append(_Entry([comment.text], start, end, is_comment=True))


def _is_tail(last: _Entry, start: int, text: str) -> bool:
    """Whether a comment on the very next line is indented deeper than the statement above it."""
    return line_ends(text[last.end : start]) == 1 and _indentation(text, start) > _indentation(text, last.start)


def _indentation(text: str, at: int) -> int:
    """The columns before what stands first on the line of a place."""
    line = text[line_start(text, at) : at + 1]
    return len(line) - len(line.lstrip(" \t\f\ufeff"))


def _add_statement(
    entries: list[_Entry],
    doc: Doc,
    span: Span,
    inside: list[nodes.Comment],
    beside: nodes.Comment | None,
    text: str,
) -> None:
    everything = [*inside] if beside is None else [*inside, beside]
    pinned = None
    if everything and _is_pinned(everything[0], span, text):
        pinned = everything[0].text
        inside, beside = (inside[1:], beside) if inside else (inside, None)
    elif (moved := _moves_to_first(doc, span, inside, text)) is not None:
        entries += [_Entry([one.text], span.start, span.start, is_comment=True) for one in inside[:moved]]
        pinned = inside[moved].text
        inside = inside[moved + 1 :]
    last: str | None = None
    below: list[str] = []
    if not inside and not _may_keep_blanks(doc, text, span):
        lines = broken_lines(doc, WIDEST)
        ends_with_pinned = pinned is not None and len(lines) == 1
    else:
        woven = weave(doc, text, span, inside)
        lines, last, below = broken_lines(woven.doc, WIDEST), woven.beside, list(woven.below)
        ends_with_pinned = pinned is not None and len(lines) == 1
        if pinned is not None:
            lines = _with_room_beside_the_first(lines, woven)
        else:
            entries += [_Entry([above], span.start, span.start, is_comment=True) for above in woven.above]
    after = [one for one in (last, *below, None if beside is None else beside.text) if one is not None]
    if after and (last is not None or not below) and not ends_with_pinned:
        lines[-1] += f"  {after.pop(0)}"
    lines += [_TAIL + note for note in after]
    if pinned is not None:
        lines[0] += f"  {pinned}"
    entries.append(_Entry(lines, span.start, max(span.end, everything[-1].span.end) if everything else span.end))


def _is_pinned(comment: nodes.Comment, span: Span, text: str) -> bool:
    """Whether a comment silences something for the statement that starts on its line."""
    return bool(_STAYS_FIRST.match(comment.text)) and line_ends(text[span.start : comment.span.start]) == 0


def _moves_to_first(doc: Doc, span: Span, inside: Sequence[nodes.Comment], text: str) -> int | None:
    """Which comment is laid out to the end of the first line, where it begins to silence something."""
    if not any(_STAYS_FIRST.match(comment.text) for comment in inside):
        return None
    woven = weave(doc, text, span, inside)
    beside = _beside_first(broken_lines(woven.doc, WIDEST)[0], woven)
    number = len(woven.above)
    return number if beside is not None and _STAYS_FIRST.match(beside) else None


def _beside_first(first: str, woven: Woven) -> str | None:
    """The comment at the end of the first line, where the line ends in the statement's midst."""
    at = next((leaf for leaf in leaves(woven.doc) if isinstance(leaf, Break) and leaf.must_end_the_line), None)
    return at.beside if at is not None and at.beside is not None and first.endswith(f"  {at.beside}") else None


def _may_keep_blanks(doc: Doc, text: str, span: Span) -> bool:
    if line_ends(text[span.start : span.end]) < 2:
        return False
    return any(isinstance(leaf, Break) and leaf.keeps_blank for leaf in leaves(doc))


def _with_room_beside_the_first(lines: list[str], woven: Woven) -> list[str]:
    """The end of the first line is wanted for a comment: others that stand there or above go below it."""
    first, *rest = lines
    indentation = rest[0][: len(rest[0]) - len(rest[0].lstrip())] if rest else _TAIL
    moved = list(woven.above)
    beside = _beside_first(first, woven)
    if beside is not None:
        first = first.removesuffix(f"  {beside}")
        moved.append(beside)
    return [first, *(indentation + note for note in moved), *rest]


# ---- empty lines ---------------------------------------------------------------------------------------------------


def _lines(entries: Sequence[_Entry], text: str) -> Iterator[str]:
    blank = [_was_blank(before, entry, text) for before, entry in pairwise(entries)]
    for number, entry in enumerate(entries):
        if number and (blank[number - 1] or entries[number - 1].is_block or _begins_block(entries, blank, number)):
            yield ""
        yield from entry.lines


def _was_blank(before: _Entry, entry: _Entry, text: str) -> bool:
    return line_ends(text[before.end : entry.start]) > 1


def _begins_block(entries: Sequence[_Entry], blank: Sequence[bool], number: int) -> bool:
    """Whether a statement of several lines, with the comments right above it, begins here."""
    if number and entries[number - 1].is_comment and not blank[number - 1]:
        return False
    while entries[number].is_comment and number + 1 < len(entries) and not blank[number]:
        number += 1
    return entries[number].is_block
