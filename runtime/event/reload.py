"""New rules, as an input: what the texts of the rule files have become.

A journal holds the texts with which a run began and, for each reload, what is different in them. So it tells what
rules were in force at any input, and the run can be done again from it alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import attrs

from ...dsl.common_ends import ends_in_common


@attrs.frozen
class RuleTexts:
    """The rule files of a set: those that were named, in order, and the texts of all, used ones included, by path."""

    given: tuple[str, ...] = ()
    texts: Mapping[str, str] = attrs.field(factory=dict, hash=False)

    @property
    def digest(self) -> str:
        """A hash of names, order and texts."""
        whole = hashlib.sha256()
        for path in (*self.given, "", *self.texts):
            whole.update(path.encode() + b"\0")
        for text in self.texts.values():
            whole.update(hashlib.sha256(text.encode()).digest())
        return whole.hexdigest()[:16]


@attrs.frozen
class TextEdit:
    """The characters `start` up to, not including, `end` of a file's text are `text` now; of a new file: nothing is."""

    path: str
    start: int
    end: int
    text: str


@attrs.frozen
class Reload:
    """The rules are others from now on.

    `given` and `files` are the paths of the new set; `edits` lead from the texts before to those of now, a path
    without one has kept its text; `digest` is that of the new texts.
    """

    time: int
    given: tuple[str, ...]
    files: tuple[str, ...]
    edits: tuple[TextEdit, ...]
    digest: str


def reload_from(before: RuleTexts, after: RuleTexts, time: int) -> Reload:
    """The input that leads from one set of texts to another (microseconds since 1970 UTC)."""
    edits = []
    for path, text in after.texts.items():
        old = before.texts.get(path, "")
        if old != text:
            start, end = ends_in_common(old, text)
            edits.append(TextEdit(path, start, len(old) - end, text[start : len(text) - end]))
    return Reload(time, after.given, tuple(after.texts), tuple(edits), after.digest)


def texts_after(before: RuleTexts, reload: Reload) -> RuleTexts:
    """The texts that a reload led to.

    Raises:
        ValueError: it did not begin with these texts.
    """
    edits = {edit.path: edit for edit in reload.edits}
    texts: dict[str, str] = {}
    for path in reload.files:
        text = before.texts.get(path, "")
        edit = edits.get(path)
        texts[path] = text if edit is None else text[: edit.start] + edit.text + text[edit.end :]
    after = RuleTexts(reload.given, texts)
    if after.digest != reload.digest:
        raise ValueError("the edits of a reload do not fit the texts before it")
    return after
