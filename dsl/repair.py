"""Cheap repairs: what the writer most likely meant at a token that can't stand where it stands.

A repair is tried by asking the driver whether the text would go on after it. The certain ones keep the statement's
meaning (`whole`): a misspelt keyword, a missing `->`, `=` for `==`. The others only let reading go on, so that the next
mistake is found and nothing is blamed that follows from this one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs

from . import syntax_help, wrong_tokens
from .diagnostics import Diagnostic, Edit, Fix
from .driver import Driver
from .lexer import END, RESERVED, WRONG_KINDS, Tokens
from .span import Span
from .spelling import nearest
from .table import Table

OPERANDS = ("NUMBER", "STRING", "NAME", "SYMBOL", "DURATION")
CLOSERS = {"LPAR": "RPAR", "LSQB": "RSQB", "LBRACE": "RBRACE"}


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


def find_certain(situation: Situation) -> Repair | None:
    """The first repair by which it is clear what was meant; one that suits more of what follows comes first."""
    return _first(_CERTAIN, situation, (2, 1))


def find_any(situation: Situation) -> Repair | None:
    """The first repair that lets the text go on, whatever was meant."""
    return _first(_ANY, situation, (3, 2))


def _first(attempts: Sequence[Attempt], situation: Situation, looks: Sequence[int]) -> Repair | None:
    for look in looks:
        looking = attrs.evolve(situation, look=look)
        for attempt in attempts:
            repair = attempt(looking)
            if repair is not None:
                return repair
    return None


# ---- certain ones --------------------------------------------------------------------------------------------------


def _misspelt(at: Situation) -> Repair | None:
    """`wher` for `where`, `Enter` for `enter`: E003 when the keyword then fits."""
    if not at.word.isidentifier() or at.starts_statement:
        return None
    keywords = {text: kind for text, kind in at.table.keywords.items() if kind in at.table.actions[at.states[-1]]}
    meant = nearest(at.word.lower(), [text for text, kind in keywords.items() if at.fits([kind], 1)])
    if meant is None or meant == at.word:
        return None
    return Repair(_did_you_mean(at, at.span, at.word, meant), (keywords[meant],), (meant,), skip=1, whole=True)


def _misspelt_before(at: Situation) -> Repair | None:
    """`at los 2%`: read as a name at first, and only what follows shows that a keyword was meant."""
    if at.index == 0 or at.kind == END:
        return None
    word = at.tokens.word(at.index - 1)
    if not word.isidentifier() or word in RESERVED or at.tokens.begins_line(at.index):
        return None
    keywords = {text: kind for text, kind in at.table.keywords.items() if kind in at.table.actions[at.before[-1]]}
    following = at.tokens.kinds[at.index : at.index + at.look]
    fitting = [text for text, kind in keywords.items() if at.driver.would_take(at.before, [kind, *following])]
    meant = nearest(word.lower(), fitting)
    if meant is None or meant == word:
        return None
    diagnostic = _did_you_mean(at, at.tokens.span(at.index - 1), word, meant)
    return Repair(diagnostic, (keywords[meant],), (meant,), skip=0, whole=True, back=True)


def _missing_before(at: Situation) -> Repair | None:
    """`stop target 8%`: `target` was read as the name of a distance, what follows shows that one is missing."""
    if at.index == 0 or at.tokens.kinds[at.index - 1] not in at.table.keywords.values():
        return None
    meant = at.tokens.kinds[at.index - 1]
    if meant in at.table.actions[at.before[-1]]:
        return None
    following = at.tokens.kinds[at.index : at.index + at.look]
    for kind in OPERANDS:
        if at.driver.would_take(at.before, [kind, meant, *following]):
            earlier = attrs.evolve(at, index=at.index - 1, states=at.before)
            return Repair(explain(earlier), (kind, meant), skip=0, back=True)
    return None


def _did_you_mean(at: Situation, span: Span, word: str, meant: str) -> Diagnostic:
    message = f"`{word}` is not a word of the language here"
    if word.lower() == meant:
        help_text = f"keywords are in lower case: write `{meant}`"
    else:
        help_text = f"did you mean `{meant}`?"
    fix = Fix(f"write `{meant}`", (Edit(span, meant),))
    return at.error(message, span, "E003", label=f"`{meant}`?", help=help_text, fixes=(fix,))


def _wrong_token(at: Situation) -> Repair | None:
    """A token that no file can hold, with its own message."""
    if at.kind not in WRONG_KINDS:
        return None
    wrong = wrong_tokens.wrong_token(at.kind, at.word, at.table.keywords)
    fixes = () if wrong.instead is None else (Fix(f"write `{wrong.instead}`", (Edit(at.span, wrong.instead),)),)
    span = at.span if wrong.length is None else Span(at.span.start, at.span.start + wrong.length)
    diagnostic = at.error(wrong.message, span, wrong.code, label=wrong.label, help=wrong.help, fixes=fixes)
    for kinds in wrong.stands_for:
        if at.fits(kinds, 1):
            whole = wrong.instead is not None
            return Repair(diagnostic, kinds, _texts(wrong.instead, kinds), skip=1, whole=whole)
    if at.look > 1 and not at.fits([], 1):
        return None
    return Repair(diagnostic, (), skip=1, lost=not at.fits([], 1))


def _texts(instead: str | None, kinds: Sequence[str]) -> tuple[str, ...]:
    """What was meant, in the pieces that the kinds stand for."""
    if instead is None:
        return ()
    return (instead,) if len(kinds) == 1 else tuple(instead.split())


def _foreign_word(at: Situation) -> Repair | None:
    """Words and signs of other languages: `then` for `->`, `if` for `where`, `=` for `==`."""
    for kinds, meant in wrong_tokens.FOREIGN.get(at.word, ()):
        if at.fits(kinds, 1):
            message = f"`{at.word}` does not belong here"
            if at.word == "=":
                message = "`=` gives a name its value; it does not compare"
            fix = Fix(f"write `{meant}`", (Edit(at.span, meant),))
            diagnostic = at.error(message, label=f"write `{meant}`", help=f"write `{meant}`", fixes=(fix,))
            return Repair(diagnostic, kinds, _texts(meant, kinds), skip=1, whole=True)
    return None


def _missing_arrow(at: Situation) -> Repair | None:
    if at.kind not in at.table.verbs or not at.fits(["ARROW"], 0):
        return None
    fix = Fix("write `->` before it", (Edit(Span(at.span.start, at.span.start), "-> "),))
    message = f"an action starts with `->`, and none stands before `{at.word}`"
    help_text = f"write `-> {at.word}`"
    diagnostic = at.error(message, label="`->` is missing", help=help_text, fixes=(fix,))
    return Repair(diagnostic, ("ARROW",), ("->",), skip=0, whole=True)


def _wrong_case(at: Situation) -> Repair | None:
    """A reserved word as a name, a symbol for a name, a name for a symbol."""
    if at.word in RESERVED and not at.starts_statement and at.fits(["NAME"], 1):
        message = f"`{at.word}` is a word of the language and can't be a name"
        help_text = f"choose another name, such as `my_{at.word}`"
        return Repair(at.error(message, code="E103", label="reserved", help=help_text), ("NAME",), skip=1)
    if at.kind == "SYMBOL" and "SYMBOL" not in at.expected() and at.fits(["NAME"], 1):
        lower = at.word.lower().replace(".", "_").replace("-", "_")
        message = f"`{at.word}` is written like a symbol; a name is in lower case"
        if lower in RESERVED:
            return Repair(at.error(message, label="not a name", help="choose a name in lower case"), ("NAME",), skip=1)
        fix = Fix(f"write `{lower}`", (Edit(at.span, lower),))
        return Repair(at.error(message, label="not a name", help=f"write `{lower}`", fixes=(fix,)), ("NAME",), skip=1)
    is_name = at.kind == "NAME" or (at.word.isidentifier() and at.word not in RESERVED and at.kind not in WRONG_KINDS)
    if is_name and at.kind != "SYMBOL" and "NAME" not in at.expected() and at.fits(["SYMBOL"], 1):
        upper = at.word.upper()
        message = f"`{at.word}` is written like a name; symbols and the kinds of signals are in upper case"
        fix = Fix(f"write `{upper}`", (Edit(at.span, upper),))
        diagnostic = at.error(message, label="lower case", help=f'write `{upper}`, or `"{at.word}"`', fixes=(fix,))
        return Repair(diagnostic, ("SYMBOL",), skip=1)
    return None


# ---- brackets ------------------------------------------------------------------------------------------------------


def _unclosed(at: Situation) -> list[int]:
    """Tokens of the statement that opened a bracket which is still open, outermost first."""
    opened: list[int] = []
    for index in range(at.statement, at.index):
        kind = at.tokens.kinds[index]
        if kind in CLOSERS:
            opened.append(index)
        elif opened and CLOSERS[at.tokens.kinds[opened[-1]]] == kind:
            opened.pop()
    return opened


def _missing_bracket(at: Situation) -> Repair | None:
    """Close what is open, as many as it takes; or take a closing bracket of the wrong shape for the right one."""
    kinds: list[str] = []
    for opener in reversed(_unclosed(at)):
        closing = CLOSERS[at.tokens.kinds[opener]]
        sign, close = at.tokens.word(opener), at.table.spelling[closing]
        label = f"`{close}` is missing"
        if not kinds and at.kind in CLOSERS.values() and at.kind != closing and at.fits([closing], 1):
            message = f"`{sign}` is closed by `{close}`, not by `{at.word}`"
            fix = Fix(f"write `{close}`", (Edit(at.span, close),))
            return Repair(at.error(message, help=f"write `{close}`", fixes=(fix,)), (closing,), skip=1)
        kinds.append(closing)
        if at.fits(kinds, 0):
            place = at.end_before
            message = f"the `{sign}` is never closed"
            signs = "".join(at.table.spelling[kind] for kind in kinds)
            fix = Fix(f"write `{signs}`", (Edit(place, signs),))
            diagnostic = at.error(message, place, label=label, help=f"write `{signs}` here", fixes=(fix,))
            return Repair(diagnostic, tuple(kinds), skip=0)
    if at.kind in CLOSERS.values() and at.fits([], 1):
        fix = Fix("remove it", (Edit(at.span, ""),))
        diagnostic = at.error(f"this `{at.word}` closes nothing", help="remove it", fixes=(fix,))
        return Repair(diagnostic, (), skip=1, whole=True)
    return None


# ---- whatever lets the text go on ----------------------------------------------------------------------------------


def _insert(at: Situation) -> Repair | None:
    """One token more would do."""
    expected = at.table.actions[at.states[-1]]
    order = [kind for kind in OPERANDS if kind in expected]
    never = {*OPERANDS, *at.table.statement_words, END}
    order += sorted((kind for kind in expected if kind not in never), key=lambda k: k not in at.table.keywords.values())
    for kind in order:
        if at.fits([kind], 0):
            return Repair(explain(at), (kind,), skip=0)
    return None


def _leave_out(at: Situation) -> Repair | None:
    """One token less would do."""
    if at.kind != END and at.kind not in at.table.statement_words and at.fits([], 1):
        return Repair(explain(at), (), skip=1)
    return None


def _replace(at: Situation) -> Repair | None:
    """Another token would do."""
    if at.kind == END or at.kind == "ARROW" or at.kind in at.table.statement_words:
        return None
    for kind in at.table.actions[at.states[-1]]:
        if at.fits([kind], 1):
            return Repair(explain(at), (kind,), skip=1)
    return None


def explain(at: Situation) -> Diagnostic:
    """E001 in the user's words: what was expected, and where."""
    found = at.word
    next_line = at.kind == END or "\n" in at.tokens.text[at.end_before.end : at.span.start]
    told = syntax_help.look_up(at.table, at.states, at.kind, found, unfinished=next_line)
    if told is None:
        expected = syntax_help.describe(at.expected(), at.table.spelling)
        unfinished = next_line or at.kind in ("ARROW", "RPAR", "RSQB", "RBRACE", "COMMA")
        told = syntax_help.Told(f"expected {expected}" if unfinished else f"expected {expected}, found `{found}`")
        missing = unfinished
    else:
        missing = told.missing or next_line
    place = at.end_before if missing and at.index > at.statement else at.span
    return at.error(
        told.message.replace("{found}", found), place, help=told.help and told.help.replace("{found}", found)
    )


_CERTAIN: tuple[Attempt, ...] = (
    _foreign_word,
    _misspelt,
    _wrong_token,
    _missing_arrow,
    _misspelt_before,
    _missing_before,
    _wrong_case,
    _missing_bracket,
)
_ANY: tuple[Attempt, ...] = (_insert, _leave_out, _replace)
