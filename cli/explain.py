"""`rulec explain CODE`: the story behind a diagnostic, with an example that has it and one that has not.

`rulec explain FILE [RULE]`: what rules do, in plain English with numbers.
"""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import click

from ..dsl.codes import CODES, Code
from ..dsl.library import STANDARD_INPUT, SUFFIX
from ..dsl.spelling import nearest
from .actions import DEFAULT_FILE, signatures_of_actions
from .errors import CommandError
from .rules import read_settings, settings_option

_WIDTH = 88


@click.command()
@click.argument("what", metavar="CODE|PATH")
@click.argument("rule", required=False)
@settings_option
@click.option("--config", metavar="FILE", help=f"Read which Python actions there are from here [{DEFAULT_FILE}].")
def explain(what: str, rule: str | None, settings: tuple[str, ...], config: str | None) -> int:
    """Tell the story behind a diagnostic's code, such as E202, or what the rules of a file do.

    RULE is the name of one rule of the file. Exit code 0: told; 1: the file has errors; 2: there is no such code, file
    or rule.
    """
    is_code = _CODE.fullmatch(what.upper()) is not None and not Path(what).exists()
    if is_code or not (Path(what).exists() or what == STANDARD_INPUT or what.endswith(SUFFIX)):
        if rule is not None:
            raise CommandError(f"{rule}: a code has no rules", "name a file before the rule")
        _explain_code(what)
        return 0
    from .explain_rules import explain_path

    return explain_path(what, rule, read_settings(settings), signatures_of_actions(config))


_CODE = re.compile(r"[EW][0-9]{1,4}")


def _explain_code(code: str) -> None:
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
