"""Cheap repairs: what the writer most likely meant at a token that can't stand where it stands.

A repair is tried by asking the driver whether the text would go on after it. The certain ones keep the statement's
meaning (`whole`): a misspelt keyword, a missing `->`, `=` for `==`. The others only let reading go on, so that the next
mistake is found and nothing is blamed that follows from this one.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from . import word_repairs
from .diagnostics import Edit, Fix
from .lexer import END
from .situation import Attempt, Repair, Situation, explain
from .span import Span

OPERANDS = ("NUMBER", "STRING", "NAME", "SYMBOL", "DURATION")
CLOSERS = {"LPAR": "RPAR", "LSQB": "RSQB", "LBRACE": "RBRACE"}


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


def _second_index(at: Situation) -> Repair | None:
    """`close[1][2]`: what follows in the second bracket is read by nothing."""
    second = at.kind == "LSQB" and at.index > 0 and at.tokens.kinds[at.index - 1] == "RSQB"
    return Repair(explain(at), lost=True) if second else None


def _missing_arrow(at: Situation) -> Repair | None:
    if at.kind not in at.table.verbs or not at.fits(["ARROW"], 0):
        return None
    fix = Fix("write `->` before it", (Edit(Span(at.span.start, at.span.start), "-> "),))
    message = f"an action starts with `->`, and none stands before `{at.word}`"
    help_text = f"write `-> {at.word}`"
    diagnostic = at.error(message, label="`->` is missing", help=help_text, fixes=(fix,))
    return Repair(diagnostic, ("ARROW",), ("->",), skip=0, whole=True)


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
        if kind in CLOSERS and not _is_closed_later(at, CLOSERS[kind]):
            continue  # it would only be reported as never closed
        if at.fits([kind], 0):
            return Repair(explain(at), (kind,), skip=0)
    return None


def _is_closed_later(at: Situation, closing: str) -> bool:
    """Whether a closing bracket follows in the same statement."""
    for index in range(at.index, len(at.tokens.kinds)):
        if at.tokens.kinds[index] in at.table.statement_words and at.tokens.begins_line(index):
            return False
        if at.tokens.kinds[index] == closing:
            return True
    return False


def _leave_out(at: Situation) -> Repair | None:
    """One token less would do."""
    if at.kind != END and at.kind not in at.table.statement_words and not at.begins_step and at.fits([], 1):
        return Repair(explain(at), (), skip=1)
    return None


def _replace(at: Situation) -> Repair | None:
    """Another token would do."""
    if at.kind == END or at.kind == "ARROW" or at.kind in at.table.statement_words or at.begins_step:
        return None
    for kind in at.table.actions[at.states[-1]]:
        if at.fits([kind], 1):
            return Repair(explain(at), (kind,), skip=1)
    return None


_CERTAIN: tuple[Attempt, ...] = (
    word_repairs.foreign_word,
    word_repairs.is_before_a_value,
    word_repairs.unit_apart,
    _second_index,
    word_repairs.misspelt,
    word_repairs.wrong_token,
    _missing_arrow,
    word_repairs.misspelt_before,
    _missing_before,
    word_repairs.wrong_case,
    _missing_bracket,
)
_ANY: tuple[Attempt, ...] = (_insert, _leave_out, _replace)
