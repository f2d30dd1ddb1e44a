"""Comments into the layout: each stays between the words that it stood between, as near as lines can break there.

A comment at the end of a line stays at the end of what it follows, one on a line of its own stays above what comes
next. One in the midst of words that no line can break is put above these. None is lost, and their order is kept.

What is printed between two breaks is found again in the source one after the other; where it is not written there as
it is printed, word for word: the source has all words, and besides only brackets and commas that need not be there.
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
_GAP = re.compile(r"(?:[ \t\r\n\f\ufeff]+|#[^\r\n]*)*")
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"|[A-Z][A-Z0-9_]*(?:[.-][A-Z0-9]+)*|\w+')


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
    taken: dict[int, _Place] = {}
    above: list[str] = []
    after = _Place()
    waiting = list(reversed(comments))
    end = places[0].end
    while waiting and waiting[-1].span.start < end:
        above.append(waiting.pop().text)
    for number, place in enumerate(places[1:]):
        before: list[Comment] = []
        while waiting and waiting[-1].span.start < place.end:
            before.append(waiting.pop())
        if before or breaks[number].keeps_blank:
            given = taken[number] = _Place()
            _settle(given, before, Span(end, place.start), text, breaks[number])
            _trim(given, opened=runs[number].endswith("{"), closed=runs[number + 1].startswith("}"))
        end = place.end
    _settle(after, waiting[::-1], Span(end, span.end), text, Break())
    filled = (_filled(one, taken[number]) if number in taken else one for number, one in enumerate(breaks))
    return Woven(tuple(above), replaced(doc, filled), after.beside, tuple(note.text for note in after.above))


def _filled(one: Break, given: _Place) -> Break:
    return Break(one.flat, one.closes, one.keeps_blank, given.beside, tuple(given.above))


def _runs(doc: Doc) -> tuple[list[str], list[Break]]:
    """The words between breaks, and the breaks between them: one less."""
    runs: list[str] = []
    breaks: list[Break] = []
    words: list[str] = []
    for leaf in leaves(doc):
        if isinstance(leaf, str):
            words.append(leaf)
        else:
            breaks.append(leaf)
            runs.append("".join(words))
            words.clear()
    runs.append("".join(words))
    return runs, breaks


def _find(runs: Sequence[str], text: str, span: Span) -> list[Span]:
    """Where the words of each run stand in the source, but for commas at a run's end."""
    places: list[Span] = []
    end = span.start
    for run in runs:
        words = run.rstrip()
        gap = _GAP.match(text, end) if words else None
        start = end if gap is None else gap.end()
        if not text.startswith(words, start):
            return places + _find_words(runs[len(places) :], text, Span(end, span.end))
        end = start + len(words)
        places.append(Span(start, end))
    return places


def _find_words(runs: Sequence[str], text: str, span: Span) -> list[Span]:
    """The same, word for word: for a source that is not laid out as it is printed."""
    source = tokenise(load_table(), text[span.start : span.end])
    starts, ends = source.starts, source.ends
    places: list[Span] = []
    index = end = 0
    for run in runs:
        start, at = -1, 0
        last = len(run.rstrip())
        while at < last:
            if run[at] == " ":
                at += 1
                continue
            word = source.text[starts[index] : ends[index]]
            length = _length_printed(word, run, at)
            if length:
                at += length
                if start < 0:
                    start = starts[index]
                if word != "," or start == starts[index]:
                    end = ends[index]
            index += 1
        places.append(Span(span.start + (end if start < 0 else start), span.start + end))
    return places


def _length_printed(word: str, run: str, at: int) -> int:
    """As how many characters a word of the source stands at a place of a run; none where it is another that does."""
    if run.startswith(word, at):
        return len(word)
    if not word.startswith('"'):
        return 0
    printed = _TEXT.match(run, at)  # with other escapes, or without its quotes
    return 0 if printed is None else printed.end() - at


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
