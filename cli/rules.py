"""What every command that takes rule files does first: reads them and compiles them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from ..dsl.library import Library, read_rules
from ..dsl.source import SourceFile
from .errors import CommandError

if TYPE_CHECKING:
    from ..dsl.compile import Compilation
    from ..dsl.imports import Loader
    from ..dsl.registered_calls import Actions

settings_option: Callable[[Any], Any] = click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", help="Set a param of the rules; may be repeated."
)


def read_settings(settings: Sequence[str]) -> dict[str, str]:
    """`NAME=VALUE` as a mapping; raises CommandError where one is not of that form."""
    read: dict[str, str] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not name.strip():
            raise CommandError(f"--set {setting}: not of the form NAME=VALUE", "write `--set min_confidence=0.7`")
        read[name.strip()] = value.strip()
    return read


def compile_paths(
    paths: Sequence[str],
    settings: Mapping[str, str | float],
    optional: Collection[str] = (),
    actions: Actions = None,
    asked: Collection[str] = (),
) -> tuple[Library, Compilation]:
    """Read and compile rule files; `optional` settings are passed over where the rules do not know them.

    `actions` are the Python actions that rules may call, by name; `asked` codes of warnings that are off by default.

    Raises CommandError where a path can't be used or a setting does not fit, each told on standard error; mistakes in
    the files are in the diagnostics of what is returned.
    """
    library = read_library(paths)
    return library, compile_library(library, settings, optional, actions, asked)


def read_library(paths: Sequence[str]) -> Library:
    """Read rule files; raises CommandError where a path can't be used, each told on standard error."""
    library = read_rules(paths, sys.stdin.buffer)
    refuse([CommandError(f"{problem.path}: {problem.message}", problem.help) for problem in library.problems])
    return library


def compile_library(
    library: Library,
    settings: Mapping[str, str | float],
    optional: Collection[str] = (),
    actions: Actions = None,
    asked: Collection[str] = (),
    loader: Loader | None = None,
) -> Compilation:
    """Compile what was read, as `compile_paths` does; `loader` finds what a `use` names (default: on the disk)."""
    from ..dsl.compile import compile_files  # a check of what has not changed does without the compiler

    compilation = compile_files(
        library.sources,
        parameters=settings,
        optional=optional,
        found=library.diagnostics,
        loader=loader,
        actions=actions,
        asked=asked,
    )
    refuse([CommandError(f"--set: {problem}") for problem in compilation.problems])
    return compilation


def all_sources(library: Library, compilation: Compilation) -> tuple[SourceFile, ...]:
    """Every file that diagnostics may speak of: those that were given and those that they use."""
    return (*library.damaged, *compilation.sources)


def refuse(errors: Sequence[CommandError]) -> None:
    """Show all errors; the last is raised."""
    if errors:
        for error in errors[:-1]:
            error.show()
        raise errors[-1]
