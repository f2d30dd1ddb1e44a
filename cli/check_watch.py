"""`rulec check --watch`: checks again whenever a rule file is saved, until it is stopped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
from watchfiles import Change, watch

from ..dsl.library import SUFFIX, file_of
from .checking import Asked, check_asked, report
from .errors import CommandError

_TOGETHER = 50
"""Milliseconds within which changes are taken for one: editors write more than once for a save."""


def watch_and_check(asked: Asked) -> int:
    """Checks at once and after each save; Ctrl-C ends it with exit code 0."""
    try:
        folders = _named_folders(asked)
        changes = _changes(folders)
        while True:
            used = _check(asked)
            if not used <= folders:
                folders |= used
                changes = _changes(folders)
            while not next(changes):
                pass
            click.echo("", err=True)
    except KeyboardInterrupt:
        return 0


def _changes(folders: set[str]) -> Iterator[set[tuple[Change, str]]]:
    """Changes as they come, and nothing where there were none for a while; all that come after this are seen."""
    changes = watch(
        *sorted(folders),
        watch_filter=_is_rules,
        step=_TOGETHER,
        debounce=4 * _TOGETHER,
        rust_timeout=_TOGETHER,
        yield_on_timeout=True,
        raise_interrupt=True,
    )
    next(changes)
    return changes


def _named_folders(asked: Asked) -> set[str]:
    folders = {path if Path(path).is_dir() else str(Path(path).parent) for path in asked.paths}
    missing = [folder for folder in folders if not Path(folder).is_dir()]
    if missing:
        raise CommandError(f"{missing[0]}: there is no such folder to watch")
    return folders


def _check(asked: Asked) -> set[str]:
    """Checks once; the folders of all files that were read. A file that is gone for a moment is told, and awaited."""
    try:
        checked = check_asked(asked)
    except CommandError as error:
        error.show()
        return set()
    report(asked, checked)
    return {str(Path(file_of(source.path)).parent) for source in checked.sources}


def _is_rules(change: Change, path: str) -> bool:
    return path.endswith(SUFFIX)
