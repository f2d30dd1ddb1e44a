"""Text to tokens: one regular expression, made from the grammar's terminals.

A token's kind is the grammar's terminal. A word that is also a keyword gets the keyword's kind; whether it is meant as
a keyword or as a name is for the driver to say, which knows what can stand there. What fits no terminal becomes one
wrong token with a kind of its own (`100stop`, `Aapl`, `“x”`), so that one mistake gives one message; the kinds are
explained in `syntax_help.py`.
"""

from __future__ import annotations

import re
from functools import lru_cache

import attrs

from .nodes import Comment
from .span import Span
from .table import Table

RESERVED = frozenset(
    "on rule param field let limits use test language and or not in is where true false at risk else".split()
)
"""Words that can't be names, not even where no keyword could stand."""

END = "$END"

WRONG_FIRST = (
    ("WRONG_DATE", r"[0-9]{4}-(?![0-9]{2}-[0-9]{2}(?!\w))[0-9]{1,2}-[0-9]{1,2}(?!\w)"),
    ("WRONG_OPERATOR", r"=>|=<|<>|===|!==|&&|\|\||\*\*|→|≥|≤|≠|[−–—×÷]"),
    ("WRONG_FRACTION", r"(?<![\w.])\.[0-9](?:[\w%$:]|\.\w)*"),
    ("WRONG_COMMENT", r"//[^\r\n]*"),
)
"""Wrong tokens that begin like a right one, so that they are tried before it."""

WRONG_LAST = (
    ("WRONG_ESCAPE", r'"[^"\\\r\n]*(?:\\[^\r\n][^"\\\r\n]*)*+"'),
    ("UNTERMINATED", r'"[^\r\n]*'),
    ("WRONG_QUOTES", r"“[^“”\"\r\n]*[”\"]|'[^'\r\n]*'|‘[^‘’\r\n]*’|«[^«»\r\n]*»"),
    ("WRONG_NUMBER", r"[$€£¥]?[0-9](?:[\w%$:]|\.\w)*"),
    ("WRONG_WORD", r"\w+"),
    ("WRONG_CHARACTER", r"."),
)
"""What is left over, tried after all else."""

WORD = ("NAME", r"[a-z_][a-z0-9_]*(?!\w)")
"""A name or a keyword: which of the two, a table tells faster than the expression of the terminal NAME."""

_WORDS = ("NAME", "WRONG_WORD")
"""Kinds that a keyword matches as: a reserved word is no NAME."""

WRONG_KINDS = frozenset(kind for kind, _ in WRONG_FIRST + WRONG_LAST)


@attrs.frozen
class Tokens:
    """The tokens of a file as three lists of the same length, the last token being `$END`; comments aside."""

    text: str = attrs.field(repr=False)
    kinds: list[str]
    starts: list[int]
    ends: list[int]
    comments: list[Comment]

    def word(self, index: int) -> str:
        """A token as written; empty at the end of the file."""
        return self.text[self.starts[index] : self.ends[index]]

    def span(self, index: int) -> Span:
        return Span(self.starts[index], self.ends[index])

    def begins_line(self, index: int) -> bool:
        """Whether a token is the first on its line."""
        return index == 0 or self.text.find("\n", self.ends[index - 1], self.starts[index]) >= 0


@lru_cache(maxsize=4)
def _scanner(tokens: tuple[tuple[str, str], ...], white_space: str) -> tuple[re.Pattern[str], list[str]]:
    """The expression for one token with the white space after it, and the kinds by group number.

    Words come first, for they are most of a text and nothing else begins like them.
    """
    symbol = [(kind, pattern) for kind, pattern in tokens if kind == "SYMBOL"]
    rest = [(kind, pattern) for kind, pattern in tokens if kind not in ("NAME", "SYMBOL", "WHITE_SPACE")]
    parts = [WORD, *symbol, *WRONG_FIRST, *rest, *WRONG_LAST]
    named = "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in parts)
    pattern = re.compile(f"(?:{named})(?:{white_space})?", re.DOTALL)
    kinds = [""] * (pattern.groups + 1)
    for kind, number in pattern.groupindex.items():
        kinds[number] = kind
    return pattern, kinds


def tokenise(table: Table, text: str) -> Tokens:
    """All tokens of a text. Nothing is refused here: wrong tokens are tokens."""
    white_space = dict(table.tokens)["WHITE_SPACE"]
    pattern, group_kinds = _scanner(tuple(table.tokens), white_space)
    leading = re.match(white_space, text)
    kinds: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    comments: list[Comment] = []
    keyword = {**{word: word.upper() for word in RESERVED}, **table.keywords}.get
    for match in pattern.finditer(text, leading.end() if leading else 0):
        group = match.lastindex or 0
        kind = group_kinds[group]
        start, end = match.span(group)
        if kind in _WORDS:
            kind = keyword(text[start:end], kind)
        elif kind == "COMMENT":
            comments.append(Comment(text[start:end].rstrip(), Span(start, end)))
            continue
        kinds.append(kind)
        starts.append(start)
        ends.append(end)
    kinds.append(END)
    starts.append(len(text))
    ends.append(len(text))
    return Tokens(text, kinds, starts, ends, comments)
