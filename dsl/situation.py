"""Where reading has stopped, what a repair of it is, and what to say where there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs

from . import syntax_help
from .diagnostics import Diagnostic
from .driver import Driver
from .lexer import END, Tokens
from .scenario_examples import STEPS
from .span import Span
from .table import Table
from .told import Told


@attrs.frozen
class Repair:
    """What to say, and how to go on: take the kinds in `insert`, then leave out `skip` tokens of the text.

    `written` is the text of each inserted token, where the statement keeps its meaning.

    With `back`, the token before the failing one is left out first. `whole` keeps the statement. `lost`: there is
    something to say, but no way to go on here.
    """

    diagnostic: Diagnostic
    insert: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    skip: int = 0
    whole: bool = False
    back: bool = False
    lost: bool = False


@attrs.frozen
class Situation:
    """A token that can't be taken: `states` is the stack before it, `before` the stack one token earlier."""

    driver: Driver
    path: str
    index: int
    states: list[int]
    before: list[int]
    statement: int
    """index of the first token of the statement"""
    look: int = 2
    """how many tokens must fit after a repair"""

    @property
    def tokens(self) -> Tokens:
        return self.driver.tokens

    @property
    def table(self) -> Table:
        return self.driver.table

    @property
    def kind(self) -> str:
        return self.tokens.kinds[self.index]

    @property
    def word(self) -> str:
        return self.tokens.word(self.index)

    @property
    def span(self) -> Span:
        return self.tokens.span(self.index)

    @property
    def starts_statement(self) -> bool:
        """Whether this is a statement word first on its line: then nothing else is meant."""
        return self.kind in self.table.statement_words and self.tokens.begins_line(self.index)

    @property
    def is_in_test(self) -> bool:
        return self.tokens.kinds[self.statement] == "TEST"

    @property
    def begins_step(self) -> bool:
        """Whether this is the first word of a line, and a step of a test may begin with it."""
        return self.is_in_test and self.kind in self.table.step_words and self.tokens.begins_line(self.index)

    @property
    def end_before(self) -> Span:
        """The place right after the token before."""
        at = self.tokens.ends[self.index - 1] if self.index else 0
        return Span(at, at)

    def fits(self, kinds: Sequence[str], skip: int) -> bool:
        """Whether the text goes on after taking `kinds` and leaving out `skip` tokens.

        What stands on the next lines is not asked, as long as something can go on there.
        """
        following: list[str] = []
        for index in range(self.index + skip, min(self.index + skip + self.look, len(self.tokens.kinds))):
            if index > self.index and self.tokens.begins_line(index):
                break
            following.append(self.tokens.kinds[index])
        if following:
            return self.driver.would_take(self.states, [*kinds, *following])
        after = self.tokens.kinds[self.index + skip] if self.index + skip < len(self.tokens.kinds) else END
        return any(self.driver.would_take(self.states, [*kinds, kind]) for kind in {after, "LET", "ARROW", "RBRACE"})

    def expected(self) -> list[str]:
        """Terminals that could stand here."""
        return [kind for kind in self.table.actions[self.states[-1]] if self.driver.would_take(self.states, [kind])]

    def error(self, message: str, span: Span | None = None, code: str = "E001", **more: object) -> Diagnostic:
        return Diagnostic(code, message, self.path, self.span if span is None else span, **more)  # type: ignore[arg-type]


Attempt = Callable[[Situation], Repair | None]


def explain(at: Situation) -> Diagnostic:
    """E001 in the user's words: what was expected, and where."""
    found = at.word
    next_line = at.kind == END or "\n" in at.tokens.text[at.end_before.end : at.span.start]
    told = syntax_help.look_up(at.table, at.states, at.kind, found, unfinished=next_line)
    if (
        told is None
        and at.is_in_test
        and at.tokens.begins_line(at.index)
        and at.driver.would_take(at.states, ["EXPECT"])
    ):
        return at.error(f"a step does not begin with `{found}`", help=STEPS)
    if told is None:
        expected = syntax_help.describe(at.expected(), at.table.spelling)
        unfinished = next_line or at.kind in ("ARROW", "RPAR", "RSQB", "RBRACE", "COMMA")
        told = Told(f"expected {expected}" if unfinished else f"expected {expected}, found `{found}`")
        missing = unfinished
    else:
        a_word_stands_there = told.or_word and found.isidentifier()
        missing = (told.missing and not a_word_stands_there) or next_line
    place = at.end_before if missing and at.index > at.statement else at.span
    return at.error(
        told.message.replace("{found}", found), place, help=told.help and told.help.replace("{found}", found)
    )
