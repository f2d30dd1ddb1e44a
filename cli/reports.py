"""Diagnostics on a terminal or in a pipe: what `check` prints, and what other commands say before they give up."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import IO, Any

import click

from ..dsl import render
from ..dsl.diagnostics import Diagnostic
from ..dsl.source import SourceFile


def show_full(diagnostics: Sequence[Diagnostic], sources: Iterable[SourceFile]) -> None:
    """Print whole reports on standard error; `sources` are the files that the diagnostics speak of."""
    by_path = {source.path: source for source in sources}
    click.echo(render.full(diagnostics, by_path, style_for(sys.stderr)), err=True, nl=False)


def style_for(stream: IO[Any]) -> Callable[[str, str], str]:
    """Colours for a terminal, none elsewhere and where the user refused them (NO_COLOR, see no-color.org)."""
    refused = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    return _coloured if stream.isatty() and not refused else render.plain


_COLOURS: Mapping[str, Mapping[str, Any]] = {
    "error": {"fg": "red", "bold": True},
    "warning": {"fg": "yellow", "bold": True},
    "strong": {"bold": True},
    "edge": {"fg": "blue", "bold": True},
    "help": {"fg": "cyan", "bold": True},
}


def _coloured(text: str, part: str) -> str:
    return click.style(text, **_COLOURS[part])
