"""Repairs of single words: misspelt, of another language, in the wrong case, or no words at all."""

from __future__ import annotations

from collections.abc import Sequence

from . import wrong_tokens
from .catalog import why_reserved
from .diagnostics import Diagnostic, Edit, Fix
from .kinds import CLOSE_REASON, SIDE, WEEKDAY
from .lexer import END, RESERVED, WRONG_KINDS
from .situation import Repair, Situation
from .span import Span
from .spelling import nearest

_WORDS = frozenset((*SIDE.words, *CLOSE_REASON.words, *WEEKDAY.words))


def misspelt(at: Situation) -> Repair | None:
    """`wher` for `where`, `Enter` for `enter`: E003 when the keyword then fits."""
    if not at.word.isidentifier() or at.starts_statement or at.kind in ("AND", "OR", "NOT"):
        return None
    keywords = {text: kind for text, kind in at.table.keywords.items() if kind in at.table.actions[at.states[-1]]}
    meant = nearest(at.word.lower(), [text for text, kind in keywords.items() if at.fits([kind], 1)])
    if meant is None or meant == at.word:
        return None
    return Repair(_did_you_mean(at, at.span, at.word, meant), (keywords[meant],), (meant,), skip=1, whole=True)


def misspelt_before(at: Situation) -> Repair | None:
    """`at los 2%`: read as a name at first, and only what follows shows that a keyword was meant."""
    if at.index == 0 or at.kind == END:
        return None
    word = at.tokens.word(at.index - 1)
    if not word.isidentifier() or word in RESERVED or at.tokens.begins_line(at.index):
        return None
    keywords = {text: kind for text, kind in at.table.keywords.items() if kind in at.table.actions[at.before[-1]]}
    if word in keywords or why_reserved(word) is not None:
        return None  # rightly written: what follows it is wrong
    following = at.tokens.kinds[at.index : at.index + at.look]
    fitting = [text for text, kind in keywords.items() if at.driver.would_take(at.before, [kind, *following])]
    meant = nearest(word.lower(), fitting)
    if meant is None or meant == word:
        return None
    diagnostic = _did_you_mean(at, at.tokens.span(at.index - 1), word, meant)
    return Repair(diagnostic, (keywords[meant],), (meant,), skip=0, whole=True, back=True)


def _did_you_mean(at: Situation, span: Span, word: str, meant: str) -> Diagnostic:
    message = f"`{word}` is not a word of the language here"
    if word.lower() == meant:
        help_text = f"keywords are in lower case: write `{meant}`"
    else:
        help_text = f"did you mean `{meant}`?"
    fix = Fix(f"write `{meant}`", (Edit(span, meant),))
    return at.error(message, span, "E003", label=f"`{meant}`?", help=help_text, fixes=(fix,))


def wrong_token(at: Situation) -> Repair | None:
    """A token that no file can hold, with its own message."""
    if at.kind not in WRONG_KINDS:
        return None
    wrong = wrong_tokens.wrong_token(at.kind, at.word, at.table.keywords)
    if at.kind == "WRONG_WORD" and at.word.isascii():
        wrong = wrong_tokens.in_one_case(at.word, wrong, _only_case(at))
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


def _only_case(at: Situation) -> str | None:
    """The kind of word that alone can stand here: NAME or SYMBOL."""
    if at.index and at.tokens.kinds[at.index - 1] == "IS":
        return "NAME"  # `weekday is Friday`: kinds of signals are written all in capitals
    expected = at.expected()
    either = [kind for kind in ("NAME", "SYMBOL") if kind in expected]
    return either[0] if len(either) == 1 else None


def _texts(instead: str | None, kinds: Sequence[str]) -> tuple[str, ...]:
    """What was meant, in the pieces that the kinds stand for."""
    if instead is None:
        return ()
    return (instead,) if len(kinds) == 1 else tuple(instead.split())


