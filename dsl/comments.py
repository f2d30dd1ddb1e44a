"""Comments into the layout: each stays between the words that it stood between, as near as lines can break there.

A comment at the end of a line stays at the end of what it follows, one on a line of its own stays above what comes
next. One in the midst of words that no line can break is put above these. None is lost, and their order is kept.

The words of the printed statement are found again in the source one after the other: the source has them all, and
besides only brackets and commas that need not be there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import attrs

from .layout import Break, Doc, Note, leaves, replaced
from .lexer import tokenise
from .nodes import Comment
from .span import Span
from .table_cache import load as load_table

_LINE_END = re.compile(r"\r\n|\r|\n")
_PUNCTUATION = frozenset("()[]{},:.=")


@attrs.frozen
class Woven:
    """A statement with its comments: lines to stand above it, and what belongs after its last word."""

    above: tuple[str, ...]
    doc: Doc
    beside: str | None
    below: tuple[str, ...]


@attrs.define
class _Place:
    """What a break has been given so far."""

    beside: str | None = None
    above: list[Note] = attrs.Factory(list)


def own_line(text: str, comment: Comment) -> bool:
    """Whether nothing but white space stands before a comment on its line."""
    return not text[line_start(text, comment.span.start) : comment.span.start].strip(" \t\f\ufeff")


def line_start(text: str, at: int) -> int:
    """Where the line of a place begins."""
    start = text.rfind("\n", 0, at) + 1
    return max(start, text.rfind("\r", start, at) + 1)


def line_ends(text: str) -> int:
    """How many lines end in a piece of text."""
    return len(_LINE_END.findall(text))


def weave(doc: Doc, text: str, span: Span, comments: Sequence[Comment]) -> Woven:
    """Put comments, and the empty lines that are kept, into the breaks of a statement's document.

    `text` is the whole source, `span` the statement's place in it, `comments` those within, in order.
    """
    runs, breaks = _runs(doc)
    places = _find(runs, text, span)
    taken = [_Place() for _ in breaks]
    above: list[str] = []
    after = _Place()
    waiting = list(comments)
    for number, place in enumerate(places):
        before = [comment for comment in waiting if comment.span.start < place.end]
        waiting = waiting[len(before) :]
        if number == 0:
            above = [comment.text for comment in before]
        else:
            _settle(taken[number - 1], before, Span(places[number - 1].end, place.start), text, breaks[number - 1])
    _settle(after, waiting, Span(places[-1].end, span.end), text, Break())
    for number, given in enumerate(taken):
        _trim(given, opened=runs[number].endswith("{"), closed=runs[number + 1].startswith("}"))
    filled = (
        attrs.evolve(one, beside=given.beside, above=tuple(given.above))
        for one, given in zip(breaks, taken, strict=True)
    )
    return Woven(tuple(above), replaced(doc, filled), after.beside, tuple(note.text for note in after.above))


def _runs(doc: Doc) -> tuple[list[str], list[Break]]:
    """The words between breaks, and the breaks between them: one less."""
    runs, breaks = [""], []
    for leaf in leaves(doc):
        if isinstance(leaf, Break):
            breaks.append(leaf)
            runs.append("")
        else:
            runs[-1] += leaf
    return runs, breaks


def _find(runs: Sequence[str], text: str, span: Span) -> list[Span]:
    """Where the words of each run stand in the source, but for commas at a run's end."""
    table = load_table()
    source = tokenise(table, text[span.start : span.end])
    printed = tokenise(table, "\n".join(runs))
    places: list[Span] = []
    index = number = 0
    end, run_end = span.start, -1
    for run in runs:
        run_end += len(run) + 1
        first = number
        start = end
        while printed.ends[number] <= run_end and number < len(printed.kinds) - 1:
            word = printed.word(number)
            while not _same(source.word(index), word):
                index += 1
            if number == first:
                start = span.start + source.starts[index]
            if word != "," or number == first:
                end = span.start + source.ends[index]
            index += 1
            number += 1
        places.append(Span(start, end))
    return places


def _same(written: str, printed: str) -> bool:
    """Whether two words are the same; a text may be printed with other escapes, or without its quotes."""
    return written == printed or (written.startswith('"') and printed not in _PUNCTUATION)


def _settle(place: _Place, comments: Sequence[Comment], gap: Span, text: str, at: Break) -> None:
    """Give a break the comments that end before the words after it do; `gap` is what lies between the words."""
    end = gap.start
    for comment in comments:
        if comment.span.start < gap.end and at.keeps_blank and line_ends(text[end : comment.span.start]) > 1:
            place.above.append(Note(""))
        if own_line(text, comment) or comment.span.start > gap.end or place.beside is not None or place.above:
            place.above.append(Note(comment.text))
        else:
            place.beside = comment.text
        end = comment.span.end
    if at.keeps_blank and end < gap.end and line_ends(text[end : gap.end]) > 1:
        place.above.append(Note(""))


def _trim(place: _Place, *, opened: bool, closed: bool) -> None:
    """No empty line after an opening bracket, and none before a closing one."""
    if opened and place.above and not place.above[0].text:
        del place.above[0]
    if closed and place.above and not place.above[-1].text:
        del place.above[-1]
