"""Draws diagnostics: the one place that knows what they look like.

    error[E202]: a stop needs a unit
      --> flow.rules:3:38
       |
     3 | on signal BUY -> enter long 100 stop 3
       |                                      ^ 3 what?
       = help: write `3%`, `$3 away`, `3 atr` or `at $3`

Colour is not known here: a `Style` turns a text and its part into styled text, and the plain one leaves it alone.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping

from .diagnostics import Diagnostic, Severity
from .source import SourceFile
from .span import Span

Style = Callable[[str, str], str]
"""Gets a text and the part it plays: `error`, `warning`, `strong`, `edge` or `help`."""

Sources = Mapping[str, SourceFile]
"""The files that diagnostics speak of, by path."""

TAB_STOP = 4
WIDEST_LINE = 120
"""Columns of a line that are shown; of a longer one the part around the place."""


def plain(text: str, part: str) -> str:
    """The style without any."""
    return text


def full(diagnostics: Iterable[Diagnostic], sources: Sources, style: Style = plain) -> str:
    """Whole reports with the lines they are about; they end with an empty line each."""
    return "".join(_report(diagnostic, sources.get(diagnostic.path), style) + "\n" for diagnostic in diagnostics)


def concise(diagnostics: Iterable[Diagnostic], sources: Sources) -> str:
    """One line each: `path:line:column: CODE message`."""
    lines = []
    for diagnostic in diagnostics:
        line, column, _, _ = _place(diagnostic.span, sources.get(diagnostic.path))
        lines.append(f"{diagnostic.path}:{line}:{column}: {diagnostic.code} {diagnostic.message}\n")
    return "".join(lines)


def as_json(diagnostics: Iterable[Diagnostic], sources: Sources) -> str:
    """A JSON array, one object each, lines and columns from 1; an end is the place after the last character."""
    import json  # the other forms do not pay for it

    return json.dumps([_object(one, sources.get(one.path)) for one in diagnostics], ensure_ascii=False, indent=1) + "\n"


def _object(diagnostic: Diagnostic, source: SourceFile | None) -> dict[str, object]:
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "path": diagnostic.path,
        **_place_object(diagnostic.span, source),
        "help": diagnostic.help,
        "fixes": [
            {
                "title": fix.title,
                "edits": [{**_place_object(edit.span, source), "text": edit.text} for edit in fix.edits],
            }
            for fix in diagnostic.fixes
        ],
    }


def _place_object(span: Span, source: SourceFile | None) -> dict[str, int]:
    line, column, end_line, end_column = _place(span, source)
    return {"line": line, "column": column, "end_line": end_line, "end_column": end_column}


def _place(span: Span, source: SourceFile | None) -> tuple[int, int, int, int]:
    if source is None:
        return 1, 1, 1, 1
    return (*source.position(span.start), *source.position(span.end))


# ---- the full report -----------------------------------------------------------------------------------------------


def _report(diagnostic: Diagnostic, source: SourceFile | None, style: Style) -> str:
    part = "error" if diagnostic.severity is Severity.ERROR else "warning"
    line, column, _, _ = _place(diagnostic.span, source)
    margin = " " * (len(str(line)) + 2)
    headline = style(f"{part}[{diagnostic.code}]", part) + style(f": {_printable(diagnostic.message)}", "strong")
    rows = [headline, f"{margin[1:]}{style('-->', 'edge')} {_printable(diagnostic.path)}:{line}:{column}"]
    if source is not None and source.text:
        text, carets = _line_with_carets(diagnostic.span, source)
        label = f" {_printable(diagnostic.label)}" if diagnostic.label else ""
        rows += [
            style(f"{margin}|", "edge"),
            f"{style(f' {line} |', 'edge')} {text}".rstrip(),
            f"{style(f'{margin}|', 'edge')} {' ' * carets[0]}{style('^' * carets[1] + label, part)}",
        ]
    if diagnostic.help:
        rows.append(f"{margin}{style('=', 'edge')} {style('help', 'help')}: {_printable(diagnostic.help)}")
    rows += [f"{margin}{style('=', 'edge')} {style('note', 'help')}: {_printable(note)}" for note in diagnostic.notes]
    return "\n".join(rows) + "\n"


def _line_with_carets(span: Span, source: SourceFile) -> tuple[str, tuple[int, int]]:
    """The line as it is shown, and where under it the carets begin and how many they are."""
    line, column = source.position(span.start)
    text = source.line(line)
    end = min(column - 1 + max(span.end - span.start, 1), max(len(text), column))
    first = max(0, column - 1 - WIDEST_LINE // 2) if len(text) > WIDEST_LINE else 0
    last = first + WIDEST_LINE if len(text) > WIDEST_LINE else len(text)
    shown = ("…" if first else "") + _shown(text[first:last]) + ("…" if last < len(text) else "")
    before = _width(_shown(text[first : column - 1])) + bool(first)
    under = _width(_shown(text[column - 1 : min(end, max(last, column))], _width(_shown(text[first : column - 1]))))
    return shown, (before, max(under, 1))


def _shown(text: str, at: int = 0) -> str:
    """A text with tabs as spaces and signs that would disturb the terminal as `\\ufffd`; `at` is its column from 0."""
    if text.isascii() and text.isprintable():
        return text
    signs: list[str] = []
    for sign in text:
        if sign == "\t":
            sign = " " * (TAB_STOP - at % TAB_STOP)
        elif not sign.isprintable() and sign != "\u200d":
            sign = "\ufffd"
        signs.append(sign)
        at += _width(sign)
    return "".join(signs)


def _width(text: str) -> int:
    """How many columns a terminal takes for a text: two for wide signs, none for combining ones."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(s) else 2 if unicodedata.east_asian_width(s) in "WF" else 1 for s in text)


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)
