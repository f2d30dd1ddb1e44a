"""Going on after a syntax error, so that every mistake of a file is told once and none that follows from another.

At a token that can't be taken the stack is wound back to the moment before it; then the cheap repairs are tried
(`repair.py`). Where none helps, what was expected is reported and the text is left out up to the next token that
something of the stack can go on with: `->`, `}`, `where`, the `on` of a rule with a header, or a statement word first
on its line. The deepest such place is taken; a trigger, an action or another part that got lost is put in as a gap.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import zip_longest

import attrs

from .build_expressions import Problem
from .diagnostics import Diagnostic
from .driver import DEEPEST, Driver, Stack
from .lexer import END, WRONG_KINDS, Tokens
from .nodes import Broken, Name
from .repair import find_any, find_certain
from .situation import Repair, Situation, explain
from .span import Span
from .spelling import nearest

MOST_IN_A_STATEMENT = 30
"""Errors told of one statement; with more it is no rule at all, and the rest of it is left out."""

MOST_IN_A_FILE = 10_000

STAND_INS = {
    "NUMBER": "0",
    "STRING": '""',
    "TIME": "00:00",
    "PERCENT": "0%",
    "MONEY": "$0",
    "DURATION": "0s",
    "DATE": "1970-01-01",
}
"""Text for tokens that are put in where one is missing; their statement is thrown away."""

GAPS = ("trigger", "expression", "action", "option", "limit", "sum", "distance")
"""What may be lost without losing the place: reading goes on as if one of these had stood there."""

RESUMES = frozenset({"ARROW", "RBRACE", "WHERE", "ON", END})


@attrs.define
class _Checkpoint:
    """A moment to wind back to."""

    index: int
    stack: Stack
    problems: int


def read_on(driver: Driver, index: int, path: str, problems: list[Problem]) -> tuple[list[Diagnostic], list[Broken]]:
    """Read a text to its end after the driver has stopped at `index`; returns its errors and what they broke."""
    recovery = _Recovery(driver, path, problems)
    while not driver.accepted:
        index = driver.run(recovery.go_on(index), len(driver.tokens.kinds))
    return recovery.diagnostics, recovery.broken()


class _Recovery:
    """Keeps what one file's reading has met: the diagnostics, and where statements lost their meaning."""

    def __init__(self, driver: Driver, path: str, problems: list[Problem]) -> None:
        self.diagnostics: list[Diagnostic] = []
        self._driver = driver
        self._path = path
        self._problems = problems
        self._broken_at: set[int] = set()
        self._checkpoint = _Checkpoint(0, Stack([driver.table.start], [], []), 0)
        self._statement = -1
        self._errors = 0

    @property
    def _tokens(self) -> Tokens:
        return self._driver.tokens

    def go_on(self, index: int) -> int:
        """Deal with the token that the driver could not take; returns the index to go on at."""
        if self._driver.too_deep:
            self._driver.too_deep = False
            self._report_depth(index, self._statement_of(index))
            return self._leave_statement(index)
        statement = self._statement_of(index)
        if statement != self._statement:
            self._statement, self._errors = statement, 0
        self._errors += 1
        if len(self.diagnostics) >= MOST_IN_A_FILE:
            return self._stop_reading(index)
        if self._errors > MOST_IN_A_STATEMENT:
            return self._leave_statement(index)
        for begins in (index, index - 1):
            if begins > statement and self._is_misspelt_statement(begins, self._base()):
                return self._begin_anew(begins, statement)
        before = self._wind_back(index, statement)
        states = list(self._driver.stack.states)
        situation = Situation(self._driver, self._path, index, states, before, statement)
        repair = find_certain(situation)
        if repair is None and self._ends_before(situation):
            statement = index
            situation = attrs.evolve(situation, states=list(self._driver.stack.states), statement=index)
            repair = find_certain(situation)
        if repair is None:
            repair = find_any(situation)
        if repair is None:
            self._report(explain(situation), statement, whole=False)
            return self._panic(index)
        self._report(repair.diagnostic, statement, whole=repair.whole)
        if repair.lost:
            return self._panic(index)
        return self._apply(repair, index, statement)

    def _stop_reading(self, index: int) -> int:
        """Too many errors: nobody reads more, and what is left is not a rule file."""
        last = self.diagnostics[-1]
        self.diagnostics[-1] = attrs.evolve(last, notes=(f"reading stops after {MOST_IN_A_FILE:,} errors",))
        self._driver.stack.cut(self._base())
        return self._keep(len(self._tokens.kinds) - 1)

    def _ends_before(self, at: Situation) -> bool:
        """Whether a whole statement ends before the line of this token; if so, it is put together and closed."""
        word = "LET"
        if not self._tokens.begins_line(at.index) or not self._driver.would_take(at.states, [word]):
            return False
        self._driver.insert(word, "", at.end_before)
        self._driver.stack.cut(len(self._driver.stack.states) - 1)
        return True

    # ---- winding back ----------------------------------------------------------------------------------------------

    def _base(self) -> int:
        """How many states of the stack stand below the statement being read."""
        between = self._driver.table.between
        states = self._driver.stack.states
        length = 1
        while length < len(states) and states[length] in between:
            length += 1
        return length

    def _statement_of(self, index: int) -> int:
        """The first token of the statement that the stack is in."""
        starts, base = self._driver.stack.starts, self._base()
        if base > len(starts):
            return index
        return min(bisect_left(self._tokens.starts, starts[base - 1]), index)

    def _wind_back(self, index: int, statement: int) -> list[int]:
        """Put the stack back to before the token at `index`; returns the states one token earlier."""
        driver, base = self._driver, self._base()
        if base > len(driver.stack.starts):
            return list(driver.stack.states)
        if statement >= self._checkpoint.index:
            driver.stack.cut(base)
            first = statement
        else:
            driver.stack = self._checkpoint.stack.copy()
            first = self._checkpoint.index
            del self._problems[self._checkpoint.problems :]
        if first < index - 1:
            driver.run(first, index - 1)
            first = index - 1
        before = list(driver.stack.states)
        driver.run(first, index)
        return before

    def _keep(self, index: int) -> int:
        self._checkpoint = _Checkpoint(index, self._driver.stack.copy(), len(self._problems))
        return index

    # ---- going on --------------------------------------------------------------------------------------------------

    def _apply(self, repair: Repair, index: int, statement: int) -> int:
        if repair.back:
            self._rewind_one(index, statement)
            self._insert(repair, self._tokens.span(index - 1))
            return self._keep(index + repair.skip)
        place = self._tokens.span(index) if repair.skip else Span(self._driver.stack.end, self._driver.stack.end)
        self._insert(repair, place)
        return self._keep(index + repair.skip)

    def _insert(self, repair: Repair, place: Span) -> None:
        """Take the repair's tokens; where their text is not known, something that a builder can read."""
        spelling = self._driver.table.spelling
        for kind, written in zip_longest(repair.insert, repair.written):
            text = written if written is not None else STAND_INS.get(kind, spelling.get(kind, ""))
            self._driver.insert(kind, text, place)

    def _rewind_one(self, index: int, statement: int) -> None:
        self._wind_back(index - 1, statement)

    def _panic(self, index: int) -> int:
        """Leave out text up to a token that something of the stack can go on with."""
        driver, tokens = self._driver, self._tokens
        base = self._base()
        places: dict[str, tuple[int, str | None] | None] = {}
        for at in range(index, len(tokens.kinds)):
            kind = tokens.kinds[at]
            starts_line = kind in driver.table.statement_words and tokens.begins_line(at)
            if kind not in RESUMES and not starts_line and not self._begins_step(at):
                if at > self._statement and self._is_misspelt_statement(at, base):
                    driver.stack.cut(base)
                    return self._keep(at)
                continue
            if kind in ("ON", "WHERE") and not starts_line and at == index:
                continue
            if kind not in places:
                places[kind] = self._place_for(kind, base)
            place = places[kind]
            if place is not None and not (place[0] == base and place[1] is None and not starts_line and kind != END):
                self._resume(*place)
                return self._keep(at)
        return self._leave_statement(index)

    def _begins_step(self, at: int) -> bool:
        """Whether a word first on its line begins a step, in a test."""
        tokens, step_words = self._tokens, self._driver.table.step_words
        return tokens.kinds[self._statement] == "TEST" and tokens.kinds[at] in step_words and tokens.begins_line(at)

    def _is_misspelt_statement(self, at: int, base: int) -> bool:
        """Whether a word first on its line is nearly a statement word that fits there."""
        tokens, driver = self._tokens, self._driver
        if not tokens.word(at).isidentifier() or not tokens.begins_line(at):
            return False
        words = {driver.table.spelling[kind]: kind for kind in driver.table.statement_words}
        meant = nearest(tokens.word(at).lower(), words)
        below = driver.stack.states[:base]
        return meant is not None and driver.would_take(below, [words[meant], *tokens.kinds[at + 1 : at + 3]])

    def _begin_anew(self, index: int, statement: int) -> int:
        """A new statement begins here, with its first word misspelt; the one before it may lack its end."""
        before = self._wind_back(index, statement)
        at = Situation(self._driver, self._path, index, list(self._driver.stack.states), before, statement)
        repair = find_certain(at) if self._tokens.kinds[index] not in WRONG_KINDS else None
        if repair is not None:
            self._report(repair.diagnostic, statement, whole=repair.whole)
            return self._apply(repair, index, statement)
        if not self._ends_before(at):
            self._report(explain(at), statement, whole=False)
            self._driver.stack.cut(self._base())
        return self._keep(index)

    def _place_for(self, kind: str, base: int) -> tuple[int, str | None] | None:
        """The deepest state that can go on with a token of that kind: how many states stay, and the gap put in."""
        driver = self._driver
        states = driver.stack.states
        for length in range(len(states), base - 1, -1):
            kept = states[:length]
            if driver.next_states(kept, kind) is not None:
                return length, None
            for gap in GAPS:
                goto = driver.table.gotos[kept[-1]].get(gap)
                if goto is not None and driver.next_states([*kept, goto], kind) is not None:
                    return length, gap
        return None

    def _resume(self, length: int, gap: str | None) -> None:
        stack = self._driver.stack
        stack.cut(length)
        if gap is not None:
            stack.states.append(self._driver.table.gotos[stack.states[-1]][gap])
            stack.values.append(None)
            stack.starts.append(stack.end)

    def _leave_statement(self, index: int) -> int:
        """Give the statement up: go on at the next statement word that is first on its line, or at the end."""
        tokens = self._tokens
        self._driver.stack.cut(self._base())
        words = self._driver.table.statement_words
        at = index
        if tokens.kinds[at] != END:
            at += 1
        while tokens.kinds[at] != END and not (tokens.kinds[at] in words and tokens.begins_line(at)):
            at += 1
        return self._keep(at)

    # ---- telling ---------------------------------------------------------------------------------------------------

    def _report(self, diagnostic: Diagnostic, statement: int, *, whole: bool) -> None:
        self.diagnostics.append(diagnostic)
        if not whole:
            self._broken_at.add(statement)

    def _report_depth(self, index: int, statement: int) -> None:
        message = f"this is nested deeper than {DEEPEST} levels"
        help_text = "give parts of it names with `let`"
        place = self._tokens.span(index)
        self._report(Diagnostic("E005", message, self._path, place, help=help_text), statement, whole=False)

    def broken(self) -> list[Broken]:
        """The statements that lost their meaning, in the order of the text."""
        tokens = self._tokens
        starts = _statement_starts(tokens)
        last = len(tokens.kinds) - 1
        found = []
        for start in sorted(self._broken_at):
            following = bisect_right(starts, start)
            found.append(_broken(tokens, start, starts[following] if following < len(starts) else last))
        return found


def _statement_starts(tokens: Tokens) -> list[int]:
    """Tokens that begin a statement; the `on` after a header belongs to its `rule`."""
    starts: list[int] = []
    in_header = False
    for index, kind in enumerate(tokens.kinds):
        if kind in ("LET", "PARAM", "FIELD", "LIMITS", "RULE", "TEST"):
            starts.append(index)
            in_header = kind == "RULE"
        elif kind == "ON":
            if not in_header:
                starts.append(index)
            in_header = False
    return starts


def _broken(tokens: Tokens, start: int, end: int) -> Broken:
    span = Span(tokens.starts[start], tokens.starts[end])
    name = start + 1
    named = tokens.kinds[start] in ("LET", "PARAM", "FIELD", "RULE") and name < end
    if not named or tokens.kinds[name] in WRONG_KINDS or not tokens.word(name).isidentifier():
        return Broken(tokens.word(start), None, span)
    return Broken(tokens.word(start), Name(tokens.word(name).lower(), tokens.span(name)), span)
