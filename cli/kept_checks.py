"""Checks that are kept: what has not changed since it was checked is not compiled again.

A check is kept under everything that its answer depends on: the files in their order with their names and texts, the
settings, the registered actions, the codes asked for, and rulec's own code. What it found by way of `use` is kept with
it, question by question, and is asked again before the answer counts: a file that is used, and has changed, or is gone,
or has come, is noticed.

The folder holds a bounded number of them; the ones not needed for longest go first. That it can't be read or written,
or that its files are damaged, costs nothing but the time to check again.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from .. import dsl, grammar
from ..dsl.diagnostics import Diagnostic, Edit, Fix
from ..dsl.imports import Found, Loader, NotFound
from ..dsl.kept_files import kept_folder, read_kept, write_kept
from ..dsl.library import FileLoader, Library
from ..dsl.registered_calls import Actions
from ..dsl.source import SourceFile
from ..dsl.span import Span
from .checked import Checked

MOST = 64
"""Checks that are kept."""
MOST_BYTES = 20_000_000
"""What they may come to, all together."""
LARGEST = 4_000_000
"""Bytes of one that is kept: a check that found more than that is made again."""

_FORM = "1"
"""To be changed with the form of what is kept."""

_Question = tuple[str, ...]
"""What the compiler asked its loader: the method and its arguments."""


class RememberingLoader:
    """Answers as another loader does, and remembers what was asked and answered."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader
        self.answers: dict[_Question, str] = {}
        self.sources: dict[str, SourceFile] = {}
        """The files that were read, by path."""

    def identity(self, path: str) -> str:
        answer = self._loader.identity(path)
        self.answers["identity", path] = answer
        return answer

    def locate(self, target: str | tuple[str, ...], importer: str) -> str | NotFound:
        answer = self._loader.locate(target, importer)
        names = (target,) if isinstance(target, str) else ("", *target)
        self.answers["locate", importer, *names] = repr(answer)
        return answer

    def read(self, path: str) -> Found | NotFound:
        answer = self._loader.read(path)
        if isinstance(answer, Found):
            self.sources[path] = answer.source
            self.answers["read", path] = _digest([answer.source.path, answer.source.text, repr(answer.wrong)])
        else:
            self.answers["read", path] = repr(answer)
        return answer

    def ask(self, question: _Question) -> None:
        """Ask what was asked another time."""
        method, first, *rest = question
        if method == "identity":
            self.identity(first)
        elif method == "read":
            self.read(first)
        else:
            self.locate(rest[0] if len(rest) == 1 else tuple(rest[1:]), first)


@attrs.frozen
class KeptCheck:
    """The place of one check among those that are kept."""

    key: str
    path: Path

    def find(self, library: Library) -> Checked | None:
        """What the check found, if it is kept and nothing that it depends on has changed."""
        body = read_kept(self.path, self.key)
        if body is None:
            return None
        try:
            kept = json.loads(body)
            loader = RememberingLoader(FileLoader())
            for question, answer in kept["answers"]:
                loader.ask(tuple(question))
                if loader.answers[tuple(question)] != answer:
                    return None
            sources = {source.path: source for source in (*library.damaged, *library.sources)} | loader.sources
            checked = Checked(
                tuple(map(_diagnostic, kept["diagnostics"])),
                tuple(sources[path] for path in kept["sources"]),
                kept["rules"],
            )
        except (ValueError, LookupError, TypeError):
            return None  # of another form than ours, in spite of its checksum
        try:
            os.utime(self.path)  # it was needed just now
        except OSError:
            pass  # it is gone already, or not ours: then it is kept no longer, and nothing else
        return checked

    def keep(self, checked: Checked, loader: RememberingLoader) -> None:
        """Keep what a check found, with what its loader was asked."""
        kept = {
            "answers": list(loader.answers.items()),
            "diagnostics": [_plain(one) for one in checked.diagnostics],
            "sources": [source.path for source in checked.sources],
            "rules": checked.rules,
        }
        body = json.dumps(kept, separators=(",", ":")).encode()
        if len(body) <= LARGEST and write_kept(self.path, self.key, body):
            _make_room(self.path.parent)


def kept_check(
    library: Library, settings: Mapping[str, str], actions: Actions, asked: Sequence[str]
) -> KeptCheck | None:
    """The place of the check of some files; None where nothing can be kept."""
    folder, code = kept_folder(), _own_code()
    if folder is None or not code:
        return None
    texts = [part for source in library.sources for part in (source.path, source.text)]
    wrong = [repr(library.diagnostics), *(part for one in library.damaged for part in (one.path, one.text))]
    told = [_FORM, sys.version, code, repr(list(settings.items())), repr(actions), repr(sorted(asked))]
    key = _digest([*told, str(len(wrong)), *wrong, *texts])
    return KeptCheck(key, folder / "checks" / f"{key}.json")


def _digest(parts: Sequence[str]) -> str:
    """Tells texts apart, and where one ends and the next begins."""
    found = hashlib.blake2b(digest_size=20)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")  # a name of a file may be no text
        found.update(b"%d:" % len(data))
        found.update(data)
    return found.hexdigest()


def _own_code() -> str:
    """Which rulec this is: its modules with their sizes and times, as Python itself tells whether to compile one anew.

    Empty where they are no files of a folder.
    """
    told: list[str] = []
    for package in (dsl, grammar):
        try:
            with os.scandir(str(Path(package.__file__ or "").parent)) as entries:
                files = [entry for entry in entries if entry.name.endswith((".py", ".lark"))]
                told += [f"{one.name} {one.stat().st_size} {one.stat().st_mtime_ns}" for one in files]
        except OSError:
            return ""
    return "\n".join(sorted(told))


def _make_room(folder: Path) -> None:
    """Remove the checks that were not needed for longest, as far as there are too many."""
    try:
        with os.scandir(folder) as entries:
            files = [(one.stat().st_mtime_ns, one.stat().st_size, one.path) for one in entries]
    except OSError:
        return  # another process makes room just now; the next check does
    room, most = MOST_BYTES, MOST
    for _, size, path in sorted(files, reverse=True):
        room, most = room - size, most - 1
        if room < 0 or most < 0:
            try:
                Path(path).unlink()
            except OSError:
                continue  # gone already


def _plain(one: Diagnostic) -> list[Any]:
    fixes = [[fix.title, [[*edit.span, edit.text] for edit in fix.edits]] for fix in one.fixes]
    return [one.code, one.message, one.path, *one.span, one.label, one.help, one.notes, fixes]


def _diagnostic(kept: Sequence[Any]) -> Diagnostic:
    code, message, path, start, end, label, help_text, notes, fixes = kept
    return Diagnostic(
        code,
        message,
        path,
        Span(start, end),
        label,
        help_text,
        tuple(notes),
        tuple(
            Fix(title, tuple(Edit(Span(first, last), text) for first, last, text in edits)) for title, edits in fixes
        ),
    )
