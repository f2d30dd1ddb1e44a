"""Puts fixes into texts: what `rulec check --fix` writes.

A fix is taken only where it does what it promises. After it, the text is read again: the diagnostic must be gone and
nothing may be reported that was not reported before. Each diagnostic has at most one fix taken, its only one; where it
offers several, a person must choose. Edits of one round never overlap.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

import attrs

from .diagnostics import Diagnostic, Edit, Severity
from .record import Record
from .span import Span

ROUNDS = 10
"""How often a text is read again: a fix can bring to light what stood behind the mistake."""

Check = Callable[[Mapping[str, str]], Sequence[Diagnostic]]
"""Compiles texts, by path, and gives what is wrong with them."""


@attrs.frozen(eq=False, repr=False)
class Fixed(Record):
    """Texts by path with fixes put in; `done` says what was fixed, and in which file."""

    texts: Mapping[str, str]
    done: tuple[tuple[str, Diagnostic], ...]


def fix_texts(texts: Mapping[str, str], check: Check, wanted: Callable[[Diagnostic], bool]) -> Fixed:
    """Put all fixes of the wanted diagnostics into the texts, as far as each removes what it was offered for."""
    now = dict(texts)
    done: list[tuple[str, Diagnostic]] = []
    refused: set[tuple[str, str, str]] = set()
    found = check(now)
    for _ in range(ROUNDS):
        open_ = [one for one in _fixable(found, now) if wanted(one) and _key(one) not in refused]
        if not open_:
            break
        together = _apart(open_)
        then = _with_edits(now, together)
        after = check(then)
        if not _removes(together, found, after):
            # one of them does not do what it promises: find out which by trying them alone
            then, together, after = _one_by_one(now, together, found, check, refused)
        if not together:
            continue
        now, found = then, after
        done += [(one.path, one) for one in together]
    return Fixed(now, tuple(done))


def _fixable(found: Iterable[Diagnostic], texts: Mapping[str, str]) -> list[Diagnostic]:
    return [one for one in found if len(one.fixes) == 1 and one.path in texts]


def _key(one: Diagnostic) -> tuple[str, str, str]:
    return one.path, one.code, one.message


def _apart(found: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Those whose edits do not touch those of any before."""
    taken: dict[str, list[Span]] = {}
    chosen: list[Diagnostic] = []
    for one in found:
        spans = taken.setdefault(one.path, [])
        edits = [edit.span for edit in one.fixes[0].edits]
        if not any(_touch(mine, theirs) for mine in edits for theirs in spans):
            spans += edits
            chosen.append(one)
    return chosen


def _touch(one: Span, other: Span) -> bool:
    return one.start <= other.end and other.start <= one.end


def _with_edits(texts: Mapping[str, str], found: Sequence[Diagnostic]) -> dict[str, str]:
    edits: dict[str, list[Edit]] = {}
    for one in found:
        edits.setdefault(one.path, []).extend(one.fixes[0].edits)
    return {path: edited(text, edits.get(path, ())) for path, text in texts.items()}


def edited(text: str, edits: Iterable[Edit]) -> str:
    """A text with edits put in, which do not overlap."""
    for edit in sorted(edits, key=lambda edit: edit.span.start, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def _removes(fixed: Sequence[Diagnostic], before: Sequence[Diagnostic], after: Sequence[Diagnostic]) -> bool:
    """Whether just these are gone. Warnings may come: they are told only where there is no error."""
    was, left = Counter(_key(one) for one in before), Counter(_key(one) for one in after)
    gone = Counter(_key(one) for one in fixed)
    new = [one for one in after if one.severity is Severity.ERROR and left[_key(one)] > was[_key(one)]]
    errors_before = any(one.severity is Severity.ERROR for one in before)
    if not errors_before:
        # what only the removed declaration read is not read any more: it is fixed in the next round
        new = [one for one in after if left[_key(one)] > was[_key(one)] and not (one.code == "W406" and one.fixes)]
    return not new and all(left[key] <= was[key] - count for key, count in gone.items())


def _one_by_one(
    texts: dict[str, str],
    found: Sequence[Diagnostic],
    before: Sequence[Diagnostic],
    check: Check,
    refused: set[tuple[str, str, str]],
) -> tuple[dict[str, str], list[Diagnostic], Sequence[Diagnostic]]:
    """The first that holds alone; those tried before it are refused from now on."""
    for one in found:
        then = _with_edits(texts, [one])
        after = check(then)
        if _removes([one], before, after):
            return then, [one], after
        refused.add(_key(one))
    return texts, [], before
