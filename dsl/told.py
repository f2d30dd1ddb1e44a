"""A message of the parser, and the example of a malformed text that it belongs to."""

from __future__ import annotations

import attrs


@attrs.frozen
class Told:
    """A message; `{found}` stands for the offending text.

    `missing`: the place is the end of the token before, but with `or_word` a word that stands there in its place.
    """

    message: str
    help: str | None = None
    missing: bool = False
    or_word: bool = False


@attrs.frozen
class Example:
    """A malformed text, which stops at its last token or its end, and what to say about it.

    `by` is what the message is known by beside the state: the "word" itself, the "kind" of token, or "any" token. The
    end of the text as a kind means also a token on the next line.
    """

    text: str
    told: Told
    by: str = "any"


def missing(text: str, message: str, help_text: str | None = None) -> Example:
    return Example(text, Told(message, help_text, missing=True))


def choice(text: str, message: str, help_text: str | None = None) -> Example:
    """One of a few words is missing; where another word stands, that is the place."""
    return Example(text, Told(message, help_text, missing=True, or_word=True))


def end(text: str, message: str, help_text: str | None = None) -> Example:
    return Example(text, Told(message, help_text, missing=True), "kind")


def at(text: str, message: str, help_text: str | None = None, by: str = "any") -> Example:
    return Example(text, Told(message, help_text), by)