def foreign_word(at: Situation) -> Repair | None:
    """Words and signs of other languages: `then` for `->`, `if` for `where`, `=` for `==`."""
    if at.word == "=" and at.tokens.word(at.index + 1) in _WORDS and at.fits(["IS"], 1):
        message = "`=` gives a name its value; a word is asked for with `is`"
        fix = Fix("write `is`", (Edit(at.span, "is"),))
        diagnostic = at.error(message, label="write `is`", help="write `is`", fixes=(fix,))
        return Repair(diagnostic, ("IS",), ("is",), skip=1, whole=True)
    for kinds, meant in wrong_tokens.FOREIGN.get(at.word, ()):
        if at.fits(kinds, 1):
            if at.word in wrong_tokens.AMBIGUOUS:
                asked, ways = wrong_tokens.AMBIGUOUS[at.word]
                return Repair(at.error(asked, label="which of the two?", help=ways), kinds, skip=1)
            message = f"`{at.word}` does not belong here"
            if at.word == "=":
                message = "`=` gives a name its value; it does not compare"
            fix = Fix(f"write `{meant}`", (Edit(at.span, meant),))
            diagnostic = at.error(message, label=f"write `{meant}`", help=f"write `{meant}`", fixes=(fix,))
            return Repair(diagnostic, kinds, _texts(meant, kinds), skip=1, whole=True)
    return None


def is_before_a_value(at: Situation) -> Repair | None:
    """`confidence is 0.8` for `==`; `is in` and `is >` for `in` and `>`."""
    if at.index == 0 or at.tokens.kinds[at.index - 1] != "IS" or at.kind in WRONG_KINDS:
        return None
    following = at.tokens.kinds[at.index : at.index + at.look]
    place = at.tokens.span(at.index - 1)
    if at.driver.would_take(at.before, ["COMPARATOR", *following]):
        fix = Fix("write `==`", (Edit(place, "=="),))
        message = "`is` asks for a word; values are compared with `==`"
        diagnostic = at.error(message, place, label="write `==`", help="write `==`", fixes=(fix,))
        return Repair(diagnostic, ("COMPARATOR",), ("==",), back=True)
    if at.kind in ("IN", "COMPARATOR") and at.driver.would_take(at.before, following):
        fix = Fix("remove it", (Edit(Span(place.start, at.span.start), ""),))
        message = f"`is` is not written before `{at.word}`"
        diagnostic = at.error(message, place, help="leave it out", fixes=(fix,))
        return Repair(diagnostic, back=True)
    return None


def unit_apart(at: Situation) -> Repair | None:
    """`5 minutes` for `5m`, `3 percent` for `3%`."""
    unit = wrong_tokens.SPELT_UNITS.get(at.word)
    if unit is None or at.index == 0 or at.tokens.kinds[at.index - 1] != "NUMBER":
        return None
    kind, form = unit
    following = at.tokens.kinds[at.index + 1 : at.index + 1 + at.look]
    if not at.driver.would_take(at.before, [kind, *following[:1]]):
        return None
    instead = form.format(at.tokens.word(at.index - 1))
    place = Span(at.tokens.starts[at.index - 1], at.span.end)
    fix = Fix(f"write `{instead}`", (Edit(place, instead),))
    message = f"`{at.tokens.text[place.start : place.end]}` is written `{instead}`"
    diagnostic = at.error(message, place, help=f"write `{instead}`", fixes=(fix,))
    return Repair(diagnostic, (kind,), (instead,), skip=1, back=True, whole=True)


def wrong_case(at: Situation) -> Repair | None:
    """A reserved word as a name, a symbol for a name, a name for a symbol."""
    if at.word in RESERVED and not at.starts_statement and at.fits(["NAME"], 1):
        if at.tokens.kinds[at.statement] == "USE":
            message = f"`{at.word}` is a word of the language and no part of a module's name"
            help_text = 'a file of yours stands in quotes: write `use "shared/limits.rules"`'
            return Repair(at.error(message, help=help_text), ("NAME",), skip=1)
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
    if is_name and at.begins_step:
        return None
    if is_name and at.kind != "SYMBOL" and "NAME" not in at.expected() and at.fits(["SYMBOL"], 1):
        if at.is_in_test and at.fits(["NUMBER"], 1):
            message = f"`{at.word}` is a name, and in a test every value stands there"
            return Repair(at.error(message, label="not a value", help="write the value itself"), ("NUMBER",), skip=1)
        upper = at.word.upper()
        message = f"`{at.word}` is written like a name; symbols and the kinds of signals are in upper case"
        fix = Fix(f"write `{upper}`", (Edit(at.span, upper),))
        diagnostic = at.error(message, label="lower case", help=f'write `{upper}`, or `"{at.word}"`', fixes=(fix,))
        return Repair(diagnostic, ("SYMBOL",), skip=1)
    return None
