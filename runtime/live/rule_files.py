"""The rule files of a run: read and compiled at its start, and again when one of them is saved.

A file is read as it stands on the disk. What was read while somebody wrote to it is read again; and what may be a file
half written (it is empty, it has lost its last line or that line's end, or it is gone) has to stay so for a while
before it is believed.
"""

from __future__ import annotations

import io
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import attrs

from ...dsl.compile import Compilation
from ...dsl.library import STANDARD_INPUT, SUFFIX, FileLoader, Library, file_of, is_rule_file, read_rules
from ...dsl.parameters import Setting
from ...dsl.recompile import Recompiler
from ...dsl.registered_calls import Actions
from ..event.reload import RuleTexts

Signature = Mapping[str, tuple[int, int, int] | None]
"""By path what the disk says of a file: its inode, size and time of change; None for one that is not there."""

Folders = Mapping[str, tuple[int, int] | None]
"""By path what makes a folder this one: its device and inode. One that is put in its place is another."""


@attrs.frozen
class Loaded:
    """Rule files as they were read, and what came of compiling them.

    `is_steady` tells that nobody wrote to them while they were read; `signature` is what the disk said then.
    """

    library: Library
    compilation: Compilation
    texts: RuleTexts
    signature: Signature
    is_steady: bool

    @property
    def is_fine(self) -> bool:
        return not self.library.problems and self.compilation.plan is not None


class RuleFiles:
    """Files and folders of rules, as a command names them.

    `standard_input` is the text of the file `-`. `parameters`, `optional` and `actions` as for `compile_files`.
    """

    def __init__(
        self,
        paths: Sequence[str],
        standard_input: bytes = b"",
        parameters: Mapping[str, Setting] | None = None,
        optional: Collection[str] = (),
        actions: Actions = None,
    ) -> None:
        self.paths = tuple(paths)
        self._standard_input = standard_input
        self._recompiler = Recompiler(FileLoader(), parameters, optional, actions)
        self._named_otherwise: set[str] = set()
        self._known: tuple[str, ...] = ()  # files that the rules in force came from, or were looked for last

    def load(self) -> Loaded:
        """Reads and compiles; the second time only what has changed."""
        before = self.signature()
        library = read_rules(self.paths, io.BytesIO(self._standard_input))
        is_steady = self.signature() == before  # used files are read while it compiles: a save then is seen afterwards
        compilation = self._recompiler.compile(library.sources, library.diagnostics)
        files = [source.path for source in (*compilation.sources, *library.damaged)]
        self._known = tuple(dict.fromkeys((*self._known, *files)))
        if compilation.plan is not None and not library.problems:
            self._known = tuple(files)
        # files may be called anything; a journal in the same folder changes all the time, and this is asked each time
        others = [path for path in self._files() if not path.endswith(SUFFIX)]
        self._named_otherwise = {str(end) for path in (*others, *self.paths) for end in _ends(path)}
        self._named_otherwise.update(self.folders())
        given = tuple(source.path for source in library.sources)
        texts = RuleTexts(given, {source.path: source.text for source in compilation.sources})
        return Loaded(library, compilation, texts, before, is_steady)

    def signature(self) -> Signature:
        """What the disk says of every file that the rules are in, those of a folder that are new among them."""
        return {path: _signature(path) for path in self._files()}

    def folders(self) -> Folders:
        """Where a save can be seen: the folders of all files, those that `rulec` itself ships aside."""
        # a link that points elsewhere is watched at both ends
        found = {_existing(end.parent) for path in self._files() for end in _ends(path)}
        for path in self.paths:
            found |= {Path(folder).absolute() for folder, _ in _below(path)}
            if Path(path).is_dir():
                found |= {_existing(end.parent) for end in _ends(path)}  # where it can be exchanged as a whole
        return {str(folder): _identity(folder) for folder in sorted(found)}

    def concerns(self, path: str) -> bool:
        """Whether a change at this path may be one of the rules."""
        return path.endswith(SUFFIX) or path in self._named_otherwise or Path(path).is_dir()

    def _files(self) -> list[str]:
        files: dict[str, None] = {}
        for path in self.paths:
            if path != STANDARD_INPUT and not Path(path).is_dir():
                files[path] = None
            files.update(dict.fromkeys(file for _, names in _below(path) for file in names))
        files.update(dict.fromkeys(path for path in self._known if path != STANDARD_INPUT and file_of(path) == path))
        return list(files)


def is_doubtful(before: RuleTexts, now: Loaded) -> bool:
    """Whether a file that was read may be half written, or away only for the moment."""
    if now.library.problems or any(path not in now.texts.texts for path in before.texts):
        return True
    return any(_may_be_half(before.texts.get(path, ""), text) for path, text in now.texts.texts.items())


def _may_be_half(old: str, new: str) -> bool:
    """Whether the end of a text may be missing: it is shorter than it was, and does not end as it did."""
    if new == old:
        return False
    lost_its_end = old.endswith("\n") and not new.endswith("\n")
    return lost_its_end or not new.strip() or (len(new) < len(old) and _last_line(new) != _last_line(old))


def _last_line(text: str) -> str:
    return text.rstrip().rpartition("\n")[2]


def _signature(path: str) -> tuple[int, int, int] | None:
    try:
        found = Path(path).stat()
    except (OSError, ValueError):
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _ends(path: str) -> tuple[Path, Path]:
    """Where a path leads by its name, and where it leads by the links in it."""
    return Path(path).absolute(), Path(path).resolve()


def _identity(folder: Path) -> tuple[int, int] | None:
    try:
        found = folder.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _existing(folder: Path) -> Path:
    """A folder, or the nearest above it that is there."""
    return next(here for here in (folder, *folder.parents) if here.is_dir())


def _below(top: str) -> Iterator[tuple[str, list[str]]]:
    """The folders from a folder down, each with its rule files; what is hidden is left alone."""
    for folder, folders, files in os.walk(top):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield folder, [str(Path(folder, name)) for name in files if is_rule_file(name)]
