"""`rulec explain CODE`: the story behind a diagnostic, with an example that has it and one that has not."""

from __future__ import annotations

import textwrap

import click

from ..dsl.codes import CODES, Code
from ..dsl.spelling import nearest
from .errors import CommandError

_WIDTH = 88


@click.command()
@click.argument("code")
def explain(code: str) -> None:
    """Tell the story behind a diagnostic's code, such as E202."""
    entry = CODES.get(code.upper())
    if entry is None:
        near = nearest(code.upper(), CODES)
        remedy = f"did you mean {near}?" if near else f"the codes are {', '.join(CODES)}"
        raise CommandError(f"{code}: there is no such code", remedy)
    click.echo(_story(entry), nl=False)


def _story(entry: Code) -> str:
    return "\n".join(
        (
            f"{entry.code} ({entry.severity.value}): {entry.title}",
            "",
            textwrap.fill(entry.story, _WIDTH),
            "",
            "Wrong:",
            "",
            _example(entry.wrong),
            "",
            "Right:",
            "",
            _example(entry.right),
            "",
        )
    )


def _example(text: str) -> str:
    """An example as it can be shown: indented, signs that can't be printed written out, long lines cut."""
    lines = []
    for line in text.splitlines():
        cut = line if len(line) <= _WIDTH else f"{line[: _WIDTH - 3]}..."
        lines.append("    " + "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in cut))
    return "\n".join(lines)
